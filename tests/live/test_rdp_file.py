"""`rdpwhy probe FILE.rdp`: what the file asks for, against the fault server and xrdp."""

import os
import tempfile

import servers
from servers import LiveTest, Peer, Xrdp, environment, probe, rdpwhy

# As mstsc writes them: the settings of "Save as", and a password that is nobody's.
EXPORTED = """\
screen mode id:i:2
use multimon:i:0
desktopwidth:i:1920
desktopheight:i:1080
session bpp:i:32
compression:i:1
keyboardhook:i:2
audiocapturemode:i:0
connection type:i:7
networkautodetect:i:1
bandwidthautodetect:i:1
displayconnectionbar:i:1
disable wallpaper:i:0
bitmapcachepersistenable:i:1
full address:s:{address}
audiomode:i:0
redirectprinters:i:1
redirectclipboard:i:1
autoreconnection enabled:i:1
authentication level:i:2
prompt for credentials:i:0
negotiate security layer:i:1
remoteapplicationmode:i:0
alternate shell:s:
shell working directory:s:
gatewayhostname:s:
gatewayusagemethod:i:4
promptcredentialonce:i:0
password 51:b:{secret}
"""
SECRET = "01000000D08C9DDF0115D1118C7A00C04FC297EB01000000"
ENCODINGS = {"utf-16-le": b"\xff\xfe", "utf-16-be": b"\xfe\xff", "utf-8": b"",
             "utf-8-bom": b"\xef\xbb\xbf"}


