// SPDX-License-Identifier: GPL-2.0
/*
 * /dev/vtpm-mux: makes, lists and destroys virtual TPMs.
 *
 * The device's mode (0600) says who may look. What changes something needs
 * CAP_SYS_ADMIN in the initial user namespace besides: a vTPM outlives the
 * descriptor that made it, takes memory and keys of the host, and belongs to
 * other people's VMs, so that an administrator may hand the descriptor or the
 * node to a monitoring service or a container without handing over these.
 */
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/overflow.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "anchor.h"
#include "cdev.h"
#include "control.h"
#include "instance.h"
#include "ioctl.h"
#include "vdpa.h"

#define VTPM_CREATE_FLAGS	(VTPM_CREATE_NUMBER | \
				 VTPM_CREATE_POWER_FOLLOWS_OPEN | \
				 VTPM_CREATE_VDPA | VTPM_CREATE_STATE | \
				 VTPM_CREATE_SNAPSHOTS)
#define VTPM_BANKS		(VTPM_BANK_SHA1 | VTPM_BANK_SHA256 | \
				 VTPM_BANK_SHA384 | VTPM_BANK_SHA512)

/* More than there are chip command codes. */
#define VTPM_CHIP_STATS_MAX	128

/*
 * Held while a vTPM becomes LIVE and its device appears, and while it becomes
 * GONE and its device vanishes: whoever destroys a LIVE one finds its device.
 * "vdpa dev add" and "del" take it under the vDPA core's lock: what takes that
 * must not be called with this one held.
 */
static DEFINE_MUTEX(vtpm_publish_lock);

static int vtpm_control_publish(struct vtpm *vtpm)
{
	struct vtpm_cdev *cdev;

	mutex_lock(&vtpm_publish_lock);
	/* First: who hears of the device may look it up by its number. */
	vtpm_publish(vtpm);
	cdev = vtpm_cdev_add(vtpm);
	if (IS_ERR(cdev))
		vtpm_put(vtpm_retire(vtpm->number, true));
	else
		vtpm->cdev = cdev;
	mutex_unlock(&vtpm_publish_lock);
	return PTR_ERR_OR_ZERO(cdev);
}

/* The one with this number; or @only, if that is not NULL. */
static int vtpm_control_remove(u32 number, const struct vtpm *only, bool force, bool erase)
{
	struct vtpm_vdpa *vdpa = NULL;
	struct vtpm *vtpm;
	int rc;

	mutex_lock(&vtpm_publish_lock);
	/* What is not GONE yet keeps its number. */
	if (only && vtpm_is_gone(only))
		vtpm = ERR_PTR(-ENOENT);
	else
		vtpm = vtpm_retire(number, force);
	if (!IS_ERR(vtpm)) {
		vtpm_cdev_del(vtpm->cdev);
		vdpa = vtpm->vdpa;
		WRITE_ONCE(vtpm->vdpa, NULL);
	}
	mutex_unlock(&vtpm_publish_lock);
	if (IS_ERR(vtpm))
		return PTR_ERR(vtpm);
	if (vdpa)
		vtpm_vdpa_del(vdpa);
	/* May wait for the chip. */
	rc = vtpm_destroy(vtpm, erase);
	vtpm_put(vtpm);
	return rc;
}

/**
 * vtpm_control_make() - make a vTPM and publish it
 * @args: what it shall be
 *
 * Return: the vTPM with a reference, or an ERR_PTR of the errors of
 * VTPM_MUX_IOC_CREATE.
 */
struct vtpm *vtpm_control_make(struct vtpm_create *args)
{
	struct vtpm *vtpm;
	int rc;

	if (!args->pcr_banks)
		args->pcr_banks = VTPM_BANKS;
	vtpm = vtpm_create(args);
	if (IS_ERR(vtpm))
		return vtpm;
	vtpm_get(vtpm);
	rc = vtpm_control_publish(vtpm);
	if (!rc)
		return vtpm;
	vtpm_destroy(vtpm, true);
	vtpm_put(vtpm);
	return ERR_PTR(rc);
}

