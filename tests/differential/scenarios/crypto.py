# SPDX-License-Identifier: GPL-2.0
"""Signatures, decryption, key agreement, attestation."""
from cryptography.hazmat.primitives.asymmetric import ec, padding

from client import (CURVES, ENDORSEMENT, HASH_CLASS, NULL, OWNER, PLATFORM, Password, digest,
                    digest_size)
from scenario import scenario
from templates import (DECRYPT, EXTERNAL, KEY, NULL_TICKET, RESTRICTED, SIGN, STORAGE,
                       X509, create, ecc, ecc_private, flip, ecc_sign, keyedhash, load_ecc, load_rsa,
                       load, make, pcrs, primary, rsa_key, rsa_private, rsa_sign,
                       scheme, sym, symcipher)
from wire import A, b2, u16, u32, u8
from .basic import BANKS
from .hierarchies import signer

NULL_SCHEME = u16(A.NULL)
SCHEMES = ([NULL_SCHEME, u16(A.RSAES), u16(0x77)] +
           [scheme(s, h) for s in (A.RSASSA, A.RSAPSS, A.ECDSA, A.OAEP, A.HMAC, A.ECDH)
            for h in (A.SHA1, A.SHA256, A.SHA512)] +
           [scheme(A.RSASSA, A.NULL), scheme(A.ECDSA, A.SM3),
            scheme(A.ECDAA, A.SHA256, u16(0)), scheme(A.ECSCHNORR, A.SHA256),
            scheme(A.SM2, A.SHA256)])


def sign_with(t, key, label):
    message = b'message'
    for sch in SCHEMES:
        for n in (20, 32, 48, 64, 0, 31):
            r = t.cmd('Sign', [key], [b2(b'd' * n), sch, NULL_TICKET],
                      label='%s %s %d' % (label, sch.hex(), n))
            if r.rc == 0:
                t.cmd('VerifySignature', [key], [b2(b'd' * n), r['signature']], label=label)
                t.cmd('VerifySignature', [key], [b2(b'e' * n), r['signature']], label='wrong')
    for hierarchy in (OWNER, NULL):
        for data in (message, b'\xff\x54\x43\x47 generated'):
            r = t.cmd('Hash', [], [b2(data), u16(A.SHA256), u32(hierarchy)])
            if r.rc:
                continue
            for ticket in (r['validation'], NULL_TICKET, u16(0x8022) + r['validation'][2:],
                           flip(r['validation']), u16(0x8024) + u32(OWNER) + b2(b'')):
                t.cmd('Sign', [key], [r['outHash'], NULL_SCHEME, ticket],
                      label='%s ticket %s' % (label, ticket[:6].hex()))
    t.cmd('Sign', [key], [b2(b'd' * 32), NULL_SCHEME, NULL_TICKET], sess=[Password(b'bad')],
          label='bad auth')


@scenario('sign')
def ecc_keys(t):
    parent = primary(t)
    for label, pub in (('null', ecc(KEY | SIGN)), ('ecdsa', ecc(KEY | SIGN, sch=scheme(
            A.ECDSA, A.SHA256))), ('decrypt', ecc(KEY | DECRYPT)),
            ('restricted', ecc(KEY | SIGN | RESTRICTED, sch=scheme(A.ECDSA, A.SHA256))),
            ('p384', ecc(KEY | SIGN, 4)), ('p521', ecc(KEY | SIGN, 5))):
        key = make(t, parent, pub)
        sign_with(t, key, label)
        t.flush(key)
    sign_with(t, parent, 'parent')


@scenario('sign')
def rsa_keys(t):
    parent = primary(t)
    for label, pub in (('null', rsa_key(KEY | SIGN)),
                       ('pss', rsa_key(KEY | SIGN, sch=scheme(A.RSAPSS, A.SHA256))),
                       ('decrypt', rsa_key(KEY | DECRYPT)),
                       ('restricted', rsa_key(KEY | SIGN | RESTRICTED, sch=scheme(A.RSASSA,
                                                                                  A.SHA256)))):
        key = make(t, parent, pub)
        sign_with(t, key, label)
        t.flush(key)


