# SPDX-License-Identifier: GPL-2.0
"""NV indices: types, attributes, locks, PINs."""
from client import ENDORSEMENT, LOCKOUT, NULL, OWNER, PLATFORM, Password
from scenario import scenario
from templates import (AUTHREAD, AUTHWRITE, BITS, CLEAR_STCLEAR, COUNTER, EXTEND, GLOBALLOCK,
                       KEY, NV_ALL, NV_NO_DA, ORDERLY, OWNERREAD, OWNERWRITE, PINFAIL, PINPASS,
                       PLATFORMCREATE, POLICYREAD, POLICYWRITE, POLICY_DELETE, PPREAD, PPWRITE,
                       READLOCKED, READ_STCLEAR, SIGN, WRITEALL, WRITEDEFINE, WRITELOCKED,
                       WRITE_STCLEAR, WRITTEN, ecc, make, nv_public, primary, scheme)
from wire import A, b2, u16, u32, u64, u8

I = 0x1000001


def define(t, attrs, size, index=I, auth=b'', hierarchy=OWNER, label='', **kw):
    r = t.cmd('NV_DefineSpace', [hierarchy], [b2(auth), nv_public(index, attrs, size, **kw)],
              label=label)
    if r.rc == 0:
        t.auth[index] = auth
    return r.rc == 0


def undefine(t, index=I, hierarchy=OWNER, label=''):
    return t.cmd('NV_UndefineSpace', [hierarchy, index], label=label)


@scenario('nv')
def define_types_and_sizes(t):
    for kind in range(16):
        for size in (0, 1, 7, 8, 9, 20, 32, 48, 64, 2047, 2048, 2049, 65535):
            for extra in (0, ORDERLY):
                label = 'type %d size %d%s' % (kind, size, ' orderly' if extra else '')
                attrs = NV_ALL | kind << 4 | extra
                if kind in (8, 9):
                    attrs &= ~AUTHWRITE
                if kind == 8:
                    attrs &= ~NV_NO_DA
                if (not extra or size <= 64) and define(t, attrs, size, label=label):
                    undefine(t)


@scenario('nv')
def orderly_is_large(t):
    define(t, NV_ALL | ORDERLY, 1024, label='a large orderly index')


@scenario('nv')
def define_attributes(t):
    for bit in range(32):
        for base in (NV_ALL, OWNERWRITE | OWNERREAD, 0):
            for hierarchy in (OWNER, PLATFORM):
                if define(t, base ^ 1 << bit, 8, hierarchy=hierarchy,
                          label='%#x in %#x' % (base ^ 1 << bit, hierarchy)):
                    undefine(t, hierarchy=hierarchy, label='bit %d' % bit)
                    undefine(t, hierarchy=PLATFORM, label='bit %d' % bit)
    t.rng.seed('attributes')
    for _ in range(300):
        attrs = NV_ALL
        for bit in t.rng.sample(range(32), t.rng.randrange(1, 8)):
            attrs ^= 1 << bit
        size = t.rng.choice((8, 8, 32))
        if define(t, attrs, size, hierarchy=t.rng.choice((OWNER, PLATFORM)),
                  label='%#x %d' % (attrs, size)):
            t.cmd('NV_ReadPublic', [I], label='%#x' % attrs)
            if undefine(t, label='%#x' % attrs).rc:
                undefine(t, hierarchy=PLATFORM, label='%#x' % attrs)


