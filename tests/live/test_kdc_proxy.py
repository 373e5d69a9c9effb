"""Kerberos through a KDC proxy ([MS-KKDCP]): the reference implementation in front of MIT's KDC, and
what a proxy can do wrong."""

import contextlib
import os
import socket
import ssl
import threading

import servers
from servers import Kdc, KdcProxy, LiveTest, Shadow, Silent, environment, find, free_port, probe, \
    rdpwhy, resolving

HOST = "srv.test.lan"
ACCOUNT = "%s@%s" % (Kdc.USER, Kdc.REALM)
CERTIFICATES = os.path.join(servers.SOURCE, "fixtures", "certificates")
ROOT = os.path.join(CERTIFICATES, "root.crt")
CHAIN = ("chained.crt", "intermediate.crt")


class Answer:
    """An HTTPS server with one |answer| for every request, in pieces of |piece| bytes; what was asked
    is in |asked|."""

    def __init__(self, directory, answer, piece=1 << 20):
        self.answer, self.piece, self.asked = answer, piece, b""
        chain = os.path.join(directory, "answer.pem")
        with open(chain, "w", encoding="ascii") as out:
            for name in CHAIN:
                with open(os.path.join(CERTIFICATES, name), encoding="ascii") as file:
                    out.write(file.read())
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(chain, os.path.join(CERTIFICATES, "server.key"))

    def __enter__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = "https://localhost:%d/KdcProxy" % self.listener.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.listener.close()

    def serve(self):
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self.listener.accept()
                threading.Thread(target=self.one, args=(connection,), daemon=True).start()

    def one(self, connection):
        with contextlib.suppress(OSError), \
                self.context.wrap_socket(connection, server_side=True) as tls:
            self.asked += tls.recv(65536)
            for at in range(0, len(self.answer), self.piece):
                tls.sendall(self.answer[at:at + self.piece])