@scenario('sign')
def software_keys(t):
    """Keys of our own: what they sign with PKCS #1 v1.5 is known."""
    for bits in (2048, 1024):
        key = load_rsa(t, True, bits=bits)
        sign_with(t, key, 'rsa%d' % bits)
        t.flush(key)
    key = load_ecc(t, True)
    sign_with(t, key, 'ecc')
    t.flush(key)
    parent = primary(t)
    for label, pub in (('hmac', keyedhash(KEY | SIGN, scheme(A.HMAC, A.SHA256))),
                       ('aes', symcipher(KEY | DECRYPT))):
        key = make(t, parent, pub)
        sign_with(t, key, label)
        t.flush(key)


@scenario('sign')
def verification(t):
    message = b'signed outside'
    keys = {'rsa': load_rsa(t), 'ecc': load_ecc(t)}
    for name, sign in (('rsa', rsa_sign), ('ecc', ecc_sign)):
        for alg in BANKS:
            sig, d = sign(message, alg), digest(alg, message)
            for changed, s, dg in (
                    ('', sig, d), ('sig', flip(sig), d),
                    ('digest', sig, b'x' + d[1:]), ('short digest', sig, d[1:]),
                    ('long digest', sig, d + b'x'), ('empty digest', sig, b''),
                    ('hash', sig[:2] + u16(A.SHA1 if alg != A.SHA1 else A.SHA256) + sig[4:], d),
                    ('scheme', u16(A.RSAPSS) + sig[2:], d), ('null', u16(A.NULL), d),
                    ('ecdaa', u16(A.ECDAA) + sig[2:], d), ('hmac', u16(A.HMAC) + u16(A.SHA256) +
                                                           bytes(32), d)):
                for kind, key in keys.items():
                    t.cmd('VerifySignature', [key], [b2(dg), s],
                          label='%s by %s %#x %s' % (name, kind, alg, changed))
    for r, s in ((b'', b''), (b'\0' * 32, b'\1' * 32), (b'\xff' * 32, b'\1' * 32),
                 (b'\1' * 33, b'\1' * 32), (b'\1' * 66, b'\1'), (b'\1' * 67, b'\1'),
                 (b'\0\0\1', b'\1')):
        t.cmd('VerifySignature', [keys['ecc']], [b2(b'd' * 32), scheme(A.ECDSA, A.SHA256), b2(r),
                                                 b2(s)], label='r %d s %d' % (len(r), len(s)))
    for n in (0, 1, 255, 257, 256, 512, 513):
        t.cmd('VerifySignature', [keys['rsa']], [b2(b'd' * 32), scheme(A.RSASSA, A.SHA256),
                                                 b2(b'\1' * n)], label='sig %d' % n)
    t.cmd('VerifySignature', [keys['rsa']], [b2(b'd' * 32), scheme(A.RSASSA, A.SHA256),
                                             b2(b'\xff' * 256)], label='sig above modulus')
    t.flush(*keys.values())
    for label, how in (('decrypt rsa', {'attrs': EXTERNAL | DECRYPT}),
                       ('null hierarchy', {'hierarchy': NULL}),
                       ('platform', {'hierarchy': PLATFORM}),
                       ('pss', {'sch': scheme(A.RSAPSS, A.SHA256)})):
        key = load_rsa(t, **how)
        t.cmd('VerifySignature', [key], [b2(digest(A.SHA256, message)), rsa_sign(message)],
              label=label)
        pss = rsa_private()[0].sign(message, padding.PSS(padding.MGF1(HASH_CLASS[A.SHA256]()), 32),
                                    HASH_CLASS[A.SHA256]())
        t.cmd('VerifySignature', [key], [b2(digest(A.SHA256, message)),
                                         scheme(A.RSAPSS, A.SHA256), b2(pss)], label=label)
        t.flush(key)


