#!/usr/bin/env bash
# Prints the instructions of one function of a program, one a line, without addresses and padding.
# usage: tests/disassembly.sh PROGRAM FUNCTION
set -euo pipefail
if [[ $# -ne 2 ]]; then
    echo "usage: tests/disassembly.sh PROGRAM FUNCTION" >&2
    exit 2
fi
if ! command -v objdump >/dev/null; then
    echo "\`objdump\` is not installed" >&2
    echo "help: apt-get install -y --no-install-recommends binutils (tests/run.sh does it)" >&2
    exit 1
fi
objdump --disassemble="$2" --no-show-raw-insn -M intel "$1" |
    sed -n -E 's/^ +[0-9a-f]+:\t(.*)$/\1/p' |
    sed -E 's/ +/ /g; s/ +$//' |
    { grep -vE '^(nop|xchg ax,ax|endbr64|data16|cs nop|int3)' || true; }
