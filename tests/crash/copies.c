// SPDX-License-Identifier: GPL-2.0
/*
 * Older copies of state files and of the ledger, put back whenever that can be done:
 * the module's own rules (anchor.c, anchored.c) over disks in memory and a chip that
 * only has a counter.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/err.h>
#include <linux/ktime.h>
#include <linux/workqueue.h>

#include "../../drivers/vtpm_mux/anchor_held.h"
#include "../../drivers/vtpm_mux/hw/hw.h"
#include "../../drivers/vtpm_mux/sealed.h"
#include "../../drivers/vtpm_mux/store_file.h"
#include "disk.h"
#include "model.h"

#define HOUR	((u64)VTPM_ANCHOR_INTERVAL * NSEC_PER_SEC)

/* The chip's counter. */
static struct {
	bool found;
	u8 auth[VTPM_HW_COUNTER_AUTH];
	u64 value;
	bool fail;		/* what is tried is not done */
	bool fail_after;	/* it is done, and the response is lost */
} chip = { .value = 100 };

bool vtpm_hw_counter_found(void)
{
	return chip.found;
}

static int chip_reach(const u8 *auth)
{
	if (!chip.found || memcmp(auth, chip.auth, sizeof(chip.auth)))
		return -EXDEV;
	return chip.fail ? -EIO : 0;
}

int vtpm_hw_counter_read(const u8 *auth, u64 *value)
{
	*value = chip.value;
	return chip_reach(auth);
}

int vtpm_hw_counter_increment(const u8 *auth)
{
	int rc = chip_reach(auth);

	chip.value += !rc;
	return rc ?: chip.fail_after ? -EIO : 0;
}

int vtpm_hw_counter_define(const struct vtpm_hw_order *order, const u8 *auth)
{
	if (chip.found && !order->replace)
		return -EEXIST;
	chip.found = true;
	memcpy(chip.auth, auth, sizeof(chip.auth));
	chip.value++;
	return 0;
}

int vtpm_hw_counter_remove(const struct vtpm_hw_order *order)
{
	int rc = chip.found ? 0 : -ENOENT;

	chip.found = false;
	return rc;
}

/* Nothing is sealed here: all files have the same key. */
static struct vtpm_hw *const some_hw = (struct vtpm_hw *)&chip;

struct vtpm_hw *vtpm_hw_create(void)
{
	return some_hw;
}

void vtpm_hw_destroy(struct vtpm_hw *hw)
{
}

int vtpm_sealed_make(const struct vtpm_medium *medium, struct vtpm_hw *hw,
		     struct vtpm_store_identity *id, struct vtpm_store **store)
{
	struct vtpm_store_identity sealed = test_identity;

	memcpy(sealed.uuid, id->uuid, sizeof(sealed.uuid));
	sealed.ledger = id->ledger;
	return vtpm_store_make(medium, &sealed, VTPM_AREA_SIZE, test_key, store);
}

struct vtpm_hw *vtpm_sealed_open(const struct vtpm_medium *medium,
				 const struct vtpm_store_identity *id,
				 struct vtpm_store **store)
{
	int rc = vtpm_store_open(medium, id, test_key, store);

	return rc ? ERR_PTR(rc) : some_hw;
}

const char *vtpm_sealed_why(int rc)
{
	return NULL;
}

/* The ledger's file, by whatever descriptor. */
static struct disk ledger;

struct vtpm_store_file *vtpm_store_file_get(int fd)
{
	return (struct vtpm_store_file *)&ledger;
}

void vtpm_store_file_put(struct vtpm_store_file *file)
{
}

struct vtpm_medium vtpm_store_file_medium(struct vtpm_store_file *file)
{
	return disk_medium(&ledger);
}

/* A state file, and the vTPM that has it open. */
struct vm {
	uuid_t uuid;
	u8 key[VTPM_STATE_KEY_SIZE];
	struct disk disk;
	struct vtpm_store *store;
	struct vtpm_anchored anchored;
};

static void vm_end(struct vm *vm)
{
	vtpm_anchor_leave(&vm->anchored);
	vtpm_store_free(vm->store);
	vm->store = NULL;
}

