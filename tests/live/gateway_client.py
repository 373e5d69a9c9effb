"""A strict client of RD Gateways for the tests of the test gateway: probe() says in which phase a connection ended and
how, as the rows of gateway_faults.py do. It is no judge of what a gateway is (xfreerdp is), but of each row."""

import base64
import os
import re
import socket
import ssl
import struct
import time
import uuid

import gateway_ntlm
from gateway_faults import Expect
from gateway_packets import (
    CHANNEL_CREATE, CHANNEL_RESPONSE, CLOSE_CHANNEL, CODES, DATA, HANDSHAKE_REQUEST, HANDSHAKE_RESPONSE, KEEPALIVE,
    REAUTH_MESSAGE, SERVICE_MESSAGE, TUNNEL_AUTH, TUNNEL_AUTH_RESPONSE, TUNNEL_CREATE, TUNNEL_RESPONSE, Cursor,
    data_packet, packet, text16)
from gateway_wire import BINARY, CLOSE, CONTINUATION, PING, PONG, Violation, accept_key, frame

ALERTS = {"HANDSHAKE_FAILURE": 40, "PROTOCOL_VERSION": 70, "INTERNAL_ERROR": 80, "UNRECOGNIZED_NAME": 112,
          "CERTIFICATE_REQUIRED": 116}
PACKET_LIMIT = 65545


class Over(Exception):
    """The connection is over: how, and where that has one, its code."""

    def __init__(self, how, space=None, code=None, closer="gateway"):
        super().__init__(how)
        self.how, self.space, self.code, self.closer = how, space, code, closer


class Stream:
    """TLS over TCP until |deadline|, or until nothing comes for |quiet| seconds. By way of memory: Python's own
    sockets of TLS report a reset as an end."""

    def __init__(self, port, deadline, quiet=60):
        self.deadline, self.quiet, self.buffer = deadline, quiet, b""
        self.sock = socket.create_connection(("127.0.0.1", port), timeout=2)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        self.incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = context.wrap_bio(self.incoming, self.outgoing, server_hostname="localhost")
        try:
            self.within_tls(self.tls.do_handshake)
        except (Over, Violation):
            self.sock.close()
            raise
        self.certificate = self.tls.getpeercert(True)

    def on_socket(self, call):
        try:
            self.sock.settimeout(max(min(self.deadline - time.monotonic(), self.quiet), 0.001))
            return call()
        except socket.timeout:
            raise Over("timeout", closer="deadline") from None
        except (ConnectionResetError, BrokenPipeError):
            raise Over("reset") from None

    def within_tls(self, call):
        while True:
            try:
                return call()
            except ssl.SSLWantReadError:
                pass
            except ssl.SSLError as error:
                for name, code in ALERTS.items():
                    if name in (error.reason or "") and ("ALERT" in error.reason or code == 112):
                        raise Over("tls-alert", "tls-alert", code) from None
                raise Violation(str(error)) from None
            finally:
                data = self.outgoing.read()
                if data:
                    self.on_socket(lambda data=data: self.sock.sendall(data))
            data = self.on_socket(lambda: self.sock.recv(65536))
            if not data:
                raise Over("fin")
            self.incoming.write(data)

    def read(self):
        data = self.within_tls(lambda: self.tls.read(65536))
        if not data:
            raise Over("fin")
        self.buffer += data

    def take(self, count):
        while len(self.buffer) < count:
            self.read()
        data, self.buffer = self.buffer[:count], self.buffer[count:]
        return data

    def write(self, data):
        self.within_tls(lambda: self.tls.write(data))

    def close(self):
        self.sock.close()


