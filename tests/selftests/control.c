// SPDX-License-Identifier: GPL-2.0
/*
 * /dev/vtpm-mux: vTPMs that are made, powered, counted and destroyed.
 */
#include <fcntl.h>
#include <pthread.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "tpm.h"

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#define NOBODY		65534

TEST(create_refuses)
{
	int mux = open_mux();
	unsigned int i, before = count_vtpms(mux);

	for (i = 5; i < 32; i++)
		CHECK_EQ(CREATE(.flags = 1u << i), -EINVAL);
	for (i = 4; i < 32; i++)
		CHECK_EQ(CREATE(.pcr_banks = 1u << i), -EINVAL);
	CHECK_EQ(try_create(mux, (struct vtpm_create){ .assurance = 3 }),
		 -EINVAL);
	CHECK_EQ(try_create(mux, (struct vtpm_create){ .assurance = -1 }),
		 -EINVAL);
	CHECK_EQ(CREATE(.reserved = 1), -EINVAL);
	CHECK_EQ(CREATE(.state_fd = 1), -EINVAL);
	CHECK_EQ(CREATE(.flags = VTPM_CREATE_STATE, .reserved2 = 1), -EINVAL);
	CHECK_EQ(CREATE(.number = 1), -EINVAL);
	CHECK_EQ(CREATE(.flags = VTPM_CREATE_NUMBER,
			.number = VTPM_MAX_INSTANCES), -EINVAL);
	CHECK_EQ(CREATE(.flags = VTPM_CREATE_NUMBER, .number = -1), -EINVAL);
	CHECK_EQ(count_vtpms(mux), before);
}

TEST(create_number)
{
	static const unsigned int numbers[] = { 77, VTPM_MAX_INSTANCES - 1 };
	int mux = open_mux();
	unsigned int i, low;

	for (i = 0; i < ARRAY_SIZE(numbers); i++) {
		CHECK_EQ(CREATE(.flags = VTPM_CREATE_NUMBER,
				.number = numbers[i]), 0);
		CHECK_EQ(CREATE(.flags = VTPM_CREATE_NUMBER,
				.number = numbers[i]), -EEXIST);
		close(open_vtpm(numbers[i]));
		CHECK_EQ(vtpm_mux_destroy(mux, numbers[i], 0), 0);
		CHECK_EQ(vtpm_mux_destroy(mux, numbers[i], 0), -ENOENT);
		CHECK_EQ(vtpm_dev_open(numbers[i], 0), -ENOENT);
	}
	/* The lowest that is free, again and again. */
	low = make_vtpm(mux, VTPM_ASSURANCE_SOFTWARE, 0);
	for (i = 0; i < 20; i++) {
		CHECK_EQ(vtpm_mux_destroy(mux, low, 0), 0);
		CHECK_EQ(make_vtpm(mux, VTPM_ASSURANCE_SOFTWARE, 0), low);
		close(open_vtpm(low));
	}
	CHECK_EQ(vtpm_mux_destroy(mux, low, 0), 0);
}

TEST(create_uuid)
{
	struct vtpm_create args = {
		.assurance = VTPM_ASSURANCE_SOFTWARE,
		.uuid = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15 },
		.pcr_banks = VTPM_BANK_SHA256,
	}, other = { .assurance = VTPM_ASSURANCE_SOFTWARE };
	struct vtpm_info info;
	int mux = open_mux();

	CHECK_EQ(vtpm_mux_create(mux, &args), 0);
	CHECK_EQ(vtpm_mux_info(mux, args.number, &info), 0);
	CHECK_EQ(memcmp(info.uuid, args.uuid, 16), 0);
	CHECK_EQ(info.uuid[0], 1);
	CHECK_EQ(info.pcr_banks, VTPM_BANK_SHA256);
	memcpy(other.uuid, args.uuid, 16);
	CHECK_EQ(vtpm_mux_create(mux, &other), -EEXIST);
	destroy_vtpm(mux, args.number);

	/* Made up: version 4, RFC 9562 variant. */
	memset(other.uuid, 0, 16);
	CHECK_EQ(vtpm_mux_create(mux, &other), 0);
	CHECK_EQ(other.uuid[6] >> 4, 4);
	CHECK_EQ(other.uuid[8] >> 6, 2);
	destroy_vtpm(mux, other.number);
}

