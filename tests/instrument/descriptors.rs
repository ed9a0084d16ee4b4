//! What the hidden set of a function says of itself.

use super::*;

#[instrument_metrics(system = "described")]
fn described() {}

#[test]
fn the_set_of_a_function_is_called_like_it() {
    described();
    let sets = registry().expect("no sets clash").sets();
    let set = sets.iter().find(|set| set.namespace == "described");
    let set = set.expect("it is linked");
    assert_eq!((set.name, set.help), ("described", "Calls of `described`."));
}
