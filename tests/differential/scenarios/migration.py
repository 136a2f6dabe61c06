# SPDX-License-Identifier: GPL-2.0
"""Duplicate, Rewrap, Import; derivation."""
from client import NULL, OWNER, SE_POLICY
from scenario import scenario
from templates import (ADMIN, DECRYPT, FIXED, FIXED_PARENT, FIXED_TPM, GROUP, KEY, NO_DA,
                       RESTRICTED, SENSITIVE_ORIGIN, SIGN, STORAGE, USER, create, ecc, flip, keyedhash,
                       load, make, primary, rsa_key, scheme, sensitive, sym, symcipher)
from wire import A, b2, u16, u32, u8

LOOSE = USER | NO_DA | SENSITIVE_ORIGIN
DUPLICATE = 0x14b
NO_SYM = u16(A.NULL)


def dup_policy(t):
    return t.trial(lambda s: t.cmd('PolicyCommandCode', [s.handle], [u32(DUPLICATE)]))


def dup_session(t):
    s = t.session(SE_POLICY)
    t.cmd('PolicyCommandCode', [s.handle], [u32(DUPLICATE)])
    return s


def duplicate(t, key, parent, encryption=b'', symmetric=NO_SYM, label='', session=None):
    s = session or dup_session(t)
    r = t.cmd('Duplicate', [key, parent], [b2(encryption), symmetric], sess=[s], label=label)
    t.flush(s)
    return r


@scenario('migration')
def round_trips(t):
    """Every kind of key to every kind of parent, wrapped inside, outside, both, not."""
    policy = dup_policy(t)
    kinds = {
        'ecc': ecc(LOOSE | SIGN, policy=policy), 'seal': keyedhash(USER | NO_DA, policy=policy),
        'hmac': keyedhash(LOOSE | SIGN, scheme(A.HMAC, A.SHA256), policy=policy),
        'aes': symcipher(LOOSE | DECRYPT, policy=policy),
        'storage': ecc(LOOSE | RESTRICTED | DECRYPT, policy=policy),
        'rsa': rsa_key(LOOSE | SIGN, policy=policy),
        'group': ecc(LOOSE | SIGN | GROUP, policy=policy),
    }
    source = primary(t)
    for parent_name, pub in (('ecc', ecc(STORAGE)), ('rsa', rsa_key(STORAGE)),
                             ('p384', ecc(STORAGE, 4, symmetric=sym(bits=256),
                                          name_alg=A.SHA384)), ('null', None)):
        target = primary(t, pub) if pub else NULL
        for kind, template in kinds.items():
            blobs = create(t, source, template, b'k', b'data' if kind == 'seal' else b'')
            public = blobs[1][2:]
            for symmetric in (NO_SYM, sym(), sym(bits=256), sym(mode=A.CTR), u16(A.XOR)):
                for n in (0, 16, 32, 15):
                    label = '%s to %s %s %d' % (kind, parent_name, symmetric.hex(), n)
                    key = load(t, source, blobs, b'k')
                    r = duplicate(t, key, target, b'e' * n, symmetric, label)
                    if r.rc:
                        t.flush(key)
                        continue
                    t.flush(key)
                    enc = b'e' * n if n else r['encryptionKeyOut'][2:]
                    where = target if pub else source
                    i = t.cmd('Import', [where], [b2(enc), b2(public), r['duplicate'],
                                                  r['outSymSeed'], symmetric], label=label)
                    if i.rc == 0:
                        loaded = t.cmd('Load', [where], [i['outPrivate'], b2(public)],
                                       label=label)
                        t.flush(loaded.handle or 0)
                    for what, params in (
                            ('other key by chance', [b2(b'f' * len(enc)), b2(public), r['duplicate'],
                                           r['outSymSeed'], symmetric]),
                            ('no cipher', [b2(b''), b2(public), r['duplicate'], r['outSymSeed'],
                                           NO_SYM]),
                            ('no seed by chance', [b2(enc), b2(public), r['duplicate'], b2(b''),
                                         symmetric]),
                            ('changed', [b2(enc), b2(public), flip(r['duplicate']), r['outSymSeed'],
                                         symmetric]),
                            ('other public', [b2(enc), b2(flip(public)),
                                              r['duplicate'], r['outSymSeed'], symmetric])):
                        i = t.cmd('Import', [where], params, label='%s, %s' % (label, what))
        if pub:
            t.flush(target)