/**
 * vtpm_control_unmake() - destroy a vTPM, if nobody else has
 * @vtpm: the vTPM; the caller keeps its reference
 * @erase: its state file as well
 */
void vtpm_control_unmake(struct vtpm *vtpm, bool erase)
{
	vtpm_control_remove(vtpm->number, vtpm, true, erase);
}

/**
 * vtpm_control_attach() - give a vTPM its vDPA device
 * @vtpm: a vTPM that was published
 * @vdpa: the device, with a reference that goes to @vtpm
 *
 * Return: 0, -ENODEV the vTPM is gone, -EEXIST it has one.
 */
int vtpm_control_attach(struct vtpm *vtpm, struct vtpm_vdpa *vdpa)
{
	int rc = 0;

	mutex_lock(&vtpm_publish_lock);
	if (vtpm_is_gone(vtpm))
		rc = -ENODEV;
	else if (vtpm->vdpa)
		rc = -EEXIST;
	else
		WRITE_ONCE(vtpm->vdpa, vdpa);
	mutex_unlock(&vtpm_publish_lock);
	return rc;
}

/**
 * vtpm_control_detach() - take its vDPA device from a vTPM
 * @vtpm: the vTPM
 * @vdpa: the device
 *
 * Return: true if it was its device; the reference is then the caller's.
 */
bool vtpm_control_detach(struct vtpm *vtpm, struct vtpm_vdpa *vdpa)
{
	bool found;

	mutex_lock(&vtpm_publish_lock);
	found = vtpm->vdpa == vdpa;
	if (found)
		WRITE_ONCE(vtpm->vdpa, NULL);
	mutex_unlock(&vtpm_publish_lock);
	return found;
}

/* With a vDPA device; the vTPM is published, but may be gone by now. */
static int vtpm_control_offer(struct vtpm *vtpm)
{
	struct vtpm_vdpa *vdpa = vtpm_vdpa_add(vtpm);
	int rc;

	if (IS_ERR(vdpa))
		return PTR_ERR(vdpa);
	rc = vtpm_control_attach(vtpm, vdpa);
	if (rc)
		vtpm_vdpa_del(vdpa);
	return rc;
}

static int vtpm_check_create(const struct vtpm_create *args)
{
	if (args->flags & ~VTPM_CREATE_FLAGS || args->reserved || args->reserved2)
		return -EINVAL;
	if (args->assurance > VTPM_ASSURANCE_SOFTWARE ||
	    args->pcr_banks & ~VTPM_BANKS)
		return -EINVAL;
	/* What was not given would be taken for descriptor 0. */
	if (args->flags & VTPM_CREATE_STATE &&
	    args->size < offsetofend(struct vtpm_create, state_fd))
		return -EINVAL;
	if (!(args->flags & VTPM_CREATE_STATE) && args->state_fd)
		return -EINVAL;
	if (args->flags & VTPM_CREATE_NUMBER)
		return args->number < VTPM_MAX_INSTANCES ? 0 : -EINVAL;
	return args->number ? -EINVAL : 0;
}

/*
 * Let others see a vTPM that is made, after @told: what others can see is not
 * taken back. If that fails it is gone, and (@erase) its state file too.
 */
static int vtpm_control_finish(struct vtpm *vtpm, u32 flags, int told, bool erase)
{
	int rc = told;

	vtpm_get(vtpm);
	if (!rc)
		rc = vtpm_control_publish(vtpm);
	if (rc) {
		vtpm_destroy(vtpm, erase);
	} else if (flags & VTPM_CREATE_VDPA) {
		rc = vtpm_control_offer(vtpm);
		if (rc)
			vtpm_control_unmake(vtpm, erase);
	}
	vtpm_put(vtpm);
	return rc;
}

static int vtpm_mux_create(void *ctx, union vtpm_ioctl_arg *arg,
			   void __user *argp)
{
	struct vtpm_create *args = &arg->create;
	struct vtpm *vtpm;
	int rc;

	rc = vtpm_check_create(args);
	if (rc)
		return rc;
	if (!args->pcr_banks)
		args->pcr_banks = VTPM_BANKS;
	vtpm = vtpm_create(args);
	if (IS_ERR(vtpm))
		return PTR_ERR(vtpm);
	args->number = vtpm->number;
	export_uuid(args->uuid, &vtpm->uuid);
	return vtpm_control_finish(vtpm, args->flags, vtpm_ioctl_return(argp, arg), true);
}

