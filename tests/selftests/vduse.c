// SPDX-License-Identifier: GPL-2.0
/*
 * tpm_virtio with a device that is not ours: one in user space (VDUSE), bound to
 * the host's own driver by virtio-vdpa. As crosvm's, it has no configuration
 * space, no feature bits but those that every device has, and a short queue.
 * Told to, it keeps a command, answers late, or says what is not so.
 *
 * VDUSE admits the ids of network and block devices only: so tpm_virtio is loaded
 * with the parameter virtio_id=1, and with a short timeout.
 */
#define TAP_TIMEOUT	240

#include <linux/vduse.h>
#include <linux/virtio_config.h>
#include <linux/virtio_ring.h>
#include <glob.h>
#include <pthread.h>
#include <stdarg.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include "tpm.h"

#define NUM		4	/* of descriptors */
#define MAPS		64
#define TIMEOUT_MS	"2000"	/* tpm_virtio's */

/* What the device does with the test's commands. The kernel has its own. */
enum behaviour {
	ANSWER,
	KEEP,		/* until it is told to let go */
	SAY_NOTHING,	/* a response of no bytes */
	SAY_TOO_MUCH,	/* a length of more than there was room for */
	SAY_LESS,	/* fewer bytes than the response has */
	SAY_OTHER,	/* that it is another command's */
	SAY_NONSENSE,	/* a response that says that it is longer than it is */
};

struct map {
	__u64 start, last;
	__u8 *p;
};

struct device {
	char name[32];
	int control, fd, kick, vtpm;
	pthread_t thread;
	struct map maps[MAPS];
	bool runs;
	struct vduse_vq_info vq;
	__u16 avail, used;
	enum behaviour behaviour;	/* written by the test's thread */
	bool keeps;			/* read by it */
	bool let_go;			/* written by it */
	bool stop;			/* written by it */
	__u16 kept;
};

static int mux;

static void __attribute__((format(printf, 1, 2))) sh(const char *format, ...)
{
	char command[256];
	va_list args;

	va_start(args, format);
	vsnprintf(command, sizeof(command), format, args);
	va_end(args);
	if (system(command))
		tap_fail("%s", command);
}

static void unmap_all(struct device *d)
{
	struct map *m;

	for (m = d->maps; m < d->maps + MAPS; m++) {
		if (m->p)
			munmap(m->p, m->last - m->start + 1);
		m->p = NULL;
	}
}

/* Memory of the driver; NULL if there is none. */
static void *mem(struct device *d, __u64 iova, __u64 len)
{
	struct vduse_iotlb_entry e = { .start = iova, .last = iova + len - 1 };
	struct map *m;
	int fd, prot;

	for (m = d->maps; m < d->maps + MAPS && m->p; m++)
		if (iova >= m->start && iova + len - 1 <= m->last)
			return m->p + (iova - m->start);
	CHECK(m < d->maps + MAPS);
	fd = ioctl(d->fd, VDUSE_IOTLB_GET_FD, &e);
	if (fd < 0)
		return NULL;
	prot = (e.perm & VDUSE_ACCESS_RO ? PROT_READ : 0) |
	       (e.perm & VDUSE_ACCESS_WO ? PROT_WRITE : 0);
	m->start = e.start;
	m->last = e.last;
	m->p = mmap(NULL, e.last - e.start + 1, prot, MAP_SHARED, fd, e.offset);
	CHECK(m->p != MAP_FAILED);
	close(fd);
	CHECK(iova + len - 1 <= e.last);
	return m->p + (iova - m->start);
}

/* The command is answered by a vTPM. */
static __u32 execute(struct device *d, const void *cmd, __u32 len, void *rsp)
{
	ssize_t n;

	CHECK_EQ(write(d->vtpm, cmd, len), len);
	n = read(d->vtpm, rsp, TPM_BUFSIZE);
	CHECK(n >= TPM_HEADER);
	return n;
}

