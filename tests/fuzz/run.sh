#!/usr/bin/env bash
# Fuzzes one target. See --help.
set -euo pipefail
cd "$(dirname "$0")"

if [[ $# -eq 0 || "$1" == "--help" || "$1" == "-h" ]]; then
    cat <<'HELP'
usage: tests/fuzz/run.sh TARGET [SECONDS] [LIBFUZZER OPTION…]
       tests/fuzz/run.sh merge TARGET

Targets: requests, authorization, web_config, access, rules. Fuzzes for 60 s unless told otherwise, from the corpus of
tests/serve/corpus/TARGET, or of tests/rules/corpus. What is new goes to tests/fuzz/found/TARGET, an input that fails to
tests/fuzz/found/TARGET-crash-…; running the target on that file shows the failure again.

`merge` adds to the corpus what of found/TARGET reaches code that the corpus does not reach, the smallest inputs of it.

It takes a stable compiler, which is told to accept a flag of the nightly one, and a C++ compiler.
HELP
    exit 0
fi

merge=""
if [[ "$1" == "merge" ]]; then
    merge=1
    shift
fi
target="$1"
shift
corpus="../serve/corpus/$target"
seeds=()
if [[ "$target" == "rules" ]]; then
    corpus="../rules/corpus"
    seeds=(../../ui-tests/fail/rules ../../datapunk-metrics/rules)
fi
if [[ ! -d "$corpus" ]]; then
    echo "tests/fuzz/run.sh: unknown target \`$target\`; see --help" >&2
    exit 2
fi
mkdir -p "found/$target"

# Coverage for libFuzzer, with the values that are compared, and AddressSanitizer. With a `--target` neither is in the
# macros and build scripts.
export RUSTC_BOOTSTRAP=1
flags=(
    --cfg fuzzing
    -Zsanitizer=address
    -Cforce-frame-pointers=yes
    -Cpasses=sancov-module
    -Cllvm-args=-sanitizer-coverage-level=4
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters
    -Cllvm-args=-sanitizer-coverage-pc-table
    -Cllvm-args=-sanitizer-coverage-trace-compares
)
export RUSTFLAGS="${flags[*]}"
# Slabs are kept for the next thread on purpose.
export ASAN_OPTIONS="${ASAN_OPTIONS:-detect_leaks=0}"
triple=x86_64-unknown-linux-gnu
cargo build --release --target "$triple" --bin "$target"
program="target/$triple/release/$target"

if [[ -n "$merge" ]]; then
    exec "$program" -set_cover_merge=1 -use_counters=0 -use_value_profile=0 "$corpus" "found/$target"
fi
seconds=60
if [[ "${1:-}" =~ ^[0-9]+$ ]]; then
    seconds="$1"
    shift
fi
exec "$program" -max_total_time="$seconds" -max_len=4096 -timeout=25 -rss_limit_mb=2048 -print_final_stats=1 \
    -artifact_prefix="found/$target-" "$@" "found/$target" "$corpus" "${seeds[@]}"
