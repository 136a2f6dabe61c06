// SPDX-License-Identifier: GPL-2.0
/*
 * libFuzzer over a worker of vtpmd: clients that connect, send what they like on
 * both sockets, pass descriptors, do not read, and leave; a device that answers
 * late.
 *
 * The input is a list of steps: a byte that says what is done by which client,
 * then for some a byte of length and the bytes that are sent.
 */
#include <assert.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "log.h"
#include "worker.h"

#define CLIENTS		3

enum {
	STEP_CONNECT,
	STEP_SEND,
	STEP_SEND_FD,
	STEP_DATA,
	STEP_DATA_LONG,
	STEP_READ,
	STEP_LEAVE,
	STEP_CLOSE_DATA,
	STEP_ANSWER,
	STEP_NUMBER,
};

struct client {
	int ctl;
	int data;
};

static struct client clients[CLIENTS];
static struct worker w;
static int device;		/* the other end of w.dev */
static unsigned int state;	/* VTPM_STATE_* */

/* Nobody reads it here. */
void log_line(int priority, const char *format, ...)
{
	(void)priority;
	(void)format;
}

/* The vTPM, as far as vtpmd sees it. */

int vtpm_dev_info(int dev, struct vtpm_info *info)
{
	(void)dev;
	memset(info, 0, sizeof(*info));
	info->state = state;
	return 0;
}

int vtpm_dev_power(int dev, enum vtpm_power_op op)
{
	(void)dev;
	/* in the kernel it would block */
	assert(!w.busy);
	if (op == VTPM_POWER_OFF)
		state &= ~VTPM_STATE_POWERED;
	else
		state |= VTPM_STATE_POWERED;
	return 0;
}

int vtpm_dev_measure(int dev, unsigned int flags, const void *data, size_t len)
{
	static unsigned char sum;
	size_t i;

	(void)dev;
	assert(!w.busy && state & VTPM_STATE_POWERED);
	for (i = 0; i < len; i++)
		sum += ((const unsigned char *)data)[i];
	if (flags & VTPM_MEASURE_END)
		state |= VTPM_STATE_ESTABLISHED;
	return sum == 77 ? -EINVAL : 0;
}

int vtpm_dev_set_locality(int dev, unsigned int locality)
{
	(void)dev;
	assert(!w.busy && locality <= 4);
	return 0;
}

int vtpm_dev_reset_established(int dev, unsigned int locality)
{
	(void)dev;
	if (locality != 3 && locality != 4)
		return -EACCES;
	state &= ~VTPM_STATE_ESTABLISHED;
	return 0;
}

int vtpm_dev_cancel(int dev)
{
	(void)dev;
	return 0;
}

ssize_t vtpm_dev_get_state(int dev, unsigned int type, void **blob)
{
	size_t len = type == VTPM_BLOB_PERMANENT ? 300000 : 30;

	(void)dev;
	assert(!w.busy);
	if (type == VTPM_BLOB_VOLATILE && !(state & VTPM_STATE_POWERED))
		return -EHOSTDOWN;
	*blob = malloc(len);
	memset(*blob, type, len);
	return len;
}

/* Any that begins with its type is the vTPM's. */
int vtpm_dev_set_state(int dev, unsigned int type, unsigned int flags,
		       const void *blob, size_t len)
{
	const unsigned char *bytes = blob;

	(void)dev;
	if (!len || bytes[0] != type || bytes[len - 1] == 0xff)
		return -EBADMSG;
	if (!flags) {
		assert(!w.busy);
		assert(!(state & VTPM_STATE_POWERED));
		if (bytes[0] == bytes[len - 1])
			return -ESTALE;
		if (type == VTPM_BLOB_VOLATILE)
			state |= VTPM_STATE_POWERED;
	}
	return 0;
}

static void pair(int type, int fds[2])
{
	if (socketpair(AF_UNIX, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds))
		abort();
}

static void run(void)
{
	event_base_loop(w.base, EVLOOP_NONBLOCK);
}

static void client_connect(struct client *c)
{
	int fds[2], i;

	if (c->ctl >= 0)
		return;
	pair(SOCK_STREAM, fds);
	for (i = 0; i < SESSIONS_MAX && w.sessions[i]; i++)
		;
	if (i < SESSIONS_MAX)
		w.sessions[i] = session_new(&w, fds[1]);
	if (i == SESSIONS_MAX || !w.sessions[i])
		abort();
	c->ctl = fds[0];
}

static void client_drop_data(struct client *c)
{
	if (c->data >= 0)
		close(c->data);
	c->data = -1;
}

static void client_leave(struct client *c)
{
	client_drop_data(c);
	if (c->ctl >= 0)
		close(c->ctl);
	c->ctl = -1;
}

