/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One vTPM and those who are connected to its socket, in a process of their
 * own:
 *
 *	client --- control socket ---> session.c --> control.c ---\
 *	   \------ data socket ------> data.c --------------------> /dev/vtpmN
 *
 * Any number of sessions (up to SESSIONS_MAX) can ask; one at most is the
 * owner, whose guest the vTPM serves. A session with a data socket becomes it
 * with CTL_INIT and ceases to be it with CTL_SHUTDOWN or when it ends, which
 * switches the vTPM off. While there is an owner, others can change nothing;
 * one can take over with the owner's present state (see migration in
 * control.c).
 *
 * All of it is one thread. A command of a guest is written to the device
 * without waiting; what a client asks in the meantime waits for its end where
 * it has to.
 */
#ifndef VTPMD_WORKER_H
#define VTPMD_WORKER_H

#include <stdbool.h>
#include <stddef.h>
#include <linux/types.h>

#include <event2/buffer.h>
#include <event2/event.h>

#include "../libvtpm.h"

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

#define SESSIONS_MAX	8

/* TPM_PT_MAX_COMMAND_SIZE and _RESPONSE_SIZE of every vTPM. */
#define TPM_BUFFER_SIZE	3968
#define TPM_HEADER_SIZE	10

struct blob {
	__u8 *bytes;
	size_t len;
};

struct worker;

/**
 * struct session - a connected client
 * @w: its worker
 * @ctl: the control socket
 * @data: the data socket, -1 if there is none
 * @passed: the descriptor that came with the last bytes, -1 if none did
 * @in: a request, as far as it has come
 * @in_len: bytes of it
 * @deferred: it waits for the device to be idle
 * @out: replies on their way
 * @incoming: the state blob on its way, while @incoming_type is not 0; without
 *	bytes if it is to be refused
 * @incoming_type: enum ctl_blob
 * @incoming_result: enum ctl_result of one that is to be refused
 * @incoming_have: bytes of it that have come
 * @permanent: state to begin with at its CTL_INIT, of a VMM; the owner's, of another
 * @volatile_: likewise
 * @outgoing: the blob that was asked for last
 * @outgoing_type: enum ctl_blob
 * @locality: what the client has chosen
 * @cmd: a TPM command, as far as it has come
 * @cmd_len: bytes of it
 * @data_out: a TPM response on its way
 */
struct session {
	struct worker *w;
	int ctl;
	int data;
	int passed;
	struct event *ctl_read;
	struct event *ctl_write;
	struct event *data_read;
	struct event *data_write;
	struct event *data_timer;

	__u8 in[8192];
	size_t in_len;
	bool deferred;
	struct evbuffer *out;

	struct blob incoming;
	__u32 incoming_type;
	__u32 incoming_result;
	size_t incoming_have;
	struct blob permanent;
	struct blob volatile_;
	struct blob outgoing;
	__u32 outgoing_type;
	unsigned int locality;

	__u8 cmd[VTPM_BUFSIZE];
	size_t cmd_len;
	struct evbuffer *data_out;
};

/**
 * struct worker - a vTPM
 * @number: N of /dev/vtpmN
 * @dev: the device, non-blocking
 * @listener: the socket that clients connect to
 * @sessions: NULL where there is none
 * @owner: see above, NULL if nobody is
 * @busy: the device executes a command
 * @runner: whose command that is, NULL if the session has ended
 * @off_wanted: switch it off as soon as it is idle
 * @permanent: state to begin with at CTL_INIT
 * @stored: volatile state, likewise; CTL_STORE_VOLATILE saves it here
 * @done: leave the event loop
 */
struct worker {
	unsigned int number;
	int dev;
	int listener;
	struct event_base *base;
	struct event *listener_event;
	struct event *dev_event;
	struct session *sessions[SESSIONS_MAX];
	struct session *owner;
	bool busy;
	struct session *runner;
	bool off_wanted;
	struct blob permanent;
	struct blob stored;
	bool done;
};

/* worker.c */
int worker_init(struct worker *w, unsigned int number, int dev, int listener);
void worker_run(struct worker *w);
void worker_exit(struct worker *w);
void worker_off(struct worker *w);
void blob_free(struct blob *blob);

/* session.c */
struct session *session_new(struct worker *w, int ctl);
void session_free(struct session *s);
bool session_resume(struct session *s);

/* control.c */
size_t control_wants(const __u8 *in, size_t len);
size_t control_request(struct session *s);
void control_blob_done(struct session *s);
void control_leave(struct session *s);

/* data.c */
int data_open(struct session *s, int fd);
void data_close(struct session *s);
void data_response(struct session *s, const void *rsp, size_t len);
void data_failure(struct session *s, __u32 rc);

/* info.c */
size_t info_json(__u64 flags, char *text, size_t size);

static inline __u32 get_be32(const __u8 *p)
{
	return (__u32)p[0] << 24 | (__u32)p[1] << 16 |
	       (__u32)p[2] << 8 | p[3];
}

static inline void put_be32(__u8 *p, __u32 value)
{
	p[0] = value >> 24;
	p[1] = value >> 16;
	p[2] = value >> 8;
	p[3] = value;
}

#endif
