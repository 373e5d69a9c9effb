"""A host before and after a change: exactly the changes that the change makes, and nothing else."""

import subprocess

import servers
from servers import LiveTest, Peer, Validator, free_port, rdpwhy


class Scratch(servers.Server):
    """A directory that is gone when the test is over."""

    def start(self):
        pass


ALL = "negotiate,rdp,tls,nla,nla-ext"


class State:
    """How the host is: a fault of the fault server, with options, or nothing that listens."""

    def __init__(self, fault, *arguments):
        self.fault, self.arguments = fault, arguments

    def peer(self, port):
        return Peer("--fault", self.fault, "--port", str(port), *self.arguments)


def worse(what, before, after, *steps):
    return "worse", what, before, after, steps


def better(what, before, after, *steps):
    return "better", what, before, after, steps


def changed(what, before, after, *steps):
    return "changed", what, before, after, steps


HYBRID_REQUIRED = "refused in negotiation: negotiation-failure 0x5 HYBRID_REQUIRED_BY_SERVER"
SSL_REQUIRED = "refused in negotiation: negotiation-failure 0x1 SSL_REQUIRED_BY_SERVER"
SELECTED_SSL = "stopped in negotiation: the server selected SSL"
CREDSSP = "stopped in credssp"
DONE = "completed"

# name: profiles, more options, before, after, the changes
CHANGES = {
    "NLA switched off": (
        ALL, (), State("healthy-nla"), State("healthy-tls-negotiate"),
        (worse("nla-required", "required", "not required"),
         worse("accepted", CREDSSP, SELECTED_SSL, "nla", "nla-ext"),
         worse("protocol", "HYBRID", "SSL", "negotiate"),
         changed("accepted", HYBRID_REQUIRED, DONE, "tls"),
         changed("outcome", CREDSSP, DONE, "negotiate"),
         changed("code", HYBRID_REQUIRED, SSL_REQUIRED, "rdp"))),
    "Standard RDP Security switched on": (
        "negotiate,rdp,tls", (), State("healthy-tls-negotiate"), State("healthy-any"),
        (worse("accepted", SSL_REQUIRED, DONE, "rdp"),
         better("protocol", "SSL", "HYBRID", "negotiate"),
         changed("outcome", DONE, CREDSSP, "negotiate"))),
    "TLS 1.0 switched on": (
        "tls1.0,tls1.1,tls1.2", (), State("tls1.2-only"), State("healthy-tls"),
        (worse("accepted", "refused in tls: tls-alert 70 protocol_version", DONE, "tls1.0",
               "tls1.1"),)),
    "TLS 1.3 switched off": (
        "negotiate,tls,tls1.3", (), State("healthy-tls"), State("tls1.2-only"),
        (worse("accepted", DONE, "refused in tls: tls-alert 70 protocol_version", "tls1.3"),
         worse("tls-version", "TLSv1.3", "TLSv1.2", "negotiate", "tls"))),
    "certificate expired": (
        "negotiate,tls", (), State("healthy-tls"), State("certificate-expired"),
        (worse("certificate-expired", "valid", "expired", "negotiate", "tls"),
         changed("certificate", None, None, "negotiate", "tls"))),
    "certificate for another name": (
        "tls", (), State("healthy-tls"), State("certificate-other-name"),
        (worse("certificate-name", "is for this name", "is for another name", "tls"),
         changed("certificate", None, None, "tls"))),
    "weaker key": (
        "tls", (), State("healthy-tls"), State("certificate-weak"),
        (worse("certificate-key", "RSA 2048", "RSA 1024", "tls"),
         changed("certificate", None, None, "tls"))),
    "license server gone": (
        "negotiate,tls", ("-l", "fresh"), State("license-known"),
        State("license-error-6-after-request"),
        (worse("host-state", "healthy", "broken"),
         worse("outcome", DONE, "refused in licensing: license-error 0x6 ERR_NO_LICENSE_SERVER",
               "negotiate", "tls"))),
    "reset in TLS": (
        "negotiate,tls", (), State("healthy-tls"), State("rst-tls"),
        (worse("host-state", "healthy", "broken"),
         worse("outcome", DONE, "aborted in tls: reset", "negotiate", "tls"))),
    "connection denied": (
        "tls", (), State("healthy-tls"), State("error-info-7"),
        (worse("host-state", "healthy", "broken"),
         worse("outcome", DONE, "refused in capabilities: error-info 0x7 "
                                "ERRINFO_SERVER_DENIED_CONNECTION", "tls"))),
    "denial lifted": (
        "tls", (), State("error-info-7"), State("healthy-tls"),
        (better("host-state", "broken", "healthy"),
         better("outcome", "refused in capabilities: error-info 0x7 "
                           "ERRINFO_SERVER_DENIED_CONNECTION", DONE, "tls"))),
    "weaker encryption": (
        "rdp", (), State("healthy-rdp-high"), State("healthy-rdp-low"),
        (worse("encryption-level", "high", "low", "rdp"),)),
    "ends elsewhere": (
        "tls", (), State("fin-licensing"), State("fin-capabilities"),
        (better("phase", "aborted in licensing: fin", "aborted in capabilities: fin", "tls"),)),
    "ends in another way": (
        "tls", (), State("fin-capabilities"), State("rst-capabilities"),
        (changed("ending", "aborted in capabilities: fin", "aborted in capabilities: reset",
                 "tls"),)),
    "slow line": (
        "tls", ("--repeat", "3"), State("healthy-tls"), State("slow-line-tls"), None),
    "server gone": (
        "negotiate,tls", (), State("healthy-tls"), None,
        (worse("host-state", "healthy", "unreachable"),
         worse("outcome", DONE, "unreachable in connect: errno 111 ECONNREFUSED", "negotiate"))),
}


