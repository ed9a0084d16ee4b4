//! The words and prefixes in a manifest, or in the file that it names.

use std::fs;
use std::path::Path;

use datapunk_metrics_conventions::{closest, is_snake_case};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::{Entry, Organisation, Problem, TABLE, changed, shown};
use crate::diag::list;

/// The key in the table.
const KEY: &str = "privacy";

/// What it has.
const KEYS: &[&str] = &["secrets", "personal", "identifiers", "secret_prefixes"];

/// Shorter prefixes are those of ordinary words.
const LEAST_PREFIX: usize = 3;

impl Organisation {
    pub(super) fn read_manifest(
        &mut self,
        manifest: &Path,
        text: &str,
        section: &str,
        root: &Path,
    ) {
        let Ok(parsed) = DeTable::parse(text) else {
            return;
        };
        let table = table(parsed.get_ref(), section).and_then(|section| table(section, "metadata"));
        let Some(value) = table
            .and_then(|metadata| table_value(metadata, TABLE))
            .and_then(|value| value.get_ref().as_table())
            .and_then(|own| table_value(own, KEY))
        else {
            return;
        };
        self.sources.push((manifest.to_owned(), changed(manifest)));
        let source = Source {
            name: shown(manifest, root),
            text,
        };
        match value.get_ref() {
            DeValue::Table(table) => self.read_table(table, &source),
            DeValue::String(file) => {
                let folder = manifest.parent().unwrap_or(root);
                self.read_file(
                    &folder.join(&**file),
                    &source.place(value.span().start),
                    root,
                );
            }
            _ => self.problems.push(Problem {
                fact: format!(
                    "`{KEY}` in {} is neither a table nor the name of a file",
                    source.place(value.span().start)
                ),
                help: format!(
                    "write `{KEY} = \"privacy.toml\"`, or a table with the keys {}",
                    list(KEYS)
                ),
            }),
        }
    }

    fn read_file(&mut self, file: &Path, named: &str, root: &Path) {
        let name = shown(file, root);
        let text = match fs::read_to_string(file) {
            Ok(text) => text,
            Err(error) => {
                self.problems.push(Problem {
                    fact: format!("`{name}`, named in {named}, can't be read: {error}"),
                    help: "write the file, or another name".to_owned(),
                });
                return;
            }
        };
        self.sources.push((file.to_owned(), changed(file)));
        let source = Source { name, text: &text };
        match DeTable::parse(&text) {
            Ok(table) => self.read_table(table.get_ref(), &source),
            Err(error) => {
                let at = error.span().map_or(0, |span| span.start);
                self.problems.push(Problem {
                    fact: format!("{} is not TOML: {}", source.place(at), error.message()),
                    help: format!("its keys are {}", list(KEYS)),
                });
            }
        }
    }

    fn read_table(&mut self, table: &DeTable<'_>, source: &Source<'_>) {
        for (key, value) in table {
            let place = source.place(key.span().start);
            let name: &str = key.get_ref();
            let Some(at) = KEYS.iter().position(|known| *known == name) else {
                self.problems.push(Problem {
                    fact: format!("unknown key `{name}` in {place}"),
                    help: match closest(name, KEYS.iter().copied()) {
                        Some(near) => format!("a key with a similar name exists: `{near}`"),
                        None => format!("the keys are {}", list(KEYS)),
                    },
                });
                continue;
            };
            let Some(values) = value.get_ref().as_array() else {
                self.problems.push(Problem {
                    fact: format!("`{name}` in {place} is not a list"),
                    help: format!("write `{name} = [\"…\"]`"),
                });
                continue;
            };
            for value in values {
                self.read_entry(at, value, source);
            }
        }
    }

    fn read_entry(&mut self, key: usize, value: &Spanned<DeValue<'_>>, source: &Source<'_>) {
        let place = source.place(value.span().start);
        let is_prefix = KEYS[key] == "secret_prefixes";
        let fits = |text: &&str| {
            if is_prefix {
                text.len() >= LEAST_PREFIX && text.bytes().all(|byte| byte.is_ascii_graphic())
            } else {
                is_snake_case(text)
            }
        };
        let Some(text) = value.get_ref().as_str().filter(fits) else {
            self.problems.push(Problem {
                fact: format!(
                    "an entry of `{}` in {place} is no {}",
                    KEYS[key],
                    if is_prefix { "prefix" } else { "word" }
                ),
                help: if is_prefix {
                    "write three or more characters without spaces, such as `\"acme_live_\"`"
                        .to_owned()
                } else {
                    "write it in snake_case, such as `\"badge_number\"`".to_owned()
                },
            });
            return;
        };
        let entry = Entry {
            text: text.to_owned(),
            place,
        };
        match key {
            0 => self.secrets.push(entry),
            1 => self.personal.push(entry),
            2 => self.identifiers.push(entry),
            _ => self.prefixes.push(entry),
        }
    }
}

/// Whether the workspace with this manifest does not want the package.
pub(super) fn excludes(text: &str, manifest: &Path, package: &Path) -> bool {
    DeTable::parse(text).is_ok_and(|parsed| {
        let excluded =
            table(parsed.get_ref(), "workspace").and_then(|own| table_value(own, "exclude"));
        let excluded = excluded.and_then(|list| list.get_ref().as_array());
        let folder = manifest.parent().unwrap_or(package);
        excluded.is_some_and(|list| {
            list.iter()
                .filter_map(|path| path.get_ref().as_str())
                .any(|path| package.starts_with(folder.join(path)))
        })
    })
}

struct Source<'a> {
    name: String,
    text: &'a str,
}

impl Source<'_> {
    /// The file and the line.
    fn place(&self, at: usize) -> String {
        let before = self.text.get(..at).unwrap_or(self.text);
        format!("`{}:{}`", self.name, 1 + before.matches('\n').count())
    }
}

fn table_value<'a, 'i>(table: &'a DeTable<'i>, key: &str) -> Option<&'a Spanned<DeValue<'i>>> {
    table
        .iter()
        .find(|(name, _)| name.get_ref() == key)
        .map(|(_, value)| value)
}

fn table<'a, 'i>(of: &'a DeTable<'i>, key: &str) -> Option<&'a DeTable<'i>> {
    table_value(of, key)?.get_ref().as_table()
}
