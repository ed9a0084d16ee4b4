//! What a client refuses before it sends anything, and what it never shows. The rest is tested against real servers.

use super::*;

fn refusal(builder: Builder) -> String {
    builder.build().expect_err("it is refused").to_string()
}

#[test]
fn an_address_that_can_not_be_used_is_refused() {
    let rows = [
        ("", "has no `http://`"),
        ("127.0.0.1:9091", "write `http://127.0.0.1:9091`"),
        ("ftp://127.0.0.1", "neither `http` nor `https`"),
        ("http://", "has no host"),
        ("http://a b", "is not one"),
        ("http://127.0.0.1:9091/?x=1", "a query or a fragment"),
        ("http://127.0.0.1:9091/metrics", "leave `/metrics`"),
        ("http://127.0.0.1:9091/metrics/job/x", "leave `/metrics`"),
        (
            "http://ann:hunter2@127.0.0.1",
            "call `.basic_auth(user, password)`",
        ),
        ("ann:hunter2@127.0.0.1", "has no `http://`"),
    ];
    for (url, text) in rows {
        let message = refusal(Pushgateway::builder(url, "j"));
        assert!(message.contains(text), "`{url}`: {message}");
        assert!(!message.contains("hunter2"), "{message}");
    }
    for url in ["http://127.0.0.1:9091/", "http://[::1]:9091/a/b//"] {
        let gateway = Pushgateway::builder(url, "j").build().expect(url);
        let base = url.trim_end_matches('/');
        assert_eq!(gateway.url(), format!("{base}/metrics/job/j"));
    }
}

#[test]
#[cfg(not(feature = "push-tls"))]
fn https_names_the_feature() {
    let message = refusal(Pushgateway::builder("https://127.0.0.1", "j"));
    assert!(message.contains("feature `push-tls`"), "{message}");
}

#[test]
fn a_group_that_can_not_be_is_refused() {
    let with = |labels: &[(&str, &str)]| {
        labels.iter().fold(
            Pushgateway::builder("http://127.0.0.1", "j"),
            |builder, (label, value)| builder.grouping(label, value),
        )
    };
    assert!(refusal(Pushgateway::builder("http://127.0.0.1", "")).contains("job is empty"));
    let rows: [(&[(&str, &str)], &str); 7] = [
        (&[("job", "x")], "first label of every group"),
        (&[("shard", "1"), ("shard", "2")], "`shard` is there twice"),
        (&[("", "x")], "is empty"),
        (&[("a/b", "x")], "a/b"),
        (&[("a@base64", "x")], "a@base64"),
        (&[("__name__", "x")], "__name__"),
        (&[("user_id", "x")], "user_id"),
    ];
    for (labels, text) in rows {
        let message = refusal(with(labels));
        assert!(message.contains(text), "{labels:?}: {message}");
    }
    assert!(
        with(&[("instance", "a"), ("service", "b"), ("shard", "")])
            .build()
            .is_ok()
    );
}

#[test]
fn limits_of_nothing_are_refused() {
    let new = || Pushgateway::builder("http://127.0.0.1", "j");
    assert!(refusal(new().tries(0)).contains("0 tries"));
    assert!(refusal(new().timeout(Duration::ZERO)).contains("no time"));
    assert!(refusal(new().total_timeout(Duration::ZERO)).contains("no time"));
}

#[test]
fn credentials_stay_on_this_machine_or_encrypted() {
    let at = |url| Pushgateway::builder(url, "j").basic_auth("ann", "hunter2");
    assert!(refusal(at("http://push.example.org")).contains("plain HTTP"));
    assert!(refusal(at("http://10.0.0.7:9091")).contains("plain HTTP"));
    assert!(at("http://push.example.org").insecure().build().is_ok());
    for near in [
        "http://localhost:1",
        "http://127.0.0.9",
        "http://[::1]:9091",
    ] {
        assert!(at(near).build().is_ok(), "{near}");
    }
    let new = || Pushgateway::builder("http://127.0.0.1", "j");
    assert!(refusal(new().basic_auth("a:b", "hunter2")).contains("`:`"));
    assert!(refusal(new().basic_auth("ann", "hunter2\n")).contains("control character"));
    assert!(refusal(new().bearer_token("hunter2\n")).contains("visible ASCII"));
}

#[test]
fn secrets_are_not_shown() {
    let new = || Pushgateway::builder("http://127.0.0.1", "j");
    for builder in [
        new().basic_auth("ann", "hunter2"),
        new().bearer_token("hunter2"),
    ] {
        let shown = format!("{builder:?}");
        assert!(!shown.contains("hunter2"), "{shown}");
        let gateway = builder.build().expect("it is fine");
        let shown = format!("{gateway:?}");
        assert!(
            !shown.contains("hunter2") && shown.contains("[REDACTED]"),
            "{shown}"
        );
    }
}

#[test]
#[cfg(feature = "push-tls")]
fn a_pem_text_without_what_it_should_have_is_refused() {
    let new = || Pushgateway::builder("https://127.0.0.1", "j");
    let message = refusal(new().roots_pem("nothing"));
    assert!(message.contains("roots: no certificate"), "{message}");
    let broken = "-----BEGIN CERTIFICATE-----\n!!!\n-----END CERTIFICATE-----\n";
    let message = refusal(new().roots_pem(broken));
    assert!(message.contains("roots: not PEM"), "{message}");
    let message = refusal(new().client_certificate_pem("", ""));
    assert!(
        message.contains("client certificate: no certificate"),
        "{message}"
    );
}

#[test]
fn the_limits_are_those_of_the_page() {
    use crate::limits_page::limit_of;

    let gateway = Pushgateway::builder("http://127.0.0.1", "j").build();
    let limits = gateway.expect("a group").target.limits;
    assert_eq!(
        limit_of("one try"),
        format!("{} s", limits.timeout.as_secs())
    );
    let total = format!("{} s", limits.total.as_secs());
    assert_eq!(limit_of("a push with all its tries"), total);
    assert_eq!(limit_of("tries"), limits.tries.to_string());
}