@scenario('migration')
def refusals(t):
    policy = dup_policy(t)
    source, target = primary(t), primary(t, ecc(STORAGE, name_alg=A.SHA384))
    for label, attrs in (('fixed', FIXED | LOOSE), ('fixedParent', LOOSE | FIXED_PARENT),
                         ('fixedTPM', LOOSE | FIXED_TPM), ('loose', LOOSE),
                         ('group', LOOSE | GROUP), ('admin', LOOSE | ADMIN)):
        r = t.cmd('Create', [source], [sensitive(), b2(ecc(attrs | SIGN, policy=policy)), b2(b''),
                                       u32(0)], label=label)
        if r.rc:
            continue
        key = load(t, source, [r['outPrivate'], r['outPublic']])
        for where in (target, NULL, OWNER, key, source):
            for n, symmetric in ((0, NO_SYM), (16, sym()), (0, sym()), (1, NO_SYM)):
                duplicate(t, key, where, b'e' * n, symmetric, '%s to %#x %d %s' % (
                    label, where, n, symmetric.hex()))
        t.cmd('Duplicate', [key, target], [b2(b''), NO_SYM], label='password')
        s = t.session(SE_POLICY)
        duplicate(t, key, target, label='without policy', session=s)
        h = t.session()
        t.cmd('Duplicate', [key, target], [b2(b''), NO_SYM], sess=[h], label='hmac')
        t.flush(key, h)
    t.cmd('Duplicate', [source, target], [b2(b''), NO_SYM], label='primary')
    for bad in (source, target):
        t.cmd('Import', [bad], [b2(b''), b2(ecc(LOOSE | SIGN)), b2(b'junk'), b2(b''), NO_SYM],
              label='junk')
        t.cmd('Import', [bad], [b2(b''), b2(ecc(FIXED | LOOSE | SIGN)), b2(b'junk'), b2(b''),
                                NO_SYM], label='fixed')


@scenario('migration')
def rewrap(t):
    policy = dup_policy(t)
    a, b = primary(t), primary(t, ecc(STORAGE, name_alg=A.SHA384))
    key = make(t, a, ecc(LOOSE | SIGN, policy=policy))
    public = t.public(key).raw
    name = t.name(key)
    r = duplicate(t, key, b, label='to b')
    plain = duplicate(t, key, NULL, label='to null')
    t.flush(key)
    if r.rc:
        return
    for label, old, new, params in (
            ('b to a', b, a, [r['duplicate'], b2(name), r['outSymSeed']]),
            ('b to null', b, NULL, [r['duplicate'], b2(name), r['outSymSeed']]),
            ('null to a', NULL, a, [plain['duplicate'], b2(name), b2(b'')]),
            ('null to null', NULL, NULL, [plain['duplicate'], b2(name), b2(b'')]),
            ('null with seed', NULL, a, [plain['duplicate'], b2(name), r['outSymSeed']]),
            ('b without seed', b, a, [r['duplicate'], b2(name), b2(b'')]),
            ('wrong name', b, a, [r['duplicate'], b2(flip(name)), r['outSymSeed']]),
            ('a to b', a, b, [r['duplicate'], b2(name), r['outSymSeed']]),
            ('owner', OWNER, a, [r['duplicate'], b2(name), r['outSymSeed']]),
            ('changed', b, a, [flip(r['duplicate']), b2(name), r['outSymSeed']])):
        w = t.cmd('Rewrap', [old, new], params, label=label)
        if w.rc == 0 and new != NULL:
            i = t.cmd('Import', [new], [b2(b''), b2(public), w['outDuplicate'], w['outSymSeed'],
                                        NO_SYM], label=label)
            if i.rc == 0:
                loaded = t.cmd('Load', [new], [i['outPrivate'], b2(public)], label=label)
                t.flush(loaded.handle or 0)


