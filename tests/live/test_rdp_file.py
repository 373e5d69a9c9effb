"""`rdpwhy probe FILE.rdp`: what the file asks for, against the fault server and xrdp."""

import os
import tempfile

import servers
from servers import LiveTest, Peer, Xrdp, environment, probe, rdpwhy
from test_front import MACHINE, Reader

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
            "gatewayhostname:s:gw.contoso.example", "rdgiskdcproxy:i:1",
            "restricted admin:i:1", without=("gatewayhostname", "authentication level")))
        found = self.finding(run, "file-asks")[0]
        facts = " ".join(found["because"])
        for text in ("signed; the signature is not checked", "names a gateway, which is not used",
                     "authentication level:i:1: mstsc does not",
                     "the gateway is to be the KDC proxy", "RestrictedLogon"):
            self.assertIn(text, facts)
        self.assertEqual(found["severity"], "warning")
        self.assertNotIn("AQABAAEAAADS", str(run))

    def test_console(self):
        """The console of a virtual machine, as Microsoft's documentation writes such a file, and by a
        GUID alone."""
        with Peer("--fault", "hyper-v") as peer:
            for lines in (("pcb:s:%s;EnhancedMode=0" % MACHINE, "negotiate security layer:i:0"),
                          ("vmid:s:" + MACHINE,)):
                path = self.write("username:s:foo", *lines, address="127.0.0.1:%d" % peer.port,
                                  without=("negotiate",))
                run = rdpwhy("probe", "-r", "jsonl", "-r", "text=/dev/stderr", "--until", "active",
                             path, env=environment(RDPWHY_PASSWORD=Peer.PASSWORD))
                attempts = self.attempts(run, 0)
                self.verdict(attempts["file"], outcome="completed", phase="active")
                self.assertEqual(attempts["file"]["negotiation"]["preconnection"],
                                 lines[0].split(":", 2)[2])
                self.assertEqual([row["phase"] for row in attempts["file"]["phases"]][2:4],
                                 ["tls", "credssp"])
                self.assertEqual(attempts["tls"]["outcome"], "skipped")
                self.verdict(attempts["nla"], outcome="stopped", phase="credssp")
                self.assertIn("CredSSP at once", self.finding(run, "file-asks")[0]["summary"])
                self.assertIn("file:%s (127.0.0.1:%d): healthy" % (path, peer.port), run.stderr)

    def test_machine_of_the_options(self):
        """--vmconnect counts more than the file, and has its port where the file names none."""
        try:
            with Peer("--fault", "hyper-v", "--bind", "127.0.0.78", "--port", "2179"):
                run = probe("-p", "nla", "--vmconnect", MACHINE,
                            self.write("vmid:s:" + MACHINE.replace("B", "0"), address="127.0.0.78"))
        except AssertionError as error:
            if "Address already in use" not in str(error):
                raise
            self.skipTest("port 2179 is in use")
        for attempt in self.attempts(run, 0).values():
            self.verdict(attempt, outcome="stopped", phase="credssp", port=2179)
            self.assertEqual(attempt["negotiation"]["preconnection"], MACHINE)
        self.assertIn("the command line says otherwise: vmid:s:",
                      " ".join(self.finding(run, "file-asks")[0]["because"]))

    def test_text(self):
        """pcb alone: in front of an ordinary negotiation, of every offer; --pcb counts more."""
        for arguments, text in (((), "some-session"), (("--pcb", "another"), "another")):
            with Reader() as reader:
                run = probe("-p", "tls", "-t", "1", *arguments,
                            self.write("pcb:s:some-session", address="127.0.0.1:%d" % reader.port))
            for attempt in run.of("attempt"):
                self.assertEqual(attempt["negotiation"]["preconnection"], text)
            blob = (text + "\0").encode("utf-16-le")
            at = reader.data.index(blob)
            self.assertEqual(at, 18)
            self.assertEqual(reader.data[at + len(blob):at + len(blob) + 2], b"\3\0")

    def test_at_once(self):
        """TLS without a request before it: the file's offer alone, and what comes of it."""
        path = self.write("negotiate security layer:i:0", without=("negotiate",))
        run = probe(path)
        attempts = self.attempts(run, 1)
        self.verdict(attempts["file"], outcome="aborted", phase="tls", closed_by="server")
        self.verdict(attempts["negotiate"], answer="through")
        found = self.finding(run, "file-refused")[0]
        self.assertTrue(any("negotiate security layer:i:0" in cause for cause in found["causes"]))
        self.assertIn("at once: negotiate security layer:i:0",
                      " ".join(self.finding(run, "file-asks")[0]["because"]))
        # without CredSSP nobody says what begins then
        run = probe("-p", "nla", self.write("negotiate security layer:i:0", "enablecredsspsupport:i:0",
                                            without=("negotiate",)))
        self.verdict(self.attempts(run, 1)["file"], ending="negotiation-failure")
        self.assertIn("switches the negotiation off",
                      " ".join(self.finding(run, "file-asks")[0]["because"]))

    def test_restricted_admin(self):
        env = environment(RDPWHY_PASSWORD=Peer.PASSWORD)
        lines = "username:s:foo", "RestrictedLogon:i:1", "DisableCredentialsDelegation:i:1"
        with Peer("--fault", "restricted-admin") as peer:
            run = probe("-p", "nla", "--until", "active",
                        self.write(*lines, address="127.0.0.1:%d" % peer.port), env=env)
            attempt = self.attempts(run, 0)["file"]
            self.verdict(attempt, outcome="completed", phase="active", credentials_sent=True)
            self.assertIn("Restricted Admin", self.finding(run, "file-asks")[0]["summary"])
            self.assertEqual(run.of("host")[0]["footprint"]["authentications"], 1)
        with Peer("--fault", "restricted-admin-missing") as peer:
            run = probe("-p", "nla", "--until", "active",
                        self.write(*lines, address="127.0.0.1:%d" % peer.port), env=env)
            attempt = self.attempts(run, 1)["file"]
            self.verdict(attempt, outcome="stopped", phase="credssp", answer="policy")
            # nor does another offer send the password that the file keeps to itself
            attempt = self.attempts(run, 1)["nla"]
            self.verdict(attempt, outcome="stopped", phase="credssp", answer="withheld")
            self.assertIn("does not let the server have the password", attempt["reason"])
            self.assertEqual(run.of("host")[0]["footprint"]["authentications"], 0)
            self.assertEqual(run.of("host")[0]["state"], "broken")

    def test_administrator(self):
        """The session asked for is in the Client Cluster Data ([MS-RDPBCGR] 2.2.1.3.5)."""
        for setting in "administrative session", "connect to console":
            for value in 0, 1:
                trace = os.path.join(self.folder, "admin.jsonl")
                path = self.write("%s:i:%d" % (setting, value))
                with Peer("--fault", "healthy-tls") as peer:
                    path = self.write("%s:i:%d" % (setting, value),
                                      address="127.0.0.1:%d" % peer.port)
                    probe("-p", "tls", "--trace", trace, path)
                with open(trace, encoding="utf-8") as file:
                    data = bytes.fromhex(file.read().lower().split("04c00c00", 1)[1][:16])
                flags, session = (int.from_bytes(data[i:i + 4], "little") for i in (0, 4))
                self.assertEqual((flags & 2, session), (2 * value, 0), (setting, value))

    def test_overruled(self):
        """The command line counts where it says something of the same, and the report tells."""
        trace = os.path.join(self.folder, "trace.jsonl")
        path = self.write("username:s:CONTOSO\\alice", "loadbalanceinfo:s:tsv://one",
                          "kdcproxyname:s:gw.contoso.example")
        run = probe("-p", "nla", "--trace", trace, "--load-balance-info", "tsv://two",
                    "--until", "active", "-u", "foo",
                    "--kdc", "127.0.0.1:1", path, env=environment(RDPWHY_PASSWORD=Peer.PASSWORD))
        found = " ".join(self.finding(run, "file-asks")[0]["because"])
        for setting in ("username:s:CONTOSO\\alice", "loadbalanceinfo:s:tsv://one",
                        "kdcproxyname:s:gw.contoso.example"):
            self.assertIn(setting, found.split("the command line says otherwise: ")[1])
        with open(trace, encoding="utf-8") as file:
            sent = file.read().lower()
        self.assertIn(b"tsv://two".hex(), sent)
        self.assertNotIn(b"tsv://one".hex(), sent)
        replayed = rdpwhy("replay", "-r", "jsonl", trace)
        self.assertEqual(" ".join(self.finding(replayed, "file-asks")[0]["because"]), found)

    def test_without_effect(self):
        """What no message shows is not passed over as unused: the reason is told."""
        run = probe("-p", "nla", self.write("use redirection server name:i:1",
                                            "targetisaadjoined:i:1"))
        found = self.finding(run, "file-asks")[0]
        fact, = [row for row in found["because"] if row.startswith("changes nothing")]
        for setting in ("prompt for credentials:i:0 (whether", "promptcredentialonce:i:0 (",
                        "use redirection server name:i:1 (", "targetisaadjoined:i:1 ("):
            self.assertIn(setting, fact)
        for fact in [found["summary"], *found["because"]]:
            self.assertFalse(fact.startswith("not used") and "prompt" in fact, fact)

    def test_logon(self):
        """The file's user, where a password is given: its session is watched, and the fault server
        draws nothing in it."""
        run = probe("-p", "nla", "--watch", "0.5", self.write("username:s:foo"),
                    env=environment(RDPWHY_PASSWORD="bar"))
        self.assertEqual(run.of("host")[0]["footprint"]["authentications"], 1, run)
        self.verdict(self.attempts(run, 1)["file"], outcome="stopped", phase="session")
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
                           (["loadbalanceinfo:s:" + "x" * 201], "longer than 200"),
                           (["", "pcb:s:" + "x" * 512], "line %d: 'pcb' is longer" % (lines + 2)),
                           (["vmid:s:1234"], "'vmid' is no GUID"),
                           (["kdcproxyname:s:http://kdc"], "'kdcproxyname' does not begin"),
                           (["RestrictedLogon:s:1"], "is of type i, not s")):
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
