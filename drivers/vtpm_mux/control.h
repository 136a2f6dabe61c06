/* SPDX-License-Identifier: GPL-2.0 */
/*
 * /dev/vtpm-mux
 */
#ifndef VTPM_CONTROL_H
#define VTPM_CONTROL_H

#include <linux/types.h>

struct vtpm;
struct vtpm_create;
struct vtpm_vdpa;

int vtpm_control_init(void);
/* Destroys the vTPMs that there still are. */
void vtpm_control_exit(void);

/* For "vdpa dev add" and "vdpa dev del". */
struct vtpm *vtpm_control_make(struct vtpm_create *args);
void vtpm_control_unmake(struct vtpm *vtpm, bool erase);
int vtpm_control_attach(struct vtpm *vtpm, struct vtpm_vdpa *vdpa);
bool vtpm_control_detach(struct vtpm *vtpm, struct vtpm_vdpa *vdpa);

#endif
