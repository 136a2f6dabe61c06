# SPDX-License-Identifier: GPL-2.0
"""Public areas, schemes and other structures that scenarios send."""
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils

from client import CURVES, HASH_CLASS, NULL, digest
from wire import A, b2, u16, u32, u8

# TPMA_OBJECT
FIXED_TPM, STCLEAR, FIXED_PARENT, SENSITIVE_ORIGIN = 0x2, 0x4, 0x10, 0x20
USER, ADMIN, NO_DA, GROUP = 0x40, 0x80, 0x400, 0x800
RESTRICTED, DECRYPT, SIGN, X509 = 0x10000, 0x20000, 0x40000, 0x80000
FIXED = FIXED_TPM | FIXED_PARENT
KEY = FIXED | SENSITIVE_ORIGIN | USER | NO_DA

# TPMA_NV
PPWRITE, OWNERWRITE, AUTHWRITE, POLICYWRITE = 0x1, 0x2, 0x4, 0x8
POLICY_DELETE, WRITELOCKED, WRITEALL, WRITEDEFINE = 0x400, 0x800, 0x1000, 0x2000
WRITE_STCLEAR, GLOBALLOCK = 0x4000, 0x8000
PPREAD, OWNERREAD, AUTHREAD, POLICYREAD = 0x10000, 0x20000, 0x40000, 0x80000
NV_NO_DA, ORDERLY, CLEAR_STCLEAR, READLOCKED = 0x2000000, 0x4000000, 0x8000000, 0x10000000
WRITTEN, PLATFORMCREATE, READ_STCLEAR = 0x20000000, 0x40000000, 0x80000000
NV_ALL = OWNERWRITE | AUTHWRITE | OWNERREAD | AUTHREAD | NV_NO_DA
COUNTER, BITS, EXTEND, PINFAIL, PINPASS = 0x10, 0x20, 0x40, 0x80, 0x90

NONE = u16(A.NULL)
NO_PCRS = u32(0)
NULL_TICKET = u16(0x8024) + u32(NULL) + b2(b'')


def scheme(alg, hash_alg=None, *more):
    return u16(alg) + (u16(hash_alg) if hash_alg is not None else b'') + b''.join(more)


def sym(alg=A.AES, bits=128, mode=A.CFB):
    return u16(alg) + u16(bits) + u16(mode)


def pcrs(*banks):
    """pcrs((A.SHA256, (0, 7)), ...)"""
    out = u32(len(banks))
    for alg, selected in banks:
        mask = sum(1 << i for i in selected)
        out += u16(alg) + u8(3) + mask.to_bytes(3, 'little')
    return out


def public(kind, attrs, parms, unique, name_alg=A.SHA256, policy=b''):
    return u16(kind) + u16(name_alg) + u32(attrs) + b2(policy) + parms + unique


def ecc(attrs, curve=3, sch=NONE, kdf=NONE, symmetric=None, name_alg=A.SHA256, policy=b'',
        point=(b'', b'')):
    if symmetric is None:
        parent = attrs & RESTRICTED and attrs & DECRYPT
        symmetric = sym() if parent else NONE
    return public(A.ECC, attrs, symmetric + sch + u16(curve) + kdf, b2(point[0]) + b2(point[1]),
                  name_alg, policy)


def rsa_key(attrs, bits=2048, sch=NONE, exponent=0, symmetric=None, name_alg=A.SHA256,
            policy=b'', modulus=b''):
    if symmetric is None:
        parent = attrs & RESTRICTED and attrs & DECRYPT
        symmetric = sym() if parent else NONE
    return public(A.RSA, attrs, symmetric + sch + u16(bits) + u32(exponent), b2(modulus),
                  name_alg, policy)


def keyedhash(attrs, sch=NONE, name_alg=A.SHA256, policy=b'', unique=b''):
    return public(A.KEYEDHASH, attrs, sch, b2(unique), name_alg, policy)


def symcipher(attrs, symmetric=None, name_alg=A.SHA256, policy=b'', unique=b''):
    return public(A.SYMCIPHER, attrs, symmetric or sym(), b2(unique), name_alg, policy)


def sensitive(auth=b'', data=b''):
    return b2(b2(auth) + b2(data))


def nv_public(index, attrs, size, name_alg=A.SHA256, policy=b''):
    return b2(u32(index) + u16(name_alg) + u32(attrs) + b2(policy) + u16(size))


STORAGE = KEY | RESTRICTED | DECRYPT


def primary(t, pub=None, hierarchy=0x40000001, auth=b'', data=b'', label='', outside=b'',
            selection=NO_PCRS, **kw):
    """CreatePrimary, of a storage key if @pub is not given."""
    r = t.must('CreatePrimary', [hierarchy],
               [sensitive(auth, data), b2(ecc(STORAGE) if pub is None else pub), b2(outside),
                selection], label=label, **kw)
    t.auth[r.handle] = auth
    return r.handle


