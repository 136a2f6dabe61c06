# SPDX-License-Identifier: GPL-2.0
"""Creation, loading, contexts and persistence of objects."""
from client import (CONTINUE, DECRYPT as S_DECRYPT, ENCRYPT as S_ENCRYPT, ENDORSEMENT,
                    HIERARCHIES, LOCKOUT, NULL, OWNER, PLATFORM, Password)
from scenario import scenario
from templates import (ADMIN, DECRYPT, EXTERNAL, FIXED, FIXED_PARENT, FIXED_TPM, GROUP, KEY,
                       NO_DA, NO_PCRS, RESTRICTED, SENSITIVE_ORIGIN, SIGN, STCLEAR, STORAGE,
                       USER, create, ecc, ecc_private, flip, keyedhash, load, load_ecc, load_rsa, make,
                       pcrs, primary, rsa_key, rsa_private, scheme, seal, sensitive, sym,
                       symcipher)
from wire import A, b2, u16, u32, u64, u8

HMAC256 = scheme(A.HMAC, A.SHA256)
XOR256 = scheme(A.XOR, A.SHA256, u16(A.KDF1_SP800_108))
IN = KEY & ~SENSITIVE_ORIGIN


def creation(t, name, parent, pub, auth=b'', data=b'', outside=b'', selection=NO_PCRS, label=''):
    """A creation that may fail; what it made is flushed."""
    params = [sensitive(auth, data), b2(pub)]
    if name != 'CreateLoaded':
        params += [b2(outside), selection]
    r = t.cmd(name, [parent], params, label=label)
    if r.rc == 0 and r.handle:
        t.cmd('ReadPublic', [r.handle], label=label)
        t.flush(r.handle)
    return r


