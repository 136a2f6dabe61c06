// SPDX-License-Identifier: GPL-2.0
/*
 * What /dev/vtpmN does that /dev/tpmN does not: power, locality, cancelling,
 * slow commands that others wait for, and being destroyed while in use.
 */
#include <pthread.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>

#include "tpm.h"

/* Each test has a vTPM of its own. */
static int mux;
static unsigned int number;

static void make(__u32 assurance, __u32 flags)
{
	mux = open_mux();
	number = make_vtpm(mux, assurance, flags);
}

/* A software vTPM, started. */
static int make_started(void)
{
	int fd;

	make(VTPM_ASSURANCE_SOFTWARE, 0);
	fd = open_vtpm(number);
	CHECK_EQ(vtpm_dev_power(fd, VTPM_POWER_ON), 0);
	TPM_EXPECT(fd, tpm_startup, 0);
	return fd;
}

static struct vtpm_info get_info(int fd)
{
	struct vtpm_info info;

	CHECK_EQ(vtpm_dev_info(fd, &info), 0);
	return info;
}

/* A key generation that was not seen before. */
static void slow_command(__u8 cmd[sizeof(tpm_slow)])
{
	memcpy(cmd, tpm_slow, sizeof(tpm_slow));
	CHECK(syscall(SYS_getrandom, cmd + TPM_SLOW_UNIQUE, 4, 0) == 4);
}

static ssize_t write_slow(int fd)
{
	__u8 cmd[sizeof(tpm_slow)];

	slow_command(cmd);
	return write(fd, cmd, sizeof(cmd));
}

/* Forks a process that blocks in a write of the slow command. */
static pid_t fork_slow(int fd)
{
	pid_t pid = fork();

	if (!pid) {
		CHECK_EQ(write_slow(fd), sizeof(tpm_slow));
		_exit(0);
	}
	usleep(100000);
	return pid;
}

static void reap(pid_t pid, int want)
{
	int status;

	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK_EQ(status, want);
}

static void need_chip(void)
{
	struct vtpm_host_status host;

	mux = open_mux();
	CHECK_EQ(vtpm_mux_host_status(mux, &host), 0);
	if (host.state != VTPM_HOST_READY)
		SKIP("no chip");
}

/* A vTPM in the chip, started. */
static int make_in_chip(void)
{
	int fd;

	need_chip();
	number = make_vtpm(mux, VTPM_ASSURANCE_HARDWARE, 0);
	fd = open_vtpm(number);
	CHECK_EQ(vtpm_dev_power(fd, VTPM_POWER_ON), 0);
	TPM_EXPECT(fd, tpm_startup, 0);
	return fd;
}

/* Tests with this flag may leave the chip paused. */
#define PAUSES	1
#define VMCTL	"../vm/vmctl"

static void chip_pause(void)
{
	if (access("/run/vm-ctl", F_OK))
		SKIP("not in a test host: the chip cannot be paused");
	CHECK_EQ(system(VMCTL " chip-pause"), 0);
}

static void chip_continue(void)
{
	CHECK_EQ(system(VMCTL " chip-continue"), 0);
}

/* A vTPM in the chip that is busy until the chip continues. */
static pid_t make_busy(int *fd)
{
	pid_t pid;

	*fd = make_in_chip();
	chip_pause();
	pid = fork_slow(*fd);
	CHECK_EQ(waitpid(pid, NULL, WNOHANG), 0);
	return pid;
}

TEST(declared_size_below_header)
{
	int fd = make_started();
	__u8 cmd[12], rsp[64];
	__u32 size;
	double start;

	for (size = 1; size < TPM_HEADER; size++) {
		memcpy(cmd, tpm_get_random, sizeof(cmd));
		tpm_set_size(cmd, size);
		start = now();
		CHECK_EQ(write(fd, cmd, sizeof(cmd)), sizeof(cmd));
		CHECK_EQ(read(fd, rsp, sizeof(rsp)), TPM_HEADER);
		CHECK(tpm_rc(rsp));
		CHECK(now() - start < 1);
	}
	CHECK_EQ(write(fd, cmd, TPM_HEADER), TPM_HEADER);
	CHECK_EQ(read(fd, rsp, sizeof(rsp)), TPM_HEADER);
	destroy_vtpm(mux, number);
}

