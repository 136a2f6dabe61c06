/* SPDX-License-Identifier: GPL-2.0 */
/*
 * swtpm's control protocol, as its clients (QEMU, cloud-hypervisor,
 * swtpm_ioctl) speak it on a unix stream socket.
 *
 * A request is a 32 bit command and its body, a reply a 32 bit result and what
 * the command returns; all numbers are big-endian. A client waits for the reply
 * before it sends its next request. TPM commands go through another socket,
 * whose end comes with CTL_SET_DATAFD.
 */
#ifndef VTPMD_PROTOCOL_H
#define VTPMD_PROTOCOL_H

enum ctl_command {
	CTL_GET_CAPABILITY	= 0x01,
	CTL_INIT		= 0x02,
	CTL_SHUTDOWN		= 0x03,
	CTL_GET_ESTABLISHED	= 0x04,
	CTL_SET_LOCALITY	= 0x05,
	CTL_HASH_START		= 0x06,
	CTL_HASH_DATA		= 0x07,
	CTL_HASH_END		= 0x08,
	CTL_CANCEL		= 0x09,
	CTL_STORE_VOLATILE	= 0x0a,
	CTL_RESET_ESTABLISHED	= 0x0b,
	CTL_GET_STATEBLOB	= 0x0c,
	CTL_SET_STATEBLOB	= 0x0d,
	CTL_STOP		= 0x0e,
	CTL_GET_CONFIG		= 0x0f,
	CTL_SET_DATAFD		= 0x10,
	CTL_SET_BUFFERSIZE	= 0x11,
	CTL_GET_INFO		= 0x12,
};

/* What CTL_GET_CAPABILITY says is there. */
enum ctl_capability {
	CTL_CAP_INIT		= 1 << 0,
	CTL_CAP_SHUTDOWN	= 1 << 1,
	CTL_CAP_GET_ESTABLISHED	= 1 << 2,
	CTL_CAP_SET_LOCALITY	= 1 << 3,
	CTL_CAP_HASHING		= 1 << 4,
	CTL_CAP_CANCEL		= 1 << 5,
	CTL_CAP_STORE_VOLATILE	= 1 << 6,
	CTL_CAP_RESET_ESTABLISHED = 1 << 7,
	CTL_CAP_GET_STATEBLOB	= 1 << 8,
	CTL_CAP_SET_STATEBLOB	= 1 << 9,
	CTL_CAP_STOP		= 1 << 10,
	CTL_CAP_GET_CONFIG	= 1 << 11,
	CTL_CAP_SET_DATAFD	= 1 << 12,
	CTL_CAP_SET_BUFFERSIZE	= 1 << 13,
	CTL_CAP_GET_INFO	= 1 << 14,
};

/* Results: the return codes of TPM 1.2, of which clients know the first ones. */
enum ctl_result {
	CTL_OK			= 0x00,
	CTL_BAD_PARAMETER	= 0x03,
	CTL_FAIL		= 0x09,
	CTL_BAD_ORDINAL		= 0x0a,	/* unknown, or not in this state */
	CTL_RESOURCES		= 0x15,
	CTL_BAD_KEY		= 0x1e,	/* a blob that is not this vTPM's */
	CTL_IO_ERROR		= 0x1f,
	CTL_BAD_LOCALITY	= 0x3d,
};

/* Flags of CTL_INIT and of CTL_GET_CONFIG. */
#define CTL_INIT_DELETE_VOLATILE	0x1
#define CTL_CONFIG_FILE_KEY		0x1
#define CTL_CONFIG_MIGRATION_KEY	0x2

/* What a state blob is, and what is said of it. */
enum ctl_blob {
	CTL_BLOB_PERMANENT	= 1,
	CTL_BLOB_VOLATILE	= 2,
	CTL_BLOB_SAVESTATE	= 3,
};

#define CTL_BLOB_ENCRYPTED	0x2

/* What CTL_GET_INFO tells. */
#define CTL_INFO_SPECIFICATION	0x1
#define CTL_INFO_ATTRIBUTES	0x2
#define CTL_INFO_FEATURES	0x4

#define CTL_HASH_DATA_MAX	4096

#endif
