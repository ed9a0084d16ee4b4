//! The derives as functions from source to source: a help makes right what is wrong.

use proptest::prelude::*;
use syn::DeriveInput;

use super::{derive_label_set, derive_label_value, derive_state_value};
use crate::diag::texts;

fn item(source: &str) -> DeriveInput {
    syn::parse_str(source).expect("the source is an item")
}

/// The errors of a label set with one label of this name; a waiver of personal data would need a thought.
fn errors_of_label(field: &str, name: Option<&str>) -> Vec<String> {
    let rename = name.map_or(String::new(), |name| format!("#[label(rename = {name:?})]"));
    let source = format!("struct Labels {{ {rename} {field}: bool }}");
    let mut errors = texts(derive_label_set(&item(&source)));
    errors.retain(|error| !error.contains(" matches the "));
    errors
}

fn errors_of_value(value: &str) -> Vec<String> {
    let source = format!("enum Tier {{ #[label(rename = {value:?})] Gold }}");
    texts(derive_label_value(&item(&source)))
}

/// What the last help of an error says to write: the text between these.
fn between<'a>(error: &'a str, before: &str, after: &str) -> Option<&'a str> {
    let (_, help) = error.rsplit_once("\nhelp: ")?;
    help.strip_prefix(before)?.strip_suffix(after)
}

fn names() -> impl Strategy<Value = String> {
    prop_oneof![
        2 => "(__|exported_|le|job|service|instance|quantile|http|Method|_|2xx){1,4}",
        1 => "[a-zA-Z_][a-zA-Z0-9_]{0,12}",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_500))]

    #[test]
    fn what_the_help_of_a_field_says_is_right(field in names().prop_filter("a field has a name", |name| {
        syn::parse_str::<syn::Ident>(name).is_ok()
    })) {
        for error in errors_of_label(&field, None) {
            let left = if let Some(mended) = between(&error, "rename the field to `", "`") {
                errors_of_label(mended, None)
            } else {
                let renamed = between(&error, "add `#[label(rename = \"", "\")]`");
                prop_assert!(renamed.is_some(), "no help to write for {error}");
                errors_of_label("cached", renamed)
            };
            prop_assert!(left.is_empty(), "{error}\nleaves {left:#?}");
        }
    }

    #[test]
    fn a_keyword_is_a_field_in_raw_form(field in prop_oneof![Just("Fn"), Just("TYPE"), Just("Self")]) {
        let errors = if field == "Self" { errors_of_label("Super", None) } else { errors_of_label(field, None) };
        let help = if field == "Self" { "add `#[label(rename = \"super\")]`" } else { "rename the field to `r#" };
        prop_assert!(errors.iter().any(|error| error.contains(help)), "{errors:#?}");
    }

    #[test]
    fn what_the_help_of_a_renamed_label_says_is_right(name in prop_oneof![names(), any::<String>()]) {
        for error in errors_of_label("cached", Some(&name)) {
            let mended = between(&error, "write `rename = \"", "\"`");
            if mended.is_none() {
                let kept = between(&error, "remove `rename`, for the name `", "`");
                prop_assert_eq!(kept, Some("cached"), "no help to write for {}", error);
            }
            let left = errors_of_label("cached", mended);
            prop_assert!(left.is_empty(), "{error}\nleaves {left:#?}");
        }
    }

    #[test]
    fn what_the_help_of_a_value_says_is_right(value in prop_oneof![any::<String>(), "[\\x00-\\x20]{0,3}"]) {
        for error in errors_of_value(&value) {
            // What stands for a secret or a person is for the reader to know.
            if error.contains("help: name the value by what it stands for") {
                continue;
            }
            let literal = between(&error, "write `rename = ", "`");
            let mended = literal.and_then(|literal| syn::parse_str::<syn::LitStr>(literal).ok());
            prop_assert!(mended.is_some(), "no help to write for {error}");
            let left = errors_of_value(&mended.map(|text| text.value()).unwrap_or_default());
            prop_assert!(left.is_empty(), "{error}\nleaves {left:#?}");
        }
    }
}

#[test]
fn what_is_right_expands_without_an_error() {
    let labels =
        "struct Labels { method: Method, #[label(rename = \"type\")] kind: Kind, r#in: bool }";
    assert_eq!(texts(derive_label_set(&item(labels))), Vec::<String>::new());
    let value =
        "#[label(rename_all = \"UPPERCASE\", sparse)] enum Tier { Gold, #[label(rename = 2)] Two }";
    assert_eq!(
        texts(derive_label_value(&item(value))),
        Vec::<String>::new()
    );
    let state = "enum Breaker { Open = 4, #[state(value = -1)] Closed }";
    assert_eq!(
        texts(derive_state_value(&item(state))),
        Vec::<String>::new()
    );
}

#[test]
fn a_near_spelling_is_offered() {
    for (written, meant) in [
        ("UPPER", "`UPPERCASE`"),
        ("snake", "`snake_case`"),
        ("kebab_case", "`kebab-case`"),
        ("Screaming", "`SCREAMING_SNAKE_CASE`"),
        ("lowerCase", "`lowercase`"),
    ] {
        let value = format!("#[label(rename_all = {written:?})] enum Tier {{ Gold }}");
        let errors = texts(derive_label_value(&item(&value)));
        assert_eq!(errors.len(), 1, "{written}");
        assert!(errors[0].ends_with(meant), "{}", errors[0]);
    }
}
