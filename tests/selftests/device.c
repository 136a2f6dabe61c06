// SPDX-License-Identifier: GPL-2.0
/*
 * /dev/vtpmN answers as /dev/tpmN does: each test here runs on both.
 */
#include <pthread.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/uio.h>

#include "tpm.h"

static const char *device;

static int dev_open_flags(int flags)
{
	int fd = open(device, O_RDWR | O_CLOEXEC | flags);

	if (fd < 0)
		tap_fail("open %s: %s", device, strerror(errno));
	return fd;
}

static int dev_open(void)
{
	return dev_open_flags(0);
}

/* Writes TPM2_GetRandom; its response is there to be read. */
static void send_random(int fd)
{
	CHECK_EQ(write(fd, tpm_get_random, GET_RANDOM_SIZE), GET_RANDOM_SIZE);
}

static void receive_random(int fd)
{
	__u8 rsp[TPM_BUFSIZE];

	CHECK_EQ(read(fd, rsp, sizeof(rsp)), GET_RANDOM_RESPONSE);
	CHECK_EQ(tpm_rc(rsp), 0);
	CHECK_EQ(rsp[5], GET_RANDOM_RESPONSE);
}

/* What every test leaves behind is a device that works. */
static void check_works(int fd)
{
	char c;

	send_random(fd);
	receive_random(fd);
	CHECK_EQ(read(fd, &c, 1), 0);
}

TEST(round_trip)
{
	int fd = dev_open();

	check_works(fd);
	check_works(fd);
}

TEST(open_is_exclusive)
{
	int fd = dev_open(), copy;
	pid_t pid;
	int status;

	CHECK_ERRNO(open(device, O_RDWR), EBUSY);
	CHECK_ERRNO(open(device, O_RDONLY), EBUSY);

	/* The last close counts, whoever does it. */
	copy = dup(fd);
	close(fd);
	CHECK_ERRNO(open(device, O_RDWR), EBUSY);
	pid = fork();
	if (!pid) {
		usleep(300000);
		_exit(0);
	}
	close(copy);
	CHECK_ERRNO(open(device, O_RDWR), EBUSY);
	waitpid(pid, &status, 0);
	check_works(dev_open());
}

TEST(access_modes)
{
	__u8 rsp[16];
	int fd = open(device, O_RDONLY);

	CHECK(fd >= 0);
	CHECK_ERRNO(write(fd, tpm_get_random, GET_RANDOM_SIZE), EBADF);
	CHECK_EQ(read(fd, rsp, sizeof(rsp)), 0);
	close(fd);
	fd = open(device, O_WRONLY);
	CHECK(fd >= 0);
	send_random(fd);
	CHECK_ERRNO(read(fd, rsp, sizeof(rsp)), EBADF);
	close(fd);
	check_works(dev_open());
}

TEST(read_without_command)
{
	int fd = dev_open();
	char c;

	CHECK_EQ(read(fd, &c, 1), 0);
	CHECK_EQ(read(fd, &c, 0), 0);
	check_works(fd);
}

TEST(write_too_short)
{
	int fd = dev_open();
	size_t size;

	for (size = 0; size < 6; size++)
		CHECK_ERRNO(write(fd, tpm_get_random, size), EINVAL);
	check_works(fd);
}

TEST(write_too_long)
{
	static __u8 cmd[2 * TPM_BUFSIZE];
	int fd = dev_open();

	memcpy(cmd, tpm_get_random, GET_RANDOM_SIZE);
	CHECK_ERRNO(write(fd, cmd, TPM_BUFSIZE + 1), E2BIG);
	CHECK_ERRNO(write(fd, cmd, sizeof(cmd)), E2BIG);
	/* Before anything is looked at. */
	CHECK_ERRNO(write(fd, NULL, TPM_BUFSIZE + 1), E2BIG);
	check_works(fd);
}

TEST(declared_size_too_large)
{
	__u8 cmd[GET_RANDOM_SIZE];
	int fd = dev_open();
	size_t size;

	for (size = 6; size < GET_RANDOM_SIZE; size++)
		CHECK_ERRNO(write(fd, tpm_get_random, size), EINVAL);
	memcpy(cmd, tpm_get_random, sizeof(cmd));
	tpm_set_size(cmd, sizeof(cmd) + 1);
	CHECK_ERRNO(write(fd, cmd, sizeof(cmd)), EINVAL);
	tpm_set_size(cmd, 0x7fffffff);
	CHECK_ERRNO(write(fd, cmd, sizeof(cmd)), EINVAL);
	tpm_set_size(cmd, 0xffffffff);
	CHECK_ERRNO(write(fd, cmd, sizeof(cmd)), EINVAL);
	check_works(fd);
}

