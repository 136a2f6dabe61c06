// SPDX-License-Identifier: GPL-2.0
/*
 * What a store must hold.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/unaligned.h>

#include "../../drivers/vtpm_mux/tpm2/crypto.h"
#include "../../drivers/vtpm_mux/tpm2/types.h"
#include "model.h"

const u8 test_key[VTPM_STATE_KEY_SIZE] = "the state key of the tests only";
const struct vtpm_store_identity test_identity = {
	.uuid = "a vTPM's UUID 00",
	.assurance = 1,
	.pcr_banks = 3,
	.mrk_name = "\0\x0bthe name of the mux root key....",
	.vmk_name = "\0\x0bthe name of the VM key..........",
	.vmk_auth = "authorization value of the VMK",
	.vmk = { .len = 300, .blob = "the VM key, wrapped" },
	.key = { .len = 280, .blob = "the state key, sealed" },
};

static u64 record_digest(const struct vtpm2_record *rec)
{
	u8 digest[VTPM2_MAX_DIGEST];
	struct vtpm2_hash h;

	vtpm2_hash_init(&h, TPM2_ALG_SHA256);
	vtpm2_hash_update(&h, &rec->type, sizeof(rec->type));
	vtpm2_hash_update(&h, &rec->id, sizeof(rec->id));
	vtpm2_hash_update(&h, rec->data, rec->len);
	vtpm2_hash_final(&h, digest);
	return get_unaligned_be64(digest);
}

u64 model_state(const struct model *m)
{
	unsigned int i;
	u64 state = 0;

	for (i = 0; i < m->count; i++)
		state ^= m->rec[i].digest;
	return state;
}

void model_apply(struct model *m, const struct vtpm2_record *rec, unsigned int n)
{
	unsigned int i;

	for (; n--; rec++) {
		for (i = 0; i < m->count; i++)
			if (m->rec[i].type == rec->type && m->rec[i].id == rec->id)
				break;
		if (!rec->data) {
			if (i < m->count)
				m->rec[i] = m->rec[--m->count];
			continue;
		}
		if (i == m->count)
			m->rec = realloc(m->rec, ++m->count * sizeof(*m->rec));
		m->rec[i] = (struct model_record){
			rec->type, rec->id, record_digest(rec),
		};
	}
}

int model_put(void *arg, const struct vtpm2_record *rec)
{
	model_apply(arg, rec, 1);
	return 0;
}

struct model model_copy(const struct model *m)
{
	struct model copy = { .count = m->count };

	copy.rec = malloc((m->count + 1) * sizeof(*m->rec));
	if (m->count)
		memcpy(copy.rec, m->rec, m->count * sizeof(*m->rec));
	return copy;
}

void model_free(struct model *m)
{
	free(m->rec);
	memset(m, 0, sizeof(*m));
}

int store_state(struct vtpm_store *store, u64 *state)
{
	struct model m = {};
	int rc = vtpm_store_each(store, model_put, &m);

	*state = model_state(&m);
	model_free(&m);
	return rc;
}

void history_init(struct history *h, const struct model *m)
{
	memset(h, 0, sizeof(*h));
	h->now = model_copy(m);
	h->start = model_state(m);
}

void history_free(struct history *h)
{
	model_free(&h->now);
	free(h->attempt);
}

int history_commit(struct history *h, struct disk *disk, struct vtpm_store *store,
		   const struct vtpm2_record *rec, unsigned int n)
{
	struct model next = model_copy(&h->now);
	struct attempt a = { .begin = disk->ops };
	struct vtpm_store_status status;
	int rc;

	model_apply(&next, rec, n);
	a.after = model_state(&next);
	rc = vtpm_store_commit(store, rec, n);
	a.ok = !rc;
	a.end = disk->ops;
	vtpm_store_get_status(store, &status);
	a.reached = status.position;
	if (a.ok) {
		model_free(&h->now);
		h->now = next;
	} else {
		model_free(&next);
	}
	if (h->count == h->cap) {
		h->cap = h->cap ? h->cap * 2 : 64;
		h->attempt = realloc(h->attempt, h->cap * sizeof(a));
	}
	h->attempt[h->count++] = a;
	return rc;
}

bool history_allows(const struct history *h, size_t ops, u64 state)
{
	unsigned int i, from = 0;
	u64 acked = h->start;

	for (i = 0; i < h->count; i++) {
		if (h->attempt[i].ok && h->attempt[i].end <= ops) {
			acked = h->attempt[i].after;
			from = i + 1;
		}
	}
	if (state == acked)
		return true;
	for (i = from; i < h->count && h->attempt[i].begin <= ops; i++)
		if (h->attempt[i].after == state)
			return true;
	return false;
}

bool history_reaches(const struct history *h, size_t ops, const struct vtpm_store *store)
{
	struct vtpm_store_status status;
	unsigned int i;

	vtpm_store_get_status(store, &status);
	for (i = 0; i < h->count; i++)
		if (h->attempt[i].ok && h->attempt[i].end <= ops &&
		    vtpm_position_before(&status.position, &h->attempt[i].reached))
			return false;
	return true;
}

static const struct {
	u32 type;
	u32 ids;
	u32 size;
} kinds[] = {
	{ VTPM2_REC_CORE, 1, 3000 },
	{ VTPM2_REC_NV, 16, 1500 },
	{ VTPM2_REC_PERSISTENT, 8, 2800 },
	{ VTPM2_REC_ORDERLY, 2, VTPM2_MAX_RECORD },
};

void change_random(struct change *c)
{
	u8 *p = c->buf;
	unsigned int i;

	/* Now and then more than one frame can hold. */
	c->n = rnd(12) ? 1 + rnd(3) : 8;
	for (i = 0; i < c->n; i++) {
		u32 k = rnd(c->n == 8 ? 4 : 3), len = rnd(kinds[k].size + 1);

		if (rnd(4) && c->n < 8)
			len = rnd(100);
		c->rec[i] = (struct vtpm2_record){
			.type = kinds[k].type,
			.id = rnd(kinds[k].ids),
			.data = p,
			.len = len,
		};
		rnd_bytes(p, len < 16 ? len : 16);
		memset(p + 16, len, len < 16 ? 0 : len - 16);
		p += len;
		if (k && !rnd(5))
			c->rec[i].data = NULL;
	}
}

static unsigned int tests, failures;

void tap(bool ok, const char *fmt, ...)
{
	va_list args;

	printf("%s %u - ", ok ? "ok" : "not ok", ++tests);
	va_start(args, fmt);
	vprintf(fmt, args);
	va_end(args);
	printf("\n");
	failures += !ok;
}

int tap_end(void)
{
	printf("1..%u\n", tests);
	return failures ? 1 : 0;
}

unsigned long wanted_cuts(void)
{
	const char *text = getenv("CRASH_CUTS");

	return text ? strtoul(text, NULL, 0) : 500;
}
