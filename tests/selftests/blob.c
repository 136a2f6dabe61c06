// SPDX-License-Identifier: GPL-2.0
/*
 * The state of a vTPM as blobs: VTPM_IOC_GET_STATE and VTPM_IOC_SET_STATE.
 */
#include <signal.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/klog.h>
#include <sys/resource.h>

#include "tpm.h"

#define PCR_EXTEND_SIZE	65

static const __u8 pcr_extend[PCR_EXTEND_SIZE] = {
	0x80, 0x02, 0, 0, 0, PCR_EXTEND_SIZE, 0, 0, 0x01, 0x82, 0, 0, 0, 16,
	0, 0, 0, 9, 0x40, 0, 0, 0x09, 0, 0, 0, 0, 0,
	0, 0, 0, 1, 0, 0x0b, 1, 2, 3, 4, 5, 6, 7, 8,
};

/* NV_DefineSpace of a counter, by the owner; NV_Increment of it */
static const __u8 nv_define[] = {
	0x80, 0x02, 0, 0, 0, 45, 0, 0, 0x01, 0x2a, 0x40, 0, 0, 0x01,
	0, 0, 0, 9, 0x40, 0, 0, 0x09, 0, 0, 0, 0, 0,
	0, 0,
	0, 14, 0x01, 0x50, 0, 0x01, 0, 0x0b, 0x00, 0x02, 0x00, 0x12, 0, 0, 0, 8,
};

static const __u8 nv_increment[] = {
	0x80, 0x02, 0, 0, 0, 31, 0, 0, 0x01, 0x34,
	0x40, 0, 0, 0x01, 0x01, 0x50, 0, 0x01,
	0, 0, 0, 9, 0x40, 0, 0, 0x09, 0, 0, 0, 0, 0,
};

static const __u8 nv_read[] = {
	0x80, 0x02, 0, 0, 0, 35, 0, 0, 0x01, 0x4e,
	0x40, 0, 0, 0x01, 0x01, 0x50, 0, 0x01,
	0, 0, 0, 9, 0x40, 0, 0, 0x09, 0, 0, 0, 0, 0,
	0, 8, 0, 0,
};

/* NV_DefineSpace of what is read with "pin"; NV_Read of it with another one */
static const __u8 pin_define[] = {
	0x80, 0x02, 0, 0, 0, 48, 0, 0, 0x01, 0x2a, 0x40, 0, 0, 0x01,
	0, 0, 0, 9, 0x40, 0, 0, 0x09, 0, 0, 0, 0, 0,
	0, 3, 'p', 'i', 'n',
	0, 14, 0x01, 0x50, 0, 0x02, 0, 0x0b, 0x00, 0x04, 0x00, 0x04, 0, 0, 0, 8,
};

static const __u8 pin_guess[] = {
	0x80, 0x02, 0, 0, 0, 38, 0, 0, 0x01, 0x4e,
	0x01, 0x50, 0, 0x02, 0x01, 0x50, 0, 0x02,
	0, 0, 0, 12, 0x40, 0, 0, 0x09, 0, 0, 0, 0, 3, 'p', 'i', 'm',
	0, 8, 0, 0,
};

#define TPM_RC_LOCKOUT		0x921
#define TPM_RC_NV_UNAVAILABLE	0x923
#define TPM_RC_AUTH_FAIL_S1	0x98e

static int mux, dev;
static unsigned int number;

struct blob {
	void *bytes;
	ssize_t len;
};

static void start_number(unsigned int n)
{
	number = n;
	dev = open_vtpm(number);
	CHECK_EQ(vtpm_dev_power(dev, VTPM_POWER_ON), 0);
	TPM_EXPECT(dev, tpm_startup, 0);
}

static void start(__u32 assurance, __u32 flags)
{
	mux = open_mux();
	start_number(make_vtpm(mux, assurance, flags));
}

static void stop(void)
{
	close(dev);
	destroy_vtpm(mux, number);
}

static void off(void)
{
	CHECK_EQ(vtpm_dev_power(dev, VTPM_POWER_OFF), 0);
}