static void put(struct device *d, __u32 id, __u32 len)
{
	__u16 *used = mem(d, d->vq.device_addr, 4 + 8 * d->vq.num);
	struct vring_used_elem *e = (void *)(used + 2);
	__u32 index = 0;

	e += d->used % d->vq.num;
	e->id = htole32(id);
	e->len = htole32(len);
	__atomic_store_n(&used[1], htole16(++d->used), __ATOMIC_RELEASE);
	CHECK_EQ(ioctl(d->fd, VDUSE_VQ_INJECT_IRQ, &index), 0);
}

/* A chain is a readable descriptor and a writable one. */
static void answer(struct device *d, __u16 head, enum behaviour behaviour)
{
	struct vring_desc *desc = mem(d, d->vq.desc_addr, 16 * d->vq.num);
	struct vring_desc *out = &desc[head], *in;
	__u32 len;
	__u8 *rsp;

	CHECK_EQ(le16toh(out->flags), VRING_DESC_F_NEXT);
	in = &desc[le16toh(out->next)];
	CHECK_EQ(le16toh(in->flags), VRING_DESC_F_WRITE);
	CHECK_EQ(le32toh(in->len), TPM_BUFSIZE);
	rsp = mem(d, le64toh(in->addr), TPM_BUFSIZE);
	len = execute(d, mem(d, le64toh(out->addr), le32toh(out->len)),
		      le32toh(out->len), rsp);
	switch (behaviour) {
	case SAY_NOTHING:
		len = 0;
		break;
	case SAY_TOO_MUCH:
		len = 0xffffffff;
		break;
	case SAY_LESS:
		len -= 1;
		break;
	case SAY_OTHER:
		head = (head + 1) % d->vq.num;
		break;
	case SAY_NONSENSE:
		tpm_set_size(rsp, TPM_BUFSIZE + 1);
		break;
	default:
		break;
	}
	put(d, head, len);
}

/* Is it the test's command, which is tpm_get_random? */
static bool is_test(struct device *d, __u16 head)
{
	struct vring_desc *desc = mem(d, d->vq.desc_addr, 16 * d->vq.num);

	return le32toh(desc[head].len) == GET_RANDOM_SIZE &&
	       !memcmp(mem(d, le64toh(desc[head].addr), GET_RANDOM_SIZE),
		       tpm_get_random, GET_RANDOM_SIZE);
}

static void serve(struct device *d)
{
	__u16 *avail;

	if (!d->runs)
		return;
	if (d->let_go && d->keeps) {
		answer(d, d->kept, ANSWER);
		__atomic_store_n(&d->keeps, false, __ATOMIC_SEQ_CST);
	}
	d->let_go = false;
	avail = mem(d, d->vq.driver_addr, 4 + 2 * d->vq.num);
	while (__atomic_load_n(&avail[1], __ATOMIC_ACQUIRE) != d->avail) {
		enum behaviour behaviour = __atomic_load_n(&d->behaviour,
							   __ATOMIC_SEQ_CST);
		__u16 head = avail[2 + d->avail++ % d->vq.num];

		if (!is_test(d, head))
			behaviour = ANSWER;
		if (behaviour == KEEP) {
			/* The driver has one command under way at a time. */
			CHECK(!d->keeps);
			d->kept = head;
			__atomic_store_n(&d->keeps, true, __ATOMIC_SEQ_CST);
		} else {
			answer(d, head, behaviour);
		}
	}
}

static void set_status(struct device *d, __u8 status)
{
	struct vduse_vq_eventfd kick = { .index = 0, .fd = d->kick };

	if (status & VIRTIO_CONFIG_S_DRIVER_OK && !d->runs) {
		d->vq = (struct vduse_vq_info){ .index = 0 };
		CHECK_EQ(ioctl(d->fd, VDUSE_VQ_GET_INFO, &d->vq), 0);
		CHECK(d->vq.ready);
		CHECK_EQ(d->vq.num, NUM);
		/* A reset has taken it away. */
		CHECK_EQ(ioctl(d->fd, VDUSE_VQ_SETUP_KICKFD, &kick), 0);
		d->avail = 0;
		d->used = 0;
		d->runs = true;
	} else if (!status) {
		d->runs = false;
		__atomic_store_n(&d->keeps, false, __ATOMIC_SEQ_CST);
		unmap_all(d);
	}
}

