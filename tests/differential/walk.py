# SPDX-License-Identifier: GPL-2.0
"""Random walks: long sequences of commands over a state that grows and shrinks.

Every choice comes from the seed. A walk keeps to what both TPMs have room for:
two transient objects, three sessions.
"""
from client import (AUDIT, CONTINUE, DECRYPT, ENCRYPT, ENDORSEMENT, LOCKOUT, NULL, OWNER, PLATFORM,
                    Password, SE_HMAC, SE_POLICY)
from scenario import Scenario
from templates import (BITS, COUNTER, EXTEND, FIXED, KEY, NO_DA, NO_PCRS, NULL_TICKET, PINFAIL,
                       PINPASS, RESTRICTED, SIGN, STCLEAR, STORAGE, USER, ecc, keyedhash,
                       nv_public, pcrs, scheme, sensitive, symcipher)
from wire import A, b2, u16, u32, u64, u8

SIZES = {A.SHA1: 20, A.SHA256: 32, A.SHA384: 48, A.SHA512: 64}
BANKS = tuple(SIZES)
INDICES = (0x1000001, 0x1000002, 0x1c00003, 0x1ffffff)
PERSISTENT = (0x81000001, 0x81000002, 0x81800001)
HIERARCHY = (OWNER, PLATFORM, ENDORSEMENT)


