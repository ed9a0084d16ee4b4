//! The command line.

use std::path::PathBuf;

use support::{machine, results};

use crate::harness::Effort;

pub(crate) const HELP: &str = "\
Measures datapunk-metrics side by side with the other metrics libraries of crates.io.

usage: cargo bench --manifest-path tests/bench/Cargo.toml --bench compare -- [options] [filter]

  filter           measure the rows that have this in their name, and keep the others' results
  --quick          few rounds: to see that it works, not to publish
  --output <file>  write the results there, and not to tests/bench/compare.json
  --readme <file>  measure nothing: write the table of the results into this file, between its marks
                   `<!-- bench:begin -->` and `<!-- bench:end -->`
  --help           this text";

/// What the command line asks for.
#[derive(Debug, Default)]
pub(crate) struct Arguments {
    pub(crate) help: bool,
    pub(crate) quick: bool,
    /// Run by the bench itself, in a process of its own.
    pub(crate) own_costs: bool,
    pub(crate) filter: String,
    pub(crate) readme: Option<PathBuf>,
    output: Option<PathBuf>,
}

impl Arguments {
    pub(crate) fn parse(words: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut arguments = Self::default();
        let mut words = words.peekable();
        while let Some(word) = words.next() {
            let mut file = || {
                words
                    .next()
                    .map(PathBuf::from)
                    .ok_or_else(|| format!("`{word}` takes a file"))
            };
            match word.as_str() {
                // What cargo appends to every bench.
                "--bench" => {}
                "--help" | "-h" => arguments.help = true,
                "--quick" => arguments.quick = true,
                "--own-costs" => arguments.own_costs = true,
                "--output" => arguments.output = Some(file()?),
                "--readme" => arguments.readme = Some(file()?),
                option if option.starts_with('-') => {
                    return Err(format!("unknown option `{option}`"));
                }
                filter if arguments.filter.is_empty() => filter.clone_into(&mut arguments.filter),
                second => return Err(format!("a second filter, `{second}`")),
            }
        }
        Ok(arguments)
    }

    pub(crate) fn effort(&self) -> Effort {
        if self.quick {
            Effort::QUICK
        } else {
            Effort::FULL
        }
    }

    /// Where the results go.
    pub(crate) fn output(&self) -> PathBuf {
        self.output
            .clone()
            .unwrap_or_else(|| results::file("compare", &machine::profile()))
    }
}
