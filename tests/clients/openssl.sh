#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# In a guest: keys of the TPM in OpenSSL, by the provider tpm2-openssl, and
# behind PKCS #11; what they sign and decrypt is checked by OpenSSL's own code,
# and they authenticate servers of TLS.

# shellcheck disable=SC2317 # functions that are run by name
here=$(dirname "$(realpath "$0")")
# shellcheck source=tests/clients/lib.sh
. "$here/lib.sh"
export TPM2OPENSSL_TCTI=device:/dev/tpmrm0
# Keys from the TPM, digests and ciphers from OpenSSL.
tpm=(-provider default -provider tpm2
	-propquery '?provider=tpm2,tpm2.digest!=yes,tpm2.cipher!=yes')
export TPM2_PKCS11_STORE=$work/pkcs11 TPM2_PKCS11_TCTI=device:/dev/tpmrm0
module=/usr/lib/x86_64-linux-gnu/libtpm2_pkcs11.so.1
echo "a message" >message

# A key of the TPM and its public part.
generate() {
	local name=$1

	shift
	openssl genpkey "${tpm[@]}" "$@" -out "$name.key" || return 1
	grep -q 'BEGIN TSS2 PRIVATE KEY' "$name.key" || fail "that is not a key of the TPM"
	openssl pkey "${tpm[@]}" -in "$name.key" -pubout -out "$name.pub"
}

# OpenSSL accepts signature and message, and no other message.
accepts() {
	local name=$1

	shift
	openssl dgst -sha256 -verify "$name.pub" "$@" -signature signature message ||
		fail "OpenSSL does not accept the signature"
	echo "another message" >other
	refused 'erification failure' openssl dgst -sha256 -verify "$name.pub" "$@" \
		-signature signature other
}

sign() {
	local name=$1

	shift
	openssl dgst "${tpm[@]}" -sha256 -sign "$name.key" "$@" -out signature message &&
		accepts "$name" "$@"
}

decrypt() {
	openssl pkeyutl -encrypt -pubin -inkey rsa.pub -in message -out encrypted || return 1
	openssl pkeyutl "${tpm[@]}" -decrypt -inkey rsa.key -in encrypted -out decrypted || return 1
	cmp message decrypted
}

# The secret of an ECDH exchange, computed by the TPM and by OpenSSL.
derive() {
	openssl genpkey -algorithm EC -pkeyopt group:P-256 -out peer.key
	openssl pkey -in peer.key -pubout -out peer.pub
	openssl pkeyutl "${tpm[@]}" -derive -inkey ec.key -peerkey peer.pub -out ours || return 1
	openssl pkeyutl -derive -inkey peer.key -peerkey ec.pub -out theirs
	cmp ours theirs
}

certify() {
	openssl req "${tpm[@]}" -x509 -key "$1.key" -subj "/CN=$1" -days 30 \
		-out "$1.crt" || return 1
	openssl verify -CAfile "$1.crt" "$1.crt"
}

# A handshake over the loopback interface: the server proves the key $1 and what
# the client sends arrives. The client's and verifier's part is OpenSSL's. The
# rest of the arguments are for the server.
tls() {
	local name=$1 version=$2 status=0

	shift 2
	rm -f tls.*
	mkfifo tls.hold
	timeout 60 "$@" <>tls.hold >tls.server 2>&1 &
	until timeout 5 bash -c ': </dev/tcp/127.0.0.1/4433' 2>/dev/null; do
		kill -0 $! 2>/dev/null || fail "no server: $(cat tls.server)"
		read -r -t 0.2 <>tls.hold
	done
	{ echo "over TLS"; read -r -t 3 <>tls.hold || true; } |
		timeout 60 openssl s_client -connect 127.0.0.1:4433 -brief "-$version" \
			-CAfile "$name.crt" -verify_return_error >tls.client 2>&1 || status=$?
	kill $! 2>/dev/null
	wait
	if [ "$status" != 0 ] || ! grep -q 'Verification: OK' tls.client ||
	   ! grep -q 'over TLS' tls.server; then
		echo "client, status $status:"; cat tls.client
		echo "server:"; tail -n 30 tls.server
		return 1
	fi
}

tls_provider() {
	tls "$1" "$2" openssl s_server -accept 127.0.0.1:4433 "${tpm[@]}" "-$2" \
		-key "$1.key" -cert "$1.crt"
}

# PKCS #11: the token's parent key and the keys below it.

token_tool() { tpm2_ptool "$@" --path "$TPM2_PKCS11_STORE"; }

new_token() {
	mkdir -p "$TPM2_PKCS11_STORE"
	token_tool init || return 1
	token_tool addtoken --pid 1 --sopin so.123456 --userpin user.1234 --label token
}

