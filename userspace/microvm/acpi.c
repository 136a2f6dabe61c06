// SPDX-License-Identifier: GPL-2.0
/*
 * The guest's ACPI tables. Stock kernels find a virtio-mmio device no other way,
 * and the event log of its TPM neither. The machine is of the hardware-reduced
 * kind: a register to switch it off, one to reset it, and no more.
 */
#include <assert.h>
#include <string.h>

#include "microvm.h"

#define FADT_FLAGS		(BIT(0) | BIT(4) | BIT(5) | BIT(10) | BIT(20))
#define FADT_NO_VGA		BIT(2)
#define FADT_NO_RTC		BIT(5)
#define GAS_IO			1
#define GAS_BYTE		1
#define LAPIC_ADDRESS		0xfee00000
#define IOAPIC_ADDRESS		0xfec00000
#define MADT_LAPIC		0
#define MADT_IOAPIC		1

/* All without gaps. */
#pragma pack(push, 1)

struct acpi_header {
	char signature[4];
	__u32 length;
	__u8 revision;
	__u8 checksum;
	char oem_id[6];
	char oem_table_id[8];
	__u32 oem_revision;
	char creator_id[4];
	__u32 creator_revision;
};

struct acpi_gas {
	__u8 space;
	__u8 bit_width;
	__u8 bit_offset;
	__u8 access;
	__u64 address;
};

struct acpi_rsdp {
	char signature[8];
	__u8 checksum;
	char oem_id[6];
	__u8 revision;
	__u32 rsdt;
	__u32 length;
	__u64 xsdt;
	__u8 extended_checksum;
	__u8 reserved[3];
};

struct acpi_xsdt {
	struct acpi_header header;
	__u64 tables[3];
};

/* ACPI 6.5, 5.2.9; what is not named is 0. */
struct acpi_fadt {
	struct acpi_header header;
	__u8 unused1[73];
	__u16 boot_architecture;
	__u8 unused2;
	__u32 flags;
	struct acpi_gas reset;
	__u8 reset_value;
	__u8 unused3[2];
	__u8 minor_revision;
	__u64 unused4;
	__u64 dsdt;
	__u8 unused5[96];
	struct acpi_gas sleep_control;
	struct acpi_gas sleep_status;
	char hypervisor[8];
};

/* One processor, one I/O APIC, no 8259. */
struct acpi_madt {
	struct acpi_header header;
	__u32 lapic_address;
	__u32 flags;
	struct {
		__u8 type, length, processor, id;
		__u32 flags;
	} lapic;
	struct {
		__u8 type, length, id, reserved;
		__u32 address, base;
	} ioapic;
};

/* TCG ACPI specification, 8.1: here only to say where the event log is. */
struct acpi_tpm2 {
	struct acpi_header header;
	__u16 platform_class;
	__u16 reserved;
	__u64 control_address;
	__u32 start_method;
	__u8 start_parameters[12];
	__u32 log_length;
	__u64 log_address;
};

#pragma pack(pop)

static_assert(sizeof(struct acpi_header) == 36, "ACPI 6.5, 5.2.6");
static_assert(sizeof(struct acpi_rsdp) == 36, "ACPI 6.5, 5.2.5.3");
static_assert(offsetof(struct acpi_fadt, boot_architecture) == 109, "5.2.9");
static_assert(offsetof(struct acpi_fadt, dsdt) == 140, "5.2.9");
static_assert(sizeof(struct acpi_fadt) == 276, "5.2.9");
static_assert(sizeof(struct acpi_tpm2) == 76, "TCG ACPI 8.1");

/*
 * Name (\_S5, Package () { 5, 0, 0, 0 })
 * Device (\_SB.COM1) {
 *	Name (_HID, EisaId ("PNP0501"))
 *	Name (_UID, 0)
 *	Name (_CRS, ResourceTemplate () {
 *		IO (Decode16, 0x3f8, 0x3f8, 0, 8)
 *		Interrupt (ResourceConsumer, Edge, ActiveHigh, Exclusive) { 4 }
 *	})
 * }
 */
static const __u8 aml_machine[] = {
	0x08, '\\', '_', 'S', '5', '_', 0x12, 7, 4, 0x0a, 5, 0, 0, 0,
	0x5b, 0x82, 55, '\\', 0x2e, '_', 'S', 'B', '_', 'C', 'O', 'M', '1',
	0x08, '_', 'H', 'I', 'D', 0x0c, 0x41, 0xd0, 0x05, 0x01,
	0x08, '_', 'U', 'I', 'D', 0,
	0x08, '_', 'C', 'R', 'S', 0x11, 22, 0x0a, 19,
	0x47, 1, 0xf8, 0x03, 0xf8, 0x03, 0, 8,
	0x89, 6, 0, 3, 1, SERIAL_IRQ, 0, 0, 0,
	0x79, 0,
};

/*
 * Device (\_SB.TPM0) {
 *	Name (_HID, "LNRO0005")
 *	Name (_UID, 0)
 *	Name (_CCA, 1)
 *	Name (_CRS, ResourceTemplate () {
 *		Memory32Fixed (ReadWrite, 0xd0000000, 0x1000)
 *		Interrupt (ResourceConsumer, Edge, ActiveHigh, Exclusive) { 5 }
 *	})
 * }
 */