/* Then it asks for TPM_PT_MAX_COMMAND_SIZE, of which its CRB needs 3968. */
TEST(qemu_buffer_size)
{
	static const __u8 cmd[] = {
		0x80, 0x01, 0, 0, 0, 22, 0, 0, 0x01, 0x7a,
		0, 0, 0, 6, 0, 0, 0x01, 0x1e, 0, 0, 0, 2
	};
	__u8 rsp[64];
	int fd;

	make(VTPM_ASSURANCE_SOFTWARE, VTPM_CREATE_POWER_FOLLOWS_OPEN);
	fd = open_vtpm(number);
	CHECK_EQ(write(fd, tpm_read_clock, TPM_HEADER), TPM_HEADER);
	CHECK(read(fd, rsp, sizeof(rsp)) >= TPM_HEADER);
	CHECK_EQ(write(fd, cmd, sizeof(cmd)), sizeof(cmd));
	CHECK_EQ(read(fd, rsp, sizeof(rsp)), 35);
	CHECK_EQ(tpm_rc(rsp), 0);
	CHECK_EQ(rsp[21] << 8 | rsp[22], 0x011e);
	CHECK_EQ(rsp[25] << 8 | rsp[26], 3968);
	destroy_vtpm(mux, number);
}

/* What QEMU's passthrough sends first, to a vTPM that is off or on. */
TEST(qemu_probe)
{
	struct vtpm_info info;
	__u8 rsp[64];
	double start;
	int fd, i;

	make(VTPM_ASSURANCE_SOFTWARE, 0);
	fd = open_vtpm(number);
	for (i = 0; i < 3; i++) {
		start = now();
		CHECK_EQ(write(fd, tpm_read_clock, TPM_HEADER), TPM_HEADER);
		CHECK_EQ(read(fd, rsp, sizeof(rsp)), TPM_HEADER);
		CHECK(now() - start < 1);
		CHECK_EQ(rsp[0] << 8 | rsp[1], 0x8001);
		CHECK_EQ(rsp[5], TPM_HEADER);
		CHECK_EQ(tpm_rc(rsp), i ? TPM_RC_INITIALIZE : TPM_RC_FAILURE);
		CHECK_EQ(vtpm_dev_power(fd, VTPM_POWER_RESET), 0);
	}
	info = get_info(fd);
	CHECK_EQ(info.commands, 3);
	CHECK_EQ(info.errors, 3);
	CHECK_EQ(info.chip_commands, 0);
	destroy_vtpm(mux, number);
}

TEST(power)
{
	struct vtpm_info info;
	int fd;

	make(VTPM_ASSURANCE_SOFTWARE, 0);
	fd = open_vtpm(number);
	TPM_EXPECT(fd, tpm_get_random, TPM_RC_FAILURE);
	info = get_info(fd);
	CHECK_EQ(info.state, VTPM_STATE_OPEN);

	CHECK_EQ(vtpm_dev_power(fd, VTPM_POWER_ON), 0);
	info = get_info(fd);
	CHECK_EQ(info.state, VTPM_STATE_OPEN | VTPM_STATE_POWERED);
	TPM_EXPECT(fd, tpm_get_random, TPM_RC_INITIALIZE);
	TPM_EXPECT(fd, tpm_startup, 0);
	info = get_info(fd);
	CHECK_EQ(info.state, VTPM_STATE_OPEN | VTPM_STATE_POWERED |
			     VTPM_STATE_STARTED);
	TPM_EXPECT(fd, tpm_get_random, 0);

	/* On again is no power cycle, reset is. */
	CHECK_EQ(vtpm_dev_power(fd, VTPM_POWER_ON), 0);
	TPM_EXPECT(fd, tpm_get_random, 0);
	CHECK_EQ(vtpm_dev_power(fd, VTPM_POWER_RESET), 0);
	TPM_EXPECT(fd, tpm_get_random, TPM_RC_INITIALIZE);
	TPM_EXPECT(fd, tpm_startup, 0);
	CHECK_EQ(vtpm_dev_power(fd, VTPM_POWER_OFF), 0);
	CHECK_EQ(vtpm_dev_power(fd, VTPM_POWER_OFF), 0);
	TPM_EXPECT(fd, tpm_get_random, TPM_RC_FAILURE);
	CHECK_EQ(vtpm_dev_power(fd, VTPM_POWER_RESET), 0);
	TPM_EXPECT(fd, tpm_startup, 0);
	CHECK_EQ(vtpm_dev_power(fd, 3), -EINVAL);
	CHECK_EQ(vtpm_dev_power(fd, -1), -EINVAL);
	TPM_EXPECT(fd, tpm_get_random, 0);

	/* Closing it is no power cycle either. */
	close(fd);
	fd = open_vtpm(number);
	TPM_EXPECT(fd, tpm_get_random, 0);
	destroy_vtpm(mux, number);
}

