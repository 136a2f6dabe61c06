# SPDX-License-Identifier: GPL-2.0
"""Authorization sessions: kinds, attributes, mixes, contexts."""
from client import (AUDIT, CONTINUE, DECRYPT, ENCRYPT, ENDORSEMENT, EXCLUSIVE, LOCKOUT, NULL,
                    OWNER, PLATFORM, Password, SE_HMAC, SE_POLICY, SE_TRIAL)
from scenario import scenario
from templates import (KEY, NV_ALL, SIGN, STORAGE, ecc, ecc_private, flip, load_ecc, load_rsa, make,
                       nv_public, primary, rsa_key, seal)
from wire import A, b2, u16, u32, u8
from .basic import BANKS

I = 0x1000001


@scenario('session')
def start(t):
    """StartAuthSession with every field good and bad."""
    def one(label, tpm_key=NULL, bind=NULL, nonce=b'n' * 16, salt=b'', kind=0, sym=u16(A.NULL),
            alg=A.SHA256):
        r = t.cmd('StartAuthSession', [tpm_key, bind],
                  [b2(nonce), b2(salt), u8(kind), sym, u16(alg)], label=label)
        if r.rc == 0:
            t.flush(r.handle)
    for kind in range(6):
        for alg in BANKS + (A.NULL, A.SM3, A.RSA):
            one('kind %d alg %#x' % (kind, alg), kind=kind, alg=alg)
    for n in (0, 1, 15, 16, 17, 20, 31, 32, 33, 48, 64, 65):
        for alg in (A.SHA1, A.SHA256, A.SHA512):
            one('nonce %d %#x' % (n, alg), nonce=b'n' * n, alg=alg)
    for alg in (A.AES, A.XOR, A.NULL, A.CAMELLIA, A.SM4, A.TDES, A.RSA):
        for bits in (128, 192, 256, 64, A.SHA256, A.SHA1, A.NULL):
            for mode in (A.CFB, A.CTR, A.NULL):
                one('sym %#x %d %#x' % (alg, bits, mode), sym=u16(alg) + u16(bits) + u16(mode))
            one('sym %#x %d' % (alg, bits), sym=u16(alg) + u16(bits))
    parent = primary(t)
    item = seal(t, parent)
    for bind in (OWNER, ENDORSEMENT, PLATFORM, LOCKOUT, NULL, parent, item, 0, 23, 24, I,
                 0x80000009, 0x81000000, 0x02000000, 0x40000009):
        one('bind %#x' % bind, bind=bind)
        one('key %#x' % bind, tpm_key=bind)
        one('key %#x with salt' % bind, tpm_key=bind, salt=b's' * 32)
    one('salt without key', salt=b's' * 32)
    x, y = ecc_private()[1]
    for name, salt in (('point', b2(x) + b2(y)), ('off', b2(x) + b2(x)), ('short', b2(x)),
                       ('empty', b''), ('long', b2(x) + b2(y) + b'z'), ('zero', b2(b'') * 2),
                       ('size', b'\0\x20' + x + b'\0\x21' + y)):
        one('ecc salt ' + name, tpm_key=parent, salt=salt)
    t.flush(item)
    rsa = load_rsa(t)
    one('bind to a public key', bind=rsa)
    one('a public signing key', tpm_key=rsa)
    t.flush(rsa)
    key = primary(t, rsa_key(STORAGE))
    for n in (0, 1, 255, 256, 257):
        one('rsa salt bad value %d' % n, tpm_key=key, salt=b'\1' * n)
    one('rsa salt bad value large', tpm_key=key, salt=b'\xff' * 256)
    public = load_ecc(t, attrs=0x440 | 0x20000)
    one('public only', tpm_key=public, salt=b2(x) + b2(y))
    t.flush(public)
    sign = make(t, parent, ecc(KEY | SIGN))
    one('signing key', tpm_key=sign, salt=b2(x) + b2(y))


