// SPDX-License-Identifier: GPL-2.0
/*
 * Damage and forgery: a state file that is cut short, changed in any byte, put
 * together from parts of others, or of another version, is refused with the
 * error that says so, or no byte that matters was changed.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <asm/byteorder.h>

#include "../../drivers/vtpm_mux/tpm2/crypto.h"
#include "../../drivers/vtpm_mux/tpm2/types.h"
#include "disk.h"
#include "model.h"

#define AREA	VTPM_AREA_SIZE_MIN
#define HEADER	sizeof(struct vtpm_store_header)

/* A file: its bytes, and what is in it. */
static struct disk file;
static u64 file_state;
static size_t used_from, used_to;	/* of the area in use */

static int open_image(const u8 *image, size_t size, const u8 *key, u64 *state)
{
	struct vtpm_store *store;
	struct vtpm_medium medium;
	struct disk disk;
	int rc;

	disk_init_from(&disk, image, size);
	medium = disk_medium(&disk);
	rc = vtpm_store_open(&medium, NULL, key, &store);
	if (!rc) {
		rc = store_state(store, state);
		vtpm_store_free(store);
	}
	disk_free(&disk);
	return rc;
}

/* Small records, so that there are many frames. */
static void commit(struct vtpm_store *store, struct model *m, u32 id, u32 len)
{
	u8 data[600];
	struct vtpm2_record rec = { VTPM2_REC_NV, id, data, len };

	rnd_bytes(data, len);
	if (vtpm_store_commit(store, &rec, 1))
		abort();
	model_apply(m, &rec, 1);
}

static void make_file(struct disk *disk, struct model *m, const u8 *key, bool close)
{
	struct vtpm_medium medium;
	struct vtpm_store_status status;
	struct vtpm_store *store;
	u32 i;

	disk_init(disk);
	medium = disk_medium(disk);
	if (vtpm_store_make(&medium, &test_identity, AREA, key, &store))
		abort();
	for (i = 0; i < 3; i++)
		commit(store, m, i, 100 + 200 * i);
	vtpm_store_close(store);
	vtpm_store_free(store);
	/* A new generation: what was written until here is in its snapshot. */
	if (vtpm_store_open(&medium, NULL, key, &store))
		abort();
	for (i = 0; i < 6; i++)
		commit(store, m, i, 90 * i);
	vtpm_store_get_status(store, &status);
	used_from = HEADER + (status.position.generation % 2 ? 0 : AREA);
	used_to = used_from + AREA - status.room;
	if (close)
		vtpm_store_close(store);
	vtpm_store_free(store);
}

static bool documented(int rc)
{
	switch (-rc) {
	case VTPM_STORE_ENOTSTATE:
	case VTPM_STORE_EVERSION:
	case VTPM_STORE_ETRUNCATED:
	case VTPM_STORE_ECORRUPT:
	case VTPM_STORE_EERASED:
		return true;
	}
	return false;
}

/* @must: nothing but a refusal will do. */
static bool flip(size_t at, bool must)
{
	u8 was = file.image[at];
	u64 state = 0;
	int rc;

	file.image[at] ^= 1 + rnd(255);
	rc = open_image(file.image, file.size, test_key, &state);
	file.image[at] = was;
	if (rc ? documented(rc) : !must && state == file_state)
		return true;
	printf("# byte %zu changed: %s\n", at, rc ? strerror(-rc) :
	       state == file_state ? "not refused" : "another state");
	return false;
}

/* Before the chip is asked for the key. */
static bool flip_unkeyed(size_t at)
{
	struct vtpm_medium medium = disk_medium(&file);
	struct vtpm_store_identity id;
	int rc;

	file.image[at] ^= 0x04;
	rc = vtpm_store_identify(&medium, &id);
	file.image[at] ^= 0x04;
	return rc && documented(rc);
}