TEMPLATES = {
    'storage p256': ecc(STORAGE), 'storage p384': ecc(STORAGE, 4, symmetric=sym(bits=256)),
    'storage sha384': ecc(STORAGE, name_alg=A.SHA384), 'storage sha1': ecc(STORAGE, name_alg=4),
    'p256 sign': ecc(KEY | SIGN), 'p256 ecdsa': ecc(KEY | SIGN, sch=scheme(A.ECDSA, A.SHA256)),
    'p384 ecdsa': ecc(KEY | SIGN, 4, scheme(A.ECDSA, A.SHA384)),
    'p521 ecdsa': ecc(KEY | SIGN, 5, scheme(A.ECDSA, A.SHA512)),
    'p192': ecc(KEY | SIGN, 1), 'p224': ecc(KEY | SIGN, 2), 'bn256': ecc(KEY | SIGN, 0x10),
    'bn638': ecc(KEY | SIGN, 0x11), 'sm2': ecc(KEY | SIGN, 0x20), 'curve 0': ecc(KEY | SIGN, 0),
    'p256 ecdh': ecc(KEY | DECRYPT, sch=scheme(A.ECDH, A.SHA256)),
    'p256 both': ecc(KEY | SIGN | DECRYPT), 'p256 neither': ecc(KEY),
    'p256 ecdaa': ecc(KEY | SIGN, sch=scheme(A.ECDAA, A.SHA256, u16(0))),
    'p256 schnorr': ecc(KEY | SIGN, sch=scheme(A.ECSCHNORR, A.SHA256)),
    'p256 sm2': ecc(KEY | SIGN, sch=scheme(A.SM2, A.SHA256)),
    'p256 ecmqv': ecc(KEY | DECRYPT, sch=scheme(A.ECMQV, A.SHA256)),
    'p256 rsassa': ecc(KEY | SIGN, sch=scheme(A.RSASSA, A.SHA256)),
    'p256 ecdsa decrypt': ecc(KEY | DECRYPT, sch=scheme(A.ECDSA, A.SHA256)),
    'p256 ecdh sign': ecc(KEY | SIGN, sch=scheme(A.ECDH, A.SHA256)),
    'p256 restricted both': ecc(KEY | SIGN | DECRYPT | RESTRICTED),
    'p256 restricted sign': ecc(KEY | SIGN | RESTRICTED, sch=scheme(A.ECDSA, A.SHA256)),
    'p256 restricted sign null': ecc(KEY | SIGN | RESTRICTED),
    'p256 sign with sym': ecc(KEY | SIGN, symmetric=sym()),
    'p256 parent without sym': ecc(STORAGE, symmetric=u16(A.NULL)),
    'p256 parent scheme': ecc(STORAGE, sch=scheme(A.ECDH, A.SHA256)),
    'p256 kdf': ecc(KEY | DECRYPT, kdf=scheme(A.KDF1_SP800_56A, A.SHA256)),
    'p256 kdf2': ecc(KEY | DECRYPT, kdf=scheme(A.KDF2, A.SHA256)),
    'p256 mgf1': ecc(KEY | DECRYPT, kdf=scheme(A.MGF1, A.SHA256)),
    'p256 ecdsa sm3': ecc(KEY | SIGN, sch=scheme(A.ECDSA, A.SM3)),
    'p256 ecdsa null': ecc(KEY | SIGN, sch=scheme(A.ECDSA, A.NULL)),
    'p256 with point': ecc(KEY | SIGN, point=(b'x' * 32, b'y' * 32)),
    'p256 with long point': ecc(KEY | SIGN, point=(b'x' * 33, b'')),
    'p256 name null': ecc(KEY | SIGN, name_alg=A.NULL), 'p256 sm3': ecc(KEY | SIGN, name_alg=0x12),
    'p256 policy': ecc(KEY | SIGN, policy=b'p' * 32),
    'p256 short policy': ecc(KEY | SIGN, policy=b'p' * 31),
    'p256 sha1 policy 32': ecc(KEY | SIGN, policy=b'p' * 32, name_alg=4),
    'rsa2048 sign': rsa_key(KEY | SIGN), 'rsa2048 decrypt': rsa_key(KEY | DECRYPT),
    'rsa2048 storage': rsa_key(STORAGE), 'rsa1024': rsa_key(KEY | SIGN, 1024),
    'rsa3072 sign': rsa_key(KEY | SIGN, 3072),
    'rsa512': rsa_key(KEY | SIGN, 512), 'rsa2047': rsa_key(KEY | SIGN, 2047),
    'rsa e=3': rsa_key(KEY | SIGN, exponent=3), 'rsa e=65537': rsa_key(KEY | SIGN, exponent=65537),
    'rsa e=17': rsa_key(KEY | SIGN, exponent=17), 'rsa e=2': rsa_key(KEY | SIGN, exponent=2),
    'rsa e=65539': rsa_key(KEY | SIGN, exponent=65539),
    'rsa e=65536': rsa_key(KEY | SIGN, exponent=65536),
    'rsassa': rsa_key(KEY | SIGN, sch=scheme(A.RSASSA, A.SHA256)),
    'rsapss': rsa_key(KEY | SIGN, sch=scheme(A.RSAPSS, A.SHA256)),
    'rsaes': rsa_key(KEY | DECRYPT, sch=u16(A.RSAES)),
    'oaep': rsa_key(KEY | DECRYPT, sch=scheme(A.OAEP, A.SHA256)),
    'rsassa both': rsa_key(KEY | DECRYPT | SIGN, sch=scheme(A.RSASSA, A.SHA256)),
    'rsa ecdsa': rsa_key(KEY | SIGN, sch=scheme(A.ECDSA, A.SHA256)),
    'rsa restricted sign': rsa_key(KEY | SIGN | RESTRICTED, sch=scheme(A.RSASSA, A.SHA256)),
    'rsa restricted sign null': rsa_key(KEY | SIGN | RESTRICTED),
    'hmac': keyedhash(KEY | SIGN, HMAC256), 'hmac null': keyedhash(KEY | SIGN),
    'hmac restricted': keyedhash(KEY | SIGN | RESTRICTED, HMAC256),
    'hmac restricted null': keyedhash(KEY | SIGN | RESTRICTED),
    'xor': keyedhash(KEY | DECRYPT, XOR256), 'xor sign': keyedhash(KEY | SIGN, XOR256),
    'keyedhash both': keyedhash(KEY | SIGN | DECRYPT),
    'derivation parent': keyedhash(STORAGE, XOR256),
    'derivation parent null': keyedhash(STORAGE), 'derivation parent hmac':
    keyedhash(STORAGE, HMAC256),
    'seal without data': keyedhash(IN), 'seal with origin': keyedhash(KEY),
    'hmac unique': keyedhash(KEY | SIGN, HMAC256, unique=b'u' * 32),
    'aes128': symcipher(KEY | DECRYPT), 'aes256': symcipher(KEY | DECRYPT | SIGN, sym(bits=256)),
    'aes192': symcipher(KEY | DECRYPT, sym(bits=192)), 'aes sign': symcipher(KEY | SIGN),
    'aes parent': symcipher(STORAGE), 'aes restricted sign': symcipher(KEY | SIGN | RESTRICTED),
    'aes ctr': symcipher(KEY | DECRYPT, sym(mode=A.CTR)),
    'aes cbc': symcipher(KEY | DECRYPT, sym(mode=A.CBC)),
    'aes ecb': symcipher(KEY | DECRYPT, sym(mode=A.ECB)),
    'aes ofb': symcipher(KEY | DECRYPT, sym(mode=A.OFB)),
    'aes null mode': symcipher(KEY | DECRYPT, sym(mode=A.NULL)),
    'aes cmac': symcipher(KEY | SIGN, sym(mode=A.CMAC)),
    'aes cmac decrypt': symcipher(KEY | DECRYPT, sym(mode=A.CMAC)),
    'aes ctr parent': symcipher(STORAGE, sym(mode=A.CTR)),
    'camellia': symcipher(KEY | DECRYPT, sym(A.CAMELLIA)),
    'tdes': symcipher(KEY | DECRYPT, sym(A.TDES)), 'sm4': symcipher(KEY | DECRYPT, sym(A.SM4)),
    'sym null': symcipher(KEY | DECRYPT, u16(A.NULL)),
    'type null': u16(A.NULL) + u16(A.SHA256) + u32(KEY) + b2(b'') + b2(b''),
    'type hash': u16(A.SHA256) + u16(A.SHA256) + u32(KEY) + b2(b'') + b2(b''),
}