static void request(struct device *d)
{
	struct vduse_dev_response response = { .result = VDUSE_REQ_RESULT_OK };
	struct vduse_dev_request r;

	if (read(d->fd, &r, sizeof(r)) != sizeof(r))
		return;
	response.request_id = r.request_id;
	switch (r.type) {
	case VDUSE_GET_VQ_STATE:
		response.vq_state.split.avail_index = d->avail;
		break;
	case VDUSE_SET_STATUS:
		set_status(d, r.s.status);
		break;
	case VDUSE_UPDATE_IOTLB:
		unmap_all(d);
		break;
	}
	CHECK_EQ(write(d->fd, &response, sizeof(response)), sizeof(response));
}

static void *device_thread(void *arg)
{
	struct device *d = arg;
	struct pollfd p[2] = {
		{ .fd = d->fd, .events = POLLIN },
		{ .fd = d->kick, .events = POLLIN },
	};
	eventfd_t n;

	while (!__atomic_load_n(&d->stop, __ATOMIC_SEQ_CST)) {
		CHECK(poll(p, 2, -1) > 0);
		if (p[0].revents & POLLIN)
			request(d);
		if (p[1].revents & POLLIN)
			eventfd_read(d->kick, &n);
		serve(d);
	}
	return NULL;
}

static void create(struct device *d)
{
	struct vduse_dev_config config = {
		.device_id = 1,
		.features = 1ULL << VIRTIO_F_VERSION_1 |
			    1ULL << VIRTIO_F_ACCESS_PLATFORM,
		.vq_num = 1,
		.vq_align = 4096,
	};
	struct vduse_vq_config vq = { .index = 0, .max_size = NUM };
	__u64 version = VDUSE_API_VERSION;
	char path[64];

	memset(d, 0, sizeof(*d));
	snprintf(d->name, sizeof(d->name), "test%d", getpid());
	strcpy(config.name, d->name);
	d->control = open("/dev/vduse/control", O_RDWR | O_CLOEXEC);
	CHECK(d->control >= 0);
	CHECK_EQ(ioctl(d->control, VDUSE_SET_API_VERSION, &version), 0);
	CHECK_EQ(ioctl(d->control, VDUSE_CREATE_DEV, &config), 0);
	snprintf(path, sizeof(path), "/dev/vduse/%s", d->name);
	d->fd = open(path, O_RDWR | O_CLOEXEC | O_NONBLOCK);
	CHECK(d->fd >= 0);
	CHECK_EQ(ioctl(d->fd, VDUSE_VQ_SETUP, &vq), 0);
	d->kick = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
}

/* The device, with a vTPM behind it, and the driver bound to it. */
static void start(struct device *d)
{
	unsigned int number;

	create(d);
	mux = open_mux();
	number = make_vtpm(mux, VTPM_ASSURANCE_SOFTWARE, 0);
	CHECK_EQ(vtpm_mux_power(mux, number, VTPM_POWER_ON), 0);
	d->vtpm = open_vtpm(number);
	CHECK_EQ(pthread_create(&d->thread, NULL, device_thread, d), 0);
	sh("vdpa dev add name %s mgmtdev vduse", d->name);
	/* Whichever driver came first has it now. */
	sh("cd /sys/bus/vdpa && echo virtio_vdpa >devices/%s/driver_override && "
	   "{ [ ! -e devices/%s/driver ] || echo %s >devices/%s/driver/unbind; } && "
	   "echo %s >drivers/virtio_vdpa/bind",
	   d->name, d->name, d->name, d->name, d->name);
}

static void behave(struct device *d, enum behaviour behaviour)
{
	__atomic_store_n(&d->behaviour, behaviour, __ATOMIC_SEQ_CST);
}

static void wake(struct device *d)
{
	CHECK_EQ(eventfd_write(d->kick, 1), 0);
}

