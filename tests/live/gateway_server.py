"""An RD Gateway for tests, by [MS-TSGU]: WebSocket and HTTP transport, NTLM, Negotiate and Basic. It forwards to
the hosts that clients name, and at each step has the faults of gateway_faults.py.

    with Gateway(accounts={"foo": "bar"}) as gateway:
        ... gateway.port ...
        gateway.entries("packet")  # what each client said and got, in order
        gateway.violations()       # what a client did that [MS-TSGU], RFC 6455 or RFC 9112 does not allow

An entry of the log is a dict: time (seconds since the start), connection (number), event, and what belongs
to the event: accepted, tls, request, auth, answer, packet, target, violation, fault, ended. Passwords and tokens are
not in it. wait_for(event, **fields) waits for an entry. The certificate is one of fixtures/certificates, for
localhost and 127.0.0.1, and who trusts gateway.authority trusts it.

Options of Gateway: see Options. |fault| is a name of gateway_faults.FAULTS or a Fault; gateway.expect
is then what a correct prober answers.

    gateway_server.py --port 4443 --user foo --fault NAME   (password: GATEWAY_PASSWORD, "bar" without)
    gateway_server.py --list-faults
"""

import argparse
import base64
import contextlib
import dataclasses
import json
import os
import shutil
import socket
import ssl
import struct
import sys
import tempfile
import threading
import time
import typing
import uuid
import warnings

import gateway_faults
import gateway_ntlm
import gateway_wire
from gateway_packets import (
    CAPABILITY_CONSENT, CAPABILITY_IDLE_TIMEOUT, CAPABILITY_QUARANTINE, CHANNEL_CREATE, CHANNEL_RESPONSE,
    CLOSE_CHANNEL, CLOSE_CHANNEL_RESPONSE, CODES, DATA, EXTENDED_AUTH, EXTENDED_AUTH_PAA, EXTENDED_AUTH_SC,
    EXTENDED_AUTH_SSPI_NTLM, HANDSHAKE_REQUEST, KEEPALIVE, PACKET_NAMES, REDIRECTION_ENABLE_ALL, SERVICE_MESSAGE,
    TUNNEL_AUTH, TUNNEL_CREATE, Cursor, channel_response, close_packet, code_of, data_packet, handshake_response,
    packet, text16, tunnel_auth_response, tunnel_response)
from gateway_wire import End, Ended, Violation, Wire, http_response

PATH = "/remotedesktopgateway/"
RPC_PATH = "/rpc/rpcproxy.dll"
CERTIFICATES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "fixtures", "certificates")
SEED = b"\xab\xcd" * 5  # what Windows Server sends; [MS-TSGU] 4.2.1 has 100 bytes
NAMES = {"domain": "RDPWHY", "computer": "GW", "dns_domain": "rdpwhy.example", "dns_computer": "gw.rdpwhy.example"}


class WebSocketOut:
    """Packets to the client in one binary message each."""

    def __init__(self, wire, frames):
        self.wire, self.frames = wire, frames

    def send(self, data):
        self.wire.write(self.frames(data))


class HttpOut:
    """Packets to the client in the body of the response to RDG_OUT_DATA."""

    def __init__(self, wire, chunked):
        self.wire, self.chunked = wire, chunked

    def send(self, data):
        self.wire.write(b"%X\r\n%s\r\n" % (len(data), data) if self.chunked else data)


