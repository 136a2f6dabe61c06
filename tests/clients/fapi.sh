#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# In a guest: the Feature API (tpm2-tss), by its tools. It finds keys by path, keeps
# them in files, and carries out policies that are written in JSON.

# shellcheck disable=SC2317 # functions that are run by name
here=$(dirname "$(realpath "$0")")
# shellcheck source=tests/clients/lib.sh
. "$here/lib.sh"
store=$work/fapi
mkdir -p "$store"/{user,system,log}
cd "$store" || exit 1
export TSS2_FAPICONF=$store/config.json
srk=HS/SRK
echo "a secret" >secret
echo "a message" >message
echo '{ "some": "event" }' >event
openssl dgst -sha256 -binary message >digest
openssl dgst -sha256 -binary secret >other

# A vTPM has no certificate for its endorsement key unless somebody writes one.
provision() {
	cat >"$TSS2_FAPICONF" <<-END
	{ "profile_name": "P_ECCP256SHA256",
	  "profile_dir": "/etc/tpm2-tss/fapi-profiles/",
	  "user_dir": "$store/user/", "system_dir": "$store/system/",
	  "log_dir": "$store/log/", "system_pcrs": [],
	  "tcti": "$TPM2TOOLS_TCTI", "ek_cert_less": "yes" }
	END
	tss2_provision || return 1
	tss2_list | tr ':' '\n' | grep -x "/P_ECCP256SHA256/$srk" ||
		fail "no storage root key"
	tpm2_readpublic -Q -c 0x81000001
}

provision_twice() { refused 'Already provisioned' tss2_provision; }

# The policy $1 from JSON, $2 is its elements.
policy() {
	printf '{ "description": "%s", "policy": [ %s ] }' "$1" "$2" >"$1.json"
	tss2_import -p "/policy/$1" -i "$1.json"
}

sign() {
	tss2_createkey -p "$srk/sign" -t sign,noDa -a '' &&
		tss2_sign -p "$srk/sign" -d digest -o signature -k sign.pem || return 1
	openssl dgst -sha256 -verify sign.pem -signature signature message ||
		fail "OpenSSL does not accept the signature"
	tss2_verifysignature -p "$srk/sign" -d digest -i signature &&
		refused 'ignature' tss2_verifysignature -p "$srk/sign" -d other -i signature
}

random() {
	tss2_getrandom -n 300 -o random && [ "$(stat -c %s random)" = 300 ]
}

# A counter and a bit field: what they have is what has been done to them.
nv() {
	tss2_createnv -p /nv/Owner/counter -t counter,noDa -a '' &&
		tss2_nvincrement -p /nv/Owner/counter &&
		tss2_nvread -p /nv/Owner/counter -o before &&
		tss2_nvincrement -p /nv/Owner/counter &&
		tss2_nvread -p /nv/Owner/counter -o after || return 1
	[ $((0x$(hex after))) = $((0x$(hex before) + 1)) ] ||
		fail "$(hex before), incremented: $(hex after)"
	tss2_createnv -p /nv/Owner/bits -t bitfield,noDa -a '' &&
		tss2_nvsetbits -p /nv/Owner/bits -i 0x0102030405060608 &&
		tss2_nvread -p /nv/Owner/bits -o bits || return 1
	[ "$(hex bits)" = 0102030405060608 ] || fail "bits: $(hex bits)"
	refused 'inconsistent attributes' tss2_nvincrement -p /nv/Owner/bits
}

# A quote with the log of what FAPI has extended; for no other nonce.
quote() {
	tss2_createkey -p "$srk/attest" -t sign,restricted,noDa -a '' &&
		tss2_pcrextend -x 16 -i message --logData=event &&
		tss2_quote -p "$srk/attest" -x 16 -Q digest -q info -o signature -l events -f ||
		return 1
	tss2_verifyquote -k "$srk/attest" -Q digest -q info -i signature -l events &&
		refused . tss2_verifyquote -k "$srk/attest" -Q other -q info \
			-i signature -l events && restore_pcr16
}

