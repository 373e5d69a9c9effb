"""The byte streams of the test gateway: TLS over TCP, HTTP/1.1 requests, chunks and WebSocket frames (RFC 6455),
read strictly. What a client may not send raises Violation, what ends a connection raises Ended."""

import base64
import contextlib
import hashlib
import select
import socket
import ssl
import struct
import threading
import time

HEADER_LIMIT = 65536
FRAME_LIMIT = 1 << 20
WEBSOCKET_MAGIC = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10


class Ended(Exception):
    """The client ended the connection (fin, reset, alert), or nothing came for too long (timeout)."""


class Violation(Exception):
    """The client sent what it must not."""


class End(Exception):
    """The gateway ends the connection: close, fin, reset, or silence."""


class Wire:
    """One TCP connection, with TLS where |context| is not None. One thread reads, any may write: OpenSSL's
    object is used under a lock, and waiting is done on the socket outside of it."""

    def __init__(self, sock, context, stopping, seconds):
        self.sock, self.stopping, self.seconds = sock, stopping, seconds
        self.lock = threading.RLock()
        self.deadline = None  # set when the gateway has ended its direction
        self.unread = b""
        self.tls = None
        if context:
            self.incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
            self.tls = context.wrap_bio(self.incoming, self.outgoing, server_side=True)

    def wait(self):
        """Until there is something to receive."""
        began = time.monotonic()
        while not select.select([self.sock], [], [], 0.1)[0]:
            now = time.monotonic()
            if self.stopping.is_set() or (self.deadline and now > self.deadline):
                raise Ended("stopped")
            if now - began > self.seconds:
                raise Ended("timeout")

    def receive(self):
        """Bytes as they are on the wire."""
        try:
            self.wait()
            data = self.sock.recv(65536)
        except (OSError, ValueError) as error:  # ValueError: end() has closed it meanwhile
            raise Ended("stopped" if self.deadline else "reset") from error
        if not data:
            raise Ended("fin")
        return data

    def flush(self):
        data = self.outgoing.read()
        if data:
            self.send(data)

    def send(self, data):
        """|data| as it is, TLS or not."""
        with self.lock:
            try:
                self.sock.sendall(data)
            except OSError as error:
                raise Ended("reset") from error

    def within_tls(self, call):
        """Does |call| as often as it takes until it wants no more bytes of the client."""
        while True:
            with self.lock:
                try:
                    return call()
                except ssl.SSLWantReadError:
                    pass
                except ssl.SSLError as error:
                    with contextlib.suppress(Ended):
                        self.flush()  # the alert
                    raise Ended("alert: %s" % (error.reason or error)) from error
                finally:
                    with contextlib.suppress(Ended):
                        self.flush()
            data = self.receive()
            with self.lock:
                self.incoming.write(data)

    def handshake(self):
        self.within_tls(self.tls.do_handshake)

    def read(self):
        """What has come: never empty."""
        if self.unread:
            data, self.unread = self.unread, b""
            return data
        data = self.within_tls(lambda: self.tls.read(65536)) if self.tls else self.receive()
        if not data:  # close_notify
            raise Ended("fin")
        return data

    def write(self, data):
        with self.lock:
            if not self.tls:
                self.send(data)
                return
            try:
                for start in range(0, len(data), 16384):
                    self.tls.write(data[start:start + 16384])
            except ssl.SSLError as error:
                raise Ended("reset") from error
            self.flush()

    def take(self, count):
        """Exactly |count| bytes."""
        data = b""
        while len(data) < count:
            data += self.read()
        self.unread = data[count:] + self.unread
        return data[:count]

    def until(self, mark, limit, what):
        """The bytes up to |mark|, which is taken, too."""
        data = b""
        while mark not in data:
            if len(data) > limit:
                raise Violation("%s longer than %d bytes" % (what, limit))
            data += self.read()
        found, _, rest = data.partition(mark)
        self.unread = rest + self.unread
        return found

    def end(self, how):
        """Ends the gateway's direction: close (with close_notify), fin (without) or reset. The reading
        thread sees the client's own end, or a deadline, and then calls close()."""
        with self.lock:
            if self.deadline:
                return
            self.deadline = time.monotonic() + 3
            with contextlib.suppress(OSError):
                if how == "reset":
                    self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    self.sock.shutdown(socket.SHUT_RD)  # wakes the thread that reads
                    self.sock.close()
                    return
                if how == "close" and self.tls:
                    with contextlib.suppress(ssl.SSLError, Ended):
                        self.tls.unwrap()
                    with contextlib.suppress(Ended):
                        self.flush()
                self.sock.shutdown(socket.SHUT_WR)

    def drain(self):
        """Reads what still comes: a close with bytes unread would be a reset."""
        with contextlib.suppress(Ended, OSError, ValueError):
            while True:
                self.receive()

    def close(self):
        with contextlib.suppress(OSError):
            self.sock.close()