class Tunnel:
    """What [MS-TSGU] calls tunnel and channel, of one RDG-Connection-Id; |out| sends to the client."""

    def __init__(self, connection, out):
        self.connection, self.gateway, self.out = connection, connection.gateway, out
        self.wires = [connection.wire]
        self.state = "handshake"
        self.buffer = b""
        self.target, self.forwarding = None, False
        self.ntlm = None
        self.paa = False
        self.data_packets = 0
        self.close_lock = threading.Lock()

    @property
    def wire(self):
        return self.out.wire

    def log(self, event, **detail):
        self.gateway.log(self.connection.number, event, **detail)

    # ------------------------------------------------------------------ to the client

    def send(self, step, data):
        """Sends the answer that is due at |step|, or what a fault has instead."""
        fault = self.gateway.fault
        if fault and fault.step == step:
            self.log("fault", name=fault.name, step=step)
            fault.answer(self, data)
            return
        self.log("answer", step=step, type=PACKET_NAMES[data[0]], code=code_of(data))
        self.out.send(data)

    def refuse(self, step, data):
        """An answer with an error, and then the end, as a gateway does it."""
        self.send(step, data)
        raise End("close")

    def end(self, how):
        for wire in self.wires:
            wire.end(how)
        if self.target:
            with contextlib.suppress(OSError):
                self.target.shutdown(socket.SHUT_RDWR)
            if not self.forwarding:
                self.target.close()

    # ------------------------------------------------------------------ from the client

    def feed(self, data, whole=False):
        """|whole|: the message of the transport is one packet."""
        if whole and not self.buffer:
            size = struct.unpack("<I", data[4:8])[0] if len(data) >= 8 else None
            if size != len(data):
                self.log("note", text="a WebSocket message of %d bytes with a packet of %s" % (len(data), size))
        self.buffer += data
        while len(self.buffer) >= 8:
            kind, reserved, size = struct.unpack("<HHI", self.buffer[:8])
            if kind not in PACKET_NAMES or size < 8 or size > 10 + 65535:
                raise Violation("packet of type 0x%x with %d bytes" % (kind, size))
            if reserved:
                raise Violation("%s: reserved is 0x%x" % (PACKET_NAMES[kind], reserved))
            if len(self.buffer) < size:
                return
            body, self.buffer = self.buffer[8:size], self.buffer[size:]
            self.take(kind, Cursor(body, PACKET_NAMES[kind]))

    DUE = {HANDSHAKE_REQUEST: "handshake", EXTENDED_AUTH: "extended-auth", TUNNEL_CREATE: "tunnel",
           TUNNEL_AUTH: "authorization", CHANNEL_CREATE: "channel", DATA: "opened"}

    def take(self, kind, body):
        due = self.DUE.get(kind)
        if due and due != self.state and not (kind == DATA and self.state == "closing"):
            raise Violation("%s, but %s is due" % (PACKET_NAMES[kind], self.state))
        handler = {HANDSHAKE_REQUEST: self.on_handshake, EXTENDED_AUTH: self.on_extended_auth,
                   TUNNEL_CREATE: self.on_tunnel, TUNNEL_AUTH: self.on_authorization,
                   CHANNEL_CREATE: self.on_channel, DATA: self.on_data, KEEPALIVE: self.on_keepalive,
                   CLOSE_CHANNEL: self.on_close, CLOSE_CHANNEL_RESPONSE: self.on_close_response}.get(kind)
        if not handler:
            raise Violation("%s from a client" % PACKET_NAMES[kind])
        handler(body)

    def heard(self, type_, **fields):
        self.log("packet", type=type_, **fields)

    def on_handshake(self, body):
        major, minor = body.number(1), body.number(1)
        version, asked = body.number(2), body.number(2)
        body.end()
        self.heard("HANDSHAKE_REQUEST", version=(major, minor), extended_auth=asked)
        if version:
            raise Violation("HANDSHAKE_REQUEST: clientVersion is 0x%x" % version)
        if (major, minor) != (1, 0):
            self.refuse("handshake", handshake_response(CODES["E_PROXY_NOTSUPPORTED"]))
        supported = self.gateway.extended_auth
        if asked and not asked & supported:
            self.refuse("handshake", handshake_response(
                CODES["E_PROXY_UNSUPPORTED_AUTHENTICATION_METHOD"], extended_auth=supported))
        options = self.gateway.options
        if not asked and (options.demand_paa or not self.connection.account and not options.open_to_all):
            self.refuse("handshake", handshake_response(CODES["E_PROXY_CAPABILITYMISMATCH"],
                                                        extended_auth=supported))
        self.paa = bool(asked & supported & EXTENDED_AUTH_PAA)
        sspi = bool(asked & supported & EXTENDED_AUTH_SSPI_NTLM)
        if sspi:
            self.ntlm = self.gateway.new_ntlm()
        self.state = "extended-auth" if sspi else "tunnel"
        self.send("handshake", handshake_response(extended_auth=supported))

    def on_extended_auth(self, body):
        body.expect(4, 0, "errorCode")
        token = body.take(body.number(2))
        body.end()
        self.heard("EXTENDED_AUTH", length=len(token))
        try:
            answer = self.ntlm.step(token)
        except gateway_ntlm.Refused as error:
            self.log("auth", scheme="SSPI_NTLM", accepted=False, account=self.ntlm.account, why=str(error))
            self.refuse("extended-auth", packet(EXTENDED_AUTH, struct.pack("<IH", CODES["SEC_E_LOGON_DENIED"], 0)))
        if self.ntlm.done:
            self.connection.account = self.ntlm.account
            self.log("auth", scheme="SSPI_NTLM", accepted=True, account=self.ntlm.account, mic=self.ntlm.mic,
                     bound=self.ntlm.bound)
            self.state = "tunnel"
        self.send("extended-auth", packet(EXTENDED_AUTH, struct.pack("<IH", 0, len(answer)), answer))

    def on_tunnel(self, body):
        gateway = self.gateway
        capabilities, present = body.number(4), body.number(2)
        body.expect(2, 0, "reserved")
        if present & ~3:
            raise Violation("TUNNEL_CREATE: fieldsPresent is 0x%x" % present)
        if present & 2:
            body.take(8)  # reauthTunnelContext
        cookie = body.text("PAACookie") if present & 1 else None
        body.end()
        self.heard("TUNNEL_CREATE", capabilities=capabilities, cookie=cookie is not None)
        if capabilities & ~0x3F:
            raise Violation("TUNNEL_CREATE: capsFlags is 0x%x" % capabilities)
        if self.paa and not cookie:
            self.refuse("tunnel", tunnel_response(CODES["E_PROXY_COOKIE_BADPACKET"]))
        if self.paa and cookie != gateway.options.paa_cookie:
            self.refuse("tunnel", tunnel_response(CODES["E_PROXY_COOKIE_AUTHENTICATION_ACCESS_DENIED"]))
        account = self.connection.account
        if gateway.options.cap is not None and not self.paa and account not in gateway.options.cap:
            self.refuse("tunnel", tunnel_response(CODES["E_PROXY_NAP_ACCESSDENIED"]))
        if gateway.options.consent and (not capabilities & CAPABILITY_CONSENT or gateway.options.ignore_capabilities):
            self.refuse("tunnel", tunnel_response(CODES["E_PROXY_CAPABILITYMISMATCH"]))
        self.capabilities = capabilities & gateway.options.capabilities
        self.state = "authorization"
        asks = gateway.options.quarantine and capabilities & CAPABILITY_QUARANTINE
        self.send("tunnel", tunnel_response(
            0, tunnel_id=7, capabilities=gateway.options.capabilities,
            quarantine=(os.urandom(16), "gw") if asks else None, consent=gateway.options.consent))

    def on_authorization(self, body):
        gateway = self.gateway
        present = body.number(2)
        if present & ~1:
            raise Violation("TUNNEL_AUTH: fieldsPresent is 0x%x" % present)
        name = body.text("clientName")
        health = body.take(body.number(2)) if present & 1 else None
        body.end()
        self.heard("TUNNEL_AUTH", client_name=name, health=health is not None)
        self.state = "channel"
        self.send("authorization", tunnel_auth_response(
            0, redirection=gateway.options.redirection,
            idle_minutes=gateway.options.idle_minutes if self.capabilities & CAPABILITY_IDLE_TIMEOUT else None,
            health=b"" if health is not None else None))

    def on_channel(self, body):
        count, others = body.number(1), body.number(1)
        port = body.number(2)
        body.expect(2, 3, "protocol")
        if not 1 <= count <= 50 or others > 3:
            raise Violation("CHANNEL_CREATE: %d resources, %d alternatives" % (count, others))
        names = [body.text("resource") for _ in range(count + others)]
        body.end()
        self.heard("CHANNEL_CREATE", resources=names, port=port)
        fault = self.gateway.fault
        if not (fault and fault.step == "channel" and fault.no_target):
            self.connect(names, port)
        self.state = "opened"
        self.send("channel", channel_response(0, channel_id=1))
        if self.gateway.options.service_message:
            self.out.send(packet(SERVICE_MESSAGE, text16(self.gateway.options.service_message)))
        if self.target:
            self.forwarding = True
            threading.Thread(target=self.forward, daemon=True).start()
        if self.gateway.options.keepalive_seconds:
            threading.Thread(target=self.keep_alive, daemon=True).start()

    def connect(self, names, port):
        gateway = self.gateway
        if not any(gateway.allows(name, port) for name in names):
            self.refuse("channel", channel_response(CODES["E_PROXY_RAP_ACCESSDENIED"]))
        why = None
        for name in names:
            try:
                address = gateway.resolve(name)
                self.target = socket.create_connection((address, port), timeout=gateway.options.connect_seconds)
                self.target.settimeout(None)
                self.log("target", host=name, port=port, connected=True)
                return
            except (OSError, UnicodeError) as error:  # UnicodeError: no name of a host at all
                why = error
        self.log("target", host=names[0], port=port, connected=False, why=str(why))
        self.refuse("channel", channel_response(CODES["E_PROXY_TS_CONNECTFAILED"]))

    def forward(self):
        """From the host to the client."""
        try:
            while True:
                data = self.target.recv(16384)
                if not data:
                    break
                self.out.send(data_packet(data))
        except (OSError, Ended):
            pass
        finally:
            self.target.close()
        with self.close_lock:
            if self.state != "opened":
                return
            self.state = "closing"
        how = "close"
        try:
            self.log("target", closed=True)
            self.send("target-close", close_packet(self.gateway.options.close_code))
            end = time.monotonic() + 2  # for the client's response
            while self.state == "closing" and time.monotonic() < end:
                time.sleep(0.02)
        except Ended:
            pass
        except End as error:
            how = str(error)
        if how != "silence":
            self.end(how)

    def keep_alive(self):
        with contextlib.suppress(Ended):
            while self.state == "opened" and not self.gateway.stopping.wait(self.gateway.options.keepalive_seconds):
                self.out.send(packet(KEEPALIVE))

    def on_data(self, body):
        data = body.take(body.number(2))
        body.end()
        if not data:
            raise Violation("DATA without data")
        self.data_packets += 1
        if self.data_packets <= 3:
            self.heard("DATA", number=self.data_packets, length=len(data))
        fault = self.gateway.fault
        if fault and fault.step == "data" and self.data_packets == fault.nth:
            self.log("fault", name=fault.name, step="data")
            fault.answer(self, b"")
        if self.target:
            with contextlib.suppress(OSError):
                self.target.sendall(data)

    def on_keepalive(self, body):
        body.end()
        self.heard("KEEPALIVE")

    def on_close(self, body):
        code = body.number(4)
        body.end()
        self.heard("CLOSE_CHANNEL", code=code)
        if self.state not in ("opened", "closing"):
            raise Violation("CLOSE_CHANNEL, but %s is due" % self.state)
        self.state = "closed"
        self.send("client-close", close_packet(0, CLOSE_CHANNEL_RESPONSE))
        raise End("close")

    def on_close_response(self, body):
        code = body.number(4)
        body.end()
        self.heard("CLOSE_CHANNEL_RESPONSE", code=code)
        if self.state != "closing":
            raise Violation("CLOSE_CHANNEL_RESPONSE, but nothing was closed")
        self.state = "closed"
        raise End("close")

    def internal_error(self):
        """What the packet that is due is answered with after a Violation."""
        code = CODES["E_PROXY_INTERNALERROR"]
        return {"handshake": handshake_response, "tunnel": tunnel_response, "authorization": tunnel_auth_response,
                "channel": channel_response}.get(self.state, close_packet)(code)


