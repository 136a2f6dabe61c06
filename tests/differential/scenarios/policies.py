# SPDX-License-Identifier: GPL-2.0
"""Policy assertions: their digests, and what they let through."""
import time

from client import (CONTINUE, DECRYPT, ENCRYPT, ENDORSEMENT, LOCKOUT, NULL, OWNER, PLATFORM,
                    Password, SE_HMAC, SE_POLICY, SE_TRIAL, digest, digest_size)
from scenario import scenario
from templates import (FIXED, KEY, NO_DA, NV_ALL, PPREAD, SIGN, ecc, ecc_sign, flip, keyedhash,
                       load_ecc, load_rsa, make, nv_public, pcrs, primary, rsa_sign, seal)
from wire import A, b2, u16, u32, u64, u8
from .basic import BANKS

I = 0x1000001
ITEM = FIXED | NO_DA            # no userWithAuth: policy only


def simple_assertions(n):
    """(name, parameters) of assertions without authorization; n: digest size."""
    z = b'z' * n
    out = [('PolicyAuthValue', b''), ('PolicyPassword', b''), ('PolicyPhysicalPresence', b'')]
    out += [('PolicyCommandCode', u32(cc)) for cc in (0x15e, 0x15e, 0x131, 0x7777, 0x1ff, 0)]
    out += [('PolicyLocality', u8(x)) for x in (1, 3, 2, 0, 0x1f, 0x20, 0xff)]
    out += [('PolicyNvWritten', u8(x)) for x in (0, 0, 1, 2)]
    out += [('PolicyCpHash', b2(z)), ('PolicyCpHash', b2(z)), ('PolicyCpHash', b2(b'y' * n)),
            ('PolicyCpHash', b2(z[1:])), ('PolicyCpHash', b2(b''))]
    out += [('PolicyNameHash', b2(z)), ('PolicyTemplate', b2(z)),
            ('PolicyDuplicationSelect', b2(b'o') + b2(b'p') + u8(1))]
    out += [('PolicyPCR', b2(d) + s) for d in (b'', z, b'z' * 32, z[1:])
            for s in (pcrs(), pcrs((A.SHA256, (0,))), pcrs((A.SHA256, (0,)), (A.SHA1, (1, 2))),
                      pcrs((A.SM3, (0,))), u32(1) + u16(A.SHA256) + b'\2\0\0',
                      u32(1) + u16(A.SHA256) + b'\4\0\0\0\0')]
    out += [('PolicyOR', u32(k) + b2(z) * k) for k in (0, 1, 2, 8, 9)]
    out += [('PolicyOR', u32(2) + b2(z) + b2(b'')), ('PolicyOR', u32(2) + b2(z[1:]) + b2(z))]
    out += [('PolicyCounterTimer', b2(op) + u16(offset) + u16(operation))
            for op in (bytes(8), bytes(16), b'\xff' * 8, b'', bytes(25), bytes(26), b'\0')
            for offset in (0, 8, 16, 20, 24, 25, 26) for operation in (0, 3, 7)]
    out += [('PolicyCounterTimer', b2(bytes(8)) + u16(16) + u16(op)) for op in range(14)]
    out += [('PolicyAuthorize', b2(z) + b2(b'ref') + b2(u16(A.SHA256) + b'n' * 32) +
             u16(0x8022) + u32(h) + b2(b'')) for h in (OWNER, NULL)]
    out += [('PolicyTicket', b2(bytes(8)) + b2(b'') + b2(b'') + b2(b'name') + u16(tag) + u32(h) +
             b2(b't' * 32)) for tag in (0x8023, 0x8025, 0x8022) for h in (OWNER, NULL)]
    return out


@scenario('policy')
def assertions_one_by_one(t):
    for kind in (SE_TRIAL, SE_POLICY):
        for alg in BANKS:
            s = t.session(kind, alg)
            for name, params in simple_assertions(digest_size(alg)):
                t.cmd(name, [s.handle], params, label='%d %#x %s' % (kind, alg, params.hex()[:40]))
                t.policy_digest(s)
                t.cmd('PolicyRestart', [s.handle])
            t.flush(s)


@scenario('policy')
def assertions_in_a_row(t):
    """Random sequences: an assertion may exclude a later one."""
    for n in range(60):
        alg = t.rng.choice(BANKS)
        s = t.session(t.rng.choice((SE_TRIAL, SE_POLICY)), alg)
        choice = simple_assertions(digest_size(alg))
        for _ in range(12):
            name, params = t.rng.choice(choice)
            t.cmd(name, [s.handle], params, label='%d %s' % (n, params.hex()[:40]))
            t.policy_digest(s)
        t.flush(s)


