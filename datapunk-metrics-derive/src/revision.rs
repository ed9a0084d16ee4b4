//! `git_revision!`: the commit that a crate is built from, as the files of its repository say. git is not run.

use std::fs;
use std::path::{Path, PathBuf};

use proc_macro2::TokenStream;
use quote::quote;

use crate::diag::{Diag, Sink};

/// The variable that says it where there is no repository, as in a container's build.
const VARIABLE: &str = "DATAPUNK_METRICS_REVISION";

/// What is said where nobody knows.
const UNKNOWN: &str = "unknown";

/// A commit, and the files that have to be read again when they change.
#[derive(Debug, Default, PartialEq, Eq)]
struct Revision {
    commit: Option<String>,
    sources: Vec<PathBuf>,
}

/// The expansion: a constant `&'static str`.
pub(crate) fn git_revision(input: TokenStream) -> TokenStream {
    let mut out = Sink::new();
    if let Some(first) = input.into_iter().next() {
        let problem = Diag::at(&first, "`git_revision!` takes nothing");
        out.push(problem.help("write `git_revision!()`"));
    }
    if let Some(errors) = out.finish() {
        return errors;
    }
    let revision = package().map(|package| of(&package)).unwrap_or_default();
    // The compiler goes on to watch a file that it includes; nothing of it gets into the program.
    let sources = revision.sources.iter().filter_map(|path| path.to_str());
    let commit = revision.commit.as_deref().unwrap_or(UNKNOWN);
    quote! {
        {
            const _: &[&[u8]] = &[#(::core::include_bytes!(#sources)),*];
            match ::core::option_env!(#VARIABLE) {
                ::core::option::Option::Some(given) if !given.is_empty() => given,
                _ => #commit,
            }
        }
    }
}

/// The folder of the package that is compiled.
pub(crate) fn package() -> Option<PathBuf> {
    std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from)
}

fn of(package: &Path) -> Revision {
    // A package from a registry says itself which commit it was made of.
    if let Some(text) = read(&package.join(".cargo_vcs_info.json")) {
        return Revision {
            commit: text
                .split_once("\"sha1\"")
                .and_then(|(_, value)| value.split('"').nth(1))
                .filter(|text| is_commit(text))
                .map(str::to_owned),
            sources: Vec::new(),
        };
    }
    // One that cargo has unpacked is in no repository, though the user's home may be.
    if package.join(".cargo-ok").exists() && !package.join(".git").exists() {
        return Revision::default();
    }
    let git = package.ancestors().map(|folder| folder.join(".git"));
    let folder = git.into_iter().find_map(|git| repository(&git));
    folder.map(|folder| head(&folder)).unwrap_or_default()
}

/// The folder of a repository. In a worktree and in a submodule `.git` is a file that says where it is.
fn repository(git: &Path) -> Option<PathBuf> {
    if git.is_dir() {
        return Some(git.to_owned());
    }
    let text = read(git)?;
    let folder = text.strip_prefix("gitdir:")?.trim();
    Some(git.parent()?.join(folder))
}

/// The commit that is checked out.
fn head(folder: &Path) -> Revision {
    let mut revision = Revision::default();
    let head = folder.join("HEAD");
    let Some(text) = read(&head) else {
        return revision;
    };
    revision.sources.push(head);
    // Every commit and every checkout is logged, also one that leaves `HEAD` on its branch and the branch where only
    // `packed-refs` has it.
    let log = folder.join("logs/HEAD");
    if log.is_file() {
        revision.sources.push(log);
    }
    match text.trim().strip_prefix("ref:") {
        None => revision.commit = Some(text.trim().to_owned()),
        Some(branch) => branch_head(folder, branch.trim(), &mut revision),
    }
    revision.commit = revision.commit.filter(|commit| is_commit(commit));
    revision
}

/// The commit that a branch is at: in a file of its own, or in the list of all that were packed.
fn branch_head(folder: &Path, branch: &str, revision: &mut Revision) {
    let common = read(&folder.join("commondir")).map(|common| folder.join(common.trim()));
    let common = common.as_deref().unwrap_or(folder);
    for folder in [folder, common] {
        let file = folder.join(branch);
        if let Some(text) = read(&file) {
            revision.commit = Some(text.trim().to_owned());
            revision.sources.push(file);
            return;
        }
    }
    let packed = common.join("packed-refs");
    if let Some(text) = read(&packed) {
        revision.commit = text
            .lines()
            .filter_map(|line| line.split_once(' '))
            .find_map(|(commit, name)| (name == branch).then(|| commit.to_owned()));
        revision.sources.push(packed);
    }
}

