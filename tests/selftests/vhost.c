// SPDX-License-Identifier: GPL-2.0
/*
 * vTPMs through vhost-vdpa, as a VMM drives it, with a guest's driver in the
 * same process: the order of calls and what is insisted on are cloud-hypervisor's.
 */
#include <linux/vhost.h>
#include <linux/vhost_types.h>
#include <linux/virtio_config.h>
#include <linux/virtio_ring.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include <linux/virtio_tpm.h>

#include "tpm.h"

/* Guest memory and where things are in it. */
#define RAM_SIZE	0x10000
#define RAM_IOVA	0x40000000ULL
#define DESC		0x0000
#define AVAIL		0x1000
#define USED		0x2000
#define CMD		0x4000
#define RSP		0x6000
#define NUM		16

#define TPM_RC_BAD_TAG		0x1e
#define TPM_RC_INSUFFICIENT	0x9a
#define TPM_RC_COMMAND_SIZE	0x142

#define FEATURES	(1ULL << VIRTIO_F_VERSION_1 |		\
			 1ULL << VIRTIO_F_ACCESS_PLATFORM |	\
			 1ULL << VIRTIO_RING_F_EVENT_IDX |	\
			 1ULL << VIRTIO_RING_F_INDIRECT_DESC)

/* Newer than the headers of user space may be. */
#ifndef VHOST_BACKEND_F_RESUME
#define VHOST_BACKEND_F_RESUME		5
#endif
#ifndef VHOST_BACKEND_F_IOTLB_PERSIST
#define VHOST_BACKEND_F_IOTLB_PERSIST	8
#endif
#ifndef VHOST_VDPA_RESUME
#define VHOST_VDPA_RESUME		_IO(VHOST_VIRTIO, 0x7e)
#endif

#define ALIVE		(VIRTIO_CONFIG_S_ACKNOWLEDGE |		\
			 VIRTIO_CONFIG_S_DRIVER |		\
			 VIRTIO_CONFIG_S_FEATURES_OK |		\
			 VIRTIO_CONFIG_S_DRIVER_OK)

struct vmm {
	int fd, call, kick, config;
	__u8 *ram;
	__u16 avail, used;
};

static int mux;
static unsigned int number;

/* The path of the device that vhost-vdpa makes for a vTPM. */
static void vhost_path(char *path, size_t size)
{
	struct vtpm_vdpa_state state;
	int i;

	for (i = 0; i < 100; i++) {
		CHECK_EQ(vtpm_vdpa_get_state(number, &state), 0);
		if (state.node[0] && !access(state.node, F_OK))
			break;
		usleep(20000);
	}
	CHECK(!strcmp(state.driver, VTPM_VDPA_VHOST));
	snprintf(path, size, "%s", state.node);
}

static void make(__u32 flags)
{
	mux = open_mux();
	number = make_vtpm(mux, VTPM_ASSURANCE_SOFTWARE, VTPM_CREATE_VDPA | flags);
	if (!(flags & VTPM_CREATE_POWER_FOLLOWS_OPEN))
		CHECK_EQ(vtpm_mux_power(mux, number, VTPM_POWER_ON), 0);
}

static int open_vhost(void)
{
	char path[64];
	int fd;

	vhost_path(path, sizeof(path));
	fd = open(path, O_RDWR | O_CLOEXEC);
	CHECK(fd >= 0);
	return fd;
}

static __u8 get_status(struct vmm *v)
{
	__u8 status;

	CHECK_EQ(ioctl(v->fd, VHOST_VDPA_GET_STATUS, &status), 0);
	return status;
}

static void set_status(struct vmm *v, __u8 status)
{
	CHECK_EQ(ioctl(v->fd, VHOST_VDPA_SET_STATUS, &status), 0);
}

static int set_features(struct vmm *v, __u64 features)
{
	return ioctl(v->fd, VHOST_SET_FEATURES, &features);
}