static struct blob get(unsigned int type)
{
	struct blob b;

	b.len = vtpm_dev_get_state(dev, type, &b.bytes);
	CHECK(b.len > 0);
	return b;
}

static int set(unsigned int type, unsigned int flags, const struct blob *b)
{
	return vtpm_dev_set_state(dev, type, flags, b->bytes, b->len);
}

static struct vtpm_info info(void)
{
	struct vtpm_info i;

	CHECK_EQ(vtpm_dev_info(dev, &i), 0);
	return i;
}

static void pcr16(__u8 digest[32])
{
	static const __u8 cmd[] = {
		0x80, 0x01, 0, 0, 0, 20, 0, 0, 0x01, 0x7e,
		0, 0, 0, 1, 0, 0x0b, 3, 0, 0, 1,
	};
	__u8 rsp[TPM_BUFSIZE];

	CHECK_EQ(vtpm_dev_transmit(dev, cmd, sizeof(cmd), rsp, sizeof(rsp)), 62);
	memcpy(digest, rsp + 30, 32);
}

static __u8 counter(void)
{
	__u8 rsp[TPM_BUFSIZE];

	CHECK_EQ(vtpm_dev_transmit(dev, nv_read, sizeof(nv_read), rsp,
				   sizeof(rsp)), 29);
	return rsp[23];
}

static void define_counter(void)
{
	TPM_EXPECT(dev, nv_define, 0);
	TPM_EXPECT(dev, nv_increment, 0);
}

/* Off and on again through blobs: as if nothing had happened. */
static void move(__u32 assurance)
{
	struct blob permanent, volatile_;
	__u8 before[32], after[32];

	start(assurance, 0);
	define_counter();
	TPM_EXPECT(dev, pcr_extend, 0);
	pcr16(before);
	permanent = get(VTPM_BLOB_PERMANENT);
	volatile_ = get(VTPM_BLOB_VOLATILE);
	off();
	CHECK_EQ(set(VTPM_BLOB_PERMANENT, 0, &permanent), 0);
	CHECK(!(info().state & VTPM_STATE_POWERED));
	CHECK_EQ(set(VTPM_BLOB_VOLATILE, 0, &volatile_), 0);
	CHECK(info().state & VTPM_STATE_POWERED);
	CHECK(info().state & VTPM_STATE_STARTED);
	pcr16(after);
	CHECK(!memcmp(before, after, sizeof(before)));
	CHECK_EQ(counter(), 1);
	CHECK_EQ(info().rollbacks, 0);
	stop();
}

TEST(present_state)
{
	move(VTPM_ASSURANCE_SOFTWARE);
}

TEST(present_state_with_the_chip)
{
	move(VTPM_ASSURANCE_AUTO);
}

TEST(volatile_alone)
{
	__u8 before[32], after[32];
	struct blob b;

	start(VTPM_ASSURANCE_SOFTWARE, 0);
	TPM_EXPECT(dev, pcr_extend, 0);
	pcr16(before);
	b = get(VTPM_BLOB_VOLATILE);
	off();
	CHECK_EQ(set(VTPM_BLOB_VOLATILE, 0, &b), 0);
	pcr16(after);
	CHECK(!memcmp(before, after, sizeof(before)));
	stop();
}

/* One command, and it is the past. */
TEST(past_is_refused)
{
	struct blob permanent, volatile_;

	start(VTPM_ASSURANCE_SOFTWARE, 0);
	define_counter();
	permanent = get(VTPM_BLOB_PERMANENT);
	volatile_ = get(VTPM_BLOB_VOLATILE);
	CHECK_EQ(set(VTPM_BLOB_PERMANENT, VTPM_BLOB_CHECK | VTPM_BLOB_PRESENT,
		     &permanent), 0);
	TPM_EXPECT(dev, nv_increment, 0);
	/* still one of ours, but */
	CHECK_EQ(set(VTPM_BLOB_PERMANENT, VTPM_BLOB_CHECK, &permanent), 0);
	CHECK_EQ(set(VTPM_BLOB_PERMANENT, VTPM_BLOB_CHECK | VTPM_BLOB_PRESENT,
		     &permanent), -ESTALE);
	off();
	CHECK_EQ(set(VTPM_BLOB_PERMANENT, 0, &permanent), -ESTALE);
	CHECK_EQ(set(VTPM_BLOB_VOLATILE, 0, &volatile_), -ESTALE);
	CHECK_EQ(vtpm_dev_power(dev, VTPM_POWER_ON), 0);
	TPM_EXPECT(dev, tpm_startup, 0);
	CHECK_EQ(counter(), 2);
	CHECK_EQ(info().rollbacks, 0);
	stop();
}

