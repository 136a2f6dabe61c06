/* SPDX-License-Identifier: GPL-2.0 */
/*
 * microvm: a small VMM that shows how a guest gets a vTPM.
 *
 *	launcher (main.c)			VMM, its child (vm.c)
 *	-----------------			---------------------
 *	reads kernel and initramfs
 *	vtpm.c: creates the vTPM, switches it
 *	  on, measures what it has read
 *	opens /dev/vhost-vdpa-N	  ------------>	vhost.c: owns the device
 *	boot.c, acpi.c: fill the guest's memory	mmio.c: the guest's registers of it
 *						seccomp.c: from here on little is allowed
 *						runs the guest
 *	waits	  <----------------------------	ends
 *	vtpm.c: switches off, or destroys
 *
 * Only the launcher may create vTPMs and decides on their power, and the process
 * that the guest could break into is another one, which has one descriptor of one
 * vTPM's data path.
 */
#ifndef MICROVM_H
#define MICROVM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdnoreturn.h>
#include <sys/types.h>

#include <linux/types.h>

#define BIT(n)		(1u << (n))
#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

/*
 * The guest's physical addresses. RAM is one piece from 0, with tables where a
 * PC has its firmware; the registers of the vTPM's device are far above it.
 */
#define BOOT_PARAMS_GPA	0x7000
#define GDT_GPA		0x8000
#define PAGE_TABLES_GPA	0x9000
#define CMDLINE_GPA	0x10000
#define CMDLINE_SIZE	0x10000
#define LOW_RAM_END	0xa0000
#define TABLES_GPA	0xe0000
#define EVENT_LOG_GPA	0xf0000
#define EVENT_LOG_SIZE	0xf000
#define RESET_GPA	0xffff0		/* where a BIOS begins */
#define HIGH_RAM_GPA	0x100000
#define RAM_MAX		0xc0000000u
#define VIRTIO_GPA	0xd0000000u
#define VIRTIO_SIZE	0x1000

/* Pins of the I/O APIC; acpi.c has them too, as bytes. */
#define SERIAL_IRQ	4
#define VIRTIO_IRQ	5

/* I/O ports */
#define SERIAL_PORT	0x3f8
#define MARK_PORT	0xf4	/* a byte written here says: I am this far */
#define I8042_PORT	0x64
#define I8042_RESET	0xfe
#define SLEEP_PORT	0x600	/* ACPI's sleep control register */
#define SLEEP_S5	0x34	/* SLP_EN, and SLP_TYP as \_S5 says */
#define RESET_PORT	0x602	/* ACPI's reset register */
#define RESET_VALUE	0x01

/* How the VMM's process ends; anything else is its failure. */
enum end {
	END_POWER_OFF	= 0,
	END_FAILURE	= 1,
	END_USAGE	= 2,
	END_RESET	= 10,	/* the guest asked for it, or crashed */
};

struct bytes {
	__u8 *data;
	size_t len;
};

/**
 * struct guest - what a guest is made of
 * @ram: its memory, from guest physical address 0 on
 * @ram_size: bytes of it
 * @kernel: a bzImage
 * @initrd: an initramfs, or nothing
 * @cmdline: the kernel's command line
 * @log: TCG event log of what was measured, or nothing
 * @entry: where the kernel begins
 * @has_vtpm: there is a virtio device
 * @no_xsave: the processor does not have it
 * @until_mark: ends at the first mark
 * @begin_ns: CLOCK_MONOTONIC when the launch began
 */
struct guest {
	__u8 *ram;
	size_t ram_size;
	struct bytes kernel;
	struct bytes initrd;
	const char *cmdline;
	struct bytes log;
	__u64 entry;
	bool has_vtpm;
	bool no_xsave;
	bool until_mark;
	__u64 begin_ns;
};

/**
 * struct launch - a vTPM, as the launcher has it
 * @mux: /dev/vtpm-mux
 * @number: of the vTPM
 * @banks: its PCR banks
 * @made: this launch created it and destroys it
 */
struct launch {
	int mux;
	unsigned int number;
	__u32 banks;
	bool made;
};

/**
 * struct vhost - a vTPM, as the VMM has it
 * @fd: /dev/vhost-vdpa-N
 * @kick: the guest has put a command into the queue
 * @call: a response is there
 * @config: the device has failed
 * @desc: guest physical address of the queue's descriptors
 * @avail: of what the guest has made available
 * @used: of what the device has used
 * @num: size of the queue
 */
struct vhost {
	int fd;
	int kick;
	int call;
	int config;
	__u64 desc;
	__u64 avail;
	__u64 used;
	__u32 num;
};

/* main.c */
void say(const char *fmt, ...);
noreturn void die(const char *fmt, ...);
__u64 now_ns(void);

/* boot.c */
void boot_load(struct guest *g);

/* acpi.c */
__u64 acpi_load(struct guest *g);

/* vtpm.c */
void vtpm_create(struct launch *l);
void vtpm_find(struct launch *l, unsigned int number);
void vtpm_power_on(struct launch *l, struct guest *g);
int vtpm_open_vhost(struct launch *l);
void vtpm_end(struct launch *l, bool power_off);

/* log.c */
#define DIGEST_MAX	64
#define BANKS_MAX	4

struct digest {
	__u16 alg;
	__u16 len;
	__u8 data[DIGEST_MAX];
};

unsigned int log_begin(struct bytes *log, __u32 banks);
unsigned int log_digests(struct digest *d, __u32 banks, const void *data,
			 size_t len);
void log_event(struct bytes *log, __u32 pcr, __u32 type,
	       const struct digest *d, unsigned int count,
	       const void *event, size_t len);

/* vm.c */
enum end vm_run(struct guest *g, struct vhost *v);

/* serial.c */
void serial_init(int vm);
void serial_write(__u16 reg, __u8 value);
__u8 serial_read(__u16 reg);
void serial_flush(void);

/* mmio.c */
void mmio_init(struct vhost *v, int vm);
void mmio_write(__u64 offset, __u32 value);
void mmio_watch(void);

/* vhost.c */
void vhost_own(struct vhost *v, int fd, struct guest *g);
__u32 vhost_device_id(struct vhost *v);
__u64 vhost_features(struct vhost *v);
__u16 vhost_num_max(struct vhost *v);
void vhost_config(struct vhost *v, void *config, size_t max);
int vhost_set_features(struct vhost *v, __u64 features);
__u8 vhost_set_status(struct vhost *v, __u8 status);
__u8 vhost_status(struct vhost *v);
int vhost_start_queue(struct vhost *v);

/* seccomp.c */
void seccomp_enter(void);

#endif
