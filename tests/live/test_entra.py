"""Accounts of Entra ID: AzureAD\\USER is not sent through NTLM, unless --force-logon says so."""

import servers
from servers import LiveTest, Peer, environment, probe, rdpwhy

PASSWORD = "Cloud-Horse-3"


class Entra(LiveTest):
    @classmethod
    def setUpClass(cls):
        cls.peer = cls.enterClassContext(Peer("--fault", "healthy-nla"))
        cls.target = "127.0.0.1:%d" % cls.peer.port

    def run_as(self, user, *arguments):
        return probe("-u", user, *arguments, self.target,
                     env=environment(RDPWHY_PASSWORD=PASSWORD))

    def footprint(self, run):
        return run.of("host")[0]["footprint"]["authentications"]

    def test_withheld(self):
        run = self.run_as("AzureAD\\tess@contoso.example")
        attempts = self.attempts(run)
        self.assertIn("aad", attempts)  # beside the default ones
        for name in "negotiate", "nla", "nla-ext":
            self.verdict(attempts[name], outcome="stopped", phase="credssp")
            self.assertIn("Entra ID", attempts[name]["reason"])
            self.assertNotIn("credentials_sent", attempts[name])
        self.assertEqual(self.footprint(run), 0)
        self.assertIn("entra-account", [row["rule"] for row in run.of("host")[0]["findings"]])
        self.assertNotIn(PASSWORD, str(run))

    def test_text(self):
        run = rdpwhy("probe", "-u", "azuread\\tess", self.target,
                     env=environment(RDPWHY_PASSWORD=PASSWORD))
        self.assertIn("The account is of Entra ID", run.stdout)
        self.assertIn("0 logons with real credentials", run.stdout)

    def test_forced(self):
        run = self.run_as("AzureAD\\tess", "-p", "nla", "--force-logon")
        self.assertEqual(list(self.attempts(run)), ["nla"])
        self.assertEqual(self.footprint(run), 1)
        self.assertNotIn("entra-account", [row["rule"] for row in run.of("host")[0]["findings"]])

    def test_others(self):
        """Only that form says whose account it is."""
        for user in "tess@contoso.onmicrosoft.com", "CONTOSO\\tess":
            run = self.run_as(user, "-p", "nla")
            self.assertEqual(self.footprint(run), 1, run)

    def test_needs_user(self):
        run = rdpwhy("probe", "--force-logon", self.target)
        self.assertEqual((run.status, "--force-logon needs --user" in run.stderr), (2, True), run)


if __name__ == "__main__":
    servers.main()