@scenario('rsa')
def encrypt_and_decrypt(t):
    parent = primary(t)
    kinds = {'null': make(t, parent, rsa_key(KEY | DECRYPT)),
             'sign': make(t, parent, rsa_key(KEY | SIGN))}
    paddings = [NULL_SCHEME, u16(A.RSAES), scheme(A.RSASSA, A.SHA256), scheme(A.OAEP, A.NULL),
                u16(0x77)] + [scheme(A.OAEP, h) for h in BANKS]
    for kind, key in kinds.items():
        for pad in paddings:
            for message in (b'', b'm', b'm' * 32, b'm' * 190, b'm' * 191, b'm' * 245, b'm' * 246,
                            b'\0' + b'm' * 255, b'\xff' * 256, b'm' * 257):
                for label in (b'', b'label\0', b'label', b'a\0b\0', b'\0'):
                    if label and len(message) > 1:
                        continue
                    name = '%s %s %d %r' % (kind, pad.hex(), len(message), label)
                    r = t.cmd('RSA_Encrypt', [key], [b2(message), pad, b2(label)], label=name)
                    if r.rc == 0:
                        t.cmd('RSA_Decrypt', [key], [r['outData'], pad, b2(label)], label=name)
    key = kinds['null']
    for pad in paddings:
        for cipher in (b'', b'c' * 255, b'\1' * 256, b'\xff' * 256, b'\0' * 256, b'c' * 257):
            t.cmd('RSA_Decrypt', [key], [b2(cipher), pad, b2(b'')],
                  label='bad value %s %d %r' % (pad.hex(), len(cipher), cipher[:1]))
    r = t.cmd('RSA_Encrypt', [key], [b2(b'm'), scheme(A.OAEP, A.SHA256), b2(b'a\0')])
    t.cmd('RSA_Decrypt', [key], [r['outData'], scheme(A.OAEP, A.SHA256), b2(b'b\0')],
          label='bad value label')
    t.cmd('RSA_Decrypt', [key], [r['outData'], u16(A.RSAES), b2(b'')], label='bad value scheme')
    t.flush(*kinds.values())
    for label, pub in (('oaep', rsa_key(KEY | DECRYPT, sch=scheme(A.OAEP, A.SHA256))),
                       ('rsaes', rsa_key(KEY | DECRYPT, sch=u16(A.RSAES)))):
        key = make(t, parent, pub)
        for pad in paddings:
            r = t.cmd('RSA_Encrypt', [key], [b2(b'm'), pad, b2(b'')], label=label + pad.hex())
            if r.rc == 0:
                t.cmd('RSA_Decrypt', [key], [r['outData'], pad, b2(b'')], label=label)
        t.flush(key)
    for label, handle in (('ecc', parent), ('restricted', primary(t, rsa_key(STORAGE)))):
        t.cmd('RSA_Encrypt', [handle], [b2(b'm'), u16(A.RSAES), b2(b'')], label=label)
        t.cmd('RSA_Decrypt', [handle], [b2(b'm' * 256), u16(A.RSAES), b2(b'')], label=label)
    external = load_rsa(t, attrs=EXTERNAL | DECRYPT)
    t.cmd('RSA_Decrypt', [external], [b2(b'm' * 256), u16(A.RSAES), b2(b'')], label='public only')
    t.cmd('RSA_Encrypt', [external], [b2(b'\2'), NULL_SCHEME, b2(b'')], label='public only')


