#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Older copies of state files, on a host that has a ledger, and on one that has
# none. Prints TAP.

set -uo pipefail
cd "$(dirname "$0")/../../userspace" || exit 1

work=$(mktemp -d /run/rollback.XXXXXX)
# shellcheck source=tests/selftests/state.sh
. ../tests/selftests/state.sh

cleanup() {
	./vtpmctl destroy --force $n 2>/dev/null
	./vtpmctl host unanchor 2>/dev/null
	rm -rf "$work"
}
trap cleanup EXIT

# What "vtpmctl show" and "host status" say of it, all of the line.
shows() { ctl show $n | grep -E '^rollback' | grep -Eqx "rollback +$1"; }
host() { ctl host status | grep -E "^$1" | tee /dev/stderr | grep -Eqx "$1 +$2"; }

# What the vTPM remembers: a counter.
index=0x1500002
fill() { tpm2_nvdefine -Q -C o -a 'nt=counter|ownerread|ownerwrite' $index && up; }
up() { tpm2_nvincrement -Q -C o $index; }
value() { tpm2_nvread -C o $index | od -An -tu8 --endian=big | tr -d ' '; }
is() { [ "$(value)" = "$1" ]; }
put() { cp --sparse=never "$work/$1" "$f"; }
keep() { cp --sparse=never "$f" "$work/$1"; }
says() { dmesg | tail -n 5 | grep -E "vtpm_mux: $1"; }

ledger=$work/ledger
f=$work/state
first=

# Without a ledger: what there was always.
test_that "host status: not anchored" host rollback 'not anchored'
test_that "a vTPM" eval 'create "$f" && fill && first=$(value)'
test_that "show: not anchored" shows 'not anchored, 0 accepted'
test_that "no ledger is made now" refused 'close them' host anchor --new --ledger "$ledger"
test_that "and there is none" [ ! -e "$ledger" ]
test_that "it goes on" eval 'keep old && up && close'
test_that "its older copy opens" eval 'put old && open "$f" && is "$first" && close'

# With one.
test_that "host anchor --new" ctl host anchor --new --ledger "$ledger" --interval 86400
test_that "host status: refused" host rollback refused
test_that "the counter can be read by the owner" eval \
	'chip=$(tpm2_nvread -T device:/dev/tpm0 -C o 0x1805654 | od -An -tu8 --endian=big | tr -d " ") &&
	 host ledger "0 vtpms, 0 rollbacks accepted, counter $chip, 0 increments"'
test_that "but not be incremented" eval '! tpm2_nvincrement -T device:/dev/tpm0 -C o 0x1805654'
test_that "it is in use" refused 'in use' host anchor --ledger "$ledger"
test_that "no second one" refused 'a ledger is attached' host anchor --new --ledger "$work/second"
test_that "it is no state file" eval \
	'cp "$ledger" "$work/copy" && LOG="no state file" refused "no state file" open "$work/copy"'
LOG='the ledger does not know' test_that "a file of before is refused" \
	refused 'does not know it' open "$f"
test_that "it is accepted if that is said" open --accept-rollback "$f"
test_that "the log says so" says "state file of .* was accepted \\(1 of this vTPM, 1 of the host\\)"
test_that "show counts it" shows 'refused, 1 accepted'
test_that "so does host status" host ledger '1 vtpms, 1 rollbacks accepted, .*'
test_that "it is what it was" is "$first"
test_that "and opens then as it is" eval \
	'close && open --accept-rollback "$f" && shows "refused, 1 accepted"'

# Every state of one that is in use.
test_that "changes, and copies" eval 'up && keep copy1 && up && keep copy2 && up && last=$(value)'
test_that "closed, it opens as it is" eval 'close && keep newest && open "$f" && is "$last" && close'
for i in 1 2; do
	put "copy$i"
	LOG='it is an older copy' test_that "copy $i is refused" \
		refused 'older than the ledger says' open "$f"
done
test_that "the last copy opens with --accept-rollback" eval \
	'open --accept-rollback "$f" && is $((last - 1)) && shows "refused, 2 accepted"'
test_that "and goes on" eval 'close && keep accepted'
put newest
LOG='it is an older copy' test_that "what was the newest is older now" \
	refused 'older than the ledger says' open "$f"
put accepted
test_that "what was accepted is the newest" open "$f"

# Another file of the same vTPM is not the same file.
test_that "destroyed" eval \
	'uuid=$(ctl show $n | awk "\$1 == \"uuid\" { print \$2 }") && keep gone && ctl destroy $n'
test_that "the ledger has forgotten it" host ledger '0 vtpms, 2 rollbacks accepted, .*'
LOG='the vTPM was destroyed' test_that "its file is refused" refused 'destroyed' open "$f"
LOG='the ledger does not know' test_that "a copy of it, too" refused 'does not know it' open "$work/gone"
rm "$f"
test_that "another one of the same UUID" eval 'create "$f" --uuid "$uuid" && fill && keep old && up && close'
LOG='the ledger does not know' test_that "does not make the copy good" \
	refused 'does not know it' open "$work/gone"

# The chip's counter wears out: so many increments at once, and no more.
due='1 vtpms, 2 rollbacks accepted, counter [0-9]*, 8 increments, one is due'
for ((i = 0; i < 8; i++)); do
	open "$f" && up && close
done >"$work/loop" 2>&1
test_that "increments run out" host ledger "$due"
cp "$f" "$work/last"
put old
test_that "the ledger is right all the same" refused 'older than the ledger says' open "$f"
put last
test_that "and the counter where it was" eval 'open "$f" && up && close && host ledger "$due"'

test_that "host unanchor" ctl host unanchor
test_that "the log says so" says 'ledger: given up'
put old
test_that "the older copy opens" eval 'open "$f" && shows "not anchored, 0 accepted" && ctl destroy $n'
test_that "the ledger is of no use any more" refused 'given up' host anchor --ledger "$ledger"
test_that "nothing to remove" refused 'no counter' host unanchor
echo "1..$count"
[ "$failures" = 0 ]
