// SPDX-License-Identifier: GPL-2.0
/*
 * The authority that admits states of the host: its key and its signatures, as
 * openssl writes them.
 */
#include <err.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/obj_mac.h>

#include "authority.h"

#define FILE_MAX_SIZE	1024

/* SubjectPublicKeyInfo of a P-256 key, up to the point (RFC 5480). */
static const __u8 p256_prefix[] = {
	0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02,
	0x01, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03,
	0x42, 0x00, 0x04,
};

static size_t read_file(const char *path, void *data, size_t max)
{
	FILE *f = fopen(path, "re");
	size_t n;

	if (!f)
		err(EXIT_FAILURE, "%s", path);
	n = fread(data, 1, max, f);
	if (ferror(f))
		err(EXIT_FAILURE, "%s", path);
	fclose(f);
	return n;
}

static int base64_digit(char c)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *p = c ? strchr(digits, c) : NULL;

	return p ? (int)(p - digits) : -1;
}

/* Up to the first character that is neither a digit nor a line's end. */
static size_t decode_base64(const char *text, __u8 *data, size_t max)
{
	unsigned int bits = 0, value = 0;
	size_t n = 0;
	int digit;

	for (; *text; text++) {
		if (*text == '\n' || *text == '\r')
			continue;
		digit = base64_digit(*text);
		if (digit < 0)
			break;
		value = (value << 6 | digit) & 0xffff;
		bits += 6;
		if (bits < 8)
			continue;
		bits -= 8;
		if (n == max)
			return 0;
		data[n++] = value >> bits;
	}
	return n;
}

void read_authority(const char *path, __u8 point[64])
{
	static const char begin[] = "-----BEGIN PUBLIC KEY-----";
	__u8 der[sizeof(p256_prefix) + 64];
	char pem[FILE_MAX_SIZE + 1];
	char *key;

	pem[read_file(path, pem, FILE_MAX_SIZE)] = '\0';
	key = strstr(pem, begin);
	if (!key)
		errx(EXIT_FAILURE, "%s: not a public key in PEM", path);
	if (decode_base64(key + strlen(begin), der, sizeof(der)) != sizeof(der) ||
	    memcmp(der, p256_prefix, sizeof(p256_prefix)))
		errx(EXIT_FAILURE, "%s: not a key of the curve P-256, which it has to be",
		     path);
	memcpy(point, der + sizeof(p256_prefix), 64);
}

/* An INTEGER of DER, from 1 to 2^256, in 32 bytes. */
static bool read_integer(const __u8 **p, const __u8 *end, __u8 out[32])
{
	const __u8 *value = *p + 2;
	size_t len;

	if (end - *p < 2 || (*p)[0] != 0x02 || (*p)[1] > end - value)
		return false;
	len = (*p)[1];
	*p = value + len;
	for (; len && !*value; len--)
		value++;
	if (!len || len > 32)
		return false;
	memset(out, 0, 32 - len);
	memcpy(out + 32 - len, value, len);
	return true;
}

void read_signature(const char *path, __u8 signature[64])
{
	__u8 der[FILE_MAX_SIZE];
	size_t n = read_file(path, der, sizeof(der));
	const __u8 *p = der + 2;

	/* SEQUENCE of r and s (RFC 3279); 72 bytes at most */
	if (n < 2 || der[0] != 0x30 || der[1] != n - 2 ||
	    !read_integer(&p, der + n, signature) ||
	    !read_integer(&p, der + n, signature + 32) || p != der + n)
		errx(EXIT_FAILURE, "%s: not an ECDSA signature in DER", path);
}

void read_policy(const char *path, __u8 policy[32])
{
	__u8 data[FILE_MAX_SIZE];
	size_t n = read_file(path, data, sizeof(data));
	size_t ref = strlen(POLICY_REF);

	if (n != 32 && (n != 32 + ref || memcmp(data + 32, POLICY_REF, ref)))
		errx(EXIT_FAILURE, "%s: not what 'host policy' writes", path);
	memcpy(policy, data, 32);
}

