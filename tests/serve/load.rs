//! A flood of connections, slow headers, slow readers and guesses of passwords, for a bounded time, while a scraper who is known gets
//! every answer whole and a thread records. Run with `--no-capture` it prints what it counted; `tests/flood` measures.

use std::io::{BufReader, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use datapunk_metrics::serve::Limits;

use crate::attack::{self, Load, answer, connect, request};
use crate::fixture::{Files, HiddenMetrics, Served, basic, sha256, user_of_cost};

/// How long it lasts.
const TIME: Duration = Duration::from_secs(4);

/// The memory of this process in MiB.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux");
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))
        .expect("a line");
    let kib: u64 = line
        .trim()
        .trim_end_matches(" kB")
        .parse()
        .expect("a number");
    kib / 1024
}

#[test]
fn a_known_scraper_is_served_while_strangers_flood() {
    let files = Files::new();
    let access = format!(
        "tokens:\n- {{principal: scraper, sha256: {}}}\n",
        sha256("the-token")
    );
    let web = format!("basic_auth_users:\n{}", user_of_cost("ann", "tea", 10));
    let mut limits = Limits::default();
    limits.connections = 128;
    limits.header_timeout = Duration::from_secs(1);
    let served = Served::start(files.builder(&web, &access).limits(limits));
    let address = served.address;
    let ann = request("/metrics", &basic("ann", "tea"), "");
    // Her password is verified once, before the flood.
    let mut known = BufReader::new(connect(address).expect("it listens"));
    known.get_mut().write_all(&ann).expect("it is sent");
    assert_eq!(answer(&mut known).expect("an answer").0, 200);

    let stop = Arc::new(AtomicBool::new(false));
    let before = resident();
    let page = request("/metrics", "Bearer the-token", "");
    let slow = attack::slow_readers(&stop, address, page, 30);
    let headers = attack::slow_headers(&stop, address, 20);
    let connections = attack::connections(&stop, address);
    let guesses: Vec<Load> = (0..24)
        .map(|number| attack::guesses(&stop, address, number))
        .collect();
    let recorded = Load::start(&stop, || {
        for _ in 0..1000 {
            HiddenMetrics::METRICS.coins_lost_total.inc();
        }
        1000
    });

    let started = Instant::now();
    let (mut scrapes, mut longest, mut last) = (0_u64, Duration::ZERO, 0.0);
    while started.elapsed() < TIME {
        let asked = Instant::now();
        known
            .get_mut()
            .write_all(&ann)
            .expect("her connection is kept");
        let (status, page) = answer(&mut known).expect("a whole answer");
        longest = longest.max(asked.elapsed());
        assert_eq!(status, 200);
        let coins = crate::fixture::sample(&page, "hidden_coins_lost_total");
        assert!(coins >= last, "{coins} after {last}");
        last = coins;
        scrapes += 1;
        // As on a new connection, with a token.
        if scrapes % 10 == 0 {
            let mut fresh = BufReader::new(connect(address).expect("it listens"));
            let _ = fresh.get_mut().write_all(&request(
                "/metrics",
                "Bearer the-token",
                "connection: close\r\n",
            ));
            // In such a crowd a new connection may be the oldest of the strangers; it comes again, as scrapers do.
            if let Some((status, _)) = answer(&mut fresh) {
                assert_eq!(status, 200);
            }
        }
        thread::sleep(Duration::from_millis(10));
    }
    stop.store(true, Ordering::Relaxed);
    let (connections, slow, headers) = (connections.end(), slow.end(), headers.end());
    let guesses: u64 = guesses.into_iter().map(Load::end).sum();
    let recorded = recorded.end();
    let grown = resident().saturating_sub(before);
    let authorization = [("authorization", "Bearer the-token")];
    let page = served.ask("GET", "/metrics", &authorization).body;
    let count =
        |series: &str| crate::fixture::sample(&page, &format!("datapunk_metrics_server_{series}"));
    let limited = count("logins_total{scheme=\"basic\",result=\"limited\"}");
    let refused = count("logins_total{scheme=\"basic\",result=\"refused\"}");
    println!(
        "{scrapes} scrapes in {TIME:?}, the longest {longest:?}; {connections} connections, {guesses} guesses \
         ({refused} refused, {limited} limited), {recorded} recordings, {grown} MiB more"
    );
    assert!(scrapes > 10 && connections > 100 && guesses > 10);
    assert!(slow >= 30 && headers >= 20);
    assert!(
        refused > 0.0 && limited > 0.0,
        "{refused} refused, {limited} limited"
    );
    let shown = format!("\nhidden_coins_lost_total {recorded}\n");
    assert!(
        page.contains(&shown),
        "something of {recorded} is lost:\n{page}"
    );
    assert!(grown < 128, "{grown} MiB");
}
