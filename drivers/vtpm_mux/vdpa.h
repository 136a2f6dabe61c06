/* SPDX-License-Identifier: GPL-2.0 */
/*
 * vTPMs as vDPA devices
 */
#ifndef VTPM_VDPA_H
#define VTPM_VDPA_H

#include <linux/err.h>

struct vtpm;
struct vtpm_vdpa;

#ifdef CONFIG_VTPM_MUX_VDPA

int vtpm_vdpa_init(void);
/* No vDPA device is left then: before vtpm_control_exit(). */
void vtpm_vdpa_exit(void);

/*
 * Make the vDPA device vtpmN appear, with a reference for the caller, and
 * withdraw it. One that a VMM has open vanishes when it is closed.
 */
struct vtpm_vdpa *vtpm_vdpa_add(struct vtpm *vtpm);
void vtpm_vdpa_del(struct vtpm_vdpa *dv);

#else

static inline int vtpm_vdpa_init(void)
{
	return 0;
}

static inline void vtpm_vdpa_exit(void)
{
}

static inline struct vtpm_vdpa *vtpm_vdpa_add(struct vtpm *vtpm)
{
	return ERR_PTR(-EOPNOTSUPP);
}

static inline void vtpm_vdpa_del(struct vtpm_vdpa *dv)
{
}

#endif

#endif
