// SPDX-License-Identifier: GPL-2.0
/*
 * What a client asks of a vTPM, beside TPM commands.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "protocol.h"
#include "state.h"
#include "worker.h"

/* What a request may need before it can be answered. */
enum {
	NEEDS_IDLE = 1 << 0,	/* the end of the command under way */
	NEEDS_POWER = 1 << 1,	/* a vTPM that is on */
	NEEDS_RIGHT = 1 << 2,	/* that nobody else is the owner */
	CANCELS = 1 << 3,	/* and does not wait for it patiently */
};

/**
 * struct ctl_row - one command of the protocol
 * @code: enum ctl_command
 * @capability: enum ctl_capability
 * @body: bytes of the request behind the code
 * @pad: as many more may come with them
 * @needs: NEEDS_*
 * @run: does it; what the reply has behind the result goes to @out
 */
struct ctl_row {
	__u32 code;
	__u32 capability;
	__u8 body;
	__u8 pad;
	__u8 needs;
	__u32 (*run)(struct session *s, const __u8 *body,
		     struct evbuffer *out);
};

static bool session_may_drive(const struct session *s)
{
	return !s->w->owner || s->w->owner == s;
}

static bool is_powered(struct worker *w)
{
	struct vtpm_info info;

	return !vtpm_dev_info(w->dev, &info) &&
	       info.state & VTPM_STATE_POWERED;
}

static __u32 result_of(int rc)
{
	switch (-rc) {
	case 0:
		return CTL_OK;
	case EINVAL:
		return CTL_BAD_PARAMETER;
	case EACCES:
		return CTL_BAD_LOCALITY;
	case EHOSTDOWN:
		return CTL_BAD_ORDINAL;
	case ENOMEM:
		return CTL_RESOURCES;
	}
	return CTL_IO_ERROR;
}

static void add_be32(struct evbuffer *out, __u32 value)
{
	__u8 bytes[4];

	put_be32(bytes, value);
	evbuffer_add(out, bytes, sizeof(bytes));
}

static __u32 capabilities(void);

static __u32 ctl_get_capability(struct session *s, const __u8 *body,
				struct evbuffer *out)
{
	(void)s;
	(void)body;
	add_be32(out, capabilities());
	return CTL_OK;
}

/* With the state that the client has set, or else that is stored. */
static __u32 ctl_init(struct session *s, const __u8 *body,
		      struct evbuffer *out)
{
	struct worker *w = s->w;
	__u32 result;

	(void)out;
	if (get_be32(body) & ~CTL_INIT_DELETE_VOLATILE)
		return CTL_BAD_PARAMETER;
	if (!session_may_drive(s) && !state_take_over(s)) {
		log_warn("vtpm%u: refused a second VMM", w->number);
		return CTL_FAIL;
	}
	result = state_begin(s);
	if (result) {
		vtpm_dev_power(w->dev, VTPM_POWER_OFF);
		return result;
	}
	/* 0 after each power change; clients expect it to stay */
	vtpm_dev_set_locality(w->dev, s->locality);
	w->owner = s->data >= 0 ? s : NULL;
	return CTL_OK;
}

/* Others than the owner stop nothing: a VMM that waits for the guest does so. */
static __u32 ctl_stop(struct session *s, const __u8 *body,
		      struct evbuffer *out)
{
	(void)body;
	(void)out;
	if (!session_may_drive(s))
		return CTL_OK;
	return result_of(vtpm_dev_power(s->w->dev, VTPM_POWER_OFF));
}

static __u32 ctl_shutdown(struct session *s, const __u8 *body,
			  struct evbuffer *out)
{
	__u32 result = ctl_stop(s, body, out);

	if (s->w->owner == s)
		s->w->owner = NULL;
	return result;
}

/* cloud-hypervisor asks before CTL_INIT. */
static __u32 ctl_get_established(struct session *s, const __u8 *body,
				 struct evbuffer *out)
{
	__u8 reply[4] = { 0 };
	struct vtpm_info info;

