//! The generated crates: the same hundred metrics in ten modules, with each library.

use std::fs;
use std::path::{Path, PathBuf};

use support::results;

/// Each area is a module with ten metrics.
const AREAS: [&str; 10] = [
    "alpha", "bravo", "charlie", "delta", "echo", "foxtrot", "golf", "hotel", "india", "juliett",
];

/// A library, and how its crate is written. The templates are those of the area `alpha`.
#[derive(Debug)]
pub(crate) struct Contender {
    name: &'static str,
    /// Lines of the manifest's `[dependencies]`.
    dependencies: &'static str,
    /// What is below that.
    features: &'static str,
    lib: &'static str,
    area: &'static str,
}

pub(crate) const CONTENDERS: [Contender; 4] = [
    Contender {
        name: "ours",
        dependencies: r#"datapunk-metrics = { path = "TOOLKIT" }"#,
        features: "[features]\nbridge = [\"datapunk-metrics/prometheus-client\"]\n",
        lib: include_str!("templates/ours/lib.rs"),
        area: include_str!("templates/ours/area.rs"),
    },
    Contender {
        name: "vise",
        dependencies: r#"vise = "0.3.2""#,
        features: "",
        lib: include_str!("templates/vise/lib.rs"),
        area: include_str!("templates/vise/area.rs"),
    },
    Contender {
        name: "prometheus-client",
        dependencies: r#"prometheus-client = "0.26.0""#,
        features: "",
        lib: include_str!("templates/prometheus_client/lib.rs"),
        area: include_str!("templates/prometheus_client/area.rs"),
    },
    // What cargo and rustc take for a crate without a line of code.
    Contender {
        name: "no metrics",
        dependencies: "",
        features: "",
        lib: "",
        area: "",
    },
];

/// A generated crate.
#[derive(Debug)]
pub(crate) struct Project {
    pub(crate) name: &'static str,
    pub(crate) folder: PathBuf,
    pub(crate) has_bridge: bool,
}

impl Project {
    /// Writes the crate of `contender` into a folder below `parent`.
    pub(crate) fn generate(parent: &Path, contender: &Contender) -> Result<Self, String> {
        let project = Self {
            name: contender.name,
            folder: parent.join(contender.name.replace(' ', "-")),
            has_bridge: !contender.features.is_empty(),
        };
        project
            .write(contender)
            .map_err(|error| format!("{}: {error}", project.folder.display()))?;
        Ok(project)
    }

    fn write(&self, contender: &Contender) -> std::io::Result<()> {
        let bench = results::folder();
        let toolkit = bench.join("../../datapunk-metrics").canonicalize()?;
        let toolkit = toolkit.display().to_string().replace('\\', "/");
        fs::create_dir_all(self.folder.join("src"))?;
        fs::write(
            self.folder.join("Cargo.toml"),
            format!(
                "[package]\nname = \"hundred\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[workspace]\n\n\
                 [dependencies]\n{}\n\n{}",
                contender.dependencies.replace("TOOLKIT", &toolkit),
                contender.features,
            ),
        )?;
        // The versions that the comparison of run times uses.
        fs::copy(bench.join("Cargo.lock"), self.folder.join("Cargo.lock"))?;
        let mut lib = contender.lib.to_owned();
        if !contender.area.is_empty() {
            for area in AREAS {
                lib += "\npub mod ";
                lib += area;
                lib += ";";
                fs::write(
                    self.folder.join("src").join(format!("{area}.rs")),
                    in_area(contender.area, area),
                )?;
            }
        }
        fs::write(self.lib(), lib + "\n")
    }

    /// The crate's root.
    pub(crate) fn lib(&self) -> PathBuf {
        self.folder.join("src/lib.rs")
    }

    /// Where its builds go.
    pub(crate) fn target(&self) -> PathBuf {
        self.folder.join("target")
    }
}

/// The template of `alpha` for another area.
fn in_area(template: &str, area: &str) -> String {
    let (first, rest) = area.split_at(1);
    template
        .replace("alpha", area)
        .replace("Alpha", &format!("{}{rest}", first.to_uppercase()))
        .replace("ALPHA", &area.to_uppercase())
}
