// SPDX-License-Identifier: GPL-2.0
/*
 * The virtual machine: one processor, interrupt controllers in the kernel, and
 * what happens when the guest leaves KVM.
 */
#include <asm/processor-flags.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include "microvm.h"

#define RAM_SLOT	0
#define TSS_GPA		0xfffbd000u	/* for KVM's own use, on Intel */
#define IDENTITY_GPA	0xfffbc000ull
#define IOAPIC_PINS	24
#define CPUID_MAX	256

#define EFER_LME	BIT(8)
#define EFER_LMA	BIT(10)
#define CODE_SELECTOR	0x10
#define DATA_SELECTOR	0x18

#define MSR_MTRR_DEF_TYPE	0x2ff
#define MTRR_ENABLED_WB		0x806

/* Leaf 1 of CPUID, ECX, and leaf 7, EBX */
#define CPUID_FMA	BIT(12)
#define CPUID_TSC_DEADLINE BIT(24)
#define CPUID_XSAVE	BIT(26)
#define CPUID_OSXSAVE	BIT(27)
#define CPUID_AVX	BIT(28)
#define CPUID_F16C	BIT(29)
#define CPUID_HYPERVISOR BIT(31)	/* the kernel looks for KVM's clock */
#define CPUID_AVX2	BIT(5)

struct vm {
	int kvm;
	int fd;
	int vcpu;
	struct kvm_run *run;
	struct guest *guest;
	__u64 io_exits;
	__u64 mmio_exits;
};

static void create(struct vm *vm)
{
	__u64 identity = IDENTITY_GPA;

	vm->kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	if (vm->kvm < 0)
		die("/dev/kvm: %m");
	vm->fd = ioctl(vm->kvm, KVM_CREATE_VM, 0);
	if (vm->fd < 0)
		die("KVM_CREATE_VM: %m");
	if (ioctl(vm->fd, KVM_SET_TSS_ADDR, TSS_GPA) ||
	    ioctl(vm->fd, KVM_SET_IDENTITY_MAP_ADDR, &identity) ||
	    ioctl(vm->fd, KVM_CREATE_IRQCHIP, 0))
		die("KVM: no interrupt controllers: %m");
}

/* Each pin of the I/O APIC is the interrupt of its number; there is no 8259. */
static void route_interrupts(struct vm *vm)
{
	struct {
		struct kvm_irq_routing head;
		struct kvm_irq_routing_entry entries[IOAPIC_PINS];
	} routing = { .head.nr = IOAPIC_PINS };
	unsigned int i;

	for (i = 0; i < IOAPIC_PINS; i++) {
		routing.entries[i] = (struct kvm_irq_routing_entry){
			.gsi = i,
			.type = KVM_IRQ_ROUTING_IRQCHIP,
			.u.irqchip = { KVM_IRQCHIP_IOAPIC, i },
		};
	}
	if (ioctl(vm->fd, KVM_SET_GSI_ROUTING, &routing))
		die("KVM_SET_GSI_ROUTING: %m");
}

static void map_ram(struct vm *vm)
{
	struct kvm_userspace_memory_region region = {
		.slot = RAM_SLOT,
		.memory_size = vm->guest->ram_size,
		.userspace_addr = (uintptr_t)vm->guest->ram,
	};

	if (ioctl(vm->fd, KVM_SET_USER_MEMORY_REGION, &region))
		die("KVM_SET_USER_MEMORY_REGION: %m");
}

static void adjust_cpuid(struct vm *vm, struct kvm_cpuid_entry2 *e)
{
	switch (e->function) {
	case 1:
		e->ebx &= 0x00ffffff;		/* the APIC's id is 0 */
		e->ecx |= CPUID_HYPERVISOR;
		if (ioctl(vm->kvm, KVM_CHECK_EXTENSION,
			  KVM_CAP_TSC_DEADLINE_TIMER) > 0)
			e->ecx |= CPUID_TSC_DEADLINE;
		if (vm->guest->no_xsave)
			e->ecx &= ~(CPUID_FMA | CPUID_XSAVE | CPUID_OSXSAVE |
				    CPUID_AVX | CPUID_F16C);
		break;
	case 7:
		if (vm->guest->no_xsave && e->index == 0)
			e->ebx &= ~CPUID_AVX2;
		break;
	case 0xd:
		if (vm->guest->no_xsave)
			*e = (struct kvm_cpuid_entry2){
				.function = e->function,
				.index = e->index,
				.flags = e->flags,
			};
		break;
	}
}

