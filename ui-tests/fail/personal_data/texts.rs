use datapunk_metrics::{Counter, Info, LabelSet, LabelValue, MetricSet};

#[derive(Clone, Copy, LabelValue)]
enum Queue {
    #[label(rename = "jane@example.com")]
    Jane,
}

#[derive(Clone, Copy, LabelSet)]
struct TargetLabels<'a> {
    #[label(known = ["postgres://app:hunter2@db/orders"])]
    target: &'a str,
    queue: Queue,
}

#[derive(MetricSet)]
struct MailMetrics {
    /// Mails that went to ops@example.com.
    mails_sent_total: Counter,

    /// Facts.
    #[metric(labels(contact = "+14155552671"))]
    mail_info: Info,
}

fn main() {}
