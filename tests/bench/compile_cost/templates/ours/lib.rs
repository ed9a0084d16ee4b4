//! A hundred metrics.

use datapunk_metrics::{LabelSet, LabelValue};

#[derive(Clone, Copy, LabelValue)]
pub enum Operation {
    Read,
    Write,
    List,
    Delete,
    Copy,
}

#[derive(Clone, Copy, LabelValue)]
pub enum Status {
    Ok,
    Error,
    Timeout,
    Refused,
    Cancelled,
}

#[derive(Clone, Copy, LabelSet)]
pub struct Labels {
    pub operation: Operation,
    pub status: Status,
}
