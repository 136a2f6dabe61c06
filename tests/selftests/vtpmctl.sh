#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# vtpmctl: every subcommand, its JSON and its error messages. Prints TAP.

set -uo pipefail
cd "$(dirname "$0")/../../userspace" || exit 1

# shellcheck source=tests/selftests/ctl.sh
. ../tests/selftests/ctl.sh

uuid=01234567-89ab-4def-8123-456789abcdef
n=500

echo "TAP version 13"

test_that "help" prints 0 '^Usage: vtpmctl' --help
test_that "create prints the device" prints 0 "^/dev/vtpm$n\$" \
	create --number "$n" --uuid "$uuid" --assurance software \
	--pcr-banks sha256,sha1
test_that "the device is there" test -c "/dev/vtpm$n"
test_that "create without options but software" prints 0 '^/dev/vtpm[0-9]+$' \
	create --assurance=software
other=$(cat "$work/out")
test_that "create --json" json "v['power_follows_open'] and v['snapshots']
	and v['rollbacks'] == 0 and not v['powered'] and v['device'] == '/dev/vtpm%d' % v['number']" \
	create --assurance software --power-follows-open --snapshots
third=$(python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))["number"])' "$work/out")

test_that "list" prints 0 "^/dev/vtpm$n +off +no +software .* $uuid\$" list
test_that "list --json" json "[x for x in v if x['number'] == $n
	and x['uuid'] == '$uuid' and x['pcr_banks'] == ['sha1', 'sha256']]" list
test_that "show by number" prints 0 "^uuid +$uuid\$" show "$n"
test_that "show by device" prints 0 "^uuid +$uuid\$" show "/dev/vtpm$n"
test_that "show by name" prints 0 "^uuid +$uuid\$" show "vtpm$n"
test_that "show by UUID" prints 0 "^device +/dev/vtpm$n\$" show "$uuid"
test_that "show by UUID in capitals" prints 0 "^device +/dev/vtpm$n\$" \
	show "${uuid^^}"
test_that "show --json" json "v['uuid'] == '$uuid' and 'stats' not in v" \
	show "$n"

test_that "power on" quiet power on "$n"
test_that "it is on" prints 0 '^state +on$' show "$n"
test_that "sysfs says so" grep -qx on "/sys/class/vtpm/vtpm$n/power_state"
test_that "the device works" startup "/dev/vtpm$n"
test_that "it is started" prints 0 '^state +started$' show "$n"
test_that "power reset --json" json "v['powered'] and not v['started']" \
	power reset "$n"
test_that "physical presence" quiet power on "$n" --physical-presence
test_that "it is asserted" prints 0 '^state +on, physical presence$' show "$n"
test_that "no longer --json" json "v['powered'] and not v['physical_presence']" \
	power on "$n"
test_that "measure" quiet measure "$n" ./vtpmctl
test_that "it is established" prints 0 '^state +on, established$' show "$n"
test_that "measure standard input" quiet measure "$n" - </dev/null
test_that "measure what is not there" \
	prints 1 "^vtpmctl: $work/none: No such file" measure "$n" "$work/none"
test_that "power off" quiet power off "$n"
test_that "measure one that is off" prints 1 'it is off: see' measure "$n" ./vtpmctl
test_that "no presence without power" prints 2 '^vtpmctl: power off: no option' \
	power off "$n" --physical-presence
test_that "it is off" prints 0 '^state +off, established$' show "$n"

test_that "cancel" quiet cancel "$n"
test_that "stats" prints 0 '^TPM2_Startup +1 +0 +0 ' stats "$n"
test_that "stats --json" json "[x for x in v if x['command'] == 'TPM2_Startup'
	and x['code'] == 0x144 and x['count'] == 1 and x['ns'] > 0]" stats "$n"
test_that "stats of the chip" prints 0 '^COMMAND +COUNT' stats chip
test_that "stats of the chip --json" json "isinstance(v, list)" stats chip
test_that "show --stats" prints 0 '^TPM2_Startup +1 ' show --stats "$n"
test_that "show --stats --json" json "[x for x in v['stats'] if x['command'] == 'TPM2_Startup'][0]['count'] == 1" \
	show "$n" --stats
test_that "host status" prints 0 '^vtpms +[0-9]+ of 4096$' host status
test_that "host status --json" json "v['instances'] >= 3
	and v['state'] in ('ready', 'absent', 'unprovisioned')" host status