/* Makes a file, which is the vTPM's from then on. */
static int vm_make(struct vm *vm)
{
	struct vtpm_store_identity id = test_identity;
	struct vtpm_medium medium = disk_medium(&vm->disk);
	int rc;

	disk_free(&vm->disk);
	disk_init(&vm->disk);
	memset(&vm->anchored, 0, sizeof(vm->anchored));
	memcpy(id.uuid, vm->uuid.b, sizeof(id.uuid));
	rnd_bytes(vm->key, sizeof(vm->key));
	if (vtpm_store_make(&medium, &id, VTPM_AREA_SIZE, vm->key, &vm->store))
		abort();
	rc = vtpm_anchor_enter(&vm->anchored, &vm->uuid, vm->store);
	if (rc)
		vm_end(vm);
	return rc;
}

static int vm_open(struct vm *vm, bool accept)
{
	struct vtpm_medium medium = disk_medium(&vm->disk);
	int rc;

	memset(&vm->anchored, 0, sizeof(vm->anchored));
	if (vtpm_store_open(&medium, NULL, vm->key, &vm->store))
		abort();
	rc = vtpm_anchor_admit(&vm->anchored, &vm->uuid, vm->store, accept);
	if (rc)
		vm_end(vm);
	return rc;
}

/* It is what it was, and is left as it was. */
static int vm_try(struct vm *vm)
{
	int rc = vm_open(vm, false);

	if (!rc)
		vm_end(vm);
	return rc;
}

/* The host has died: it says nothing more. */
static void vm_lost(struct vm *vm)
{
	vm->anchored.entry = -1;
	vm_end(vm);
}

static void vm_change(struct vm *vm)
{
	static u8 data[] = "changed";
	const struct vtpm2_record rec = { .type = 1, .id = 1, .data = data, .len = sizeof(data) };

	data[0]++;
	if (vtpm_store_commit(vm->store, &rec, 1))
		abort();
	vtpm_anchor_move(&vm->anchored, vm->store);
}

/* What a thief takes, and puts back. */
struct copy {
	u8 *image;
	size_t size;
};

static struct copy take(const struct disk *disk)
{
	struct copy copy = { malloc(disk->size), disk->size };

	memcpy(copy.image, disk->image, disk->size);
	return copy;
}

static void put(struct disk *disk, const struct copy *copy)
{
	disk_free(disk);
	disk_init_from(disk, copy->image, copy->size);
}

/* Work that is due is done. */
static void work(void)
{
	if (!hosted_work || !hosted_work->pending)
		return;
	hosted_work->pending = false;
	hosted_work->work.func(&hosted_work->work);
}

static struct vtpm_anchor_status anchor_status(void)
{
	struct vtpm_anchor_status status;

	vtpm_anchor_get_status(&status);
	return status;
}

static const struct vtpm_hw_order nobody, replacing = { .replace = true };

/* A host that is new: an empty disk for the ledger, and increments in hand. */
static void fresh(void)
{
	vtpm_anchor_exit();
	disk_free(&ledger);
	disk_init(&ledger);
	hosted_clock_advance(100 * HOUR);
	if (vtpm_anchor_make(0, &replacing, 0))
		abort();
}

/* The module is unloaded, and loaded again. */
static int reattach(void)
{
	vtpm_anchor_exit();
	return vtpm_anchor_attach(0, 0);
}

/* The power is cut: what is on the disk then is what there is. */
static int cut(void)
{
	struct copy copy = take(&ledger);
	u64 value = chip.value;

	vtpm_anchor_exit();
	chip.value = value;
	put(&ledger, &copy);
	free(copy.image);
	return vtpm_anchor_attach(0, 0);
}

static void fail_ledger(bool fail)
{
	ledger.error = EIO;
	ledger.fail_write = fail;
	ledger.for_ever = fail;
}

static struct vm vm = { .uuid = { "a virtual TPM .." } };
static struct vm other = { .uuid = { "another one ...." } };

/* A host that is new, and a vTPM that is in use. */
static void fresh_with_vm(void)
{
	fresh();
	if (vm_make(&vm))
		abort();
}

