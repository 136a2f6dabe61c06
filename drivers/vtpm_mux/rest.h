/* SPDX-License-Identifier: GPL-2.0 */
/* When secrets leave the memory of a vTPM that goes on: rest.c. */
#ifndef VTPM_REST_H
#define VTPM_REST_H

struct vtpm;

int vtpm_rest_init(void);
void vtpm_rest_exit(void);

void vtpm_rest_setup(struct vtpm *vtpm);
void vtpm_rest_later(struct vtpm *vtpm);
void vtpm_rest_end(struct vtpm *vtpm);

#endif
