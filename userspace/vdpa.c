// SPDX-License-Identifier: GPL-2.0
/*
 * A vTPM's vDPA device in sysfs: which driver has it, and what that made of it.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "libvtpm.h"

#define VDPA_BUS	"/sys/bus/vdpa"
#define VDPA_DEVICE	VDPA_BUS "/devices/vtpm%u"

static int write_file(const char *path, const char *text)
{
	ssize_t len = strlen(text);
	int fd, rc = 0;

	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (write(fd, text, len) != len)
		rc = errno ? -errno : -EIO;
	close(fd);
	return rc;
}

/* The first entry of a directory whose name begins so. */
static bool find_entry(const char *path, const char *prefix, char *name,
		       size_t size)
{
	struct dirent *entry;
	bool found = false;
	DIR *dir;

	dir = opendir(path);
	if (!dir)
		return false;
	while (!found && (entry = readdir(dir)))
		found = !strncmp(entry->d_name, prefix, strlen(prefix)) &&
			(size_t)snprintf(name, size, "%s", entry->d_name) < size;
	closedir(dir);
	return found;
}

/* What the driver made: /dev/vhost-vdpa-N or /dev/tpmN. */
static void find_node(const char *device, struct vtpm_vdpa_state *state)
{
	char path[256], name[64];

	if (find_entry(device, "vhost-vdpa-", name, sizeof(name))) {
		snprintf(state->node, sizeof(state->node), "/dev/%.58s", name);
		return;
	}
	if (!find_entry(device, "virtio", name, sizeof(name)))
		return;
	snprintf(path, sizeof(path), "%s/%s/tpm", device, name);
	if (find_entry(path, "tpm", name, sizeof(name)))
		snprintf(state->node, sizeof(state->node), "/dev/%.58s", name);
}

int vtpm_vdpa_get_state(unsigned int number, struct vtpm_vdpa_state *state)
{
	char device[64], path[128], driver[256];
	const char *name;
	ssize_t len;

	memset(state, 0, sizeof(*state));
	snprintf(device, sizeof(device), VDPA_DEVICE, number);
	if (access(device, F_OK))
		return -errno;
	snprintf(path, sizeof(path), "%s/driver", device);
	len = readlink(path, driver, sizeof(driver) - 1);
	if (len < 0)
		return 0;
	driver[len] = '\0';
	name = strrchr(driver, '/');
	snprintf(state->driver, sizeof(state->driver), "%.31s",
		 name ? name + 1 : driver);
	find_node(device, state);
	return 0;
}

int vtpm_vdpa_bind(unsigned int number, const char *driver)
{
	struct vtpm_vdpa_state state;
	char path[128], name[32];
	int rc;

	rc = vtpm_vdpa_get_state(number, &state);
	if (rc)
		return rc;
	snprintf(name, sizeof(name), "vtpm%u", number);
	snprintf(path, sizeof(path), VDPA_DEVICE "/driver_override", number);
	rc = write_file(path, driver);
	if (rc || !strcmp(state.driver, driver))
		return rc;
	if (state.driver[0]) {
		snprintf(path, sizeof(path), VDPA_DEVICE "/driver/unbind",
			 number);
		rc = write_file(path, name);
		if (rc)
			return rc;
	}
	snprintf(path, sizeof(path), VDPA_BUS "/drivers/%s", driver);
	if (access(path, F_OK))
		return -ENXIO;
	return write_file(VDPA_BUS "/drivers_probe", name);
}

int vtpm_vdpa_unbind(unsigned int number)
{
	struct vtpm_vdpa_state state;
	char path[128], name[32];
	int rc;

	rc = vtpm_vdpa_get_state(number, &state);
	if (rc)
		return rc;
	snprintf(path, sizeof(path), VDPA_DEVICE "/driver_override", number);
	rc = write_file(path, VTPM_VDPA_VHOST);
	if (rc || !state.driver[0])
		return rc;
	snprintf(name, sizeof(name), "vtpm%u", number);
	snprintf(path, sizeof(path), VDPA_DEVICE "/driver/unbind", number);
	return write_file(path, name);
}
