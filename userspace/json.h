/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Writes JSON (RFC 8259) to standard output.
 *
 * All that vtpmctl prints are flat objects and lists of them, for which these
 * few functions do; json-c would be its only dependency, and the tool goes
 * into the small images that start microVMs.
 */
#ifndef VTPM_JSON_H
#define VTPM_JSON_H

#include <stdbool.h>
#include <stddef.h>

/* @key is NULL in an array and at the top. */
void json_open_object(const char *key);
void json_open_array(const char *key);
/* Ends the innermost of both; at the top, ends the line. */
void json_close(void);

void json_string(const char *key, const char *value);
void json_number(const char *key, long long value);
void json_bool(const char *key, bool value);
void json_hex(const char *key, const void *bytes, size_t len);

#endif
