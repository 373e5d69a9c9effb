"""A second KDC, Samba's: account states that Windows has and MIT's KDC has not, and what a domain
controller says beside the code of Kerberos."""

import servers
from servers import LiveTest, Peer, SambaDc, environment, probe, resolving

HOST = "srv.samba.lan"

# Account; what is done to it; the code and the rule that come of it. Samba's KDC leaves the NTSTATUS
# out where an account is locked: the finding then names what the code may stand for.
DISABLED, EXPIRED, HOURS, CHANGE = 0xC0000072, 0xC0000193, 0xC000006F, 0xC0000224


class Samba(LiveTest):
    @classmethod
    def setUpClass(cls):
        cls.dc, cls.peer = SambaDc(), Peer("--fault", "healthy-nla")
        for server in cls.dc, cls.peer:
            server.__enter__()
            cls.addClassCleanup(server.__exit__)
        cls.prefix = resolving(HOST)

    def probe(self, account, profiles="nla-kerberos", password=SambaDc.PASSWORD):
        return probe("-p", profiles, "-t", "20",
                     "--until", "active", "-u", account, "%s:%d" % (HOST, self.peer.port),
                     prefix=self.prefix,
                     env=environment(KRB5_CONFIG=self.dc.path("krb5.conf"),
                                     RDPWHY_PASSWORD=password))

    def refused(self, account, space, code, rule):
        run = self.probe(account)
        attempt = self.attempts(run, status=1)["nla-kerberos"]
        self.verdict(attempt, outcome="refused", phase="kerberos", ending="kerberos-error",
                     closed_by="kdc", answer="account")
        self.assertEqual((attempt["code"]["space"], attempt["code"]["value"]), (space, code))
        self.assertIn("AS exchange", attempt["reason"])
        self.assertIn(rule, [finding["rule"] for finding in run.of("host")[0]["findings"]])
        self.assertEqual(run.of("host")[0]["footprint"]["authentications"], 1)
        return attempt

    def test_right(self):
        """The account is proven; the domain has no such server."""
        attempt = self.attempts(self.probe(self.dc.user("right")), status=1)["nla-kerberos"]
        self.assertEqual((attempt["code"]["space"], attempt["code"]["value"]), ("kerberos", 7))
        self.assertEqual(attempt["kerberos"]["steps"], ["kdc", "as"])

    def test_disabled(self):
        account = self.dc.user("disabled")
        self.dc.tool("user", "disable", "disabled")
        attempt = self.refused(account, "ntstatus", DISABLED, "account-disabled")
        self.assertEqual(attempt["kerberos"]["error"], 18)

    def test_must_change(self):
        account = self.dc.user("change", "--must-change-at-next-login")
        self.assertEqual(self.refused(account, "ntstatus", CHANGE, "password-expired")
                         ["kerberos"]["error"], 23)

    def test_expired(self):
        account = self.dc.user("expired")
        self.dc.alter("expired", "accountExpires", ": 130000000000000000")
        self.refused(account, "ntstatus", EXPIRED, "account-expired")

    def test_logon_hours(self):
        account = self.dc.user("hours")
        self.dc.alter("hours", "logonHours", ":: " + "A" * 28)  # 21 bytes: at no hour of the week
        self.refused(account, "ntstatus", HOURS, "account-restricted")

    def test_locked_out(self):
        """By the domain's policy, after one wrong password."""
        self.dc.tool("domain", "passwordsettings", "set", "--account-lockout-threshold=1")
        account = self.dc.user("locked")
        run = self.probe(account, password="Wrong-Horse-8")
        attempt = self.attempts(run, status=1)["nla-kerberos"]
        self.assertEqual((attempt["code"]["space"], attempt["code"]["value"]), ("kerberos", 24))
        self.refused(account, "kerberos", 18, "account-revoked")

    def test_protected_user(self):
        """Its password is right for Kerberos, whatever NTLM says of it."""
        account = self.dc.user("protected")
        self.dc.tool("group", "addmembers", "Protected Users", "protected")
        run = self.probe(account, "nla")  # as clients do: there is no such service, so NTLM
        attempt = self.attempts(run)["nla"]
        self.assertIn("as", attempt["kerberos"]["steps"])
        self.assertEqual(attempt["credssp"]["package"], "ntlm")
        rules = {finding["rule"]: finding for finding in run.of("host")[0]["findings"]}
        self.assertIn("although the password is right", rules["kerberos-only"]["summary"])
        self.assertNotIn("logon-failure", rules)


if __name__ == "__main__":
    servers.main()