static void test_without(void)
{
	struct vtpm_anchor_entry entry;
	unsigned int number = 0;

	tap(vtpm_anchor_ready(&vm.uuid) == -EUNATCH && vm_make(&vm) == -EUNATCH &&
	    vm_try(&vm) == -EUNATCH && vtpm_anchor_revoke(vm.uuid.b) == -EUNATCH &&
	    vtpm_anchor_next(&number, &entry) == -EUNATCH && !vm.anchored.listed &&
	    anchor_status().state == VTPM_LEDGER_NONE, "without a ledger there is no state file");
	vtpm_anchor_leave(&vm.anchored);
}

static void test_make(void)
{
	struct vtpm_medium medium = disk_medium(&ledger);
	struct vtpm_store *store;

	disk_init(&ledger);
	chip.fail = true;
	tap(vtpm_anchor_make(0, &nobody, 0) == -EIO && !chip.found &&
	    anchor_status().state == VTPM_LEDGER_NONE,
	    "a ledger that cannot be anchored is none");
	chip.fail = false;
	tap(vtpm_anchor_make(0, &nobody, 0) == -ENOTEMPTY && !chip.found,
	    "one is not made in a file that is not empty");
	disk_free(&ledger);
	disk_init(&ledger);
	tap(!vtpm_anchor_make(0, &nobody, 0) && chip.found && !vtpm_anchor_ready(&vm.uuid) &&
	    anchor_status().state == VTPM_LEDGER_HELD && anchor_status().counter == chip.value,
	    "one is made");
	tap(vtpm_anchor_make(0, &replacing, 0) == -EBUSY && vtpm_anchor_attach(0, 0) == -EBUSY,
	    "and no other while it is held");
	tap(!reattach() && anchor_status().state == VTPM_LEDGER_HELD, "it is attached again");
	vtpm_anchor_exit();
	tap(anchor_status().state == VTPM_LEDGER_WAITING, "and waited for in between");
	chip.auth[0] ^= 1;
	tap(vtpm_anchor_attach(0, 0) == -EXDEV && vtpm_anchor_ready(&vm.uuid),
	    "but not with another counter");
	chip.auth[0] ^= 1;
	disk_free(&ledger);
	disk_init(&ledger);
	tap(vtpm_anchor_make(0, &nobody, 0) == -EEXIST && vtpm_anchor_ready(&vm.uuid),
	    "a counter that there is stays");
	disk_free(&ledger);
	disk_init(&ledger);
	if (vtpm_store_make(&medium, &test_identity, VTPM_AREA_SIZE, test_key, &store))
		abort();
	vtpm_store_free(store);
	tap(vtpm_anchor_attach(0, 0) == -VTPM_STORE_ENOTSTATE && vtpm_anchor_ready(&vm.uuid),
	    "a state file is no ledger");
}

/* Closed: nothing of before is good any more, neither the file nor the ledger. */
static void test_leave(void)
{
	struct copy file[3], book[3];
	unsigned int i, bad = 0;

	fresh_with_vm();
	for (i = 0; i < 3; i++) {
		file[i] = take(&vm.disk);
		book[i] = take(&ledger);
		vm_change(&vm);
		vm_end(&vm);
		if (vm_open(&vm, false))
			abort();
	}
	vm_change(&vm);
	vm_end(&vm);
	tap(!vm_try(&vm), "what was closed is opened");
	for (i = 0; i < 3; i++) {
		put(&vm.disk, &file[i]);
		bad += vm_try(&vm) != -ESTALE;
	}
	tap(!bad, "no copy of before is");
	for (i = 0; i < 3; i++) {
		vtpm_anchor_exit();
		put(&ledger, &book[i]);
		bad += vtpm_anchor_attach(0, 0) != -ESTALE || !vtpm_anchor_ready(&vm.uuid);
		free(book[i].image);
		free(file[i].image);
	}
	tap(!bad, "nor a ledger of before");
}

