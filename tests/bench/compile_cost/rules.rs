//! A file of a hundred rules against three hundred metrics: what its check costs, and what it costs when it fails.

#[path = "../../rules/hundred.rs"]
mod hundred;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use serde_json::{Map, Value, json};
use support::results;
use support::statistics::{median, rounded};

/// The name of each figure, and its crate: the metrics alone, with rules that fit, and with two wrong names in each.
const CRATES: [(&str, &str, Content); 3] = [
    ("metrics_alone_s", "metrics without rules", Content::Metrics),
    ("check_s", "with a hundred rules", Content::Rules),
    (
        "check_with_mistakes_s",
        "with 200 mistakes in them",
        Content::Mistakes,
    ),
];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Content {
    Metrics,
    Rules,
    Mistakes,
}

/// Generates the crates below `parent`, and measures them; times are medians of rounds in which each is checked once.
pub(crate) fn measure(parent: &Path, quick: bool) -> Result<Value, String> {
    let target = parent.join("rules-target");
    let mut folders = Vec::new();
    for (name, _, content) in CRATES {
        let folder = parent.join(format!("rules-{}", name.replace('_', "-")));
        write(&folder, name, content).map_err(|error| format!("{}: {error}", folder.display()))?;
        // The first check makes the dependencies.
        check(&folder, &target, content)?;
        folders.push(folder);
    }
    let mut times = vec![Vec::new(); CRATES.len()];
    for round in 0..if quick { 1 } else { 7 } {
        for turn in 0..CRATES.len() {
            let place = (round + turn) % CRATES.len();
            times[place].push(check(&folders[place], &target, CRATES[place].2)?);
        }
    }
    println!("\n300 metrics");
    let mut figures = Map::new();
    for ((key, what, _), times) in CRATES.iter().zip(&times) {
        let time = median(times);
        println!("{what:<34}{time:>18.2} s");
        figures.insert((*key).to_owned(), json!(rounded(time)));
    }
    Ok(Value::Object(figures))
}

fn write(folder: &Path, name: &str, content: Content) -> std::io::Result<()> {
    let bench = results::folder();
    let toolkit = bench.join("../../datapunk-metrics").canonicalize()?;
    fs::create_dir_all(folder.join("src"))?;
    fs::write(
        folder.join("Cargo.toml"),
        format!(
            "[package]\nname = \"{name}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[workspace]\n\n\
             [dependencies]\ndatapunk-metrics = {{ path = \"{}\", features = [\"rules\"] }}\n",
            toolkit.display().to_string().replace('\\', "/"),
        ),
    )?;
    fs::copy(bench.join("../../Cargo.lock"), folder.join("Cargo.lock"))?;
    let source = hundred::source();
    let source = match content {
        // The import of the macro stays, unused.
        Content::Metrics => source.split("\n/// The rules.").next().unwrap_or_default(),
        Content::Rules | Content::Mistakes => &source,
    };
    fs::write(folder.join("src/lib.rs"), source)?;
    fs::write(
        folder.join("rules.yml"),
        hundred::rules(content == Content::Mistakes),
    )
}

/// Seconds of one check of the crate, from nothing: what was worked out before would be kept otherwise.
fn check(folder: &Path, target: &Path, content: Content) -> Result<f64, String> {
    let lib: PathBuf = folder.join("src/lib.rs");
    let text = fs::read_to_string(&lib).map_err(|error| error.to_string())?;
    fs::write(&lib, text).map_err(|error| error.to_string())?;
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let start = Instant::now();
    let output = Command::new(cargo)
        .args(["--offline", "check"])
        .current_dir(folder)
        .env("CARGO_TARGET_DIR", target)
        .env("CARGO_INCREMENTAL", "0")
        .output()
        .map_err(|error| format!("cargo: {error}"))?;
    let seconds = start.elapsed().as_secs_f64();
    let log = String::from_utf8_lossy(&output.stderr);
    let mistakes = if content == Content::Mistakes {
        hundred::RULES * hundred::MISTAKES_OF_A_RULE
    } else {
        0
    };
    let found = log.matches("no set declares a metric").count();
    if found != mistakes || output.status.success() != (mistakes == 0) {
        return Err(format!("{found} mistakes in {}:\n{log}", folder.display()));
    }
    Ok(seconds)
}
