/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What vtpmctl prints: for people, or as JSON if print_json is set.
 */
#ifndef VTPM_PRINT_H
#define VTPM_PRINT_H

#include <stdbool.h>

#include "libvtpm.h"

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

#define UUID_LEN	36

extern bool print_json;

/* In the order of enum vtpm_assurance; in that of the VTPM_BANK_* bits. */
extern const char * const assurance_names[3];
extern const char * const bank_names[4];

void format_uuid(char text[UUID_LEN + 1], const __u8 uuid[16]);

/* A list: begin, rows, end. */
void print_list_begin(void);
void print_list_row(const struct vtpm_info *info);
void print_list_end(void);

/* What the ledger knows: begin, rows, and the end of a list. */
void print_known_begin(void);
void print_known(const struct vtpm_known *known);

/* One vTPM; with @rows (not NULL), its statistics as well. */
void print_vtpm(const struct vtpm_info *info, const struct vtpm_stat *rows,
		int count);
void print_stats(const struct vtpm_stat *rows, int count);
void print_host(const struct vtpm_host_status *host);

#endif
