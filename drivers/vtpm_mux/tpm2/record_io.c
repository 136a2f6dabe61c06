// SPDX-License-Identifier: GPL-2.0
/* Fields of records, written or read. */
#include <linux/string.h>

#include "record.h"

void vtpm2_io_u8(const struct vtpm2_io *io, u8 *v)
{
	if (io->wr)
		vtpm2_wr_u8(io->wr, *v);
	else
		*v = vtpm2_rd_u8(io->rd);
}

void vtpm2_io_u16(const struct vtpm2_io *io, u16 *v)
{
	if (io->wr)
		vtpm2_wr_u16(io->wr, *v);
	else
		*v = vtpm2_rd_u16(io->rd);
}

void vtpm2_io_u32(const struct vtpm2_io *io, u32 *v)
{
	if (io->wr)
		vtpm2_wr_u32(io->wr, *v);
	else
		*v = vtpm2_rd_u32(io->rd);
}

void vtpm2_io_u64(const struct vtpm2_io *io, u64 *v)
{
	if (io->wr)
		vtpm2_wr_u64(io->wr, *v);
	else
		*v = vtpm2_rd_u64(io->rd);
}

void vtpm2_io_bool(const struct vtpm2_io *io, bool *v)
{
	if (io->wr)
		vtpm2_wr_u8(io->wr, *v);
	else
		*v = vtpm2_rd_bool(io->rd);
}

void vtpm2_io_bytes(const struct vtpm2_io *io, void *p, size_t len)
{
	if (io->wr)
		vtpm2_wr_bytes(io->wr, p, len);
	else
		vtpm2_rd_copy(io->rd, p, len);
}

void vtpm2_io_digest(const struct vtpm2_io *io, struct vtpm2_digest *d)
{
	if (io->wr)
		vtpm2_wr_digest(io->wr, d);
	else
		vtpm2_rd_digest(io->rd, d);
}

void vtpm2_io_version(const struct vtpm2_io *io, u16 version)
{
	u16 v = version;

	vtpm2_io_u16(io, &v);
	if (v != version)
		vtpm2_rd_fail(io->rd, TPM2_RC_VALUE);
}

void vtpm2_io_policy(const struct vtpm2_io *io, u16 *alg,
		     struct vtpm2_digest *policy)
{
	vtpm2_io_u16(io, alg);
	vtpm2_io_digest(io, policy);
	if (io->rd && (policy->len != vtpm2_digest_size(*alg) ||
		       (!policy->len && *alg != TPM2_ALG_NULL)))
		vtpm2_rd_fail(io->rd, TPM2_RC_SIZE);
}