static void set_cpuid(struct vm *vm)
{
	struct {
		struct kvm_cpuid2 head;
		struct kvm_cpuid_entry2 entries[CPUID_MAX];
	} cpuid = { .head.nent = CPUID_MAX };
	unsigned int i;

	if (ioctl(vm->kvm, KVM_GET_SUPPORTED_CPUID, &cpuid))
		die("KVM_GET_SUPPORTED_CPUID: %m");
	for (i = 0; i < cpuid.head.nent; i++)
		adjust_cpuid(vm, &cpuid.entries[i]);
	if (ioctl(vm->vcpu, KVM_SET_CPUID2, &cpuid))
		die("KVM_SET_CPUID2: %m");
}

static void set_msrs(struct vm *vm)
{
	struct {
		struct kvm_msrs head;
		struct kvm_msr_entry entry;
	} msrs = {
		.head.nmsrs = 1,
		.entry = { .index = MSR_MTRR_DEF_TYPE, .data = MTRR_ENABLED_WB },
	};

	if (ioctl(vm->vcpu, KVM_SET_MSRS, &msrs) != 1)
		die("KVM_SET_MSRS: %m");
}

/* Where the 64-bit boot protocol begins. */
static void set_registers(struct vm *vm)
{
	const struct kvm_segment data = {
		.limit = 0xffffffff, .selector = DATA_SELECTOR, .type = 3,
		.present = 1, .s = 1, .db = 1, .g = 1,
	};
	const struct kvm_segment code = {
		.limit = 0xffffffff, .selector = CODE_SELECTOR, .type = 11,
		.present = 1, .s = 1, .l = 1, .g = 1,
	};
	struct kvm_regs regs = {
		.rip = vm->guest->entry,
		.rsi = BOOT_PARAMS_GPA,
		.rsp = BOOT_PARAMS_GPA,
		.rflags = X86_EFLAGS_FIXED,
	};
	struct kvm_sregs sregs;

	if (ioctl(vm->vcpu, KVM_GET_SREGS, &sregs))
		die("KVM_GET_SREGS: %m");
	sregs.cs = code;
	sregs.ds = data;
	sregs.es = data;
	sregs.fs = data;
	sregs.gs = data;
	sregs.ss = data;
	sregs.gdt = (struct kvm_dtable){ .base = GDT_GPA, .limit = 31 };
	sregs.cr3 = PAGE_TABLES_GPA;
	sregs.cr4 = X86_CR4_PAE;
	sregs.cr0 = X86_CR0_PE | X86_CR0_ET | X86_CR0_PG;
	sregs.efer = EFER_LME | EFER_LMA;
	if (ioctl(vm->vcpu, KVM_SET_SREGS, &sregs) ||
	    ioctl(vm->vcpu, KVM_SET_REGS, &regs))
		die("KVM_SET_SREGS: %m");
}

static void create_vcpu(struct vm *vm)
{
	int size = ioctl(vm->kvm, KVM_GET_VCPU_MMAP_SIZE, 0);

	vm->vcpu = ioctl(vm->fd, KVM_CREATE_VCPU, 0);
	if (vm->vcpu < 0 || size < 0)
		die("KVM_CREATE_VCPU: %m");
	vm->run = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED,
		       vm->vcpu, 0);
	if (vm->run == MAP_FAILED)
		die("mmap: %m");
	set_cpuid(vm);
	set_msrs(vm);
	set_registers(vm);
}