@scenario('migration')
def selected(t):
    source, target = primary(t), primary(t, ecc(STORAGE, name_alg=A.SHA384))
    parent_name = t.name(target)
    for include in (0, 1):
        policy = t.trial(lambda s: t.cmd('PolicyDuplicationSelect', [s.handle],
                                         [b2(b''), b2(parent_name), u8(0)]))
        key = make(t, source, ecc(LOOSE | SIGN, policy=policy))
        for label, name, parent in (('right', t.name(key), target), ('wrong', t.name(key), NULL),
                                    ('other name', t.name(source), target)):
            s = t.session(SE_POLICY)
            t.cmd('PolicyDuplicationSelect', [s.handle], [b2(name), b2(parent_name),
                                                          u8(include)], label=label)
            t.cmd('PolicyDuplicationSelect', [s.handle], [b2(name), b2(parent_name),
                                                          u8(include)], label='twice')
            duplicate(t, key, parent, label='%s %d' % (label, include), session=s)
        t.flush(key)


@scenario('migration')
def plain_import(t):
    """Keys made outside, wrapped by nothing: TPM2B_SENSITIVE in the clear."""
    import hashlib
    from templates import ecc_private, rsa_private
    parent = primary(t)
    secret, seed = b'k' * 16, b's' * 32
    unique = hashlib.sha256(seed + secret).digest()
    _, point, scalar = ecc_private()
    _, modulus, prime = rsa_private()
    attrs = USER | NO_DA

    def blob(kind, data, seed_=b''):
        inner = u16(kind) + b2(b'auth') + b2(seed_) + b2(data)
        return b2(b2(inner))
    for label, public, private in (
            ('ecc', ecc(attrs | SIGN, point=point), blob(A.ECC, scalar)),
            ('ecc wrong', ecc(attrs | SIGN, point=point), blob(A.ECC, scalar[:-1] + b'\1')),
            ('rsa', rsa_key(attrs | SIGN, modulus=modulus), blob(A.RSA, prime)),
            ('rsa wrong', rsa_key(attrs | SIGN, modulus=modulus), blob(A.RSA, b'\1' * 128)),
            ('hmac', keyedhash(attrs | SIGN, scheme(A.HMAC, A.SHA256), unique=unique),
             blob(A.KEYEDHASH, secret, seed)),
            ('hmac wrong', keyedhash(attrs | SIGN, scheme(A.HMAC, A.SHA256), unique=b'u' * 32),
             blob(A.KEYEDHASH, secret, seed)),
            ('aes', symcipher(attrs | DECRYPT, unique=unique), blob(A.SYMCIPHER, secret, seed)),
            ('storage', ecc(attrs | RESTRICTED | DECRYPT, point=point), blob(A.ECC, scalar,
                                                                             seed)),
            ('storage no seed', ecc(attrs | RESTRICTED | DECRYPT, point=point),
             blob(A.ECC, scalar)),
            ('type', ecc(attrs | SIGN, point=point), blob(A.RSA, prime)),
            ('fixed', ecc(KEY | SIGN, point=point), blob(A.ECC, scalar)),
            ('origin', ecc(attrs | SENSITIVE_ORIGIN | SIGN, point=point), blob(A.ECC, scalar)),
            ('group', ecc(attrs | GROUP | SIGN, point=point), blob(A.ECC, scalar)),
            ('empty', ecc(attrs | SIGN, point=point), b2(b'')),
            ('junk', ecc(attrs | SIGN, point=point), b2(b'junk'))):
        r = t.cmd('Import', [parent], [b2(b''), b2(public), private, b2(b''), NO_SYM],
                  label=label)
        if r.rc == 0:
            loaded = t.cmd('Load', [parent], [r['outPrivate'], b2(public)], label=label)
            if loaded.rc == 0:
                t.auth[loaded.handle] = b'auth'
                t.cmd('ReadPublic', [loaded.handle], label=label)
                t.cmd('Sign', [loaded.handle], [b2(b'd' * 32), scheme(A.RSASSA, A.SHA256),
                                                u16(0x8024) + u32(NULL) + b2(b'')], label=label)
                t.cmd('HMAC', [loaded.handle], [b2(b'data'), u16(A.NULL)], label=label)
                t.cmd('ObjectChangeAuth', [loaded.handle, parent], [b2(b'new')], label=label)
                t.flush(loaded.handle)


