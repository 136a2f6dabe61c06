// SPDX-License-Identifier: GPL-2.0
/*
 * The command table: everything that is known of a command before it runs.
 * Sorted by command code. A new command is one row here and one function.
 *
 * Parameter letters (TPM2B types, which may be encrypted when first, are in
 * upper case):
 *
 *   1 2 4 8  UINT8 to UINT64, flags, TPM_SU, TPM_SE, TPM_EO ...
 *   a  TPM_ALG_ID                  h  TPM handle
 *   B  TPM2B of bytes              S  TPM2B_SENSITIVE_CREATE
 *   P  TPM2B_PUBLIC, _TEMPLATE     Z  TPM2B_SENSITIVE
 *   N  TPM2B_NV_PUBLIC             E  TPM2B_ECC_POINT
 *   l  TPML_PCR_SELECTION          d  TPML_DIGEST
 *   v  TPML_DIGEST_VALUES          c  TPML_CC
 *   g  TPML_ALG                    s  TPMT_SIG_SCHEME
 *   r  TPMT_RSA_DECRYPT            f  TPMT_SIGNATURE
 *   y  TPMT_SYM_DEF                t  ticket
 *   x  TPMS_CONTEXT                m  TPMT_PUBLIC_PARMS
 *   q  TPMS_CAPABILITY_DATA        i  TPMS_TIME_INFO
 *   e  TPMS_ALGORITHM_DETAIL_ECC
 */
#include <linux/kernel.h>

#include "commands.h"

