# SPDX-License-Identifier: GPL-2.0
"""Startup and shutdown, capabilities, PCRs, hashes, random numbers, clock."""
from client import ENDORSEMENT, LOCKOUT, NULL, OWNER, PLATFORM, Password
from commands import TABLE
from scenario import scenario
from templates import (BITS, COUNTER, CLEAR_STCLEAR, NV_ALL, ORDERLY, WRITE_STCLEAR,
                       READ_STCLEAR, keyedhash, load, make, nv_public, pcrs, primary,
                       scheme, sensitive, USER,
                       NO_DA, FIXED, SIGN, SENSITIVE_ORIGIN)
from wire import A, b2, u16, u32, u64, u8

BANKS = (A.SHA1, A.SHA256, A.SHA384, A.SHA512)


def read_all_pcrs(t, label=''):
    for alg in BANKS:
        for first in (0, 8, 16):
            t.cmd('PCR_Read', [], [pcrs((alg, range(first, first + 8)))], label=label)


def properties(t, label=''):
    t.cmd('GetCapability', [], [u32(6), u32(0x200), u32(64)], label='PT_VAR ' + label)


@scenario('life', started=False)
def before_startup(t):
    for c in TABLE:
        if c.name in ('Startup', 'GetCapability'):
            continue
        t.cmd(c.name, [], b'', sess=[], label='before Startup')
    t.cmd('GetCapability', [], [u32(6), u32(0x100), u32(1)], label='before Startup')
    t.startup(1, 'STATE first')
    t.cmd('Startup', [], [u16(2)], label='bad type')
    t.cmd('Startup', [], b'', label='no type')
    t.cmd('Startup', [], [u16(0), b'\0'], label='trailing')
    t.cmd('Startup', [], [u16(0)], sess=[Password()], label='session')
    t.startup()
    t.startup(label='again')
    t.startup(1, 'again')


@scenario('life')
def cycles(t):
    index = 0x1000010
    t.cmd('NV_DefineSpace', [OWNER], [b2(b''), nv_public(index, NV_ALL | ORDERLY | COUNTER, 8)])
    t.cmd('NV_DefineSpace', [OWNER], [b2(b''), nv_public(
        index + 1, NV_ALL | CLEAR_STCLEAR | WRITE_STCLEAR | READ_STCLEAR, 4)])
    t.cmd('NV_DefineSpace', [OWNER], [b2(b''), nv_public(index + 2, NV_ALL | ORDERLY | BITS, 8)])
    for shutdown, startup, locality in (
            (1, 1, 0), (1, 0, 0), (0, 0, 0), (None, 0, 0), (None, 1, 0), (0, 1, 0), (1, 1, 3),
            (1, 0, 3), (1, 1, 0), (0, 0, 3), (None, 0, 4), (0, 0, 4), (1, 1, 1), (1, 1, 0)):
        label = '%s/%d at %d' % (shutdown, startup, locality)
        for i in (0, 5, 16, 17, 20, 23):
            t.cmd('PCR_Extend', [i], [u32(1), u16(A.SHA256), bytes([i]) * 32], label=label)
        t.cmd('NV_Increment', [index, index], label=label)
        t.cmd('NV_Write', [index + 1, index + 1], [b2(b'abcd'), u16(0)], label=label)
        t.cmd('NV_SetBits', [OWNER, index + 2], [u64(1 << locality)], label=label)
        t.cmd('NV_WriteLock', [index + 1, index + 1], label=label)
        t.cmd('NV_ReadLock', [index + 1, index + 1], label=label)
        t.cmd('HierarchyChangeAuth', [PLATFORM], [b2(b'p')], label=label)
        t.auth[PLATFORM] = b'p'
        t.cmd('HierarchyControl', [PLATFORM], [u32(ENDORSEMENT), u8(0)], label=label)
        t.cmd('SetPrimaryPolicy', [PLATFORM], [b2(b'q' * 32), u16(A.SHA256)], label=label)
        r = t.power_cycle(shutdown, startup, locality)
        if r.rc:
            t.startup(label='after a failure')
            t.auth.pop(PLATFORM, None)
        if startup == 1 and not r.rc:
            t.auth[PLATFORM] = b'p'
        properties(t, label)
        t.cmd('ReadClock', label=label)
        for what in (0, 1, 2):
            t.cmd('NV_ReadPublic', [index + what], label=label)
            t.cmd('NV_Read', [OWNER, index + what], [u16(4), u16(0)], label=label)
        t.cmd('GetCapability', [], [u32(9), u32(OWNER), u32(8)], label=label)
        read_all_pcrs(t, label)
        t.cmd('HierarchyControl', [PLATFORM], [u32(ENDORSEMENT), u8(1)], label=label)


