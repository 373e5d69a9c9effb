"""A client of the fault server, byte by byte: it says what a test wants it to say.

TLS only, from the X.224 Connection Request ([MS-RDPBCGR] 2.2.1.1) to the Font List (2.2.1.18). It
is no model of a good client: nothing is checked that is not needed to go on.
"""

import socket
import ssl
import struct

ERROR_INFO = 0x0001
STATUS_INFO = 0x0004
AUTO_DETECT = 0x0080
GRAPHICS = 0x0100
HEARTBEAT = 0x0400

IO_CHANNEL = 1003
FIRST_USER = 1001


class Over(Exception):
    """The server has ended the connection: with "FIN" or "RST"."""


def x224(data):
    return struct.pack(">BBH", 3, 0, len(data) + 7) + b"\x02\xf0\x80" + data


def ber(tag, data):
    return tag + b"\x82" + struct.pack(">H", len(data)) + data


def per_length(data):
    return struct.pack(">H", 0x8000 | len(data)) + data


class RawClient:
    def __init__(self, port, early=0, channels=("drdynvc",), message_channel=False,
                 multitransport=None, cookie="Cookie: mstshash=raw\r\n", selected=1, depths=0xF,
                 seconds=5):
        self.early, self.channels, self.selected, self.depths = early, channels, selected, depths
        self.message_channel, self.multitransport = message_channel, multitransport
        self.pdus = []  # what has come, above TLS
        self.left, self.tls = b"", None
        self.socket = socket.create_connection(("127.0.0.1", port), seconds)
        body = cookie.encode() + b"\x01\x00\x08\x00\x01\x00\x00\x00"
        self.socket.sendall(struct.pack(">BBHBB", 3, 0, len(body) + 11, len(body) + 6, 0xE0)
                            + b"\0" * 5 + body)
        self.read()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        # through memory: an SSLSocket does not tell FIN and RST apart
        self.inside, self.outside = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = context.wrap_bio(self.inside, self.outside)
        self.through_tls(self.tls.do_handshake)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def receive(self):
        try:
            data = self.socket.recv(65536)
        except ConnectionResetError:
            raise Over("RST") from None
        if not data:
            raise Over("FIN")
        return data

    def through_tls(self, step, *arguments):
        """Carries a step of TLS out, with all that has to be sent and read for it."""
        while True:
            try:
                result = step(*arguments)
            except ssl.SSLWantReadError:
                result = None
            try:
                self.socket.sendall(self.outside.read())
            except (BrokenPipeError, ConnectionResetError):
                raise Over("RST") from None
            if result is not None or step == self.tls.do_handshake and self.tls.version():
                return result
            self.inside.write(self.receive())

    def exactly(self, count):
        while len(self.left) < count:
            self.left += self.through_tls(self.tls.read, 65536) if self.tls else self.receive()
        data, self.left = self.left[:count], self.left[count:]
        return data

    def read(self):
        """The next PDU, whole."""
        header = self.exactly(4)
        pdu = header + self.exactly(struct.unpack(">H", header[2:])[0] - 4)
        self.pdus.append(pdu)
        return pdu

    def rest(self):
        """All that still comes, and how it ends; "silence" where it does not."""
        pdus = []
        self.socket.settimeout(1)
        try:
            while True:
                pdus.append(self.read())
        except Over as over:
            return pdus, str(over)
        except TimeoutError:
            return pdus, "silence"

    def send(self, data):
        self.through_tls(self.tls.write, x224(data))

    def send_data(self, data, channel=IO_CHANNEL):
        self.send(struct.pack(">BHHB", 0x64, self.user - FIRST_USER, channel, 0x70)
                  + per_length(data))

    # ---- the handshake, step by step

    def blocks(self):
        core = struct.pack("<IHHHHII", 0x0008000C, 1024, 768, 0xCA01, 0xAA03, 0x409, 26100)
        core += "raw".encode("utf-16-le").ljust(32, b"\0") + struct.pack("<III", 4, 0, 12)
        core += b"\0" * 64 + struct.pack("<HHIHHH", 0xCA01, 1, 0, 32, self.depths,
                                      self.early)
        core += b"\0" * 64 + struct.pack("<BBI", 0, 0, self.selected)
        net = struct.pack("<I", len(self.channels))
        net += b"".join(name.encode().ljust(8, b"\0") + struct.pack("<I", 0xC0800000)
                        for name in self.channels)
        yield 0xC001, core
        yield 0xC002, struct.pack("<II", 0, 0)
        yield 0xC003, net
        if self.message_channel:
            yield 0xC006, struct.pack("<I", 0)
        if self.multitransport is not None:
            yield 0xC00A, struct.pack("<I", self.multitransport)

    def basic_settings(self):
        user = b"".join(struct.pack("<HH", kind, len(body) + 4) + body
                        for kind, body in self.blocks())
        create = b"\x00\x08\x00\x10\x00\x01\xc0\x00Duca" + per_length(user)
        gcc = b"\x00\x05\x00\x14\x7c\x00\x01" + per_length(create)
        parameters = b"".join(
            ber(b"\x30", b"".join(b"\x02\x03" + value.to_bytes(3, "big") for value in values))
            for values in ((34, 2, 0, 1, 0, 1, 65535, 2), (1, 1, 1, 1, 0, 1, 1056, 2),
                           (65535, 64535, 65535, 1, 0, 1, 65535, 2)))
        body = b"\x04\x01\x01\x04\x01\x01\x01\x01\xff" + parameters + ber(b"\x04", gcc)
        self.send(ber(b"\x7f\x65", body))
        response = self.read()
        at = response.index(b"McDn")
        self.ids = []
        self.message_id = None
        at += 6 if response[at + 4] & 0x80 else 5
        while at < len(response):
            kind, size = struct.unpack_from("<HH", response, at)
            if kind == 0x0C03:
                count, = struct.unpack_from("<H", response, at + 6)
                self.ids = list(struct.unpack_from("<%dH" % count, response, at + 8))
            elif kind == 0x0C04:
                self.message_id, = struct.unpack_from("<H", response, at + 4)
            at += size

    def join(self, channel):
        self.send(struct.pack(">BHH", 0x38, self.user - FIRST_USER, channel))
        self.read()

    def channel_connection(self):
        self.send(b"\x04\x01\x00\x01\x00")
        self.send(b"\x28")
        self.user = struct.unpack(">H", self.read()[9:11])[0] + FIRST_USER
        for channel in (self.user, IO_CHANNEL, *self.ids, *filter(None, [self.message_id])):
            self.join(channel)

    def client_info(self, flags=0x10, terminator=b"\0\0"):
        info = struct.pack("<IIHHHHH", 0, flags, 0, 8, 0, 0, 0)
        info += terminator + "user".encode("utf-16-le") + terminator * 4
        info += struct.pack("<HHHHH", 2, 2, 0, 2, 0) + b"\0" * 172 + struct.pack("<IIH", 0, 0, 0)
        self.send_data(struct.pack("<HH", 0x40, 0) + info)

    def until_client_info(self):
        self.basic_settings()
        self.channel_connection()
        self.client_info()
        return self

    def await_demand_active(self):
        while True:
            pdu = self.read()
            if pdu[7] == 0x68 and struct.unpack_from("<H", pdu, 17)[0] & 0xF == 1:
                self.share, = struct.unpack_from("<I", pdu, 21)
                return

    def share_control(self, kind, body):
        self.send_data(struct.pack("<HHH", len(body) + 6, kind, self.user) + body)

    def share_data(self, kind, body):
        self.share_control(0x17, struct.pack("<IBBHBBH", self.share, 0, 1, len(body) + 12, kind, 0,
                                             0) + body)

    def confirm_active(self, originator=0x3EA, share=None):
        general = struct.pack("<HHHHHHHHHHHBB", 1, 24, 1, 3, 0x200, 0, 0, 0x41D, 0, 0, 0, 0, 0)
        sets = struct.pack("<HH", 1, 0) + general
        self.share_control(0x13, struct.pack("<IHHH", self.share if share is None else share,
                                             originator, 4, len(sets)) + b"raw\0" + sets)

    def finalization(self):
        self.share_data(0x1F, struct.pack("<HH", 1, 0x3EA))
        self.share_data(0x14, struct.pack("<HHI", 4, 0, 0))
        self.share_data(0x14, struct.pack("<HHI", 1, 0, 0))
        self.share_data(0x27, struct.pack("<HHHH", 0, 0, 3, 0x32))