/* An iotlb message: map (@perm) or unmap (0) a part of the guest's memory. */
static int iotlb(struct vmm *v, __u32 from, __u32 to, __u8 perm)
{
	struct vhost_msg_v2 msg = {
		.type = VHOST_IOTLB_MSG_V2,
		.iotlb = {
			.iova = RAM_IOVA + from,
			.size = to - from,
			.uaddr = (uintptr_t)v->ram + from,
			.perm = perm,
			.type = perm ? VHOST_IOTLB_UPDATE : VHOST_IOTLB_INVALIDATE,
		},
	};

	return write(v->fd, &msg, sizeof(msg)) == sizeof(msg) ? 0 : -1;
}

/* What a VMM does once: the device is its own, and its memory. */
static void own(struct vmm *v, int map_flags)
{
	__u64 features = 1ULL << VHOST_BACKEND_F_IOTLB_MSG_V2;
	int memfd = -1;

	memset(v, 0, sizeof(*v));
	v->fd = open_vhost();
	CHECK_EQ(ioctl(v->fd, VHOST_SET_OWNER, NULL), 0);
	CHECK_EQ(ioctl(v->fd, VHOST_SET_BACKEND_FEATURES, &features), 0);
	if (map_flags == MAP_SHARED) {
		memfd = memfd_create("ram", MFD_CLOEXEC);
		CHECK(memfd >= 0);
		CHECK_EQ(ftruncate(memfd, RAM_SIZE), 0);
	}
	v->ram = mmap(NULL, RAM_SIZE, PROT_READ | PROT_WRITE, map_flags, memfd, 0);
	CHECK(v->ram != MAP_FAILED);
	close(memfd);
	v->call = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	v->kick = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	v->config = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
}

static void reset(struct vmm *v)
{
	set_status(v, 0);
	CHECK_EQ(get_status(v), 0);
}

/* What the guest's driver leads to, each time it takes the device. */
static void activate(struct vmm *v)
{
	struct vhost_vring_state num = { .num = NUM }, base = { .num = 0 };
	struct vhost_vring_state enable = { .num = 1 };
	struct vhost_vring_addr addr = {
		.desc_user_addr = RAM_IOVA + DESC,
		.avail_user_addr = RAM_IOVA + AVAIL,
		.used_user_addr = RAM_IOVA + USED,
	};
	struct vhost_vring_file call = { .fd = v->call }, kick = { .fd = v->kick };

	memset(v->ram, 0, RAM_SIZE);
	v->avail = 0;
	v->used = 0;
	set_status(v, VIRTIO_CONFIG_S_ACKNOWLEDGE);
	set_status(v, VIRTIO_CONFIG_S_ACKNOWLEDGE | VIRTIO_CONFIG_S_DRIVER);
	CHECK_EQ(set_features(v, FEATURES & ~(1ULL << VIRTIO_RING_F_EVENT_IDX)), 0);
	set_status(v, ALIVE & ~VIRTIO_CONFIG_S_DRIVER_OK);
	CHECK_EQ(ioctl(v->fd, VHOST_SET_VRING_NUM, &num), 0);
	CHECK_EQ(ioctl(v->fd, VHOST_SET_VRING_ADDR, &addr), 0);
	CHECK_EQ(ioctl(v->fd, VHOST_SET_VRING_BASE, &base), 0);
	CHECK_EQ(ioctl(v->fd, VHOST_SET_VRING_CALL, &call), 0);
	CHECK_EQ(ioctl(v->fd, VHOST_SET_VRING_KICK, &kick), 0);
	CHECK_EQ(ioctl(v->fd, VHOST_VDPA_SET_CONFIG_CALL, &v->config), 0);
	CHECK_EQ(ioctl(v->fd, VHOST_VDPA_SET_VRING_ENABLE, &enable), 0);
	set_status(v, ALIVE);
}

static void start(struct vmm *v)
{
	own(v, MAP_SHARED);
	CHECK_EQ(iotlb(v, 0, RAM_SIZE, VHOST_ACCESS_RW), 0);
	activate(v);
}

static __u16 load16(struct vmm *v, __u32 at)
{
	return le16toh(__atomic_load_n((__u16 *)(v->ram + at), __ATOMIC_ACQUIRE));
}

