//! A hundred metrics.

use vise::{EncodeLabelSet, EncodeLabelValue};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EncodeLabelValue)]
#[metrics(rename_all = "snake_case")]
pub enum Operation {
    Read,
    Write,
    List,
    Delete,
    Copy,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EncodeLabelValue)]
#[metrics(rename_all = "snake_case")]
pub enum Status {
    Ok,
    Error,
    Timeout,
    Refused,
    Cancelled,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct Labels {
    pub operation: Operation,
    pub status: Status,
}