/* Within a minute the ledger knows, with no increment; and with one, after an hour. */
static void test_work(void)
{
	struct copy file, book;
	u64 value;

	fresh_with_vm();
	work();
	file = take(&vm.disk);
	vm_change(&vm);
	value = chip.value;
	tap(hosted_work->pending && hosted_work->delay == 60 * HZ,
	    "a change is written in a minute");
	work();
	tap(chip.value == value && anchor_status().unanchored, "without an increment");
	vm_lost(&vm);
	cut();
	put(&vm.disk, &file);
	tap(vm_try(&vm) == -ESTALE, "the copy of before is refused then");
	free(file.image);

	/* The ledger knows nothing of the last ones yet, and reads them from the file. */
	fresh_with_vm();
	vm_change(&vm);
	file = take(&vm.disk);
	vm_change(&vm);
	vm_lost(&vm);
	cut();
	if (vm_open(&vm, false))
		abort();
	work();
	vm_lost(&vm);
	cut();
	put(&vm.disk, &file);
	tap(vm_try(&vm) == -ESTALE, "and so it is if the host died between");
	free(file.image);

	fresh_with_vm();
	hosted_clock_advance(HOUR / 2);
	vtpm_anchor_hurry(&vm.anchored);
	tap(hosted_work->pending && !hosted_work->delay, "what hurries is done at once");
	book = take(&ledger);
	value = chip.value;
	vm_change(&vm);
	vtpm_anchor_hurry(&vm.anchored);
	work();
	tap(chip.value == value + 1, "with an increment");
	hosted_clock_advance(HOUR * 3 / 4);
	vm_change(&vm);
	work();
	tap(chip.value == value + 1, "another one has time");
	hosted_clock_advance(HOUR / 4);
	work();
	tap(chip.value == value + 2 && !anchor_status().unanchored && !hosted_work->pending,
	    "an hour");
	vm_end(&vm);
	vtpm_anchor_exit();
	put(&ledger, &book);
	tap(vtpm_anchor_attach(0, 0) == -ESTALE, "the ledger of before is refused then");
	free(book.image);
}

/* So many increments, and then one for each hour. */
static void test_rate(void)
{
	unsigned int i;
	u64 value;

	fresh_with_vm();
	value = chip.value;
	for (i = 0; i < 3 * VTPM_ANCHOR_BURST; i++) {
		vm_change(&vm);
		vtpm_anchor_hurry(&vm.anchored);
		work();
	}
	tap(chip.value == value + VTPM_ANCHOR_BURST, "%d increments at once, and no more",
	    VTPM_ANCHOR_BURST);
	tap(anchor_status().unanchored && hosted_work->pending, "one is due");
	for (i = 0; i < 5; i++) {
		hosted_clock_advance(HOUR);
		vm_change(&vm);
		vtpm_anchor_hurry(&vm.anchored);
		work();
		vm_change(&vm);
		vtpm_anchor_hurry(&vm.anchored);
		work();
	}
	tap(chip.value == value + VTPM_ANCHOR_BURST + 5, "then one an hour");
	hosted_clock_advance(1000 * HOUR);
	for (i = 0; i < 3 * VTPM_ANCHOR_BURST; i++) {
		vm_change(&vm);
		vtpm_anchor_hurry(&vm.anchored);
		work();
	}
	tap(chip.value == value + 2 * VTPM_ANCHOR_BURST + 5,
	    "and as many at once after a long time");
	vm_end(&vm);
}

