// SPDX-License-Identifier: GPL-2.0
/*
 * The host's keys: SRK and, below it, the mux root key (MRK).
 *
 * Both are persistent, so that the module needs no file of its own, and both
 * have an empty authorization: they only wrap. What may not be used by others
 * has a secret of its own (vmk.c). An MRK that is bound to the host's state has a
 * policy instead (policy.c).
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <crypto/sha2.h>
#include <linux/errno.h>
#include <linux/printk.h>
#include <linux/string.h>
#include <linux/unaligned.h>

#include "../tpm2/types.h"
#include "chip.h"
#include "counter.h"
#include "create.h"
#include "hostkey.h"
#include "hw.h"
#include "policy.h"
#include "public.h"
#include "rc.h"

#define HOSTKEY_ATTRIBUTES						\
	(TPM2_OA_FIXED_TPM | TPM2_OA_FIXED_PARENT |			\
	 TPM2_OA_SENSITIVE_DATA_ORIGIN | TPM2_OA_USER_WITH_AUTH |	\
	 TPM2_OA_NO_DA | TPM2_OA_RESTRICTED | TPM2_OA_DECRYPT)

/* Of an MRK that is bound: nothing but its policy admits to it. */
#define HOSTKEY_BOUND							\
	((HOSTKEY_ATTRIBUTES & ~TPM2_OA_USER_WITH_AUTH) | TPM2_OA_ADMIN_WITH_POLICY)

/*
 * What we cannot do without in a key that was there before us, besides
 * userWithAuth or a policy.
 */
#define HOSTKEY_ESSENTIAL						\
	(TPM2_OA_FIXED_TPM | TPM2_OA_FIXED_PARENT |			\
	 TPM2_OA_SENSITIVE_DATA_ORIGIN | TPM2_OA_RESTRICTED |		\
	 TPM2_OA_DECRYPT)

/**
 * struct hostkey - a persistent key that was read
 * @name: its name
 * @qn: its qualified name
 * @bound: only @policy admits to it
 * @policy: its authPolicy, if it is @bound
 */
struct hostkey {
	u8 name[VTPM_NAME_LEN];
	u8 qn[VTPM_NAME_LEN];
	bool bound;
	u8 policy[SHA256_DIGEST_SIZE];
};

/* An order, and what it points to. */
struct provision_req {
	struct vtpm_req req;
	struct vtpm_hw_order order;
	u8 auth[VTPM_HW_OWNER_AUTH_MAX];
	struct vtpm_hw_authority authority;
};

/* Whose authorization admits to it? False: nobody's that we could have. */
static bool hostkey_read_policy(const struct vtpm_public *pub, struct hostkey *key)
{
	key->bound = !(pub->attributes & TPM2_OA_USER_WITH_AUTH);
	if (!key->bound)
		return true;
	if (pub->policy_len != sizeof(key->policy))
		return false;
	memcpy(key->policy, pub->policy, sizeof(key->policy));
	return true;
}

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
	if (rd.bad || !vtpm_public_is_storage(&pub, HOSTKEY_ESSENTIAL) ||
	    !hostkey_read_policy(&pub, key))
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
	if (srk->bound)
		return -EEXIST;
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

/*
 * Make the transient object @object persistent at @handle, and flush it; or the
 * persistent one vanish, which has its own handle as @object.
 */
static int hostkey_persist(struct vtpm_chip *chip, u32 object, u32 handle,
			   const struct vtpm_hw_order *order)
{
	struct vtpm_wr wr;
	int ret;

	vtpm_cmd_start(chip, &wr, TPM2_CC_EVICT_CONTROL);
	vtpm_wr_u32(&wr, TPM2_RH_OWNER);
	vtpm_wr_u32(&wr, object);
	vtpm_cmd_auth(&wr, order->auth, order->len);
	vtpm_wr_u32(&wr, handle);
	ret = vtpm_cmd_run(chip, &wr, NULL, NULL);
	vtpm_cache_flush_handle(chip, object);
	return ret;
}

static void build_create(struct vtpm_wr *wr, bool rsa, bool srk,
			 const struct vtpm_hw_authority *authority)
{
	size_t mark = vtpm_create_begin(wr, NULL, 0, NULL, 0);
	u8 policy[SHA256_DIGEST_SIZE];

	if (authority)
		vtpm_policy_digest(policy, authority);
	vtpm_public_storage(wr, rsa, authority ? HOSTKEY_BOUND : HOSTKEY_ATTRIBUTES,
			    policy, authority ? sizeof(policy) : 0, srk);
	vtpm_create_end(wr, mark);
}

static int hostkey_create_srk(struct vtpm_chip *chip, const struct vtpm_hw_order *order)
{
	struct vtpm_wr wr;
	u32 handle;
	int ret;

	vtpm_cmd_start(chip, &wr, TPM2_CC_CREATE_PRIMARY);
	vtpm_wr_u32(&wr, TPM2_RH_OWNER);
	vtpm_cmd_auth(&wr, order->auth, order->len);
	build_create(&wr, chip->caps.storage_rsa, true, NULL);
	ret = vtpm_cmd_run(chip, &wr, &handle, NULL);
	if (ret)
		return ret;
	return hostkey_persist(chip, handle, VTPM_SRK_HANDLE, order);
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
			      const struct vtpm_hw_order *order)
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
	build_create(&wr, chip->caps.storage_rsa, false, order->authority);
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
	return hostkey_persist(chip, handle, VTPM_MRK_HANDLE, order);
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

static int hostkey_get_srk(struct vtpm_chip *chip, const struct vtpm_hw_order *order,
			   struct hostkey *srk)
{
	int ret = hostkey_find_srk(chip, srk);

