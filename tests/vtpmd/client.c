// SPDX-License-Identifier: GPL-2.0
/*
 * vtpmd's socket, as VMMs use it and as nobody should. Each test has a vTPM and
 * a vtpmd of its own.
 */
#include <dirent.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "../selftests/tpm.h"
#include "protocol.h"

/* A directory of the daemon's, where it can remove what it has made. */
#define DIRECTORY	"/run/vtpmd-test"
#define NOBODY		65534

#define VTPMD		"../../userspace/vtpmd/vtpmd"
#define BUFFER_SIZE	3968
#define TPM_RC_COMMAND_SIZE	0x142
#define TPM_RC_SUCCESS	0

static int mux;
static unsigned int number;
static char path[64];
static pid_t daemon_pid;

static struct vtpm_info info(void)
{
	struct vtpm_info i;

	CHECK_EQ(vtpm_mux_info(mux, number, &i), 0);
	return i;
}

static bool powered(void)
{
	return info().state & VTPM_STATE_POWERED;
}

static void wait_for(bool (*what)(void), bool value)
{
	int i;

	for (i = 0; i < 3000 && what() != value; i++)
		usleep(10000);
	CHECK_EQ(what(), value);
}

static bool opened(void)
{
	return info().state & VTPM_STATE_OPEN;
}

static void start_with(__u32 flags)
{
	char option[96], dev[32];
	int i;

	mux = open_mux();
	number = make_vtpm(mux, VTPM_ASSURANCE_SOFTWARE, flags);
	mkdir(DIRECTORY, 0755);
	CHECK_EQ(chown(DIRECTORY, NOBODY, NOBODY), 0);
	snprintf(path, sizeof(path), DIRECTORY "/vtpm%u.sock", number);
	snprintf(option, sizeof(option), "%u=%s", number, path);
	snprintf(dev, sizeof(dev), VTPM_PATH, number);
	CHECK_EQ(chmod(dev, 0666), 0);	/* udev's, elsewhere */
	daemon_pid = fork();
	if (!daemon_pid) {
		execl(VTPMD, "vtpmd", "--user", "nobody", "--vtpm", option, NULL);
		_exit(127);
	}
	for (i = 0; i < 3000 && access(path, F_OK); i++)
		usleep(10000);
}

static void start(void)
{
	start_with(0);
}

static void stop(void)
{
	int status;

	CHECK_EQ(kill(daemon_pid, SIGTERM), 0);
	CHECK_EQ(waitpid(daemon_pid, &status, 0), daemon_pid);
	CHECK_EQ(status, 0);
	CHECK(access(path, F_OK));
	wait_for(opened, false);
	CHECK_EQ(vtpm_mux_destroy(mux, number, 0), 0);
}

static int dial(void)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), i;

	strcpy(addr.sun_path, path);
	for (i = 0; i < 3000; i++) {
		if (!connect(fd, (struct sockaddr *)&addr, sizeof(addr)))
			return fd;
		usleep(10000);
	}
	tap_fail("%s: %s", path, strerror(errno));
}

/* All of @len bytes, or as many as come before the end. */
static size_t receive(int fd, void *bytes, size_t len)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	size_t have = 0;
	ssize_t n;

	while (have < len) {
		CHECK_EQ(poll(&p, 1, 30000), 1);
		n = recv(fd, (char *)bytes + have, len - have, 0);
		if (n <= 0)
			break;
		have += n;
	}
	return have;
}

static void send_fds(int fd, const void *bytes, size_t len, const int *fds,
		     size_t count)
{
	char control[CMSG_SPACE(64 * sizeof(int))] = { 0 };
	struct iovec iov = { .iov_base = (void *)bytes, .iov_len = len };
	struct msghdr msg = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = CMSG_SPACE(count * sizeof(int)),
	};
	struct cmsghdr *c = CMSG_FIRSTHDR(&msg);

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(count * sizeof(int));
	memcpy(CMSG_DATA(c), fds, count * sizeof(int));
	CHECK_EQ(sendmsg(fd, &msg, MSG_NOSIGNAL), len);
}

static size_t put_words(__u8 *p, const __u32 *words, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++) {
		__u32 be = htobe32(words[i]);

		memcpy(p + 4 * i, &be, sizeof(be));
	}
	return 4 * count;
}

