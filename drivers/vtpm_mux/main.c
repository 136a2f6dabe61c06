// SPDX-License-Identifier: GPL-2.0
/*
 * vtpm_mux: many virtual TPMs from one physical TPM 2.0.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <linux/printk.h>

#include "anchor.h"
#include "cdev.h"
#include "control.h"
#include "hw/hw.h"
#include "instance.h"
#include "rest.h"
#include "tpm2/crypto.h"
#include "tpm2/types.h"
#include "vdpa.h"

static int __init vtpm_mux_init(void)
{
	u16 failed;
	int rc;

	rc = vtpm2_crypto_init();
	if (rc)
		return rc;
	failed = vtpm2_self_test(TPM2_ALG_ERROR);
	if (failed) {
		pr_err("self-test of algorithm 0x%04x failed\n", failed);
		rc = -EIO;
		goto err_crypto;
	}
	rc = vtpm_hw_init();
	if (rc)
		goto err_crypto;
	rc = vtpm_rest_init();
	if (rc)
		goto err_hw;
	rc = vtpm_cdev_init();
	if (rc)
		goto err_rest;
	rc = vtpm_vdpa_init();
	if (rc)
		goto err_cdev;
	rc = vtpm_control_init();
	if (rc)
		goto err_vdpa;
	return 0;

err_vdpa:
	vtpm_vdpa_exit();
err_cdev:
	vtpm_cdev_exit();
err_rest:
	vtpm_rest_exit();
err_hw:
	vtpm_hw_exit();
err_crypto:
	vtpm2_crypto_exit();
	return rc;
}

static void __exit vtpm_mux_exit(void)
{
	vtpm_vdpa_exit();
	vtpm_control_exit();
	vtpm_instance_exit();
	vtpm_cdev_exit();
	vtpm_rest_exit();
	/* Of the vTPMs that there were until now, too. */
	vtpm_anchor_exit();
	vtpm_hw_exit();
	vtpm2_crypto_exit();
}

module_init(vtpm_mux_init);
module_exit(vtpm_mux_exit);

MODULE_AUTHOR("The vtpm-mux authors");
MODULE_DESCRIPTION("Virtual TPMs carved from one physical TPM 2.0");
MODULE_LICENSE("GPL");
