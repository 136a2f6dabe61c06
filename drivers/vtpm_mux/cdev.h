/* SPDX-License-Identifier: GPL-2.0 */
/*
 * /dev/vtpmN
 */
#ifndef VTPM_CDEV_H
#define VTPM_CDEV_H

struct vtpm;
struct vtpm_cdev;

int vtpm_cdev_init(void);
void vtpm_cdev_exit(void);

/* Make /dev/vtpmN appear, and vanish. Who has it open keeps a reference. */
struct vtpm_cdev *vtpm_cdev_add(struct vtpm *vtpm);
void vtpm_cdev_del(struct vtpm_cdev *cdev);

#endif
