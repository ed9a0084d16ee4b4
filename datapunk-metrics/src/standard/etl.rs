//! Jobs that load data.

use crate::{LabelSet, StateValue};

/// What became of the last run of a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, StateValue)]
#[state(crate = crate)]
pub enum JobStatus {
    /// It failed.
    Failed = 0,
    /// It succeeded.
    Succeeded = 1,
    /// It runs.
    Running = 2,
}

/// The labels of a job.
#[derive(Clone, Copy, Debug, LabelSet)]
#[label(crate = crate)]
pub struct JobLabels<'a> {
    /// Which job.
    #[label(max = 100)]
    pub etl_job: &'a str,
}

/// The metrics, with the label set of a job.
#[doc(hidden)]
#[macro_export]
macro_rules! __etl_metrics {
    ($(#[$attribute:meta])* $vis:vis $Set:ident [$($Job:tt)*]) => {
        #[derive(::core::clone::Clone, ::core::marker::Copy, ::core::fmt::Debug, $crate::MetricSet)]
        $(#[$attribute])*
        $vis struct $Set {
            /// State of the last run, by job: 0 failed, 1 succeeded, 2 running.
            #[metric(initial = absent)]
            pub etl_job_status: $crate::State<$crate::standard::JobStatus, $($Job)*>,
        }
    };
}

/// What is recorded, with the type of a job's name.
#[doc(hidden)]
#[macro_export]
macro_rules! __etl_recorders {
    ($Set:ident [$Job:ty] $First:ident) => {
        impl $Set {
            /// The job runs.
            #[inline]
            pub fn running(self, etl_job: $Job) {
                self.status(etl_job, $crate::standard::JobStatus::Running);
            }

            /// The job has succeeded.
            #[inline]
            pub fn succeeded(self, etl_job: $Job) {
                self.status(etl_job, $crate::standard::JobStatus::Succeeded);
            }

            /// The job has failed.
            #[inline]
            pub fn failed(self, etl_job: $Job) {
                self.status(etl_job, $crate::standard::JobStatus::Failed);
            }

            /// The state of the job.
            #[inline]
            pub fn status(self, etl_job: $Job, status: $crate::standard::JobStatus) {
                self.etl_job_status.with($First { etl_job }).set(status);
            }
        }
    };
}

__etl_metrics! {
    /// Jobs that load data. A job that has not run yet has no state.
    #[metrics(unlinked, crate = crate)]
    pub EtlMetrics [JobLabels<'static>]
}
__etl_recorders! { EtlMetrics [&str] JobLabels }
