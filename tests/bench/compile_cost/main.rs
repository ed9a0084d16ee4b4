//! What a hundred metrics cost to compile: ours, vise, and prometheus-client by hand; and what a hundred rules do.
//!
//! What the columns mean is in the README beside this package.

#![expect(
    clippy::cast_precision_loss,
    reason = "lines and crates are far below 2^53"
)]

mod generate;
mod measure;
mod rules;

use std::process::ExitCode;

use serde_json::{Map, Value, json};
use support::statistics::rounded;
use support::{machine, results};

use generate::{CONTENDERS, Project};
use measure::{Cost, Figures};

const HELP: &str = "\
Measures what a generated crate with a hundred metrics costs to compile.

usage: cargo bench --manifest-path tests/bench/Cargo.toml --bench compile_cost -- [options]

  --rules          the rules alone; the other results stay
  --quick          few rounds: to see that it works, not to publish
  --output <file>  write the results there, and not to tests/bench/compile_cost.json
  --help           this text";

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), String> {
    let (mut quick, mut only_rules) = (false, false);
    let mut output = results::file("compile_cost", "release");
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        match word.as_str() {
            // What cargo appends to every bench.
            "--bench" => {}
            "--quick" => quick = true,
            "--rules" => only_rules = true,
            "--output" => output = words.next().ok_or("`--output` takes a file")?.into(),
            "--help" | "-h" => {
                println!("{HELP}");
                return Ok(());
            }
            unknown => return Err(format!("unknown option `{unknown}`\n\n{HELP}")),
        }
    }

    let mut machine = machine::describe();
    println!("{}", machine::sentence(&machine));
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    if only_rules {
        if quick {
            machine["quick"] = json!(true);
        }
        let mut new = Map::from_iter([("machine".to_owned(), machine)]);
        new.insert("rules".to_owned(), rules::measure(folder.path(), quick)?);
        let failed = |error| format!("{}: {error}", output.display());
        let old = results::read(&output).map_err(failed)?;
        return results::write(&output, &results::merged(old, new)).map_err(failed);
    }
    let projects = CONTENDERS
        .iter()
        .map(|contender| Project::generate(folder.path(), contender))
        .collect::<Result<Vec<_>, _>>()?;
    let costs = measure::all(&projects, quick)?;
    print(&projects, &costs);
    let of_rules = rules::measure(folder.path(), quick)?;

    if quick {
        machine["quick"] = json!(true);
    }
    let mut written = Map::new();
    written.insert("machine".to_owned(), machine);
    for (project, costs) in projects.iter().zip(&costs) {
        written.insert(project.name.to_owned(), figures(costs));
    }
    written.insert("rules".to_owned(), of_rules);
    results::write(&output, &written).map_err(|error| format!("{}: {error}", output.display()))?;
    println!("\nwritten to {}", output.display());
    Ok(())
}

fn figures(costs: &Figures) -> Value {
    let figures: Map<String, Value> = costs
        .iter()
        .map(|(cost, value)| (cost.key().to_owned(), json!(rounded(*value))))
        .collect();
    Value::Object(figures)
}

fn print(projects: &[Project], costs: &[Figures]) {
    print!("\n{:<34}", "100 metrics");
    for project in projects {
        print!("{:>20}", project.name);
    }
    println!();
    for cost in Cost::ALL {
        print!("{:<34}", cost.what());
        for figures in costs {
            match figures.get(&cost) {
                Some(value) if cost.in_seconds() => print!("{value:>18.2} s"),
                Some(value) => print!("{value:>20}"),
                None => print!("{:>20}", "–"),
            }
        }
        println!();
    }
}
