//! Who may see what, and what is written of it.

use std::fs;
use std::time::Duration;

use datapunk_metrics::serve::Server;
use serde_json::Value;
use support::wait;

use crate::fixture::{Files, Served, TLS, basic, registry, sample, sha256, user};

/// Users and tokens without TLS, on loopback.
fn users() -> String {
    format!(
        "basic_auth_users:\n{}{}",
        user("ann", "tea:time"),
        user("bob", "coffee")
    )
}

fn as_ann() -> String {
    basic("ann", "tea:time")
}

fn status(served: &Served, authorization: &str) -> u16 {
    served
        .ask("GET", "/metrics", &[("authorization", authorization)])
        .status
}

#[test]
fn passwords_and_tokens_are_asked_for() {
    let files = Files::new();
    let access = format!(
        "tokens:\n- principal: scraper\n  sha256: {}\n",
        sha256("s3cr3t-token")
    );
    let served = Served::start(files.builder(&users(), &access));
    let refused = served.get("/metrics");
    assert_eq!(refused.status, 401);
    assert_eq!(
        refused.header("www-authenticate"),
        [
            "basic realm=\"metrics\", charset=\"utf-8\"",
            "bearer realm=\"metrics\""
        ]
    );
    assert!(!refused.body.contains("served_"));
    for (authorization, expected) in [
        (as_ann().as_str(), 200),
        (&as_ann(), 200),
        (&as_ann().replace("Basic", "bAsIc"), 200),
        (&basic("bob", "coffee"), 200),
        ("Bearer s3cr3t-token", 200),
        ("Bearer s3cr3t-tokens", 401),
        (&basic("ann", "coffee"), 401),
        (&basic("bob", "tea:time"), 401),
        (&basic("nobody", "coffee"), 401),
        (&basic("", ""), 401),
        (&basic("ann", &"x".repeat(10_000)), 401),
        ("Basic !!!!", 401),
        ("Basic", 401),
        ("Negotiate YII=", 401),
    ] {
        assert_eq!(
            status(&served, authorization),
            expected,
            "{authorization:.40}"
        );
    }
    let twice = [("authorization", as_ann()), ("authorization", as_ann())];
    let twice = twice
        .each_ref()
        .map(|(name, value)| (*name, value.as_str()));
    assert_eq!(served.ask("GET", "/metrics", &twice).status, 401);
    // What is not the metrics needs it as well.
    assert_eq!(served.get("/").status, 401);

    let page = served
        .ask("GET", "/metrics", &[("authorization", &as_ann())])
        .body;
    for (labels, least) in [
        ("scheme=\"basic\",result=\"accepted\"", 4.0),
        ("scheme=\"basic\",result=\"refused\"", 5.0),
        ("scheme=\"bearer\",result=\"refused\"", 1.0),
        ("scheme=\"none\",result=\"refused\"", 1.0),
    ] {
        let series = format!("datapunk_metrics_server_logins_total{{{labels}}}");
        assert!(sample(&page, &series) >= least, "{series}:\n{page}");
    }
}

#[test]
fn a_principal_sees_its_sets_and_paths_alone() {
    let files = Files::new();
    let access = format!(
        "tokens:\n- {{principal: scraper, sha256: {}}}\n- {{principal: guest, sha256: {}}}\n\
         principals:\n  ann:\n  scraper: {{sets: [ServedMetrics]}}\n  guest: {{paths: [/status]}}\n",
        sha256("one"),
        sha256("two")
    );
    let served = Served::start(files.builder(&users(), &access));
    let page = |authorization: &str, query: &str| {
        let path = format!("/metrics{query}");
        served.ask("GET", &path, &[("authorization", authorization)])
    };
    let all = page(&as_ann(), "").body;
    assert!(all.contains("served_cups_filled_total") && all.contains("hidden_coins_lost_total"));
    for query in [
        "",
        "?name[]=hidden_coins_lost_total",
        "?set[]=HiddenMetrics",
        "?set[]=ServedMetrics",
    ] {
        let part = page("Bearer one", query);
        assert_eq!(part.status, 200);
        assert!(!part.body.contains("hidden"), "{query}: {}", part.body);
        assert!(
            !part.body.contains("datapunk_metrics_server"),
            "{query}: {}",
            part.body
        );
    }
    assert!(
        page("Bearer one", "")
            .body
            .contains("served_cups_filled_total")
    );
    assert_eq!(page("Bearer two", "").status, 403);
    assert_eq!(
        served
            .ask("GET", "/status", &[("authorization", "Bearer two")])
            .status,
        404
    );
    // Bob has a password, and nothing was granted to him.
    assert_eq!(page(&basic("bob", "coffee"), "").status, 403);
    let events = files.audit("bob", |event| event["principal"] == "bob");
    let bob = events
        .iter()
        .find(|event| event["principal"] == "bob")
        .expect("it is there");
    assert_eq!(
        (&bob["decision"], &bob["reason"]),
        (&"refused".into(), &"not granted".into())
    );
}