@scenario('nv')
def define_other_fields(t):
    for index in (0x01000000, 0x01ffffff, 0x00ffffff, 0x02000000, 0x01c00002, 0x01800000, OWNER,
                  0x80000000, 0, 23):
        if define(t, NV_ALL, 8, index=index, label='%#x' % index):
            define(t, NV_ALL, 8, index=index, label='twice')
            undefine(t, index)
    for hierarchy in (OWNER, PLATFORM, ENDORSEMENT, LOCKOUT, NULL, I):
        for attrs in (NV_ALL, NV_ALL | PLATFORMCREATE, PPREAD | PPWRITE | PLATFORMCREATE):
            if define(t, attrs, 8, hierarchy=hierarchy, label='%#x %#x' % (hierarchy, attrs)):
                undefine(t, hierarchy=OWNER, label='owner')
                undefine(t, hierarchy=PLATFORM, label='platform')
    for alg in (A.SHA1, A.SHA256, A.SHA384, A.SHA512, A.SM3, A.NULL, A.RSA, 0):
        for policy in (0, 20, 32, 48, 64, 65):
            if define(t, NV_ALL | POLICYREAD, 8, name_alg=alg, policy=b'p' * policy,
                      label='alg %#x policy %d' % (alg, policy)):
                t.cmd('NV_ReadPublic', [I], label='alg %#x' % alg)
                undefine(t)
        for n in (1, 20, 21, 32, 33, 64, 65):
            if define(t, NV_ALL, 8, name_alg=alg, auth=b'a' * n, label='alg %#x auth %d' %
                      (alg, n)):
                undefine(t)
    define(t, NV_ALL, 8, auth=b'zeros\0\0')
    t.cmd('NV_Write', [I, I], [b2(b'x'), u16(0)], sess=[Password(b'zeros')], label='zeros')
    t.cmd('NV_Write', [I, I], [b2(b'x'), u16(0)], sess=[Password(b'zeros\0')], label='zeros')
    t.cmd('NV_Write', [I, I], [b2(b'x'), u16(0)], sess=[Password(b'zero')], label='zeros')


@scenario('nv')
def write_and_read(t):
    define(t, NV_ALL, 16)
    t.cmd('NV_Read', [I, I], [u16(0), u16(0)], label='unwritten')
    t.cmd('NV_Read', [I, I], [u16(16), u16(0)], label='unwritten')
    for n, offset in ((0, 0), (16, 0), (17, 0), (1, 15), (1, 16), (0, 16), (0, 17), (8, 8),
                      (8, 9), (1, 65535), (1024, 0), (1025, 0), (2000, 0)):
        t.cmd('NV_Write', [I, I], [b2(bytes([n & 255]) * n), u16(offset)],
              label='%d at %d' % (n, offset))
        t.cmd('NV_Read', [I, I], [u16(n), u16(offset)], label='%d at %d' % (n, offset))
        t.cmd('NV_ReadPublic', [I])
    for auth in (OWNER, PLATFORM, I, ENDORSEMENT, LOCKOUT, NULL, I + 1, 0x80000000):
        t.cmd('NV_Write', [auth, I], [b2(b'x'), u16(0)], label='%#x' % auth)
        t.cmd('NV_Read', [auth, I], [u16(1), u16(0)], label='%#x' % auth)
    t.cmd('NV_Read', [I, I], [u16(65535), u16(0)], label='much')
    for name in ('NV_Increment', 'NV_WriteLock', 'NV_ReadLock'):
        t.cmd(name, [I, I], label='ordinary')
    t.cmd('NV_Extend', [I, I], [b2(b'x')], label='ordinary')
    t.cmd('NV_SetBits', [I, I], [u64(1)], label='ordinary')
    undefine(t)
    define(t, NV_ALL, 2048, label='2048')
    t.cmd('NV_Write', [I, I], [b2(b'a' * 1024), u16(0)])
    t.cmd('NV_Write', [I, I], [b2(b'b' * 1024), u16(1024)])
    for n in (1024, 1025, 2048):
        t.cmd('NV_Read', [I, I], [u16(n), u16(0)], label=str(n))


@scenario('nv')
def other_types(t):
    for kind in (0, COUNTER, BITS, EXTEND):
        for alg, size in ((A.SHA256, 32), (A.SHA1, 20), (A.SHA512, 64)):
            n = size if kind == EXTEND else 8
            label = 'type %#x %#x' % (kind, alg)
            if not define(t, NV_ALL | kind, n, name_alg=alg, label=label):
                continue
            for round_ in range(2):
                for name, params in (('NV_Read', [u16(n), u16(0)]), ('NV_Increment', []),
                                     ('NV_SetBits', [u64(0)]), ('NV_SetBits', [u64(1 << 63 | 5)]),
                                     ('NV_Extend', [b2(b'')]), ('NV_Extend', [b2(b'data')]),
                                     ('NV_Extend', [b2(b'x' * 1024)]),
                                     ('NV_Extend', [b2(b'x' * 1025)]),
                                     ('NV_Write', [b2(b'x' * n), u16(0)])):
                    t.cmd(name, [I, I], params, label=label)
                    t.cmd('NV_Read', [OWNER, I], [u16(n), u16(0)], label=label)
                    t.cmd('NV_Read', [OWNER, I], [u16(2), u16(3)], label=label)
            undefine(t)
    # a counter starts above all that were
    define(t, NV_ALL | COUNTER, 8)
    for _ in range(5):
        t.cmd('NV_Increment', [I, I])
    undefine(t)
    define(t, NV_ALL | COUNTER, 8)
    t.cmd('NV_Increment', [I, I], label='again')
    t.cmd('NV_Read', [I, I], [u16(8), u16(0)], label='again')


