// SPDX-License-Identifier: GPL-2.0
/*
 * A vTPM's state in a file of the operator's, and back. What is in it, only the
 * kernel can read, and only this vTPM takes (VTPM_IOC_GET_STATE).
 */
#include <endian.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host.h"
#include "print.h"
#include "snapshot.h"
#include "state.h"

static const char magic[8] = "vtpmsnap";

/* In the file, little endian: this, and then the blobs one after the other. */
struct header {
	char magic[8];
	__u32 version;
	__u32 permanent;	/* bytes of the permanent state; 0 if suspended */
	__u32 volatile_;	/* bytes of the volatile state; 0 if it was off */
};

struct snapshot {
	void *permanent, *volatile_;
	size_t permanent_len, volatile_len;
};

/* @rc is a negative errno of an operation on the device. */
static void fail(const struct vtpm_info *info, int rc)
{
	const char *why = strerror(-rc);

	switch (-rc) {
	case EBADMSG:
		why = "the file is damaged or another vTPM's";
		break;
	case ESTALE:
		why = "a state of the past, and it was made without --snapshots";
		break;
	case EACCES:
	case EPERM:
		why = "not permitted: run it as root";
		break;
	}
	errx(EXIT_FAILURE, VTPM_PATH ": %s", info->number, why);
}

/* Nobody else has the vTPM while this is open. */
static int open_device(const struct vtpm_info *info, bool on)
{
	int dev;

	if (info->flags & VTPM_CREATE_POWER_FOLLOWS_OPEN)
		errx(EXIT_FAILURE, VTPM_PATH ": its power follows its VMM, who alone can do this",
		     info->number);
	dev = vtpm_dev_open(info->number, O_CLOEXEC);
	if (dev == -EBUSY)
		errx(EXIT_BUSY, VTPM_PATH ": it is open: its VMM can do this, or has to be stopped",
		     info->number);
	if (dev < 0)
		fail(info, dev);
	if (on && !(info->state & VTPM_STATE_POWERED))
		errx(EXIT_FAILURE, VTPM_PATH ": it is off", info->number);
	return dev;
}

static size_t get(const struct vtpm_info *info, int dev, unsigned int type, void **blob)
{
	ssize_t len = vtpm_dev_get_state(dev, type, blob);

	if (len < 0)
		fail(info, len);
	return len;
}

static bool write_all(int fd, const void *data, size_t len)
{
	const char *p = data;
	ssize_t n;

	while (len) {
		n = write(fd, p, len);
		if (n < 0)
			return false;
		p += n;
		len -= n;
	}
	return true;
}

static int make_file(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOCTTY, 0600);

	if (fd < 0)
		err(EXIT_FAILURE, "%s", path);
	return fd;
}

/* When this returns true, the file survives a power cut; else it is gone. */
static bool save(const struct snapshot *s, int fd, const char *path)
{
	struct header h = {
		.version = htole32(1),
		.permanent = htole32(s->permanent_len),
		.volatile_ = htole32(s->volatile_len),
	};

	memcpy(h.magic, magic, sizeof(magic));
	if (!write_all(fd, &h, sizeof(h)) ||
	    !write_all(fd, s->permanent, s->permanent_len) ||
	    !write_all(fd, s->volatile_, s->volatile_len) || fsync(fd) || close(fd)) {
		warn("%s", path);
		unlink(path);
		return false;
	}
	state_keep(path);
	return true;
}

static void *read_blob(FILE *f, const char *path, __u32 len)
{
	void *blob;

	if (len > VTPM_BLOB_MAX)
		errx(EXIT_FAILURE, "%s: damaged", path);
	blob = malloc(len + 1);
	if (!blob)
		err(EXIT_FAILURE, "%s", path);
	if (fread(blob, 1, len, f) != len)
		errx(EXIT_FAILURE, "%s: cut short", path);
	return blob;
}

