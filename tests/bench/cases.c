// SPDX-License-Identifier: GPL-2.0
/*
 * The commands that need no chip. Keys are those of the null hierarchy or come
 * from outside: theirs are in software, as all of the software TPM's are.
 */
#include "cases.h"

/* Attributes: userWithAuth, noDA, and what the name says */
#define EXTERNAL	"4:00060440 "		/* sign, decrypt */
#define STORAGE		"4:00030472 "		/* restricted, decrypt, fixed, origin here */
#define SIGNING		"4:00040472 "		/* sign, fixed, origin here */
#define BOTH		"4:00060472 "		/* sign, decrypt, fixed, origin here */
#define SEALED		"4:00000452 "		/* fixed */
#define MACKEY		"4:00040452 "		/* sign, fixed */
#define MOVABLE		"4:00040460 "		/* sign, origin here */

/* Public areas */
#define ECC_STORAGE(x, y) \
	"( ecc sha256 " STORAGE "b0 aes 2:80 cfb null p256 null " x " " y " ) "
#define ECC_SIGNING		"( ecc sha256 " SIGNING "b0 null ecdsa sha256 p256 null b0 b0 ) "
#define ECC_EXTERNAL		"( ecc sha256 " EXTERNAL "b0 null null p256 null =x =y ) "
#define ECC_MOVABLE \
	"( ecc sha256 " MOVABLE "=may_duplicate null ecdsa sha256 p256 null b0 b0 ) "
#define RSA_STORAGE(n)	"( rsa sha256 " STORAGE "b0 aes 2:80 cfb null 2:800 4:0 " n " ) "
#define RSA_SIGNING	"( rsa sha256 " SIGNING "b0 null rsassa sha256 2:800 4:0 b0 ) "
#define RSA_EXTERNAL	"( rsa sha256 " EXTERNAL "b0 null null 2:800 4:0 =n ) "
#define DATA		"( keyedhash sha256 " SEALED "b0 null b0 ) "
#define MAC_KEY		"( keyedhash sha256 " MACKEY "b0 hmac sha256 b0 ) "
#define AES_KEY		"( symcipher sha256 " BOTH "b0 aes 2:80 cfb b0 ) "

/* What they are made with, and what follows them in Create and CreatePrimary */
#define NO_DATA		"( b0 b0 ) "
#define SOME_DATA	"( b0 b32 ) "
#define CREATE_END	"b0 4:0"

#define PRIMARY_NULL(sensitive, public) \
	"CreatePrimary rh_null pw " sensitive public CREATE_END " > %0"
#define ECC_PARENT	PRIMARY_NULL(NO_DATA, ECC_STORAGE("b0", "b0"))
#define PARENT_ECC	"CreatePrimary owner pw " NO_DATA ECC_STORAGE("b0", "b0") CREATE_END " > %0"
#define PUBLIC_RSA	"LoadExternal b0 " RSA_EXTERNAL "owner > %0"
#define PUBLIC_ECC	"LoadExternal b0 " ECC_EXTERNAL "owner > %0"
#define PRIVATE_RSA	"LoadExternal ( rsa b0 b0 =p ) " RSA_EXTERNAL "rh_null > %0"
#define PRIVATE_ECC	"LoadExternal ( ecc b0 b0 =d ) " ECC_EXTERNAL "rh_null > %0"
#define SIGN_RSA	"Sign %0 pw b32 rsassa sha256 st_hashcheck rh_null b0 > *0"
#define SIGN_ECC	"Sign %0 pw b32 ecdsa sha256 st_hashcheck rh_null b0 > *0"
#define SIGN_DIGEST(d)	"Sign %0 pw =" d " ecdsa sha256 st_hashcheck rh_null b0 > *0"

/* Sessions: 0 HMAC, 1 policy, 3 trial */
#define SESSION(key, bind, salt, type, sym) \
	"StartAuthSession " key " " bind " b32 " salt " 1:" type " " sym " sha256 > %1"