class Walk:
    def __init__(self, t):
        self.t, self.rng = t, t.rng
        self.objects, self.sessions, self.blobs, self.contexts = [], [], [], []
        self.defined = {}

    def pick(self, *choices):
        return self.rng.choice(choices)

    def rarely(self, p=0.1):
        return self.rng.random() < p

    # --- who authorizes: mostly rightly ---

    def auths(self, handles):
        """One authorization for each handle: password, session, sometimes wrong."""
        out, free = [], [s for s in self.sessions if s.kind == SE_HMAC]
        self.rng.shuffle(free)
        for _ in handles:
            r = self.rng.random()
            if r < 0.04:
                out.append(Password(self.pick(b'', b'x', b'wrong')))
            elif r < 0.3 and free:
                s = free.pop()
                s.attrs = CONTINUE | self.pick(0, 0, DECRYPT, ENCRYPT, AUDIT)
                s.tamper = self.rarely(0.05)
                out.append(s)
            else:
                out.append(Password())
        if free and len(out) < 3 and self.rarely():
            free[0].attrs = CONTINUE | self.pick(DECRYPT, ENCRYPT, AUDIT)
            free[0].tamper = False
            out.append(free[0])
        return out

    def run(self, name, handles=(), params=(), auth=()):
        r = self.t.cmd(name, list(handles), params, sess=self.auths(auth) if auth else [])
        if 0x90000 > r.rc > 0:
            for s in self.sessions:
                s.tamper = False
        return r

    # --- NV ---

    def nv_attributes(self):
        if self.rarely(0.3):
            attrs = sum(1 << b for b in (0, 1, 2, 3, 10, 12, 13, 14, 15, 16, 17, 18, 19, 25, 26,
                                         27, 30, 31) if self.rarely(0.35))
            return attrs | self.pick(0, 1, 2, 4, 8, 9, 3, 15) << 4
        attrs = 0x00060006 | 0x02000000 | self.pick(0, 0, COUNTER, BITS, EXTEND, PINFAIL, PINPASS)
        if self.rarely(0.5):
            attrs |= self.pick(0x4000, 0x2000, 0x8000, 0x80000000, 0x1000, 0x80004000, 0x4000000,
                               0x8000000, 0x400)
        if self.rarely(0.3):
            attrs |= 0x40010001
        return attrs & ~4 if attrs & 0x80 else attrs

    def nv_define(self):
        index, alg, attrs = self.rng.choice(INDICES), self.rng.choice(BANKS), self.nv_attributes()
        kind = attrs >> 4 & 15
        size = self.pick(8, 16, 32, 100) if not kind else SIZES[alg] if kind == 4 else 8
        if self.rarely():
            size = self.pick(0, 7, 8, 1024, 1025, 2048, 2049, 65535)
        if attrs & 0x4000000:
            size = min(size, 64)
        auth = self.pick(b'', b'', b'a', b'ab\0\0', b'q' * 20, b'q' * 33)
        owner = PLATFORM if attrs & 0x40000000 else self.pick(OWNER, OWNER, PLATFORM)
        r = self.run('NV_DefineSpace', [owner], [b2(auth), nv_public(index, attrs, size, alg)],
                     [owner])
        if r.rc == 0:
            self.defined[index] = (attrs, size)
            self.t.auth[index] = auth

    def nv_undefine(self):
        index, owner = self.rng.choice(INDICES), self.pick(OWNER, PLATFORM)
        if self.run('NV_UndefineSpace', [owner, index], (), [owner]).rc == 0:
            self.defined.pop(index, None)
            self.t.auth.pop(index, None)

    def nv_authority(self, index):
        return self.pick(OWNER, PLATFORM, index, index, index)

    def nv_use(self):
        index = self.rng.choice(INDICES)
        attrs, size = self.defined.get(index, (0, 8))
        auth = self.nv_authority(index)
        offset = 0 if not self.rarely(0.2) else self.pick(1, size, size + 1, 65535)
        n = max(0, size - offset) if not self.rarely(0.2) else self.pick(0, 1, 8, size + 1, 1025)
        data = bytes(self.rng.randrange(256) for _ in range(min(n, 1025)))
        if attrs >> 4 & 15 in (8, 9):
            data = u32(self.rng.randrange(3)) + u32(self.rng.randrange(4))
        name, params = self.pick(
            ('NV_Write', [b2(data), u16(offset)]), ('NV_Write', [b2(data), u16(offset)]),
            ('NV_Read', [u16(min(n, 65535)), u16(offset)]),
            ('NV_Read', [u16(min(n, 65535)), u16(offset)]), ('NV_Increment', []),
            ('NV_Extend', [b2(data[:1025])]), ('NV_SetBits', [u64(1 << self.rng.randrange(64))]),
            ('NV_WriteLock', []), ('NV_ReadLock', []), ('NV_ReadPublic', []))
        if name == 'NV_ReadPublic':
            self.run(name, [index])
        else:
            self.run(name, [auth, index], params, [auth])

    def nv_lock_all(self):
        owner = self.pick(OWNER, PLATFORM)
        self.run('NV_GlobalWriteLock', [owner], (), [owner])

    # --- PCRs, hashes, random, capabilities ---

    def pcr(self):
        i = self.pick(0, 1, 7, 15, 16, 17, 20, 22, 23, 24, NULL)
        alg = self.rng.choice(BANKS)
        name, params = self.pick(
            ('PCR_Extend', [u32(1), u16(alg), bytes([self.rng.randrange(256)]) * SIZES[alg]]),
            ('PCR_Event', [b2(b'e' * self.pick(0, 3, 1024, 1025))]), ('PCR_Reset', []))
        with self.t.at_locality(self.rng.randrange(5)):
            self.run(name, [i], params, [i])

    def look(self):
        name, params = self.pick(
            ('PCR_Read', [pcrs((self.rng.choice(BANKS), self.rng.sample(range(24), 5)))]),
            ('GetRandom', [u16(8)]), ('ReadClock', []),
            ('GetCapability', [u32(1), u32(self.pick(0x1000000, 0x81000000, OWNER)), u32(20)]),
            ('GetCapability', [u32(6), u32(self.pick(0x200, 0x201, 0x202, 0x20e)), u32(1)]),
            ('GetCapability', [u32(9), u32(OWNER), u32(8)]),
            ('Hash', [b2(b'data'), u16(self.rng.choice(BANKS)), u32(self.pick(OWNER, NULL))]),
            ('StirRandom', [b2(b'x')]), ('SelfTest', [u8(0)]))
        self.run(name, [], params)

    # --- hierarchies, dictionary attacks ---

    def hierarchy(self):
        h = self.pick(*HIERARCHY, LOCKOUT)
        what = self.rng.randrange(8)
        if what == 0:
            value = self.pick(b'', b'x', b'yy\0', b'z' * 32) if h != LOCKOUT else b''
            if self.run('HierarchyChangeAuth', [h], [b2(value)], [h]).rc == 0:
                self.t.auth[h] = value
        elif what == 1:
            alg = self.pick(A.NULL, A.SHA256, A.SHA1)
            self.run('SetPrimaryPolicy', [h], [b2(b'p' * SIZES.get(alg, 0)), u16(alg)], [h])
        elif what == 2:
            self.run('HierarchyControl', [PLATFORM], [
                u32(self.pick(OWNER, ENDORSEMENT, 0x4000000d)), u8(self.pick(0, 1, 1, 1))],
                [PLATFORM])
            self.recount()
        elif what == 3 and self.rarely(0.3):
            self.erase(self.pick('Clear', 'ChangeEPS', 'ChangePPS'))
        elif what == 4:
            self.run('ClearControl', [self.pick(PLATFORM, LOCKOUT)], [u8(self.pick(0, 0, 1))],
                     [PLATFORM])
        elif what == 5:
            self.run('DictionaryAttackLockReset', [LOCKOUT], (), [LOCKOUT])
        elif what == 6:
            self.run('DictionaryAttackParameters', [LOCKOUT], [
                u32(self.pick(3, 5, 100)), u32(self.pick(1000, 5000)), u32(self.pick(0, 1000))],
                [LOCKOUT])
        else:
            self.run('ClockRateAdjust', [h], [u8(self.pick(0, 1, 0xff))], [h])

    def erase(self, name):
        h = PLATFORM if name != 'Clear' else self.pick(LOCKOUT, PLATFORM)
        r = self.run(name, [h], (), [h])
        if r.rc == 0:
            if name == 'Clear':
                for x in (OWNER, ENDORSEMENT, LOCKOUT):
                    self.t.auth[x] = b''
            if name == 'ChangeEPS':
                self.t.auth[ENDORSEMENT] = b''
            self.blobs = []
            self.recount()

    def recount(self):
        """Which objects and indices are still there."""
        t = self.t
        with t.quiet():
            for h in self.objects + list(PERSISTENT):
                t.names.pop(h, None)
            self.objects = [h for h in self.objects if t.cmd('ReadPublic', [h]).rc == 0]
            for i in list(self.defined):
                if t.cmd('NV_ReadPublic', [i]).rc:
                    self.defined.pop(i)

    # --- objects ---

    def template(self):
        stclear = STCLEAR if self.rarely() else 0
        da = NO_DA if not self.rarely(0.2) else 0
        return self.pick(
            (ecc(STORAGE | stclear), b''), (ecc(STORAGE), b''), (ecc(KEY | SIGN | stclear), b''),
            (ecc(KEY | SIGN | RESTRICTED, sch=scheme(A.ECDSA, A.SHA256)), b''),
            (keyedhash(FIXED | USER | da), b'data'), (symcipher(STORAGE), b''),
            (keyedhash(KEY | SIGN, scheme(A.HMAC, A.SHA256)), b''))

    def some_object(self):
        if self.rarely(0.3) or not self.objects:
            return self.pick(*PERSISTENT)
        return self.rng.choice(self.objects)

    def add(self, r, auth):
        if r.rc == 0:
            self.t.auth[r.handle] = auth
            self.objects.append(r.handle)

    def room(self):
        """swtpm needs a slot to work in, and one for each persistent object."""
        while len(self.objects) > 1:
            self.drop()

    def drop(self):
        h = self.objects.pop(self.rng.randrange(len(self.objects)))
        self.t.cmd('FlushContext', [], [u32(h)])
        self.t.names.pop(h, None)

    def create(self):
        self.room()
        pub, data = self.template()
        auth = self.pick(b'', b'auth', b'zeros\0')
        if self.rarely(0.4):
            h = self.pick(*HIERARCHY, NULL)
            self.add(self.run('CreatePrimary', [h], [sensitive(auth, data), b2(pub), b2(b''),
                                                     NO_PCRS], [h]), auth)
            return
        parent = self.some_object()
        r = self.run('Create', [parent], [sensitive(auth, data), b2(pub), b2(b''),
                                          pcrs((A.SHA256, (0,)))], [parent])
        if r.rc == 0:
            self.blobs.append((parent, r['outPrivate'], r['outPublic'], auth))

    def load(self):
        if not self.blobs:
            return
        self.room()
        parent, private, public, auth = self.rng.choice(self.blobs)
        if self.rarely() or parent not in self.objects + list(PERSISTENT):
            parent = self.some_object()
        self.add(self.run('Load', [parent], [private, public], [parent]), auth)

    def use(self):
        self.room()
        h = self.some_object()
        name, params = self.pick(
            ('Sign', [b2(b'd' * 32), u16(A.NULL), NULL_TICKET]), ('Unseal', []),
            ('HMAC', [b2(b'data'), u16(A.NULL)]), ('ReadPublic', []),
            ('Quote', [b2(b'q'), u16(A.NULL), pcrs((A.SHA256, (0, 16)))]),
            ('Sign', [b2(b'd' * 32), scheme(A.ECDSA, A.SHA256), NULL_TICKET]),
            ('ContextSave', []), ('EvictControl', [u32(self.pick(*PERSISTENT))]))
        if name == 'EvictControl':
            owner = self.pick(OWNER, PLATFORM)
            for p in PERSISTENT:
                self.t.names.pop(p, None)
            r = self.run(name, [owner, h], params, [owner])
            if r.rc == 0:
                self.t.auth[int.from_bytes(params[0], 'big')] = self.t.auth.get(h, b'')
        elif name in ('ReadPublic', 'ContextSave'):
            r = self.run(name, [h], params)
            if name == 'ContextSave' and r.rc == 0:
                self.contexts.append((r['context'], self.t.auth.get(h, b'')))
        else:
            self.run(name, [h], params, [h])

    def restore(self):
        if self.contexts:
            self.room()
            blob, auth = self.rng.choice(self.contexts)
            self.add(self.run('ContextLoad', [], [blob]), auth)

    # --- sessions ---

    def session(self):
        if len(self.sessions) >= 3 or (self.sessions and self.rarely(0.4)):
            self.t.flush(self.sessions.pop(self.rng.randrange(len(self.sessions))))
            return
        bind = self.pick(NULL, OWNER, PLATFORM)
        sym = self.pick(None, (A.AES, 128), (A.AES, 256), (A.XOR, A.SHA256))
        self.sessions.append(self.t.session(self.pick(SE_HMAC, SE_HMAC, SE_POLICY),
                                            self.rng.choice(BANKS), sym, bind=bind))

    def policy(self):
        s = next((s for s in self.sessions if s.kind == SE_POLICY), None)
        if not s:
            return
        name, params = self.pick(
            ('PolicyAuthValue', b''), ('PolicyPassword', b''), ('PolicyRestart', b''),
            ('PolicyCommandCode', u32(0x15e)), ('PolicyLocality', u8(self.pick(1, 3, 32))),
            ('PolicyPCR', b2(b'') + pcrs((A.SHA256, (16,)))), ('PolicyNvWritten', u8(1)))
        self.run(name, [s.handle], params)
        self.run('PolicyGetDigest', [s.handle])

    # --- power ---

    def power(self):
        shutdown = self.pick(None, 0, 1, 1, 1)
        startup = self.pick(0, 1) if shutdown == 1 else 0
        for s in self.sessions:
            s.bound = None
        self.sessions, self.objects = [], []
        r = self.t.power_cycle(shutdown, startup, self.pick(0, 0, 0, 3))
        if r.rc:
            self.t.startup(label='after a failure')
            startup = 0
        if startup == 0:
            self.contexts = self.contexts[-2:]
            self.t.auth[PLATFORM] = b''
        self.recount()

    NV = (nv_define,) * 6 + (nv_undefine,) * 3 + (nv_use,) * 25 + (nv_lock_all,)
    SMALL = (pcr,) * 3 + (look,) * 4
    OBJECTS = (create,) * 6 + (load,) * 6 + (use,) * 15 + (restore,) * 2
    SESSIONS = (session,) * 4 + (policy,) * 2


KINDS = {
    'nv': Walk.NV + Walk.SMALL + (Walk.session, Walk.power, Walk.hierarchy),
    'objects': Walk.OBJECTS + Walk.SESSIONS + (Walk.power,),
    'everything': Walk.NV[::2] + Walk.SMALL + Walk.OBJECTS + Walk.SESSIONS +
    (Walk.hierarchy,) * 6 + (Walk.power,) * 2,
}


def scenarios(seed, count, steps):
    out = []
    for kind, operations in KINDS.items():
        for n in range(count):
            def run(t, operations=operations):
                walk = Walk(t)
                while len(t.records) < steps:
                    t.rng.choice(operations)(walk)
            out.append(Scenario('walk/%s-%s.%d' % (kind, seed, n), run, 'walk'))
    return out
