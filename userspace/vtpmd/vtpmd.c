// SPDX-License-Identifier: GPL-2.0
/*
 * vtpmd: gives virtual TPMs to VMMs that expect swtpm. See vtpmd.8.
 *
 * This process only listens. When somebody connects to a vTPM's socket, it
 * opens /dev/vtpmN and forks a worker, which has the socket and the device and
 * nothing else, and leaves the socket to that until it ends.
 */
#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <grp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "listen.h"
#include "log.h"
#include "sandbox.h"
#include "worker.h"

#define EXIT_USAGE	2

static const char usage_text[] =
"Usage: vtpmd [OPTION...]\n"
"\n"
"Serves virtual TPMs on unix sockets, for QEMU's -tpmdev emulator, libvirt's\n"
"<backend type='external'> and cloud-hypervisor's --tpm.\n"
"\n"
"  --vtpm N=PATH     serve /dev/vtpmN on the socket PATH; may repeat\n"
"  --dir DIR         serve every /dev/vtpmN on DIR/vtpmN.sock\n"
"  --mode MODE       permissions of the sockets (0660)\n"
"  --group GROUP     group of the sockets\n"
"  --user USER       become this user (vtpm) if started as root\n"
"\n"
"Sockets that systemd passes are served too; their names are vtpmN.\n";

static struct event_base *base;
static const char *user = "vtpm";
static const char *directory;

/* How often, and how long after each other, a device is tried that is not ours yet. */
#define DEV_TRIES	50
#define DEV_WAIT	100000	/* microseconds */

/**
 * struct server - a vTPM's socket
 * @next: in @servers
 * @number: N of /dev/vtpmN
 * @fd: the listening socket
 * @path: where it is, NULL if it is systemd's
 * @in_directory: it is there because the device is
 * @event: somebody connects; not pending while there is a worker
 * @again: look for that again, some time later
 * @tries: how often the device was not ours
 * @worker: its process, 0 if there is none
 */
struct server {
	struct server *next;
	unsigned int number;
	int fd;
	char *path;
	bool in_directory;
	struct event *event;
	struct event *again;
	unsigned int tries;
	pid_t worker;
};

static struct server *servers;

/* The worker's descriptors: 0 to 2 are the log's. */
#define WORKER_LISTENER	3
#define WORKER_DEV	4

/* In the new process: keeps the socket and the device, and nothing else. */
static void worker_keep(int listener, int dev)
{
	if (dev <= WORKER_DEV)
		dev = fcntl(dev, F_DUPFD, WORKER_DEV + 1);
	if (dev < 0 ||
	    (listener != WORKER_LISTENER &&
	     dup3(listener, WORKER_LISTENER, O_CLOEXEC) < 0) ||
	    dup3(dev, WORKER_DEV, O_CLOEXEC) < 0 ||
	    close_range(WORKER_DEV + 1, ~0U, 0))
		err(EXIT_FAILURE, "worker");
}

static void worker_main(unsigned int number, int listener, int dev)
{
	static struct worker w;

	signal(SIGTERM, SIG_DFL);
	signal(SIGINT, SIG_DFL);
	signal(SIGCHLD, SIG_DFL);
	worker_keep(listener, dev);
	if (worker_init(&w, number, WORKER_DEV, WORKER_LISTENER))
		errx(EXIT_FAILURE, "vtpm%u: no memory", number);
	sandbox_worker();
	worker_run(&w);
	worker_exit(&w);
	_exit(EXIT_SUCCESS);
}

/*
 * Nobody can be served: whoever waits is told so by the end of the connection. Those
 * who connect meanwhile have their turn after other sockets.
 */