/* It does not change the power, but lasts no longer. */
TEST(physical_presence)
{
	const unsigned int on = VTPM_STATE_OPEN | VTPM_STATE_POWERED;
	int fd;

	make(VTPM_ASSURANCE_SOFTWARE, 0);
	fd = open_vtpm(number);
	CHECK_EQ(vtpm_dev_power_presence(fd, VTPM_POWER_OFF), -EINVAL);
	CHECK_EQ(vtpm_dev_power_presence(fd, VTPM_POWER_ON), 0);
	CHECK_EQ(get_info(fd).state, on | VTPM_STATE_PRESENCE);
	TPM_EXPECT(fd, tpm_startup, 0);
	CHECK_EQ(vtpm_dev_power(fd, VTPM_POWER_ON), 0);
	CHECK_EQ(get_info(fd).state, on | VTPM_STATE_STARTED);
	CHECK_EQ(vtpm_mux_power_presence(mux, number, VTPM_POWER_ON), 0);
	CHECK_EQ(get_info(fd).state, on | VTPM_STATE_STARTED |
				     VTPM_STATE_PRESENCE);
	CHECK_EQ(vtpm_dev_power(fd, VTPM_POWER_RESET), 0);
	CHECK_EQ(get_info(fd).state, on);
	CHECK_EQ(vtpm_dev_power_presence(fd, VTPM_POWER_RESET), 0);
	CHECK_EQ(get_info(fd).state, on | VTPM_STATE_PRESENCE);
	CHECK_EQ(vtpm_dev_power(fd, VTPM_POWER_OFF), 0);
	CHECK_EQ(get_info(fd).state, VTPM_STATE_OPEN);
	close(fd);
	destroy_vtpm(mux, number);
}

/* What is measured is the engine's to test; here, when and how much. */
TEST(measure)
{
	const unsigned int all = VTPM_MEASURE_START | VTPM_MEASURE_END;
	static char block[VTPM_MEASURE_MAX + 1];
	struct vtpm_measure args = {
		.size = sizeof(args), .flags = all, .len = sizeof(block),
		.data = (uintptr_t)block,
	};
	int fd;

	make(VTPM_ASSURANCE_SOFTWARE, 0);
	fd = open_vtpm(number);
	CHECK_EQ(vtpm_dev_measure(fd, all, "a", 1), -EHOSTDOWN);
	CHECK_EQ(vtpm_dev_power(fd, VTPM_POWER_ON), 0);
	CHECK_EQ(vtpm_dev_measure(fd, VTPM_MEASURE_END, "a", 1), -EINVAL);
	CHECK_EQ(vtpm_dev_measure(fd, 0, "a", 1), -EINVAL);
	CHECK_EQ(vtpm_dev_measure(fd, all | 4, "a", 1), -EINVAL);
	CHECK_EQ(vtpm_dev_measure(fd, all, NULL, 1), -EFAULT);
	CHECK_EQ(ioctl(fd, VTPM_IOC_MEASURE, &args), -1);
	CHECK_EQ(errno, EINVAL);
	CHECK_EQ(vtpm_dev_measure(fd, all, NULL, 0), 0);
	CHECK_EQ(vtpm_dev_measure(fd, VTPM_MEASURE_START, "a", 1), 0);
	CHECK_EQ(vtpm_mux_measure(mux, number, 0, block, sizeof(block)), 0);
	CHECK_EQ(vtpm_mux_measure(mux, number, VTPM_MEASURE_END, NULL, 0), 0);
	CHECK_EQ(vtpm_dev_measure(fd, 0, "a", 1), -EINVAL);
	/* a power change forgets what was begun */
	CHECK_EQ(vtpm_dev_measure(fd, VTPM_MEASURE_START, "a", 1), 0);
	CHECK_EQ(vtpm_dev_power(fd, VTPM_POWER_RESET), 0);
	CHECK_EQ(vtpm_dev_measure(fd, VTPM_MEASURE_END, "a", 1), -EINVAL);
	TPM_EXPECT(fd, tpm_startup, 0);
	CHECK_EQ(vtpm_dev_measure(fd, all, "a", 1), 0);
	close(fd);
	destroy_vtpm(mux, number);
	CHECK_EQ(vtpm_mux_measure(mux, number, all, "a", 1), -ENOENT);
}

