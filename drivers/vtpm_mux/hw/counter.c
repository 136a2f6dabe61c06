// SPDX-License-Identifier: GPL-2.0
/*
 * The chip's counter that says which ledger is the last: an NV index of type
 * counter, in the owner hierarchy.
 *
 * Its authorization value is in the ledger, which only this chip opens, and only
 * that admits to an increment: the owner can read the counter, and remove it. If
 * it is defined again, the chip begins above all that its counters ever had (Part
 * 3, 31.8), so no value comes a second time. It is not orderly: an orderly one is
 * kept in RAM, and jumps ahead when the power is cut.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/errno.h>
#include <linux/printk.h>
#include <linux/string.h>

#include "../tpm2/types.h"
#include "chip.h"
#include "counter.h"
#include "hostkey.h"
#include "hw.h"
#include "rc.h"

#define COUNTER_SIZE	8

#define COUNTER_ATTRIBUTES						\
	(TPM2_NVA_AUTHWRITE | TPM2_NVA_AUTHREAD | TPM2_NVA_OWNERREAD |	\
	 TPM2_NVA_NO_DA | TPM2_NT_COUNTER << TPM2_NVA_NT_SHIFT)

/**
 * struct counter_req - do something with the counter
 * @req: the request
 * @owner: the owner's authorization value
 * @owner_len: its length
 * @replace: remove the index that there is
 * @auth: the counter's authorization value
 * @value: receives its value
 */
struct counter_req {
	struct vtpm_req req;
	u8 owner[VTPM_HW_OWNER_AUTH_MAX];
	size_t owner_len;
	bool replace;
	u8 auth[VTPM_HW_COUNTER_AUTH];
	u64 value;
};

static void set_found(struct vtpm_chip *chip, bool found)
{
	spin_lock(&chip->lock);
	WRITE_ONCE(chip->counter, found);
	spin_unlock(&chip->lock);
}

int vtpm_counter_look(struct vtpm_chip *chip)
{
	struct vtpm_rd rd, pub;
	struct vtpm_wr wr;
	u32 index, attributes;
	int ret;

	vtpm_cmd_start(chip, &wr, TPM2_CC_NV_READ_PUBLIC);
	vtpm_wr_u32(&wr, VTPM_COUNTER_INDEX);
	ret = vtpm_cmd_run(chip, &wr, NULL, &rd);
	if (vtpm_rc_handle_lost(ret)) {
		set_found(chip, false);
		return 0;
	}
	if (ret)
		return ret;
	vtpm_rd_sub(&rd, &pub);
	index = vtpm_rd_u32(&pub);
	vtpm_rd_u16(&pub);		/* nameAlg */
	attributes = vtpm_rd_u32(&pub);
	if (pub.bad || index != VTPM_COUNTER_INDEX)
		return -EBADMSG;
	/* Somebody else's says nothing about us. */
	set_found(chip, (attributes & ~TPM2_NVA_WRITTEN) == COUNTER_ATTRIBUTES);
	return 0;
}

/* What the chip says of an index that is not there, or not the ledger's. */
static int counter_errno(struct vtpm_chip *chip, int ret)
{
	if (vtpm_rc_handle_lost(ret)) {
		pr_err("%s: the ledger's counter at 0x%x is gone\n", chip->name,
		       VTPM_COUNTER_INDEX);
		return -EXDEV;
	}
	if (vtpm_rc_auth_failed(ret) || ret == TPM2_RC_NV_AUTHORIZATION ||
	    ret == TPM2_RC_NV_UNINITIALIZED)
		return -EXDEV;
	return vtpm_rc_errno(ret);
}

static int increment_run(struct vtpm_chip *chip, struct vtpm_req *req)
{
	struct counter_req *c = container_of(req, struct counter_req, req);
	struct vtpm_wr wr;

	vtpm_cmd_start(chip, &wr, TPM2_CC_NV_INCREMENT);
	vtpm_wr_u32(&wr, VTPM_COUNTER_INDEX);
	vtpm_wr_u32(&wr, VTPM_COUNTER_INDEX);
	vtpm_cmd_auth(&wr, c->auth, sizeof(c->auth));
	return counter_errno(chip, vtpm_cmd_run(chip, &wr, NULL, NULL));
}

static int read_run(struct vtpm_chip *chip, struct vtpm_req *req)
{
	struct counter_req *c = container_of(req, struct counter_req, req);
	struct vtpm_rd rd, data;
	struct vtpm_wr wr;
	int ret;

	vtpm_cmd_start(chip, &wr, TPM2_CC_NV_READ);
	vtpm_wr_u32(&wr, VTPM_COUNTER_INDEX);
	vtpm_wr_u32(&wr, VTPM_COUNTER_INDEX);
	vtpm_cmd_auth(&wr, c->auth, sizeof(c->auth));
	vtpm_wr_u16(&wr, COUNTER_SIZE);
	vtpm_wr_u16(&wr, 0);		/* offset */
	ret = vtpm_cmd_run(chip, &wr, NULL, &rd);
	if (ret)
		return counter_errno(chip, ret);
	vtpm_rd_sub(&rd, &data);
	c->value = (u64)vtpm_rd_u32(&data) << 32;
	c->value |= vtpm_rd_u32(&data);
	return vtpm_rd_done(&rd) && vtpm_rd_done(&data) ? 0 : -EIO;
}