@scenario('ecc')
def key_agreement(t):
    parent = primary(t)
    ours = ecc_private()[1]
    p384 = ecc_private(4)[1]
    for label, pub in (('null', ecc(KEY | DECRYPT)), ('ecdh', ecc(KEY | DECRYPT, sch=scheme(
            A.ECDH, A.SHA256))), ('sign', ecc(KEY | SIGN)), ('p384', ecc(KEY | DECRYPT, 4)),
            ('p521', ecc(KEY | DECRYPT, 5))):
        key = make(t, parent, pub)
        r = t.cmd('ECDH_KeyGen', [key], label=label)
        if r.rc == 0:
            t.cmd('ECDH_ZGen', [key], [r['pubPoint']], label=label)
        for name, (x, y) in (('good', ours), ('off', (ours[0], ours[0])), ('zero', (b'', b'')),
                             ('zeros', (bytes(32), bytes(32))), ('p384', p384),
                             ('short', (ours[0][1:], ours[1])),
                             ('long', (b'\0' + ours[0], ours[1])),
                             ('large', (b'\xff' * 32, b'\xff' * 32)),
                             ('huge', (b'\1' * 67, b'\1'))):
            t.cmd('ECDH_ZGen', [key], [b2(b2(x) + b2(y))], label='%s %s' % (label, name))
        t.cmd('ECDH_ZGen', [key], [b2(b'')], label='no point')
        t.flush(key)
    t.cmd('ECDH_KeyGen', [parent], label='parent')
    t.cmd('ECDH_ZGen', [parent], [b2(b2(ours[0]) + b2(ours[1]))], label='parent')
    key = load_ecc(t, True, attrs=EXTERNAL | DECRYPT)
    t.cmd('ECDH_ZGen', [key], [b2(b2(ours[0]) + b2(ours[1]))], label='known')
    t.flush(key)
    key = load_ecc(t, attrs=EXTERNAL | DECRYPT)
    t.cmd('ECDH_ZGen', [key], [b2(b2(ours[0]) + b2(ours[1]))], label='public only')
    t.cmd('ECDH_KeyGen', [key], label='public only')
    t.flush(key)
    rsa = load_rsa(t)
    t.cmd('ECDH_KeyGen', [rsa], label='rsa')
    t.cmd('ECDH_ZGen', [rsa], [b2(b2(ours[0]) + b2(ours[1]))], label='rsa')
    for curve in range(0, 0x22):
        t.cmd('ECC_Parameters', [], [u16(curve)], label='%#x' % curve)
        t.cmd('EC_Ephemeral', [], [u16(curve)], label='%#x' % curve)


@scenario('ecc')
def two_phase(t):
    parent = primary(t)
    theirs = ecc_private()[1]
    other = ec.derive_private_key(12345, CURVES[3]()).public_key().public_numbers()
    second = (other.x.to_bytes(32, 'big'), other.y.to_bytes(32, 'big'))
    points = [b2(b2(p[0]) + b2(p[1])) for p in (theirs, second)]
    for label, pub in (('null', ecc(KEY | DECRYPT)), ('ecdh', ecc(KEY | DECRYPT, sch=scheme(
            A.ECDH, A.SHA256))), ('ecmqv', ecc(KEY | DECRYPT, sch=scheme(A.ECMQV, A.SHA256))),
            ('sign', ecc(KEY | SIGN)), ('p384', ecc(KEY | DECRYPT, 4))):
        r = t.cmd('Create', [parent], [b2(b2(b'') + b2(b'')), b2(pub), b2(b''), u32(0)],
                  label=label)
        if r.rc:
            continue
        key = load(t, parent, [r['outPrivate'], r['outPublic']])
        for sch in (A.ECDH, A.ECMQV, A.SM2, A.NULL, A.ECDSA):
            e = t.cmd('EC_Ephemeral', [], [u16(3)], label=label)
            if e.rc:
                continue
            counter = e['counter']
            t.cmd('ZGen_2Phase', [key], points + [u16(sch), u16(int.from_bytes(counter, 'big') +
                                                                1)], label='counter')
            t.cmd('ZGen_2Phase', [key], points + [u16(sch), counter],
                  label='%s %#x' % (label, sch))
            t.cmd('ZGen_2Phase', [key], points + [u16(sch), counter], label='again')
            t.cmd('ZGen_2Phase', [key], [b2(b2(theirs[0]) + b2(theirs[0])), points[1], u16(sch),
                                         counter], label='off the curve')
        t.flush(key)


