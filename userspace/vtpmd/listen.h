/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Sockets that clients connect to, and what systemd wants to know.
 */
#ifndef VTPMD_LISTEN_H
#define VTPMD_LISTEN_H

#include <sys/types.h>

/* So many clients wait to be accepted. */
#define LISTEN_BACKLOG	16

/* Permissions and group of the sockets that listen_unix() makes. */
extern mode_t listen_mode;
extern gid_t listen_group;	/* -1: the process's own */

/* A listening socket, in place of what is at @path; or a negative errno. */
int listen_unix(const char *path);

/* Each socket that systemd has passed, with its name. */
void listen_systemd(void (*add)(const char *name, int fd));

/* Tells systemd that clients can connect. */
void listen_ready(void);

#endif
