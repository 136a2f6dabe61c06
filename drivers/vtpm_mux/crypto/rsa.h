/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What RSA operations and RSA key generation share.
 */
#ifndef VTPM2_RSA_H
#define VTPM2_RSA_H

#include <linux/types.h>

#include "../tpm2/crypto.h"

#define VTPM2_RSA_MIN		128	/* RSA-1024, bytes */
#define VTPM2_PRIME_LIMBS	(VTPM2_MAX_RSA / 16)

/* The private operation works on halves of the modulus in whole limbs. */
static inline bool vtpm2_rsa_size_valid(size_t len)
{
	return len >= VTPM2_RSA_MIN && len <= VTPM2_MAX_RSA && len % 16 == 0;
}

static inline bool vtpm2_rsa_exponent_valid(u32 exponent)
{
	return exponent >= 3 && (exponent & 1);
}

int vtpm2_prime_generate(u64 *p, unsigned int len, u32 exponent);

#endif