@scenario('object')
def templates_create_primary(t):
    for name, pub in TEMPLATES.items():
        if 'rsa3072' in name:
            continue
        for hierarchy in (OWNER, NULL):
            creation(t, 'CreatePrimary', hierarchy, pub, b'auth', label='%s in %#x' % (
                name, hierarchy))


@scenario('object')
def templates_create(t):
    parent = primary(t)
    for name, pub in TEMPLATES.items():
        r = creation(t, 'Create', parent, pub, b'auth', label=name)
        if r.rc == 0:
            loaded = t.cmd('Load', [parent], [r['outPrivate'], r['outPublic']], label=name)
            if loaded.rc == 0:
                t.cmd('ReadPublic', [loaded.handle], label=name)
                t.flush(loaded.handle)


@scenario('object')
def templates_create_loaded(t):
    parent = primary(t)
    for name, pub in TEMPLATES.items():
        if 'rsa3072' in name:
            continue
        for where in (parent, ENDORSEMENT) if 'rsa' not in name else (parent,):
            creation(t, 'CreateLoaded', where, pub, b'auth', label='%s in %#x' % (name, where))


@scenario('object')
def sensitive_data(t):
    parent = primary(t)
    kinds = {'seal': keyedhash(IN), 'hmac': keyedhash(IN | SIGN, HMAC256),
             'hmac sha1': keyedhash(IN | SIGN, scheme(A.HMAC, A.SHA1)),
             'xor': keyedhash(IN | DECRYPT, XOR256), 'derivation': keyedhash(IN | RESTRICTED |
                                                                             DECRYPT, XOR256),
             'aes': symcipher(IN | DECRYPT), 'aes256': symcipher(IN | DECRYPT, sym(bits=256)),
             'ecc': ecc(IN | SIGN), 'rsa': rsa_key(IN | SIGN),
             'ecc origin': ecc(KEY | SIGN), 'aes origin': symcipher(KEY | DECRYPT),
             'hmac origin': keyedhash(KEY | SIGN, HMAC256)}
    for name, pub in kinds.items():
        for n in (0, 1, 15, 16, 17, 31, 32, 33, 64, 65, 127, 128, 129, 256):
            for command, where in (('Create', parent), ('CreatePrimary', OWNER),
                                   ('CreateLoaded', parent)):
                creation(t, command, where, pub, b'', b'd' * n,
                         label='%s %s %d' % (command, name, n))
    for n in (0, 1, 20, 32, 33, 48, 64, 65):
        for alg in (A.SHA1, A.SHA256, A.SHA512):
            creation(t, 'Create', parent, keyedhash(IN, name_alg=alg), b'a' * n, b'data',
                     label='auth %d %#x' % (n, alg))
    for n in (0, 1, 32, 66, 67, 200):
        creation(t, 'Create', parent, keyedhash(IN), b'', b'data', b'o' * n,
                 label='outside %d' % n)
        creation(t, 'CreatePrimary', OWNER, ecc(KEY | SIGN, name_alg=A.SHA1), b'', b'', b'o' * n,
                 label='outside %d' % n)
    for selection in (pcrs((A.SHA256, (0, 1, 23))), pcrs((A.SHA1, range(24)), (A.SHA512, (7,))),
                      pcrs((A.SM3, (0,))), pcrs((A.SHA256, ())), u32(5) + bytes(25),
                      u32(1) + u16(A.SHA256) + b'\x02\0\0',
                      u32(1) + u16(A.SHA256) + b'\x04\1\0\0\0'):
        creation(t, 'Create', parent, keyedhash(IN), b'', b'data', b'', selection,
                 label=selection.hex())
        creation(t, 'CreatePrimary', ENDORSEMENT, ecc(KEY | SIGN), b'', b'', b'', selection,
                 label=selection.hex())