class Connection:
    """One TCP connection of a client."""

    def __init__(self, gateway, sock, number):
        self.gateway, self.number = gateway, number
        self.sock = sock
        self.account = None
        self.acceptor = None
        self.tunnel = None
        self.wire = Wire(sock, gateway.context, gateway.stopping, gateway.options.seconds)

    def log(self, event, **detail):
        self.gateway.log(self.number, event, **detail)

    def run(self):
        how = "gateway"
        try:
            self.serve()
        except Ended as error:
            how = "client: %s" % error
        except End as error:
            how = "gateway: %s" % error
            self.finish(str(error))
        except Violation as error:
            how = "gateway: violation"
            self.log("violation", text=str(error))
            with contextlib.suppress(Ended):
                if self.tunnel:
                    self.tunnel.out.send(self.tunnel.internal_error())
                elif not self.wire.tls or self.wire.tls.version():
                    self.wire.write(http_response(400, "Connection: close"))
            self.finish("close")
        finally:
            if self.tunnel:
                self.tunnel.end("close")
            self.log("ended", how=how)
            self.wire.close()
            self.gateway.forget(self)

    def finish(self, how):
        """Ends the connection, and waits for the client's end of it."""
        if how == "silence":
            with contextlib.suppress(Ended):
                while True:
                    self.wire.receive()
            return
        if self.tunnel:
            self.tunnel.end(how)
        self.wire.end(how)
        self.wire.drain()

    def fault(self, step, default=b"", **context):
        """Does the fault of |step|, if that is the gateway's; tells whether it has taken the answer's place."""
        fault = self.gateway.fault
        if not fault or fault.step != step or not fault.holds(self, **context):
            return False
        self.log("fault", name=fault.name, step=step)
        fault.answer(self, default)
        return True

    def serve(self):
        self.log("accepted")
        if self.gateway.fault and self.gateway.fault.step == "connect":
            time.sleep(0.05)  # or a reset might be the answer to connect() itself
            self.fault("connect")
        if self.gateway.context:
            if self.gateway.fault and self.gateway.fault.step == "tls":
                self.wire.wait()
                self.fault("tls")
            self.wire.handshake()
            tls = self.wire.tls
            self.log("tls", version=tls.version(), cipher=tls.cipher()[0], name=self.gateway.names_told.pop(tls, None))
        while True:
            request = gateway_wire.read_request(self.wire)
            self.log("request", method=request.method, uri=request.uri, upgrade=request.upgrades,
                     headers={name: value.split(" ")[0] if name.lower() == "authorization" else value
                              for name, value in request.headers})
            self.answer(request)

    # ------------------------------------------------------------------ HTTP

    def write(self, data):
        self.log("answer", step="http", status=int(data.split(b" ", 2)[1]))
        self.wire.write(data)

    def answer(self, request):
        gateway = self.gateway
        if request.method != "RDG_IN_DATA" and self.fault("request", request=request):
            return
        if request.get("Host") is None:
            raise Violation("HTTP request without Host")
        path = request.uri.partition("?")[0].lower()
        if path == RPC_PATH and gateway.options.rpc_alone:
            self.demand()
            return
        if path != PATH or gateway.options.rpc_alone:
            self.write(http_response(404, "Server: Microsoft-IIS/10.0", body=b"<h1>404</h1>"))
            return
        websocket = request.upgrades and "websocket" in gateway.options.transports
        if request.method not in ("RDG_OUT_DATA", "RDG_IN_DATA") and not (request.method == "GET" and websocket):
            self.log("violation", text="HTTP method %s" % request.method)
            self.write(http_response(405, "Allow: RDG_OUT_DATA, RDG_IN_DATA"))
            return
        self.check(request)
        if request.length:
            self.wire.take(min(request.length, 1 << 20))
        headers = []
        if not self.authenticate(request, headers):
            return
        if self.fault("authenticated", request=request):
            return
        if websocket:
            self.open_websocket(request, headers)
        if "http" not in gateway.options.transports:
            self.write(http_response(404, "Server: Microsoft-IIS/10.0"))
        elif request.method == "RDG_OUT_DATA":
            self.open_out(request, headers)
        else:
            self.open_in(request, headers)

    def check(self, request):
        """The headers that [MS-TSGU] 2.2.3.2 and 3.3.5.1 ask for."""
        try:
            given = request.get("RDG-Connection-Id") or ""
            self.id = uuid.UUID(given[1:-1])
            if given != "{%s}" % given[1:-1] or len(given) != 38:
                raise ValueError
        except ValueError:
            raise Violation("RDG-Connection-Id: %r" % request.get("RDG-Connection-Id")) from None
        correlation = request.get("RDG-Correlation-Id")
        if correlation and not (correlation.startswith("{") and correlation.endswith("}")):
            raise Violation("RDG-Correlation-Id: %r" % correlation)
        scheme = request.get("RDG-Auth-Scheme")
        if scheme not in (None, "PAA", "SSPI_NTLM"):
            raise Violation("RDG-Auth-Scheme: %r" % scheme)
        if request.upgrades:
            gateway_wire.accept_key(request)
            if request.method == "RDG_IN_DATA":
                raise Violation("RDG_IN_DATA with an upgrade")
        elif request.has_token("Upgrade", "websocket") or request.has_token("Connection", "Upgrade"):
            raise Violation("one of Upgrade and Connection: Upgrade without the other")
        if request.get("Content-Length") is None and not request.chunked and request.method != "GET":
            raise Violation("%s without Content-Length or Transfer-Encoding" % request.method)
        if request.chunked and request.method != "RDG_IN_DATA":
            raise Violation("%s with Transfer-Encoding" % request.method)

    def demand(self, *tokens):
        """401 with the schemes, or with the token of the exchange that is under way."""
        offers = tokens or ["%s realm=\"%s\"" % (scheme, NAMES["dns_computer"]) if scheme == "Basic" else scheme
                            for scheme in self.gateway.options.schemes]
        headers = ["Server: Microsoft-HTTPAPI/2.0", *("WWW-Authenticate: " + offer for offer in offers)]
        if self.gateway.options.body_type:
            headers.append("Content-Type: " + self.gateway.options.body_type)
        response = http_response(401, *headers, body=self.gateway.options.body)
        if not tokens or not self.fault("challenge", response):
            self.write(response)
        return False

    def authenticate(self, request, headers):
        """Whether the request is an authenticated one; answers it where it is not. |headers|: what the
        answer to it has to hold."""
        gateway = self.gateway
        scheme = request.get("RDG-Auth-Scheme")
        later = {"PAA": EXTENDED_AUTH_PAA, "SSPI_NTLM": EXTENDED_AUTH_SSPI_NTLM}.get(scheme, 0)
        if self.account or gateway.options.open_to_all or gateway.extended_auth & later:
            return True
        name, _, token = (request.get("Authorization") or "").partition(" ")
        offered = next((each for each in gateway.options.schemes if each.split(" ")[0].lower() == name.lower()), None)
        if name and not offered:
            self.log("auth", scheme=name, accepted=False, why="not offered")
        if not offered:
            return self.demand()
        try:
            raw = base64.b64decode(token.strip(), validate=True)
        except ValueError:
            raise Violation("Authorization: no Base64") from None
        if offered == "Basic":
            return self.basic(raw)
        return self.negotiate(offered, raw, headers)

    def basic(self, raw):
        user, colon, password = raw.decode("utf-8", "replace").partition(":")
        account = user.split("\\")[-1].split("@")[0]
        accounts = self.gateway.options.accounts
        known = next((word for name, word in accounts.items() if name.lower() == account.lower()), None)
        accepted = bool(colon) and known is not None and password == known
        self.log("auth", scheme="Basic", accepted=accepted, account=user)
        if not accepted:
            return self.demand()
        self.account = account
        return True

    def negotiate(self, scheme, raw, headers):
        if not self.acceptor:
            ntlm = self.gateway.new_ntlm()
            self.acceptor = gateway_ntlm.Acceptor(ntlm) if scheme == "Negotiate" else ntlm
        acceptor, ntlm = self.acceptor, getattr(self.acceptor, "ntlm", self.acceptor)
        try:
            reply = acceptor.step(raw)
        except gateway_ntlm.Refused as error:
            self.log("auth", scheme=scheme, accepted=False, account=ntlm.account, domain=ntlm.domain, why=str(error))
            self.acceptor = None
            return self.demand()
        reply = "%s %s" % (scheme, base64.b64encode(reply).decode()) if reply else None
        if not acceptor.done:
            return self.demand(reply)
        self.acceptor = None
        self.account = ntlm.account
        self.log("auth", scheme=scheme, accepted=True, account=ntlm.account, domain=ntlm.domain,
                 workstation=ntlm.workstation, mic=ntlm.mic, bound=ntlm.bound, target_name=ntlm.target_name,
                 spnego=getattr(acceptor, "spnego", False))
        if reply:
            headers.append("WWW-Authenticate: " + reply)
        return True

    # ------------------------------------------------------------------ the transports

    def open_websocket(self, request, headers):
        response = http_response(101, "Upgrade: websocket", "Connection: Upgrade",
                                 "Sec-WebSocket-Accept: " + gateway_wire.accept_key(request), *headers, length=False)
        fault = self.gateway.fault
        self.out = WebSocketOut(self.wire, fault and fault.frames or gateway_wire.frame)
        if not self.fault("accept", response, request=request):
            self.write(response)
        self.tunnel = Tunnel(self, self.out)
        message = b""
        fresh = True
        while True:
            opcode, last, data = gateway_wire.read_frame(self.wire)
            if opcode == gateway_wire.PING:
                self.wire.write(gateway_wire.frame(data, gateway_wire.PONG))
            elif opcode == gateway_wire.CLOSE:
                code = struct.unpack(">H", data[:2])[0] if len(data) >= 2 else None
                self.log("websocket", close=code)
                self.wire.write(gateway_wire.frame(data[:2], gateway_wire.CLOSE))
                raise End("close")
            elif opcode == gateway_wire.PONG:
                self.log("websocket", pong=data.hex())
            else:
                if fresh != (opcode == gateway_wire.BINARY):
                    raise Violation("WebSocket: opcode %d within a message, or none before" % opcode)
                message, fresh = message + data, last
                if last:
                    self.tunnel.feed(message, whole=True)
                    message = b""

    def open_out(self, request, headers):
        if self.gateway.options.chunked_out:
            headers.append("Transfer-Encoding: chunked")
        response = http_response(200, "Server: Microsoft-HTTPAPI/2.0", *headers, length=False)
        self.out = HttpOut(self.wire, self.gateway.options.chunked_out)
        tunnel = Tunnel(self, self.out)
        with self.gateway.lock:
            if self.id in self.gateway.tunnels:
                raise Violation("a second RDG_OUT_DATA with the same RDG-Connection-Id")
            self.gateway.tunnels[self.id] = tunnel
        try:
            if not self.fault("accept", response, request=request):
                self.write(response)
                self.out.send(self.gateway.options.seed)
            self.tunnel = tunnel
            self.wire.read()
            raise Violation("bytes on the OUT connection after its request")
        finally:
            with self.gateway.lock:
                del self.gateway.tunnels[self.id]

    def open_in(self, request, headers):
        with self.gateway.lock:
            tunnel = self.gateway.tunnels.get(self.id)
        if not tunnel:
            raise Violation("RDG_IN_DATA without an RDG_OUT_DATA of the same RDG-Connection-Id")
        if tunnel.connection.account != self.account:
            raise Violation("RDG_IN_DATA of another account than RDG_OUT_DATA")
        if not request.chunked:
            response = http_response(200, "Server: Microsoft-HTTPAPI/2.0", *headers)
            if not self.fault("in", response, request=request):
                self.write(response)
            return
        if len(tunnel.wires) > 1:
            raise Violation("a second RDG_IN_DATA with the same RDG-Connection-Id")
        self.tunnel = tunnel
        tunnel.wires.append(self.wire)
        while True:
            data = gateway_wire.read_chunk(self.wire)
            if not data:
                raise End("close")
            tunnel.feed(data)


