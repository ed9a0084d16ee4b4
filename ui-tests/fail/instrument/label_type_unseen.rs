use datapunk_metrics::instrument_metrics;

struct Request {
    cached: bool,
}

#[instrument_metrics(system = "cortex", labels(cached = request.cached))]
fn load(request: &Request) {
    let _ = request.cached;
}

fn main() {}
