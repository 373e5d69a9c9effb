"""--proxy, through dante, tinyproxy and OpenSSH's -D, to xrdp and the fault server."""

import getpass
import os
import socket
import subprocess
import tempfile
import threading

import servers
from servers import (LiveTest, Peer, Server, Silent, Xrdp, environment, find, free_port, listening,
                     need, probe, rdpwhy)

USER, PASSWORD = "tess", "Proxy-Horse-9"
NO_HOST = "no-such-host.invalid"

DANTE = """\
logoutput: stderr
internal: 127.0.0.1 port = {port}
external: lo
clientmethod: none
socksmethod: {method}
user.privileged: root
user.unprivileged: nobody
client pass {{ from: 127.0.0.0/8 to: 0.0.0.0/0 }}
socks block {{ from: 0.0.0.0/0 to: 127.0.0.0/8 port = {forbidden} }}
socks pass {{ from: 0.0.0.0/0 to: 0.0.0.0/0 protocol: tcp }}
"""

TINYPROXY = """\
Port {port}
Listen 127.0.0.1
Timeout 60
MaxClients 20
Allow 127.0.0.1
LogLevel Info
PidFile "{directory}/tinyproxy.pid"
LogFile "{directory}/tinyproxy.txt"
{more}
"""

# Its accounts are the system's: a mount namespace has another list of them.
WITH_ACCOUNT = 'mount --bind "$0" /etc/passwd; mount --bind "$1" /etc/shadow; shift; exec "$@"'


class Dante(Server):
    def __init__(self, forbidden, method="none"):
        self.forbidden, self.method = forbidden, method

    def start(self):
        program = find("danted", "sockd")
        need(program, "dante-server is not installed")
        need(os.geteuid() == 0, "dante needs root")
        self.port = free_port()
        config = self.path("danted.conf")
        with open(config, "w", encoding="ascii") as out:
            out.write(DANTE.format(port=self.port, method=self.method, forbidden=self.forbidden))
        argv = [program, "-f", config, "-p", self.path("danted.pid")]
        if self.method == "username":
            argv = self.account() + argv
        self.server = self.spawn("dante", argv)
        self.server.wait_for(lambda: listening(self.port), "dante")

    def account(self):
        hashed = subprocess.run(["openssl", "passwd", "-6", PASSWORD], check=True, text=True,
                                stdin=subprocess.DEVNULL, capture_output=True).stdout.strip()
        for name, line in (("passwd", USER + ":x:4711:4711::/:/bin/false\n"),
                           ("shadow", USER + ":%s:19000:0:99999:7:::\n" % hashed)):
            with open("/etc/" + name, encoding="utf-8") as old:
                lines = old.read()
            with open(self.path(name), "w", encoding="utf-8") as out:
                out.write(lines + line)
        return [find("unshare"), "--mount", "sh", "-c", WITH_ACCOUNT, self.path("passwd"),
                self.path("shadow")]


class Tinyproxy(Server):
    def __init__(self, *more):
        self.more = more

    def start(self):
        program = find("tinyproxy")
        need(program, "tinyproxy is not installed")
        self.port = free_port()
        config = self.path("tinyproxy.conf")
        with open(config, "w", encoding="ascii") as out:
            out.write(TINYPROXY.format(port=self.port, directory=self.directory,
                                       more="\n".join(self.more)))
        self.server = self.spawn("tinyproxy", [program, "-d", "-c", config])
        self.server.wait_for(lambda: listening(self.port), "tinyproxy")


class SshD(Server):
    """ssh -D to an sshd of its own, with keys that are thrown away."""

    def start(self):
        sshd, ssh = find("sshd"), find("ssh")
        need(sshd and ssh and find("ssh-keygen"), "openssh-server is not installed")
        for name in "host", "user":
            subprocess.run([find("ssh-keygen"), "-q", "-t", "ed25519", "-N", "", "-f",
                            self.path(name)], check=True, stdin=subprocess.DEVNULL)
        if os.geteuid() == 0:
            os.makedirs("/run/sshd", exist_ok=True)
        inner, self.port = free_port(), free_port()
        server = self.spawn("sshd", [
            sshd, "-D", "-e", "-f", "/dev/null", "-h", self.path("host"), "-o",
            "ListenAddress=127.0.0.1:%d" % inner, "-o", "PidFile=none", "-o", "UsePAM=no", "-o",
            "StrictModes=no", "-o", "AuthorizedKeysFile=" + self.path("user.pub"), "-o",
            "PermitRootLogin=prohibit-password"])
        server.wait_for(lambda: listening(inner), "sshd")
        self.server = self.spawn("ssh", [
            ssh, "-F", "/dev/null", "-N", "-D", "127.0.0.1:%d" % self.port, "-p", str(inner), "-i",
            self.path("user"), "-o", "StrictHostKeyChecking=no", "-o",
            "UserKnownHostsFile=/dev/null", "-o", "ExitOnForwardFailure=yes", "-o", "BatchMode=yes",
            getpass.getuser() + "@127.0.0.1"])
        self.server.wait_for(lambda: listening(self.port), "ssh -D")