@scenario('nv')
def locks(t):
    for extra in (0, WRITEDEFINE, WRITE_STCLEAR, WRITEDEFINE | WRITE_STCLEAR, READ_STCLEAR,
                  GLOBALLOCK, WRITEALL, GLOBALLOCK | WRITE_STCLEAR, WRITEDEFINE | READ_STCLEAR):
        label = '%#x' % extra
        if not define(t, NV_ALL | extra, 8, label=label):
            continue
        for round_ in range(2):
            for name, params in (('NV_Write', [b2(b'abc'), u16(0)]),
                                 ('NV_Write', [b2(b'12345678'), u16(0)]),
                                 ('NV_Read', [u16(8), u16(0)]), ('NV_WriteLock', []),
                                 ('NV_Write', [b2(b'87654321'), u16(0)]), ('NV_WriteLock', []),
                                 ('NV_Read', [u16(8), u16(0)]), ('NV_ReadLock', []),
                                 ('NV_Read', [u16(8), u16(0)]), ('NV_ReadLock', [])):
                t.cmd(name, [I, I], params, label=label)
            for auth in (OWNER, PLATFORM):
                t.cmd('NV_WriteLock', [auth, I], label=label)
                t.cmd('NV_ReadLock', [auth, I], label=label)
            t.cmd('NV_ReadPublic', [I], label=label)
            t.power_cycle(round_, round_)
            t.cmd('NV_ReadPublic', [I], label='after reset ' + label)
        undefine(t)
    define(t, NV_ALL | GLOBALLOCK, 8)
    define(t, NV_ALL, 8, index=I + 1)
    for auth in (OWNER, PLATFORM, LOCKOUT, ENDORSEMENT, NULL):
        t.cmd('NV_GlobalWriteLock', [auth], label='%#x' % auth)
        for i in (I, I + 1):
            t.cmd('NV_ReadPublic', [i], label='global')
            t.cmd('NV_Write', [i, i], [b2(b'x' * 8), u16(0)], label='global')
    t.power_cycle(0, 0)
    t.cmd('NV_Write', [I, I], [b2(b'x' * 8), u16(0)], label='after reset')


@scenario('nv')
def roles(t):
    """Who may read and write, by each combination of attributes."""
    for writers in (PPWRITE, OWNERWRITE, AUTHWRITE, POLICYWRITE):
        for readers in (PPREAD, OWNERREAD, AUTHREAD, POLICYREAD):
            attrs = writers | readers | NV_NO_DA
            label = '%#x' % attrs
            if not define(t, attrs, 4, auth=b'nv', label=label):
                continue
            for auth in (PLATFORM, OWNER, I):
                t.cmd('NV_Write', [auth, I], [b2(b'data'), u16(0)], label=label)
                t.cmd('NV_Read', [auth, I], [u16(4), u16(0)], label=label)
                t.cmd('NV_Certify', [NULL, auth, I], [b2(b''), u16(A.NULL), u16(4), u16(0)],
                      label=label)
            t.cmd('NV_Read', [I, I], [u16(4), u16(0)], sess=[Password(b'bad')], label=label)
            undefine(t)


