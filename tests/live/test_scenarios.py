"""Broken hosts from end to end: default profiles, real connections, findings.

`rdpwhy-peer --scenario` plays one host on one port. The first table says for each what must be
found, first of all findings, and what must not be. The second goes through the causes that the web
offers for 0x904/0x7: each has a host in which it is named, and one whose client shows the same pair
of codes for another reason, in which it is not.
"""

import concurrent.futures
import tempfile

import servers
from servers import LiveTest, Peer, environment, probe, rdpwhy

AT_ONCE = 4
RIGHT, WRONG = "bar", "not-bar"

# scenario: (password or None, further arguments, exit code, state, first finding, never)
SCENARIOS = {
    "healthy": (None, (), 0, "healthy", "everything-works", ("certificate-unusable",)),
    "nla-required": (RIGHT, (), 0, "healthy", "everything-works",
                     ("logon-failure", "nla-certificate-broken")),
    "certificate-unusable": (None, (), 1, "degraded", "certificate-unusable",
                             ("closed-before-answer", "tls-fails", "everything-works")),
    "tls-version-mismatch": (None, (), 1, "degraded", "tls-fails", ("certificate-unusable",)),
    "nla-certificate-broken": (None, (), 1, "broken", "nla-certificate-broken",
                               ("certificate-unusable", "logon-failure")),
    "certificate-missing": (None, (), 1, "degraded", "certificate-missing",
                            ("certificate-unusable",)),
    "certificate-expired": (None, (), 0, "healthy", "certificate-expired",
                            ("certificate-unusable",)),
    "firewall-reset": (None, (), 1, "broken", "closed-before-answer",
                       ("certificate-unusable", "tls-fails", "silent-listener")),
    "hung-listener": (None, ("-p", "negotiate,rdp"), 1, "broken", "silent-listener",
                      ("port-filtered", "closed-before-answer")),
    "overload": (None, ("-p", "tls", "--repeat", "4"), 1, "degraded", "flaky",
                 ("closed-before-answer", "offer-closed")),
    "license-server-missing": (None, (), 1, "broken", "license-server-missing",
                               ("license-store-bad", "license-refused")),
    "license-refused": (None, (), 1, "broken", "license-refused", ("license-server-missing",)),
    "wrong-password": (WRONG, (), 1, "degraded", "logon-failure",
                       ("account-locked", "nla-certificate-broken")),
    "account-locked": (RIGHT, (), 1, "degraded", "account-locked", ("logon-failure",)),
    "tls-inspection": (RIGHT, (), 1, "broken", "public-key-mismatch",
                       ("logon-failure", "protocol-violation")),
    "server-denied": (None, (), 1, "broken", "server-denied", ("license-refused",)),
    "session-fails": (None, (), 1, "broken", "closed-before-active", ("licensing-closed",)),
    "redirected": (None, (), 0, "healthy", "redirected", ("closed-before-active",)),
    "offer-closed": (None, (), 1, "degraded", "offer-closed", ("closed-before-answer",)),
    "standard-security-only": (None, (), 1, "degraded", "standard-security-only",
                               ("certificate-unusable",)),
    "web-server": (None, (), 1, "broken", "not-rdp", ("silent-listener",)),
}

# What the web says of 0x904/0x7: (the rule that names it, a host where it is so, a host where it is
# not). The license cache, name resolution and a port that is filtered have tests of their own below.
FOLKLORE = {
    "renew the certificate": ("certificate-unusable", "certificate-unusable", "firewall-reset"),
    "renew the certificate, NLA": ("nla-certificate-broken", "nla-certificate-broken",
                                   "wrong-password"),
    "buy licenses": ("license-refused", "license-refused", "license-server-missing"),
    "toggle NLA": ("nla-required", "nla-required", "session-fails"),
    "clear the credentials": ("logon-failure", "wrong-password", "tls-inspection"),
    "open the firewall": ("closed-before-answer", "firewall-reset", "certificate-unusable"),
    "the server is overloaded": ("flaky", "overload", "firewall-reset"),
    "the server hangs": ("silent-listener", "hung-listener", "firewall-reset"),
}


def ask(name):
    """Probes one scenario as its row says."""
    password, arguments = SCENARIOS[name][:2]
    env = None
    if password:
        arguments += ("--until", "active", "-u", Peer.USER, "--no-follow")
        env = environment(RDPWHY_PASSWORD=password)
    with Peer("--scenario", name) as peer:
        return probe("-t", "4", *arguments, "127.0.0.1:%d" % peer.port, env=env)


def rules(run):
    host, = run.of("host")
    return [finding["rule"] for finding in host["findings"]]