class Regression(LiveTest):
    @classmethod
    def setUpClass(cls):
        cls.validator = Validator()

    def save(self, folder, name, state, port, profiles, options):
        """Probes the host in |state| and saves the run."""
        path = folder.path(name)
        arguments = ["-q", "-t", "10", "-p", profiles, *options, "--license-store",
                     folder.path("store"), "--save", path, "127.0.0.1:%d" % port]
        if state is None:
            run = rdpwhy("probe", *arguments)
        else:
            with state.peer(port):
                run = rdpwhy("probe", *arguments)
        self.assertIn(run.status, (0, 1), str(run))
        return path

    def diff(self, before, after):
        """The changes, sorted, after checks of the diff itself."""
        run = rdpwhy("diff", "-r", "jsonl", before, after)
        self.assertIn(run.status, (0, 3), str(run))
        for record in run.records:
            self.assertEqual(self.validator.complaints(record), [], record)
        changes = run.of("change")
        self.assertEqual(run.status, 3 if any(c["class"] == "worse" for c in changes) else 0)
        return changes

    def answer(self, change, expected):
        """A change as the table writes it; texts that the table leaves open are left open."""
        row = (change["class"], change["what"], change.get("before"), change.get("after"),
               tuple(step["profile"] for step in change.get("steps", ())))
        for wanted in expected:
            if wanted[:2] == row[:2] and wanted[4] == row[4] and wanted[2:4] == (None, None):
                return wanted
        return row

    def check_change(self, name):
        profiles, options, before, after, expected = CHANGES[name]
        port = free_port()
        with Scratch() as folder:
            first = self.save(folder, "1.jsonl", before, port, profiles, options)
            second = self.save(folder, "2.jsonl", before, port, profiles, options)
            third = self.save(folder, "3.jsonl", after, port, profiles, options)
            self.assertEqual(self.diff(first, second), [], "the same server, twice")
            changes = self.diff(first, third)
            if expected is None:
                return changes
            self.assertCountEqual([self.answer(c, expected) for c in changes], expected)
            # and back again: the reverse of it
            turned = {"worse": "better", "better": "worse", "changed": "changed"}
            self.assertCountEqual(
                [(turned[c["class"]], c["what"]) for c in self.diff(third, second)],
                [row[:2] for row in expected])
        return changes

    def test_certificate_replaced(self):
        """The first of the list, with a certificate that is made here."""
        port = free_port()
        with Scratch() as folder:
            crt, key = folder.path("crt"), folder.path("key")
            subprocess.run(
                ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "400",
                 "-subj", "/CN=new", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key,
                 "-out", crt], check=True, stdin=subprocess.DEVNULL, capture_output=True)
            before = self.save(folder, "1.jsonl", State("healthy-any"), port, ALL, ())
            after = self.save(folder, "2.jsonl", State("healthy-any", "--cert", crt, "--key", key),
                              port, ALL, ())
            change, = self.diff(before, after)
        self.assertEqual((change["class"], change["what"]), ("changed", "certificate"))
        self.assertEqual([s["profile"] for s in change["steps"]],
                         ["negotiate", "tls", "nla", "nla-ext"])
        self.assertEqual(change["details"]["subject"], {"before": "CN=localhost",
                                                        "after": "CN=new"})
        self.assertIn("sha256", change["details"])
        self.assertIn("not_after", change["details"])

    def test_slow_line(self):
        changes = self.check_change("slow line")
        slower = [c for c in changes if c["what"] == "phase-time"]
        self.assertTrue(slower, changes)
        self.assertEqual({c["class"] for c in slower}, {"worse"}, changes)
        self.assertEqual([c for c in changes if c["what"] != "phase-time"], [])

    def test_changes(self):
        for name in CHANGES:
            if CHANGES[name][4] is not None:
                with self.subTest(name):
                    self.check_change(name)

    def test_baseline_at_once(self):
        """probe --baseline says the same as probe and diff."""
        port = free_port()
        with Scratch() as folder:
            before = self.save(folder, "1.jsonl", State("healthy-nla"), port, ALL, ())
            with State("healthy-tls-negotiate").peer(port):
                run = rdpwhy("probe", "--baseline", before, "--save", folder.path("2.jsonl"), "-r",
                             "jsonl")
            self.assertEqual(run.status, 3, str(run))
            self.assertEqual(run.of("change"), self.diff(before, folder.path("2.jsonl")))

    def test_requirements_at_once(self):
        """With --baseline the requirements are told too, in the words of a run without one."""
        port = free_port()
        rules = ("--require", "nla", "--require", "tls>=1.2")
        with Scratch() as folder, State("healthy-any").peer(port):
            plain = rdpwhy("probe", "-r", "jsonl", "-p", ALL, *rules, "--save",
                           folder.path("1.jsonl"), "127.0.0.1:%d" % port)
            self.assertEqual(plain.status, 1, str(plain))
            run = rdpwhy("probe", "--baseline", folder.path("1.jsonl"), *rules, "-r", "jsonl")
        self.assertEqual(run.status, 1, str(run))
        for record in run.records:
            self.assertEqual(self.validator.complaints(record), [], record)
        told, = run.of("requirements")
        host, = plain.of("host")
        self.assertEqual((told["target"], told["requirements"]),
                         (host["target"], host["requirements"]))
        self.assertEqual([r["met"] for r in told["requirements"]], [False, True])


if __name__ == "__main__":
    servers.main()