TEST(power_follows_open)
{
	struct vtpm_info info;
	int i, fd, copy;

	make(VTPM_ASSURANCE_SOFTWARE, VTPM_CREATE_POWER_FOLLOWS_OPEN);
	for (i = 0; i < 3; i++) {
		CHECK_EQ(vtpm_mux_info(mux, number, &info), 0);
		CHECK_EQ(info.state, 0);
		CHECK_EQ(info.flags, VTPM_CREATE_POWER_FOLLOWS_OPEN);
		/* Whatever happened before, open is a power cycle. */
		if (i == 2)
			CHECK_EQ(vtpm_mux_power(mux, number, VTPM_POWER_ON), 0);
		fd = open_vtpm(number);
		info = get_info(fd);
		CHECK_EQ(info.state, VTPM_STATE_OPEN | VTPM_STATE_POWERED);
		TPM_EXPECT(fd, tpm_startup, 0);
		TPM_EXPECT(fd, tpm_get_random, 0);
		copy = dup(fd);
		close(fd);
		TPM_EXPECT(copy, tpm_get_random, 0);
		close(copy);
	}
	destroy_vtpm(mux, number);
}

TEST(locality)
{
	int fd = make_started();
	unsigned int i;

	CHECK_EQ(vtpm_dev_get_locality(fd), 0);
	for (i = 0; i <= 4; i++) {
		CHECK_EQ(vtpm_dev_set_locality(fd, i), 0);
		CHECK_EQ(vtpm_dev_get_locality(fd), i);
		CHECK_EQ(get_info(fd).locality, i);
		TPM_EXPECT(fd, tpm_get_random, 0);
	}
	CHECK_EQ(vtpm_dev_set_locality(fd, 5), -EINVAL);
	CHECK_EQ(vtpm_dev_set_locality(fd, -1), -EINVAL);
	CHECK_EQ(vtpm_dev_get_locality(fd), 4);

	CHECK_EQ(vtpm_dev_power(fd, VTPM_POWER_RESET), 0);
	CHECK_EQ(vtpm_dev_get_locality(fd), 0);
	CHECK_EQ(vtpm_dev_set_locality(fd, 3), 0);
	close(fd);
	fd = open_vtpm(number);
	CHECK_EQ(vtpm_dev_get_locality(fd), 0);
	destroy_vtpm(mux, number);
}

TEST(info)
{
	struct vtpm_info here, there;
	int fd = make_started();

	TPM_EXPECT(fd, tpm_get_random, 0);
	here = get_info(fd);
	CHECK_EQ(vtpm_mux_info(mux, number, &there), 0);
	CHECK(!memcmp(&here, &there, sizeof(here)));
	CHECK_EQ(here.number, number);
	CHECK_EQ(here.commands, 2);
	CHECK_EQ(here.errors, 0);
	CHECK_EQ(here.assurance, VTPM_ASSURANCE_SOFTWARE);
	CHECK_EQ(here.pcr_banks, 0xf);
	CHECK(here.ns);
	CHECK(here.memory);
	destroy_vtpm(mux, number);
}

TEST(sysfs)
{
	static const char * const names[] = {
		"uuid", "assurance", "power_state", "dev"
	};
	char path[64], text[64];
	unsigned int i;
	FILE *f;

	make(VTPM_ASSURANCE_SOFTWARE, 0);
	CHECK_EQ(vtpm_mux_power(mux, number, VTPM_POWER_ON), 0);
	for (i = 0; i < 4; i++) {
		snprintf(path, sizeof(path), "/sys/class/vtpm/vtpm%u/%s",
			 number, names[i]);
		f = fopen(path, "r");
		CHECK(f && fgets(text, sizeof(text), f));
		fclose(f);
		CHECK(i != 0 || strlen(text) == 37);
		CHECK(i != 1 || !strcmp(text, "software\n"));
		CHECK(i != 2 || !strcmp(text, "on\n"));
	}
	destroy_vtpm(mux, number);
	CHECK_ERRNO(access(path, F_OK), ENOENT);
}

