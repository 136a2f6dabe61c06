// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tss2/tss2_tpm2_types.h>

#include "script.h"

static const struct word {
	const char *name;
	unsigned int size;
	uint32_t value;
} words[] = {
	{ "rsa", 2, TPM2_ALG_RSA },
	{ "ecc", 2, TPM2_ALG_ECC },
	{ "keyedhash", 2, TPM2_ALG_KEYEDHASH },
	{ "symcipher", 2, TPM2_ALG_SYMCIPHER },
	{ "null", 2, TPM2_ALG_NULL },
	{ "sha1", 2, TPM2_ALG_SHA1 },
	{ "sha256", 2, TPM2_ALG_SHA256 },
	{ "sha384", 2, TPM2_ALG_SHA384 },
	{ "sha512", 2, TPM2_ALG_SHA512 },
	{ "hmac", 2, TPM2_ALG_HMAC },
	{ "aes", 2, TPM2_ALG_AES },
	{ "cfb", 2, TPM2_ALG_CFB },
	{ "rsassa", 2, TPM2_ALG_RSASSA },
	{ "oaep", 2, TPM2_ALG_OAEP },
	{ "ecdsa", 2, TPM2_ALG_ECDSA },
	{ "p256", 2, TPM2_ECC_NIST_P256 },
	{ "p384", 2, TPM2_ECC_NIST_P384 },
	{ "st_creation", 2, TPM2_ST_CREATION },
	{ "st_hashcheck", 2, TPM2_ST_HASHCHECK },
	{ "st_verified", 2, TPM2_ST_VERIFIED },
	{ "owner", 4, TPM2_RH_OWNER },
	{ "platform", 4, TPM2_RH_PLATFORM },
	{ "endorsement", 4, TPM2_RH_ENDORSEMENT },
	{ "lockout", 4, TPM2_RH_LOCKOUT },
	{ "rh_null", 4, TPM2_RH_NULL },
	{ "pcr16", 4, 16 },
	{ "algs", 4, TPM2_CAP_ALGS },
	{ "handles", 4, TPM2_CAP_HANDLES },
	{ "commands", 4, TPM2_CAP_COMMANDS },
	{ "pcrs", 4, TPM2_CAP_PCRS },
	{ "properties", 4, TPM2_CAP_TPM_PROPERTIES },
	{ "pcr_properties", 4, TPM2_CAP_PCR_PROPERTIES },
	{ "curves", 4, TPM2_CAP_ECC_CURVES },
};

#define CC(name) { #name, 4, TPM2_CC_##name }

static const struct word codes[] = {
	CC(ActivateCredential), CC(Certify), CC(CertifyCreation), CC(Clear), CC(ClearControl),
	CC(ClockRateAdjust), CC(ClockSet), CC(Commit), CC(ContextLoad), CC(ContextSave),
	CC(Create), CC(CreateLoaded), CC(CreatePrimary), CC(DictionaryAttackLockReset),
	CC(DictionaryAttackParameters), CC(Duplicate), CC(ECC_Parameters), CC(ECDH_KeyGen),
	CC(ECDH_ZGen), CC(EC_Ephemeral), CC(EncryptDecrypt), CC(EncryptDecrypt2),
	CC(EventSequenceComplete), CC(EvictControl), CC(FlushContext), CC(GetCapability),
	CC(GetCommandAuditDigest), CC(GetRandom), CC(GetSessionAuditDigest), CC(GetTestResult),
	CC(GetTime), CC(HMAC), CC(HMAC_Start), CC(Hash), CC(HashSequenceStart),
	CC(HierarchyChangeAuth), CC(HierarchyControl), CC(Import), CC(IncrementalSelfTest),
	CC(Load), CC(LoadExternal), CC(MakeCredential), CC(NV_Certify), CC(NV_ChangeAuth),
	CC(NV_DefineSpace), CC(NV_Extend), CC(NV_GlobalWriteLock), CC(NV_Increment), CC(NV_Read),
	CC(NV_ReadLock), CC(NV_ReadPublic), CC(NV_SetBits), CC(NV_UndefineSpace),
	CC(NV_UndefineSpaceSpecial), CC(NV_Write), CC(NV_WriteLock), CC(ObjectChangeAuth),
	CC(PCR_Event), CC(PCR_Extend), CC(PCR_Read), CC(PCR_Reset), CC(PCR_SetAuthPolicy),
	CC(PCR_SetAuthValue), CC(PolicyAuthValue), CC(PolicyAuthorize), CC(PolicyAuthorizeNV),
	CC(PolicyCommandCode), CC(PolicyCounterTimer), CC(PolicyCpHash),
	CC(PolicyDuplicationSelect), CC(PolicyGetDigest), CC(PolicyLocality), CC(PolicyNV),
	CC(PolicyNameHash), CC(PolicyNvWritten), CC(PolicyOR), CC(PolicyPCR), CC(PolicyPassword),
	CC(PolicyPhysicalPresence), CC(PolicyRestart), CC(PolicySecret), CC(PolicySigned),
	CC(PolicyTemplate), CC(PolicyTicket), CC(Quote), CC(RSA_Decrypt), CC(RSA_Encrypt),
	CC(ReadClock), CC(ReadPublic), CC(Rewrap), CC(SelfTest), CC(SequenceComplete),
	CC(SequenceUpdate), CC(SetCommandCodeAuditStatus), CC(SetPrimaryPolicy), CC(Shutdown),
	CC(Sign), CC(StartAuthSession), CC(StirRandom), CC(TestParms), CC(Unseal),
	CC(VerifySignature),
};