static __u32 get_word(const __u8 *p)
{
	__u32 be;

	memcpy(&be, p, sizeof(be));
	return be32toh(be);
}

#define WORDS(...)	(const __u32[]){ __VA_ARGS__ },			\
			sizeof((const __u32[]){ __VA_ARGS__ }) / 4

/* Sends a request made of words; its result. */
static __u32 request(int fd, const __u32 *words, size_t count)
{
	__u8 bytes[64];
	size_t n = put_words(bytes, words, count);

	CHECK_EQ(send(fd, bytes, n, MSG_NOSIGNAL), n);
	CHECK_EQ(receive(fd, bytes, 4), 4);
	return get_word(bytes);
}

/* What a reply has behind its result. */
static __u32 next_word(int fd)
{
	__u8 bytes[4];

	CHECK_EQ(receive(fd, bytes, 4), 4);
	return get_word(bytes);
}

static int give_data(int ctl)
{
	__u8 bytes[4];
	int pair[2];

	CHECK_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	put_words(bytes, WORDS(CTL_SET_DATAFD));
	send_fds(ctl, bytes, 4, &pair[1], 1);
	close(pair[1]);
	CHECK_EQ(next_word(ctl), CTL_OK);
	return pair[0];
}

/* A TPM command; the response code. */
static __u32 execute(int data, const void *cmd, size_t len, __u8 *rsp)
{
	ssize_t n;

	CHECK_EQ(send(data, cmd, len, MSG_NOSIGNAL), len);
	CHECK_EQ(poll_in(data), POLLIN);
	n = recv(data, rsp, TPM_BUFSIZE, 0);
	CHECK(n >= TPM_HEADER);
	CHECK_EQ(n, get_word(rsp + 2));		/* in one piece */
	return tpm_rc(rsp);
}

#define EXECUTE(data, cmd)						\
	({								\
		__u8 rsp_[TPM_BUFSIZE];					\
									\
		execute(data, cmd, sizeof(cmd), rsp_);			\
	})

/* A VMM whose guest has started its TPM. */
static int guest(int *ctl)
{
	int data;

	*ctl = dial();
	data = give_data(*ctl);
	CHECK_EQ(request(*ctl, WORDS(CTL_INIT, 0)), CTL_OK);
	CHECK_EQ(EXECUTE(data, tpm_startup), TPM_RC_SUCCESS);
	return data;
}

static void pcr_extend(int data)
{
	static const __u8 cmd[] = {
		0x80, 0x02, 0, 0, 0, 65, 0, 0, 0x01, 0x82, 0, 0, 0, 16,
		0, 0, 0, 9, 0x40, 0, 0, 0x09, 0, 0, 0, 0, 0,
		0, 0, 0, 1, 0, 0x0b,
		1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 6, 7, 8,
		1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 6, 7, 8,
	};

	CHECK_EQ(EXECUTE(data, cmd), TPM_RC_SUCCESS);
}

static void pcr_read(int data, __u8 digest[32])
{
	static const __u8 cmd[] = {
		0x80, 0x01, 0, 0, 0, 20, 0, 0, 0x01, 0x7e,
		0, 0, 0, 1, 0, 0x0b, 3, 0, 0, 1,
	};
	__u8 rsp[TPM_BUFSIZE];

	CHECK_EQ(execute(data, cmd, sizeof(cmd), rsp), TPM_RC_SUCCESS);
	CHECK_EQ(get_word(rsp + 2), 62);
	memcpy(digest, rsp + 30, 32);
}

static __u32 reset_count(int data)
{
	__u8 rsp[TPM_BUFSIZE];

	CHECK_EQ(execute(data, tpm_read_clock, sizeof(tpm_read_clock), rsp),
		 TPM_RC_SUCCESS);
	return get_word(rsp + 26);
}