if ./vtpmctl host status | grep -Eq '^state +ready'; then
	test_that "host init" quiet host init
	printf '\n' >"$work/empty"
	test_that "host init with an empty file --json" \
		json "v['state'] == 'ready'" host init \
		--owner-auth-file "$work/empty"
fi
printf '%065d' 0 >"$work/long"
test_that "an owner authorization that is too long" \
	prints 1 'at most 64 bytes' host init --owner-auth-file "$work/long"
test_that "an owner authorization that is not there" \
	prints 1 "^vtpmctl: $work/none: No such file" \
	host init --owner-auth-file "$work/none"

test_that "an authority's key that is none" \
	prints 1 'not a public key in PEM' host init --authority "$work/long"
test_that "PCRs that there are not" prints 2 '^vtpmctl: --pcrs: sha256:24: say' \
	host policy --pcrs sha256:24
test_that "a bank that there is not" prints 2 '^vtpmctl: --pcrs: sha1:0: say' \
	host policy --pcrs sha1:0
test_that "host policy without PCRs" prints 2 '^vtpmctl: host policy: these are not' \
	host policy
test_that "host admit without a signature" prints 2 '^vtpmctl: host admit: these are not' \
	host admit --authority a --pcrs sha256:0 --policy p
test_that "host init with an authority and PCRs" prints 2 'say --authority or --pcrs, not' \
	host init --authority a --pcrs sha256:0
test_that "host admit --keep alone" prints 2 '^vtpmctl: host admit: these are not' \
	host admit --keep
test_that "--replace alone" prints 2 '^vtpmctl: host init: these are not' \
	host init --replace

test_that "no command" test "$(./vtpmctl 2>/dev/null; echo $?)" = 2
test_that "an unknown command" prints 2 '^vtpmctl: foo: no such command' foo
test_that "an unknown option" prints 2 '^vtpmctl: --foo: not an option' --foo
test_that "an option without its value" \
	prints 2 '^vtpmctl: --uuid: a value is missing' create --uuid
test_that "an option of another command" \
	prints 2 '^vtpmctl: list: no option --force here' list --force
test_that "an argument too few" prints 2 '^vtpmctl: show: missing' show
test_that "an argument too many" prints 2 '^vtpmctl: list: too many' list 3
test_that "a bad vTPM" prints 2 '^vtpmctl: 4096: not a vTPM' show 4096
test_that "a bad power state" prints 2 '^vtpmctl: power: up: say' power up 3
test_that "a bad assurance" prints 2 '^vtpmctl: --assurance: x: say' \
	create --assurance x
test_that "a bad bank" prints 2 '^vtpmctl: --pcr-banks: md5: say' \
	create --pcr-banks sha1,md5
test_that "no bank" prints 2 '^vtpmctl: --pcr-banks: name' create --pcr-banks ,
test_that "a bad UUID" prints 2 '^vtpmctl: --uuid: .*: not a UUID' \
	create --uuid "${uuid}0"
test_that "a bad number" prints 2 '^vtpmctl: --number: 4096: give' \
	create --number 4096
test_that "a number that is taken" prints 1 'taken: see' \
	create --number "$n" --assurance software
test_that "a UUID that is taken" prints 1 'taken: see' \
	create --uuid "$uuid" --assurance software
test_that "a vTPM that is not there" \
	prints 4 '^vtpmctl: /dev/vtpm499: no such vTPM: see' show 499
test_that "a UUID that is not there" \
	prints 4 'no vTPM has this UUID' show "${uuid/0/f}"
test_that "no standard output" \
	test "$(./vtpmctl list 2>/dev/null >/dev/full; echo $?)" = 1

exec 6<>"/dev/vtpm$n"
test_that "list says that it is open" prints 0 "^/dev/vtpm$n +off +yes " list
test_that "destroy one that is open" \
	prints 5 "^vtpmctl: /dev/vtpm$n: it is open: " destroy "$n"
test_that "destroy --force" quiet destroy --force "$n"
exec 6>&-
test_that "the device is gone" test ! -e "/dev/vtpm$n"
test_that "destroy it again" prints 4 'no such vTPM' destroy "$n"
test_that "destroy" quiet destroy "$other"
test_that "destroy --json" json "v['destroyed'] and v['number'] == $third" \
	destroy "$third"

unprivileged() { setpriv --reuid 65534 --clear-groups ./vtpmctl "$@"; }
test_that "without permission" test \
	"$(unprivileged list 2>&1; echo $?)" = \
	"vtpmctl: /dev/vtpm-mux: Permission denied: run it as root
3"

end_tests
