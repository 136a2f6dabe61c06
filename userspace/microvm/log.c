// SPDX-License-Identifier: GPL-2.0
/*
 * The TCG event log ("crypto agile", TCG PC Client Platform Firmware Profile,
 * 10.2): it says what was measured, and who replays it gets the PCRs.
 */
#include <endian.h>
#include <openssl/evp.h>
#include <string.h>

#include <linux/vtpm_mux.h>

#include "microvm.h"

#define EV_NO_ACTION	3
#define SHA1_SIZE	20

static const struct bank {
	__u32 mask;
	__u16 alg;		/* TPM_ALG_ID */
	__u16 len;
	const char *name;	/* OpenSSL's */
} banks_known[BANKS_MAX] = {
	{ VTPM_BANK_SHA1, 0x0004, 20, "SHA1" },
	{ VTPM_BANK_SHA256, 0x000b, 32, "SHA256" },
	{ VTPM_BANK_SHA384, 0x000c, 48, "SHA384" },
	{ VTPM_BANK_SHA512, 0x000d, 64, "SHA512" },
};

/* Room for the log was allocated as a whole: EVENT_LOG_SIZE. */
static void put(struct bytes *log, const void *data, size_t len)
{
	if (len > EVENT_LOG_SIZE - log->len)
		die("the event log is too long");
	memcpy(log->data + log->len, data, len);
	log->len += len;
}

static void put8(struct bytes *log, __u8 value)
{
	put(log, &value, sizeof(value));
}

static void put16(struct bytes *log, __u16 value)
{
	value = htole16(value);
	put(log, &value, sizeof(value));
}

static void put32(struct bytes *log, __u32 value)
{
	value = htole32(value);
	put(log, &value, sizeof(value));
}

/**
 * log_begin() - write the log's header
 * @log: empty
 * @banks: VTPM_BANK_*
 *
 * The first event has the form of old, and says what form the others have.
 * Return: how many digests each of them has.
 */
unsigned int log_begin(struct bytes *log, __u32 banks)
{
	static const __u8 no_digest[SHA1_SIZE];
	unsigned int i, count = 0;

	for (i = 0; i < BANKS_MAX; i++)
		count += !!(banks & banks_known[i].mask);
	put32(log, 0);
	put32(log, EV_NO_ACTION);
	put(log, no_digest, sizeof(no_digest));
	put32(log, 16 + 4 + 4 + 4 + 4 * count + 1);
	put(log, "Spec ID Event03", 16);
	put32(log, 0);			/* a client platform */
	put8(log, 0);			/* of specification 2.0 */
	put8(log, 2);
	put8(log, 105);			/* errata */
	put8(log, 2);			/* UINTN has 64 bits */
	put32(log, count);
	for (i = 0; i < BANKS_MAX; i++) {
		if (!(banks & banks_known[i].mask))
			continue;
		put16(log, banks_known[i].alg);
		put16(log, banks_known[i].len);
	}
	put8(log, 0);
	return count;
}

/* The digests of @data, one for each bank; returns how many. */
unsigned int log_digests(struct digest *d, __u32 banks, const void *data,
			 size_t len)
{
	unsigned int i, count = 0;

	for (i = 0; i < BANKS_MAX; i++) {
		if (!(banks & banks_known[i].mask))
			continue;
		d[count].alg = banks_known[i].alg;
		d[count].len = banks_known[i].len;
		if (!EVP_Digest(data, len, d[count].data, NULL,
				EVP_get_digestbyname(banks_known[i].name),
				NULL))
			die("libcrypto: no digest 0x%x", d[count].alg);
		count++;
	}
	return count;
}

void log_event(struct bytes *log, __u32 pcr, __u32 type,
	       const struct digest *d, unsigned int count,
	       const void *event, size_t len)
{
	unsigned int i;

	put32(log, pcr);
	put32(log, type);
	put32(log, count);
	for (i = 0; i < count; i++) {
		put16(log, d[i].alg);
		put(log, d[i].data, d[i].len);
	}
	put32(log, len);
	put(log, event, len);
}
