// SPDX-License-Identifier: GPL-2.0
/*
 * A client's control socket: requests come in, however they are cut into
 * pieces; replies go out, however slowly they are read. No request is read
 * before the reply to the one before has gone.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "worker.h"

/* A message may bring more, which the kernel then closes. */
#define PASSED_MAX	16

/* Of the descriptors of a message, keeps the first. */
static void session_take_fds(struct session *s, struct msghdr *msg)
{
	struct cmsghdr *c;
	size_t i, count;
	int fd;

	for (c = CMSG_FIRSTHDR(msg); c; c = CMSG_NXTHDR(msg, c)) {
		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		count = (c->cmsg_len - CMSG_LEN(0)) / sizeof(fd);
		for (i = 0; i < count; i++) {
			memcpy(&fd, CMSG_DATA(c) + i * sizeof(fd), sizeof(fd));
			if (s->passed < 0)
				s->passed = fd;
			else
				close(fd);
		}
	}
}

static void session_drop_fd(struct session *s)
{
	if (s->passed >= 0)
		close(s->passed);
	s->passed = -1;
}

/* Reads @size bytes at most, which @bytes has room for. */
static ssize_t session_recv(struct session *s, void *bytes, size_t size)
{
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(PASSED_MAX * sizeof(int))];
	} control;
	struct iovec iov = { .iov_base = bytes, .iov_len = size };
	struct msghdr msg = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control.bytes,
		.msg_controllen = sizeof(control.bytes),
	};
	ssize_t n;

	n = recvmsg(s->ctl, &msg, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
	if (n >= 0) {
		/* cloud-hypervisor sends one with every request */
		session_drop_fd(s);
		session_take_fds(s, &msg);
	}
	return n;
}

/* The body of CTL_SET_STATEBLOB, which need not fit in the buffer. */
static ssize_t session_recv_blob(struct session *s)
{
	size_t left = s->incoming.len - s->incoming_have;
	ssize_t n;

	/* Nothing else is in the buffer for requests by now. */
	if (s->incoming.bytes)
		n = session_recv(s, s->incoming.bytes + s->incoming_have, left);
	else
		n = session_recv(s, s->in, left < sizeof(s->in) ?
					   left : sizeof(s->in));
	if (n > 0)
		s->incoming_have += n;
	return n;
}

/* Sends what there is to send. False: the client is gone. */
static bool session_flush(struct session *s)
{
	if (evbuffer_get_length(s->out) && evbuffer_write(s->out, s->ctl) < 0 &&
	    errno != EAGAIN && errno != EINTR)
		return false;
	if (evbuffer_get_length(s->out))
		event_add(s->ctl_write, NULL);
	else
		event_del(s->ctl_write);
	if (evbuffer_get_length(s->out) || s->deferred)
		event_del(s->ctl_read);
	else
		event_add(s->ctl_read, NULL);
	return true;
}

/* What of a blob has come behind its header already. */
static void session_blob_begin(struct session *s)
{
	size_t n = s->incoming.len - s->incoming_have;

	if (n > s->in_len)
		n = s->in_len;
	if (s->incoming.bytes)
		memcpy(s->incoming.bytes + s->incoming_have, s->in, n);
	s->incoming_have += n;
	s->in_len -= n;
	memmove(s->in, s->in + n, s->in_len);
}

/* Answers a request, if one is complete. */
static bool session_process(struct session *s)
{
	size_t n;

	if (s->incoming_type) {
		session_blob_begin(s);
		if (s->incoming_have < s->incoming.len)
			return false;
		control_blob_done(s);
		return true;
	}
	if (s->in_len < control_wants(s->in, s->in_len))
		return false;
	n = control_request(s);
	s->in_len -= n;
	memmove(s->in, s->in + n, s->in_len);
	if (n)
		session_drop_fd(s);
	return n;
}

/* Goes on with what has come. False: the client is gone. */
bool session_resume(struct session *s)
{
	bool more;

	s->deferred = false;
	do {
		more = session_process(s);
		if (!session_flush(s))
			return false;
	} while (more && !evbuffer_get_length(s->out));
	return true;
}

static void session_readable(evutil_socket_t fd, short what, void *arg)
{
	struct session *s = arg;
	ssize_t n;

	(void)fd;
	(void)what;
	if (s->incoming_type) {
		n = session_recv_blob(s);
	} else {
		/* control_wants() is never more than what fits */
		n = session_recv(s, s->in + s->in_len,
				 sizeof(s->in) - s->in_len);
		if (n > 0)
			s->in_len += n;
	}
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0 || !session_resume(s))
		session_free(s);
}

static void session_writable(evutil_socket_t fd, short what, void *arg)
{
	struct session *s = arg;

	(void)fd;
	(void)what;
	if (!session_flush(s) ||
	    (!evbuffer_get_length(s->out) && !session_resume(s)))
		session_free(s);
}

struct session *session_new(struct worker *w, int ctl)
{
	struct session *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->w = w;
	s->ctl = ctl;
	s->data = -1;
	s->passed = -1;
	s->out = evbuffer_new();
	s->data_out = evbuffer_new();
	s->ctl_read = event_new(w->base, ctl, EV_READ | EV_PERSIST,
				session_readable, s);
	s->ctl_write = event_new(w->base, ctl, EV_WRITE | EV_PERSIST,
				 session_writable, s);
	if (!s->out || !s->data_out || !s->ctl_read || !s->ctl_write ||
	    event_add(s->ctl_read, NULL)) {
		s->ctl = -1;	/* stays the caller's */
		session_free(s);
		return NULL;
	}
	return s;
}

/* The client is gone, or to be gone. */
void session_free(struct session *s)
{
	struct worker *w = s->w;
	int i;

	data_close(s);
	control_leave(s);
	for (i = 0; i < SESSIONS_MAX; i++)
		if (w->sessions[i] == s)
			w->sessions[i] = NULL;
	if (s->ctl_read)
		event_free(s->ctl_read);
	if (s->ctl_write)
		event_free(s->ctl_write);
	if (s->out)
		evbuffer_free(s->out);
	if (s->data_out)
		evbuffer_free(s->data_out);
	session_drop_fd(s);
	blob_free(&s->incoming);
	blob_free(&s->permanent);
	blob_free(&s->volatile_);
	blob_free(&s->outgoing);
	if (s->ctl >= 0)
		close(s->ctl);
	explicit_bzero(s, sizeof(*s));
	free(s);
}
