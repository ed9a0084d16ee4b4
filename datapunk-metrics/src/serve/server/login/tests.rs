use axum::http::HeaderValue;

use super::super::access::Access;
use super::*;

fn settings(users: &[(&str, &str, u32)]) -> Settings {
    Settings {
        users: users
            .iter()
            .map(|(user, password, cost)| {
                let hash = bcrypt::hash(password, *cost).unwrap();
                ((*user).to_owned(), PasswordHash::parse(&hash).unwrap())
            })
            .collect(),
        ..Settings::default()
    }
}

fn authorization(values: &[&[u8]]) -> HeaderMap {
    values
        .iter()
        .map(|value| {
            (
                header::AUTHORIZATION,
                HeaderValue::from_bytes(value).unwrap(),
            )
        })
        .collect()
}

fn basic(user: &str, password: impl AsRef<[u8]>) -> HeaderMap {
    let credentials = [user.as_bytes(), b":", password.as_ref()].concat();
    let value = format!("Basic {}", STANDARD.encode(credentials));
    authorization(&[value.as_bytes()])
}

/// Whom a request is from, or why it is refused.
async fn login(
    logins: &Logins,
    settings: &Settings,
    headers: &HeaderMap,
) -> Result<String, &'static str> {
    let known = match logins.glance(settings, headers, None) {
        Glance::Known(known) => Ok(known),
        Glance::Unknown(unknown) => Err(unknown),
        Glance::Password(password) => logins.verify(settings, password).await,
    };
    known
        .map(|known| known.principal.unwrap_or_default())
        .map_err(|unknown| unknown.reason)
}

fn is_remembered(logins: &Logins, settings: &Settings, headers: &HeaderMap) -> bool {
    matches!(logins.glance(settings, headers, None), Glance::Known(_))
}

#[tokio::test]
async fn a_right_password_is_verified_once() {
    let (logins, settings) = (Logins::new().unwrap(), settings(&[("ann", "s:ecret", 4)]));
    let headers = basic("ann", "s:ecret");
    assert!(!is_remembered(&logins, &settings, &headers));
    assert_eq!(
        login(&logins, &settings, &headers).await,
        Ok("ann".to_owned())
    );
    assert!(is_remembered(&logins, &settings, &headers));
}

