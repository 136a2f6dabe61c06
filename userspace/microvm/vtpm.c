// SPDX-License-Identifier: GPL-2.0
/*
 * The launcher's part: a vTPM is created, switched on, and told what the guest
 * will start with, before the guest's first instruction.
 *
 * The measurements are those that firmware would make, as far as there are any:
 *
 *	PCR 0	H-CRTM: the launcher, as _TPM_Hash_Start, _Data and _End, which no
 *		guest can send. With it PCR 0 begins at 4 instead of 0: the proof
 *		that the other events come from the host, and not from a guest
 *		that a careless host has started without measuring it.
 *	0 to 7	a separator: firmware, here none, has done its part
 *	PCR 4	the kernel
 *	PCR 8	its command line, as GRUB does
 *	PCR 9	the initramfs, as GRUB does
 *
 * All but the first are TPM2_PCR_Extend, after TPM2_Startup, which the launcher
 * sends in the firmware's stead.
 */
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../libvtpm.h"
#include "microvm.h"

#define CRTM_VERSION		"vtpm-mux microvm 1"

#define TPM_ST_NO_SESSIONS	0x8001
#define TPM_ST_SESSIONS		0x8002
#define TPM_CC_STARTUP		0x144
#define TPM_CC_PCR_EXTEND	0x182
#define TPM_RS_PW		0x40000009
#define TPM_HEADER		10

#define EV_NO_ACTION		3
#define EV_SEPARATOR		4
#define EV_COMPACT_HASH		0xc
#define EV_IPL			0xd
#define EV_EFI_HCRTM_EVENT	0x80000010

#define PCR_SEPARATORS		8	/* 0 to 7 */
#define PCR_KERNEL		4
#define PCR_CMDLINE		8
#define PCR_INITRD		9

#define NODE_WAIT_MS		10000	/* for vhost-vdpa to take the device */

struct cmd {
	size_t len;
	__u8 data[512];
};

static void cmd_put(struct cmd *c, const void *data, size_t len)
{
	memcpy(c->data + c->len, data, len);
	c->len += len;
}

static void cmd_put16(struct cmd *c, __u16 value)
{
	value = htobe16(value);
	cmd_put(c, &value, sizeof(value));
}

static void cmd_put32(struct cmd *c, __u32 value)
{
	value = htobe32(value);
	cmd_put(c, &value, sizeof(value));
}

static void cmd_begin(struct cmd *c, __u16 tag, __u32 code)
{
	c->len = 0;
	cmd_put16(c, tag);
	cmd_put32(c, 0);
	cmd_put32(c, code);
}

static void cmd_send(struct cmd *c, int dev, const char *what)
{
	__u32 size = htobe32(c->len), rc;
	__u8 rsp[VTPM_BUFSIZE];
	ssize_t len;

	memcpy(c->data + 2, &size, sizeof(size));
	len = vtpm_dev_transmit(dev, c->data, c->len, rsp, sizeof(rsp));
	if (len < TPM_HEADER)
		die("%s: %s", what, len < 0 ? strerror(-len) : "no response");
	memcpy(&rc, rsp + 6, sizeof(rc));
	if (rc)
		die("%s: TPM response code 0x%x", what, be32toh(rc));
}

static void startup(int dev)
{
	struct cmd c;

	cmd_begin(&c, TPM_ST_NO_SESSIONS, TPM_CC_STARTUP);
	cmd_put16(&c, 0);	/* TPM_SU_CLEAR */
	cmd_send(&c, dev, "TPM2_Startup");
}

static void extend(int dev, __u32 pcr, const struct digest *d,
		   unsigned int count)
{
	struct cmd c;
	unsigned int i;

	cmd_begin(&c, TPM_ST_SESSIONS, TPM_CC_PCR_EXTEND);
	cmd_put32(&c, pcr);
	cmd_put32(&c, 9);	/* the authorization: an empty password */
	cmd_put32(&c, TPM_RS_PW);
	cmd_put(&c, "\0\0\0\0", 5);
	cmd_put32(&c, count);
	for (i = 0; i < count; i++) {
		cmd_put16(&c, d[i].alg);
		cmd_put(&c, d[i].data, d[i].len);
	}
	cmd_send(&c, dev, "TPM2_PCR_Extend");
}

/* Extends the digest of @data, and writes @event down. */
static void measure(int dev, struct bytes *log, __u32 banks, __u32 pcr,
		    __u32 type, const void *data, size_t len,
		    const void *event, size_t event_len)
{
	struct digest d[BANKS_MAX];
	unsigned int count = log_digests(d, banks, data, len);

	extend(dev, pcr, d, count);
	log_event(log, pcr, type, d, count, event, event_len);
}

/* Before TPM2_Startup. */
static void measure_launcher(struct launch *l, int dev, struct bytes *log)
{
	struct digest d[BANKS_MAX];
	unsigned int count, i;
	int rc;

	rc = vtpm_dev_measure(dev, VTPM_MEASURE_START | VTPM_MEASURE_END,
			      CRTM_VERSION, strlen(CRTM_VERSION));
	if (rc)
		die("vtpm%u: measure: %s", l->number, strerror(-rc));
	count = log_digests(d, l->banks, CRTM_VERSION, strlen(CRTM_VERSION));
	for (i = 0; i < count; i++)
		memset(d[i].data, 0, d[i].len);
	/* The digest of a no-action event is 0; its last byte is the locality. */
	log_event(log, 0, EV_NO_ACTION, d, count, "StartupLocality\0\4", 17);
	count = log_digests(d, l->banks, CRTM_VERSION, strlen(CRTM_VERSION));
	log_event(log, 0, EV_EFI_HCRTM_EVENT, d, count, "HCRTM", 5);
}