static int vtpm_mux_open(void *ctx, union vtpm_ioctl_arg *arg, void __user *argp)
{
	struct vtpm_open *args = &arg->open;
	struct vtpm_create create = {
		.flags = args->flags | VTPM_CREATE_STATE,
		.number = args->number,
		.state_fd = args->state_fd,
	};
	struct vtpm *vtpm;

	if (args->flags & ~((VTPM_CREATE_FLAGS & ~VTPM_CREATE_STATE) | VTPM_OPEN_ACCEPT) ||
	    args->reserved)
		return -EINVAL;
	if (args->flags & VTPM_CREATE_NUMBER ? args->number >= VTPM_MAX_INSTANCES :
					       args->number)
		return -EINVAL;
	memcpy(create.uuid, args->uuid, sizeof(create.uuid));
	vtpm = vtpm_create_again(&create);
	if (IS_ERR(vtpm))
		return PTR_ERR(vtpm);
	args->number = vtpm->number;
	args->assurance = vtpm->assurance;
	args->pcr_banks = vtpm->pcr_banks;
	export_uuid(args->uuid, &vtpm->uuid);
	return vtpm_control_finish(vtpm, args->flags, vtpm_ioctl_return(argp, arg), false);
}

static int vtpm_mux_destroy(void *ctx, union vtpm_ioctl_arg *arg,
			    void __user *argp)
{
	struct vtpm_destroy *args = &arg->destroy;

	if (args->flags & ~(VTPM_DESTROY_FORCE | VTPM_DESTROY_KEEP) || args->reserved)
		return -EINVAL;
	return vtpm_control_remove(args->number, NULL,
				   args->flags & VTPM_DESTROY_FORCE,
				   !(args->flags & VTPM_DESTROY_KEEP));
}

static int vtpm_return_info(struct vtpm *vtpm, union vtpm_ioctl_arg *arg,
			    void __user *argp)
{
	if (!vtpm)
		return -ENOENT;
	vtpm_get_info(vtpm, &arg->info);
	vtpm_put(vtpm);
	return vtpm_ioctl_return(argp, arg);
}

static int vtpm_mux_info(void *ctx, union vtpm_ioctl_arg *arg,
			 void __user *argp)
{
	return vtpm_return_info(vtpm_get_number(arg->info.number), arg, argp);
}

static int vtpm_mux_next(void *ctx, union vtpm_ioctl_arg *arg,
			 void __user *argp)
{
	return vtpm_return_info(vtpm_get_next(arg->info.number), arg, argp);
}

static int vtpm_mux_power(void *ctx, union vtpm_ioctl_arg *arg,
			  void __user *argp)
{
	struct vtpm_power *args = &arg->power;
	struct vtpm *vtpm;
	int rc;

	vtpm = vtpm_get_number(args->number);
	if (!vtpm)
		return -ENOENT;
	rc = vtpm_set_power(vtpm, args->op, args->flags);
	vtpm_put(vtpm);
	return rc;
}

static int vtpm_mux_measure(void *ctx, union vtpm_ioctl_arg *arg,
			    void __user *argp)
{
	struct vtpm *vtpm;
	int rc;

	vtpm = vtpm_get_number(arg->measure.number);
	if (!vtpm)
		return -ENOENT;
	rc = vtpm_measure(vtpm, &arg->measure);
	vtpm_put(vtpm);
	return rc;
}

static int vtpm_mux_cancel(void *ctx, union vtpm_ioctl_arg *arg,
			   void __user *argp)
{
	struct vtpm_cancel *args = &arg->cancel;
	struct vtpm *vtpm;

	vtpm = vtpm_get_number(args->number);
	if (!vtpm)
		return -ENOENT;
	vtpm_cancel(vtpm);
	vtpm_put(vtpm);
	return 0;
}

