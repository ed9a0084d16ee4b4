//! Checks that need types, so that the compiler runs them and not the macro: one function for each, called in a
//! constant at the place of the token that a user can change.

mod budget;
mod histogram;
mod labels;
mod lifecycle;
mod objective;
mod states;

use datapunk_metrics_conventions::str_eq;

pub use budget::{cardinality_fits, fits_its_budget};
pub use histogram::{buckets_fit, default_buckets, has_default_buckets, name_has_its_unit};
pub use labels::{
    has_label, has_label_value, label_value, labels_are_of, labels_differ, zero_is_sparse,
};
pub use lifecycle::is_not_over;
pub use objective::{failures, tells_failures, threshold_is_a_bound};
pub use states::{state_exists, state_number, states_differ};

const fn contains(values: &[&str], value: &str) -> bool {
    let mut index = 0;
    while index < values.len() {
        if str_eq(values[index], value) {
            return true;
        }
        index += 1;
    }
    false
}
