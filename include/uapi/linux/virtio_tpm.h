/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * A TPM 2.0 as a virtio device.
 *
 * One virtqueue. A request is a chain of descriptors: a TPM command in readable
 * ones, then room for its response, 4096 bytes, in writable ones. Both are as in
 * TPM 2.0 Part 1, 18, without any header of virtio's; the used length is the
 * response's. The command and the room for the response may share a buffer. The
 * device answers one request at a time, in order. A used length below 10 means
 * that there is no response, since there was not room for it. There are no
 * feature bits of the device type.
 *
 * This is what crosvm's device and its guests' driver speak, which have no
 * configuration space. A driver need not read it: what it would learn, it can
 * do without.
 */
#ifndef _UAPI_LINUX_VIRTIO_TPM_H
#define _UAPI_LINUX_VIRTIO_TPM_H

#include <linux/types.h>

/* Not in the virtio specification yet. */
#define VIRTIO_ID_TPM		62

/* Room for every command and every response. */
#define VIRTIO_TPM_BUFSIZE	4096

/* struct virtio_tpm_config.version: of what there is in it */
#define VIRTIO_TPM_CONFIG_VERSION	1

/* struct virtio_tpm_config.features */
#define VIRTIO_TPM_CONFIG_F_CHIP	(1 << 0) /* backed by a physical TPM */

/* struct virtio_tpm_config.assurance: where the private parts of keys live */
#define VIRTIO_TPM_ASSURANCE_AUTO	0 /* in the physical TPM if it can */
#define VIRTIO_TPM_ASSURANCE_HARDWARE	1 /* in the physical TPM */
#define VIRTIO_TPM_ASSURANCE_SOFTWARE	2 /* in the host's memory */

/**
 * struct virtio_tpm_config - configuration space; it never changes
 * @version: VIRTIO_TPM_CONFIG_VERSION; a later one only adds members
 * @features: VIRTIO_TPM_CONFIG_F_*
 * @assurance: VIRTIO_TPM_ASSURANCE_*
 * @pcr_banks: bit 0 SHA-1, 1 SHA-256, 2 SHA-384, 3 SHA-512
 * @uuid: of the virtual TPM, in RFC 9562 byte order
 *
 * Not attested: whoever runs the device could say anything. What can be relied
 * on is what the TPM's keys certify.
 */
struct virtio_tpm_config {
	__le32 version;
	__le32 features;
	__le32 assurance;
	__le32 pcr_banks;
	__u8 uuid[16];
};

#endif