/* The chip's rows in the caller's format: room for VTPM_CHIP_STATS_MAX. */
static int vtpm_chip_stats(struct vtpm_stat *rows)
{
	struct vtpm_hw_cc_stat *hw;
	unsigned int i, n;

	hw = kcalloc(VTPM_CHIP_STATS_MAX, sizeof(*hw), GFP_KERNEL_ACCOUNT);
	if (!hw)
		return -ENOMEM;
	n = vtpm_hw_get_stats(hw, VTPM_CHIP_STATS_MAX);
	for (i = 0; i < n; i++) {
		rows[i] = (struct vtpm_stat){
			.cc = hw[i].cc,
			.count = hw[i].count,
			.errors = hw[i].errors,
			.chip_commands = hw[i].count,
			.ns = hw[i].ns,
		};
	}
	kfree(hw);
	return n;
}

static int vtpm_read_stats(const struct vtpm_stats *args,
			   struct vtpm_stat *rows)
{
	struct vtpm *vtpm;
	int n;

	if (args->flags & VTPM_STATS_CHIP)
		return vtpm_chip_stats(rows);
	vtpm = vtpm_get_number(args->number);
	if (!vtpm)
		return -ENOENT;
	n = vtpm_get_stats(vtpm, rows);
	vtpm_put(vtpm);
	return n;
}

/* Rows of @args->row_size bytes each, which may be more or less than ours. */
static int vtpm_copy_stats(const struct vtpm_stats *args,
			   const struct vtpm_stat *rows, unsigned int n)
{
	u8 __user *to = u64_to_user_ptr(args->rows);
	size_t known = min_t(size_t, args->row_size, sizeof(*rows));
	unsigned int i;

	for (i = 0; i < n; i++, to += args->row_size) {
		if (copy_to_user(to, &rows[i], known) ||
		    clear_user(to + known, args->row_size - known))
			return -EFAULT;
	}
	return 0;
}

static int vtpm_mux_stats(void *ctx, union vtpm_ioctl_arg *arg,
			  void __user *argp)
{
	struct vtpm_stats *args = &arg->stats;
	struct vtpm_stat *rows;
	int rc;

	if (args->flags & ~VTPM_STATS_CHIP || args->reserved ||
	    (args->flags & VTPM_STATS_CHIP && args->number))
		return -EINVAL;
	if (args->row_size < 16 || args->row_size > PAGE_SIZE ||
	    args->row_size % 8)
		return -EINVAL;

	rows = kvcalloc(max_t(size_t, vtpm_stats_max(), VTPM_CHIP_STATS_MAX),
			sizeof(*rows), GFP_KERNEL_ACCOUNT);
	if (!rows)
		return -ENOMEM;
	rc = vtpm_read_stats(args, rows);
	if (rc >= 0) {
		unsigned int n = min_t(unsigned int, rc, args->count);

		args->count = rc;
		rc = vtpm_copy_stats(args, rows, n);
	}
	kvfree(rows);
	return rc ?: vtpm_ioctl_return(argp, arg);
}

static void vtpm_host_anchor(struct vtpm_host_status *args)
{
	static const u32 states[] = {
		[VTPM_LEDGER_NONE] = VTPM_HOST_ANCHOR_NONE,
		[VTPM_LEDGER_WAITING] = VTPM_HOST_ANCHOR_WAITING,
		[VTPM_LEDGER_HELD] = VTPM_HOST_ANCHOR_HELD,
	};
	struct vtpm_anchor_status anchor;

	vtpm_anchor_get_status(&anchor);
	args->anchor = states[anchor.state];
	args->anchor_pending = anchor.unanchored;
	args->anchor_entries = anchor.entries;
	args->anchor_accepted = anchor.accepted;
	args->anchor_counter = anchor.counter;
	args->anchor_increments = anchor.increments;
}