@dataclasses.dataclass(frozen=True)
class Options:
    host: str = "127.0.0.1"
    port: int = 0
    tls: bool = True  # False: behind a front that ends it
    certificate: tuple = ("chained", "intermediate")  # of fixtures/certificates, the server's own first
    files: tuple = ()  # a chain and a key instead
    tls_versions: tuple = (None, None)
    demand_certificate: bool = False  # of clients
    keylog: str = None
    accounts: dict = dataclasses.field(default_factory=lambda: {"foo": "bar"})  # password by name
    schemes: tuple = ("Negotiate", "NTLM", "Basic")  # of the 401; unknown ones are offered as they are
    body: bytes = b""  # of the 401
    body_type: str = None
    require_bindings: bool = False
    open_to_all: bool = False  # no authentication over HTTP
    paa_cookie: str = None  # this and the next two are offered as ExtendedAuth
    sspi_ntlm: bool = False
    smart_card: bool = False
    demand_paa: bool = False  # nothing else will do
    transports: tuple = ("websocket", "http")  # without websocket the upgrade is ignored
    rpc_alone: bool = False  # RPC over HTTP, of which there is the 401 and no more
    chunked_out: bool = False  # the response to RDG_OUT_DATA
    seed: bytes = SEED  # in front of its packets
    capabilities: int = 0x3F
    ignore_capabilities: bool = False  # as if the client had none
    consent: str = None
    service_message: str = None
    quarantine: bool = False  # asks for a statement of health
    redirection: int = REDIRECTION_ENABLE_ALL
    idle_minutes: int = 0
    cap: typing.Container = None  # the accounts that the CAP allows
    allow: object = None  # the hosts that the RAP allows, or a function of host and port
    hosts: dict = dataclasses.field(default_factory=dict)  # addresses by name, None: that name is not resolved
    close_code: int = CODES["ERROR_BAD_ARGUMENTS"]  # of CLOSE_CHANNEL when the host closes
    keepalive_seconds: float = None
    connect_seconds: float = 5
    seconds: float = 60  # how long a silent client is waited for