/* As QEMU 7.2 begins, resets its guest, and ends. */
TEST(qemu)
{
	int ctl, data, i;

	start();
	ctl = dial();
	data = give_data(ctl);
	/* whatever the answer is */
	CHECK_EQ(EXECUTE(data, tpm_read_clock), TPM_RC_FAILURE);
	CHECK_EQ(request(ctl, WORDS(CTL_GET_CAPABILITY)), CTL_OK);
	CHECK_EQ(next_word(ctl), 0x7fff);
	for (i = 1; i < 4; i++) {
		CHECK_EQ(request(ctl, WORDS(CTL_STOP)), CTL_OK);
		CHECK_EQ(request(ctl, WORDS(CTL_SET_BUFFERSIZE, 0)), CTL_OK);
		CHECK_EQ(next_word(ctl), BUFFER_SIZE);
		CHECK_EQ(next_word(ctl), BUFFER_SIZE);
		CHECK_EQ(next_word(ctl), BUFFER_SIZE);
		CHECK_EQ(request(ctl, WORDS(CTL_STOP)), CTL_OK);
		CHECK_EQ(request(ctl, WORDS(CTL_SET_BUFFERSIZE, 4096)), CTL_OK);
		next_word(ctl);
		next_word(ctl);
		next_word(ctl);
		CHECK_EQ(request(ctl, WORDS(CTL_INIT, 0)), CTL_OK);
		CHECK(powered());
		CHECK_EQ(EXECUTE(data, tpm_startup), TPM_RC_SUCCESS);
		CHECK_EQ(request(ctl, WORDS(CTL_SET_LOCALITY, 3 << 24)), CTL_OK);
		CHECK_EQ(reset_count(data), i);
		pcr_extend(data);
	}
	/* the locality that a client has set stays */
	CHECK_EQ(info().locality, 3);
	CHECK_EQ(request(ctl, WORDS(CTL_INIT, 0)), CTL_OK);
	CHECK_EQ(info().locality, 3);
	CHECK_EQ(request(ctl, WORDS(CTL_SHUTDOWN)), CTL_OK);
	CHECK(!powered());
	close(ctl);
	close(data);
	stop();
}

/* Standard input comes with each request, and GET_ESTABLISHED before INIT. */
TEST(cloud_hypervisor)
{
	__u8 bytes[4];
	int ctl, data;

	start();
	ctl = dial();
	data = give_data(ctl);
	put_words(bytes, WORDS(CTL_GET_ESTABLISHED));
	send_fds(ctl, bytes, 4, (const int[]){ 0 }, 1);
	CHECK_EQ(next_word(ctl), CTL_OK);
	CHECK_EQ(next_word(ctl), 0);
	CHECK_EQ(request(ctl, WORDS(CTL_INIT, 0)), CTL_OK);
	CHECK_EQ(EXECUTE(data, tpm_startup), TPM_RC_SUCCESS);
	CHECK_EQ(EXECUTE(data, tpm_get_random), TPM_RC_SUCCESS);
	close(data);
	close(ctl);
	wait_for(powered, false);
	stop();
}

/* Before udev has seen a new device, nobody but root can open it. */
TEST(device_is_new)
{
	char dev[32];
	int ctl;

	start();
	snprintf(dev, sizeof(dev), VTPM_PATH, number);
	CHECK_EQ(chmod(dev, 0600), 0);
	ctl = dial();
	usleep(300000);		/* the daemon has tried, or will find it changed */
	CHECK_EQ(chmod(dev, 0666), 0);
	CHECK_EQ(request(ctl, WORDS(CTL_GET_CONFIG)), CTL_OK);
	close(ctl);
	stop();
}

/* However a VMM ends, its guest's TPM is off. */
TEST(vmm_dies)
{
	int ctl, data, i;

	start();
	for (i = 0; i < 3; i++) {
		data = guest(&ctl);
		CHECK(powered());
		if (i == 1)
			CHECK_EQ(send(data, tpm_get_random, 5, 0), 5);
		if (i == 2)
			CHECK_EQ(send(data, tpm_slow, sizeof(tpm_slow), 0),
				 sizeof(tpm_slow));
		close(ctl);
		close(data);
		wait_for(powered, false);
	}
	stop();
}