static int vtpm_mux_host_status(void *ctx, union vtpm_ioctl_arg *arg,
				void __user *argp)
{
	static const u32 states[] = {
		[VTPM_HW_ABSENT] = VTPM_HOST_ABSENT,
		[VTPM_HW_UNPROVISIONED] = VTPM_HOST_UNPROVISIONED,
		[VTPM_HW_READY] = VTPM_HOST_READY,
		[VTPM_HW_STUCK] = VTPM_HOST_STUCK,
		[VTPM_HW_SUSPENDED] = VTPM_HOST_SUSPENDED,
	};
	static const u32 bindings[] = {
		[VTPM_HW_UNBOUND] = VTPM_BINDING_NONE,
		[VTPM_HW_BOUND] = VTPM_BINDING_WAITING,
		[VTPM_HW_ADMITTED] = VTPM_BINDING_ADMITTED,
		[VTPM_HW_CHANGED] = VTPM_BINDING_CHANGED,
	};
	struct vtpm_host_status *args = &arg->host_status;
	struct vtpm_hw_status hw = {};

	vtpm_hw_get_status(&hw);
	*args = (struct vtpm_host_status){
		.size = args->size,
		.state = states[hw.state],
		.error = abs(hw.error),
		.chip = hw.chip_index,
		.firmware = { hw.firmware[0], hw.firmware[1] },
		.srk_handle = hw.srk_handle,
		.mrk_handle = hw.mrk_handle,
		.rsa = hw.rsa_bits,
		.curves = hw.curves,
		.slots = hw.slots,
		.slots_used = hw.slots_used,
		.instances = vtpm_count(),
		.instances_max = VTPM_MAX_INSTANCES,
		.hits = hw.hits,
		.misses = hw.misses,
		.evictions = hw.evictions,
		.commands = hw.commands,
		.binding = bindings[hw.binding],
		.admitted = hw.admitted,
		.bank = hw.host_state.bank,
		.pcrs = hw.host_state.pcrs,
	};
	vtpm_host_anchor(args);
	strscpy_pad(args->manufacturer, hw.manufacturer);
	strscpy_pad(args->vendor, hw.vendor);
	static_assert(sizeof(args->srk_name) == sizeof(hw.srk_name));
	memcpy(args->srk_name, hw.srk_name, sizeof(args->srk_name));
	memcpy(args->mrk_name, hw.mrk_name, sizeof(args->mrk_name));
	return vtpm_ioctl_return(argp, arg);
}

static int vtpm_mux_host_init(void *ctx, union vtpm_ioctl_arg *arg,
			      void __user *argp)
{
	struct vtpm_host_init *args = &arg->host_init;
	struct vtpm_hw_authority authority;
	struct vtpm_hw_order order = {
		.auth = args->auth,
		.len = args->auth_size,
		.replace = args->flags & VTPM_HOST_REPLACE,
	};

	/* All of it has to be in what the caller gave. */
	if (args->auth_size > VTPM_AUTH_MAX ||
	    args->size < offsetof(struct vtpm_host_init, auth) + args->auth_size)
		return -EINVAL;
	if (args->flags & ~(VTPM_HOST_BIND | VTPM_HOST_REPLACE) ||
	    args->flags == VTPM_HOST_REPLACE || args->reserved)
		return -EINVAL;
	if (args->flags &&
	    args->size < offsetofend(struct vtpm_host_init, authority))
		return -EINVAL;
	if (args->flags & VTPM_HOST_BIND) {
		static_assert(sizeof(authority) == sizeof(args->authority));
		memcpy(&authority, args->authority, sizeof(authority));
		order.authority = &authority;
	}
	return vtpm_hw_provision(&order);
}

static bool vtpm_host_state_ok(u32 bank, u32 pcrs)
{
	return (bank == VTPM_BANK_SHA256 || bank == VTPM_BANK_SHA384 ||
		bank == VTPM_BANK_SHA512) && pcrs && !(pcrs >> 24);
}

static int vtpm_mux_host_policy(void *ctx, union vtpm_ioctl_arg *arg,
				void __user *argp)
{
	struct vtpm_host_policy *args = &arg->host_policy;
	struct vtpm_hw_host_state state = {
		.bank = args->bank,
		.pcrs = args->pcrs,
	};
	int rc;

	if (!vtpm_host_state_ok(args->bank, args->pcrs) || args->reserved)
		return -EINVAL;
	rc = vtpm_hw_current_state(&state);
	if (rc)
		return rc;
	memcpy(args->policy, state.policy, sizeof(args->policy));
	return vtpm_ioctl_return(argp, arg);
}

