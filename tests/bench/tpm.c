// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "tpm.h"

void die(const char *fmt, ...)
{
	va_list ap;

	fprintf(stderr, "%s: ", program);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	exit(1);
}

static void open_socket(struct tpm *tpm, const char *path)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };

	if (strlen(path) >= sizeof(addr.sun_path))
		die("%s: too long", path);
	strcpy(addr.sun_path, path);
	tpm->name = "swtpm";
	tpm->stream = true;
	tpm->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (tpm->fd < 0 || connect(tpm->fd, (struct sockaddr *)&addr, sizeof(addr)))
		die("%s: %s", path, strerror(errno));
}

/* A device, or the unix socket of a software TPM. */
void tpm_open(struct tpm *tpm, const char *path)
{
	struct stat st;

	if (!stat(path, &st) && S_ISSOCK(st.st_mode)) {
		open_socket(tpm, path);
		return;
	}
	tpm->name = path;
	tpm->stream = false;
	tpm->fd = open(path, O_RDWR | O_CLOEXEC);
	if (tpm->fd < 0)
		die("%s: %s", path, strerror(errno));
}

static void read_rest(const struct tpm *tpm, struct msg *rsp)
{
	size_t want = TPM_HEADER;
	ssize_t n;

	while (rsp->len < want) {
		n = read(tpm->fd, rsp->data + rsp->len, sizeof(rsp->data) - rsp->len);
		if (n <= 0)
			die("%s: %s", tpm->name, n ? strerror(errno) : "no more data");
		rsp->len += n;
		if (rsp->len >= TPM_HEADER)
			want = get32(rsp, 2);
	}
}

uint32_t tpm_transmit(const struct tpm *tpm, const struct msg *cmd, struct msg *rsp)
{
	ssize_t n;

	if (write(tpm->fd, cmd->data, cmd->len) != (ssize_t)cmd->len)
		die("%s: %s", tpm->name, strerror(errno));
	rsp->len = 0;
	if (tpm->stream) {
		read_rest(tpm, rsp);
	} else {
		n = read(tpm->fd, rsp->data, sizeof(rsp->data));
		if (n < TPM_HEADER)
			die("%s: %s", tpm->name, n < 0 ? strerror(errno) : "short response");
		rsp->len = n;
	}
	return get32(rsp, 6);
}

/* A command that has to succeed. */
void tpm_run(const struct tpm *tpm, const struct msg *cmd, struct msg *rsp)
{
	uint32_t rc = tpm_transmit(tpm, cmd, rsp);

	if (rc)
		die("%s: command 0x%x failed with 0x%x", tpm->name, get32(cmd, 6), rc);
}

uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000ull + t.tv_nsec;
}

int compare_u64(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

struct times *times_alloc(size_t max)
{
	struct times *t = calloc(1, sizeof(*t) + max * sizeof(t->ns[0]));

	if (!t)
		die("no memory");
	t->max = max;
	return t;
}

/* Prints the line that tests/bench/run reads, and frees the measurements. */
void times_print(struct times *t, const char *name, const char *device, uint64_t chip)
{
	uint64_t sum = 0;

	qsort(t->ns, t->count, sizeof(t->ns[0]), compare_u64);
	for (size_t i = 0; i < t->count; i++)
		sum += t->ns[i];
	printf("time\t%s\t%s\t%zu\t%llu\t%llu\t%llu\t%llu\t%llu\n", name, device, t->count,
	       (unsigned long long)t->ns[0], (unsigned long long)t->ns[t->count / 2],
	       (unsigned long long)(sum / t->count),
	       (unsigned long long)t->ns[t->count * 95 / 100], (unsigned long long)chip);
	free(t);
}