@scenario('policy')
def wrong_sessions(t):
    h = t.session(SE_HMAC)
    handles = (h.handle, 0x03000007, 0x02000007, OWNER, 0x80000000, NULL, 0x03ffffff)
    for handle in handles:
        for name, params in (('PolicyAuthValue', b''), ('PolicyGetDigest', b''),
                             ('PolicyRestart', b''), ('PolicyPCR', b2(b'') + pcrs()),
                             ('PolicyLocality', u8(1))):
            t.cmd(name, [handle], params, label='%#x' % handle)


@scenario('policy')
def secrets_and_tickets(t):
    parent = primary(t)
    item = seal(t, parent, auth=b'item')
    t.cmd('NV_DefineSpace', [OWNER], [b2(b'nv'), nv_public(I, NV_ALL, 8)])
    t.auth[I] = b'nv'
    t.cmd('HierarchyChangeAuth', [ENDORSEMENT], [b2(b'e')])
    t.auth[ENDORSEMENT] = b'e'
    for kind in (SE_TRIAL, SE_POLICY):
        s = t.session(kind)
        for entity in (OWNER, ENDORSEMENT, PLATFORM, LOCKOUT, NULL, item, parent, I, 0, 23,
                       s.handle):
            for expiration in (0, 1000, -1000 & 0xffffffff):
                for cp, ref in ((b'', b''), (b'c' * 32, b'r'), (b'c' * 31, b''), (b'', b'r' * 64),
                                (b'', b'r' * 67)):
                    for nonce in (b'', s.nonce_tpm, b'n' * 16):
                        if nonce and (cp or ref):
                            continue
                        label = '%d %#x %d %d %d' % (kind, entity, expiration, len(cp),
                                                     len(nonce))
                        r = t.cmd('PolicySecret', [entity, s.handle],
                                  [b2(nonce), b2(cp), b2(ref), u32(expiration)], label=label)
                        t.policy_digest(s)
                        t.cmd('PolicyRestart', [s.handle])
                        if r.rc == 0 and len(r['policyTicket']) > 8:
                            ticket_use(t, s, r, cp, ref, t.name(entity), label)
        t.cmd('PolicySecret', [ENDORSEMENT, s.handle], [b2(b'')] * 3 + [u32(0)],
              sess=[Password(b'bad')], label='bad')
        h = t.session()
        t.cmd('PolicySecret', [ENDORSEMENT, s.handle], [b2(b'')] * 3 + [u32(0)], sess=[h],
              label='hmac')
        t.flush(h, s)


def ticket_use(t, s, r, cp, ref, name, label):
    timeout, ticket = r['timeout'], r['policyTicket']
    for what, params in (
            ('good', [timeout, b2(cp), b2(ref), b2(name), ticket]),
            ('ref', [timeout, b2(cp), b2(ref + b'x'), b2(name), ticket]),
            ('cp', [timeout, b2(b'd' * 32), b2(ref), b2(name), ticket]),
            ('name', [timeout, b2(cp), b2(ref), b2(name[:-1]), ticket]),
            ('timeout', [b2(b'\xff' + timeout[3:]), b2(cp), b2(ref), b2(name), ticket]),
            ('short timeout', [b2(timeout[3:]), b2(cp), b2(ref), b2(name), ticket]),
            ('tag', [timeout, b2(cp), b2(ref), b2(name), u16(0x8022) + ticket[2:]]),
            ('other tag', [timeout, b2(cp), b2(ref), b2(name),
                           u16(0x8048 - int.from_bytes(ticket[:2], 'big') + 0x8000) + ticket[2:]]),
            ('hierarchy', [timeout, b2(cp), b2(ref), b2(name), ticket[:2] + u32(PLATFORM) +
                           ticket[6:]]),
            ('digest', [timeout, b2(cp), b2(ref), b2(name), flip(ticket)])):
        t.cmd('PolicyTicket', [s.handle], params, label='%s %s' % (what, label))
        t.policy_digest(s)
        t.cmd('PolicyRestart', [s.handle])


