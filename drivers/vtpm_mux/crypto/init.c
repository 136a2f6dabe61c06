// SPDX-License-Identifier: GPL-2.0
/*
 * What the cryptographic primitives need before they are used, and random
 * numbers.
 */
#include <linux/random.h>

#include "../tpm2/crypto.h"
#include "hash.h"

void vtpm2_random(void *buf, size_t len)
{
	get_random_bytes(buf, len);
}

/**
 * vtpm2_crypto_init() - make ready for use
 *
 * Waits until the kernel's random number generator is seeded: keys and nonces
 * come from it.
 *
 * Return: 0 or a negative errno.
 */
int vtpm2_crypto_init(void)
{
	int ret;

	ret = wait_for_random_bytes();
	return ret ?: vtpm2_hash_setup();
}

/**
 * vtpm2_crypto_exit() - undo vtpm2_crypto_init()
 */
void vtpm2_crypto_exit(void)
{
	vtpm2_hash_teardown();
}
