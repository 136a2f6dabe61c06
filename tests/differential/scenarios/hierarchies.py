# SPDX-License-Identifier: GPL-2.0
"""Hierarchies, dictionary attacks, audit."""
import time

from client import (AUDIT, CONTINUE, ENDORSEMENT, EXCLUSIVE, LOCKOUT, NULL, OWNER, PLATFORM,
                    Password)
from scenario import scenario
from templates import (FIXED, KEY, NV_ALL, NV_NO_DA, RESTRICTED, SIGN, USER, ecc, keyedhash, make,
                       nv_public, primary, scheme, seal)
from wire import A, b2, u16, u32, u8
from .basic import properties

EVERY = (OWNER, ENDORSEMENT, PLATFORM, LOCKOUT, NULL, 0x40000000, 0x4000000d, 0)


@scenario('hierarchy')
def control(t):
    parents = {h: primary(t, hierarchy=h) for h in (OWNER, ENDORSEMENT)}
    for auth in EVERY:
        for target in (OWNER, ENDORSEMENT, 0x4000000d, NULL, LOCKOUT):
            for state in (0, 1, 2):
                label = '%#x %#x %d' % (auth, target, state)
                t.cmd('HierarchyControl', [auth], [u32(target), u8(state)], label=label)
                if state == 0:
                    for h, key in parents.items():
                        t.cmd('ReadPublic', [key], label='%#x after %s' % (h, label))
                    r = t.cmd('CreatePrimary', [target], [
                        b2(b2(b'') + b2(b'')), b2(ecc(KEY | SIGN)), b2(b''), u32(0)], label=label)
                    t.flush(r.handle or 0)
                    properties(t, label)
    t.names.clear()
    t.cmd('HierarchyControl', [PLATFORM], [u32(PLATFORM), u8(1)], label='enable platform')
    t.cmd('HierarchyControl', [PLATFORM], [u32(PLATFORM), u8(0)], label='disable platform')
    t.cmd('HierarchyControl', [PLATFORM], [u32(OWNER), u8(1)], label='platform is off')
    t.cmd('Clear', [PLATFORM], label='platform is off')
    properties(t, 'platform is off')
    t.power_cycle(1, 1)
    properties(t, 'resumed')
    t.power_cycle(0, 0)
    properties(t, 'reset')


@scenario('hierarchy')
def change_auth(t):
    for h in EVERY:
        for value in (b'', b'one', b'two\0\0', b'\0', b'x' * 32, b'x' * 48, b'x' * 64, b'x' * 65,
                      b''):
            label = '%#x %d' % (h, len(value))
            r = t.cmd('HierarchyChangeAuth', [h], [b2(value)], label=label)
            if r.rc == 0:
                t.auth[h] = value
                t.cmd('SetPrimaryPolicy', [h], [b2(b''), u16(A.NULL)], label=label)
                properties(t, label)
    t.cmd('HierarchyChangeAuth', [OWNER], [b2(b'secret')])
    t.cmd('HierarchyChangeAuth', [OWNER], [b2(b'x')], sess=[Password(b'bad')], label='bad')
    t.cmd('HierarchyChangeAuth', [OWNER], [b2(b'x')], sess=[Password(b'secret\0\0')],
          label='zeros')
    s = t.session(bind=PLATFORM)
    t.auth[OWNER] = b'x'
    for value in (b'bound', b'bound2\0', b''):
        t.cmd('HierarchyChangeAuth', [PLATFORM], [b2(value)], sess=[s], label='bound')
        t.auth[PLATFORM] = value
        t.cmd('ClockRateAdjust', [PLATFORM], [u8(0)], sess=[s], label='bound after')
    t.cmd('ClockRateAdjust', [OWNER], [u8(0)], sess=[s], label='bound to another')


@scenario('hierarchy')
def policies(t):
    for h in EVERY:
        for alg, n in ((A.NULL, 0), (A.SHA256, 32), (A.SHA1, 20), (A.SHA512, 64), (A.SHA256, 0),
                       (A.SHA256, 31), (A.NULL, 32), (A.SM3, 32), (A.RSA, 32), (A.SHA512, 65)):
            t.cmd('SetPrimaryPolicy', [h], [b2(b'p' * n), u16(alg)],
                  label='%#x %#x %d' % (h, alg, n))
        t.cmd('GetCapability', [], [u32(9), u32(OWNER), u32(10)], label='after %#x' % h)