TEST(requests_in_pieces)
{
	static const __u32 words[] = { CTL_GET_INFO, 0, 7, 0, 0 };
	__u8 bytes[1024];
	size_t n, i;
	int ctl;

	start();
	ctl = dial();
	n = put_words(bytes, words, 5);
	for (i = 0; i < n; i++) {
		CHECK_EQ(send(ctl, bytes + i, 1, 0), 1);
		usleep(1000);
	}
	CHECK_EQ(next_word(ctl), CTL_OK);
	n = next_word(ctl);
	CHECK_EQ(next_word(ctl), n);
	CHECK(n < sizeof(bytes));
	CHECK_EQ(receive(ctl, bytes, n), n);
	CHECK_EQ(strlen((char *)bytes), n - 1);
	CHECK(strstr((char *)bytes, "\"TPMFeatures\""));
	/* and two at once */
	put_words(bytes, WORDS(CTL_GET_CONFIG, CTL_GET_CONFIG));
	CHECK_EQ(send(ctl, bytes, 8, 0), 8);
	CHECK_EQ(receive(ctl, bytes, 16), 16);
	close(ctl);
	stop();
}

TEST(locality_of_one_byte)
{
	__u8 bytes[5] = { 0, 0, 0, CTL_SET_LOCALITY, 2 };
	int ctl;

	start();
	ctl = dial();
	CHECK_EQ(send(ctl, bytes, 5, 0), 5);
	CHECK_EQ(next_word(ctl), CTL_OK);
	CHECK_EQ(info().locality, 2);
	bytes[4] = 5;
	CHECK_EQ(send(ctl, bytes, 5, 0), 5);
	CHECK_EQ(next_word(ctl), CTL_BAD_LOCALITY);
	close(ctl);
	stop();
}

TEST(unknown_requests)
{
	static const __u32 codes[] = { 0, 0x13, 0x7fffffff, 0xffffffff };
	size_t i;
	int ctl;

	start();
	ctl = dial();
	for (i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
		CHECK_EQ(request(ctl, WORDS(codes[i], 1, 2, 3)),
			 CTL_BAD_ORDINAL);
	CHECK_EQ(request(ctl, WORDS(CTL_INIT, 6)), CTL_BAD_PARAMETER);
	CHECK_EQ(request(ctl, WORDS(CTL_HASH_START)), CTL_BAD_ORDINAL);
	CHECK_EQ(request(ctl, WORDS(CTL_CANCEL)), CTL_BAD_ORDINAL);
	CHECK_EQ(request(ctl, WORDS(CTL_GET_STATEBLOB, 0, 4, 0)),
		 CTL_BAD_PARAMETER);
	CHECK_EQ(request(ctl, WORDS(CTL_GET_INFO, 0, 7, 0xffffffff, 0)),
		 CTL_BAD_PARAMETER);
	CHECK_EQ(request(ctl, WORDS(CTL_STOP)), CTL_OK);
	close(ctl);
	stop();
}

/* What QEMU passes on when a guest lies about the size. */
TEST(wrong_sizes)
{
	static const __u32 sizes[] = { 0, 3, 9, 3969, 4096, 0xffffffff };
	__u8 cmd[TPM_BUFSIZE] = { 0 }, rsp[TPM_BUFSIZE];
	int ctl, data;
	size_t i;

	start();
	data = guest(&ctl);
	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		memcpy(cmd, tpm_get_random, sizeof(tpm_get_random));
		tpm_set_size(cmd, sizes[i]);
		CHECK_EQ(execute(data, cmd, BUFFER_SIZE, rsp),
			 TPM_RC_COMMAND_SIZE);
		CHECK_EQ(EXECUTE(data, tpm_get_random), TPM_RC_SUCCESS);
	}
	/* one that is not even a header, and one whose end never comes */
	CHECK_EQ(execute(data, tpm_get_random, 3, rsp), TPM_RC_COMMAND_SIZE);
	CHECK_EQ(execute(data, tpm_get_random, 11, rsp), TPM_RC_COMMAND_SIZE);
	CHECK_EQ(EXECUTE(data, tpm_get_random), TPM_RC_SUCCESS);
	close(ctl);
	close(data);
	stop();
}

static unsigned int count_fds(pid_t pid)
{
	unsigned int count = 0;
	struct dirent *e;
	char name[32];
	DIR *dir;

	snprintf(name, sizeof(name), "/proc/%d/fd", pid);
	dir = opendir(name);
	CHECK(dir);
	while ((e = readdir(dir)))
		count += e->d_name[0] != '.';
	closedir(dir);
	return count;
}

