/* SPDX-License-Identifier: GPL-2.0 */
/*
 * vtpmctl host: what the physical TPM's keys are bound to.
 */
#ifndef VTPMCTL_BINDING_H
#define VTPMCTL_BINDING_H

#include "host.h"

struct vtpm_host_init;

/* The keys, bound to an authority, or to the present state of some PCRs. */
void bind_to_authority(int mux, struct vtpm_host_init *init, const struct host_args *args);
void bind_to_state(int mux, struct vtpm_host_init *init, const struct host_args *args);

void host_policy(int mux, const struct host_args *args);
/* A state that is signed, or all that are kept. */
void host_admit(int mux, const struct host_args *args);
void host_admit_kept(int mux, const struct host_args *args);

#endif