@scenario('life')
def shutdown_undone(t):
    """A change after Shutdown makes the next Startup a disorderly one."""
    index = 0x1000011
    t.cmd('NV_DefineSpace', [OWNER], [b2(b''), nv_public(index, NV_ALL, 4)])
    for name, handles, params in (
            ('GetRandom', [], [u16(4)]), ('PCR_Read', [], [pcrs((A.SHA256, (0,)))]),
            ('PCR_Extend', [1], [u32(1), u16(A.SHA256), bytes(32)]),
            ('NV_Write', [index, index], [b2(b'abcd'), u16(0)]),
            ('NV_Read', [index, index], [u16(4), u16(0)]), ('SelfTest', [], [u8(1)]),
            ('ReadClock', [], []), ('StirRandom', [], [b2(b'x')]),
            ('HierarchyChangeAuth', [OWNER], [b2(b'')]),
            ('ClockSet', [OWNER], [u64(0)]), ('PCR_Reset', [16], []),
            ('Shutdown', [], [u16(0)]), ('PCR_Event', [NULL], [b2(b'')]),
            ('PCR_Extend', [1], [u32(0)])):
        t.cmd('Shutdown', [], [u16(1)], label='then ' + name)
        t.cmd(name, handles, params, label='after Shutdown')
        r = t.power_cycle(None, 1)
        if r.rc:
            t.startup(label='after a failure')
        properties(t, name)
        t.cmd('ReadClock', label=name)


@scenario('life')
def self_test(t):
    t.cmd('SelfTest', [], [u8(1)])
    t.cmd('SelfTest', [], [u8(0)])
    t.cmd('SelfTest', [], [u8(2)], label='bad')
    t.cmd('GetTestResult')
    for algs in ((), (A.SHA256,), (A.RSA, A.ECC, A.AES), (0x7777,), (A.SHA256, 0x7777), (A.NULL,)):
        t.cmd('IncrementalSelfTest', [], [u32(len(algs))] + [u16(a) for a in algs],
              label=str(algs))
    t.cmd('IncrementalSelfTest', [], [u32(65)] + [u16(A.SHA256)] * 65, label='65')
    t.cmd('GetTestResult')


@scenario('life')
def random_and_clock(t):
    for n in (0, 1, 16, 32, 48, 64, 65, 128, 65535):
        t.cmd('GetRandom', [], [u16(n)], label=str(n))
    for n in (0, 1, 64, 128, 129, 1024):
        t.cmd('StirRandom', [], [b2(bytes(n))], label=str(n))
    t.cmd('ReadClock')
    for auth in (OWNER, PLATFORM, ENDORSEMENT, LOCKOUT, NULL):
        for value in ((auth & 15) * 10 ** 7, 1, 0xffff000000000000, 0xffff000000000001,
                      2 ** 64 - 1):
            if auth == PLATFORM or value < 0xffff000000000000:
                t.cmd('ClockSet', [auth], [u64(value)], label='%#x %#x' % (auth, value))
        for rate in (0, 1, 2, 3, 4, 0x7f, 0x80, 0xfc, 0xfd, 0xfe, 0xff):
            t.cmd('ClockRateAdjust', [auth], [u8(rate)], label='%#x %d' % (auth, rate))
    t.cmd('ReadClock')


