//! Retention classes, and versions that a name lasts until.

use datapunk_metrics_conventions::{Retention, version_is_reached, version_numbers};

#[test]
fn a_retention_class_is_found_by_its_word() {
    for class in Retention::ALL {
        assert_eq!(Retention::from_name(class.as_str()), Some(class));
    }
    assert_eq!(Retention::from_name("forever"), None);
    assert_eq!(Retention::default(), Retention::HighFrequency);
    assert_eq!(
        Retention::ALL.map(|class| class.days()),
        [15, 30, 90, 365],
        "the standard's figures"
    );
}

#[test]
fn a_version_has_three_numbers() {
    for (text, numbers) in [
        ("2.0.0", Some([2, 0, 0])),
        ("10.20.30", Some([10, 20, 30])),
        ("1.2.3-rc.1", Some([1, 2, 3])),
        ("1.2.3+build-7", Some([1, 2, 3])),
        ("", None),
        ("2", None),
        ("2.0", None),
        ("2.0.", None),
        (".2.0", None),
        ("2.0.0.0", None),
        ("v2.0.0", None),
        ("2.0.x", None),
        ("2-rc.0.0", None),
        ("99999999999999999999.0.0", None),
    ] {
        assert_eq!(version_numbers(text), numbers, "{text}");
    }
}

#[test]
fn a_version_is_reached_by_itself_and_later_ones() {
    for (version, until, reached) in [
        ("2.0.0", "2.0.0", true),
        ("2.0.1", "2.0.0", true),
        ("10.0.0", "9.0.0", true),
        ("1.9.9", "2.0.0", false),
        ("2.0.0-rc.1", "2.0.0", false),
        ("2.1.0-rc.1", "2.0.0", true),
        ("2.0.0+a-b", "2.0.0", true),
        ("unknown", "2.0.0", false),
    ] {
        assert_eq!(
            version_is_reached(version, until),
            reached,
            "{version}, {until}"
        );
    }
}
