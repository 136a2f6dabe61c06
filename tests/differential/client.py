# SPDX-License-Identifier: GPL-2.0
"""A TPM 2.0 client that writes down what it is answered.

Sessions are those of Part 1, 17 to 21: password, HMAC and policy; salted,
bound or neither; with parameter encryption by AES-CFB or XOR; up to three on a
command. Every response HMAC is checked, every response is parsed.
"""
import hashlib
import hmac
import random
from contextlib import contextmanager

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from commands import BY_NAME
from wire import A, Malformed, Parser, Sized, b2, get, u16, u32, u8

OWNER, NULL, PW = 0x40000001, 0x40000007, 0x40000009
LOCKOUT, ENDORSEMENT, PLATFORM = 0x4000000a, 0x4000000b, 0x4000000c
HIERARCHIES = (OWNER, ENDORSEMENT, PLATFORM, NULL)
NO_SESSIONS, SESSIONS = 0x8001, 0x8002

HASHES = {A.SHA1: 'sha1', A.SHA256: 'sha256', A.SHA384: 'sha384', A.SHA512: 'sha512'}
HASH_CLASS = {A.SHA1: hashes.SHA1, A.SHA256: hashes.SHA256, A.SHA384: hashes.SHA384,
              A.SHA512: hashes.SHA512}
CURVES = {1: ec.SECP192R1, 2: ec.SECP224R1, 3: ec.SECP256R1, 4: ec.SECP384R1, 5: ec.SECP521R1}

# TPMA_SESSION
CONTINUE, EXCLUSIVE, RESET, DECRYPT, ENCRYPT, AUDIT = 0x01, 0x02, 0x04, 0x20, 0x40, 0x80
SE_HMAC, SE_POLICY, SE_TRIAL = 0, 1, 3


def digest(alg, *parts):
    return hashlib.new(HASHES[alg], b''.join(parts)).digest()


def mac(alg, key, *parts):
    return hmac.new(key, b''.join(parts), HASHES[alg]).digest()


def digest_size(alg):
    return hashlib.new(HASHES[alg]).digest_size