static pid_t worker_pid(void)
{
	char name[64];
	FILE *f;
	int pid = 0;

	snprintf(name, sizeof(name), "/proc/%d/task/%d/children", daemon_pid,
		 daemon_pid);
	f = fopen(name, "r");
	CHECK(f);
	CHECK_EQ(fscanf(f, "%d", &pid), 1);
	fclose(f);
	return pid;
}

TEST(too_many_descriptors)
{
	int fds[64], ctl, i;
	unsigned int before;
	__u8 bytes[4];

	start();
	ctl = dial();
	CHECK_EQ(request(ctl, WORDS(CTL_GET_CAPABILITY)), CTL_OK);
	next_word(ctl);
	before = count_fds(worker_pid());
	for (i = 0; i < 64; i++)
		fds[i] = 0;
	put_words(bytes, WORDS(CTL_GET_CONFIG));
	for (i = 0; i < 100; i++) {
		send_fds(ctl, bytes, 4, fds, 64);
		CHECK_EQ(next_word(ctl), CTL_OK);
		next_word(ctl);
	}
	CHECK_EQ(count_fds(worker_pid()), before);
	close(ctl);
	stop();
}

/* A file that would block, or is not the client's to give, is not taken. */
TEST(data_fd_is_no_socket)
{
	__u8 bytes[4];
	int ctl, pair[2], fd;

	start();
	ctl = dial();
	CHECK_EQ(request(ctl, WORDS(CTL_SET_DATAFD)), CTL_BAD_PARAMETER);
	put_words(bytes, WORDS(CTL_SET_DATAFD));
	fd = memfd_create("x", 0);
	send_fds(ctl, bytes, 4, &fd, 1);
	CHECK_EQ(next_word(ctl), CTL_IO_ERROR);
	CHECK_EQ(pipe(pair), 0);
	send_fds(ctl, bytes, 4, pair, 2);
	CHECK_EQ(next_word(ctl), CTL_IO_ERROR);
	CHECK_EQ(socketpair(AF_UNIX, SOCK_DGRAM, 0, pair), 0);
	send_fds(ctl, bytes, 4, pair, 2);
	CHECK_EQ(next_word(ctl), CTL_IO_ERROR);
	close(give_data(ctl));
	close(ctl);
	stop();
}

/* Who does not read holds up nobody. */
TEST(slow_reader)
{
	int ctl, data, slow, i;
	__u8 bytes[20];

	start();
	data = guest(&ctl);
	slow = dial();
	put_words(bytes, WORDS(CTL_GET_INFO, 0, 7, 0, 0));
	for (i = 0; i < 100000; i++)
		if (send(slow, bytes, 20, MSG_DONTWAIT) != 20)
			break;
	CHECK_EQ(errno, EAGAIN);
	for (i = 0; i < 100; i++)
		CHECK_EQ(EXECUTE(data, tpm_get_random), TPM_RC_SUCCESS);
	close(slow);
	close(ctl);
	close(data);
	stop();
}

TEST(more_clients_than_places)
{
	int ctl, data, clients[40], i;
	__u8 bytes[16];

	start();
	data = guest(&ctl);
	for (i = 0; i < 40; i++) {
		clients[i] = dial();
		CHECK_EQ(request(clients[i], WORDS(CTL_GET_CONFIG)), CTL_OK);
	}
	/* the first of them have lost their places, the guest has not */
	CHECK_EQ(receive(clients[0], bytes, sizeof(bytes)), 4);
	CHECK_EQ(receive(clients[0], bytes, sizeof(bytes)), 0);
	CHECK_EQ(EXECUTE(data, tpm_get_random), TPM_RC_SUCCESS);
	for (i = 0; i < 40; i++)
		close(clients[i]);
	close(ctl);
	close(data);
	stop();
}

