//! Building the generated crates and taking the time.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::path::Path;
use std::process::Command;
use std::time::{Instant, SystemTime};

use support::statistics::median;

use crate::generate::Project;

/// What is measured of each crate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Cost {
    Crates,
    CratesWithBridge,
    CleanCheck,
    TouchCheck,
    TouchBuild,
    IrLines,
    IrLinesRelease,
}

impl Cost {
    pub(crate) const ALL: [Self; 7] = [
        Self::Crates,
        Self::CratesWithBridge,
        Self::CleanCheck,
        Self::TouchCheck,
        Self::TouchBuild,
        Self::IrLines,
        Self::IrLinesRelease,
    ];

    pub(crate) fn key(self) -> &'static str {
        match self {
            Self::Crates => "crates",
            Self::CratesWithBridge => "crates_with_bridge",
            Self::CleanCheck => "clean_check_s",
            Self::TouchCheck => "touch_check_s",
            Self::TouchBuild => "touch_build_s",
            Self::IrLines => "llvm_ir_lines",
            Self::IrLinesRelease => "llvm_ir_lines_release",
        }
    }

    pub(crate) fn what(self) -> &'static str {
        match self {
            Self::Crates => "crates it depends on",
            Self::CratesWithBridge => "  with the prometheus-client bridge",
            Self::CleanCheck => "clean check",
            Self::TouchCheck => "touch and check",
            Self::TouchBuild => "touch and build",
            Self::IrLines => "lines of LLVM IR",
            Self::IrLinesRelease => "  in a release build",
        }
    }

    pub(crate) fn in_seconds(self) -> bool {
        matches!(self, Self::CleanCheck | Self::TouchCheck | Self::TouchBuild)
    }
}

/// The costs of one crate.
pub(crate) type Figures = BTreeMap<Cost, f64>;

/// Measures every project; times are medians of rounds in which each project is built once.
pub(crate) fn all(projects: &[Project], quick: bool) -> Result<Vec<Figures>, String> {
    let (clean_rounds, touch_rounds) = if quick { (1, 3) } else { (3, 11) };
    let mut costs = vec![Figures::new(); projects.len()];
    for (project, costs) in projects.iter().zip(&mut costs) {
        costs.insert(Cost::Crates, crates(project, &[])?);
        if project.has_bridge {
            let with_bridge = crates(project, &["--features", "bridge"])?;
            costs.insert(Cost::CratesWithBridge, with_bridge);
        }
    }
    rounds(
        projects,
        &mut costs,
        Cost::CleanCheck,
        clean_rounds,
        |project| {
            remove(&project.target())?;
            timed(project, &["check"])
        },
    )?;
    rounds(
        projects,
        &mut costs,
        Cost::TouchCheck,
        touch_rounds,
        |project| {
            touch(project)?;
            timed(project, &["check"])
        },
    )?;
    // The first build makes the dependencies, and is not one of a touched crate.
    for project in projects {
        timed(project, &["build"])?;
    }
    rounds(
        projects,
        &mut costs,
        Cost::TouchBuild,
        touch_rounds,
        |project| {
            touch(project)?;
            timed(project, &["build"])
        },
    )?;
    for (project, costs) in projects.iter().zip(&mut costs) {
        costs.insert(Cost::IrLines, ir_lines(project, "dev", "debug")?);
        costs.insert(
            Cost::IrLinesRelease,
            ir_lines(project, "release", "release")?,
        );
    }
    Ok(costs)
}

/// The median of `count` rounds for each project.
fn rounds(
    projects: &[Project],
    costs: &mut [Figures],
    cost: Cost,
    count: usize,
    once: impl Fn(&Project) -> Result<f64, String>,
) -> Result<(), String> {
    let mut times = vec![Vec::new(); projects.len()];
    for round in 0..count {
        for turn in 0..projects.len() {
            let place = (round + turn) % projects.len();
            times[place].push(once(&projects[place])?);
        }
    }
    for (costs, times) in costs.iter_mut().zip(&times) {
        costs.insert(cost, median(times));
    }
    Ok(())
}

/// Seconds of one run of cargo.
fn timed(project: &Project, arguments: &[&str]) -> Result<f64, String> {
    let start = Instant::now();
    cargo(project, arguments)?;
    Ok(start.elapsed().as_secs_f64())
}

/// Runs cargo in the project, and gives what it prints.
fn cargo(project: &Project, arguments: &[&str]) -> Result<String, String> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        // All that is needed was fetched for this bench itself.
        .args(["--offline", "--quiet"])
        .args(arguments)
        .current_dir(&project.folder)
        .env("CARGO_TARGET_DIR", project.target())
        .output()
        .map_err(|error| format!("cargo: {error}"))?;
    if !output.status.success() {
        return Err(format!(
            "cargo {} of {}:\n{}",
            arguments.join(" "),
            project.name,
            String::from_utf8_lossy(&output.stderr)
        ));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// How many crates the project depends on, itself not counted.
fn crates(project: &Project, features: &[&str]) -> Result<f64, String> {
    let mut arguments = vec!["tree", "--edges", "normal,build", "--prefix", "none"];
    arguments.extend(["--no-dedupe", "--format", "{p}"]);
    arguments.extend(features);
    let tree = cargo(project, &arguments)?;
    let crates: BTreeSet<&str> = tree.lines().filter(|line| !line.is_empty()).collect();
    Ok(crates.len() as f64 - 1.0)
}

/// Makes the crate's root new without changing it.
fn touch(project: &Project) -> Result<(), String> {
    File::options()
        .append(true)
        .open(project.lib())
        .and_then(|file| file.set_modified(SystemTime::now()))
        .map_err(|error| error.to_string())
}

/// Lines of LLVM IR that rustc writes for the crate alone, without debug information.
fn ir_lines(project: &Project, profile: &str, folder: &str) -> Result<f64, String> {
    let deps = project.target().join(folder).join("deps");
    cargo(
        project,
        &[
            "rustc",
            "--lib",
            "--profile",
            profile,
            // One unit: generic code that several would share is written once.
            "--config",
            &format!("profile.{profile}.codegen-units=1"),
            "--config",
            &format!("profile.{profile}.debug=false"),
            "--config",
            &format!("profile.{profile}.incremental=false"),
            "--",
            "--emit=llvm-ir",
        ],
    )?;
    let mut lines = 0;
    let mut files = 0;
    for entry in fs::read_dir(&deps).map_err(|error| error.to_string())? {
        let path = entry.map_err(|error| error.to_string())?.path();
        if is_ir_of_the_crate(&path) {
            let text = fs::read_to_string(&path).map_err(|error| error.to_string())?;
            lines += text.lines().count();
            files += 1;
        }
    }
    if files == 1 {
        Ok(lines as f64)
    } else {
        Err(format!("{files} files of LLVM IR in {}", deps.display()))
    }
}

fn is_ir_of_the_crate(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name.starts_with("hundred") && path.extension().is_some_and(|extension| extension == "ll")
}

/// Removes a folder that may not be there.
fn remove(folder: &Path) -> Result<(), String> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.to_string()),
        _ => Ok(()),
    }
}
