# SPDX-License-Identifier: GPL-2.0
"""Two traces of the reference and one of ours: what differs.

The reference runs twice, as two TPMs with seeds of their own. Bytes that are
the same in both runs do not depend on chance and have to be the same in ours;
of others, the size counts where the reference's is the same twice.
"""
import os
import re
import tomllib

HERE = os.path.dirname(os.path.abspath(__file__))
COMMAND_CODE = 0x143
TABLE = os.path.join(HERE, 'expected.toml')


class Difference:
    def __init__(self, index, record, field, ours, swtpm):
        self.index, self.record, self.field = index, record, field
        self.ours, self.swtpm = ours, swtpm
        self.expected = None

    def __str__(self):
        label = ' [%s]' % self.record.label if self.record.label else ''
        return '%s%s: %s: ours %s, swtpm %s' % (self.record.name, label, self.field,
                                                self.ours, self.swtpm)


FMT1 = {0x01: 'ASYMMETRIC', 0x02: 'ATTRIBUTES', 0x03: 'HASH', 0x04: 'VALUE', 0x05: 'HIERARCHY',
        0x07: 'KEY_SIZE', 0x08: 'MGF', 0x09: 'MODE', 0x0a: 'TYPE', 0x0b: 'HANDLE', 0x0c: 'KDF',
        0x0d: 'RANGE', 0x0e: 'AUTH_FAIL', 0x0f: 'NONCE', 0x10: 'PP', 0x12: 'SCHEME',
        0x15: 'SIZE', 0x16: 'SYMMETRIC', 0x17: 'TAG', 0x18: 'SELECTOR', 0x1a: 'INSUFFICIENT',
        0x1b: 'SIGNATURE', 0x1c: 'KEY', 0x1d: 'POLICY_FAIL', 0x1f: 'INTEGRITY', 0x20: 'TICKET',
        0x21: 'RESERVED_BITS', 0x22: 'BAD_AUTH', 0x23: 'EXPIRED', 0x24: 'POLICY_CC',
        0x25: 'BINDING', 0x26: 'CURVE', 0x27: 'ECC_POINT'}
VER1 = {0x00: 'INITIALIZE', 0x01: 'FAILURE', 0x03: 'SEQUENCE', 0x20: 'DISABLED',
        0x21: 'EXCLUSIVE', 0x24: 'AUTH_TYPE', 0x25: 'AUTH_MISSING', 0x26: 'POLICY', 0x27: 'PCR',
        0x28: 'PCR_CHANGED', 0x2e: 'TOO_MANY_CONTEXTS', 0x2f: 'AUTH_UNAVAILABLE', 0x30: 'REBOOT',
        0x31: 'UNBALANCED', 0x42: 'COMMAND_SIZE', 0x43: 'COMMAND_CODE', 0x44: 'AUTHSIZE',
        0x45: 'AUTH_CONTEXT', 0x46: 'NV_RANGE', 0x47: 'NV_SIZE', 0x48: 'NV_LOCKED',
        0x49: 'NV_AUTHORIZATION', 0x4a: 'NV_UNINITIALIZED', 0x4b: 'NV_SPACE',
        0x4c: 'NV_DEFINED', 0x50: 'BAD_CONTEXT', 0x51: 'CPHASH', 0x52: 'PARENT',
        0x53: 'NEEDS_TEST', 0x54: 'NO_RESULT', 0x55: 'SENSITIVE'}
WARN = {0x01: 'CONTEXT_GAP', 0x02: 'OBJECT_MEMORY', 0x03: 'SESSION_MEMORY', 0x04: 'MEMORY',
        0x05: 'SESSION_HANDLES', 0x06: 'OBJECT_HANDLES', 0x07: 'LOCALITY', 0x08: 'YIELDED',
        0x09: 'CANCELED', 0x0a: 'TESTING', 0x20: 'NV_RATE', 0x21: 'LOCKOUT', 0x22: 'RETRY',
        0x23: 'NV_UNAVAILABLE', **{0x10 + i: 'REFERENCE_H%d' % i for i in range(7)},
        **{0x18 + i: 'REFERENCE_S%d' % i for i in range(7)}}


def rc_name(rc):
    """TPM_RC in words: SUCCESS, VALUE+P2, HANDLE+H1, AUTH_FAIL+S1, LOCKOUT."""
    if rc == 0:
        return 'SUCCESS'
    if rc == 0x1e:
        return 'BAD_TAG'
    if rc & 0x80 and rc < 0x1000:
        name = FMT1.get(rc & 0x3f, '%#x' % (rc & 0x3f))
        if rc & 0x40:
            return '%s+P%d' % (name, rc >> 8)
        n = (rc >> 8) & 0xf
        return name if not n else '%s+%s%d' % (name, 'SH'[n < 8], n & 7)
    if rc & 0xf00 == 0x900:
        return WARN.get(rc & 0x7f, '%#x' % rc)
    if rc & 0xf00 == 0x100:
        return VER1.get(rc & 0x7f, '%#x' % rc)
    return '%#x' % rc


def text(kind, value):
    if value is None:
        return 'nothing'
    if kind == 'text':
        return value.decode()
    return '%d bytes' % len(value) if len(value) > 40 else value.hex() or 'empty'


