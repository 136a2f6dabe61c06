// SPDX-License-Identifier: GPL-2.0
/*
 * Options, and the launcher: see microvm.h for the whole.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../libvtpm.h"
#include "microvm.h"

/* Of this process: the VMM's has none. */
static struct launch launch = { .mux = -1 };

static const char *const usage =
	"Usage: microvm [OPTION...] KERNEL\n"
	"\n"
	"Boots a Linux kernel (a bzImage for x86-64) in a virtual machine with one\n"
	"processor, a console that only prints, and a virtual TPM if it is to have one.\n"
	"\n"
	"  -i, --initrd FILE     initramfs; may repeat: one behind the other\n"
	"  -c, --cmdline TEXT    the kernel's command line (console=ttyS0 panic=-1\n"
	"                        pci=off)\n"
	"  -m, --mem MB          memory (256)\n"
	"  -t, --vtpm new|N      give it a new vTPM, destroyed in the end, or /dev/vtpmN's,\n"
	"                        which has to have a vDPA device (vtpmctl create --vdpa);\n"
	"                        it is switched on and the guest measured into it\n"
	"  -k, --keep-power      as it is: no platform reset, no measurement\n"
	"  -l, --event-log FILE  write the TCG event log of the measurement\n"
	"  -b, --boot-time       end when the guest first writes to I/O port 0xf4\n"
	"      --no-xsave        no XSAVE and AVX, for hosts that cannot (emulated SVM)\n"
	"\n"
	"Exit status: 0 the guest has switched itself off, 10 it was reset or has\n"
	"crashed, 128 and more the VMM was killed, 1 something failed, 2 usage. After\n"
	"a reset, what is to be done is this program's caller's to say. SIGTERM, SIGINT\n"
	"and SIGHUP are a pulled plug: guest and vTPM are off.\n";

struct options {
	struct guest guest;
	unsigned int mem_mb;
	const char *kernel;
	const char *vtpm;
	const char *event_log;
	bool keep_power;
};

/* A line for standard error, by the one system call that seccomp.c allows. */
void say(const char *fmt, ...)
{
	char text[320] = "microvm: ";
	size_t len = strlen(text);
	va_list args;

	va_start(args, fmt);
	len += vsnprintf(text + len, sizeof(text) - len - 1, fmt, args);
	va_end(args);
	if (len > sizeof(text) - 2)
		len = sizeof(text) - 2;
	text[len++] = '\n';
	if (write(STDERR_FILENO, text, len) < 0)
		return;		/* nobody to be told */
}

/* The program's processes end here when something does not work. */
void die(const char *fmt, ...)
{
	char text[256];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	say("%s", text);
	if (launch.made) {
		launch.made = false;
		vtpm_mux_destroy(launch.mux, launch.number, 0);
	}
	_exit(END_FAILURE);
}

__u64 now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000ull + t.tv_nsec;
}

/*
 * Adds a file to what is there, @align bytes apart. It is read once: what is
 * measured is what will run, whatever becomes of the file.
 */
static void read_file(struct bytes *b, const char *path, size_t align)
{
	size_t begin = (b->len + align - 1) / align * align, done = begin;
	struct stat st;
	ssize_t n;
	int fd;

	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st))
		die("%s: %m", path);
	b->data = realloc(b->data, begin + st.st_size);
	if (!b->data)
		die("%s: no memory", path);
	memset(b->data + b->len, 0, begin - b->len);
	b->len = begin + st.st_size;
	while (done < b->len) {
		n = read(fd, b->data + done, b->len - done);
		if (n <= 0)
			die("%s: %s", path, n ? strerror(errno) : "it is shorter now");
		done += n;
	}
	close(fd);
}

static void write_log(const char *path, const struct bytes *log)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);

	if (fd < 0 || write(fd, log->data, log->len) != (ssize_t)log->len ||
	    close(fd))
		die("%s: %m", path);
}

static unsigned long parse_number(const char *text, unsigned long max)
{
	unsigned long n;
	char *end;

	errno = 0;
	n = strtoul(text, &end, 10);
	if (errno || end == text || *end || n > max)
		die("not a number up to %lu: %s", max, text);
	return n;
}

