"""The test gateway, before anything is tested with it: xfreerdp gets through it by both transports, with HAProxy and
nginx in front; curl, Samba and the vectors of [MS-NLMP] judge its authentication; it refuses what a client may not
send; and each of its faults is what its row says."""

import base64
import dataclasses
import os
import re
import socket
import socketserver
import struct
import subprocess
import tempfile
import threading
import unittest
from concurrent.futures import ThreadPoolExecutor

import gateway_client
import gateway_ntlm
import servers
from gateway_faults import FAULTS, LIBRARY, PHASES
from gateway_packets import (
    CHANNEL_CREATE, CLOSE_CHANNEL, CODES, DATA, HANDSHAKE_REQUEST, HANDSHAKE_RESPONSE, KEEPALIVE, TUNNEL_AUTH,
    TUNNEL_CREATE, data_packet, packet, text16)
from gateway_server import CERTIFICATES, Gateway
from gateway_wire import PING, TEXT, frame
from servers import Peer, Xrdp, find, need
from test_front import Front

USER, PASSWORD = "foo", "bar"

RDP_FILE = """\
full address:s:127.0.0.1:{target}
gatewayhostname:s:127.0.0.1:{gateway}
gatewayusagemethod:i:1
gatewayprofileusagemethod:i:1
"""

HAPROXY = """\
defaults
    mode tcp
    timeout connect 5s
    timeout client 30s
    timeout server 30s
listen pass_through
    bind 127.0.0.1:{port}
    server gateway 127.0.0.1:{behind}
"""

# A chunked answer to RDG_OUT_DATA is more than libfreerdp can read.
NGINX = """\
daemon off;
master_process off;
pid {directory}/nginx.pid;
error_log {directory}/error.log;
events {{}}
http {{
    access_log off;
    client_body_temp_path {directory}/1;
    proxy_temp_path {directory}/2;
    fastcgi_temp_path {directory}/3;
    uwsgi_temp_path {directory}/4;
    scgi_temp_path {directory}/5;
    server {{
        listen 127.0.0.1:{port} ssl;
        ssl_certificate {pem};
        ssl_certificate_key {pem};
        chunked_transfer_encoding off;
        location / {{
            proxy_pass http://127.0.0.1:{behind};
            proxy_http_version 1.1;
            proxy_request_buffering off;
            proxy_buffering off;
            {upgrade}
        }}
    }}
}}
"""
UPGRADE = 'proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection "Upgrade";'


class Freerdp:
    """What xfreerdp said of one connection: |reached| tells that it came to the end of it."""

    def __init__(self, target, gateway=None, *options, account=USER, password=PASSWORD, token=None, seconds=20):
        self.home = tempfile.mkdtemp(dir=servers.STATE.name)
        env = servers.environment(HOME=self.home, XDG_CONFIG_HOME=self.home, KRB5_CONFIG="/dev/null")
        env = {name: value for name, value in env.items() if "proxy" not in name.lower()}
        argv = [find("xfreerdp3", "xfreerdp")]
        if gateway:
            # of a port in /gateway:g: release 3.10 makes 443
            with open(os.path.join(self.home, "gateway.rdp"), "w", encoding="ascii") as out:
                out.write(RDP_FILE.format(target=target, gateway=gateway))
            logon = "access-token:" + token if token else "u:%s,p:%s" % (account, password)
            argv += [out.name, "/gateway:" + ",".join([logon, "type:http", *options])]
        else:
            argv.append("/v:127.0.0.1:%d" % target)
        done = subprocess.run([*argv, "/u:x", "/p:y", "/cert:ignore", "/sec:tls", "/log-level:INFO", "+auth-only"],
                              input=b"Y\n", capture_output=True, timeout=seconds, env=env)
        self.text = (done.stdout + done.stderr).decode("utf-8", "replace")
        self.status = done.returncode
        self.reached = "Authentication only, exit status 1" in self.text

    def __str__(self):
        return "exit %d\n%s" % (self.status, self.text)


class Echo(socketserver.BaseRequestHandler):
    def handle(self):
        while True:
            data = self.request.recv(65536)
            if not data:
                return
            self.request.sendall(data)


class EchoServer(socketserver.ThreadingTCPServer):
    request_queue_size = 128
    daemon_threads = True


class EchoHost:
    def __enter__(self):
        self.server = EchoServer(("127.0.0.1", 0), Echo)
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()
        self.port = self.server.server_address[1]
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


def at_once(*calls):
    """Their results, in order."""
    with ThreadPoolExecutor(4) as pool:
        return list(pool.map(lambda call: call(), calls))