TEST(destroy_refuses)
{
	int mux = open_mux(), fd;
	unsigned int number = make_vtpm(mux, VTPM_ASSURANCE_SOFTWARE, 0);

	CHECK_EQ(vtpm_mux_destroy(mux, number, 4), -EINVAL);
	CHECK_EQ(vtpm_mux_destroy(mux, VTPM_MAX_INSTANCES, 0), -ENOENT);
	fd = open_vtpm(number);
	CHECK_EQ(vtpm_mux_destroy(mux, number, 0), -EBUSY);
	close(fd);
	CHECK_EQ(vtpm_mux_destroy(mux, number, 0), 0);
}

TEST(next)
{
	static const unsigned int numbers[] = { 100, 101, 205, 4000 };
	int mux = open_mux();
	struct vtpm_info info;
	unsigned int i, from = 100;

	for (i = 0; i < ARRAY_SIZE(numbers); i++)
		CHECK_EQ(CREATE(.flags = VTPM_CREATE_NUMBER,
				.number = numbers[i]), 0);
	for (i = 0; i < ARRAY_SIZE(numbers); i++) {
		CHECK_EQ(vtpm_mux_next(mux, from, &info), 0);
		CHECK_EQ(info.number, numbers[i]);
		from = info.number + 1;
	}
	CHECK_EQ(vtpm_mux_next(mux, from, &info), -ENOENT);
	CHECK_EQ(vtpm_mux_next(mux, -1, &info), -ENOENT);
	for (i = 0; i < ARRAY_SIZE(numbers); i++)
		destroy_vtpm(mux, numbers[i]);
}

TEST(power)
{
	int mux = open_mux();
	unsigned int number = make_vtpm(mux, VTPM_ASSURANCE_SOFTWARE, 0);
	struct vtpm_info info;

	CHECK_EQ(vtpm_mux_power(mux, number, VTPM_POWER_ON), 0);
	CHECK_EQ(vtpm_mux_info(mux, number, &info), 0);
	CHECK_EQ(info.state, VTPM_STATE_POWERED);
	CHECK_EQ(vtpm_mux_power(mux, number, VTPM_POWER_OFF), 0);
	CHECK_EQ(vtpm_mux_info(mux, number, &info), 0);
	CHECK_EQ(info.state, 0);
	CHECK_EQ(vtpm_mux_power(mux, number, 3), -EINVAL);
	destroy_vtpm(mux, number);
	CHECK_EQ(vtpm_mux_power(mux, number, VTPM_POWER_ON), -ENOENT);
}

static const struct vtpm_stat *find_stat(const struct vtpm_stat *rows, int n,
					 __u32 cc)
{
	int i;

	for (i = 0; i < n; i++)
		if (rows[i].cc == cc)
			return &rows[i];
	tap_fail("no row for 0x%x", cc);
}

TEST(stats)
{
	static const __u8 unknown[] = {
		0x80, 0x01, 0, 0, 0, 10, 0, 0, 0xff, 0xff
	};
	int i, n, fd, mux = open_mux();
	unsigned int number = make_vtpm(mux, VTPM_ASSURANCE_SOFTWARE, 0);
	const struct vtpm_stat *row;
	struct vtpm_stat *rows;
	__u8 rsp[16];

	CHECK_EQ(vtpm_mux_stats(mux, number, 0, &rows), 0);
	fd = open_vtpm(number);
	TPM_EXPECT(fd, tpm_get_random, TPM_RC_FAILURE);
	CHECK_EQ(vtpm_dev_power(fd, VTPM_POWER_ON), 0);
	TPM_EXPECT(fd, tpm_startup, 0);
	for (i = 0; i < 5; i++)
		TPM_EXPECT(fd, tpm_get_random, 0);
	CHECK_EQ(write(fd, unknown, sizeof(unknown)), sizeof(unknown));
	CHECK_EQ(read(fd, rsp, sizeof(rsp)), TPM_HEADER);

	n = vtpm_mux_stats(mux, number, 0, &rows);
	CHECK_EQ(n, 3);
	row = find_stat(rows, n, 0x17b);
	CHECK_EQ(row->count, 6);
	CHECK_EQ(row->errors, 1);
	CHECK_EQ(row->chip_commands, 0);
	CHECK(row->ns_max && row->ns >= row->ns_max);
	CHECK_EQ(find_stat(rows, n, 0x144)->count, 1);
	CHECK_EQ(find_stat(rows, n, 0x144)->errors, 0);
	CHECK_EQ(find_stat(rows, n, 0)->count, 1);
	CHECK_EQ(find_stat(rows, n, 0)->errors, 1);
	destroy_vtpm(mux, number);
	CHECK_EQ(vtpm_mux_stats(mux, number, 0, &rows), -ENOENT);
	CHECK(vtpm_mux_stats(mux, 0, VTPM_STATS_CHIP, &rows) >= 0);
	CHECK_EQ(vtpm_mux_stats(mux, 1, VTPM_STATS_CHIP, &rows), -EINVAL);
	CHECK_EQ(vtpm_mux_stats(mux, number, 2, &rows), -EINVAL);
}