class ScenarioTest(LiveTest):
    @classmethod
    def setUpClass(cls):
        servers.need(servers.RDPWHY_PEER, "no rdpwhy-peer was built")
        with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
            cls.runs = dict(zip(SCENARIOS, pool.map(ask, SCENARIOS)))

    def test_findings(self):
        for name, (_, _, status, state, first, never) in SCENARIOS.items():
            with self.subTest(scenario=name):
                run = self.runs[name]
                self.attempts(run, status)
                host, = run.of("host")
                self.assertEqual(host["state"], state, str(run))
                self.assertEqual(rules(run)[:1], [first], str(run))
                for rule in never:
                    self.assertNotIn(rule, rules(run))

    def test_most_severe_first(self):
        order = ["error", "warning", "info"]
        for name, run in self.runs.items():
            host, = run.of("host")
            severities = [order.index(finding["severity"]) for finding in host["findings"]]
            self.assertEqual(severities, sorted(severities), name)

    def test_findings_rest_on_attempts(self):
        for name, run in self.runs.items():
            ordinals = {attempt["ordinal"] for attempt in run.of("attempt")}
            for finding in run.of("host")[0]["findings"]:
                with self.subTest(scenario=name, rule=finding["rule"]):
                    self.assertTrue(finding["attempts"])
                    self.assertLessEqual(set(finding["attempts"]), ordinals)
                    for part in ("summary", "because", "causes", "checks", "remedies"):
                        self.assertTrue(finding.get(part), part)
                        self.assertNotIn("{target}", "".join(finding[part]))

    def test_folklore(self):
        for advice, (rule, where, elsewhere) in FOLKLORE.items():
            with self.subTest(advice=advice):
                self.assertIn(rule, rules(self.runs[where]))
                self.assertNotIn(rule, rules(self.runs[elsewhere]))

    def test_name_resolution(self):
        run = probe("-p", "negotiate", "no-such-host.invalid")
        self.assertEqual(rules(run)[0], "name-not-resolved", str(run))
        self.assertEqual(run.of("host")[0]["state"], "unreachable")
        self.assertNotIn("name-not-resolved", rules(self.runs["firewall-reset"]))

    def test_license_cache(self):
        """The stored license is at fault only where a fresh one is issued."""
        with tempfile.TemporaryDirectory() as state, \
                Peer("--fault", "license-error-2-after-info") as peer:
            run = probe("-p", "tls", "-l", "fresh,stored", "127.0.0.1:%d" % peer.port,
                        env=environment(XDG_STATE_HOME=state))
        self.assertEqual(rules(run)[0], "license-store-bad", str(run))
        self.assertEqual(run.of("host")[0]["state"], "degraded")
        self.assertNotIn("license-store-bad", rules(self.runs["license-refused"]))

    def test_offer_closed_each_time(self):
        """Once it may be chance; what is refused every time is policy."""
        with Peer("--scenario", "offer-closed") as peer:
            run = probe("-t", "4", "--repeat", "3", "127.0.0.1:%d" % peer.port)
        self.assertEqual(run.of("host")[0]["state"], "healthy", str(run))
        self.assertIn("offer-closed", rules(run))

    def test_port_refused(self):
        run = probe("-p", "negotiate", "127.0.0.1:%d" % servers.free_port())
        self.assertEqual(rules(run)[0], "port-refused", str(run))

    def test_spread(self):
        host, = self.runs["overload"].of("host")
        whole = [spread for spread in host["spreads"] if "phase" not in spread]
        self.assertEqual([spread["count"] for spread in whole], [2])

    def test_the_answer_is_in_the_first_three_lines(self):
        with Peer("--scenario", "certificate-unusable") as peer:
            run = rdpwhy("probe", "127.0.0.1:%d" % peer.port)
        answer = " ".join(run.stdout.splitlines()[:3])
        self.assertIn("degraded", answer)
        self.assertIn("TLS fails in all", answer)
        self.assertIn("certificate", answer)
        headings = [line for line in run.stdout.splitlines() if line and not line.startswith(" ")]
        after = headings.index("Most likely")
        self.assertEqual(headings[after:after + 2], ["Most likely", "Check next"], run.stdout)
        self.assertTrue(headings[after + 2].startswith("PROFILE"), run.stdout)
        self.assertTrue(headings[-1].startswith("-v shows"), run.stdout)

    def test_rejected_account_is_used_once(self):
        host, = self.runs["wrong-password"].of("host")
        self.assertEqual(host["footprint"]["authentications"], 1)


class SameSymptomTest(LiveTest):
    """The pair 0x904/0x7 comes with very different findings."""

    def test_same_codes(self):
        pairs = {}
        for name in ("certificate-unusable", "firewall-reset", "session-fails", "server-denied"):
            for attempt in ask(name).of("attempt"):
                mstsc = attempt.get("mstsc")
                if mstsc:
                    pairs.setdefault((mstsc["code"], mstsc.get("extended")), set()).add(name)
        self.assertEqual(pairs.get(("0x904", "0x7")),
                         {"certificate-unusable", "firewall-reset", "session-fails",
                          "server-denied"})


if __name__ == "__main__":
    servers.main()