/* Where it is admitted, all of it comes back, and each time is counted. */
TEST(past_is_counted)
{
	struct blob permanent, volatile_;
	__u8 before[32], after[32];
	unsigned int i;

	start(VTPM_ASSURANCE_SOFTWARE, VTPM_CREATE_SNAPSHOTS);
	define_counter();
	TPM_EXPECT(dev, pcr_extend, 0);
	pcr16(before);
	permanent = get(VTPM_BLOB_PERMANENT);
	volatile_ = get(VTPM_BLOB_VOLATILE);
	for (i = 1; i <= 3; i++) {
		TPM_EXPECT(dev, pcr_extend, 0);
		TPM_EXPECT(dev, nv_increment, 0);
		CHECK_EQ(counter(), 2);
		off();
		CHECK_EQ(set(VTPM_BLOB_PERMANENT, VTPM_BLOB_PRESENT, &permanent),
			 -ESTALE);
		CHECK_EQ(set(VTPM_BLOB_PERMANENT, 0, &permanent), 0);
		CHECK_EQ(set(VTPM_BLOB_VOLATILE, 0, &volatile_), 0);
		CHECK_EQ(info().rollbacks, i);
		CHECK_EQ(counter(), 1);
		pcr16(after);
		CHECK(!memcmp(before, after, sizeof(before)));
	}
	stop();
}

/* Volatile state does not go with just any permanent one. */
TEST(halves_that_do_not_fit)
{
	struct blob volatile_;

	start(VTPM_ASSURANCE_SOFTWARE, VTPM_CREATE_SNAPSHOTS);
	volatile_ = get(VTPM_BLOB_VOLATILE);
	define_counter();
	off();
	CHECK_EQ(set(VTPM_BLOB_VOLATILE, 0, &volatile_), -ESTALE);
	CHECK(!(info().state & VTPM_STATE_POWERED));
	CHECK_EQ(vtpm_dev_power(dev, VTPM_POWER_ON), 0);
	TPM_EXPECT(dev, tpm_startup, 0);
	CHECK_EQ(counter(), 1);
	CHECK_EQ(info().rollbacks, 0);
	stop();
}

TEST(power)
{
	struct blob permanent, volatile_;
	void *none;

	start(VTPM_ASSURANCE_SOFTWARE, 0);
	permanent = get(VTPM_BLOB_PERMANENT);
	volatile_ = get(VTPM_BLOB_VOLATILE);
	CHECK_EQ(set(VTPM_BLOB_PERMANENT, 0, &permanent), -EBUSY);
	CHECK_EQ(set(VTPM_BLOB_VOLATILE, 0, &volatile_), -EBUSY);
	off();
	CHECK_EQ(vtpm_dev_get_state(dev, VTPM_BLOB_VOLATILE, &none),
		 -EHOSTDOWN);
	free(get(VTPM_BLOB_PERMANENT).bytes);
	stop();
}