@scenario('session')
def every_kind(t):
    """All hashes, ciphers, salts and bindings, on commands with and without roles."""
    ecc_parent = primary(t)
    rsa_parent = primary(t, rsa_key(STORAGE))
    for h in (OWNER, ENDORSEMENT):
        t.cmd('HierarchyChangeAuth', [h], [b2(b'auth%x' % (h & 15))])
        t.auth[h] = b'auth%x' % (h & 15)
    for alg in BANKS:
        for sym in (None, (A.AES, 128), (A.AES, 256), (A.XOR, A.SHA1),
                    (A.XOR, A.SHA512)):
            for salt in (NULL, ecc_parent, rsa_parent):
                for bind in (NULL, OWNER, ENDORSEMENT):
                    label = '%#x %s %#x %#x' % (alg, sym, salt, bind)
                    s = t.session(alg=alg, sym=sym, salt=salt, bind=bind, nonce=20, label=label)
                    for attrs in (CONTINUE, CONTINUE | DECRYPT, CONTINUE | ENCRYPT,
                                  CONTINUE | DECRYPT | ENCRYPT):
                        s.attrs = attrs
                        s.nonce_size = t.rng.choice((16, 20, 0, 32))
                        t.cmd('HierarchyChangeAuth', [OWNER], [b2(t.auth[OWNER])], sess=[s],
                              label='%s %#x' % (label, attrs))
                        t.cmd('GetRandom', [], [u16(8)], sess=[s], label='%s %#x' % (label, attrs))
                        t.cmd('StirRandom', [], [b2(b'data')], sess=[s],
                              label='%s %#x' % (label, attrs))
                        t.cmd('Hash', [], [b2(b'data'), u16(A.SHA256), u32(OWNER)], sess=[s],
                              label='%s %#x' % (label, attrs))
                        t.cmd('ReadClock', [], sess=[s], label='%s %#x' % (label, attrs))
                    s.nonce_size = 16
                    s.tamper = True
                    t.cmd('ClockRateAdjust', [ENDORSEMENT], [u8(0)], sess=[s], label='tamper')
                    s.attrs = 0
                    t.cmd('ClockRateAdjust', [OWNER], [u8(0)], sess=[s], label='last ' + label)
                    t.cmd('ClockRateAdjust', [OWNER], [u8(0)], sess=[s], label='gone ' + label)
                    t.flush(s)


@scenario('session')
def mixes(t):
    """One to three sessions of all kinds on commands of no, one and two roles."""
    parent = primary(t)
    t.cmd('NV_DefineSpace', [OWNER], [b2(b'nv'), nv_public(I, NV_ALL, 16)])
    t.auth[I] = b'nv'
    t.cmd('NV_Write', [I, I], [b2(b'0123456789abcdef'), u16(0)])
    key = make(t, parent, ecc(KEY | SIGN), b'key')
    kinds = [t.session(sym=(A.AES, 128)), t.session(sym=(A.XOR, A.SHA256), bind=OWNER),
             t.session(SE_POLICY, sym=(A.AES, 256))]
    commands = (('GetRandom', [], [u16(8)]), ('StirRandom', [], [b2(b'abc')]),
                ('NV_Read', [I, I], [u16(8), u16(0)]), ('NV_Read', [OWNER, I], [u16(8), u16(0)]),
                ('HierarchyChangeAuth', [OWNER], [b2(b'')]),
                ('Certify', [parent, key], [b2(b'q'), u16(A.NULL)]),
                ('ReadPublic', [parent], []), ('PCR_Event', [16], [b2(b'e')]),
                ('PolicySecret', [OWNER, kinds[2].handle], [b2(b'')] * 3 + [u32(0)]))
    for _ in range(500):
        name, handles, params = t.rng.choice(commands)
        sess = []
        pool = list(kinds)
        t.rng.shuffle(pool)
        for _ in range(t.rng.choice((1, 1, 2, 2, 3, 3, 4))):
            if t.rng.random() < 0.3 or not pool:
                sess.append(Password())
                continue
            s = pool.pop()
            s.attrs = CONTINUE | t.rng.choice((0, 0, DECRYPT, ENCRYPT, DECRYPT | ENCRYPT, AUDIT,
                                               AUDIT | EXCLUSIVE, 0x08, 0x10))
            s.tamper = t.rng.random() < 0.05
            sess.append(s)
        t.cmd(name, handles, params, sess=sess, label=' '.join(
            'pw' if isinstance(s, Password) else '%d:%#x' % (kinds.index(s), s.attrs)
            for s in sess))
        for s in kinds:
            s.tamper = False