TEST(bytes_after_declared_size)
{
	static __u8 cmd[TPM_BUFSIZE];
	int fd = dev_open();

	memset(cmd, 0xff, sizeof(cmd));
	memcpy(cmd, tpm_get_random, GET_RANDOM_SIZE);
	CHECK_EQ(write(fd, cmd, GET_RANDOM_SIZE + 1), GET_RANDOM_SIZE + 1);
	receive_random(fd);
	CHECK_EQ(write(fd, cmd, sizeof(cmd)), sizeof(cmd));
	receive_random(fd);
	check_works(fd);
}

TEST(declared_size_zero)
{
	__u8 cmd[GET_RANDOM_SIZE];
	int fd = dev_open();
	char c;

	memcpy(cmd, tpm_get_random, sizeof(cmd));
	tpm_set_size(cmd, 0);
	CHECK_ERRNO(write(fd, cmd, sizeof(cmd)), ENODATA);
	CHECK_ERRNO(write(fd, cmd, 6), ENODATA);
	CHECK_EQ(read(fd, &c, 1), 0);
	CHECK_EQ(poll_now(fd), POLLOUT);
	check_works(fd);
}

TEST(declared_size_zero_nonblocking)
{
	__u8 cmd[GET_RANDOM_SIZE];
	int fd = dev_open_flags(O_NONBLOCK);
	char c;

	memcpy(cmd, tpm_get_random, sizeof(cmd));
	tpm_set_size(cmd, 0);
	CHECK_EQ(write(fd, cmd, sizeof(cmd)), sizeof(cmd));
	CHECK_EQ(poll_in(fd), POLLIN);
	/* The error is a response that was not read. */
	CHECK_ERRNO(write(fd, tpm_get_random, GET_RANDOM_SIZE), EBUSY);
	CHECK_ERRNO(read(fd, &c, 1), ENODATA);
	CHECK_EQ(read(fd, &c, 1), 0);
	CHECK_EQ(poll_now(fd), POLLOUT);
}

TEST(faulting_pointers)
{
	__u8 *page = mmap(NULL, 8192, PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int fd = dev_open();
	char c;

	CHECK(page != MAP_FAILED);
	CHECK(!munmap(page + 4096, 4096));
	memcpy(page + 4096 - 8, tpm_get_random, 8);
	CHECK_ERRNO(write(fd, NULL, GET_RANDOM_SIZE), EFAULT);
	CHECK_ERRNO(write(fd, (void *)-4096L, GET_RANDOM_SIZE), EFAULT);
	CHECK_ERRNO(write(fd, page + 4096 - 8, GET_RANDOM_SIZE), EFAULT);
	check_works(fd);

	/* A response that cannot be delivered is lost. */
	send_random(fd);
	CHECK_ERRNO(read(fd, page + 4096 - 8, 20), EFAULT);
	CHECK_EQ(read(fd, &c, 1), 0);
	send_random(fd);
	CHECK_ERRNO(read(fd, NULL, 20), EFAULT);
	CHECK_EQ(read(fd, &c, 1), 0);
	check_works(fd);
}

TEST(partial_reads)
{
	__u8 rsp[TPM_BUFSIZE];
	int fd = dev_open();
	size_t pos;

	send_random(fd);
	CHECK_EQ(read(fd, rsp, TPM_HEADER), TPM_HEADER);
	CHECK_EQ(rsp[5], GET_RANDOM_RESPONSE);
	CHECK_EQ(poll_now(fd), POLLIN);
	for (pos = TPM_HEADER; pos < GET_RANDOM_RESPONSE; pos++)
		CHECK_EQ(read(fd, rsp + pos, 1), 1);
	CHECK_EQ(rsp[TPM_HEADER], 0);
	CHECK_EQ(rsp[TPM_HEADER + 1], GET_RANDOM_BYTES);
	CHECK_EQ(read(fd, rsp, 1), 0);
	CHECK_EQ(poll_now(fd), POLLOUT);

	send_random(fd);
	CHECK_EQ(read(fd, rsp, TPM_HEADER), TPM_HEADER);
	CHECK_EQ(read(fd, rsp, sizeof(rsp)), GET_RANDOM_RESPONSE - TPM_HEADER);
	check_works(fd);
}

TEST(write_before_read)
{
	__u8 rsp[TPM_BUFSIZE];
	int fd = dev_open();

	send_random(fd);
	CHECK_ERRNO(write(fd, tpm_get_random, GET_RANDOM_SIZE), EBUSY);
	/* A read of nothing is no read. */
	CHECK_EQ(read(fd, rsp, 0), 0);
	CHECK_ERRNO(write(fd, tpm_get_random, GET_RANDOM_SIZE), EBUSY);
	/* Busy comes before all that may be wrong with the command. */
	CHECK_ERRNO(write(fd, tpm_get_random, 3), EBUSY);
	CHECK_ERRNO(write(fd, NULL, GET_RANDOM_SIZE), EBUSY);
	/* One byte read, and the rest may be dropped. */
	CHECK_EQ(read(fd, rsp, 1), 1);
	send_random(fd);
	receive_random(fd);
	check_works(fd);
}

TEST(no_position)
{
	__u8 rsp[TPM_BUFSIZE];
	int fd = dev_open();

	CHECK_ERRNO(lseek(fd, 0, SEEK_SET), ESPIPE);
	CHECK_ERRNO(lseek(fd, 5, SEEK_CUR), ESPIPE);
	CHECK_ERRNO(pwrite(fd, tpm_get_random, GET_RANDOM_SIZE, 0), ESPIPE);
	send_random(fd);
	CHECK_ERRNO(pread(fd, rsp, sizeof(rsp), 0), ESPIPE);
	receive_random(fd);
}

TEST(vectors)
{
	__u8 cmd[GET_RANDOM_SIZE], rsp[TPM_BUFSIZE];
	struct iovec iov[2] = {
		{ .iov_base = cmd, .iov_len = TPM_HEADER },
		{ .iov_base = cmd + TPM_HEADER, .iov_len = 2 },
	};
	int fd = dev_open();

	/* Each segment is a write of its own: the first one is too short. */
	memcpy(cmd, tpm_get_random, sizeof(cmd));
	CHECK_ERRNO(writev(fd, iov, 2), EINVAL);

	send_random(fd);
	iov[0] = (struct iovec){ .iov_base = rsp, .iov_len = TPM_HEADER };
	iov[1] = (struct iovec){
		.iov_base = rsp + TPM_HEADER,
		.iov_len = sizeof(rsp) - TPM_HEADER,
	};
	CHECK_EQ(readv(fd, iov, 2), GET_RANDOM_RESPONSE);
	check_works(fd);
}

TEST(no_mmap)
{
	int fd = dev_open();

	CHECK(mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0) == MAP_FAILED);
	CHECK_EQ(errno, ENODEV);
}