/* What is signed of @policy, as a number. */
static bool signed_number(const __u8 policy[32], BIGNUM *z)
{
	__u8 data[32 + sizeof(POLICY_REF) - 1], md[32];

	memcpy(data, policy, 32);
	memcpy(data + 32, POLICY_REF, sizeof(POLICY_REF) - 1);
	return EVP_Digest(data, sizeof(data), md, NULL, EVP_sha256(), NULL) &&
	       BN_bin2bn(md, sizeof(md), z);
}

/* Any point: half of all numbers are the x of one. */
static bool random_point(const EC_GROUP *group, EC_POINT *point, BIGNUM *x, BN_CTX *ctx)
{
	int tries;

	for (tries = 0; tries < 256; tries++)
		if (BN_rand(x, 256, BN_RAND_TOP_ANY, BN_RAND_BOTTOM_ANY) &&
		    EC_POINT_set_compressed_coordinates(group, point, x, 0, ctx))
			return true;
	return false;
}

/* @key = (@s @point - @z G) / @r, @r the x of @point: (@r, @s) is its signature of @z. */
static bool recover_key(const EC_GROUP *group, EC_POINT *key, const EC_POINT *point,
			const BIGNUM *r, const BIGNUM *s, const BIGNUM *z, BN_CTX *ctx)
{
	const BIGNUM *n = EC_GROUP_get0_order(group);
	BIGNUM *inverse = BN_CTX_get(ctx), *a = BN_CTX_get(ctx), *b = BN_CTX_get(ctx);

	return b && BN_mod_inverse(inverse, r, n, ctx) &&
	       BN_mod_mul(a, s, inverse, n, ctx) &&
	       BN_mod_sub(b, n, z, n, ctx) && BN_mod_mul(b, b, inverse, n, ctx) &&
	       EC_POINT_mul(group, key, b, point, a, ctx);
}

/*
 * The signature comes first, and the key from it (SEC 1, 4.1.6): both are as random
 * as if the key had been. But its private part is known to nobody, and never was: it
 * cannot be left in memory, in swap or in a core dump.
 */
void make_authority(const __u8 policy[32], __u8 public[64], __u8 signature[64])
{
	EC_GROUP *group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
	EC_POINT *point = group ? EC_POINT_new(group) : NULL;
	EC_POINT *key = group ? EC_POINT_new(group) : NULL;
	BN_CTX *ctx = BN_CTX_new();
	BIGNUM *x, *y, *r, *s, *z;

	if (!point || !key || !ctx)
		goto failed;
	BN_CTX_start(ctx);
	x = BN_CTX_get(ctx);
	y = BN_CTX_get(ctx);
	r = BN_CTX_get(ctx);
	s = BN_CTX_get(ctx);
	z = BN_CTX_get(ctx);
	if (!z || !signed_number(policy, z) || !random_point(group, point, x, ctx) ||
	    !BN_nnmod(r, x, EC_GROUP_get0_order(group), ctx) ||
	    !BN_rand_range(s, EC_GROUP_get0_order(group)) ||
	    !recover_key(group, key, point, r, s, z, ctx) ||
	    !EC_POINT_get_affine_coordinates(group, key, x, y, ctx) ||
	    BN_is_zero(r) || BN_is_zero(s) ||
	    BN_bn2binpad(x, public, 32) != 32 || BN_bn2binpad(y, public + 32, 32) != 32 ||
	    BN_bn2binpad(r, signature, 32) != 32 || BN_bn2binpad(s, signature + 32, 32) != 32)
		goto failed;
	BN_CTX_end(ctx);
	BN_CTX_free(ctx);
	EC_POINT_free(key);
	EC_POINT_free(point);
	EC_GROUP_free(group);
	return;
failed:
	errx(EXIT_FAILURE, "OpenSSL cannot make a key of the curve P-256");
}