/* Every byte counts. */
TEST(edited)
{
	static const unsigned int types[] = {
		VTPM_BLOB_PERMANENT, VTPM_BLOB_VOLATILE
	};
	unsigned int i;
	ssize_t at;

	start(VTPM_ASSURANCE_SOFTWARE, VTPM_CREATE_SNAPSHOTS);
	for (i = 0; i < 2; i++) {
		struct blob b = get(types[i]);
		__u8 *bytes = b.bytes;

		CHECK_EQ(set(types[i], VTPM_BLOB_CHECK, &b), 0);
		CHECK_EQ(set(types[1 - i], VTPM_BLOB_CHECK, &b), -EBADMSG);
		for (at = 0; at < b.len; at += at < 200 ? 1 : 97) {
			bytes[at] ^= 1 << at % 8;
			CHECK_EQ(set(types[i], VTPM_BLOB_CHECK, &b), -EBADMSG);
			bytes[at] ^= 1 << at % 8;
		}
		b.len--;
		CHECK_EQ(set(types[i], VTPM_BLOB_CHECK, &b), -EBADMSG);
		b.len = 87;
		CHECK_EQ(set(types[i], VTPM_BLOB_CHECK, &b), -EBADMSG);
		b.len = 0;
		CHECK_EQ(set(types[i], VTPM_BLOB_CHECK, &b), -EBADMSG);
	}
	stop();
}

TEST(another_vtpms)
{
	struct blob b;

	start(VTPM_ASSURANCE_SOFTWARE, VTPM_CREATE_SNAPSHOTS);
	b = get(VTPM_BLOB_PERMANENT);
	stop();
	start(VTPM_ASSURANCE_SOFTWARE, VTPM_CREATE_SNAPSHOTS);
	CHECK_EQ(set(VTPM_BLOB_PERMANENT, VTPM_BLOB_CHECK, &b), -EBADMSG);
	stop();
}

TEST(bad_arguments)
{
	struct vtpm_blob args = { .size = sizeof(args) };
	__u8 room[64];

	start(VTPM_ASSURANCE_SOFTWARE, 0);
	args.data = (unsigned long)room;
	args.len = sizeof(room);
	CHECK_ERRNO(ioctl(dev, VTPM_IOC_GET_STATE, &args), EINVAL);
	args.type = 3;
	CHECK_ERRNO(ioctl(dev, VTPM_IOC_GET_STATE, &args), EINVAL);
	CHECK_ERRNO(ioctl(dev, VTPM_IOC_SET_STATE, &args), EINVAL);
	args.type = VTPM_BLOB_VOLATILE;
	args.flags = VTPM_BLOB_CHECK;
	CHECK_ERRNO(ioctl(dev, VTPM_IOC_GET_STATE, &args), EINVAL);
	args.flags = 4;
	CHECK_ERRNO(ioctl(dev, VTPM_IOC_SET_STATE, &args), EINVAL);
	args.flags = 0;
	CHECK_ERRNO(ioctl(dev, VTPM_IOC_GET_STATE, &args), ENOBUFS);
	CHECK(args.len > sizeof(room));
	args.data = 1;
	CHECK_ERRNO(ioctl(dev, VTPM_IOC_GET_STATE, &args), EFAULT);
	CHECK_ERRNO(ioctl(dev, VTPM_IOC_SET_STATE, &args), EFAULT);
	args.len = 0xffffffff;
	CHECK_ERRNO(ioctl(dev, VTPM_IOC_GET_STATE, &args), EFAULT);
	stop();
}

static int new_file(void)
{
	int file = open("/run", O_TMPFILE | O_RDWR, 0600);

	CHECK(file >= 0);
	return file;
}

/* A new vTPM whose state file that is; the result is for ledger_end(). */
static bool start_in_file(int file)
{
	struct vtpm_create args = {
		.assurance = VTPM_ASSURANCE_SOFTWARE,
		.flags = VTPM_CREATE_STATE,
		.state_fd = file,
	};
	bool own;

	mux = open_mux();
	own = ledger_begin(mux);
	CHECK_EQ(vtpm_mux_create(mux, &args), 0);
	start_number(args.number);
	return own;
}

static void start_from_file(int file, __u32 flags)
{
	struct vtpm_open args = { .state_fd = file, .flags = flags };

	mux = open_mux();
	CHECK_EQ(vtpm_mux_open_state(mux, &args), 0);
	start_number(args.number);
}