@scenario('policy')
def signed(t):
    for make_, sign in ((load_rsa, rsa_sign), (load_ecc, ecc_sign)):
        for hierarchy in (OWNER, NULL):
            key = make_(t, hierarchy=hierarchy)
            for kind in (SE_TRIAL, SE_POLICY):
                s = t.session(kind)
                for expiration in (0, 100, -100 & 0xffffffff):
                    for cp, ref in ((b'', b''), (b'c' * 32, b'ref'), (b'c' * 31, b'')):
                        for nonce in (b'', s.nonce_tpm, b'n' * 32):
                            label = '%s %d %d %d %d' % (make_.__name__, kind, expiration, len(cp),
                                                        len(nonce))
                            alg = t.rng.choice((A.SHA256, A.SHA384))
                            sig = sign(nonce + u32(expiration) + cp + ref, alg)
                            r = t.cmd('PolicySigned', [key, s.handle],
                                      [b2(nonce), b2(cp), b2(ref), u32(expiration), sig],
                                      label=label)
                            t.policy_digest(s)
                            t.cmd('PolicyRestart', [s.handle])
                            t.cmd('PolicySigned', [key, s.handle],
                                  [b2(nonce), b2(cp), b2(ref + b'x'), u32(expiration), sig],
                                  label='wrong ' + label)
                            if r.rc == 0 and len(r['policyTicket']) > 8:
                                ticket_use(t, s, r, cp, ref, t.name(key), label)
                t.cmd('PolicySigned', [key, s.handle], [b2(b'')] * 3 + [u32(0), u16(A.NULL)],
                      label='null signature')
                t.flush(s)
            t.flush(key)
    parent = primary(t)
    s = t.session(SE_POLICY)
    t.cmd('PolicySigned', [parent, s.handle], [b2(b'')] * 3 + [u32(0), ecc_sign(b'')],
          label='not a signing key')


@scenario('policy')
def authorize(t):
    for make_, sign in ((load_rsa, rsa_sign), (load_ecc, ecc_sign)):
        for hierarchy in (OWNER, PLATFORM, NULL):
            key = make_(t, hierarchy=hierarchy)
            name = t.name(key)
            s = t.session(SE_POLICY)
            t.cmd('PolicyAuthValue', [s.handle])
            approved = t.policy_digest(s)
            d = digest(A.SHA256, approved + b'ref')
            r = t.cmd('VerifySignature', [key], [b2(d), sign(approved + b'ref')])
            ticket = r['validation']
            for what, params in (
                    ('ref', [b2(approved), b2(b're'), b2(name), ticket]),
                    ('policy', [b2(b'x' * 32), b2(b'ref'), b2(name), ticket]),
                    ('name', [b2(approved), b2(b'ref'), b2(name[:-1]), ticket]),
                    ('name alg', [b2(approved), b2(b'ref'), b2(u16(A.SHA1) + name[2:]), ticket]),
                    ('name size', [b2(approved), b2(b'ref'), b2(name[:1]), ticket]),
                    ('digest', [b2(approved), b2(b'ref'), b2(name), flip(ticket)]),
                    ('tag', [b2(approved), b2(b'ref'), b2(name), u16(0x8024) + ticket[2:]]),
                    ('good', [b2(approved), b2(b'ref'), b2(name), ticket]),
                    ('again', [b2(approved), b2(b'ref'), b2(name), ticket])):
                t.cmd('PolicyAuthorize', [s.handle], params, label='%s %#x' % (what, hierarchy))
                t.policy_digest(s)
            t.flush(key, s)


@scenario('policy')
def nv_operations(t):
    t.cmd('NV_DefineSpace', [OWNER], [b2(b''), nv_public(I, NV_ALL, 8)])
    for kind in (SE_TRIAL, SE_POLICY):
        s = t.session(kind)
        t.cmd('PolicyNV', [I, I, s.handle], [b2(b'x'), u16(0), u16(0)], label='unwritten')
        t.policy_digest(s)
        t.cmd('PolicyRestart', [s.handle])
        t.cmd('NV_Write', [I, I], [b2(b'\0\x7f\x80\xff\x10\x20\x30\x40'), u16(0)])
        for op in range(13):
            for offset, operand in ((0, b'\0\x7f'), (2, b'\x7f'), (2, b'\x80'), (2, b'\x81'),
                                    (3, b'\1'), (0, bytes(8)), (0, b''), (8, b''), (9, b''),
                                    (0, bytes(9)), (7, b'ab'), (0, b'\0\x7f\x80\xff\x10\x20\x30A'),
                                    (4, b'\x10'), (4, b'\xff')):
                for auth in (I, OWNER, PLATFORM) if op == 0 else (I,):
                    t.cmd('PolicyNV', [auth, I, s.handle], [b2(operand), u16(offset), u16(op)],
                          label='%d op %d %s at %d' % (kind, op, operand.hex(), offset))
                    t.policy_digest(s)
                    t.cmd('PolicyRestart', [s.handle])
        t.cmd('NV_ReadLock', [I, I])
        t.cmd('PolicyNV', [I, I, s.handle], [b2(b'\0'), u16(0), u16(0)], label='locked')
        t.flush(s)
    t.cmd('NV_DefineSpace', [OWNER], [b2(b''), nv_public(I + 1, NV_ALL, 34)])
    for contents in (None, u16(A.SHA256) + b'p' * 32, u16(A.SHA1) + b'p' * 20,
                     u16(A.SHA256) + bytes(32), b'junk', u16(A.NULL)):
        if contents is not None:
            t.cmd('NV_Write', [I + 1, I + 1], [b2(contents), u16(0)])
        for kind in (SE_TRIAL, SE_POLICY):
            s = t.session(kind)
            for auth in (I + 1, OWNER, PLATFORM):
                t.cmd('PolicyAuthorizeNV', [auth, I + 1, s.handle], label='%d %s' % (
                    kind, contents and contents.hex()))
                t.policy_digest(s)
                t.cmd('PolicyRestart', [s.handle])
            t.flush(s)