@scenario('object')
def attributes(t):
    parents = {'fixed': primary(t), 'loose': None}
    parents['loose'] = make(t, parents['fixed'], ecc(STORAGE & ~FIXED))
    shapes = {'ecc': ecc, 'keyedhash': keyedhash, 'symcipher': symcipher}
    for bit in [i for i in range(32) if i not in (28, 29)]:     # ours have a meaning
        for name, base in (('ecc', KEY | SIGN), ('ecc', STORAGE), ('keyedhash', IN),
                           ('symcipher', KEY | DECRYPT)):
            attrs = base ^ 1 << bit
            for where, parent in parents.items():
                creation(t, 'Create', parent, shapes[name](attrs), b'',
                         b'data' if name == 'keyedhash' else b'',
                         label='%s %#x under %s' % (name, attrs, where))
            creation(t, 'CreatePrimary', OWNER, shapes[name](attrs), b'',
                     b'data' if name == 'keyedhash' else b'', label='%s %#x' % (name, attrs))
            r = t.cmd('LoadExternal', [], [b2(b''), b2(ecc(attrs, point=ecc_private()[1])),
                                           u32(OWNER)], label='%#x' % attrs)
            t.flush(r.handle or 0)
    t.rng.seed('attributes')
    for _ in range(250):
        attrs = KEY
        for bit in t.rng.sample((1, 2, 4, 5, 6, 7, 10, 11, 16, 17, 18, 19), t.rng.randrange(1, 6)):
            attrs ^= 1 << bit
        name = t.rng.choice(list(shapes))
        data = b'data' if t.rng.random() < 0.4 else b''
        policy = b'p' * 32 if t.rng.random() < 0.3 else b''
        creation(t, 'Create', parents[t.rng.choice(('fixed', 'loose'))],
                 shapes[name](attrs, policy=policy), b'', data,
                 label='%s %#x %r' % (name, attrs, bool(data)))


@scenario('object')
def load_mismatches(t):
    parent, other = primary(t), primary(t, ecc(STORAGE, name_alg=A.SHA384))
    a = create(t, parent, keyedhash(IN), b'a', b'data a')
    b = create(t, parent, ecc(KEY | SIGN), b'b')
    for name, private, public in (
            ('good', a[0], a[1]), ('public of another', a[0], b[1]),
            ('changed private', flip(a[0]), a[1]),
            ('changed integrity', a[0][:6] + bytes([a[0][6] ^ 1]) + a[0][7:], a[1]),
            ('short private', b2(a[0][2:-1]), a[1]), ('long private', b2(a[0][2:] + b'x'), a[1]),
            ('empty private', b2(b''), a[1]), ('tiny private', b2(b'\0\x20'), a[1]),
            ('changed public', a[0], flip(a[1])),
            ('empty public', a[0], b2(b'')), ('junk', b2(b'x' * 100), a[1])):
        for where in (parent, other, OWNER):
            r = t.cmd('Load', [where], [private, public], label='%s under %#x' % (name, where))
            if r.rc == 0:
                t.flush(r.handle)
    t.flush(other)
    key = load(t, parent, b, b'b')
    t.cmd('Load', [key], a, label='no parent')
    t.cmd('Create', [key], [sensitive(), b2(keyedhash(IN)), b2(b''), NO_PCRS], label='no parent')
    t.cmd('CreateLoaded', [key], [sensitive(), b2(keyedhash(IN))], label='no parent')
    t.cmd('CreateLoaded', [LOCKOUT], [sensitive(), b2(ecc(KEY | SIGN))], label='lockout')
    t.cmd('CreatePrimary', [LOCKOUT], [sensitive(), b2(ecc(KEY | SIGN)), b2(b''), NO_PCRS],
          label='lockout')
    t.cmd('CreatePrimary', [parent], [sensitive(), b2(ecc(KEY | SIGN)), b2(b''), NO_PCRS],
          label='object')


