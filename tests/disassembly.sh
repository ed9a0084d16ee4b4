#!/usr/bin/env bash
# Prints the instructions of one function of a program, one a line, without addresses and padding.
#
# An operand's comment is the symbol that it names: `# owner::CELLS+0x10`, or `# .got: owner::CELLS` where the operand is
# the slot in which the linker keeps that symbol's address for code that may be loaded anywhere.
# usage: tests/disassembly.sh PROGRAM FUNCTION
set -euo pipefail
if [[ $# -ne 2 ]]; then
    echo "usage: tests/disassembly.sh PROGRAM FUNCTION" >&2
    exit 2
fi
for tool in objdump readelf nm; do
    if ! command -v "$tool" >/dev/null; then
        echo "\`$tool\` is not installed" >&2
        echo "help: apt-get install -y --no-install-recommends binutils (tests/run.sh does it)" >&2
        exit 1
    fi
done
program="$1" function="$2"

# The slots of the global offset table: `address symbol`, from the relocations that fill them at load time.
slots() {
    awk '
        FNR == 1 { file++ }
        file == 1 { if ($2 == ".got") { first = hex($4); last = first + hex($3) } }
        file == 2 { sub(/^0+/, "", $1); name = $0; sub(/^[^ ]+ [^ ]+ /, "", name); symbol[$1] = name }
        file == 3 && $3 == "R_X86_64_RELATIVE" {
            sub(/^0+/, "", $1)
            if (hex($1) >= first && hex($1) < last && $4 in symbol) print $1, symbol[$4]
        }
        function hex(text, n, at) {
            n = 0
            for (at = 1; at <= length(text); at++) n = n * 16 + index("0123456789abcdef", substr(text, at, 1)) - 1
            return n
        }
    ' <(objdump -h "$program") <(nm -C "$program") <(readelf -rW "$program")
}

objdump --disassemble="$function" --demangle --no-show-raw-insn -M intel "$program" |
    sed -n -E 's/^ +[0-9a-f]+:\t(.*)$/\1/p' |
    sed -E 's/ +/ /g; s/ +$//' |
    { grep -vE '^(nop|xchg ax,ax|endbr64|data16|cs nop|int3)' || true; } |
    awk '
        FILENAME != "-" { slot = $1; $1 = ""; got[slot] = substr($0, 2); next }
        match($0, / # [0-9a-f]+ </) {
            address = substr($0, RSTART + 3, RLENGTH - 5)
            name = substr($0, RSTART + RLENGTH)
            sub(/>$/, "", name)
            $0 = substr($0, 1, RSTART - 1) " # " (address in got ? ".got: " got[address] : name)
        }
        { print }
    ' <(slots) -
