// SPDX-License-Identifier: GPL-2.0
/*
 * The event loop of a vTPM: who connects, and what the device answers.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "log.h"
#include "worker.h"

void blob_free(struct blob *blob)
{
	free(blob->bytes);
	blob->bytes = NULL;
	blob->len = 0;
}

/* Nobody is left, nor anything that they would find again. */
static bool worker_unused(const struct worker *w)
{
	int i;

	for (i = 0; i < SESSIONS_MAX; i++)
		if (w->sessions[i])
			return false;
	return !w->busy && !w->permanent.bytes && !w->stored.bytes;
}

/* A session with a VMM behind it stays, whoever else wants its place. */
static struct session **worker_place(struct worker *w)
{
	struct session **idle = NULL;
	int i;

	for (i = 0; i < SESSIONS_MAX; i++) {
		if (!w->sessions[i])
			return &w->sessions[i];
		if (w->sessions[i]->data < 0 && !idle)
			idle = &w->sessions[i];
	}
	if (idle)
		session_free(*idle);
	return idle;
}

static void worker_accept(evutil_socket_t fd, short what, void *arg)
{
	struct worker *w = arg;
	struct session **place;
	int ctl;

	(void)what;
	ctl = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (ctl < 0)
		return;
	place = worker_place(w);
	if (place)
		*place = session_new(w, ctl);
	if (!place || !*place) {
		log_warn("vtpm%u: too many clients", w->number);
		close(ctl);
	}
}

/* The VMM is gone: so is its guest's TPM. */
void worker_off(struct worker *w)
{
	w->off_wanted = w->busy;
	if (w->busy)
		vtpm_dev_cancel(w->dev);
	else
		vtpm_dev_power(w->dev, VTPM_POWER_OFF);
}

/* The device is idle: go on with what has waited for that. */
static void worker_idle(struct worker *w)
{
	int i;

	if (w->off_wanted)
		worker_off(w);
	for (i = 0; i < SESSIONS_MAX && !w->busy; i++) {
		struct session *s = w->sessions[i];

		if (s && s->deferred && !session_resume(s))
			session_free(s);
	}
}

static void worker_device(evutil_socket_t fd, short what, void *arg)
{
	struct worker *w = arg;
	struct session *s = w->runner;
	__u8 rsp[VTPM_BUFSIZE];
	ssize_t n;

	(void)what;
	n = read(fd, rsp, sizeof(rsp));
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n < 0 && errno == ENODEV) {
		log_info("vtpm%u: destroyed", w->number);
		w->done = true;
	}
	if (!w->busy)
		return;
	w->busy = false;
	w->runner = NULL;
	if (s)
		data_response(s, rsp, n < 0 ? 0 : n);
	explicit_bzero(rsp, sizeof(rsp));
	worker_idle(w);
}

int worker_init(struct worker *w, unsigned int number, int dev, int listener)
{
	memset(w, 0, sizeof(*w));
	w->number = number;
	w->dev = dev;
	w->listener = listener;
	w->base = event_base_new();
	if (!w->base)
		return -ENOMEM;
	w->listener_event = event_new(w->base, listener, EV_READ | EV_PERSIST,
				      worker_accept, w);
	w->dev_event = event_new(w->base, dev, EV_READ | EV_PERSIST,
				 worker_device, w);
	if (!w->listener_event || !w->dev_event ||
	    event_add(w->listener_event, NULL) || event_add(w->dev_event, NULL))
		return -ENOMEM;
	return 0;
}

void worker_run(struct worker *w)
{
	while (!w->done && !event_base_loop(w->base, EVLOOP_ONCE))
		if (worker_unused(w))
			w->done = true;
}

void worker_exit(struct worker *w)
{
	int i;

	for (i = 0; i < SESSIONS_MAX; i++)
		if (w->sessions[i])
			session_free(w->sessions[i]);
	blob_free(&w->permanent);
	blob_free(&w->stored);
	if (w->dev_event)
		event_free(w->dev_event);
	if (w->listener_event)
		event_free(w->listener_event);
	if (w->base)
		event_base_free(w->base);
}
