//! What the benches share: the machine they run on, the expositions they read, the files they write, the table of the
//! README.

pub mod exposition;
pub mod machine;
pub mod readme;
pub mod results;
pub mod statistics;
