#!/bin/sh
# Starts the store of one retention class in the foreground, with its data in a folder:
#     receivers.sh high_frequency|medium_frequency|low_frequency|compliance <folder>
set -eu
here=$(dirname "$0")
class=${1:?which class}
data=${2:?which folder}
case "$class" in
high_frequency)
    exec prometheus --config.file="$here/receiver.yml" --web.enable-remote-write-receiver \
        --storage.tsdb.retention.time=15d --storage.tsdb.path="$data" \
        --web.listen-address=127.0.0.1:9101
    ;;
medium_frequency)
    exec prometheus --config.file="$here/receiver.yml" --web.enable-remote-write-receiver \
        --storage.tsdb.retention.time=30d --storage.tsdb.path="$data" \
        --web.listen-address=127.0.0.1:9102
    ;;
low_frequency)
    exec prometheus --config.file="$here/receiver.yml" --web.enable-remote-write-receiver \
        --storage.tsdb.retention.time=90d --storage.tsdb.path="$data" \
        --web.listen-address=127.0.0.1:9103
    ;;
compliance)
    exec prometheus --config.file="$here/receiver.yml" --web.enable-remote-write-receiver \
        --storage.tsdb.retention.time=365d --storage.tsdb.path="$data" \
        --web.listen-address=127.0.0.1:9104
    ;;
*)
    echo "error: unknown retention class \`$class\`" >&2
    exit 2
    ;;
esac