class Gateway:
    """The server: listens from start() to stop(), which `with` calls."""

    def __init__(self, *, fault=None, **options):
        fault = gateway_faults.FAULTS[fault] if isinstance(fault, str) else fault
        self.fault, self.expect = fault, fault and fault.expect
        self.options = Options(**{**(dict(fault.options) if fault else {}), **options})
        self.port = self.options.port
        self.extended_auth = sum(flag for flag, wanted in (
            (EXTENDED_AUTH_PAA, self.options.paa_cookie), (EXTENDED_AUTH_SSPI_NTLM, self.options.sspi_ntlm),
            (EXTENDED_AUTH_SC, self.options.smart_card)) if wanted)
        self.authority = os.path.join(CERTIFICATES, "root.crt")
        self.lock = threading.Condition(threading.RLock())
        self.stopping = threading.Event()
        self.tunnels, self.connections, self.names_told = {}, set(), {}
        self.records, self.count = [], 0
        self.context = self.bindings = self.directory = None
        self.echo = None

    # ------------------------------------------------------------------ start and stop

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stop()

    def start(self):
        self.began = time.monotonic()
        self.directory = tempfile.mkdtemp(prefix="rdpwhy-gateway-")
        if self.options.tls:
            self.files = self.certificate_files()
            self.context = self.make_context()
        self.listener = socket.create_server((self.options.host, self.port), backlog=128)
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def stop(self):
        self.stopping.set()
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        with self.lock:
            threads = [connection.thread for connection in self.connections]
        for thread in threads:
            thread.join(5)
        shutil.rmtree(self.directory, ignore_errors=True)

    def certificate_files(self):
        """The paths of the chain and of its key."""
        if self.options.files:
            return self.options.files
        chain = os.path.join(self.directory, "chain.pem")
        with open(chain, "w", encoding="ascii") as out:
            for name in self.options.certificate:
                with open(os.path.join(CERTIFICATES, name + ".crt"), encoding="ascii") as file:
                    out.write(file.read())
        return chain, os.path.join(CERTIFICATES, "server.key")

    def make_context(self):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*self.files)
        least, most = self.options.tls_versions
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # of TLS 1.0 and 1.1, which is what is wanted
            if least:
                context.set_ciphers("ALL:@SECLEVEL=0")
                context.minimum_version = least
            if most:
                context.maximum_version = most
        if self.options.demand_certificate:
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(self.authority)
        if self.options.keylog:
            context.keylog_filename = self.options.keylog
        context.set_alpn_protocols(["http/1.1"])
        context.sni_callback = lambda tls, name, _: self.names_told.__setitem__(tls, name)
        with open(self.files[0], encoding="ascii") as file:
            first = file.read().partition("-----END CERTIFICATE-----")
        self.bindings = gateway_ntlm.channel_bindings(ssl.PEM_cert_to_DER_cert(first[0] + first[1]))
        return context

    def accept(self):
        with contextlib.suppress(OSError):
            while True:
                sock, _ = self.listener.accept()
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                with self.lock:
                    self.count += 1
                    connection = Connection(self, sock, self.count)
                    connection.thread = threading.Thread(target=connection.run, daemon=True)
                    self.connections.add(connection)
                connection.thread.start()

    def forget(self, connection):
        with self.lock:
            self.connections.discard(connection)

    # ------------------------------------------------------------------ policies

    def new_ntlm(self):
        return gateway_ntlm.Ntlm(self.options.accounts, NAMES, self.bindings, self.options.require_bindings)

    def allows(self, host, port):
        if self.options.allow is None:
            return True
        return self.allow(host, port) if callable(self.options.allow) else host in self.options.allow

    def resolve(self, name):
        address = self.options.hosts.get(name, name)
        if address is None:
            raise socket.gaierror("no such host")
        return socket.getaddrinfo(address, None, type=socket.SOCK_STREAM)[0][4][0]

    # ------------------------------------------------------------------ the log

    def log(self, connection, event, **detail):
        entry = {"time": round(time.monotonic() - self.began, 4), "connection": connection, "event": event, **detail}
        with self.lock:
            self.records.append(entry)
            self.lock.notify_all()
        if self.echo:
            print(json.dumps(entry), file=self.echo, flush=True)

    def entries(self, event=None, **fields):
        with self.lock:
            return [entry for entry in self.records if event in (None, entry["event"])
                    and all(entry.get(name) == value for name, value in fields.items())]

    def violations(self):
        return [entry["text"] for entry in self.entries("violation")]

    def wait_for(self, event, seconds=10, **fields):
        """The first such entry; AssertionError where none comes."""
        with self.lock:
            if not self.lock.wait_for(lambda: self.entries(event, **fields), seconds):
                raise AssertionError("no %s %s:\n%s" % (event, fields, "\n".join(map(str, self.records))))
            return self.entries(event, **fields)[0]


