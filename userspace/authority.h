/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The authority that admits states of the host: its key and its signatures, as
 * openssl writes them.
 */
#ifndef VTPMCTL_AUTHORITY_H
#define VTPMCTL_AUTHORITY_H

#include <linux/types.h>

/* What is signed ends with it. */
#define POLICY_REF	"vtpm_mux"

/* A P-256 public key in PEM ("openssl pkey -pubout"). Ends if it is none. */
void read_authority(const char *path, __u8 point[64]);
/* A signature in DER ("openssl dgst -sign"). Ends if it is none. */
void read_signature(const char *path, __u8 signature[64]);
/* What was signed: 32 bytes, or these and "vtpm_mux". Ends if it is not that. */
void read_policy(const char *path, __u8 policy[32]);

/*
 * An authority of which nothing is known but its public key and its one signature,
 * of @policy.
 */
void make_authority(const __u8 policy[32], __u8 public[64], __u8 signature[64]);

#endif
