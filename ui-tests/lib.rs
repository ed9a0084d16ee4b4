//! The programs are in `fail`, `fail-rustc` and `pass`; `ui.rs` compiles them, `coverage.rs` looks after them.