/* Neither of them has to wait for a command. */
TEST_FLAGS(ioctls_while_busy, PAUSES)
{
	int fd;
	pid_t pid = make_busy(&fd);
	struct vtpm_stat *rows;
	double start = now();

	CHECK_EQ(get_info(fd).commands, 1);
	CHECK_EQ(vtpm_dev_get_locality(fd), 0);
	CHECK_EQ(vtpm_mux_stats(mux, number, 0, &rows), 1);
	CHECK_EQ(vtpm_dev_open(number, 0), -EBUSY);
	CHECK_EQ(vtpm_mux_destroy(mux, number, 0), -EBUSY);
	CHECK_EQ(poll_now(fd), 0);
	CHECK(now() - start < 1);
	CHECK_EQ(waitpid(pid, NULL, WNOHANG), 0);
	chip_continue();
	reap(pid, 0);
	CHECK_EQ(poll_now(fd), POLLIN);
	destroy_vtpm(mux, number);
}

/* A change of power waits for the command under way. */
TEST_FLAGS(power_while_busy, PAUSES)
{
	int fd;
	pid_t pid = make_busy(&fd), helper = fork();
	__u8 rsp[TPM_BUFSIZE];

	if (!helper) {
		usleep(300000);
		CHECK_EQ(poll_now(fd), 0);
		chip_continue();
		_exit(0);
	}
	CHECK_EQ(vtpm_mux_power(mux, number, VTPM_POWER_RESET), 0);
	reap(helper, 0);
	CHECK_EQ(poll_in(fd), POLLIN);
	CHECK(read(fd, rsp, sizeof(rsp)) > TPM_HEADER);
	CHECK_EQ(tpm_rc(rsp), 0);
	TPM_EXPECT(fd, tpm_get_random, TPM_RC_INITIALIZE);
	reap(pid, 0);
	destroy_vtpm(mux, number);
}

TEST(poll_while_busy)
{
	int fd = make_started();
	__u8 rsp[TPM_BUFSIZE];
	double start = now();

	CHECK(!fcntl(fd, F_SETFL, O_NONBLOCK));
	CHECK_EQ(write_slow(fd), sizeof(tpm_slow));
	CHECK_EQ(poll_now(fd), 0);
	CHECK(now() - start < 0.5);
	CHECK_EQ(poll_in(fd), POLLIN);
	CHECK(read(fd, rsp, sizeof(rsp)) > TPM_HEADER);
	CHECK_EQ(tpm_rc(rsp), 0);
	CHECK_EQ(poll_now(fd), POLLOUT);
	destroy_vtpm(mux, number);
}

/* A read right after a non-blocking write gets the response, not 0. */
TEST(read_while_busy)
{
	int i, fd = make_started();
	__u8 rsp[TPM_BUFSIZE];

	CHECK(!fcntl(fd, F_SETFL, O_NONBLOCK));
	CHECK_EQ(write_slow(fd), sizeof(tpm_slow));
	CHECK(read(fd, rsp, sizeof(rsp)) > TPM_HEADER);
	for (i = 0; i < 1000; i++)
		TPM_EXPECT(fd, tpm_get_random, 0);
	destroy_vtpm(mux, number);
}

TEST(write_while_busy)
{
	int fd = make_started();

	CHECK(!fcntl(fd, F_SETFL, O_NONBLOCK));
	CHECK_EQ(write_slow(fd), sizeof(tpm_slow));
	CHECK_ERRNO(write(fd, tpm_get_random, GET_RANDOM_SIZE), EBUSY);
	CHECK_EQ(poll_in(fd), POLLIN);
	destroy_vtpm(mux, number);
}

/* Who waits for another's command can be killed at once. */
TEST_FLAGS(killed_while_waiting, PAUSES)
{
	int i, fd;
	pid_t slow = make_busy(&fd), pid;
	__u8 rsp[TPM_BUFSIZE];
	double start;

	for (i = 0; i < 3; i++) {
		pid = fork();
		if (!pid) {
			if (i == 0)
				i = write(fd, tpm_get_random, GET_RANDOM_SIZE);
			else if (i == 1)
				i = read(fd, rsp, sizeof(rsp));
			else
				i = vtpm_mux_power(mux, number, VTPM_POWER_OFF);
			_exit(1);
		}
		usleep(50000);
		start = now();
		kill(pid, SIGKILL);
		reap(pid, SIGKILL);
		CHECK(now() - start < 0.5);
	}
	CHECK_EQ(waitpid(slow, NULL, WNOHANG), 0);
	chip_continue();
	reap(slow, 0);
	CHECK(read(fd, rsp, sizeof(rsp)) > TPM_HEADER);
	TPM_EXPECT(fd, tpm_get_random, 0);
	destroy_vtpm(mux, number);
}