/* The command that it keeps is answered. */
static void let_go(struct device *d)
{
	behave(d, ANSWER);
	__atomic_store_n(&d->let_go, true, __ATOMIC_SEQ_CST);
	wake(d);
	while (__atomic_load_n(&d->keeps, __ATOMIC_SEQ_CST))
		usleep(1000);
}

static void wait_kept(struct device *d)
{
	while (!__atomic_load_n(&d->keeps, __ATOMIC_SEQ_CST))
		usleep(1000);
}

static void finish(struct device *d)
{
	sh("vdpa dev del %s", d->name);
	__atomic_store_n(&d->stop, true, __ATOMIC_SEQ_CST);
	wake(d);
	CHECK_EQ(pthread_join(d->thread, NULL), 0);
	close(d->vtpm);
	close(d->fd);
	CHECK_EQ(ioctl(d->control, VDUSE_DESTROY_DEV, d->name), 0);
	close(d->control);
	close(mux);
}

/* The path of the TPM that the driver made. */
static void tpm_path(struct device *d, char *path, size_t size)
{
	glob_t g;

	snprintf(path, size, "/sys/bus/vdpa/devices/%s/virtio*/tpm/tpm*", d->name);
	CHECK_EQ(glob(path, 0, NULL, &g), 0);
	snprintf(path, size, "/dev/%s", strrchr(g.gl_pathv[0], '/') + 1);
	globfree(&g);
}

static int open_tpm(struct device *d)
{
	char path[128];
	int fd;

	tpm_path(d, path, sizeof(path));
	fd = open(path, O_RDWR | O_CLOEXEC);
	CHECK(fd >= 0);
	return fd;
}

/* A command that fails with an errno. */
static void expect_errno(int fd, int error)
{
	CHECK_ERRNO(write(fd, tpm_get_random, GET_RANDOM_SIZE), error);
}

static void expect_random(int fd)
{
	__u8 rsp[TPM_BUFSIZE];

	CHECK_EQ(write(fd, tpm_get_random, GET_RANDOM_SIZE), GET_RANDOM_SIZE);
	CHECK_EQ(read(fd, rsp, sizeof(rsp)), GET_RANDOM_RESPONSE);
	CHECK_EQ(tpm_rc(rsp), 0);
}

/* In a thread: a command that is kept. */
static void *blocked(void *arg)
{
	int fd = *(int *)arg;

	errno = 0;
	if (write(fd, tpm_get_random, GET_RANDOM_SIZE) != -1)
		tap_fail("a command that was kept succeeded");
	return (void *)(intptr_t)errno;
}

/* Unbinds or binds the virtio device. */
static void drive(struct device *d, const char *verb)
{
	sh("dev=$(basename /sys/bus/vdpa/devices/%s/virtio*) && "
	   "echo $dev >/sys/bus/virtio/drivers/tpm_virtio/%s", d->name, verb);
}

TEST(plain_device)
{
	struct device d;
	int i, fd;

	start(&d);
	fd = open_tpm(&d);
	for (i = 0; i < 50; i++)
		expect_random(fd);
	close(fd);
	finish(&d);
}

TEST(responses_of_a_wrong_length)
{
	static const enum behaviour wrong[] = {
		SAY_NOTHING, SAY_TOO_MUCH, SAY_LESS, SAY_NONSENSE,
	};
	struct device d;
	unsigned int i;
	int fd;

	start(&d);
	fd = open_tpm(&d);
	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		behave(&d, wrong[i]);
		expect_errno(fd, EFAULT);
		behave(&d, ANSWER);
		expect_random(fd);
	}
	close(fd);
	finish(&d);
}

/* The queue is of no use any more; the driver goes and comes as usual. */
TEST(response_to_no_command)
{
	struct device d;
	int fd;

	start(&d);
	fd = open_tpm(&d);
	behave(&d, SAY_OTHER);
	expect_errno(fd, EPIPE);
	behave(&d, ANSWER);
	expect_errno(fd, EPIPE);
	close(fd);
	drive(&d, "unbind");
	drive(&d, "bind");
	fd = open_tpm(&d);
	expect_random(fd);
	close(fd);
	finish(&d);
}

