# SPDX-License-Identifier: GPL-2.0
# What every user-space build of the engine is made of. Includers set OUT.

HOSTED	:= $(dir $(lastword $(MAKEFILE_LIST)))
TOP	:= $(HOSTED)../..
ENGINE	:= $(wildcard $(TOP)/drivers/vtpm_mux/tpm2/*.c)
ENGINE_SRC := $(ENGINE) $(TOP)/drivers/vtpm_mux/crypto/curves.c \
		$(HOSTED)crypto_openssl.c $(HOSTED)hw_soft.c \
		$(HOSTED)store_soft.c
ENGINE_HDR := $(wildcard $(TOP)/drivers/vtpm_mux/tpm2/*.h $(HOSTED)*.h \
		$(HOSTED)include/*/*.h $(TOP)/tests/kunit/*.h)

CFLAGS	?= -g -O1
CFLAGS	+= -std=gnu11 -Wall -Wextra -Wno-unused-parameter -Wno-sign-compare \
	   -Wno-missing-field-initializers -fno-strict-aliasing \
	   -fno-omit-frame-pointer -I$(HOSTED)include
SANITIZE ?= -fsanitize=address,undefined -fno-sanitize-recover=all
LDLIBS	+= -lcrypto

engine_obj = $(addprefix $(OUT)/,$(notdir $(1:.c=.o)))

# The virtqueue, which is no part of the engine but as plain
RING_SRC := $(TOP)/drivers/vtpm_mux/mem.c $(TOP)/drivers/vtpm_mux/ring.c
ENGINE_HDR += $(TOP)/drivers/vtpm_mux/mem.h $(TOP)/drivers/vtpm_mux/ring.h

vpath %.c $(TOP)/drivers/vtpm_mux/tpm2 $(HOSTED) $(TOP)/tests/kunit \
	$(TOP)/drivers/vtpm_mux/crypto $(TOP)/drivers/vtpm_mux
