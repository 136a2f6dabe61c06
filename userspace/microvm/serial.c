// SPDX-License-Identifier: GPL-2.0
/*
 * As much of a 16550 as a kernel's console takes. Output only: what the guest
 * writes goes to standard output, line by line.
 */
#include <errno.h>
#include <linux/kvm.h>
#include <linux/serial_reg.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "microvm.h"

#define IIR_16550A	0xc0	/* with FIFOs */

static int vm_fd;
static __u8 ier, lcr, mcr, scr, divisor[2];
static bool thr_empty;		/* an interrupt that says so is pending */
static bool line_level;
static char line[256];
static size_t line_len;

static void update_irq(void)
{
	struct kvm_irq_level irq = { .irq = SERIAL_IRQ };
	bool level = ier & UART_IER_THRI && thr_empty;

	if (level == line_level)
		return;
	line_level = level;
	irq.level = level;
	if (ioctl(vm_fd, KVM_IRQ_LINE, &irq))
		die("KVM_IRQ_LINE: %m");
}

void serial_flush(void)
{
	size_t done = 0;
	ssize_t n;

	while (done < line_len) {
		n = write(STDOUT_FILENO, line + done, line_len - done);
		if (n > 0)
			done += n;
		else if (n < 0 && errno != EINTR && errno != EAGAIN)
			break;	/* nobody reads it: no reason to stop a guest */
	}
	line_len = 0;
}

static void transmit(char c)
{
	line[line_len++] = c;
	if (c == '\n' || line_len == sizeof(line))
		serial_flush();
	/* Sent at once: the register is empty again. */
	thr_empty = true;
	if (line_level) {
		/* The pin is edge-triggered. */
		thr_empty = false;
		update_irq();
		thr_empty = true;
	}
}

void serial_init(int vm)
{
	vm_fd = vm;
}

void serial_write(__u16 reg, __u8 value)
{
	if (lcr & UART_LCR_DLAB && reg <= UART_DLM) {
		divisor[reg] = value;
		return;
	}
	switch (reg) {
	case UART_TX:
		transmit(value);
		break;
	case UART_IER:
		if (value & ~ier & UART_IER_THRI)
			thr_empty = true;
		ier = value & 0xf;
		break;
	case UART_LCR:
		lcr = value;
		break;
	case UART_MCR:
		mcr = value;
		break;
	case UART_SCR:
		scr = value;
		break;
	}
	update_irq();
}

__u8 serial_read(__u16 reg)
{
	__u8 iir;

	if (lcr & UART_LCR_DLAB && reg <= UART_DLM)
		return divisor[reg];
	switch (reg) {
	case UART_IER:
		return ier;
	case UART_IIR:
		iir = line_level ? UART_IIR_THRI : UART_IIR_NO_INT;
		/* To read it acknowledges this interrupt. */
		thr_empty = false;
		update_irq();
		return iir | IIR_16550A;
	case UART_LCR:
		return lcr;
	case UART_MCR:
		return mcr;
	case UART_LSR:
		return UART_LSR_TEMT | UART_LSR_THRE;
	case UART_MSR:
		return UART_MSR_DCD | UART_MSR_DSR | UART_MSR_CTS;
	case UART_SCR:
		return scr;
	}
	return 0;
}