@scenario('hierarchy')
def clear(t):
    index = 0x1000001
    for auth in (LOCKOUT, PLATFORM, OWNER, NULL, ENDORSEMENT):
        parent = primary(t)
        platform = primary(t, hierarchy=PLATFORM)
        t.cmd('EvictControl', [OWNER, parent], [u32(0x81000001)])
        t.cmd('EvictControl', [PLATFORM, platform], [u32(0x81800001)])
        t.cmd('NV_DefineSpace', [OWNER], [b2(b''), nv_public(index, NV_ALL, 8)])
        t.cmd('NV_DefineSpace', [PLATFORM], [b2(b''), nv_public(
            index + 0x100, 0x40000000 | 0x10001 | NV_NO_DA, 8)])
        for h in (OWNER, ENDORSEMENT, LOCKOUT):
            t.cmd('HierarchyChangeAuth', [h], [b2(b'set')])
            t.auth[h] = b'set'
        t.cmd('DictionaryAttackParameters', [LOCKOUT], [u32(7), u32(7), u32(7)])
        r = t.cmd('Clear', [auth], label='%#x' % auth)
        if r.rc == 0:
            for h in (OWNER, ENDORSEMENT, LOCKOUT):
                t.auth[h] = b''
        for prop in (1, 0x80000000, 0x81000000, 0x01000000):
            t.cmd('GetCapability', [], [u32(1), u32(prop), u32(100)], label='after clear')
        properties(t, 'after clear')
        t.cmd('ReadClock', label='after clear')
        for h in (OWNER, ENDORSEMENT, LOCKOUT):
            t.cmd('HierarchyChangeAuth', [h], [b2(b'')], label='after clear')
            t.auth[h] = b''
        t.cmd('Clear', [PLATFORM], label='for the next')
        t.flush(parent, platform)
        t.names.clear()
    for auth, value in ((LOCKOUT, 1), (LOCKOUT, 0), (PLATFORM, 0), (PLATFORM, 1), (LOCKOUT, 0),
                        (OWNER, 1), (PLATFORM, 2), (NULL, 1)):
        t.cmd('ClearControl', [auth], [u8(value)], label='%#x %d' % (auth, value))
        properties(t, 'after ClearControl')
        t.cmd('Clear', [LOCKOUT], label='after ClearControl %#x %d' % (auth, value))


@scenario('hierarchy')
def seeds(t):
    for name in ('ChangeEPS', 'ChangePPS'):
        for auth in (OWNER, ENDORSEMENT, LOCKOUT, NULL, PLATFORM):
            keys = [primary(t, hierarchy=h) for h in (OWNER, ENDORSEMENT, PLATFORM)]
            t.cmd('EvictControl', [OWNER, keys[0]], [u32(0x81000001)])
            t.cmd('EvictControl', [PLATFORM, keys[2]], [u32(0x81800001)])
            t.cmd('HierarchyChangeAuth', [ENDORSEMENT], [b2(b'e')])
            t.auth[ENDORSEMENT] = b'e'
            r = t.cmd(name, [auth], label='%#x' % auth)
            if r.rc == 0 and name == 'ChangeEPS':
                t.auth[ENDORSEMENT] = b''
            for prop in (0x80000000, 0x81000000):
                t.cmd('GetCapability', [], [u32(1), u32(prop), u32(100)], label='after ' + name)
            properties(t, name)
            t.cmd('HierarchyChangeAuth', [ENDORSEMENT], [b2(b'')])
            t.auth[ENDORSEMENT] = b''
            t.flush(*keys)
            for h in (0x81000001, 0x81800001):
                t.names.pop(h, None)
            t.cmd('EvictControl', [OWNER, 0x81000001], [u32(0x81000001)])
            t.cmd('EvictControl', [PLATFORM, 0x81800001], [u32(0x81800001)])


def counter(t, label):
    t.cmd('GetCapability', [], [u32(6), u32(0x20e), u32(4)], label='DA ' + label)
    t.cmd('GetCapability', [], [u32(6), u32(0x200), u32(1)], label='DA ' + label)