	(void)body;
	if (!vtpm_dev_info(s->w->dev, &info))
		reply[0] = !!(info.state & VTPM_STATE_ESTABLISHED);
	evbuffer_add(out, reply, sizeof(reply));
	return CTL_OK;
}

static __u32 ctl_reset_established(struct session *s, const __u8 *body,
				   struct evbuffer *out)
{
	(void)out;
	return result_of(vtpm_dev_reset_established(s->w->dev, body[0]));
}

static __u32 ctl_set_locality(struct session *s, const __u8 *body,
			      struct evbuffer *out)
{
	(void)out;
	if (body[0] > 4)
		return CTL_BAD_LOCALITY;
	s->locality = body[0];
	return result_of(vtpm_dev_set_locality(s->w->dev, body[0]));
}

static __u32 ctl_hash_start(struct session *s, const __u8 *body,
			    struct evbuffer *out)
{
	(void)body;
	(void)out;
	return result_of(vtpm_dev_measure(s->w->dev, VTPM_MEASURE_START,
					  NULL, 0));
}

static __u32 ctl_hash_data(struct session *s, const __u8 *body,
			   struct evbuffer *out)
{
	__u32 len = get_be32(body);

	(void)out;
	/* control_wants() has waited for as many */
	if (len > CTL_HASH_DATA_MAX)
		return CTL_BAD_PARAMETER;
	return result_of(vtpm_dev_measure(s->w->dev, 0, body + 4, len));
}

static __u32 ctl_hash_end(struct session *s, const __u8 *body,
			  struct evbuffer *out)
{
	(void)body;
	(void)out;
	return result_of(vtpm_dev_measure(s->w->dev, VTPM_MEASURE_END,
					  NULL, 0));
}

static __u32 ctl_cancel(struct session *s, const __u8 *body,
			struct evbuffer *out)
{
	(void)body;
	(void)out;
	return result_of(vtpm_dev_cancel(s->w->dev));
}

static __u32 ctl_store_volatile(struct session *s, const __u8 *body,
				struct evbuffer *out)
{
	(void)body;
	(void)out;
	return state_store(s->w);
}

static __u32 ctl_get_stateblob(struct session *s, const __u8 *body,
			       struct evbuffer *out)
{
	__u32 type = get_be32(body + 4), offset = get_be32(body + 8);
	__u32 result, len;

	if (!offset || type != s->outgoing_type) {
		result = state_get(s, type);
		if (result)
			return result;
	}
	if (offset > s->outgoing.len)
		return CTL_BAD_PARAMETER;
	len = s->outgoing.len - offset;
	add_be32(out, CTL_BLOB_ENCRYPTED);
	add_be32(out, s->outgoing.len);
	add_be32(out, len);
	if (len)
		evbuffer_add(out, s->outgoing.bytes + offset, len);
	return CTL_OK;
}

/* The blob itself follows; the reply comes after that. */
static __u32 ctl_set_stateblob(struct session *s, const __u8 *body,
			       struct evbuffer *out)
{
	struct blob *blob = &s->incoming;

	(void)out;
	blob_free(blob);
	s->incoming_type = get_be32(body + 4);
	s->incoming_have = 0;
	blob->len = get_be32(body + 8);

	s->incoming_result = state_check_set(s, s->incoming_type);
	if (!s->incoming_result && blob->len > VTPM_BLOB_MAX)
		s->incoming_result = CTL_BAD_PARAMETER;
	if (!s->incoming_result) {
		blob->bytes = malloc(blob->len + 1);
		if (!blob->bytes)
			s->incoming_result = CTL_RESOURCES;
	}
	/* The type says that a blob is on its way. */
	if (!s->incoming_type)
		s->incoming_type = UINT32_MAX;
	return CTL_OK;
}

