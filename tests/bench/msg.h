/* SPDX-License-Identifier: GPL-2.0 */
/*
 * TPM 2.0 commands and responses as bytes.
 */
#ifndef BENCH_MSG_H
#define BENCH_MSG_H

#include <stdint.h>
#include <string.h>

#define TPM_BUFSIZE		4096
#define TPM_HEADER		10

#define TPM_ST_NO_SESSIONS	0x8001
#define TPM_ST_SESSIONS		0x8002

/* A command as it is built, or a response as it was read. */
struct msg {
	size_t len;
	uint8_t data[TPM_BUFSIZE];
};

static inline void put(struct msg *m, const void *data, size_t len)
{
	memcpy(m->data + m->len, data, len);
	m->len += len;
}

static inline void put8(struct msg *m, uint8_t v)
{
	put(m, &v, 1);
}

static inline void put16(struct msg *m, uint16_t v)
{
	put8(m, v >> 8);
	put8(m, v);
}

static inline void put32(struct msg *m, uint32_t v)
{
	put16(m, v >> 16);
	put16(m, v);
}

/* A TPM2B of bytes that do not matter. */
static inline void put_bytes(struct msg *m, uint16_t len, uint8_t value)
{
	put16(m, len);
	memset(m->data + m->len, value, len);
	m->len += len;
}

static inline uint16_t get16(const struct msg *m, size_t at)
{
	return m->data[at] << 8 | m->data[at + 1];
}

static inline uint32_t get32(const struct msg *m, size_t at)
{
	return (uint32_t)get16(m, at) << 16 | get16(m, at + 2);
}

static inline void set16(struct msg *m, size_t at, uint16_t v)
{
	m->data[at] = v >> 8;
	m->data[at + 1] = v;
}

static inline void cmd_begin(struct msg *m, uint16_t tag, uint32_t cc)
{
	m->len = 0;
	put16(m, tag);
	put32(m, 0);
	put32(m, cc);
}

static inline void cmd_end(struct msg *m)
{
	set16(m, 2, m->len >> 16);
	set16(m, 4, m->len);
}

/* Sizes that are known only when what they count has been written. */
static inline size_t size_begin(struct msg *m)
{
	put16(m, 0);
	return m->len;
}

static inline void size_end(struct msg *m, size_t begin)
{
	set16(m, begin - 2, m->len - begin);
}

#endif