/* The guest says how far it is: for measurements. */
static bool note_mark(struct vm *vm, __u8 number)
{
	double ms = (now_ns() - vm->guest->begin_ns) / 1e6;

	serial_flush();
	say("mark %u: %.1f ms, %llu exits", number, ms,
	    (unsigned long long)(vm->io_exits + vm->mmio_exits));
	return vm->guest->until_mark;
}

/* One byte to a port. True: the machine has come to its @end. */
static bool port_out(struct vm *vm, __u16 port, __u8 value, enum end *end)
{
	if (port >= SERIAL_PORT && port < SERIAL_PORT + 8) {
		serial_write(port - SERIAL_PORT, value);
		return false;
	}
	*end = END_RESET;
	switch (port) {
	case SLEEP_PORT:
		*end = END_POWER_OFF;
		return value == SLEEP_S5;
	case RESET_PORT:
		return value == RESET_VALUE;
	case I8042_PORT:
		return value == I8042_RESET;
	case MARK_PORT:
		*end = END_POWER_OFF;
		return note_mark(vm, value);
	}
	return false;
}

/* What is not there reads as ones. */
static __u8 port_in(__u16 port)
{
	if (port >= SERIAL_PORT && port < SERIAL_PORT + 8)
		return serial_read(port - SERIAL_PORT);
	return port == SLEEP_PORT || port == SLEEP_PORT + 1 ? 0 : 0xff;
}

/* Accesses of several bytes are to as many ports, and may be repeated. */
static bool handle_io(struct vm *vm, enum end *end)
{
	__u8 *data = (__u8 *)vm->run + vm->run->io.data_offset;
	bool out = vm->run->io.direction == KVM_EXIT_IO_OUT;
	__u32 i, n = vm->run->io.size * vm->run->io.count;
	__u16 port;

	vm->io_exits++;
	for (i = 0; i < n; i++) {
		port = vm->run->io.port + i % vm->run->io.size;
		if (!out)
			data[i] = port_in(port);
		else if (port_out(vm, port, data[i], end))
			return true;
	}
	return false;
}

/* Reads of the virtio registers do not come here, see mmio.c. */
static void handle_mmio(struct vm *vm)
{
	__u64 address = vm->run->mmio.phys_addr;
	__u32 value;

	vm->mmio_exits++;
	if (!vm->run->mmio.is_write) {
		memset(vm->run->mmio.data, 0xff, sizeof(vm->run->mmio.data));
		return;
	}
	if (!vm->guest->has_vtpm || vm->run->mmio.len != 4 ||
	    address < VIRTIO_GPA || address >= VIRTIO_GPA + VIRTIO_SIZE)
		return;
	memcpy(&value, vm->run->mmio.data, sizeof(value));
	mmio_write(address - VIRTIO_GPA, value);
}

static enum end loop(struct vm *vm)
{
	enum end end = END_FAILURE;

	for (;;) {
		if (ioctl(vm->vcpu, KVM_RUN, 0) < 0) {
			if (errno == EINTR || errno == EAGAIN)
				continue;
			die("KVM_RUN: %m");
		}
		switch (vm->run->exit_reason) {
		case KVM_EXIT_IO:
			if (handle_io(vm, &end))
				return end;
			break;
		case KVM_EXIT_MMIO:
			handle_mmio(vm);
			break;
		case KVM_EXIT_SHUTDOWN:		/* a triple fault */
			return END_RESET;
		default:
			die("KVM: exit reason %u (0x%llx)", vm->run->exit_reason,
			    (unsigned long long)vm->run->hw.hardware_exit_reason);
		}
	}
}

/**
 * vm_run() - run a guest to its end
 * @g: the guest, loaded
 * @v: its vTPM, or NULL
 *
 * Return: how it has ended.
 */
enum end vm_run(struct guest *g, struct vhost *v)
{
	struct vm vm = { .guest = g };
	enum end end;

	create(&vm);
	route_interrupts(&vm);
	map_ram(&vm);
	serial_init(vm.fd);
	if (v) {
		mmio_init(v, vm.fd);
		mmio_watch();
	}
	create_vcpu(&vm);
	seccomp_enter();
	end = loop(&vm);
	serial_flush();
	return end;
}