static void stop_and_keep(void)
{
	close(dev);
	CHECK_EQ(vtpm_mux_destroy(mux, number, VTPM_DESTROY_KEEP), 0);
}

/* What was loaded is in the state file, whose vTPM knows it after all. */
TEST(past_of_a_state_file)
{
	int file = new_file();
	bool own = start_in_file(file);
	struct blob b;

	define_counter();
	b = get(VTPM_BLOB_PERMANENT);
	TPM_EXPECT(dev, nv_increment, 0);
	CHECK_EQ(counter(), 2);
	stop_and_keep();

	start_from_file(file, 0);
	CHECK_EQ(counter(), 2);
	off();
	CHECK_EQ(set(VTPM_BLOB_PERMANENT, 0, &b), -ESTALE);
	stop_and_keep();

	start_from_file(file, VTPM_CREATE_SNAPSHOTS);
	off();
	CHECK_EQ(set(VTPM_BLOB_PERMANENT, 0, &b), 0);
	CHECK_EQ(info().rollbacks, 1);
	stop_and_keep();

	start_from_file(file, 0);
	CHECK_EQ(counter(), 1);
	TPM_EXPECT(dev, nv_increment, 0);
	stop_and_keep();
	start_from_file(file, 0);
	CHECK_EQ(counter(), 2);
	stop();
	ledger_end(mux, own);
	close(file);
}

/* Who has given the file has its descriptor still, and nothing to say by it. */
TEST(flags_of_a_state_file)
{
	int file = new_file();
	bool own = start_in_file(file);
	off_t size = lseek(file, 0, SEEK_END);

	CHECK_EQ(fcntl(file, F_SETFL, O_APPEND), 0);
	define_counter();
	TPM_EXPECT(dev, nv_increment, 0);
	stop_and_keep();
	CHECK_EQ(lseek(file, 0, SEEK_END), size);
	CHECK_EQ(fcntl(file, F_SETFL, 0), 0);

	start_from_file(file, 0);
	CHECK_EQ(counter(), 2);
	stop();
	ledger_end(mux, own);
	close(file);
}

/* The lock that it had goes with it. */
TEST(lock_of_a_state_file)
{
	int file = new_file(), other;
	char path[32];
	bool own;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", file);
	other = open(path, O_RDWR);
	CHECK(other >= 0);
	CHECK_EQ(flock(file, LOCK_EX), 0);
	own = start_in_file(file);
	close(file);
	CHECK_ERRNO(flock(other, LOCK_EX | LOCK_NB), EWOULDBLOCK);
	close(dev);
	CHECK_EQ(vtpm_mux_destroy(mux, number, 0), 0);
	CHECK_EQ(flock(other, LOCK_EX | LOCK_NB), 0);
	ledger_end(mux, own);
	close(other);
}

/* Lines of the kernel's log that have @text. */
static unsigned int told(const char *text)
{
	const int read_all = 3, size = klogctl(10, NULL, 0);	/* 10: of its buffer */
	unsigned int n = 0;
	char *log, *at;
	int len;

	CHECK(size > 0);
	log = malloc(size + 1);
	len = klogctl(read_all, log, size);
	CHECK(len > 0);
	log[len] = '\0';
	for (at = log; (at = strstr(at, text)); at++)
		n++;
	free(log);
	return n;
}

/*
 * What a VMM can do without end does not fill the log: ten lines in a minute, and the
 * machine may be slow.
 */
#define TELLING		60
#define TOLD_MOST	30

TEST(past_is_told)
{
	struct blob b[2];
	unsigned int i, before;
	char text[64];

	start(VTPM_ASSURANCE_SOFTWARE, VTPM_CREATE_SNAPSHOTS);
	snprintf(text, sizeof(text), "vtpm%u: a state of the past", number);
	before = told(text);
	b[0] = get(VTPM_BLOB_PERMANENT);
	define_counter();
	b[1] = get(VTPM_BLOB_PERMANENT);
	off();
	for (i = 0; i < TELLING; i++)
		CHECK_EQ(set(VTPM_BLOB_PERMANENT, 0, &b[i % 2]), 0);
	CHECK_EQ(info().rollbacks, TELLING);
	i = told(text) - before;
	CHECK(i > 0 && i <= TOLD_MOST);
	stop();
}