/*
 * An RSA-2048 and a P-256 key, generated with OpenSSL for this and used for
 * nothing else, and digests that policies need.
 */
static const struct {
	const char *name;
	const char *hex;
} constants[] = {
	{ "n",
	  "a8397b9fe20520952043b6bbe08156c51362e0327cadbad6fd07fdb6df6073a3"
	  "629fe2f40b2fc47f3d719f29453dd9cec26047a144a9096fbefa71e9ca5413d5"
	  "656b92331dd10c4b729b6702dc73cfd101c6bb1c6ae08b34314c19048eb316d2"
	  "a4763952d6a2f73ea702062a28b744b13b4ac1828b421dc943a68fbb2d6d54bb"
	  "0be1dc485174c1d8635ed6d1494dfb6b48baeb3be59dc7002f6e50b34e00c0c0"
	  "241b7bd315d2776848dba87c240a13be874bafb482d847b01829ba45034ed094"
	  "a90c10387ab1695f7416deae78fa8de477348ab9eb9f95139f5ce827a8a62757"
	  "097a3472bf5871ee709303d1c90102e85356807523e274c145f799d7014b3b07" },
	{ "p",
	  "d7bcd88947f7dc29b0a371714d32d4f5c2b2cabf2ed86c35c1586406229901d2"
	  "1f9d01b8a45209b0b3c59b81c4439d069ffbed3fda1099e657866c6a32026ad8"
	  "5717307bf2a5fdb60ab117927fa27bcd958dc0a09f46873c4a5ca856093e2669"
	  "38f051e1934a4e7fff564997e744e1f907ba5c525837021ad2aa1c5bcd7f0125" },
	{ "d", "ef25b77b3d95d97eba6b95d14dbb90cedf5ca521c07328836445a49fc4350f50" },
	{ "x", "1e0079d959a69086bf6283d1d5166d5d45e9cf377910909423fb015a6b6e14a4" },
	{ "y", "27c060823ab2c505cba286fa9e6f9b9a228ed88c0a0b0f23f2a90a11b250cc28" },
	/* SHA-256 of what PolicySigned signs: no nonce, expiration 0 or -3600 */
	{ "never", "df3f619804a92fdb4057192dc43dd748ea778adc52bc498ce80524c014b81119" },
	{ "hour", "0481f705de5f0aa7aa3d18a577d41e3f6ae34120436031380adfc7190a051d0e" },
	/* of 32 zeros: PolicyAuthorize of an empty policy */
	{ "empty", "66687aadf862bd776c8fc18b8e9f8e20089714856ee233b3902a591d0d5f2925" },
	/* policyDigest after PolicyCommandCode */
	{ "may_duplicate",
	  "bef56b8c1cc84e11edd717528d2cd99356bd2bbf8f015209c3f84aeeaba8e8a2" },
	{ "may_change_auth",
	  "445ed953601a045504550999bf2cbb2992cba2dbb5121bcf03869f65b50c26e5" },
	{ "may_undefine",
	  "1d2dc485e177ddd0a40a344913ceeb420caa093c42587d2e1b132b157ccb5db0" },
	{ "SECRET", "53454352455400" },
};

static const struct word *find_word(const struct word *list, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (!strcmp(list[i].name, name))
			return &list[i];
	return NULL;
}

#define FIND(list, name) find_word(list, sizeof(list) / sizeof((list)[0]), name)

static void put_int(struct msg *m, unsigned int size, uint64_t value)
{
	while (size--)
		put8(m, value >> (8 * size));
}

static void put_constant(struct msg *m, const char *name)
{
	size_t begin = size_begin(m);
	unsigned int byte;

	for (size_t i = 0; i < sizeof(constants) / sizeof(constants[0]); i++) {
		if (strcmp(constants[i].name, name))
			continue;
		for (const char *p = constants[i].hex; sscanf(p, "%2x", &byte) == 1; p += 2)
			put8(m, byte);
		size_end(m, begin);
		return;
	}
	die("no constant %s", name);
}

