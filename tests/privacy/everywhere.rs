//! Whatever comes from outside: no secret of it is seen where the toolkit shows, sends or logs something.

use std::fmt::Debug;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::{Arc, LazyLock, Mutex};
use std::thread;
use std::time::Duration;

use datapunk_metrics::encode::{Format, encode, protobuf};
use datapunk_metrics::health::Status;
use datapunk_metrics::identity::Identity;
use datapunk_metrics::prometheus_client::attach;
use datapunk_metrics::push::Pushgateway;
use datapunk_metrics::recorder::Recorder;
use datapunk_metrics::testing::Snapshot;
use datapunk_metrics::tower::ClientLayer;
use datapunk_metrics::{
    Counter, Gauge, Histogram, LabelSet, MetricSet, Outcome, Readings, Registry, Seconds, State,
    StateValue, instrument_metrics,
};
use prometheus_client::metrics::counter::Counter as TheirCounter;
use prometheus_client::metrics::exemplar::HistogramWithExemplars;
use prometheus_client::metrics::family::Family;
use prometheus_client::registry::Registry as Existing;
use proptest::prelude::*;
use support::log::Lines;
use support::secrets::{Seed, seeds};

#[derive(Clone, Copy, StateValue)]
enum Door {
    Open = 0,
    Shut = 1,
}

#[derive(Clone, Copy, LabelSet)]
struct PlaceLabels<'a> {
    #[label(max = 20)]
    place: &'a str,
    outcome: Outcome,
}

/// What is read at a scrape.
static READ: Mutex<String> = Mutex::new(String::new());

fn read(readings: &mut Readings<PlaceLabels<'static>, i64>) {
    let place = READ.lock().expect("nobody panics");
    let outcome = Outcome::Ok;
    readings.set(
        PlaceLabels {
            place: &place,
            outcome,
        },
        1,
    );
}

/// Every way in.
#[derive(MetricSet)]
#[metrics(namespace = "everywhere")]
struct EverywhereMetrics {
    /// Calls.
    calls_made_total: Counter<PlaceLabels<'static>>,
    /// Things.
    things_current: Gauge<PlaceLabels<'static>>,
    /// Times.
    #[metric(buckets = [0.5])]
    call_duration_seconds: Histogram<Seconds, PlaceLabels<'static>>,
    /// Doors.
    #[metric(initial = Open)]
    door_state: State<Door, PlaceLabels<'static>>,
    /// Readings.
    #[metric(read = read)]
    readings_current: Gauge<PlaceLabels<'static>>,
}
const EVERYWHERE: EverywhereMetrics = EverywhereMetrics::METRICS;

#[derive(Clone, Copy, LabelSet)]
struct VisitLabels<'a> {
    place: &'a str,
}

#[derive(MetricSet)]
#[metrics(namespace = "visited", labels = VisitLabels<'static>)]
struct VisitMetrics {
    /// Visits.
    #[metric(role = calls)]
    visits_made_total: Counter<VisitLabels<'static>>,
    /// Visits now.
    #[metric(role = in_flight)]
    visits_current: Gauge<VisitLabels<'static>>,
}

#[instrument_metrics(set = VisitMetrics, labels(place = place))]
fn visit(place: &str) -> Result<(), ()> {
    if place.is_empty() { Err(()) } else { Ok(()) }
}

/// Records a text in every way, and gives what can be shown with `{:?}`.
fn record(text: &str) -> Vec<String> {
    let labels = PlaceLabels {
        place: text,
        outcome: Outcome::Ok,
    };
    EVERYWHERE.calls_made_total.with(labels).inc();
    EVERYWHERE.things_current.with(labels).set(1);
    EVERYWHERE
        .call_duration_seconds
        .with(labels)
        .observe(Duration::from_secs(1));
    EVERYWHERE.door_state.with(labels).set(Door::Shut);
    text.clone_into(&mut READ.lock().expect("nobody panics"));
    let _ = visit(text);
    let resolved = EVERYWHERE.calls_made_total.resolve([text]);
    resolved
        .with(|[place]| PlaceLabels { place, ..labels })
        .inc();
    vec![
        shown(&EVERYWHERE.calls_made_total),
        shown(&EVERYWHERE.calls_made_total.with(labels)),
        shown(&resolved),
        shown(&EVERYWHERE.things_current.with(labels)),
        shown(&EVERYWHERE.call_duration_seconds.with(labels)),
        shown(&EVERYWHERE.door_state.with(labels)),
    ]
}

fn shown(item: &impl Debug) -> String {
    format!("{item:?} {item:#?}")
}

