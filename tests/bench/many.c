// SPDX-License-Identifier: GPL-2.0
/*
 * What it costs to have many virtual TPMs: makes them one after another, switches
 * each on, and destroys them in the end.
 *
 * Prints lines of tab-separated fields for tests/bench/run:
 *
 *	many STEP NAME COUNT FIRST_NS LAST_NS ALL_NS
 *	memory NAME COUNT OWN_BYTES ALL_BYTES
 *
 * FIRST_NS and LAST_NS are the medians of the first and of the last tenth. OWN_BYTES
 * is what the vTPMs themselves say that they take, ALL_BYTES by how much less memory
 * the machine has than before.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../userspace/libvtpm.h"
#include "tpm.h"

const char *program = "many";

static const char *const usage =
	"Usage: many NAME COUNT auto|software [DIRECTORY]\n"
	"\n"
	"  NAME       for the output\n"
	"  DIRECTORY  where each gets a state file\n";

enum step { CREATE, POWER, STARTUP, DESTROY, STEPS };

static const char *const step_names[] = { "create", "power on", "TPM2_Startup", "destroy" };

static struct times *times[STEPS];
static int mux;

static void check(const char *what, int rc)
{
	if (rc)
		die("%s: %s", what, strerror(-rc));
}

/* Bytes that programs could still have, if no file were cached. */
static long long available(void)
{
	int caches = open("/proc/sys/vm/drop_caches", O_WRONLY | O_CLOEXEC);
	FILE *f = fopen("/proc/meminfo", "re");
	long long kib = -1;
	char line[128];

	sync();
	if (caches < 0 || write(caches, "3", 1) != 1)
		die("/proc/sys/vm/drop_caches: %s", strerror(errno));
	close(caches);
	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "MemAvailable: %lld kB", &kib) == 1)
			break;
	if (!f || kib < 0)
		die("/proc/meminfo has no MemAvailable");
	fclose(f);
	return kib * 1024;
}

static uint64_t mark(enum step step, uint64_t begin)
{
	uint64_t end = now_ns();

	times[step]->ns[times[step]->count++] = end - begin;
	return end;
}

static unsigned int make(__u32 assurance, const char *directory, unsigned int i)
{
	struct vtpm_create create = { .assurance = assurance };
	char path[4096];

	if (directory) {
		snprintf(path, sizeof(path), "%s/%u.state", directory, i);
		create.flags |= VTPM_CREATE_STATE;
		create.state_fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
		if ((int)create.state_fd < 0)
			die("%s: %s", path, strerror(errno));
	}
	check("create", vtpm_mux_create(mux, &create));
	if (directory)
		close(create.state_fd);
	return create.number;
}

static void start(unsigned int number)
{
	static const __u8 startup[] = { 0x80, 0x01, 0, 0, 0, 12, 0, 0, 0x01, 0x44, 0, 0 };
	int fd = vtpm_dev_open(number, O_CLOEXEC);
	__u8 rsp[64];

	if (fd < 0)
		die("vtpm%u: %s", number, strerror(-fd));
	if (vtpm_dev_transmit(fd, startup, sizeof(startup), rsp, sizeof(rsp)) != 10 ||
	    rsp[8] || rsp[9])
		die("vtpm%u: TPM2_Startup failed", number);
	close(fd);
}

static unsigned long long own_bytes(const unsigned int *numbers, unsigned int count)
{
	unsigned long long bytes = 0;
	struct vtpm_info info;
	unsigned int i;

	for (i = 0; i < count; i++) {
		check("info", vtpm_mux_info(mux, numbers[i], &info));
		bytes += info.memory;
	}
	return bytes;
}

static uint64_t median(const uint64_t *ns, size_t count)
{
	uint64_t sorted[count];

	memcpy(sorted, ns, sizeof(sorted));
	qsort(sorted, count, sizeof(sorted[0]), compare_u64);
	return sorted[count / 2];
}

static void print_step(enum step step, const char *name)
{
	const struct times *t = times[step];
	size_t tenth = (t->count + 9) / 10;
	uint64_t sum = 0;

	for (size_t i = 0; i < t->count; i++)
		sum += t->ns[i];
	printf("many\t%s\t%s\t%zu\t%llu\t%llu\t%llu\n", step_names[step], name, t->count,
	       (unsigned long long)median(t->ns, tenth),
	       (unsigned long long)median(t->ns + t->count - tenth, tenth),
	       (unsigned long long)sum);
}

static void run(const char *name, unsigned int count, __u32 assurance, const char *directory)
{
	unsigned int *numbers = calloc(count, sizeof(*numbers)), i;
	long long before = available();
	uint64_t begin;

	if (!numbers)
		die("no memory");
	for (i = 0; i < STEPS; i++)
		times[i] = times_alloc(count);
	for (i = 0; i < count; i++) {
		begin = now_ns();
		numbers[i] = make(assurance, directory, i);
		begin = mark(CREATE, begin);
		check("power", vtpm_mux_power(mux, numbers[i], VTPM_POWER_ON));
		begin = mark(POWER, begin);
		start(numbers[i]);
		mark(STARTUP, begin);
	}
	printf("memory\t%s\t%u\t%llu\t%lld\n", name, count, own_bytes(numbers, count),
	       before - available());
	for (i = 0; i < count; i++) {
		begin = now_ns();
		check("destroy", vtpm_mux_destroy(mux, numbers[i], 0));
		mark(DESTROY, begin);
	}
	for (i = 0; i < STEPS; i++)
		print_step(i, name);
}

int main(int argc, char **argv)
{
	unsigned int count = argc < 4 ? 0 : atoi(argv[2]);

	if (!count || argc > 5) {
		fputs(usage, stderr);
		return 2;
	}
	mux = vtpm_mux_open();
	if (mux < 0)
		die("%s: %s", VTPM_MUX_PATH, strerror(-mux));
	run(argv[1], count, strcmp(argv[3], "software") ? VTPM_ASSURANCE_AUTO :
	    VTPM_ASSURANCE_SOFTWARE, argv[4]);
	return 0;
}