@scenario('object')
def load_external(t):
    _, point, scalar = ecc_private()
    _, modulus, prime = rsa_private()
    secret = b's' * 16

    def sens(kind, data, auth=b'', seed=b''):
        return b2(u16(kind) + b2(auth) + b2(seed) + b2(data))

    cases = {
        'rsa public': (b2(b''), rsa_key(EXTERNAL | SIGN, modulus=modulus)),
        'rsa even modulus': (b2(b''), rsa_key(EXTERNAL | SIGN, modulus=flip(modulus))),
        'rsa small modulus': (b2(b''), rsa_key(EXTERNAL | SIGN, modulus=b'\0' + modulus[1:])),
        'rsa short modulus': (b2(b''), rsa_key(EXTERNAL | SIGN, modulus=modulus[1:])),
        'rsa no modulus': (b2(b''), rsa_key(EXTERNAL | SIGN)),
        'rsa e=3': (b2(b''), rsa_key(EXTERNAL | SIGN, exponent=3, modulus=modulus)),
        'rsa e=17': (b2(b''), rsa_key(EXTERNAL | SIGN, exponent=17, modulus=modulus)),
        'rsa private': (sens(A.RSA, prime), rsa_key(EXTERNAL | SIGN, modulus=modulus)),
        'rsa private parent': (sens(A.RSA, prime, b'', b''),
                               rsa_key(EXTERNAL | RESTRICTED | DECRYPT, modulus=modulus)),
        'rsa bad prime': (sens(A.RSA, prime[:-1] + b'\1'),
                          rsa_key(EXTERNAL | SIGN, modulus=modulus)),
        'rsa short prime': (sens(A.RSA, prime[1:]), rsa_key(EXTERNAL | SIGN, modulus=modulus)),
        'rsa no prime': (sens(A.RSA, b''), rsa_key(EXTERNAL | SIGN, modulus=modulus)),
        'ecc public': (b2(b''), ecc(EXTERNAL | SIGN, point=point)),
        'ecc off curve': (b2(b''), ecc(EXTERNAL | SIGN, point=(point[0], point[0]))),
        'ecc no point': (b2(b''), ecc(EXTERNAL | SIGN)),
        'ecc short x': (b2(b''), ecc(EXTERNAL | SIGN, point=(point[0][1:], point[1]))),
        'ecc zero': (b2(b''), ecc(EXTERNAL | SIGN, point=(bytes(32), bytes(32)))),
        'ecc private': (sens(A.ECC, scalar), ecc(EXTERNAL | SIGN, point=point)),
        'ecc wrong scalar': (sens(A.ECC, scalar[:-1] + b'\1'), ecc(EXTERNAL | SIGN, point=point)),
        'ecc zero scalar': (sens(A.ECC, bytes(32)), ecc(EXTERNAL | SIGN, point=point)),
        'ecc long scalar': (sens(A.ECC, b'\0' + scalar), ecc(EXTERNAL | SIGN, point=point)),
        'ecc short scalar': (sens(A.ECC, scalar[1:]), ecc(EXTERNAL | SIGN, point=point)),
        # scalar 43 has a y with a zero byte in front
        'ecc short y private': (sens(A.ECC, bytes([43])), ecc(EXTERNAL | SIGN, point=(
            bytes.fromhex('986ae2506f1ff104d04230861d8f4b498f4bc4c6d009b30f7544dc129b82d28d'),
            bytes.fromhex('3cccc0a6460e0ae328a4d97d3c7b61d86fc6289c189f2525110c441bb07e97')))),
        'ecc seed': (sens(A.ECC, scalar, seed=b's' * 32), ecc(EXTERNAL | SIGN, point=point)),
        'wrong type': (sens(A.RSA, prime), ecc(EXTERNAL | SIGN, point=point)),
        'ecc policy': (b2(b''), ecc(EXTERNAL | SIGN, point=point, policy=b'p' * 32)),
        'ecc name null': (b2(b''), ecc(EXTERNAL | SIGN, point=point, name_alg=A.NULL)),
        'ecc name null private': (sens(A.ECC, scalar), ecc(EXTERNAL | SIGN, point=point,
                                                            name_alg=A.NULL)),
        'ecc parent': (b2(b''), ecc(EXTERNAL | RESTRICTED | DECRYPT, point=point)),
        'ecc restricted': (b2(b''), ecc(EXTERNAL | RESTRICTED | SIGN, point=point,
                                        sch=scheme(A.ECDSA, A.SHA256))),
        'ecc fixed': (b2(b''), ecc(KEY | SIGN, point=point)),
        'ecc fixed private': (sens(A.ECC, scalar), ecc(KEY | SIGN, point=point)),
        'ecc restricted private': (sens(A.ECC, scalar), ecc(
            EXTERNAL | RESTRICTED | SIGN, point=point, sch=scheme(A.ECDSA, A.SHA256))),
        'ecc curve': (b2(b''), ecc(EXTERNAL | SIGN, 4, point=point)),
        'p384': (b2(b''), ecc(EXTERNAL | SIGN, 4, point=ecc_private(4)[1])),
        'p521': (b2(b''), ecc(EXTERNAL | SIGN, 5, point=ecc_private(5)[1])),
        'p192': (b2(b''), ecc(EXTERNAL | SIGN, 1, point=ecc_private(1)[1])),
        'p224': (b2(b''), ecc(EXTERNAL | SIGN, 2, point=ecc_private(2)[1])),
        'hmac public': (b2(b''), keyedhash(EXTERNAL | SIGN, HMAC256, unique=b'u' * 32)),
        'hmac public short': (b2(b''), keyedhash(EXTERNAL | SIGN, HMAC256, unique=b'u')),
        'hmac wrong binding': (sens(A.KEYEDHASH, secret, seed=b's' * 32),
                               keyedhash(EXTERNAL | SIGN, HMAC256, unique=b'u' * 32)),
        'hmac no seed': (sens(A.KEYEDHASH, secret),
                         keyedhash(EXTERNAL | SIGN, HMAC256, unique=b'u' * 32)),
        'aes wrong binding': (sens(A.SYMCIPHER, secret, seed=b's' * 32),
                              symcipher(EXTERNAL | DECRYPT, unique=b'u' * 32)),
        'empty public': (b2(b''), b''),
    }
    import hashlib
    unique = hashlib.sha256(b's' * 32 + secret).digest()
    cases.update({
        'hmac': (sens(A.KEYEDHASH, secret, b'auth', b's' * 32),
                 keyedhash(EXTERNAL | SIGN, HMAC256, unique=unique)),
        'aes': (sens(A.SYMCIPHER, secret, b'auth', b's' * 32),
                symcipher(EXTERNAL | DECRYPT, unique=unique)),
        'aes wrong size': (sens(A.SYMCIPHER, secret, b'auth', b's' * 32),
                           symcipher(EXTERNAL | DECRYPT, sym(bits=256), unique=unique)),
        'long auth': (sens(A.KEYEDHASH, secret, b'a' * 33, b's' * 32),
                      keyedhash(EXTERNAL | SIGN, HMAC256, unique=unique)),
        'seal': (sens(A.KEYEDHASH, secret, b'auth', b's' * 32),
                 keyedhash(EXTERNAL, unique=unique)),
    })
    for name, (private, public) in cases.items():
        for hierarchy in (NULL, OWNER, ENDORSEMENT, PLATFORM, LOCKOUT):
            r = t.cmd('LoadExternal', [], [private, b2(public), u32(hierarchy)],
                      label='%s in %#x' % (name, hierarchy))
            if r.rc == 0:
                t.cmd('ReadPublic', [r.handle], label=name)
                t.cmd('EvictControl', [OWNER, r.handle], [u32(0x81000009)], label='external')
                t.cmd('ObjectChangeAuth', [r.handle, r.handle], [b2(b'x')], label='external')
                t.cmd('ContextSave', [r.handle], label='external')
                t.flush(r.handle)


