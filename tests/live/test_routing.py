"""What load balancers are told (cookie, token, nothing), against HAProxy with its RDP cookie rules."""

import json
import os
import tempfile

import servers
from servers import LiveTest, Peer, Server, environment, find, free_port, listening, probe

# Two listeners in front of two servers: one closes what has no cookie, one chooses by the token that
# a broker gives out, "Cookie: msts=ADDRESS.PORT.0000" (both as one number, lowest byte first).
HAPROXY = """\
defaults
    mode tcp
    timeout connect 5s
    timeout client 30s
    timeout server 30s

listen demanding
    bind 127.0.0.1:{demanding}
    tcp-request inspect-delay 5s
    tcp-request content accept if RDP_COOKIE
    tcp-request content reject
    use-server second if {{ req.rdp_cookie(mstshash) -m str alice }}
    use-server first if {{ always_true }}
    server first 127.0.0.1:{first}
    server second 127.0.0.1:{second}

listen persistent
    bind 127.0.0.1:{persistent}
    tcp-request inspect-delay 1s
    tcp-request content accept if RDP_COOKIE
    persist rdp-cookie
    balance first
    server first 127.0.0.1:{first}
    server second 127.0.0.1:{second}
"""


class Haproxy(Server):
    def __init__(self, first, second):
        self.first, self.second = first, second

    def start(self):
        program = find("haproxy")
        servers.need(program, "haproxy is not installed")
        self.demanding, self.persistent = free_port(), free_port()
        with open(self.path("haproxy.cfg"), "w", encoding="utf-8") as file:
            file.write(HAPROXY.format(**{name: getattr(self, name) for name in (
                "demanding", "persistent", "first", "second")}))
        self.server = self.spawn("haproxy", [program, "-db", "-f", self.path("haproxy.cfg")])
        for port in self.demanding, self.persistent:
            self.server.wait_for(lambda: listening(port), "haproxy")


def token(port):
    """[MS-RDPBCGR] 3.2.5.3.1: what a broker writes for 127.0.0.1 and the port."""
    return "Cookie: msts=%d.%d.0000" % (int.from_bytes(bytes((127, 0, 0, 1)), "little"),
                                        int.from_bytes(port.to_bytes(2, "big"), "little"))


class Routing(LiveTest):
    @classmethod
    def setUpClass(cls):
        cls.first = cls.enterClassContext(Peer("--fault", "healthy-tls"))
        cls.second = cls.enterClassContext(Peer("--fault", "error-info-7"))
        cls.haproxy = cls.enterClassContext(Haproxy(cls.first.port, cls.second.port))

    def one(self, port, *arguments, env=None):
        """The one attempt with TLS, and the run."""
        run = probe("-p", "tls", *arguments, "127.0.0.1:%d" % port, env=env)
        attempts = run.of("attempt")
        self.assertEqual(len(attempts), 1, run)
        return attempts[0], run

    def reaches(self, which, attempt):
        """Which server answered is known from what it did."""
        self.assertEqual(attempt["ending"], {"first": "done", "second": "error-info"}[which])

    def rules(self, run):
        return [finding["rule"] for finding in run.of("host")[0]["findings"]]

    def test_cookie(self):
        for arguments, which in (((), "first"), (("--cookie", "bob"), "first"),
                                 (("--cookie", "alice"), "second")):
            with self.subTest(arguments):
                attempt, _ = self.one(self.haproxy.demanding, *arguments)
                self.reaches(which, attempt)
                self.assertEqual(attempt["negotiation"]["routing"], "cookie")
                self.assertNotIn("variation", attempt)
        attempt, _ = self.one(self.haproxy.demanding, "--until", "active", "-u", "alice",
                              env=environment(RDPWHY_PASSWORD="-"))
        self.reaches("second", attempt)

    def test_no_cookie(self):
        """Closed without a cookie, and tried once more with it."""
        attempt, run = self.one(self.haproxy.demanding, "--no-cookie")
        self.reaches("first", attempt)
        self.assertEqual(attempt["variation"], "with-cookie")
        self.assertEqual(attempt["first_try"]["phase"], "negotiation")
        self.assertIn(attempt["first_try"]["ending"], ("fin", "reset"))
        self.assertIn("cookie-required", self.rules(run))
        self.assertEqual(run.of("host")[0]["footprint"]["connections"], 2)

    def test_no_cookie_needed(self):
        """A server without such rules takes the request without a cookie."""
        attempt, run = self.one(self.first.port, "--no-cookie")
        self.reaches("first", attempt)
        self.assertEqual(attempt["negotiation"]["routing"], "none")
        self.assertNotIn("variation", attempt)
        self.assertNotIn("cookie-required", self.rules(run))

    def test_token(self):
        for server in "first", "second":
            with self.subTest(server):
                port = getattr(self, server).port
                attempt, _ = self.one(self.haproxy.persistent, "--load-balance-info", token(port))
                self.reaches(server, attempt)
                self.assertEqual(attempt["negotiation"]["routing"], "token")

    def test_saved(self):
        """--save keeps what was sent, --baseline sends it again, replay knows the kind."""
        wanted = token(self.second.port)
        with tempfile.TemporaryDirectory() as directory:
            saved, trace = os.path.join(directory, "run"), os.path.join(directory, "trace")
            self.one(self.haproxy.persistent, "--load-balance-info", wanted, "--save", saved,
                     "--trace", trace)
            with open(saved, encoding="utf-8") as file:
                self.assertEqual(json.loads(file.readline())["options"]["routing"],
                                 {"kind": "token", "text": wanted})
            again = servers.rdpwhy("probe", "--baseline", saved, "-r", "jsonl")
            self.assertEqual(again.status, 0, again)
            replayed = servers.rdpwhy("replay", "-r", "jsonl", trace)
            self.assertEqual(replayed.of("attempt")[0]["negotiation"]["routing"], "token")

    def test_resumed(self):
        """A run is not continued with another cookie."""
        with tempfile.TemporaryDirectory() as directory:
            done = os.path.join(directory, "done")
            target = "127.0.0.1:%d" % self.first.port
            servers.rdpwhy("probe", "-p", "tls", "--cookie", "CORP\\bob", "-r", "jsonl=" + done, target)
            for arguments, status in ((("--cookie", "CORP\\bob"), 0), (("--cookie", "bob"), 2),
                                      (("--no-cookie",), 2), ((), 2)):
                run = servers.rdpwhy("probe", "-p", "tls", "--resume", done, *arguments, target)
                self.assertEqual(run.status, status, (arguments, run))
                self.assertEqual("or cookie" in run.stderr, status == 2, (arguments, run))

    def test_list(self):
        run = probe("-p", "tls", "--cookie", "alice", "127.0.0.1:%d" % self.haproxy.demanding,
                    "127.0.0.1:%d" % self.haproxy.persistent)
        self.assertEqual([a["negotiation"]["routing"] for a in run.of("attempt")],
                         ["cookie", "cookie"])


if __name__ == "__main__":
    servers.main()
