# SPDX-License-Identifier: GPL-2.0
"""Valid commands, changed in every field, and given every kind of session.

A case makes a command that succeeds. Each of its leaves is then replaced by
values that mean something else or nothing, its sizes are made to lie, it is cut
off at every field, its handles and sessions are exchanged.
"""
from client import (AUDIT, CONTINUE, DECRYPT, ENCRYPT, ENDORSEMENT, LOCKOUT, NULL, OWNER, PLATFORM,
                    PW, Password, SE_HMAC, SE_POLICY, SE_TRIAL, digest, parse_fields)
from commands import BY_NAME
from scenario import SCENARIOS, Scenario
from templates import (DECRYPT as K_DECRYPT, EXTERNAL, FIXED, KEY, NO_DA, NO_PCRS, NULL_TICKET,
                       NV_ALL, NV_NO_DA, RESTRICTED, SIGN, STORAGE, USER, X509, create, ecc,
                       ecc_private, ecc_sign, keyedhash, load_rsa, make, nv_public, pcrs,
                       primary, rsa_key, rsa_private, rsa_sign, scheme, sensitive, sym, symcipher)
from wire import A, Malformed, b2, u16, u32, u64, u8

NONE = u16(A.NULL)
I = 0x1000001
ALGS = (0, A.RSA, A.TDES, A.SHA1, A.HMAC, A.AES, A.MGF1, A.KEYEDHASH, A.XOR, A.SHA256, A.SHA384,
        A.SHA512, A.NULL, A.SM3, A.SM4, A.RSASSA, A.RSAES, A.RSAPSS, A.OAEP, A.ECDSA, A.ECDH,
        A.ECDAA, A.SM2, A.ECSCHNORR, A.ECMQV, A.KDF1_SP800_56A, A.KDF2, A.KDF1_SP800_108, A.ECC,
        A.SYMCIPHER, A.CAMELLIA, A.CMAC, A.CTR, A.OFB, A.CBC, A.CFB, A.ECB, 0x7777, 0xffff)
HANDLES = (0, 16, 23, 24, I, 0x1000fff, 0x02000000, 0x02000009, 0x03000000, 0x03000009,
           0x40000000, OWNER, NULL, PW, LOCKOUT, ENDORSEMENT, PLATFORM, 0x4000000d, 0x40000010,
           0x80000002, 0x80000009, 0x81000001, 0x81000fff, 0x81800001, 0x90000000, 0xffffffff)
TAGS = (0, 0x8000, 0x8001, 0x8002, 0x8014, 0x8021, 0x8022, 0x8023, 0x8024, 0x8025, 0xffff)


class Env:
    """What cases build on, made when first asked for, kept at persistent handles."""

    def __init__(self, t):
        self.t, self.made, self.next = t, {}, 0x81000001

    def _keep(self, handle):
        t = self.t
        t.must('EvictControl', [OWNER, handle], [u32(self.next)])
        t.auth[self.next] = t.auth.get(handle, b'')
        t.names.pop(self.next, None)
        t.flush(handle)
        self.next += 1
        return self.next - 1

    def _child(self, pub, auth=b'', data=b''):
        return self._keep(make(self.t, self.parent, pub, auth, data))

    MAKERS = {
        'parent': lambda e: e._keep(primary(e.t)),
        'parent2': lambda e: e._keep(primary(e.t, ecc(STORAGE, name_alg=A.SHA384))),
        'signer': lambda e: e._child(ecc(KEY | SIGN)),
        'ak': lambda e: e._child(ecc(KEY | SIGN | RESTRICTED, sch=scheme(A.ECDSA, A.SHA256))),
        'ecdh': lambda e: e._child(ecc(KEY | K_DECRYPT)),
        'x509': lambda e: e._child(ecc(KEY | SIGN | X509)),
        'rsa': lambda e: e._child(rsa_key(KEY | K_DECRYPT)),
        'hmac': lambda e: e._child(keyedhash(KEY | SIGN, scheme(A.HMAC, A.SHA256))),
        'aes': lambda e: e._child(symcipher(KEY | K_DECRYPT | SIGN)),
        'sealed': lambda e: e._child(keyedhash(FIXED | USER | NO_DA), b'auth', b'data'),
        'loose': lambda e: e._child(ecc(USER | NO_DA | 0x20 | SIGN, policy=e.dup_policy)),
        'dup_policy': lambda e: e.t.trial(
            lambda s: e.t.cmd('PolicyCommandCode', [s.handle], [u32(0x14b)])),
        'index': lambda e: e._index(),
        'counter': lambda e: e._index(I + 1, NV_ALL | 0x10, 8),
        'bits': lambda e: e._index(I + 2, NV_ALL | 0x20, 8),
        'extend': lambda e: e._index(I + 3, NV_ALL | 0x40, 32),
        'policy': lambda e: e.t.session(SE_POLICY),
        'trial': lambda e: e.t.session(SE_TRIAL),
    }

    def _index(self, index=I, attrs=NV_ALL, size=16):
        self.t.must('NV_DefineSpace', [OWNER], [b2(b''), nv_public(index, attrs, size)])
        if index == I:
            self.t.must('NV_Write', [index, index], [b2(b'x' * size), u16(0)])
        return index

    def __getattr__(self, name):
        if name not in self.MAKERS:
            raise AttributeError(name)
        if name not in self.made:
            self.made[name] = self.MAKERS[name](self)
        return self.made[name]

    def forget(self):
        """Everything is gone: start again."""
        self.made, self.next = {}, 0x81000001
        self.t.auth.clear()
        self.t.names.clear()