static void test_forget(void)
{
	struct copy file, early, late, book;
	struct vm twin;
	u64 value;

	fresh();
	if (vm_make(&other) || vm_make(&vm))
		abort();
	vm_change(&vm);
	file = take(&vm.disk);
	early = take(&other.disk);
	book = take(&ledger);
	value = chip.value;
	tap(!vtpm_anchor_forget(&vm.anchored) && anchor_status().entries == 1 &&
	    chip.value == value + 1, "destroyed: the ledger forgets it at once");
	vm_change(&other);
	work();
	vm_end(&vm);
	put(&vm.disk, &file);
	tap(vm_try(&vm) == -ESRCH, "its file is refused");
	vm_lost(&other);
	tap(!cut() && vm_try(&vm) == -ESRCH, "also after the power was cut");
	late = take(&other.disk);
	put(&other.disk, &early);
	tap(vm_try(&other) == -ESTALE, "what another one did meanwhile is known");
	put(&other.disk, &late);
	tap(!vm_try(&other), "and its file is not refused");
	vtpm_anchor_exit();
	put(&ledger, &book);
	tap(vtpm_anchor_attach(0, 0) == -ESTALE, "and the ledger that knew it");

	/* A file that is made anew is another one. */
	fresh();
	twin = vm;
	memset(&twin.disk, 0, sizeof(twin.disk));
	if (vm_make(&twin))
		abort();
	vm_end(&twin);
	tap(vm_try(&vm) == -ESRCH && !vm_try(&twin), "another file of the same vTPM is another");
	value = anchor_status().entries;
	tap(vtpm_anchor_ready(&vm.uuid) == -EEXIST && vm_make(&vm) == -EEXIST &&
	    anchor_status().entries == value && !vm_try(&twin),
	    "and is not made while one is known");
	if (vtpm_anchor_revoke(vm.uuid.b) || vm_make(&vm))
		abort();
	vm_end(&vm);
	fail_ledger(true);
	tap(vm_try(&twin) == -ESRCH && vm_open(&twin, true) == -EIO &&
	    !anchor_status().accepted && anchor_status().entries == value,
	    "nor accepted if the ledger cannot write it");
	fail_ledger(false);
	work();
	tap(!vm_try(&vm) && vm_try(&twin) == -ESRCH && !cut() && !vm_try(&vm) &&
	    anchor_status().entries == value, "when what is known is so still, for good");
	if (vm_open(&twin, true))
		abort();
	vm_end(&twin);
	tap(vm_try(&vm) == -ESRCH && anchor_status().entries == value,
	    "but can be accepted, in its place");
	disk_free(&twin.disk);
	free(early.image);
	free(late.image);
	free(file.image);
	free(book.image);
}

static void test_revoke(void)
{
	struct vtpm_anchor_entry entry;
	unsigned int number = 0;
	struct copy book;
	u64 value;

	fresh();
	if (vm_make(&vm) || vm_make(&other))
		abort();
	tap(vtpm_anchor_revoke(vm.uuid.b) == -EBUSY && anchor_status().entries == 2,
	    "what is in use is not forgotten");
	vm_end(&vm);
	tap(!vtpm_anchor_next(&number, &entry) && !entry.in_use &&
	    !memcmp(entry.uuid, vm.uuid.b, 16) && ++number &&
	    !vtpm_anchor_next(&number, &entry) && entry.in_use && ++number &&
	    vtpm_anchor_next(&number, &entry) == -ENOENT, "all are listed");
	book = take(&ledger);
	value = chip.value;
	tap(!vtpm_anchor_revoke(vm.uuid.b) && vm_try(&vm) == -ESRCH && chip.value == value + 1,
	    "what is not in use is, at once");
	tap(vtpm_anchor_revoke(vm.uuid.b) == -ESRCH, "once");
	vm_end(&other);
	tap(!cut() && vm_try(&vm) == -ESRCH && !vm_try(&other), "for good");
	vtpm_anchor_exit();
	put(&ledger, &book);
	tap(vtpm_anchor_attach(0, 0) == -ESTALE, "the ledger that knew it is refused");
	free(book.image);
}