static void server_refuse(struct server *server)
{
	int fd, i;

	for (i = 0; i < LISTEN_BACKLOG; i++) {
		fd = accept4(server->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
		if (fd < 0)
			return;
		close(fd);
	}
}

static void server_again(evutil_socket_t fd, short what, void *arg)
{
	struct server *server = arg;

	(void)fd;
	(void)what;
	event_add(server->event, NULL);
}

/* A device that is new belongs to root until udev has seen it. */
static bool server_waits(struct server *server, int rc)
{
	static const struct timeval wait = { .tv_usec = DEV_WAIT };

	if (rc != -EACCES || server->tries == DEV_TRIES) {
		server->tries = 0;
		return false;
	}
	server->tries++;
	event_del(server->event);
	event_add(server->again, &wait);
	return true;
}

static void server_connect(evutil_socket_t fd, short what, void *arg)
{
	struct server *server = arg;
	int dev;

	(void)fd;
	(void)what;
	dev = vtpm_dev_open(server->number, O_NONBLOCK | O_CLOEXEC);
	if (server_waits(server, dev))
		return;
	if (dev < 0) {
		log_warn(VTPM_PATH ": %s", server->number, strerror(-dev));
		server_refuse(server);
		return;
	}
	server->worker = fork();
	if (!server->worker)
		worker_main(server->number, server->fd, dev);
	close(dev);
	if (server->worker > 0) {
		event_del(server->event);
		return;
	}
	log_warn("fork: %s", strerror(errno));
	server->worker = 0;
	server_refuse(server);
}

static struct server *server_find(unsigned int number)
{
	struct server *server;

	for (server = servers; server; server = server->next)
		if (server->number == number)
			return server;
	return NULL;
}

static void server_free(struct server *server)
{
	if (server->event)
		event_free(server->event);
	if (server->again)
		event_free(server->again);
	close(server->fd);
	free(server->path);
	free(server);
}

/* Takes @fd and @path, which is NULL for a socket that is systemd's. */
static int server_add(unsigned int number, int fd, char *path)
{
	struct server *server = calloc(1, sizeof(*server));

	if (!server) {
		close(fd);
		free(path);
		return -ENOMEM;
	}
	server->number = number;
	server->fd = fd;
	server->path = path;
	server->event = event_new(base, fd, EV_READ | EV_PERSIST,
				  server_connect, server);
	server->again = evtimer_new(base, server_again, server);
	if (!server->event || !server->again || event_add(server->event, NULL)) {
		server_free(server);
		return -ENOMEM;
	}
	server->next = servers;
	servers = server;
	return 0;
}

static int server_listen(unsigned int number, const char *path)
{
	int fd = listen_unix(path);
	char *copy;

	if (fd < 0)
		return fd;
	copy = strdup(path);
	if (!copy) {
		close(fd);
		return -ENOMEM;
	}
	return server_add(number, fd, copy);
}

/* A worker that there is goes on with those who are connected to it. */
static void server_remove(struct server *server)
{
	struct server **p;

	for (p = &servers; *p != server; p = &(*p)->next)
		;
	*p = server->next;
	if (server->path)
		unlink(server->path);
	server_free(server);
}

static void on_child(evutil_socket_t signal, short what, void *arg)
{
	struct server *server;
	int status;
	pid_t pid;

	(void)signal;
	(void)what;
	(void)arg;
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		for (server = servers; server; server = server->next)
			if (server->worker == pid)
				break;
		if (!server)
			continue;
		server->worker = 0;
		if (status) {
			/* not again for the same client */
			log_err("vtpm%u: its worker ended: %s %d", server->number,
				WIFSIGNALED(status) ? "signal" : "status",
				WIFSIGNALED(status) ? WTERMSIG(status) :
						      WEXITSTATUS(status));
			server_refuse(server);
		}
		event_add(server->event, NULL);
	}
}

/* Workers go on until their VMMs end. */
static void on_stop(evutil_socket_t signal, short what, void *arg)
{
	(void)signal;
	(void)what;
	(void)arg;
	event_base_loopbreak(base);
}

static bool parse_number(const char *text, size_t len, unsigned int *number)
{
	unsigned int value = 0;
	size_t i;

	if (!len || len > 4)
		return false;
	for (i = 0; i < len; i++) {
		if (text[i] < '0' || text[i] > '9')
			return false;
		value = value * 10 + text[i] - '0';
	}
	*number = value;
	return value < VTPM_MAX_INSTANCES;
}

/* "vtpm12" and nothing like it: not vtpm-mux. */
static bool parse_name(const char *name, unsigned int *number)
{
	return !strncmp(name, "vtpm", 4) &&
	       parse_number(name + 4, strlen(name + 4), number);
}

static void directory_add(const char *name)
{
	char path[sizeof(((struct sockaddr_un *)0)->sun_path)];
	unsigned int number;
	int rc = -ENAMETOOLONG;

	if (!parse_name(name, &number) || server_find(number))
		return;
	if ((size_t)snprintf(path, sizeof(path), "%s/vtpm%u.sock", directory,
			     number) < sizeof(path))
		rc = server_listen(number, path);
	if (rc)
		log_err("%s/vtpm%u.sock: %s", directory, number, strerror(-rc));
	else
		server_find(number)->in_directory = true;
}

static void directory_remove(const char *name)
{
	struct server *server;
	unsigned int number;

	if (!parse_name(name, &number))
		return;
	server = server_find(number);
	if (server && server->in_directory)
		server_remove(server);
}

/* Something has appeared in /dev, or vanished. */
static void on_dev(evutil_socket_t fd, short what, void *arg)
{
	union {
		struct inotify_event align;
		char bytes[16384];
	} buffer;
	struct inotify_event *e;
	ssize_t n, i;

	(void)what;
	(void)arg;
	n = read(fd, buffer.bytes, sizeof(buffer.bytes));
	for (i = 0; i < n; i += sizeof(*e) + e->len) {
		e = (struct inotify_event *)(buffer.bytes + i);
		if (!e->len)
			continue;
		if (e->mask & IN_CREATE)
			directory_add(e->name);
		else
			directory_remove(e->name);
	}
}