/* Offers a command, which is put @at, to the device, and does not wait. */
static void submit_at(struct vmm *v, __u32 at, const void *cmd, size_t len)
{
	struct vring_desc *desc = (void *)(v->ram + DESC);
	__u16 *avail = (void *)(v->ram + AVAIL);

	memcpy(v->ram + at, cmd, len);
	desc[0] = (struct vring_desc){
		.addr = htole64(RAM_IOVA + at),
		.len = htole32(len),
		.flags = htole16(VRING_DESC_F_NEXT),
		.next = htole16(1),
	};
	desc[1] = (struct vring_desc){
		.addr = htole64(RAM_IOVA + RSP),
		.len = htole32(TPM_BUFSIZE),
		.flags = htole16(VRING_DESC_F_WRITE),
	};
	avail[2 + v->avail % NUM] = 0;
	__atomic_store_n(&avail[1], htole16(++v->avail), __ATOMIC_RELEASE);
	CHECK_EQ(eventfd_write(v->kick, 1), 0);
}

static void submit(struct vmm *v, const void *cmd, size_t len)
{
	submit_at(v, CMD, cmd, len);
}

/* Has the device answered by now? */
static bool answered(struct vmm *v)
{
	return load16(v, USED + 2) != v->used;
}

/* Waits for the interrupt and takes the response; returns its length. */
static unsigned int complete(struct vmm *v)
{
	struct vring_used_elem *e = (void *)(v->ram + USED + 4);
	unsigned int len;
	eventfd_t n;

	CHECK(poll_in(v->call) & POLLIN);
	CHECK_EQ(eventfd_read(v->call, &n), 0);
	CHECK_EQ(load16(v, USED + 2), (__u16)(v->used + 1));
	e += v->used++ % NUM;
	CHECK_EQ(e->id, 0);
	len = le32toh(e->len);
	CHECK(len <= TPM_BUFSIZE);
	return len;
}

/* One command, to be answered with @rc; returns the response's length. */
static unsigned int transact(struct vmm *v, const void *cmd, size_t len, __u32 rc)
{
	unsigned int n;

	submit(v, cmd, len);
	n = complete(v);
	CHECK(n >= TPM_HEADER);
	CHECK_EQ(tpm_rc(v->ram + RSP), rc);
	return n;
}

#define TRANSACT(_v, _cmd, _rc)	transact(_v, _cmd, sizeof(_cmd), _rc)

/* The device gives up on the driver and says so. */
static void expect_broken(struct vmm *v)
{
	CHECK(poll_in(v->config) & POLLIN);
	CHECK(get_status(v) & VIRTIO_CONFIG_S_NEEDS_RESET);
	CHECK(!answered(v));
}

static void slow_command(__u8 cmd[sizeof(tpm_slow)])
{
	memcpy(cmd, tpm_slow, sizeof(tpm_slow));
	CHECK(syscall(SYS_getrandom, cmd + TPM_SLOW_UNIQUE, 4, 0) == 4);
}

static void submit_slow(struct vmm *v)
{
	__u8 cmd[sizeof(tpm_slow)];

	slow_command(cmd);
	submit(v, cmd, sizeof(cmd));
	usleep(30000);
	CHECK(!answered(v));
}

static void done(void)
{
	CHECK_EQ(vtpm_mux_destroy(mux, number, 0), 0);
}

/* PCR 10 of the SHA-256 bank: extend it, and read it. */
static const __u8 pcr_extend[] = {
	0x80, 0x02, 0, 0, 0, 65, 0, 0, 0x01, 0x82, 0, 0, 0, 10,
	0, 0, 0, 9, 0x40, 0, 0, 0x09, 0, 0, 0, 0, 0,
	0, 0, 0, 1, 0, 0x0b, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16,
	17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32,
};

static const __u8 pcr_read[] = {
	0x80, 0x01, 0, 0, 0, 20, 0, 0, 0x01, 0x7e,
	0, 0, 0, 1, 0, 0x0b, 3, 0, 4, 0,
};

