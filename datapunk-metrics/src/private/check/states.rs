//! The states of a state.

use datapunk_metrics_conventions::str_eq;

use super::super::message::Message;
use crate::descriptor::StateDescriptor;

/// The number of the state with this name; 0 where [`state_exists`] fails.
#[must_use]
pub const fn state_number(states: &[StateDescriptor], name: &str) -> i64 {
    let mut state = 0;
    while state < states.len() {
        if str_eq(states[state].name, name) {
            return states[state].value;
        }
        state += 1;
    }
    0
}

/// There is a state with this name.
#[track_caller]
pub const fn state_exists(states: &[StateDescriptor], name: &str, variant: &str) {
    let mut message = Message::new().text("no state is named ").name(variant);
    let mut state = 0;
    while state < states.len() {
        if str_eq(states[state].name, name) {
            return;
        }
        message = message
            .text(if state == 0 {
                "\nhelp: the states are "
            } else {
                ", "
            })
            .name(states[state].name);
        state += 1;
    }
    message.text(", each written as its variant").fail()
}

/// No two states have one number.
#[track_caller]
pub const fn states_differ(states: &[StateDescriptor]) {
    let mut state = 0;
    while state < states.len() {
        let mut other = 0;
        while other < state {
            if states[other].value == states[state].value {
                Message::new()
                    .text("states ")
                    .name(states[other].name)
                    .text(" and ")
                    .name(states[state].name)
                    .text(" have one number\nhelp: give one of the two another with `#[state(value = …)]`")
                    .fail();
            }
            other += 1;
        }
        state += 1;
    }
}
