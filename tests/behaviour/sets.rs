//! What sets are to a registry: once each, nested ones with them, and no two metrics of one name.

use datapunk_metrics::{Counter, MetricSet};

use super::{registry_of, samples};

#[test]
fn a_set_is_registered_once_however_often_it_is_added_and_shows_the_sets_that_it_holds() {
    #[derive(MetricSet)]
    #[metrics(namespace = "nested")]
    struct Nested {
        /// Events.
        events_total: Counter,
    }
    #[derive(MetricSet)]
    #[metrics(namespace = "nesting")]
    struct Nesting {
        /// Events.
        events_total: Counter,
        nested: Nested,
    }
    let registry = registry_of::<Nesting>();
    registry.register::<Nesting>().expect("the same set again");
    registry
        .register::<Nested>()
        .expect("a set that is there through another");
    Nesting::METRICS.nested.events_total.add(2);
    let samples = samples(&registry);
    assert_eq!(samples.get("nesting_events_total"), Some(0.0));
    assert_eq!(
        samples.get("nested_events_total"),
        Some(2.0),
        "the outer namespace does not prefix it again"
    );
    assert_eq!(samples.0.len(), 2);
    assert_eq!(registry.sets().len(), 2);
}

#[test]
fn two_metrics_of_one_name_clash_at_run_time_and_nothing_is_added() {
    #[derive(MetricSet)]
    #[metrics(namespace = "clash")]
    struct First {
        /// Events.
        events_total: Counter,
    }
    #[derive(MetricSet)]
    #[metrics(namespace = "clash")]
    struct Second {
        /// Others.
        others_total: Counter,
        /// Events.
        #[metric(allow(duplicate, reason = "the clash is what is tested"))]
        events_total: Counter,
    }
    let registry = registry_of::<First>();
    let error = registry
        .register::<Second>()
        .expect_err("the name is taken");
    assert_eq!(
        (error.first().0, error.second().0),
        ("clash_events_total", "clash_events_total")
    );
    let (first, second) = (error.first().1, error.second().1);
    assert!(
        first.file.ends_with("sets.rs") && second.file.ends_with("sets.rs"),
        "{error}"
    );
    assert!(first.line < second.line, "{error}");
    assert!(
        error
            .to_string()
            .starts_with("metric `clash_events_total` is declared twice\n"),
        "{error}"
    );
    assert_eq!(
        samples(&registry).0.keys().collect::<Vec<_>>(),
        ["clash_events_total"]
    );
}

#[test]
fn the_help_is_the_first_paragraph_of_the_documentation() {
    /// What operators read.
    ///
    /// What programmers read.
    #[derive(MetricSet)]
    #[metrics(namespace = "documented")]
    struct Documented {
        /// Pages
        /// written.
        ///
        /// Those that were torn out are counted as well.
        pages_written_total: Counter,
    }
    assert_eq!(Documented::DESCRIPTOR.help, "What operators read.");
    assert_eq!(Documented::DESCRIPTOR.metrics[0].help, "Pages written.");
}
