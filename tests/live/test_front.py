"""What stands in front: ports that speak TLS at once, and Hyper-V's consoles, which the fault server plays
by [MS-RDPEPS] and [MS-RDPBCGR] 5.4.2.2. HAProxy, nginx, openssl s_server, stunnel and sslh are the judges of
the former, xfreerdp and the reader of captures of the latter."""

import os
import socket
import subprocess
import tempfile
import threading

import servers
from servers import LiveTest, Peer, Server, Xrdp, environment, find, free_port, listening, probe

MACHINE = "BA1B6DBD-89AC-4630-A737-C4BCC3BB99FB"  # broker.h
OTHER = "00000000-89AC-4630-A737-C4BCC3BB99FB"

HAPROXY = """\
defaults
    mode tcp
    timeout connect 5s
    timeout client 30s
    timeout server 30s

listen terminator
    bind 127.0.0.1:{port} ssl crt {pem}
    server rdp 127.0.0.1:{behind}
"""


NGINX = """\
load_module {module};
daemon off;
master_process off;
pid {directory}/nginx.pid;
error_log {directory}/error.log;
events {{}}
stream {{
    server {{
        listen 127.0.0.1:{port} ssl;
        ssl_certificate {pem};
        ssl_certificate_key {pem};
        proxy_pass 127.0.0.1:{behind};
    }}
}}
"""

# Release 1.20 has no probe for RDP yet: what begins with TPKT's version is.
SSLH = """\
foreground: true;
inetd: false;
numeric: true;
timeout: 2;
listen: ( {{ host: "127.0.0.1"; port: "{port}"; }} );
protocols: (
    {{ name: "regex"; host: "127.0.0.1"; port: "{behind}"; regex_patterns: [ "{rdp}" ]; }},
    {{ name: "tls"; host: "127.0.0.1"; port: "{web}"; }},
    {{ name: "timeout"; host: "127.0.0.1"; port: "{closed}"; }}
);
on-timeout: "timeout";
"""
WEB = ("openssl",), ("s_server", "-accept", "127.0.0.1:{port}", "-cert", "{pem}", "-key", "{pem}", "-alpn",
                     "http/1.1", "-quiet")


class Front(Server):
    """A program in front, with a certificate of its own."""

    def __init__(self, program, arguments, config=None, behind=None, **names):
        self.program, self.arguments, self.config, self.behind = program, arguments, config, behind
        self.names = names

    def start(self):
        program = find(*self.program)
        servers.need(program, self.program[0] + " is not installed")
        self.port = free_port()
        key, pem = self.path("key"), self.path("pem")
        subprocess.run([find("openssl"), "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout",
                        key, "-out", pem, "-days", "2", "-subj", "/CN=front.example"], check=True,
                       stdin=subprocess.DEVNULL, capture_output=True)
        with open(pem, "a", encoding="ascii") as out, open(key, encoding="ascii") as rest:
            out.write(rest.read())
        names = {"port": self.port, "pem": pem, "behind": self.behind, "config": self.path("config"),
                 "directory": self.directory, **self.names}
        if self.config:
            with open(self.path("config"), "w", encoding="ascii") as out:
                out.write(self.config.format(**names))
        self.server = self.spawn("front", [program, *(word.format(**names)
                                                      for word in self.arguments)])
        self.server.wait_for(lambda: listening(self.port), self.program[0])


def rules(run):
    return [finding["rule"] for finding in run.of("host")[0]["findings"]]


def patient(*arguments, **options):
    """As users run it: an attempt more is allowed."""
    return probe("--pause", "0", "--second-try", "0.1", *arguments, pace=True, **options)