/* One TPMS_AUTH_COMMAND: no nonce, continueSession, no HMAC. */
static void put_auth(struct msg *m, uint32_t session)
{
	put32(m, session);
	put16(m, 0);
	put8(m, 1);
	put16(m, 0);
}

static bool put_auths(struct side *s, const char *word)
{
	struct msg *m = &s->cmd;
	size_t at = m->len;

	put32(m, 0);
	if (!strncmp(word, "pol", 3))
		put_auth(m, s->handle[1]);
	if (strcmp(word, "pol1"))
		put_auth(m, TPM2_RH_PW);
	if (!strcmp(word, "pw2"))
		put_auth(m, TPM2_RH_PW);
	else if (strcmp(word, "pw") && strcmp(word, "pol1") && strcmp(word, "polpw"))
		return false;
	set16(m, at + 2, m->len - at - 4);
	set16(m, 0, TPM_ST_SESSIONS);
	return true;
}

static void put_word(struct side *s, const char *w, size_t *outer)
{
	const struct word *known = FIND(words, w);
	struct msg *m = &s->cmd;
	unsigned int n = strtoul(w + 1, NULL, 10);

	if (known) {
		put_int(m, known->size, known->value);
	} else if (!strcmp(w, "clock")) {
		put_int(m, 8, ((uint64_t)++s->counter << 24) + (1ull << 40));
	} else if (!strcmp(w, "uniq")) {
		put16(m, 4);
		put32(m, ++s->counter);
	} else if (w[0] == 'p') {
		if (!put_auths(s, w))
			die("no word %s", w);
	} else if (w[0] == '(') {
		*outer = size_begin(m);
	} else if (w[0] == ')') {
		size_end(m, *outer);
	} else if (w[0] == '=') {
		put_constant(m, w + 1);
	} else if (w[0] == '%') {
		put32(m, s->handle[n % SCRIPT_HANDLES]);
	} else if (w[0] == '$') {
		put(m, s->blob[n % SCRIPT_BLOBS].data, s->blob[n % SCRIPT_BLOBS].len);
	} else if (w[1] == ':') {
		put_int(m, w[0] - '0', strtoull(w + 2, NULL, 16));
	} else if (w[0] == 'b' || w[0] == 'z') {
		put_bytes(m, n, w[0] == 'b' ? 0x5a : 0);
	} else if (w[0] == 'd') {
		memset(m->data + m->len, 0x5a, n);
		m->len += n;
	} else {
		die("no word %s", w);
	}
}

/* The arguments of @step, from its first word on, into @text. */
static char *split(char *text, size_t size, const char *step, char **results)
{
	if ((size_t)snprintf(text, size, "%s", step) >= size)
		die("too long: %s", step);
	*results = strchr(text, '>');
	if (*results)
		*(*results)++ = '\0';
	return text;
}

/* Builds the command of @step in @s->cmd. */
void script_build(struct side *s, const char *step)
{
	char text[512], *results, *save, *w;
	const struct word *code;
	size_t outer = 0;

	w = strtok_r(split(text, sizeof(text), step, &results), " ", &save);
	code = FIND(codes, w);
	if (!code)
		die("no command %s", w);
	cmd_begin(&s->cmd, TPM_ST_NO_SESSIONS, code->value);
	while ((w = strtok_r(NULL, " ", &save)))
		put_word(s, w, &outer);
	cmd_end(&s->cmd);
}

static size_t ticket_size(const struct msg *m, size_t at)
{
	return 2 + 4 + 2 + get16(m, at + 6);
}

/* Keeps what the results of @step ask for from the response in @s->rsp. */
void script_results(struct side *s, const char *step)
{
	char text[512], *results, *save, *w;
	size_t at = TPM_HEADER, len;

	split(text, sizeof(text), step, &results);
	if (!results)
		return;
	w = strtok_r(results, " ", &save);
	if (w && w[0] == '%') {
		s->handle[atoi(w + 1)] = get32(&s->rsp, at);
		at += 4;
		w = strtok_r(NULL, " ", &save);
	}
	if (get16(&s->rsp, 0) == TPM_ST_SESSIONS)
		at += 4;
	for (; w; w = strtok_r(NULL, " ", &save)) {
		len = 2 + get16(&s->rsp, at);
		if (w[0] == '*' && get16(&s->rsp, 0) == TPM_ST_SESSIONS)
			len = get32(&s->rsp, TPM_HEADER) - (at - TPM_HEADER - 4);
		else if (w[0] == '*')
			len = s->rsp.len - at;
		else if (w[0] == 't')
			len = ticket_size(&s->rsp, at);
		if (at + len > s->rsp.len)
			die("%s: short response to %s", s->tpm.name, step);
		if (w[0] != '-') {
			s->blob[atoi(w + 1)].len = len;
			memcpy(s->blob[atoi(w + 1)].data, s->rsp.data + at, len);
		}
		at += len;
	}
}
