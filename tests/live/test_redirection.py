"""Redirections followed. The fault server plays broker and session host by [MS-RDPBCGR] 2.2.13, 3.2.5.3.1
and 5.4.5.3; HAProxy judges the routing token, xfreerdp the broker. gnome-remote-desktop redirects only
with --system (from 46 on), which wants a display manager: what it sends is played here, too."""

import json
import os
import subprocess
import tempfile

import servers
from servers import LiveTest, Peer, Server, Shadow, environment, find, free_port, listening, probe

HAPROXY = """\
defaults
    mode tcp
    timeout connect 5s
    timeout client 30s
    timeout server 30s

listen farm
    bind 127.0.0.1:{port}
    tcp-request inspect-delay 1s
    tcp-request content accept if RDP_COOKIE
    {persist}
    balance roundrobin
    server first 127.0.0.1:{first}
    server second 127.0.0.1:{second}
"""

SECRET = "b3BhcXVlLXNlY3JldA"  # broker.h
USER = "broker-user"
GUID = b"{\x11\x22\x33\x44-redirection-guid}"


class Haproxy(Server):
    def __init__(self, first, second, persist):
        self.first, self.second, self.persist = first, second, persist

    def start(self):
        program = find("haproxy")
        servers.need(program, "haproxy is not installed")
        self.port = free_port()
        with open(self.path("haproxy.cfg"), "w", encoding="utf-8") as file:
            file.write(HAPROXY.format(port=self.port, first=self.first, second=self.second,
                                      persist=self.persist))
        self.server = self.spawn("haproxy", [program, "-db", "-f", self.path("haproxy.cfg")])
        self.server.wait_for(lambda: listening(self.port), "haproxy")


def rules(run):
    return [finding["rule"] for finding in run.of("host")[0]["findings"]]