static __u32 ctl_get_config(struct session *s, const __u8 *body,
			    struct evbuffer *out)
{
	(void)s;
	(void)body;
	/* Whatever leaves the kernel is encrypted. */
	add_be32(out, CTL_CONFIG_FILE_KEY | CTL_CONFIG_MIGRATION_KEY);
	return CTL_OK;
}

static __u32 ctl_set_datafd(struct session *s, const __u8 *body,
			    struct evbuffer *out)
{
	int rc;

	(void)body;
	(void)out;
	if (s->passed < 0)
		return CTL_BAD_PARAMETER;
	rc = data_open(s, s->passed);
	if (rc)
		return result_of(rc);
	s->passed = -1;
	return CTL_OK;
}

/* There is one size; a client gets it, whatever it wishes. */
static __u32 ctl_set_buffersize(struct session *s, const __u8 *body,
				struct evbuffer *out)
{
	(void)s;
	(void)body;
	add_be32(out, TPM_BUFFER_SIZE);
	add_be32(out, TPM_BUFFER_SIZE);
	add_be32(out, TPM_BUFFER_SIZE);
	return CTL_OK;
}

static __u32 ctl_get_info(struct session *s, const __u8 *body,
			  struct evbuffer *out)
{
	__u64 flags = (__u64)get_be32(body) << 32 | get_be32(body + 4);
	__u32 offset = get_be32(body + 8), len;
	char text[512];

	(void)s;
	len = info_json(flags, text, sizeof(text)) + 1;	/* with its NUL */
	if (offset > len)
		return CTL_BAD_PARAMETER;
	add_be32(out, len);
	add_be32(out, len - offset);
	evbuffer_add(out, text + offset, len - offset);
	return CTL_OK;
}

#define ROW(command, cap, bytes, more, what, handler)			\
	{ .code = CTL_##command, .capability = CTL_CAP_##cap,		\
	  .body = bytes, .pad = more, .needs = what, .run = handler }

/*
 * The body of SET_LOCALITY and RESET_ESTABLISHED is a byte from some clients
 * and a padded word from others.
 */
static const struct ctl_row rows[] = {
	{ .code = CTL_GET_CAPABILITY, .run = ctl_get_capability },
	ROW(INIT, INIT, 4, 0, NEEDS_IDLE | CANCELS, ctl_init),
	ROW(SHUTDOWN, SHUTDOWN, 0, 0, NEEDS_IDLE | CANCELS, ctl_shutdown),
	ROW(GET_ESTABLISHED, GET_ESTABLISHED, 0, 0, 0, ctl_get_established),
	ROW(SET_LOCALITY, SET_LOCALITY, 1, 3, NEEDS_IDLE | NEEDS_RIGHT,
	    ctl_set_locality),
	ROW(HASH_START, HASHING, 0, 0, NEEDS_IDLE | NEEDS_POWER | NEEDS_RIGHT,
	    ctl_hash_start),
	ROW(HASH_DATA, HASHING, 4, 0, NEEDS_IDLE | NEEDS_POWER | NEEDS_RIGHT,
	    ctl_hash_data),
	ROW(HASH_END, HASHING, 0, 0, NEEDS_IDLE | NEEDS_POWER | NEEDS_RIGHT,
	    ctl_hash_end),
	ROW(CANCEL, CANCEL, 0, 0, NEEDS_POWER | NEEDS_RIGHT, ctl_cancel),
	ROW(STORE_VOLATILE, STORE_VOLATILE, 0, 0,
	    NEEDS_IDLE | NEEDS_POWER | NEEDS_RIGHT, ctl_store_volatile),
	ROW(RESET_ESTABLISHED, RESET_ESTABLISHED, 1, 3,
	    NEEDS_IDLE | NEEDS_POWER | NEEDS_RIGHT, ctl_reset_established),
	ROW(GET_STATEBLOB, GET_STATEBLOB, 12, 0, NEEDS_IDLE | NEEDS_RIGHT,
	    ctl_get_stateblob),
	ROW(SET_STATEBLOB, SET_STATEBLOB, 12, 0, NEEDS_IDLE, ctl_set_stateblob),
	ROW(STOP, STOP, 0, 0, NEEDS_IDLE | CANCELS, ctl_stop),
	ROW(GET_CONFIG, GET_CONFIG, 0, 0, 0, ctl_get_config),
	ROW(SET_DATAFD, SET_DATAFD, 0, 0, 0, ctl_set_datafd),
	ROW(SET_BUFFERSIZE, SET_BUFFERSIZE, 4, 0, 0, ctl_set_buffersize),
	ROW(GET_INFO, GET_INFO, 16, 0, 0, ctl_get_info),
};