	if (ret == -ENOENT) {
		ret = hostkey_create_srk(chip, order);
		if (!ret)
			ret = hostkey_find_srk(chip, srk);
		if (!ret)
			pr_info("%s: SRK created at 0x%x\n", chip->name, VTPM_SRK_HANDLE);
	}
	if (ret)
		return hostkey_failed(chip, "SRK", VTPM_SRK_HANDLE, ret);
	return 0;
}

/* Is the MRK that there is what was ordered? */
static bool mrk_as_ordered(const struct hostkey *mrk, const struct vtpm_hw_order *order)
{
	u8 policy[SHA256_DIGEST_SIZE];

	if (!order->authority)
		return true;
	vtpm_policy_digest(policy, order->authority);
	return mrk->bound && !memcmp(mrk->policy, policy, sizeof(policy));
}

/* An MRK cannot be bound otherwise: it goes, with all that it wraps. */
static int hostkey_remove_mrk(struct vtpm_chip *chip, const struct vtpm_hw_order *order)
{
	bool used;
	int ret;

	if (!order->replace) {
		pr_err("%s: the mux root key at 0x%x is there already, and not bound to this authority\n",
		       chip->name, VTPM_MRK_HANDLE);
		return -EEXIST;
	}
	spin_lock(&chip->lock);
	used = chip->users;
	spin_unlock(&chip->lock);
	if (used)
		return -EBUSY;
	ret = hostkey_persist(chip, VTPM_MRK_HANDLE, VTPM_MRK_HANDLE, order);
	if (!ret)
		pr_warn("%s: mux root key removed: what it wrapped is lost\n", chip->name);
	return ret ? hostkey_failed(chip, "new mux root key", VTPM_MRK_HANDLE, ret) : -ENOENT;
}

static int hostkey_get_mrk(struct vtpm_chip *chip, const struct hostkey *srk,
			   const struct vtpm_hw_order *order, struct hostkey *mrk)
{
	const char *what = "found";
	int ret = hostkey_find_mrk(chip, srk, mrk);

	if (!ret && !mrk_as_ordered(mrk, order)) {
		ret = hostkey_remove_mrk(chip, order);
		if (ret != -ENOENT)
			return ret;
	}
	if (ret == -ENOENT) {
		what = "created";
		ret = hostkey_create_mrk(chip, srk, order);
		if (!ret)
			ret = hostkey_find_mrk(chip, srk, mrk);
	}
	if (ret)
		return hostkey_failed(chip, "mux root key", VTPM_MRK_HANDLE, ret);
	pr_info("%s: mux root key %s at 0x%x\n", chip->name, what, VTPM_MRK_HANDLE);
	return 0;
}

static int hostkey_order(struct vtpm_chip *chip, const struct vtpm_hw_order *order)
{
	bool was_ready = READ_ONCE(chip->ready);
	struct hostkey srk, mrk;
	int ret = 0;

	if (was_ready && !order->authority)
		return 0;
	if (!READ_ONCE(chip->probed))
		ret = vtpm_probe(chip);
	if (!ret && order->authority && !(chip->caps.curves & VTPM_CURVE_P256))
		ret = -EOPNOTSUPP;
	if (!ret && order->authority)
		ret = vtpm_admit_check(chip, order->authority);
	if (!ret)
		ret = hostkey_get_srk(chip, order, &srk);
	if (!ret)
		ret = hostkey_get_mrk(chip, &srk, order, &mrk);
	if (!ret)
		ret = vtpm_rc_errno(vtpm_counter_look(chip));
	if (!ret) {
		spin_lock(&chip->lock);
		memcpy(chip->srk_name, srk.name, VTPM_NAME_LEN);
		memcpy(chip->mrk_name, mrk.name, VTPM_NAME_LEN);
		spin_unlock(&chip->lock);
		vtpm_policy_found(chip, mrk.name, mrk.bound ? mrk.policy : NULL);
	}
	/* What was refused has changed nothing, or left no MRK. */
	if (ret && was_ready)
		vtpm_hostkey_check(chip);
	else
		vtpm_chip_set_ready(chip, ret);
	return ret;
}

int vtpm_hostkey_provision(struct vtpm_chip *chip, const u8 *auth, size_t len)
{
	const struct vtpm_hw_order order = { .auth = auth, .len = len };

	return hostkey_order(chip, &order);
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

	return hostkey_order(chip, &p->order);
}

/**
 * vtpm_hw_provision() - find or create the host's keys
 * @order: with what, and how
 *
 * Return: 0; -ENODEV no chip; -EINVAL the authorization is too long; -EACCES
 * authorization missing or wrong; -EEXIST an object of others is at a handle of
 * ours, or an MRK that is not bound as was ordered; -EOPNOTSUPP the chip lacks
 * what the key tree needs; -EKEYREJECTED the authority's is no key; -ENOSPC its
 * NV memory is full; -EIO it failed; -ETIMEDOUT; -EBUSY others kept it busy, or
 * vTPMs use the MRK that is to be replaced; -EINTR; -ENOMEM.
 */
int vtpm_hw_provision(const struct vtpm_hw_order *order)
{
	struct vtpm_chip *chip = &vtpm_chip;
	struct provision_req *p;
	int ret;

	if (order->len > sizeof(p->auth))
		return -EINVAL;
	p = vtpm_req_alloc(sizeof(*p), NULL, VTPM_LIMIT_PROVISION, provision_run);
	if (!p)
		return -ENOMEM;
	p->order = *order;
	p->order.auth = p->auth;
	memcpy(p->auth, order->auth, order->len);
	if (order->authority) {
		p->authority = *order->authority;
		p->order.authority = &p->authority;
	}
	ret = vtpm_req_wait(chip, &p->req);
	vtpm_req_put(&p->req);
	return ret;
}