#define H1(t0, r0) \
	.handle = { VTPM2_H_##t0 }, .role = { VTPM2_AUTH_##r0 }
#define H2(t0, r0, t1, r1) \
	.handle = { VTPM2_H_##t0, VTPM2_H_##t1 }, \
	.role = { VTPM2_AUTH_##r0, VTPM2_AUTH_##r1 }
#define H3(t0, r0, t1, r1, t2, r2) \
	.handle = { VTPM2_H_##t0, VTPM2_H_##t1, VTPM2_H_##t2 }, \
	.role = { VTPM2_AUTH_##r0, VTPM2_AUTH_##r1, VTPM2_AUTH_##r2 }
#define H0 .handle = { VTPM2_H_NONE }

#define ROW(cc_, name_, fn_, in_, out_, flags_, ...) {			\
	.code = TPM2_CC_##cc_, .flags = (flags_), .in = (in_),		\
	.out = (out_), .name = "TPM2_" name_, .fn = vtpm2_cc_##fn_,	\
	__VA_ARGS__							\
}

#define NV	VTPM2_CMD_NV
#define EXT	VTPM2_CMD_EXTENSIVE
#define FLUSH	VTPM2_CMD_FLUSHED
#define RH	VTPM2_CMD_R_HANDLE
#define NOSES	VTPM2_CMD_NO_SESSIONS
#define PP	VTPM2_CMD_PP
#define BOOT	VTPM2_CMD_BEFORE_STARTUP
#define ANY	VTPM2_CMD_ANY_TIME
#define FAILED	VTPM2_CMD_FAILED

const struct vtpm2_command vtpm2_commands[] = {
	ROW(NV_UNDEFINE_SPACE_SPECIAL, "NV_UndefineSpaceSpecial", nv_undefine_space_special, "", "",
	    NV | PP, H2(NV_INDEX, ADMIN, PLATFORM, USER)),
	ROW(EVICT_CONTROL, "EvictControl", evict_control, "h", "", NV,
	    H2(PROVISION, USER, OBJECT, NONE)),
	ROW(HIERARCHY_CONTROL, "HierarchyControl", hierarchy_control, "h1", "", NV | EXT | PP,
	    H1(BASE_HIERARCHY, USER)),
	ROW(NV_UNDEFINE_SPACE, "NV_UndefineSpace", nv_undefine_space, "", "", NV | PP,
	    H2(PROVISION, USER, NV_INDEX, NONE)),
	ROW(CHANGE_EPS, "ChangeEPS", change_eps, "", "", NV | EXT | PP, H1(PLATFORM, USER)),
	ROW(CHANGE_PPS, "ChangePPS", change_pps, "", "", NV | EXT | PP, H1(PLATFORM, USER)),
	ROW(CLEAR, "Clear", clear, "", "", NV | EXT | PP, H1(CLEAR, USER)),
	ROW(CLEAR_CONTROL, "ClearControl", clear_control, "1", "", NV | PP, H1(CLEAR, USER)),
	ROW(CLOCK_SET, "ClockSet", clock_set, "8", "", NV | PP, H1(PROVISION, USER)),
	ROW(HIERARCHY_CHANGE_AUTH, "HierarchyChangeAuth", hierarchy_change_auth, "B", "", NV | PP,
	    H1(HIERARCHY_AUTH, USER)),
	ROW(NV_DEFINE_SPACE, "NV_DefineSpace", nv_define_space, "BN", "", NV | PP,
	    H1(PROVISION, USER)),
	ROW(PCR_ALLOCATE, "PCR_Allocate", pcr_allocate, "l", "1444", NV | PP, H1(PLATFORM, USER)),
	ROW(PCR_SET_AUTH_POLICY, "PCR_SetAuthPolicy", pcr_set_auth_policy, "Bah", "", NV | PP,
	    H1(PLATFORM, USER)),
	ROW(PP_COMMANDS, "PP_Commands", pp_commands, "cc", "", NV | PP, H1(PLATFORM, USER)),
	ROW(SET_PRIMARY_POLICY, "SetPrimaryPolicy", set_primary_policy, "Ba", "", NV | PP,
	    H1(HIERARCHY_AUTH, USER)),
	ROW(CLOCK_RATE_ADJUST, "ClockRateAdjust", clock_rate_adjust, "1", "", PP,
	    H1(PROVISION, USER)),
	ROW(CREATE_PRIMARY, "CreatePrimary", create_primary, "SPBl", "PBBtB", RH | PP,
	    H1(HIERARCHY, USER)),
	ROW(NV_GLOBAL_WRITE_LOCK, "NV_GlobalWriteLock", nv_global_write_lock, "", "", NV,
	    H1(PROVISION, USER)),
	ROW(GET_COMMAND_AUDIT_DIGEST, "GetCommandAuditDigest", get_command_audit_digest, "Bs", "Bf",
	    NV, H2(ENDORSEMENT, USER, OBJECT_NULL, USER)),
	ROW(NV_INCREMENT, "NV_Increment", nv_increment, "", "", NV,
	    H2(NV_AUTH, USER, NV_INDEX, NONE)),
	ROW(NV_SET_BITS, "NV_SetBits", nv_set_bits, "8", "", NV,
	    H2(NV_AUTH, USER, NV_INDEX, NONE)),
	ROW(NV_EXTEND, "NV_Extend", nv_extend, "B", "", NV,
	    H2(NV_AUTH, USER, NV_INDEX, NONE)),
	ROW(NV_WRITE, "NV_Write", nv_write, "B2", "", NV,
	    H2(NV_AUTH, USER, NV_INDEX, NONE)),
	ROW(NV_WRITE_LOCK, "NV_WriteLock", nv_write_lock, "", "", NV,
	    H2(NV_AUTH, USER, NV_INDEX, NONE)),
	ROW(DICTIONARY_ATTACK_LOCK_RESET, "DictionaryAttackLockReset",
	    dictionary_attack_lock_reset, "", "", NV, H1(LOCKOUT, USER)),
	ROW(DICTIONARY_ATTACK_PARAMETERS, "DictionaryAttackParameters",
	    dictionary_attack_parameters, "444", "", NV, H1(LOCKOUT, USER)),
	ROW(NV_CHANGE_AUTH, "NV_ChangeAuth", nv_change_auth, "B", "", NV, H1(NV_INDEX, ADMIN)),
	ROW(PCR_EVENT, "PCR_Event", pcr_event, "B", "v", NV, H1(PCR_NULL, USER)),
	ROW(PCR_RESET, "PCR_Reset", pcr_reset, "", "", NV, H1(PCR, USER)),
	ROW(SEQUENCE_COMPLETE, "SequenceComplete", sequence_complete, "Bh", "Bt", FLUSH,
	    H1(SEQUENCE, USER)),
	ROW(SET_ALGORITHM_SET, "SetAlgorithmSet", set_algorithm_set, "4", "", NV,
	    H1(PLATFORM, USER)),
	ROW(SET_COMMAND_CODE_AUDIT_STATUS, "SetCommandCodeAuditStatus",
	    set_command_code_audit_status, "acc", "", NV | PP, H1(PROVISION, USER)),
	ROW(INCREMENTAL_SELF_TEST, "IncrementalSelfTest", incremental_self_test, "g", "g", NV, H0),
	ROW(SELF_TEST, "SelfTest", self_test, "1", "", NV, H0),
	ROW(STARTUP, "Startup", startup, "2", "", NV | NOSES | BOOT, H0),
	ROW(SHUTDOWN, "Shutdown", shutdown, "2", "", NV, H0),
	ROW(STIR_RANDOM, "StirRandom", stir_random, "B", "", NV, H0),
	ROW(ACTIVATE_CREDENTIAL, "ActivateCredential", activate_credential, "BB", "B", 0,
	    H2(OBJECT, ADMIN, OBJECT, USER)),
	ROW(CERTIFY, "Certify", certify, "Bs", "Bf", 0,
	    H2(OBJECT, ADMIN, OBJECT_NULL, USER)),
	ROW(POLICY_NV, "PolicyNV", policy_nv, "B22", "", 0,
	    H3(NV_AUTH, USER, NV_INDEX, NONE, POLICY, NONE)),
	ROW(CERTIFY_CREATION, "CertifyCreation", certify_creation, "BBst", "Bf", 0,
	    H2(OBJECT_NULL, USER, OBJECT, NONE)),
	ROW(DUPLICATE, "Duplicate", duplicate, "By", "BBB", 0,
	    H2(OBJECT, DUP, OBJECT_NULL, NONE)),
	ROW(GET_TIME, "GetTime", get_time, "Bs", "Bf", 0,
	    H2(ENDORSEMENT, USER, OBJECT_NULL, USER)),
	ROW(GET_SESSION_AUDIT_DIGEST, "GetSessionAuditDigest", get_session_audit_digest, "Bs", "Bf",
	    0, H3(ENDORSEMENT, USER, OBJECT_NULL, USER, HMAC_SESSION, NONE)),
	ROW(NV_READ, "NV_Read", nv_read, "22", "B", 0,
	    H2(NV_AUTH, USER, NV_INDEX, NONE)),
	ROW(NV_READ_LOCK, "NV_ReadLock", nv_read_lock, "", "", NV,
	    H2(NV_AUTH, USER, NV_INDEX, NONE)),
	ROW(OBJECT_CHANGE_AUTH, "ObjectChangeAuth", object_change_auth, "B", "B", 0,
	    H2(OBJECT, ADMIN, OBJECT, NONE)),
	ROW(POLICY_SECRET, "PolicySecret", policy_secret, "BBB4", "Bt", 0,
	    H2(ENTITY, USER, POLICY, NONE)),
	ROW(REWRAP, "Rewrap", rewrap, "BBB", "BB", 0,
	    H2(OBJECT_NULL, USER, OBJECT_NULL, NONE)),
	ROW(CREATE, "Create", create, "SPBl", "BPBBt", 0, H1(OBJECT, USER)),
	ROW(ECDH_ZGEN, "ECDH_ZGen", ecdh_zgen, "E", "E", 0, H1(OBJECT, USER)),
	ROW(HMAC, "HMAC", hmac, "Ba", "B", 0, H1(OBJECT, USER)),
	ROW(IMPORT, "Import", import, "BPBBy", "B", 0, H1(OBJECT, USER)),
	ROW(LOAD, "Load", load, "BP", "B", RH, H1(OBJECT, USER)),
	ROW(QUOTE, "Quote", quote, "Bsl", "Bf", 0, H1(OBJECT_NULL, USER)),
	ROW(RSA_DECRYPT, "RSA_Decrypt", rsa_decrypt, "BrB", "B", 0, H1(OBJECT, USER)),
	ROW(HMAC_START, "HMAC_Start", hmac_start, "Ba", "", RH, H1(OBJECT, USER)),
	ROW(SEQUENCE_UPDATE, "SequenceUpdate", sequence_update, "B", "", 0, H1(SEQUENCE, USER)),
	ROW(SIGN, "Sign", sign, "Bst", "f", 0, H1(OBJECT, USER)),
	ROW(UNSEAL, "Unseal", unseal, "", "B", 0, H1(OBJECT, USER)),
	ROW(POLICY_SIGNED, "PolicySigned", policy_signed, "BBB4f", "Bt", 0,
	    H2(OBJECT, NONE, POLICY, NONE)),
	ROW(CONTEXT_LOAD, "ContextLoad", context_load, "x", "", RH | NOSES, H0),
	ROW(CONTEXT_SAVE, "ContextSave", context_save, "", "x", NOSES, H1(CONTEXT, NONE)),
	ROW(ECDH_KEYGEN, "ECDH_KeyGen", ecdh_keygen, "", "EE", 0, H1(OBJECT, NONE)),
	ROW(ENCRYPT_DECRYPT, "EncryptDecrypt", encrypt_decrypt, "1aBB", "BB", 0,
	    H1(OBJECT, USER)),
	ROW(FLUSH_CONTEXT, "FlushContext", flush_context, "h", "", NOSES, H0),
	ROW(LOAD_EXTERNAL, "LoadExternal", load_external, "ZPh", "B", RH, H0),
	ROW(MAKE_CREDENTIAL, "MakeCredential", make_credential, "BB", "BB", 0, H1(OBJECT, NONE)),
	ROW(NV_READ_PUBLIC, "NV_ReadPublic", nv_read_public, "", "NB", 0, H1(NV_INDEX, NONE)),
	ROW(POLICY_AUTHORIZE, "PolicyAuthorize", policy_authorize, "BBBt", "", 0,
	    H1(POLICY, NONE)),
	ROW(POLICY_AUTH_VALUE, "PolicyAuthValue", policy_auth_value, "", "", 0, H1(POLICY, NONE)),
	ROW(POLICY_COMMAND_CODE, "PolicyCommandCode", policy_command_code, "4", "", 0,
	    H1(POLICY, NONE)),
	ROW(POLICY_COUNTER_TIMER, "PolicyCounterTimer", policy_counter_timer, "B22", "", 0,
	    H1(POLICY, NONE)),
	ROW(POLICY_CP_HASH, "PolicyCpHash", policy_cp_hash, "B", "", 0, H1(POLICY, NONE)),
	ROW(POLICY_LOCALITY, "PolicyLocality", policy_locality, "1", "", 0, H1(POLICY, NONE)),
	ROW(POLICY_NAME_HASH, "PolicyNameHash", policy_name_hash, "B", "", 0, H1(POLICY, NONE)),
	ROW(POLICY_OR, "PolicyOR", policy_or, "d", "", 0, H1(POLICY, NONE)),
	ROW(POLICY_TICKET, "PolicyTicket", policy_ticket, "BBBBt", "", 0, H1(POLICY, NONE)),
	ROW(READ_PUBLIC, "ReadPublic", read_public, "", "PBB", 0, H1(OBJECT, NONE)),
	ROW(RSA_ENCRYPT, "RSA_Encrypt", rsa_encrypt, "BrB", "B", 0, H1(OBJECT, NONE)),
	ROW(START_AUTH_SESSION, "StartAuthSession", start_auth_session, "BB1ya", "B", RH,
	    H2(OBJECT_NULL, NONE, ENTITY_NULL, NONE)),
	ROW(VERIFY_SIGNATURE, "VerifySignature", verify_signature, "Bf", "t", 0, H1(OBJECT, NONE)),
	ROW(ECC_PARAMETERS, "ECC_Parameters", ecc_parameters, "2", "e", 0, H0),
	ROW(GET_CAPABILITY, "GetCapability", get_capability, "444", "1q", ANY | FAILED, H0),
	ROW(GET_RANDOM, "GetRandom", get_random, "2", "B", 0, H0),
	ROW(GET_TEST_RESULT, "GetTestResult", get_test_result, "", "B4", FAILED, H0),
	ROW(HASH, "Hash", hash, "Bah", "Bt", 0, H0),
	ROW(PCR_READ, "PCR_Read", pcr_read, "l", "4ld", 0, H0),
	ROW(POLICY_PCR, "PolicyPCR", policy_pcr, "Bl", "", 0, H1(POLICY, NONE)),
	ROW(POLICY_RESTART, "PolicyRestart", policy_restart, "", "", 0, H1(POLICY, NONE)),
	ROW(READ_CLOCK, "ReadClock", read_clock, "", "i", 0, H0),
	ROW(PCR_EXTEND, "PCR_Extend", pcr_extend, "v", "", NV, H1(PCR_NULL, USER)),
	ROW(PCR_SET_AUTH_VALUE, "PCR_SetAuthValue", pcr_set_auth_value, "B", "", 0,
	    H1(PCR, USER)),
	ROW(NV_CERTIFY, "NV_Certify", nv_certify, "Bs22", "Bf", 0,
	    H3(OBJECT_NULL, USER, NV_AUTH, USER, NV_INDEX, NONE)),
	ROW(EVENT_SEQUENCE_COMPLETE, "EventSequenceComplete", event_sequence_complete, "B", "v",
	    NV | FLUSH, H2(PCR_NULL, USER, SEQUENCE, USER)),
	ROW(HASH_SEQUENCE_START, "HashSequenceStart", hash_sequence_start, "Ba", "", RH, H0),
	ROW(POLICY_PHYSICAL_PRESENCE, "PolicyPhysicalPresence", policy_physical_presence, "", "",
	    0, H1(POLICY, NONE)),
	ROW(POLICY_DUPLICATION_SELECT, "PolicyDuplicationSelect",
	    policy_duplication_select, "BB1", "", 0, H1(POLICY, NONE)),
	ROW(POLICY_GET_DIGEST, "PolicyGetDigest", policy_get_digest, "", "B", 0, H1(POLICY, NONE)),
	ROW(TEST_PARMS, "TestParms", test_parms, "m", "", 0, H0),
	ROW(COMMIT, "Commit", commit, "EBB", "EEE2", 0, H1(OBJECT, USER)),
	ROW(POLICY_PASSWORD, "PolicyPassword", policy_password, "", "", 0, H1(POLICY, NONE)),
	ROW(ZGEN_2PHASE, "ZGen_2Phase", zgen_2phase, "EEa2", "EE", 0, H1(OBJECT, USER)),
	ROW(EC_EPHEMERAL, "EC_Ephemeral", ec_ephemeral, "2", "E2", 0, H0),
	ROW(POLICY_NV_WRITTEN, "PolicyNvWritten", policy_nv_written, "1", "", 0, H1(POLICY, NONE)),
	ROW(POLICY_TEMPLATE, "PolicyTemplate", policy_template, "B", "", 0, H1(POLICY, NONE)),
	ROW(CREATE_LOADED, "CreateLoaded", create_loaded, "SP", "BPB", RH | PP,
	    H1(PARENT, USER)),
	ROW(POLICY_AUTHORIZE_NV, "PolicyAuthorizeNV", policy_authorize_nv, "", "", 0,
	    H3(NV_AUTH, USER, NV_INDEX, NONE, POLICY, NONE)),
	ROW(ENCRYPT_DECRYPT2, "EncryptDecrypt2", encrypt_decrypt2, "B1aB", "BB", 0,
	    H1(OBJECT, USER)),
	ROW(CERTIFY_X509, "CertifyX509", certify_x509, "BsB", "BBf", 0,
	    H2(OBJECT, ADMIN, OBJECT, USER)),
};

unsigned int vtpm2_command_count(void)
{
	return ARRAY_SIZE(vtpm2_commands);
}

u32 vtpm2_command_code(unsigned int index)
{
	return vtpm2_commands[index].code;
}

int vtpm2_command_index(u32 cc)
{
	int lo = 0, hi = ARRAY_SIZE(vtpm2_commands) - 1;

	while (lo <= hi) {
		int mid = (lo + hi) / 2;

		if (vtpm2_commands[mid].code == cc)
			return mid;
		if (vtpm2_commands[mid].code < cc)
			lo = mid + 1;
		else
			hi = mid - 1;
	}
	return -1;
}

const struct vtpm2_command *vtpm2_command_find(u32 cc)
{
	int i = vtpm2_command_index(cc);

	return i < 0 ? NULL : &vtpm2_commands[i];
}

unsigned int vtpm2_command_handles(const struct vtpm2_command *def)
{
	unsigned int n = 0;

	while (n < ARRAY_SIZE(def->handle) && def->handle[n] != VTPM2_H_NONE)
		n++;
	return n;
}

/* Part 2, 8.9 */
u32 vtpm2_command_attributes(const struct vtpm2_command *def)
{
	u32 attrs = def->code & 0xffff;

	attrs |= vtpm2_command_handles(def) << TPM2_CCA_HANDLES_SHIFT;
	if (def->flags & VTPM2_CMD_NV)
		attrs |= TPM2_CCA_NV;
	if (def->flags & VTPM2_CMD_EXTENSIVE)
		attrs |= TPM2_CCA_EXTENSIVE;
	if (def->flags & VTPM2_CMD_FLUSHED)
		attrs |= TPM2_CCA_FLUSHED;
	if (def->flags & VTPM2_CMD_R_HANDLE)
		attrs |= TPM2_CCA_R_HANDLE;
	return attrs;
}

bool vtpm2_layout_sized(const char *layout)
{
	return layout[0] >= 'A' && layout[0] <= 'Z';
}