@scenario('object')
def change_auth(t):
    parent, other = primary(t), primary(t, ecc(STORAGE, name_alg=A.SHA384))
    blobs = create(t, parent, keyedhash(IN), b'old', b'data')
    item = load(t, parent, blobs, b'old')
    for name, where in (('parent', parent), ('other', other), ('itself', item)):
        for value in (b'new', b'', b'x' * 32, b'x' * 33, b'zeros\0\0'):
            r = t.cmd('ObjectChangeAuth', [item, where], [b2(value)],
                      label='%s %d' % (name, len(value)))
            if r.rc == 0:
                t.flush(item)
                changed = load(t, parent, [r['outPrivate'], blobs[1]], value)
                t.cmd('Unseal', [changed], label='changed')
                t.flush(changed)
                item = load(t, parent, blobs, b'old')
    t.flush(item)
    admin = make(t, parent, keyedhash(FIXED | ADMIN | NO_DA), b'old', b'data')
    t.cmd('ObjectChangeAuth', [admin, parent], [b2(b'x')], label='adminWithPolicy')
    t.cmd('Unseal', [admin], label='no userWithAuth')
    t.cmd('ObjectChangeAuth', [parent, parent], [b2(b'x')], label='primary')


@scenario('object')
def contexts(t):
    parent = primary(t)
    item = seal(t, parent, b'data', b'auth')
    saved = t.must('ContextSave', [item])
    t.cmd('ContextSave', [item], label='again')
    back = t.must('ContextLoad', [], [saved['context']])
    t.auth[back.handle] = b'auth'
    t.cmd('Unseal', [back.handle])
    t.cmd('ReadPublic', [back.handle])
    t.flush(back.handle)
    again = t.must('ContextLoad', [], [saved['context']], label='twice')
    t.flush(again.handle)
    blob = saved['context']
    for name, changed in (
            ('sequence', u64(99) + blob[8:]), ('handle', blob[:8] + u32(0x80000001) + blob[12:]),
            ('stclear handle', blob[:8] + u32(0x80000002) + blob[12:]),
            ('session handle', blob[:8] + u32(0x02000000) + blob[12:]),
            ('other handle', blob[:8] + u32(0x81000000) + blob[12:]),
            ('bad handle', blob[:8] + u32(0x80000003) + blob[12:]),
            ('hierarchy', blob[:12] + u32(ENDORSEMENT) + blob[16:]),
            ('null', blob[:12] + u32(NULL) + blob[16:]),
            ('bad hierarchy', blob[:12] + u32(LOCKOUT) + blob[16:]),
            ('last byte', flip(blob)),
            ('integrity', blob[:20] + bytes([blob[20] ^ 1]) + blob[21:]),
            ('short', blob[:16] + b2(blob[18:-1])), ('empty', blob[:16] + b2(b'')),
            ('truncated', blob[:-1]), ('long', blob + b'x')):
        r = t.cmd('ContextLoad', [], changed, label=name)
        if r.rc == 0:
            t.flush(r.handle)
    t.flush(item)
    t.power_cycle(1, 1)
    r = t.cmd('ContextLoad', [], [saved['context']], label='resumed')
    t.flush(0x80000000)
    t.power_cycle(1, 0)
    r = t.cmd('ContextLoad', [], [saved['context']], label='restarted')
    t.flush(0x80000000)
    t.power_cycle(0, 0)
    r = t.cmd('ContextLoad', [], [saved['context']], label='reset')
    for hierarchy in HIERARCHIES:
        for stclear in (0, STCLEAR):
            key = primary(t, ecc(KEY | SIGN | stclear), hierarchy)
            saved = t.must('ContextSave', [key])
            t.flush(key)
            r = t.cmd('ContextLoad', [], [saved['context']], label='%#x' % hierarchy)
            t.flush(r.handle or 0)
            t.power_cycle(1, 0)
            r = t.cmd('ContextLoad', [], [saved['context']],
                      label='restarted %#x %d' % (hierarchy, stclear))
            t.flush(r.handle or 0)
    seq = t.must('HashSequenceStart', [], [b2(b''), u16(A.SHA256)])
    t.cmd('SequenceUpdate', [seq.handle], [b2(b'abc')])
    saved = t.must('ContextSave', [seq.handle], label='sequence')
    t.flush(seq.handle)
    r = t.must('ContextLoad', [], [saved['context']], label='sequence')
    t.cmd('SequenceComplete', [r.handle], [b2(b'def'), u32(OWNER)], label='from context')
    for bad in (OWNER, 0x81000000, 0x01000000, 0, 0x80000000, 0x02000000, 0x03000000):
        t.cmd('ContextSave', [bad], label='%#x' % bad)
        t.cmd('FlushContext', [], [u32(bad)], label='%#x' % bad)


