// SPDX-License-Identifier: GPL-2.0
/*
 * Parts of vtpmd by themselves, without a vTPM: the sockets that it makes, and what
 * its processes may do. Runs as root.
 */
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>

#include "../selftests/tap.h"
#include "listen.h"
#include "sandbox.h"

#define VTPMD	"../../userspace/vtpmd/vtpmd"
#define NOBODY	65534

static char directory[32] = "/tmp/vtpmd-parts.XXXXXX";

/* What somebody who can write in the directory does as soon as there is a socket. */
static const char *victim;

int __real_bind(int fd, const struct sockaddr *addr, socklen_t len);
int __wrap_bind(int fd, const struct sockaddr *addr, socklen_t len);

int __wrap_bind(int fd, const struct sockaddr *addr, socklen_t len)
{
	const struct sockaddr_un *at = (const void *)addr;
	int rc = __real_bind(fd, addr, len);

	if (!rc && victim) {
		CHECK_EQ(unlink(at->sun_path), 0);
		CHECK_EQ(symlink(victim, at->sun_path), 0);
	}
	return rc;
}

static const char *in_directory(const char *name)
{
	static char path[64];

	CHECK(mkdtemp(directory));
	snprintf(path, sizeof(path), "%s/%s", directory, name);
	return path;
}

static void done(const char *path)
{
	CHECK(!unlink(path) || errno == ENOENT);
	CHECK_EQ(rmdir(directory), 0);
}

static void make_file(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);

	CHECK(fd >= 0);
	close(fd);
}

TEST(mode_and_group)
{
	const char *path = in_directory("socket");
	struct stat st;
	int i;

	umask(077);
	listen_mode = 0620;
	listen_group = NOBODY;
	/* the second one in place of what the first has left */
	for (i = 0; i < 2; i++) {
		CHECK(listen_unix(path) >= 0);
		CHECK_EQ(lstat(path, &st), 0);
		CHECK_EQ(st.st_mode, S_IFSOCK | 0620);
		CHECK_EQ(st.st_gid, NOBODY);
		CHECK_EQ(st.st_uid, 0);
	}
	CHECK_EQ(umask(0), 077);
	done(path);
}

TEST(no_socket_is_not_removed)
{
	const char *path = in_directory("file");
	struct stat st;

	make_file(path);
	CHECK_EQ(listen_unix(path), -EEXIST);
	CHECK_EQ(lstat(path, &st), 0);
	CHECK(S_ISREG(st.st_mode));
	CHECK_EQ(unlink(path), 0);
	CHECK_EQ(symlink("/dev/null", path), 0);
	CHECK_EQ(listen_unix(path), -EEXIST);
	done(path);
}

/* Who can write in the directory gets nothing by it. */
TEST(symlink_in_place_of_the_socket)
{
	const char *path = in_directory("socket");
	char file[] = "/tmp/vtpmd-parts-file.XXXXXX";
	struct stat st;
	int fd = mkstemp(file);

	CHECK(fd >= 0);
	listen_mode = 0666;
	listen_group = NOBODY;
	victim = file;
	listen_unix(path);
	CHECK_EQ(fstat(fd, &st), 0);
	CHECK_EQ(unlink(file), 0);
	CHECK_EQ(st.st_mode, S_IFREG | 0600);
	CHECK_EQ(st.st_gid, 0);
	done(path);
}

/* More sockets than a process may have files, as it is told at first. */
TEST(many_sockets)
{
	struct rlimit files = { 64, 4096 };
	char options[200][96], *args[2 * 200 + 4];
	const char *path = in_directory("0");
	bool ended = false;
	int i, n = 0, status;
	pid_t pid;

	args[n++] = "vtpmd";
	args[n++] = "--user";
	args[n++] = "nobody";
	for (i = 0; i < 200; i++) {
		snprintf(options[i], sizeof(options[i]), "%d=%s/%d", i, directory, i);
		args[n++] = "--vtpm";
		args[n++] = options[i];
	}
	args[n] = NULL;
	CHECK_EQ(chown(directory, NOBODY, NOBODY), 0);
	pid = fork();
	if (!pid) {
		setrlimit(RLIMIT_NOFILE, &files);
		execv(VTPMD, args);
		_exit(127);
	}
	snprintf(options[0], sizeof(options[0]), "%s/199", directory);
	while (access(options[0], F_OK) && !ended)
		ended = waitpid(pid, &status, WNOHANG) == pid || usleep(10000);
	if (!ended) {
		CHECK_EQ(kill(pid, SIGKILL), 0);
		CHECK_EQ(waitpid(pid, &status, 0), pid);
	}
	CHECK(!ended);
	for (i = 0; i < 200; i++) {
		snprintf(options[0], sizeof(options[0]), "%s/%d", directory, i);
		unlink(options[0]);
	}
	done(path);
}