@scenario('ecc')
def anonymous(t):
    parent = primary(t)
    point = b2(b2(ecc_private()[1][0]) + b2(ecc_private()[1][1]))
    for curve in (3, 0x10, 4):
        for sch in (scheme(A.ECDAA, A.SHA256, u16(0)), u16(A.NULL), scheme(A.ECDSA, A.SHA256),
                    scheme(A.ECSCHNORR, A.SHA256)):
            r = t.cmd('Create', [parent], [b2(b2(b'') + b2(b'')), b2(ecc(KEY | SIGN, curve, sch)),
                                           b2(b''), u32(0)], label='%d %s' % (curve, sch.hex()))
            if r.rc:
                continue
            key = load(t, parent, [r['outPrivate'], r['outPublic']])
            for name, params in (
                    ('nothing', [b2(b2(b'') + b2(b'')), b2(b''), b2(b'')]),
                    ('P1', [point, b2(b''), b2(b'')]), ('empty P1', [b2(b''), b2(b''), b2(b'')]),
                    ('s2 only', [b2(b2(b'') + b2(b'')), b2(b's'), b2(b'')]),
                    ('y2 only', [b2(b2(b'') + b2(b'')), b2(b''), b2(b'y' * 32)]),
                    ('both', [point, b2(b'seed'), b2(b'y' * 32)])):
                c = t.cmd('Commit', [key], params, label='%d %s %s' % (curve, sch.hex(), name))
                if c.rc == 0:
                    n = int.from_bytes(c['counter'], 'big')
                    for count in (n, n + 1, n):
                        t.cmd('Sign', [key], [b2(b'd' * 32), scheme(A.ECDAA, A.SHA256, u16(count)),
                                              NULL_TICKET], label='%s %+d' % (name, count - n))
            for hash_alg in (A.SHA256, A.SHA1):
                s = t.cmd('Sign', [key], [b2(b'd' * digest_size(hash_alg)),
                                          scheme(A.ECSCHNORR, hash_alg), NULL_TICKET],
                          label='schnorr')
                if s.rc == 0:
                    t.cmd('VerifySignature', [key], [b2(b'd' * digest_size(hash_alg)),
                                                     s['signature']], label='schnorr')
                    t.cmd('VerifySignature', [key], [b2(b'e' * digest_size(hash_alg)),
                                                     s['signature']], label='schnorr wrong')
            t.flush(key)


@scenario('symmetric')
def key_size_192(t):
    parent = primary(t)
    for mode in (A.NULL, A.CFB, A.CTR, A.CMAC):
        pub = symcipher(KEY | DECRYPT, sym(bits=192, mode=mode))
        t.cmd('Create', [parent], [b2(b2(b'') + b2(b'')), b2(pub), b2(b''), u32(0)],
              label='192 %#x' % mode)


@scenario('symmetric')
def encrypt_decrypt(t):
    parent = primary(t)
    for bits in (128, 256):
        for mode in (A.NULL, A.CFB, A.CTR, A.OFB, A.CBC, A.ECB):
            pub = symcipher(KEY | DECRYPT | SIGN, sym(bits=bits, mode=mode))
            r = t.cmd('Create', [parent], [b2(b2(b'') + b2(b'')), b2(pub), b2(b''), u32(0)],
                      label='%d %#x' % (bits, mode))
            if r.rc:
                continue
            key = load(t, parent, [r['outPrivate'], r['outPublic']])
            for m in (A.NULL, A.CFB, A.CTR, A.OFB, A.CBC, A.ECB, A.CMAC, 0x77):
                for iv in (b'', bytes(16), b'\xff' * 16, bytes(15), bytes(17)):
                    for n in (0, 5, 16, 31, 32):
                        label = '%d %#x %#x iv %d %d' % (bits, mode, m, len(iv), n)
                        if len(iv) != 16 and n != 32:
                            continue
                        e = t.cmd('EncryptDecrypt', [key], [u8(0), u16(m), b2(iv), b2(b'p' * n)],
                                  label=label)
                        if e.rc == 0:
                            t.cmd('EncryptDecrypt', [key], [u8(1), u16(m), b2(iv), e['outData']],
                                  label=label)
                        t.cmd('EncryptDecrypt2', [key], [b2(b'p' * n), u8(0), u16(m), b2(iv)],
                              label=label)
            t.flush(key)
    for label, pub in (('sign only', symcipher(KEY | SIGN)),
                       ('decrypt only', symcipher(KEY | DECRYPT)),
                       ('restricted', symcipher(STORAGE)), ('hmac', keyedhash(KEY | SIGN)),
                       ('ecc', ecc(KEY | DECRYPT))):
        r = t.cmd('Create', [parent], [b2(b2(b'') + b2(b'')), b2(pub), b2(b''), u32(0)],
                  label=label)
        if r.rc:
            continue
        key = load(t, parent, [r['outPrivate'], r['outPublic']])
        for decrypt in (0, 1, 2):
            for n in (16, 1024, 1025):
                t.cmd('EncryptDecrypt', [key], [u8(decrypt), u16(A.CFB), b2(bytes(16)),
                                                b2(b'p' * n)], label='%s %d' % (label, decrypt))
                t.cmd('EncryptDecrypt2', [key], [b2(b'p' * n), u8(decrypt), u16(A.CFB),
                                                 b2(bytes(16))], label='%s %d' % (label, decrypt))
        t.flush(key)


