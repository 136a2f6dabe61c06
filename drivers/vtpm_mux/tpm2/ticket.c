// SPDX-License-Identifier: GPL-2.0
/*
 * Tickets (Part 2, 10.7): what this TPM once found true, in the guest's hands.
 *
 * A ticket is an HMAC under the proof of a hierarchy, a secret that never
 * leaves the TPM and that is renewed when the hierarchy is cleared.
 */
#include <crypto/utils.h>
#include <linux/array_size.h>
#include <linux/string.h>
#include <linux/unaligned.h>

#include "tpm2.h"

static bool tag_matches(u16 tag, u16 wanted)
{
	return tag == wanted || (wanted == TPM2_ST_AUTH_SIGNED &&
				 tag == TPM2_ST_AUTH_SECRET);
}

void vtpm2_rd_ticket(struct vtpm2_rd *rd, u16 tag, struct vtpm2_ticket *ticket)
{
	ticket->tag = vtpm2_rd_u16(rd);
	if (!tag_matches(ticket->tag, tag))
		vtpm2_rd_fail(rd, TPM2_RC_TAG);
	ticket->hierarchy = vtpm2_rd_hierarchy(rd);
	vtpm2_rd_digest(rd, &ticket->digest);
}

void vtpm2_wr_ticket(struct vtpm2_wr *wr, const struct vtpm2_ticket *ticket)
{
	vtpm2_wr_u16(wr, ticket->tag);
	vtpm2_wr_u32(wr, ticket->hierarchy);
	vtpm2_wr_digest(wr, &ticket->digest);
}

void vtpm2_ticket_make(struct vtpm2 *t, struct vtpm2_ticket *ticket,
		       const struct vtpm2_bytes *parts, unsigned int n)
{
	const struct vtpm2_hierarchy *h = vtpm2_hierarchy(t, ticket->hierarchy);
	struct vtpm2_hmac hmac;
	unsigned int i;
	u8 tag[2];

	put_unaligned_be16(ticket->tag, tag);
	vtpm2_hmac_init(&hmac, VTPM2_TICKET_HASH, h->proof, sizeof(h->proof));
	vtpm2_hmac_update(&hmac, tag, sizeof(tag));
	for (i = 0; i < n; i++)
		vtpm2_hmac_update(&hmac, parts[i].p, parts[i].len);
	vtpm2_hmac_final(&hmac, ticket->digest.buf);
	ticket->digest.len = vtpm2_digest_size(VTPM2_TICKET_HASH);
}

bool vtpm2_ticket_check(struct vtpm2 *t, const struct vtpm2_ticket *ticket,
			const struct vtpm2_bytes *parts, unsigned int n)
{
	struct vtpm2_ticket own = {
		.tag = ticket->tag,
		.hierarchy = ticket->hierarchy,
	};
	bool same;

	vtpm2_ticket_make(t, &own, parts, n);
	same = ticket->digest.len == own.digest.len &&
	       !crypto_memneq(ticket->digest.buf, own.digest.buf,
			      own.digest.len);
	/* the right ticket of a wrong one is as good as the proof for it */
	memzero_explicit(&own, sizeof(own));
	return same;
}

/* The algorithm is in it: a digest vouches for no other algorithm's. */
void vtpm2_ticket_make_hash(struct vtpm2 *t, u32 hierarchy, u16 alg,
			    const struct vtpm2_digest *digest,
			    struct vtpm2_ticket *ticket)
{
	u8 be[2];
	const struct vtpm2_bytes parts[] = {
		{ be, sizeof(be) }, { digest->buf, digest->len },
	};

	put_unaligned_be16(alg, be);
	ticket->tag = TPM2_ST_HASHCHECK;
	ticket->hierarchy = hierarchy;
	vtpm2_ticket_make(t, ticket, parts, ARRAY_SIZE(parts));
}

bool vtpm2_ticket_check_hash(struct vtpm2 *t, u16 alg,
			     const struct vtpm2_digest *digest,
			     const struct vtpm2_ticket *ticket)
{
	u8 be[2];
	const struct vtpm2_bytes parts[] = {
		{ be, sizeof(be) }, { digest->buf, digest->len },
	};

	put_unaligned_be16(alg, be);
	return vtpm2_ticket_check(t, ticket, parts, ARRAY_SIZE(parts));
}
