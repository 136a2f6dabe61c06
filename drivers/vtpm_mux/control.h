/* SPDX-License-Identifier: GPL-2.0 */
/*
 * /dev/vtpm-mux
 */
#ifndef VTPM_CONTROL_H
#define VTPM_CONTROL_H

int vtpm_control_init(void);
/* Destroys the vTPMs that there still are. */
void vtpm_control_exit(void);

#endif