class Proxy(LiveTest):
    def setUp(self):
        with contextlib.ExitStack() as stack:
            self.kdc = stack.enter_context(Kdc())
            self.proxy = stack.enter_context(KdcProxy(Kdc.REALM, self.kdc.port))
            self.shadow = stack.enter_context(
                Shadow(keytab=self.kdc.service(HOST), env={"KRB5_CONFIG": self.kdc.path("krb5.conf")},
                       hashed="another password"))
            self.prefix = resolving(HOST)
            self.addCleanup(stack.pop_all().close)

    def probe(self, url, *arguments, ca=ROOT, config="/nonexistent", password=Kdc.PASSWORD,
              **more):
        proxy = ("--kdc-proxy", url) if url else ()
        return probe("-p", "nla-kerberos", "-t", "20",
                     "--until", "active", "-u", ACCOUNT, *proxy, "--ca", ca, *arguments,
                     "%s:%d" % (HOST, self.shadow.port), prefix=self.prefix,
                     env=environment(KRB5_CONFIG=config, RDPWHY_PASSWORD=password,
                                     SSL_CERT_FILE="/dev/null", SSL_CERT_DIR="/nonexistent"))

    def unreachable(self, run, *words):
        """No ticket, and it is the way to the KDC that is to blame: never the server."""
        attempt = self.attempts(run, status=1)["nla-kerberos"]
        self.verdict(attempt, outcome="aborted", phase="kerberos", ending="kdc-unreachable",
                     closed_by="kdc", answer="kerberos")
        for word in words:
            self.assertIn(word, attempt["reason"])
        findings = {finding["rule"]: finding for finding in run.of("host")[0]["findings"]}
        self.assertTrue(any("KDC proxy" in cause for cause in findings["kdc-unreachable"]["causes"]))
        return attempt

    def test_works(self):
        """As mstsc does outside of the company: no KDC can be reached, and the proxy can."""
        attempt = self.attempts(self.probe(self.proxy.url), status=0)["nla-kerberos"]
        self.verdict(attempt, outcome="completed", phase="active")
        self.assertEqual(attempt["kerberos"]["kdc"], self.proxy.url + " (--kdc-proxy)")
        self.assertEqual(attempt["kerberos"]["steps"], ["kdc", "as", "tgs", "ap"])
        # MIT's own client agrees about the proxy, and its configuration is understood
        config = self.kdc.config(name="proxy.conf")
        with open(config, encoding="ascii") as file:
            text = file.read().replace(
                "%s = {" % Kdc.REALM, "%s = {\n  kdc = %s\n  http_anchors = FILE:%s"
                % (Kdc.REALM, self.proxy.url, ROOT))
        with open(config, "w", encoding="ascii") as file:
            file.write(text)
        self.kdc.run(["env", "KRB5_CONFIG=" + config, find("kinit"), "-c", self.kdc.path("cc"),
                      Kdc.USER], input=Kdc.PASSWORD.encode(), stdin=None)
        attempt = self.attempts(self.probe(None, config=config), status=0)["nla-kerberos"]
        self.assertEqual(attempt["kerberos"]["kdc"], self.proxy.url + " (krb5.conf)")

    def test_file(self):
        """kdcproxyname of an .rdp file, for that target alone; --kdc-proxy counts more."""
        path = self.kdc.path("office.rdp")
        for name, more, wanted in (
                (self.proxy.url[len("https://"):-len("/KdcProxy")], (), " (kdcproxyname)"),
                ("localhost:1", ("--kdc-proxy", self.proxy.url), " (--kdc-proxy)")):
            with open(path, "w", encoding="ascii") as out:
                out.write("full address:s:%s:%d\nkdcproxyname:s:%s\n" % (HOST, self.shadow.port, name))
            run = self.probe(None, *more, path)
            attempts = {row["target"]: row for row in run.of("attempt")
                        if row["profile"] == "nla-kerberos"}
            self.verdict(attempts["file:" + path], outcome="completed", phase="active")
            self.assertEqual(attempts["file:" + path]["kerberos"]["kdc"], self.proxy.url + wanted)
            plain = attempts["%s:%d" % (HOST, self.shadow.port)]
            self.assertEqual("kdcproxyname" in str(plain.get("kerberos")), False)

    def test_wrong_password(self):
        """The KDC's own words come through."""
        run = self.probe(self.proxy.url, password="Wrong-Horse-8")
        attempt = self.attempts(run, status=1)["nla-kerberos"]
        self.verdict(attempt, outcome="refused", phase="kerberos", closed_by="kdc", answer="account")
        self.assertEqual(attempt["code"]["value"], 24)

    def test_certificate(self):
        """The proxy would get what a password can be guessed from: it is judged before."""
        other = os.path.join(CERTIFICATES, "server.crt")
        self.unreachable(self.probe(self.proxy.url, ca=other), "its certificate is not trusted",
                         "issuer")
        self.unreachable(self.probe(self.proxy.url.replace("localhost", HOST)),
                         "its certificate is not trusted", "ostname mismatch")
        with KdcProxy(Kdc.REALM, self.kdc.port, names=("chained-expired", "intermediate")) as old:
            self.unreachable(self.probe(old.url), "its certificate is not trusted", "expired")
        self.assertEqual(
            self.attempts(self.probe(self.proxy.url.replace("localhost", "127.0.0.1")),
                          status=0)["nla-kerberos"]["outcome"], "completed")

    def test_kdc_behind_is_gone(self):
        with KdcProxy(Kdc.REALM, free_port()) as alone:
            attempt = self.unreachable(
                self.probe(alone.url, "--connect-timeout", "19"), "HTTP status 503")
        self.assertIn(alone.url + " (--kdc-proxy)", attempt["reason"])

    def test_other_realm(self):
        with KdcProxy("OTHER.LAN", self.kdc.port) as other:
            self.unreachable(self.probe(other.url), "HTTP status")

    def test_gone_and_silent(self):
        with Silent() as silent:
            for port, word in ((silent.port, "did not answer"), (free_port(), "refused")):
                run = self.probe("https://localhost:%d" % port, "--connect-timeout", "1")
                self.unreachable(run, "https://localhost:%d/KdcProxy" % port, word)
                self.assertLess(run.seconds, 5, str(run))

    def test_answers(self):
        """What is none, and what comes byte by byte."""
        reply = b"\x30\x0c\xa0\x0a\x04\x08\x00\x00\x00\x04rest"
        rows = ((b"HTTP/1.1 404 Not Found\r\n\r\n", "HTTP status 404 Not Found"),
                (b"SSH-2.0-OpenSSH\r\n", "no HTTP"),
                (b"HTTP/1.1 200 OK\r\n\r\nhello", "no KDC-PROXY-MESSAGE"),
                (b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n\x30\x0c\xa0\x0a\x04",
                 "no KDC-PROXY-MESSAGE"),
                (b"HTTP/1.1 200 OK\r\n", "no KDC-PROXY-MESSAGE"),
                (b"", "closed the connection"))
        for piece in (1, 1 << 20):
            for answer, words in rows:
                with Answer(self.kdc.directory, answer, piece) as server:
                    self.unreachable(self.probe(server.url), words)
        with Answer(self.kdc.directory, b"HTTP/1.1 200 OK\r\n\r\n" + reply, 1) as server:
            run = self.probe(server.url)  # it is one, but no answer of a KDC's
            attempt = self.attempts(run)["nla-kerberos"]
            self.assertEqual(attempt["phase"], "kerberos")
            self.assertTrue(server.asked.startswith(b"POST /KdcProxy HTTP/1.0\r\n"), server.asked)
            self.assertIn(b"\x1b\x08" + Kdc.REALM.encode(), server.asked)  # target-domain
            self.assertNotIn(Kdc.PASSWORD.encode(), server.asked)

    def test_options(self):
        for url, words in (("http://p", "does not begin with https://"),
                           ("https://", "names no host"), ("https://p:0", "names no host, or no port"),
                           ("https://p:99999", "no port"), ("https://[::1", "names no host"),
                           ("https://u@p", "'@'"), ("https://p/a b", "has a space")):
            run = rdpwhy("probe", "-u", "foo", "--kdc-proxy", url, HOST)
            self.assertEqual(run.status, 2, str(run))
            self.assertIn("--kdc-proxy: '%s' " % url, run.stderr)
            self.assertIn(words, run.stderr)
        run = rdpwhy("probe", "--kdc-proxy", "https://p", HOST)
        self.assertEqual((run.status, "--kdc-proxy needs --user" in run.stderr), (2, True), str(run))
        run = rdpwhy("probe", "-u", "foo", "--kdc", "a", "--kdc-proxy", "https://p", HOST)
        self.assertEqual((run.status, "cannot be combined" in run.stderr), (2, True), str(run))


if __name__ == "__main__":
    servers.main()