# The identifier is text, which pkcs11-tool wants in hexadecimal.
new_key() {
	local name=$1 algorithm=$2

	token_tool addkey --algorithm "$algorithm" --label token --key-label "$name" \
		--id "$name" --userpin user.1234 || return 1
	token "$name" --read-object --type pubkey --output-file "$name.der" &&
		openssl pkey -pubin -inform DER -in "$name.der" -out "$name.pub"
}

token() {
	local name=$1

	shift
	pkcs11-tool --module "$module" --token-label token \
		--id "$(printf %s "$name" | hex -)" "$@"
}

token_sign() {
	local name=$1 mechanism=$2

	shift 2
	token "$name" --login --pin user.1234 --sign --mechanism "$mechanism" \
		--signature-format openssl --input-file message --output-file signature &&
		accepts "$name" "$@"
}

token_decrypt() {
	openssl pkeyutl -encrypt -pubin -inkey p11rsa.pub -in message -out encrypted \
		-pkeyopt rsa_padding_mode:oaep -pkeyopt rsa_oaep_md:sha256 || return 1
	token p11rsa --login --pin user.1234 --decrypt --mechanism RSA-PKCS-OAEP \
		--hash-algorithm SHA256 --input-file encrypted --output-file decrypted &&
		cmp message decrypted
}

wrong_pin() {
	refused CKR_PIN_INCORRECT token p11ec --login --pin user.4321 --sign \
		--mechanism ECDSA-SHA256 --input-file message --output-file signature
}

# By GnuTLS, since OpenSSL 3.0's engine for PKCS #11 would have the TSS library
# inside the token's module use the token for its own cryptography, too.
uri() { echo "pkcs11:token=token;object=$1;type=private;pin-value=user.1234"; }

token_certificate() {
	printf 'cn = "%s"\nsigning_key\nexpiration_days = 30\n' "$1" >template
	certtool --provider "$module" --generate-self-signed --load-privkey "$(uri "$1")" \
		--load-pubkey "$1.pub" --template template --outfile "$1.crt" || return 1
	openssl verify -CAfile "$1.crt" "$1.crt"
}

tls_token() {
	tls "$1" "$2" gnutls-serv --provider "$module" --port 4433 --echo --quiet \
		--x509keyfile "$(uri "$1")" --x509certfile "$1.crt"
}

t "tpm2-openssl: an RSA key" generate rsa -algorithm RSA -pkeyopt bits:2048
t "tpm2-openssl: an EC key" generate ec -algorithm EC -pkeyopt group:P-256
t "tpm2-openssl: RSASSA; OpenSSL verifies" sign rsa
t "tpm2-openssl: RSAPSS; OpenSSL verifies" sign rsa -sigopt rsa_padding_mode:pss \
	-sigopt rsa_pss_saltlen:digest
t "tpm2-openssl: ECDSA; OpenSSL verifies" sign ec
t "tpm2-openssl: RSAES decryption of what OpenSSL encrypted" decrypt
t "tpm2-openssl: ECDH, the same secret as OpenSSL's" derive
t "tpm2-openssl: a self-signed RSA certificate" certify rsa
t "tpm2-openssl: a self-signed EC certificate" certify ec
t "tpm2-openssl: TLS 1.3 with the RSA key" tls_provider rsa tls1_3
t "tpm2-openssl: TLS 1.2 with the RSA key" tls_provider rsa tls1_2
t "tpm2-openssl: TLS 1.3 with the EC key" tls_provider ec tls1_3
t "tpm2-pkcs11: a token" new_token
t "tpm2-pkcs11: an EC key" new_key p11ec ecc256
t "tpm2-pkcs11: an RSA key" new_key p11rsa rsa2048
t "tpm2-pkcs11: ECDSA; OpenSSL verifies" token_sign p11ec ECDSA-SHA256
t "tpm2-pkcs11: RSASSA; OpenSSL verifies" token_sign p11rsa SHA256-RSA-PKCS
t "tpm2-pkcs11: RSAPSS; OpenSSL verifies" token_sign p11rsa SHA256-RSA-PKCS-PSS \
	-sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:digest
t "tpm2-pkcs11: OAEP decryption of what OpenSSL encrypted" token_decrypt
t "tpm2-pkcs11: refuses a wrong PIN" wrong_pin
t "tpm2-pkcs11: a self-signed certificate (GnuTLS)" token_certificate p11ec
t "tpm2-pkcs11: TLS 1.3 between GnuTLS and OpenSSL" tls_token p11ec tls1_3
finish
