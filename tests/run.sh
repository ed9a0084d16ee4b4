#!/usr/bin/env bash
# Runs every test of the workspace, end to end with the real servers. See --help.
set -euo pipefail
cd "$(dirname "$0")/.."

if [[ "${1:-}" == "--help" || "${1:-}" == "-h" ]]; then
    cat <<'HELP'
usage: tests/run.sh

Installs what the tests need where it is missing, then runs all of them:

  1. tools      prometheus, promtool, prometheus-alertmanager, prometheus-pushgateway, victoria-metrics, binutils,
                valgrind, curl, openssl, htpasswd and python3-venv (apt), prometheus_client in tests/.venv (pip), clippy
                and rustfmt (rustup)
  2. build      the whole workspace with all features, examples included
  3. tests      cargo nextest, or cargo test where nextest is not installed
  4. doc tests  cargo test --doc
  5. guides     cargo test in tests/migration: the code that the guides of docs/ begin with, against the crates that it
                is written for

Stops at the first stage that fails and says which one it was; the exit code is that stage's.
Installing packages takes root; everything else runs as any user and talks to loopback only.
HELP
    exit 0
fi
if [[ $# -gt 0 ]]; then
    echo "tests/run.sh: unknown argument \`$1\`; see --help" >&2
    exit 2
fi

stage=""
begin() {
    stage="$1"
    echo "==> $stage (at ${SECONDS} s)"
}
trap 'code=$?; if [[ $code -ne 0 ]]; then echo "==> FAILED: $stage (exit code $code)" >&2; fi' EXIT

begin "tools"
packages=()
command -v prometheus >/dev/null && command -v promtool >/dev/null || packages+=(prometheus)
command -v prometheus-alertmanager >/dev/null || packages+=(prometheus-alertmanager)
command -v prometheus-pushgateway >/dev/null || packages+=(prometheus-pushgateway)
command -v victoria-metrics >/dev/null || packages+=(victoria-metrics)
command -v objdump >/dev/null && command -v readelf >/dev/null && command -v nm >/dev/null || packages+=(binutils)
command -v valgrind >/dev/null || packages+=(valgrind)
command -v curl >/dev/null || packages+=(curl)
command -v openssl >/dev/null || packages+=(openssl)
command -v htpasswd >/dev/null || packages+=(apache2-utils)
# Debian has a python3 without what makes an environment.
python3 -c 'import ensurepip, venv' 2>/dev/null || packages+=(python3-venv)
if [[ ${#packages[@]} -gt 0 ]]; then
    echo "installing ${packages[*]}"
    if ! command -v apt-get >/dev/null || [[ $EUID -ne 0 ]]; then
        echo "these packages can't be installed here: not a Debian system, or not root" >&2
        echo "help: as root, apt-get install -y --no-install-recommends ${packages[*]}" >&2
        exit 1
    fi
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${packages[@]}" >/dev/null
fi
if ! tests/.venv/bin/python -c 'import prometheus_client.openmetrics.parser' 2>/dev/null; then
    echo "installing prometheus_client into tests/.venv"
    # A folder that was moved or left half made is of no use.
    rm -rf tests/.venv
    python3 -m venv tests/.venv
    tests/.venv/bin/pip install --quiet --disable-pip-version-check 'prometheus_client>=0.21'
fi
cargo clippy --version >/dev/null 2>&1 || rustup component add clippy
rustfmt --version >/dev/null 2>&1 || rustup component add rustfmt

# The same selection of packages and features everywhere, so that each crate is built once. The end-to-end tests run the
# examples' programs that this stage leaves in the target folder.
begin "build"
cargo build --locked --workspace --all-features --all-targets

begin "tests"
if cargo nextest --version >/dev/null 2>&1; then
    cargo nextest run --locked --workspace --all-features --no-fail-fast
else
    cargo test --locked --workspace --all-features --all-targets --no-fail-fast
fi

begin "doc tests"
cargo test --locked --workspace --all-features --doc

# A workspace of its own; these crates are of no use to anything else here.
begin "guides"
cargo test --locked --manifest-path tests/migration/Cargo.toml --target-dir target/migration

stage="none"
echo "==> all tests passed (${SECONDS} s)"
