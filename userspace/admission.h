/* SPDX-License-Identifier: GPL-2.0 */
/*
 * States of the host that were admitted, as they are kept for the next boot: one
 * file for each, in /var/lib/vtpm-mux/admitted.
 */
#ifndef VTPMCTL_ADMISSION_H
#define VTPMCTL_ADMISSION_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include <linux/vtpm_mux.h>

#define ADMISSION_NAME	(16 + sizeof(".admission"))

/* "sha256:0,1,...,23" */
#define PCRS_TEXT	80

struct admission {
	struct vtpm_host_admit admit;
	bool sole;			/* nobody can sign for this authority again */
	bool pending;			/* its key is not known to be bound yet */
	char name[ADMISSION_NAME];	/* of its file, once it has one */
	struct timespec kept;		/* when */
	bool present;			/* for the caller: it is the host's state */
};

struct admissions {
	struct admission *list;		/* the oldest first */
	size_t count;
	unsigned int bad;		/* files that are none */
};

/*
 * @dir is that of ADMISSIONS (directory.h), locked; what fails ends the program.
 *
 * All that are kept; what is damaged is warned of if @warn, and counted.
 */
void admissions_read(int dir, struct admissions *all, bool warn);

/* Makes @a durable, in the place of the same one; sets its name. */
void admission_keep(int dir, struct admission *a);
/* One that was pending is no longer: likewise. */
void admission_settle(int dir, struct admission *a);
void admission_remove(int dir, const char *name);

/* "sha256:0,2,7". False: @text is nothing like it. */
bool pcrs_parse(const char *text, unsigned int *bank, unsigned int *pcrs);
void pcrs_print(char text[PCRS_TEXT], unsigned int bank, unsigned int pcrs);

#endif
