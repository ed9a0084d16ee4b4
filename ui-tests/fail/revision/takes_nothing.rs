use datapunk_metrics::git_revision;

const REVISION: &str = git_revision!(short);

fn main() {
    let _ = REVISION;
}
