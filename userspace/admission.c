// SPDX-License-Identifier: GPL-2.0
/*
 * States of the host that were admitted, as they are kept for the next boot.
 *
 * Nothing in the files is secret, and the chip believes none of it: the signature
 * has to be the authority's, and the PCRs have to be so. Their last line is for
 * damage, of which the chip could only say that the state is another one.
 */
#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/evp.h>

#include "admission.h"
#include "directory.h"
#include "print.h"

#define SUFFIX		".admission"
#define PENDING		".pending"
#define UNFINISHED	".new"
#define TEXT_MAX	1024
#define SHA256_SIZE	32

static const char * const signers[] = { "authority", "nobody" };

bool pcrs_parse(const char *text, unsigned int *bank, unsigned int *pcrs)
{
	size_t len = strcspn(text, ":");
	const char *p = text + len;
	unsigned long pcr;
	unsigned int i;
	char *end;

	*bank = 0;
	*pcrs = 0;
	for (i = 1; i < ARRAY_SIZE(bank_names); i++)
		if (!strncmp(text, bank_names[i], len) && !bank_names[i][len])
			*bank = 1u << i;
	while (*p == (*pcrs ? ',' : ':') && p[1] >= '0' && p[1] <= '9') {
		pcr = strtoul(p + 1, &end, 10);
		if (pcr > 23)
			break;
		*pcrs |= 1u << pcr;
		p = end;
	}
	return *bank && *pcrs && !*p;
}

void pcrs_print(char text[PCRS_TEXT], unsigned int bank, unsigned int pcrs)
{
	const char *separator = ":";
	size_t n = 0;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(bank_names); i++)
		if (bank & 1u << i)
			n = snprintf(text, PCRS_TEXT, "%s", bank_names[i]);
	for (i = 0; i < 24; i++) {
		if (!(pcrs & 1u << i))
			continue;
		n += snprintf(text + n, PCRS_TEXT - n, "%s%u", separator, i);
		separator = ",";
	}
}

static void digest(const void *data, size_t size, __u8 out[SHA256_SIZE])
{
	if (!EVP_Digest(data, size, out, NULL, EVP_sha256(), NULL))
		errx(EXIT_FAILURE, "OpenSSL has no SHA-256");
}

/* @hex has room for a NUL. */
static void to_hex(char *hex, const __u8 *data, size_t size)
{
	size_t i;

	for (i = 0; i < size; i++)
		snprintf(hex + 2 * i, 3, "%02x", data[i]);
}

static bool from_hex(__u8 *data, const char *hex, size_t size)
{
	size_t i;

	if (strlen(hex) != 2 * size)
		return false;
	for (i = 0; i < size; i++)
		if (sscanf(hex + 2 * i, "%2hhx", &data[i]) != 1)
			return false;
	return true;
}

/* Returns its length. */
static size_t render(const struct admission *a, char text[TEXT_MAX])
{
	const struct vtpm_host_admit *admit = &a->admit;
	char authority[2 * sizeof(admit->authority) + 1];
	char signature[2 * sizeof(admit->signature) + 1];
	char policy[2 * sizeof(admit->policy) + 1];
	char sum[2 * SHA256_SIZE + 1], pcrs[PCRS_TEXT];
	__u8 md[SHA256_SIZE];
	size_t n;

	to_hex(authority, admit->authority, sizeof(admit->authority));
	to_hex(signature, admit->signature, sizeof(admit->signature));
	to_hex(policy, admit->policy, sizeof(admit->policy));
	pcrs_print(pcrs, admit->bank, admit->pcrs);
	n = snprintf(text, TEXT_MAX,
		     "vtpm-mux admission 1\n"
		     "signer %s\nauthority %s\npcrs %s\npolicy %s\nsignature %s\n",
		     signers[a->sole], authority, pcrs, policy, signature);
	digest(text, n, md);
	to_hex(sum, md, sizeof(md));
	return n + snprintf(text + n, TEXT_MAX - n, "sum %s\n", sum);
}

/* What is not exactly what would have been written is damaged. */
static bool parse(struct admission *a, const char *text)
{
	struct vtpm_host_admit *admit = &a->admit;
	char signer[16], authority[129], pcrs[PCRS_TEXT], policy[65], signature[129];
	char again[TEXT_MAX];

	if (sscanf(text,
		   "vtpm-mux admission 1\nsigner %15s\n"
		   "authority %128s\npcrs %79s\npolicy %64s\nsignature %128s",
		   signer, authority, pcrs, policy, signature) != 5)
		return false;
	a->sole = !strcmp(signer, signers[true]);
	if (!from_hex(admit->authority, authority, sizeof(admit->authority)) ||
	    !from_hex(admit->policy, policy, sizeof(admit->policy)) ||
	    !from_hex(admit->signature, signature, sizeof(admit->signature)) ||
	    !pcrs_parse(pcrs, &admit->bank, &admit->pcrs))
		return false;
	render(a, again);
	return !strcmp(text, again);
}