CAPABILITIES = {
    0: (0, 1, 5, 0x44, 0x45, 0xffff, 0x10000), 2: (0, 0x11f, 0x150, 0x197, 0x198, 0x200),
    3: (0, 0x11f, 0x131, 0x200), 4: (0, 0x11f, 0x150, 0x200), 5: (0, 1),
    7: (0, 1, 4, 0x11, 0x14, 0x15), 8: (0, 1, 3, 4, 6, 0x10, 0x20),
    9: (0, OWNER, PLATFORM, LOCKOUT, 0x40000000, 0x41000000),
    10: (0, 0x40000110, 0x40000120, OWNER),
    1: (0, 1, 23, 24, 0x01000000, 0x02000000, 0x02000001, 0x03000000, OWNER, 0x40000000,
        NULL, 0x4000000d, 0x80000000, 0x81000000, 0x90000000, 0xff000000),
}


@scenario('capability')
def all_of_them(t):
    parent = primary(t)
    t.cmd('EvictControl', [OWNER, parent], [u32(0x81000005)])
    t.cmd('NV_DefineSpace', [OWNER], [b2(b''), nv_public(0x1000001, NV_ALL, 8)])
    t.cmd('NV_DefineSpace', [OWNER], [b2(b''), nv_public(0x1000007, NV_ALL | COUNTER, 8)])
    t.session()
    t.session(1)
    saved = t.session(1)
    t.cmd('ContextSave', [saved.handle])
    for cap in list(range(0, 12)) + [0x100, 0x101, 0xffffffff]:
        for prop in CAPABILITIES.get(cap, (0,)):
            for count in (0, 1, 2, 1000):
                t.cmd('GetCapability', [], [u32(cap), u32(prop), u32(count)],
                      label='cap %#x from %#x' % (cap, prop) + (' %d' % count if count < 3 else
                                                                ''))


@scenario('capability')
def properties_of_it(t):
    for first in (0, 0xff, 0x100, 0x101, 0x12f, 0x130, 0x1ff, 0x200, 0x20a, 0x214, 0x215, 0x300):
        for count in (1, 1000):
            t.cmd('GetCapability', [], [u32(6), u32(first), u32(count)],
                  label='properties from %#x' % first)


@scenario('capability')
def test_parms(t):
    rsa = [u16(A.RSA) + s + sch + u16(bits) + u32(e)
           for s in (u16(A.NULL), u16(A.AES) + u16(128) + u16(A.CFB))
           for sch in (u16(A.NULL), scheme(A.RSASSA, A.SHA256), scheme(A.OAEP, A.SHA1),
                       u16(A.RSAES), scheme(A.ECDSA, A.SHA256))
           for bits, e in ((2048, 0), (1024, 0), (3072, 0), (2048, 3), (512, 0), (2048, 65537))]
    ecc = [u16(A.ECC) + u16(A.NULL) + sch + u16(curve) + kdf
           for sch in (u16(A.NULL), scheme(A.ECDSA, A.SHA256), scheme(A.ECDH, A.SHA256),
                       scheme(A.ECDAA, A.SHA256, u16(0)), scheme(A.ECSCHNORR, A.SHA256),
                       scheme(A.SM2, A.SHA256), scheme(A.ECMQV, A.SHA256), u16(A.RSAPSS))
           for curve in (3, 4, 5, 1, 2, 0x10, 0x11, 0x20, 0)
           for kdf in (u16(A.NULL),)]
    ecc += [u16(A.ECC) + u16(A.NULL) + u16(A.NULL) + u16(3) + scheme(k, A.SHA256)
            for k in (A.MGF1, A.KDF1_SP800_56A, A.KDF2, A.KDF1_SP800_108)]
    others = [u16(A.SYMCIPHER) + u16(alg) + u16(bits) + u16(mode)
              for alg in (A.AES, A.CAMELLIA, A.SM4, A.TDES, A.XOR, A.NULL)
              for bits in (128, 192, 256, 64)
              for mode in (A.CFB, A.CTR, A.OFB, A.CBC, A.ECB, A.CMAC, A.NULL)]
    others += [u16(A.KEYEDHASH) + s for s in (
        u16(A.NULL), scheme(A.HMAC, A.SHA256), scheme(A.HMAC, A.SHA1), scheme(A.HMAC, A.NULL),
        scheme(A.XOR, A.SHA256, u16(A.KDF1_SP800_108)), scheme(A.XOR, A.SHA256, u16(A.NULL)),
        scheme(A.XOR, A.SHA256, u16(A.MGF1)), scheme(A.RSASSA, A.SHA256))]
    for parms in rsa + ecc + others + [u16(A.NULL), u16(0x77), b'', u16(A.RSA)]:
        t.cmd('TestParms', [], parms, label=parms.hex())


