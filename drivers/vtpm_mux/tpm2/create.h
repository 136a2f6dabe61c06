/* SPDX-License-Identifier: GPL-2.0 */
/* What create.c, primary.c and load.c share. */
#ifndef VTPM2_CREATE_H
#define VTPM2_CREATE_H

#include "tpm2.h"

/**
 * struct vtpm2_creation - what goes into TPMS_CREATION_DATA
 * @outside: outsideInfo, in the command
 * @pcr: creationPCR
 */
struct vtpm2_creation {
	struct vtpm2_bytes outside;
	struct vtpm2_pcr_selection pcr;
};

/**
 * struct vtpm2_derive - TPMS_DERIVE (Part 2, 11.1.8), in the command
 * @label: what the object is for
 * @context: and for whom
 */
struct vtpm2_derive {
	struct vtpm2_bytes label;
	struct vtpm2_bytes context;
};

void vtpm2_rd_derive(struct vtpm2_rd *rd, struct vtpm2_derive *derive);
/*
 * @obj has the template in pub, and auth and data of inSensitive: make it the
 * object that @parent and @derive stand for. Complete response code.
 */
u32 vtpm2_derive(struct vtpm2 *t, struct vtpm2_object *obj,
		 struct vtpm2_object *parent, struct vtpm2_derive *derive);
/*
 * May @pub be of class "software"? TPM_RC_ATTRIBUTES, unnumbered, where the
 * template or else the instance wants the chip.
 */
u32 vtpm2_create_software(const struct vtpm2 *t,
			  const struct vtpm2_public *pub, u32 hierarchy);
/* The size of what the TPM makes up for a KEYEDHASH or SYMCIPHER object. */
size_t vtpm2_create_data_size(const struct vtpm2_public *pub);
void vtpm2_rd_sensitive_create(struct vtpm2_rd *rd,
			       struct vtpm2_sensitive *sens);
/* inSensitive, inPublic, outsideInfo, creationPCR */
void vtpm2_rd_create(struct vtpm2_cmd *c, struct vtpm2_object *obj,
		     struct vtpm2_creation *creation);
/* creationData, creationHash, creationTicket */
void vtpm2_wr_creation(struct vtpm2 *t, struct vtpm2_cmd *c,
		       const struct vtpm2_object *obj,
		       const struct vtpm2_object *parent,
		       struct vtpm2_creation *creation);
/* An auth value that is parameter 1: no longer than nameAlg's digest. */
u32 vtpm2_check_auth_size(const struct vtpm2_digest *auth, u16 name_alg);

#endif