static void client_send_fd(struct client *c, const uint8_t *bytes, size_t len)
{
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(3 * sizeof(int))];
	} control = { 0 };
	struct iovec iov = { .iov_base = (void *)bytes, .iov_len = len };
	struct msghdr msg = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control.bytes,
		.msg_controllen = sizeof(control.bytes),
	};
	struct cmsghdr *h = CMSG_FIRSTHDR(&msg);
	int fds[2], pass[3];

	pair(SOCK_STREAM, fds);
	pass[0] = len & 1 ? 0 : fds[1];
	pass[1] = 0;
	pass[2] = fds[1];
	h->cmsg_level = SOL_SOCKET;
	h->cmsg_type = SCM_RIGHTS;
	h->cmsg_len = CMSG_LEN(sizeof(pass));
	memcpy(CMSG_DATA(h), pass, sizeof(pass));
	if (c->ctl >= 0)
		sendmsg(c->ctl, &msg, MSG_NOSIGNAL);
	close(fds[1]);
	client_drop_data(c);
	c->data = fds[0];
}

static void client_read(struct client *c)
{
	static char bytes[65536];

	if (c->ctl >= 0)
		recv(c->ctl, bytes, sizeof(bytes), 0);
	if (c->data >= 0)
		recv(c->data, bytes, sizeof(bytes), 0);
}

static void device_answer(void)
{
	static uint8_t cmd[VTPM_BUFSIZE];
	uint8_t rsp[10] = { 0x80, 0x01, 0, 0, 0, 10 };

	if (!w.busy)
		return;
	assert(recv(device, cmd, sizeof(cmd), 0) >= TPM_HEADER_SIZE);
	assert(send(device, rsp, sizeof(rsp), MSG_NOSIGNAL) == sizeof(rsp));
}

static void step(unsigned int what, struct client *c, const uint8_t *bytes,
		 size_t len)
{
	switch (what) {
	case STEP_CONNECT:
		client_connect(c);
		break;
	case STEP_SEND:
		if (c->ctl >= 0)
			send(c->ctl, bytes, len, MSG_NOSIGNAL);
		break;
	case STEP_SEND_FD:
		client_send_fd(c, bytes, len);
		break;
	case STEP_DATA:
	case STEP_DATA_LONG:
		if (c->data >= 0)
			send(c->data, bytes, len, MSG_NOSIGNAL);
		break;
	case STEP_READ:
		client_read(c);
		break;
	case STEP_LEAVE:
		client_leave(c);
		break;
	case STEP_CLOSE_DATA:
		client_drop_data(c);
		break;
	case STEP_ANSWER:
		device_answer();
		break;
	}
	run();
}

/*
 * All clients leave: nothing of them is left, and their guest's TPM is off, if
 * the last word was not somebody's CTL_INIT.
 */
static void finish(void)
{
	bool owned = w.owner;
	int i;

	for (i = 0; i < SESSIONS_MAX; i++)
		if (w.sessions[i] && w.sessions[i]->deferred)
			owned = false;
	for (i = 0; i < CLIENTS; i++)
		client_leave(&clients[i]);
	run();
	device_answer();
	for (i = 0; i < 8; i++)
		run();
	assert(!w.busy && !w.owner);
	for (i = 0; i < SESSIONS_MAX; i++)
		assert(!w.sessions[i]);
	assert(!owned || !(state & VTPM_STATE_POWERED));
}

static int lowest_fd(void)
{
	int fd = dup(0);

	close(fd);
	return fd;
}

int LLVMFuzzerTestOneInput(const uint8_t *in, size_t size)
{
	int fds[2], listener[2], i, lowest = lowest_fd();
	size_t at = 0;

	for (i = 0; i < CLIENTS; i++)
		clients[i].ctl = clients[i].data = -1;
	state = 0;
	signal(SIGPIPE, SIG_IGN);
	pair(SOCK_SEQPACKET, fds);
	pair(SOCK_STREAM, listener);	/* nobody connects there */
	device = fds[1];
	if (worker_init(&w, 0, fds[0], listener[0]))
		abort();

	while (at < size) {
		unsigned int what = in[at] % STEP_NUMBER;
		struct client *c = &clients[in[at] / STEP_NUMBER % CLIENTS];
		size_t len = 0;

		at++;
		if (what >= STEP_SEND && what <= STEP_DATA_LONG && at < size) {
			len = in[at++];
			if (what == STEP_DATA_LONG)
				len *= 16;
			if (len > size - at)
				len = size - at;
		}
		step(what, c, in + at, len);
		at += len;
	}
	finish();
	worker_exit(&w);
	close(fds[0]);
	close(fds[1]);
	close(listener[0]);
	close(listener[1]);
	assert(lowest_fd() == lowest);
	return 0;
}
