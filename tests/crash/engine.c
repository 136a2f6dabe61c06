// SPDX-License-Identifier: GPL-2.0
/*
 * Power cuts to a vTPM: the engine works at random on its NV, persistent objects,
 * hierarchies, dictionary attack state and clock; whatever is left of the disk
 * then makes a vTPM with a state that was acknowledged, or was about to be.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/array_size.h>
#include <linux/unaligned.h>

#include "../../drivers/vtpm_mux/tpm2/engine.h"
#include "../../drivers/vtpm_mux/tpm2/types.h"
#include "../hosted/hw_soft.h"
#include "cut.h"
#include "disk.h"
#include "model.h"

/**
 * struct world - a vTPM, its store and disk
 * @tpm: it
 * @hw: its chip
 * @disk: the disk
 * @store: the store
 * @history: what the store was asked for
 * @auth: the owner's authorization value: so many bytes of 'a'
 */
struct world {
	struct vtpm2 *tpm;
	struct hw_soft hw;
	struct disk disk;
	struct vtpm_store *store;
	struct history history;
	u8 auth;
};

static u8 cmd[VTPM2_MAX_COMMAND], rsp[VTPM2_MAX_RESPONSE];
static size_t cmd_len;

static void w8(u8 v)
{
	cmd[cmd_len++] = v;
}

static void w16(u16 v)
{
	put_unaligned_be16(v, cmd + cmd_len);
	cmd_len += 2;
}

static void w32(u32 v)
{
	put_unaligned_be32(v, cmd + cmd_len);
	cmd_len += 4;
}

static void w2b(u8 value, u16 len)
{
	w16(len);
	memset(cmd + cmd_len, value, len);
	cmd_len += len;
}

/* One handle that is authorized with a password of @auth bytes, one that is not. */
static void begin(u32 cc, u32 handle, u32 other, u8 auth)
{
	cmd_len = 0;
	w16(handle ? TPM2_ST_SESSIONS : TPM2_ST_NO_SESSIONS);
	w32(0);
	w32(cc);
	if (!handle)
		return;
	w32(handle);
	if (other)
		w32(other);
	w32(9 + auth);
	w32(TPM2_RS_PW);
	w16(0);
	w8(0);
	w2b('a', auth);
}

static u32 run(struct world *w)
{
	put_unaligned_be32(cmd_len, cmd + 2);
	vtpm2_execute(w->tpm, 0, cmd, cmd_len, rsp);
	return get_unaligned_be32(rsp + 6);
}

/* Some of the indices are orderly, if they are: what changes is not stored then. */
#define NV_ORDERLY	(TPM2_NV_INDEX_FIRST + 0x500004)

static u32 nv_index(void)
{
	return TPM2_NV_INDEX_FIRST + 0x500000 + rnd(6);
}

static u32 do_nv_define(struct world *w)
{
	static const u32 types[] = { 0, 1, 2, 4 };	/* TPM_NT */
	u32 type = types[rnd(4)], index = nv_index();
	u32 orderly = index < NV_ORDERLY ? 0 : TPM2_NVA_ORDERLY;

	begin(TPM2_CC_NV_DEFINE_SPACE, TPM2_RH_OWNER, 0, w->auth);
	w2b('n', rnd(4));
	w16(14);
	w32(index);
	w16(TPM2_ALG_SHA256);
	w32(TPM2_NVA_OWNERWRITE | TPM2_NVA_OWNERREAD | TPM2_NVA_WRITE_STCLEAR | orderly |
	    type << TPM2_NVA_NT_SHIFT);
	w16(0);
	w16(type == 0 ? 1 + rnd(1500) : type == 4 ? 32 : 8);
	return run(w);
}

static u32 do_nv_write(struct world *w)
{
	u16 len = rnd(64);

	switch (rnd(8)) {
	case 0:
		begin(TPM2_CC_NV_UNDEFINE_SPACE, TPM2_RH_OWNER, nv_index(), w->auth);
		break;
	case 1:
	case 2:
		begin(TPM2_CC_NV_INCREMENT, TPM2_RH_OWNER, nv_index(), w->auth);
		break;
	case 3:
		begin(TPM2_CC_NV_SET_BITS, TPM2_RH_OWNER, nv_index(), w->auth);
		w32(0);
		w32(1u << rnd(32));
		break;
	case 4:
		begin(TPM2_CC_NV_EXTEND, TPM2_RH_OWNER, nv_index(), w->auth);
		w2b(rnd(256), len);
		break;
	default:
		begin(TPM2_CC_NV_WRITE, TPM2_RH_OWNER, nv_index(), w->auth);
		w2b(rnd(256), len);
		w16(rnd(2) ? 0 : rnd(1400));
	}
	return run(w);
}