# --- bytes of a command ---

def packet(code, tag, *parts):
    body = b''.join(parts)
    return u16(tag) + u32(10 + len(body)) + u32(code) + body


def password_area(n, value=b''):
    return (u32(PW) + b2(b'') + u8(CONTINUE) + b2(value)) * n


def number_values(leaf):
    bits = 8 * leaf.size
    n = leaf.number()
    values = [0, 1, 2, n + 1, n - 1, 1 << (bits - 1), (1 << bits) - 1]
    if leaf.path == 'expiration':       # no time so short that it may pass meanwhile
        values = [0, 10 ** 5, 0x7fffffff, 0x80000000, 0xfff00000, n]
    if leaf.path == 'newTime':
        values = [10 ** 8, 2 ** 63, 0xffff000000000000, 0xffff000000000001, 2 ** 64 - 1]
    return [('number %d' % i, v % (1 << bits)) for i, v in enumerate(values)]


def replacements(leaf):
    """(label, bytes) of the same size."""
    if leaf.kind == 'alg':
        out = [('%#x' % a, a) for a in ALGS]
    elif leaf.kind == 'handle':
        out = [('%#x' % h, h) for h in HANDLES]
    elif leaf.kind == 'tag':
        out = [('%#x' % x, x) for x in TAGS]
    elif leaf.kind == 'attrs':
        out = [('bit %d' % i, leaf.number() ^ 1 << i) for i in range(8 * leaf.size)]
    elif leaf.kind == 'int':
        out = number_values(leaf)
    elif leaf.kind in ('size', 'count', 'opsize'):
        n, top = leaf.number(), (1 << 8 * leaf.size) - 1
        out = [('+1', n + 1), ('-1', max(n - 1, 0)), ('0', 0), ('max', top), ('half', top // 2)]
    elif leaf.kind in ('bytes', 'opaque') and leaf.size:
        v = leaf.value
        return [('first', bytes([v[0] ^ 1]) + v[1:]), ('last', v[:-1] + bytes([v[-1] ^ 1])),
                ('zeros', bytes(len(v))), ('ones', b'\xff' * len(v))]
    else:
        return []
    return [(label, v.to_bytes(leaf.size, 'big')) for label, v in out]


def resized(params, leaves, i):
    """The contents of TPM2B @i shorter, longer, empty, huge; sizes around fit."""
    size, body = leaves[i], leaves[i + 1]
    if size.kind not in ('size', 'opsize') or body.kind not in ('bytes', 'opaque') or \
            size.size != 2:
        return
    v = body.value
    for label, new in (('shorter', v[:-1]), ('longer', v + b'\0'), ('empty', b''),
                       ('65', b'\1' * 65), ('513', b'\1' * 513), ('1025', b'\1' * 1025),
                       ('front', b'\0' + v)):
        if new == v:
            continue
        out = bytearray(params[:body.off] + new + params[body.off + body.size:])
        out[size.off:size.off + 2] = u16(len(new))
        for other in leaves[:i]:
            begin = other.off + 2
            if other.kind == 'size' and other.size == 2 and \
                    begin <= size.off < begin + other.number():
                out[other.off:other.off + 2] = u16(other.number() + len(new) - len(v))
        yield label, bytes(out)


def before_content(leaves, i):
    """Would a smaller size turn bytes that may be random into the next field?"""
    return leaves[i].kind in ('size', 'opsize') and i + 1 < len(leaves) and \
        leaves[i + 1].kind in ('bytes', 'opaque')


def parameter_mutations(command, params):
    """(label, parameters)"""
    try:
        leaves, _ = parse_fields(command.params, params)
    except Malformed:
        leaves = []
    for i, leaf in enumerate(leaves):
        for label, new in replacements(leaf):
            if label in ('-1', '0') and before_content(leaves, i):
                label += ' by chance'
            yield '%s %s' % (leaf.path, label), \
                params[:leaf.off] + new + params[leaf.off + leaf.size:]
        if i + 1 < len(leaves):
            for label, out in resized(params, leaves, i):
                yield '%s %s' % (leaves[i + 1].path, label), out
        yield 'cut before ' + leaf.path, params[:leaf.off]
        if leaf.size > 1:
            yield 'cut in ' + leaf.path, params[:leaf.off + 1]
    yield 'a byte more', params + b'\0'
    yield 'four bytes more', params + b'\0\0\0\1'


class Mutator:
    def __init__(self, t, name, case):
        self.t, self.command, self.case = t, BY_NAME[name], case
        self.env = Env(t)
        self.handles = self.params = None

    def renew(self):
        with self.t.quiet():
            handles, params = self.case.make(self.t, self.env)
        self.handles = list(handles)
        self.params = params if isinstance(params, bytes) else b''.join(params)

    def after(self, response):
        """Undo what a mutation that succeeded has done."""
        with self.t.quiet():
            if response.handle:
                self.t.flush(response.handle)
            if self.case.undo:
                self.case.undo(self.t, self.env, response)
        self.renew()

    def send(self, label, handles, area, params, tag=None):
        data = b''.join(u32(h) for h in handles)
        if tag is None:
            tag = 0x8002 if area else 0x8001
        if tag == 0x8002:
            data += u32(len(area)) + area
        r = self.t.send(self.command.name, packet(self.command.code, tag, data, params), label)
        if r.rc == 0:
            self.after(r)

    def run(self):
        self.renew()
        n = self.command.nauth
        self.pw = b''.join(password_area(1, self.t.value(h)) for h in self.handles[:n])
        self.send('as is', self.handles, self.pw, self.params)
        for i in range(len(self.handles)):
            for h in HANDLES:
                if h in self.case.avoid:
                    continue
                self.send('handle %d = %#x' % (i + 1, h),
                          self.handles[:i] + [h] + self.handles[i + 1:],
                          self.pw, self.params)
            self.send('%d handles' % i, self.handles[:i], b'', b'')
        self.areas(n)
        self.sessions(n)
        # The parameters of the first valid command are the pattern: how many
        # mutations there are must not depend on what is made again.
        found, of = list(parameter_mutations(self.command, self.params)), self.params
        for k in range(len(found)):
            if of is not self.params:
                found, of = list(parameter_mutations(self.command, self.params)), self.params
            if k < len(found):
                self.send(found[k][0], self.handles, self.pw, found[k][1])

    def areas(self, n):
        self.send('no sessions', self.handles, b'', self.params)
        self.send('empty area', self.handles, b'', self.params, 0x8002)
        for k in range(5):
            if k != n:
                self.send('%d passwords' % k, self.handles, password_area(k), self.params)
        if n and LOCKOUT not in self.handles:
            self.send('bad password', self.handles, password_area(n, b'bad'), self.params)

    def sessions(self, n):
        """Each kind of session, alone and behind the passwords."""
        t = self.t
        for kind in (SE_HMAC, SE_POLICY):
            for attrs in (0, DECRYPT, ENCRYPT, DECRYPT | ENCRYPT, AUDIT):
                for place in range(n + 1):
                    if place >= 3 or (place < n and LOCKOUT == self.handles[place]):
                        continue
                    self.one_session(kind, attrs, place, n)
        if n and LOCKOUT not in self.handles:
            with t.quiet():
                s = t.session()
            s.tamper = True
            t.cmd(self.command.name, self.handles, self.params,
                  sess=[s] + [Password() for _ in range(n - 1)], label='bad hmac')
            t.flush(s)

    def one_session(self, kind, attrs, place, n):
        t = self.t
        with t.quiet():
            s = t.session(kind, sym=(A.AES, 128))
        s.attrs = CONTINUE | attrs
        sess = [Password() for _ in range(n)]
        sess[place:place + 1] = [s]
        r = t.cmd(self.command.name, self.handles, self.params, sess=sess,
                  label='session %d %#x as %d' % (kind, attrs, place + 1))
        if r.rc == 0:
            self.after(r)
        t.flush(s)


class Case:
    def __init__(self, make_, undo=None, avoid=()):
        self.make, self.undo, self.avoid = make_, undo, avoid


def register(name, make_, undo=None, avoid=(), suffix=''):
    case = Case(make_, undo, avoid)

    def run(t):
        with t.quiet():
            # wrong authorizations are part of the game
            t.cmd('DictionaryAttackParameters', [LOCKOUT], [u32(100000), u32(1), u32(1)])
        Mutator(t, name, case).run()
    SCENARIOS.append(Scenario('mutate/%s%s' % (name, suffix), run, 'mutate'))


# --- ways back ---

def restart(t, e, r):
    """Policy sessions are as new."""
    for what in ('policy', 'trial'):
        if what in e.made:
            t.cmd('PolicyRestart', [e.made[what].handle])


def wipe(t, e, r):
    """Authorizations, hierarchies, objects, indices: all as at first."""
    t.target.reset()
    t.startup()
    t.auth.clear()
    t.cmd('Clear', [PLATFORM])
    t.cmd('ClearControl', [PLATFORM], [u8(0)])
    t.cmd('DictionaryAttackParameters', [LOCKOUT], [u32(100000), u32(1), u32(1)])
    e.forget()


def undefine(t, e, r):
    for index in (I, I + 1, I + 2, I + 3):
        for hierarchy in (OWNER, PLATFORM):
            t.cmd('NV_UndefineSpace', [hierarchy, index])
    for index in ('index', 'counter', 'bits', 'extend'):
        e.made.pop(index, None)


# --- the cases ---

def sequence(t, e, alg=A.SHA256):
    if e.made.get('seq') is not None:
        t.flush(e.made['seq'])
    e.made['seq'] = t.must('HashSequenceStart', [], [b2(b''), u16(alg)]).handle
    return e.made['seq']


def created_hash(t, e):
    r = t.must('CreatePrimary', [OWNER], [sensitive(), b2(ecc(KEY | SIGN)), b2(b''), NO_PCRS])
    e.made['created'] = e._keep(r.handle)
    return r


def certify_creation(t, e):
    if 'creation' not in e.made:
        e.made['creation'] = created_hash(t, e)
    r = e.made['creation']
    return [e.ak, e.made['created']], [b2(b'q'), r['creationHash'], NONE, r['creationTicket']]


def activation(t, e):
    if 'activation' not in e.made:
        e.made['activation'] = t.must('MakeCredential', [e.parent], [b2(b'secret'),
                                                                     b2(t.name(e.signer))])
    r = e.made['activation']
    return [e.signer, e.parent], [r['credentialBlob'], r['secret']]


def loading(t, e):
    if 'blobs' not in e.made:
        e.made['blobs'] = create(t, e.parent, ecc(KEY | SIGN))
    return [e.parent], list(e.made['blobs'])


def context(t, e, session=False):
    if session:
        if 'saved_session' not in e.made:
            s = t.session()
            e.made['saved_session'] = t.must('ContextSave', [s.handle])['context']
        return [], [e.made['saved_session']]
    if 'saved' not in e.made:
        r = t.must('Load', *loading(t, e))
        e.made['saved'] = t.must('ContextSave', [r.handle])['context']
        t.flush(r.handle)
    return [], [e.made['saved']]


def drop_session(t, e, r):
    e.made.pop('saved_session', None)
    if r.handle:
        t.flush(r.handle)


def transient(t, e):
    if 'loaded' not in e.made:
        e.made['loaded'] = t.must('Load', *loading(t, e)).handle
    return e.made['loaded']


def drop_transient(t, e, r):
    t.flush(e.made.pop('loaded'))


def evict(t, e):
    h = transient(t, e)
    return [OWNER, h], [u32(0x81000080)]


def unevict(t, e, r):
    with t.quiet():
        for h in (0x81000080, 0x81000fff, 0x81000081, 0x8100007f):
            t.names.pop(h, None)
            t.cmd('EvictControl', [OWNER, h], [u32(h)])
        for h in (0x81800001, 0x81800080):
            t.names.pop(h, None)
            t.cmd('EvictControl', [PLATFORM, h], [u32(h)])


def external(t, e, which=load_rsa):
    if 'external' not in e.made:
        e.made['external'] = which(t, attrs=EXTERNAL | SIGN)
    return e.made['external']


def ticket_for(t, e):
    if 'policy_ticket' not in e.made:
        e.made['policy_ticket'] = t.must('PolicySecret', [OWNER, e.policy.handle], [
            b2(b''), b2(b''), b2(b'ref'), u32(-1000)])
    t.cmd('PolicyRestart', [e.policy.handle])
    r = e.made['policy_ticket']
    return [e.policy.handle], [r['timeout'], b2(b''), b2(b'ref'), b2(u32(OWNER)),
                               r['policyTicket']]


def authorize(t, e):
    key = external(t, e)
    if 'verified' not in e.made:
        d = digest(A.SHA256, bytes(32) + b'ref')
        e.made['verified'] = t.must('VerifySignature', [key], [b2(d),
                                                               rsa_sign(bytes(32) + b'ref')])
    t.cmd('PolicyRestart', [e.policy.handle])
    return [e.policy.handle], [b2(bytes(32)), b2(b'ref'), b2(t.name(key)),
                               e.made['verified']['validation']]


def decryptable(t, e):
    if 'cipher' not in e.made:
        e.made['cipher'] = t.must('RSA_Encrypt', [e.rsa], [b2(b'm'), scheme(A.OAEP, A.SHA256),
                                                           b2(b'')])['outData']
    return [e.rsa], [e.made['cipher'], scheme(A.OAEP, A.SHA256), b2(b'')]


def special_index(t, e):
    if 'special' not in e.made:
        t.cmd('NV_DefineSpace', [PLATFORM], [b2(b''), nv_public(
            I, 0x40000000 | 0x400 | 0x10001 | NV_NO_DA, 8)])
        e.made['special'] = I
    return [I, PLATFORM], b''


def duplicated(t, e):
    if 'duplicate' not in e.made:
        s = t.session(SE_POLICY)
        t.cmd('PolicyCommandCode', [s.handle], [u32(0x14b)])
        e.made['duplicate'] = t.must('Duplicate', [e.loose, e.parent2], [b2(b''), NONE],
                                     sess=[s])
        t.flush(s)
    return e.made['duplicate']


def importing(t, e):
    r = duplicated(t, e)
    return [e.parent2], [b2(b''), b2(t.public(e.loose).raw), r['duplicate'], r['outSymSeed'],
                         NONE]


def rewrapping(t, e):
    r = duplicated(t, e)
    return [e.parent2, e.parent], [r['duplicate'], b2(t.name(e.loose)), r['outSymSeed']]


def signed_message(t, e):
    return [external(t, e)], [b2(digest(A.SHA256, b'm')), rsa_sign(b'm')]


POINT = b2(b2(ecc_private()[1][0]) + b2(ecc_private()[1][1]))
SEL = pcrs((A.SHA256, (0, 16)))
KEY_TEMPLATE = ecc(KEY | SIGN, sch=scheme(A.ECDSA, A.SHA256))

for row in (
        ('NV_UndefineSpaceSpecial', special_index),
        ('EvictControl', evict, unevict),
        ('HierarchyControl', lambda t, e: ([OWNER], [u32(OWNER), u8(1)]), wipe),
        ('NV_UndefineSpace', lambda t, e: ([OWNER, e.index], b''), undefine),
        ('ChangeEPS', lambda t, e: ([PLATFORM], b''), wipe),
        ('ChangePPS', lambda t, e: ([PLATFORM], b''), wipe),
        ('Clear', lambda t, e: ([LOCKOUT], b''), wipe),
        ('ClearControl', lambda t, e: ([LOCKOUT], [u8(1)]), wipe),
        ('ClockSet', lambda t, e: ([OWNER], [u64(10 ** 7)]), wipe),
        ('HierarchyChangeAuth', lambda t, e: ([OWNER], [b2(b'new')]), wipe),
        ('NV_DefineSpace', lambda t, e: ([OWNER], [b2(b'auth'), nv_public(I, NV_ALL, 16)]),
         undefine),
        ('PCR_Allocate', lambda t, e: ([PLATFORM], [pcrs(
            (A.SHA256, range(24)), (A.SHA1, range(24)))]), wipe),
        ('PCR_SetAuthPolicy', lambda t, e: ([PLATFORM], [b2(bytes(32)), u16(A.SHA256), u32(20)])),
        ('PP_Commands', lambda t, e: ([PLATFORM], [u32(1), u32(0x131), u32(1), u32(0x122)])),
        ('SetPrimaryPolicy', lambda t, e: ([OWNER], [b2(bytes(32)), u16(A.SHA256)]), wipe),
        ('ClockRateAdjust', lambda t, e: ([OWNER], [u8(0)])),
        ('CreatePrimary', lambda t, e: ([OWNER], [sensitive(b'a'), b2(KEY_TEMPLATE), b2(b'out'),
                                                  SEL])),
        ('NV_GlobalWriteLock', lambda t, e: ([OWNER], b'')),
        ('GetCommandAuditDigest', lambda t, e: ([ENDORSEMENT, e.ak], [b2(b'q'), NONE])),
        ('NV_Increment', lambda t, e: ([e.counter, e.counter], b'')),
        ('NV_SetBits', lambda t, e: ([e.bits, e.bits], [u64(5)])),
        ('NV_Extend', lambda t, e: ([e.extend, e.extend], [b2(b'data')])),
        ('NV_Write', lambda t, e: ([e.index, e.index], [b2(b'data'), u16(4)])),
        ('NV_WriteLock', lambda t, e: ([e.index, e.index], b''), undefine),
        ('DictionaryAttackLockReset', lambda t, e: ([LOCKOUT], b'')),
        ('DictionaryAttackParameters', lambda t, e: ([LOCKOUT], [u32(100000), u32(5), u32(1)])),
        ('NV_ChangeAuth', lambda t, e: ([e.index], [b2(b'new')]), undefine),
        ('PCR_Event', lambda t, e: ([16], [b2(b'event')])),
        ('PCR_Reset', lambda t, e: ([16], b'')),
        ('SequenceComplete', lambda t, e: ([sequence(t, e)], [b2(b'x'), u32(OWNER)])),
        ('SetCommandCodeAuditStatus', lambda t, e: ([OWNER], [u16(A.NULL), u32(1), u32(0x17b),
                                                              u32(0)])),
        ('IncrementalSelfTest', lambda t, e: ([], [u32(2), u16(A.SHA256), u16(A.AES)])),
        ('SelfTest', lambda t, e: ([], [u8(1)])),
        ('Shutdown', lambda t, e: ([], [u16(0)])),
        ('StirRandom', lambda t, e: ([], [b2(b'data')])),
        ('ActivateCredential', activation),
        ('Certify', lambda t, e: ([e.parent, e.ak], [b2(b'q'), NONE])),
        ('PolicyNV', lambda t, e: ([e.index, e.index, e.policy.handle],
                                   [b2(b'xx'), u16(1), u16(0)]), restart),
        ('CertifyCreation', certify_creation),
        ('Duplicate', lambda t, e: ([e.loose, e.parent2], [b2(b'e' * 16), sym()])),
        ('GetTime', lambda t, e: ([ENDORSEMENT, e.ak], [b2(b'q'), NONE])),
        ('GetSessionAuditDigest', lambda t, e: ([ENDORSEMENT, e.ak, e.policy.handle],
                                                [b2(b'q'), NONE])),
        ('NV_Read', lambda t, e: ([e.index, e.index], [u16(4), u16(2)])),
        ('NV_ReadLock', lambda t, e: ([e.index, e.index], b'')),
        ('ObjectChangeAuth', lambda t, e: ([e.signer, e.parent], [b2(b'new')])),
        ('PolicySecret', lambda t, e: ([OWNER, e.policy.handle], [
            b2(b''), b2(b'c' * 32), b2(b'ref'), u32(-100)]), restart),
        ('Rewrap', rewrapping),
        ('Create', lambda t, e: ([e.parent], [sensitive(b'a'), b2(KEY_TEMPLATE), b2(b'out'),
                                              SEL])),
        ('ECDH_ZGen', lambda t, e: ([e.ecdh], [POINT])),
        ('HMAC', lambda t, e: ([e.hmac], [b2(b'data'), NONE])),
        ('Import', importing),
        ('Load', loading),
        ('Quote', lambda t, e: ([e.ak], [b2(b'q'), NONE, SEL])),
        ('RSA_Decrypt', decryptable),
        ('HMAC_Start', lambda t, e: ([e.hmac], [b2(b'a'), NONE])),
        ('SequenceUpdate', lambda t, e: ([sequence(t, e)], [b2(b'data')])),
        ('Sign', lambda t, e: ([e.signer], [b2(b'd' * 32), scheme(A.ECDSA, A.SHA256),
                                            NULL_TICKET])),
        ('Unseal', lambda t, e: ([e.sealed], b'')),
        ('PolicySigned', lambda t, e: ([external(t, e), e.policy.handle], [
            b2(b''), b2(b''), b2(b'ref'), u32(0), rsa_sign(u32(0) + b'ref')]), restart),
        ('ContextLoad', context),
        ('ContextSave', lambda t, e: ([transient(t, e)], b'')),
        ('ECDH_KeyGen', lambda t, e: ([e.ecdh], b'')),
        ('EncryptDecrypt', lambda t, e: ([e.aes], [u8(0), NONE, b2(bytes(16)), b2(b'p' * 32)])),
        ('FlushContext', lambda t, e: ([], [u32(transient(t, e))]), drop_transient),
        ('LoadExternal', lambda t, e: ([], [
            b2(u16(A.ECC) + b2(b'a') + b2(b'') + b2(ecc_private()[2])),
            b2(ecc(EXTERNAL | SIGN, sch=scheme(A.ECDSA, A.SHA256), point=ecc_private()[1])),
            u32(NULL)])),
        ('MakeCredential', lambda t, e: ([e.parent], [b2(b'secret'), b2(t.name(e.signer))])),
        ('NV_ReadPublic', lambda t, e: ([e.index], b'')),
        ('PolicyAuthorize', authorize, restart),
        ('PolicyAuthValue', lambda t, e: ([e.policy.handle], b''), restart),
        ('PolicyCommandCode', lambda t, e: ([e.policy.handle], [u32(0x15e)]), restart),
        ('PolicyCounterTimer', lambda t, e: ([e.policy.handle], [b2(bytes(4)), u16(20), u16(7)]),
         restart),
        ('PolicyCpHash', lambda t, e: ([e.policy.handle], [b2(bytes(32))]), restart),
        ('PolicyLocality', lambda t, e: ([e.policy.handle], [u8(1)]), restart),
        ('PolicyNameHash', lambda t, e: ([e.policy.handle], [b2(bytes(32))]), restart),
        ('PolicyOR', lambda t, e: ([e.policy.handle], [u32(2), b2(bytes(32)), b2(b'x' * 32)]),
         restart),
        ('PolicyTicket', ticket_for, restart),
        ('ReadPublic', lambda t, e: ([e.signer], b'')),
        ('RSA_Encrypt', lambda t, e: ([e.rsa], [b2(b'm'), scheme(A.OAEP, A.SHA256),
                                                b2(b'label\0')])),
        ('StartAuthSession', lambda t, e: ([NULL, OWNER], [b2(b'n' * 16), b2(b''), u8(0), sym(),
                                                           u16(A.SHA256)])),
        ('VerifySignature', signed_message),
        ('ECC_Parameters', lambda t, e: ([], [u16(3)])),
        ('GetCapability', lambda t, e: ([], [u32(6), u32(0x100), u32(1)])),
        ('GetRandom', lambda t, e: ([], [u16(8)])),
        ('GetTestResult', lambda t, e: ([], b'')),
        ('Hash', lambda t, e: ([], [b2(b'data'), u16(A.SHA256), u32(OWNER)])),
        ('PCR_Read', lambda t, e: ([], [SEL])),
        ('PolicyPCR', lambda t, e: ([e.policy.handle], [b2(b''), SEL]), restart),
        ('PolicyRestart', lambda t, e: ([e.policy.handle], b'')),
        ('ReadClock', lambda t, e: ([], b'')),
        ('PCR_Extend', lambda t, e: ([16], [u32(2), u16(A.SHA256), bytes(32), u16(A.SHA1),
                                            bytes(20)])),
        ('PCR_SetAuthValue', lambda t, e: ([20], [b2(b'auth')])),
        ('NV_Certify', lambda t, e: ([e.ak, e.index, e.index], [b2(b'q'), NONE, u16(4), u16(2)])),
        ('EventSequenceComplete', lambda t, e: ([16, sequence(t, e, A.NULL)], [b2(b'x')])),
        ('HashSequenceStart', lambda t, e: ([], [b2(b'a'), u16(A.SHA256)])),
        ('PolicyPhysicalPresence', lambda t, e: ([e.policy.handle], b''), restart),
        ('PolicyDuplicationSelect', lambda t, e: ([e.policy.handle], [
            b2(b'\0\x0b' + b'o' * 32), b2(b'\0\x0b' + b'p' * 32), u8(1)]), restart),
        ('PolicyGetDigest', lambda t, e: ([e.policy.handle], b'')),
        ('TestParms', lambda t, e: ([], [u16(A.ECC), NONE, scheme(A.ECDSA, A.SHA256), u16(3),
                                         NONE])),
        ('Commit', lambda t, e: ([e.signer], [POINT, b2(b''), b2(b'')])),
        ('PolicyPassword', lambda t, e: ([e.policy.handle], b''), restart),
        ('ZGen_2Phase', lambda t, e: ([e.ecdh], [POINT, POINT, u16(A.ECDH), t.must(
            'EC_Ephemeral', [], [u16(3)])['counter']])),
        ('EC_Ephemeral', lambda t, e: ([], [u16(3)])),
        ('PolicyNvWritten', lambda t, e: ([e.policy.handle], [u8(1)]), restart),
        ('PolicyTemplate', lambda t, e: ([e.policy.handle], [b2(bytes(32))]), restart),
        ('CreateLoaded', lambda t, e: ([e.parent], [sensitive(b'a'), b2(KEY_TEMPLATE)])),
        ('PolicyAuthorizeNV', lambda t, e: ([e.index, e.index, e.policy.handle], b''), restart),
        ('EncryptDecrypt2', lambda t, e: ([e.aes], [b2(b'p' * 32), u8(0), NONE, b2(bytes(16))])),
        ('CertifyX509', lambda t, e: ([e.x509, e.x509], [b2(b''), NONE, b2(b'0\0')]))):
    register(*row)

for label, template in (
        ('rsa', rsa_key(KEY | SIGN, sch=scheme(A.RSASSA, A.SHA256))),
        ('storage', ecc(STORAGE)), ('aes', symcipher(KEY | K_DECRYPT)),
        ('hmac', keyedhash(KEY | SIGN, scheme(A.HMAC, A.SHA256))),
        ('xor', keyedhash(KEY | K_DECRYPT, scheme(A.XOR, A.SHA256, u16(A.KDF1_SP800_108)))),
        ('ecdh', ecc(KEY | K_DECRYPT, sch=scheme(A.ECDH, A.SHA256)))):
    register('Create', lambda t, e, p=template: ([e.parent], [sensitive(b''), b2(p), b2(b''),
                                                              NO_PCRS]), suffix='-' + label)
register('Create', lambda t, e: ([e.parent], [sensitive(b'a', b'data'), b2(keyedhash(
    FIXED | USER | NO_DA)), b2(b''), NO_PCRS]), suffix='-sealed')
register('LoadExternal', lambda t, e: ([], [b2(b''), b2(rsa_key(
    EXTERNAL | SIGN, sch=scheme(A.RSAPSS, A.SHA256), modulus=rsa_private()[1])), u32(OWNER)]),
    suffix='-rsa')
register('VerifySignature', lambda t, e: ([e.signer], [b2(b'd' * 32), ecc_sign(b'm')]),
         suffix='-ecc')
register('ContextLoad', lambda t, e: context(t, e, True), drop_session, suffix='-session')
register('StartAuthSession', lambda t, e: ([e.parent, e.sealed], [
    b2(b'n' * 16), b2(POINT[2:]), u8(1), u16(A.XOR) + u16(A.SHA256), u16(A.SHA384)]),
    suffix='-salted')
for cap, prop in ((0, 0), (1, 0x81000000), (5, 0), (7, 0), (8, 0), (9, OWNER)):
    register('GetCapability', lambda t, e, c=cap, p=prop: ([], [u32(c), u32(p), u32(1)]),
             suffix='-%d' % cap)