@scenario('da')
def lockout(t):
    parent = primary(t)
    item = seal(t, parent, auth=b'right', attrs=FIXED | USER)
    for auth in (LOCKOUT, OWNER, PLATFORM, NULL):
        t.cmd('DictionaryAttackParameters', [auth], [u32(3), u32(1000), u32(1000)],
              label='%#x' % auth)
    counter(t, 'set')
    for i in range(5):
        t.cmd('Unseal', [item], sess=[Password(b'wrong')], label='wrong %d' % i)
        counter(t, 'wrong %d' % i)
    t.cmd('Unseal', [item], label='locked out')
    t.cmd('Create', [item], [b2(b''), b2(b''), b2(b''), u32(0)], label='locked out')
    s = t.session()
    t.cmd('Unseal', [item], sess=[s], label='locked out, session')
    t.cmd('DictionaryAttackLockReset', [OWNER], label='owner')
    t.cmd('DictionaryAttackLockReset', [LOCKOUT])
    counter(t, 'reset')
    t.cmd('Unseal', [item], label='again')
    s.tamper = True
    t.cmd('Unseal', [item], sess=[s], label='bad hmac')
    counter(t, 'bad hmac')
    t.cmd('Unseal', [item], sess=[s], label='good hmac')
    t.cmd('DictionaryAttackParameters', [LOCKOUT], [u32(0), u32(1000), u32(1000)], label='0 tries')
    counter(t, '0 tries')
    t.cmd('Unseal', [item], label='0 tries')
    t.cmd('DictionaryAttackParameters', [LOCKOUT], [u32(5), u32(0), u32(0)], label='no recovery')
    counter(t, 'no recovery')
    for i in range(6):
        t.cmd('Unseal', [item], sess=[Password(b'wrong')], label='no recovery %d' % i)
    counter(t, 'no recovery')
    t.cmd('DictionaryAttackLockReset', [LOCKOUT], sess=[Password(b'wrong')], label='wrong')
    t.cmd('DictionaryAttackLockReset', [LOCKOUT], label='after wrong')
    t.power_cycle(0, 0)
    counter(t, 'orderly')
    t.cmd('DictionaryAttackLockReset', [LOCKOUT], label='after reset')
    counter(t, 'after reset')


@scenario('da')
def across_power(t):
    for shutdown, startup in ((0, 0), (1, 0), (1, 1), (None, 0)):
        t.cmd('DictionaryAttackLockReset', [LOCKOUT])
        t.cmd('DictionaryAttackParameters', [LOCKOUT], [u32(6), u32(10000), u32(10000)])
        parent = primary(t)
        for used in (False, True):
            if used:
                item = seal(t, parent, auth=b'right', attrs=FIXED | USER)
                t.cmd('Unseal', [item], sess=[Password(b'wrong')], label='wrong')
                t.cmd('Unseal', [item], label='right')
            counter(t, 'before %s/%d %s' % (shutdown, startup, used))
            t.power_cycle(shutdown, startup)
            counter(t, 'after %s/%d %s' % (shutdown, startup, used))
            properties(t, 'after')
            parent = primary(t)
        t.flush(parent)


@scenario('da')
def recovery(t):
    parent = primary(t)
    item = seal(t, parent, auth=b'right', attrs=FIXED | USER)
    t.cmd('DictionaryAttackParameters', [LOCKOUT], [u32(3), u32(1), u32(1)])
    for i in range(2):
        t.cmd('Unseal', [item], sess=[Password(b'wrong')], label='wrong %d' % i)
    counter(t, 'two')
    time.sleep(2.5)
    counter(t, 'healed')
    t.cmd('DictionaryAttackLockReset', [LOCKOUT], sess=[Password(b'wrong')], label='wrong')
    t.cmd('DictionaryAttackLockReset', [LOCKOUT], label='too early')
    time.sleep(1.5)
    t.cmd('DictionaryAttackLockReset', [LOCKOUT], label='late enough')