static const __u8 aml_virtio[] = {
	0x5b, 0x82, 0x47, 4, '\\', 0x2e, '_', 'S', 'B', '_', 'T', 'P', 'M', '0',
	0x08, '_', 'H', 'I', 'D', 0x0d, 'L', 'N', 'R', 'O', '0', '0', '0', '5', 0,
	0x08, '_', 'U', 'I', 'D', 0,
	0x08, '_', 'C', 'C', 'A', 1,
	0x08, '_', 'C', 'R', 'S', 0x11, 26, 0x0a, 23,
	0x86, 9, 0, 1, 0, 0, 0, 0xd0, 0, VIRTIO_SIZE >> 8, 0, 0,
	0x89, 6, 0, 3, 1, VIRTIO_IRQ, 0, 0, 0,
	0x79, 0,
};

/* Makes the bytes' sum zero. */
static __u8 checksum(const void *data, size_t len)
{
	const __u8 *p = data;
	__u8 sum = 0;

	while (len--)
		sum -= *p++;
	return sum;
}

/* Where the next table goes. */
static __u64 next;

static void *allocate(struct guest *g, size_t len, __u64 *address)
{
	*address = next;
	next += (len + 15) & ~15ul;
	if (next > EVENT_LOG_GPA)
		die("no room for ACPI tables");
	return g->ram + *address;
}

/* Finishes a table's header, copies the table, and says where it is. */
static __u64 put_table(struct guest *g, void *table, const char *signature,
		       __u8 revision, size_t len)
{
	struct acpi_header *h = table;
	__u64 address;

	memcpy(h->signature, signature, sizeof(h->signature));
	memcpy(h->oem_id, "VTPMUX", sizeof(h->oem_id));
	memcpy(h->oem_table_id, "MICROVM ", sizeof(h->oem_table_id));
	memcpy(h->creator_id, "VTPM", sizeof(h->creator_id));
	h->length = len;
	h->revision = revision;
	h->oem_revision = 1;
	h->creator_revision = 1;
	h->checksum = checksum(table, len);
	memcpy(allocate(g, len, &address), table, len);
	return address;
}

static __u64 put_dsdt(struct guest *g)
{
	struct {
		struct acpi_header header;
		__u8 aml[sizeof(aml_machine) + sizeof(aml_virtio)];
	} dsdt = { 0 };
	size_t len = sizeof(aml_machine);

	memcpy(dsdt.aml, aml_machine, sizeof(aml_machine));
	if (g->has_vtpm) {
		memcpy(dsdt.aml + len, aml_virtio, sizeof(aml_virtio));
		len += sizeof(aml_virtio);
	}
	len += sizeof(dsdt.header);
	return put_table(g, &dsdt, "DSDT", 2, len);
}

static __u64 put_fadt(struct guest *g)
{
	struct acpi_fadt fadt = {
		.boot_architecture = FADT_NO_VGA | FADT_NO_RTC,
		.flags = FADT_FLAGS,
		.reset = { GAS_IO, 8, 0, GAS_BYTE, RESET_PORT },
		.reset_value = RESET_VALUE,
		.minor_revision = 5,
		.dsdt = put_dsdt(g),
		.sleep_control = { GAS_IO, 8, 0, GAS_BYTE, SLEEP_PORT },
		.sleep_status = { GAS_IO, 8, 0, GAS_BYTE, SLEEP_PORT + 1 },
		.hypervisor = "KVM",
	};

	return put_table(g, &fadt, "FACP", 6, sizeof(fadt));
}

static __u64 put_madt(struct guest *g)
{
	struct acpi_madt madt = {
		.lapic_address = LAPIC_ADDRESS,
		.lapic = { MADT_LAPIC, sizeof(madt.lapic), 0, 0, 1 },
		.ioapic = { MADT_IOAPIC, sizeof(madt.ioapic), 0, 0,
			    IOAPIC_ADDRESS, 0 },
	};

	return put_table(g, &madt, "APIC", 5, sizeof(madt));
}

/* Also puts the log itself where this says that it is. */
static __u64 put_tpm2(struct guest *g)
{
	struct acpi_tpm2 tpm2 = {
		.log_length = g->log.len,
		.log_address = EVENT_LOG_GPA,
	};

	memcpy(g->ram + EVENT_LOG_GPA, g->log.data, g->log.len);
	return put_table(g, &tpm2, "TPM2", 4, sizeof(tpm2));
}

/**
 * acpi_load() - make the tables
 * @g: the guest, with its event log
 *
 * Return: the address of the RSDP.
 */
__u64 acpi_load(struct guest *g)
{
	struct acpi_rsdp rsdp = {
		.signature = "RSD PTR ",
		.oem_id = "VTPMUX",
		.revision = 2,
		.length = sizeof(rsdp),
	};
	struct acpi_xsdt xsdt = { 0 };
	unsigned int count = 0;
	__u64 address;
	void *place;

	next = TABLES_GPA;
	place = allocate(g, sizeof(rsdp), &address);
	xsdt.tables[count++] = put_fadt(g);
	xsdt.tables[count++] = put_madt(g);
	if (g->log.len)
		xsdt.tables[count++] = put_tpm2(g);
	rsdp.xsdt = put_table(g, &xsdt, "XSDT", 1,
			      sizeof(xsdt.header) + count * sizeof(__u64));
	rsdp.checksum = checksum(&rsdp, offsetof(struct acpi_rsdp, length));
	rsdp.extended_checksum = checksum(&rsdp, sizeof(rsdp));
	memcpy(place, &rsdp, sizeof(rsdp));
	return address;
}