/* The digest is the last thing in the response. */
static void read_pcr(struct vmm *v, __u8 digest[32])
{
	unsigned int len = TRANSACT(v, pcr_read, 0);

	memcpy(digest, v->ram + RSP + len - 32, 32);
}

TEST(device_says_what_it_is)
{
	struct {
		__u32 off, len;
		struct virtio_tpm_config c;
	} config = { 0, sizeof(config.c), {} };
	struct vtpm_info info;
	struct vmm v = {};
	__u64 features;
	__u32 id, size, count;
	__u16 num;

	make(0);
	v.fd = open_vhost();
	CHECK_EQ(ioctl(v.fd, VHOST_SET_OWNER, NULL), 0);
	CHECK_EQ(ioctl(v.fd, VHOST_VDPA_GET_DEVICE_ID, &id), 0);
	CHECK_EQ(id, VIRTIO_ID_TPM);
	CHECK_EQ(ioctl(v.fd, VHOST_VDPA_GET_VRING_NUM, &num), 0);
	CHECK(num >= 2);
	CHECK_EQ(ioctl(v.fd, VHOST_VDPA_GET_VQS_COUNT, &count), 0);
	CHECK_EQ(count, 1);
	CHECK_EQ(ioctl(v.fd, VHOST_GET_FEATURES, &features), 0);
	CHECK_EQ(features, FEATURES);
	CHECK_EQ(ioctl(v.fd, VHOST_GET_BACKEND_FEATURES, &features), 0);
	CHECK(features & 1ULL << VHOST_BACKEND_F_SUSPEND);
	CHECK(features & 1ULL << VHOST_BACKEND_F_RESUME);
	CHECK(features & 1ULL << VHOST_BACKEND_F_IOTLB_PERSIST);
	CHECK_EQ(ioctl(v.fd, VHOST_VDPA_GET_CONFIG_SIZE, &size), 0);
	CHECK_EQ(size, sizeof(config.c));
	CHECK_EQ(ioctl(v.fd, VHOST_VDPA_GET_CONFIG, &config), 0);
	CHECK_EQ(vtpm_mux_info(mux, number, &info), 0);
	CHECK_EQ(le32toh(config.c.version), VIRTIO_TPM_CONFIG_VERSION);
	CHECK_EQ(config.c.features, 0);
	CHECK_EQ(le32toh(config.c.assurance), VIRTIO_TPM_ASSURANCE_SOFTWARE);
	CHECK_EQ(le32toh(config.c.pcr_banks), info.pcr_banks);
	CHECK(!memcmp(config.c.uuid, info.uuid, 16));
	CHECK(info.state & VTPM_STATE_VDPA);
	config.off = sizeof(config.c);
	CHECK_ERRNO(ioctl(v.fd, VHOST_VDPA_GET_CONFIG, &config), EINVAL);
	close(v.fd);
	done();
}

TEST(features_that_must_be)
{
	struct vmm v;

	make(0);
	own(&v, MAP_SHARED);
	CHECK_EQ(set_features(&v, 1ULL << VIRTIO_F_VERSION_1), -1);
	CHECK_EQ(set_features(&v, 1ULL << VIRTIO_F_ACCESS_PLATFORM), -1);
	CHECK_EQ(set_features(&v, 0), -1);
	CHECK_EQ(set_features(&v, FEATURES | 1), -1);
	CHECK_EQ(set_features(&v, FEATURES | 1ULL << VIRTIO_F_RING_PACKED), -1);
	CHECK_EQ(set_features(&v, FEATURES), 0);
	close(v.fd);
	done();
}

TEST(commands)
{
	static const __u8 nothing[TPM_HEADER] = { 0 };
	struct vmm v;
	int i;

	make(0);
	start(&v);
	TRANSACT(&v, tpm_get_random, TPM_RC_INITIALIZE);
	TRANSACT(&v, tpm_startup, 0);
	for (i = 0; i < 100; i++)
		CHECK_EQ(TRANSACT(&v, tpm_get_random, 0), GET_RANDOM_RESPONSE);
	/* whatever a guest sends is answered */
	CHECK_EQ(transact(&v, nothing, 0, TPM_RC_INSUFFICIENT), TPM_HEADER);
	CHECK_EQ(transact(&v, tpm_get_random, 4, TPM_RC_INSUFFICIENT), TPM_HEADER);
	CHECK_EQ(TRANSACT(&v, nothing, TPM_RC_BAD_TAG), TPM_HEADER);
	CHECK_EQ(transact(&v, v.ram, TPM_BUFSIZE, TPM_RC_COMMAND_SIZE), TPM_HEADER);
	CHECK_EQ(get_status(&v), ALIVE);
	close(v.fd);
	done();
}