class Answers:
    """A proxy that answers every connection with |data| and closes; it keeps what it was sent."""

    def __init__(self, data):
        self.data, self.got = data, []

    def __enter__(self):
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.socket.close()

    def serve(self):
        while True:
            try:
                client, _ = self.socket.accept()
            except OSError:
                return
            with client:
                client.settimeout(5)
                self.got.append(client.recv(4096))
                client.sendall(self.data)


class Proxied(LiveTest):
    def one(self, url, target, *arguments, env=None):
        """The one attempt with TLS, and the run."""
        run = probe("-p", "tls", "--proxy", url, *arguments, target, env=env)
        attempts = self.attempts(run)
        self.assertEqual(list(attempts), ["tls"], run)
        return attempts["tls"], run

    def through(self, attempt, url):
        self.verdict(attempt, outcome="completed")
        self.assertEqual(attempt["proxy"]["url"], url)
        self.assertIn("proxy", [row["phase"] for row in attempt["phases"]])
        self.assertNotIn("address", attempt)  # of the server, which only the proxy knows

    def refused(self, attempt, run, rule, **expected):
        self.verdict(attempt, outcome="unreachable", phase="proxy", answer="unreachable", **expected)
        self.assertEqual(attempt["mstsc"], {"basis": "unknown"})  # it does not use this proxy
        self.assertEqual([row["rule"] for row in run.of("host")[0]["findings"]
                          if row["severity"] == "error"], [rule], run)

    def code(self, attempt):
        return attempt["code"]["space"], attempt["code"]["value"]


class Socks(Proxied):
    @classmethod
    def setUpClass(cls):
        cls.xrdp = cls.enterClassContext(Xrdp("tls"))
        cls.peer = cls.enterClassContext(Peer("--fault", "error-info-7"))
        cls.forbidden = free_port()
        cls.dante = cls.enterClassContext(Dante(cls.forbidden))

    def url(self, scheme="socks5"):
        return "%s://127.0.0.1:%d" % (scheme, self.dante.port)

    def test_success(self):
        for scheme in "socks5", "socks5h", "socks4a":
            with self.subTest(scheme):
                attempt, _ = self.one(self.url(scheme), "127.0.0.1:%d" % self.xrdp.port)
                self.through(attempt, self.url(scheme))

    def test_names(self):
        """localhost, which the proxy looks up, or this computer does."""
        for who, first in (("proxy", "127.0.0.1"), ("local", "localhost")):
            trace = tempfile.NamedTemporaryFile()
            attempt, _ = self.one(self.url(), "localhost:%d" % self.xrdp.port, "--proxy-resolve",
                                  who, "-4", "--trace", trace.name)
            self.through(attempt, self.url())
            with open(trace.name, encoding="utf-8") as file:
                looked_up = [line for line in file if '"resolve"' in line]
            self.assertIn(first, looked_up[0])

    def test_servers_words(self):
        """What the server says through a proxy is the server's."""
        attempt, run = self.one(self.url(), "127.0.0.1:%d" % self.peer.port)
        self.verdict(attempt, outcome="refused", closed_by="server", ending="error-info")
        self.assertIn("server-denied", str(run.of("host")[0]["findings"]))

    def test_forbidden(self):
        attempt, run = self.one(self.url(), "127.0.0.1:%d" % self.forbidden)
        self.refused(attempt, run, "proxy-forbids", closed_by="proxy", ending="proxy-refused")
        self.assertEqual(self.code(attempt), ("socks", 2))

    def test_unreachable(self):
        attempt, run = self.one(self.url(), "127.0.0.1:%d" % free_port())
        self.refused(attempt, run, "proxy-cannot-reach", closed_by="proxy")
        self.assertEqual(self.code(attempt), ("socks", 5))

    def test_unresolvable(self):
        attempt, run = self.one(self.url(), NO_HOST)
        self.refused(attempt, run, "proxy-cannot-reach", closed_by="proxy")
        self.assertEqual(self.code(attempt)[0], "socks")

    def test_local_name(self):
        """The target's name, not the proxy's."""
        attempt, run = self.one(self.url(), NO_HOST, "--proxy-resolve", "local")
        self.verdict(attempt, outcome="unreachable", phase="resolve", ending="name-not-found")
        self.assertNotIn("proxy", attempt)

    def test_saved(self):
        """--save keeps the proxy, --baseline takes it, show and html tell of it."""
        folder = tempfile.TemporaryDirectory()
        saved, page = os.path.join(folder.name, "run.jsonl"), os.path.join(folder.name, "run.html")
        target = "127.0.0.1:%d" % self.xrdp.port
        first = rdpwhy("probe", "-p", "tls", "--proxy", self.url(), "--save", saved, target)
        self.assertEqual(first.status, 0, first)
        again = rdpwhy("probe", "--baseline", saved, "-r", "jsonl")
        self.assertIn(again.status, (0, 3), again)
        shown = rdpwhy("show", "-r", "jsonl", "-r", "html=" + page, saved)
        self.assertEqual(shown.of("attempt")[0]["proxy"]["url"], self.url(), shown)
        self.assertEqual(shown.of("run")[0]["options"]["proxy"],
                         {"url": self.url(), "resolve": "proxy"})
        with open(page, encoding="utf-8") as file:
            self.assertIn(self.url(), file.read())