@scenario('object')
def persistence(t):
    for name, hierarchy in (('owner', OWNER), ('platform', PLATFORM), ('eps', ENDORSEMENT)):
        key = primary(t, hierarchy=hierarchy)
        for auth in (OWNER, PLATFORM, ENDORSEMENT, LOCKOUT, NULL):
            for handle in (0x81000000, 0x817fffff, 0x81800000, 0x81ffffff, 0x80ffffff,
                           0x82000000, 0x80000000):
                label = '%s by %#x to %#x' % (name, auth, handle)
                r = t.cmd('EvictControl', [auth, key], [u32(handle)], label=label)
                if r.rc == 0:
                    t.names.pop(handle, None)
                    t.cmd('EvictControl', [auth, key], [u32(handle)], label='again')
                    t.cmd('ReadPublic', [handle], label=label)
                    t.cmd('EvictControl', [auth, handle], [u32(handle ^ 1)], label='other handle')
                    for other in (OWNER, PLATFORM):
                        t.cmd('EvictControl', [other, handle], [u32(handle)], label='evict')
        t.flush(key)
    t.cmd('EvictControl', [OWNER, 0x81000000], [u32(0x81000000)], label='none there')
    owner = primary(t)
    t.cmd('EvictControl', [OWNER, owner], [u32(0x81000007)])
    t.cmd('FlushContext', [], [u32(0x81000007)], label='persistent')
    t.flush(owner)
    t.power_cycle(None, 0)
    t.cmd('ReadPublic', [0x81000007], label='after reset')
    item = seal(t, 0x81000007, b'data')
    t.cmd('Unseal', [item])
    t.cmd('EvictControl', [OWNER, item], [u32(0x81000008)])
    t.cmd('Unseal', [0x81000008])
    t.flush(item)
    stclear = make(t, 0x81000007, keyedhash(IN | STCLEAR), b'', b'data')
    t.cmd('EvictControl', [OWNER, stclear], [u32(0x81000009)], label='stclear')
    t.flush(stclear)
    null = primary(t, hierarchy=NULL)
    t.cmd('EvictControl', [OWNER, null], [u32(0x81000009)], label='null')
    t.flush(null)
    t.cmd('HierarchyControl', [PLATFORM], [u32(OWNER), u8(0)])
    t.cmd('ReadPublic', [0x81000007], label='disabled')
    t.cmd('Unseal', [0x81000008], label='disabled')
    t.cmd('EvictControl', [PLATFORM, 0x81000007], [u32(0x81000007)], label='disabled')
    t.cmd('HierarchyControl', [PLATFORM], [u32(OWNER), u8(1)], label='enable')
    t.cmd('ReadPublic', [0x81000007], label='enabled')