static void test_flips(void)
{
	unsigned long step = wanted_cuts() < 3000 ? 61 : 1, refused = 0, unused = 0;
	bool ok = true;
	size_t at;

	for (at = 0; at < HEADER && ok; at++, refused++)
		ok = flip(at, true);
	for (at = used_from; at < used_to && ok; at++, refused++)
		ok = flip(at, true);
	tap(ok, "each of the %lu bytes in use changed once: refused", refused);
	for (at = 0, ok = true; at < offsetof(struct vtpm_store_header, mac); at++)
		ok &= flip_unkeyed(at);
	tap(ok, "in the header without the key, too");
	for (at = HEADER, ok = true; at < file.size && ok; at += step, unused++)
		if (at < used_from || at >= used_to)
			ok = flip(at, false);
	tap(ok, "%lu bytes that are not in use changed: no difference", unused);
}

static void test_truncation(void)
{
	size_t step = wanted_cuts() < 3000 ? 331 : 7, size;
	u64 state;
	bool ok = true;
	int rc;

	for (size = 0; size < file.size; size += size < 64 ? 1 : step) {
		rc = open_image(file.image, size, test_key, &state);
		if (rc != -VTPM_STORE_ETRUNCATED) {
			printf("# %zu bytes: %d\n", size, rc);
			ok = false;
		}
	}
	ok &= open_image(file.image, file.size - 1, test_key, &state) ==
	      -VTPM_STORE_ETRUNCATED;
	tap(ok, "cut short at any length: refused");
}

static bool refused(const u8 *image, int error)
{
	u64 state;
	int rc = open_image(image, file.size, test_key, &state);

	if (rc != -error)
		printf("# %s, not %s\n", strerror(-rc), strerror(error));
	return rc == -error;
}

/* As somebody without the key would do it. */
static void seal_header(u8 *image)
{
	struct vtpm_store_header *h = (void *)image;
	struct vtpm2_hash hash;

	vtpm2_hash_init(&hash, TPM2_ALG_SHA256);
	vtpm2_hash_update(&hash, image, offsetof(struct vtpm_store_header, digest));
	vtpm2_hash_final(&hash, h->digest);
}

static void test_headers(void)
{
	u8 *image = malloc(file.size);
	struct vtpm_store_header *h = (void *)image;
	struct vtpm_store_identity id;
	struct disk disk;
	struct vtpm_medium medium;

	memcpy(image, file.image, file.size);
	memset(image, 0, HEADER);
	tap(refused(image, VTPM_STORE_ENOTSTATE), "zeroes: no state file");

	memcpy(image, file.image, file.size);
	h->version = cpu_to_le32(VTPM_STORE_VERSION + 1);
	seal_header(image);
	tap(refused(image, VTPM_STORE_EVERSION), "a later version: refused as such");

	memcpy(image, file.image, file.size);
	h->assurance = cpu_to_le32(2);
	seal_header(image);
	tap(refused(image, VTPM_STORE_ECORRUPT), "another assurance, forged: refused");

	memcpy(image, file.image, file.size);
	h->flags = cpu_to_le32(VTPM_STORE_LEDGER);
	seal_header(image);
	tap(refused(image, VTPM_STORE_ECORRUPT), "a vTPM's file as the ledger, forged: refused");

	memcpy(image, file.image, file.size);
	h->area_size = cpu_to_le32(AREA / 2);
	seal_header(image);
	tap(refused(image, VTPM_STORE_ECORRUPT), "areas too small, forged: refused");

	disk_init_from(&disk, file.image, file.size);
	medium = disk_medium(&disk);
	tap(!vtpm_store_identify(&medium, &id) &&
	    !memcmp(id.uuid, test_identity.uuid, sizeof(id.uuid)) &&
	    id.assurance == test_identity.assurance &&
	    id.pcr_banks == test_identity.pcr_banks &&
	    !memcmp(id.mrk_name, test_identity.mrk_name, sizeof(id.mrk_name)) &&
	    !memcmp(id.vmk_auth, test_identity.vmk_auth, sizeof(id.vmk_auth)) &&
	    id.vmk.len == test_identity.vmk.len && id.key.len == test_identity.key.len &&
	    !memcmp(id.vmk.blob, test_identity.vmk.blob, id.vmk.len) &&
	    !memcmp(id.key.blob, test_identity.key.blob, id.key.len),
	    "the header says whose it is");
	disk_free(&disk);
	free(image);
}