class SocksLogon(Proxied):
    @classmethod
    def setUpClass(cls):
        cls.peer = cls.enterClassContext(Peer("--fault", "healthy-tls"))
        cls.dante = cls.enterClassContext(Dante(free_port(), "username"))

    def url(self, user=""):
        return "socks5://%s127.0.0.1:%d" % (user, self.dante.port)

    def test_logon(self):
        attempt, run = self.one(self.url(USER + "@"), "127.0.0.1:%d" % self.peer.port,
                                env=environment(RDPWHY_PROXY_PASSWORD=PASSWORD))
        self.through(attempt, self.url())
        self.assertNotIn(PASSWORD, str(run))

    def test_none(self):
        attempt, run = self.one(self.url(), "127.0.0.1:%d" % self.peer.port)
        self.refused(attempt, run, "proxy-authentication", closed_by="proxy")
        self.assertEqual(self.code(attempt), ("socks", 255))

    def test_wrong(self):
        attempt, run = self.one(self.url(USER + "@"), "127.0.0.1:%d" % self.peer.port,
                                env=environment(RDPWHY_PROXY_PASSWORD="wrong"))
        self.refused(attempt, run, "proxy-authentication", closed_by="proxy",
                     ending="proxy-refused")


class Http(Proxied):
    @classmethod
    def setUpClass(cls):
        cls.xrdp = cls.enterClassContext(Xrdp("tls"))
        cls.proxy = cls.enterClassContext(Tinyproxy())

    def url(self, proxy=None, user=""):
        return "http://%s127.0.0.1:%d" % (user, (proxy or self.proxy).port)

    def test_success(self):
        attempt, _ = self.one(self.url(), "localhost:%d" % self.xrdp.port)
        self.through(attempt, self.url())

    def test_unreachable(self):
        for target in "127.0.0.1:%d" % free_port(), NO_HOST:
            with self.subTest(target):
                attempt, run = self.one(self.url(), target)
                self.refused(attempt, run, "proxy-cannot-reach", closed_by="proxy")
                self.assertEqual(self.code(attempt)[0], "http")

    def test_forbidden(self):
        with Tinyproxy("ConnectPort 443") as proxy:
            attempt, run = self.one(self.url(proxy), "127.0.0.1:%d" % self.xrdp.port)
            self.refused(attempt, run, "proxy-forbids", closed_by="proxy")
            self.assertEqual(self.code(attempt), ("http", 403))

    def test_logon(self):
        password_file = tempfile.NamedTemporaryFile("w", suffix=".txt")
        password_file.write(PASSWORD + "\n")
        password_file.flush()
        target = "127.0.0.1:%d" % self.xrdp.port
        with Tinyproxy("BasicAuth %s %s" % (USER, PASSWORD)) as proxy:
            attempt, run = self.one(self.url(proxy), target)
            self.refused(attempt, run, "proxy-authentication", closed_by="proxy")
            self.assertIn(attempt["code"]["value"], (401, 407))
            attempt, run = self.one(self.url(proxy, USER + "@"), target, "--proxy-password-file",
                                    password_file.name)
            self.through(attempt, self.url(proxy))
            self.assertNotIn(PASSWORD, str(run))

    def test_list(self):
        """All of a list goes through it."""
        targets = tempfile.NamedTemporaryFile("w", suffix=".txt")
        with Peer("--fault", "healthy-tls") as peer:
            targets.write("127.0.0.1:%d\nlocalhost:%d\n" % (self.xrdp.port, peer.port))
            targets.flush()
            run = probe("-p", "tls", "--proxy", self.url(), "-i", targets.name)
        self.assertEqual([row["outcome"] for row in run.of("attempt")], ["completed"] * 2, run)
        self.assertEqual({row["proxy"]["url"] for row in run.of("attempt")}, {self.url()})