/* Rows that are shorter or longer than the kernel's, and too few of them. */
TEST(stats_rows)
{
	static const unsigned int bad[] = { 0, 8, 15, 20, 4104, -8 };
	int fd, mux = open_mux();
	unsigned int i, row_size, number;
	struct vtpm_stats args;
	__u8 buf[3 * 128];
	struct vtpm_stat row;

	number = make_vtpm(mux, VTPM_ASSURANCE_SOFTWARE, 0);
	fd = open_vtpm(number);
	CHECK_EQ(vtpm_dev_power(fd, VTPM_POWER_ON), 0);
	TPM_EXPECT(fd, tpm_startup, 0);
	TPM_EXPECT(fd, tpm_get_random, 0);
	args = (struct vtpm_stats){
		.size = sizeof(args),
		.number = number,
		.rows = (uintptr_t)buf,
	};
	for (row_size = 16; row_size <= 128; row_size += 8) {
		args.row_size = row_size;
		args.count = 1;
		memset(buf, 0xa5, sizeof(buf));
		CHECK_EQ(ioctl(mux, VTPM_MUX_IOC_STATS, &args), 0);
		CHECK_EQ(args.count, 2);
		memset(&row, 0, sizeof(row));
		memcpy(&row, buf, row_size < sizeof(row) ? row_size :
						   sizeof(row));
		CHECK_EQ(row.cc, 0x144);
		CHECK_EQ(row.count, 1);
		for (i = sizeof(row); i < row_size; i++)
			CHECK_EQ(buf[i], 0);
		CHECK_EQ(buf[row_size], 0xa5);
	}
	args.count = 0;
	args.rows = 0;
	CHECK_EQ(ioctl(mux, VTPM_MUX_IOC_STATS, &args), 0);
	CHECK_EQ(args.count, 2);
	CHECK_ERRNO(ioctl(mux, VTPM_MUX_IOC_STATS, &args), EFAULT);
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		args.row_size = bad[i];
		CHECK_ERRNO(ioctl(mux, VTPM_MUX_IOC_STATS, &args), EINVAL);
	}
	destroy_vtpm(mux, number);
}

TEST(host_status)
{
	struct vtpm_host_status host;
	int mux = open_mux();

	memset(&host, 0xff, sizeof(host));
	CHECK_EQ(vtpm_mux_host_status(mux, &host), 0);
	CHECK_EQ(host.size, sizeof(host));
	CHECK_EQ(host.instances_max, VTPM_MAX_INSTANCES);
	CHECK_EQ(host.manufacturer[sizeof(host.manufacturer) - 1], 0);
	CHECK_EQ(host.vendor[sizeof(host.vendor) - 1], 0);
	CHECK(host.state <= VTPM_HOST_SUSPENDED);
	CHECK(host.error >= 0);
	if (host.state == VTPM_HOST_READY) {
		CHECK(host.chip >= 0 && host.manufacturer[0]);
		CHECK(host.srk_handle && host.mrk_handle);
		CHECK_EQ(host.mrk_name[0] << 8 | host.mrk_name[1], 0x000b);
	}
}

TEST(host_init)
{
	struct vtpm_host_status host;
	struct vtpm_host_init args = { .size = sizeof(args) };
	int mux = open_mux();

	args.auth_size = VTPM_AUTH_MAX + 1;
	CHECK_ERRNO(ioctl(mux, VTPM_MUX_IOC_HOST_INIT, &args), EINVAL);
	args.auth_size = -1;
	CHECK_ERRNO(ioctl(mux, VTPM_MUX_IOC_HOST_INIT, &args), EINVAL);
	/* More than what was given. */
	args.size = 12;
	args.auth_size = 5;
	CHECK_ERRNO(ioctl(mux, VTPM_MUX_IOC_HOST_INIT, &args), EINVAL);

	/* Binding to nobody, or to nothing that was given. */
	memset(&args, 0, sizeof(args));
	args.flags = VTPM_HOST_REPLACE;
	CHECK_EQ(vtpm_mux_host_bind(mux, &args), -EINVAL);
	args.flags = VTPM_HOST_BIND | 4;
	CHECK_EQ(vtpm_mux_host_bind(mux, &args), -EINVAL);
	args.flags = VTPM_HOST_BIND;
	args.size = sizeof(args) - 1;
	CHECK_ERRNO(ioctl(mux, VTPM_MUX_IOC_HOST_INIT, &args), EINVAL);

	CHECK_EQ(vtpm_mux_host_status(mux, &host), 0);
	if (host.state != VTPM_HOST_READY)
		SKIP("no chip");
	CHECK_EQ(vtpm_mux_host_init(mux, NULL, 0), 0);
	/* (0, 0) is no point of the curve. */
	CHECK_EQ(vtpm_mux_host_bind(mux, &args), -EKEYREJECTED);
}