#[test]
fn other_users_are_in_force_within_seconds_and_a_mistake_is_not() {
    let files = Files::new();
    let served = Served::start(files.builder(&users(), ""));
    assert_eq!(status(&served, &as_ann()), 200);
    files.write("web.yml", "basic_auth_users:\n  ann: tea:time\n");
    let events = files.audit("the mistake", |event| {
        event["event"] == "configuration" && event["decision"] == "refused"
    });
    assert!(!format!("{events:?}").contains("tea:time"));
    assert_eq!(status(&served, &as_ann()), 200);
    files.write(
        "web.yml",
        &format!("basic_auth_users:\n{}", user("ann", "other")),
    );
    wait::until("the change", Duration::from_secs(10), || {
        match (
            status(&served, &as_ann()),
            status(&served, &basic("ann", "other")),
        ) {
            (401, 200) => Ok(()),
            other => Err(format!("{other:?}")),
        }
    });
    assert_eq!(status(&served, &basic("bob", "coffee")), 401);
    // With neither users nor tokens there is nothing to ask for; on loopback that may be.
    files.write("web.yml", "");
    wait::until("an open door", Duration::from_secs(10), || {
        let status = served.get("/metrics").status;
        if status == 200 {
            Ok(())
        } else {
            Err(format!("{status}"))
        }
    });
}

#[test]
fn the_audit_says_who_did_what_from_where_and_no_secret() {
    let files = Files::new();
    let web = format!(
        "{}http_server_config:\n  headers:\n    X-Frame-Options: deny\n",
        users()
    );
    let access = format!(
        "tokens:\n- {{principal: scraper, sha256: {}}}\n",
        sha256("s3cr3t-token")
    );
    let served = Served::start(files.builder(&web, &access));
    let answer = served.ask(
        "GET",
        "/metrics?name[]=served_cups_filled_total&access_token=p4ssw0rd",
        &[
            ("authorization", &as_ann()),
            ("cookie", "session=p4ssw0rd"),
            ("user-agent", "p4ssw0rd"),
        ],
    );
    assert_eq!(answer.header("x-frame-options"), ["deny"]);
    let name = "eve\n{\"event\"}\u{1b}[2J\"\u{202e}";
    assert_eq!(status(&served, &basic(name, "p4ssw0rd")), 401);
    assert_eq!(status(&served, "Bearer p4ssw0rd"), 401);
    served.ask(
        "POST",
        "/metrics",
        &[("authorization", "Bearer s3cr3t-token")],
    );
    let events = files.audit("the last one", |event| event["status"] == 405);

    let kinds: Vec<&str> = events
        .iter()
        .filter_map(|event| event["event"].as_str())
        .collect();
    assert_eq!(
        kinds,
        [
            "configuration",
            "server",
            "access",
            "access",
            "access",
            "access"
        ]
    );
    let accesses: Vec<&Value> = events
        .iter()
        .filter(|event| event["event"] == "access")
        .collect();
    let [ann, eve, token, scraper] = accesses[..] else {
        panic!("{accesses:?}")
    };
    for (event, expected) in [
        (ann, ["allowed", "basic", "GET", "/metrics"]),
        (eve, ["refused", "basic", "GET", "/metrics"]),
        (token, ["refused", "bearer", "GET", "/metrics"]),
        (scraper, ["refused", "bearer", "POST", "/metrics"]),
    ] {
        let said = ["decision", "scheme", "method", "path"].map(|key| event[key].as_str());
        assert_eq!(said, expected.map(Some), "{event}");
        assert!(
            event["from"]
                .as_str()
                .is_some_and(|from| from.starts_with("127.0.0.1:"))
        );
        assert!(
            event["seconds"]
                .as_f64()
                .is_some_and(|seconds| seconds >= 0.0)
        );
        assert!(
            event["time"]
                .as_str()
                .is_some_and(|time| time.ends_with('Z'))
        );
    }
    assert_eq!(ann["principal"], "ann");
    assert_eq!(ann["bytes"], answer.body.len());
    assert_eq!(ann["complete"], true);
    assert_eq!(eve["claimed"], name);
    assert_eq!(
        (&eve["principal"], &eve["reason"]),
        (&Value::Null, &"unknown user".into())
    );
    assert_eq!(scraper["principal"], "scraper");

    let text = fs::read_to_string(files.path("audit.jsonl")).expect("it is there");
    assert_eq!(text.lines().count(), events.len());
    assert!(
        text.bytes()
            .all(|byte| byte == b'\n' || (b' '..=b'~').contains(&byte))
    );
    for secret in [
        "p4ssw0rd",
        "tea:time",
        "s3cr3t",
        "$2y$",
        &sha256("s3cr3t-token"),
    ] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
}

