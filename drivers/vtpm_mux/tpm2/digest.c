// SPDX-License-Identifier: GPL-2.0
#include "tpm2.h"

/* @parts may include @out itself: it is written last. */
void vtpm2_hash_parts(u16 alg, const struct vtpm2_bytes *parts, unsigned int n,
		      struct vtpm2_digest *out)
{
	struct vtpm2_hash h;
	unsigned int i;

	vtpm2_hash_init(&h, alg);
	for (i = 0; i < n; i++)
		vtpm2_hash_update(&h, parts[i].p, parts[i].len);
	vtpm2_hash_final(&h, out->buf);
	out->len = vtpm2_digest_size(alg);
}