/* A storage key of the owner's, new for each @unique. Its handle, or 0. */
static u32 create_primary(struct world *w, u8 unique)
{
	begin(TPM2_CC_CREATE_PRIMARY, TPM2_RH_OWNER, 0, w->auth);
	w16(4);
	w16(0);
	w16(0);
	w16(26 + 1);		/* TPMT_PUBLIC */
	w16(TPM2_ALG_ECC);
	w16(TPM2_ALG_SHA256);
	w32(0x00030472);
	w16(0);
	w16(TPM2_ALG_AES);
	w16(128);
	w16(TPM2_ALG_CFB);
	w16(TPM2_ALG_NULL);
	w16(TPM2_ECC_NIST_P256);
	w16(TPM2_ALG_NULL);
	w2b(unique, 1);
	w16(0);
	w16(0);
	w32(0);
	return run(w) ? 0 : get_unaligned_be32(rsp + 10);
}

static u32 do_persist(struct world *w)
{
	u32 handle, rc;

	if (!rnd(3)) {
		handle = 0x81000000 + rnd(4);
		begin(TPM2_CC_EVICT_CONTROL, TPM2_RH_OWNER, handle, w->auth);
		w32(handle);
		return run(w);
	}
	handle = create_primary(w, rnd(4));
	if (!handle)
		return 1;
	begin(TPM2_CC_EVICT_CONTROL, TPM2_RH_OWNER, handle, w->auth);
	w32(0x81000000 + rnd(4));
	rc = run(w);
	begin(TPM2_CC_FLUSH_CONTEXT, 0, 0, 0);
	w32(handle);
	run(w);
	return rc;
}

static u32 do_hierarchy(struct world *w)
{
	u8 auth = rnd(6);
	u32 rc;

	switch (rnd(8)) {
	case 0:
		begin(TPM2_CC_CLEAR, TPM2_RH_LOCKOUT, 0, 0);
		rc = run(w);
		if (!rc)
			w->auth = 0;
		return rc;
	case 1:
		begin(rnd(2) ? TPM2_CC_CHANGE_EPS : TPM2_CC_CHANGE_PPS, TPM2_RH_PLATFORM, 0, 0);
		return run(w);
	case 2:
		begin(TPM2_CC_SET_PRIMARY_POLICY, TPM2_RH_OWNER, 0, w->auth);
		w2b('p', 32);
		w16(TPM2_ALG_SHA256);
		return run(w);
	case 3:
		begin(TPM2_CC_HIERARCHY_CONTROL, TPM2_RH_PLATFORM, 0, 0);
		w32(TPM2_RH_ENDORSEMENT);
		w8(rnd(2));
		return run(w);
	default:
		begin(TPM2_CC_HIERARCHY_CHANGE_AUTH, TPM2_RH_OWNER, 0, w->auth);
		w2b('a', auth);
		rc = run(w);
		if (!rc)
			w->auth = auth;
		return rc;
	}
}

static u32 do_da(struct world *w)
{
	switch (rnd(3)) {
	case 0:
		begin(TPM2_CC_DICTIONARY_ATTACK_PARAMETERS, TPM2_RH_LOCKOUT, 0, 0);
		w32(10 + rnd(100));
		w32(1000 + rnd(1000));
		w32(rnd(1000));
		return run(w);
	case 1:
		begin(TPM2_CC_DICTIONARY_ATTACK_LOCK_RESET, TPM2_RH_LOCKOUT, 0, 0);
		return run(w);
	default:
		/* A password that is wrong, of an index that counts it. */
		begin(TPM2_CC_NV_WRITE, nv_index(), get_unaligned_be32(cmd + 10), 7);
		w2b(0, 1);
		w16(0);
		return run(w);
	}
}

static u32 do_clock(struct world *w)
{
	begin(TPM2_CC_CLOCK_SET, TPM2_RH_OWNER, 0, w->auth);
	w32(0);
	w32(rnd(0x7fffffff));
	return run(w);
}

static u32 startup(struct world *w, u16 type)
{
	begin(TPM2_CC_STARTUP, 0, 0, 0);
	w16(type);
	return run(w);
}

/* The power goes, in order or not, and comes back. */
static u32 do_power(struct world *w)
{
	bool state = rnd(2), orderly = rnd(4);

	if (orderly) {
		begin(TPM2_CC_SHUTDOWN, 0, 0, 0);
		w16(state ? TPM2_SU_STATE : TPM2_SU_CLEAR);
		run(w);
	}
	vtpm2_power_off(w->tpm);
	vtpm2_power_on(w->tpm);
	if (startup(w, orderly && state ? TPM2_SU_STATE : TPM2_SU_CLEAR))
		return startup(w, TPM2_SU_CLEAR);
	return 0;
}

