# SPDX-License-Identifier: GPL-2.0
"""The structures of TPM 2.0 Part 2, declared once.

From a declaration come the leaves of a marshalled structure: their paths,
places and kinds. The mutator replaces leaves, the comparison compares them.
Marshalling needs no declaration: it is u8(), u16(), u32(), u64() and b2().

Kinds of leaves:
  int, alg, handle, attrs, tag   numbers
  size, count                    the size of a TPM2B, the length of a list
  bytes                          contents of a TPM2B, or a digest
  opaque, opsize                 bytes in a format that is each vendor's own
  time                           moves on by itself
"""
import struct


def u8(x):
    return struct.pack('>B', x & 0xff)


def u16(x):
    return struct.pack('>H', x & 0xffff)


def u32(x):
    return struct.pack('>I', x & 0xffffffff)


def u64(x):
    return struct.pack('>Q', x & 0xffffffffffffffff)


def b2(b):
    return u16(len(b)) + b


def get(fmt, buf, off=0):
    return struct.unpack_from('>' + fmt, buf, off)[0]


class Malformed(Exception):
    """Bytes that are not what the declaration says."""


class Leaf:
    __slots__ = ('path', 'kind', 'off', 'size', 'value')

    def __init__(self, path, kind, off, raw):
        self.path, self.kind, self.off = path, kind, off
        self.size, self.value = len(raw), raw

    def number(self):
        return int.from_bytes(self.value, 'big')


class Parser:
    def __init__(self, buf, off=0, end=None):
        self.buf, self.off = buf, off
        self.end = len(buf) if end is None else end
        self.leaves = []

    def take(self, n, path, kind):
        if self.off + n > self.end:
            raise Malformed('%s: %d bytes wanted, %d left' % (path, n, self.end - self.off))
        leaf = Leaf(path, kind, self.off, self.buf[self.off:self.off + n])
        self.off += n
        self.leaves.append(leaf)
        return leaf

    def parse(self, decl, path='', scope=None):
        decl.parse(self, path, scope or {})


class Num:
    def __init__(self, size, kind='int'):
        self.size, self.kind = size, kind

    def parse(self, p, path, scope):
        return p.take(self.size, path, self.kind).number()


class Raw:
    """Bytes without a size: a digest whose algorithm is @selector's value."""

    def __init__(self, selector):
        self.selector = selector

    def parse(self, p, path, scope):
        p.take(DIGEST_SIZE.get(scope.get(self.selector), 0), path, 'bytes')


class Rest:
    def parse(self, p, path, scope):
        p.take(p.end - p.off, path, 'bytes')


class Buffer:
    """TPM2B of bytes. @nbytes is the size of its size."""

    def __init__(self, kind='bytes', nbytes=2):
        self.kind, self.nbytes = kind, nbytes

    def parse(self, p, path, scope):
        kind = 'size' if self.kind != 'opaque' else 'opsize'
        n = p.take(self.nbytes, path + '.size', kind).number()
        p.take(n, path, self.kind)


class Sized:
    """TPM2B of a structure."""

    def __init__(self, decl):
        self.decl = decl

    def parse(self, p, path, scope):
        n = p.take(2, path + '.size', 'size').number()
        end, stop = p.end, p.off + n
        if stop > end:
            raise Malformed('%s: size %d, %d left' % (path, n, end - p.off))
        p.end = stop
        if n:
            self.decl.parse(p, path, scope)
        if p.off != stop:
            raise Malformed('%s: %d bytes too many' % (path, stop - p.off))
        p.end = end


class List:
    """Elements are called by their number or, keyed, by their first @key bytes."""

    def __init__(self, decl, key=None):
        self.decl, self.key = decl, key

    def parse(self, p, path, scope):
        n = p.take(4, path + '.count', 'count').number()
        for i in range(n):
            at = '%d' % i
            if self.key:
                at = '%#x' % int.from_bytes(p.buf[p.off + self.key.start:p.off + self.key.stop],
                                            'big')
            self.decl.parse(p, '%s[%s]' % (path, at), scope)


class Struct:
    def __init__(self, *members):
        self.members = members

    def parse(self, p, path, scope):
        inner = dict(scope)
        for name, decl in self.members:
            inner[name] = decl.parse(p, (path + '.' if path else '') + name, inner)