class Redirection(LiveTest):
    def one(self, port, *arguments, profile="tls", env=None):
        run = probe("-p", profile, "-t", "10", *arguments, "127.0.0.1:%d" % port, env=env)
        self.no_complaints(run)
        return run.of("attempt")[0], run

    def no_complaints(self, run):
        validator = servers.Validator()
        for record in run.records:
            self.assertEqual(list(validator.complaints(record)), [], record)

    def test_back(self):
        """To the same address, with the token that it gave."""
        with Peer("--fault", "broker-back") as peer:
            attempt, run = self.one(peer.port, "--follow")
            self.verdict(attempt, outcome="completed", phase="active", variation="redirected")
            self.assertEqual(attempt["hop"], {"number": 1, "target": "127.0.0.1:%d" % peer.port})
            self.assertEqual(attempt["negotiation"]["routing"], "token")
            hop, = attempt["hops"]
            self.verdict(hop, outcome="refused", phase="capabilities", ending="redirected")
            self.assertEqual(hop["redirection"]["fields"], ["LOAD_BALANCE_INFO"])
            self.assertEqual(run.of("host")[0]["state"], "healthy")
            self.assertEqual(run.of("host")[0]["footprint"]["connections"], 2)
            self.assertIn("redirected", rules(run))

    def test_not_followed(self):
        with Peer("--fault", "broker-back") as peer:
            for arguments in (), ("--no-follow",):
                attempt, run = self.one(peer.port, *arguments)
                self.verdict(attempt, outcome="refused", ending="redirected")
                self.assertNotIn("hops", attempt)
                self.assertEqual(run.of("host")[0]["footprint"]["connections"], 1)

    def test_default(self):
        """With an account redirections are followed, as a user's client does."""
        with Peer("--fault", "broker-back") as peer:
            env = environment(RDPWHY_PASSWORD="-")
            attempt, _ = self.one(peer.port, "--until", "active", "-u", "foo", env=env)
            self.assertEqual(attempt["hop"]["number"], 1)
            attempt, _ = self.one(peer.port,
                                  "--until", "active", "-u", "foo", "--no-follow", env=env)
            self.assertNotIn("hop", attempt)

    def test_addresses(self):
        """Two hops, each told with its address; the last one is the verdict."""
        with Peer("--bind", "0.0.0.0", "--fault", "broker-next") as peer:
            attempt, run = self.one(peer.port, "--follow")
            self.verdict(attempt, outcome="completed", phase="active", address="127.0.0.3")
            self.assertEqual([hop["address"] for hop in attempt["hops"]],
                             ["127.0.0.1", "127.0.0.2"])
            self.assertEqual(attempt["hop"]["number"], 2)
            self.assertIn("After 2 redirections, at 127.0.0.3", attempt["reason"])
            self.assertEqual(run.of("host")[0]["footprint"]["connections"], 3)

    def test_loop(self):
        """After three it is over, and named."""
        with Peer("--fault", "broker-loop") as peer:
            attempt, run = self.one(peer.port, "--follow")
            self.verdict(attempt, outcome="refused", ending="redirected", answer="fault")
            self.assertEqual(attempt["hop"]["number"], 3)
            self.assertEqual(len(attempt["hops"]), 3)
            self.assertEqual(rules(run)[0], "redirect-loop")
            self.assertEqual(run.of("host")[0]["state"], "broken")
            self.assertEqual(run.of("host")[0]["footprint"]["connections"], 4)

    def test_unreachable(self):
        for fault, phase in (("broker-nobody", "connect"), ("broker-unknown", "resolve")):
            with self.subTest(fault), Peer("--fault", fault) as peer:
                attempt, run = self.one(peer.port, "--follow")
                self.verdict(attempt, outcome="unreachable", phase=phase)
                self.assertEqual(rules(run)[0], "redirect-unreachable")
                self.assertEqual(run.of("host")[0]["state"], "broken")
                # and the other steps are tried all the same
                run = probe("-p", "tls,negotiate", "--follow", "127.0.0.1:%d" % peer.port)
                self.assertEqual([a["outcome"] for a in run.of("attempt")], ["unreachable"] * 2)

    def test_rdstls(self):
        """What the broker gives proves the account to the server behind it, and to nobody else."""
        with Peer("--fault", "broker-rdstls") as peer, tempfile.TemporaryDirectory() as folder:
            trace, captures = os.path.join(folder, "trace"), os.path.join(folder, "captures")
            attempt, run = self.one(peer.port, "--follow", "--trace", trace, "--capture", captures)
            self.verdict(attempt, outcome="completed", phase="active", credentials_sent=True)
            self.assertEqual(attempt["negotiation"]["requested"], ["SSL", "RDSTLS"])
            self.assertEqual(attempt["negotiation"]["selected"], "RDSTLS")
            self.assertIn("PASSWORD_IS_PK_ENCRYPTED", attempt["hops"][0]["redirection"]["fields"])
            self.assertEqual(run.of("host")[0]["footprint"]["authentications"], 1)
            with open(trace, encoding="utf-8") as file:
                text = file.read()
            self.assertNotIn(USER, text)
            for secret in SECRET, USER, "BROKER":
                for encoding in "ascii", "utf-16-le":
                    self.assertNotIn(secret.encode(encoding).hex(), text)
                self.assertNotIn(secret, run.stdout)
            self.assertEqual(len(os.listdir(captures)), 2)

    def test_rdstls_of_nla(self):
        """Offers of NLA, too, lead to RDSTLS: what is encrypted for the target is no password for
        CredSSP, and the user's account is not judged by the broker's."""
        with Peer("--fault", "broker-rdstls-nla") as peer:
            run = probe("-p", "nla,nla-ext", "--follow", "--until", "active", "-u", Peer.USER,
                        "127.0.0.1:%d" % peer.port, env=environment(RDPWHY_PASSWORD=Peer.PASSWORD))
            first, second = run.of("attempt")
            self.verdict(first, outcome="completed", phase="active")
            self.assertEqual(first["negotiation"]["selected"], "RDSTLS")
            self.assertEqual(run.of("host")[0]["footprint"]["authentications"], 2)
            self.assertNotIn("rejected", second["reason"])

    def test_certificate(self):
        """What the redirection says of the target's certificate is held against what that shows;
        openssl tells which it is."""
        def sha256(name):
            path = os.path.join(servers.SOURCE, "fixtures", "certificates", name + ".crt")
            out = subprocess.run([find("openssl"), "x509", "-in", path, "-noout", "-fingerprint",
                                  "-sha256"], check=True, capture_output=True, text=True).stdout
            return out.split("=")[1].strip().replace(":", "").lower()
        for fault, named in (("broker-known", "server"), ("broker-unknown-certificate", "ec")):
            with self.subTest(fault), Peer("--fault", fault) as peer, \
                    tempfile.TemporaryDirectory() as folder:
                trace, saved = os.path.join(folder, "trace"), os.path.join(folder, "run")
                attempt, run = self.one(peer.port, "--follow", "--trace", trace, "--save", saved)
                self.verdict(attempt, outcome="completed", phase="active")
                for run in (run, servers.rdpwhy("replay", "-r", "jsonl", trace),
                            servers.rdpwhy("show", "-r", "jsonl", saved)):
                    attempt, = run.of("attempt")
                    hop, = attempt["hops"]
                    self.assertEqual(hop["redirection"]["certificate_sha256"], sha256(named))
                    self.assertEqual(attempt["tls"]["certificate"]["sha256"], sha256("server"))
                    self.assertEqual("redirect-certificate" in rules(run), named != "server", run)
                    words = ", which shows %s certificate" % ("the" if named == "server" else "another")
                    self.assertIn(words, str(run.of("host")[0]["findings"]))
                    self.no_complaints(run)

    def test_rejected(self):
        """A password that is not right any more: one logon, and none after it."""
        with Peer("--fault", "broker-stale") as peer:
            run = probe("-p", "tls,negotiate", "--follow", "127.0.0.1:%d" % peer.port)
            attempt = run.of("attempt")[0]
            self.verdict(attempt, outcome="refused", phase="rdstls", ending="access-denied")
            self.assertEqual(attempt["code"]["space"], "rdstls")
            self.assertEqual(attempt["code"]["name"], "RDSTLS_RESULT_LOGON_FAILURE")
            self.assertEqual(rules(run)[0], "redirect-rejected")
            self.assertEqual(run.of("host")[0]["footprint"]["authentications"], 1)
            self.assertEqual(run.of("attempt")[1]["outcome"], "stopped")

    def test_password(self):
        """An account in the clear is used with CredSSP; both logons count."""
        with Peer("--fault", "broker-password") as peer, tempfile.TemporaryDirectory() as folder:
            trace = os.path.join(folder, "trace")
            attempt, run = self.one(peer.port,
                                    "--until", "active", "-u", Peer.USER, "--trace", trace, profile="nla",
                                    env=environment(RDPWHY_PASSWORD=Peer.PASSWORD))
            with open(trace, encoding="utf-8") as file:
                behind = file.read().split('"hop":1', 1)[1]
            self.assertIn("the account of the redirection", behind)
            for text in ('"%s"' % Peer.USER, Peer.USER.encode("utf-16-le").hex()):
                self.assertNotIn(text, behind)
            self.verdict(attempt, outcome="completed", phase="active")
            self.assertEqual(attempt["hops"][0]["redirection"]["fields"],
                             ["LOAD_BALANCE_INFO", "USERNAME", "PASSWORD"])
            self.assertEqual(run.of("host")[0]["footprint"]["authentications"], 2)

    def test_password_in_client_info(self):
        """Without CredSSP an account in the clear goes into Client Info, under TLS alone, as mstsc and
        xfreerdp send it; it counts as a logon, and is told to nobody."""
        secret = "bar".encode("utf-16-le").hex()
        with Peer("--fault", "broker-password-tls", "--dump-client") as peer, \
                tempfile.TemporaryDirectory() as folder:
            trace = os.path.join(folder, "trace")
            attempt, run = self.one(peer.port, "--follow", "--trace", trace)
            self.verdict(attempt, outcome="completed", phase="active", credentials_sent=True)
            self.assertEqual(run.of("host")[0]["footprint"]["authentications"], 1)
            self.assertIn(secret, peer.server.text().lower())
            with open(trace, encoding="utf-8") as file:
                text = file.read()
            self.assertIn("the account of the redirection", text)
            self.assertNotIn(secret, text)
            # once a server, however many offers there are
            run = probe("-p", "tls,negotiate", "--follow", "127.0.0.1:%d" % peer.port)
            self.assertEqual(run.of("host")[0]["footprint"]["authentications"], 1)
        with Peer("--fault", "broker-password-tls", "--dump-client") as peer:
            self.one(peer.port, "--no-follow")
            self.assertNotIn(secret, peer.server.text().lower())

    def test_haproxy(self):
        """A load balancer that nobody here wrote: it reads the token, or the client goes in a circle."""
        with Peer("--fault", "broker-back") as first, Peer("--fault", "broker-back") as second:
            with Haproxy(first.port, second.port, "persist rdp-cookie") as haproxy:
                for _ in range(3):
                    attempt, _ = self.one(haproxy.port, "--follow")
                    self.verdict(attempt, outcome="completed", phase="active")
            with Haproxy(first.port, second.port, "# no persistence") as haproxy:
                attempt, run = self.one(haproxy.port, "--follow")
                self.assertEqual(rules(run)[0], "redirect-loop")

    def test_xfreerdp(self):
        """xfreerdp takes the fault server for a broker: it comes back with the token."""
        program = find("xfreerdp3", "xfreerdp")
        servers.need(program, "xfreerdp3 is not installed")
        servers.need(find("Xvfb"), "Xvfb is not installed")
        token = b"Cookie: msts=".hex()
        for fault, proof in (("broker-back", token), ("broker-rdstls", GUID.hex()),
                             ("broker-known", token),
                             ("broker-password-tls", "bar".encode("utf-16-le").hex())):
            with self.subTest(fault), Screen() as screen, \
                    Peer("--fault", fault, "--dump-client") as peer:
                client = screen.spawn("xfreerdp", [
                    program, "/v:127.0.0.1:%d" % peer.port, "/u:foo", "/p:bar", "/cert:ignore",
                    "/sec:tls"], env=screen.env)
                # twice up to licensing: once at the broker, once behind it
                client.wait_for(lambda: client.text().count("license_read_binary_blob_data") == 2,
                                "the second connection")
                self.assertNotIn("ERRCONNECT", client.text())
                self.assertIn(token, peer.server.text())
                self.assertIn(proof, peer.server.text())
                self.assertNotIn("breaks a rule", peer.server.text())

    def test_formats(self):
        """Saved, shown, compared, replayed: the servers on the way are there each time."""
        with Peer("--bind", "0.0.0.0", "--fault", "broker-next") as peer, \
                tempfile.TemporaryDirectory() as folder:
            saved, trace, page = (os.path.join(folder, name) for name in ("run", "trace", "page"))
            target = "127.0.0.1:%d" % peer.port
            probe("-p", "tls", "--follow", "--save", saved, "--trace", trace, "-r", "html=" + page,
                  "-r", "csv=" + os.path.join(folder, "csv"), target)
            with open(saved, encoding="utf-8") as file:
                self.assertTrue(json.loads(file.readline())["options"]["follow"])
            for run in (servers.rdpwhy("show", "-r", "jsonl", saved),
                        servers.rdpwhy("replay", "-r", "jsonl", trace)):
                attempt, = run.of("attempt")
                self.assertEqual(len(attempt["hops"]), 2, run)
                self.assertEqual(attempt["hop"], {"number": 2, "target": "127.0.0.3:%d" % peer.port})
                self.assertEqual([host["target"] for host in run.of("host")], [target])
                self.assertEqual(run.of("host")[0]["findings"][0]["rule"],
                                 "certificate-name-mismatch")
                self.no_complaints(run)
            shown = servers.rdpwhy("show", "-v", saved)
            self.assertIn("redirection 2", shown.stdout)
            again = servers.rdpwhy("probe", "--baseline", saved, "-r", "jsonl")
            self.assertEqual(again.status, 0, again)
            with open(page, encoding="utf-8") as file:
                self.assertIn("TARGET_NET_ADDRESS", file.read())
            with open(os.path.join(folder, "csv"), encoding="utf-8") as file:
                head, row = file.read().splitlines()[:2]
                self.assertIn("hop_target", head)
                self.assertIn("127.0.0.3:%d" % peer.port, row)

    def test_resumed(self):
        """A run that followed is not continued by one that does not, nor the other way round."""
        with Peer("--fault", "broker-back") as peer, tempfile.TemporaryDirectory() as folder:
            target, env = "127.0.0.1:%d" % peer.port, environment(RDPWHY_PASSWORD="-")
            for number, arguments in enumerate((("--follow",), (),
                                                ("--until", "active", "-u", "foo", "--no-follow"),
                                                ("--until", "active", "-u", "foo"))):
                done = os.path.join(folder, "done%d" % number)
                servers.rdpwhy("probe", "-p", "tls", *arguments, "-r", "jsonl=" + done, target, env=env)
                for more in ("--follow",), ("--no-follow",):
                    run = servers.rdpwhy("probe", "-p", "tls", "--resume", done, *more, target)
                    same = (more == ("--follow",)) == (number in (0, 3))
                    self.assertEqual(run.status, 0 if same else 2, (arguments, more, run))
                    self.assertEqual("--follow, proxy, gateway or cookie" in run.stderr, not same, run)

    def test_list(self):
        with Peer("--bind", "0.0.0.0", "--fault", "broker-next") as peer:
            run = probe("-p", "tls", "--follow", "-j", "4",
                        *("127.0.0.%d:%d" % (i, peer.port) for i in (1, 2, 3)))
            self.assertEqual(sorted(a.get("hop", {"number": 0})["number"] for a in run.of("attempt")),
                             [0, 1, 2])


class Screen(Shadow):
    """An X server alone."""

    def __init__(self):
        super().__init__()

    def start(self):
        self.env = dict(os.environ, HOME=self.directory)
        self.env["DISPLAY"] = self.screen(self.env)


if __name__ == "__main__":
    servers.main()