@scenario('symmetric')
def known_keys(t):
    """Imported by LoadExternal, so that the bytes are known."""
    import hashlib
    secret = b'k' * 16
    unique = hashlib.sha256(b's' * 32 + secret).digest()
    sens = b2(u16(A.SYMCIPHER) + b2(b'') + b2(b's' * 32) + b2(secret))
    for mode in (A.NULL, A.CFB, A.CTR, A.OFB, A.CBC, A.ECB):
        r = t.cmd('LoadExternal', [], [sens, b2(symcipher(EXTERNAL | DECRYPT | SIGN, sym(
            mode=mode), unique=unique)), u32(NULL)], label='%#x' % mode)
        if r.rc:
            continue
        for m in (A.CFB, A.CTR, A.OFB, A.CBC, A.ECB):
            for n in (16, 40, 64):
                for decrypt in (0, 1):
                    t.cmd('EncryptDecrypt2', [r.handle], [b2(b'p' * n), u8(decrypt), u16(m),
                                                          b2(b'' if m == A.ECB else b'i' * 16)],
                          label='%#x %#x %d' % (mode, m, n))
        t.flush(r.handle)
    mac = hashlib.sha256(b's' * 32 + secret).digest()
    for label, pub in (('hmac', keyedhash(EXTERNAL | SIGN, scheme(A.HMAC, A.SHA256),
                                          unique=mac)),
                       ('cmac', symcipher(EXTERNAL | SIGN, sym(mode=A.CMAC), unique=mac))):
        kind = A.KEYEDHASH if label == 'hmac' else A.SYMCIPHER
        r = t.cmd('LoadExternal', [], [b2(u16(kind) + b2(b'') + b2(b's' * 32) + b2(secret)),
                                       b2(pub), u32(NULL)], label=label)
        if r.rc:
            continue
        for alg in (A.NULL, A.SHA256, A.SHA1, A.CMAC, A.RSA):
            t.cmd('HMAC', [r.handle], [b2(b'data'), u16(alg)], label='%s %#x' % (label, alg))
            s = t.cmd('HMAC_Start', [r.handle], [b2(b''), u16(alg)], label=label)
            if s.rc == 0:
                t.cmd('SequenceUpdate', [s.handle], [b2(b'da')], label=label)
                t.cmd('SequenceComplete', [s.handle], [b2(b'ta'), u32(NULL)], label=label)
                t.flush(s.handle)
        t.flush(r.handle)