@scenario('session')
def attributes(t):
    for attrs in range(256):
        s = t.session(sym=(A.AES, 128))
        s.attrs = attrs
        t.cmd('StirRandom', [], [b2(b'x')], sess=[s], label='%#x' % attrs)
        t.flush(s)
        t.cmd('ClockRateAdjust', [OWNER], [u8(0)], sess=[Password(attrs=attrs)],
              label='password %#x' % attrs)
        t.cmd('GetRandom', [], [u16(4)], sess=[Password(attrs=attrs)],
              label='idle password %#x' % attrs)
    for nonce in (b'x', b'x' * 64, b'x' * 65):
        t.cmd('ClockRateAdjust', [OWNER], [u8(0)], sess=[Password(nonce=nonce)],
              label='nonce %d' % len(nonce))
    for value in (b'x', b'\0', b'\0' * 64, b'\0' * 65):
        t.cmd('ClockRateAdjust', [OWNER], [u8(0)], sess=[Password(value)],
              label='value %d' % len(value))
    s = t.session()
    s.attrs = CONTINUE | DECRYPT
    t.cmd('StirRandom', [], [b2(b'x')], sess=[s], label='decrypt without cipher')
    s.attrs = CONTINUE | ENCRYPT
    t.cmd('GetRandom', [], [u16(4)], sess=[s], label='encrypt without cipher')


@scenario('session')
def contexts(t):
    s = t.session(sym=(A.AES, 128), bind=OWNER)
    p = t.session(SE_POLICY)
    t.cmd('PolicyAuthValue', [p.handle])
    for x in (s, p):
        saved = t.must('ContextSave', [x.handle])
        t.cmd('ContextSave', [x.handle], label='again')
        t.cmd('ClockRateAdjust', [OWNER], [u8(0)], sess=[x], label='saved')
        t.cmd('PolicyRestart', [x.handle], label='saved')
        for prop in (0x02000000, 0x03000000):
            t.cmd('GetCapability', [], [u32(1), u32(prop), u32(10)], label='saved')
        blob = saved['context']
        for name, changed in (('handle', blob[:8] + u32(0x02000007) + blob[12:]),
                              ('kind', blob[:8] + u32(0x03000000 ^ 0x01000000 ^ x.handle) +
                               blob[12:]), ('hierarchy', blob[:12] + u32(OWNER) + blob[16:]),
                              ('sequence', blob[:7] + b'\xee' + blob[8:]),
                              ('last', flip(blob))):
            t.cmd('ContextLoad', [], changed, label=name)
        t.cmd('ContextLoad', [], blob, label='good')
        t.cmd('ContextLoad', [], blob, label='twice')
        t.cmd('ClockRateAdjust', [OWNER], [u8(0)], sess=[x], label='loaded')
        saved = t.must('ContextSave', [x.handle])
        t.cmd('ContextLoad', [], blob, label='old')
        t.cmd('FlushContext', [], [u32(x.handle)], label='saved')
        t.cmd('ContextLoad', [], [saved['context']], label='flushed')
    for shutdown, startup in ((1, 1), (1, 0), (0, 0), (None, 0)):
        a, b = t.session(sym=(A.AES, 128)), t.session(SE_POLICY)
        t.cmd('PolicyCommandCode', [b.handle], [u32(0x130)])
        saved = [t.must('ContextSave', [x.handle])['context'] for x in (a, b)]
        loaded = t.session()
        t.power_cycle(shutdown, startup)
        label = '%s/%d' % (shutdown, startup)
        t.cmd('PolicyRestart', [loaded.handle], label=label)
        t.cmd('GetCapability', [], [u32(6), u32(0x203), u32(6)], label=label)
        for blob in saved:
            t.cmd('ContextLoad', [], blob, label=label)
        a.attrs = CONTINUE | ENCRYPT
        t.cmd('GetRandom', [], [u16(8)], sess=[a], label=label)
        t.cmd('PolicyGetDigest', [b.handle], label=label)
        t.flush(a, b)


@scenario('session')
def limits(t):
    made = [t.session() for _ in range(3)]
    r = t.cmd('StartAuthSession', [NULL, NULL], [b2(b'n' * 16), b2(b''), u8(0), u16(A.NULL),
                                                 u16(A.SHA256)], label='a fourth')
    t.flush(0x02000003)
    assert r
    saved = []
    for _ in range(20):
        saved.append((made[0], t.must('ContextSave', [made[0].handle])['context']))
        made[0] = t.session()
    t.cmd('GetCapability', [], [u32(1), u32(0x03000000), u32(100)], label='saved')
    t.cmd('GetCapability', [], [u32(1), u32(0x02000000), u32(100)], label='loaded')
    t.flush(*made)
    for s, blob in saved[::3]:
        t.cmd('ContextLoad', [], blob)
        t.cmd('ClockRateAdjust', [OWNER], [u8(0)], sess=[s])
        t.flush(s)


