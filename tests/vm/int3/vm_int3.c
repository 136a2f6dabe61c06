// SPDX-License-Identifier: GPL-2.0
/*
 * For the test host only: a breakpoint that is not there is no reason to panic.
 *
 * The kernel patches its own code (static keys, static calls, tracepoints) by way of
 * a breakpoint, and once every processor has answered an interrupt it takes for
 * granted that none will run into it any more. QEMU's emulation does not keep to that:
 * a processor may execute code of before that it has translated. The kernel then finds
 * a breakpoint that nobody knows of, and panics.
 *
 * So where memory has no breakpoint at the place, go back and execute what is there.
 */
#include <linux/kdebug.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/notifier.h>
#include <linux/ptrace.h>
#include <linux/uaccess.h>

#define INT3	0xcc

static atomic_t repeated = ATOMIC_INIT(0);

static int vm_int3(struct notifier_block *nb, unsigned long event, void *data)
{
	const struct die_args *args = data;
	u8 byte;

	if (event != DIE_INT3 || user_mode(args->regs))
		return NOTIFY_DONE;
	if (get_kernel_nofault(byte, (u8 *)args->regs->ip - 1) || byte == INT3)
		return NOTIFY_DONE;
	args->regs->ip--;
	atomic_inc(&repeated);
	return NOTIFY_STOP;
}

static struct notifier_block vm_int3_nb = {
	.notifier_call = vm_int3,
	/* Before those that know no breakpoint here either. */
	.priority = INT_MAX,
};

static int __init vm_int3_init(void)
{
	return register_die_notifier(&vm_int3_nb);
}
module_init(vm_int3_init);

static int repeated_get(char *buffer, const struct kernel_param *kp)
{
	return sysfs_emit(buffer, "%d\n", atomic_read(&repeated));
}

static const struct kernel_param_ops repeated_ops = {
	.get = repeated_get,
};

module_param_cb(repeated, &repeated_ops, NULL, 0444);
MODULE_PARM_DESC(repeated, "how often it has happened");

MODULE_DESCRIPTION("Breakpoints that an emulator has left behind");
MODULE_LICENSE("GPL");