/// What can't be read is not there: a build does not fail for want of a revision.
fn read(path: &Path) -> Option<String> {
    fs::read_to_string(path).ok()
}

fn is_commit(text: &str) -> bool {
    matches!(text.len(), 40 | 64) && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: &str = "1111111111111111111111111111111111111111";
    const SECOND: &str = "2222222222222222222222222222222222222222";

    /// A folder that is removed at the end.
    struct Folder(PathBuf);

    impl Folder {
        fn new(name: &str) -> Self {
            let name = format!("datapunk-metrics-revision-{name}-{}", std::process::id());
            Self(std::env::temp_dir().join(name))
        }

        fn write(&self, path: &str, text: &str) -> &Self {
            let path = self.0.join(path);
            fs::create_dir_all(path.parent().expect("a file lies in a folder")).expect("a folder");
            fs::write(path, text).expect("a file");
            self
        }

        /// The commit of a package, and how its sources are called below the folder.
        fn revision(&self, package: &str) -> (Option<String>, Vec<String>) {
            let package = self.0.join(package);
            fs::create_dir_all(&package).expect("a folder");
            let revision = of(&package);
            let name = |path: PathBuf| {
                let path = path.canonicalize().expect("a source exists");
                let root = self.0.canonicalize().expect("the folder exists");
                path.strip_prefix(root)
                    .map(|path| path.display().to_string())
            };
            let sources: Result<_, _> = revision.sources.into_iter().map(name).collect();
            (revision.commit, sources.expect("sources lie in the folder"))
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    fn found(commit: &str, sources: &[&str]) -> (Option<String>, Vec<String>) {
        let sources = sources.iter().map(|&source| source.to_owned()).collect();
        (Some(commit.to_owned()), sources)
    }

    #[test]
    fn a_branch_is_followed_to_its_commit() {
        let folder = Folder::new("branch");
        folder.write(".git/HEAD", "ref: refs/heads/main\n").write(
            ".git/packed-refs",
            &format!("# pack-refs\n{FIRST} refs/heads/main\n^{SECOND}\n"),
        );
        let packed = found(FIRST, &[".git/HEAD", ".git/packed-refs"]);
        assert_eq!(folder.revision("a/b"), packed);
        // A file of its own says more than the list, and the log tells when there is one.
        folder
            .write(".git/refs/heads/main", &format!("{SECOND}\n"))
            .write(".git/logs/HEAD", "");
        let loose = found(
            SECOND,
            &[".git/HEAD", ".git/logs/HEAD", ".git/refs/heads/main"],
        );
        assert_eq!(folder.revision("a/b"), loose);
    }

    #[test]
    fn a_detached_head_is_the_commit() {
        let folder = Folder::new("detached");
        folder.write(".git/HEAD", &format!("{FIRST}\n"));
        assert_eq!(folder.revision(""), found(FIRST, &[".git/HEAD"]));
    }

    #[test]
    fn a_worktree_has_its_own_head_and_the_branches_of_all() {
        let folder = Folder::new("worktree");
        folder
            .write("main/.git/worktrees/side/HEAD", "ref: refs/heads/side\n")
            .write("main/.git/worktrees/side/commondir", "../..\n")
            .write("main/.git/refs/heads/side", &format!("{SECOND}\n"))
            .write("side/.git", "gitdir: ../main/.git/worktrees/side\n");
        let sources = ["main/.git/worktrees/side/HEAD", "main/.git/refs/heads/side"];
        assert_eq!(folder.revision("side/crate"), found(SECOND, &sources));
    }

    #[test]
    fn a_published_package_says_it_itself() {
        let folder = Folder::new("published");
        let json = format!(
            "{{\n  \"git\": {{\n    \"sha1\": \"{FIRST}\"\n  }},\n  \"path_in_vcs\": \"\"\n}}"
        );
        folder
            .write(".git/HEAD", SECOND)
            .write("registry/a/.cargo_vcs_info.json", &json)
            .write("registry/b/.cargo_vcs_info.json", "{}")
            .write("registry/c/.cargo-ok", "");
        assert_eq!(folder.revision("registry/a"), found(FIRST, &[]));
        // Nobody else's commit is taken for the package's.
        for unknown in ["registry/b", "registry/c"] {
            assert_eq!(folder.revision(unknown), (None, Vec::new()));
        }
    }

    #[test]
    fn what_says_nothing_is_no_commit() {
        let folder = Folder::new("nothing");
        folder
            .write("new/.git/HEAD", "ref: refs/heads/main\n")
            .write("odd/.git/HEAD", "not a commit\n");
        assert_eq!(folder.revision("new").0, None);
        assert_eq!(folder.revision("odd").0, None);
    }
}