TEST(unknown_ioctl)
{
	int fd = dev_open();

	CHECK_ERRNO(ioctl(fd, _IO(0xa1, 0x00), 0), ENOTTY);
	CHECK_ERRNO(ioctl(fd, _IO(0xa1, 0x7f), 0), ENOTTY);
	CHECK_ERRNO(ioctl(fd, 0, 0), ENOTTY);
	/* TCGETS: what isatty() asks. */
	CHECK_EQ(isatty(fd), 0);
	CHECK_EQ(errno, ENOTTY);
}

TEST(poll_states)
{
	int fd = dev_open();
	struct pollfd in = { .fd = fd, .events = POLLIN };
	__u8 rsp[TPM_BUFSIZE];

	CHECK_EQ(poll_now(fd), POLLOUT);
	CHECK_EQ(poll(&in, 1, 50), 0);
	send_random(fd);
	CHECK_EQ(poll_now(fd), POLLIN);
	CHECK_EQ(read(fd, rsp, 1), 1);
	CHECK_EQ(poll_now(fd), POLLIN);
	CHECK_EQ(read(fd, rsp, sizeof(rsp)), GET_RANDOM_RESPONSE - 1);
	CHECK_EQ(poll_now(fd), POLLOUT);
	check_works(fd);
}

TEST(nonblocking)
{
	int i, fd = dev_open_flags(O_NONBLOCK);
	char c;

	CHECK_EQ(poll_now(fd), POLLOUT);
	CHECK_EQ(read(fd, &c, 1), 0);
	for (i = 0; i < 20; i++) {
		send_random(fd);
		CHECK_ERRNO(write(fd, tpm_get_random, GET_RANDOM_SIZE), EBUSY);
		CHECK_EQ(poll_in(fd), POLLIN);
		CHECK_ERRNO(write(fd, tpm_get_random, GET_RANDOM_SIZE), EBUSY);
		receive_random(fd);
		CHECK_EQ(poll_now(fd), POLLOUT);
	}
}

