// SPDX-License-Identifier: GPL-2.0
/*
 * A file that somebody has opened, as a medium for the store.
 *
 * Everything is done with the credentials of the one who opened it: it is
 * whichever thread sends a command to the vTPM that gets here. And it is done with
 * an opening of our own: who has the descriptor still could make every write go to
 * the end of the file (F_SETFL, O_APPEND), or hear in our place, by fsync(2), that
 * one was lost.
 */
#include <linux/cred.h>
#include <linux/err.h>
#include <linux/falloc.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/slab.h>

#include "store_file.h"

/**
 * struct vtpm_store_file - the file of one vTPM
 * @given: what was given; with it stays the lock that it may have (flock(2))
 * @file: the same, opened once more
 * @node: in store_files
 */
struct vtpm_store_file {
	struct file *given;
	struct file *file;
	struct list_head node;
};

/* All of them: no two vTPMs may write to one. */
static LIST_HEAD(store_files);
static DEFINE_MUTEX(store_files_lock);

/* What the store says of a file, a file system may say of other things. */
static int file_errno(ssize_t rc)
{
	switch (-rc) {
	case VTPM_STORE_ENOTSTATE:
	case VTPM_STORE_EVERSION:
	case VTPM_STORE_ETRUNCATED:
	case VTPM_STORE_ECORRUPT:
	case VTPM_STORE_EERASED:
	case VTPM_STORE_EOTHERCHIP:
	case VTPM_STORE_EOTHERVTPM:
	case VTPM_STORE_EINUSE:
	case VTPM_STORE_EOLDER:
	case VTPM_STORE_EUNKNOWN:
	case VTPM_STORE_ENOLEDGER:
	case VTPM_STORE_EKNOWN:
	case EUCLEAN:
		return -EIO;
	}
	return rc;
}

static int file_read(void *arg, u64 pos, void *buf, size_t len)
{
	struct vtpm_store_file *f = arg;
	const struct cred *old = override_creds(f->file->f_cred);
	loff_t at = pos;
	ssize_t n = 0;

	while (len) {
		n = kernel_read(f->file, buf, len, &at);
		if (n <= 0)
			break;
		buf += n;
		len -= n;
	}
	revert_creds(old);
	if (n < 0)
		return file_errno(n);
	return len ? -EIO : 0;
}

static int file_write(void *arg, u64 pos, const void *buf, size_t len)
{
	struct vtpm_store_file *f = arg;
	const struct cred *old = override_creds(f->file->f_cred);
	loff_t at = pos;
	ssize_t n = 0;

	while (len) {
		n = kernel_write(f->file, buf, len, &at);
		if (n <= 0)
			break;
		buf += n;
		len -= n;
	}
	revert_creds(old);
	if (n < 0)
		return file_errno(n);
	return len ? -EIO : 0;
}

static int file_sync(void *arg)
{
	struct vtpm_store_file *f = arg;
	const struct cred *old = override_creds(f->file->f_cred);
	int rc;

	rc = vfs_fsync(f->file, 1);
	revert_creds(old);
	return file_errno(rc);
}

static s64 file_size(void *arg)
{
	struct vtpm_store_file *f = arg;

	return i_size_read(file_inode(f->file));
}

static int file_reserve(void *arg, u64 size)
{
	struct vtpm_store_file *f = arg;
	const struct cred *old = override_creds(f->file->f_cred);
	int rc;

	rc = vfs_fallocate(f->file, 0, 0, size);
	revert_creds(old);
	/* It is going to be written anyway. */
	return rc == -EOPNOTSUPP ? 0 : file_errno(rc);
}

static const struct vtpm_medium_ops file_ops = {
	.read = file_read,
	.write = file_write,
	.sync = file_sync,
	.size = file_size,
	.reserve = file_reserve,
};

static int file_check(const struct file *file)
{
	const fmode_t mode = FMODE_READ | FMODE_WRITE;

	if (!S_ISREG(file_inode(file)->i_mode) || (file->f_mode & mode) != mode)
		return -EBADF;
	if (file->f_flags & (O_APPEND | O_DIRECT))
		return -EINVAL;
	return 0;
}

static int file_claim(struct vtpm_store_file *f)
{
	struct vtpm_store_file *other;
	int rc = 0;

	mutex_lock(&store_files_lock);
	list_for_each_entry(other, &store_files, node)
		if (file_inode(other->file) == file_inode(f->file))
			rc = -VTPM_STORE_EINUSE;
	if (!rc)
		list_add(&f->node, &store_files);
	mutex_unlock(&store_files_lock);
	return rc;
}

static int file_open(struct vtpm_store_file *f)
{
	int rc = file_check(f->given);

	if (rc)
		return rc;
	f->file = dentry_open(&f->given->f_path, O_RDWR | O_LARGEFILE, f->given->f_cred);
	return file_errno(PTR_ERR_OR_ZERO(f->file));
}

struct vtpm_store_file *vtpm_store_file_get(int fd)
{
	struct vtpm_store_file *f;
	int rc = -EBADF;

	f = kzalloc(sizeof(*f), GFP_KERNEL_ACCOUNT);
	if (!f)
		return ERR_PTR(-ENOMEM);
	f->given = fget(fd);
	if (!f->given)
		goto err_free;
	rc = file_open(f);
	if (rc)
		goto err_put;
	rc = file_claim(f);
	if (!rc)
		return f;
	fput(f->file);
err_put:
	fput(f->given);
err_free:
	kfree(f);
	return ERR_PTR(rc);
}

void vtpm_store_file_put(struct vtpm_store_file *file)
{
	mutex_lock(&store_files_lock);
	list_del(&file->node);
	mutex_unlock(&store_files_lock);
	fput(file->file);
	fput(file->given);
	kfree(file);
}

struct vtpm_medium vtpm_store_file_medium(struct vtpm_store_file *file)
{
	return (struct vtpm_medium){ .ops = &file_ops, .arg = file };
}
