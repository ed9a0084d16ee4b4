//! The standard's metrics: what a program exposes of them, and that their names are those of the standard.

use datapunk_metrics::encode::{Format, encode};
use datapunk_metrics::{Counter, MetricSet, Registry, registry};

/// A set of a library, exposed where it is asked for.
#[derive(MetricSet)]
#[metrics(namespace = "vault", unlinked)]
struct VaultMetrics {
    /// Doors opened.
    doors_opened_total: Counter,
}

/// A set that holds it. The crate of the set may be any.
#[derive(MetricSet)]
#[metrics(namespace = "bank", unlinked)]
struct BankMetrics {
    /// Visitors let in.
    visitors_admitted_total: Counter,
    vault: VaultMetrics,
}

/// A set of the program with a name that the library's has.
mod of_the_program {
    use datapunk_metrics::{Counter, MetricSet};

    #[derive(MetricSet)]
    #[metrics(namespace = "vault")]
    pub(super) struct OwnMetrics {
        /// Doors opened in another sense.
        pub(super) doors_opened_total: Counter,
    }
}

fn text(registry: &Registry) -> String {
    encode(registry, Format::Text).expect("nothing is read at scrape time")
}

#[test]
fn an_unlinked_set_is_exposed_only_where_it_is_asked_for() {
    of_the_program::OwnMetrics::METRICS
        .doors_opened_total
        .add(3);
    VaultMetrics::METRICS.doors_opened_total.inc();
    let program = registry().expect("the unlinked set does not clash");
    let text_of_program = text(program);
    assert!(
        text_of_program.contains("\nvault_doors_opened_total 3\n"),
        "{text_of_program}"
    );
    assert!(!text_of_program.contains("bank_"));

    let own = Registry::new();
    own.register::<BankMetrics>().expect("it does not clash");
    let text_of_own = text(&own);
    assert!(
        text_of_own.contains("\nvault_doors_opened_total 1\n"),
        "{text_of_own}"
    );
    assert!(text_of_own.contains("\nbank_visitors_admitted_total 0\n"));

    let error = program
        .register::<BankMetrics>()
        .expect_err("both in one registry clash");
    assert_eq!(error.first().0, "vault_doors_opened_total");
    assert_eq!(error.second().0, "vault_doors_opened_total");
    assert!(
        !text(program).contains("bank_"),
        "nothing of a set that clashes is added"
    );
}
