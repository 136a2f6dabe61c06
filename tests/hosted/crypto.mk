# SPDX-License-Identifier: GPL-2.0
#
# Tests of the cryptographic primitives in user space. Included by Makefile
# after engine.mk; sets CRYPTO_TESTS, the programs to run:
#
#   crypto_test_openssl  the KUnit suites over OpenSSL
#   crypto_test_kernel   the same over the kernel's RSA and ECC, and the one
#                        compared with the other on random operands
#   crypto_test_32       that without 128-bit integers, as on 32-bit machines
#   crypto_ct            constant time; to be run under valgrind

CRYPTO_SRC	:= $(TOP)/drivers/vtpm_mux/crypto
CRYPTO_OUT	:= $(OUT)/crypto
CRYPTO_TESTS	:= $(addprefix $(OUT)/crypto_test_,openssl kernel 32)
# The part of the kernel's code that has no kernel interface under it
CRYPTO_PK	:= bn mont rsa prime sieve ecc scalar curves
# and of that, what multiplies limbs
CRYPTO_LIMBS	:= bn mont sieve

crypto_objs = $(addsuffix .o,$(addprefix $(CRYPTO_OUT)/,$(1)))
CRYPTO_COMMON	:= $(call crypto_objs,main cases hosted)
CRYPTO_HDR	:= $(ENGINE_HDR) $(wildcard $(CRYPTO_SRC)/*.h) \
		   $(HOSTED)../kunit/crypto_vectors.h
CRYPTO_CC	= $(CC) $(CFLAGS) $(CRYPTO_FLAGS)

crypto-tests: $(CRYPTO_TESTS)

check-crypto: $(CRYPTO_TESTS)
	@sh ./run $(CRYPTO_TESTS)

check-crypto-ct: $(OUT)/crypto_ct
	valgrind -q --error-exitcode=1 $<

.PHONY: crypto-tests check-crypto check-crypto-ct

$(OUT)/crypto_test_openssl: $(CRYPTO_COMMON) $(call crypto_objs,openssl curves)
	$(CC) $(CFLAGS) $(SANITIZE) -o $@ $^ $(LDLIBS)

# What the kernel's code does not define comes from the weak copy.
$(OUT)/crypto_test_kernel: $(CRYPTO_COMMON) \
		$(call crypto_objs,mont_test sieve_test $(CRYPTO_PK) weak reference)
	$(CC) $(CFLAGS) $(SANITIZE) -o $@ $^ $(LDLIBS)

$(OUT)/crypto_test_32: $(CRYPTO_COMMON) \
		$(call crypto_objs,mont_test sieve_test $(addprefix 32-,$(CRYPTO_LIMBS)) \
		$(filter-out $(CRYPTO_LIMBS),$(CRYPTO_PK)) weak reference)
	$(CC) $(CFLAGS) $(SANITIZE) -o $@ $^ $(LDLIBS)

# Constant time is a property of the code that the compiler makes: that is
# optimized as the kernel's is, and has no sanitizer in it.
$(OUT)/crypto_ct: $(call crypto_objs,ct $(addprefix ct-,$(CRYPTO_PK)))
	$(CC) $(CFLAGS) -o $@ $^

$(CRYPTO_OUT)/%.o: CRYPTO_FLAGS = $(SANITIZE)
$(CRYPTO_OUT)/ct.o $(CRYPTO_OUT)/ct-%.o: CRYPTO_FLAGS = -O2
# A definition elsewhere replaces vtpm2_bn_decide(), also within its file.
$(CRYPTO_OUT)/ct-bn.o: CRYPTO_FLAGS = -O2 -fPIC
$(CRYPTO_OUT)/32-%.o: CRYPTO_FLAGS = $(SANITIZE) -DHOSTED_NO_INT128

$(CRYPTO_OUT)/main.o: $(HOSTED)kunit_main.c
$(CRYPTO_OUT)/cases.o: $(HOSTED)../kunit/crypto_test.c
$(CRYPTO_OUT)/hosted.o: $(HOSTED)crypto_test.c
$(CRYPTO_OUT)/mont_test.o: $(HOSTED)mont_test.c
$(CRYPTO_OUT)/sieve_test.o: $(HOSTED)sieve_test.c
$(CRYPTO_OUT)/openssl.o: $(HOSTED)crypto_openssl.c
$(CRYPTO_OUT)/ct.o: $(HOSTED)crypto_ct.c
$(foreach f,$(CRYPTO_LIMBS),$(eval $(CRYPTO_OUT)/32-$(f).o: $(CRYPTO_SRC)/$(f).c))
$(foreach f,$(CRYPTO_PK),$(eval $(CRYPTO_OUT)/$(f).o: $(CRYPTO_SRC)/$(f).c))
$(foreach f,$(CRYPTO_PK),$(eval $(CRYPTO_OUT)/ct-$(f).o: $(CRYPTO_SRC)/$(f).c))

$(call crypto_objs,main cases hosted mont_test sieve_test openssl ct \
	$(CRYPTO_PK) $(addprefix 32-,$(CRYPTO_LIMBS)) \
	$(addprefix ct-,$(CRYPTO_PK))): $(CRYPTO_HDR) $(HOSTED)crypto.mk
	@mkdir -p $(@D)
	$(CRYPTO_CC) -c -o $@ $(filter %.c,$^)
	$(if $(filter %/ct-bn.o,$@),objcopy -W vtpm2_bn_decide $@)

$(CRYPTO_OUT)/weak.o: $(CRYPTO_OUT)/openssl.o
	objcopy --weaken $< $@

$(CRYPTO_OUT)/reference.o: $(CRYPTO_OUT)/openssl.o
	nm --defined-only -g $< | sed -n 's/.* \(vtpm2_\(.*\)\)/\1 ref_\2/p' >$@.syms
	objcopy --redefine-syms=$@.syms $< $@