@scenario('da')
def nv_and_bound(t):
    index = 0x1000001
    t.cmd('DictionaryAttackParameters', [LOCKOUT], [u32(3), u32(1000), u32(1000)])
    t.cmd('NV_DefineSpace', [OWNER], [b2(b'nv'), nv_public(index, NV_ALL & ~NV_NO_DA, 8)])
    t.auth[index] = b'nv'
    t.cmd('NV_Write', [index, index], [b2(b'x' * 8), u16(0)])
    s = t.session(bind=index)
    t.cmd('NV_Read', [index, index], [u16(8), u16(0)], sess=[Password(b'bad')], label='bad')
    counter(t, 'bad')
    t.cmd('NV_Read', [index, index], [u16(8), u16(0)], sess=[s], label='bound')
    s.tamper = True
    t.cmd('ClockRateAdjust', [OWNER], [u8(0)], sess=[s], label='bound, on owner')
    counter(t, 'bound, on owner')
    s.tamper = True
    t.cmd('NV_Read', [index, index], [u16(8), u16(0)], sess=[s], label='bound')
    counter(t, 'bound')
    t.cmd('ClockRateAdjust', [OWNER], [u8(0)], sess=[s], label='locked out')
    t.cmd('NV_Read', [OWNER, index], [u16(8), u16(0)], label='owner')
    t.cmd('NV_Read', [index, index], [u16(8), u16(0)], label='locked out')
    t.cmd('StartAuthSession', [NULL, index], [b2(b'n' * 16), b2(b''), u8(0), u16(A.NULL),
                                              u16(A.SHA256)], label='bind, locked out')
    lock = t.session(bind=LOCKOUT)
    t.cmd('DictionaryAttackLockReset', [LOCKOUT], sess=[lock], label='bound to lockout')
    lock.tamper = True
    t.cmd('ClockRateAdjust', [OWNER], [u8(0)], sess=[lock], label='bound to lockout, bad')
    t.cmd('DictionaryAttackLockReset', [LOCKOUT], label='lockout is locked')


def signer(t, parent, restricted=True):
    attrs = KEY | SIGN | (RESTRICTED if restricted else 0)
    return make(t, parent, ecc(attrs, sch=scheme(A.ECDSA, A.SHA256) if restricted else
                               u16(A.NULL)), label='signer')


@scenario('audit')
def session_digests(t):
    parent = primary(t)
    key = signer(t, parent)
    for n, attrs in enumerate((AUDIT, AUDIT | EXCLUSIVE, AUDIT | 4, AUDIT | EXCLUSIVE | 4)):
        s = t.session()
        t.cmd('GetSessionAuditDigest', [ENDORSEMENT, key, s.handle], [b2(b'q'), u16(A.NULL)],
              label='no audit session')
        for i in range(3):
            s.attrs = attrs | CONTINUE if i else AUDIT | CONTINUE
            r = t.cmd('GetRandom', [], [u16(8)], sess=[s], label='attrs %#x' % s.attrs)
            if n & 1 and i == 1:
                t.cmd('GetRandom', [], [u16(8)], label='between')
            t.cmd('TestParms', [], u16(A.KEYEDHASH) + u16(A.NULL), sess=[s], label='audited')
            if r.rc:
                break
        for signing in (key, NULL):
            for scheme_ in (u16(A.NULL), scheme(A.ECDSA, A.SHA256), scheme(A.ECDSA, A.SHA1)):
                t.cmd('GetSessionAuditDigest', [ENDORSEMENT, signing, s.handle],
                      [b2(b'qualify'), scheme_], label='%#x %s' % (attrs, scheme_.hex()))
        t.cmd('GetSessionAuditDigest', [OWNER, key, s.handle], [b2(b''), u16(A.NULL)],
              label='owner')
        t.flush(s)
    p = t.session(1)
    t.cmd('GetSessionAuditDigest', [ENDORSEMENT, key, p.handle], [b2(b''), u16(A.NULL)],
          label='policy session')