/* Who runs a command finishes it; nothing is left behind. */
TEST(killed_while_busy)
{
	int fd = make_started();
	pid_t pid = fork_slow(fd);
	int status;

	close(fd);
	kill(pid, SIGKILL);
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	fd = open_vtpm(number);
	CHECK_EQ(poll_now(fd), POLLOUT);
	TPM_EXPECT(fd, tpm_get_random, 0);
	destroy_vtpm(mux, number);
}

/* Works as before: the chip included. */
static void check_chip_works(int fd)
{
	__u8 rsp[TPM_BUFSIZE];

	TPM_EXPECT(fd, tpm_get_random, 0);
	CHECK_EQ(write_slow(fd), sizeof(tpm_slow));
	CHECK(read(fd, rsp, sizeof(rsp)) > TPM_HEADER);
	CHECK_EQ(tpm_rc(rsp), 0);
	CHECK(get_info(fd).chip_commands);
}

TEST(chip_works)
{
	int fd = make_in_chip();
	struct vtpm_info before = get_info(fd);

	check_chip_works(fd);
	CHECK(get_info(fd).chip_commands > before.chip_commands);
	destroy_vtpm(mux, number);
}

/* The class of an object as the vendor property of its handle tells it. */
static __u32 object_class(int fd, __u32 handle)
{
	__u8 cmd[] = {
		0x80, 0x01, 0, 0, 0, 22, 0, 0, 0x01, 0x7a,
		0, 0, 0x01, 0, 0, 0, 0, 0, 0, 0, 0, 1
	};
	/* moreData, capability, then one pair of handle and class */
	struct __attribute__((packed)) {
		__u8 header[TPM_HEADER];
		__u8 more;
		__be32 cap, count, handle, class;
	} rsp;

	handle = htobe32(handle);
	memcpy(cmd + 14, &handle, sizeof(handle));
	CHECK_EQ(write(fd, cmd, sizeof(cmd)), sizeof(cmd));
	CHECK_EQ(read(fd, &rsp, sizeof(rsp)), sizeof(rsp));
	CHECK_EQ(tpm_rc(rsp.header), 0);
	CHECK_EQ(be32toh(rsp.count), 1);
	CHECK_EQ(rsp.handle, handle);
	return be32toh(rsp.class);
}

TEST(class_in_chip)
{
	int fd = make_in_chip();
	struct vtpm_info info = get_info(fd);

	CHECK_EQ(info.hardware, 0);
	check_chip_works(fd);
	CHECK_EQ(object_class(fd, 0x80000000), 1);
	info = get_info(fd);
	CHECK_EQ(info.hardware, 1);
	CHECK_EQ(info.sealed, 0);
	CHECK_EQ(info.software, 0);
	destroy_vtpm(mux, number);
}

TEST(class_software)
{
	int fd = make_started();
	__u8 rsp[TPM_BUFSIZE];

	CHECK_EQ(write_slow(fd), sizeof(tpm_slow));
	CHECK(read(fd, rsp, sizeof(rsp)) > TPM_HEADER);
	CHECK_EQ(tpm_rc(rsp), 0);
	CHECK_EQ(object_class(fd, 0x80000000), 0);
	CHECK_EQ(get_info(fd).software, 1);
	CHECK_EQ(get_info(fd).hardware, 0);
	destroy_vtpm(mux, number);
}

/* CreatePrimary of six bytes of sealed data; the same object each time. */
static const __u8 create_sealed[] = {
	0x80, 0x02, 0, 0, 0, 61, 0, 0, 0x01, 0x31,
	0x40, 0, 0, 0x01,				/* TPM_RH_OWNER */
	0, 0, 0, 9, 0x40, 0, 0, 0x09, 0, 0, 0, 0, 0,	/* empty password */
	0, 10, 0, 0, 0, 6, 's', 'e', 'c', 'r', 'e', 't',
	0, 14, 0, 0x08, 0, 0x0b, 0, 0, 0x04, 0x52, 0, 0, 0, 0x10, 0, 0,
	0, 0,						/* outsideInfo */
	0, 0, 0, 0,					/* creationPCR */
};

