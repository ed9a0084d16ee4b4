//! Near misses of the mistakes in `fail/instrument`.

use std::future::Future;

use datapunk_metrics::{
    Counter, LabelSet, LabelValue, MetricSet, Outcome, StatusCode, instrument_metrics,
};

#[derive(Clone, Copy, LabelValue)]
enum Model {
    Bert,
}

struct Request {
    cached: bool,
}

// Base units and words that only hold another word are fine.
#[instrument_metrics(system = "cortex", buckets = [0.1, 1.0])]
fn load_hourglass() {}

#[instrument_metrics(system = "cortex", name = "load_seconds")]
fn load_ms() {}

// A safe last word, an identifier as a closed enum, a keyword.
#[instrument_metrics(
    system = "cortex",
    labels(email_provider = Model::Bert, instance_type = true, r#type = Model::Bert)
)]
fn label() {}

// The type is written where it can't be seen.
#[instrument_metrics(
    system = "cortex",
    labels(cached: bool = request.cached, model = model, kind: Model = |_| Model::Bert)
)]
fn typed(request: &Request, model: Model) -> Result<(), std::io::Error> {
    let _ = (request, model);
    Ok(())
}

// What a call ends with may come from its error.
#[instrument_metrics(system = "cortex", labels(status: StatusCode = |_| StatusCode::BAD_GATEWAY), max_series = 4000)]
fn status() -> Result<(), ()> {
    Ok(())
}

// The future is seen.
#[instrument_metrics(system = "cortex")]
fn future() -> impl Future<Output = ()> {
    async {}
}

struct Cache;

#[instrument_metrics(system = "cache")]
impl Cache {
    #[instrument_metrics(skip)]
    const fn size(&self) -> usize {
        1
    }

    fn get(&self) -> usize {
        self.size()
    }

    #[instrument_metrics(system = "cache", name = "put_away")]
    fn put(&self) {}
}

#[derive(Clone, Copy, LabelSet)]
struct CallEnd {
    outcome: Outcome,
}

#[derive(MetricSet)]
#[metrics(namespace = "bare")]
struct BareMetrics {
    /// Calls.
    #[metric(role = calls)]
    calls_total: Counter,
}

#[instrument_metrics(set = BareMetrics)]
fn bare() {}

fn main() {
    load_hourglass();
    load_ms();
    label();
    typed(&Request { cached: true }, Model::Bert).unwrap();
    status().unwrap();
    drop(future());
    Cache.get();
    Cache.put();
    bare();
    let _ = CallEnd {
        outcome: Outcome::Ok,
    };
}
