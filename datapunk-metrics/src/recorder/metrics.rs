//! What the recorder counts about itself; what is of one metric is in the families that all metrics have.

use crate::{Counter, LabelSet, LabelValue, MetricSet};

/// Why a label is left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, LabelValue)]
#[label(crate = crate)]
#[non_exhaustive]
pub enum LabelFault {
    /// It names a person or a secret.
    PersonalData,
    /// Another label has the name.
    Twice,
}

/// Why a metric is not recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, LabelValue)]
#[label(crate = crate)]
#[non_exhaustive]
pub enum MetricFault {
    /// There are as many metrics as the recorder takes.
    TooMany,
    /// A metric of another kind has the name.
    OtherKind,
}

/// Labels of labels that are left out.
#[derive(Clone, Copy, Debug, LabelSet)]
#[label(crate = crate)]
pub struct LabelFaultLabels {
    /// Why.
    pub reason: LabelFault,
}

/// Labels of metrics that are not recorded.
#[derive(Clone, Copy, Debug, LabelSet)]
#[label(crate = crate)]
pub struct MetricFaultLabels {
    /// Why.
    pub reason: MetricFault,
}

/// What the recorder of the facade `metrics` leaves out. Each look-up of a series counts, as a macro of the facade makes
/// one, however often the handle is used then.
#[derive(Clone, Copy, Debug, MetricSet)]
#[metrics(namespace = "datapunk_metrics", crate = crate)]
pub struct RecorderMetrics {
    /// Look-ups of series with a label that is left out, by reason.
    pub recorder_labels_dropped_total: Counter<LabelFaultLabels>,
    /// Look-ups of series with a label value that is cut.
    pub recorder_values_cut_total: Counter,
    /// Look-ups of series with a label value that is masked, because it is a secret or personal data.
    pub recorder_values_masked_total: Counter,
    /// Look-ups of series whose metric is not recorded, by reason.
    pub recorder_metrics_refused_total: Counter<MetricFaultLabels>,
}

pub(super) const RECORDER: RecorderMetrics = RecorderMetrics::METRICS;
