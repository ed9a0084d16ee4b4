//! Requests that nobody planned for leave few series.

use std::collections::BTreeMap;
use std::time::Duration;

use support::exposition::Samples;
use support::server::free_port;
use tempfile::TempDir;

use super::{SERVICES, labels, started, text};

/// Numbers without a pattern, the same in every run.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    /// A method that nobody has.
    fn method(&mut self) -> String {
        let letter = |digit| char::from(b'A' + u8::try_from(digit % 26).expect("a letter"));
        (0..10).map(|_| letter(self.next())).collect()
    }

    /// A path that no route has, now and then below one that has.
    fn path(&mut self, route: &str) -> String {
        let (number, other) = (self.next(), self.next());
        match number % 4 {
            0 => format!("/{number:x}"),
            1 => format!("/{number:x}/{other}?{number:x}={other}"),
            2 => format!("{route}/{number:x}/{other}"),
            _ => format!("/%2e%2e/%C3%BC{number:x};{other}//"),
        }
    }
}

/// A client that sends whatever method it is told to, and keeps its connection.
struct Client {
    agent: ureq::Agent,
    target: String,
}

impl Client {
    fn of(target: &str) -> Self {
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .allow_non_standard_methods(true)
            .max_redirects(0)
            .timeout_global(Some(Duration::from_secs(20)));
        Self {
            agent: config.build().new_agent(),
            target: target.to_owned(),
        }
    }

    fn ask(&self, method: &str, path: &str) -> u16 {
        let request = ureq::http::Request::builder()
            .method(method)
            .uri(format!("http://{}{path}", self.target))
            // A body of unknown length that nobody reads ends the connection.
            .header("content-length", "0")
            .body(())
            .expect("a request");
        let mut answer = self
            .agent
            .run(request)
            .unwrap_or_else(|error| panic!("{method} {path}: {error}"));
        // Read to the end, the connection is free for the next.
        let _ = answer.body_mut().read_to_vec();
        answer.status().as_u16()
    }
}

/// How many requests a service has counted, by what is asked of their labels.
fn requests(samples: &Samples, is_asked: impl Fn(&BTreeMap<&str, &str>) -> bool) -> f64 {
    samples
        .of("http_requests_total")
        .filter(|(series, _)| is_asked(&labels(series)))
        .map(|(_, requests)| requests)
        .sum()
}

#[test]
#[expect(clippy::float_cmp, reason = "counts are exact")]
fn random_methods_and_paths_leave_series_few_and_known_routes_exact() {
    const RANDOM: u32 = 10_000;
    const KNOWN: u32 = 500;
    // A request that a route answers, and that route.
    let routes = [
        ("GET", "/objects/none", "/objects/{id}"),
        ("GET", "/events/none/0", "/events/{topic}/{partition}"),
        ("PUT", "/upstream/none", "/upstream/{health}"),
    ];
    std::thread::scope(|scope| {
        for ((name, _), (method, path, route)) in SERVICES.into_iter().zip(routes) {
            scope.spawn(move || {
                let target = format!("127.0.0.1:{}", free_port());
                let folder = TempDir::new().expect("a temporary folder");
                let service = started(name, &target, &folder);
                let before = Samples::read(&text(&target).body);
                let (client, mut numbers) = (Client::of(&target), Numbers(1));
                for round in 0..RANDOM {
                    let (random, elsewhere) = (numbers.method(), numbers.path(path));
                    // A method that nobody has, or a path, or both.
                    let (random, elsewhere) = match round % 3 {
                        0 => (random.as_str(), path),
                        1 => (method, elsewhere.as_str()),
                        _ => (random.as_str(), elsewhere.as_str()),
                    };
                    let status = client.ask(random, elsewhere);
                    assert!(
                        (400..500).contains(&status),
                        "{status}: {random} {elsewhere}"
                    );
                    if round % (RANDOM / KNOWN) == 0 {
                        client.ask(method, path);
                    }
                }
                let after = Samples::read(&text(&target).body);
                let all = |_: &BTreeMap<&str, &str>| true;
                let counted = requests(&after, all) - requests(&before, all);
                assert!(
                    counted == f64::from(RANDOM + KNOWN),
                    "{name}: {counted} requests"
                );
                let known = |labels: &BTreeMap<&str, &str>| {
                    labels["method"] == format!("\"{method}\"")
                        && labels["path"] == format!("\"{route}\"")
                };
                let counted = requests(&after, known) - requests(&before, known);
                assert!(
                    counted == f64::from(KNOWN),
                    "{name}: {counted} requests of {route}"
                );
                // Whatever was asked for, there is `other`, the method `other` of the route, and what these were answered.
                let new = after.of("http_requests_total").count()
                    - before.of("http_requests_total").count();
                assert!(new < 20, "{name}: {new} series more");
                assert!(
                    after.0.len() < before.0.len() + 100,
                    "{name}: {} series",
                    after.0.len()
                );
                assert!(service.stop().success(), "{name} ends well");
            });
        }
    });
}