def create(t, parent, pub, auth=b'', data=b'', label='', **kw):
    """Create: (private, public) as Load takes them."""
    r = t.must('Create', [parent], [sensitive(auth, data), b2(pub), b2(b''), NO_PCRS],
               label=label, **kw)
    return r['outPrivate'], r['outPublic']


def load(t, parent, blobs, auth=b'', label='', **kw):
    r = t.must('Load', [parent], blobs, label=label, **kw)
    t.auth[r.handle] = auth
    return r.handle


def make(t, parent, pub, auth=b'', data=b'', label=''):
    return load(t, parent, create(t, parent, pub, auth, data, label), auth, label)


def seal(t, parent, data=b'secret', auth=b'', policy=b'', attrs=None, label=''):
    if attrs is None:
        attrs = FIXED | NO_DA | (USER if not policy else 0)
    return make(t, parent, keyedhash(attrs, policy=policy), auth, data, label)


def flip(b, at=-1):
    """The same bytes but for one bit."""
    out = bytearray(b)
    out[at] ^= 1
    return bytes(out)


# --- keys of our own, the same in every run ---

class Rng:
    """Numbers for keys, the same every time."""

    def __init__(self, label):
        self.label, self.count = label, 0

    def bits(self, n):
        out = b''
        while len(out) * 8 < n:
            self.count += 1
            out += digest(A.SHA512, self.label, u32(self.count))
        return int.from_bytes(out, 'big') >> (len(out) * 8 - n)


def is_prime(n):
    for p in (3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37):
        if n % p == 0:
            return False
    d, s = n - 1, 0
    while d % 2 == 0:
        d, s = d // 2, s + 1
    for a in (2, 3, 5, 7, 11, 13, 17, 19):
        x = pow(a, d, n)
        if x in (1, n - 1):
            continue
        for _ in range(s - 1):
            x = x * x % n
            if x == n - 1:
                break
        else:
            return False
    return True


RSA_CACHE = {}


def rsa_private(bits=2048):
    """An RSA key that is the same in every run: (key, modulus, a prime)."""
    if bits not in RSA_CACHE:
        rng, primes = Rng(b'RSA%d' % bits), []
        while len(primes) < 2:
            p = rng.bits(bits // 2) | 3 << (bits // 2 - 2) | 1
            if p % 65537 != 1 and is_prime(p):
                primes.append(p)
        p, q = sorted(primes, reverse=True)
        d = pow(65537, -1, (p - 1) * (q - 1))
        numbers = rsa.RSAPrivateNumbers(p, q, d, d % (p - 1), d % (q - 1), pow(q, -1, p),
                                        rsa.RSAPublicNumbers(65537, p * q))
        RSA_CACHE[bits] = (numbers.private_key(), (p * q).to_bytes(bits // 8, 'big'),
                           p.to_bytes(bits // 16, 'big'))
    return RSA_CACHE[bits]


def ecc_private(curve=3):
    """(key, (x, y), scalar), the same in every run."""
    c = CURVES[curve]()
    key = ec.derive_private_key(Rng(b'ECC').bits(c.key_size - 2), c)
    n, size = key.public_key().public_numbers(), (c.key_size + 7) // 8
    return key, (n.x.to_bytes(size, 'big'), n.y.to_bytes(size, 'big')), \
        key.private_numbers().private_value.to_bytes(size, 'big')


def rsa_sign(message, alg=A.SHA256, bits=2048):
    return scheme(A.RSASSA, alg) + b2(rsa_private(bits)[0].sign(
        message, padding.PKCS1v15(), HASH_CLASS[alg]()))


def ecc_sign(message, alg=A.SHA256, curve=3):
    key = ecc_private(curve)[0]
    size = (key.curve.key_size + 7) // 8
    r, s = utils.decode_dss_signature(key.sign(message, ec.ECDSA(HASH_CLASS[alg]())))
    return scheme(A.ECDSA, alg) + b2(r.to_bytes(size, 'big')) + b2(s.to_bytes(size, 'big'))


EXTERNAL = USER | NO_DA


def load_rsa(t, private=False, attrs=EXTERNAL | SIGN, sch=NONE, hierarchy=None, bits=2048,
             label='', **kw):
    _, modulus, prime = rsa_private(bits)
    sens = u16(A.RSA) + b2(b'') + b2(b'') + b2(prime) if private else b''
    if hierarchy is None:
        hierarchy = NULL if private else 0x40000001
    r = t.cmd('LoadExternal', [], [b2(sens), b2(rsa_key(attrs, bits, sch, modulus=modulus, **kw)),
                                   u32(hierarchy)], label=label)
    return r.handle


def load_ecc(t, private=False, attrs=EXTERNAL | SIGN, sch=NONE, hierarchy=None, curve=3,
             label='', **kw):
    _, point, scalar = ecc_private(curve)
    sens = u16(A.ECC) + b2(b'') + b2(b'') + b2(scalar) if private else b''
    if hierarchy is None:
        hierarchy = NULL if private else 0x40000001
    r = t.cmd('LoadExternal', [], [b2(sens), b2(ecc(attrs, curve, sch, point=point, **kw)),
                                   u32(hierarchy)], label=label)
    return r.handle