class TlsAtOnce(LiveTest):
    def is_told(self, front, alpn=None):
        run = patient("-p", "tls,nla", "127.0.0.1:%d" % front.port)
        attempt = run.of("attempt")[0]
        self.verdict(attempt, outcome="aborted", phase="negotiation", closed_by="server")
        seen = attempt["tls_first"]
        self.assertEqual(seen["tls"]["certificate"]["subject"], "CN=front.example")
        self.assertEqual(seen["tls"].get("alpn"), alpn)
        self.assertEqual(rules(run)[0], "tls-at-once")
        self.assertNotIn("closed-before-answer", rules(run))
        self.assertTrue(any("CN=front.example" in fact
                            for fact in run.of("host")[0]["findings"][0]["because"]), run)
        self.assertEqual(sum("tls_first" in row for row in run.of("attempt")), 1, "once a host")
        validator = servers.Validator()
        for record in run.records:
            self.assertEqual(list(validator.complaints(record)), [], record)
        return run

    def test_haproxy(self):
        with Peer("--fault", "healthy-tls") as peer, \
                Front(("haproxy",), ("-db", "-f", "{config}"), HAPROXY, peer.port) as front:
            run = self.is_told(front)
            self.assertEqual(run.of("host")[0]["footprint"]["connections"], 3)

    def test_web_server(self):
        """A server that chooses HTTP in TLS is a web server, a proxy, or an RD Gateway."""
        with Front(*WEB) as front:
            run = self.is_told(front, alpn="http/1.1")
            self.assertIn("RD Gateway", run.of("host")[0]["findings"][0]["causes"][0])

    def test_stunnel(self):
        with Peer("--fault", "healthy-tls") as peer, \
                Front(("stunnel4", "stunnel"), ("{config}",),
                      "foreground = yes\npid =\n[rdp]\naccept = 127.0.0.1:{port}\n"
                      "connect = 127.0.0.1:{behind}\ncert = {pem}\n", peer.port) as front:
            self.is_told(front)

    def test_nginx(self):
        """Its stream module, where it is not built in."""
        module = next((path for path in ("/usr/lib/nginx/modules/ngx_stream_module.so",
                                         "/usr/lib64/nginx/modules/ngx_stream_module.so")
                       if os.path.exists(path)), None)
        servers.need(module or not find("nginx"), "nginx has no stream module")
        with Peer("--fault", "healthy-tls") as peer, \
                Front(("nginx",), ("-e", "{directory}/error.log", "-p", "{directory}", "-c", "{config}"),
                      NGINX, peer.port, module=module) as front:
            run = self.is_told(front)
            self.assertEqual(run.of("host")[0]["footprint"]["connections"], 3)

    def test_sslh(self):
        """A multiplexer that tells RDP by its first byte lets it through; one that does not closes it,
        and is told by the TLS that it knows."""
        with Peer("--fault", "healthy-tls") as peer, Xrdp("tls") as xrdp, Front(*WEB) as web:
            for behind in peer.port, xrdp.port:
                with Front(("sslh",), ("-F{config}",), SSLH, behind, rdp="^\\x03", web=web.port,
                           closed=free_port()) as front:
                    run = patient("-p", "tls", "127.0.0.1:%d" % front.port)
                    attempt, = run.of("attempt")
                    self.verdict(attempt, outcome="completed", phase="active")
                    self.assertNotIn("tls_first", attempt)
            with Front(("sslh",), ("-F{config}",), SSLH, peer.port, rdp="^nothing begins so", web=web.port,
                       closed=free_port()) as front:
                self.is_told(front, alpn="http/1.1")

    def closing(self, ready, stop):
        with socket.create_server(("127.0.0.1", 0)) as server:
            server.settimeout(0.1)
            ready.append(server.getsockname()[1])
            while not stop.is_set():
                try:
                    connection, _ = server.accept()
                except TimeoutError:
                    continue
                with connection:
                    connection.recv(4096)

    def test_closes_all(self):
        """What closes a ClientHello as well does not speak TLS at once, and that is said."""
        ready, stop = [], threading.Event()
        thread = threading.Thread(target=self.closing, args=(ready, stop))
        thread.start()
        try:
            while not ready:
                pass
            run = patient("-p", "tls,rdp", "127.0.0.1:%d" % ready[0])
        finally:
            stop.set()
            thread.join()
        self.assertEqual(rules(run)[0], "closed-before-answer")
        self.assertTrue(any("ClientHello" in fact
                            for fact in run.of("host")[0]["findings"][0]["because"]), run)
        self.assertEqual(run.of("host")[0]["footprint"]["connections"], 3)
        # nor is it asked where no attempt may be made again, or TLS is not looked at
        for arguments in (("--second-try", "0"), ("--until", "negotiation")):
            ready.clear()
            stop.clear()
            thread = threading.Thread(target=self.closing, args=(ready, stop))
            thread.start()
            try:
                while not ready:
                    pass
                run = patient("-p", "tls,rdp", *arguments, "127.0.0.1:%d" % ready[0])
            finally:
                stop.set()
                thread.join()
            self.assertFalse(any("tls_first" in row for row in run.of("attempt")), run)

    def test_replayed(self):
        with Front(("openssl",), ("s_server", "-accept", "127.0.0.1:{port}", "-cert", "{pem}", "-key",
                                  "{pem}", "-quiet")) as front, \
                tempfile.TemporaryDirectory() as folder:
            saved, trace = os.path.join(folder, "run"), os.path.join(folder, "trace")
            patient("-p", "tls,nla", "--save", saved, "--trace", trace, "127.0.0.1:%d" % front.port)
            for run in (servers.rdpwhy("show", "-r", "jsonl", saved),
                        servers.rdpwhy("replay", "-r", "jsonl", trace)):
                self.assertEqual(len(run.of("attempt")), 2, run)
                seen = run.of("attempt")[0]["tls_first"]
                self.assertEqual(seen["tls"]["certificate"]["subject"], "CN=front.example")
                self.assertEqual(rules(run)[0], "tls-at-once")
            self.assertIn("TLS at once", servers.rdpwhy("show", "-v", saved).stdout)

    def test_clear_text(self):
        """An answer to the ClientHello that is no TLS: who answers does not speak it."""
        with Peer("--fault", "tls-http") as peer:
            run = probe("-p", "tls", "127.0.0.1:%d" % peer.port)
            finding, = [row for row in run.of("host")[0]["findings"] if row["rule"] == "tls-fails"]
            self.assertIn("does not speak TLS", finding["causes"][0])
            self.assertFalse(any("blocks TLS" in cause for cause in finding["causes"]), finding)