/* A second VMM changes nothing for the first one's guest. */
TEST(second_vmm)
{
	int ctl, data, ctl2, data2;

	start();
	data = guest(&ctl);
	pcr_extend(data);
	ctl2 = dial();
	data2 = give_data(ctl2);
	CHECK_EQ(EXECUTE(data2, tpm_get_random), TPM_RC_FAILURE);
	CHECK_EQ(request(ctl2, WORDS(CTL_STOP)), CTL_OK);
	CHECK_EQ(request(ctl2, WORDS(CTL_INIT, 0)), CTL_FAIL);
	CHECK_EQ(request(ctl2, WORDS(CTL_SET_LOCALITY, 4 << 24)),
		 CTL_BAD_ORDINAL);
	CHECK_EQ(request(ctl2, WORDS(CTL_HASH_START)), CTL_BAD_ORDINAL);
	CHECK_EQ(request(ctl2, WORDS(CTL_GET_STATEBLOB, 0, 1, 0)),
		 CTL_BAD_ORDINAL);
	CHECK_EQ(request(ctl2, WORDS(CTL_SHUTDOWN)), CTL_OK);
	CHECK(powered());
	CHECK_EQ(reset_count(data), 1);
	close(ctl2);
	close(data2);
	CHECK_EQ(EXECUTE(data, tpm_get_random), TPM_RC_SUCCESS);
	close(ctl);
	close(data);
	stop();
}

/* What a VMM keeps for later, of one type. */
struct state {
	__u32 flags;
	__u32 len;
	__u8 *bytes;
};

static struct state save(int ctl, __u32 type)
{
	struct state state;

	CHECK_EQ(request(ctl, WORDS(CTL_GET_STATEBLOB, 1, type, 0)), CTL_OK);
	state.flags = next_word(ctl);
	CHECK_EQ(state.flags, CTL_BLOB_ENCRYPTED);
	state.len = next_word(ctl);
	CHECK_EQ(next_word(ctl), state.len);
	state.bytes = malloc(state.len + 1);
	CHECK_EQ(receive(ctl, state.bytes, state.len), state.len);
	return state;
}

static __u32 load(int ctl, __u32 type, const struct state *state)
{
	__u8 bytes[16];

	put_words(bytes, WORDS(CTL_SET_STATEBLOB, state->flags, type, state->len));
	CHECK_EQ(send(ctl, bytes, 16, MSG_NOSIGNAL), 16);
	CHECK_EQ(send(ctl, state->bytes, state->len, MSG_NOSIGNAL), state->len);
	return next_word(ctl);
}

/* As QEMU does: all three, those that are empty not back. */
static void save_all(int ctl, struct state state[3])
{
	int i;

	for (i = 0; i < 3; i++)
		state[i] = save(ctl, i + 1);
	CHECK_EQ(state[2].len, 0);
}

static void load_all(int ctl, const struct state state[3])
{
	int i;

	for (i = 0; i < 2; i++)
		CHECK_EQ(load(ctl, i + 1, &state[i]), CTL_OK);
}

/* Live migration: from one VMM to another. */
TEST(migration)
{
	__u8 before[32], after[32];
	int ctl, data, ctl2, data2;
	struct state state[3];

	start();
	data = guest(&ctl);
	pcr_extend(data);
	pcr_read(data, before);
	ctl2 = dial();
	data2 = give_data(ctl2);
	CHECK_EQ(EXECUTE(data2, tpm_read_clock), TPM_RC_FAILURE);
	CHECK_EQ(request(ctl2, WORDS(CTL_STOP)), CTL_OK);
	save_all(ctl, state);
	CHECK_EQ(request(ctl2, WORDS(CTL_STOP)), CTL_OK);
	load_all(ctl2, state);
	CHECK_EQ(request(ctl2, WORDS(CTL_INIT, 1)), CTL_OK);
	/* the source is none any more, whatever it does */
	CHECK_EQ(EXECUTE(data, tpm_get_random), TPM_RC_FAILURE);
	CHECK_EQ(request(ctl, WORDS(CTL_SHUTDOWN)), CTL_OK);
	close(ctl);
	close(data);
	pcr_read(data2, after);
	CHECK(!memcmp(before, after, sizeof(before)));
	CHECK_EQ(reset_count(data2), 1);
	CHECK_EQ(info().rollbacks, 0);
	close(ctl2);
	close(data2);
	wait_for(powered, false);
	stop();
}