static void directory_scan(void)
{
	struct dirent *entry;
	DIR *dev = opendir("/dev");

	if (!dev)
		err(EXIT_FAILURE, "/dev");
	while ((entry = readdir(dev)))
		directory_add(entry->d_name);
	closedir(dev);
}

static void directory_watch(void)
{
	struct event *event;
	int fd;

	fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (fd < 0 || inotify_add_watch(fd, "/dev", IN_CREATE | IN_DELETE) < 0)
		err(EXIT_FAILURE, "/dev: inotify");
	event = event_new(base, fd, EV_READ | EV_PERSIST, on_dev, NULL);
	if (!event || event_add(event, NULL))
		errx(EXIT_FAILURE, "no memory");
	directory_scan();
}

/* "N=PATH" */
static void parse_vtpm(const char *text)
{
	const char *path = strchr(text, '=');
	unsigned int number;
	int rc;

	if (!path || !parse_number(text, path - text, &number))
		errx(EXIT_USAGE, "--vtpm %s: say N=PATH", text);
	if (server_find(number))
		errx(EXIT_USAGE, "--vtpm %s: vtpm%u is named twice", text,
		     number);
	rc = server_listen(number, path + 1);
	if (rc)
		errx(EXIT_FAILURE, "%s: %s", path + 1, strerror(-rc));
}

static void add_systemd(const char *name, int fd)
{
	unsigned int number;

	if (!parse_name(name, &number))
		errx(EXIT_USAGE, "socket %s: it is to be named vtpmN: see FileDescriptorName=",
		     name);
	if (server_find(number) || server_add(number, fd, NULL))
		errx(EXIT_FAILURE, "socket %s: is there twice", name);
}

static void watch_signal(int number, event_callback_fn callback)
{
	struct event *event = evsignal_new(base, number, callback, NULL);

	if (!event || event_add(event, NULL))
		errx(EXIT_FAILURE, "no memory");
}

enum {
	OPT_VTPM = 1,
	OPT_DIR,
	OPT_MODE,
	OPT_GROUP,
	OPT_USER,
	OPT_HELP,
};

static const struct option options[] = {
	{ "vtpm", required_argument, NULL, OPT_VTPM },
	{ "dir", required_argument, NULL, OPT_DIR },
	{ "mode", required_argument, NULL, OPT_MODE },
	{ "group", required_argument, NULL, OPT_GROUP },
	{ "user", required_argument, NULL, OPT_USER },
	{ "help", no_argument, NULL, OPT_HELP },
	{ }
};

static void parse_mode(const char *text)
{
	unsigned long mode;
	char *end;

	mode = strtoul(text, &end, 8);
	if (!*text || *end || mode > 0777)
		errx(EXIT_USAGE, "--mode %s: say it as 0660", text);
	listen_mode = mode;
}

static void parse_group(const char *text)
{
	struct group *group = getgrnam(text);

	if (!group)
		errx(EXIT_USAGE, "--group %s: no such group", text);
	listen_group = group->gr_gid;
}

/* Sockets are made afterwards, with the mode and the group given anywhere. */
static void parse_options(int argc, char **argv)
{
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (option) {
		case OPT_VTPM:
			break;
		case OPT_DIR:
			directory = optarg;
			break;
		case OPT_MODE:
			parse_mode(optarg);
			break;
		case OPT_GROUP:
			parse_group(optarg);
			break;
		case OPT_USER:
			user = optarg;
			break;
		case OPT_HELP:
			fputs(usage_text, stdout);
			exit(EXIT_SUCCESS);
		default:
			exit(EXIT_USAGE);
		}
	}
	if (optind < argc)
		errx(EXIT_USAGE, "%s: see 'vtpmd --help'", argv[optind]);
}

static void make_sockets(int argc, char **argv)
{
	int option;

	listen_systemd(add_systemd);
	optind = 1;
	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1)
		if (option == OPT_VTPM)
			parse_vtpm(optarg);
}

/* As many sockets as there may be vTPMs: shells and systemd allow 1024 files. */
static void raise_limit(void)
{
	struct rlimit files;

	if (!getrlimit(RLIMIT_NOFILE, &files) && files.rlim_cur < files.rlim_max) {
		files.rlim_cur = files.rlim_max;
		setrlimit(RLIMIT_NOFILE, &files);
	}
}

int main(int argc, char **argv)
{
	parse_options(argc, argv);
	raise_limit();
	base = event_base_new();
	if (!base)
		errx(EXIT_FAILURE, "no memory");
	signal(SIGPIPE, SIG_IGN);
	watch_signal(SIGCHLD, on_child);
	watch_signal(SIGTERM, on_stop);
	watch_signal(SIGINT, on_stop);
	make_sockets(argc, argv);
	sandbox_drop_root(user, listen_group);
	if (directory)
		directory_watch();
	else if (!servers)
		errx(EXIT_USAGE, "nothing to serve: see 'vtpmd --help'");
	sandbox_main();
	listen_ready();
	event_base_dispatch(base);
	while (servers)
		server_remove(servers);
	return EXIT_SUCCESS;
}