def use(t, s, item, label, locality=0):
    with t.at_locality(locality):
        t.cmd('Unseal', [item], sess=[s], label=label)
    t.policy_digest(s)


@scenario('policy')
def what_they_let_through(t):
    """Each assertion guards a sealed object: used rightly and wrongly."""
    parent = primary(t)

    def item_of(*steps, attrs=ITEM):
        policy = t.trial(*[lambda s, n=n, p=p: t.cmd(n, [s.handle], p) for n, p in steps])
        return make(t, parent, keyedhash(attrs, policy=policy), b'item', b'data')

    cases = {
        'command': [('PolicyCommandCode', u32(0x15e))],
        'other command': [('PolicyCommandCode', u32(0x131))],
        'locality 0': [('PolicyLocality', u8(1))], 'locality 1 or 3': [('PolicyLocality', u8(10))],
        'extended locality': [('PolicyLocality', u8(0x40))],
        'written': [('PolicyNvWritten', u8(1))], 'not written': [('PolicyNvWritten', u8(0))],
        'cphash': [('PolicyCpHash', b2(b'z' * 32))],
        'namehash': [('PolicyNameHash', b2(b'z' * 32))],
        'template': [('PolicyTemplate', b2(b'z' * 32))],
        'duplication': [('PolicyDuplicationSelect', b2(b'o') + b2(b'p') + u8(0))],
        'pcr': [('PolicyPCR', b2(b'') + pcrs((A.SHA256, (0, 16))))],
        'authvalue': [('PolicyAuthValue', b'')], 'password': [('PolicyPassword', b'')],
        'presence': [('PolicyPhysicalPresence', b'')],
        'timer': [('PolicyCounterTimer', b2(bytes(8)) + u16(0) + u16(7))],
        'both': [('PolicyAuthValue', b''), ('PolicyCommandCode', u32(0x15e))],
        'several': [('PolicyPCR', b2(b'') + pcrs((A.SHA256, (0,)))), ('PolicyLocality', u8(1)),
                    ('PolicyCommandCode', u32(0x15e)), ('PolicyPassword', b'')],
    }
    for name, steps in cases.items():
        item = item_of(*steps)
        s = t.session(SE_POLICY, sym=(A.AES, 128))
        use(t, s, item, name + ' without')
        for step, params in steps:
            t.cmd(step, [s.handle], params, label=name)
        use(t, s, item, name + ' as is')
        for variant in ('value', 'password', 'bad password', 'tamper'):
            t.cmd('PolicyRestart', [s.handle])
            for step, params in steps:
                t.cmd(step, [s.handle], params, label=name)
            s.auth_value, s.password = variant == 'value', None
            if 'password' in variant:
                s.password = b'item' if variant == 'password' else b'bad'
            s.tamper = variant == 'tamper'
            s.attrs = CONTINUE | (ENCRYPT if variant == 'value' else 0)
            use(t, s, item, '%s %s' % (name, variant))
            s.auth_value, s.password, s.tamper = False, None, False
            s.attrs = CONTINUE
        for locality in (1, 3, 4):
            t.cmd('PolicyRestart', [s.handle])
            for step, params in steps:
                t.cmd(step, [s.handle], params, label=name)
            use(t, s, item, '%s at locality %d' % (name, locality), locality)
        t.cmd('PolicyRestart', [s.handle])
        for step, params in steps:
            t.cmd(step, [s.handle], params, label=name)
        t.cmd('PCR_Extend', [16], [u32(1), u16(A.SHA256), b'x' * 32])
        use(t, s, item, name + ' after an extend')
        t.cmd('PCR_Reset', [16])
        t.cmd('Unseal', [item], label='password for ' + name)
        h = t.session()
        t.cmd('Unseal', [item], sess=[h], label='hmac for ' + name)
        t.flush(item, s, h)
    plain = make(t, parent, keyedhash(FIXED | NO_DA | 0x40), b'item', b'data')
    s = t.session(SE_POLICY)
    t.cmd('Unseal', [plain], sess=[s], label='no policy')
    trial = t.session(SE_TRIAL)
    t.cmd('Unseal', [plain], sess=[trial], label='trial')


