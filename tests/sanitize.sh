#!/usr/bin/env bash
# Runs the tests of recording under AddressSanitizer. See --help.
set -euo pipefail
cd "$(dirname "$0")/.."

if [[ "${1:-}" == "--help" || "${1:-}" == "-h" ]]; then
    cat <<'HELP'
usage: tests/sanitize.sh

Builds the tests that record, from many threads, from within the allocator and across fork, and the one that checks rule
files of all kinds, with AddressSanitizer and runs them. It takes a stable compiler (which is told to accept a flag of
the nightly one) and a few minutes; it is not part of tests/run.sh. Run it after a change to an `unsafe` block or to what
lives as long as a thread.
HELP
    exit 0
fi

export RUSTC_BOOTSTRAP=1
export RUSTFLAGS="-Zsanitizer=address -Cforce-frame-pointers=yes"
# Slabs are kept for the next thread on purpose; the leak checker sees them as reachable.
export ASAN_OPTIONS="detect_leaks=1"
test=(cargo test --locked --target x86_64-unknown-linux-gnu -p datapunk-metrics-tests)
"${test[@]}" --test allocator --test behaviour --test concurrency --test instrument --test threads
"${test[@]}" --test rules fuzz
