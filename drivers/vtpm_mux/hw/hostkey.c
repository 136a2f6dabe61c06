// SPDX-License-Identifier: GPL-2.0
/*
 * The host's keys: SRK and, below it, the mux root key (MRK).
 *
 * Both are persistent, so that the module needs no file of its own, and both
 * have an empty authorization: they only wrap. What may not be used by others
 * has a secret of its own (vmk.c).
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/errno.h>
#include <linux/printk.h>
#include <linux/string.h>
#include <linux/unaligned.h>

#include "../tpm2/types.h"
#include "chip.h"
#include "create.h"
#include "hostkey.h"
#include "hw.h"
#include "public.h"
#include "rc.h"

/* The most that an owner's auth can be: a SHA-512 digest. */
#define OWNER_AUTH_MAX	64

#define HOSTKEY_ATTRIBUTES						\
	(TPM2_OA_FIXED_TPM | TPM2_OA_FIXED_PARENT |			\
	 TPM2_OA_SENSITIVE_DATA_ORIGIN | TPM2_OA_USER_WITH_AUTH |	\
	 TPM2_OA_NO_DA | TPM2_OA_RESTRICTED | TPM2_OA_DECRYPT)

/* What we cannot do without in a key that was there before us. */
#define HOSTKEY_ESSENTIAL						\
	(TPM2_OA_FIXED_TPM | TPM2_OA_FIXED_PARENT |			\
	 TPM2_OA_SENSITIVE_DATA_ORIGIN | TPM2_OA_USER_WITH_AUTH |	\
	 TPM2_OA_RESTRICTED | TPM2_OA_DECRYPT)

/**
 * struct hostkey - a persistent key that was read
 * @name: its name
 * @qn: its qualified name
 */
struct hostkey {
	u8 name[VTPM_NAME_LEN];
	u8 qn[VTPM_NAME_LEN];
};

struct provision_req {
	struct vtpm_req req;
	u8 auth[OWNER_AUTH_MAX];
	size_t len;
};

/* -ENOENT: nothing there; -EEXIST: something that is no host key. */
static int hostkey_read(struct vtpm_chip *chip, u32 handle, struct hostkey *key)
{
	struct vtpm_public pub;
	struct vtpm_rd rd;
	struct vtpm_wr wr;
	const u8 *name, *qn;
	size_t name_len, qn_len;
	int ret;

	vtpm_cmd_start(chip, &wr, TPM2_CC_READ_PUBLIC);
	vtpm_wr_u32(&wr, handle);
	ret = vtpm_cmd_run(chip, &wr, NULL, &rd);
	if (vtpm_rc_handle_lost(ret))
		return -ENOENT;
	if (ret)
		return ret;

	vtpm_public_read(&rd, &pub);
	if (rd.bad || !vtpm_public_is_storage(&pub, HOSTKEY_ESSENTIAL))
		return -EEXIST;
	name = vtpm_rd_2b(&rd, &name_len);
	qn = vtpm_rd_2b(&rd, &qn_len);
	if (!vtpm_rd_done(&rd) || name_len != VTPM_NAME_LEN || qn_len != VTPM_NAME_LEN)
		return -EBADMSG;
	vtpm_public_name(key->name, pub.area, pub.area_len);
	if (memcmp(key->name, name, VTPM_NAME_LEN))
		return -EBADMSG;
	memcpy(key->qn, qn, VTPM_NAME_LEN);
	return 0;
}

static int hostkey_find_srk(struct vtpm_chip *chip, struct hostkey *srk)
{
	u8 owner[4], qn[VTPM_NAME_LEN];
	int ret = hostkey_read(chip, VTPM_SRK_HANDLE, srk);

	if (ret)
		return ret;
	put_unaligned_be32(TPM2_RH_OWNER, owner);
	vtpm_qualified_name(qn, owner, sizeof(owner), srk->name);
	return memcmp(qn, srk->qn, VTPM_NAME_LEN) ? -EEXIST : 0;
}

static int hostkey_find_mrk(struct vtpm_chip *chip, const struct hostkey *srk,
			    struct hostkey *mrk)
{
	u8 qn[VTPM_NAME_LEN];
	int ret = hostkey_read(chip, VTPM_MRK_HANDLE, mrk);