static int remove_run(struct vtpm_chip *chip, struct vtpm_req *req)
{
	struct counter_req *c = container_of(req, struct counter_req, req);
	struct vtpm_wr wr;
	int ret;

	vtpm_cmd_start(chip, &wr, TPM2_CC_NV_UNDEFINE_SPACE);
	vtpm_wr_u32(&wr, TPM2_RH_OWNER);
	vtpm_wr_u32(&wr, VTPM_COUNTER_INDEX);
	vtpm_cmd_auth(&wr, c->owner, c->owner_len);
	ret = vtpm_cmd_run(chip, &wr, NULL, NULL);
	/* The second handle. */
	if (ret == (TPM2_RC_HANDLE | TPM2_RC_H | TPM2_RC_N(2)))
		ret = -ENOENT;
	if (!ret)
		pr_warn("%s: the ledger's counter was removed\n", chip->name);
	if (!ret || ret == -ENOENT)
		set_found(chip, false);
	return vtpm_rc_errno(ret);
}

static int define(struct vtpm_chip *chip, const struct counter_req *c)
{
	struct vtpm_wr wr;
	size_t mark;

	vtpm_cmd_start(chip, &wr, TPM2_CC_NV_DEFINE_SPACE);
	vtpm_wr_u32(&wr, TPM2_RH_OWNER);
	vtpm_cmd_auth(&wr, c->owner, c->owner_len);
	vtpm_wr_2b(&wr, c->auth, sizeof(c->auth));
	mark = vtpm_wr_begin(&wr);
	vtpm_wr_u32(&wr, VTPM_COUNTER_INDEX);
	vtpm_wr_u16(&wr, TPM2_ALG_SHA256);
	vtpm_wr_u32(&wr, COUNTER_ATTRIBUTES);
	vtpm_wr_u16(&wr, 0);		/* authPolicy */
	vtpm_wr_u16(&wr, COUNTER_SIZE);
	vtpm_wr_end(&wr, mark);
	return vtpm_cmd_run(chip, &wr, NULL, NULL);
}

static int define_run(struct vtpm_chip *chip, struct vtpm_req *req)
{
	struct counter_req *c = container_of(req, struct counter_req, req);
	int ret = vtpm_hostkey_provision(chip, NULL, 0);

	if (!ret && c->replace) {
		ret = remove_run(chip, req);
		if (ret == -ENOENT)
			ret = 0;
	}
	if (ret)
		return ret;
	ret = define(chip, c);
	if (ret == TPM2_RC_NV_DEFINED)
		return -EEXIST;
	if (ret)
		return vtpm_rc_errno(ret);
	pr_info("%s: counter for the ledger created at 0x%x\n", chip->name,
		VTPM_COUNTER_INDEX);
	set_found(chip, true);
	/* It has no value before. */
	return increment_run(chip, req);
}

static int counter_do(int (*run)(struct vtpm_chip *chip, struct vtpm_req *req),
		      const struct vtpm_hw_order *order, const u8 *auth, u64 *value)
{
	struct counter_req *c;
	int ret;

	if (order && order->len > sizeof(c->owner))
		return -EINVAL;
	c = vtpm_req_alloc(sizeof(*c), NULL, order ? VTPM_LIMIT_PROVISION : VTPM_LIMIT_USE,
			   run);
	if (!c)
		return -ENOMEM;
	if (order) {
		c->owner_len = order->len;
		c->replace = order->replace;
		memcpy(c->owner, order->auth, order->len);
	}
	if (auth)
		memcpy(c->auth, auth, sizeof(c->auth));
	ret = vtpm_req_wait(&vtpm_chip, &c->req);
	if (!ret && value)
		*value = c->value;
	vtpm_req_put(&c->req);
	return ret == -EAGAIN ? -EBUSY : ret;
}

/**
 * vtpm_hw_counter_define() - make the counter for a new ledger
 * @order: the owner's authorization; and whether one that there is, is replaced
 * @auth: VTPM_HW_COUNTER_AUTH bytes, what shall admit to it
 *
 * Return: 0; -EEXIST there is one, or something else at its index; the errnos of
 * vtpm_hw_provision().
 */
int vtpm_hw_counter_define(const struct vtpm_hw_order *order, const u8 *auth)
{
	return counter_do(define_run, order, auth, NULL);
}

/**
 * vtpm_hw_counter_remove() - remove it: no ledger counts any more
 * @order: the owner's authorization
 *
 * Return: 0; -ENOENT there is none; the errnos of vtpm_hw_provision().
 */
int vtpm_hw_counter_remove(const struct vtpm_hw_order *order)
{
	return counter_do(remove_run, order, NULL, NULL);
}

/**
 * vtpm_hw_counter_read() - the counter's value
 * @auth: what admits to it
 * @value: receives it
 *
 * Return: 0; -EXDEV the counter is gone, or another one; -ENODEV no chip,
 * -EIO it failed, -ETIMEDOUT, -EBUSY, -EINTR, -ENOMEM.
 */
int vtpm_hw_counter_read(const u8 *auth, u64 *value)
{
	return counter_do(read_run, NULL, auth, value);
}

/**
 * vtpm_hw_counter_increment() - count by one: a write to the chip's NV memory
 * @auth: what admits to it
 *
 * Return: as vtpm_hw_counter_read(). After an error it may have been done.
 */
int vtpm_hw_counter_increment(const u8 *auth)
{
	return counter_do(increment_run, NULL, auth, NULL);
}

/**
 * vtpm_hw_counter_found() - is there a counter in the chip?
 *
 * As it was when the chip was looked at, or changed by us, last.
 */
bool vtpm_hw_counter_found(void)
{
	return READ_ONCE(vtpm_chip.counter);
}
