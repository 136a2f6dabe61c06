// SPDX-License-Identifier: GPL-2.0
/*
 * Puts a Linux kernel into the guest's memory as the 64-bit boot protocol wants
 * it (Documentation/arch/x86/boot.rst of the kernel).
 */
#include <asm/bootparam.h>
#include <string.h>

#include "microvm.h"

#define HEADER_AT	0x1f1	/* struct setup_header in a bzImage */
#define HEADER_MAGIC	0x53726448
#define BOOT_FLAG	0xaa55
#define PROTOCOL_MIN	0x20c	/* xloadflags */
#define ENTRY_64	0x200
#define LOADER_UNKNOWN	0xff
#define SECTOR		512
#define PAGE		0x1000ull

#define E820_RAM	1
#define E820_RESERVED	2

#define PTE_PRESENT_RW	0x3
#define PTE_HUGE	0x80

static struct setup_header kernel_header(const struct guest *g)
{
	const __u8 *image = g->kernel.data;
	struct setup_header h = { 0 };
	size_t len;

	if (g->kernel.len < 0x1000)
		die("the kernel is too small for a bzImage");
	/* Its jump instruction says how much of the header there is. */
	len = 0x202 + image[0x201] - HEADER_AT;
	memcpy(&h, image + HEADER_AT, len < sizeof(h) ? len : sizeof(h));
	if (h.boot_flag != BOOT_FLAG || h.header != HEADER_MAGIC ||
	    h.version < PROTOCOL_MIN || !(h.xloadflags & XLF_KERNEL_64))
		die("the kernel is no 64-bit bzImage");
	return h;
}

/* The part of the image that runs in the guest; the rest is for BIOSes. */
static void load_kernel(struct guest *g, struct setup_header *h)
{
	size_t skip = ((h->setup_sects ?: 4) + 1) * SECTOR, len;

	if (skip >= g->kernel.len)
		die("the kernel is cut short");
	len = g->kernel.len - skip;
	/* The file may be its guest's, and say what it likes. */
	if (h->pref_address < HIGH_RAM_GPA || h->pref_address > g->ram_size ||
	    len > h->init_size || h->init_size > g->ram_size - h->pref_address)
		die("the kernel needs more memory (--mem)");
	memcpy(g->ram + h->pref_address, g->kernel.data + skip, len);
	h->code32_start = h->pref_address;
	g->entry = h->pref_address + ENTRY_64;
}

/* At the end of memory, out of the way of the kernel as it unpacks itself. */
static void load_initrd(struct guest *g, struct setup_header *h)
{
	__u64 end = g->ram_size, begin;

	if (!g->initrd.len)
		return;
	if (end > h->initrd_addr_max)
		end = h->initrd_addr_max + 1ull;
	if (g->initrd.len > end)
		die("the initramfs needs more memory (--mem)");
	begin = (end - g->initrd.len) & ~(PAGE - 1);
	if (begin < h->pref_address + h->init_size)
		die("the initramfs needs more memory (--mem)");
	memcpy(g->ram + begin, g->initrd.data, g->initrd.len);
	h->ramdisk_image = begin;
	h->ramdisk_size = g->initrd.len;
}

static void load_cmdline(struct guest *g, struct setup_header *h)
{
	size_t len = strlen(g->cmdline);

	if (len > h->cmdline_size || len >= CMDLINE_SIZE)
		die("the command line is too long");
	memcpy(g->ram + CMDLINE_GPA, g->cmdline, len + 1);
	h->cmd_line_ptr = CMDLINE_GPA;
}

static void add_e820(struct boot_params *params, __u64 begin, __u64 end,
		     __u32 type)
{
	params->e820_table[params->e820_entries++] = (struct boot_e820_entry){
		.addr = begin, .size = end - begin, .type = type,
	};
}

/* The first four gigabytes, each address where it is, in pages of 2 MB. */
static void make_page_tables(struct guest *g)
{
	__u64 *pml4 = (__u64 *)(g->ram + PAGE_TABLES_GPA);
	__u64 *pdpt = pml4 + 512, *pd = pdpt + 512;
	unsigned int i;

	pml4[0] = (PAGE_TABLES_GPA + PAGE) | PTE_PRESENT_RW;
	for (i = 0; i < 4; i++)
		pdpt[i] = (PAGE_TABLES_GPA + (2 + i) * PAGE) | PTE_PRESENT_RW;
	for (i = 0; i < 4 * 512; i++)
		pd[i] = (__u64)i << 21 | PTE_HUGE | PTE_PRESENT_RW;
}

/* Selectors 0x10 and 0x18 are the kernel's; vm.c loads what is behind them. */
static void make_gdt(struct guest *g)
{
	static const __u64 gdt[4] = {
		0, 0, 0x00af9b000000ffff, 0x00cf93000000ffff,
	};

	memcpy(g->ram + GDT_GPA, gdt, sizeof(gdt));
}

/*
 * A kernel that is to reboot and has hardware-reduced ACPI asks EFI, and where it
 * has none, it goes to the BIOS in real mode without a look at ACPI's reset
 * register. So this is the BIOS.
 */
static void make_reset_vector(struct guest *g)
{
	static const __u8 code[] = {
		0xba, RESET_PORT & 0xff, RESET_PORT >> 8,	/* mov dx */
		0xb0, RESET_VALUE,				/* mov al */
		0xee,						/* out dx, al */
		0xf4,						/* hlt */
	};

	memcpy(g->ram + RESET_GPA, code, sizeof(code));
}

/**
 * boot_load() - fill the guest's memory
 * @g: what it says is loaded; @g->entry is set
 */
void boot_load(struct guest *g)
{
	struct boot_params *params = (void *)(g->ram + BOOT_PARAMS_GPA);
	struct setup_header h = kernel_header(g);

	load_kernel(g, &h);
	load_initrd(g, &h);
	load_cmdline(g, &h);
	h.type_of_loader = LOADER_UNKNOWN;
	h.loadflags |= LOADED_HIGH;
	params->hdr = h;
	add_e820(params, 0, LOW_RAM_END, E820_RAM);
	add_e820(params, TABLES_GPA, HIGH_RAM_GPA, E820_RESERVED);
	add_e820(params, HIGH_RAM_GPA, g->ram_size, E820_RAM);
	params->acpi_rsdp_addr = acpi_load(g);
	make_page_tables(g);
	make_gdt(g);
	make_reset_vector(g);
}