@scenario('pcr')
def extend_event_reset(t):
    read_all_pcrs(t, 'fresh')
    sizes = {A.SHA1: 20, A.SHA256: 32, A.SHA384: 48, A.SHA512: 64}
    for locality in range(5):
        with t.at_locality(locality):
            for i in list(range(25)) + [NULL, OWNER, 0xffffffff]:
                label = 'pcr %#x at %d' % (i, locality)
                alg = t.rng.choice(BANKS)
                t.cmd('PCR_Extend', [i], [u32(1), u16(alg), b'\x5a' * sizes[alg]], label=label)
                t.cmd('PCR_Event', [i], [b2(b'event')], label=label)
                t.cmd('PCR_Reset', [i], label=label)
                t.cmd('PCR_Extend', [i], [u32(1), u16(alg), b'\xa5' * sizes[alg]], label=label)
        read_all_pcrs(t, 'after locality %d' % locality)
    every = b''.join(u16(a) + bytes([a]) * n for a, n in sizes.items())
    t.cmd('PCR_Extend', [3], [u32(4), every], label='four')
    t.cmd('PCR_Extend', [3], [u32(0)], label='none')
    t.cmd('PCR_Extend', [3], [u32(5), every, u16(A.SHA1), bytes(20)], label='five')
    t.cmd('PCR_Extend', [3], [u32(2), u16(A.SHA1), bytes(20), u16(A.SHA1), bytes(20)],
          label='same twice')
    t.cmd('PCR_Extend', [3], [u32(1), u16(A.NULL)], label='null')
    t.cmd('PCR_Extend', [3], [u32(1), u16(A.SM3), bytes(32)], label='sm3')
    for n in (0, 1, 1023, 1024, 1025, 2000):
        t.cmd('PCR_Event', [4], [b2(bytes(n))], label='%d bytes' % n)
    read_all_pcrs(t, 'end')


@scenario('pcr')
def read(t):
    for n in range(6):
        t.cmd('PCR_Read', [], [pcrs(*[(BANKS[i % 4], range(24)) for i in range(n)])],
              label='%d banks' % n)
    for raw in (b'\x03\x00\x00\x00', b'\x03\xff\xff\xff', b'\x02\xff\xff', b'\x04\xff\xff\xff\x00',
                b'\x04\xff\xff\xff\xff', b'\x00', b'\x01\x01', b'\x05' + bytes(5)):
        t.cmd('PCR_Read', [], [u32(1), u16(A.SHA256), raw], label=raw.hex())
    t.cmd('PCR_Read', [], [pcrs((A.SHA1, (0, 23)), (A.SHA256, (1, 22)), (A.SHA1, (2,)))],
          label='mixed')
    for alg in (A.NULL, A.SM3, 0x27, A.RSA):
        t.cmd('PCR_Read', [], [u32(1), u16(alg), b'\x03\x01\x00\x00'], label='alg %#x' % alg)
    t.cmd('PCR_Read', [], [u32(17)] + [u16(A.SHA256) + b'\x03\0\0\0'] * 17, label='17')


