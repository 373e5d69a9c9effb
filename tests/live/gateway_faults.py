"""What the test gateway can get wrong: FAULTS, by name. A row says at which step it acts, what it does, and what a
correct prober answers: Expect(phase, closer, how, space, code, note).

Steps, in the order in which a connection meets them: connect, tls (ClientHello), request (the first request,
before any authentication), challenge (NTLM's, after the client's first token), authenticated (instead of
anything that follows a right password), accept (101, or 200 to RDG_OUT_DATA), in (200 to RDG_IN_DATA: HTTP transport
alone), handshake, tunnel, authorization, channel (the answer to each), data (the |nth| DATA of the client),
target-close (the host has closed). The packets of the latter five can be of both transports.

how "done" is a gateway that a client gets through, in spite of what is unusual about it. |note| has what else is to
be told. |transport|: where a fault needs one of the two. |library| is what libfreerdp 3.10 does, where that is not
what a correct client does (LIBRARY).
"""

import base64
import dataclasses
import ssl
import struct
import typing

import gateway_wire
from gateway_packets import (
    CODES, DATA, HANDSHAKE_RESPONSE, KEEPALIVE, REAUTH_MESSAGE, SERVICE_MESSAGE, channel_response, close_packet,
    data_packet, handshake_response, packet, text16, tunnel_auth_response, tunnel_response)
from gateway_wire import BINARY, CLOSE, CONTINUATION, PING, PONG, TEXT, End, frame, http_response


@dataclasses.dataclass(frozen=True)
class Expect:
    phase: str
    closer: str
    how: str
    space: typing.Optional[str] = None
    code: typing.Optional[int] = None
    note: str = ""


@dataclasses.dataclass(frozen=True)
class Fault:
    """At |step|: |packets| are sent as the transport does it, |raw| within TLS, |plain| on TCP; then comes |end|. The
    functions take the Connection or Tunnel and the answer that was due. |when| takes the Connection and the
    Request. |frames|: how each packet is put on the WebSocket, whatever the step."""

    name: str
    text: str
    step: str
    expect: Expect
    packets: typing.Optional[typing.Callable] = None
    raw: typing.Optional[typing.Callable] = None
    plain: typing.Optional[typing.Callable] = None
    frames: typing.Optional[typing.Callable] = None
    end: typing.Optional[str] = None
    when: typing.Optional[typing.Callable] = None
    nth: int = 1
    no_target: bool = False
    transport: str = "any"
    options: typing.Tuple = ()
    library: str = ""

    def holds(self, connection, request=None):
        return not self.when or self.when(connection, request)

    def answer(self, where, default):
        if self.packets:
            where.out.send(self.packets(where, default))
        for write, produce in ((where.wire.write, self.raw), (where.wire.send, self.plain)):
            data = produce(where, default) if produce else b""
            for piece in (data,) if isinstance(data, bytes) else data:
                if piece:
                    write(piece)
        if self.end:
            raise End(self.end)


PHASES = {"connect": "gateway-tls", "tls": "gateway-tls", "request": "gateway-http", "challenge": "gateway-http",
          "authenticated": "gateway-http", "accept": "gateway-http", "in": "gateway-http",
          "handshake": "gateway-handshake", "tunnel": "gateway-tunnel", "authorization": "gateway-authorization",
          "channel": "gateway-channel", "data": "negotiation"}
RESPONSES = {"handshake": handshake_response, "tunnel": tunnel_response, "authorization": tunnel_auth_response,
             "channel": channel_response}
WORDS = {"connect": "after TCP's handshake", "tls": "after the ClientHello", "request": "to the first request",
         "challenge": "to NTLM's NEGOTIATE", "authenticated": "to NTLM's AUTHENTICATE",
         "accept": "where the transport begins", "in": "to RDG_IN_DATA", "handshake": "to HANDSHAKE_REQUEST",
         "tunnel": "to TUNNEL_CREATE", "authorization": "to TUNNEL_AUTH", "channel": "to CHANNEL_CREATE",
         "data": "to the first DATA"}
DONE = Expect("", "", "done")


def always(data):
    return lambda where, default: data


def refused_by(how, step):
    return Expect(PHASES[step], "gateway", how)


def violation_in(step, note=""):
    return Expect(PHASES[step], "gateway", "protocol-violation", note=note)


def transport_of(step):
    return "http" if step == "in" else "any"


