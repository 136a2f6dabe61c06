// SPDX-License-Identifier: GPL-2.0
/*
 * State files, as vtpmctl makes and opens them.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "state.h"

/*
 * The lock is the open file's, which the kernel keeps as long as the vTPM: it
 * tells other programs. The kernel itself looks that no two vTPMs use a file.
 */
static int state_get(const char *path, int flags)
{
	int fd = open(path, O_RDWR | O_CLOEXEC | O_NOCTTY | flags, 0600);

	if (fd < 0 && errno == EEXIST)
		errx(EXIT_FAILURE, "%s: there is a file: see 'open' in vtpmctl(8), or remove it",
		     path);
	if (fd < 0)
		err(EXIT_FAILURE, "%s", path);
	if (flock(fd, LOCK_EX | LOCK_NB)) {
		if (errno == EWOULDBLOCK)
			errx(EXIT_FAILURE, "%s: it is in use: see 'vtpmctl list'", path);
		err(EXIT_FAILURE, "%s", path);
	}
	return fd;
}

int state_create(const char *path)
{
	return state_get(path, O_CREAT | O_EXCL);
}

int state_open(const char *path)
{
	return state_get(path, 0);
}

void state_keep(const char *path)
{
	char *copy = strdup(path);
	int dir;

	if (!copy)
		err(EXIT_FAILURE, "%s", path);
	dir = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0 || fsync(dir))
		warn("%s: its directory", path);
	if (dir >= 0)
		close(dir);
	free(copy);
}

const char *state_advice(int err, bool make)
{
	switch (err) {
	case EBADF:
		return "not a regular file";
	case ETXTBSY:
		return "another vTPM uses it: see 'vtpmctl list'";
	case ENOTEMPTY:
		return "it is not empty";
	case ENOSPC:
		return "its file system is full";
	case EDQUOT:
		return "its file system's quota is used up";
	case EUNATCH:
		return "no ledger is attached: see 'host anchor' in vtpmctl(8)";
	case ENOBUFS:
		return "the ledger is full";
	case ENODEV:
		return "the host has no TPM 2.0 chip, which state files need";
	}
	if (make)
		return NULL;
	switch (err) {
	case ENOMSG:
		return "no state file of a vTPM";
	case EPROTONOSUPPORT:
		return "of a version that this module does not know: use a later one";
	case ENODATA:
		return "it has been cut short";
	case EBADMSG:
		return "it is damaged or was changed";
	case EIDRM:
		return "the vTPM was destroyed";
	case EXDEV:
		return "made with another chip, or the chip was cleared since";
	case EBADE:
		return "not the vTPM with this UUID";
	case ESTALE:
		return "older than the ledger says: see --accept-rollback in vtpmctl(8)";
	case ESRCH:
		return "the ledger does not know it: see --accept-rollback in vtpmctl(8)";
	}
	return NULL;
}