/* As crosvm's driver does it: the response overwrites the command. */
TEST(command_and_response_in_one_buffer)
{
	struct vmm v;
	int i;

	make(0);
	start(&v);
	TRANSACT(&v, tpm_startup, 0);
	for (i = 0; i < 10; i++) {
		submit_at(&v, RSP, tpm_get_random, GET_RANDOM_SIZE);
		CHECK_EQ(complete(&v), GET_RANDOM_RESPONSE);
		CHECK_EQ(tpm_rc(v.ram + RSP), 0);
	}
	close(v.fd);
	done();
}

TEST(map_begins_empty)
{
	struct vmm v;

	make(0);
	own(&v, MAP_SHARED);
	activate(&v);
	submit(&v, tpm_startup, sizeof(tpm_startup));
	expect_broken(&v);
	close(v.fd);
	done();
}

TEST(memory_that_is_not_shared)
{
	struct vmm v;

	make(0);
	own(&v, MAP_PRIVATE | MAP_ANONYMOUS);
	iotlb(&v, 0, RAM_SIZE, VHOST_ACCESS_RW);
	activate(&v);
	submit(&v, tpm_startup, sizeof(tpm_startup));
	expect_broken(&v);
	close(v.fd);
	done();
}

TEST(memory_that_may_not_be_written)
{
	struct vmm v;

	make(0);
	own(&v, MAP_SHARED);
	CHECK_EQ(iotlb(&v, 0, RSP, VHOST_ACCESS_RW), 0);
	CHECK_EQ(iotlb(&v, RSP, RAM_SIZE, VHOST_ACCESS_RO), 0);
	activate(&v);
	submit(&v, tpm_startup, sizeof(tpm_startup));
	expect_broken(&v);
	CHECK_EQ(v.ram[RSP], 0);
	close(v.fd);
	done();
}

/* The VMM's own mapping is gone, though vhost has been told otherwise. */
TEST(memory_that_vanishes)
{
	struct vmm v;

	make(0);
	start(&v);
	TRANSACT(&v, tpm_startup, 0);
	CHECK_EQ(munmap(v.ram + RSP, TPM_BUFSIZE), 0);
	submit(&v, tpm_get_random, GET_RANDOM_SIZE);
	expect_broken(&v);
	close(v.fd);
	done();
}

TEST(reset_keeps_the_pcrs)
{
	__u8 before[32], after[32], zero[32] = {};
	struct vmm v;
	int i;

	make(0);
	start(&v);
	TRANSACT(&v, tpm_startup, 0);
	TRANSACT(&v, pcr_extend, 0);
	read_pcr(&v, before);
	CHECK(memcmp(before, zero, 32));
	for (i = 0; i < 20; i++) {
		reset(&v);
		activate(&v);
	}
	TRANSACT(&v, tpm_startup, TPM_RC_INITIALIZE);
	read_pcr(&v, after);
	CHECK(!memcmp(before, after, 32));
	/* nor does another VMM */
	close(v.fd);
	start(&v);
	TRANSACT(&v, tpm_startup, TPM_RC_INITIALIZE);
	read_pcr(&v, after);
	CHECK(!memcmp(before, after, 32));
	CHECK_EQ(vtpm_mux_power(mux, number, VTPM_POWER_RESET), 0);
	TRANSACT(&v, tpm_startup, 0);
	read_pcr(&v, after);
	CHECK(!memcmp(zero, after, 32));
	close(v.fd);
	done();
}