/* What unsealing that has cost in chip commands; checks what comes out. */
static __u64 unseal(int fd)
{
	static const __u8 cmd[] = {
		0x80, 0x02, 0, 0, 0, 27, 0, 0, 0x01, 0x5e, 0x80, 0, 0, 0,
		0, 0, 0, 9, 0x40, 0, 0, 0x09, 0, 0, 0, 0, 0,
	};
	__u64 before = get_info(fd).chip_commands;
	__u8 rsp[TPM_BUFSIZE];

	CHECK_EQ(write(fd, cmd, sizeof(cmd)), sizeof(cmd));
	/* header, parameter size, TPM2B, and a session of an empty password */
	CHECK_EQ(read(fd, rsp, sizeof(rsp)), TPM_HEADER + 4 + 2 + 6 + 5);
	CHECK_EQ(tpm_rc(rsp), 0);
	CHECK(!memcmp(rsp + TPM_HEADER + 4, "\0\6secret", 8));
	return get_info(fd).chip_commands - before;
}

/* The chip is needed for a vTPM's first sealed object, and once after a reset. */
TEST(class_sealed)
{
	int fd = make_in_chip();
	__u64 before = get_info(fd).chip_commands;

	TPM_EXPECT(fd, create_sealed, 0);
	CHECK(get_info(fd).chip_commands > before);
	CHECK_EQ(object_class(fd, 0x80000000), 2);
	CHECK_EQ(get_info(fd).sealed, 1);
	CHECK_EQ(get_info(fd).software, 0);
	CHECK_EQ(unseal(fd), 0);
	CHECK_EQ(unseal(fd), 0);

	CHECK_EQ(vtpm_dev_power(fd, VTPM_POWER_RESET), 0);
	TPM_EXPECT(fd, tpm_startup, 0);
	before = get_info(fd).chip_commands;
	TPM_EXPECT(fd, create_sealed, 0);
	CHECK_EQ(get_info(fd).chip_commands, before);
	CHECK(unseal(fd));
	CHECK_EQ(unseal(fd), 0);
	destroy_vtpm(mux, number);
}

TEST_FLAGS(cancel, PAUSES)
{
	int fd;
	__u8 rsp[TPM_BUFSIZE];
	double start;
	pid_t pid = make_busy(&fd);

	start = now();
	CHECK_EQ(vtpm_dev_cancel(fd), 0);
	reap(pid, 0);
	CHECK(now() - start < 1);
	CHECK_EQ(read(fd, rsp, sizeof(rsp)), TPM_HEADER);
	CHECK_EQ(tpm_rc(rsp), TPM_RC_CANCELED);

	/* It was that command alone, and cancelling nothing is nothing. */
	CHECK_EQ(vtpm_dev_cancel(fd), 0);
	TPM_EXPECT(fd, tpm_get_random, 0);
	chip_continue();
	check_chip_works(fd);
	destroy_vtpm(mux, number);
}

TEST_FLAGS(cancel_nonblocking, PAUSES)
{
	int fd = make_in_chip();
	__u8 rsp[TPM_BUFSIZE];

	CHECK(!fcntl(fd, F_SETFL, O_NONBLOCK));
	chip_pause();
	CHECK_EQ(write_slow(fd), sizeof(tpm_slow));
	usleep(100000);
	CHECK_EQ(poll_now(fd), 0);
	CHECK_EQ(vtpm_mux_cancel(mux, number), 0);
	CHECK_EQ(poll_in(fd), POLLIN);
	CHECK_EQ(read(fd, rsp, sizeof(rsp)), TPM_HEADER);
	CHECK_EQ(tpm_rc(rsp), TPM_RC_CANCELED);
	chip_continue();
	destroy_vtpm(mux, number);
}

TEST_FLAGS(killed_while_chip_busy, PAUSES)
{
	int fd;
	double start;
	pid_t pid = make_busy(&fd);

	close(fd);
	start = now();
	kill(pid, SIGKILL);
	reap(pid, SIGKILL);
	CHECK(now() - start < 1);
	fd = open_vtpm(number);
	TPM_EXPECT(fd, tpm_get_random, 0);
	chip_continue();
	check_chip_works(fd);
	destroy_vtpm(mux, number);
}

