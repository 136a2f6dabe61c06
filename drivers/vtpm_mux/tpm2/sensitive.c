// SPDX-License-Identifier: GPL-2.0
/* TPMT_SENSITIVE (Part 2, 12.3.2.4), both directions. */
#include <linux/string.h>

#include "wrap.h"

void vtpm2_wr_sensitive(struct vtpm2_wr *wr, const struct vtpm2_object *obj)
{
	struct vtpm2_digest auth = {
		.len = vtpm2_digest_size(obj->pub.name_alg),
	};

	/* an authValue is never longer than nameAlg's digest */
	memcpy(auth.buf, obj->sens.auth.buf, obj->sens.auth.len);
	vtpm2_wr_u16(wr, obj->pub.type);
	vtpm2_wr_digest(wr, &auth);
	vtpm2_wr_digest(wr, &obj->sens.seed);
	vtpm2_wr_2b(wr, obj->sens.data, obj->sens.data_len);
	memzero_explicit(&auth, sizeof(auth));
}

void vtpm2_wr_2b_sensitive(struct vtpm2_wr *wr,
			   const struct vtpm2_object *obj)
{
	size_t at = vtpm2_wr_begin(wr);

	vtpm2_wr_sensitive(wr, obj);
	vtpm2_wr_end(wr, at);
}

/* 12.3.2.3 TPMU_SENSITIVE_COMPOSITE */
static size_t max_data(u16 type)
{
	switch (type) {
	case TPM2_ALG_RSA:
		return VTPM2_MAX_RSA / 2;
	case TPM2_ALG_ECC:
		return VTPM2_MAX_ECC;
	case TPM2_ALG_SYMCIPHER:
		return 256 / 8;
	default:
		return VTPM2_MAX_SYM_DATA;
	}
}

u16 vtpm2_rd_sensitive(struct vtpm2_rd *rd, struct vtpm2_sensitive *sens)
{
	struct vtpm2_bytes data;
	u16 type;

	type = vtpm2_rd_u16(rd);
	if (type != TPM2_ALG_RSA && type != TPM2_ALG_ECC &&
	    type != TPM2_ALG_KEYEDHASH && type != TPM2_ALG_SYMCIPHER)
		vtpm2_rd_fail(rd, TPM2_RC_TYPE);
	vtpm2_rd_digest(rd, &sens->auth);
	vtpm2_rd_digest(rd, &sens->seed);
	data = vtpm2_rd_2b(rd, max_data(type));
	sens->data_len = data.len;
	if (data.len)
		memcpy(sens->data, data.p, data.len);
	return type;
}
