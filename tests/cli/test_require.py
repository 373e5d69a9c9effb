# SPDX-License-Identifier: Apache-2.0
"""--require and --require-file: rules that are met, that are not, and that are none."""
import json

import support
from support import CliTest, Closed, Peer, rdpwhy


class Met(CliTest):
    RULES = ("no-rdp-security", "tls>=1.2", "cert-days>=30", "cert-name", "cert-valid",
             "key>=2048", "license=valid-client", "time<=60s", "state=healthy", "phase>=licensing")

    def probe(self, *arguments, target):
        return rdpwhy("probe", "-r", "jsonl", "-p", "negotiate,rdp,tls", *arguments, target)

    def host(self, run):
        return [json.loads(line) for line in run.out.splitlines()][-2]

    def test_all_met(self):
        rules = [word for rule in self.RULES for word in ("--require", rule)]
        with Peer("healthy-tls") as target:
            host = self.host(self.check(self.probe(*rules, target=target), 0, err=""))
        self.assertEqual([r["requirement"] for r in host["requirements"]], list(self.RULES))
        self.assertTrue(all(r["met"] for r in host["requirements"]), host)
        self.assertNotIn("error", [f["severity"] for f in host["findings"]])

    def test_one_is_not(self):
        with Peer("healthy-tls") as target:
            host = self.host(self.check(self.probe("--require", "key>=4096", "--require",
                                                   "tls>=1.2", target=target), 1, err=""))
        self.assertEqual(host["state"], "healthy")
        self.assertEqual([r["met"] for r in host["requirements"]], [False, True])
        finding = host["findings"][0]
        self.assertEqual((finding["rule"], finding["severity"]), ("require-key", "error"))
        self.assertIn("key>=4096", finding["summary"])
        self.assertEqual(finding["attempts"], [1, 3])

    def test_text(self):
        with Peer("healthy-tls") as target:
            run = self.check(rdpwhy("probe", "-p", "tls", "--require", "nla", target), 1, err="")
        self.assertIn("The requirement nla is not met: tls accepted without Network Level", run.out)

    def test_unmeasured_is_not_met(self):
        with Closed() as target:
            run = self.check(rdpwhy("probe", "-p", "tls", "--require", "skew<=5m", target), 1)
        self.assertIn("The requirement skew<=5m is not met: no attempt saw the server's NTLM "
                      "challenge.", " ".join(run.out.split()))

    def test_one_host_of_many(self):
        with Peer("healthy-tls") as good, Peer("certificate-weak") as bad:
            run = self.check(rdpwhy("probe", "-r", "jsonl", "-p", "tls", "--require", "key>=2048",
                                    good, bad), 1)
        hosts = [json.loads(line) for line in run.out.splitlines() if '"record":"host"' in line]
        self.assertEqual({h["target"]: h["requirements"][0]["met"] for h in hosts},
                         {good: True, bad: False})

    def test_file(self):
        path = self.write("rules", "# ours\n\nkey >= 2048  # NIST\ntls>=1.2\n")
        with Peer("healthy-tls") as target:
            self.check(self.probe("--require-file", path, target=target), 0, err="")
            run = rdpwhy("probe", "-r", "jsonl", "-p", "tls", "--require-file", "-", target,
                         stdin=b"nla\n")
            self.check(run, 1, err="")


class Wrong(CliTest):
    CASES = (
        ("tls=>1.2", "--require: '>1.2' is not one of 1.0, 1.1, 1.2, 1.3"),
        ("nla=1", "--require: 'nla=1' must have the form nla"),
        ("cert-days", "--require: 'cert-days' must have the form cert-days>=DAYS"),
        ("phase>=logon", "--require: 'logon' is not one of resolve, connect, proxy, "
                         "gateway-tls, gateway-http, gateway-handshake, gateway-tunnel, "
                         "gateway-authorization, gateway-channel, negotiation, tls, "
                         "kerberos, credssp, rdstls, aad, basic-settings, channel-connection, "
                         "security-commencement, secure-settings, auto-detect, licensing, "
                         "multitransport, capabilities, finalization, active, session"),
    )

    def test_messages(self):
        for rule, message in self.CASES:
            with self.subTest(rule):
                self.check(rdpwhy("probe", "--require", rule, "srv1.invalid"), 2, out="",
                           err="rdpwhy: %s\n" % message)

    def test_unknown_comes_with_the_list(self):
        listed = [line.split("\t")[1].split(": ")[0] for line in rdpwhy("list", "requirements").out.splitlines()]
        self.assertGreater(len(listed), 10)
        self.check(rdpwhy("probe", "--require", "cert-size>=3", "srv1.invalid"), 2, out="",
                   err="rdpwhy: --require: unknown requirement 'cert-size', there are %s\n"
                       % ", ".join(listed))

    def test_file_names_the_line(self):
        path = self.write("rules", "nla\n\ntls>=9\n")
        self.check(rdpwhy("probe", "--require-file", path, "srv1.invalid"), 2, out="",
                   err="rdpwhy: %s: line 3: '9' is not one of 1.0, 1.1, 1.2, 1.3\n" % path)
        self.check(rdpwhy("probe", "--require-file", self.path("none"), "srv1.invalid"), 2, out="",
                   err="rdpwhy: --require-file: cannot read '%s': No such file or directory\n"
                       % self.path("none"))


if __name__ == "__main__":
    support.main()