/* How a process ends that does this behind the filter: a wait status. */
static int confined(void (*enter)(void), void (*what)(void))
{
	int status;
	pid_t pid = fork();

	if (!pid) {
		enter();
		what();
		syscall(SYS_exit_group, 0);
	}
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	return status;
}

static void worker(void)
{
	sandbox_main();
	sandbox_worker();
}

static void nothing(void) {}

/* As the C library asks, one or another of them. */
static void ask_stderr(void)
{
	char st[256];

	if (syscall(SYS_fstat, 2, st) != -1 || errno != EPERM ||
	    syscall(SYS_newfstatat, 2, "", st, AT_EMPTY_PATH) != -1 || errno != EPERM ||
	    syscall(SYS_statx, 2, "", AT_EMPTY_PATH, 0, st) != -1 || errno != EPERM)
		syscall(SYS_exit_group, 1);
}

static void make_nonblocking(void)
{
	if (fcntl(2, F_SETFL, fcntl(2, F_GETFL) | O_NONBLOCK))
		syscall(SYS_exit_group, 1);
}

static void open_file(void) { syscall(SYS_openat, AT_FDCWD, "/dev/null", O_RDONLY); }
static void open_socket(void) { syscall(SYS_socket, AF_UNIX, SOCK_STREAM, 0); }
static void fork_one(void) { syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0); }
static void kill_one(void) { syscall(SYS_kill, getpid(), 0); }
static void own_signals(void) { syscall(SYS_fcntl, 2, F_SETOWN, 1); }
static void choose_signal(void) { syscall(SYS_fcntl, 2, F_SETSIG, SIGKILL); }
static void ioctl_other(void) { syscall(SYS_ioctl, 2, 0x5401, 0); }
static void change_mode(void) { syscall(SYS_chmod, "/", 0777); }

static void duplicate(void)
{
	if (fcntl(2, F_DUPFD, 10) < 0)
		syscall(SYS_exit_group, 1);
}

static bool killed(int status)
{
	return WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS;
}

TEST(worker_may)
{
	CHECK_EQ(confined(worker, nothing), 0);
	CHECK_EQ(confined(worker, ask_stderr), 0);
	CHECK_EQ(confined(worker, make_nonblocking), 0);
}

TEST(worker_may_not)
{
	CHECK(killed(confined(worker, open_file)));
	CHECK(killed(confined(worker, open_socket)));
	CHECK(killed(confined(worker, fork_one)));
	CHECK(killed(confined(worker, kill_one)));
	CHECK(killed(confined(worker, own_signals)));
	CHECK(killed(confined(worker, choose_signal)));
	CHECK(killed(confined(worker, duplicate)));
	CHECK(killed(confined(worker, ioctl_other)));
}

/* What /proc has of a process that leaves no core file is root's. */
TEST(worker_leaves_no_core)
{
	int pair[2], status;
	struct stat st;
	char name[32];
	pid_t pid;

	CHECK_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	pid = fork();
	if (!pid) {
		close(pair[1]);		/* ends with its parent */
		CHECK_EQ(setresuid(NOBODY, NOBODY, NOBODY), 0);
		/* as after exec(), which is how systemd starts it */
		CHECK_EQ(prctl(PR_SET_DUMPABLE, 1), 0);
		CHECK_EQ(write(pair[0], "1", 1), 1);
		CHECK_EQ(read(pair[0], name, 1), 1);
		worker();
		CHECK_EQ(write(pair[0], "2", 1), 1);
		CHECK_EQ(read(pair[0], name, 1), 1);
		syscall(SYS_exit_group, 0);
	}
	snprintf(name, sizeof(name), "/proc/%d/status", pid);
	CHECK_EQ(read(pair[1], &status, 1), 1);
	CHECK_EQ(stat(name, &st), 0);
	CHECK_EQ(st.st_uid, NOBODY);
	CHECK_EQ(write(pair[1], "1", 1), 1);
	CHECK_EQ(read(pair[1], &status, 1), 1);
	CHECK_EQ(stat(name, &st), 0);
	CHECK_EQ(st.st_uid, 0);
	CHECK_EQ(write(pair[1], "2", 1), 1);
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK_EQ(status, 0);
}

TEST(main_process)
{
	CHECK_EQ(confined(sandbox_main, duplicate), 0);
	CHECK_EQ(confined(sandbox_main, open_file), 0);
	CHECK(killed(confined(sandbox_main, own_signals)));
	CHECK(killed(confined(sandbox_main, change_mode)));
}

int main(void)
{
	tap_begin();
	tap_run_all();
	return tap_end();
}