@scenario('migration')
def derivation(t):
    """CreateLoaded under a derivation parent: the same label gives the same key."""
    import hashlib
    parent = primary(t)
    xor = scheme(A.XOR, A.SHA256, u16(A.KDF1_SP800_108))
    secret, seed = b'd' * 32, b's' * 32
    unique = hashlib.sha256(seed + secret).digest()
    public = keyedhash(USER | NO_DA | RESTRICTED | DECRYPT, xor, unique=unique)
    private = b2(b2(u16(A.KEYEDHASH) + b2(b'') + b2(seed) + b2(secret)))
    i = t.cmd('Import', [parent], [b2(b''), b2(public), private, b2(b''), NO_SYM])
    parents = []
    if i.rc == 0:
        loaded = t.cmd('Load', [parent], [i['outPrivate'], b2(public)])
        if loaded.rc == 0:
            parents.append(loaded.handle)
    r = t.cmd('Create', [parent], [sensitive(), b2(keyedhash(STORAGE, xor)), b2(b''), u32(0)])
    if r.rc == 0:
        loaded = t.cmd('Load', [parent], [r['outPrivate'], r['outPublic']], label='made inside')
        if loaded.rc == 0:
            parents.append(loaded.handle)
    for n, where in enumerate(parents):
        for label, attrs in (('loose', USER | NO_DA), ('fixed', FIXED | USER | NO_DA),
                             ('origin', LOOSE)):
            for kind, template in (
                    ('ecc', ecc(attrs | SIGN)), ('ecc p384', ecc(attrs | SIGN, 4)),
                    ('p521', ecc(attrs | SIGN, 5)),
                    ('hmac', keyedhash(attrs | SIGN, scheme(A.HMAC, A.SHA256))),
                    ('seal', keyedhash(attrs)), ('aes', symcipher(attrs | DECRYPT)),
                    ('storage', ecc(attrs | RESTRICTED | DECRYPT)),
                    ('aes storage', symcipher(attrs | RESTRICTED | DECRYPT)),
                    ('rsa', rsa_key(attrs | SIGN))):
                short = template[:-4] if kind[:3] == 'ecc' or kind in ('p521', 'storage') else \
                    template[:-2]
                for unique_ in (b2(b'label') + b2(b'context'), b2(b'') + b2(b''),
                                b2(b'l' * 32) + b2(b'c' * 32), b2(b'l' * 33) + b2(b'c'),
                                b2(b'label')):
                    for data in (b'', b2(b'') + b2(b''), b2(b'label') + b2(b'ctx'), b'junk'):
                        if data and unique_[:4] != b'\0\5la':
                            continue
                        r = t.cmd('CreateLoaded', [where], [sensitive(b'a', data),
                                                            b2(short + unique_)],
                                  label='%d %s %s %s %s' % (n, kind, label, unique_.hex()[:12],
                                                            data.hex()))
                        if r.rc == 0:
                            t.auth[r.handle] = b'a'
                            t.cmd('ReadPublic', [r.handle], label=kind)
                            t.cmd('HMAC', [r.handle], [b2(b'data'), u16(A.NULL)], label=kind)
                            t.flush(r.handle)
        t.cmd('Create', [where], [sensitive(b'', b'data'), b2(keyedhash(USER | NO_DA)), b2(b''),
                                  u32(0)], label='Create under it')
        t.cmd('Load', [where], [b2(b'x'), b2(keyedhash(USER))], label='Load under it')
        t.cmd('Unseal', [where], label='derivation parent')