TEST_FLAGS(destroyed_while_chip_busy, PAUSES)
{
	int fd;
	struct vtpm_info info;
	double start;
	pid_t pid = make_busy(&fd);

	start = now();
	destroy_vtpm(mux, number);
	CHECK_EQ(waitpid(pid, NULL, 0), pid);
	CHECK(now() - start < 1);
	CHECK_EQ(vtpm_dev_info(fd, &info), -ENODEV);
	chip_continue();
	fd = make_in_chip();
	check_chip_works(fd);
	destroy_vtpm(mux, number);
}

/* One that waits for the chip does not hold up another that needs none. */
TEST_FLAGS(others_while_chip_busy, PAUSES)
{
	unsigned int busy;
	int fd = make_in_chip(), other;
	double start;
	pid_t pid;

	busy = number;
	other = make_started();
	chip_pause();
	pid = fork_slow(fd);
	start = now();
	TPM_EXPECT(other, tpm_get_random, 0);
	destroy_vtpm(mux, number);
	CHECK(now() - start < 1);
	chip_continue();
	reap(pid, 0);
	destroy_vtpm(mux, busy);
}

static void *poll_thread(void *arg)
{
	struct pollfd p = { .fd = *(int *)arg, .events = POLLIN };

	CHECK_EQ(poll(&p, 1, 20000), 1);
	CHECK_EQ(p.revents, POLLERR | POLLHUP);
	return NULL;
}

TEST(destroyed_while_open)
{
	int fd = make_started(), again;
	__u8 rsp[TPM_BUFSIZE];
	unsigned int same = number;
	struct vtpm_create create = {
		.flags = VTPM_CREATE_NUMBER,
		.number = number,
		.assurance = VTPM_ASSURANCE_SOFTWARE,
	};
	struct vtpm_info info;
	pthread_t thread;

	CHECK_EQ(vtpm_mux_destroy(mux, number, 0), -EBUSY);
	TPM_EXPECT(fd, tpm_get_random, 0);
	CHECK(!pthread_create(&thread, NULL, poll_thread, &fd));
	usleep(50000);
	CHECK_EQ(vtpm_mux_destroy(mux, number, VTPM_DESTROY_FORCE), 0);
	CHECK(!pthread_join(thread, NULL));
	CHECK_ERRNO(read(fd, rsp, sizeof(rsp)), ENODEV);
	CHECK_ERRNO(write(fd, tpm_get_random, GET_RANDOM_SIZE), ENODEV);
	CHECK_EQ(vtpm_dev_info(fd, &info), -ENODEV);
	CHECK_EQ(vtpm_dev_power(fd, VTPM_POWER_ON), -ENODEV);
	CHECK_EQ(vtpm_dev_cancel(fd), -ENODEV);
	CHECK_EQ(poll_now(fd), POLLERR | POLLHUP);
	CHECK_EQ(vtpm_mux_info(mux, same, &info), -ENOENT);
	CHECK_EQ(vtpm_dev_open(same, 0), -ENOENT);

	/* The number is free at once; the old descriptor is not the new one's. */
	CHECK_EQ(vtpm_mux_create(mux, &create), 0);
	CHECK_EQ(create.number, same);
	again = open_vtpm(same);
	CHECK_ERRNO(write(fd, tpm_get_random, GET_RANDOM_SIZE), ENODEV);
	close(fd);
	CHECK_EQ(vtpm_dev_open(same, 0), -EBUSY);
	close(again);
	CHECK_EQ(vtpm_mux_destroy(mux, same, 0), 0);
}

TEST(destroyed_while_busy)
{
	int fd = make_started();
	__u8 rsp[TPM_BUFSIZE];
	pid_t pid = fork_slow(fd);
	struct vtpm_info info;
	int status;

	destroy_vtpm(mux, number);
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK_ERRNO(read(fd, rsp, sizeof(rsp)), ENODEV);
	CHECK_EQ(vtpm_mux_info(mux, number, &info), -ENOENT);
}

int main(void)
{
	struct tap_test *test;

	tap_begin();
	for (test = tap_first; test; test = test->next) {
		if (tap_run(test, "") != TAP_SKIP && test->flags & PAUSES)
			chip_continue();
	}
	return tap_end();
}