/* A state that there cannot be. */
static int bad_state(int mux, unsigned int bank, unsigned int pcrs)
{
	struct vtpm_host_policy policy = { .bank = bank, .pcrs = pcrs };
	struct vtpm_host_admit admit = { .bank = bank, .pcrs = pcrs };
	int rc = vtpm_mux_host_policy(mux, &policy);

	CHECK_EQ(vtpm_mux_host_admit(mux, &admit), rc);
	return rc;
}

TEST(host_policy)
{
	struct vtpm_host_policy policy = { .bank = VTPM_BANK_SHA256, .pcrs = 1 };
	struct vtpm_host_status host;
	int mux = open_mux();

	CHECK_EQ(bad_state(mux, 0, 1), -EINVAL);
	CHECK_EQ(bad_state(mux, VTPM_BANK_SHA1, 1), -EINVAL);
	CHECK_EQ(bad_state(mux, VTPM_BANK_SHA256 | VTPM_BANK_SHA384, 1), -EINVAL);
	CHECK_EQ(bad_state(mux, VTPM_BANK_SHA256, 0), -EINVAL);
	CHECK_EQ(bad_state(mux, VTPM_BANK_SHA256, 1 << 24), -EINVAL);
	policy.reserved = 1;
	CHECK_EQ(vtpm_mux_host_policy(mux, &policy), -EINVAL);

	CHECK_EQ(vtpm_mux_host_status(mux, &host), 0);
	if (host.state != VTPM_HOST_READY)
		SKIP("no chip");
	CHECK_EQ(host.binding, VTPM_BINDING_NONE);
	policy.reserved = 0;
	policy.pcrs = 0xffffff;
	CHECK_EQ(vtpm_mux_host_policy(mux, &policy), 0);
}

TEST(permissions)
{
	int status, mux = open_mux();
	struct vtpm_host_status host;
	struct vtpm_info info;
	struct stat st;
	unsigned int number;
	pid_t pid;

	CHECK(!stat(VTPM_MUX_PATH, &st));
	CHECK_EQ(st.st_mode, S_IFCHR | 0600);
	number = make_vtpm(mux, VTPM_ASSURANCE_SOFTWARE, 0);

	pid = fork();
	if (!pid) {
		CHECK(!setgid(NOBODY) && !setuid(NOBODY));
		CHECK_EQ(vtpm_mux_open(), -EACCES);
		CHECK_EQ(vtpm_dev_open(number, 0), -EACCES);
		/* Looking is allowed to who was given the descriptor. */
		CHECK_EQ(vtpm_mux_info(mux, number, &info), 0);
		CHECK_EQ(vtpm_mux_next(mux, 0, &info), 0);
		CHECK_EQ(vtpm_mux_host_status(mux, &host), 0);
		CHECK_EQ(CREATE(), -EPERM);
		CHECK_EQ(vtpm_mux_destroy(mux, number, 0), -EPERM);
		CHECK_EQ(vtpm_mux_power(mux, number, VTPM_POWER_ON), -EPERM);
		CHECK_EQ(vtpm_mux_cancel(mux, number), -EPERM);
		CHECK_EQ(vtpm_mux_host_init(mux, NULL, 0), -EPERM);
		CHECK_EQ(vtpm_mux_anchor(mux, &(struct vtpm_anchor){}), -EPERM);
		CHECK_EQ(bad_state(mux, 0, 0), -EPERM);
		_exit(0);
	}
	waitpid(pid, &status, 0);
	CHECK_EQ(status, 0);
	destroy_vtpm(mux, number);
}

TEST(unload_refused)
{
	int fd, mux = open_mux();
	unsigned int number = make_vtpm(mux, VTPM_ASSURANCE_SOFTWARE, 0);

	CHECK_ERRNO(syscall(SYS_delete_module, "vtpm_mux", O_NONBLOCK),
		    EWOULDBLOCK);
	fd = open_vtpm(number);
	close(mux);
	CHECK_ERRNO(syscall(SYS_delete_module, "vtpm_mux", O_NONBLOCK),
		    EWOULDBLOCK);
	destroy_vtpm(open_mux(), number);
	close(fd);
}

static double race_end;

