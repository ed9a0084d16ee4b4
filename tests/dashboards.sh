#!/usr/bin/env bash
# Holds the generated dashboards against Grafana's published types, and draws their panels. See --help.
set -euo pipefail
# Where the caller is, for a path that is relative.
picture=$(realpath -m -- "${3:-.}")
cd "$(dirname "$0")/grafana"

usage() {
    cat <<'HELP'
usage: tests/dashboards.sh [--draw PROMETHEUS PAGE.png]

Type-checks examples/deploy/grafana/dashboards/*.json as literals of the types in @grafana/schema (npm and tsc; seconds).
A key that does not exist, a value that no enum has and the options of another panel are errors.

  --draw PROMETHEUS PAGE.png   also asks a running Prometheus, such as http://127.0.0.1:9090, all queries of all panels and
                               draws the answers with ECharts in a headless Chromium (apt), for a person to look at.
                               Fails if a panel has no data. `cargo run --bin demo` and a Prometheus with the bundle's
                               configuration make some.

Needs node, npm and the npm registry.
HELP
}

case "${1:-}" in
"") ;;
--draw) [[ $# -eq 3 ]] || { usage >&2; exit 2; } ;;
--help | -h) usage; exit 0 ;;
*) echo "tests/dashboards.sh: unknown argument \`$1\`; see --help" >&2; exit 2 ;;
esac

npm ci --no-audit --no-fund --silent
npm run --silent check

if [[ $# -eq 3 ]]; then
    command -v chromium >/dev/null || {
        echo "chromium is not installed" >&2
        echo "help: as root, apt-get install -y --no-install-recommends chromium" >&2
        exit 1
    }
    page=$(mktemp -d)
    trap 'rm -rf "$page"' EXIT
    # It says how high the page is at most, since a screenshot has no end of its own.
    height=$(node draw.mjs "$2" "$page/panels.html")
    chromium --headless --no-sandbox --disable-gpu --hide-scrollbars --window-size="1500,$height" \
        --virtual-time-budget=8000 --user-data-dir="$page/profile" --screenshot="$page/panels.png" \
        "file://$page/panels.html" 2>/dev/null
    mv "$page/panels.png" "$picture"
    echo "drawn: $3"
fi