def leaves_differ(a, b, ours):
    """(field, ours, swtpm) of each difference between the leaves."""
    first = {path: (kind, value) for path, kind, value in a}
    again = {path: value for path, _, value in b}
    mine = {path: value for path, _, value in ours}
    for path, (kind, value) in first.items():
        got = mine.get(path)
        if kind in ('opaque', 'opsize') and got is not None:
            continue
        if kind == 'time' and got is not None and len(got) == len(value):
            continue
        if got == value and path in again:
            continue
        # Which slot an object takes is the TPM's choice.
        if kind == 'handle' and path == 'handle' and value[0] == 0x80 == (got or b'x')[0]:
            continue
        if path not in again or len(again[path]) != len(value):
            continue        # its presence or size is chance
        if got is None or len(got) != len(value):
            yield path, text(kind, got), text(kind, value)
        elif value == again[path]:
            yield path, text(kind, got), text(kind, value)
    for path, kind, value in ours:
        if path not in first and path not in again:
            yield path, text(kind, value), 'nothing'


class Expected:
    """The differences that are meant (expected.toml)."""

    def __init__(self, path=TABLE):
        with open(path, 'rb') as f:
            self.entries = tomllib.load(f).get('difference', [])
        for e in self.entries:
            e['hits'] = 0

    @staticmethod
    def _is(wanted, got):
        if wanted == 'any':
            return True
        return got in wanted if isinstance(wanted, list) else got == wanted

    def find(self, d):
        for e in self.entries:
            if 'tested' in e or not self._is(e.get('command', 'any'), d.record.name):
                continue
            if not re.search(e.get('when', ''), d.record.label):
                continue
            if not re.fullmatch(e.get('field', 'rc'), d.field):
                continue
            if self._is(e.get('ours', 'any'), d.ours) and \
               self._is(e.get('swtpm', 'any'), d.swtpm):
                e['hits'] += 1
                return e
        return None


class Verdict:
    """What a scenario's comparison has found."""

    def __init__(self):
        self.compared = 0
        self.unexpected, self.expected, self.faults, self.skipped = [], [], [], 0
        self.context = []
        self.missing = set()

    def failed(self):
        return bool(self.unexpected or self.faults)


def compare(first, again, ours, expected, limit):
    """Traces of (records, how it ended) -> Verdict."""
    v = Verdict()
    (a, a_end), (b, b_end), (o, o_end) = first, again, ours
    i = j = 0
    split = False       # one of the two has gone on with what the other refused
    while i < min(len(a), len(b)) and j < len(o):
        if split and not same_step(a[i], o[j]):
            i, j = resync(a, o, i, j)
        ra, rb, ro = a[i], b[i], o[j]
        i, j = i + 1, j + 1
        if not same_step(ra, ro):
            v.faults.append('step %d: ours is at %s [%s], swtpm at %s [%s]' % (
                j - 1, ro.name, ro.label, ra.name, ra.label))
            break
        by_chance = ra.rc != rb.rc or ('by chance' in ra.label and ra.rc != ro.rc)
        if ra.rc and rb.rc and by_chance and ra.label == rb.label:
            # what is wrong is decided by chance: that something is, is not
            if not ro.rc:
                v.faults.append('step %d: %s [%s] fails on swtpm only' % (
                    j - 1, ra.name, ra.label))
            continue
        if not same_step(ra, rb) or ra.rc != rb.rc:
            v.faults.append('step %d: swtpm differs from itself: %s [%s] %s, %s [%s] %s' % (
                i - 1, ra.name, ra.label, rc_name(ra.rc), rb.name, rb.label, rc_name(rb.rc)))
            break
        if ro.rc == COMMAND_CODE and ra.rc != ro.rc:
            v.missing.add(ro.name)
            if ra.rc == 0:
                v.skipped = len(a) - i
                break
            continue
        v.compared += 1
        wanted, parted = one_step(v, ra, rb, ro, j - 1, expected, o)
        split = split or parted
        if not wanted or len(v.unexpected) >= limit:
            v.skipped = len(a) - i
            break
    else:
        lengths(v, len(a) - i, len(o) - j, a_end, o_end)
    if o_end and o_end.startswith('gone'):
        v.faults.append('ours ' + o_end)
    return v


def same_step(x, y):
    return (x.name, x.label) == (y.name, y.label)


def resync(a, o, i, j):
    """Behind what only one of the two has done."""
    for k in range(1, 8):
        if i + k < len(a) and same_step(a[i + k], o[j]):
            return i + k, j
        if j + k < len(o) and same_step(a[i], o[j + k]):
            return i, j + k
    return i, j


def one_step(v, ra, rb, ro, at, expected, o):
    """Compare one command: (may it go on, have the two parted)."""
    if ra.rc != ro.rc:
        found = [('rc', rc_name(ro.rc), rc_name(ra.rc))]
    else:
        found = leaves_differ(ra.leaves, rb.leaves, ro.leaves)
    parted = False
    for field, mine, theirs in found:
        d = Difference(at, ro, field, mine, theirs)
        entry = expected.find(d)
        if entry:
            v.expected.append(d)
        else:
            v.unexpected.append(d)
            v.context.append([(r.name, r.label, rc_name(r.rc), r.shown)
                              for r in o[max(0, at - 6):at + 1]])
        if field == 'rc' and 'SUCCESS' in (mine, theirs):
            # the two states are not the same any more, unless it is known
            if not entry or entry.get('ends', False):
                return False, True
            parted = True
    return True, parted


def lengths(v, a_left, o_left, a_end, o_end):
    if v.missing:
        return          # what depended on it has not been done
    if a_left or o_left:
        v.faults.append('swtpm has %d commands more, ours %d' % (a_left, o_left))
    if (a_end or '') != (o_end or ''):
        v.faults.append('ours ended: %s; swtpm ended: %s' % (o_end, a_end))
    elif a_end:
        v.faults.append('the scenario ended early: %s' % a_end)
