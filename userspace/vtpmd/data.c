// SPDX-License-Identifier: GPL-2.0
/*
 * A client's data socket: TPM commands come in, responses go out, each in one
 * write.
 *
 * What a VMM writes is what its guest has put together, and the size in its
 * header is the guest's claim. QEMU writes no more than its buffer has and then
 * waits for an answer without end: what can never become a whole command is
 * answered TPM_RC_COMMAND_SIZE.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "log.h"
#include "worker.h"

#define TPM_RC_FAILURE		0x101
#define TPM_RC_COMMAND_SIZE	0x142

/* How long the rest of a command may take, in microseconds. */
#define DATA_TIMEOUT		200000

/* Sends what there is to send, and reads on when that is done. */
static void data_flush(struct session *s)
{
	struct evbuffer *out = s->data_out;

	if (s->data < 0)
		return;
	if (evbuffer_get_length(out) && evbuffer_write(out, s->data) < 0 &&
	    errno != EAGAIN && errno != EINTR) {
		data_close(s);
		return;
	}
	if (evbuffer_get_length(out)) {
		event_add(s->data_write, NULL);
	} else {
		event_del(s->data_write);
		event_add(s->data_read, NULL);
	}
}

void data_response(struct session *s, const void *rsp, size_t len)
{
	if (len < TPM_HEADER_SIZE) {
		data_failure(s, TPM_RC_FAILURE);
		return;
	}
	evbuffer_add(s->data_out, rsp, len);
	data_flush(s);
}

/* Answers in the TPM's place. */
void data_failure(struct session *s, __u32 rc)
{
	__u8 rsp[TPM_HEADER_SIZE] = { 0x80, 0x01 };

	put_be32(rsp + 2, sizeof(rsp));
	put_be32(rsp + 6, rc);
	data_response(s, rsp, sizeof(rsp));
}

/* One command at a time: nothing more is read before its response has gone. */
static void data_execute(struct session *s, size_t size)
{
	struct worker *w = s->w;

	event_del(s->data_read);
	if ((w->owner && w->owner != s) || w->busy ||
	    write(w->dev, s->cmd, size) < 0) {
		data_failure(s, TPM_RC_FAILURE);
		return;
	}
	w->busy = true;
	w->runner = s;
}

static void data_refuse(struct session *s)
{
	event_del(s->data_timer);
	s->cmd_len = 0;
	data_failure(s, TPM_RC_COMMAND_SIZE);
}

static void data_process(struct session *s)
{
	static const struct timeval timeout = { .tv_usec = DATA_TIMEOUT };
	size_t size = 0;

	if (s->cmd_len >= 6) {
		size = get_be32(s->cmd + 2);
		if (size < TPM_HEADER_SIZE || size > TPM_BUFFER_SIZE) {
			data_refuse(s);
			return;
		}
	}
	if (!size || s->cmd_len < size) {
		event_add(s->data_timer, &timeout);
		return;
	}
	event_del(s->data_timer);
	/* What follows is no command: a client waits for the response. */
	s->cmd_len = 0;
	data_execute(s, size);
	explicit_bzero(s->cmd, sizeof(s->cmd));
}

static void data_readable(evutil_socket_t fd, short what, void *arg)
{
	struct session *s = arg;
	ssize_t n;

	(void)what;
	/* data_process() leaves room: a command is smaller than the buffer */
	n = recv(fd, s->cmd + s->cmd_len, sizeof(s->cmd) - s->cmd_len,
		 MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		data_close(s);
		return;
	}
	s->cmd_len += n;
	data_process(s);
}

static void data_writable(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	data_flush(arg);
}

static void data_timeout(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	data_refuse(arg);
}

static bool data_is_socket(int fd)
{
	socklen_t len = sizeof(int);
	int type = 0, domain = 0;

	return !getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) &&
	       !getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &len) &&
	       type == SOCK_STREAM && domain == AF_UNIX;
}

/* Takes @fd on success. */
int data_open(struct session *s, int fd)
{
	struct event_base *base = s->w->base;

	if (s->data >= 0)
		return -EEXIST;
	/* anything else could block, or be somebody's file */
	if (!data_is_socket(fd) || evutil_make_socket_nonblocking(fd))
		return -ENOTSOCK;
	s->data_read = event_new(base, fd, EV_READ | EV_PERSIST,
				 data_readable, s);
	s->data_write = event_new(base, fd, EV_WRITE | EV_PERSIST,
				  data_writable, s);
	s->data_timer = event_new(base, -1, 0, data_timeout, s);
	s->data = fd;
	if (!s->data_read || !s->data_write || !s->data_timer ||
	    event_add(s->data_read, NULL)) {
		s->data = -1;	/* stays the caller's */
		data_close(s);
		return -ENOMEM;
	}
	return 0;
}

void data_close(struct session *s)
{
	if (s->data_read)
		event_free(s->data_read);
	if (s->data_write)
		event_free(s->data_write);
	if (s->data_timer)
		event_free(s->data_timer);
	s->data_read = NULL;
	s->data_write = NULL;
	s->data_timer = NULL;
	s->cmd_len = 0;
	if (s->data_out)
		evbuffer_drain(s->data_out, evbuffer_get_length(s->data_out));
	if (s->data >= 0)
		close(s->data);
	s->data = -1;
	/* its response has no way to go */
	if (s->w->runner == s) {
		s->w->runner = NULL;
		vtpm_dev_cancel(s->w->dev);
	}
}