@scenario('policy')
def or_trees(t):
    parent = primary(t)
    a = t.trial(lambda s: t.cmd('PolicyCommandCode', [s.handle], [u32(0x15e)]))
    b = t.trial(lambda s: t.cmd('PolicyLocality', [s.handle], [u8(1)]))
    branches = u32(2) + b2(a) + b2(b)
    policy = t.trial(lambda s: t.cmd('PolicyOR', [s.handle], branches))
    item = make(t, parent, keyedhash(ITEM, policy=policy), b'', b'data')
    for name, steps in (('first', [('PolicyCommandCode', u32(0x15e))]),
                        ('second', [('PolicyLocality', u8(1))]),
                        ('neither', [('PolicyLocality', u8(2))]), ('none', [])):
        s = t.session(SE_POLICY)
        for step, params in steps:
            t.cmd(step, [s.handle], params, label=name)
        t.cmd('PolicyOR', [s.handle], branches, label=name)
        use(t, s, item, name)
        t.flush(s)


@scenario('policy')
def on_hierarchies(t):
    """cpHash, nameHash and template, which can be met on a hierarchy."""
    adjust = u32(0x130)
    cp = digest(A.SHA256, adjust, u32(OWNER), u8(0))
    template = ecc(KEY | SIGN)
    for name, assertion, value in (
            ('cphash', 'PolicyCpHash', cp),
            ('namehash', 'PolicyNameHash', digest(A.SHA256, u32(OWNER))),
            ('template', 'PolicyTemplate', digest(A.SHA256, template))):
        policy = t.trial(lambda s: t.cmd(assertion, [s.handle], b2(value)))
        t.cmd('SetPrimaryPolicy', [OWNER], [b2(policy), u16(A.SHA256)])
        s = t.session(SE_POLICY)
        for rate in (1, 0):
            t.cmd(assertion, [s.handle], b2(value), label=name)
            t.cmd('ClockRateAdjust', [OWNER], [u8(rate)], sess=[s], label='%s %d' % (name, rate))
            t.cmd('PolicyRestart', [s.handle])
        t.cmd(assertion, [s.handle], b2(value), label=name)
        t.cmd('ClockSet', [OWNER], [u64(0)], sess=[s], label=name)
        t.cmd('PolicyRestart', [s.handle])
        for pub in (ecc(KEY | SIGN, 4), template):
            for command in ('CreatePrimary', 'CreateLoaded'):
                t.cmd('PolicyRestart', [s.handle])
                t.cmd(assertion, [s.handle], b2(value), label=name)
                params = [b2(b2(b'') + b2(b'')), b2(pub)]
                if command == 'CreatePrimary':
                    params += [b2(b''), u32(0)]
                r = t.cmd(command, [OWNER], params, sess=[s], label=name)
                t.flush(r.handle or 0)
        t.flush(s)
    t.cmd('SetPrimaryPolicy', [OWNER], [b2(b''), u16(A.NULL)])
    s = t.session(SE_POLICY, A.SHA1)
    t.cmd('ClockRateAdjust', [OWNER], [u8(0)], sess=[s], label='no policy set')
    t.cmd('SetPrimaryPolicy', [OWNER], [b2(bytes(32)), u16(A.SHA256)])
    t.cmd('ClockRateAdjust', [OWNER], [u8(0)], sess=[s], label='other hash')
    for h in (LOCKOUT, ENDORSEMENT, PLATFORM):
        t.cmd('SetPrimaryPolicy', [h], [b2(bytes(32)), u16(A.SHA256)])
        p = t.session(SE_POLICY)
        name, params = {LOCKOUT: ('DictionaryAttackLockReset', b''),
                        ENDORSEMENT: ('HierarchyChangeAuth', b2(b'')),
                        PLATFORM: ('ClockRateAdjust', u8(0))}[h]
        t.cmd(name, [h], params, sess=[p], label='empty policy %#x' % h)
        t.flush(p)