@scenario('nv')
def pins(t):
    for kind, pre in ((PINFAIL, 'fail'), (PINPASS, 'pass')):
        for base in (OWNERWRITE | AUTHREAD | OWNERREAD,
                     OWNERWRITE | AUTHREAD | OWNERREAD | NV_NO_DA, NV_ALL | kind,
                     PPWRITE | AUTHREAD | OWNERREAD | NV_NO_DA):
            label = 'pin%s %#x' % (pre, base)
            if not define(t, base | kind, 8, auth=b'pin', label=label):
                continue
            s = t.session(1)
            t.cmd('StartAuthSession', [NULL, I], [b2(b'n' * 16), b2(b''), u8(0), u16(A.NULL),
                                                  u16(A.SHA256)], label='bind ' + label)
            secret = [b2(b''), b2(b''), b2(b''), u32(0)]
            t.cmd('PolicySecret', [I, s.handle], secret, label='unwritten ' + label)
            for count, limit in ((0, 3), (0, 0), (3, 3), (4, 3), (1, 2)):
                auth = PLATFORM if base & PPWRITE else OWNER
                t.cmd('NV_Write', [auth, I], [b2(u32(count) + u32(limit)), u16(0)], label=label)
                t.cmd('NV_Write', [auth, I], [b2(u32(count)), u16(0)], label='half ' + label)
                for password in (b'pin', b'bad', b'bad', b'pin', b'bad', b'bad', b'bad', b'pin'):
                    t.cmd('PolicySecret', [I, s.handle], secret, sess=[Password(password)],
                          label='%s %s %d/%d' % (label, password.decode(), count, limit))
                    t.cmd('NV_Read', [OWNER, I], [u16(8), u16(0)], label=label)
                t.cmd('NV_Read', [I, I], [u16(8), u16(0)], label='itself ' + label)
                t.cmd('NV_Read', [OWNER, I], [u16(8), u16(0)], label=label)
                t.cmd('DictionaryAttackLockReset', [LOCKOUT])
            t.cmd('NV_Increment', [OWNER, I], label=label)
            t.flush(s)
            undefine(t)


@scenario('nv')
def special(t):
    policy = t.trial(lambda s: t.cmd('PolicyCommandCode', [s.handle], [u32(0x11f)]))
    attrs = PLATFORMCREATE | POLICY_DELETE | PPREAD | PPWRITE | AUTHREAD | AUTHWRITE | NV_NO_DA
    define(t, attrs, 8, auth=b'nv', hierarchy=OWNER, policy=policy, label='owner')
    define(t, attrs, 8, auth=b'nv', hierarchy=PLATFORM, policy=policy)
    undefine(t, hierarchy=PLATFORM, label='policy delete')
    undefine(t, hierarchy=OWNER, label='policy delete')
    t.cmd('NV_UndefineSpaceSpecial', [I, PLATFORM], label='password')
    s = t.session(1)
    t.cmd('NV_UndefineSpaceSpecial', [I, PLATFORM], sess=[s, Password()], label='no policy')
    t.cmd('PolicyCommandCode', [s.handle], [u32(0x11f)])
    t.cmd('NV_UndefineSpaceSpecial', [I, OWNER], sess=[s, Password()], label='owner')
    t.cmd('NV_UndefineSpaceSpecial', [I, PLATFORM], sess=[s, Password(b'bad')], label='bad')
    t.cmd('NV_UndefineSpaceSpecial', [I, PLATFORM], sess=[s, Password()])
    t.cmd('NV_ReadPublic', [I], label='gone')
    define(t, NV_ALL, 8)
    t.cmd('NV_UndefineSpaceSpecial', [I, PLATFORM], label='no such attribute')
    t.cmd('NV_ChangeAuth', [I], [b2(b'x')], label='password')
    undefine(t)
    policy = t.trial(lambda s: t.cmd('PolicyCommandCode', [s.handle], [u32(0x13b)]),
                     lambda s: t.cmd('PolicyAuthValue', [s.handle]))
    define(t, NV_ALL, 8, auth=b'nv', policy=policy)
    for value in (b'new', b'newer\0', b'x' * 32, b'x' * 33, b'x' * 64):
        t.cmd('PolicyRestart', [s.handle])
        t.cmd('PolicyCommandCode', [s.handle], [u32(0x13b)])
        t.cmd('PolicyAuthValue', [s.handle])
        s.auth_value = True
        if t.cmd('NV_ChangeAuth', [I], [b2(value)], sess=[s], label=str(len(value))).rc == 0:
            t.auth[I] = value
        s.auth_value = False
        t.cmd('NV_Write', [I, I], [b2(b'x'), u16(0)], label='new auth')


