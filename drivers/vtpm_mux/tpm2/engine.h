/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The TPM 2.0 engine: one guest's TPM as a library.
 *
 * Plain C that knows nothing of devices, files or the TPM core. Compiles in
 * the kernel and, with the headers of tests/hosted, in user space.
 */
#ifndef VTPM2_ENGINE_H
#define VTPM2_ENGINE_H

#include <linux/types.h>

#include "hw.h"
#include "state.h"

/* Fits the data buffer of QEMU's CRB interface (0x1000 less its registers). */
#define VTPM2_MAX_COMMAND	3968
#define VTPM2_MAX_RESPONSE	3968

enum vtpm2_assurance {
	VTPM2_ASSURANCE_AUTO,		/* chip where it can, else software */
	VTPM2_ASSURANCE_HARDWARE,	/* chip, or a TPM error */
	VTPM2_ASSURANCE_SOFTWARE,	/* engine crypto */
};

/**
 * struct vtpm2_config - what a vTPM is made of
 * @ops: chip operations; NULL only with VTPM2_ASSURANCE_SOFTWARE
 * @hw: passed to every one of @ops
 * @assurance: class of objects whose template does not ask for one
 * @pcr_banks: mask of allocated banks, bit 0 SHA-1, 1 SHA-256, 2 SHA-384,
 *	3 SHA-512; 0 means all four
 * @store_ops: where the permanent state is kept; NULL: it ends with the vTPM
 * @store: passed to every one of @store_ops
 */
struct vtpm2_config {
	const struct vtpm2_hw_ops *ops;
	void *hw;
	enum vtpm2_assurance assurance;
	u8 pcr_banks;
	const struct vtpm2_store_ops *store_ops;
	void *store;
};

struct vtpm2;

/*
 * Self-test of an algorithm, or of all with TPM2_ALG_ERROR (0): the one that
 * has failed, or 0. To be called once before there is a vTPM.
 */
u16 vtpm2_self_test(u16 alg);

/* Manufacture a TPM: new seeds and proofs, powered off. NULL: no memory. */
struct vtpm2 *vtpm2_create(const struct vtpm2_config *config);
/* Wipe and free. */
void vtpm2_destroy(struct vtpm2 *t);

/*
 * _TPM_Init (Part 1, 10.2.2) and loss of power. Powered off, every command is
 * answered TPM_RC_FAILURE; powered on, TPM_RC_INITIALIZE until TPM2_Startup.
 */
void vtpm2_power_on(struct vtpm2 *t);
void vtpm2_power_off(struct vtpm2 *t);

/*
 * Wipe secrets that the chip can give back: when the host is about to sleep, or
 * when a vTPM has been idle. vtpm2_needs_rest() says after a command whether it
 * used such secrets, so that they should stay for some time from now on.
 */
void vtpm2_rest(struct vtpm2 *t);
bool vtpm2_needs_rest(struct vtpm2 *t);

/*
 * Physical presence (Part 1, 13.9), as the host asserts it: until it no longer
 * does, or the power is off.
 */
void vtpm2_set_presence(struct vtpm2 *t, bool asserted);

/*
 * _TPM_Hash_Start, _TPM_Hash_Data, _TPM_Hash_End: measure what the guest will
 * start with (H-CRTM, before TPM2_Startup) or was relaunched with (DRTM, after
 * it). False or -EINVAL, and ignored, where there is no power or no sequence was
 * started; -EIO, and nothing has changed, where the store does not take what the
 * end of one changes.
 */
bool vtpm2_hash_start(struct vtpm2 *t);
bool vtpm2_hash_data(struct vtpm2 *t, const void *data, size_t len);
int vtpm2_hash_end(struct vtpm2 *t);

/*
 * tpmEstablishment of the PC Client Platform TPM Profile: set by such an event,
 * and reset by this only. Who may do that is the caller's to say. False: there
 * is no power, or it cannot be made durable.
 */
bool vtpm2_reset_established(struct vtpm2 *t);

/**
 * vtpm2_execute() - run one command
 * @t: the TPM; the caller serializes all calls on it
 * @locality: 0..4
 * @cmd: the bytes as they came from the guest
 * @len: their number, any
 * @rsp: VTPM2_MAX_RESPONSE bytes, not overlapping @cmd
 *
 * Return: the response's length, at least 10. Never fails: whatever is wrong
 * is said in the response code.
 */
size_t vtpm2_execute(struct vtpm2 *t, u8 locality, const u8 *cmd, size_t len,
		     u8 *rsp);

/* For counters: number of implemented commands, and their codes. */
unsigned int vtpm2_command_count(void);
u32 vtpm2_command_code(unsigned int index);
/* Index of a code, or -1. */
int vtpm2_command_index(u32 cc);

/**
 * struct vtpm2_usage - what a vTPM holds now
 * @objects: transient objects, loaded
 * @persistent: persistent objects
 * @sessions: sessions, loaded
 * @nv_indices: NV indices
 * @hardware: of the objects, those whose private part is a key of the chip
 * @sealed: those whose private part the chip has sealed
 * @software: those whose private part the engine keeps
 * @bytes: kernel memory of all of it
 * @started: TPM2_Startup was done
 * @established: see vtpm2_reset_established()
 */
struct vtpm2_usage {
	u16 objects;
	u16 persistent;
	u16 sessions;
	u16 nv_indices;
	u16 hardware;
	u16 sealed;
	u16 software;
	u32 bytes;
	bool started;
	bool established;
};

void vtpm2_get_usage(const struct vtpm2 *t, struct vtpm2_usage *usage);

#endif