class HyperV(LiveTest):
    def one(self, port, *arguments, password=Peer.PASSWORD, query=""):
        run = probe("-p", "nla", "-t", "10", *arguments, "127.0.0.1:%d%s" % (port, query),
                    env=environment(RDPWHY_PASSWORD=password))
        return run.of("attempt")[0], run

    def test_machine(self):
        """--vmconnect, and the machine behind the target: the GUID, CredSSP, then the negotiation."""
        with Peer("--fault", "hyper-v") as peer:
            for arguments, query in ((("--vmconnect", MACHINE), ""), ((), "?vmid=" + MACHINE)):
                attempt, run = self.one(peer.port,
                                        "--until", "active", "-u", Peer.USER, *arguments, query=query)
                self.verdict(attempt, outcome="completed", phase="active",
                             target="127.0.0.1:%d?vmid=%s" % (peer.port, MACHINE))
                self.assertEqual(attempt["negotiation"]["preconnection"], MACHINE)
                phases = [row["phase"] for row in attempt["phases"]]
                self.assertEqual(phases[:4], ["resolve", "connect", "tls", "credssp"])
                self.assertEqual(run.of("host")[0]["state"], "healthy")

    def test_no_account(self):
        with Peer("--fault", "hyper-v") as peer:
            run = probe("-p", "nla,tls,negotiate", "127.0.0.1:%d?vmid=%s" % (peer.port, MACHINE))
            outcomes = [row["outcome"] for row in run.of("attempt")]
            self.assertEqual(outcomes, ["stopped", "skipped", "skipped"], run)

    def test_other_machine(self):
        with Peer("--fault", "hyper-v") as peer:
            attempt, run = self.one(peer.port, "--vmconnect", OTHER,
                                    "--until", "active", "-u", Peer.USER)
            self.verdict(attempt, outcome="aborted", phase="tls", ending="fin")
            self.assertEqual(rules(run), ["hyper-v-console"])
            self.assertIn("no virtual machine of that GUID",
                          run.of("host")[0]["findings"][0]["causes"][0])
            self.assertEqual(run.of("host")[0]["footprint"]["authentications"], 0)

    def test_not_permitted(self):
        with Peer("--fault", "hyper-v-denied") as peer:
            attempt, run = self.one(peer.port, "--vmconnect", MACHINE,
                                    "--until", "active", "-u", Peer.USER)
            self.verdict(attempt, outcome="refused", ending="error-info")
            self.assertEqual(rules(run)[0], "hyper-v-permission")
            self.assertIn("Hyper-V Administrators", run.of("host")[0]["findings"][0]["summary"])

    def test_port(self):
        """On port 2179 without a machine: what is missing, and how to name it."""
        try:
            with Peer("--fault", "hyper-v", "--bind", "127.0.0.79", "--port", "2179"):
                run = patient("-p", "nla,tls", "127.0.0.79:2179")
                self.assertEqual(rules(run)[0], "hyper-v-console")
                finding = run.of("host")[0]["findings"][0]
                self.assertTrue(any("?vmid=GUID" in check for check in finding["checks"]), finding)
                self.assertNotIn("closed-before-answer", rules(run))
                # and --vmconnect goes there by itself
                run = probe("-p", "nla", "--vmconnect", MACHINE, "127.0.0.79")
                self.verdict(run.of("attempt")[0], port=2179, outcome="stopped", phase="credssp")
        except AssertionError as error:
            if "Address already in use" not in str(error):
                raise
            self.skipTest("port 2179 is in use")

    def test_text(self):
        """--pcb: in front of an ordinary negotiation; the reader of captures sees it there, too."""
        with Reader() as reader:
            run = probe("-p", "tls", "-t", "1", "--pcb", "some-session", "127.0.0.1:%d" % reader.port)
        attempt, = run.of("attempt")
        self.assertEqual(attempt["negotiation"]["preconnection"], "some-session")
        blob = "some-session\0".encode("utf-16-le")
        head = bytes(4) + b"\2\0\0\0" + bytes(4) + (len(blob) // 2).to_bytes(2, "little")
        wanted = (4 + len(head) + len(blob)).to_bytes(4, "little") + head + blob
        self.assertEqual(reader.data[:len(wanted)], wanted)
        self.assertEqual(reader.data[len(wanted):len(wanted) + 2], b"\3\0")

    def test_kept(self):
        """A run with --pcb is compared with --pcb, and machines are a part of the target."""
        with Peer("--fault", "hyper-v") as peer, tempfile.TemporaryDirectory() as folder:
            saved, trace = os.path.join(folder, "run"), os.path.join(folder, "trace")
            self.one(peer.port, "--vmconnect", MACHINE, "--save", saved, "--trace", trace)
            later = os.path.join(folder, "later")
            again = servers.rdpwhy("probe", "--baseline", saved, "--save", later)
            self.assertEqual(again.status, 0, again)
            with open(later, encoding="utf-8") as file:
                self.assertIn('"preconnection":"%s"' % MACHINE, file.read())
            for run in (servers.rdpwhy("show", "-r", "jsonl", saved),
                        servers.rdpwhy("replay", "-r", "jsonl", trace)):
                self.verdict(run.of("attempt")[0], outcome="stopped", phase="credssp", port=peer.port)
                self.assertEqual(run.of("attempt")[0]["negotiation"]["preconnection"], MACHINE)

    def test_xfreerdp(self):
        """What xfreerdp sends to a console is taken: the preconnection PDU, then CredSSP at once. Its
        /vmconnect, in 3.10.3, is refused on every command line."""
        program = find("xfreerdp3", "xfreerdp")
        servers.need(program, "xfreerdp3 is not installed")
        servers.need(find("Xvfb"), "Xvfb is not installed")
        from test_redirection import Screen
        with Screen() as screen, Peer("--fault", "hyper-v", "--dump-client") as peer:
            client = screen.spawn("xfreerdp", [
                program, "/v:127.0.0.1:%d" % peer.port, "/u:foo", "/p:bar", "/cert:ignore",
                "/pcb:" + MACHINE, "-nego", "/sec:nla"], env=screen.env)
            client.wait_for(lambda: "license_read_binary_blob_data" in client.text(), "licensing")
            self.assertNotIn("ERRCONNECT", client.text())


class Reader:
    """Takes one connection and keeps what comes."""

    def __enter__(self):
        self.server = socket.create_server(("127.0.0.1", 0))
        self.server.settimeout(20)
        self.port = self.server.getsockname()[1]
        self.data = b""
        self.thread = threading.Thread(target=self.read)
        self.thread.start()
        return self

    def read(self):
        try:
            connection, _ = self.server.accept()
        except TimeoutError:
            return
        with connection:
            while part := connection.recv(4096):
                self.data += part

    def __exit__(self, *_):
        self.thread.join()
        self.server.close()


if __name__ == "__main__":
    servers.main()