TEST(nonblocking_by_fcntl)
{
	int fd = dev_open();

	CHECK(!fcntl(fd, F_SETFL, O_NONBLOCK));
	send_random(fd);
	CHECK_EQ(poll_in(fd), POLLIN);
	receive_random(fd);
	CHECK(!fcntl(fd, F_SETFL, 0));
	check_works(fd);
}

TEST(nonblocking_refuses_as_blocking)
{
	static __u8 cmd[TPM_BUFSIZE + 1];
	int fd = dev_open_flags(O_NONBLOCK);

	CHECK_ERRNO(write(fd, tpm_get_random, 5), EINVAL);
	CHECK_ERRNO(write(fd, tpm_get_random, GET_RANDOM_SIZE - 1), EINVAL);
	CHECK_ERRNO(write(fd, NULL, GET_RANDOM_SIZE), EFAULT);
	CHECK_ERRNO(write(fd, cmd, sizeof(cmd)), E2BIG);
	CHECK_EQ(poll_now(fd), POLLOUT);
}

TEST(close_with_command_under_way)
{
	int i, fd;

	for (i = 0; i < 20; i++) {
		fd = dev_open_flags(O_NONBLOCK);
		send_random(fd);
		close(fd);
	}
	check_works(dev_open());
}

TEST(close_with_unread_response)
{
	int fd = dev_open();
	char c;

	send_random(fd);
	close(fd);
	fd = dev_open();
	CHECK_EQ(read(fd, &c, 1), 0);
	check_works(fd);
}

TEST(killed_user)
{
	int i, status, fd;
	pid_t pid;

	for (i = 0; i < 20; i++) {
		pid = fork();
		if (!pid) {
			fd = dev_open();
			for (;;)
				check_works(fd);
		}
		usleep(10000 + 1000 * i);
		kill(pid, SIGKILL);
		CHECK_EQ(waitpid(pid, &status, 0), pid);
		CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
		fd = dev_open();
		check_works(fd);
		close(fd);
	}
}

static void *hammer(void *arg)
{
	__u8 rsp[TPM_BUFSIZE];
	int i, fd = *(int *)arg;
	struct pollfd p = { .fd = fd, .events = POLLIN | POLLOUT };
	ssize_t n;

	for (i = 0; i < 100; i++) {
		n = write(fd, tpm_get_random, GET_RANDOM_SIZE);
		CHECK(n == GET_RANDOM_SIZE || (n < 0 && errno == EBUSY));
		CHECK(poll(&p, 1, 10000) >= 0);
		n = read(fd, rsp, i % 2 ? sizeof(rsp) : 7);
		CHECK(n >= 0 && n <= GET_RANDOM_RESPONSE);
	}
	return NULL;
}

static void hammer_all(int fd)
{
	pthread_t threads[4];
	__u8 rsp[TPM_BUFSIZE];
	int i;

	for (i = 0; i < 4; i++)
		CHECK(!pthread_create(&threads[i], NULL, hammer, &fd));
	for (i = 0; i < 4; i++)
		CHECK(!pthread_join(threads[i], NULL));
	fcntl(fd, F_SETFL, 0);
	/* /dev/tpmN does not tell of a command that is queued but not begun. */
	usleep(200000);
	CHECK(read(fd, rsp, sizeof(rsp)) >= 0);
	check_works(fd);
}

TEST(threads)
{
	hammer_all(dev_open());
}

TEST(threads_nonblocking)
{
	hammer_all(dev_open_flags(O_NONBLOCK));
}

static void run_all(const char *path)
{
	struct tap_test *test;
	char suffix[64];

	device = path;
	snprintf(suffix, sizeof(suffix), " on %s", path);
	for (test = tap_first; test; test = test->next)
		tap_run(test, suffix);
}

/* Arguments: devices to test, in place of /dev/tpm0 and a new vTPM. */
int main(int argc, char **argv)
{
	unsigned int number;
	char path[32];
	int i, mux, fd;

	tap_begin();
	for (i = 1; i < argc; i++)
		run_all(argv[i]);
	if (argc > 1)
		return tap_end();

	if (!access("/dev/tpm0", R_OK | W_OK))
		run_all("/dev/tpm0");
	else
		tap_note("no /dev/tpm0 to compare with");
	mux = open_mux();
	number = make_vtpm(mux, VTPM_ASSURANCE_SOFTWARE, 0);
	CHECK_EQ(vtpm_mux_power(mux, number, VTPM_POWER_ON), 0);
	fd = open_vtpm(number);
	TPM_EXPECT(fd, tpm_startup, 0);
	close(fd);
	snprintf(path, sizeof(path), VTPM_PATH, number);
	run_all(path);
	destroy_vtpm(mux, number);
	return tap_end();
}
