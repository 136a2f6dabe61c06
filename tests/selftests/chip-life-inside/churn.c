// SPDX-License-Identifier: GPL-2.0
/*
 * Changes what a vTPM keeps, one change after the other in a fixed order, and
 * tells each in a file once it is acknowledged; and says whether what a vTPM has
 * is what it had then. Whatever the vTPM had begun and not acknowledged is done
 * or not, but not in part.
 *
 * Exit status: 0 all is as it should be, 1 something is not.
 */
#include <endian.h>
#include <err.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <linux/types.h>

#define RH_OWNER	0x40000001
#define RS_PW		0x40000009

/* What is changed, in turn. */
#define NV_WRITTEN	0x01500010	/* holds the change's number */
#define NV_COUNTER	0x01500011
#define NV_COMING	0x01500012	/* an index that comes and goes */
#define KEY_COMING	0x81000200	/* a persistent key that does */

#define CC_EVICT	0x120
#define CC_UNDEFINE	0x122
#define CC_DEFINE	0x12a
#define CC_PRIMARY	0x131
#define CC_INCREMENT	0x134
#define CC_WRITE	0x137
#define CC_READ		0x14e
#define CC_NV_PUBLIC	0x169
#define CC_READ_PUBLIC	0x173

#define RC_HANDLE_1	0x18b

/* ownerWrite, ownerRead, noDA */
#define NV_ORDINARY	0x02020002
#define NV_COUNTS	(NV_ORDINARY | 0x10)

/**
 * struct tpm - the vTPM, and the command or response at hand
 * @fd: its device
 * @pos: next byte to write to or read from @buf
 * @buf: command, then response
 */
struct tpm {
	int fd;
	size_t pos;
	__u8 buf[4096];
};

/* What a vTPM has. */
struct content {
	__u64 written, counter;
	bool index, key;
};

static void put(struct tpm *t, __u64 v, unsigned int bytes)
{
	while (bytes--)
		t->buf[t->pos++] = v >> 8 * bytes;
}

static __u64 get(struct tpm *t, unsigned int bytes)
{
	__u64 v = 0;

	while (bytes--)
		v = v << 8 | t->buf[t->pos++];
	return v;
}

static void begin(struct tpm *t, __u32 cc, bool auth)
{
	t->pos = 0;
	put(t, auth ? 0x8002 : 0x8001, 2);
	put(t, 0, 4);
	put(t, cc, 4);
}

static void put_auth(struct tpm *t)
{
	put(t, 9, 4);
	put(t, RS_PW, 4);
	put(t, 0, 5);
}

/* Sends the command; the response code. */
static __u32 transact(struct tpm *t)
{
	__u32 size = htobe32(t->pos);

	memcpy(t->buf + 2, &size, 4);
	if (write(t->fd, t->buf, t->pos) != (ssize_t)t->pos)
		err(1, "write");
	memset(t->buf, 0, sizeof(t->buf));
	if (read(t->fd, t->buf, sizeof(t->buf)) < 10)
		err(1, "read");
	t->pos = 6;
	return get(t, 4);
}

static void must(const char *what, __u32 rc)
{
	if (rc)
		errx(1, "%s: 0x%03x", what, rc);
}

/* Is it there? */
static bool found(const char *what, __u32 rc)
{
	if (rc && rc != RC_HANDLE_1)
		errx(1, "%s: 0x%03x", what, rc);
	return !rc;
}

static void define(struct tpm *t, __u32 index, __u32 attributes)
{
	begin(t, CC_DEFINE, true);
	put(t, RH_OWNER, 4);
	put_auth(t);
	put(t, 0, 2);			/* auth */
	put(t, 14, 2);			/* TPMS_NV_PUBLIC */
	put(t, index, 4);
	put(t, 0x000b, 2);
	put(t, attributes, 4);
	put(t, 0, 2);			/* policy */
	put(t, 8, 2);			/* size */
	must("TPM2_NV_DefineSpace", transact(t));
}

/* A command that the owner authorizes, on @handle. */
static void begin_owner(struct tpm *t, __u32 cc, __u32 handle)
{
	begin(t, cc, true);
	put(t, RH_OWNER, 4);
	put(t, handle, 4);
	put_auth(t);
}

static void undefine(struct tpm *t, __u32 index)
{
	begin_owner(t, CC_UNDEFINE, index);
	must("TPM2_NV_UndefineSpace", transact(t));
}

static void write_number(struct tpm *t, __u64 number)
{
	begin_owner(t, CC_WRITE, NV_WRITTEN);
	put(t, 8, 2);
	put(t, number, 8);
	put(t, 0, 2);			/* offset */
	must("TPM2_NV_Write", transact(t));
}

static void increment(struct tpm *t)
{
	begin_owner(t, CC_INCREMENT, NV_COUNTER);
	must("TPM2_NV_Increment", transact(t));
}

static __u64 read_number(struct tpm *t, __u32 index)
{
	begin_owner(t, CC_READ, index);
	put(t, 8, 2);
	put(t, 0, 2);
	must("TPM2_NV_Read", transact(t));
	get(t, 4 + 2);
	return get(t, 8);
}

/* Makes the primary key persistent, or no longer. */
static void evict(struct tpm *t, __u32 object)
{
	begin_owner(t, CC_EVICT, object);
	put(t, KEY_COMING, 4);
	must("TPM2_EvictControl", transact(t));
}

