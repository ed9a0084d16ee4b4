//! What holds for every mistake that is found in a rule file.

/// A mistake names the file, a line of it and what is wrong; help and expression follow on lines of their own.
pub(crate) fn assert_is_told(mistake: &str, file: &str) {
    // YAML takes a lone carriage return for the end of a line too.
    let ends = |end: &str| file.matches(end).count();
    let lines = 1 + ends("\n") + ends("\r") - ends("\r\n");
    let first = mistake.lines().next().unwrap_or_default();
    if let Some(count) = first.strip_prefix("and ") {
        assert!(count.ends_with(" more of one rule"), "{mistake}");
        return;
    }
    let place = first
        .strip_prefix("rules.yml:")
        .and_then(|rest| rest.split_once(": "));
    let (line, fact) = place.unwrap_or_else(|| panic!("no place: {mistake}"));
    let line: usize = line
        .parse()
        .unwrap_or_else(|_| panic!("no line: {mistake}"));
    assert!((1..=lines).contains(&line), "of {lines} lines: {mistake}");
    assert!(!fact.trim().is_empty(), "no fact: {mistake}");
}