static bool read_text(int dir, struct admission *a, char text[TEXT_MAX])
{
	int fd = openat(dir, a->name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct stat st;
	ssize_t n = -1;

	if (fd < 0)
		return false;
	if (!fstat(fd, &st) && S_ISREG(st.st_mode))
		n = read(fd, text, TEXT_MAX);
	close(fd);
	if (n < 0 || n == TEXT_MAX)
		return false;
	text[n] = '\0';
	a->kept = st.st_mtim;
	return strlen(text) == (size_t)n;
}

static bool ends_with(const char *name, const char *suffix)
{
	size_t len = strlen(name);

	return *name != '.' && len > strlen(suffix) &&
	       !strcmp(name + len - strlen(suffix), suffix);
}

static int compare_age(const void *one, const void *other)
{
	const struct admission *a = one, *b = other;

	if (a->kept.tv_sec != b->kept.tv_sec)
		return a->kept.tv_sec < b->kept.tv_sec ? -1 : 1;
	if (a->kept.tv_nsec != b->kept.tv_nsec)
		return a->kept.tv_nsec < b->kept.tv_nsec ? -1 : 1;
	return strcmp(a->name, b->name);
}

static void add(struct admissions *all, const struct admission *a)
{
	all->list = reallocarray(all->list, all->count + 1, sizeof(*all->list));
	if (!all->list)
		err(EXIT_FAILURE, ADMISSIONS);
	all->list[all->count++] = *a;
}

void admissions_read(int dir, struct admissions *all, bool warn)
{
	DIR *names = fdopendir(dup(dir));
	char text[TEXT_MAX];
	struct dirent *d;
	size_t size;

	memset(all, 0, sizeof(*all));
	if (!names)
		err(EXIT_FAILURE, ADMISSIONS);
	rewinddir(names);
	while ((d = readdir(names))) {
		struct admission a = { .pending = ends_with(d->d_name, PENDING) };

		if (!a.pending && !ends_with(d->d_name, SUFFIX))
			continue;
		size = strlen(d->d_name) + 1;
		if (size <= sizeof(a.name)) {
			memcpy(a.name, d->d_name, size);
			if (read_text(dir, &a, text) && parse(&a, text)) {
				add(all, &a);
				continue;
			}
		}
		all->bad++;
		if (warn)
			warnx(ADMISSIONS "/%s: damaged, or no admission: remove it",
			      d->d_name);
	}
	closedir(names);
	qsort(all->list, all->count, sizeof(*all->list), compare_age);
}

/* The same state, of the same authority, has the same name. */
static void set_name(struct admission *a)
{
	__u8 data[sizeof(a->admit.authority) + sizeof(a->admit.policy)];
	__u8 md[SHA256_SIZE];

	memcpy(data, a->admit.authority, sizeof(a->admit.authority));
	memcpy(data + sizeof(a->admit.authority), a->admit.policy, sizeof(a->admit.policy));
	digest(data, sizeof(data), md);
	to_hex(a->name, md, 8);
	strcat(a->name, a->pending ? PENDING : SUFFIX);
}

static bool write_text(int dir, const char *text, size_t size)
{
	int fd = openat(dir, UNFINISHED, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW |
			O_CLOEXEC, 0600);
	ssize_t n;
	bool ok;

	if (fd < 0)
		return false;
	n = write(fd, text, size);
	if (n >= 0 && (size_t)n < size)
		errno = ENOSPC;
	ok = n == (ssize_t)size && !fsync(fd);
	close(fd);
	return ok;
}

void admission_keep(int dir, struct admission *a)
{
	char text[TEXT_MAX];
	size_t size = render(a, text);
	int error;

	set_name(a);
	if (write_text(dir, text, size) && !renameat(dir, UNFINISHED, dir, a->name) &&
	    !fsync(dir))
		return;
	error = errno;
	unlinkat(dir, UNFINISHED, 0);
	if (a->sole)		/* nothing was there before */
		unlinkat(dir, a->name, 0);
	errno = error;
	err(EXIT_FAILURE, ADMISSIONS "/%s", a->name);
}

void admission_settle(int dir, struct admission *a)
{
	char was[ADMISSION_NAME];

	memcpy(was, a->name, sizeof(was));
	a->pending = false;
	set_name(a);
	if (renameat(dir, was, dir, a->name) || fsync(dir))
		err(EXIT_FAILURE, ADMISSIONS "/%s", a->name);
}

void admission_remove(int dir, const char *name)
{
	if (unlinkat(dir, name, 0) || fsync(dir))
		warn(ADMISSIONS "/%s", name);
}