static const struct {
	u32 (*run)(struct world *w);
	u32 weight;
	const char *name;
} works[] = {
	{ do_nv_define, 3, "definition of NV" },
	{ do_nv_write, 8, "change of NV" },
	{ do_persist, 2, "persistent object" },
	{ do_hierarchy, 1, "change of a hierarchy" },
	{ do_da, 1, "dictionary attack" },
	{ do_clock, 1, "clock" },
	{ do_power, 1, "power" },
};

static unsigned int random_work(void)
{
	unsigned int i;
	u32 n = 0;

	for (i = 0; i < ARRAY_SIZE(works); i++)
		n += works[i].weight;
	n = rnd(n);
	for (i = 0; n >= works[i].weight; i++)
		n -= works[i].weight;
	return i;
}

static int commit(void *store, const struct vtpm2_record *rec, unsigned int n)
{
	struct world *w = store;

	return history_commit(&w->history, &w->disk, w->store, rec, n);
}

static const struct vtpm2_store_ops ops = { .commit = commit };

/* Whether they are there counts. */
static int put_stored(void *arg, const struct vtpm2_record *rec)
{
	struct vtpm2_record copy = *rec;

	if (rec->type == VTPM2_REC_NV && rec->id >= NV_ORDERLY)
		copy.len = 0;
	return model_put(arg, &copy);
}

/* What is stored at once, as the engine has it, and as the store has it. */
static bool all_stored(struct world *w)
{
	struct model tpm = {}, store = {};
	bool same;

	same = !vtpm2_each_record(w->tpm, put_stored, &tpm) &&
	       !vtpm_store_each(w->store, put_stored, &store) &&
	       model_state(&tpm) == model_state(&store);
	model_free(&tpm);
	model_free(&store);
	return same;
}

static u64 tpm_state(struct vtpm2 *tpm)
{
	struct model m = {};
	u64 state;

	if (vtpm2_each_record(tpm, model_put, &m))
		abort();
	state = model_state(&m);
	model_free(&m);
	return state;
}

static int each_of_engine(void *tpm, vtpm_record_fn fn, void *arg)
{
	return vtpm2_each_record(tpm, fn, arg);
}

static struct vtpm2_config config_of(struct world *w)
{
	return (struct vtpm2_config){
		.ops = &hw_soft_ops, .hw = &w->hw, .store_ops = &ops, .store = w,
	};
}

/* A vTPM of the records in a store. NULL: it is none. */
static struct vtpm2 *restore(struct vtpm_store *store, const struct vtpm2_config *config)
{
	struct vtpm2 *tpm = vtpm2_restore_begin(config);
	int rc;

	rc = vtpm_store_each(store, (vtpm_record_fn)(void *)vtpm2_restore_record, tpm);
	if (!rc)
		rc = vtpm2_restore_end(tpm);
	if (!rc)
		return tpm;
	vtpm2_destroy(tpm);
	return NULL;
}

static void world_begin(struct world *w)
{
	struct vtpm_medium medium;
	struct vtpm2_config config;
	struct model m = {};

	memset(w, 0, sizeof(*w));
	disk_init(&w->disk);
	medium = disk_medium(&w->disk);
	config = config_of(w);
	w->tpm = vtpm2_create(&config);
	if (vtpm_store_make(&medium, &test_identity, TEST_AREA_SIZE, test_key, &w->store) ||
	    vtpm_store_replace(w->store, each_of_engine, w->tpm))
		abort();
	vtpm2_each_record(w->tpm, model_put, &m);
	history_init(&w->history, &m);
	model_free(&m);
	disk_record(&w->disk);
	vtpm2_power_on(w->tpm);
	if (startup(w, TPM2_SU_CLEAR))
		abort();
}

static void world_end(struct world *w)
{
	vtpm2_destroy(w->tpm);
	vtpm_store_free(w->store);
	history_free(&w->history);
	disk_free(&w->disk);
}

/* Closed and opened: the same vTPM goes on. */
static bool world_again(struct world *w)
{
	struct vtpm_medium medium = disk_medium(&w->disk);
	struct vtpm2_config config = config_of(w);
	u64 state;

	vtpm2_destroy(w->tpm);
	vtpm_store_close(w->store);
	vtpm_store_free(w->store);
	if (vtpm_store_open(&medium, NULL, test_key, &w->store) ||
	    store_state(w->store, &state))
		abort();
	w->tpm = restore(w->store, &config);
	if (!w->tpm || tpm_state(w->tpm) != state)
		return false;
	vtpm2_power_on(w->tpm);
	return !startup(w, TPM2_SU_CLEAR);
}