static void parse(struct options *o, int argc, char **argv)
{
	static const struct option options[] = {
		{ "help", no_argument, NULL, 'h' },
		{ "initrd", required_argument, NULL, 'i' },
		{ "cmdline", required_argument, NULL, 'c' },
		{ "mem", required_argument, NULL, 'm' },
		{ "vtpm", required_argument, NULL, 't' },
		{ "keep-power", no_argument, NULL, 'k' },
		{ "event-log", required_argument, NULL, 'l' },
		{ "boot-time", no_argument, NULL, 'b' },
		{ "no-xsave", no_argument, NULL, 'x' },
		{ NULL, 0, NULL, 0 },
	};
	int opt;

	while ((opt = getopt_long(argc, argv, "hi:c:m:t:kl:b", options, NULL)) != -1) {
		switch (opt) {
		case 'h':
			fputs(usage, stdout);
			exit(0);
		case 'i':
			read_file(&o->guest.initrd, optarg, 4);
			break;
		case 'c':
			o->guest.cmdline = optarg;
			break;
		case 'm':
			o->mem_mb = parse_number(optarg, RAM_MAX >> 20);
			break;
		case 't':
			o->vtpm = optarg;
			break;
		case 'k':
			o->keep_power = true;
			break;
		case 'l':
			o->event_log = optarg;
			break;
		case 'b':
			o->guest.until_mark = true;
			break;
		case 'x':
			o->guest.no_xsave = true;
			break;
		default:
			optind = argc;
		}
	}
	if (argc - optind != 1 ||
	    (!o->vtpm && (o->event_log || o->keep_power)) ||
	    (o->event_log && o->keep_power)) {
		fputs(usage, stderr);
		exit(END_USAGE);
	}
	o->kernel = argv[optind];
}

/* Shared and of a file, as the vTPM's vDPA device needs it. */
static void make_ram(struct guest *g, unsigned int mb)
{
	int fd = memfd_create("guest", MFD_CLOEXEC);

	g->ram_size = (size_t)mb << 20;
	if (fd < 0 || ftruncate(fd, g->ram_size))
		die("memory: %m");
	g->ram = mmap(NULL, g->ram_size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (g->ram == MAP_FAILED)
		die("memory: %m");
	close(fd);
}

/*
 * The VMM's process. It does not outlive the launcher, and a signal ends it at
 * once, as a machine that is unplugged.
 */
static noreturn void run_vmm(struct options *o, int vhost_fd, pid_t launcher,
			     const sigset_t *mask)
{
	struct vhost vhost;

	if (prctl(PR_SET_PDEATHSIG, SIGKILL) || getppid() != launcher)
		_exit(END_FAILURE);
	sigprocmask(SIG_SETMASK, mask, NULL);
	if (vhost_fd >= 0)
		vhost_own(&vhost, vhost_fd, &o->guest);
	_exit(vm_run(&o->guest, vhost_fd >= 0 ? &vhost : NULL));
}

/*
 * Waits for the VMM, and passes on what is to end it: that is @unplugged. Its wait
 * status.
 */
static int supervise(pid_t pid, const sigset_t *signals, bool *unplugged)
{
	int status, sig;

	*unplugged = false;
	for (;;) {
		if (waitpid(pid, &status, WNOHANG) == pid)
			return status;
		sig = sigwaitinfo(signals, NULL);
		if (sig > 0 && sig != SIGCHLD) {
			kill(pid, sig);
			*unplugged = true;
		}
	}
}

static int vm_status(int status)
{
	if (WIFSIGNALED(status)) {
		say("killed by signal %d (%s)", WTERMSIG(status),
		    strsignal(WTERMSIG(status)));
		return 128 + WTERMSIG(status);
	}
	return WEXITSTATUS(status);
}

/* The vTPM as it shall be when the guest begins; its vhost device, or -1. */
static int prepare_vtpm(struct options *o)
{
	if (!o->vtpm)
		return -1;
	if (!strcmp(o->vtpm, "new"))
		vtpm_create(&launch);
	else
		vtpm_find(&launch, parse_number(o->vtpm, VTPM_MAX_INSTANCES - 1));
	if (!o->keep_power)
		vtpm_power_on(&launch, &o->guest);
	if (o->event_log)
		write_log(o->event_log, &o->guest.log);
	o->guest.has_vtpm = true;
	return vtpm_open_vhost(&launch);
}

int main(int argc, char **argv)
{
	struct options o = {
		.guest.cmdline = "console=ttyS0 panic=-1 pci=off",
		.guest.begin_ns = now_ns(),
		.mem_mb = 256,
	};
	pid_t pid, launcher = getpid();
	int vhost_fd, status;
	sigset_t signals, mask;
	bool unplugged;

	parse(&o, argc, argv);
	sigemptyset(&signals);
	sigaddset(&signals, SIGCHLD);
	sigaddset(&signals, SIGHUP);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGTERM);
	sigprocmask(SIG_BLOCK, &signals, &mask);
	read_file(&o.guest.kernel, o.kernel, 1);
	make_ram(&o.guest, o.mem_mb);
	vhost_fd = prepare_vtpm(&o);
	boot_load(&o.guest);

	pid = fork();
	if (pid < 0)
		die("fork: %m");
	if (!pid) {
		if (launch.mux >= 0)
			close(launch.mux);
		launch.made = false;
		run_vmm(&o, vhost_fd, launcher, &mask);
	}
	if (vhost_fd >= 0)
		close(vhost_fd);
	status = vm_status(supervise(pid, &signals, &unplugged));
	if (o.vtpm)
		vtpm_end(&launch, status == END_POWER_OFF || unplugged);
	return status;
}