/* The source's guest goes on: its state from before moves nobody. */
TEST(migration_fails)
{
	int ctl, data, ctl2, data2;
	struct state state[3];

	start_with(VTPM_CREATE_SNAPSHOTS);
	data = guest(&ctl);
	ctl2 = dial();
	data2 = give_data(ctl2);
	save_all(ctl, state);
	CHECK_EQ(EXECUTE(data, tpm_get_random), TPM_RC_SUCCESS);
	load_all(ctl2, state);
	CHECK_EQ(request(ctl2, WORDS(CTL_INIT, 1)), CTL_FAIL);
	CHECK_EQ(EXECUTE(data, tpm_get_random), TPM_RC_SUCCESS);
	close(ctl2);
	close(data2);
	CHECK(powered());
	close(ctl);
	close(data);
	stop();
}

/* Saved to a file; the VMM ends; another one goes on with it. */
TEST(saved_and_restored)
{
	__u8 before[32], after[32];
	struct state state[3];
	int ctl, data;

	start();
	data = guest(&ctl);
	pcr_extend(data);
	pcr_read(data, before);
	save_all(ctl, state);
	CHECK_EQ(request(ctl, WORDS(CTL_SHUTDOWN)), CTL_OK);
	close(ctl);
	close(data);
	ctl = dial();
	data = give_data(ctl);
	CHECK_EQ(EXECUTE(data, tpm_read_clock), TPM_RC_FAILURE);
	CHECK_EQ(request(ctl, WORDS(CTL_STOP)), CTL_OK);
	load_all(ctl, state);
	CHECK_EQ(request(ctl, WORDS(CTL_INIT, 1)), CTL_OK);
	pcr_read(data, after);
	CHECK(!memcmp(before, after, sizeof(before)));
	/* and once more, but now it is the past */
	CHECK_EQ(request(ctl, WORDS(CTL_STOP)), CTL_OK);
	load_all(ctl, state);
	CHECK_EQ(request(ctl, WORDS(CTL_INIT, 1)), CTL_BAD_KEY);
	CHECK(!powered());
	CHECK_EQ(request(ctl, WORDS(CTL_INIT, 0)), CTL_OK);
	CHECK_EQ(EXECUTE(data, tpm_startup), TPM_RC_SUCCESS);
	CHECK_EQ(info().rollbacks, 0);
	close(ctl);
	close(data);
	stop();
}

/* What a VMM has set and not used is not for the guest of the next one. */
TEST(dies_before_it_restores)
{
	struct state state[3];
	int ctl, data;

	start();
	data = guest(&ctl);
	save_all(ctl, state);
	CHECK_EQ(request(ctl, WORDS(CTL_STOP)), CTL_OK);
	load_all(ctl, state);
	close(ctl);
	close(data);
	wait_for(opened, false);
	data = guest(&ctl);
	CHECK_EQ(reset_count(data), 2);
	close(ctl);
	close(data);
	stop();
}

TEST(blobs_that_are_none)
{
	struct state junk = { .len = 100000 }, huge = { .len = 3 << 20 }, one;
	int ctl, data;

	start();
	data = guest(&ctl);
	one = save(ctl, CTL_BLOB_PERMANENT);
	CHECK_EQ(load(ctl, CTL_BLOB_PERMANENT, &one), CTL_BAD_ORDINAL);
	CHECK_EQ(request(ctl, WORDS(CTL_STOP)), CTL_OK);
	junk.bytes = calloc(1, junk.len);
	huge.bytes = calloc(1, huge.len);
	CHECK_EQ(load(ctl, CTL_BLOB_PERMANENT, &junk), CTL_BAD_KEY);
	CHECK_EQ(load(ctl, CTL_BLOB_SAVESTATE, &junk), CTL_BAD_PARAMETER);
	CHECK_EQ(load(ctl, 4, &junk), CTL_BAD_PARAMETER);
	CHECK_EQ(load(ctl, CTL_BLOB_VOLATILE, &one), CTL_BAD_KEY);
	one.bytes[one.len / 2] ^= 1;
	CHECK_EQ(load(ctl, CTL_BLOB_PERMANENT, &one), CTL_BAD_KEY);
	/* read to its end, though it is too long */
	CHECK_EQ(load(ctl, CTL_BLOB_PERMANENT, &huge), CTL_BAD_PARAMETER);
	CHECK_EQ(request(ctl, WORDS(CTL_INIT, 0)), CTL_OK);
	CHECK_EQ(EXECUTE(data, tpm_startup), TPM_RC_SUCCESS);
	close(ctl);
	close(data);
	stop();
}