class Union:
    def __init__(self, selector, arms, default=None):
        self.selector, self.arms, self.default = selector, arms, default

    def parse(self, p, path, scope):
        decl = self.arms.get(scope.get(self.selector), self.default)
        if decl:
            decl.parse(p, path, scope)


class Algs:
    """TPM_ALG_ID."""
    RSA, SHA1, HMAC, AES, MGF1, KEYEDHASH = 0x01, 0x04, 0x05, 0x06, 0x07, 0x08
    XOR, SHA256, SHA384, SHA512 = 0x0a, 0x0b, 0x0c, 0x0d
    NULL, SM3, SM4 = 0x10, 0x12, 0x13
    RSASSA, RSAES, RSAPSS, OAEP = 0x14, 0x15, 0x16, 0x17
    ECDSA, ECDH, ECDAA, SM2, ECSCHNORR, ECMQV = 0x18, 0x19, 0x1a, 0x1b, 0x1c, 0x1d
    KDF1_SP800_56A, KDF2, KDF1_SP800_108 = 0x20, 0x21, 0x22
    ECC, SYMCIPHER, CAMELLIA = 0x23, 0x25, 0x26
    CMAC, CTR, OFB, CBC, CFB, ECB = 0x3f, 0x40, 0x41, 0x42, 0x43, 0x44
    TDES = 0x03


A = Algs
DIGEST_SIZE = {A.SHA1: 20, A.SHA256: 32, A.SHA384: 48, A.SHA512: 64, A.SM3: 32}

U8, U16, U32, U64 = Num(1), Num(2), Num(4), Num(8)
ALG, CURVE, HANDLE, TAG = Num(2, 'alg'), Num(2, 'int'), Num(4, 'handle'), Num(2, 'tag')
ATTRS32, ATTRS8, TIME = Num(4, 'attrs'), Num(1, 'attrs'), Num(8, 'time')
CC = Num(4, 'int')
B = Buffer()
OPAQUE = Buffer('opaque')

HASH_ONLY = Struct(('hashAlg', ALG))
HASH_COUNT = Struct(('hashAlg', ALG), ('count', U16))

SYM_CIPHER = Struct(('keyBits', U16), ('mode', ALG))
SYM_DEF = Struct(('algorithm', ALG), ('details', Union('algorithm', {
    A.AES: SYM_CIPHER, A.CAMELLIA: SYM_CIPHER, A.TDES: SYM_CIPHER, A.SM4: SYM_CIPHER,
    A.XOR: HASH_ONLY})))

SCHEME = Struct(('scheme', ALG), ('details', Union('scheme', {
    A.RSASSA: HASH_ONLY, A.RSAPSS: HASH_ONLY, A.OAEP: HASH_ONLY, A.ECDSA: HASH_ONLY,
    A.ECDH: HASH_ONLY, A.ECMQV: HASH_ONLY, A.SM2: HASH_ONLY, A.ECSCHNORR: HASH_ONLY,
    A.ECDAA: HASH_COUNT, A.HMAC: HASH_ONLY, A.MGF1: HASH_ONLY, A.KDF2: HASH_ONLY,
    A.KDF1_SP800_56A: HASH_ONLY, A.KDF1_SP800_108: HASH_ONLY,
    A.XOR: Struct(('hashAlg', ALG), ('kdf', ALG))})))

PUBLIC_PARMS = Union('type', {
    A.RSA: Struct(('symmetric', SYM_DEF), ('scheme', SCHEME), ('keyBits', U16),
                  ('exponent', U32)),
    A.ECC: Struct(('symmetric', SYM_DEF), ('scheme', SCHEME), ('curveID', CURVE),
                  ('kdf', SCHEME)),
    A.KEYEDHASH: Struct(('scheme', SCHEME)),
    A.SYMCIPHER: Struct(('sym', SYM_DEF))})

ECC_POINT = Struct(('x', B), ('y', B))
PUBLIC = Struct(('type', ALG), ('nameAlg', ALG), ('objectAttributes', ATTRS32),
                ('authPolicy', B), ('parameters', PUBLIC_PARMS),
                ('unique', Union('type', {A.ECC: ECC_POINT}, Struct(('data', B)))))
PARMS = Struct(('type', ALG), ('parameters', PUBLIC_PARMS))
SENSITIVE = Struct(('sensitiveType', ALG), ('authValue', B), ('seedValue', B),
                   ('sensitive', B))