TEST(interrupts_for_nothing)
{
	struct device d;
	__u32 index = 0;
	int i, fd;

	start(&d);
	fd = open_tpm(&d);
	for (i = 0; i < 200; i++) {
		CHECK_EQ(ioctl(d.fd, VDUSE_VQ_INJECT_IRQ, &index), 0);
		if (i % 20 == 0)
			expect_random(fd);
	}
	close(fd);
	finish(&d);
}

/* Its buffer is the device's until then, and nobody's before. */
TEST(answered_when_the_time_was_up)
{
	struct device d;
	int fd;

	start(&d);
	fd = open_tpm(&d);
	behave(&d, KEEP);
	expect_errno(fd, ETIME);
	CHECK(d.keeps);
	/* the device is busy */
	expect_errno(fd, ETIME);
	let_go(&d);
	expect_random(fd);
	expect_random(fd);
	close(fd);
	finish(&d);
}

/* The next one waits for it. */
TEST(answered_when_the_caller_was_killed)
{
	struct device d;
	pid_t pid;
	int fd;

	start(&d);
	fd = open_tpm(&d);
	behave(&d, KEEP);
	pid = fork();
	if (!pid) {
		expect_errno(fd, EINTR);
		_exit(0);
	}
	wait_kept(&d);
	CHECK_EQ(kill(pid, SIGKILL), 0);
	CHECK_EQ(waitpid(pid, NULL, 0), pid);
	close(fd);
	pid = fork();
	if (!pid) {
		fd = open_tpm(&d);
		expect_random(fd);
		_exit(0);
	}
	usleep(200000);
	let_go(&d);
	CHECK_EQ(waitpid(pid, &fd, 0), pid);
	CHECK_EQ(fd, 0);
	finish(&d);
}

/* What the device has not given back is freed when it has been reset. */
TEST(unbound_with_a_command_kept)
{
	struct device d;
	int i, fd;

	start(&d);
	for (i = 0; i < 3; i++) {
		fd = open_tpm(&d);
		behave(&d, KEEP);
		expect_errno(fd, ETIME);
		close(fd);
		drive(&d, "unbind");
		CHECK(!d.keeps);
		behave(&d, ANSWER);
		drive(&d, "bind");
	}
	fd = open_tpm(&d);
	expect_random(fd);
	close(fd);
	finish(&d);
}

/* The TPM is open, and a command under way that nobody will answer. */
TEST(unplugged_with_a_command_kept)
{
	pthread_t thread;
	struct device d;
	void *error;
	int fd;

	start(&d);
	fd = open_tpm(&d);
	behave(&d, KEEP);
	CHECK_EQ(pthread_create(&thread, NULL, blocked, &fd), 0);
	wait_kept(&d);
	finish(&d);
	CHECK_EQ(pthread_join(thread, &error), 0);
	CHECK_EQ((intptr_t)error, ETIME);
	expect_errno(fd, EPIPE);
	close(fd);
}

static int reload(const char *params)
{
	const char *kernel = getenv("VM_KERNEL");
	const char *path = kernel && !strcmp(kernel, "debug") ?
		"../../build/debug/src/drivers/char/tpm" : "../../drivers/char/tpm";
	char command[256];

	snprintf(command, sizeof(command),
		 "{ [ ! -e /sys/module/tpm_virtio ] || rmmod tpm_virtio; } && "
		 "insmod %s/tpm_virtio.ko %s", path, params);
	return system(command);
}

int main(void)
{
	/* Built into the debug kernel. */
	if (access("/dev/vduse/control", F_OK) && system("modprobe -a vduse virtio_vdpa"))
		return EXIT_FAILURE;
	if (reload("virtio_id=1 timeout=" TIMEOUT_MS))
		return EXIT_FAILURE;
	tap_begin();
	tap_run_all();
	return reload("") ? EXIT_FAILURE : tap_end();
}