#define HMAC_SESSION	SESSION("rh_null", "rh_null", "b0", "0", "null")
#define POLICY_SESSION	SESSION("rh_null", "rh_null", "b0", "1", "null")
#define RESTART		"PolicyRestart %1"

/* Sequences and sessions that a measurement leaves */
#define FLUSH1		{ "FlushContext %1" }
#define FLUSH2		{ "FlushContext %2" }

/*
 * An NV index with attributes; ordinary ones are written and read by the owner
 * and with their own authorization.
 */
#define PCR16_LIST	"4:1 sha256 1:3 2:0 1:1"
#define NV		"4:01000100 "
#define NV_DEFINE(auth, attributes, policy, size) \
	"NV_DefineSpace " auth " pw b0 ( " NV "sha256 4:" attributes " " policy " 2:" size " )"
#define NV_ORDINARY	NV_DEFINE("owner", "02060006", "b0", "20")
#define NV_WRITE	"NV_Write " NV NV "pw b32 2:0"
#define NV_UNDEFINE	"NV_UndefineSpace owner " NV "pw"

/*
 * How soon two random numbers are prime is luck. Of few keys the medians say
 * nothing where the two are near to each other.
 */
#define KEYGENS_NEAR	120
#define KEYGENS		25

#define POLICY(name, args) \
	{ name, name " %1 " args, { POLICY_SESSION }, { RESTART } }
#define CAPABILITY(name, args) { "GetCapability, " name, "GetCapability " args }
#define HASHING(name, alg, size) \
	{ "Hash, " name ", " size " bytes", "Hash b" size " " alg " rh_null" }