static int vtpm_mux_host_admit(void *ctx, union vtpm_ioctl_arg *arg,
			       void __user *argp)
{
	struct vtpm_host_admit *args = &arg->host_admit;
	struct vtpm_hw_host_state state = {
		.bank = args->bank,
		.pcrs = args->pcrs,
	};
	struct vtpm_hw_authority authority;
	struct vtpm_hw_signature signature;

	if (!vtpm_host_state_ok(args->bank, args->pcrs) || args->reserved)
		return -EINVAL;
	static_assert(sizeof(authority) == sizeof(args->authority));
	static_assert(sizeof(signature) == sizeof(args->signature));
	memcpy(state.policy, args->policy, sizeof(state.policy));
	memcpy(&authority, args->authority, sizeof(authority));
	memcpy(&signature, args->signature, sizeof(signature));
	return vtpm_hw_admit(&authority, &state, &signature);
}

static int vtpm_mux_anchor(void *ctx, union vtpm_ioctl_arg *arg, void __user *argp)
{
	struct vtpm_anchor *args = &arg->anchor;
	struct vtpm_hw_order order = {
		.auth = args->auth,
		.len = args->auth_size,
		.replace = args->flags & VTPM_ANCHOR_REPLACE,
	};

	/* All of it has to be in what the caller gave. */
	if (args->auth_size > VTPM_AUTH_MAX ||
	    (args->auth_size && args->size < offsetof(struct vtpm_anchor, auth) +
					     args->auth_size))
		return -EINVAL;
	switch (args->flags) {
	case 0:
		if (args->auth_size)
			return -EINVAL;
		return vtpm_anchor_attach(args->ledger_fd, args->interval);
	case VTPM_ANCHOR_NEW:
	case VTPM_ANCHOR_NEW | VTPM_ANCHOR_REPLACE:
		return vtpm_anchor_make(args->ledger_fd, &order, args->interval);
	case VTPM_ANCHOR_REMOVE:
		if (args->ledger_fd || args->interval)
			return -EINVAL;
		return vtpm_anchor_remove(&order);
	}
	return -EINVAL;
}

static int vtpm_mux_known(void *ctx, union vtpm_ioctl_arg *arg, void __user *argp)
{
	struct vtpm_known *args = &arg->known;
	struct vtpm_anchor_entry entry;
	unsigned int number = args->entry;
	int rc;

	rc = vtpm_anchor_next(&number, &entry);
	if (rc)
		return rc;
	*args = (struct vtpm_known){
		.size = args->size,
		.entry = number,
		.flags = entry.in_use ? VTPM_KNOWN_IN_USE : 0,
		.accepted = entry.reached.generation >> VTPM_STORE_LIFE,
		.generation = entry.reached.generation,
	};
	memcpy(args->uuid, entry.uuid, sizeof(args->uuid));
	return vtpm_ioctl_return(argp, arg);
}

static int vtpm_mux_forget(void *ctx, union vtpm_ioctl_arg *arg, void __user *argp)
{
	return arg->forget.reserved ? -EINVAL : vtpm_anchor_revoke(arg->forget.uuid);
}