	if (ret)
		return ret;
	vtpm_qualified_name(qn, srk->qn, VTPM_NAME_LEN, mrk->name);
	return memcmp(qn, mrk->qn, VTPM_NAME_LEN) ? -EEXIST : 0;
}

/* Make the transient object @object persistent at @handle, and flush it. */
static int hostkey_persist(struct vtpm_chip *chip, u32 object, u32 handle,
			   const u8 *auth, size_t len)
{
	struct vtpm_wr wr;
	int ret;

	vtpm_cmd_start(chip, &wr, TPM2_CC_EVICT_CONTROL);
	vtpm_wr_u32(&wr, TPM2_RH_OWNER);
	vtpm_wr_u32(&wr, object);
	vtpm_cmd_auth(&wr, auth, len);
	vtpm_wr_u32(&wr, handle);
	ret = vtpm_cmd_run(chip, &wr, NULL, NULL);
	vtpm_cache_flush_handle(chip, object);
	return ret;
}

static void build_create(struct vtpm_wr *wr, bool rsa, bool srk)
{
	size_t mark = vtpm_create_begin(wr, NULL, 0, NULL, 0);

	vtpm_public_storage(wr, rsa, HOSTKEY_ATTRIBUTES, NULL, 0, srk);
	vtpm_create_end(wr, mark);
}

static int hostkey_create_srk(struct vtpm_chip *chip, const u8 *auth, size_t len)
{
	struct vtpm_wr wr;
	u32 handle;
	int ret;

	vtpm_cmd_start(chip, &wr, TPM2_CC_CREATE_PRIMARY);
	vtpm_wr_u32(&wr, TPM2_RH_OWNER);
	vtpm_cmd_auth(&wr, auth, len);
	build_create(&wr, chip->caps.storage_rsa, true);
	ret = vtpm_cmd_run(chip, &wr, &handle, NULL);
	if (ret)
		return ret;
	return hostkey_persist(chip, handle, VTPM_SRK_HANDLE, auth, len);
}

static int hostkey_load(struct vtpm_chip *chip, const struct vtpm_created *key,
			u32 *handle)
{
	struct vtpm_wr wr;

	vtpm_cmd_start(chip, &wr, TPM2_CC_LOAD);
	vtpm_wr_u32(&wr, VTPM_SRK_HANDLE);
	vtpm_cmd_auth(&wr, NULL, 0);
	vtpm_wr_bytes(&wr, key->blob, key->len);
	return vtpm_cmd_run(chip, &wr, handle, NULL);
}

static int hostkey_create_mrk(struct vtpm_chip *chip, const struct hostkey *srk,
			      const u8 *auth, size_t len)
{
	struct vtpm_created created;
	struct vtpm_rd rd;
	struct vtpm_wr wr;
	u8 name[VTPM_NAME_LEN];
	u32 handle;
	int ret;

	vtpm_cmd_start(chip, &wr, TPM2_CC_CREATE);
	vtpm_wr_u32(&wr, VTPM_SRK_HANDLE);
	vtpm_cmd_auth(&wr, NULL, 0);
	build_create(&wr, chip->caps.storage_rsa, false);
	ret = vtpm_cmd_run(chip, &wr, NULL, &rd);
	if (vtpm_rc_auth_failed(ret)) {
		pr_err("%s: the SRK at 0x%x has an authorization value\n", chip->name,
		       VTPM_SRK_HANDLE);
		return -EEXIST;
	}
	if (!ret)
		ret = vtpm_create_read(&rd, srk->name, &created);
	if (ret)
		return ret;
	vtpm_public_name(name, created.public.area, created.public.area_len);
	vtpm_recent_add(&chip->cache.recent, name);
	ret = hostkey_load(chip, &created, &handle);
	if (ret)
		return ret;
	return hostkey_persist(chip, handle, VTPM_MRK_HANDLE, auth, len);
}

/* Says why there is no @what; returns the errno. */
static int hostkey_failed(struct vtpm_chip *chip, const char *what, u32 handle, int ret)
{
	int err = vtpm_rc_errno(ret);

	if (err == -EEXIST)
		pr_err("%s: the object at 0x%x is not our %s\n", chip->name, handle, what);
	else if (err == -EACCES)
		pr_err("%s: no %s: creating it needs the owner's authorization (0x%x)\n",
		       chip->name, what, ret);
	else if (ret > 0)
		pr_err("%s: no %s: the chip refuses (0x%x)\n", chip->name, what, ret);
	else
		pr_err("%s: no %s: error %d\n", chip->name, what, ret);
	return err;
}

