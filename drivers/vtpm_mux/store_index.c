// SPDX-License-Identifier: GPL-2.0
/*
 * Where each record of a state file is: a few hundred of them at most.
 */
#include <linux/errno.h>
#include <linux/math.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "store_area.h"

int vtpm_index_reserve(struct vtpm_index *index, unsigned int more)
{
	struct vtpm_entry *entry;
	unsigned int cap;

	if (index->count + more <= index->cap)
		return 0;
	cap = round_up(index->count + more, 16);
	entry = kvmalloc_array(cap, sizeof(*entry), GFP_KERNEL_ACCOUNT);
	if (!entry)
		return -ENOMEM;
	if (index->count)
		memcpy(entry, index->entry, index->count * sizeof(*entry));
	kvfree(index->entry);
	index->entry = entry;
	index->cap = cap;
	return 0;
}

void vtpm_index_add(struct vtpm_index *index, const struct vtpm_entry *entry)
{
	index->entry[index->count++] = *entry;
}

struct vtpm_entry *vtpm_index_find(const struct vtpm_index *index, u32 type, u32 id)
{
	unsigned int i;

	for (i = 0; i < index->count; i++)
		if (index->entry[i].type == type && index->entry[i].id == id)
			return &index->entry[i];
	return NULL;
}

void vtpm_index_apply(struct vtpm_index *index, struct vtpm_index *changes)
{
	const struct vtpm_entry *change;
	struct vtpm_entry *old;
	unsigned int i;

	for (i = 0; i < changes->count; i++) {
		change = &changes->entry[i];
		old = vtpm_index_find(index, change->type, change->id);
		if (!old && !change->deleted)
			vtpm_index_add(index, change);
		else if (old && !change->deleted)
			*old = *change;
		else if (old)
			*old = index->entry[--index->count];
	}
	changes->count = 0;
}

void vtpm_index_free(struct vtpm_index *index)
{
	kvfree(index->entry);
	memset(index, 0, sizeof(*index));
}