@scenario('object')
def slots(t):
    keys = [primary(t) for _ in range(3)]
    t.cmd('CreatePrimary', [OWNER], [sensitive(), b2(ecc(STORAGE)), b2(b''), NO_PCRS],
          label='a fourth')
    t.flush(0x80000003)
    t.flush(keys[1])
    again = primary(t)
    assert again
    t.flush(*keys)


@scenario('object')
def deeper(t):
    """A tree of four levels and its qualified names."""
    chain = [primary(t, hierarchy=ENDORSEMENT)]
    blobs = []
    for level in range(3):
        pub = (ecc(STORAGE), symcipher(STORAGE), ecc(STORAGE, 4))[level]
        blobs.append(create(t, chain[-1], pub, b'l%d' % level, label='level %d' % level))
        key = load(t, chain[-1], blobs[-1], b'l%d' % level)
        t.cmd('ReadPublic', [key], label='level %d' % level)
        t.cmd('Create', [key], [sensitive(b'', b'data'), b2(keyedhash(IN)), b2(b''), NO_PCRS],
              label='level %d' % level)
        chain.append(key)
        t.flush(chain[-2])
    t.flush(chain[-1])


@scenario('object')
def parameter_encryption(t):
    parent = primary(t)
    for sym_ in ((A.AES, 128), (A.AES, 256), (A.XOR, A.SHA256)):
        for salt in (NULL, parent):
            for bind in (NULL, parent, OWNER):
                s = t.session(sym=sym_, salt=salt, bind=bind, label=str(sym_))
                s.attrs = CONTINUE | S_DECRYPT | S_ENCRYPT
                r = t.must('Create', [parent], [sensitive(b'a', b'data'), b2(keyedhash(IN)),
                                                b2(b''), NO_PCRS], sess=[s])
                key = load(t, parent, [r['outPrivate'], r['outPublic']], b'a', sess=[s])
                s.attrs = CONTINUE | S_ENCRYPT
                t.cmd('Unseal', [key], sess=[s])
                t.cmd('Unseal', [key], sess=[Password(), s])
                t.cmd('ReadPublic', [key], sess=[s])
                t.flush(key, s)


@scenario('object')
def loaders(t):
    for label, make_ in (('rsa', load_rsa), ('ecc', load_ecc)):
        for private in (False, True):
            h = make_(t, private, label=label)
            t.cmd('ReadPublic', [h], label=label)
            t.flush(h)
