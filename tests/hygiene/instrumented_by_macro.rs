//! Functions that a `macro_rules!` macro writes and instruments, with fragments in every place, and raw identifiers.
#![deny(warnings)]

use datapunk_metrics::{LabelValue, instrument_metrics};

#[derive(Clone, Copy, LabelValue)]
pub enum Model {
    Words,
}

#[derive(Clone, Copy, LabelValue)]
pub enum Fault {
    Input,
}

macro_rules! functions {
    ($system:literal, $sync:ident, $later:ident, $input:ident: $type:ty, $fault:ty, $model:expr, $buckets:expr) => {
        #[instrument_metrics(system = $system, labels(model = $model, fault: $fault = |fault| *fault), buckets = $buckets)]
        pub fn $sync($input: $type) -> Result<$type, $fault> {
            if $input > 7 {
                return Err(Fault::Input);
            }
            Ok($input)
        }

        #[instrument_metrics(system = $system)]
        pub async fn $later($input: $type) -> $type {
            $input
        }
    };
}

macro_rules! with_body {
    ($name:ident, $body:block) => {
        #[instrument_metrics(system = "with_body")]
        pub async fn $name() -> u32 $body
    };
}

with_body!(answer, { 6 * 7 });

functions!("written", check, check_later, number: u32, Fault, Model::Words, [0.5, 1.0]);

#[instrument_metrics(system = "raw")]
pub fn r#match(r#type: u32) -> u32 {
    r#type
}