SENSITIVE_CREATE = Struct(('userAuth', B), ('data', B))
NV_PUBLIC = Struct(('nvIndex', HANDLE), ('nameAlg', ALG), ('attributes', ATTRS32),
                   ('authPolicy', B), ('dataSize', U16))
TWO_NUMBERS = Struct(('hash', ALG), ('signatureR', B), ('signatureS', B))
SIGNATURE = Struct(('sigAlg', ALG), ('signature', Union('sigAlg', {
    A.RSASSA: Struct(('hash', ALG), ('sig', B)), A.RSAPSS: Struct(('hash', ALG), ('sig', B)),
    A.ECDSA: TWO_NUMBERS, A.ECDAA: TWO_NUMBERS, A.SM2: TWO_NUMBERS, A.ECSCHNORR: TWO_NUMBERS,
    A.HMAC: Struct(('hashAlg', ALG), ('digest', Raw('hashAlg')))})))
TICKET = Struct(('tag', TAG), ('hierarchy', HANDLE), ('digest', B))
PCR_SELECTION = Struct(('hash', ALG), ('pcrSelect', Buffer(nbytes=1)))
L_PCR = List(PCR_SELECTION)
CONTEXT = Struct(('sequence', U64), ('savedHandle', HANDLE), ('hierarchy', HANDLE),
                 ('contextBlob', OPAQUE))
CREATION_DATA = Struct(('pcrSelect', L_PCR), ('pcrDigest', B), ('locality', ATTRS8),
                       ('parentNameAlg', ALG), ('parentName', B),
                       ('parentQualifiedName', B), ('outsideInfo', B))
CLOCK_INFO = Struct(('clock', TIME), ('resetCount', U32), ('restartCount', U32),
                    ('safe', Num(1, 'time')))
TIME_INFO = Struct(('time', TIME), ('clockInfo', CLOCK_INFO))
ATTEST = Struct(
    ('magic', U32), ('type', TAG), ('qualifiedSigner', B), ('extraData', B),
    ('clockInfo', CLOCK_INFO), ('firmwareVersion', U64),
    ('attested', Union('type', {
        0x8014: Struct(('indexName', B), ('offset', U16), ('nvContents', B)),
        0x8015: Struct(('auditCounter', U64), ('digestAlg', ALG), ('auditDigest', B),
                       ('commandDigest', B)),
        0x8016: Struct(('exclusiveSession', U8), ('sessionDigest', B)),
        0x8017: Struct(('name', B), ('qualifiedName', B)),
        0x8018: Struct(('pcrSelect', L_PCR), ('pcrDigest', B)),
        0x8019: Struct(('time', TIME_INFO), ('firmwareVersion', U64)),
        0x801a: Struct(('objectName', B), ('creationHash', B)),
        0x801c: Struct(('indexName', B), ('nvDigest', B))})))
TAGGED_PROPERTY = Struct(('property', U32), ('value', U32))
CAPABILITY_DATA = Struct(('capability', U32), ('data', Union('capability', {
    0: List(Struct(('alg', ALG), ('algProperties', ATTRS32)), slice(0, 2)),
    1: List(HANDLE, slice(0, 4)), 2: List(ATTRS32, slice(2, 4)), 3: List(CC, slice(0, 4)),
    4: List(CC, slice(0, 4)), 5: L_PCR,
    6: List(TAGGED_PROPERTY, slice(0, 4)),
    7: List(Struct(('tag', U32), ('pcrSelect', Buffer(nbytes=1))), slice(0, 4)),
    8: List(CURVE, slice(0, 2)),
    9: List(Struct(('handle', HANDLE), ('hashAlg', ALG), ('policyHash', Raw('hashAlg'))),
            slice(0, 4)),
    10: List(Struct(('handle', HANDLE), ('timeout', U32), ('attributes', ATTRS32)),
             slice(0, 4))},
    Rest())))
ECC_DETAIL = Struct(('curveID', CURVE), ('keySize', U16), ('kdf', SCHEME), ('sign', SCHEME),
                    *[(n, B) for n in ('p', 'a', 'b', 'gX', 'gY', 'n', 'h')])
DIGEST_VALUE = Struct(('hashAlg', ALG), ('digest', Raw('hashAlg')))
CERTIFY_X509 = Struct(('addedToCertificate', OPAQUE), ('tbsDigest', B),
                      ('signature', SIGNATURE))