const struct timing timings[] = {
	CAPABILITY("algorithms", "algs 4:0 4:ff"),
	CAPABILITY("commands", "commands 4:0 4:fff"),
	CAPABILITY("properties", "properties 4:100 4:ff"),
	CAPABILITY("one property", "properties 4:11e 4:2"),
	CAPABILITY("PCR banks", "pcrs 4:0 4:1"),
	CAPABILITY("PCR properties", "pcr_properties 4:0 4:ff"),
	CAPABILITY("handles", "handles 4:80000000 4:ff"),
	CAPABILITY("curves", "curves 4:0 4:ff"),
	{ "GetRandom, 16 bytes", "GetRandom 2:10" },
	{ "GetRandom, 32 bytes", "GetRandom 2:20" },
	{ "StirRandom", "StirRandom b64" },
	{ "SelfTest", "SelfTest 1:0" },
	{ "IncrementalSelfTest", "IncrementalSelfTest 4:1 sha256" },
	{ "GetTestResult", "GetTestResult" },
	{ "TestParms, RSA", "TestParms rsa null null 2:800 4:0" },
	{ "TestParms, ECC", "TestParms ecc null null p256 null" },
	{ "ECC_Parameters", "ECC_Parameters p256" },
	{ "ReadClock", "ReadClock" },
	{ "ClockRateAdjust", "ClockRateAdjust owner pw 1:0" },
	{ "Shutdown", "Shutdown 2:1" },

	{ "PCR_Read", "PCR_Read " PCR16_LIST },
	{ "PCR_Read, 8 registers", "PCR_Read 4:1 sha256 1:3 1:ff 2:0" },
	{ "PCR_Extend", "PCR_Extend pcr16 pw 4:1 sha256 d32" },
	{ "PCR_Extend, 4 banks",
	  "PCR_Extend pcr16 pw 4:4 sha1 d20 sha256 d32 sha384 d48 sha512 d64" },
	{ "PCR_Event", "PCR_Event pcr16 pw b64" },
	{ "PCR_Reset", "PCR_Reset pcr16 pw" },
	{ "PCR_SetAuthValue", "PCR_SetAuthValue 4:14 pw b0" },

	HASHING("SHA-1", "sha1", "64"),
	HASHING("SHA-256", "sha256", "64"),
	HASHING("SHA-256", "sha256", "1024"),
	HASHING("SHA-384", "sha384", "64"),
	HASHING("SHA-512", "sha512", "64"),
	{ "HashSequenceStart", "HashSequenceStart b0 sha256 > %1", {}, {}, FLUSH1 },
	{ "SequenceUpdate", "SequenceUpdate %1 pw b1024", {},
	  { "HashSequenceStart b0 sha256 > %1" }, FLUSH1 },
	{ "SequenceComplete", "SequenceComplete %1 pw b64 rh_null", {},
	  { "HashSequenceStart b0 sha256 > %1" } },
	{ "EventSequenceComplete", "EventSequenceComplete pcr16 %1 pw2 b64", {},
	  { "HashSequenceStart b0 null > %1" } },
	{ "HMAC", "HMAC %0 pw b64 sha256", { PRIMARY_NULL(SOME_DATA, MAC_KEY) } },
	{ "HMAC_Start", "HMAC_Start %0 pw b0 sha256 > %1",
	  { PRIMARY_NULL(SOME_DATA, MAC_KEY) }, {}, FLUSH1 },

	{ "NV_DefineSpace", NV_ORDINARY, {}, {}, { NV_UNDEFINE } },
	{ "NV_UndefineSpace", NV_UNDEFINE, {}, { NV_ORDINARY } },
	{ "NV_UndefineSpaceSpecial", "NV_UndefineSpaceSpecial " NV "platform polpw",
	  { POLICY_SESSION },
	  { NV_DEFINE("platform", "42060406", "=may_undefine", "20"),
	    RESTART, "PolicyCommandCode %1 4:11f" } },
	{ "NV_Write", "NV_Write " NV NV "pw uniq 2:0", { NV_ORDINARY }, {}, {} },
	{ "NV_Read", "NV_Read " NV NV "pw 2:20 2:0", { NV_ORDINARY, NV_WRITE } },
	{ "NV_ReadPublic", "NV_ReadPublic " NV, { NV_ORDINARY, NV_WRITE } },
	{ "NV_Increment", "NV_Increment " NV NV "pw",
	  { NV_DEFINE("owner", "02060016", "b0", "8") } },
	{ "NV_SetBits", "NV_SetBits " NV NV "pw 8:ff",
	  { NV_DEFINE("owner", "02060026", "b0", "8") } },
	{ "NV_Extend", "NV_Extend " NV NV "pw b64",
	  { NV_DEFINE("owner", "02060046", "b0", "20") } },
	{ "NV_WriteLock", "NV_WriteLock " NV NV "pw",
	  { NV_DEFINE("owner", "02064006", "b0", "20"), NV_WRITE } },
	{ "NV_ReadLock", "NV_ReadLock " NV NV "pw",
	  { NV_DEFINE("owner", "82060006", "b0", "20"), NV_WRITE } },
	{ "NV_GlobalWriteLock", "NV_GlobalWriteLock owner pw" },
	{ "NV_ChangeAuth", "NV_ChangeAuth " NV "pol1 b0",
	  { NV_DEFINE("owner", "02060006", "=may_change_auth", "20"), POLICY_SESSION },
	  { RESTART, "PolicyCommandCode %1 4:13b" } },
	{ "NV_Certify, ECDSA P-256", "NV_Certify %0 " NV NV "pw2 b32 ecdsa sha256 2:20 2:0",
	  { NV_ORDINARY, NV_WRITE, PRIVATE_ECC } },

	{ "StartAuthSession, HMAC", HMAC_SESSION, {}, {}, FLUSH1 },
	{ "StartAuthSession, HMAC, AES",
	  SESSION("rh_null", "rh_null", "b0", "0", "aes 2:80 cfb"), {}, {}, FLUSH1 },
	{ "StartAuthSession, policy", POLICY_SESSION, {}, {}, FLUSH1 },
	{ "StartAuthSession, bound", SESSION("rh_null", "owner", "b0", "0", "null"),
	  {}, {}, FLUSH1 },
	{ "StartAuthSession, salted, P-256",
	  SESSION("%0", "rh_null", "( =x =y )", "0", "null"),
	  { ECC_PARENT }, {}, FLUSH1 },
	{ "StartAuthSession, salted, RSA-2048",
	  SESSION("%0", "rh_null", "$0", "0", "null"),
	  { PRIMARY_NULL(NO_DATA, RSA_STORAGE("b0")),
	    "RSA_Encrypt %0 b32 oaep sha256 =SECRET > $0" }, {}, FLUSH1 },
	{ "FlushContext, session", "FlushContext %1", {}, { HMAC_SESSION } },
	{ "ContextSave, session", "ContextSave %1 > *0", {}, { HMAC_SESSION }, FLUSH1 },
	{ "ContextLoad, session", "ContextLoad $0 > %1", {},
	  { HMAC_SESSION, "ContextSave %1 > *0" }, FLUSH1 },

	POLICY("PolicyPCR", "b0 " PCR16_LIST),
	POLICY("PolicyOR", "4:2 z32 b32"),
	POLICY("PolicyCommandCode", "4:15d"),
	POLICY("PolicyAuthValue", ""),
	POLICY("PolicyPassword", ""),
	POLICY("PolicyLocality", "1:1"),
	POLICY("PolicyCpHash", "b32"),
	POLICY("PolicyNameHash", "b32"),
	POLICY("PolicyDuplicationSelect", "b34 b34 1:0"),
	POLICY("PolicyTemplate", "b32"),
	POLICY("PolicyNvWritten", "1:0"),
	POLICY("PolicyCounterTimer", "b8 2:0 2:1"),
	POLICY("PolicyPhysicalPresence", ""),
	POLICY("PolicyGetDigest", ""),
	{ "PolicyRestart", RESTART, { POLICY_SESSION } },
	{ "PolicySecret", "PolicySecret owner %1 pw b0 b0 b0 4:0", { POLICY_SESSION },
	  { RESTART } },
	{ "PolicyNV", "PolicyNV " NV NV "%1 pw b32 2:0 2:0",
	  { NV_ORDINARY, NV_WRITE, POLICY_SESSION }, { RESTART } },
	{ "PolicySigned, P-256", "PolicySigned %0 %1 b0 b0 b0 4:0 $0",
	  { PRIVATE_ECC, SIGN_DIGEST("never"), POLICY_SESSION }, { RESTART } },
	{ "PolicyTicket", "PolicyTicket %1 $1 b0 b0 $4 $2",
	  { PRIVATE_ECC, SIGN_DIGEST("hour"), POLICY_SESSION,
	    "PolicySigned %0 %1 b0 b0 b0 4:fffff1f0 $0 > $1 t2",
	    "ReadPublic %0 > - $4" }, { RESTART } },
	{ "PolicyAuthorize", "PolicyAuthorize %1 z32 b0 $4 $2",
	  { PRIVATE_ECC, SIGN_DIGEST("empty"), "FlushContext %0", PUBLIC_ECC, POLICY_SESSION,
	    "VerifySignature %0 =empty $0 > t2", "ReadPublic %0 > - $4" }, { RESTART } },

	{ "LoadExternal, RSA-2048 public", PUBLIC_RSA, {}, {}, { "FlushContext %0" } },
	{ "LoadExternal, RSA-2048 private", PRIVATE_RSA, {}, {}, { "FlushContext %0" } },
	{ "LoadExternal, P-256 public", PUBLIC_ECC, {}, {}, { "FlushContext %0" } },
	{ "LoadExternal, P-256 private", PRIVATE_ECC, {}, {}, { "FlushContext %0" } },
	{ "Load, P-256, owner hierarchy", "Load %0 pw $0 $1 > %2",
	  { PARENT_ECC, "Create %0 pw " NO_DATA ECC_SIGNING CREATE_END " > $0 $1" }, {}, FLUSH2 },
	{ "Load, P-256, null hierarchy", "Load %0 pw $0 $1 > %2",
	  { ECC_PARENT, "Create %0 pw " NO_DATA ECC_SIGNING CREATE_END " > $0 $1" }, {}, FLUSH2 },
	{ "Load, sealed data, owner hierarchy", "Load %0 pw $0 $1 > %2",
	  { PARENT_ECC, "Create %0 pw " SOME_DATA DATA CREATE_END " > $0 $1" }, {}, FLUSH2 },
	{ "ReadPublic", "ReadPublic %0", { PUBLIC_RSA } },
	{ "ContextSave, object", "ContextSave %0 > *0", { PRIVATE_ECC } },
	{ "ContextLoad, object", "ContextLoad $0 > %2",
	  { PRIVATE_ECC, "ContextSave %0 > *0" }, {}, FLUSH2 },
	{ "FlushContext, object", "FlushContext %0", {}, { PUBLIC_ECC } },
	{ "EvictControl", "EvictControl owner %0 pw 4:81000100", { PARENT_ECC }, {},
	  { "EvictControl owner 4:81000100 pw 4:81000100" } },
	{ "CreatePrimary, P-256, owner hierarchy, again", PARENT_ECC, { PARENT_ECC },
	  { "FlushContext %0" } },
	{ "CreatePrimary, P-256, null hierarchy, new",
	  PRIMARY_NULL(NO_DATA, ECC_STORAGE("uniq", "b0")), {}, {}, { "FlushContext %0" } },
	{ "CreatePrimary, RSA-2048, null hierarchy, new",
	  PRIMARY_NULL(NO_DATA, RSA_STORAGE("uniq")), {}, {}, { "FlushContext %0" },
	  KEYGENS_NEAR },
	{ "Create, P-256, null hierarchy",
	  "Create %0 pw " NO_DATA ECC_SIGNING CREATE_END, { ECC_PARENT } },
	{ "Create, RSA-2048, null hierarchy",
	  "Create %0 pw " NO_DATA RSA_SIGNING CREATE_END, { ECC_PARENT }, {}, {}, KEYGENS },
	{ "Create, sealed data, null hierarchy",
	  "Create %0 pw " SOME_DATA DATA CREATE_END, { ECC_PARENT } },
	{ "CreateLoaded, P-256, null hierarchy",
	  "CreateLoaded %0 pw " NO_DATA ECC_SIGNING "> %2", { ECC_PARENT }, {}, FLUSH2 },
	{ "ObjectChangeAuth, null hierarchy", "ObjectChangeAuth %2 %0 pw b8",
	  { ECC_PARENT, "Create %0 pw " NO_DATA ECC_SIGNING CREATE_END " > $0 $1",
	    "Load %0 pw $0 $1 > %2" } },
	{ "Unseal, null hierarchy", "Unseal %0 pw", { PRIMARY_NULL(SOME_DATA, DATA) } },
	{ "Duplicate, null hierarchy", "Duplicate %2 %0 pol1 b0 null",
	  { ECC_PARENT, "Create %0 pw " NO_DATA ECC_MOVABLE CREATE_END " > $0 $1",
	    "Load %0 pw $0 $1 > %2", POLICY_SESSION },
	  { RESTART, "PolicyCommandCode %1 4:14b" } },
	{ "Import, null hierarchy", "Import %0 pw b0 $1 $3 $4 null",
	  { ECC_PARENT, "Create %0 pw " NO_DATA ECC_MOVABLE CREATE_END " > $0 $1",
	    "Load %0 pw $0 $1 > %2", POLICY_SESSION, "PolicyCommandCode %1 4:14b",
	    "Duplicate %2 %0 pol1 b0 null > - $3 $4" } },

	{ "VerifySignature, RSA-2048", "VerifySignature %0 b32 $0", { PRIVATE_RSA, SIGN_RSA } },
	{ "VerifySignature, P-256", "VerifySignature %0 b32 $0", { PRIVATE_ECC, SIGN_ECC } },
	{ "VerifySignature, HMAC", "VerifySignature %0 b32 $0",
	  { PRIMARY_NULL(SOME_DATA, MAC_KEY),
	    "Sign %0 pw b32 hmac sha256 st_hashcheck rh_null b0 > *0" } },
	{ "Sign, RSA-2048, software key", SIGN_RSA, { PRIVATE_RSA } },
	{ "Sign, P-256, software key", SIGN_ECC, { PRIVATE_ECC } },
	{ "Sign, HMAC, software key", "Sign %0 pw b32 hmac sha256 st_hashcheck rh_null b0",
	  { PRIMARY_NULL(SOME_DATA, MAC_KEY) } },
	{ "RSA_Encrypt, raw", "RSA_Encrypt %0 b32 null b0", { PUBLIC_RSA } },
	{ "RSA_Encrypt, OAEP", "RSA_Encrypt %0 b32 oaep sha256 b0", { PUBLIC_RSA } },
	{ "RSA_Decrypt, OAEP, software key", "RSA_Decrypt %0 pw $0 oaep sha256 b0",
	  { PRIVATE_RSA, "RSA_Encrypt %0 b32 oaep sha256 b0 > $0" } },
	{ "ECDH_KeyGen, P-256", "ECDH_KeyGen %0", { PUBLIC_ECC } },
	{ "ECDH_ZGen, P-256, software key", "ECDH_ZGen %0 pw ( =x =y )", { PRIVATE_ECC } },
	{ "EC_Ephemeral, P-256", "EC_Ephemeral p256" },
	{ "MakeCredential, RSA-2048", "MakeCredential %0 b32 b34",
	  { "LoadExternal b0 " RSA_STORAGE("=n") "owner > %0" } },
	{ "MakeCredential, P-256", "MakeCredential %0 b32 b34",
	  { "LoadExternal b0 " ECC_STORAGE("=x", "=y") "owner > %0" } },
	{ "ActivateCredential, P-256, software key", "ActivateCredential %2 %0 pw2 $0 $1",
	  { PRIVATE_ECC, "ReadPublic %0 > - $4", "FlushContext %0",
	    "LoadExternal ( ecc b0 b0 =d ) " ECC_EXTERNAL "rh_null > %2", ECC_PARENT,
	    "MakeCredential %0 b32 $4 > $0 $1" } },
	{ "EncryptDecrypt, 256 bytes", "EncryptDecrypt %0 pw 1:0 cfb b16 b256",
	  { PRIMARY_NULL(NO_DATA, AES_KEY) } },
	{ "EncryptDecrypt2, 256 bytes", "EncryptDecrypt2 %0 pw b256 1:0 cfb b16",
	  { PRIMARY_NULL(NO_DATA, AES_KEY) } },
	{ "Quote, P-256, software key", "Quote %0 pw b32 ecdsa sha256 " PCR16_LIST,
	  { PRIVATE_ECC } },
	{ "Certify, P-256, software key", "Certify %0 %0 pw2 b32 ecdsa sha256",
	  { PRIVATE_ECC } },
	{ "CertifyCreation, P-256, software key",
	  "CertifyCreation %0 %0 pw b32 $1 null $2",
	  { "CreatePrimary rh_null pw " NO_DATA ECC_SIGNING CREATE_END " > %0 - - $1 t2" } },
	{ "GetTime, P-256, software key", "GetTime endorsement %0 pw2 b32 ecdsa sha256",
	  { PRIVATE_ECC } },

	{ "HierarchyChangeAuth", "HierarchyChangeAuth owner pw b0" },
	{ "HierarchyControl", "HierarchyControl platform pw owner 1:1" },
	{ "SetPrimaryPolicy", "SetPrimaryPolicy owner pw b0 null" },
	{ "DictionaryAttackLockReset", "DictionaryAttackLockReset lockout pw" },
	{ "DictionaryAttackParameters",
	  "DictionaryAttackParameters lockout pw 4:20 4:1c20 4:15180" },
	{ "ClearControl", "ClearControl platform pw 1:0" },
	{ "SetCommandCodeAuditStatus", "SetCommandCodeAuditStatus owner pw null 4:0 4:0" },
	/* These two change all that comes after them. */
	{ "ClockSet", "ClockSet owner pw clock" },
	{ "Clear", "Clear lockout pw" },
};

const size_t timing_count = sizeof(timings) / sizeof(timings[0]);
