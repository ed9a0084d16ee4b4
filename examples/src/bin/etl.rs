//! A job that loads rows, pushes its metrics and exits: nobody could scrape it in time.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use clap::Parser;
use datapunk_metrics::identity::{self, Identity};
use datapunk_metrics::push::{BuildError, Method, PushMetrics, Pushgateway};
use datapunk_metrics::{
    Counter, Gauge, LabelSet, LabelValue, MetricSet, RegisterError, Registry, standard_set,
};
use datapunk_metrics_examples::service::{complain, fail};

/// A job that sums amounts by region, pushes its metrics to a Pushgateway and exits
///
/// The input has a line for each order, `<region>,<amount>`; what can't be read is counted and left out. The sums are
/// written as lines of the same form. The job's exit code is that of its work: a push that fails is a warning.
#[derive(Parser)]
#[command(version)]
struct Cli {
    /// File of orders; a few built-in ones unless given
    #[arg(long, value_name = "FILE")]
    input: Option<PathBuf>,
    /// File for the sums; printed unless given
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Address of the Pushgateway
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:9091")]
    pushgateway: String,
    /// Instance of the job, where it runs in several places
    #[arg(long, value_name = "NAME")]
    instance: Option<String>,
    /// User of the Pushgateway; the password is read from the environment variable `PUSH_PASSWORD`
    #[arg(long, value_name = "NAME")]
    user: Option<String>,
    /// Delete what earlier runs pushed, and do nothing else
    #[arg(long)]
    delete: bool,
}

#[derive(Clone, Copy, LabelValue)]
enum EtlJob {
    RegionSums,
}

#[derive(Clone, Copy, LabelValue)]
enum RowResult {
    Loaded,
    Malformed,
}

#[derive(Clone, Copy, LabelSet)]
struct RowLabels {
    result: RowResult,
}

standard_set! {
    /// The state of the job.
    struct Jobs: EtlMetrics { etl_job: EtlJob }
}

/// Metrics of the job.
#[derive(MetricSet)]
#[metrics(namespace = "etl")]
struct EtlMetrics {
    /// Rows of the input, by what became of them.
    rows_total: Counter<RowLabels>,
    /// Time that the last run took.
    last_run_duration_seconds: Gauge<(), f64>,
    /// When the last run succeeded.
    last_success_timestamp_seconds: Gauge<(), f64>,
    jobs: Jobs,
}
const ETL: EtlMetrics = EtlMetrics::METRICS;

const ORDERS: &str = "north,12.50\nsouth,7\nnorth,30.25\nwest,lots\neast,3.75\n";

fn main() -> ExitCode {
    let cli = Cli::parse();
    let gateway = match gateway(&cli) {
        Ok(gateway) => gateway,
        Err(error) => return fail(&error),
    };
    if cli.delete {
        return match gateway.delete() {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => fail(&error),
        };
    }
    ETL.jobs.running(EtlJob::RegionSums);
    let started = Instant::now();
    let done = run(cli.input.as_deref(), cli.output.as_deref());
    ETL.last_run_duration_seconds
        .set(started.elapsed().as_secs_f64());
    if done.is_ok() {
        ETL.jobs.succeeded(EtlJob::RegionSums);
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        ETL.last_success_timestamp_seconds
            .set(now.unwrap_or_default().as_secs_f64());
    } else {
        ETL.jobs.failed(EtlJob::RegionSums);
    }
    if let Err(error) = gateway.push() {
        complain(&format!("warning: {error}"));
    }
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&error),
    }
}

/// The client. This package links the services too, so the job pushes a registry of its own sets.
fn gateway(cli: &Cli) -> Result<Pushgateway, String> {
    // The group is named by the job and by who runs it.
    let mut identity = Identity::new("etl").version(env!("CARGO_PKG_VERSION"));
    if let Some(instance) = &cli.instance {
        identity = identity.instance(instance);
    }
    identity::set(identity).map_err(|error| error.to_string())?;
    let mut builder = Pushgateway::builder(&cli.pushgateway, "region_sums")
        .registry(sets().map_err(|error| error.to_string())?)
        // A run that fails has no time of success, and leaves that of an earlier run where it is.
        .method(Method::Add)
        .total_timeout(Duration::from_secs(10));
    if let Some(user) = &cli.user {
        let password = std::env::var("PUSH_PASSWORD")
            .map_err(|_| "`--user` needs the environment variable `PUSH_PASSWORD`")?;
        builder = builder.basic_auth(user, &password);
    }
    builder
        .build()
        .map_err(|error: BuildError| error.to_string())
}

fn sets() -> Result<Registry, RegisterError> {
    let registry = Registry::new();
    registry
        .register::<EtlMetrics>()?
        .register::<PushMetrics>()?;
    Ok(registry)
}

/// Reads the orders, sums them and writes the sums.
fn run(input: Option<&Path>, output: Option<&Path>) -> Result<(), String> {
    let orders = match input {
        Some(path) => fs::read_to_string(path)
            .map_err(|error| format!("can't read `{}`: {error}", path.display()))?,
        None => ORDERS.to_owned(),
    };
    let mut sums = BTreeMap::<&str, f64>::new();
    for line in orders.lines().filter(|line| !line.is_empty()) {
        let row = line
            .split_once(',')
            .and_then(|(region, amount)| Some((region, amount.trim().parse::<f64>().ok()?)));
        let result = match row {
            Some((region, amount)) => {
                *sums.entry(region).or_default() += amount;
                RowResult::Loaded
            }
            None => RowResult::Malformed,
        };
        ETL.rows_total.with(RowLabels { result }).inc();
    }
    let mut text = String::new();
    for (region, sum) in sums {
        // Writing to a string does not fail.
        let _ = writeln!(text, "{region},{sum:.2}");
    }
    if let Some(path) = output {
        return fs::write(path, text)
            .map_err(|error| format!("can't write `{}`: {error}", path.display()));
    }
    // `print!` would panic where the reader is gone, and nothing would be pushed.
    let mut printed = io::stdout().lock();
    let written = printed.write_all(text.as_bytes());
    written
        .and_then(|()| printed.flush())
        .map_err(|error| format!("can't print the sums: {error}"))
}
