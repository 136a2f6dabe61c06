/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Trace events of a vTPM's life, and of the chip's and the host's as far as
 * vTPMs are concerned: /sys/kernel/tracing/events/vtpm_mux. None has anything
 * that a guest keeps secret, nor what it sends.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM vtpm_mux

#if !defined(VTPM_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define VTPM_TRACE_H

#include <linux/tracepoint.h>
#include <linux/types.h>
#include <linux/uuid.h>
#include <linux/vtpm_mux.h>

#define vtpm_trace_assurance(assurance)					\
	__print_symbolic(assurance,					\
			 { VTPM_ASSURANCE_AUTO, "auto" },		\
			 { VTPM_ASSURANCE_HARDWARE, "hardware" },	\
			 { VTPM_ASSURANCE_SOFTWARE, "software" })

DECLARE_EVENT_CLASS(vtpm_begin,
	TP_PROTO(unsigned int number, const uuid_t *uuid, u32 assurance, bool file),
	TP_ARGS(number, uuid, assurance, file),
	TP_STRUCT__entry(
		__field(unsigned int, number)
		__array(u8, uuid, UUID_SIZE)
		__field(u32, assurance)
		__field(bool, file)
	),
	TP_fast_assign(
		__entry->number = number;
		export_uuid(__entry->uuid, uuid);
		__entry->assurance = assurance;
		__entry->file = file;
	),
	TP_printk("vtpm%u uuid=%pUb assurance=%s state_file=%d", __entry->number,
		  __entry->uuid, vtpm_trace_assurance(__entry->assurance), __entry->file)
);

/* A new one is there. */
DEFINE_EVENT(vtpm_begin, vtpm_create,
	TP_PROTO(unsigned int number, const uuid_t *uuid, u32 assurance, bool file),
	TP_ARGS(number, uuid, assurance, file)
);

/* One is there again, from its state file. */
DEFINE_EVENT(vtpm_begin, vtpm_open,
	TP_PROTO(unsigned int number, const uuid_t *uuid, u32 assurance, bool file),
	TP_ARGS(number, uuid, assurance, file)
);

DECLARE_EVENT_CLASS(vtpm_end,
	TP_PROTO(unsigned int number, int rc),
	TP_ARGS(number, rc),
	TP_STRUCT__entry(
		__field(unsigned int, number)
		__field(int, rc)
	),
	TP_fast_assign(
		__entry->number = number;
		__entry->rc = rc;
	),
	TP_printk("vtpm%u rc=%d", __entry->number, __entry->rc)
);

/* It is gone, its state file is not. */
DEFINE_EVENT(vtpm_end, vtpm_close,
	TP_PROTO(unsigned int number, int rc),
	TP_ARGS(number, rc)
);

/* It is gone for good, unless its state file could not be erased (@rc). */
DEFINE_EVENT(vtpm_end, vtpm_destroy,
	TP_PROTO(unsigned int number, int rc),
	TP_ARGS(number, rc)
);

TRACE_EVENT(vtpm_power,
	TP_PROTO(unsigned int number, bool on),
	TP_ARGS(number, on),
	TP_STRUCT__entry(
		__field(unsigned int, number)
		__field(bool, on)
	),
	TP_fast_assign(
		__entry->number = number;
		__entry->on = on;
	),
	TP_printk("vtpm%u %s", __entry->number, __entry->on ? "on" : "off")
);

#define vtpm_trace_blob(type)						\
	__print_symbolic(type,						\
			 { VTPM_BLOB_PERMANENT, "permanent" },		\
			 { VTPM_BLOB_VOLATILE, "volatile" })

TRACE_EVENT(vtpm_get_state,
	TP_PROTO(unsigned int number, u32 type, u32 len, int rc),
	TP_ARGS(number, type, len, rc),
	TP_STRUCT__entry(
		__field(unsigned int, number)
		__field(u32, type)
		__field(u32, len)
		__field(int, rc)
	),
	TP_fast_assign(
		__entry->number = number;
		__entry->type = type;
		__entry->len = len;
		__entry->rc = rc;
	),
	TP_printk("vtpm%u %s len=%u rc=%d", __entry->number,
		  vtpm_trace_blob(__entry->type), __entry->len, __entry->rc)
);

TRACE_EVENT(vtpm_set_state,
	TP_PROTO(unsigned int number, u32 type, u32 flags, bool past, int rc),
	TP_ARGS(number, type, flags, past, rc),
	TP_STRUCT__entry(
		__field(unsigned int, number)
		__field(u32, type)
		__field(u32, flags)
		__field(bool, past)
		__field(int, rc)
	),
	TP_fast_assign(
		__entry->number = number;
		__entry->type = type;
		__entry->flags = flags;
		__entry->past = past;
		__entry->rc = rc;
	),
	TP_printk("vtpm%u %s flags=%s past=%d rc=%d", __entry->number,
		  vtpm_trace_blob(__entry->type),
		  __print_flags(__entry->flags, "|", { VTPM_BLOB_CHECK, "check" },
				{ VTPM_BLOB_PRESENT, "present" }),
		  __entry->past, __entry->rc)
);

DECLARE_EVENT_CLASS(vtpm_chip,
	TP_PROTO(const char *name, int rc),
	TP_ARGS(name, rc),
	TP_STRUCT__entry(
		__array(char, name, 16)
		__field(int, rc)
	),
	TP_fast_assign(
		strscpy(__entry->name, name, sizeof(__entry->name));
		__entry->rc = rc;
	),
	TP_printk("%s rc=%d", __entry->name, __entry->rc)
);

/* The chip was looked at, and can be used unless @rc. */
DEFINE_EVENT(vtpm_chip, vtpm_chip_ready,
	TP_PROTO(const char *name, int rc),
	TP_ARGS(name, rc)
);

/* The chip has left the TPM core; hardware keys wait for it. */
DEFINE_EVENT(vtpm_chip, vtpm_chip_gone,
	TP_PROTO(const char *name, int rc),
	TP_ARGS(name, rc)
);

/* The host is about to sleep: what needs the chip waits. */
DEFINE_EVENT(vtpm_chip, vtpm_suspend,
	TP_PROTO(const char *name, int rc),
	TP_ARGS(name, rc)
);

/* And is awake again. */
DEFINE_EVENT(vtpm_chip, vtpm_resume,
	TP_PROTO(const char *name, int rc),
	TP_ARGS(name, rc)
);

#endif

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