# Sealed for PCR 16 as it is after a reset.
seal() {
	policy pcr16 '{ "type": "POLICYPCR", "pcrs": [ { "pcr": 16,
		"hashAlg": "TPM2_ALG_SHA256", "digest": "'"$(printf '%064d' 0)"'" } ] }' &&
		tss2_createseal -p "$srk/seal" -t noDa -a '' -P /policy/pcr16 -i secret &&
		tss2_unseal -p "$srk/seal" -o unsealed && cmp secret unsealed
}

seal_refused() {
	change_pcr16
	refused '0x000001c4' tss2_unseal -p "$srk/seal" -o unsealed -f
	restore_pcr16
	tss2_unseal -p "$srk/seal" -o unsealed -f
}

# Who has the key decides later which policy it is.
authorize() {
	tss2_createkey -p "$srk/owner" -t sign,noDa -a '' &&
		policy owner '{ "type": "POLICYAUTHORIZE", "keyPath": "/HS/SRK/owner" }' &&
		tss2_createkey -p "$srk/later" -t sign,noDa -a '' -P /policy/owner || return 1
	refused . tss2_sign -p "$srk/later" -d digest -o signature -f
	tss2_authorizepolicy -p "$srk/owner" -P /policy/pcr16 &&
		tss2_sign -p "$srk/later" -d digest -o signature -f &&
		tss2_verifysignature -p "$srk/later" -d digest -i signature
}

# The same, where the policy is in an NV index; and an index that policies test.
authorize_nv() {
	tss2_createnv -p /nv/Owner/policy -s 34 -t noDa -a '' &&
		tss2_writeauthorizenv -p /nv/Owner/policy -P /policy/pcr16 &&
		policy index '{ "type": "POLICYAUTHORIZENV", "nvPath": "/nv/Owner/policy" },
			{ "type": "POLICYNV", "nvPath": "/nv/Owner/bits",
			  "operandB": "0102030405060608" },
			{ "type": "POLICYCOMMANDCODE", "code": "SIGN" }' &&
		tss2_createkey -p "$srk/index" -t sign,noDa -a '' -P /policy/index &&
		tss2_sign -p "$srk/index" -d digest -o signature -f || return 1
	tss2_nvsetbits -p /nv/Owner/bits -i 1
	refused '0x00000126' tss2_sign -p "$srk/index" -d digest -o signature -f
}

# A key goes to another parent, by TPM2_Duplicate and TPM2_Import: the same key.
duplicate() {
	local path

	tss2_createkey -p "$srk/parent" -t decrypt,restricted,noDa -a '' &&
		tss2_exportkey -p "$srk/parent" -o parent.json &&
		tss2_import -p /ext/parent -i parent.json &&
		policy move '{ "type": "POLICYDUPLICATIONSELECT", "newParentPath": "/ext/parent" }' &&
		tss2_createkey -p "$srk/moved" -t sign,exportable,noDa -a '' -P /policy/move &&
		tss2_exportkey -p "$srk/moved" -e /ext/parent -o moved.json &&
		tss2_import -p copy -i moved.json || return 1
	for path in moved parent/copy; do
		tss2_gettpm2object -p "$srk/$path" -c loaded.ctx -f &&
			tpm2_readpublic -Q -c loaded.ctx -n "${path%/*}.name" || return 1
	done
	cmp moved.name parent.name
}

remove() {
	tss2_delete -p / || return 1
	refused . tpm2_readpublic -c 0x81000001
}

t "FAPI: provisioned, with the profile for P-256" provision
t "FAPI: once only" provision_twice
t "FAPI: random bytes" random
t "FAPI: a signature; OpenSSL verifies" sign
t "FAPI: a counter and a bit field in NV" nv
t "FAPI: a quote, with the log of what was extended" quote
t "FAPI: sealed to PCR 16" seal
t "FAPI: not unsealed when the PCR has changed" seal_refused
t "FAPI: a policy that is authorized later" authorize
t "FAPI: one in NV, and one that compares what is in NV" authorize_nv
t "FAPI: a key moved to another parent" duplicate
t "FAPI: all is deleted" remove
finish