class ByFreerdp(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        need(find("xfreerdp3", "xfreerdp"), "xfreerdp3 is not installed")

    def through(self, gateway, client, transport):
        self.assertTrue(client.reached, client)
        self.assertEqual(gateway.violations(), [])
        self.assertGreaterEqual(len(gateway.entries("packet", type="DATA")), 3)
        requests = {(entry["method"], entry["upgrade"]) for entry in gateway.entries("request")}
        self.assertEqual(("RDG_IN_DATA" in {method for method, _ in requests}), transport == "http", requests)

    def test_xrdp_and_fault_server(self):
        with Xrdp("tls") as xrdp, Peer("--fault", "neg-failure-3") as peer:
            gateways = [Gateway() for _ in range(4)]
            for gateway in gateways:
                gateway.start()
                self.addCleanup(gateway.stop)
            direct, *through = at_once(
                lambda: Freerdp(peer.port), lambda: Freerdp(xrdp.port, gateways[0].port),
                lambda: Freerdp(xrdp.port, gateways[1].port, "no-websockets"),
                lambda: Freerdp(peer.port, gateways[2].port),
                lambda: Freerdp(peer.port, gateways[3].port, "no-websockets"))
        self.through(gateways[0], through[0], "websocket")
        self.through(gateways[1], through[1], "http")
        for client in (direct, *through[2:]):
            self.assertIn("Error: SSL_CERT_NOT_ON_SERVER", client.text, client)
        for gateway, connections in zip(gateways, (1, 2, 1, 2)):
            accepted = gateway.entries("auth", accepted=True)
            self.assertEqual(len(accepted), connections, accepted)
            for entry in accepted:
                self.assertEqual((entry["scheme"], entry["account"], entry["mic"], entry["bound"],
                                  entry["target_name"]), ("Negotiate", USER, True, True, "HTTP/127.0.0.1"))

    def test_other_logons(self):
        """A PAA cookie, and NTLM within the tunnel; a message that is agreed to; keepalives."""
        with Xrdp("tls") as xrdp, Gateway(schemes=(), paa_cookie="let me in", consent="Be good.") as paa, \
                Gateway(schemes=(), sspi_ntlm=True, service_message="Noon.", keepalive_seconds=0.05) as sspi, \
                Gateway(schemes=(), paa_cookie="another") as other:
            one, two, three = at_once(lambda: Freerdp(xrdp.port, paa.port, token="let me in"),
                                      lambda: Freerdp(xrdp.port, sspi.port, "extauth-sspi-ntlm"),
                                      lambda: Freerdp(xrdp.port, other.port, token="let me in"))
        self.through(paa, one, "websocket")
        self.assertIn("Be good.", one.text)
        self.through(sspi, two, "websocket")
        self.assertIn("Noon.", two.text)
        self.assertTrue(sspi.entries("packet", type="KEEPALIVE"))
        self.assertIn("E_PROXY_COOKIE_AUTHENTICATION_ACCESS_DENIED", three.text)

    def test_fronts(self):
        """TLS passed through; TLS ended, with and without WebSocket. NTLM needs its own connections, which nginx
        does not keep: behind it a cookie."""
        nginx = (("nginx",), ("-e", "{directory}/error.log", "-p", "{directory}", "-c", "{config}"), NGINX)
        with Xrdp("tls") as xrdp, Gateway() as whole, \
                Gateway(tls=False, schemes=(), paa_cookie="let me in") as first, \
                Gateway(tls=False, schemes=(), paa_cookie="let me in") as second, \
                Front(("haproxy",), ("-db", "-f", "{config}"), HAPROXY, whole.port) as haproxy, \
                Front(*nginx, first.port, upgrade=UPGRADE) as with_upgrade, \
                Front(*nginx, second.port, upgrade="") as without:
            clients = at_once(lambda: Freerdp(xrdp.port, haproxy.port),
                              lambda: Freerdp(xrdp.port, with_upgrade.port, token="let me in"),
                              lambda: Freerdp(xrdp.port, without.port, token="let me in"))
        for gateway, client, transport in zip((whole, first, second), clients, ("websocket", "websocket", "http")):
            self.through(gateway, client, transport)
        self.assertTrue(whole.entries("auth", bound=True))
        self.assertTrue(all(not entry["upgrade"] for entry in second.entries("request")))

    def test_faults(self):
        """That they are real is what another client says of them."""
        told = {
            "handshake-maxconnectionsreached-hresult": "Handshake error E_PROXY_MAXCONNECTIONSREACHED",
            "tunnel-nap-accessdenied": "Tunnel creation error E_PROXY_NAP_ACCESSDENIED",
            "authorization-notsupported": "Tunnel authorization error E_PROXY_NOTSUPPORTED",
            "channel-rap-accessdenied": "channel response errorCode=E_PROXY_RAP_ACCESSDENIED",
            "close-sessiontimeout-hresult": "E_PROXY_SESSIONTIMEOUT [0x800759F6]",
            "401-right-password": "ERRCONNECT_ACCESS_DENIED [0x00020016]",
            "tls-alert-handshake-failure": "ERRCONNECT_TLS_CONNECT_FAILED [0x00020008]",
        }

        def one(name):
            with Gateway(fault=name) as gateway:
                return Freerdp(echo.port, gateway.port)

        with EchoHost() as echo:
            clients = at_once(*(lambda name=name: one(name) for name in told))
        for (name, words), client in zip(told.items(), clients):
            with self.subTest(name):
                self.assertIn(words, client.text)
                self.assertFalse(client.reached)


# A client of Samba's: SPNEGO with NTLM, a token to each line of standard input.
GENSEC = """\
import sys
from samba.credentials import Credentials, DONT_USE_KERBEROS
from samba.gensec import Security, FEATURE_SIGN
from samba.param import LoadParm
lp = LoadParm()
lp.load_default()
creds = Credentials()
creds.set_username(sys.argv[1])
creds.set_password(sys.argv[2])
creds.set_domain("EXAMPLE")
creds.set_workstation("CLIENT")
creds.set_kerberos_state(DONT_USE_KERBEROS)
client = Security.start_client({"lp_ctx": lp, "target_hostname": "gw"})
client.set_credentials(creds)
client.want_feature(FEATURE_SIGN)
client.start_mech_by_name("spnego")
done, token = client.update(b"")
print(token.hex(), flush=True)
for line in sys.stdin:
    done, token = client.update(bytes.fromhex(line))
    print((token or b"").hex() or ("done" if done else "-"), flush=True)
"""


class Authentication(unittest.TestCase):
    def test_vectors(self):
        """RFC 1320 A.5, and [MS-NLMP] 4.2.4."""
        self.assertEqual(gateway_ntlm.md4(b"message digest").hex(), "d9130a8164549fe818874806e1c7014b")
        self.assertEqual(gateway_ntlm.md4(b"1234567890" * 8).hex(), "e33b4ddc9c38f2199c3e7b164fcc0536")
        key = gateway_ntlm.hmac_md5(gateway_ntlm.md4("Password".encode("utf-16-le")),
                                    "USERDomain".encode("utf-16-le"))
        self.assertEqual(key.hex(), "0c868a403bfd7a93a3001ef22ef02e3f")
        info = b"".join(struct.pack("<HH", kind, len(text) * 2) + text.encode("utf-16-le")
                        for kind, text in ((2, "Domain"), (1, "Server"))) + bytes(4)
        proof = gateway_ntlm.hmac_md5(key, bytes.fromhex("0123456789abcdef") + b"\1\1" + bytes(14) + b"\xaa" * 8
                                      + bytes(4) + info + bytes(4))
        self.assertEqual(proof.hex(), "68cd0ab851e51c96aabc927bebef6a1c")
        session = gateway_ntlm.hmac_md5(key, proof)
        self.assertEqual(session.hex(), "8de40ccadbc14a82f15cb0ad0de95ca3")
        self.assertEqual(gateway_ntlm.Rc4(session).apply(b"\x55" * 16).hex(), "c5dad2544fc9799094ce1ce90bc9d03e")

    def test_curl(self):
        need(find("curl"), "curl is not installed")
        with Gateway(transports=()) as gateway:
            for scheme, password, status in (("--ntlm", PASSWORD, "404"), ("--ntlm", "wrong", "401"),
                                             ("--basic", PASSWORD, "404"), ("--basic", "wrong", "401")):
                done = subprocess.run(
                    ["curl", "--silent", "--noproxy", "*", "--cacert", gateway.authority, scheme, "--user",
                     USER + ":" + password, "--request", "RDG_OUT_DATA", "--header", "Content-Length: 0", "--header",
                     "RDG-Connection-Id: {958F92D8-DA20-467A-BBE3-65E7E9B4EDCF}", "--output", "/dev/null",
                     "--write-out", "%{http_code}", "https://localhost:%d/remoteDesktopGateway/" % gateway.port],
                    stdin=subprocess.DEVNULL, capture_output=True, timeout=20)
                self.assertEqual(done.stdout.decode(), status, (scheme, password, gateway.entries()))
            told = [(entry["scheme"], entry["accepted"]) for entry in gateway.entries("auth")]
            self.assertEqual(told, [("NTLM", True), ("NTLM", False), ("Basic", True), ("Basic", False)])

    def test_spnego(self):
        """Samba's client has a mechListMIC in both directions, which raw NTLM and libfreerdp have not."""
        python = "/usr/bin/python3"
        if subprocess.run([python, "-c", "import samba.gensec"], stdin=subprocess.DEVNULL,
                          capture_output=True).returncode != 0:
            raise unittest.SkipTest("python3-samba is not installed")
        for password in (PASSWORD, "wrong"):
            ntlm = gateway_ntlm.Ntlm({USER: PASSWORD}, {"domain": "EXAMPLE", "computer": "GW",
                                                        "dns_domain": "example", "dns_computer": "gw.example"})
            acceptor = gateway_ntlm.Acceptor(ntlm)
            with subprocess.Popen([python, "-c", GENSEC, USER, password], text=True, stdin=subprocess.PIPE,
                                  stdout=subprocess.PIPE, stderr=subprocess.PIPE) as client:
                try:
                    answer = client.stdout.readline().strip()
                    while answer not in ("", "done"):
                        token = acceptor.step(bytes.fromhex(answer))
                        print(token.hex(), file=client.stdin, flush=True)
                        answer = client.stdout.readline().strip()
                    self.assertEqual((answer, password), ("done", PASSWORD), client)
                except gateway_ntlm.Refused as error:
                    self.assertEqual((str(error), password), ("wrong password", "wrong"))
                client.stdin.close()
            self.assertTrue(acceptor.spnego)
            self.assertEqual(acceptor.done, password == PASSWORD)
            if acceptor.done:
                self.assertEqual((ntlm.account, ntlm.domain, ntlm.workstation, ntlm.mic),
                                 (USER, "EXAMPLE", "CLIENT", True))

    def test_another_mechanism_first(self):
        """As Windows begins: Kerberos is liked better, whose token is of no use here."""
        acceptor = gateway_ntlm.Acceptor(gateway_ntlm.Ntlm({USER: PASSWORD}, {
            "domain": "E", "computer": "G", "dns_domain": "", "dns_computer": ""}))
        der, kerberos = gateway_ntlm.der, bytes.fromhex("06092a864882f712010202")

        def response(token):
            return der(0xA1, der(0x30, der(0xA2, der(0x04, token))))

        mechanisms = der(0x30, kerberos, gateway_ntlm.NTLM_OID)
        answer = acceptor.step(der(0x60, gateway_ntlm.SPNEGO_OID, der(0xA0, der(
            0x30, der(0xA0, mechanisms), der(0xA2, der(0x04, b"of Kerberos"))))))
        self.assertIn(bytes((0x0A, 1, gateway_ntlm.REQUEST_MIC)) + b"\xa1", answer)
        self.assertNotIn(gateway_ntlm.SIGNATURE, answer)
        answer = acceptor.step(response(gateway_client.NEGOTIATE))
        challenge = answer[answer.index(gateway_ntlm.SIGNATURE):]
        with self.assertRaisesRegex(gateway_ntlm.Refused, "no mechListMIC"):
            acceptor.step(response(gateway_client.authenticate(challenge, gateway_client.NEGOTIATE, USER, PASSWORD,
                                                               b"certificate")))

    def test_tampered(self):
        """A MIC, a proof and bindings that are not right, and messages that end early."""
        def exchange(change, certificate=b"this one", **options):
            ntlm = gateway_ntlm.Ntlm({USER: PASSWORD}, {"domain": "E", "computer": "G", "dns_domain": "",
                                                        "dns_computer": ""},
                                     gateway_ntlm.channel_bindings(b"this one"), **options)
            challenge = ntlm.step(gateway_client.NEGOTIATE)
            ntlm.step(change(gateway_client.authenticate(challenge, gateway_client.NEGOTIATE, USER, PASSWORD,
                                                         certificate)))
            return ntlm

        self.assertTrue(exchange(lambda token: token).bound)
        for text, change in (("wrong MIC", lambda token: token[:72] + bytes(16) + token[88:]),
                             ("wrong password", lambda token: token[:112] + bytes(4) + token[116:]),
                             ("AUTHENTICATE: a field beyond its end", lambda token: token[:-20]),
                             ("AUTHENTICATE is too short", lambda token: token[:40]),
                             ("no NTLM message", lambda token: b"x" + token)):
            with self.subTest(text), self.assertRaisesRegex(gateway_ntlm.Refused, text):
                exchange(change)
        with self.assertRaisesRegex(gateway_ntlm.Refused, "another TLS connection"):
            exchange(lambda token: token, b"of an inspection")


HANDSHAKE = packet(HANDSHAKE_REQUEST, struct.pack("<BBHH", 1, 0, 0, 0))
CREATE = packet(TUNNEL_CREATE, struct.pack("<IHH", 0x3F, 0, 0))
AUTHORIZE = packet(TUNNEL_AUTH, struct.pack("<H", 0), text16("client"))


def channel(port=1, count=1, protocol=3, name=None):
    return packet(CHANNEL_CREATE, struct.pack("<BBHH", count, 0, port, protocol), name or text16("127.0.0.1"))


class Strict(unittest.TestCase):
    """What a client may not send is refused and named."""

    def test_requests(self):
        good = gateway_client.Client(0, "websocket", 0)

        def with_(method="RDG_OUT_DATA", upgrade=True, **headers):
            return good.request(method, upgrade, **headers)

        table = (
            ("HTTP method GET", 405, with_("GET", False)),
            ("HTTP method POST", 405, with_("POST")),
            (None, 404, with_().replace(b"/remoteDesktopGateway/", b"/rpc/")),
            ("RDG-Connection-Id: None", 400, with_(**{"RDG-Connection-Id": None})),
            ("RDG-Connection-Id: '1'", 400, with_(**{"RDG-Connection-Id": "1"})),
            ("RDG-Connection-Id: '%s'" % good.id[1:-1], 400, with_(**{"RDG-Connection-Id": good.id[1:-1]})),
            ("HTTP header RDG-Connection-Id: 2 times", 400,
             with_().replace(b"Accept:", b"RDG-Connection-Id: 1\r\nAccept:")),
            ("RDG-Auth-Scheme: 'Magic'", 400, with_(**{"RDG-Auth-Scheme": "Magic"})),
            ("HTTP request without Host", 400, with_(Host=None)),
            ("HTTP request line: 'RDG_OUT_DATA /remoteDesktopGateway/ HTTP/1.0'", 400,
             with_().replace(b"HTTP/1.1", b"HTTP/1.0")),
            ("HTTP header: 'Accept : */*'", 400, with_().replace(b"Accept:", b"Accept :")),
            ("HTTP header: 'no colon'", 400, with_().replace(b"Accept:", b"no colon\r\nAccept:")),
            ("Sec-WebSocket-Version: '8'", 400, with_(**{"Sec-WebSocket-Version": "8"})),
            ("Sec-WebSocket-Key: ''", 400, with_(**{"Sec-WebSocket-Key": None})),
            ("Sec-WebSocket-Key: 'YQ=='", 400, with_(**{"Sec-WebSocket-Key": "YQ=="})),
            ("one of Upgrade and Connection: Upgrade without the other", 400, with_(Upgrade=None)),
            ("one of Upgrade and Connection: Upgrade without the other", 400, with_(Connection="Keep-Alive")),
            ("RDG_IN_DATA with an upgrade", 400, with_("RDG_IN_DATA")),
            ("RDG_OUT_DATA without Content-Length or Transfer-Encoding", 400, with_(**{"Content-Length": None})),
            ("RDG_OUT_DATA with Transfer-Encoding", 400, with_(upgrade=False, chunked=True)),
            ("Transfer-Encoding: 'gzip'", 400, with_(**{"Content-Length": None, "Transfer-Encoding": "gzip"})),
            ("Content-Length: '-1'", 400, with_(**{"Content-Length": "-1"})),
            ("RDG_IN_DATA without an RDG_OUT_DATA of the same RDG-Connection-Id", 400,
             with_("RDG_IN_DATA", False, chunked=True)),
            ("HTTP header longer than 65536 bytes", 400, with_(Filler="a" * 200000)),
        )
        with Gateway(open_to_all=True) as gateway:
            for text, status, request in table:
                with self.subTest(text or status):
                    before = len(gateway.violations())
                    stream = gateway_client.Stream(gateway.port, gateway_client.time.monotonic() + 5)
                    stream.write(request)
                    self.assertEqual(gateway_client.Response(stream).status, status)
                    stream.close()
                    self.assertEqual(gateway.violations()[before:], [text] if text else [])
            # the same connection, unharmed
            self.assertEqual(gateway.entries("auth"), [])

    def test_frames(self):
        def raw(data):
            return lambda client: client.out.write(data)

        def sent(*packets):
            return lambda client: [client.send(each) for each in packets]

        mask = b"abcd"
        until = (HANDSHAKE, CREATE, AUTHORIZE)
        table = (
            ("WebSocket: frame of the client without a mask", raw(frame(HANDSHAKE))),
            ("WebSocket: opcode 1", raw(frame(HANDSHAKE, TEXT, mask=mask))),
            ("WebSocket: opcode 5", raw(frame(HANDSHAKE, 5, mask=mask))),
            ("WebSocket: reserved bits", raw(b"\xf2" + frame(HANDSHAKE, mask=mask)[1:])),
            ("WebSocket: control frame too long or in fragments", raw(frame(b"", PING, False, mask))),
            ("WebSocket: control frame too long or in fragments", raw(frame(bytes(126), PING, mask=mask))),
            ("WebSocket: length of 14 in a longer form than it needs",
             raw(b"\x82\xfe\0\x0e" + mask + frame(HANDSHAKE, mask=mask)[6:])),
            ("WebSocket: frame of 1073741824 bytes", raw(b"\x82\xff" + struct.pack(">Q", 1 << 30))),
            ("WebSocket: opcode 0 within a message, or none before", raw(frame(HANDSHAKE, 0, mask=mask))),
            ("packet of type 0x99 with 8 bytes", sent(packet(0x99))),
            ("packet of type 0x1 with 7 bytes", sent(b"\1\0\0\0\7\0\0\0")),
            ("packet of type 0xa with 65546 bytes", sent(struct.pack("<HHI", DATA, 0, 65546))),
            ("HANDSHAKE_REQUEST: reserved is 0x1", sent(HANDSHAKE[:2] + b"\1" + HANDSHAKE[3:])),
            ("HANDSHAKE_RESPONSE from a client", sent(packet(HANDSHAKE_RESPONSE, bytes(10)))),
            ("HANDSHAKE_REQUEST: ends after 4 bytes, 2 more are due", sent(packet(HANDSHAKE_REQUEST, bytes(4)))),
            ("HANDSHAKE_REQUEST: 1 bytes behind its end", sent(packet(HANDSHAKE_REQUEST, bytes(7)))),
            ("HANDSHAKE_REQUEST: clientVersion is 0x1",
             sent(packet(HANDSHAKE_REQUEST, struct.pack("<BBHH", 1, 0, 1, 0)))),
            ("TUNNEL_CREATE, but handshake is due", sent(CREATE)),
            ("HANDSHAKE_REQUEST, but tunnel is due", sent(HANDSHAKE, HANDSHAKE)),
            ("DATA, but handshake is due", sent(data_packet(b"x"))),
            ("TUNNEL_CREATE: reserved is 0x1, not 0x0",
             sent(HANDSHAKE, packet(TUNNEL_CREATE, struct.pack("<IHH", 0, 0, 1)))),
            ("TUNNEL_CREATE: fieldsPresent is 0x8",
             sent(HANDSHAKE, packet(TUNNEL_CREATE, struct.pack("<IHH", 0, 8, 0)))),
            ("TUNNEL_CREATE: capsFlags is 0x80",
             sent(HANDSHAKE, packet(TUNNEL_CREATE, struct.pack("<IHH", 0x80, 0, 0)))),
            ("TUNNEL_CREATE: PAACookie is no UTF-16 with a NUL: 61006200",
             sent(HANDSHAKE, packet(TUNNEL_CREATE, struct.pack("<IHHH", 0, 1, 0, 4), b"a\0b\0"))),
            ("TUNNEL_AUTH: clientName is no UTF-16 with a NUL: 610000",
             sent(HANDSHAKE, CREATE, packet(TUNNEL_AUTH, struct.pack("<HH", 0, 3), b"a\0\0"))),
            ("TUNNEL_AUTH: clientName has a NUL within",
             sent(HANDSHAKE, CREATE, packet(TUNNEL_AUTH, struct.pack("<H", 0), text16("a\0b")))),
            ("TUNNEL_AUTH: ends after 4 bytes, 100 more are due",
             sent(HANDSHAKE, CREATE, packet(TUNNEL_AUTH, struct.pack("<HH", 0, 100)))),
            ("CHANNEL_CREATE: protocol is 0x2, not 0x3", sent(*until, channel(protocol=2))),
            ("CHANNEL_CREATE: 0 resources, 0 alternatives", sent(*until, channel(count=0))),
            ("CHANNEL_CREATE: 18 bytes behind its end", sent(*until, channel(name=text16("127.0.0.1") + bytes(18)))),
            ("KEEPALIVE: 1 bytes behind its end", sent(*until, packet(KEEPALIVE, b"x"))),
            ("CLOSE_CHANNEL, but channel is due", sent(*until, packet(CLOSE_CHANNEL, bytes(4)))),
        )
        with EchoHost() as echo:
            opened = (*until, channel(echo.port))
            table += (
                ("DATA: ends after 3 bytes, 99 more are due", sent(*opened, packet(DATA, struct.pack("<H", 99), b"x"))),
                ("DATA: 1 bytes behind its end", sent(*opened, packet(DATA, struct.pack("<H", 1), b"xy"))),
                ("DATA without data", sent(*opened, packet(DATA, bytes(2)))),
                ("CLOSE_CHANNEL: ends after 0 bytes, 4 more are due", sent(*opened, packet(CLOSE_CHANNEL))),
                ("CLOSE_CHANNEL_RESPONSE, but nothing was closed", sent(*opened, packet(CLOSE_CHANNEL + 1, bytes(4)))))
            with Gateway(open_to_all=True) as gateway:
                for text, act in table:
                    with self.subTest(text):
                        before = len(gateway.violations())
                        client = gateway_client.Client(gateway.port, "websocket", gateway_client.time.monotonic() + 5)
                        client.open()
                        act(client)
                        with self.assertRaises(gateway_client.Over) as over:
                            while True:
                                client.receive()
                        self.assertEqual(over.exception.how, "fin")
                        client.out.close()
                        self.assertEqual(gateway.violations()[before:], [text])

    def test_chunks(self):
        for text, data in (("chunk of b'x' bytes", b"x\r\n"), ("chunk longer than it says", b"1\r\nabc"),
                           ("chunk of 268435455 bytes", b"fffffff\r\n")):
            with self.subTest(text), Gateway(open_to_all=True) as gateway:
                client = gateway_client.Client(gateway.port, "http", gateway_client.time.monotonic() + 5)
                client.open()
                client.into.write(data)
                with self.assertRaises(gateway_client.Over):
                    while True:
                        client.receive()
                self.assertEqual(gateway.violations(), [text])
                for stream in client.streams:
                    stream.close()

    def test_pairs(self):
        """Both connections of HTTP transport are one account's, and each is there once."""
        def client(gateway):
            return gateway_client.Client(gateway.port, "http", gateway_client.time.monotonic() + 5)

        with Gateway(accounts={USER: PASSWORD, "bob": "word"}) as gateway:
            first, second, third = (client(gateway) for _ in range(3))
            first.open()
            second.id = third.id = first.id
            for text, call in (
                    ("a second RDG_OUT_DATA with the same RDG-Connection-Id", second.open),
                    ("RDG_IN_DATA of another account than RDG_OUT_DATA", lambda: third.connect("RDG_IN_DATA"))):
                third.account = ("bob", "word")
                with self.assertRaises(gateway_client.Over) as over:
                    call()
                self.assertEqual(over.exception.code, 400)
                self.assertEqual(gateway.violations()[-1], text)
            third.account = first.account
            into, response = third.connect("RDG_IN_DATA")
            self.assertEqual(response.status, 200)
            into.write(third.request("RDG_IN_DATA", False, chunked=True))
            with self.assertRaises(gateway_client.Over):
                into.take(1000)
            self.assertEqual(gateway.violations()[-1], "a second RDG_IN_DATA with the same RDG-Connection-Id")
            for each in (first, second, third):
                for stream in each.streams:
                    stream.close()

    def test_policies(self):
        """The RAP, a host that does not listen, and names that only the gateway resolves, or that nobody does."""
        with EchoHost() as echo, socket.socket() as closed:
            closed.bind(("127.0.0.1", 0))
            for name, port, allow, code in (
                    ("srv1", echo.port, None, 0), ("srv1", echo.port, ("srv1",), 0),
                    ("srv1", echo.port, ("srv2",), CODES["E_PROXY_RAP_ACCESSDENIED"]),
                    ("srv1", closed.getsockname()[1], None, CODES["E_PROXY_TS_CONNECTFAILED"]),
                    ("nobody", echo.port, None, CODES["E_PROXY_TS_CONNECTFAILED"]),
                    ("." * 300, echo.port, None, CODES["E_PROXY_TS_CONNECTFAILED"])):
                with Gateway(open_to_all=True, hosts={"srv1": "127.0.0.1", "nobody": None}, allow=allow) as gateway:
                    client = gateway_client.Client(gateway.port, "websocket", gateway_client.time.monotonic() + 5)
                    client.open()
                    for each in (HANDSHAKE, CREATE, AUTHORIZE, channel(port, name=text16(name))):
                        client.send(each)
                    self.assertEqual(gateway.wait_for("answer", step="channel")["code"], code)
                    client.out.close()


class Rows(unittest.TestCase):
    def test_rows(self):
        """Each fault, by the transports that it is for, to a client that is strict: what its row says."""
        with EchoHost() as echo:
            def one(job):
                name, transport = job
                with Gateway(fault=name) as gateway:
                    late = FAULTS[name].expect.how == "timeout"
                    found = gateway_client.probe(gateway.port, echo.port, transport, *((6, 2) if late else ()))
                    return found, gateway.entries("fault"), gateway.entries()

            # those that are the same bytes by both transports: by one, and the next by the other
            jobs = [(name, fault.transport if fault.transport != "any" else ("websocket", "http")[i % 2])
                    for i, (name, fault) in enumerate(FAULTS.items())]
            with ThreadPoolExecutor(12) as pool:
                for (name, transport), (found, acted, log) in zip(jobs, pool.map(one, jobs)):
                    fault = FAULTS[name]
                    with self.subTest(name, transport=transport):
                        self.assertEqual(found, dataclasses.replace(fault.expect, note=""), log)
                        self.assertEqual(bool(acted), bool(fault.step), log)

    def test_table(self):
        phases = set(PHASES.values()) | {"tls", ""}
        for fault in FAULTS.values():
            self.assertRegex(fault.name, "^[a-z0-9.-]+$")
            self.assertIn(fault.expect.phase, phases)
            self.assertIn(fault.step, {*PHASES, "target-close", ""})
            self.assertEqual(fault.expect.space is None, fault.expect.code is None, fault)
        self.assertTrue(os.path.exists(CERTIFICATES))
        self.assertEqual({name for names in LIBRARY.values() for name in names} - set(FAULTS), set())
        steps = {fault.step for fault in FAULTS.values()}
        self.assertEqual(set(PHASES) - steps, set(), "a step without a fault")

    def test_host_closes(self):
        """CLOSE_CHANNEL, and the end once the client has answered; and a client that closes."""
        for transport in ("websocket", "http"):
            with socket.create_server(("127.0.0.1", 0)) as host, Gateway(open_to_all=True) as gateway:
                client = gateway_client.Client(gateway.port, transport, gateway_client.time.monotonic() + 5)
                client.open()
                client.tunnel(host.getsockname()[1])
                host.accept()[0].close()
                kind, body = client.receive()
                self.assertEqual((kind, body.number(4)), (CLOSE_CHANNEL, CODES["ERROR_BAD_ARGUMENTS"]))
                client.send(packet(CLOSE_CHANNEL + 1, bytes(4)))
                with self.assertRaises(gateway_client.Over):
                    client.receive()
                self.assertTrue(gateway.entries("packet", type="CLOSE_CHANNEL_RESPONSE"))
                for stream in client.streams:
                    stream.close()
                client = gateway_client.Client(gateway.port, transport, gateway_client.time.monotonic() + 5)
                client.open()
                client.tunnel(host.getsockname()[1])
                client.send(packet(CLOSE_CHANNEL, bytes(4)))
                kind, body = client.receive()
                self.assertEqual((kind, body.number(4)), (CLOSE_CHANNEL + 1, 0))
                for stream in client.streams:
                    stream.close()
                self.assertEqual(gateway.violations(), [])

    def test_command_line(self):
        script = os.path.join(os.path.dirname(os.path.abspath(__file__)), "gateway_server.py")
        listed = subprocess.run([servers.sys.executable, script, "--list-faults"], stdin=subprocess.DEVNULL,
                                capture_output=True, text=True, timeout=20).stdout.splitlines()
        self.assertEqual([line.split("\t")[0] for line in listed], ["name", *FAULTS])
        with EchoHost() as echo, subprocess.Popen(
                [servers.sys.executable, script, "--fault", "channel-rap-accessdenied", "--user", USER],
                stdout=subprocess.PIPE, text=True, stdin=subprocess.DEVNULL) as child:
            port = int(re.fullmatch(r"ready (\d+)\n", child.stdout.readline())[1])
            self.assertEqual(gateway_client.probe(port, echo.port, seconds=5).code, CODES["E_PROXY_RAP_ACCESSDENIED"])
            child.terminate()
            self.assertNotIn(base64.b64encode(PASSWORD.encode()).decode(), child.stdout.read())


if __name__ == "__main__":
    servers.main()