TEST(power_follows_the_vmm)
{
	struct vtpm_info info;
	struct vmm v;

	make(VTPM_CREATE_POWER_FOLLOWS_OPEN);
	start(&v);
	TRANSACT(&v, tpm_startup, 0);
	reset(&v);
	activate(&v);
	TRANSACT(&v, tpm_startup, TPM_RC_INITIALIZE);
	close(v.fd);
	CHECK_EQ(vtpm_mux_info(mux, number, &info), 0);
	CHECK(!(info.state & VTPM_STATE_POWERED));
	start(&v);
	TRANSACT(&v, tpm_startup, 0);
	close(v.fd);
	done();
}

TEST(one_user_at_a_time)
{
	struct vtpm_info info;
	struct vmm v;
	int fd;

	make(0);
	fd = open_vtpm(number);
	v.fd = open_vhost();
	CHECK_ERRNO(ioctl(v.fd, VHOST_SET_OWNER, NULL), EBUSY);
	close(v.fd);
	close(fd);
	own(&v, MAP_SHARED);
	CHECK_EQ(vtpm_dev_open(number, 0), -EBUSY);
	CHECK_EQ(vtpm_mux_info(mux, number, &info), 0);
	CHECK(info.state & VTPM_STATE_OPEN);
	CHECK_EQ(vtpm_mux_destroy(mux, number, 0), -EBUSY);
	close(v.fd);
	fd = open_vtpm(number);
	close(fd);
	done();
}

TEST(unmapped_with_a_command_under_way)
{
	struct vmm v;

	make(0);
	start(&v);
	TRANSACT(&v, tpm_startup, 0);
	submit_slow(&v);
	CHECK_EQ(iotlb(&v, 0, RAM_SIZE, 0), 0);
	memset(v.ram, 0xa5, RAM_SIZE);
	CHECK(poll_in(v.config) & POLLIN);
	CHECK(get_status(&v) & VIRTIO_CONFIG_S_NEEDS_RESET);
	CHECK_EQ(v.ram[RSP], 0xa5);
	CHECK_EQ(v.ram[USED + 2], 0xa5);
	/* it was executed nevertheless, and what follows works */
	reset(&v);
	CHECK_EQ(iotlb(&v, 0, RAM_SIZE, VHOST_ACCESS_RW), 0);
	activate(&v);
	CHECK_EQ(TRANSACT(&v, tpm_get_random, 0), GET_RANDOM_RESPONSE);
	close(v.fd);
	done();
}

TEST(reset_with_a_command_under_way)
{
	double begin, end;
	struct vmm v;

	make(0);
	start(&v);
	TRANSACT(&v, tpm_startup, 0);
	submit_slow(&v);
	begin = now();
	reset(&v);
	end = now();
	tap_note("reset took %.0f ms", (end - begin) * 1e3);
	memset(v.ram, 0, RAM_SIZE);
	activate(&v);
	/* waits for the one under way, whose response goes nowhere */
	CHECK_EQ(TRANSACT(&v, tpm_get_random, 0), GET_RANDOM_RESPONSE);
	CHECK_EQ(load16(&v, USED + 2), 1);
	close(v.fd);
	done();
}

TEST(killed_with_a_command_under_way)
{
	struct vmm v;
	int pair[2];
	pid_t pid;
	char c;

	make(0);
	CHECK_EQ(pipe(pair), 0);
	pid = fork();
	if (!pid) {
		start(&v);
		TRANSACT(&v, tpm_startup, 0);
		submit_slow(&v);
		CHECK_EQ(write(pair[1], "", 1), 1);
		pause();
	}
	CHECK_EQ(read(pair[0], &c, 1), 1);
	CHECK_EQ(kill(pid, SIGKILL), 0);
	CHECK_EQ(waitpid(pid, NULL, 0), pid);
	/* the vTPM is as it was for the next one */
	start(&v);
	CHECK_EQ(TRANSACT(&v, tpm_get_random, 0), GET_RANDOM_RESPONSE);
	close(v.fd);
	done();
}

