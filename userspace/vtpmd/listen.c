// SPDX-License-Identifier: GPL-2.0
/*
 * Sockets that clients connect to, and what systemd wants to know. Its two
 * protocols, sd_listen_fds(3) and sd_notify(3), are a few lines each, and no
 * reason for a library in this process.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "listen.h"

#define LISTEN_FDS_START 3

mode_t listen_mode = 0660;
gid_t listen_group = -1;

static bool set_path(struct sockaddr_un *addr, const char *path)
{
	size_t len = strlen(path) + 1;

	if (len > sizeof(addr->sun_path))
		return false;
	memcpy(addr->sun_path, path, len);
	return true;
}

/* A socket that was left there goes away, and nothing else that may be there. */
static int remove_socket(const char *path)
{
	struct stat st;

	if (lstat(path, &st))
		return errno == ENOENT ? 0 : -errno;
	if (!S_ISSOCK(st.st_mode))
		return -EEXIST;
	return unlink(path) ? -errno : 0;
}

static int listen_bind(int fd, const char *path)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	mode_t umask_was;
	int rc;

	if (!set_path(&addr, path))
		return -ENAMETOOLONG;
	rc = remove_socket(path);
	/*
	 * The file gets the mode that the socket has. To change that of what is at
	 * @path afterwards could be that of any file, where others can write in the
	 * directory. Nobody can connect until somebody listens.
	 */
	if (!rc && fchmod(fd, listen_mode))
		rc = -errno;
	if (rc)
		return rc;
	umask_was = umask(0);
	rc = bind(fd, (struct sockaddr *)&addr, sizeof(addr)) ? -errno : 0;
	umask(umask_was);
	if (rc)
		return rc;
	if ((listen_group != (gid_t)-1 && lchown(path, -1, listen_group)) ||
	    listen(fd, LISTEN_BACKLOG))
		return -errno;
	return 0;
}

int listen_unix(const char *path)
{
	int fd, rc;

	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	rc = listen_bind(fd, path);
	if (rc) {
		close(fd);
		return rc;
	}
	return fd;
}

void listen_systemd(void (*add)(const char *name, int fd))
{
	const char *pid = getenv("LISTEN_PID"), *fds = getenv("LISTEN_FDS");
	char *names = getenv("LISTEN_FDNAMES"), *name;
	int fd, count;

	if (!pid || !fds || strtol(pid, NULL, 10) != getpid())
		return;
	count = strtol(fds, NULL, 10);
	for (fd = LISTEN_FDS_START; fd < LISTEN_FDS_START + count; fd++) {
		name = names ? strsep(&names, ":") : NULL;
		fcntl(fd, F_SETFD, FD_CLOEXEC);
		fcntl(fd, F_SETFL, O_NONBLOCK);
		add(name ? name : "", fd);
	}
}

void listen_ready(void)
{
	const char *path = getenv("NOTIFY_SOCKET");
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	socklen_t len;
	int fd;

	if (!path || !set_path(&addr, path))
		return;
	len = offsetof(struct sockaddr_un, sun_path) + strlen(path);
	if (addr.sun_path[0] == '@')
		addr.sun_path[0] = '\0';	/* the abstract namespace */
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return;
	sendto(fd, "READY=1", 7, MSG_NOSIGNAL, (struct sockaddr *)&addr, len);
	close(fd);
}
