//! Without the feature `organisation`, a manifest that has words of an organisation is a mistake: they would be passed over
//! in silence.

use std::path::Path;

use super::{Organisation, Problem, TABLE, changed, shown};

impl Organisation {
    pub(super) fn read_manifest(
        &mut self,
        manifest: &Path,
        text: &str,
        section: &str,
        root: &Path,
    ) {
        let name = format!("{section}.metadata.{TABLE}");
        let has_table = text.lines().any(|line| {
            let line = line.trim_start();
            line.starts_with(&format!("[{name}")) || line.starts_with(&format!("{TABLE}."))
        });
        if has_table {
            self.sources.push((manifest.to_owned(), changed(manifest)));
            self.problems.push(Problem {
                fact: format!(
                    "`{name}` in `{}` is not read without the feature `organisation`",
                    shown(manifest, root)
                ),
                help: "write `datapunk-metrics = { …, features = [\"organisation\"] }`".to_owned(),
            });
        }
    }
}

/// Unknown, as the manifest is not parsed.
pub(super) fn excludes(_text: &str, _manifest: &Path, _package: &Path) -> bool {
    false
}
