//! Labels by example: every listed word of the standard, and its neighbours that are safe.

use datapunk_metrics_conventions::Openness::{Closed, Open};
use datapunk_metrics_conventions::{
    Openness, Profile, Rule, check_label_name, check_label_value, label_is_reserved,
    names_secret_or_person,
};

// The lists are the standard's text, not the crate's tables: a word lost there is found here.
const SECRETS: &str = "password passwd passphrase pwd secret token apikey api_key access_key private_key secret_key \
    signing_key encryption_key credential credentials authorization auth_header bearer jwt cookie otp totp pin_code \
    signature csrf session_key";
const PERSONAL: &str = "email e_mail mail_address phone phone_number mobile_number msisdn ssn social_security passport \
    drivers_license tax_id national_id iban bic swift_code account_number card_number credit_card pan cvv cvc dob \
    birthdate birth_date date_of_birth first_name last_name full_name surname given_name family_name maiden_name \
    street home_address postal_address postcode postal_code zip_code latitude longitude lat lng lon gender ethnicity \
    religion medical_record mrn biometric fingerprint imei imsi idfa mac_address license_plate username user_name \
    user_email user_agent login";
const IDENTIFIERS: &str = "user users customer customers user_id uid customer_id client_id account_id member_id \
    patient_id employee_id device_id session_id request_id trace_id span_id correlation_id transaction_id order_id \
    message_id event_id job_id uuid guid ip ip_address client_ip remote_addr client_address x_forwarded_for referer \
    url uri query_string full_path raw_path sql query_text stacktrace timestamp nonce";
const SAFE_LAST: &str = "type kind status state count class reason result provider algorithm version method scheme \
    issuer policy error present enabled required mode format group family";

fn refused(label: &str, openness: Openness) -> bool {
    check_label_name(Profile::Datapunk, label, openness)
        .iter()
        .any(|finding| finding.rule == Rule::PersonalData)
}

#[test]
fn secrets_and_personal_data_are_refused_in_any_place() {
    for word in SECRETS
        .split_whitespace()
        .chain(PERSONAL.split_whitespace())
    {
        for label in [
            word.to_owned(),
            format!("old_{word}"),
            format!("{word}_raw"),
            format!("a_{word}_b"),
        ] {
            assert!(refused(&label, Closed) && refused(&label, Open), "{label}");
            assert!(names_secret_or_person(&label), "{label}");
            assert!(
                check_label_name(Profile::Prometheus, &label, Open).is_empty(),
                "{label}"
            );
        }
        let plural = format!("{word}s");
        assert_eq!(refused(&plural, Closed), word != "token", "{plural}");
        for last in SAFE_LAST.split_whitespace() {
            let safe = format!("{word}_{last}");
            assert!(!refused(&safe, Open), "{safe}");
        }
        // No substrings. Of several tokens one may be a listed word itself.
        if word.contains('_') {
            continue;
        }
        for longer in [format!("x{word}"), format!("{word}x")] {
            assert!(!refused(&longer, Closed), "{longer}");
        }
    }
}

#[test]
fn identifiers_are_refused_where_values_are_open() {
    for word in IDENTIFIERS.split_whitespace() {
        for label in [word.to_owned(), format!("{word}s"), format!("last_{word}")] {
            assert!(refused(&label, Open), "{label}");
            assert!(!refused(&label, Closed), "{label}");
        }
        assert!(!refused(&format!("{word}_kind"), Open), "{word}");
    }
}

#[test]
fn neighbours_are_safe() {
    for label in [
        "operation",
        "status",
        "method",
        "path",
        "tokens",
        "tokens_type",
        "prompt_tokens",
        "description",
        "token_type",
        "email_provider",
        "user_agent_family",
        "company",
        "pancake",
        "platform",
        "latency",
        "longest",
        "topic",
        "keyboard",
        "streets_count",
        "login_method",
        "cookie_policy",
        "partition",
        "index",
        "query_type",
        "model",
        "check_type",
        "mountpoint",
        "device",
        "cache",
        "upstream",
        "etl_job",
        "reason",
        "result",
        "type",
        "version",
        "recipe",
        "lone",
        "slat",
    ] {
        assert_eq!(
            check_label_name(Profile::Datapunk, label, Open),
            [],
            "{label}"
        );
    }
}

#[test]
fn a_whole_word_is_refused_also_where_it_means_something_else() {
    // A waiver says that it does.
    for label in ["pan_european", "street_level", "login_page", "lat_limit"] {
        assert!(refused(label, Closed), "{label}");
    }
}

