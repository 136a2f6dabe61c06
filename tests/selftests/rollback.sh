#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The host's ledger, and older copies of state files. Prints TAP.

set -uo pipefail
cd "$(dirname "$0")/../../userspace" || exit 1

work=$(mktemp -d /run/rollback.XXXXXX)
# shellcheck source=tests/selftests/state.sh
. ../tests/selftests/state.sh

cleanup() {
	./vtpmctl destroy --force $n 2>/dev/null
	./vtpmctl host unanchor 2>/dev/null
	rm -rf "$work" "$usual"*
}
trap cleanup EXIT

# What "vtpmctl show" and "host status" say of it, all of the line.
shows() { ctl show $n | grep -Eqx "rollbacks +$1"; }
host() { ctl host status | grep -E "^$1" | tee /dev/stderr | grep -Eqx "$1 +$2"; }

# What the vTPM remembers: a counter.
index=0x1500002
fill() { tpm2_nvdefine -Q -C o -a 'nt=counter|ownerread|ownerwrite' $index && up; }
up() { nv_increment /dev/vtpm$n; }
value() { tpm2_nvread -C o $index | od -An -tu8 --endian=big | tr -d ' '; }
is() { [ "$(value)" = "$1" ]; }
put() { cp --sparse=never "$work/$1" "$f"; }
keep() { cp --sparse=never "$f" "$work/$1"; }
says() { module_log | tail -n 3 | grep -E "vtpm_mux: $1"; }

usual=/var/lib/vtpm-mux/ledger
ledger=$work/ledger
f=$work/state
first=
uuid=

# A host that has none makes one when it is needed first.
ctl host unanchor 2>/dev/null
rm -rf "$usual"*
test_that "host status: no ledger" host ledger none
test_that "a vTPM without a state file needs none" eval \
	'ctl create --number $n --assurance software && ctl destroy $n && host ledger none && [ ! -e $usual ]'
test_that "one with a state file makes it, and says so" eval \
	'create "$f" 2>"$work/err" && cat "$work/err" &&
	 grep -qxF "vtpmctl: the host'"'"'s ledger was made: $usual" "$work/err"'
test_that "it is root's alone" eval '[ "$(stat -c "%s %a" $usual)" = "1576960 600" ]'
test_that "host status: it is attached" host ledger '1 vtpms, 0 rollbacks accepted, .*'
test_that "show: none was accepted" shows '0 accepted'
test_that "no other is made now" refused 'a ledger is attached' host anchor --new --ledger "$ledger"
test_that "nor in its own place" refused 'a ledger is attached' host anchor --new
test_that "and there is none" [ ! -e "$ledger" ]
test_that "nor is it given up" refused 'in use' host unanchor
test_that "the vTPM goes on" eval 'fill && first=$(value) && keep old && up && close'
put old
LOG='it is an older copy' test_that "its older copy is refused" \
	refused 'older than the ledger says' open "$f"

# Given up, and made in another place.
test_that "host unanchor" ctl host unanchor
LOG='no ledger is attached' test_that "without it no file opens, be it new or old" \
	refused 'no ledger is attached' open "$f"
test_that "and it is of no use any more" refused 'given up' host anchor
test_that "host anchor --new" ctl host anchor --new --ledger "$ledger" --interval 86400
test_that "host status: it knows nothing" host ledger '0 vtpms, 0 rollbacks accepted, .*'
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
test_that "show counts it" shows '1 accepted'
test_that "so does host status" host ledger '1 vtpms, 1 rollbacks accepted, .*'
test_that "it is what it was" is "$first"
test_that "and opens then as it is" eval \
	'close && open --accept-rollback "$f" && shows "1 accepted"'

# Every state of one that is in use.
test_that "changes, and copies" eval 'up && keep copy1 && up && keep copy2 && up && last=$(value)'
test_that "closed, it opens as it is" eval 'close && keep newest && open "$f" && is "$last" && close'
for i in 1 2; do
	put "copy$i"
	LOG='it is an older copy' test_that "copy $i is refused" \
		refused 'older than the ledger says' open "$f"
done
test_that "the last copy opens with --accept-rollback" eval \
	'open --accept-rollback "$f" && is $((last - 1)) && shows "2 accepted"'
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
LOG='the ledger knows another file' test_that "which is the only one" \
	refused 'the UUID is taken' create --number 601 --state "$work/twin" --uuid "$uuid"
test_that "and no file is left of it" [ ! -e "$work/twin" ]
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

# A file that was lost: what there is of it elsewhere is refused.
test_that "opened again" open "$f"
test_that "forget: not one that is in use" refused 'in use' forget "$uuid"
test_that "the ledger lists it" eval \
	'ctl host ledger | grep -Ex "$uuid yes +[0-9]+ +0"'
test_that "forget: not one that is unknown" \
	refused 'does not know it' forget 01234567-89ab-4def-8123-456789abcdef
test_that "forget: not what is no UUID" refused 'give a UUID' forget $n
test_that "closed and forgotten" eval 'close && ctl forget "$uuid"'
test_that "the log says so" says "ledger: vTPM $uuid is forgotten"
test_that "the ledger lists nothing" eval '[ "$(ctl --json host ledger)" = "[]" ]'
LOG='the ledger does not know' test_that "the file is refused" \
	refused 'does not know it' open "$f"

test_that "host unanchor" ctl host unanchor
test_that "the log says so" says 'ledger: given up'
test_that "no file opens" refused 'no ledger is attached' open "$f"
test_that "nothing to list" refused 'no ledger is attached' host ledger
test_that "nor to forget" refused 'no ledger is attached' forget "$uuid"
test_that "the ledger is of no use any more" refused 'given up' host anchor --ledger "$ledger"
test_that "nothing to remove" refused 'no counter' host unanchor
rm "$f"
test_that "another one is made where the first one was" eval \
	'create "$f" 2>"$work/err" && cat "$work/err" && grep "no more use is ledger.gone" "$work/err" &&
	 [ -e $usual.gone ] && host ledger "1 vtpms, 0 rollbacks accepted, .*" && ctl destroy $n'
end_tests
