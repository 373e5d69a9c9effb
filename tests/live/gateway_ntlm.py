"""The server's side of NTLMv2 ([MS-NLMP]), raw and within SPNEGO ([MS-SPNG], RFC 4178), for the test gateway.

One Acceptor verifies one client: step(token) answers each of its tokens until it is |done| or Refused is
raised. Whatever a client leaves out or gets wrong is Refused with what it was: a test wants to know.
"""

import hashlib
import hmac
import os
import struct
import time


class Refused(Exception):
    """The logon fails, or the token is none that [MS-NLMP] and RFC 4178 allow."""


def md4(data):
    """RFC 1320; OpenSSL 3 keeps it from hashlib."""
    def rotate(value, bits):
        value &= 0xFFFFFFFF
        return value << bits | value >> (32 - bits)

    state = [0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476]
    padded = data + b"\x80" + b"\0" * ((55 - len(data)) % 64) + struct.pack("<Q", len(data) * 8)
    rounds = (
        (range(16), (3, 7, 11, 19), 0, lambda x, y, z: x & y | ~x & z),
        ([i // 4 + i % 4 * 4 for i in range(16)], (3, 5, 9, 13), 0x5A827999,
         lambda x, y, z: x & y | x & z | y & z),
        ((0, 8, 4, 12, 2, 10, 6, 14, 1, 9, 5, 13, 3, 11, 7, 15), (3, 9, 11, 15), 0x6ED9EBA1,
         lambda x, y, z: x ^ y ^ z))
    for start in range(0, len(padded), 64):
        words = struct.unpack("<16I", padded[start:start + 64])
        a, b, c, d = state
        for order, shifts, constant, mix in rounds:
            for i, k in enumerate(order):
                a, b, c, d = d, rotate(a + mix(b, c, d) + words[k] + constant, shifts[i % 4]), b, c
        state = [(x + y) & 0xFFFFFFFF for x, y in zip(state, (a, b, c, d))]
    return struct.pack("<4I", *state)


class Rc4:
    def __init__(self, key):
        self.box, self.i, self.j = list(range(256)), 0, 0
        j = 0
        for i in range(256):
            j = (j + self.box[i] + key[i % len(key)]) % 256
            self.box[i], self.box[j] = self.box[j], self.box[i]

    def apply(self, data):
        out = bytearray()
        for byte in data:
            self.i = (self.i + 1) % 256
            self.j = (self.j + self.box[self.i]) % 256
            self.box[self.i], self.box[self.j] = self.box[self.j], self.box[self.i]
            out.append(byte ^ self.box[(self.box[self.i] + self.box[self.j]) % 256])
        return bytes(out)


def md5(data):
    return hashlib.md5(data).digest()


def hmac_md5(key, data):
    return hmac.new(key, data, "md5").digest()


# NEGOTIATE flags, [MS-NLMP] 2.2.2.5
UNICODE, OEM, REQUEST_TARGET, SIGN, SEAL, NTLM = 0x1, 0x2, 0x4, 0x10, 0x20, 0x200
ALWAYS_SIGN, TARGET_DOMAIN, EXTENDED_SESSION_SECURITY = 0x8000, 0x10000, 0x80000
TARGET_INFO, VERSION, KEY_128, KEY_EXCHANGE, KEY_56 = 0x800000, 0x2000000, 0x20000000, 0x40000000, 0x80000000
OFFERED = (UNICODE | OEM | SIGN | SEAL | NTLM | ALWAYS_SIGN | EXTENDED_SESSION_SECURITY | VERSION | KEY_128
           | KEY_EXCHANGE | KEY_56)

# AV_PAIR ids, [MS-NLMP] 2.2.2.1
AV_EOL, AV_COMPUTER, AV_DOMAIN, AV_DNS_COMPUTER, AV_DNS_DOMAIN, AV_DNS_TREE, AV_FLAGS = range(7)
AV_TIMESTAMP, AV_SINGLE_HOST, AV_TARGET_NAME, AV_CHANNEL_BINDINGS = range(7, 11)
FLAG_MIC = 2

SIGNATURE = b"NTLMSSP\0"
SERVER_VERSION = struct.pack("<BBHBBBB", 10, 0, 20348, 0, 0, 0, 15)  # Windows Server 2022


def channel_bindings(certificate):
    """MsvAvChannelBindings for tls-server-end-point (RFC 5929) of a certificate (DER) with a SHA-256
    signature: the MD5 of gss_channel_bindings_struct, which has no addresses here."""
    data = b"tls-server-end-point:" + hashlib.sha256(certificate).digest()
    return md5(bytes(16) + struct.pack("<I", len(data)) + data)


def av_pairs(data):
    pairs = {}
    while True:
        if len(data) < 4:
            raise Refused("AV_PAIRs without an end")
        kind, length = struct.unpack("<HH", data[:4])
        if len(data) < 4 + length:
            raise Refused("AV_PAIR longer than the message")
        if kind == AV_EOL:
            return pairs
        if kind in pairs:
            raise Refused("AV_PAIR %d twice" % kind)
        pairs[kind], data = data[4:4 + length], data[4 + length:]


class Ntlm:
    """Three messages; after the third |account|, |domain|, |workstation|, |mic| and |bound| tell what the
    client said, and sign() and verify() work with its session key."""

    def __init__(self, accounts, names, bindings=None, require_bindings=False):
        self.accounts, self.names = accounts, names
        self.bindings, self.require_bindings = bindings, require_bindings
        self.negotiate = self.challenge = self.key = None
        self.account = self.domain = self.workstation = ""
        self.mic = self.bound = self.done = False
        self.target_name = ""

    def step(self, token):
        if token[:8] != SIGNATURE or len(token) < 12:
            raise Refused("no NTLM message")
        kind = struct.unpack("<I", token[8:12])[0]
        if kind == 1 and self.negotiate is None:
            return self.begin(token)
        if kind == 3 and self.negotiate is not None and not self.done:
            self.finish(token)
            return b""
        raise Refused("NTLM message %d is not due" % kind)

    def begin(self, token):
        if len(token) < 16:
            raise Refused("NEGOTIATE is too short")
        asked = struct.unpack("<I", token[12:16])[0]
        if not asked & NTLM or not asked & (UNICODE | OEM):
            raise Refused("NEGOTIATE without NTLM, or without a character set")
        self.flags = asked & OFFERED & ~(OEM if asked & UNICODE else 0) | TARGET_INFO | TARGET_DOMAIN | REQUEST_TARGET
        self.charset = "utf-16-le" if asked & UNICODE else "latin-1"  # OEM: of what code page is not said
        self.nonce = os.urandom(8)
        stamp = struct.pack("<Q", int((time.time() + 11644473600) * 10_000_000))
        pairs = [(AV_DOMAIN, self.names["domain"]), (AV_COMPUTER, self.names["computer"]),
                 (AV_DNS_DOMAIN, self.names["dns_domain"]), (AV_DNS_COMPUTER, self.names["dns_computer"]),
                 (AV_DNS_TREE, self.names["dns_domain"])]
        info = b"".join(struct.pack("<HH", kind, len(text) * 2) + text.encode("utf-16-le")
                        for kind, text in pairs if text)
        info += struct.pack("<HH", AV_TIMESTAMP, 8) + stamp + struct.pack("<HH", AV_EOL, 0)
        target = self.names["domain"].encode(self.charset)
        self.negotiate = token
        self.challenge = (
            SIGNATURE + struct.pack("<IHHI", 2, len(target), len(target), 56)
            + struct.pack("<I", self.flags) + self.nonce + bytes(8)
            + struct.pack("<HHI", len(info), len(info), 56 + len(target)) + SERVER_VERSION
            + target + info)
        return self.challenge

    def finish(self, token):
        if len(token) < 64:
            raise Refused("AUTHENTICATE is too short")

        def field(at):
            length, _, offset = struct.unpack("<HHI", token[at:at + 8])
            if length and offset + length > len(token):
                raise Refused("AUTHENTICATE: a field beyond its end")
            return token[offset:offset + length]

        response, encrypted = field(20), field(52)
        try:
            self.domain, self.account, self.workstation = (
                field(at).decode(self.charset) for at in (28, 36, 44))
        except UnicodeDecodeError:
            raise Refused("AUTHENTICATE: no UTF-16") from None
        flags = struct.unpack("<I", token[60:64])[0]
        if not self.account or len(response) < 44:
            raise Refused("anonymous, or NTLMv1" if response or not self.account else "no response")
        self.check_password(response)
        self.exchange(flags, encrypted)
        pairs = av_pairs(response[44:])
        self.target_name = pairs.get(AV_TARGET_NAME, b"").decode("utf-16-le", "replace")
        self.check_mic(pairs, token)
        self.check_bindings(pairs)
        self.done = True

    def check_password(self, response):
        proof, blob = response[:16], response[16:]
        if blob[:2] != b"\x01\x01":
            raise Refused("NTLMv2_CLIENT_CHALLENGE: version")
        # an account is known by its name alone, as user, DOMAIN\user or user@domain
        name = self.account.split("\\")[-1]
        password = next((word for user, word in self.accounts.items() if user.lower() == name.lower()), None)
        if password is None:
            raise Refused("no such account")
        key = hmac_md5(md4(password.encode("utf-16-le")),
                       (self.account.upper() + self.domain).encode("utf-16-le"))
        if not hmac.compare_digest(hmac_md5(key, self.nonce + blob), proof):
            raise Refused("wrong password")
        self.key = hmac_md5(key, proof)

    def exchange(self, flags, encrypted):
        if flags & KEY_EXCHANGE:
            if len(encrypted) != 16:
                raise Refused("AUTHENTICATE: no session key")
            self.key = Rc4(self.key).apply(encrypted)
        self.agreed = flags
        self.sequence = {b"client-to-server": 0, b"server-to-client": 0}
        self.handles = {}

    def check_mic(self, pairs, token):
        flags = pairs.get(AV_FLAGS, bytes(4))
        if len(flags) != 4:
            raise Refused("MsvAvFlags of %d bytes" % len(flags))
        if not struct.unpack("<I", flags)[0] & FLAG_MIC:
            return
        if len(token) < 88:
            raise Refused("AUTHENTICATE: no room for a MIC")
        bare = token[:72] + bytes(16) + token[88:]
        if hmac_md5(self.key, self.negotiate + self.challenge + bare) != token[72:88]:
            raise Refused("wrong MIC")
        self.mic = True

    def check_bindings(self, pairs):
        told = pairs.get(AV_CHANNEL_BINDINGS, bytes(16))
        if told != bytes(16) and self.bindings:
            if told != self.bindings:
                raise Refused("channel bindings of another TLS connection")
            self.bound = True
        if self.require_bindings and not self.bound:
            raise Refused("no channel bindings")

    def signature(self, data, way):
        """GSS_GetMIC, [MS-NLMP] 3.4.4.2."""
        if way not in self.handles:
            sealing = self.key if self.agreed & KEY_128 else self.key[:7 if self.agreed & KEY_56 else 5]
            self.handles[way] = Rc4(md5(sealing + b"session key to " + way + b" sealing key magic constant\0"))
        key = md5(self.key + b"session key to " + way + b" signing key magic constant\0")
        sequence = struct.pack("<I", self.sequence[way])
        self.sequence[way] += 1
        digest = hmac_md5(key, sequence + data)[:8]
        if self.agreed & KEY_EXCHANGE:
            digest = self.handles[way].apply(digest)
        return struct.pack("<I", 1) + digest + sequence

    def sign(self, data):
        return self.signature(data, b"server-to-client")

    def verify(self, data, signature):
        return hmac.compare_digest(self.signature(data, b"client-to-server"), signature)


SPNEGO_OID = bytes.fromhex("06062b0601050502")
NTLM_OID = bytes.fromhex("060a2b06010401823702020a")
ACCEPT_COMPLETED, ACCEPT_INCOMPLETE, REJECT, REQUEST_MIC = range(4)


def der(tag, *contents):
    content = b"".join(contents)
    size = len(content)
    if size < 128:
        return bytes((tag, size)) + content
    octets = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(octets))) + octets + content


