/* SPDX-License-Identifier: GPL-2.0 */
/*
 * libvtpm: the ioctls of /dev/vtpm-mux and /dev/vtpmN as C functions.
 *
 * Structures, flags and errors are those of <linux/vtpm_mux.h>. Functions
 * that return int return 0, or what their comment says, or a negative errno;
 * they set the size members themselves. Nothing is kept between calls but the
 * descriptors, so that any number of threads may use the library.
 */
#ifndef LIBVTPM_H
#define LIBVTPM_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include <linux/vtpm_mux.h>

#define VTPM_MUX_PATH	"/dev/vtpm-mux"
#define VTPM_PATH	"/dev/vtpm%u"

/* A descriptor of /dev/vtpm-mux, or a negative errno. */
int vtpm_mux_open(void);

int vtpm_mux_create(int mux, struct vtpm_create *args);
/* A vTPM from its state file. */
int vtpm_mux_open_state(int mux, struct vtpm_open *args);
int vtpm_mux_destroy(int mux, unsigned int number, unsigned int flags);
int vtpm_mux_info(int mux, unsigned int number, struct vtpm_info *info);
/* The first vTPM from @number on; -ENOENT if there is none. */
int vtpm_mux_next(int mux, unsigned int number, struct vtpm_info *info);
int vtpm_mux_power(int mux, unsigned int number, enum vtpm_power_op op);
/* The same with physical presence asserted: VTPM_POWER_PRESENCE. */
int vtpm_mux_power_presence(int mux, unsigned int number,
			    enum vtpm_power_op op);
/* Part of an event, of any length; @flags are VTPM_MEASURE_*. */
int vtpm_mux_measure(int mux, unsigned int number, unsigned int flags,
		     const void *data, size_t len);
int vtpm_mux_cancel(int mux, unsigned int number);
/*
 * With VTPM_STATS_CHIP in @flags, the physical chip's. *@rows is an array of
 * as many rows as the return value says, to be freed by the caller.
 */
int vtpm_mux_stats(int mux, unsigned int number, unsigned int flags,
		   struct vtpm_stat **rows);
int vtpm_mux_host_status(int mux, struct vtpm_host_status *status);
int vtpm_mux_host_init(int mux, const void *auth, size_t size);
/* The same with all that there is to say; the structures' size is filled in. */
int vtpm_mux_host_bind(int mux, struct vtpm_host_init *args);
int vtpm_mux_host_policy(int mux, struct vtpm_host_policy *args);
int vtpm_mux_host_admit(int mux, struct vtpm_host_admit *args);
int vtpm_mux_anchor(int mux, struct vtpm_anchor *args);
/* A vTPM that the ledger knows: the first from @args->entry on. -ENOENT: none. */
int vtpm_mux_known(int mux, struct vtpm_known *args);
int vtpm_mux_forget(int mux, struct vtpm_forget *args);

/* A descriptor of /dev/vtpmN; @flags may have O_NONBLOCK or O_CLOEXEC. */
int vtpm_dev_open(unsigned int number, int flags);
int vtpm_dev_info(int dev, struct vtpm_info *info);
int vtpm_dev_power(int dev, enum vtpm_power_op op);
int vtpm_dev_power_presence(int dev, enum vtpm_power_op op);
int vtpm_dev_measure(int dev, unsigned int flags, const void *data, size_t len);
/* Returns the locality. */
int vtpm_dev_get_locality(int dev);
int vtpm_dev_set_locality(int dev, unsigned int locality);
int vtpm_dev_cancel(int dev);
/* @locality is 3 or 4. */
int vtpm_dev_reset_established(int dev, unsigned int locality);
/*
 * @type is VTPM_BLOB_*. Returns the length of *@blob, which the caller frees.
 */
ssize_t vtpm_dev_get_state(int dev, unsigned int type, void **blob);
int vtpm_dev_set_state(int dev, unsigned int type, unsigned int flags,
		       const void *blob, size_t len);

/*
 * Sends a command and waits for its response, on a blocking descriptor.
 * Returns the response's length, -EMSGSIZE if it is longer than @max.
 */
ssize_t vtpm_dev_transmit(int dev, const void *cmd, size_t len,
			  void *rsp, size_t max);

/*
 * The vDPA device of a vTPM: the driver that has it, "" if none, and what that
 * made of it, "" if nothing: /dev/vhost-vdpa-N or the host's /dev/tpmN.
 */
struct vtpm_vdpa_state {
	char driver[32];
	char node[64];
};

#define VTPM_VDPA_VHOST		"vhost_vdpa"	/* for a VMM */
#define VTPM_VDPA_VIRTIO	"virtio_vdpa"	/* for the host itself */

/* -ENOENT: it has none. */
int vtpm_vdpa_get_state(unsigned int number, struct vtpm_vdpa_state *state);
/*
 * Takes it from the driver that has it, which waits for a VMM that has it open,
 * and gives it to @driver. -ENXIO: that is not loaded; it will get it then.
 */
int vtpm_vdpa_bind(unsigned int number, const char *driver);
int vtpm_vdpa_unbind(unsigned int number);

/* "TPM2_Sign"; NULL for a code that the TPM 2.0 Library does not have. */
const char *vtpm_command_name(unsigned int cc);

#endif