static void test_accept(void)
{
	struct copy file, newest, book;
	u64 value;

	fresh_with_vm();
	file = take(&vm.disk);
	vm_change(&vm);
	vm_end(&vm);
	newest = take(&vm.disk);
	tap(!vm_open(&vm, true) && !anchor_status().accepted,
	    "nothing is accepted that is not old");
	vm_end(&vm);
	book = take(&ledger);
	put(&vm.disk, &file);
	value = chip.value;
	tap(!vm_open(&vm, true) && anchor_status().accepted == 1 && chip.value == value + 1,
	    "what is old is, and counted at once");
	vm_lost(&vm);
	cut();
	put(&vm.disk, &newest);
	tap(vm_try(&vm) == -ESTALE, "what was the newest is old then, whatever happens next");
	put(&vm.disk, &file);
	if (!vm_try(&vm) || vm_open(&vm, true))
		abort();
	vm_change(&vm);
	file = (free(file.image), take(&vm.disk));
	vm_end(&vm);
	put(&vm.disk, &newest);
	tap(vm_try(&vm) == -ESTALE, "and later");
	put(&vm.disk, &file);
	tap(!cut() && anchor_status().accepted == 2 && !vm_try(&vm),
	    "what was accepted is not");
	vtpm_anchor_exit();
	put(&ledger, &book);
	tap(vtpm_anchor_attach(0, 0) == -ESTALE, "the ledger of before is refused");
	fresh();
	tap(vm_try(&vm) == -ESRCH && !vm_open(&vm, true) && anchor_status().accepted == 1 &&
	    anchor_status().entries == 1, "one that the ledger does not know can be accepted");
	vm_end(&vm);
	tap(!vm_try(&vm), "and is known");
	fail_ledger(true);
	file = (free(file.image), take(&vm.disk));
	put(&vm.disk, &newest);
	tap(vm_open(&vm, true) == -EIO && !vm.anchored.listed && anchor_status().accepted == 1,
	    "nothing is accepted that the ledger cannot write");
	fail_ledger(false);
	tap(vm_try(&vm) == -ESTALE, "what was not accepted is old still");
	put(&vm.disk, &file);
	work();
	tap(!vm_try(&vm) && !cut() && !vm_try(&vm) && anchor_status().accepted == 1,
	    "and what was the newest is so, for good");
	fresh();
	fail_ledger(true);
	tap(vm_open(&vm, true) == -EIO && !anchor_status().entries, "nor what it does not know");
	fail_ledger(false);
	work();
	tap(!anchor_status().entries && vm_try(&vm) == -ESRCH && !anchor_status().accepted,
	    "which it does not know later");
	free(newest.image);
	free(file.image);
	free(book.image);
}

static void test_failures(void)
{
	struct copy book;
	u64 value;
	bool ok;

	fresh();
	fail_ledger(true);
	ok = vm_make(&vm) == -EIO && !vm.anchored.listed && !anchor_status().entries;
	fail_ledger(false);
	work();
	tap(ok && !anchor_status().entries, "a vTPM that the ledger cannot write is not made");
	if (vm_make(&vm))
		abort();
	vm_change(&vm);
	/* The increment fails, or its response is lost: the ledger is ahead, or is not. */
	value = chip.value;
	chip.fail_after = true;
	vm_end(&vm);
	chip.fail_after = false;
	tap(chip.value == value + 1 && !cut() && !vm_try(&vm),
	    "a response that was lost");
	if (vm_open(&vm, false))
		abort();
	vm_change(&vm);
	book = take(&ledger);
	value = chip.value;
	vm_end(&vm);
	/* The ledger was written, and the power was cut before the increment. */
	chip.value = value;
	tap(!cut() && chip.value == value + 2 && !vm_try(&vm),
	    "a ledger that is ahead by one");
	vtpm_anchor_exit();
	put(&ledger, &book);
	tap(vtpm_anchor_attach(0, 0) == -ESTALE, "the one before is refused");
	free(book.image);

	fresh();
	vtpm_anchor_exit();
	chip.value -= 2;
	tap(vtpm_anchor_attach(0, 0) == -EXDEV && vtpm_anchor_ready(&vm.uuid),
	    "a counter that is behind is another one");
	chip.value += 2;
	tap(!vtpm_anchor_attach(0, 0), "the ledger's own is not");
}

static void test_remove(void)
{
	fresh_with_vm();
	tap(vtpm_anchor_remove(&nobody) == -EBUSY && chip.found && !vtpm_anchor_ready(&other.uuid),
	    "a ledger with files in use is not given up");
	vm_end(&vm);
	tap(!vtpm_anchor_remove(&nobody) && !chip.found && vtpm_anchor_ready(&vm.uuid) == -EUNATCH,
	    "without, it is");
	tap(vtpm_anchor_attach(0, 0) == -EIDRM, "for good");
	tap(vtpm_anchor_remove(&nobody) == -ENOENT, "once");
}

int main(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	hosted_clock_set(HOUR);
	test_without();
	test_make();
	test_leave();
	test_work();
	test_rate();
	test_forget();
	test_revoke();
	test_accept();
	test_failures();
	test_remove();
	disk_free(&ledger);
	disk_free(&vm.disk);
	disk_free(&other.disk);
	return tap_end();
}
