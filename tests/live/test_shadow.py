"""Network Level Authentication against FreeRDP's shadow server: right, wrong and no password."""

import os
import tempfile

import servers
from servers import LiveTest, Shadow, environment, probe

WRONG = "Wrong-Horse-8"


class ShadowTest(LiveTest):
    def probe(self, server, profiles, password=None, user=Shadow.USER):
        """A run that also writes its traces; nothing that it wrote may hold a password."""
        arguments, env = [], environment()
        if password is not None:
            arguments = ["--until", "active", "-u", user]
            env = environment(RDPWHY_PASSWORD=password)
        with tempfile.TemporaryDirectory() as directory:
            trace = os.path.join(directory, "trace")
            run = probe("-p", profiles, "-t", "20", *arguments, "--trace", trace, "-r",
                        "text=" + os.path.join(directory, "text"), "-vv",
                        "127.0.0.1:%d" % server.port, env=env, timeout=180)
            with open(trace, encoding="utf-8") as file:
                self.assertIn('"record":"event"', file.read())
            self.no_password(run, directory)
        self.kind(run)
        return run

    def kind(self, run):
        """It makes its certificate by itself, from which it is known among its family."""
        server = run.of("host")[0]["server"]
        self.assertEqual(server["kind"], "freerdp-shadow")
        self.assertEqual(server["kind_basis"], "likely")
        self.assertGreater(len(server["kind_evidence"]), 1)

    def no_password(self, run, directory):
        secrets = []
        for password in (Shadow.PASSWORD, WRONG):
            for encoded in (password.encode(), password.encode("utf-16-le")):
                secrets += [encoded, encoded.hex().encode(), encoded.hex().upper().encode()]
        written = {"stdout": run.stdout.encode(), "stderr": run.stderr.encode()}
        for name in os.listdir(directory):
            with open(os.path.join(directory, name), "rb") as file:
                written[name] = file.read()
        for name, content in written.items():
            for secret in secrets:
                self.assertNotIn(secret, content, "a password is in " + name)

    def test_right_password(self):
        with Shadow() as server:
            run = self.probe(server, "nla", Shadow.PASSWORD)
        attempt = self.attempts(run, status=0)["nla"]
        self.verdict(attempt, outcome="completed", phase="active", ending="done")
        self.assertIn("the session was still up 200 ms after Font Map", attempt["reason"])
        self.assertEqual(attempt["negotiation"]["selected"], "HYBRID")
        self.assertIn("credssp", [entry["phase"] for entry in attempt["phases"]])
        self.assertEqual(run.of("host")[0]["footprint"]["authentications"], 1)

    def test_nla_without_tls(self):
        """What is on the wire is NLA alone, and the server goes on with it up to the session."""
        with Shadow() as server:
            run = self.probe(server, "nla-only", Shadow.PASSWORD)
            ext = self.attempts(self.probe(server, "nla-ext-only"))["nla-ext-only"]
        attempt = self.attempts(run, status=0)["nla-only"]
        self.verdict(attempt, outcome="completed", phase="active", ending="done")
        self.assertEqual(attempt["negotiation"]["requested"], ["HYBRID"])
        self.assertEqual(attempt["negotiation"]["selected"], "HYBRID")
        self.assertEqual(ext["negotiation"]["requested"], ["HYBRID", "HYBRID_EX"])
        self.verdict(ext, outcome="stopped", phase="credssp", ending="stop")

    def test_wrong_password(self):
        with Shadow() as server:
            run = self.probe(server, "nla,nla-ext", WRONG)
        attempts = self.attempts(run, status=1)
        self.verdict(attempts["nla"], outcome="refused", phase="credssp", ending="credssp-error",
                     closed_by="server")
        self.assertEqual(attempts["nla"]["code"]["space"], "ntstatus")
        # the account was rejected once: it is not offered to this host again
        self.assertNotEqual(attempts["nla-ext"]["outcome"], "completed")
        self.assertEqual(run.of("host")[0]["footprint"]["authentications"], 1)

    def test_no_credentials(self):
        with Shadow() as server:
            run = self.probe(server, "nla")
        attempt = self.attempts(run)["nla"]
        self.verdict(attempt, outcome="stopped", phase="credssp", ending="stop",
                     closed_by="client")
        self.assertTrue(attempt["ntlm"].get("target"), attempt)
        self.assertTrue(attempt["ntlm"].get("netbios_computer"), attempt)
        self.assertEqual(run.of("host")[0]["footprint"]["authentications"], 0)

    def test_tls_layer(self):
        """A server without NLA completes the plain TLS profile."""
        with Shadow("tls") as server:
            run = probe("-p", "tls", "-t", "20", "127.0.0.1:%d" % server.port)
        attempt = self.attempts(run, status=0)["tls"]
        self.kind(run)
        self.verdict(attempt, outcome="completed", phase="active", ending="done")


if __name__ == "__main__":
    servers.main()