TEST(suspend_and_resume)
{
	struct vhost_vring_state base = { .index = 0 };
	struct vmm v;

	make(0);
	start(&v);
	TRANSACT(&v, tpm_startup, 0);
	submit_slow(&v);
	/* waits for it */
	CHECK_EQ(ioctl(v.fd, VHOST_VDPA_SUSPEND, NULL), 0);
	CHECK(answered(&v));
	CHECK(complete(&v) > TPM_HEADER);
	CHECK_EQ(ioctl(v.fd, VHOST_GET_VRING_BASE, &base), 0);
	CHECK_EQ(base.num, v.avail);
	submit(&v, tpm_get_random, GET_RANDOM_SIZE);
	usleep(200000);
	CHECK(!answered(&v));
	CHECK_EQ(ioctl(v.fd, VHOST_VDPA_RESUME, NULL), 0);
	CHECK_EQ(complete(&v), GET_RANDOM_RESPONSE);
	CHECK_EQ(TRANSACT(&v, tpm_get_random, 0), GET_RANDOM_RESPONSE);
	close(v.fd);
	done();
}

TEST(destroyed_under_a_vmm)
{
	struct vtpm_vdpa_state state;
	unsigned int other;
	struct vmm v;
	int i;

	make(0);
	start(&v);
	TRANSACT(&v, tpm_startup, 0);
	CHECK_EQ(vtpm_mux_destroy(mux, number, 0), -EBUSY);
	CHECK_EQ(vtpm_mux_destroy(mux, number, VTPM_DESTROY_FORCE), 0);
	/* its VMM gets failures, and others can be made */
	TRANSACT(&v, tpm_get_random, TPM_RC_FAILURE);
	other = make_vtpm(mux, VTPM_ASSURANCE_SOFTWARE, 0);
	destroy_vtpm(mux, other);
	CHECK_EQ(vtpm_vdpa_get_state(number, &state), 0);
	close(v.fd);
	for (i = 0; i < 250 && !vtpm_vdpa_get_state(number, &state); i++)
		usleep(20000);
	CHECK_EQ(vtpm_vdpa_get_state(number, &state), -ENOENT);
}

TEST(module_stays_while_it_is_used)
{
	struct vmm v;

	make(0);
	close(mux);
	/* opened, but not even owned */
	v.fd = open_vhost();
	CHECK_ERRNO(syscall(SYS_delete_module, "vtpm_mux", O_NONBLOCK), EAGAIN);
	close(v.fd);
	start(&v);
	CHECK_ERRNO(syscall(SYS_delete_module, "vtpm_mux", O_NONBLOCK), EAGAIN);
	close(v.fd);
	mux = open_mux();
	done();
}

TEST(many_at_once)
{
	unsigned int numbers[16];
	struct vmm v[16];
	int i, k;

	for (i = 0; i < 16; i++) {
		make(0);
		numbers[i] = number;
		start(&v[i]);
	}
	for (i = 0; i < 16; i++)
		submit(&v[i], tpm_startup, sizeof(tpm_startup));
	for (k = 0; k < 20; k++) {
		for (i = 0; i < 16; i++) {
			complete(&v[i]);
			CHECK_EQ(tpm_rc(v[i].ram + RSP), 0);
			submit(&v[i], tpm_get_random, GET_RANDOM_SIZE);
		}
	}
	for (i = 0; i < 16; i++) {
		CHECK_EQ(complete(&v[i]), GET_RANDOM_RESPONSE);
		close(v[i].fd);
		number = numbers[i];
		done();
	}
}

/* With arguments: only the tests of these names. */
static bool wanted(const struct tap_test *test, int argc, char **argv)
{
	int i;

	for (i = 1; i < argc; i++)
		if (!strcmp(argv[i], test->name))
			return true;
	return argc == 1;
}

int main(int argc, char **argv)
{
	struct tap_test *test;

	/* Built into the debug kernel. */
	if (access("/sys/bus/vdpa/drivers/" VTPM_VDPA_VHOST, F_OK) &&
	    system("modprobe " VTPM_VDPA_VHOST))
		return EXIT_FAILURE;
	tap_begin();
	for (test = tap_first; test; test = test->next)
		if (wanted(test, argc, argv))
			tap_run(test, "");
	return tap_end();
}