class Request:
    """The head of an HTTP/1.1 request."""

    def __init__(self, head):
        lines = head.split(b"\r\n")
        try:
            text = [line.decode("ascii") for line in lines]
        except UnicodeDecodeError:
            raise Violation("HTTP header: not ASCII") from None
        parts = text[0].split(" ")
        if len(parts) != 3 or parts[2] != "HTTP/1.1":
            raise Violation("HTTP request line: %r" % text[0][:80])
        self.method, self.uri = parts[:2]
        self.headers = []
        for line in text[1:]:
            name, colon, value = line.partition(":")
            if not colon or not name or name != name.strip() or "\n" in line or "\r" in line:
                raise Violation("HTTP header: %r" % line[:80])
            self.headers.append((name, value.strip()))

    def all(self, name):
        return [value for each, value in self.headers if each.lower() == name.lower()]

    def get(self, name):
        """The value of a header that may be there once."""
        values = self.all(name)
        if len(values) > 1:
            raise Violation("HTTP header %s: %d times" % (name, len(values)))
        return values[0] if values else None

    def has_token(self, name, token):
        return any(token.lower() == each.strip().lower() for value in self.all(name) for each in value.split(","))

    @property
    def upgrades(self):
        return self.has_token("Connection", "Upgrade") and self.has_token("Upgrade", "websocket")


def read_request(wire):
    request = Request(wire.until(b"\r\n\r\n", HEADER_LIMIT, "HTTP header"))
    request.chunked = request.has_token("Transfer-Encoding", "chunked")
    length = request.get("Content-Length")
    if length is not None and (request.chunked or not length.isdigit()):
        raise Violation("Content-Length: %r" % length)
    if request.get("Transfer-Encoding") and not request.chunked:
        raise Violation("Transfer-Encoding: %r" % request.get("Transfer-Encoding"))
    request.length = int(length or 0)
    return request


def accept_key(request):
    """Sec-WebSocket-Accept, after checking what RFC 6455 4.2.1 asks of the request."""
    if request.get("Sec-WebSocket-Version") != "13":
        raise Violation("Sec-WebSocket-Version: %r" % request.get("Sec-WebSocket-Version"))
    key = request.get("Sec-WebSocket-Key") or ""
    try:
        raw = base64.b64decode(key, validate=True)
    except ValueError:
        raw = b""
    if len(raw) != 16:
        raise Violation("Sec-WebSocket-Key: %r" % key)
    return base64.b64encode(hashlib.sha1(key.encode() + WEBSOCKET_MAGIC).digest()).decode()


def frame(payload, opcode=BINARY, fin=True, mask=None):
    """A WebSocket frame, as a server sends it, or with |mask| as none may."""
    size = len(payload)
    flag = 0x80 if mask else 0
    head = bytes((opcode | (0x80 if fin else 0),))
    if size < 126:
        head += bytes((flag | size,))
    elif size < 65536:
        head += struct.pack(">BH", flag | 126, size)
    else:
        head += struct.pack(">BQ", flag | 127, size)
    if mask:
        payload = bytes(byte ^ mask[i % 4] for i, byte in enumerate(payload))
    return head + (mask or b"") + payload


def unmasked(payload, mask):
    size = len(payload)
    key = int.from_bytes((mask * (size // 4 + 1))[:size], "big")
    return (int.from_bytes(payload, "big") ^ key).to_bytes(size, "big")


def read_frame(wire):
    """A client's frame: opcode, whether it is the last of its message, and what it holds."""
    first, second = wire.take(2)
    opcode, size = first & 15, second & 127
    if first & 0x70:
        raise Violation("WebSocket: reserved bits")
    if not second & 0x80:
        raise Violation("WebSocket: frame of the client without a mask")
    if opcode not in (CONTINUATION, BINARY, CLOSE, PING, PONG):
        raise Violation("WebSocket: opcode %d" % opcode)
    if opcode >= CLOSE and (size > 125 or not first & 0x80):
        raise Violation("WebSocket: control frame too long or in fragments")
    if size >= 126:
        least = 126 if size == 126 else 65536
        size = int.from_bytes(wire.take(2 if size == 126 else 8), "big")
        if size < least:
            raise Violation("WebSocket: length of %d in a longer form than it needs" % size)
    if size > FRAME_LIMIT:
        raise Violation("WebSocket: frame of %d bytes" % size)
    mask = wire.take(4)
    return opcode, bool(first & 0x80), unmasked(wire.take(size), mask)


def read_chunk(wire):
    """A chunk of a request's body (RFC 9112 7.1); empty: the body ends."""
    line = wire.until(b"\r\n", 1024, "chunk header").partition(b";")[0]
    if not line or line.strip(b"0123456789abcdefABCDEF") or len(line) > 8:
        raise Violation("chunk of %r bytes" % line[:20])
    size = int(line, 16)
    if size > FRAME_LIMIT:
        raise Violation("chunk of %d bytes" % size)
    data = wire.take(size)
    if wire.take(2) != b"\r\n":
        raise Violation("chunk longer than it says")
    return data


def http_response(status, *headers, body=b"", length=True):
    words = {101: "Switching Protocols", 200: "OK", 302: "Found", 400: "Bad Request", 401: "Unauthorized",
             403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed", 407: "Proxy Authentication Required",
             410: "Gone", 426: "Upgrade Required", 500: "Internal Server Error", 502: "Bad Gateway",
             503: "Service Unavailable", 504: "Gateway Timeout"}
    lines = ["HTTP/1.1 %d %s" % (status, words.get(status, "Status")), *headers,
             time.strftime("Date: %a, %d %b %Y %H:%M:%S GMT", time.gmtime())]
    if length:
        lines.append("Content-Length: %d" % len(body))
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + body