class RdpFile(LiveTest):
    @classmethod
    def setUpClass(cls):
        cls.nla = cls.enterClassContext(Peer("--fault", "healthy-nla"))
        cls.folder = cls.enterClassContext(tempfile.TemporaryDirectory(prefix="rdpwhy-live-"))

    def write(self, *more, name="office.rdp", encoding="utf-16-le", address=None, without=()):
        """A file as mstsc exports it, with the lines |more|; its path."""
        text = EXPORTED.format(address=address or "127.0.0.1:%d" % self.nla.port, secret=SECRET)
        lines = [line for line in text.splitlines() if not line.startswith(tuple(without))]
        data = "".join(line + "\r\n" for line in [*lines, *more])
        path = os.path.join(self.folder, name)
        with open(path, "wb") as out:
            out.write(ENCODINGS[encoding] + data.encode(encoding.replace("-bom", "")))
        return path

    def finding(self, run, rule):
        return [row for row in run.of("host")[0]["findings"] if row["rule"] == rule]

    def test_encodings(self):
        """The first line answers for the file, whatever the encoding; no secret anywhere."""
        for encoding in ENCODINGS:
            with self.subTest(encoding):
                path = self.write(encoding=encoding)
                run = rdpwhy("probe", path)
                self.assertEqual(run.status, 0, run)
                self.assertEqual(run.stdout.splitlines()[0],
                                 "file:%s (127.0.0.1:%d): healthy, clients can connect"
                                 % (path, self.nla.port), run)
                self.assertNotIn(SECRET, str(run))

    def test_offer(self):
        run = probe(self.write())
        attempts = self.attempts(run, 0)
        self.assertEqual(list(attempts)[0], "file")
        self.assertEqual(len(attempts), 6)
        self.assertEqual(attempts["file"]["negotiation"]["requested"],
                         ["SSL", "HYBRID", "HYBRID_EX"])
        facts = " ".join(self.finding(run, "file-asks")[0]["because"])
        for text in ("used: full address:s:127.0.0.1", "not used: ", "audiomode:i:0",
                     "password 51:b:(not shown)"):
            self.assertIn(text, facts)

    def test_without_credssp(self):
        """What breaks most files: NLA is required, and the file does not offer it."""
        path = self.write("enablecredsspsupport:i:0")
        run = probe(path)
        attempts = self.attempts(run, 1)
        self.verdict(attempts["file"], outcome="refused", answer="policy",
                     ending="negotiation-failure")
        self.assertEqual(attempts["file"]["negotiation"]["requested"], ["SSL"])
        self.verdict(attempts["negotiate"], answer="through")
        self.assertEqual(run.of("host")[0]["state"], "broken")
        self.assertTrue(self.finding(run, "file-refused"), run)
        self.assertIn("broken", rdpwhy("probe", path).stdout.splitlines()[0])

    def test_entra(self):
        run = probe("-p", "tls", self.write("enablerdsaadauth:i:1"))
        attempt = self.attempts(run)["file"]
        if attempt["outcome"] != "skipped":  # a libfreerdp without it
            self.assertEqual(attempt["negotiation"]["requested"], ["RDSAAD"])

    def test_token_and_user(self):
        """What the file says to load balancers is said with every offer."""
        for line, routing, cookie in (("loadbalanceinfo:s:tsv://MS Terminal Services Plugin.1.F",
                                       "token", "tsv://MS"),
                                      ("username:s:CONTOSO\\alice", "cookie", "CONTOSO")):
            trace = os.path.join(self.folder, "trace.jsonl")
            run = probe("-p", "nla", "--trace", trace, self.write(line))
            for attempt in self.attempts(run, 0).values():
                self.assertEqual(attempt["negotiation"]["routing"], routing)
            with open(trace, encoding="utf-8") as file:
                self.assertIn(cookie.encode().hex(), file.read().lower())

    def test_address(self):
        """A port in the address counts more than `server port`, `alternate full address` more than
        the other."""
        port = "server port:i:%d" % self.nla.port
        for path in (self.write(port, address="127.0.0.1"),
                     self.write("server port:i:1"),
                     self.write("alternate full address:s:127.0.0.1:%d" % self.nla.port,
                                address="192.0.2.1")):
            self.attempts(probe("-p", "nla", path), 0)

    def test_said(self):
        run = probe("-p", "nla", self.write(
            "signature:s:AQABAAEAAADS", "signscope:s:Full Address", "authentication level:i:1",
            "gatewayhostname:s:gw.contoso.example", "negotiate security layer:i:0",
            without=("gatewayhostname", "authentication level", "negotiate")))
        found = self.finding(run, "file-asks")[0]
        facts = " ".join(found["because"])
        for text in ("signed; the signature is not checked", "names a gateway, which is not used",
                     "switches the negotiation off", "authentication level:i:1: mstsc does not"):
            self.assertIn(text, facts)
        self.assertEqual(found["severity"], "warning")
        self.assertNotIn("AQABAAEAAADS", str(run))

    def test_logon(self):
        """The file's user, where a password is given."""
        run = probe("-p", "nla", self.write("username:s:foo"), env=environment(RDPWHY_PASSWORD="bar"))
        self.assertEqual(run.of("host")[0]["footprint"]["authentications"], 1, run)
        self.verdict(self.attempts(run, 0)["file"], outcome="completed")
        run = probe("-p", "nla", self.write(), env=environment(RDPWHY_PASSWORD="bar"))
        self.assertEqual(run.of("host")[0]["footprint"]["authentications"], 0, run)

    def test_bad_files(self):
        """Line and what is wrong, and nothing is sent."""
        lines = len(EXPORTED.splitlines())
        for more, text in ((["audiomode:i:loud"], "line %d: 'audiomode' is not a number" % (lines + 1)),
                           (["no colon at all"], "line %d: it is not NAME:TYPE:VALUE" % (lines + 1)),
                           (["", "x:z:1"], "line %d: its type is none of i, s and b" % (lines + 2)),
                           (["server port:i:70000"], "'server port' is not between"),
                           (["enablecredsspsupport:s:1"], "is of type i, not s"),
                           (["loadbalanceinfo:s:" + "x" * 201], "longer than 200")):
            for encoding in ENCODINGS:
                run = rdpwhy("probe", self.write(*more, encoding=encoding))
                self.assertEqual(run.status, 2, run)
                self.assertIn(text, run.stderr)
                self.assertEqual(run.stdout, "")
        run = rdpwhy("probe", self.write(without=("full address",)))
        self.assertEqual((run.status, "no 'full address'" in run.stderr), (2, True), run)
        run = rdpwhy("probe", self.write(address="[::1"))
        self.assertEqual((run.status, "bracket" in run.stderr), (2, True), run)
        run = rdpwhy("probe", os.path.join(self.folder, "none.rdp"))
        self.assertEqual((run.status, "No such file" in run.stderr), (2, True), run)
        run = rdpwhy("probe", "-p", "file", "127.0.0.1")
        self.assertEqual((run.status, "brings by itself" in run.stderr), (2, True), run)

    def test_lists(self):
        """Beside other targets, a file a line; saved, repeated, shown, replayed, as a page."""
        one, two = self.write(name="one.rdp"), self.write("enablecredsspsupport:i:0", name="two")
        plain = "127.0.0.1:%d" % self.nla.port
        targets, saved, page, trace = (os.path.join(self.folder, name) for name in (
            "list.txt", "run.jsonl", "page.html", "trace.jsonl"))
        with open(targets, "w", encoding="utf-8") as out:
            out.write("%s\nfile:%s\n%s\nfile:%s\n" % (one, two, plain, targets))
        run = probe("-p", "nla", "-i", targets, "--save", saved, "--trace", trace)
        self.assertIn("list.txt:4", run.stderr)
        self.attempts(run)
        labels = {row["target"]: row["state"] for row in run.of("host")}
        self.assertEqual(labels, {"file:" + one: "healthy", "file:" + two: "broken",
                                  plain: "healthy"}, run)
        self.assertEqual([(row["target"], row["profile"]) for row in run.of("attempt")
                          if row["target"] == plain], [(plain, "nla")])
        again = rdpwhy("probe", "--baseline", saved, "-r", "jsonl")
        self.assertIn(again.status, (0, 3), again)
        self.assertNotIn("Sanitizer", again.stderr)
        shown = rdpwhy("show", "-r", "jsonl", "-r", "html=" + page, saved)
        self.assertEqual({row["target"]: row["state"] for row in shown.of("host")}, labels, shown)
        with open(page, encoding="utf-8") as file:
            self.assertIn("file:" + one, file.read())
        # the file's address is not in its name, and the file need not be there any more
        for name in one, "file:" + one:
            text = rdpwhy("show", "-v", saved, name)
            self.assertIn("(127.0.0.1:%d)" % self.nla.port, text.stdout, text)
        replayed = rdpwhy("replay", "-r", "jsonl", trace)
        self.assertEqual(sorted(row["profile"] for row in replayed.of("attempt")),
                         ["file", "file", "nla", "nla", "nla"], replayed)

    def test_xrdp(self):
        """A real server, which has no NLA."""
        with Xrdp("tls") as xrdp:
            path = self.write("enablecredsspsupport:i:0", address="127.0.0.1:%d" % xrdp.port)
            self.verdict(self.attempts(probe("-p", "tls", path))["file"], outcome="completed")


if __name__ == "__main__":
    servers.main()
