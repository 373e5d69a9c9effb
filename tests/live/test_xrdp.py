"""xrdp with each of its security layers: what an ordinary server's handshake looks like."""

import time
import unittest

import servers
from servers import LiveTest, Xrdp, probe

PROFILES = {"negotiate", "rdp", "tls", "nla", "nla-ext"}


class XrdpTest(LiveTest):
    def probe(self, server):
        """The default profiles against |server|; attempts by profile."""
        run = probe("-t", "20", "127.0.0.1:%d" % server.port, timeout=180)
        attempts = self.attempts(run)
        self.assertEqual(set(attempts), PROFILES)
        self.host = run.of("host")[0]
        self.assertEqual(self.host["server"]["kind"], "xrdp")
        self.assertEqual(self.host["server"]["kind_basis"], "certain")
        return attempts

    def completed(self, attempt, selected):
        self.verdict(attempt, outcome="completed", phase="active", ending="done",
                     closed_by="client")
        self.assertNotIn("mstsc", attempt)
        self.assertIn("the session was still up 200 ms after Font Map", attempt["reason"])
        self.assertEqual(attempt["negotiation"]["selected"], selected)
        phases = [entry["phase"] for entry in attempt["phases"]]
        for phase in ("connect", "negotiation", "basic-settings", "channel-connection",
                      "secure-settings", "licensing", "capabilities", "finalization"):
            self.assertIn(phase, phases)
        self.assertEqual(phases, sorted(phases, key=ORDER.index))
        starts = [entry["start_us"] for entry in attempt["phases"]]
        self.assertEqual(starts, sorted(starts))
        self.assertIn("version", attempt["server"])

    def licensed(self, attempt):
        """No license is needed, whether xrdp asks for one first or not."""
        asks = Xrdp.asks_for_license()
        license = attempt["license"]
        self.assertEqual(license["result"], "valid-client")
        self.assertEqual(license["messages"][0],
                         "LICENSE_REQUEST" if asks else "STATUS_VALID_CLIENT")
        self.assertEqual(license["messages"][-1], "STATUS_VALID_CLIENT")
        self.assertEqual("request" in license, asks)

    def certified(self, attempt):
        certificate = attempt["tls"]["certificate"]
        self.assertEqual(certificate["subject"], "CN=" + Xrdp.COMMON_NAME)
        self.assertEqual(certificate["issuer"], "CN=" + Xrdp.COMMON_NAME)
        self.assertEqual(certificate["key"], "RSA 2048")
        self.assertEqual(certificate["signature"], "sha256WithRSAEncryption")
        self.assertTrue(certificate["self_signed"])
        self.assertFalse(certificate["expired"])
        self.assertFalse(certificate["name_matches"])
        self.assertIn(attempt["tls"]["version"], ("TLSv1.2", "TLSv1.3"))

    def test_listens_on(self):
        """A session is listened to as long as was asked, and that is none of its duration."""
        with Xrdp("tls") as server:
            began = time.monotonic()
            run = probe("-t", "20", "-p", "tls", "--linger", "1.5", "127.0.0.1:%d" % server.port)
            took = time.monotonic() - began
        attempt = self.attempts(run, status=0)["tls"]
        self.assertIn("the session was still up 1500 ms after Font Map", attempt["reason"])
        self.assertGreaterEqual(took - attempt["duration_us"] / 1e6, 1.5)

    def test_tls(self):
        with Xrdp("tls") as server:
            attempts = self.probe(server)
        for profile in ("negotiate", "tls"):
            self.completed(attempts[profile], "SSL")
            self.certified(attempts[profile])
            self.licensed(attempts[profile])
        # asked as mstsc asks, with RDP_NEG_REQ, xrdp says what it wants
        self.verdict(attempts["rdp"], outcome="refused", phase="negotiation",
                     ending="negotiation-failure", closed_by="server")
        self.assertEqual(attempts["rdp"]["code"]["name"], "SSL_REQUIRED_BY_SERVER")
        # NLA is an offer of SSL too, and that is what xrdp picks
        for profile in ("nla", "nla-ext"):
            self.verdict(attempts[profile], outcome="stopped", phase="negotiation", ending="stop")
            self.assertEqual(attempts[profile]["negotiation"]["selected"], "SSL")

    def test_nla_without_tls(self):
        """xrdp knows no NLA: asked for it alone it names TLS, or selects what was not offered."""
        for layer, outcome, rest in (
                ("tls", "refused", {"ending": "negotiation-failure", "closed_by": "server"}),
                ("negotiate", "stopped", {"ending": "stop", "closed_by": "client"})):
            with self.subTest(layer), Xrdp(layer) as server:
                run = probe("-p", "nla-only,nla-ext-only", "127.0.0.1:%d" % server.port)
                attempts = self.attempts(run, status=1)
                self.assertEqual(attempts["nla-only"]["negotiation"]["requested"], ["HYBRID"])
                self.assertEqual(attempts["nla-ext-only"]["negotiation"]["requested"],
                                 ["HYBRID", "HYBRID_EX"])
                for attempt in attempts.values():
                    self.verdict(attempt, outcome=outcome, phase="negotiation", **rest)
                self.assertEqual([f["rule"] for f in run.of("host")[0]["findings"]],
                                 ["nla-without-tls"])

    def test_rdp(self):
        with Xrdp("rdp") as server:
            attempts = self.probe(server)
        self.completed(attempts["rdp"], "RDP")
        self.licensed(attempts["rdp"])
        self.assertNotIn("tls", attempts["rdp"])
        self.assertIn("method", attempts["rdp"]["security"])
        for profile in ("tls", "nla", "nla-ext"):
            self.assertEqual(attempts[profile]["phase"], "negotiation")
            self.assertNotEqual(attempts[profile]["outcome"], "completed")

    def test_negotiate(self):
        with Xrdp("negotiate") as server:
            attempts = self.probe(server)
        self.completed(attempts["tls"], "SSL")
        self.completed(attempts["rdp"], "RDP")
        self.completed(attempts["negotiate"], "SSL")


ORDER = ["resolve", "connect", "negotiation", "tls", "credssp", "rdstls", "aad", "basic-settings",
         "channel-connection", "security-commencement", "secure-settings", "auto-detect",
         "licensing", "multitransport", "capabilities", "finalization", "active"]

if __name__ == "__main__":
    servers.main()
