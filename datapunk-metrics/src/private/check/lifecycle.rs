//! What is to be gone.

use datapunk_metrics_conventions::version_is_reached;

use super::super::message::Message;

/// What goes in version `until` of its crate is not in that version. `former` is the name that goes; if it is empty,
/// the metric does.
#[track_caller]
pub const fn is_not_over(version: Option<&str>, until: &str, metric: &str, former: &str) {
    let Some(version) = version else { return };
    if !version_is_reached(version, until) {
        return;
    }
    let message = if former.is_empty() {
        Message::new().text("metric ").name(metric)
    } else {
        let former = Message::new().text("the former name ").name(former);
        former.text(" of metric ").name(metric)
    };
    let message = message
        .text(" was to be gone in version ")
        .text(until)
        .text(", and this is version ")
        .text(version);
    if former.is_empty() {
        message
            .text("\nhelp: remove the field, or give a later version")
            .fail()
    }
    message
        .text("\nhelp: remove `renamed_from` and `until`, or give a later version")
        .fail()
}