/* The file says one thing before the chip gives its key, and another then. */
static int open_other(size_t at)
{
	u8 *forged = malloc(file.size);
	struct vtpm_store_identity id;
	struct vtpm_medium medium;
	struct vtpm_store *store;
	struct disk disk;
	int rc;

	memcpy(forged, file.image, file.size);
	if (at)
		forged[at] ^= 0x01;
	seal_header(forged);
	disk_init_from(&disk, forged, file.size);
	medium = disk_medium(&disk);
	rc = vtpm_store_identify(&medium, &id);
	memcpy(disk.image, file.image, file.size);
	if (!rc)
		rc = vtpm_store_open(&medium, &id, test_key, &store);
	if (!rc)
		vtpm_store_free(store);
	disk_free(&disk);
	free(forged);
	return rc;
}

static void test_changing(void)
{
	const size_t first = offsetof(struct vtpm_store_header, uuid);
	const size_t end = offsetof(struct vtpm_store_header, key.blob) +
			   test_identity.key.len;
	bool ok = !open_other(0);
	size_t at;

	for (at = first; at < end && ok; at++) {
		ok = documented(open_other(at));
		if (!ok)
			printf("# byte %zu was another: not refused\n", at);
	}
	tap(ok, "a header that was another before the key was there: refused");
}

static void test_other_key(void)
{
	const u8 key[VTPM_STATE_KEY_SIZE] = "another vTPM's state key";
	struct model m = {};
	struct disk other;
	u8 *image = malloc(file.size);
	size_t from = used_from, to = used_to;
	u64 state;

	tap(open_image(file.image, file.size, key, &state) == -VTPM_STORE_ECORRUPT,
	    "another key: refused");
	make_file(&other, &m, key, true);
	memcpy(image, file.image, file.size);
	memcpy(image + HEADER, other.image + HEADER, file.size - HEADER);
	tap(refused(image, VTPM_STORE_ECORRUPT), "another vTPM's state behind the header: refused");
	model_free(&m);
	disk_free(&other);
	used_from = from;
	used_to = to;
	free(image);
}

/* The journal's frames, each in one sector. */
static void test_splices(void)
{
	u8 *image = malloc(file.size), *frames;
	size_t n = (used_to - used_from) / VTPM_SECTOR, i, bad = 0, old_from;
	u8 tmp[VTPM_SECTOR];
	u64 state;
	int rc;

	for (i = 0; i + 2 < n; i++) {
		memcpy(image, file.image, file.size);
		frames = image + used_from + i * VTPM_SECTOR;
		memcpy(tmp, frames, VTPM_SECTOR);
		memcpy(frames, frames + VTPM_SECTOR, VTPM_SECTOR);
		memcpy(frames + VTPM_SECTOR, tmp, VTPM_SECTOR);
		bad += !refused(image, VTPM_STORE_ECORRUPT);
	}
	tap(!bad, "sectors exchanged: refused");
	for (i = 1, bad = 0; i + 1 < n; i++) {
		memcpy(image, file.image, file.size);
		frames = image + used_from + i * VTPM_SECTOR;
		memmove(frames, frames + VTPM_SECTOR, (n - i - 1) * VTPM_SECTOR);
		bad += !refused(image, VTPM_STORE_ECORRUPT);
	}
	tap(!bad, "a sector taken out: refused");
	for (i = 1, bad = 0; i + 1 < n; i++) {
		memcpy(image, file.image, file.size);
		memset(image + used_from + i * VTPM_SECTOR, 0, VTPM_SECTOR);
		bad += !refused(image, VTPM_STORE_ECORRUPT);
	}
	tap(!bad, "a sector lost: refused");
	/* The areas have keys of their own. */
	old_from = used_from == HEADER ? HEADER + AREA : HEADER;
	memcpy(image, file.image, file.size);
	memcpy(image + old_from, file.image + used_from, AREA);
	memcpy(image + used_from, file.image + old_from, AREA);
	tap(refused(image, VTPM_STORE_ECORRUPT), "the areas exchanged: refused");
	memcpy(image, file.image, file.size);
	memcpy(image + old_from, file.image + used_from, AREA);
	rc = open_image(image, file.size, test_key, &state);
	tap(!rc && state == file_state, "the area copied over the other: no difference");
	free(image);
}

