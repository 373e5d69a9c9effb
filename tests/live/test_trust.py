"""Certificates judged against authorities: what the chain is worth, live, in a capture and in a
trace."""

import glob
import json
import os
import tempfile

import servers
from servers import LiveTest, Peer, TlsFront, probe, rdpwhy

CERTIFICATES = os.path.join(servers.SOURCE, "fixtures", "certificates")
ROOT = os.path.join(CERTIFICATES, "root.crt")
INTERMEDIATE = "CN=rdpwhy test intermediate"
# Only what --ca names is known, whatever this computer trusts.
ALONE = {"SSL_CERT_FILE": "/dev/null", "SSL_CERT_DIR": "/nonexistent"}

# What the server sends; what comes of it with --ca, and the findings that say so; without --ca.
CHAINS = (
    ("chained intermediate", "trusted", "CN=rdpwhy test root", set()),
    ("chained intermediate root", "trusted", "CN=rdpwhy test root", set()),
    ("chained", "unknown-issuer", INTERMEDIATE, {"certificate-untrusted"}),
    ("chained intermediate-expired", "chain-expired", INTERMEDIATE, {"certificate-chain"}),
    ("by-no-authority chained intermediate", "chain-invalid", "CN=localhost",
     {"certificate-chain", "certificate-name-mismatch"}),
    ("server", "self-signed", None, set()),
    # The name and the dates are told besides.
    ("chained-other-name intermediate", "trusted", "CN=rdpwhy test root",
     {"certificate-name-mismatch"}),
    ("chained-expired intermediate", "trusted", "CN=rdpwhy test root", {"certificate-expired"}),
)


class Trust(LiveTest):
    @classmethod
    def setUpClass(cls):
        cls.peer = Peer("--fault", "healthy-tls")
        cls.peer.__enter__()
        cls.addClassCleanup(cls.peer.__exit__)
        cls.scratch = tempfile.TemporaryDirectory(prefix="rdpwhy-live-")
        cls.addClassCleanup(cls.scratch.cleanup)

    def path(self, name):
        return os.path.join(self.scratch.name, name)

    def front(self, names):
        chain = self.path(names.replace(" ", "-") + ".pem")
        with open(chain, "w", encoding="ascii") as out:
            for name in names.split():
                with open(os.path.join(CERTIFICATES, name + ".crt"), encoding="ascii") as file:
                    out.write(file.read())
        key = "ec" if names.startswith("by-no-authority") else "server"
        return TlsFront(self.peer.port, chain, os.path.join(CERTIFICATES, key + ".key"))

    def check(self, run, chain, told):
        """The certificate's judgement and the findings on certificates in a run's records."""
        attempt, = run.of("attempt")
        _, trust, authority, findings = chain
        certificate = attempt["tls"]["certificate"]
        self.assertEqual((certificate.get("trust"), certificate.get("authority")),
                         (trust, authority), json.dumps(certificate, indent=1))
        found = {one["rule"] for one in run.of("host")[0]["findings"]
                 if one["rule"].startswith("certificate")}
        self.assertEqual(found, findings, told)

    def test_chains(self):
        for chain in CHAINS:
            with self.subTest(chain[0]), self.front(chain[0]) as front:
                where = self.path(chain[0].replace(" ", "-"))
                trace = where + ".jsonl"
                run = probe("-p", "tls", "--ca", ROOT, "--capture", where, "--trace", trace,
                            "localhost:%d" % front.port, env=servers.environment(**ALONE))
                self.attempts(run, 0)
                self.check(run, chain, "live")
                capture, = glob.glob(os.path.join(where, "*.pcapng"))
                for command, file in (("pcap", capture), ("replay", trace)):
                    again = rdpwhy(command, "-r", "jsonl", "--ca", ROOT, file,
                                   env=servers.environment(**ALONE))
                    self.check(again, (*chain[:3], self.offline(again, chain[3])), command)

    @staticmethod
    def offline(run, findings):
        """A capture has no name: the certificate is held against the address."""
        address = run.of("attempt")[0]["target"].startswith("127.")
        names = run.of("attempt")[0]["tls"]["certificate"].get("names", [])
        return findings | ({"certificate-name-mismatch"}
                           if address and "127.0.0.1" not in names else set())

    def test_unknown_root(self):
        """A whole chain to a root that nobody named; and no authorities at all: no judgement."""
        with self.front("chained intermediate root") as front:
            target = "localhost:%d" % front.port
            other = probe("-p", "tls", "--ca", os.path.join(CERTIFICATES, "server.crt"), target,
                          env=servers.environment(**ALONE))
            self.check(other, ("", "unknown-issuer", "CN=rdpwhy test root",
                               {"certificate-untrusted"}), "another root")
            none = probe("-p", "tls", target, env=servers.environment(**ALONE))
            self.check(none, ("", None, None, set()), "no authorities")
            self.assertEqual(none.status, 0)

    def test_system(self):
        """The authorities that OpenSSL's own variables name are this computer's."""
        with self.front("chained intermediate") as front:
            run = probe("-p", "tls", "localhost:%d" % front.port,
                        env=servers.environment(**{**ALONE, "SSL_CERT_FILE": ROOT}))
            self.check(run, CHAINS[0], "system")

    def test_requirement(self):
        for names, status, fact in (("chained intermediate", 0, None),
                                    ("chained", 1, "tls unknown-issuer")):
            with self.subTest(names), self.front(names) as front:
                run = probe("-p", "tls", "--require", "trusted", "--ca", ROOT,
                            "localhost:%d" % front.port, env=servers.environment(**ALONE))
                self.assertEqual(run.status, status, str(run))
                unmet = [one["summary"] for one in run.of("host")[0]["findings"]
                         if one["rule"] == "require-trusted"]
                self.assertEqual(unmet, ["The requirement trusted is not met: %s." % fact]
                                 if fact else [])

    def test_diff(self):
        """A chain that no longer leads to an authority is worse, and one that does again better."""
        files = []
        for names in ("chained intermediate", "chained"):
            with self.front(names) as front:
                file = self.path("run-%d.jsonl" % len(files))
                probe("-p", "tls", "--ca", ROOT, "--save", file, "localhost:%d" % front.port,
                      env=servers.environment(**ALONE))
            # the second front has another port
            with open(file, encoding="utf-8") as saved:
                text = saved.read().replace(":%d" % front.port, ":1")
            with open(file, "w", encoding="utf-8") as saved:
                saved.write(text)
            files.append(file)
        for order, word, status in ((files, "worse", 3), (files[::-1], "better", 0)):
            run = rdpwhy("diff", "-r", "jsonl", *order)
            self.assertEqual(run.status, status, str(run))
            changes = [(one["what"], one["class"]) for one in run.of("change")
                       if one["what"].startswith("certificate")]
            self.assertEqual(changes, [("certificate-trust", word)], str(run))


if __name__ == "__main__":
    servers.main()