class Response:
    def __init__(self, stream):
        while b"\r\n\r\n" not in stream.buffer:
            if len(stream.buffer) > 65536 or not b"HTTP/1.1 "[:len(stream.buffer)] == stream.buffer[:9]:
                raise Violation("no HTTP header")
            stream.read()
        head, _, stream.buffer = stream.buffer.partition(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")
        found = re.fullmatch(r"HTTP/1\.1 (\d{3}) .*", lines[0])
        if not found or any(":" not in line for line in lines[1:]):
            raise Violation("HTTP header")
        self.status = int(found[1])
        self.headers = [(name.lower(), value.strip()) for name, _, value in (line.partition(":") for line in lines[1:])]

    def all(self, name):
        return [value for each, value in self.headers if each == name]

    def get(self, name):
        return (self.all(name) or [""])[0]


def authenticate(challenge, negotiate, account, password, certificate):
    """AUTHENTICATE with NTLMv2, a MIC and channel bindings, [MS-NLMP] 3.1.5.1.2."""
    if challenge[:12] != gateway_ntlm.SIGNATURE + b"\2\0\0\0" or len(challenge) < 48:
        raise Violation("no CHALLENGE")
    length, _, offset = struct.unpack("<HHI", challenge[40:48])
    pairs = gateway_ntlm.av_pairs(challenge[offset:offset + length])
    pairs[gateway_ntlm.AV_FLAGS] = struct.pack("<I", gateway_ntlm.FLAG_MIC)
    pairs[gateway_ntlm.AV_CHANNEL_BINDINGS] = gateway_ntlm.channel_bindings(certificate)
    info = b"".join(struct.pack("<HH", kind, len(value)) + value for kind, value in pairs.items()) + bytes(4)
    blob = b"\1\1" + bytes(6) + pairs[gateway_ntlm.AV_TIMESTAMP] + os.urandom(8) + bytes(4) + info
    key = gateway_ntlm.hmac_md5(gateway_ntlm.md4(password.encode("utf-16-le")), account.upper().encode("utf-16-le"))
    proof = gateway_ntlm.hmac_md5(key, challenge[24:32] + blob)
    session = os.urandom(16)
    fields, payload = b"", b""
    for value in (bytes(24), proof + blob, b"", account.encode("utf-16-le"), b"",
                  gateway_ntlm.Rc4(gateway_ntlm.hmac_md5(key, proof)).apply(session)):
        fields += struct.pack("<HHI", len(value), len(value), 88 + len(payload))
        payload += value
    head = gateway_ntlm.SIGNATURE + b"\3\0\0\0" + fields + negotiate[12:16] + bytes(8)
    mic = gateway_ntlm.hmac_md5(session, negotiate + challenge + head + bytes(16) + payload)
    return head + mic + payload


NEGOTIATE = gateway_ntlm.SIGNATURE + struct.pack("<II", 1, gateway_ntlm.OFFERED & ~gateway_ntlm.OEM) + bytes(24)


class Client:
    """One attempt; |phase| is where it is."""

    def __init__(self, port, transport, deadline, account=("foo", "bar"), quiet=60):
        self.port, self.transport, self.deadline, self.account = port, transport, deadline, account
        self.quiet = quiet
        self.phase = "gateway-tls"
        self.id, self.key = "{%s}" % uuid.uuid4(), base64.b64encode(os.urandom(16)).decode()
        self.streams, self.packets, self.message, self.opened = [], b"", None, False

    def request(self, method, upgrade, authorization=None, chunked=False, **more):
        headers = {"Host": "localhost", "RDG-Connection-Id": self.id, "User-Agent": "MS-RDGateway/1.0",
                   "Accept": "*/*", "Connection": "Upgrade" if upgrade else "Keep-Alive"}
        if upgrade:
            headers.update({"Upgrade": "websocket", "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": self.key})
        headers.update({"Transfer-Encoding": "chunked"} if chunked else {"Content-Length": "0"})
        if authorization:
            headers["Authorization"] = authorization
        headers.update(more)
        return ("%s /remoteDesktopGateway/ HTTP/1.1\r\n" % method
                + "".join("%s: %s\r\n" % pair for pair in headers.items() if pair[1] is not None) + "\r\n").encode()

    def connect(self, method):
        self.phase = "gateway-tls"
        stream = Stream(self.port, self.deadline, self.quiet)
        self.streams.append(stream)
        self.phase = "gateway-http"
        return stream, self.logon(stream, method, method == "RDG_OUT_DATA" and self.transport == "websocket")

    def ask(self, stream, method, upgrade, authorization=None):
        stream.write(self.request(method, upgrade, authorization))
        response = Response(stream)
        if response.status not in (101, 200):
            length = response.get("content-length") or "0"
            if response.status == 401 and length.isdigit():
                stream.take(int(length))
        return response

    def logon(self, stream, method, upgrade):
        response = self.ask(stream, method, upgrade)
        if response.status == 401:
            offers = [offer.split(" ")[0] for offer in response.all("www-authenticate")]
            scheme = next((each for each in ("Negotiate", "NTLM", "Basic") if each in offers), None)
            if scheme == "Basic":
                response = self.ask(stream, method, upgrade, "Basic " + base64.b64encode(
                    ":".join(self.account).encode()).decode())
            elif scheme:
                response = self.ntlm(stream, method, upgrade, scheme)
        if response.status not in (101, 200) or response.get("content-type"):
            raise Over("gateway-refused", "http", response.status)
        return response

    def ntlm(self, stream, method, upgrade, scheme):
        response = self.ask(stream, method, upgrade, "%s %s" % (scheme, base64.b64encode(NEGOTIATE).decode()))
        if response.status != 401:
            return response
        try:
            challenge = base64.b64decode(response.get("www-authenticate").partition(" ")[2], validate=True)
            token = authenticate(challenge, NEGOTIATE, *self.account, stream.certificate)
        except (ValueError, gateway_ntlm.Refused):
            raise Violation("CHALLENGE") from None
        return self.ask(stream, method, upgrade, "%s %s" % (scheme, base64.b64encode(token).decode()))

    def open(self):
        self.out, response = self.connect("RDG_OUT_DATA")
        if response.status == 101:
            if self.transport != "websocket":
                raise Violation("101")
            self.check_upgrade(response)
            self.websocket = True
            return
        self.websocket = False
        self.chunks = "chunked" in response.get("transfer-encoding")
        self.chunk = 0
        seed = b""
        while not seed:  # what comes before the first answer has no size of its own
            seed = self.body()
        self.into, response = self.connect("RDG_IN_DATA")
        if response.status != 200:
            raise Violation("RDG_IN_DATA: %d" % response.status)
        self.into.write(self.request("RDG_IN_DATA", False, chunked=True))

    def check_upgrade(self, response):
        class Asked:
            get = staticmethod({"Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": self.key}.get)

        if response.get("upgrade").lower() != "websocket" or "upgrade" not in response.get("connection").lower() \
                or response.get("sec-websocket-accept") != accept_key(Asked) \
                or response.all("sec-websocket-extensions") or response.all("sec-websocket-protocol"):
            raise Violation("101")

    # ------------------------------------------------------------------ packets

    def send(self, data):
        if self.websocket:
            self.out.write(frame(data, mask=b"\x01\x02\x03\x04"))
        else:
            self.into.write(b"%x\r\n%s\r\n" % (len(data), data))

    def body(self):
        """What comes next of the response to RDG_OUT_DATA."""
        if not self.out.buffer:
            self.out.read()
        if not self.chunks:
            data, self.out.buffer = self.out.buffer, b""
            return data
        while b"\r\n" not in self.out.buffer:
            self.out.read()
        size, _, self.out.buffer = self.out.buffer.partition(b"\r\n")
        return self.out.take(int(size, 16) + 2)[:-2]

    def frame(self):
        """What the next frame holds of a message."""
        first, second = self.out.take(2)
        opcode, last, size = first & 15, first & 0x80, second & 127
        if first & 0x70 or second & 0x80 or opcode not in (BINARY, CONTINUATION, CLOSE, PING, PONG):
            raise Violation("frame")
        if opcode >= CLOSE and (size > 125 or not last):
            raise Violation("control frame")
        if size > 125:
            least = 126 if size == 126 else 65536
            size = int.from_bytes(self.out.take(2 if size == 126 else 8), "big")
            if not least <= size <= 1 << 20:
                raise Violation("frame of %d bytes" % size)
        data = self.out.take(size)
        if opcode == PING:
            self.out.write(frame(data, PONG, mask=b"abcd"))
        if opcode == CLOSE:
            raise Over("fin")
        if opcode >= CLOSE:
            return b""
        if (opcode == CONTINUATION) != (self.message is not None):
            raise Violation("fragments")
        self.message = None if last else True
        return data

    def receive(self):
        """The next packet: its type and what it holds."""
        while True:
            if len(self.packets) >= 8:
                kind, _, size = struct.unpack("<HHI", self.packets[:8])
                if not 8 <= size <= PACKET_LIMIT or not 1 <= kind <= 0x11:
                    raise Violation("packet 0x%x of %d bytes" % (kind, size))
                if len(self.packets) >= size:
                    body, self.packets = self.packets[8:size], self.packets[size:]
                    return kind, Cursor(body, "answer")
            self.packets += self.frame() if self.websocket else self.body()

    def expect(self, due):
        """The packet that is due, past those that may come at any time."""
        while True:
            kind, body = self.receive()
            if kind == due:
                return body
            if kind == CLOSE_CHANNEL and self.opened:
                code = body.number(4)
                raise Over("gateway-refused", "gateway", code) if code else Over("fin")
            if kind == KEEPALIVE and self.opened:
                self.send(packet(KEEPALIVE))
            elif kind not in (SERVICE_MESSAGE, REAUTH_MESSAGE) or not self.opened:
                raise Violation("packet 0x%x" % kind)

    def check(self, code, *fine):
        if code and code not in fine:
            raise Over("gateway-refused", "gateway", code)

    def tunnel(self, port):
        self.phase = "gateway-handshake"
        self.send(packet(HANDSHAKE_REQUEST, struct.pack("<BBHH", 1, 0, 0, 0)))
        body = self.expect(HANDSHAKE_RESPONSE)
        self.check(body.number(4))
        if (body.number(1), body.number(1)) != (1, 0):
            raise Violation("version")
        body.number(4)
        self.phase = "gateway-tunnel"
        self.send(packet(TUNNEL_CREATE, struct.pack("<IHH", 0x3F, 0, 0)))
        self.tunnel_response(self.expect(TUNNEL_RESPONSE))
        self.phase = "gateway-authorization"
        self.send(packet(TUNNEL_AUTH, struct.pack("<H", 0), text16("client")))
        body = self.expect(TUNNEL_AUTH_RESPONSE)
        self.check(body.number(4), CODES["E_PROXY_QUARANTINE_ACCESSDENIED"])
        present = body.number(4) & 0xFFFF
        for flag, size in ((1, 4), (2, 4)):
            body.take(size if present & flag else 0)
        body.take(body.number(2) if present & 4 else 0)
        self.phase = "gateway-channel"
        self.send(packet(CHANNEL_CREATE, struct.pack("<BBHH", 1, 0, port, 3), text16("127.0.0.1")))
        body = self.expect(CHANNEL_RESPONSE)
        self.check(body.number(4))
        present = body.number(4) & 0xFFFF
        for flag, size in ((1, 4), (4, 2)):
            body.take(size if present & flag else 0)
        body.take(body.number(2) if present & 2 else 0)
        self.opened = True

    def tunnel_response(self, body):
        body.number(2)
        self.check(body.number(4))
        present = body.number(4) & 0xFFFF
        body.take(4 if present & 1 else 0)
        body.take(4 if present & 2 else 0)
        if present & 4:
            body.take(16)
            body.text("serverCert")
        if present & 0x10:
            body.text("consentMsg")

    def forwarded(self, *messages):
        """Sends each to the host, which echoes it."""
        for phase, message in zip(("negotiation", "tls"), messages):
            self.phase = phase
            self.send(data_packet(message))
            echoed = b""
            while len(echoed) < len(message):
                body = self.expect(DATA)
                data = body.take(body.number(2))
                body.end()
                if not data:
                    raise Violation("DATA of no bytes")
                echoed += data
            if echoed != message:
                raise Violation("%r came back as %r" % (message, echoed))

    def run(self, port):
        try:
            self.open()
            self.tunnel(port)
            self.forwarded(b"first", b"second")
        except Violation:
            return Expect(self.phase, "gateway", "protocol-violation")
        except Over as over:
            # TLS 1.3: the alert of a certificate that is missing comes late
            phase = "gateway-tls" if over.how == "tls-alert" else self.phase
            return Expect(phase, over.closer, over.how, over.space, over.code)
        finally:
            for stream in self.streams:
                stream.close()
        return Expect("", "", "done")


def probe(gateway_port, port, transport="websocket", seconds=15, quiet=60):
    """How a connection through the gateway to |port|, which echoes, ended."""
    return Client(gateway_port, transport, time.monotonic() + seconds, quiet=quiet).run(port)