@scenario('pcr')
def allocate(t):
    def show(label):
        t.cmd('GetCapability', [], [u32(5), u32(0), u32(100)], label=label)
        read_all_pcrs(t, label)
    for banks in ([(A.SHA256, range(24))], [(A.SHA1, ())], [(A.SHA1, range(24))],
                  [(a, range(24)) for a in BANKS], [(A.SHA256, (0, 1))], [(A.SM3, range(24))],
                  [(A.SHA256, ()), (A.SHA256, range(24))], [(a, ()) for a in BANKS],
                  [(A.SHA256, range(24)), (A.SHA1, ()), (A.SHA384, ()), (A.SHA512, ())]):
        label = str([(a, len(list(p))) for a, p in banks])
        t.cmd('PCR_Allocate', [PLATFORM], [pcrs(*banks)], label=label)
        t.cmd('PCR_Allocate', [OWNER], [pcrs(*banks)], label='owner')
        show('before reset')
        t.cmd('Shutdown', [], [u16(1)], label='after allocate')
        t.power_cycle(None, 0)
        show('after reset ' + label)
        t.cmd('PCR_Extend', [1], [u32(1), u16(A.SHA256), bytes(32)], label='after ' + label)
        t.cmd('PCR_Event', [1], [b2(b'x')], label='after ' + label)


@scenario('pcr')
def authorizations(t):
    for i in (0, 16, 20, 21, 22, 23, 24, NULL):
        t.cmd('PCR_SetAuthValue', [i], [b2(b'auth')], label='pcr %#x' % i)
        t.cmd('PCR_SetAuthPolicy', [PLATFORM], [b2(b'p' * 32), u16(A.SHA256), u32(i)],
              label='pcr %#x' % i)
        t.cmd('PCR_Extend', [i], [u32(1), u16(A.SHA256), bytes(32)], sess=[Password(b'auth')],
              label='pcr %#x' % i)
        t.cmd('PCR_Extend', [i], [u32(1), u16(A.SHA256), bytes(32)], label='pcr %#x' % i)
    t.cmd('PCR_SetAuthPolicy', [OWNER], [b2(b''), u16(A.NULL), u32(20)], label='owner')
    t.cmd('PCR_SetAuthPolicy', [PLATFORM], [b2(b''), u16(A.NULL), u32(20)], label='none')
    t.cmd('PCR_SetAuthPolicy', [PLATFORM], [b2(b'x'), u16(A.SHA256), u32(20)], label='size')


@scenario('hash')
def hashes(t):
    for alg in BANKS + (A.SM3, A.NULL, A.RSA, 0x27):
        for hierarchy in (OWNER, ENDORSEMENT, PLATFORM, NULL, LOCKOUT, 0):
            for data in (b'', b'abc', b'\xff\x54\x43\x47', b'\xff\x54\x43\x47more', b'x' * 1024,
                         b'x' * 1025):
                t.cmd('Hash', [], [b2(data), u16(alg), u32(hierarchy)],
                      label='%#x %#x %d' % (alg, hierarchy, len(data)))