def der_read(data):
    """The first element of |data|: its tag, its content and what is behind it."""
    if len(data) < 2:
        raise Refused("DER ends early")
    size, at = data[1], 2
    if size & 0x80:
        count = size & 0x7F
        if not 0 < count < 4 or len(data) < 2 + count:
            raise Refused("DER length")
        size, at = int.from_bytes(data[2:2 + count], "big"), 2 + count
    if len(data) < at + size:
        raise Refused("DER ends early")
    return data[0], data[at:at + size], data[at + size:]


def der_fields(sequence):
    """The context-tagged members of a SEQUENCE by number."""
    tag, content, rest = der_read(sequence)
    if tag != 0x30 or rest:
        raise Refused("no SEQUENCE, or bytes behind it")
    fields = {}
    while content:
        tag, value, content = der_read(content)
        fields[tag & 0x1F] = value
    return fields


class Acceptor:
    """Negotiate: SPNEGO with NTLM in it, or raw NTLM, which clients may send under this name, too."""

    def __init__(self, ntlm):
        self.ntlm = ntlm
        self.spnego = None  # not known before the first token
        self.mechanisms = b""
        self.first = True  # NTLM is the mechanism that the client likes best

    @property
    def done(self):
        return self.ntlm.done

    def step(self, token):
        if self.spnego is None:
            self.spnego = token[:8] != SIGNATURE
        if not self.spnego:
            return self.ntlm.step(token)
        return self.begin(token) if not self.mechanisms else self.go_on(token)

    def begin(self, token):
        tag, content, rest = der_read(token)
        if tag != 0x60 or rest or content[:len(SPNEGO_OID)] != SPNEGO_OID:
            raise Refused("no SPNEGO token")
        tag, init, rest = der_read(content[len(SPNEGO_OID):])
        if tag != 0xA0 or rest:
            raise Refused("no NegTokenInit")
        fields = der_fields(init)
        self.mechanisms = fields.get(0, b"")
        offered = der_read(self.mechanisms)[1] if self.mechanisms else b""
        if NTLM_OID not in offered:
            raise Refused("SPNEGO without NTLM")
        self.first = offered.startswith(NTLM_OID)
        reply = [der(0xA0, der(0x0A, bytes((ACCEPT_INCOMPLETE if self.first else REQUEST_MIC,)))),
                 der(0xA1, NTLM_OID)]
        if self.first and 2 in fields:  # an optimistic token is the first mechanism's
            reply.append(der(0xA2, der(0x04, self.ntlm.step(der_read(fields[2])[1]))))
        return der(0xA1, der(0x30, *reply))

    def go_on(self, token):
        tag, content, rest = der_read(token)
        if tag != 0xA1 or rest:
            raise Refused("no NegTokenResp")
        fields = der_fields(content)
        if 2 not in fields:
            raise Refused("NegTokenResp without a token")
        answer = self.ntlm.step(der_read(fields[2])[1])
        if not self.ntlm.done:
            return der(0xA1, der(0x30, der(0xA0, der(0x0A, bytes((ACCEPT_INCOMPLETE,)))),
                                 der(0xA1, NTLM_OID), der(0xA2, der(0x04, answer))))
        reply = [der(0xA0, der(0x0A, bytes((ACCEPT_COMPLETED,))))]
        if 3 in fields:
            if not self.ntlm.verify(self.mechanisms, der_read(fields[3])[1]):
                raise Refused("wrong mechListMIC")
            reply.append(der(0xA3, der(0x04, self.ntlm.sign(self.mechanisms))))
        elif not self.first:
            raise Refused("no mechListMIC, although NTLM was not the first mechanism")
        return der(0xA1, der(0x30, *reply))