static __u32 capabilities(void)
{
	__u32 all = 0;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		all |= rows[i].capability;
	return all;
}

static const struct ctl_row *find_row(__u32 code)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		if (rows[i].code == code)
			return &rows[i];
	return NULL;
}

/**
 * control_wants() - how long is this request?
 * @in: its first bytes
 * @len: how many they are
 *
 * Return: bytes of the request, or as many as it takes to know that; no more
 * than a session has room for.
 */
size_t control_wants(const __u8 *in, size_t len)
{
	const struct ctl_row *row;
	size_t size = 4;
	__u32 data;

	if (len < size)
		return size;
	row = find_row(get_be32(in));
	if (!row)
		return size;
	size += row->body;
	if (row->code != CTL_HASH_DATA || len < size)
		return size;
	data = get_be32(in + 4);
	return data > CTL_HASH_DATA_MAX ? size : size + data;
}

/* Waits for the end of the command under way; see worker_idle(). */
static size_t control_defer(struct session *s, const struct ctl_row *row)
{
	if (row->needs & CANCELS && session_may_drive(s))
		vtpm_dev_cancel(s->w->dev);
	s->deferred = true;
	return 0;
}

static __u32 control_run(struct session *s, const struct ctl_row *row,
			 struct evbuffer *out)
{
	if (row->needs & NEEDS_RIGHT && !session_may_drive(s))
		return CTL_BAD_ORDINAL;
	if (row->needs & NEEDS_POWER && !is_powered(s->w))
		return CTL_BAD_ORDINAL;
	return row->run(s, s->in + 4, out);
}

/* The reply, or for an error the result alone, in one piece. */
static void control_reply(struct session *s, __u32 result,
			  struct evbuffer *out)
{
	add_be32(s->out, result);
	if (!result && out)
		evbuffer_add_buffer(s->out, out);
}

/**
 * control_request() - answer a request that is complete
 * @s: whose
 *
 * Return: bytes of @s->in that it was; 0 if it has to wait.
 */
size_t control_request(struct session *s)
{
	const struct ctl_row *row = find_row(get_be32(s->in));
	size_t size = control_wants(s->in, s->in_len);
	struct evbuffer *out;

	if (!row) {
		/* Where the next one begins, nobody knows. */
		control_reply(s, CTL_BAD_ORDINAL, NULL);
		return s->in_len;
	}
	if (row->needs & NEEDS_IDLE && s->w->busy)
		return control_defer(s, row);
	out = evbuffer_new();
	if (out) {
		__u32 result = control_run(s, row, out);

		if (row->code != CTL_SET_STATEBLOB)
			control_reply(s, result, out);
		evbuffer_free(out);
	} else {
		control_reply(s, CTL_RESOURCES, NULL);
	}
	size += row->pad;
	return size < s->in_len ? size : s->in_len;
}

/* The body of CTL_SET_STATEBLOB has come. */
void control_blob_done(struct session *s)
{
	__u32 result = s->incoming_result;

	if (!result)
		result = state_set(s, s->incoming_type);
	blob_free(&s->incoming);
	s->incoming_type = 0;
	control_reply(s, result, NULL);
}

/* The client ends: a vTPM without a VMM is off. */
void control_leave(struct session *s)
{
	if (s->w->owner != s)
		return;
	s->w->owner = NULL;
	worker_off(s->w);
}