/* The owner's P-256 signing key, which is the same each time. */
static __u32 primary(struct tpm *t)
{
	begin(t, CC_PRIMARY, true);
	put(t, RH_OWNER, 4);
	put_auth(t);
	put(t, 4, 2);			/* inSensitive */
	put(t, 0, 4);
	put(t, 22, 2);			/* TPMT_PUBLIC */
	put(t, 0x0023, 2);		/* ECC, SHA-256 */
	put(t, 0x000b, 2);
	put(t, 0x40472, 4);		/* fixed, userWithAuth, noDA, sign */
	put(t, 0, 2);			/* policy */
	put(t, 0x0010, 2);		/* no symmetric algorithm, no scheme */
	put(t, 0x0010, 2);
	put(t, 3, 2);			/* P-256 */
	put(t, 0x0010, 2);		/* no KDF */
	put(t, 0, 4);			/* unique */
	put(t, 0, 2);			/* outsideInfo */
	put(t, 0, 4);			/* creationPCR */
	must("TPM2_CreatePrimary", transact(t));
	return get(t, 4);
}

/* The change with this number. */
static void change(struct tpm *t, __u64 number, __u32 key)
{
	bool comes = !(number / 4 & 1);

	switch (number % 4) {
	case 0:
		write_number(t, number);
		break;
	case 1:
		increment(t);
		break;
	case 2:
		if (comes)
			define(t, NV_COMING, NV_ORDINARY);
		else
			undefine(t, NV_COMING);
		break;
	case 3:
		evict(t, comes ? key : KEY_COMING);
		break;
	}
}

/* What there has to be after the first @count changes, and counts from @base. */
static struct content after(__u64 count, __u64 base)
{
	return (struct content) {
		.written = count ? (count - 1) / 4 * 4 : 0,
		.counter = base + (count + 2) / 4,
		.index = (count + 1) / 4 & 1,
		.key = count / 4 & 1,
	};
}

static struct content content(struct tpm *t)
{
	struct content c = {
		.written = read_number(t, NV_WRITTEN),
		.counter = read_number(t, NV_COUNTER),
	};

	begin(t, CC_NV_PUBLIC, false);
	put(t, NV_COMING, 4);
	c.index = found("TPM2_NV_ReadPublic", transact(t));
	begin(t, CC_READ_PUBLIC, false);
	put(t, KEY_COMING, 4);
	c.key = found("TPM2_ReadPublic", transact(t));
	return c;
}

static bool same(struct content a, struct content b)
{
	return a.written == b.written && a.counter == b.counter && a.index == b.index &&
	       a.key == b.key;
}

static void tell(const char *who, struct content c)
{
	printf("%s: written %llu, counter %llu, index %d, key %d\n", who,
	       (unsigned long long)c.written, (unsigned long long)c.counter, c.index, c.key);
}

/* A number and a newline, at once: out of the machine when this returns. */
static void acknowledge(int acks, __u64 number)
{
	char line[24];
	int n = snprintf(line, sizeof(line), "%llu\n", (unsigned long long)number);

	if (write(acks, line, n) != n)
		err(1, "acknowledgments");
}

/* The first and the last number in the file, of the lines that are complete. */
static void acknowledged(const char *file, __u64 *first, __u64 *last)
{
	unsigned long long number;
	FILE *f = fopen(file, "re");
	unsigned int n = 0;
	char end;

	if (!f)
		err(1, "%s", file);
	while (fscanf(f, "%llu%c", &number, &end) == 2 && end == '\n') {
		*(n ? last : first) = number;
		n++;
	}
	fclose(f);
	if (n < 2)
		errx(1, "%s: %u lines", file, n);
}

static void setup(struct tpm *t, int acks)
{
	define(t, NV_WRITTEN, NV_ORDINARY);
	write_number(t, 0);
	define(t, NV_COUNTER, NV_COUNTS);
	increment(t);
	acknowledge(acks, read_number(t, NV_COUNTER));
	acknowledge(acks, 0);
}

/* How many changes there are: as many as were acknowledged, or one more. */
static __u64 check(struct tpm *t, const char *file)
{
	struct content now = content(t);
	__u64 base, count;

	acknowledged(file, &base, &count);
	printf("%llu changes are acknowledged\n", (unsigned long long)count);
	tell("there is", now);
	if (same(now, after(count, base)))
		return count;
	if (same(now, after(count + 1, base)))
		return count + 1;
	tell("there should be", after(count, base));
	tell("or", after(count + 1, base));
	exit(1);
}

/* From the change @count on, until that of the number @end. */
static void run(struct tpm *t, __u64 count, __u64 end, int acks)
{
	__u32 key = primary(t);

	acknowledge(acks, count);
	while (count < end) {
		change(t, count++, key);
		acknowledge(acks, count);
	}
}

static const char usage[] =
	"Usage: churn setup|check|run DEVICE FILE [CHANGES]\n"
	"\n"
	"  setup  defines what there is to change, and begins FILE\n"
	"  check  does the vTPM have what FILE says?\n"
	"  run    checks it, changes it so often, or until it is killed, and writes to\n"
	"         FILE\n";

int main(int argc, char **argv)
{
	bool first = argc > 1 && !strcmp(argv[1], "setup");
	struct tpm t = {};
	int acks;
	__u64 n;

	if (argc < 4 || argc > 5) {
		fputs(usage, stderr);
		return 2;
	}
	t.fd = open(argv[2], O_RDWR | O_CLOEXEC);
	if (t.fd < 0)
		err(1, "%s", argv[2]);
	/* Over 9p, what is written directly has arrived. */
	acks = open(argv[3], O_WRONLY | O_APPEND | O_DIRECT | O_CLOEXEC |
		    (first ? O_CREAT | O_EXCL : 0), 0600);
	if (acks < 0)
		err(1, "%s", argv[3]);
	if (first) {
		setup(&t, acks);
		return 0;
	}
	n = check(&t, argv[3]);
	if (!strcmp(argv[1], "run"))
		run(&t, n, argc > 4 ? n + strtoull(argv[4], NULL, 0) : UINT64_MAX, acks);
	return 0;
}