@scenario('session')
def areas(t):
    """The authorization area as bytes."""
    pw = u32(0x40000009) + b2(b'') + u8(1) + b2(b'')

    def one(label, area, name='ClockRateAdjust', handles=(OWNER,), params=u8(0), size=None,
            tag=0x8002):
        from commands import BY_NAME
        body = b''.join(map(u32, handles)) + u32(len(area) if size is None else size) + area
        body += params
        t.send(name, u16(tag) + u32(10 + len(body)) + u32(BY_NAME[name].code) + body, label)
    one('good', pw)
    for size in (0, 1, 8, 9, 10, 12, 13, 14, 18, 26, 27, 28, 0xffffffff, 0x80000000):
        one('size %d' % size, pw, size=size)
        one('size %d of two' % size, pw + pw, size=size)
    for n in range(len(pw)):
        one('%d bytes' % n, pw[:n])
        one('one and %d bytes' % n, pw + pw[:n])
    for n in (2, 3, 4):
        one('%d passwords' % n, pw * n)
        one('%d passwords, no role' % n, pw * n, 'GetRandom', (), u16(4))
    for handle in (0, 1, 0x02000000, 0x03000000, OWNER, NULL, 0x40000009, 0x80000000, 0x01000000,
                   0x02ffffff, 0x40000001, 0xffffffff):
        one('handle %#x' % handle, u32(handle) + pw[4:])
        one('handle %#x second' % handle, pw + u32(handle) + pw[4:])
        one('handle %#x, no role' % handle, u32(handle) + pw[4:], 'GetRandom', (), u16(4))
    one('no sessions tag', b'', tag=0x8001)
    for name, handles, params in (
            ('FlushContext', (), u32(0x80000000)), ('ContextSave', (0x80000000,), b''),
            ('ContextLoad', (), b'x'), ('Startup', (), u16(0)), ('Shutdown', (), u16(0)),
            ('SelfTest', (), u8(0)), ('GetTestResult', (), b''), ('PolicyGetDigest',
                                                                  (0x03000000,), b''),
            ('GetCapability', (), u32(0) * 3), ('StartAuthSession', (NULL, NULL), b'')):
        one('with a password', pw, name, handles, params)
        one('with none', b'', name, handles, params)
    s = t.session()
    for attrs in (1, 0x81):
        area = u32(s.handle) + b2(b'n' * 16) + u8(attrs) + b2(b'h' * 32)
        one('bad hmac', area)
        one('same session twice', area * 2)
        for n in (0, 31, 33, 64, 65):
            one('hmac of %d' % n, u32(s.handle) + b2(b'n' * 16) + u8(attrs) + b2(b'h' * n))
            one('nonce of %d' % n, u32(s.handle) + b2(b'n' * n) + u8(attrs) + b2(b'h' * 32))
    trial = t.session(SE_TRIAL)
    one('trial', u32(trial.handle) + b2(b'n' * 16) + u8(1) + b2(b''))


@scenario('session', started=False)
def headers(t):
    from commands import BY_NAME
    t.startup()
    for tag in (0, 1, 0x00c1, 0x00c4, 0x8000, 0x8001, 0x8002, 0x8003, 0x8022, 0xffff):
        t.send('GetRandom', u16(tag) + u32(12) + u32(0x17b) + u16(4), label='bad tag %#x' % tag)
    for cc in (0, 0x11e, 0x123, 0x15a, 0x15f, 0x166, 0x175, 0x16b + 0x10000, 0x198, 0x199, 0x1000,
               0x20000000, 0x20000001, 0x2000017b, 0x8000017b, 0xffffffff):
        for tag in (0x8001, 0x8002):
            t.send('GetRandom', u16(tag) + u32(12) + u32(cc) + u16(4), label='code %#x' % cc)
    for c in BY_NAME.values():
        if c.name in ('Startup', 'Shutdown'):
            continue
        for tag in (0x8001, 0x8002):
            t.send(c.name, u16(tag) + u32(10) + u32(c.code), label='nothing, tag %#x' % tag)
            t.send(c.name, u16(tag) + u32(14) + u32(c.code) + u32(OWNER), label='one handle')
            t.send(c.name, u16(tag) + u32(12) + u32(c.code) + b'\0\0', label='half a handle')