#[test]
fn the_spelling_hides_nothing() {
    for label in [
        "userEmail",
        "UserEmail",
        "USER_EMAIL",
        "user__email",
        "user-email",
    ] {
        assert!(refused(label, Closed), "{label}");
    }
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn messages() {
    for (label, openness, message, fix) in [
        (
            "le",
            Closed,
            "label `le` is reserved for histogram buckets",
            Some("limit"),
        ),
        (
            "quantile",
            Closed,
            "label `quantile` is reserved for summaries",
            Some("share"),
        ),
        (
            "__name__",
            Closed,
            "label `__name__` is reserved for Prometheus itself",
            Some("name"),
        ),
        (
            "job",
            Closed,
            "label `job` is reserved for the scraped target",
            Some("task"),
        ),
        (
            "instance",
            Closed,
            "label `instance` is reserved for the scraped target",
            Some("replica"),
        ),
        (
            "service",
            Closed,
            "label `service` is reserved for the scraped target",
            Some("upstream"),
        ),
        (
            "exported_job",
            Closed,
            "label `exported_job` is reserved for labels that clash with those of a scrape",
            Some("task"),
        ),
        (
            "httpMethod",
            Closed,
            "label `httpMethod` is not snake_case",
            Some("http_method"),
        ),
        (
            "_method",
            Closed,
            "label `_method` is not snake_case",
            Some("method"),
        ),
        (
            "http-method",
            Closed,
            "label `http-method` contains `-`",
            Some("http_method"),
        ),
        (
            "http:method",
            Closed,
            "label `http:method` contains `:`",
            Some("http_method"),
        ),
        (
            "2xx",
            Closed,
            "label `2xx` begins with a digit",
            Some("app_2xx"),
        ),
        ("", Closed, "label name is empty", Some("app")),
        (
            "user_email",
            Closed,
            "label `user_email` matches the personal-data word `email`",
            None,
        ),
        (
            "session_key",
            Closed,
            "label `session_key` matches the secret word `session_key`",
            None,
        ),
        (
            "user_id",
            Open,
            "open label `user_id` matches the identifier word `user`",
            None,
        ),
    ] {
        let findings = check_label_name(Profile::Datapunk, label, openness);
        assert_eq!(findings.len(), 1, "{label}: {findings:?}");
        assert_eq!(findings[0].message, message);
        assert_eq!(findings[0].fix.as_deref(), fix, "{label}");
        assert_eq!(
            findings[0].rule.waivable(),
            !matches!(findings[0].rule, Rule::Label),
            "{label}"
        );
    }
}

#[test]
fn the_other_profile_refuses_what_scrapes_refuse() {
    for (label, refused) in [
        ("le", true),
        ("quantile", true),
        ("__meta", true),
        ("httpService", true),
        ("a-b", true),
        ("", true),
        ("HTTP", false),
        ("_x", false),
        ("service", false),
        ("user_email", false),
    ] {
        assert_eq!(
            !check_label_name(Profile::Prometheus, label, Open).is_empty(),
            refused,
            "{label}"
        );
    }
}

#[test]
fn constants_and_macros_agree_on_reserved_labels() {
    for label in [
        "le",
        "quantile",
        "service",
        "instance",
        "job",
        "__x",
        "exported_x",
        "level",
        "jobs",
        "x__",
        "unexported_x",
    ] {
        let refused = check_label_name(Profile::Datapunk, label, Closed)
            .iter()
            .any(|finding| finding.message.contains("is reserved for"));
        assert_eq!(label_is_reserved(label), refused, "{label}");
    }
}

#[test]
fn values() {
    for (value, message, fix) in [
        ("", "label value is empty", "none"),
        (
            "a\nb",
            "label value `a\\nb` contains the control character U+000A",
            "ab",
        ),
        (
            "\u{1b}",
            "label value `\\u{1b}` contains the control character U+001B",
            "none",
        ),
        (
            "x\u{85}",
            "label value `x\\u{85}` contains the control character U+0085",
            "x",
        ),
    ] {
        let findings = check_label_value(value, &[]);
        assert_eq!(findings.len(), 1, "{value:?}");
        assert_eq!(
            (findings[0].message.as_str(), findings[0].fix.as_deref()),
            (message, Some(fix))
        );
    }
    let findings = check_label_value("to jane@example.com", &[]);
    assert_eq!(
        findings[0].message,
        "label value `to [REDACTED]` contains an e-mail address"
    );
    for good in [
        "get",
        "half_open",
        "/items/{id}",
        "a\\b\"c",
        "größe",
        "🦀",
        " ",
    ] {
        assert_eq!(check_label_value(good, &[]), [], "{good}");
    }
}