/* STOP does not wait for a key that is being made, and CANCEL neither. */
TEST(requests_while_busy)
{
	__u8 rsp[TPM_BUFSIZE];
	int ctl, data;

	start();
	data = guest(&ctl);
	CHECK_EQ(send(data, tpm_slow, sizeof(tpm_slow), 0), sizeof(tpm_slow));
	CHECK_EQ(request(ctl, WORDS(CTL_GET_CONFIG)), CTL_OK);
	next_word(ctl);
	CHECK_EQ(request(ctl, WORDS(CTL_CANCEL)), CTL_OK);
	CHECK(receive(data, rsp, TPM_HEADER) == TPM_HEADER);
	CHECK(receive(data, rsp + TPM_HEADER, get_word(rsp + 2) - TPM_HEADER) ==
	      get_word(rsp + 2) - TPM_HEADER);
	CHECK_EQ(send(data, tpm_slow, sizeof(tpm_slow), 0), sizeof(tpm_slow));
	CHECK_EQ(request(ctl, WORDS(CTL_STOP)), CTL_OK);
	CHECK(!powered());
	CHECK(receive(data, rsp, TPM_HEADER) == TPM_HEADER);
	close(ctl);
	close(data);
	stop();
}

TEST(destroyed_under_a_guest)
{
	__u8 byte;
	int ctl, data, status;

	start();
	data = guest(&ctl);
	destroy_vtpm(mux, number);
	CHECK_EQ(receive(ctl, &byte, 1), 0);
	CHECK_EQ(receive(data, &byte, 1), 0);
	CHECK_EQ(kill(daemon_pid, SIGTERM), 0);
	CHECK_EQ(waitpid(daemon_pid, &status, 0), daemon_pid);
	CHECK_EQ(status, 0);
}

/* The daemon's end is not its guests'. */
TEST(daemon_restarts)
{
	int ctl, data, status;

	start();
	data = guest(&ctl);
	CHECK_EQ(kill(daemon_pid, SIGTERM), 0);
	CHECK_EQ(waitpid(daemon_pid, &status, 0), daemon_pid);
	CHECK_EQ(EXECUTE(data, tpm_get_random), TPM_RC_SUCCESS);
	close(ctl);
	close(data);
	wait_for(opened, false);
	CHECK(!powered());
	CHECK_EQ(vtpm_mux_destroy(mux, number, 0), 0);
}

/* What a worker has: the log, two sockets and the device; no right to more. */
TEST(worker_is_confined)
{
	char name[64], line[256];
	int found = 0, ctl;
	FILE *f;

	start();
	ctl = dial();
	CHECK_EQ(request(ctl, WORDS(CTL_GET_CONFIG)), CTL_OK);
	snprintf(name, sizeof(name), "/proc/%d/status", worker_pid());
	f = fopen(name, "r");
	CHECK(f);
	while (fgets(line, sizeof(line), f)) {
		unsigned long value;

		if (sscanf(line, "Uid: %lu", &value) == 1)
			CHECK_EQ(value, NOBODY);
		else if (sscanf(line, "CapEff: %lx", &value) == 1)
			CHECK_EQ(value, 0);
		else if (sscanf(line, "CapPrm: %lx", &value) == 1)
			CHECK_EQ(value, 0);
		else if (sscanf(line, "NoNewPrivs: %lu", &value) == 1)
			CHECK_EQ(value, 1);
		else if (sscanf(line, "Seccomp: %lu", &value) == 1)
			CHECK_EQ(value, 2);
		else
			continue;
		found++;
	}
	CHECK_EQ(found, 5);
	fclose(f);
	/* and three that libevent has for itself */
	CHECK_EQ(count_fds(worker_pid()), 3 + 2 + 1 + 3);
	close(ctl);
	stop();
}

int main(void)
{
	tap_begin();
	tap_run_all();
	return tap_end();
}