def kdfa(alg, key, label, u, v, bits):
    out = b''
    while len(out) * 8 < bits:
        count = len(out) // digest_size(alg) + 1
        out += mac(alg, key, u32(count), label + b'\0', u, v, u32(bits))
    return out[:(bits + 7) // 8]


def kdfe(alg, z, label, u, v, bits):
    out = b''
    while len(out) * 8 < bits:
        count = len(out) // digest_size(alg) + 1
        out += digest(alg, u32(count), z, label + b'\0', u, v)
    return out[:(bits + 7) // 8]


def cfb(key, iv, data, encrypt):
    cipher = Cipher(algorithms.AES(key), modes.CFB(iv))
    op = cipher.encryptor() if encrypt else cipher.decryptor()
    return op.update(data) + op.finalize()


def ecc_salt(rng, public, alg, label=b'SECRET'):
    """Z by ECDH with a TPM's key: (seed, TPM2B_ENCRYPTED_SECRET)."""
    curve = CURVES[public.curve]()
    size = (curve.key_size + 7) // 8
    key = ec.derive_private_key(rng.getrandbits(curve.key_size - 2) + 1, curve)
    theirs = ec.EllipticCurvePublicNumbers(int.from_bytes(public.x, 'big'),
                                           int.from_bytes(public.y, 'big'), curve).public_key()
    mine = key.public_key().public_numbers()
    x, y = mine.x.to_bytes(size, 'big'), mine.y.to_bytes(size, 'big')
    z = key.exchange(ec.ECDH(), theirs)
    return kdfe(alg, z, label, x, public.x, digest_size(alg) * 8), b2(b2(x) + b2(y))


def rsa_salt(rng, public, alg, label=b'SECRET'):
    seed = rng.randbytes(digest_size(alg))
    key = rsa.RSAPublicNumbers(65537, int.from_bytes(public.modulus, 'big')).public_key()
    oaep = padding.OAEP(padding.MGF1(HASH_CLASS[alg]()), HASH_CLASS[alg](), label + b'\0')
    return seed, b2(key.encrypt(seed, oaep))


class Public:
    """What a client needs of a TPMT_PUBLIC."""

    def __init__(self, raw):
        from wire import PUBLIC
        p = Parser(raw)
        p.parse(PUBLIC)
        v = {leaf.path: leaf for leaf in p.leaves}
        self.raw = raw
        self.type, self.name_alg = v['type'].number(), v['nameAlg'].number()
        self.attrs = v['objectAttributes'].number()
        if self.type == A.ECC:
            self.curve = v['parameters.curveID'].number()
            self.x, self.y = v['unique.x'].value, v['unique.y'].value
        elif self.type == A.RSA:
            self.modulus = v['unique.data'].value

    def name(self):
        return u16(self.name_alg) + digest(self.name_alg, self.raw)


class Password:
    """TPM_RS_PW."""

    def __init__(self, value=None, attrs=CONTINUE, nonce=b''):
        self.value, self.attrs, self.nonce = value, attrs, nonce


class Session:
    def __init__(self, tpm, handle, kind, alg, sym, key, nonce_tpm, bound):
        self.tpm, self.handle, self.kind, self.alg, self.sym = tpm, handle, kind, alg, sym
        self.key, self.nonce_tpm, self.bound = key, nonce_tpm, bound
        self.attrs = CONTINUE
        self.nonce_size = 16
        self.nonce_caller = b''
        self.auth_value = False         # PolicyAuthValue was done
        self.password = None            # PolicyPassword was done: what to give
        self.tamper = False             # give a wrong HMAC, once

    def with_attrs(self, attrs):
        self.attrs = attrs
        return self

    def value_key(self, handle):
        """sessionValue (Part 1, 21.2 and 21.3)."""
        return self.key + (self.tpm.value(handle) if handle is not None else b'')

    def hmac_key(self, handle):
        if handle is None:
            return self.key
        if self.kind == SE_POLICY:
            return self.key + (self.tpm.value(handle) if self.auth_value else b'')
        if self.bound == (handle, self.tpm.value(handle)):
            return self.key
        return self.key + self.tpm.value(handle)

    def mask(self, data, handle, newer, older, encrypt):
        kind, arg = self.sym
        key = self.value_key(handle)
        if kind == A.XOR:
            pad = kdfa(arg, key, b'XOR', newer, older, len(data) * 8)
            return bytes(a ^ b for a, b in zip(data, pad))
        k = kdfa(self.alg, key, b'CFB', newer, older, arg + 128)
        return cfb(k[:arg // 8], k[arg // 8:], data, encrypt)


class Record:
    """One command, as it was answered."""
    __slots__ = ('label', 'name', 'rc', 'leaves', 'shown')

    def __init__(self, label, name, rc, leaves, shown):
        self.label, self.name, self.rc, self.leaves, self.shown = label, name, rc, leaves, shown


class Response:
    def __init__(self, command, rc, handle=None, params=b'', spans=None):
        self.command, self.rc, self.handle, self.params = command, rc, handle, params
        self.spans = spans or {}

    def __getitem__(self, name):
        """A response parameter as it was marshalled."""
        if self.rc or name not in self.spans:
            raise Stopped('%s: rc %#x, no %s' % (self.command.name, self.rc, name))
        begin, end = self.spans[name]
        return self.params[begin:end]

    def buf(self, name):
        """The contents of a TPM2B."""
        return self[name][2:]


class Stopped(Exception):
    """A scenario cannot go on: a command that it builds on has failed."""


def parse_fields(fields, data):
    """Leaves of parameters, and the span of each of them."""
    p = Parser(data)
    spans, scope = {}, {}
    for name, decl in fields:
        begin = p.off
        scope[name] = decl.parse(p, name, scope)
        spans[name] = (begin, p.off)
    if p.off != len(data):
        raise Malformed('%d bytes too many' % (len(data) - p.off))
    return p.leaves, spans


class Tpm:
    """A client of one target. @seed decides whatever the client chooses."""

    def __init__(self, target, seed):
        self.target = target
        self.rng = random.Random(seed)
        self.records = []
        self.auth = {}
        self.names = {}
        self.recording = True

    @contextmanager
    def quiet(self):
        """What is done now is not compared."""
        before, self.recording = self.recording, False
        yield
        self.recording = before

    def value(self, handle):
        return self.auth.get(handle, b'').rstrip(b'\0')

    # --- names ---

    def name(self, handle):
        kind = handle >> 24
        if kind in (0x00, 0x02, 0x03, 0x40):
            return u32(handle)
        if kind != 1 and handle in self.names:
            return self.names[handle]
        with self.quiet():
            if kind == 1:
                r = self.cmd('NV_ReadPublic', [handle])
                return r.buf('nvName') if not r.rc else b''
            r = self.cmd('ReadPublic', [handle])
        name = r.buf('name') if not r.rc else b''
        self.names[handle] = name
        return name

    def public(self, handle):
        with self.quiet():
            return Public(self.cmd('ReadPublic', [handle]).buf('outPublic'))

    # --- one command ---

    def send(self, name, data, label='', sessions=None):
        """Bytes to the TPM: the response, recorded."""
        command = BY_NAME[name]
        rsp = self.target.exchange(data)
        tag, size, rc = get('H', rsp), get('I', rsp, 2), get('I', rsp, 6)
        leaves = [('header.tag', 'tag', rsp[:2])]
        result = Response(command, rc)
        if size != len(rsp):
            leaves.append(('header.size', 'int', u32(size)))
        try:
            if rc == 0:
                result = self._parse(command, rsp, tag, leaves, sessions)
            elif len(rsp) != 10:
                raise Malformed('an error of %d bytes' % len(rsp))
        except Malformed as e:
            leaves.append(('malformed', 'text', str(e).encode()))
        if self.recording:
            self.records.append(Record(label, name, rc, leaves, data[:96].hex()))
        return result

    def _parse(self, command, rsp, tag, leaves, sessions):
        off, handle = 10, None
        if command.returns_handle:
            if len(rsp) < 14:
                raise Malformed('no handle')
            handle = get('I', rsp, off)
            leaves.append(('handle', 'handle', rsp[off:off + 4]))
            self.names.pop(handle, None)
            self.auth.pop(handle, None)
            off += 4
        params, area = rsp[off:], b''
        if tag == SESSIONS:
            size = get('I', rsp, off)
            params, area = rsp[off + 4:off + 4 + size], rsp[off + 4 + size:]
            if len(params) != size:
                raise Malformed('parameterSize')
        if sessions is not None:
            params = sessions.answered(params, area, leaves)
        elif area:
            self._count_sessions(area, leaves)
        fields, spans = parse_fields(command.rsp, params)
        leaves += [(leaf.path, leaf.kind, leaf.value) for leaf in fields]
        return Response(command, 0, handle, params, spans)

    @staticmethod
    def _count_sessions(area, leaves):
        p = Parser(area)
        n = 0
        while p.off < p.end:
            for what in ('nonce', 'attrs', 'hmac'):
                size = 1 if what == 'attrs' else p.take(2, what, 'size').number()
                leaf = p.take(size, what, 'bytes')
                kind = 'attrs' if what == 'attrs' else 'bytes'
                leaves.append(('session[%d].%s' % (n, what), kind, leaf.value))
            n += 1

    def cmd(self, name, handles=(), params=(), sess=None, label='', tag=None):
        """One command.

        @params: marshalled parameters, in order. @sess: what authorizes it;
        None for passwords where the handles need any.
        """
        command = BY_NAME[name]
        body = params if isinstance(params, bytes) else b''.join(params)
        if sess is None:
            sess = [Password() for _ in range(command.nauth)]
        area = Area(self, command, handles, body, sess) if sess else None
        data = b''.join(u32(h) for h in handles)
        if area:
            data += u32(len(area.bytes)) + area.bytes + area.params
        else:
            data += body
        if tag is None:
            tag = SESSIONS if area else NO_SESSIONS
        data = u16(tag) + u32(10 + len(data)) + u32(command.code) + data
        return self.send(name, data, label, area)

    def must(self, name, *args, **kwargs):
        """A command that the rest builds on."""
        r = self.cmd(name, *args, **kwargs)
        if r.rc:
            raise Stopped('%s %s: %#x' % (name, kwargs.get('label', ''), r.rc))
        return r

    # --- life of the TPM ---

    def startup(self, kind=0, label=''):
        return self.cmd('Startup', [], [u16(kind)], label=label)

    def power_cycle(self, shutdown=None, startup=0, locality=0):
        if shutdown is not None:
            self.cmd('Shutdown', [], [u16(shutdown)], label='su%d' % shutdown)
        self.target.reset()
        self.target.locality(locality)
        r = self.startup(startup, 'su%d after %s' % (startup, shutdown))
        self.target.locality(0)
        self.names.clear()
        self.auth = {h: v for h, v in self.auth.items() if h >> 24 in (0x01, 0x40, 0x81)}
        if startup == 0 and shutdown != 1:
            self.auth.pop(PLATFORM, None)
        elif startup == 0:
            self.auth.pop(PLATFORM, None)
        return r

    @contextmanager
    def at_locality(self, n):
        self.target.locality(n)
        yield
        self.target.locality(0)

    def flush(self, *things):
        with self.quiet():
            for thing in things:
                self.cmd('FlushContext', [], [u32(getattr(thing, 'handle', thing))])

    def session(self, kind=SE_HMAC, alg=A.SHA256, sym=None, salt=NULL, bind=NULL, label='',
                nonce=16):
        """StartAuthSession. @sym: (A.AES, bits), (A.XOR, hash) or None."""
        nonce_caller = self.rng.randbytes(nonce)
        salt_value, encrypted = b'', b2(b'')
        if salt != NULL:
            public = self.public(salt)
            make = ecc_salt if public.type == A.ECC else rsa_salt
            salt_value, encrypted = make(self.rng, public, public.name_alg)
        if sym is None:
            symmetric = u16(A.NULL)
        elif sym[0] == A.XOR:
            symmetric = u16(A.XOR) + u16(sym[1])
        else:
            symmetric = u16(sym[0]) + u16(sym[1]) + u16(A.CFB)
        r = self.cmd('StartAuthSession', [salt, bind],
                     [b2(nonce_caller), encrypted, u8(kind), symmetric, u16(alg)], label=label)
        if r.rc:
            raise Stopped('StartAuthSession %s: %#x' % (label, r.rc))
        nonce_tpm = r.buf('nonceTPM')
        key = b''
        if bind != NULL or salt != NULL:
            key = kdfa(alg, self.value(bind) + salt_value, b'ATH', nonce_tpm, nonce_caller,
                       digest_size(alg) * 8)
        bound = (bind, self.value(bind)) if kind == SE_HMAC and bind != NULL else None
        s = Session(self, r.handle, kind, alg, sym, key, nonce_tpm, bound)
        s.nonce_caller = nonce_caller
        return s

    def policy_digest(self, session):
        return self.cmd('PolicyGetDigest', [session.handle]).buf('policyDigest')

    def trial(self, *steps, alg=A.SHA256):
        """The digest of a policy: steps are functions of a session."""
        with self.quiet():
            s = self.session(SE_TRIAL, alg)
            for step in steps:
                step(s)
            result = self.policy_digest(s)
            self.flush(s)
        return result


class Area:
    """The authorization area of one command and of its response."""

    def __init__(self, tpm, command, handles, params, sessions):
        self.tpm, self.command, self.sessions = tpm, command, sessions
        self.handle_of = [handles[i] if i < command.nauth and i < len(handles) else None
                          for i in range(len(sessions))]
        for s in sessions:
            if isinstance(s, Session):
                s.nonce_caller = tpm.rng.randbytes(s.nonce_size)
        self.plain = params
        self.params = self._encrypt(params)
        self.keyed = [False] * len(sessions)
        names = [tpm.name(h) for h in handles] if any(
            isinstance(s, Session) for s in sessions) else []
        self.bytes = b''.join(self._one(i, names) for i in range(len(sessions)))
        # Part 1, 19.6.5: the response is keyed as the command was, but for
        # commands that change the authorization value of their handle.
        self.bound_at_command = [isinstance(s, Session) and
                                 s.hmac_key(self.handle_of[i]) == s.key
                                 for i, s in enumerate(sessions)]

    def _user(self, flag):
        for i, s in enumerate(self.sessions):
            if isinstance(s, Session) and s.attrs & flag:
                return i, s
        return None, None

    def _encrypt(self, params):
        i, s = self._user(DECRYPT)
        if s is None or s.sym is None or len(params) < 2:
            return params
        n = get('H', params)
        data = s.mask(params[2:2 + n], self.handle_of[i], s.nonce_caller, s.nonce_tpm, True)
        return params[:2] + data + params[2 + n:]

    def _other_nonces(self, i):
        """nonceTPM of the sessions that encrypt, in the first HMAC only."""
        if i or self.handle_of[0] is None:
            return b''
        out = b''
        d, ds = self._user(DECRYPT)
        e, es = self._user(ENCRYPT)
        if ds and d != i:
            out += ds.nonce_tpm
        if es and e not in (i, d):
            out += es.nonce_tpm
        return out

    def _one(self, i, names):
        s = self.sessions[i]
        if isinstance(s, Password):
            value = self.tpm.value(self.handle_of[i]) if s.value is None else s.value
            return u32(PW) + b2(s.nonce) + u8(s.attrs) + b2(value)
        head = u32(s.handle) + b2(s.nonce_caller) + u8(s.attrs)
        if s.kind == SE_POLICY and s.password is not None and i < self.command.nauth:
            return head + b2(s.password)
        key = s.hmac_key(self.handle_of[i])
        # A policy session without a secret has an empty HMAC.
        if s.kind == SE_POLICY and not key:
            return head + b2(b'' if not s.tamper else b'x')
        self.keyed[i] = True
        cp = digest(s.alg, u32(self.command.code), *names, self.params)
        value = mac(s.alg, key, cp, s.nonce_caller, s.nonce_tpm, self._other_nonces(i),
                    u8(s.attrs))
        if s.tamper:
            value = bytes([value[0] ^ 1]) + value[1:]
            s.tamper = False
        return head + b2(value)

    def answered(self, params, area, leaves):
        """Check the response's sessions; the parameters, decrypted."""
        p = Parser(area)
        for i, s in enumerate(self.sessions):
            nonce = p.take(p.take(2, 'n', 'size').number(), 'nonce', 'bytes').value
            attrs = p.take(1, 'a', 'attrs').number()
            value = p.take(p.take(2, 'n', 'size').number(), 'hmac', 'bytes').value
            path = 'session[%d].' % i
            leaves += [(path + 'nonce', 'bytes', nonce), (path + 'attrs', 'attrs', u8(attrs)),
                       (path + 'hmac', 'bytes', value)]
            if isinstance(s, Session):
                s.nonce_tpm = nonce
                s.rsp_attrs = attrs
                if self.keyed[i]:
                    self._check(i, s, params, attrs, value, path, leaves)
                if s.kind == SE_POLICY and i < self.command.nauth:
                    s.auth_value, s.password = False, None
        if p.off != p.end:
            raise Malformed('%d bytes after the sessions' % (p.end - p.off))
        i, s = self._user(ENCRYPT)
        if s is not None and s.sym is not None and len(params) >= 2:
            n = get('H', params)
            data = s.mask(params[2:2 + n], self.handle_of[i], s.nonce_tpm, s.nonce_caller, False)
            params = params[:2] + data + params[2 + n:]
        return params

    # Commands after which the handle's authorization value is the new one.
    NEW_AUTH = ('HierarchyChangeAuth', 'NV_ChangeAuth', 'PCR_SetAuthValue')

    def _check(self, i, s, params, attrs, value, path, leaves):
        rp = digest(s.alg, u32(0), u32(self.command.code), params)
        handle = self.handle_of[i]
        # Whether the value is in the key is decided with the command.
        if self.bound_at_command[i] and s.bound and handle == s.bound[0]:
            key = s.key
        elif i == 0 and self.command.name in self.NEW_AUTH:
            new = self.plain[2:2 + get('H', self.plain)]
            use = s.kind != SE_POLICY or s.auth_value
            key = s.key + (new.rstrip(b'\0') if use else b'')
        elif i == 0 and self.command.name in ('Clear', 'NV_UndefineSpaceSpecial'):
            key = s.key + (b'' if handle != PLATFORM else self.tpm.value(handle))
        else:
            key = s.hmac_key(handle)
        good = mac(s.alg, key, rp, s.nonce_tpm, s.nonce_caller, u8(attrs))
        leaves.append((path + 'verified', 'int', u8(good == value)))