/* One of the frames that the snapshot is made of, which all have the same size. */
static void test_snapshot_frames(void)
{
	static u8 data[8000];
	struct vtpm2_record rec[8];
	struct vtpm_medium medium;
	struct vtpm_store *store;
	struct disk disk;
	u8 *frames;
	u64 state;
	u32 i;

	disk_init(&disk);
	medium = disk_medium(&disk);
	for (i = 0; i < 8; i++)
		rec[i] = (struct vtpm2_record){ VTPM2_REC_NV, i, data, sizeof(data) };
	if (vtpm_store_make(&medium, &test_identity, TEST_AREA_SIZE, test_key, &store) ||
	    vtpm_store_commit(store, rec, 8))
		abort();
	vtpm_store_free(store);
	if (vtpm_store_open(&medium, NULL, test_key, &store) ||
	    vtpm_store_commit(store, rec, 1))
		abort();
	vtpm_store_close(store);
	vtpm_store_free(store);
	/* The second generation is in the second area. */
	frames = disk.image + HEADER + TEST_AREA_SIZE + VTPM_SECTOR;
	memmove(frames + VTPM_FRAME_MAX, frames + 2 * VTPM_FRAME_MAX, 3 * VTPM_FRAME_MAX);
	tap(open_image(disk.image, disk.size, test_key, &state) == -VTPM_STORE_ECORRUPT,
	    "a frame of the snapshot taken out: refused");
	disk_free(&disk);
}

/*
 * The generation before, brought back besides the one that is damaged: it must
 * not be taken for the state.
 */
static void test_old_area(void)
{
	struct vtpm_medium medium;
	struct vtpm_store *store;
	struct model m = {};
	struct disk disk;
	u8 *image = malloc(file.size);
	bool ok = true;
	size_t at;

	make_file(&disk, &m, test_key, false);
	medium = disk_medium(&disk);
	if (vtpm_store_open(&medium, NULL, test_key, &store))
		abort();
	commit(store, &m, 1, 200);
	for (at = 0; at < VTPM_SECTOR * 6; at += 111) {
		size_t now = used_from == HEADER ? HEADER + AREA : HEADER;

		memcpy(image, disk.image, file.size);
		image[now + at % (VTPM_SECTOR * 2)] ^= 0x10;
		ok &= refused(image, VTPM_STORE_ECORRUPT);
	}
	tap(ok, "the snapshot damaged after the journal was begun: refused");
	vtpm_store_free(store);
	model_free(&m);
	disk_free(&disk);
	free(image);
}

static void test_erase(void)
{
	struct vtpm_medium medium;
	struct vtpm_store *store;
	struct disk disk;
	u8 *image = malloc(file.size);
	u64 state;

	disk_init_from(&disk, file.image, file.size);
	medium = disk_medium(&disk);
	if (vtpm_store_open(&medium, NULL, test_key, &store))
		abort();
	tap(!vtpm_store_erase(store) && disk.syncs == 1, "erased, and flushed");
	vtpm_store_close(store);
	vtpm_store_free(store);
	tap(open_image(disk.image, disk.size, test_key, &state) == -VTPM_STORE_EERASED,
	    "an erased file is refused as such");
	memcpy(image, file.image, HEADER);
	memcpy(image + HEADER, disk.image + HEADER, file.size - HEADER);
	tap(refused(image, VTPM_STORE_ECORRUPT), "its header brought back: refused");
	disk_free(&disk);
	free(image);
}

int main(void)
{
	struct model m = {};
	u64 state;

	setvbuf(stdout, NULL, _IOLBF, 0);
	rnd_seed(7);
	make_file(&file, &m, test_key, true);
	file_state = model_state(&m);
	tap(!open_image(file.image, file.size, test_key, &state) && state == file_state,
	    "a file that is whole opens");
	test_flips();
	test_truncation();
	test_headers();
	test_changing();
	test_other_key();
	test_splices();
	test_snapshot_frames();
	test_erase();
	model_free(&m);
	test_old_area();
	model_free(&m);
	disk_free(&file);
	return tap_end();
}