def ends():
    """A FIN, a reset and silence at each step, and bytes that mean nothing."""
    for step, words in WORDS.items():
        target = step == "channel"
        for how, text in (("fin", "FIN"), ("reset", "RST")):
            yield Fault("%s-%s" % (step, how), "%s %s" % (text, words), step, refused_by(how, step), end=how,
                        no_target=target, transport=transport_of(step))
        yield Fault(step + "-silence", "no answer " + words, step, Expect(PHASES[step], "deadline", "timeout"),
                    end="silence", no_target=target, transport=transport_of(step))
        if step not in ("connect", "tls"):
            yield Fault(step + "-close-notify", "TLS's close_notify and FIN " + words, step, refused_by("fin", step),
                        end="close", no_target=target, transport=transport_of(step))
            # of a size and a type that no packet has, and no frame either
            yield Fault(step + "-garbage", "bytes that mean nothing " + words, step, violation_in(step),
                        raw=always(b"\xff" * 64), end="silence", no_target=target, transport=transport_of(step))
    for step, build in RESPONSES.items():
        yield Fault(step + "-cut", "FIN in the middle of the answer " + WORDS[step], step, refused_by("fin", step),
                    packets=lambda where, default: default[:11], end="fin", no_target=step == "channel")


def alert(code):
    return struct.pack(">BHHBB", 21, 0x0303, 2, 2, code)