static const struct vtpm_ioctl vtpm_mux_ioctls[] = {
	{
		.cmd = VTPM_MUX_IOC_CREATE,
		.run = vtpm_mux_create,
		.size = sizeof(struct vtpm_create),
		.min_size = offsetofend(struct vtpm_create, flags),
		.admin = true,
	},
	{
		.cmd = VTPM_MUX_IOC_OPEN,
		.run = vtpm_mux_open,
		.size = sizeof(struct vtpm_open),
		.min_size = offsetofend(struct vtpm_open, state_fd),
		.admin = true,
	},
	{
		.cmd = VTPM_MUX_IOC_DESTROY,
		.run = vtpm_mux_destroy,
		.size = sizeof(struct vtpm_destroy),
		.min_size = offsetofend(struct vtpm_destroy, number),
		.admin = true,
	},
	{
		.cmd = VTPM_MUX_IOC_INFO,
		.run = vtpm_mux_info,
		.size = sizeof(struct vtpm_info),
		.min_size = offsetofend(struct vtpm_info, number),
	},
	{
		.cmd = VTPM_MUX_IOC_NEXT,
		.run = vtpm_mux_next,
		.size = sizeof(struct vtpm_info),
		.min_size = offsetofend(struct vtpm_info, number),
	},
	{
		.cmd = VTPM_MUX_IOC_POWER,
		.run = vtpm_mux_power,
		.size = sizeof(struct vtpm_power),
		.min_size = offsetofend(struct vtpm_power, op),
		.admin = true,
	},
	{
		.cmd = VTPM_MUX_IOC_MEASURE,
		.run = vtpm_mux_measure,
		.size = sizeof(struct vtpm_measure),
		.min_size = offsetofend(struct vtpm_measure, data),
		.admin = true,
	},
	{
		.cmd = VTPM_MUX_IOC_CANCEL,
		.run = vtpm_mux_cancel,
		.size = sizeof(struct vtpm_cancel),
		.min_size = offsetofend(struct vtpm_cancel, number),
		.admin = true,
	},
	{
		.cmd = VTPM_MUX_IOC_STATS,
		.run = vtpm_mux_stats,
		.size = sizeof(struct vtpm_stats),
		.min_size = offsetofend(struct vtpm_stats, rows),
	},
	{
		.cmd = VTPM_MUX_IOC_HOST_STATUS,
		.run = vtpm_mux_host_status,
		.size = sizeof(struct vtpm_host_status),
		.min_size = offsetofend(struct vtpm_host_status, size),
	},
	{
		.cmd = VTPM_MUX_IOC_HOST_INIT,
		.run = vtpm_mux_host_init,
		.size = sizeof(struct vtpm_host_init),
		.min_size = offsetofend(struct vtpm_host_init, auth_size),
		.admin = true,
	},
	{
		.cmd = VTPM_MUX_IOC_HOST_POLICY,
		.run = vtpm_mux_host_policy,
		.size = sizeof(struct vtpm_host_policy),
		.min_size = offsetofend(struct vtpm_host_policy, policy),
		.admin = true,
	},
	{
		.cmd = VTPM_MUX_IOC_HOST_ADMIT,
		.run = vtpm_mux_host_admit,
		.size = sizeof(struct vtpm_host_admit),
		.min_size = offsetofend(struct vtpm_host_admit, signature),
		.admin = true,
	},
	{
		.cmd = VTPM_MUX_IOC_ANCHOR,
		.run = vtpm_mux_anchor,
		.size = sizeof(struct vtpm_anchor),
		.min_size = offsetofend(struct vtpm_anchor, ledger_fd),
		.admin = true,
	},
	{
		.cmd = VTPM_MUX_IOC_KNOWN,
		.run = vtpm_mux_known,
		.size = sizeof(struct vtpm_known),
		.min_size = offsetofend(struct vtpm_known, entry),
	},
	{
		.cmd = VTPM_MUX_IOC_FORGET,
		.run = vtpm_mux_forget,
		.size = sizeof(struct vtpm_forget),
		.min_size = offsetofend(struct vtpm_forget, uuid),
		.admin = true,
	},
};

static long vtpm_control_ioctl(struct file *file, unsigned int cmd,
			       unsigned long arg)
{
	return vtpm_ioctl_run(vtpm_mux_ioctls, ARRAY_SIZE(vtpm_mux_ioctls),
			      NULL, cmd, (void __user *)arg);
}

static const struct file_operations vtpm_control_fops = {
	.owner = THIS_MODULE,
	.open = nonseekable_open,
	.unlocked_ioctl = vtpm_control_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
};

static struct miscdevice vtpm_control = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "vtpm-mux",
	.mode = 0600,
	.fops = &vtpm_control_fops,
};

int __init vtpm_control_init(void)
{
	return misc_register(&vtpm_control);
}

void vtpm_control_exit(void)
{
	struct vtpm *vtpm;

	misc_deregister(&vtpm_control);
	/* None is open: that would have kept the module. */
	while ((vtpm = vtpm_get_next(0))) {
		vtpm_control_unmake(vtpm, false);
		vtpm_put(vtpm);
	}
}