/* A vTPM with a state file, and a writer whose own limits do not let it be written. */
static struct rlimit limit;

static bool start_limited(int file)
{
	bool own = start_in_file(file);

	CHECK(signal(SIGXFSZ, SIG_IGN) != SIG_ERR);
	CHECK_EQ(getrlimit(RLIMIT_FSIZE, &limit), 0);
	return own;
}

static void set_limited(bool limited)
{
	struct rlimit none = limit;

	none.rlim_cur = 0;
	CHECK_EQ(setrlimit(RLIMIT_FSIZE, limited ? &none : &limit), 0);
}

/* What is refused then is not lost, nor said on and on. */
TEST(limits_of_the_writer)
{
	int file = new_file();
	bool own = start_limited(file);
	unsigned int i, before;

	define_counter();
	before = told("changes are refused");
	for (i = 1; i <= TELLING; i++) {
		set_limited(true);
		TPM_EXPECT(dev, nv_increment, TPM_RC_NV_UNAVAILABLE);
		set_limited(false);
		TPM_EXPECT(dev, nv_increment, 0);
		CHECK_EQ(counter(), i + 1);
	}
	i = told("changes are refused") - before;
	CHECK(i > 0 && i <= TOLD_MOST);
	stop_and_keep();
	start_from_file(file, 0);
	CHECK_EQ(counter(), TELLING + 1);
	stop();
	ledger_end(mux, own);
	close(file);
}

/* Nor is a guess for free that could not be written down: by no way back. */
TEST(guess_is_counted)
{
	int file = new_file();
	bool own = start_limited(file);
	void *none;

	TPM_EXPECT(dev, pin_define, 0);
	TPM_EXPECT(dev, pin_guess, TPM_RC_AUTH_FAIL_S1);
	set_limited(true);
	TPM_EXPECT(dev, pin_guess, TPM_RC_NV_UNAVAILABLE);
	CHECK_EQ(vtpm_dev_get_state(dev, VTPM_BLOB_PERMANENT, &none), -EIO);
	CHECK_EQ(vtpm_dev_get_state(dev, VTPM_BLOB_VOLATILE, &none), -EIO);
	off();
	CHECK_EQ(vtpm_dev_get_state(dev, VTPM_BLOB_PERMANENT, &none), -EIO);
	set_limited(false);
	stop_and_keep();
	start_from_file(file, 0);
	/* two guesses, and one for a start without a shutdown before it */
	TPM_EXPECT(dev, pin_guess, TPM_RC_LOCKOUT);
	stop();
	ledger_end(mux, own);
	close(file);
}

/* The host's event, and who may forget it. */
TEST(established)
{
	const unsigned int all = VTPM_MEASURE_START | VTPM_MEASURE_END;

	start(VTPM_ASSURANCE_SOFTWARE, 0);
	CHECK(!(info().state & VTPM_STATE_ESTABLISHED));
	CHECK_EQ(vtpm_dev_measure(dev, all, "x", 1), 0);
	CHECK(info().state & VTPM_STATE_ESTABLISHED);
	CHECK_EQ(vtpm_dev_power(dev, VTPM_POWER_RESET), 0);
	CHECK(info().state & VTPM_STATE_ESTABLISHED);
	CHECK_EQ(vtpm_dev_reset_established(dev, 2), -EACCES);
	CHECK_EQ(vtpm_dev_reset_established(dev, 5), -EACCES);
	CHECK_EQ(vtpm_dev_reset_established(dev, 3), 0);
	CHECK(!(info().state & VTPM_STATE_ESTABLISHED));
	off();
	CHECK_EQ(vtpm_dev_reset_established(dev, 4), -EHOSTDOWN);
	stop();
}

int main(void)
{
	tap_begin();
	tap_run_all();
	return tap_end();
}