static int hostkey_get_srk(struct vtpm_chip *chip, const u8 *auth, size_t len,
			   struct hostkey *srk)
{
	int ret = hostkey_find_srk(chip, srk);

	if (ret == -ENOENT) {
		ret = hostkey_create_srk(chip, auth, len);
		if (!ret)
			ret = hostkey_find_srk(chip, srk);
		if (!ret)
			pr_info("%s: SRK created at 0x%x\n", chip->name, VTPM_SRK_HANDLE);
	}
	if (ret)
		return hostkey_failed(chip, "SRK", VTPM_SRK_HANDLE, ret);
	return 0;
}

static int hostkey_get_mrk(struct vtpm_chip *chip, const struct hostkey *srk,
			   const u8 *auth, size_t len, struct hostkey *mrk)
{
	const char *what = "found";
	int ret = hostkey_find_mrk(chip, srk, mrk);

	if (ret == -ENOENT) {
		what = "created";
		ret = hostkey_create_mrk(chip, srk, auth, len);
		if (!ret)
			ret = hostkey_find_mrk(chip, srk, mrk);
	}
	if (ret)
		return hostkey_failed(chip, "mux root key", VTPM_MRK_HANDLE, ret);
	pr_info("%s: mux root key %s at 0x%x\n", chip->name, what, VTPM_MRK_HANDLE);
	return 0;
}

int vtpm_hostkey_provision(struct vtpm_chip *chip, const u8 *auth, size_t len)
{
	struct hostkey srk, mrk;
	int ret = 0;

	if (READ_ONCE(chip->ready))
		return 0;
	if (!READ_ONCE(chip->probed))
		ret = vtpm_probe(chip);
	if (!ret)
		ret = hostkey_get_srk(chip, auth, len, &srk);
	if (!ret)
		ret = hostkey_get_mrk(chip, &srk, auth, len, &mrk);
	if (!ret) {
		spin_lock(&chip->lock);
		memcpy(chip->srk_name, srk.name, VTPM_NAME_LEN);
		memcpy(chip->mrk_name, mrk.name, VTPM_NAME_LEN);
		spin_unlock(&chip->lock);
	}
	vtpm_chip_set_ready(chip, ret);
	return ret;
}

bool vtpm_hostkey_check(struct vtpm_chip *chip)
{
	struct hostkey mrk;
	int ret = hostkey_read(chip, VTPM_MRK_HANDLE, &mrk);

	if (!ret && !memcmp(mrk.name, chip->mrk_name, VTPM_NAME_LEN))
		return true;
	/* No answer is no answer to the question. */
	if (ret < 0 && ret != -ENOENT && ret != -EEXIST)
		return false;
	pr_err("%s: the mux root key at 0x%x is gone\n", chip->name, VTPM_MRK_HANDLE);
	vtpm_chip_set_ready(chip, -ENOKEY);
	return false;
}

static int provision_run(struct vtpm_chip *chip, struct vtpm_req *req)
{
	struct provision_req *p = container_of(req, struct provision_req, req);

	return vtpm_hostkey_provision(chip, p->auth, p->len);
}

/**
 * vtpm_hw_provision() - find or create the host's keys
 * @auth: the owner's authorization, empty if @len is 0
 * @len: its length
 *
 * Return: 0; -ENODEV no chip; -EINVAL @len is too large; -EACCES authorization
 * missing or wrong; -EEXIST an object of others is at a handle of ours;
 * -EOPNOTSUPP the chip lacks what the key tree needs; -ENOSPC its NV memory is
 * full; -EIO it failed; -ETIMEDOUT; -EBUSY others kept it busy; -EINTR; -ENOMEM.
 */
int vtpm_hw_provision(const u8 *auth, size_t len)
{
	struct vtpm_chip *chip = &vtpm_chip;
	struct provision_req *p;
	int ret;

	if (len > sizeof(p->auth))
		return -EINVAL;
	p = vtpm_req_alloc(sizeof(*p), NULL, VTPM_LIMIT_PROVISION, provision_run);
	if (!p)
		return -ENOMEM;
	memcpy(p->auth, auth, len);
	p->len = len;
	ret = vtpm_req_wait(chip, &p->req);
	vtpm_req_put(&p->req);
	return ret;
}