@scenario('attest')
def quotes_and_certificates(t):
    parent = primary(t)
    t.cmd('PCR_Extend', [10], [u32(1), u16(A.SHA256), b'x' * 32])
    keys = {'ak': signer(t, parent), 'plain': signer(t, parent, False)}
    for kind, key in list(keys.items()) + [('null', NULL), ('parent', parent)]:
        for sch in (NULL_SCHEME, scheme(A.ECDSA, A.SHA256), scheme(A.ECDSA, A.SHA1),
                    scheme(A.RSASSA, A.SHA256), scheme(A.ECDSA, A.NULL)):
            label = '%s %s' % (kind, sch.hex())
            for q in (b'', b'nonce', b'q' * 64, b'q' * 66, b'q' * 67):
                t.cmd('Quote', [key], [b2(q), sch, pcrs((A.SHA256, (0, 10)))], label=label)
                t.cmd('GetTime', [ENDORSEMENT, key], [b2(q), sch], label=label)
                t.cmd('Certify', [parent, key], [b2(q), sch], label=label)
            for selection in (pcrs(), pcrs((A.SHA1, range(24))), pcrs((A.SM3, (1,))),
                              pcrs((A.SHA256, (1,)), (A.SHA1, (2,)), (A.SHA256, (3,))),
                              u32(1) + u16(A.SHA256) + b'\x04\0\0\0\1'):
                t.cmd('Quote', [key], [b2(b'q'), sch, selection],
                      label='%s %s' % (label, selection.hex()))
    t.flush(keys['plain'])
    for auth in (OWNER, PLATFORM, NULL):
        t.cmd('GetTime', [auth, keys['ak']], [b2(b''), NULL_SCHEME], label='%#x' % auth)
    t.cmd('Certify', [NULL, keys['ak']], [b2(b''), NULL_SCHEME], label='object null')
    seq = t.cmd('HashSequenceStart', [], [b2(b''), u16(A.SHA256)])
    t.cmd('Certify', [seq.handle, keys['ak']], [b2(b''), NULL_SCHEME], label='sequence')
    t.flush(seq.handle)
    external = load_rsa(t)
    t.cmd('Certify', [external, keys['ak']], [b2(b''), NULL_SCHEME], label='public only')
    t.flush(external)


@scenario('attest')
def certify_creation(t):
    parent = primary(t)
    ak = signer(t, parent)
    r = t.must('CreatePrimary', [OWNER], [b2(b2(b'') + b2(b'')), b2(ecc(KEY | SIGN)),
                                          b2(b'outside'), pcrs((A.SHA256, (0,)))])
    for key in (ak, NULL):
        for name, h, ticket in (
                ('good', r['creationHash'], r['creationTicket']),
                ('hash', b2(b'x' * 32), r['creationTicket']),
                ('short hash', b2(b'x' * 31), r['creationTicket']),
                ('ticket', r['creationHash'], flip(r['creationTicket'])),
                ('tag', r['creationHash'], u16(0x8024) + r['creationTicket'][2:]),
                ('hierarchy', r['creationHash'], r['creationTicket'][:2] + u32(PLATFORM) +
                 r['creationTicket'][6:]), ('null ticket', r['creationHash'],
                                            u16(0x8021) + u32(NULL) + b2(b''))):
            for obj in (r.handle, parent):
                t.cmd('CertifyCreation', [key, obj], [b2(b'q'), h, NULL_SCHEME, ticket],
                      label='%s %s' % (name, obj == parent))


@scenario('attest')
def ek_hierarchies(t):
    """What an attestation says outside and inside the endorsement hierarchy."""
    for hierarchy in (ENDORSEMENT, OWNER, PLATFORM, NULL):
        key = primary(t, ecc(KEY | SIGN | RESTRICTED, sch=scheme(A.ECDSA, A.SHA256)), hierarchy)
        t.cmd('Quote', [key], [b2(b'q'), NULL_SCHEME, pcrs((A.SHA256, (0,)))],
              label='%#x' % hierarchy)
        t.cmd('GetTime', [ENDORSEMENT, key], [b2(b'q'), NULL_SCHEME], label='%#x' % hierarchy)
        t.cmd('Certify', [key, key], [b2(b'q'), NULL_SCHEME], label='%#x' % hierarchy)
        t.flush(key)