/* @counts: of the commands of each kind, those that succeeded. */
static bool world_work(struct world *w, unsigned int commands, unsigned long *counts)
{
	unsigned int i;

	while (commands--) {
		i = random_work();
		counts[i] += !works[i].run(w);
		if (!all_stored(w)) {
			printf("# %s: the store has not all of it\n", works[i].name);
			return false;
		}
		if (!rnd(40) && !world_again(w)) {
			printf("# it does not open again\n");
			return false;
		}
	}
	return true;
}

/* What is recovered is a vTPM, with just that state, which starts. */
static const char *starts(struct vtpm_store *store, u64 state)
{
	struct hw_soft hw = {};
	struct vtpm2_config config = { .ops = &hw_soft_ops, .hw = &hw };
	struct world w = {};
	const char *why = NULL;

	w.tpm = restore(store, &config);
	if (!w.tpm)
		return "no vTPM can be made of it";
	if (tpm_state(w.tpm) != state)
		why = "it has another state than the store";
	vtpm2_power_on(w.tpm);
	if (startup(&w, TPM2_SU_CLEAR))
		why = "it does not start";
	vtpm2_destroy(w.tpm);
	return why;
}

/* A file for tests/crash/data, and on standard output what is in it. */
static int keep(const char *path)
{
	unsigned long counts[ARRAY_SIZE(works)] = {};
	struct world w;
	u64 state;
	FILE *f;

	rnd_seed(1);
	world_begin(&w);
	if (!world_work(&w, 20, counts) || store_state(w.store, &state))
		return 1;
	vtpm_store_close(w.store);
	f = fopen(path, "w");
	if (!f || fwrite(w.disk.image, w.disk.size, 1, f) != 1 || fclose(f))
		return 1;
	printf("%016llx\n", state);
	world_end(&w);
	return 0;
}

/* A file that an earlier version has written, and the state that was in it. */
static const char *kept(const char *name, struct disk *disk)
{
	struct vtpm_medium medium = disk_medium(disk);
	struct vtpm_store *store = NULL;
	unsigned long long want;
	static char line[256];
	const char *wrong;
	u64 state;
	FILE *f;

	snprintf(line, sizeof(line), "data/%s.sum", name);
	f = fopen(line, "r");
	if (!f || fscanf(f, "%llx", &want) != 1)
		return "no sum";
	fclose(f);
	snprintf(line, sizeof(line), "xz -dc data/%s.state.xz", name);
	f = popen(line, "r");
	while (f && fread(disk->image + disk->size, 1, 1, f) == 1)
		disk->size++;
	if (!f || pclose(f))
		return "xz fails";
	if (vtpm_store_open(&medium, NULL, test_key, &store))
		return "it does not open";
	if (store_state(store, &state) || state != want)
		wrong = "it has another state";
	else
		wrong = starts(store, state);
	vtpm_store_free(store);
	return wrong;
}

static void test_kept(const char *name)
{
	struct disk disk;
	const char *wrong;

	disk_init(&disk);
	disk.image = malloc(1 << 20);
	wrong = kept(name, &disk);
	tap(!wrong, "a file that was kept, %s: opens%s%s", name, wrong ? ": " : "", wrong ?: "");
	disk_free(&disk);
}

static void test_cuts(void)
{
	unsigned long wanted = wanted_cuts(), cuts = 0, bad = 0;
	unsigned long counts[ARRAY_SIZE(works)] = {};
	unsigned int runs = 0, i;
	bool worked = true, all = true;

	while (cuts < wanted && worked && !bad) {
		struct world w;
		struct run run = {
			.disk = &w.disk, .history = &w.history,
			.wanted = wanted - cuts, .keep = wanted < 3000 ? 8 : 1,
			.starts = starts,
		};

		rnd_seed(++runs + 2000);
		world_begin(&w);
		worked = world_work(&w, 120, counts);
		if (worked)
			cut_everywhere(&run);
		cuts += run.cuts;
		bad += run.bad;
		world_end(&w);
	}
	tap(worked && !bad && cuts >= wanted,
	    "a vTPM at work: %lu cuts through %u workloads, %lu bad", cuts, runs, bad);
	for (i = 0; i < ARRAY_SIZE(works); i++)
		printf("# %s: %lu succeeded\n", works[i].name, counts[i]);
	for (i = 0; i < ARRAY_SIZE(works); i++)
		all &= counts[i] > 0;
	tap(all, "commands of each kind were among it");
}

/* With a name, writes a file to be kept. */
int main(int argc, char **argv)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc > 1)
		return keep(argv[1]);
	test_cuts();
	test_kept("v1");
	return tap_end();
}
