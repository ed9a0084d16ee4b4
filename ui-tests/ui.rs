//! Compiles every program of this package.

#[test]
fn programs() {
    let tests = trybuild::TestCases::new();
    tests.pass("pass/**/*.rs");
    tests.compile_fail("fail/**/*.rs");
    tests.compile_fail("fail-rustc/**/*.rs");
}
