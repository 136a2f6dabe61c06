// SPDX-License-Identifier: GPL-2.0
/*
 * The directory of what the host keeps, and those in it.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "directory.h"

static void make_directory(const char *path, const char *above)
{
	int fd;

	if (mkdir(path, 0700)) {
		if (errno == EEXIST)
			return;
		err(EXIT_FAILURE, "%s", path);
	}
	fd = open(above, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || fsync(fd))
		err(EXIT_FAILURE, "%s", above);
	close(fd);
}

int directory_lock(const char *path, bool make)
{
	int dir;

	if (make)
		make_directory(DIRECTORY, "/var/lib");
	if (make && strcmp(path, DIRECTORY))
		make_directory(path, DIRECTORY);
	dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0 && errno == ENOENT && !make)
		return -1;
	if (dir < 0 || flock(dir, LOCK_EX))
		err(EXIT_FAILURE, "%s", path);
	return dir;
}
