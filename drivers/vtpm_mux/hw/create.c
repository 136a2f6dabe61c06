// SPDX-License-Identifier: GPL-2.0
/*
 * TPM2_Create (Part 3, 12.1): its parameters, and belief in its response.
 */
#include <linux/errno.h>
#include <linux/string.h>

#include "create.h"
#include "slots.h"

size_t vtpm_create_begin(struct vtpm_wr *wr, const u8 *auth, size_t auth_len,
			 const u8 *data, size_t data_len)
{
	size_t mark = vtpm_wr_begin(wr);

	vtpm_wr_2b(wr, auth, auth_len);
	vtpm_wr_2b(wr, data, data_len);
	vtpm_wr_end(wr, mark);
	return vtpm_wr_begin(wr);
}

void vtpm_create_end(struct vtpm_wr *wr, size_t mark)
{
	vtpm_wr_end(wr, mark);
	vtpm_wr_u16(wr, 0);		/* outsideInfo */
	vtpm_wr_u32(wr, 0);		/* creationPCR */
}

/* TPMS_CREATION_DATA, as far as the parent's name. */
static const u8 *read_parent_name(struct vtpm_rd *rd, size_t *len)
{
	u32 i, n = vtpm_rd_u32(rd);

	for (i = 0; i < n && !rd->bad; i++) {
		vtpm_rd_u16(rd);	/* PCR bank */
		vtpm_rd_bytes(rd, vtpm_rd_u8(rd));
	}
	vtpm_rd_2b(rd, len);		/* pcrDigest */
	vtpm_rd_u8(rd);			/* locality */
	vtpm_rd_u16(rd);		/* parentNameAlg */
	return vtpm_rd_2b(rd, len);
}

int vtpm_create_read(struct vtpm_rd *rsp, const u8 *parent_name,
		     struct vtpm_created *created)
{
	struct vtpm_rd data;
	const u8 *name;
	size_t len;

	created->blob = rsp->p;
	vtpm_rd_2b(rsp, &len);
	vtpm_public_read(rsp, &created->public);
	created->len = rsp->p - created->blob;
	vtpm_rd_sub(rsp, &data);
	name = read_parent_name(&data, &len);
	if (data.bad || len != VTPM_NAME_LEN || memcmp(name, parent_name, len))
		return -EBADMSG;
	return 0;
}