/* After it. */
static void measure_guest(struct launch *l, int dev, struct guest *g)
{
	static const __u8 separator[4];
	char *text;
	__u32 i;

	for (i = 0; i < PCR_SEPARATORS; i++)
		measure(dev, &g->log, l->banks, i, EV_SEPARATOR, separator,
			sizeof(separator), separator, sizeof(separator));
	measure(dev, &g->log, l->banks, PCR_KERNEL, EV_COMPACT_HASH, g->kernel.data,
		g->kernel.len, "kernel", sizeof("kernel"));
	if (asprintf(&text, "kernel_cmdline: %s", g->cmdline) < 0)
		die("no memory");
	measure(dev, &g->log, l->banks, PCR_CMDLINE, EV_IPL, g->cmdline,
		strlen(g->cmdline), text, strlen(text) + 1);
	free(text);
	if (g->initrd.len)
		measure(dev, &g->log, l->banks, PCR_INITRD, EV_IPL,
			g->initrd.data, g->initrd.len, "initramfs",
			sizeof("initramfs"));
}

static void open_mux(struct launch *l)
{
	l->mux = vtpm_mux_open();
	if (l->mux < 0)
		die("%s: %s", VTPM_MUX_PATH, strerror(-l->mux));
}

/* A new vTPM, with a vDPA device. */
void vtpm_create(struct launch *l)
{
	struct vtpm_create args = {
		.flags = VTPM_CREATE_VDPA,
		.pcr_banks = VTPM_BANK_SHA256,
	};
	int rc;

	open_mux(l);
	rc = vtpm_mux_create(l->mux, &args);
	if (rc)
		die("a vTPM cannot be created: %s", strerror(-rc));
	l->number = args.number;
	l->banks = VTPM_BANK_SHA256;
	l->made = true;
}

/* One that there is. */
void vtpm_find(struct launch *l, unsigned int number)
{
	struct vtpm_info info;
	int rc;

	open_mux(l);
	rc = vtpm_mux_info(l->mux, number, &info);
	if (rc)
		die("vtpm%u: %s", number,
		    rc == -ENOENT ? "there is none" : strerror(-rc));
	if (info.flags & VTPM_CREATE_POWER_FOLLOWS_OPEN)
		die("vtpm%u: its power follows open, and is not the launcher's",
		    number);
	if (!(info.state & VTPM_STATE_VDPA))
		die("vtpm%u has no vDPA device", number);
	l->number = number;
	l->banks = info.pcr_banks;
	l->made = false;
}

/**
 * vtpm_power_on() - a new life of the vTPM, with the guest measured into it
 * @l: the vTPM
 * @g: the guest; gets its event log
 *
 * The data path is ours until this is done: nobody else can send a command.
 */
void vtpm_power_on(struct launch *l, struct guest *g)
{
	int dev, rc;

	dev = vtpm_dev_open(l->number, O_CLOEXEC);
	if (dev < 0)
		die("vtpm%u: %s", l->number, strerror(-dev));
	rc = vtpm_dev_power(dev, VTPM_POWER_RESET);
	if (rc)
		die("vtpm%u: power: %s", l->number, strerror(-rc));
	g->log.data = malloc(EVENT_LOG_SIZE);
	if (!g->log.data)
		die("no memory");
	log_begin(&g->log, l->banks);
	measure_launcher(l, dev, &g->log);
	startup(dev);
	measure_guest(l, dev, g);
	close(dev);
}

/* The vTPM's /dev/vhost-vdpa-N, which may take a moment to appear. */
int vtpm_open_vhost(struct launch *l)
{
	struct vtpm_vdpa_state state;
	unsigned int ms;
	int fd = -1;

	for (ms = 0; fd < 0; ms++) {
		if (ms > NODE_WAIT_MS)
			die("vtpm%u: no /dev/vhost-vdpa-N of it: is vhost_vdpa loaded?",
			    l->number);
		if (ms)
			usleep(1000);
		if (vtpm_vdpa_get_state(l->number, &state) || !state.node[0] ||
		    strcmp(state.driver, VTPM_VDPA_VHOST))
			continue;
		fd = open(state.node, O_RDWR | O_CLOEXEC);
		if (fd < 0 && errno != ENOENT)
			die("vtpm%u: %s: %m", l->number, state.node);
	}
	return fd;
}

/**
 * vtpm_end() - the VMM has ended
 * @l: the vTPM
 * @power_off: the machine is off, and not to be started again at once
 *
 * Otherwise the power stays on, for whoever starts the guest again: that will be
 * a platform reset, with a new measurement.
 */
void vtpm_end(struct launch *l, bool power_off)
{
	int rc = 0;

	if (l->made)
		rc = vtpm_mux_destroy(l->mux, l->number, VTPM_DESTROY_FORCE);
	else if (power_off)
		rc = vtpm_mux_power(l->mux, l->number, VTPM_POWER_OFF);
	if (rc)
		say("vtpm%u: %s: %s", l->number,
		    l->made ? "destroy" : "power off", strerror(-rc));
}
