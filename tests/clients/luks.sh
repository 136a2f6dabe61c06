#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# In a guest: disks and credentials that open while the machine is in the state
# that it should be in, by systemd's and clevis' own tools.

# shellcheck disable=SC2317 # functions that are run by name
here=$(dirname "$(realpath "$0")")
# shellcheck source=tests/clients/lib.sh
. "$here/lib.sh"
systemd=/lib/systemd
umask 077

# A LUKS volume in a file; what is on it shows that it is opened with its key.
# A slow derivation of keys would test nothing here.
new_volume() {
	head -c 32 /dev/urandom >key
	rm -f disk
	truncate -s 24M disk
	cryptsetup luksFormat -q --type luks2 --pbkdf pbkdf2 \
		--pbkdf-force-iterations 1000 --key-file key disk || return 1
	losetup /dev/loop0 disk
	cryptsetup open --key-file key /dev/loop0 volume || return 1
	echo "on the volume" | dd of=/dev/mapper/volume bs=512 conv=sync status=none
	cryptsetup close volume
}

# Unlocks by the command $@, which makes /dev/mapper/volume, and by nothing else.
opens_by() {
	local on_it

	"$@" || fail "not unlocked: $*"
	read -r on_it </dev/mapper/volume
	cryptsetup close volume
	[ "$on_it" = "on the volume" ] || fail "that is not the volume"
}

enroll() {
	systemd-cryptenroll --unlock-key-file=key --wipe-slot=tpm2 \
		--tpm2-device=auto "$@" /dev/loop0
}

# The options of the volume, as in crypttab(5), are in $1.
attach() {
	"$systemd/systemd-cryptsetup" attach volume /dev/loop0 - \
		"tpm2-device=auto,headless=true${1:+,$1}"
}


# The guest's tools compare with the policy digest that the TPM has computed.
attach_refused() { refused 'policy digest does not match' attach "$@"; }

attach_pin() { PIN=$1 attach; }

tries() { tpm2_getcap properties-variable | sed -n 's/^TPM2_PT_LOCKOUT_COUNTER: *//p'; }

# The wrong PIN counts as a try in the TPM's protection against guessing.
wrong_pin() {
	local before after

	before=$(tries)
	refused '0x0000098e' attach_pin 1357
	after=$(tries)
	[ $((after)) -eq $((before + 1)) ] || fail "tries before: $before, after: $after"
}

# A signed policy: whoever has the private key says which values of PCR 11 open
# the volume, without another enrollment.
sign_current() {
	"$systemd/systemd-measure" sign --current --bank=sha256 --phase= \
		--private-key=policy.key --public-key=policy.pub >signature.json
}

enroll_signed() {
	openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out policy.key \
		2>/dev/null
	openssl pkey -in policy.key -pubout -out policy.pub
	sign_current && enroll --tpm2-public-key=policy.pub --tpm2-public-key-pcrs=11 \
		--tpm2-signature=signature.json --tpm2-pcrs=
}

attach_signed() { attach "tpm2-signature=$work/signature.json"; }

signature_outdated() {
	tpm2_pcrextend "11:sha256=$(printf '%064d' 1)"
	refused "Couldn't find signature|Failed to (find|unseal)" attach_signed
}

signed_anew() {
	sign_current && opens_by attach_signed
}

encrypt_credential() {
	echo "a credential" >credential
	systemd-creds encrypt --with-key=tpm2 --tpm2-pcrs=7+16 --name=test \
		credential credential.encrypted
}

decrypt_credential() {
	[ "$(systemd-creds decrypt --name=test credential.encrypted -)" = "a credential" ]
}

credential_refused() {
	refused 'policy digest does not match|0x0*99d' systemd-creds decrypt --name=test \
		credential.encrypted -
}

clevis_encrypt() {
	echo "a secret" | clevis encrypt tpm2 \
		'{"key":"rsa","pcr_bank":"sha256","pcr_ids":"7,16"}' >secret.jwe
}

clevis_decrypt() { [ "$(clevis decrypt <secret.jwe)" = "a secret" ]; }

bind_clevis() {
	clevis luks bind -y -k key -d /dev/loop0 tpm2 \
		'{"key":"ecc","pcr_bank":"sha256","pcr_ids":"7,16"}' </dev/null
}

clevis_unlock() { clevis luks unlock -d /dev/loop0 -n volume; }

modprobe -a loop dm_crypt
t "a LUKS volume" new_volume
t "systemd-cryptenroll binds it to PCRs 7 and 16" enroll --tpm2-pcrs=7+16
t "systemd-cryptsetup opens it" opens_by attach
change_pcr16
t "and does not when a PCR has changed" attach_refused
restore_pcr16
t "but again when the PCR is as it was" opens_by attach
t "systemd-cryptenroll with PCRs and a PIN" \
	env NEWPIN=2468 systemd-cryptenroll --unlock-key-file=key --wipe-slot=tpm2 \
	--tpm2-device=auto --tpm2-pcrs=7+16 --tpm2-with-pin=yes /dev/loop0
t "the PIN opens it" opens_by attach_pin 2468
t "another PIN does not, and counts as a try" wrong_pin
t "systemd-cryptenroll with a signed policy (systemd-measure)" enroll_signed
t "the signature for the present PCR 11 opens it" opens_by attach_signed
t "and does not when PCR 11 has changed" signature_outdated
t "a signature for the new value does" signed_anew
t "systemd-creds encrypts" encrypt_credential
t "and decrypts" decrypt_credential
change_pcr16
t "but not when a PCR has changed" credential_refused
restore_pcr16
t "clevis encrypts below an RSA key" clevis_encrypt
t "and decrypts" clevis_decrypt
t "clevis binds the volume to PCRs 7 and 16" bind_clevis
t "clevis opens it" opens_by clevis_unlock
change_pcr16
t "and does not when a PCR has changed (TPM_RC_POLICY_FAIL)" \
	refused '0x99[dD]' clevis_unlock
t "nor decrypts" refused '0x99[dD]' clevis_decrypt
restore_pcr16
t "but again when the PCR is as it was" opens_by clevis_unlock
losetup -d /dev/loop0
finish
