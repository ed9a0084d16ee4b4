#!/usr/bin/env bash
# The long run of the example bundle: what the store takes, and how long panels take. See --help.
set -euo pipefail
cd "$(dirname "$0")/.."

if [[ "${1:-}" == "--help" || "${1:-}" == "-h" ]]; then
    cat <<'HELP'
usage: tests/deploy.sh [SECONDS]

Starts the bundle of the example services, built for release, with real servers and measures, for docs/artifacts.md:

  1. one target of each service for SECONDS (600), scraped every 15 s: head series, bytes for each sample
  2. a hundred targets of each service, scraped every 15 s: how long the queries of all panels take

Takes SECONDS and some minutes. The short form, without the measuring, is part of tests/run.sh.
HELP
    exit 0
fi
report=$(mktemp)
trap 'rm -f "$report"' EXIT
# What runs is what would be deployed; the test around it is as it is built for every other day.
cargo build --locked --release --workspace --all-features --bins
target=$(cargo metadata --locked --no-deps --format-version 1 | sed 's/.*"target_directory":"\([^"]*\)".*/\1/')
export DEPLOY_PROGRAMS="$target/release" DEPLOY_SECONDS="${1:-600}" DEPLOY_REPORT="$report"
cargo test --locked --workspace --all-features --test artifacts -- --ignored --nocapture --test-threads 1 long_run
cat "$report"