def main():
    parser = argparse.ArgumentParser(description="An RD Gateway for tests.")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--user", default="foo")
    parser.add_argument("--schemes")
    parser.add_argument("--transports")
    parser.add_argument("--paa-cookie")
    parser.add_argument("--no-tls", action="store_true")
    parser.add_argument("--fault", choices=gateway_faults.FAULTS, metavar="NAME")
    parser.add_argument("--list-faults", action="store_true")
    options = parser.parse_args()
    if options.list_faults:
        print("name\ttext\tstep\ttransport\tphase\tcloser\thow\tspace\tcode\tnote\tlibrary")
        for fault in gateway_faults.FAULTS.values():
            expect = fault.expect
            print("\t".join(map(str, (fault.name, fault.text, fault.step or "-", fault.transport, expect.phase or "-",
                                      expect.closer or "-", expect.how, expect.space or "-",
                                      "-" if expect.code is None else expect.code, expect.note or "-",
                                      fault.library or "-"))))
        return
    more = {name: value.split(",") for name, value in (("schemes", options.schemes),
                                                       ("transports", options.transports)) if value}
    gateway = Gateway(port=options.port, tls=not options.no_tls, paa_cookie=options.paa_cookie,
                      accounts={options.user: os.environ.get("GATEWAY_PASSWORD", "bar")}, fault=options.fault, **more)
    gateway.echo = sys.stdout
    with gateway:
        print("ready %d" % gateway.port, flush=True)
        with contextlib.suppress(KeyboardInterrupt):
            threading.Event().wait()


if __name__ == "__main__":
    main()