@scenario('audit')
def exclusive(t):
    s, other = t.session(), t.session()
    for attrs in (AUDIT, AUDIT | EXCLUSIVE, AUDIT | EXCLUSIVE, AUDIT | EXCLUSIVE | 4, AUDIT | 4):
        s.attrs = attrs | CONTINUE
        t.cmd('ClockRateAdjust', [OWNER], [u8(0)], sess=[s], label='%#x' % attrs)
        for between in (None, 'GetRandom', 'fails', 'other'):
            if between == 'GetRandom':
                t.cmd('GetRandom', [], [u16(4)], label='between')
            elif between == 'fails':
                t.cmd('GetRandom', [], b'', label='between')
            elif between == 'other':
                other.attrs = AUDIT | CONTINUE
                t.cmd('GetRandom', [], [u16(4)], sess=[other], label='other audit')
            s.attrs = attrs | CONTINUE
            t.cmd('ClockRateAdjust', [OWNER], [u8(0)], sess=[s],
                  label='%#x after %s' % (attrs, between))
    s.attrs, other.attrs = AUDIT | CONTINUE, AUDIT | CONTINUE
    t.cmd('ClockRateAdjust', [OWNER], [u8(0)], sess=[s, other], label='two audits')
    s.attrs = EXCLUSIVE | CONTINUE
    t.cmd('ClockRateAdjust', [OWNER], [u8(0)], sess=[s], label='exclusive without audit')
    s.attrs = 4 | CONTINUE
    t.cmd('ClockRateAdjust', [OWNER], [u8(0)], sess=[s], label='reset without audit')
    p = t.session(1)
    p.attrs = AUDIT | CONTINUE
    t.cmd('GetRandom', [], [u16(4)], sess=[p], label='policy as audit')


@scenario('audit')
def commands(t):
    parent = primary(t)
    key = signer(t, parent)

    def show(label):
        t.cmd('GetCapability', [], [u32(4), u32(0), u32(200)], label=label)
        t.cmd('GetCapability', [], [u32(6), u32(0x213), u32(2)], label=label)

    show('at first')
    for auth in (OWNER, PLATFORM, ENDORSEMENT, NULL):
        for alg, add, remove in (
                (A.NULL, [0x17b], []), (A.SHA256, [], []), (A.NULL, [0x17b, 0x181], []),
                (A.NULL, [], [0x17b]), (A.SHA256, [0x17b], []), (A.NULL, [0x17b], [0x17b]),
                (A.NULL, [], [0x140]), (A.NULL, [0x145], []), (A.NULL, [0x7777], []),
                (A.SM3, [], []), (A.SHA1, [], []), (A.NULL, [], [0x144])):
            label = '%#x %#x %s %s' % (auth, alg, add, remove)
            t.cmd('SetCommandCodeAuditStatus', [auth], [
                u16(alg), u32(len(add)), b''.join(map(u32, add)), u32(len(remove)),
                b''.join(map(u32, remove))], label=label)
            t.cmd('GetRandom', [], [u16(4)], label='perhaps audited')
            show(label)
    for signing in (key, NULL):
        t.cmd('GetCommandAuditDigest', [ENDORSEMENT, signing], [b2(b'q'), u16(A.NULL)],
              label='%#x' % signing)
        t.cmd('GetCommandAuditDigest', [OWNER, signing], [b2(b'q'), u16(A.NULL)],
              label='owner %#x' % signing)
        show('digest given')
    for shutdown, startup in ((0, 0), (1, 1), (None, 0)):
        t.cmd('ReadClock')
        t.power_cycle(shutdown, startup)
        show('%s/%d' % (shutdown, startup))


@scenario('hierarchy')
def physical_presence(t):
    for add, remove in (([], []), ([0x131], []), ([], [0x131]), ([0x17b], []), ([0x12d], []),
                        ([], [0x12d]), ([0x7777], []), ([0x126, 0x122], [0x126])):
        label = '%s %s' % (add, remove)
        for auth in (PLATFORM, OWNER):
            t.cmd('PP_Commands', [auth], [u32(len(add)), b''.join(map(u32, add)),
                                          u32(len(remove)), b''.join(map(u32, remove))],
                  label=label)
        t.cmd('GetCapability', [], [u32(3), u32(0), u32(200)], label=label)
    t.cmd('Clear', [PLATFORM], label='may need presence')
    t.cmd('Clear', [LOCKOUT], label='does not need presence')


@scenario('hierarchy')
def sealed_data_is_lost(t):
    parent = primary(t)
    item = make(t, parent, keyedhash(FIXED | USER), b'', b'data')
    t.cmd('Unseal', [item])
    t.cmd('ContextSave', [item])
    t.cmd('Clear', [LOCKOUT])
    t.cmd('Unseal', [item], label='after clear')