#[test]
fn without_a_written_audit_nothing_is_shown_where_that_is_asked_for() {
    let files = Files::new();
    let refusing = "audit: {file: /dev/full, on_failure: refuse}\n";
    let served = Served::start(
        Server::builder()
            .registry(registry())
            .access_file(files.write("access.yml", refusing)),
    );
    wait::until("a refusal", Duration::from_secs(10), || {
        let reply = served.get("/metrics");
        if reply.status == 503 {
            Ok(())
        } else {
            Err(reply.body)
        }
    });
    // A disk with room again.
    files.write(
        "access.yml",
        "audit: {file: audit.jsonl, on_failure: refuse}\n",
    );
    wait::until("an answer", Duration::from_secs(10), || {
        let reply = served.get("/metrics");
        if reply.status == 200 {
            Ok(())
        } else {
            Err(reply.body)
        }
    });
    files.audit("the answer", |event| event["status"] == 200);
}

#[test]
fn by_default_a_full_disk_is_counted_and_not_a_reason_to_be_blind() {
    let files = Files::new();
    let served = Served::start(
        Server::builder()
            .registry(registry())
            .access_file(files.write("access.yml", "audit: {file: /dev/full}\n")),
    );
    for _ in 0..3 {
        assert_eq!(served.get("/metrics").status, 200);
    }
    wait::until("lost events", Duration::from_secs(10), || {
        let lost = served.sample("datapunk_metrics_server_audit_events_lost_total", &[]);
        if lost >= 3.0 {
            Ok(())
        } else {
            Err(format!("{lost}"))
        }
    });
}

#[test]
fn a_rate_limit_is_for_strangers_and_each_principal_apart() {
    let files = Files::new();
    let web = format!("{}rate_limit:\n  interval: 1h\n  burst: 5\n", users());
    let access = format!(
        "tokens:\n- {{principal: scraper, sha256: {}}}\n",
        sha256("token")
    );
    let served = Served::start(files.builder(&web, &access));
    let statuses: Vec<u16> = (0..8).map(|_| served.get("/metrics").status).collect();
    assert_eq!(statuses, [401, 401, 401, 401, 401, 429, 429, 429]);
    let statuses: Vec<u16> = (0..6).map(|_| status(&served, "Bearer token")).collect();
    assert_eq!(statuses, [200, 200, 200, 200, 200, 429]);
}

#[test]
fn an_address_that_others_reach_needs_both_or_a_word() {
    let files = Files::new();
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let bind = |web: &str, access: &str, insecure: bool| {
        let mut builder = files
            .builder(web, access)
            .listen("0.0.0.0:0".parse().expect("an address"));
        if insecure {
            builder = builder.insecure();
        }
        runtime
            .block_on(builder.bind())
            .map(drop)
            .map_err(|error| error.to_string())
    };
    let tokens = format!(
        "tokens:\n- {{principal: scraper, sha256: {}}}\n",
        sha256("token")
    );
    let mutual =
        format!("{TLS}  client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: ca.crt\n");
    let offered =
        format!("{TLS}  client_auth_type: VerifyClientCertIfGiven\n  client_ca_file: ca.crt\n");
    let both = format!("{TLS}{}", users());
    for (web, access, missing) in [
        ("", "", Some("TLS and authentication")),
        (TLS, "", Some("authentication")),
        (&offered, "", Some("authentication")),
        (&users(), "", Some("TLS")),
        ("", &tokens, Some("TLS")),
        (&both, "", None),
        (TLS, &tokens, None),
        (&mutual, "", None),
    ] {
        let result = bind(web, access, false);
        match missing {
            None => assert_eq!(result, Ok(()), "{web}{access}"),
            Some(missing) => {
                let error = result.expect_err(web);
                assert!(error.contains(&format!("has no {missing};")), "{error}");
                assert!(!error.contains('\n'), "{error}");
            }
        }
        assert_eq!(bind(web, access, true), Ok(()), "{web}{access}");
    }
    let events = files.audit("the word", |event| event["decision"] == "insecure");
    assert!(
        events
            .iter()
            .any(|event| event["reason"] == "TLS and authentication")
    );
}

#[test]
fn a_change_that_would_open_the_door_is_refused() {
    let files = Files::new();
    let web = format!("{TLS}{}", users());
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let server = runtime
        .block_on(
            files
                .builder(&web, "")
                .listen("0.0.0.0:0".parse().expect("an address"))
                .bind(),
        )
        .expect("it is safe");
    let port = server.address().port();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let running = runtime.spawn(server.run(async move {
        let _ = stopped.await;
    }));
    files.write("web.yml", TLS);
    files.audit("the refusal", |event| {
        event["event"] == "configuration" && event["decision"] == "refused"
    });
    let address = std::net::SocketAddr::from(([127, 0, 0, 1], port));
    assert_eq!(files.curl(address, &[]).0, 401);
    drop(stop);
    runtime.block_on(running).expect("it stops");
}
