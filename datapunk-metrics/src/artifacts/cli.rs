//! The command line that a service gets, and that of the program `datapunk-metrics`.
//!
//! Exit codes: 0 all is well, 1 there are findings, 2 the command line or an input is wrong, which is one line on standard
//! error. Standard output is what was asked for and nothing else.

mod commands;
mod output;
mod source;

use std::borrow::Borrow;
use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand, ValueEnum};

use self::source::Source;
use super::scrape::Endpoint;
use crate::identity::{self, Identity};
use crate::registry::{RegisterError, Registry};

/// The first argument that asks for these commands.
const METRICS: &str = "metrics";

const CODES: &str =
    "Exit codes: 0 all is well, 1 there are findings, 2 the command line or an input is wrong.";

#[derive(Debug, Parser)]
#[command(about = "What operators need of the service's metrics", after_help = CODES, version)]
struct OfService {
    #[command(subcommand)]
    command: Command,
}

/// What operators need of the metrics of services
#[derive(Debug, Parser)]
#[command(name = "datapunk-metrics", after_help = CODES, version)]
struct StandAlone {
    /// A service's binary, which is asked for its catalogue, or a catalogue that it wrote; once for each service
    #[arg(long = "from", value_name = "FILE", required = true)]
    from: Vec<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
enum Command {
    /// Table of all metrics: name, kind, unit, labels, series, bound, retention, where declared
    List {
        #[command(flatten)]
        sets: Sets,
        #[command(flatten)]
        format: ListFormat,
    },
    /// The catalogue of all metrics
    Catalogue {
        #[command(flatten)]
        sets: Sets,
        /// For people or for programs
        #[arg(long, value_enum, default_value_t = Page::Markdown)]
        format: Page,
        /// File to write instead of standard output
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// Alert and recording rules
    Rules {
        #[command(flatten)]
        part: Part,
    },
    /// Configuration of Prometheus: scrape jobs, guards, retention classes
    Prometheus {
        #[command(flatten)]
        part: Part,
    },
    /// Configuration of Alertmanager: routes, inhibitions, receivers, templates
    Alertmanager {
        #[command(flatten)]
        part: Part,
    },
    /// Grafana's dashboards, and the files that make it load them
    Dashboards {
        #[command(flatten)]
        part: Part,
    },
    /// All of it: catalogue, lock, rules, Prometheus, Alertmanager, Grafana
    All {
        /// The deployment: where services and servers run
        #[arg(long, value_name = "FILE")]
        deployment: PathBuf,
        /// Folder to write below
        #[arg(long, value_name = "FOLDER")]
        out: PathBuf,
    },
    /// Hold all metrics to the standard once more, as the whole program has them
    Lint {
        #[command(flatten)]
        format: FindingsFormat,
    },
    /// Hold rule files against the metrics of the services: names, labels, label values, buckets
    CheckRules {
        /// Files with alert and recording rules, or folders of them
        #[arg(required = true)]
        files: Vec<PathBuf>,
        /// A metric of other software that rules read, with its labels: `rabbitmq_queue_messages=queue,vhost`
        #[arg(long, value_name = "NAME=LABELS")]
        external: Vec<String>,
        #[command(flatten)]
        format: FindingsFormat,
    },
    /// Write the schema lock, which is committed
    Lock {
        /// File to write
        #[arg(long, value_name = "FILE", default_value = "metrics.lock")]
        out: PathBuf,
    },
    /// Compare a lock with the metrics as they are, or with another lock; a service looks at its own metrics
    Diff {
        /// The lock as it was
        old: PathBuf,
        /// The lock as it is, instead of the metrics of the service
        new: Option<PathBuf>,
        /// Alert rules and dashboards, files or folders; those that break are named
        #[arg(long = "used-in", value_name = "PATH")]
        used_in: Vec<PathBuf>,
        #[command(flatten)]
        format: FindingsFormat,
    },
    /// Check a running target against the catalogue: missing, undeclared, of another type, over budget
    Scrape {
        #[command(flatten)]
        endpoint: Endpoint,
        #[command(flatten)]
        format: FindingsFormat,
    },
}

/// A part of the bundle.
#[derive(Clone, Debug, clap::Args)]
struct Part {
    /// The deployment: where services and servers run
    #[arg(long, value_name = "FILE")]
    deployment: PathBuf,
    /// Folder to write below, instead of standard output
    #[arg(long, value_name = "FOLDER")]
    out: Option<PathBuf>,
    /// How files are printed
    #[arg(long, value_enum, default_value_t = Files::Text)]
    format: Files,
}

#[derive(Clone, Debug, clap::Args)]
struct Sets {
    /// A metric set, such as `HttpMetrics`, instead of all; once for each set
    #[arg(long = "set", value_name = "NAME")]
    names: Vec<String>,
}

#[derive(Clone, Copy, Debug, clap::Args)]
struct ListFormat {
    /// For people or for programs
    #[arg(long, value_enum, default_value_t = Table::Table)]
    format: Table,
}

#[derive(Clone, Copy, Debug, clap::Args)]
struct FindingsFormat {
    /// For people or for programs
    #[arg(long, value_enum, default_value_t = Text::Text)]
    format: Text,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Table {
    /// Aligned columns.
    Table,
    /// A JSON array.
    Json,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Page {
    /// Markdown.
    Markdown,
    /// JSON, which this program reads.
    Json,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Text {
    /// One finding after the other.
    Text,
    /// A JSON array.
    Json,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Files {
    /// One file after the other.
    Text,
    /// A JSON object with the text of each file.
    Json,
}

/// What came of a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    Fine,
    Findings,
}

/// Does what `<program> metrics …` asks for, if that is how the program was called; else nothing.
///
/// `service` is the name that the service has in scrape jobs; `registry` are its metrics, such as
/// [`registry`](crate::registry()). Where the [`identity`] is set before, it is of the same service, and the
/// catalogue has its version.
///
/// ```no_run
/// use std::process::ExitCode;
///
/// fn main() -> ExitCode {
///     if let Some(code) = datapunk_metrics::artifacts::cli::run_if_asked("lake", datapunk_metrics::registry) {
///         return code;
///     }
///     // The service, with a command line of its own.
///     ExitCode::SUCCESS
/// }
/// ```
#[must_use = "it is the exit code of a command that has been run"]
pub fn run_if_asked<R: Borrow<Registry>>(
    service: &str,
    registry: impl FnOnce() -> Result<R, RegisterError>,
) -> Option<ExitCode> {
    let arguments: Vec<OsString> = std::env::args_os().skip(1).collect();
    let (first, rest) = arguments.split_first()?;
    if first != METRICS {
        return None;
    }
    let name = OsString::from(format!("{service} {METRICS}"));
    let parsed = OfService::try_parse_from(core::iter::once(&name).chain(rest));
    if let Some(other) = other_service(service, identity::get()) {
        return Some(failure(&other));
    }
    Some(match parsed {
        Ok(OfService { command }) => match registry() {
            Ok(registry) => run(&command, &Source::Registry(service, registry.borrow())),
            Err(error) => failure(&error.to_string()),
        },
        Err(error) => usage(&error),
    })
}

/// What is wrong where the process says that it is another service: its pushes would be of that one, its scrape jobs of
/// this one.
fn other_service(service: &str, identity: Option<&Identity>) -> Option<String> {
    let other = identity.filter(|identity| identity.service() != service)?;
    Some(format!(
        "the service is `{service}` here, and `{}` in its identity",
        other.service()
    ))
}

/// The program `datapunk-metrics`.
#[must_use]
pub fn main() -> ExitCode {
    match StandAlone::try_parse() {
        Ok(StandAlone { from, command }) => run(&command, &Source::Files(from)),
        Err(error) => usage(&error),
    }
}

fn run(command: &Command, source: &Source<'_>) -> ExitCode {
    match commands::run(command, source) {
        Ok(Outcome::Fine) => ExitCode::SUCCESS,
        Ok(Outcome::Findings) => ExitCode::from(1),
        Err(message) => failure(&message),
    }
}

fn failure(message: &str) -> ExitCode {
    output::error(message);
    ExitCode::from(2)
}

/// Help and version are asked for; everything else is a mistake.
fn usage(error: &clap::Error) -> ExitCode {
    // A reader that is gone is no reason for another exit code.
    let _ = error.print();
    if error.use_stderr() {
        ExitCode::from(2)
    } else {
        ExitCode::SUCCESS
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_has_one_name() {
        let lake = Identity::new("lake");
        assert_eq!(other_service("lake", None), None);
        assert_eq!(other_service("lake", Some(&lake)), None);
        assert_eq!(
            other_service("pond", Some(&lake)).as_deref(),
            Some("the service is `pond` here, and `lake` in its identity")
        );
    }
}
