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