/* Each of these meets the others' vTPMs in whatever state they are. */
static void *race_create(void *arg)
{
	int mux = *(int *)arg, rc;

	while (now() < race_end) {
		rc = CREATE(.flags = VTPM_CREATE_NUMBER |
				     VTPM_CREATE_POWER_FOLLOWS_OPEN,
			    .number = 300 + rand() % 4);
		CHECK(!rc || rc == -EEXIST);
	}
	return NULL;
}

static void *race_destroy(void *arg)
{
	int mux = *(int *)arg, rc;

	while (now() < race_end) {
		rc = vtpm_mux_destroy(mux, 300 + rand() % 4,
				      rand() % 2 * VTPM_DESTROY_FORCE);
		CHECK(!rc || rc == -ENOENT || rc == -EBUSY);
	}
	return NULL;
}

static void *race_use(void *arg)
{
	int mux = *(int *)arg, rc, fd;
	__u8 rsp[64];
	ssize_t n;

	while (now() < race_end) {
		rc = vtpm_mux_power(mux, 300 + rand() % 4, VTPM_POWER_RESET);
		/* -ENODEV: destroyed after it was found. */
		CHECK(!rc || rc == -ENOENT || rc == -ENODEV);
		fd = vtpm_dev_open(300 + rand() % 4,
				   rand() % 2 ? O_NONBLOCK : 0);
		CHECK(fd >= 0 || fd == -ENOENT || fd == -ENODEV ||
		      fd == -EBUSY || fd == -ENXIO);
		if (fd < 0)
			continue;
		n = write(fd, tpm_startup, sizeof(tpm_startup));
		CHECK(n == sizeof(tpm_startup) || errno == ENODEV);
		n = read(fd, rsp, sizeof(rsp));
		CHECK(n == TPM_HEADER || (n < 0 && errno == ENODEV));
		close(fd);
	}
	return NULL;
}

static void *race_look(void *arg)
{
	struct vtpm_stat *rows;
	struct vtpm_info info;
	int mux = *(int *)arg, rc;

	while (now() < race_end) {
		rc = vtpm_mux_next(mux, 300, &info);
		CHECK(!rc || rc == -ENOENT);
		rc = vtpm_mux_stats(mux, 300 + rand() % 4, 0, &rows);
		CHECK(rc >= 0 || rc == -ENOENT);
		if (rc >= 0)
			free(rows);
		CHECK(vtpm_mux_cancel(mux, 301) != -EINVAL);
	}
	return NULL;
}

TEST(races)
{
	static void * (* const roles[])(void *) = {
		race_create, race_create, race_destroy, race_use, race_use,
		race_look,
	};
	pthread_t threads[ARRAY_SIZE(roles)];
	int mux = open_mux();
	unsigned int i, before = count_vtpms(mux);

	race_end = now() + 5;
	for (i = 0; i < ARRAY_SIZE(roles); i++)
		CHECK(!pthread_create(&threads[i], NULL, roles[i], &mux));
	for (i = 0; i < ARRAY_SIZE(roles); i++)
		CHECK(!pthread_join(threads[i], NULL));
	for (i = 300; i < 304; i++)
		vtpm_mux_destroy(mux, i, 0);
	CHECK_EQ(count_vtpms(mux), before);
}

#define LIMIT_SECONDS	25

/* After a fifth of the time: will it be enough? */
static bool too_slow(unsigned int made, double end)
{
	return now() > end - LIMIT_SECONDS * 4 / 5 &&
	       made < VTPM_MAX_INSTANCES / 8;
}

/* As many as may be, and not one more; or what a slow machine makes of it. */
TEST(limit)
{
	int mux = open_mux();
	unsigned int i, before = count_vtpms(mux);
	double end = now() + LIMIT_SECONDS;
	struct vtpm_info info;

	alarm(4 * TAP_TIMEOUT);
	for (i = before; i < VTPM_MAX_INSTANCES && now() < end &&
	     !too_slow(i - before, end); i++)
		CHECK_EQ(CREATE(), 0);
	if (i == VTPM_MAX_INSTANCES)
		CHECK_EQ(CREATE(), -ENOSPC);
	else
		tap_note("no more than %u in %.0f s", i,
			 now() - (end - LIMIT_SECONDS));
	CHECK_EQ(count_vtpms(mux), i);
	/* Those that were there before have the lowest numbers. */
	for (i = before; !vtpm_mux_next(mux, i, &info); i = info.number + 1)
		CHECK_EQ(vtpm_mux_destroy(mux, info.number, 0), 0);
	CHECK_EQ(count_vtpms(mux), before);
}

int main(void)
{
	tap_begin();
	tap_run_all();
	return tap_end();
}
