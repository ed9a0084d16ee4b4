//! Nothing that real servers have as label values is taken for a secret.

use std::collections::BTreeSet;
use std::time::Duration;

use datapunk_metrics::privacy::mask;
use support::server::{Alertmanager, Prometheus, Pushgateway};
use support::{http, wait};

/// The label values of an exposition, unescaped.
fn label_values(text: &str) -> BTreeSet<String> {
    let mut values = BTreeSet::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let mut rest = line;
        while let Some((_, behind)) = rest.split_once("=\"") {
            let mut value = String::new();
            let mut characters = behind.char_indices();
            let end = loop {
                match characters.next() {
                    Some((_, '\\')) => match characters.next() {
                        Some((_, 'n')) => value.push('\n'),
                        Some((_, escaped)) => value.push(escaped),
                        None => break behind.len(),
                    },
                    Some((at, '"')) => break at + 1,
                    Some((_, character)) => value.push(character),
                    None => break behind.len(),
                }
            };
            values.insert(value);
            rest = &behind[end..];
        }
    }
    values
}

fn assert_none_is_masked(whose: &str, values: &BTreeSet<String>) {
    let masked: Vec<&String> = values
        .iter()
        .filter(|value| mask(value) != **value)
        .collect();
    assert!(masked.is_empty(), "{whose}: {masked:#?}");
}

#[test]
fn no_label_value_of_the_real_servers_is_masked() {
    let pushgateway = Pushgateway::start();
    let alertmanager = Alertmanager::notifying("http://127.0.0.1:9/");
    let targets = [
        pushgateway.url().replace("http://", ""),
        alertmanager.address(),
    ];
    let prometheus = Prometheus::scraping(&targets);
    let own = prometheus.address();
    for target in targets.iter().chain([&own]) {
        let page = http::get(&format!("http://{target}/metrics")).expect("it answers");
        let values = label_values(&page.body);
        assert!(values.len() > 10, "{target}: {values:?}");
        // Their helps and names as well.
        let texts = values.into_iter().chain(
            page.body
                .lines()
                .filter(|line| line.starts_with('#'))
                .map(str::to_owned),
        );
        assert_none_is_masked(target, &texts.collect());
    }

    // And as Prometheus keeps them. Its index has the first names of a page before it has read the last one; a sample
    // is only found by a query when the whole page is kept.
    wait::until("both servers scraped", Duration::from_secs(30), || {
        let up = prometheus.query("up == 1")?;
        if up.len() == targets.len() {
            Ok(())
        } else {
            Err(format!("up: {up:?}"))
        }
    });
    let names = prometheus
        .strings("label/__name__/values")
        .expect("it answers");
    assert!(names.len() > 100, "{names:?}");
    let labels = prometheus.strings("labels").expect("it answers");
    assert!(labels.len() > 10, "{labels:?}");
    let mut all: BTreeSet<String> = names.into_iter().chain(labels.iter().cloned()).collect();
    for label in labels {
        let values = prometheus.strings(&format!("label/{label}/values"));
        all.extend(values.expect("it answers"));
    }
    assert_none_is_masked("Prometheus", &all);
}
