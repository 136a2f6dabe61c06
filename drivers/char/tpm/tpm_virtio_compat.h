/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Everything that differs between the kernels we build for (6.12 and later).
 */
#ifndef TPM_VIRTIO_COMPAT_H
#define TPM_VIRTIO_COMPAT_H

#include <linux/tpm.h>

/*
 * In drivers/char/tpm/tpm.h, which the headers of a built kernel do not have.
 */
struct tpm_chip *tpmm_chip_alloc(struct device *pdev,
				 const struct tpm_class_ops *ops);
int tpm_chip_register(struct tpm_chip *chip);
void tpm_chip_unregister(struct tpm_chip *chip);
unsigned long tpm_calc_ordinal_duration(struct tpm_chip *chip, u32 ordinal);
int tpm_pm_suspend(struct device *dev);
int tpm_pm_resume(struct device *dev);

/*
 * Of two functions, the one that tpm_class_ops.send can be: up to 7.1 its
 * parameters are the chip, the buffer and the command's length; from 7.2 the
 * size of the buffer comes before the length.
 */
#define TPM_VIRTIO_SEND(three, four)					\
	__builtin_choose_expr(						\
		__builtin_types_compatible_p(				\
			typeof_member(struct tpm_class_ops, send),	\
			int (*)(struct tpm_chip *, u8 *, size_t)),	\
		three, four)

#endif