static void load(struct snapshot *s, const char *path)
{
	FILE *f = fopen(path, "re");
	struct header h;

	if (!f)
		err(EXIT_FAILURE, "%s", path);
	if (fread(&h, sizeof(h), 1, f) != 1 || memcmp(h.magic, magic, sizeof(magic)))
		errx(EXIT_FAILURE, "%s: not made by snapshot or suspend", path);
	if (le32toh(h.version) != 1)
		errx(EXIT_FAILURE, "%s: of a version that this vtpmctl does not know", path);
	s->permanent_len = le32toh(h.permanent);
	s->volatile_len = le32toh(h.volatile_);
	s->permanent = read_blob(f, path, s->permanent_len);
	s->volatile_ = read_blob(f, path, s->volatile_len);
	if (fgetc(f) != EOF)
		errx(EXIT_FAILURE, "%s: damaged", path);
	fclose(f);
}

static void set(const struct vtpm_info *info, int dev, const struct snapshot *s,
		unsigned int flags)
{
	int rc = 0;

	if (s->permanent_len)
		rc = vtpm_dev_set_state(dev, VTPM_BLOB_PERMANENT, flags, s->permanent,
					s->permanent_len);
	if (!rc && s->volatile_len)
		rc = vtpm_dev_set_state(dev, VTPM_BLOB_VOLATILE, flags, s->volatile_,
					s->volatile_len);
	if (rc)
		fail(info, rc);
}

/* The whole file is looked at before the first half of it is set. */
static void put_back(const struct vtpm_info *info, const struct snapshot *s)
{
	int dev = open_device(info, false);

	if (info->state & VTPM_STATE_POWERED)
		errx(EXIT_FAILURE, VTPM_PATH ": it is on: see 'vtpmctl power off'",
		     info->number);
	set(info, dev, s, VTPM_BLOB_CHECK);
	set(info, dev, s, 0);
	close(dev);
	free(s->permanent);
	free(s->volatile_);
}

void snapshot_take(const struct vtpm_info *info, const char *path)
{
	int dev = open_device(info, false);
	struct snapshot s = {};

	s.permanent_len = get(info, dev, VTPM_BLOB_PERMANENT, &s.permanent);
	if (info->state & VTPM_STATE_POWERED)
		s.volatile_len = get(info, dev, VTPM_BLOB_VOLATILE, &s.volatile_);
	close(dev);
	if (!save(&s, make_file(path), path))
		exit(EXIT_FAILURE);
	free(s.permanent);
	free(s.volatile_);
}

void snapshot_restore(const struct vtpm_info *info, const char *path)
{
	struct snapshot s;

	load(&s, path);
	if (!s.permanent_len)
		errx(EXIT_FAILURE, "%s: made by suspend: it is for 'vtpmctl resume'", path);
	put_back(info, &s);
}

/*
 * It is off as soon as its state was taken: what the vTPM keeps goes on with its clock,
 * and what it loses has to fit that. A disk may take its time.
 */
void snapshot_suspend(const struct vtpm_info *info, const char *path)
{
	int dev = open_device(info, true), fd = make_file(path), rc;
	struct snapshot s = {};
	ssize_t len;

	len = vtpm_dev_get_state(dev, VTPM_BLOB_VOLATILE, &s.volatile_);
	rc = len < 0 ? len : vtpm_dev_power(dev, VTPM_POWER_OFF);
	if (rc) {
		unlink(path);
		fail(info, rc);
	}
	s.volatile_len = len;
	if (!save(&s, fd, path)) {
		set(info, dev, &s, 0);		/* it goes on */
		exit(EXIT_FAILURE);
	}
	close(dev);
	free(s.volatile_);
}

void snapshot_resume(const struct vtpm_info *info, const char *path)
{
	struct snapshot s;

	load(&s, path);
	if (s.permanent_len || !s.volatile_len)
		errx(EXIT_FAILURE, "%s: made by snapshot: it is for 'vtpmctl restore'", path);
	put_back(info, &s);
	unlink(path);
}