@scenario('hash')
def sequences(t):
    for alg in BANKS + (A.NULL, A.SM3, A.RSA):
        for chunks in ((b'', b''), (b'abc', b''), (b'', b'abc'), (b'\xff\x54\x43\x47', b'abc'),
                       (b'\xff\x54', b'\x43\x47abc'), (b'x' * 1024, b'y' * 1024)):
            label = '%#x %s' % (alg, [len(c) for c in chunks])
            r = t.cmd('HashSequenceStart', [], [b2(b'seq'), u16(alg)], label=label)
            if r.rc:
                continue
            t.auth[r.handle] = b'seq'
            t.cmd('ReadPublic', [r.handle], label='sequence')
            t.cmd('SequenceUpdate', [r.handle], [b2(chunks[0])], sess=[Password(b'no')],
                  label='bad auth')
            t.cmd('SequenceUpdate', [r.handle], [b2(chunks[0])], label=label)
            if alg == A.NULL:
                t.cmd('SequenceComplete', [r.handle], [b2(chunks[1]), u32(NULL)], label='event')
                t.cmd('EventSequenceComplete', [5, r.handle], [b2(chunks[1])], label=label)
                t.cmd('EventSequenceComplete', [5, r.handle], [b2(chunks[1])], label='gone')
            else:
                t.cmd('EventSequenceComplete', [5, r.handle], [b2(chunks[1])], label='no event')
                hierarchy = t.rng.choice((OWNER, NULL, PLATFORM, ENDORSEMENT))
                t.cmd('SequenceComplete', [r.handle], [b2(chunks[1]), u32(hierarchy)],
                      label=label)
            t.flush(r.handle)
    r = t.cmd('HashSequenceStart', [], [b2(b''), u16(A.NULL)], label='to no pcr')
    t.cmd('EventSequenceComplete', [NULL, r.handle], [b2(b'abc')], label='no pcr')
    r = t.cmd('HashSequenceStart', [], [b2(b''), u16(A.NULL)], label='to a pcr')
    t.cmd('EventSequenceComplete', [17, r.handle], [b2(b'abc')], label='locality')
    t.flush(r.handle)
    t.cmd('HashSequenceStart', [], [b2(b'x' * 65), u16(A.SHA256)], label='long auth')
    t.cmd('HashSequenceStart', [], [b2(b'x' * 64), u16(A.SHA1)], label='auth of 64')


@scenario('hash')
def hmacs(t):
    parent = primary(t)
    attrs = FIXED | USER | NO_DA | SIGN | SENSITIVE_ORIGIN
    for sch in (scheme(A.HMAC, A.SHA256), scheme(A.HMAC, A.SHA1)):
        key = make(t, parent, keyedhash(attrs, sch), b'k')
        for alg in BANKS + (A.NULL, A.RSA):
            label = '%s with %#x' % (sch.hex(), alg)
            t.cmd('HMAC', [key], [b2(b'data'), u16(alg)], label=label)
            r = t.cmd('HMAC_Start', [key], [b2(b''), u16(alg)], label=label)
            if r.rc == 0:
                t.cmd('SequenceUpdate', [r.handle], [b2(b'\xff\x54\x43\x47')], label=label)
                t.cmd('SequenceComplete', [r.handle], [b2(b'data'), u32(OWNER)], label=label)
        t.flush(key)
    for wrong in (keyedhash(attrs & ~(SIGN | SENSITIVE_ORIGIN)),
                  keyedhash(attrs | 0x10000, scheme(A.HMAC, A.SHA256)),
                  keyedhash(attrs & ~SIGN | 0x20000,
                            scheme(A.XOR, A.SHA256, u16(A.KDF1_SP800_108)))):
        data = b'sealed' if not wrong[7] & 0x20 else b''
        r = t.cmd('Create', [parent], [sensitive(b'', data), b2(wrong), b2(b''), u32(0)],
                  label=wrong.hex())
        if r.rc:
            continue
        key = load(t, parent, [r['outPrivate'], r['outPublic']])
        t.cmd('HMAC', [key], [b2(b'data'), u16(A.SHA256)], label=wrong.hex()[:20])
        r = t.cmd('HMAC_Start', [key], [b2(b''), u16(A.SHA256)], label=wrong.hex()[:20])
        if r.rc == 0:
            t.cmd('SequenceComplete', [r.handle], [b2(b'data'), u32(NULL)], label='restricted')
        t.flush(key)
    t.cmd('HMAC', [parent], [b2(b'data'), u16(A.SHA256)], label='parent')
    t.cmd('HMAC', [OWNER], [b2(b'data'), u16(A.SHA256)], label='owner')