class Ssh(Proxied):
    @classmethod
    def setUpClass(cls):
        cls.xrdp = cls.enterClassContext(Xrdp("tls"))
        cls.ssh = cls.enterClassContext(SshD())

    def test_all(self):
        url = "socks5://127.0.0.1:%d" % self.ssh.port
        attempt, _ = self.one(url, "127.0.0.1:%d" % self.xrdp.port)
        self.through(attempt, url)
        # it closes without an answer where it cannot connect
        attempt, run = self.one(url, "127.0.0.1:%d" % free_port())
        self.refused(attempt, run, "proxy-refused", closed_by="proxy", ending="fin")


class Broken(Proxied):
    """What proxies do that are none, or do not answer."""

    def test_silent(self):
        with Silent() as silent:
            for scheme in "socks5", "socks4a", "http":
                attempt, run = self.one("%s://127.0.0.1:%d" % (scheme, silent.port), "192.0.2.1",
                                        "--connect-timeout", "1")
                self.refused(attempt, run, "proxy-refused", closed_by="deadline", ending="timeout")
                self.assertLess(run.seconds, 10)

    def test_closed_port(self):
        attempt, run = self.one("socks5://127.0.0.1:%d" % free_port(), "192.0.2.1")
        self.refused(attempt, run, "proxy-unreachable", closed_by="proxy", ending="refused")
        self.assertEqual(run.of("end")[0]["outcomes"]["unreachable"], 1)

    def test_unknown_name(self):
        attempt, run = self.one("http://%s:3128" % NO_HOST, "192.0.2.1")
        self.refused(attempt, run, "proxy-unreachable", ending="name-not-found")

    def test_strange_answers(self):
        for scheme, data, text in (
                ("socks5", b"HTTP/1.1 400 Bad Request\r\n\r\n", "looks like an HTTP proxy"),
                ("http", b"\x05\x00", "does not speak HTTP"),
                ("http", b"HTTP/1.1 2000\r\n" + b"x: " + b"y" * 9000, "does not end"),
                ("socks5", b"\x05\x01", "was not offered"),
                ("socks4a", b"SSH-2.0-OpenSSH\r\n", "this version of SOCKS")):
            with self.subTest(data[:20]), Answers(data) as proxy:
                attempt, run = self.one("%s://127.0.0.1:%d" % (scheme, proxy.port), "192.0.2.1")
                self.refused(attempt, run, "proxy-refused", ending="protocol-violation")
                self.assertIn(text, attempt["reason"])

    def test_what_else_it_says(self):
        answer = (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 503 Service Unavailable\r\n"
                  b"X-Squid-Error: ERR_DNS_FAIL 0\r\nContent-Length: 0\r\n\r\n")
        with Answers(answer) as proxy:
            attempt, run = self.one("http://127.0.0.1:%d" % proxy.port, "srv.example")
        self.refused(attempt, run, "proxy-cannot-reach", closed_by="proxy")
        self.assertIn("ERR_DNS_FAIL", attempt["reason"])
        self.assertEqual(proxy.got[0].split(b"\r\n")[0], b"CONNECT srv.example:3389 HTTP/1.1")

    def test_whose_trouble(self):
        """500 and 503 alone do not say whose it is; what stands beside them may."""
        for head, rule in ((b"500 Internal Server Error", "proxy-failed"),
                           (b"503 Service Unavailable", "proxy-failed"),
                           (b"503 Service Unavailable\r\nRetry-After: 30", "proxy-failed"),
                           (b"500 Unable to connect", "proxy-cannot-reach"),
                           (b"502 Bad Gateway", "proxy-cannot-reach"),
                           (b"502 Bad Gateway\r\nProxy-Status: p; error=proxy_internal_error",
                            "proxy-failed"),
                           (b"503 No\r\nProxy-Status: p; error=connection_refused",
                            "proxy-cannot-reach"),
                           (b"502 No\r\nProxy-Status: p; error=destination_ip_prohibited",
                            "proxy-forbids"),
                           (b"501 Not Implemented", "proxy-refused")):
            with self.subTest(head), Answers(b"HTTP/1.1 " + head + b"\r\n\r\n") as proxy:
                attempt, run = self.one("http://127.0.0.1:%d" % proxy.port, "192.0.2.1")
                self.refused(attempt, run, rule, closed_by="proxy", ending="proxy-refused")

    def test_page_behind_yes(self):
        """What says yes to CONNECT and then sends a page may well be no proxy."""
        with Answers(b"HTTP/1.1 200 OK\r\n\r\n<html>Log on</html>") as proxy:
            _, run = self.one("http://127.0.0.1:%d" % proxy.port, "192.0.2.1")
        finding = run.of("host")[0]["findings"][0]
        self.assertEqual(finding["rule"], "not-rdp", run)
        self.assertTrue(finding["summary"].startswith("The proxy, or "), finding)
        self.assertIn("the proxy itself answered", finding["causes"][0])


if __name__ == "__main__":
    servers.main()