@scenario('policy')
def expiry(t):
    policy = t.trial(lambda s: t.cmd('PolicySecret', [ENDORSEMENT, s.handle],
                                     [b2(b'')] * 3 + [u32(0)]))
    t.cmd('SetPrimaryPolicy', [OWNER], [b2(policy), u16(A.SHA256)])
    s = t.session(SE_POLICY)
    t.cmd('PolicySecret', [ENDORSEMENT, s.handle], [b2(s.nonce_tpm), b2(b''), b2(b''), u32(1)])
    t.cmd('ClockRateAdjust', [OWNER], [u8(0)], sess=[s], label='in time')
    t.cmd('PolicySecret', [ENDORSEMENT, s.handle], [b2(s.nonce_tpm), b2(b''), b2(b''), u32(1)],
          label='again')
    r = t.cmd('PolicySecret', [ENDORSEMENT, s.handle], [b2(b''), b2(b''), b2(b''), u32(-1)],
              label='ticket')
    time.sleep(1.5)
    t.cmd('ClockRateAdjust', [OWNER], [u8(0)], sess=[s], label='expired')
    t.cmd('PolicySecret', [ENDORSEMENT, s.handle], [b2(s.nonce_tpm), b2(b''), b2(b''), u32(1)],
          label='expired')
    t.cmd('PolicyTicket', [s.handle], [r['timeout'], b2(b''), b2(b''), b2(u32(ENDORSEMENT)),
                                       r['policyTicket']], label='expired')
    t.cmd('PolicyRestart', [s.handle])
    t.cmd('PolicySecret', [ENDORSEMENT, s.handle], [b2(s.nonce_tpm), b2(b''), b2(b''), u32(100)],
          label='restarted')
    t.cmd('ClockRateAdjust', [OWNER], [u8(0)], sess=[s], label='restarted')
    t.power_cycle(1, 1)
    t.cmd('PolicyGetDigest', [s.handle], label='after resume')


@scenario('policy')
def nv_written_and_delete(t):
    for value in (0, 1):
        policy = t.trial(lambda s: t.cmd('PolicyNvWritten', [s.handle], [u8(value)]))
        attrs = 0x8 | 0x80000 | 0x2000000 | PPREAD
        t.cmd('NV_DefineSpace', [OWNER], [b2(b''), nv_public(I, attrs, 4, policy=policy)])
        s = t.session(SE_POLICY)
        for round_ in range(3):
            t.cmd('PolicyRestart', [s.handle])
            t.cmd('PolicyNvWritten', [s.handle], [u8(value)])
            t.cmd('NV_Write', [I, I], [b2(b'data'), u16(0)], sess=[s], label='%d %d' % (value,
                                                                                       round_))
            t.cmd('PolicyNvWritten', [s.handle], [u8(value)])
            t.cmd('NV_Read', [I, I], [u16(4), u16(0)], sess=[s], label='%d %d' % (value, round_))
        t.flush(s)
        t.cmd('NV_UndefineSpace', [OWNER, I])


@scenario('policy')
def bound_and_salted(t):
    parent = primary(t)
    policy = t.trial(lambda s: t.cmd('PolicyAuthValue', [s.handle]))
    item = make(t, parent, keyedhash(ITEM, policy=policy), b'item', b'data')
    t.cmd('HierarchyChangeAuth', [OWNER], [b2(b'owner')])
    t.auth[OWNER] = b'owner'
    for salt in (NULL, parent):
        for bind in (NULL, OWNER, item):
            for sym in (None, (A.AES, 128), (A.XOR, A.SHA256)):
                s = t.session(SE_POLICY, sym=sym, salt=salt, bind=bind)
                s.attrs = CONTINUE | (ENCRYPT if sym else 0)
                for given in (True, False):
                    t.cmd('PolicyAuthValue', [s.handle])
                    s.auth_value = given
                    t.cmd('Unseal', [item], sess=[s], label='%s %#x %s' % (given, bind, sym))
                    s.auth_value = False
                s.attrs = CONTINUE | (DECRYPT if sym else 0)
                t.cmd('StirRandom', [], [b2(b'x')], sess=[s], label='only for encryption')
                t.flush(s)
