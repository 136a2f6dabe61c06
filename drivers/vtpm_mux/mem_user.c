// SPDX-License-Identifier: GPL-2.0
/*
 * Memory of a VMM: the map's addresses are its virtual ones.
 *
 * vhost-vdpa can also pin the VMM's pages and give their physical addresses.
 * We do not take that offer. There, it gives a page back before it tells the
 * device that the mapping is gone: a VMM that unmaps while its command is in
 * the chip would have the response written into whatever the page has become.
 * A virtual address is at worst some other memory of the same VMM, and nothing
 * has to be pinned. The price is that vhost-vdpa maps so only memory that is
 * shared and has a file (memfd, hugetlbfs, /dev/shm), and no other.
 *
 * The caller has made the VMM's address space its own: kthread_use_mm().
 */
#include <linux/pagemap.h>
#include <linux/uaccess.h>

#include "mem.h"

static bool vtpm_mem_user_copy(u64 addr, void *buf, size_t len, bool write)
{
	void __user *p = u64_to_user_ptr(addr);
	unsigned long left;

	/* Whatever the VMM has told vhost-vdpa: never an address of the kernel. */
	if (addr != (unsigned long)addr || !access_ok(p, len))
		return false;
	pagefault_disable();
	if (len == sizeof(u16))
		left = write ? __put_user(*(u16 *)buf, (u16 __user *)p) :
			       __get_user(*(u16 *)buf, (u16 __user *)p);
	else
		left = write ? __copy_to_user_inatomic(p, buf, len) :
			       __copy_from_user_inatomic(buf, p, len);
	pagefault_enable();
	return !left;
}

static bool vtpm_mem_user_fault_in(u64 addr, size_t len, bool write)
{
	void __user *p = u64_to_user_ptr(addr);

	return !(write ? fault_in_writeable(p, len) : fault_in_readable(p, len));
}

const struct vtpm_mem_ops vtpm_mem_user_ops = {
	.copy = vtpm_mem_user_copy,
	.fault_in = vtpm_mem_user_fault_in,
};