@scenario('nv')
def certify(t):
    parent = primary(t)
    keys = [make(t, parent, ecc(KEY | SIGN | 0x10000, sch=scheme(A.ECDSA, A.SHA256)))]
    define(t, NV_ALL, 64, auth=b'nv')
    t.cmd('NV_Certify', [keys[0], I, I], [b2(b'q'), u16(A.NULL), u16(8), u16(0)],
          label='unwritten')
    t.cmd('NV_Write', [I, I], [b2(b'x' * 64), u16(0)])
    for size, offset in ((0, 0), (8, 0), (64, 0), (65, 0), (1, 64), (0, 1), (8, 8), (1024, 0),
                         (1025, 0), (0, 64)):
        for key in keys + [NULL]:
            t.cmd('NV_Certify', [key, I, I], [b2(b'q'), u16(A.NULL), u16(size), u16(offset)],
                  label='%d at %d' % (size, offset))
    for auth in (OWNER, PLATFORM, I, ENDORSEMENT):
        t.cmd('NV_Certify', [keys[0], auth, I], [b2(b'q'), u16(A.NULL), u16(8), u16(0)],
              label='%#x' % auth)
    t.cmd('NV_Certify', [parent, I, I], [b2(b'q'), u16(A.NULL), u16(8), u16(0)], label='parent')
    for sch in (scheme(A.ECDSA, A.SHA256), scheme(A.ECDSA, A.SHA1), scheme(A.RSASSA, A.SHA256)):
        t.cmd('NV_Certify', [keys[0], I, I], [b2(b'q'), sch, u16(8), u16(0)], label=sch.hex())
        t.cmd('NV_Certify', [NULL, I, I], [b2(b'q'), sch, u16(8), u16(0)],
              label='null ' + sch.hex())


@scenario('nv')
def ordinary_use_by_sessions(t):
    define(t, NV_ALL, 32, auth=b'nvauth')
    for alg in (A.SHA1, A.SHA256, A.SHA512):
        for sym in (None, (A.AES, 128), (A.AES, 256), (A.XOR, alg)):
            for bind in (NULL, OWNER, I):
                label = '%#x %s %#x' % (alg, sym, bind)
                s = t.session(alg=alg, sym=sym, bind=bind, label=label)
                s.attrs = 0x21 if sym else 1
                t.cmd('NV_Write', [I, I], [b2(b'encrypted'), u16(3)], sess=[s], label=label)
                if bind == I:
                    s.bound = None      # the name has changed, or may have
                s.attrs = 0x41 if sym else 1
                t.cmd('NV_Read', [I, I], [u16(9), u16(3)], sess=[s], label=label)
                t.cmd('NV_Read', [OWNER, I], [u16(9), u16(3)], sess=[s], label=label)
                t.flush(s)


@scenario('nv')
def clear_stclear(t):
    define(t, NV_ALL | CLEAR_STCLEAR, 8)
    define(t, NV_ALL | CLEAR_STCLEAR | ORDERLY, 8, index=I + 1)
    define(t, NV_ALL | ORDERLY, 8, index=I + 2)
    define(t, NV_ALL | ORDERLY | COUNTER, 8, index=I + 3)
    for shutdown, startup in ((1, 1), (1, 0), (0, 0), (None, 0)):
        for i in range(3):
            t.cmd('NV_Write', [I + i, I + i], [b2(b'12345678'), u16(0)])
        t.cmd('NV_Increment', [I + 3, I + 3])
        t.power_cycle(shutdown, startup)
        for i in range(4):
            label = '%d %s/%d' % (i, shutdown, startup)
            t.cmd('NV_ReadPublic', [I + i], label=label)
            t.cmd('NV_Read', [I + i, I + i], [u16(8), u16(0)], label=label)


@scenario('nv')
def hierarchies_off(t):
    define(t, NV_ALL, 8)
    define(t, PPREAD | PPWRITE | PLATFORMCREATE | NV_NO_DA, 8, index=I + 1, hierarchy=PLATFORM)
    for which in (OWNER, 0x4000000d):
        t.cmd('HierarchyControl', [PLATFORM], [u32(which), u8(0)], label='%#x' % which)
        for i in (I, I + 1):
            t.cmd('NV_ReadPublic', [i], label='%#x off' % which)
            t.cmd('NV_Write', [PLATFORM, i], [b2(b'x'), u16(0)], label='%#x off' % which)
            t.cmd('NV_Write', [i, i], [b2(b'x'), u16(0)], label='%#x off' % which)
        t.cmd('GetCapability', [], [u32(1), u32(0x1000000), u32(10)], label='%#x off' % which)
        define(t, NV_ALL, 8, index=I + 2, label='%#x off' % which)
        undefine(t, I + 2)
        t.cmd('HierarchyControl', [PLATFORM], [u32(which), u8(1)], label='%#x' % which)


@scenario('nv')
def written_state_bits(t):
    for attrs in (WRITTEN, WRITELOCKED, READLOCKED, WRITEALL | WRITTEN):
        define(t, NV_ALL | attrs, 8, label='%#x' % attrs)
