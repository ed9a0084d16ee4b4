//! Identifiers, times, versions, hosts and images at random, none of which is a secret.

use datapunk_metrics_conventions::find_sensitive;

/// Numbers without a pattern, the same in every run.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        // SplitMix64.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut number = self.0;
        number = (number ^ number >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        number = (number ^ number >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        number ^ number >> 31
    }

    fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    fn one_of<'a>(&mut self, words: &[&'a str]) -> &'a str {
        let count = words.len() as u64;
        words[usize::try_from(self.below(count)).unwrap()]
    }

    fn text(&mut self, alphabet: &str, length: usize) -> String {
        let letters: Vec<char> = alphabet.chars().collect();
        let count = letters.len() as u64;
        (0..length)
            .map(|_| letters[usize::try_from(self.below(count)).unwrap()])
            .collect()
    }
}

const HEX: &str = "0123456789abcdef";
const WORDS: &[&str] = &[
    "api", "auth", "cart", "checkout", "edge", "gateway", "ingest", "login", "node", "payments",
    "proxy", "queue", "search", "secrets", "session", "token", "users", "vault", "web", "worker",
];

fn uuid(numbers: &mut Numbers, version: u64) -> String {
    let (high, low) = (numbers.next(), numbers.next());
    let high = high & !0xf000 | version << 12;
    let low = low >> 2 | 1 << 63;
    format!(
        "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
        high >> 32,
        high >> 16 & 0xffff,
        high & 0xffff,
        low >> 48,
        low & 0xffff_ffff_ffff
    )
}

/// A time between 2001 and 2033, as one writes it.
fn timestamp(numbers: &mut Numbers) -> String {
    let seconds = 1_000_000_000 + numbers.below(1_000_000_000);
    let below = numbers.below(1_000_000_000);
    let (year, month, day) = (
        2000 + numbers.below(40),
        1 + numbers.below(12),
        1 + numbers.below(28),
    );
    let (hour, minute, second) = (numbers.below(24), numbers.below(60), numbers.below(60));
    match numbers.below(10) {
        0 => format!("{seconds}"),
        1 => format!("{seconds}{:03}", below / 1_000_000),
        2 => format!("{seconds}{:06}", below / 1000),
        3 => format!("{seconds}{below:09}"),
        4 => format!("{seconds}.{below:09}"),
        5 => format!(
            "{year}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{:03}Z",
            below / 1_000_000
        ),
        6 => format!(
            "{year}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}+0{}:00",
            below % 10
        ),
        7 => format!("{year}{month:02}{day:02}{hour:02}{minute:02}{second:02}"),
        8 => format!(
            "{year}{month:02}{day:02}T{hour:02}{minute:02}{second:02}-0{}00",
            below % 10
        ),
        _ => format!(
            "{day:02}/Jan/{year}:{hour:02}:{minute:02}:{second:02} +0{}00",
            below % 10
        ),
    }
}

fn version(numbers: &mut Numbers) -> String {
    let (major, minor, patch) = (numbers.below(30), numbers.below(200), numbers.below(1000));
    let hash = numbers.text(HEX, 12);
    match numbers.below(7) {
        0 => format!("{major}.{minor}.{patch}"),
        1 => format!("v{major}.{minor}.{patch}-rc.{}", numbers.below(9)),
        2 => format!("{major}.{minor}.{patch}-alpha.beta+exp.sha.{hash}"),
        3 => format!(
            "{major}.{minor}.{patch}+{}",
            20_100_101_000_000 + numbers.below(200_000_000_000)
        ),
        4 => format!(
            "v0.0.0-{}-{hash}",
            20_100_101_000_000 + numbers.below(200_000_000_000)
        ),
        5 => format!("{major}.{minor}.{patch}-{}", numbers.next()),
        _ => format!(
            "{}@{major}.{minor}.{patch}-beta.{}",
            numbers.one_of(WORDS),
            numbers.one_of(WORDS)
        ),
    }
}

fn image(numbers: &mut Numbers) -> String {
    let registry = numbers.one_of(&[
        "",
        "docker.io/library/",
        "ghcr.io/acme/",
        "localhost:5000/",
        "eu.gcr.io/a-b/",
    ]);
    let name = format!("{}-{}", numbers.one_of(WORDS), numbers.one_of(WORDS));
    let (version, hash) = (version(numbers), numbers.text(HEX, 64));
    match numbers.below(4) {
        0 => format!("{registry}{name}:latest"),
        1 => format!(
            "{registry}{name}:{}",
            version
                .rsplit('@')
                .next()
                .unwrap_or_default()
                .replace('+', "-")
        ),
        2 => format!("{registry}{name}@sha256:{hash}"),
        _ => format!("{registry}{name}:{}", &hash[..40]),
    }
}

fn host(numbers: &mut Numbers) -> String {
    let (first, second) = (numbers.one_of(WORDS), numbers.one_of(WORDS));
    let (low, high) = (numbers.below(256), numbers.below(65536));
    match numbers.below(7) {
        0 => format!("{first}-{low}.{second}.svc.cluster.local:{high}"),
        1 => format!(
            "10.{low}.{}.{}:{high}",
            numbers.below(256),
            numbers.below(256)
        ),
        2 => format!(
            "ip-10-{low}-{}-{}.eu-central-1.compute.internal",
            numbers.below(256),
            numbers.below(256)
        ),
        3 => format!("[2001:db8:{high:x}::{low:x}]:{high}"),
        4 => format!("https://{first}.example.com:{high}/{second}?page={low}"),
        5 => format!("{first}{low:03}.{second}.example.com"),
        _ => format!("i-0{}", numbers.text(HEX, 16)),
    }
}

fn identifier(numbers: &mut Numbers) -> String {
    const POD: &str = "bcdfghjklmnpqrstvwxz2456789";
    let (first, second) = (numbers.one_of(WORDS), numbers.one_of(WORDS));
    match numbers.below(10) {
        0 => format!(
            "{first}-{second}-{}-{}",
            numbers.text(POD, 10),
            numbers.text(POD, 5)
        ),
        1 => format!("{first}-{second}-{}", numbers.below(100)),
        2 => format!(
            "{first}-backup-{}-{}",
            20_000_000 + numbers.below(10_000_000),
            numbers.text(POD, 5)
        ),
        3 => numbers.text(HEX, 40),
        4 => numbers.text(HEX, 64),
        5 => numbers.text(HEX, 7),
        // Trace ids, span ids, object ids, ULIDs and snowflakes.
        6 => numbers.text(HEX, 32),
        7 => numbers.text(HEX, 24),
        8 => format!("01{}", numbers.text("0123456789ABCDEFGHJKMNPQRSTVWXYZ", 24)),
        _ => format!(
            "{}",
            1_000_000_000_000_000_000 + numbers.below(900_000_000_000_000_000)
        ),
    }
}

#[test]
fn no_identifier_timestamp_version_host_or_image_is_masked() {
    let mut numbers = Numbers(1);
    for round in 0..1_500 {
        for text in [
            uuid(&mut numbers, 1 + round % 7),
            uuid(&mut numbers, 1 + round % 7).to_uppercase(),
            timestamp(&mut numbers),
            version(&mut numbers),
            image(&mut numbers),
            host(&mut numbers),
            identifier(&mut numbers),
        ] {
            assert_eq!(find_sensitive(&text, &[]), [], "{text}");
        }
    }
}
