"""Kerberos with real parts: MIT's KDC, and FreeRDP's shadow server with a keytab."""

import contextlib
import glob
import os
import socket
import tempfile

import servers
from servers import Kdc, LiveTest, Shadow, Silent, environment, free_port, probe, rdpwhy, resolving

HOST, ALIAS = "srv.test.lan", "alias.test.lan"
ACCOUNT = "%s@%s" % (Kdc.USER, Kdc.REALM)
WRONG = "Wrong-Horse-8"
RC4 = "rc4-hmac:normal"


class Kerberos(LiveTest):
    def setUp(self):
        """A KDC, and a server that has a key for Kerberos, and another password for NTLM."""
        with contextlib.ExitStack() as stack:
            self.kdc = stack.enter_context(Kdc())
            keytab = self.kdc.service(HOST)
            self.shadow = stack.enter_context(
                Shadow(keytab=keytab, env={"KRB5_CONFIG": self.kdc.path("krb5.conf")},
                       hashed="another password"))
            self.prefix = resolving(HOST, ALIAS)
            self.addCleanup(stack.pop_all().close)

    def probe(self, profiles, *arguments, host=HOST, account=ACCOUNT, password=Kdc.PASSWORD,
              config=None, **more):
        env = environment(KRB5_CONFIG=config or self.kdc.path("krb5.conf"), **more)
        if password:
            env["RDPWHY_PASSWORD"] = password
        env.pop("KRB5CCNAME", None) if "KRB5CCNAME" not in more else None
        return probe("-p", profiles, "-t", "20", "--until", "active", "-u", account, *arguments,
                     "%s:%d" % (host, self.shadow.port), env=env, prefix=self.prefix)

    def host(self, run):
        return run.of("host")[0]

    def findings(self, run):
        return {finding["rule"]: finding for finding in self.host(run)["findings"]}

    def refused(self, run, code, rule, step):
        """The KDC ended it with |code| in the exchange |step|, which |rule| tells."""
        attempt = self.attempts(run, status=1)["nla-kerberos"]
        self.verdict(attempt, outcome="refused", phase="kerberos", ending="kerberos-error",
                     closed_by="kdc")
        self.assertEqual((attempt["code"]["space"], attempt["code"]["value"]), ("kerberos", code))
        self.assertIn(step, attempt["reason"])
        self.assertIn(rule, self.findings(run))
        return attempt

    def test_pair(self):
        """NTLM wrong and Kerberos right on one server: NTLM is blocked, nobody's password is wrong."""
        run = self.probe("nla-kerberos,nla-ntlm")
        attempts = self.attempts(run, status=1)
        kerberos, ntlm = attempts["nla-kerberos"], attempts["nla-ntlm"]
        self.verdict(kerberos, outcome="completed", phase="active")
        self.assertIn(kerberos["credssp"]["package"], ("kerberos", "kerberos-u2u"))
        self.assertEqual(kerberos["kerberos"]["steps"], ["kdc", "as", "tgs", "ap"])
        self.assertEqual(len(kerberos["kerberos"]["steps_us"]), 4)
        self.assertIn("TERMSRV/%s@%s aes256" % (HOST, Kdc.REALM), kerberos["kerberos"]["ticket"])
        self.assertIn("kerberos", [entry["phase"] for entry in kerberos["phases"]])
        self.verdict(ntlm, outcome="refused", phase="credssp", answer="ntlm")
        self.assertEqual(ntlm["credssp"]["package"], "ntlm")
        finding = self.findings(run)["kerberos-only"]
        self.assertIn("NTLM is not accepted, Kerberos is", finding["summary"])
        self.assertNotIn("logon-failure", self.findings(run))
        footprint = self.host(run)["footprint"]
        self.assertEqual(footprint["authentications"], 2)
        self.assertEqual(footprint["as_requests"], 2)  # without a proof, and with it
        self.assertGreaterEqual(footprint["tgs_requests"], 1)

    def test_as_mstsc(self):
        """`nla` offers both, and Kerberos is what it uses; `DOMAIN\\user` finds the realm, too."""
        for account in (ACCOUNT, "TEST\\" + Kdc.USER):
            attempt = self.attempts(self.probe("nla", account=account), status=0)["nla"]
            self.assertEqual(attempt["outcome"], "completed")
            self.assertTrue(attempt["credssp"]["package"].startswith("kerberos"), attempt)

    def test_wrong_password(self):
        """It is used once, at the KDC, and the server never sees it."""
        run = self.probe("nla-kerberos,nla-ntlm,nla", password=WRONG)
        attempt = self.refused(run, 24, "kdc-logon-failure", "AS exchange")
        self.assertEqual(attempt["kerberos"]["as_requests"], 2)
        self.assertEqual(self.host(run)["footprint"]["authentications"], 1)
        for other in ("nla-ntlm", "nla"):
            self.assertEqual(self.attempts(run)[other]["outcome"], "skipped")
        failed = self.kdc.admin("getprinc " + Kdc.USER)
        self.assertIn("Failed password attempts: 1\n", failed)
        self.kdc.admin("modprinc -unlock " + Kdc.USER)
        with tempfile.TemporaryDirectory() as directory:
            trace = os.path.join(directory, "trace")
            self.probe("nla-kerberos", "--trace", trace)
            with open(trace, "rb") as file:
                self.assertNotIn(Kdc.PASSWORD.encode(), file.read())

    def test_by_address_and_alias(self):
        for host in ("127.0.0.1", ALIAS):
            run = self.probe("nla-kerberos", host=host)
            self.refused(run, 7, "spn-unknown", "TERMSRV/" + host)
        run = self.probe("nla", host=ALIAS)  # as clients do: NTLM, and that one is refused
        attempt = self.attempts(run, status=1)["nla"]
        self.assertEqual(attempt["credssp"]["package"], "ntlm")
        self.assertEqual(attempt["answer"], "ntlm")
        self.assertIn("spn-unknown", self.findings(run))
        self.assertIn("although the password is right", self.findings(run)["kerberos-only"]["summary"])

    def test_account_states(self):
        rows = (("-allow_tix", "+allow_tix", 18, "account-revoked"),
                ("-expire yesterday", "-expire never", 1, "account-expired"),
                ("-pwexpire yesterday", "-pwexpire never", 23, "password-expired"))
        for change, back, code, rule in rows:
            self.kdc.admin("modprinc %s %s" % (change, Kdc.USER))
            try:
                self.refused(self.probe("nla-kerberos"), code, rule, "AS exchange")
            finally:
                self.kdc.admin("modprinc %s %s" % (back, Kdc.USER))
        self.refused(self.probe("nla-kerberos", account="nobody@" + Kdc.REALM), 6, "kdc-logon-failure",
                     "AS exchange")

    def test_encryption(self):
        """The account has an RC4 key alone, and this computer does not allow it."""
        self.kdc.admin("addprinc -e rc4-hmac:normal -pw %s old" % Kdc.PASSWORD)
        config = self.kdc.config(self.kdc.port, name="aes.conf",
                                 more=" permitted_enctypes = aes256-cts aes128-cts")
        run = self.probe("nla-kerberos", account="old@" + Kdc.REALM, config=config)
        self.refused(run, 14, "kerberos-encryption", "AS exchange")

    def test_wrong_key(self):
        """The KDC has a newer key than the server's keytab."""
        self.kdc.admin("ktadd -k %s TERMSRV/%s" % (self.kdc.path("newer"), HOST))
        run = self.probe("nla-kerberos")
        attempt = self.attempts(run, status=1)["nla-kerberos"]
        self.verdict(attempt, outcome="refused", phase="credssp", ending="credssp-error",
                     closed_by="server")
        self.assertIn("ticket-not-accepted", self.findings(run))
        self.assertNotIn("logon-failure", self.findings(run))

    def test_clock(self):
        with Kdc(clock="+20m") as other:
            other.service(HOST)
            run = self.probe("nla-kerberos", config=other.path("krb5.conf"))
            attempt = self.attempts(run)["nla-kerberos"]
            self.assertAlmostEqual(attempt["kerberos"]["clock_skew_s"], 1200, delta=5)

    def test_clock_refused(self):
        """A client that keeps to its own clock, as those do whose KDC says nothing of its own first."""
        with Kdc(clock="+20m") as other:
            config = other.config(other.port, name="skew.conf", more=" kdc_timesync = 0")
            run = self.probe("nla-kerberos", config=config)
            attempt = self.refused(run, 37, "clock-skew-refused", "AS exchange")
            self.assertAlmostEqual(attempt["kerberos"]["clock_skew_s"], 1200, delta=5)
            finding = self.findings(run)["clock-skew-refused"]
            told = [fact for fact in finding["because"] if "KDC's clock is" in fact]
            self.assertRegex(told[0], "the KDC's clock is 1(19|20).* s ahead of this computer's")

    def test_rc4(self):
        """The server's account has an RC4 key alone: what allows RC4 works, and AES alone gets no ticket."""
        host = "old.test.lan"
        self.kdc.service(host, name="old", etype=RC4)
        prefix = resolving(host)
        weak = self.kdc.config(self.kdc.port, name="weak.conf", more=" allow_rc4 = true")
        with Shadow(keytab=self.kdc.path("old"), env={"KRB5_CONFIG": weak},
                    hashed="another password") as shadow:
            def run(config):
                return probe("-p", "nla-kerberos", "-t", "20", "--until", "active", "-u", ACCOUNT,
                             "%s:%d" % (host, shadow.port), prefix=prefix,
                             env=environment(KRB5_CONFIG=config, RDPWHY_PASSWORD=Kdc.PASSWORD))
            done = run(weak)
            attempt = self.attempts(done, status=0)["nla-kerberos"]
            self.verdict(attempt, outcome="completed", phase="active")
            self.assertRegex(attempt["kerberos"]["ticket"], "(arcfour|rc4)-hmac")
            self.assertIn("RC4", self.findings(done)["kerberos-rc4"]["summary"])
            # a domain controller's rule for servers of which it knows no other
            self.kdc.admin("setstr TERMSRV/%s session_enctypes rc4-hmac" % host)
            strong = self.kdc.config(self.kdc.port, name="strong.conf",
                                     more=" permitted_enctypes = aes256-cts aes128-cts")
            self.refused(run(strong), 14, "kerberos-encryption", "TGS exchange for TERMSRV/" + host)
        self.assertNotIn("kerberos-rc4", self.findings(self.probe("nla-kerberos")))

    def test_locked_by_policy(self):
        self.kdc.admin("addpol -maxfailure 1 strict")
        self.kdc.admin("addprinc +requires_preauth -policy strict -pw %s locked" % Kdc.PASSWORD)
        account = "locked@" + Kdc.REALM
        self.refused(self.probe("nla-kerberos", account=account, password=WRONG), 24,
                     "kdc-logon-failure", "AS exchange")
        self.refused(self.probe("nla-kerberos", account=account), 18, "account-revoked",
                     "AS exchange")

    def test_no_cache_is_written(self):
        """Wherever the user's tickets would be kept, there are none afterwards."""
        usual = "/tmp/krb5cc_%d" % os.getuid()

        def state():
            return os.stat(usual).st_mtime_ns if os.path.exists(usual) else None
        before = state()
        named = self.kdc.path("named-by-config")
        config = self.kdc.config(self.kdc.port, name="cache.conf",
                                 more=" default_ccache_name = FILE:" + named)
        for more in ({}, {"KRB5CCNAME": "FILE:" + self.kdc.path("named-by-variable")}):
            attempts = self.attempts(self.probe("nla-kerberos,nla", config=config, **more))
            self.assertEqual(attempts["nla-kerberos"]["outcome"], "completed")
        self.assertEqual(state(), before)
        self.assertEqual([name for name in os.listdir(self.kdc.directory) if "named-by" in name], [])

    def test_restricted_admin(self):
        """FreeRDP's server offers Remote Credential Guard where it is told to, and Restricted Admin
        never; where the ticket is accepted the attempt stops, and nothing of the account is sent."""
        run = self.probe("nla-kerberos", "--restricted-admin", "--remote-guard")
        attempts = self.attempts(run, status=1)
        self.verdict(attempts["restricted-admin"], outcome="stopped", phase="credssp",
                     answer="policy")
        self.verdict(attempts["remote-guard"], outcome="aborted", phase="negotiation", ending="fin")
        for rule in ("restricted-admin-unsupported", "remote-guard-unsupported"):
            self.assertIn(rule, self.findings(run))
        keytab = self.kdc.path("keytab")
        with Shadow(keytab=keytab, env={"KRB5_CONFIG": self.kdc.path("krb5.conf")},
                    hashed="another password", options=("/remote-guard",)) as shadow:
            run = probe("--remote-guard", "-p", "remote-guard", "-t", "20",
                        "--until", "active", "-u", ACCOUNT,
                        "--require", "remote-guard", "%s:%d" % (HOST, shadow.port),
                        prefix=self.prefix,
                        env=environment(KRB5_CONFIG=self.kdc.path("krb5.conf"),
                                        RDPWHY_PASSWORD=Kdc.PASSWORD))
            attempt = self.attempts(run, status=0)["remote-guard"]
            self.verdict(attempt, outcome="stopped", phase="credssp", answer="through")
            self.assertIn("the server accepted the ticket", attempt["reason"])
            self.assertIn("REDIRECTED_AUTHENTICATION_MODE_SUPPORTED", attempt["negotiation"]["flags"])
            self.assertTrue(attempt["credssp"]["package"].startswith("kerberos"), attempt)
            self.assertEqual(attempt["kerberos"]["steps"], ["kdc", "as", "tgs", "ap"])
            # and as an .rdp file asks for it
            path = self.kdc.path("guarded.rdp")
            with open(path, "w", encoding="ascii") as out:
                out.write("full address:s:%s:%d\nRedirectedAuthentication:i:1\n" % (HOST, shadow.port))
            run = probe("-p", "nla-kerberos", "-t", "20",
                        "--until", "active", "-u", ACCOUNT, path, prefix=self.prefix,
                        env=environment(KRB5_CONFIG=self.kdc.path("krb5.conf"),
                                        RDPWHY_PASSWORD=Kdc.PASSWORD))
            attempt = self.attempts(run)["file"]
            self.verdict(attempt, outcome="stopped", phase="credssp", answer="through")
            self.assertTrue(attempt["credssp"]["package"].startswith("kerberos"), attempt)
            self.assertIn("Remote Credential Guard", str(self.host(run)["findings"]))

    def test_other_realm(self):
        run = self.probe("nla-kerberos", "--kdc", "127.0.0.1:%d" % self.kdc.port,
                         account="foo@OTHER.LAN")
        attempt = self.attempts(run, status=1)["nla-kerberos"]
        self.verdict(attempt, outcome="refused", phase="kerberos", closed_by="kdc")

    def test_no_kdc(self):
        """A KDC that is silent or gone has its own deadline, is named, and is nobody else's fault."""
        with Silent() as silent:
            for port, what in ((silent.port, "did not answer"), (free_port(), "refused")):
                run = self.probe("nla-kerberos", "--connect-timeout", "1", "--kdc",
                                 "127.0.0.1:%d" % port)
                attempt = self.attempts(run, status=1)["nla-kerberos"]
                self.verdict(attempt, outcome="aborted", phase="kerberos",
                             ending="kdc-unreachable", closed_by="kdc")
                self.assertIn("127.0.0.1:%d (--kdc)" % port, attempt["reason"])
                self.assertIn(what, attempt["reason"])
                self.assertIn("kdc-unreachable", self.findings(run))
                self.assertLess(run.seconds, 5, str(run))
                self.assertEqual(self.host(run)["footprint"]["authentications"], 0)
            # the second one answers
            config = self.kdc.config(silent.port, self.kdc.port, name="two.conf")
            run = self.probe("nla-kerberos", "--connect-timeout", "2", config=config)
            self.assertEqual(self.attempts(run, status=0)["nla-kerberos"]["outcome"], "completed")

    def test_no_configuration(self):
        """Nothing waits for a KDC where nothing is known of any."""
        run = self.probe("nla", config="/nonexistent", account="CORP\\foo")
        attempt = self.attempts(run, status=1)["nla"]
        self.assertEqual(attempt["credssp"]["package"], "ntlm")
        self.assertNotIn("kerberos", [entry["phase"] for entry in attempt["phases"]])
        self.assertIn("no realm", attempt["kerberos"]["given_up"])
        self.assertLess(run.seconds, 5, str(run))

    def test_ticket_cache(self):
        """A ticket in place of the password: the attempt stops once the server has accepted it, and
        the user's cache is as it was."""
        cache = self.kdc.ticket()
        with open(cache, "rb") as file:
            before = file.read()
        for arguments, more in ((("--ccache", cache), {}), ((), {"KRB5CCNAME": cache})):
            run = self.probe("nla-kerberos", *arguments, password=None, **more)
            attempt = self.attempts(run, status=0)["nla-kerberos"]
            self.verdict(attempt, outcome="stopped", phase="credssp", answer="through")
            self.assertIn("the server accepted the ticket", attempt["reason"])
            self.assertEqual(attempt["kerberos"]["as_requests"], 0)
        with open(cache, "rb") as file:
            self.assertEqual(before, file.read())
        self.assertEqual(glob.glob("/tmp/krb5cc_%d*rdpwhy*" % os.getuid()), [])

    def test_options(self):
        for arguments, word in ((("--kdc", "a:b"), "--kdc"), (("--kdc", ":88"), "--kdc"),
                                (("--realm", ""), "--realm")):
            run = rdpwhy("probe", "-u", "foo", *arguments, HOST)
            self.assertEqual(run.status, 2, str(run))
            self.assertIn(word, run.stderr)
        run = rdpwhy("probe", "--kdc", "dc1", HOST)
        self.assertEqual((run.status, "needs --user" in run.stderr), (2, True), str(run))


if __name__ == "__main__":
    servers.main()