#[test]
fn a_right_login_is_remembered_though_nobody_waited_for_it() {
    let (logins, settings) = (Logins::new().unwrap(), settings(&[("ann", "secret", 4)]));
    let headers = basic("ann", "secret");
    let Glance::Password(password) = logins.glance(&settings, &headers, None) else {
        panic!("it is not known yet");
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .max_blocking_threads(1)
        .build()
        .unwrap();
    runtime.block_on(async {
        // The thread that verifies has something else to do until the client has gone.
        let (go_on, told) = std::sync::mpsc::channel::<()>();
        let other = spawn_blocking(move || told.recv());
        let short = std::time::Duration::from_millis(10);
        let login = tokio::time::timeout(short, logins.verify(&settings, password));
        assert!(login.await.is_err());
        go_on.send(()).unwrap();
        other.await.unwrap().unwrap();
        while logins.waiting.available_permits() < WAITING {
            tokio::time::sleep(short).await;
        }
    });
    assert!(is_remembered(&logins, &settings, &headers));
}

#[tokio::test]
async fn a_wrong_login_is_refused_and_not_remembered() {
    let (logins, settings) = (Logins::new().unwrap(), settings(&[("ann", "secret", 4)]));
    for (headers, reason) in [
        (basic("ann", "Secret"), "wrong password"),
        (basic("ann", ""), "wrong password"),
        (basic("ann", "secret\0"), "wrong password"),
        (basic("ann", vec![b'x'; 1 << 20]), "wrong password"),
        (basic("bob", "secret"), "unknown user"),
        (basic("", "secret"), "unknown user"),
        (basic("ann ", "secret"), "unknown user"),
        (basic("a\nb", "secret"), "unknown user"),
        (authorization(&[]), "no credentials"),
        (authorization(&[b"Basic"]), "malformed credentials"),
        (authorization(&[b"Basic !"]), "malformed credentials"),
        (authorization(&[b"Basic YW5u"]), "malformed credentials"),
        (authorization(&[b"Basic //86eA=="]), "malformed credentials"),
        (authorization(&[b"Basic \xff\xfe"]), "malformed credentials"),
        (authorization(&[b"Bearer secret"]), "unknown token"),
        (authorization(&[b"Bearer"]), "unknown token"),
        (authorization(&[b"Digest a"]), "unknown scheme"),
        (authorization(&[b""]), "unknown scheme"),
        (
            authorization(&[b"Basic YW5uOnNlY3JldA==", b"Basic YW5uOnNlY3JldA=="]),
            "two Authorization headers",
        ),
    ] {
        assert_eq!(
            login(&logins, &settings, &headers).await,
            Err(reason),
            "{headers:?}"
        );
        assert!(!is_remembered(&logins, &settings, &headers));
    }
    assert!(logins.remembered.lock().unwrap().used.is_empty());
}

/// CVE-2022-46146: a key of joined strings is the same for a user with a part of somebody else's hash in the name.
#[tokio::test]
async fn a_key_of_other_parts_of_the_same_text_is_another_key() {
    let logins = Logins::new().unwrap();
    let hash = PasswordHash::parse(&bcrypt::hash("secret", 4).unwrap()).unwrap();
    let key = |user: &str, password: &str| {
        let password = Password {
            user: user.to_owned(),
            password: password.as_bytes().to_vec(),
        };
        logins.key_of(&password, &hash)
    };
    assert_eq!(key("ann", "secret"), key("ann", "secret"));
    let mut keys: Vec<_> = [
        ("ann", "secret"),
        ("anns", "ecret"),
        ("an", "nsecret"),
        ("", "annsecret"),
    ]
    .map(|(user, password)| key(user, password))
    .to_vec();
    keys.sort_unstable();
    keys.dedup();
    assert_eq!(keys.len(), 4);
    // Another process has other keys.
    let other = Logins::new().unwrap();
    let password = Password {
        user: "ann".to_owned(),
        password: b"secret".to_vec(),
    };
    assert_ne!(other.key_of(&password, &hash), key("ann", "secret"));
}

#[tokio::test]
async fn another_password_in_force_ends_what_was_remembered() {
    let logins = Logins::new().unwrap();
    let before = settings(&[("ann", "secret", 4)]);
    let headers = basic("ann", "secret");
    login(&logins, &before, &headers).await.unwrap();
    let after = settings(&[("ann", "other", 4)]);
    assert_eq!(
        login(&logins, &after, &headers).await,
        Err("wrong password")
    );
    let none = settings(&[("bob", "secret", 4)]);
    assert_eq!(login(&logins, &none, &headers).await, Err("unknown user"));
}

#[tokio::test]
async fn what_is_remembered_has_a_bound_and_loses_the_oldest() {
    let logins = Logins::new().unwrap();
    let key = |number: usize| {
        let mut key = [0; 32];
        key[..8].copy_from_slice(&number.to_le_bytes());
        key
    };
    for number in 0..REMEMBERED {
        lock(&logins.remembered).add(key(number));
    }
    assert!(logins.remembers(key(0)));
    for number in REMEMBERED..REMEMBERED + 10 {
        lock(&logins.remembered).add(key(number));
    }
    assert_eq!(logins.remembered.lock().unwrap().used.len(), REMEMBERED);
    assert!(logins.remembers(key(0)));
    assert!(!logins.remembers(key(1)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flood_is_bounded_and_a_known_scraper_is_not_in_it() {
    let logins = Arc::new(Logins::new().unwrap());
    let settings = Arc::new(settings(&[("ann", "secret", 8)]));
    let known = basic("ann", "secret");
    login(&logins, &settings, &known).await.unwrap();
    let flood: Vec<_> = (0..200)
        .map(|number| {
            let (logins, settings) = (Arc::clone(&logins), Arc::clone(&settings));
            tokio::spawn(async move {
                login(&logins, &settings, &basic("ann", number.to_string())).await
            })
        })
        .collect();
    let mut busy = 0;
    for attempt in flood {
        assert!(is_remembered(&logins, &settings, &known));
        match attempt.await.unwrap() {
            Err("too many logins at once") => busy += 1,
            Err("wrong password") => {}
            other => panic!("{other:?}"),
        }
    }
    assert!(busy > 0);
    assert_eq!(logins.waiting.available_permits(), WAITING);
}

#[test]
fn nothing_shows_a_secret() {
    let settings = settings(&[("ann", "secret", 4)]);
    let hash = String::from_utf8(settings.users["ann"].as_bytes().to_vec()).unwrap();
    let logins = Logins::new().unwrap();
    assert!(!format!("{settings:?} {logins:?}").contains(&hash[7..]));
}

#[tokio::test]
async fn tokens_and_certificates_name_principals() {
    let hash =
        super::super::tls::hex(ring::digest::digest(&ring::digest::SHA256, b"tiger").as_ref());
    let text = format!("tokens: [{{principal: cat, sha256: {hash}}}]");
    let settings = Settings {
        access: Access::parse(&text, "/".as_ref(), &[]).unwrap(),
        ..Settings::default()
    };
    let logins = Logins::new().unwrap();
    for (value, expected) in [
        (&b"Bearer tiger"[..], Ok("cat".to_owned())),
        (b"bearer   tiger", Ok("cat".to_owned())),
        (b"Bearer Tiger", Err("unknown token")),
        (b"Basic Y2F0OnRpZ2Vy", Err("no users")),
    ] {
        let headers = authorization(&[value]);
        assert_eq!(login(&logins, &settings, &headers).await, expected);
    }
    let none = Settings::default();
    let Glance::Known(known) = logins.glance(&none, &authorization(&[]), Some("node-1")) else {
        panic!("a certificate is enough");
    };
    assert_eq!(known.principal.as_deref(), Some("certificate:node-1"));
    // Where a token is asked for, a certificate alone is not enough.
    assert!(matches!(
        logins.glance(&settings, &authorization(&[]), Some("node-1")),
        Glance::Unknown(_)
    ));
}