def tls():
    expect = Expect("gateway-tls", "gateway", "tls-alert", "tls-alert")
    for code, name in ((40, "handshake-failure"), (70, "protocol-version"), (80, "internal-error"),
                       (112, "unrecognized-name")):
        yield Fault("tls-alert-" + name, "TLS alert %s after the ClientHello" % name, "tls",
                    dataclasses.replace(expect, code=code), plain=always(alert(code)), end="fin")
    yield Fault("tls-client-certificate", "a certificate of the client is demanded", "",
                dataclasses.replace(expect, code=116, note="TLS 1.3: the alert comes after the handshake"),
                options=(("demand_certificate", True),))
    for name, text in (("ssh", b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n"),
                       ("http", b"HTTP/1.1 400 Bad Request\r\nServer: nginx\r\nContent-Length: 0\r\n\r\n"),
                       ("rdp", bytes.fromhex("030000130ed000001234000200080000000000"))):
        yield Fault("tls-no-tls-" + name, "%s instead of TLS" % name, "tls", violation_in("tls"), plain=always(text),
                    end="silence")
    for version, name in ((ssl.TLSVersion.TLSv1, "1.0"), (ssl.TLSVersion.TLSv1_1, "1.1")):
        yield Fault("tls-" + name, "TLS %s alone" % name, "",
                    dataclasses.replace(expect, code=70, note="to a client that begins with TLS 1.2"),
                    options=(("tls_versions", (version, version)),))
    yield Fault("tls-1.2", "TLS 1.2 alone", "", DONE,
                options=(("tls_versions", (None, ssl.TLSVersion.TLSv1_2)),))
    for name, chain, text in (("self-signed", ("server",), "self-signed"), ("expired", ("expired",), "expired"),
                              ("not-yet-valid", ("not-yet-valid",), "not valid yet"),
                              ("other-name", ("other-name",), "for another name"),
                              ("no-intermediate", ("chained",), "without the intermediate authority's"),
                              ("chain-expired", ("chained-expired", "intermediate"), "expired, of a known authority"),
                              ("chain-other-name", ("chained-other-name", "intermediate"),
                               "for another name, of a known authority")):
        yield Fault("certificate-" + name, "the certificate is " + text, "",
                    dataclasses.replace(DONE, note="certificate: " + text + "; mstsc does not connect"),
                    options=(("certificate", chain),))


PAGE = b"<!DOCTYPE html><html><head><title>Sign in</title></head><body><form></form></body></html>"


def status(name, text, code, *headers, step="request", body=b"", note="", when=None, transport="any", options=(),
           end=None):
    """A response of HTTP instead of what is due."""
    return Fault(name, text, step, Expect("gateway-http", "gateway", "gateway-refused", "http", code, note),
                 raw=lambda where, default: http_response(code, *headers, body=body), when=when, transport=transport,
                 options=options, end=end)


def upgrading(connection, request):
    return request.upgrades


def http():
    iis = "Server: Microsoft-IIS/10.0"
    page = ("Content-Type: text/html", )
    yield status("not-a-gateway-404", "IIS without the role: 404", 404, iis, *page, body=PAGE, note="not a gateway")
    yield status("not-a-gateway-405", "a web server that knows no such method: 405", 405, "Server: nginx",
                 "Allow: GET, HEAD, POST", note="not a gateway")
    yield status("not-a-gateway-501", "a web server that knows no such method: 501", 501, "Server: Apache",
                 note="not a gateway")
    yield status("not-a-gateway-200", "another product's page: 200 with HTML", 200, "Server: Apache", *page, body=PAGE,
                 note="not a gateway")
    yield Fault("rpc-alone", "RPC over HTTP alone, as Windows Server 2008 has it", "",
                Expect("gateway-http", "gateway", "gateway-refused", "http", 404, "/rpc/rpcproxy.dll answers with 401"),
                options=(("rpc_alone", True),))
    yield status("rdweb-302", "RD Web alone: 302 to /RDWeb", 302, iis, "Location: /RDWeb/Pages/en-US/login.aspx",
                 note="not a gateway: RD Web")
    yield status("rdweb-301", "301 to another host", 301, iis, "Location: https://gw2.rdpwhy.example/")
    for code, text in ((400, "Bad Request"), (403, "Forbidden"), (407, "a proxy wants a logon of its own"),
                       (410, "Gone"), (429, "Too Many Requests"), (500, "Internal Server Error"),
                       (502, "Bad Gateway")):
        yield status("http-%d" % code, text, code)
    for code, text in ((503, "a farm without a node"), (504, "a front that waits in vain")):
        yield status("http-%d" % code, text, code, "Retry-After: 120", *page, body=PAGE)
    yield status("http-503-close", "503 and FIN, as http.sys does it", 503, "Connection: close", end="close")
    yield Fault("401-unsupported", "401 with schemes that nobody here knows", "",
                Expect("gateway-http", "gateway", "gateway-refused", "http", 401, "no scheme in common"),
                options=(("schemes", ('Digest realm="gw", qop="auth", nonce="0"', "Bearer")),))
    yield Fault("401-none", "401 without WWW-Authenticate", "",
                Expect("gateway-http", "gateway", "gateway-refused", "http", 401, "no scheme at all"),
                options=(("schemes", ()),))
    yield Fault("401-basic-alone", "401 with Basic alone", "", DONE, options=(("schemes", ("Basic",)),))
    yield Fault("401-ntlm-alone", "401 with NTLM, not Negotiate", "", DONE, options=(("schemes", ("NTLM",)),))
    yield status("401-right-password", "401 after a right password", 401, "WWW-Authenticate: Negotiate",
                 "WWW-Authenticate: NTLM", step="authenticated")
    yield status("403-authenticated", "403 after a right password: the account is not allowed", 403,
                 step="authenticated")
    yield status("404-authenticated", "404 after a right password", 404, iis, step="authenticated")
    yield status("503-authenticated", "503 after a right password", 503, iis, step="authenticated")
    yield Fault("wrong-password", "401: another password", "",
                Expect("gateway-http", "gateway", "gateway-refused", "http", 401),
                options=(("accounts", {"foo": "another"}),))
    yield Fault("bindings-required", "401: channel bindings are demanded", "", dataclasses.replace(
        DONE, note="where a TLS inspection is between, 401"), options=(("require_bindings", True),))
    for name, text, token in (("nonsense", "Base64 of nothing", "AAAA"), ("no-base64", "no Base64", "!!!!"),
                              ("empty", "no token", "")):
        yield Fault("challenge-" + name, "NTLM's CHALLENGE: " + text, "challenge", violation_in("challenge"),
                    raw=always(http_response(401, ("WWW-Authenticate: Negotiate " + token).strip())))
    yield Fault("challenge-short", "NTLM's CHALLENGE ends early", "challenge", violation_in("challenge"),
                raw=always(http_response(401, "WWW-Authenticate: Negotiate "
                                         + base64.b64encode(b"NTLMSSP\0\2\0\0\0").decode())))
    yield Fault("challenge-last", "NTLM's CHALLENGE with Connection: close, and the end", "challenge", Expect(
        "gateway-http", "gateway", "fin", note="a proxy that keeps no connection: no NTLM"), end="close",
        raw=lambda where, default: default.replace(b"\r\nDate:", b"\r\nConnection: close\r\nDate:"))
    yield Fault("header-no-colon", "a header without a colon", "request", violation_in("request"),
                raw=always(b"HTTP/1.1 401 Unauthorized\r\nno colon\r\n\r\n"), end="silence")
    yield Fault("header-status", "a status of no number", "request", violation_in("request"),
                raw=always(b"HTTP/1.1 abc OK\r\n\r\n"), end="silence")
    yield Fault("header-oversize", "a header of 1 MiB", "request", violation_in("request"),
                raw=always(b"HTTP/1.1 401 Unauthorized\r\nX-Filler: " + b"a" * (1 << 20) + b"\r\n\r\n"), end="silence")
    yield Fault("header-endless", "headers without an end", "request", violation_in("request"),
                raw=lambda where, default: endless(where), end="silence")
    yield Fault("header-drip", "a header, a byte every third of a second", "request",
                Expect("gateway-http", "deadline", "timeout"), raw=lambda where, default: drip(where), end="silence")
    yield Fault("body-oversize", "Content-Length of 2^63", "request",
                Expect("gateway-http", "gateway", "gateway-refused", "http", 503), end="silence",
                raw=always(b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 9223372036854775808\r\n\r\n"))
    yield Fault("body-endless", "404 with a body without an end", "request",
                Expect("gateway-http", "gateway", "gateway-refused", "http", 404),
                raw=lambda where, default: body_without_end(where), end="silence")
    yield Fault("body-cut", "404 with less of a body than it says, and FIN", "request",
                Expect("gateway-http", "gateway", "gateway-refused", "http", 404), end="fin",
                raw=always(b"HTTP/1.1 404 Not Found\r\nContent-Length: 100\r\n\r\nshort"))


def endless(where):
    yield b"HTTP/1.1 401 Unauthorized\r\n"
    while not where.gateway.stopping.wait(0.001):
        yield b"X-Filler: " + b"a" * 1000 + b"\r\n"


def drip(where):
    for byte in http_response(401, *("X-Filler: %d" % i for i in range(1000))):
        if where.gateway.stopping.wait(0.33):
            return
        yield bytes((byte,))


def body_without_end(where):
    yield b"HTTP/1.1 404 Not Found\r\nContent-Type: text/html\r\n\r\n"
    while not where.gateway.stopping.wait(0.001):
        yield b"<p>" * 1000


def websocket():
    """The upgrade, and what a proxy makes of it."""
    yield Fault("websocket-stripped", "a proxy strips the upgrade: 200, HTTP transport works", "", dataclasses.replace(
        DONE, note="by HTTP transport"), options=(("transports", ("http",)),))
    for code in (400, 403, 426, 501, 502):
        yield status("websocket-%d" % code, "the upgrade is refused with %d, HTTP transport works" % code, code,
                     step="request", when=upgrading, transport="websocket",
                     note="HTTP transport works")
    yield Fault("websocket-fin", "FIN where an upgrade is asked for, HTTP transport works", "request",
                Expect("gateway-http", "gateway", "fin", note="HTTP transport works"), when=upgrading, end="fin",
                transport="websocket")
    yield Fault("websocket-alone", "no HTTP transport: 404", "", Expect(
        "gateway-http", "gateway", "gateway-refused", "http", 404, "by WebSocket it works"),
        options=(("transports", ("websocket",)),), transport="http")

    def changed(old, new):
        return lambda where, default: default.replace(old, new)

    for name, text, change in (
            ("accept-wrong", "a wrong Sec-WebSocket-Accept", changed(b"Sec-WebSocket-Accept: ",
                                                                      b"Sec-WebSocket-Accept: AAAA")),
            ("accept-missing", "no Sec-WebSocket-Accept", changed(b"Sec-WebSocket-Accept: ", b"X-Filler: ")),
            ("upgrade-missing", "101 without Upgrade", changed(b"Upgrade: websocket\r\n", b"")),
            ("upgrade-other", "101 with another protocol", changed(b"Upgrade: websocket", b"Upgrade: h2c")),
            ("extension-unasked", "101 with an extension that nobody asked for",
             changed(b"Sec-WebSocket-Accept", b"Sec-WebSocket-Extensions: permessage-deflate\r\nSec-WebSocket-Accept")),
            ("protocol-unasked", "101 with a subprotocol that nobody asked for",
             changed(b"Sec-WebSocket-Accept", b"Sec-WebSocket-Protocol: binary\r\nSec-WebSocket-Accept"))):
        yield Fault("websocket-" + name, text, "accept", violation_in("accept", "HTTP transport works"), raw=change,
                    end="silence", when=upgrading, transport="websocket")
    yield Fault("http-101", "101 to a request without an upgrade", "accept", violation_in("accept"),
                raw=always(http_response(101, "Upgrade: websocket", "Connection: Upgrade", length=False)),
                end="silence", transport="http")
    for step in ("handshake", "tunnel", "authorization", "channel", "data"):
        yield Fault("websocket-close-" + step, "a Close frame (1011) " + WORDS[step], step,
                    Expect(PHASES[step], "gateway", "fin", note="WebSocket Close 1011"),
                    raw=always(frame(struct.pack(">H", 1011) + b"internal error", CLOSE)), end="close",
                    no_target=step == "channel", transport="websocket")
    for code in (1000, 1001, 1002, 1003, 1007, 1008, 1009, 1012, 1013, 4000):
        yield Fault("websocket-close-%d" % code, "a Close frame (%d) to TUNNEL_CREATE" % code, "tunnel",
                    Expect("gateway-tunnel", "gateway", "fin", note="WebSocket Close %d" % code),
                    raw=always(frame(struct.pack(">H", code), CLOSE)), end="close", transport="websocket")
    yield Fault("websocket-close-empty", "a Close frame without a code to TUNNEL_CREATE", "tunnel",
                Expect("gateway-tunnel", "gateway", "fin", note="WebSocket Close without a code"),
                raw=always(frame(b"", CLOSE)), end="close", transport="websocket")


def pieces(data, size):
    """The message in frames of |size| bytes."""
    parts = [data[at:at + size] for at in range(0, len(data), size)]
    return b"".join(frame(part, CONTINUATION if i else BINARY, i == len(parts) - 1) for i, part in enumerate(parts))


def framing():
    for name, text, frames in (
            ("ping", "a ping before each packet", lambda data: frame(b"are you there", PING) + frame(data)),
            ("ping-empty", "a ping that holds nothing before each packet", lambda data: frame(b"", PING) + frame(data)),
            ("ping-within", "a ping between the fragments of each packet",
             lambda data: frame(data[:4], fin=False) + frame(b"ping", PING) + frame(data[4:], CONTINUATION)),
            ("pong", "a pong that nobody asked for before each packet",
             lambda data: frame(b"pong", PONG) + frame(data)),
            ("fragments", "each packet in two fragments",
             lambda data: frame(data[:9], fin=False) + frame(data[9:], CONTINUATION)),
            ("fragments-small", "each packet in fragments of 3 bytes", lambda data: pieces(data, 3)),
            ("fragment-empty", "each packet with an empty fragment at its end",
             lambda data: frame(data, fin=False) + frame(b"", CONTINUATION)),
            ("two-messages", "each packet in two messages", lambda data: frame(data[:5]) + frame(data[5:]))):
        yield Fault("frames-" + name, text, "", DONE, frames=frames, transport="websocket")
    for name, text, frames in (
            ("masked", "frames of the gateway with a mask", lambda data: frame(data, mask=b"\x12\x34\x56\x78")),
            ("text", "packets in text messages", lambda data: frame(data, TEXT)),
            ("opcode", "an opcode that RFC 6455 keeps for later", lambda data: frame(data, 5)),
            ("reserved", "reserved bits are set", lambda data: bytes((0xF2,)) + frame(data)[1:]),
            ("continuation", "a continuation of nothing", lambda data: frame(data, CONTINUATION)),
            ("oversize", "a frame of 2^62 bytes", lambda data: b"\x82\x7f" + struct.pack(">Q", 1 << 62) + data),
            ("negative", "a frame of 2^63 bytes", lambda data: b"\x82\x7f" + struct.pack(">Q", 1 << 63) + data),
            ("long-form", "a length in a longer form than it needs",
             lambda data: b"\x82\x7f" + struct.pack(">Q", len(data)) + data),
            ("ping-long", "a ping of 126 bytes", lambda data: frame(bytes(126), PING) + frame(data)),
            ("ping-fragment", "a ping in fragments", lambda data: frame(b"a", PING, fin=False) + frame(data))):
        yield Fault("frames-" + name, text, "", violation_in("handshake"), frames=frames, transport="websocket")


HRESULT = 0x80070000


def forms(name):
    """The code as [MS-TSGU] has it, and in the other of its two forms."""
    code = CODES[name]
    return ((name, code), (name + "-hresult", HRESULT | code) if code < 0x10000 else (name + "-short", code & 0xFFFF))


REFUSALS = {
    "handshake": (
        "E_PROXY_INTERNALERROR", "E_PROXY_NOTSUPPORTED", "E_PROXY_CAPABILITYMISMATCH",
        "E_PROXY_UNSUPPORTED_AUTHENTICATION_METHOD", "E_PROXY_MAXCONNECTIONSREACHED", "E_PROXY_NOCERTAVAILABLE",
        "ERROR_ACCESS_DENIED"),
    "tunnel": (
        "E_PROXY_INTERNALERROR", "E_PROXY_NAP_ACCESSDENIED", "E_PROXY_MAXCONNECTIONSREACHED", "E_PROXY_NOTSUPPORTED",
        "E_PROXY_CAPABILITYMISMATCH", "E_PROXY_NOCERTAVAILABLE", "E_PROXY_COOKIE_BADPACKET",
        "E_PROXY_COOKIE_AUTHENTICATION_ACCESS_DENIED", "E_PROXY_UNSUPPORTED_AUTHENTICATION_METHOD",
        "E_PROXY_REAUTH_AUTHN_FAILED", "E_PROXY_REAUTH_CAP_FAILED", "ERROR_ACCESS_DENIED"),
    "authorization": (
        "E_PROXY_INTERNALERROR", "E_PROXY_NAP_ACCESSDENIED", "E_PROXY_QUARANTINE_ACCESSDENIED", "E_PROXY_NOTSUPPORTED",
        "E_PROXY_MAXCONNECTIONSREACHED", "E_PROXY_REAUTH_NAP_FAILED", "ERROR_ACCESS_DENIED",
        "ERROR_INVALID_PARAMETER"),
    "channel": (
        "E_PROXY_INTERNALERROR", "E_PROXY_RAP_ACCESSDENIED", "E_PROXY_TS_CONNECTFAILED",
        "E_PROXY_MAXCONNECTIONSREACHED", "E_PROXY_NOTSUPPORTED", "E_PROXY_SESSIONTIMEOUT", "E_PROXY_REAUTH_RAP_FAILED",
        "E_PROXY_SDR_NOT_SUPPORTED_BY_TS", "E_PROXY_CAPABILITYMISMATCH", "E_PROXY_ALREADYDISCONNECTED",
        "ERROR_ACCESS_DENIED"),
}
CLOSES = (
    "E_PROXY_CONNECTIONABORTED", "E_PROXY_SESSIONTIMEOUT", "E_PROXY_REAUTH_AUTHN_FAILED", "E_PROXY_REAUTH_CAP_FAILED",
    "E_PROXY_REAUTH_RAP_FAILED", "E_PROXY_REAUTH_NAP_FAILED", "E_PROXY_SDR_NOT_SUPPORTED_BY_TS",
    "E_PROXY_INTERNALERROR", "E_PROXY_ALREADYDISCONNECTED", "E_PROXY_TS_CONNECTFAILED", "ERROR_GRACEFUL_DISCONNECT",
    "ERROR_BAD_ARGUMENTS", "ERROR_OPERATION_ABORTED", "ERROR_ACCESS_DENIED")


def word(name):
    return name.replace("E_PROXY_", "").replace("ERROR_", "").lower().replace("_", "-")


def codes():
    """An error in the answer to each packet, in both forms of its code, and a channel that is closed later."""
    for step, names in REFUSALS.items():
        for each in names:
            for name, code in forms(each):
                expect = Expect(PHASES[step], "gateway", "gateway-refused", "gateway", code)
                if step == "authorization" and code == CODES["E_PROXY_QUARANTINE_ACCESSDENIED"]:
                    # [MS-TSGU] 3.7.5.2.7, as libfreerdp has it: the client goes on, and may be let in
                    expect = dataclasses.replace(DONE, note="the client is in quarantine")
                yield Fault("%s-%s" % (step, word(name)), "%s %s" % (name, WORDS[step]), step, expect,
                            packets=refusal(step, code), no_target=step == "channel",
                            end=None if expect.how == "done" else "close",
                            library="goes on" if code < 0x80000000 and step != "authorization" else "")
    for each in CLOSES:
        for name, code in forms(each):
            yield Fault("close-" + word(name), "CLOSE_CHANNEL with %s to the first DATA" % name, "data",
                        Expect("negotiation", "gateway", "gateway-refused", "gateway", code),
                        packets=always(close_packet(code)), end="close")
    yield Fault("close-success", "CLOSE_CHANNEL with 0 to the first DATA", "data", Expect(
        "negotiation", "gateway", "fin", note="a CLOSE_CHANNEL without an error"), packets=always(close_packet(0)),
        end="close")
    yield Fault("close-later", "CLOSE_CHANNEL with E_PROXY_SESSIONTIMEOUT to the second DATA", "data",
                Expect("tls", "gateway", "gateway-refused", "gateway", CODES["E_PROXY_SESSIONTIMEOUT"],
                       "the phase is that of the security that was selected"),
                packets=always(close_packet(CODES["E_PROXY_SESSIONTIMEOUT"])), end="close", nth=2)
    for how in ("fin", "reset"):
        yield Fault("later-" + how, how + " to the second DATA", "data",
                    Expect("tls", "gateway", how, note="the phase is that of the security that was selected"),
                    end=how, nth=2)


def refusal(step, code):
    return lambda where, default: RESPONSES[step](code)


def violations():
    """Answers that [MS-TSGU] does not allow. After each comes silence: it is the client that gives up."""

    def spoilt(name, text, step, change, note=""):
        return Fault("%s-%s" % (step, name), text + " " + WORDS[step], step, violation_in(step, note), packets=change,
                     end="silence", no_target=step == "channel")

    def sized(size):
        return lambda where, default: default[:4] + struct.pack("<I", size) + default[8:]

    for step in RESPONSES:
        yield spoilt("type", "a packet of a type that there is not", step,
                     lambda where, default: struct.pack("<H", 0x7F) + default[2:])
        yield spoilt("size-0", "packetLength 0", step, sized(0))
        yield spoilt("size-7", "packetLength 7, less than a header", step, sized(7))
        yield spoilt("size-2g", "packetLength 0x7FFFFFFF", step, sized(0x7FFFFFFF))
        yield spoilt("size-4g", "packetLength 0xFFFFFFFF", step, sized(0xFFFFFFFF))
        yield spoilt("short", "an answer that ends after its header", step,
                     lambda where, default: packet(default[0]))
        yield spoilt("early-data", "DATA instead of the answer", step, always(data_packet(bytes(11))))
        yield spoilt("other-answer", "the answer of another step", step,
                     lambda where, default: handshake_response() if default[0] != HANDSHAKE_RESPONSE
                     else channel_response(0, 1))
    for step, at in (("tunnel", 14), ("authorization", 12), ("channel", 12)):
        yield spoilt("fields-missing", "fields are announced that are not there", step,
                     lambda where, default, at=at: sized(at + 4)(where, default[:at] + b"\x07\0" + bytes(2)))
    yield spoilt("version", "version 2.0, which nobody asked for", "handshake",
                 always(handshake_response(version=(2, 0))))
    yield spoilt("consent-cut", "a consent message that is longer than its packet", "tunnel",
                 always(packet(5, struct.pack("<HIHH", 0, 0, 0x10, 0), struct.pack("<H", 1000), b"a\0")))
    yield spoilt("health-cut", "a statement of health that is longer than its packet", "authorization",
                 always(packet(7, struct.pack("<IHH", 0, 4, 0), struct.pack("<H", 1000))))
    for name, text, packets in (
            ("size-0", "DATA of no bytes", packet(DATA, b"\0\0")),
            ("longer", "DATA that says more than its packet holds", packet(DATA, struct.pack("<H", 100), b"abc")),
            ("shorter", "DATA that says less than its packet holds", packet(DATA, struct.pack("<H", 1), b"abc")),
            ("no-size", "DATA without a size", packet(DATA)),
            ("type", "a packet of a type that there is not", packet(0x7F)),
            ("close-short", "CLOSE_CHANNEL without a code", packet(0x10))):
        yield Fault("data-" + name, text + " to the first DATA", "data", violation_in("data"),
                    packets=always(packets), end="silence")


def unusual():
    """What a client has to get along with."""

    def kept(name, text, step, change, note="", **more):
        return Fault(name, text, step, dataclasses.replace(DONE, note=note), packets=change, **more)

    for step in RESPONSES:
        yield kept("%s-reserved" % step, "the reserved field of the header is not 0 " + WORDS[step], step,
                   lambda where, default: default[:2] + b"\xff\xff" + default[4:])
    yield kept("channel-udp", "a UDP port and its cookie in the answer " + WORDS["channel"], "channel", always(packet(
        9, struct.pack("<IHH", 0, 7, 0), struct.pack("<IHH", 1, 3391, 20), bytes(range(20)))), "UDP is offered")
    yield kept("channel-keepalive", "keepalives behind the answer " + WORDS["channel"], "channel",
               lambda where, default: default + packet(KEEPALIVE) * 3, "answered with one each", transport="http")
    yield kept("data-keepalive", "a keepalive to the first DATA", "data", always(packet(KEEPALIVE)),
               "answered with one")
    yield kept("data-service-message", "SERVICE_MESSAGE to the first DATA", "data",
               always(packet(SERVICE_MESSAGE, text16("The gateway is restarted at noon."))))
    yield kept("data-reauth", "REAUTH_MESSAGE to the first DATA", "data",
               always(packet(REAUTH_MESSAGE, struct.pack("<Q", 7))))
    for name, text, options, note in (
            ("consent", "a consent message", (("consent", "Only for staff.\r\nBe good."),), "the text is a fact"),
            ("service-message", "a service message", (("service_message", "The gateway is restarted at noon."),),
             "the text is a fact"),
            ("quarantine-request", "a statement of health is asked for", (("quarantine", True),), ""),
            ("redirection-disabled", "no redirection is allowed", (("redirection", 0x40000000),), "a fact"),
            ("redirection-drives", "drives and the clipboard may not be redirected", (("redirection", 9),), "a fact"),
            ("idle-timeout", "an idle timeout of 10 minutes", (("idle_minutes", 10), ("capabilities", 2)), "a fact"),
            ("capabilities-none", "a gateway without capabilities", (("capabilities", 0),), ""),
            ("401-body", "each 401 has a page", (("body", PAGE), ("body_type", "text/html")), ""),
            ("401-body-no-type", "each 401 has a body without Content-Type", (("body", PAGE),), ""),
            ("seed-100", "100 random bytes, as in [MS-TSGU] 4.2.1", (("seed", bytes(range(100))),), ""),
            ("out-chunked", "the answer to RDG_OUT_DATA is chunked", (("chunked_out", True),), "")):
        http_alone = name in ("seed-100", "out-chunked")
        yield Fault(name, text, "", dataclasses.replace(DONE, note=note), options=options,
                    transport="http" if http_alone else "any")


def policies():
    """Refusals that come from how the gateway is configured, whatever a client does."""
    for name, text, step, code, options in (
            ("cap", "the CAP does not allow the account", "tunnel", "E_PROXY_NAP_ACCESSDENIED", (("cap", ()),)),
            ("rap", "the RAP does not allow the host", "channel", "E_PROXY_RAP_ACCESSDENIED", (("allow", ()),)),
            ("paa-demanded", "a PAA cookie is demanded, HTTP does not authenticate", "handshake",
             "E_PROXY_CAPABILITYMISMATCH", (("open_to_all", True), ("paa_cookie", "abc"), ("demand_paa", True))),
            ("consent-unsupported", "a consent message for a client that shows none", "tunnel",
             "E_PROXY_CAPABILITYMISMATCH", (("consent", "Be good."), ("ignore_capabilities", True)))):
        yield Fault("policy-" + name, text, "", Expect(PHASES[step], "gateway", "gateway-refused", "gateway",
                                                       CODES[code]), options=options)


def inside():
    """RDG_IN_DATA, the second connection of HTTP transport."""
    for code, text in ((400, "Bad Request"), (401, "a farm's other node: Unauthorized"), (403, "Forbidden"),
                       (404, "a farm's other node: Not Found"), (500, "Internal Server Error"),
                       (503, "a farm's other node: Service Unavailable")):
        yield status("in-%d" % code, "RDG_IN_DATA: " + text, code, step="in", transport="http")


# As xfreerdp 3.10.3 shows it. "goes on": as if nothing were wrong. "waits": for what cannot come, until its own
# timeout (garbage within a tunnel: by WebSocket alone). "gives up": a gateway that is in order. "crashes": by a
# signal.
LIBRARY = {
    "goes on": (
        "not-a-gateway-200",  # takes it for HTTP transport
        "websocket-upgrade-missing", "websocket-upgrade-other", "websocket-extension-unasked",
        "websocket-protocol-unasked", "frames-reserved", "frames-long-form", "handshake-version",
        "authorization-fields-missing", "channel-fields-missing", "data-type"),
    "waits": (
        "request-garbage", "challenge-garbage", "authenticated-garbage", "accept-garbage", "in-garbage",
        "handshake-garbage", "tunnel-garbage", "authorization-garbage", "channel-garbage", "data-garbage",
        "header-endless", "frames-masked", "frames-text", "frames-opcode", "frames-continuation",
        "handshake-size-2g", "tunnel-size-2g", "authorization-size-2g", "channel-size-2g", "data-size-0",
        "data-longer", "data-shorter", "data-no-size",
        "close-later", "later-fin",  # an end of the gateway's within the handshake of TLS in the tunnel
        "seed-100",  # takes 10 bytes for all
        "out-chunked"),  # reads the response to its last chunk before it goes on
    "gives up": (
        "401-basic-alone",  # has no Basic
        "401-ntlm-alone",  # begins with Negotiate, and stays with it
        "401-body-no-type",  # takes the body for the next response
        "websocket-400", "websocket-426", "websocket-501", "websocket-502",  # does not try HTTP transport then
        "frames-ping", "frames-ping-within", "frames-ping-long", "frames-ping-fragment",  # pongs of 1 KiB and more
        "quarantine-request"),  # reads a nonce of 20 bytes; [MS-TSGU] 2.2.10.21 has 16
    "takes HTTP transport": ("websocket-accept-wrong", "websocket-accept-missing"),
    "crashes": ("frames-ping-empty", "data-close-short"),
    "offers TLS 1.0, and ends it itself": ("tls-1.0", "tls-1.1"),
}


def with_library(fault):
    words = [word for word, names in LIBRARY.items() if fault.name in names]
    return dataclasses.replace(fault, library=words[0]) if words else fault


def table(*kinds):
    faults = {}
    for kind in kinds:
        for fault in kind():
            if fault.name in faults:
                raise ValueError("two faults " + fault.name)
            faults[fault.name] = with_library(fault)
    return faults


FAULTS = table(ends, tls, http, websocket, inside, framing, codes, violations, unusual, policies)