/// A registry with all that is recorded through others as well.
fn registry(text: &str) -> (Registry, Vec<String>) {
    let registry = Registry::new();
    registry
        .register::<EverywhereMetrics>()
        .and_then(Registry::register::<VisitMetrics>)
        .expect("names differ");
    let recorder = Recorder::new();
    let mut left_out = recorder.attach(&registry);
    metrics::with_local_recorder(&recorder, || {
        metrics::describe_counter!("calls", text.to_owned());
        metrics::counter!("calls", "place" => text.to_owned()).increment(1);
        metrics::gauge!(text.to_owned(), text.to_owned() => "x").set(1.0);
        metrics::histogram!("sizes", "place" => text.to_owned()).record(1.0);
    });
    let mut existing = Existing::default();
    let family: Family<Vec<(String, String)>, TheirCounter> = Family::default();
    let place = |text: &str| vec![("place".to_owned(), text.to_owned())];
    family.get_or_create(&place(text)).inc();
    existing.register("their_calls", text, family);
    let times = HistogramWithExemplars::new([0.5].into_iter());
    times.observe(0.7, Some(place(text)), None);
    existing.register("their_times", "Times", times);
    // What is no name is told.
    let name = format!("{text} ").replace('\n', " ");
    existing.register(name, "Unnamed", TheirCounter::<u64>::default());
    left_out.extend(attach(&registry, Arc::new(existing)));
    let mut texts = vec![
        shown(&registry),
        shown(&recorder),
        shown(&recorder.changes()),
    ];
    texts.extend(recorder.changes().iter().map(ToString::to_string));
    texts.extend(left_out.iter().map(ToString::to_string));
    texts.push(shown(&left_out));
    (registry, texts)
}

/// A Pushgateway that refuses all that it is sent, and sends it back.
struct Echo {
    url: String,
    /// The first lines and the bodies of the requests.
    seen: Arc<Mutex<Vec<String>>>,
}

impl Echo {
    fn start() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("it is bound"));
        let seen = Arc::new(Mutex::new(Vec::new()));
        let its = Arc::clone(&seen);
        thread::spawn(move || {
            for stream in listener.incoming() {
                answer(&stream.expect("a connection"), &its).expect("the client waits");
            }
        });
        Self { url, seen }
    }
}

fn answer(mut stream: &TcpStream, seen: &Mutex<Vec<String>>) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream);
    let (mut head, mut length) = (String::new(), 0);
    loop {
        let start = head.len();
        reader.read_line(&mut head)?;
        let line = head[start..].to_ascii_lowercase();
        if let Some(value) = line.strip_prefix("content-length:") {
            length = value.trim().parse().expect("a number");
        }
        if line.trim().is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    let body = String::from_utf8_lossy(&body);
    let first = head.lines().next().unwrap_or_default();
    seen.lock()
        .expect("nobody panics")
        .push(format!("{first}\n{body}"));
    // What it was sent, which is where a client's own credentials come back as well.
    let reply = format!("no: {head}");
    write!(
        stream,
        "HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{reply}",
        reply.len()
    )
}

static ECHO: LazyLock<Echo> = LazyLock::new(Echo::start);

/// Pushes to a group whose key has the text in it. What is sent and what is said of it.
fn push(text: &str, secret: &str, registry: Registry) -> Vec<String> {
    let builder = Pushgateway::builder(&ECHO.url, text)
        .grouping("place", text)
        .grouping("instance", text)
        .basic_auth("jane", secret)
        .registry(registry)
        .tries(1);
    let mut texts = vec![shown(&builder)];
    let gateway = builder.build().expect("a client");
    let error = gateway.push().expect_err("it is refused");
    texts.extend([
        shown(&gateway),
        gateway.url().to_owned(),
        shown(&error),
        error.to_string(),
    ]);
    let error = Pushgateway::builder(&format!("{text}:9091"), "job").build();
    texts.extend(error.err().map(|error| shown(&error) + &error.to_string()));
    texts.append(&mut ECHO.seen.lock().expect("nobody panics"));
    texts
}

/// What shows itself and is in no registry.
fn others(text: &str) -> Vec<String> {
    let identity = Identity::new(text).instance(text).version(text);
    let layer = ClientLayer::new(text).expect("the set is there once");
    let status = Status::dead(format_args!("no answer from {text}"));
    vec![
        shown(&identity),
        identity.service().to_owned(),
        shown(&layer),
        shown(&status),
        status.reason().unwrap_or_default().to_owned(),
    ]
}

/// Whether a text holds a secret, as it is or as it stands in an address.
fn holds(text: &str, secret: &str) -> bool {
    let escaped: String = secret
        .bytes()
        .map(|byte| match byte {
            b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
            _ if byte.is_ascii_alphanumeric() => char::from(byte).to_string(),
            _ => format!("%{byte:02X}"),
        })
        .collect();
    text.contains(secret) || text.contains(&escaped)
}

static LOGGED: LazyLock<Lines> = LazyLock::new(|| {
    let lines = Lines::default();
    tracing::subscriber::set_global_default(lines.clone()).expect("it is set once");
    lines
});

proptest! {
    // A case has some forty texts.
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn no_secret_is_seen_anywhere(Seed { text, secret } in seeds()) {
        let _ = LOGGED.take();
        let mut texts = record(&text);
        let (registry, more) = registry(&text);
        texts.extend(more);
        for format in [Format::Text, Format::OpenMetrics] {
            texts.push(encode(&registry, format).expect("no reader panics"));
        }
        let messages = protobuf::encode(&registry).expect("no reader panics");
        texts.push(String::from_utf8_lossy(&messages).into_owned());
        texts.push(shown(&Snapshot::of(&registry).expect("no reader panics")));
        texts.extend(push(&text, &secret, registry));
        texts.extend(others(&text));
        texts.extend(LOGGED.take());
        for shown in texts {
            prop_assert!(!holds(&shown, &secret), "{secret} of {text} in: {shown}");
        }
    }
}