@scenario('attest')
def credentials(t):
    parent = primary(t)
    rsa_parent = primary(t, rsa_key(STORAGE))
    key = make(t, parent, ecc(KEY | SIGN | 0x80))
    name = t.name(key)
    for where in (parent, rsa_parent):
        for secret in (b'', b's', b's' * 32, b's' * 33, b's' * 64):
            r = t.cmd('MakeCredential', [where], [b2(secret), b2(name)],
                      label='%d' % len(secret))
            if r.rc:
                continue
            for n, (blob, seed) in enumerate((
                    (r['credentialBlob'], r['secret']),
                    (flip(r['credentialBlob']), r['secret']),
                    (r['credentialBlob'], flip(r['secret'])),
                    (b2(r['credentialBlob'][2:-1]), r['secret']), (b2(b''), r['secret']),
                    (r['credentialBlob'], b2(b'')), (r['credentialBlob'], b2(b'\0\0\0\0')))):
                label = '%d %s' % (n, where == parent)
                t.cmd('ActivateCredential', [key, where], [blob, seed], label='admin ' + label)
                t.cmd('ActivateCredential', [parent, where], [blob, seed],
                      label='wrong name ' + label)
    for bad in (b'', b'name', name[:-1], name + b'x'):
        t.cmd('MakeCredential', [parent], [b2(b's'), b2(bad)], label='name %d' % len(bad))
    t.cmd('MakeCredential', [key], [b2(b's'), b2(name)], label='no parent')
    t.flush(key, rsa_parent)
    blobs = create(t, parent, ecc(KEY | SIGN))
    key = load(t, parent, blobs)
    r = t.must('MakeCredential', [parent], [b2(b'secret'), b2(t.name(key))])
    t.cmd('ActivateCredential', [key, parent], [r['credentialBlob'], r['secret']], label='good')
    for bad in (OWNER, key):
        t.cmd('ActivateCredential', [key, bad], [r['credentialBlob'], r['secret']],
              label='key %s' % (bad == key))


@scenario('attest')
def x509(t):
    parent = primary(t)
    subject = make(t, parent, ecc(KEY | SIGN | X509))
    plain = make(t, parent, ecc(KEY | SIGN))
    name = bytes.fromhex('300d310b3009060355040313025858')
    validity = bytes.fromhex('301e170d3230303130313030303030305a170d3330303130313030303030305a')

    def der(tag, *parts):
        body = b''.join(parts)
        return bytes([tag]) + (bytes([len(body)]) if len(body) < 128 else
                               b'\x81' + bytes([len(body)])) + body

    ecdsa = bytes.fromhex('300a06082a8648ce3d040302')
    for label, bits in (('digitalSignature', 0x80), ('keyCertSign', 0x04), ('keyEncipherment',
                                                                            0x20)):
        extension = der(0x30, bytes.fromhex('0603551d0f0101ff'),
                        der(0x04, bytes([3, 2, 0, bits])))
        ext = der(0xa3, der(0x30, extension))
        for kind, partial in (('all', der(0x30, ecdsa, name, validity, name, ext)),
                              ('no algorithm', der(0x30, name, validity, name, ext)),
                              ('no extensions', der(0x30, ecdsa, name, validity, name)),
                              ('junk', b'junk'), ('empty', b''),
                              ('trailing', der(0x30, ecdsa, name, validity, name, ext) + b'x')):
            for who in (subject, plain):
                for sch in (NULL_SCHEME, scheme(A.ECDSA, A.SHA256)):
                    t.cmd('CertifyX509', [who, subject], [b2(b''), sch, b2(partial)],
                          label='%s %s %s %s' % (label, kind, who == subject, sch.hex()))
    t.cmd('CertifyX509', [subject, NULL], [b2(b''), NULL_SCHEME, b2(b'')], label='null')
    t.cmd('CertifyX509', [subject, subject], [b2(b'x'), NULL_SCHEME, b2(b'')], label='reserved')
