"""A server made for one session: gnome-remote-desktop, at the pace of a default run, and how it takes a
wrong password, which is told as that of any other server built on FreeRDP."""


import servers
from servers import Gnome, LiveTest, Shadow, environment, find, probe

RUNS = 30
WRONG = "Wrong-Horse-8"


def run(server, *arguments, password=None):
    account = [] if password is None else ["--until", "active", "-u", server.USER]
    env = environment() if password is None else environment(RDPWHY_PASSWORD=password)
    return probe("-t", "10", *account, *arguments, "127.0.0.1:%d" % server.port, env=env,
                 prefix=getattr(server, "prefix", ()), pace=True)


class GnomeTest(LiveTest):
    def test_pace(self):
        """Default runs one after another all say the same, and leave it alive."""
        seen = set()
        with Gnome() as server:
            for _ in range(RUNS):
                default = run(server)
                host, = default.of("host")
                self.assertNotIn("second_tries", host["footprint"], str(default))
                seen.add((host["state"], *(
                    (attempt["profile"], attempt["outcome"], attempt["phase"], attempt["ending"])
                    for attempt in default.of("attempt"))))
            self.assertEqual(len(seen), 1, seen)
            self.assertEqual({row[0] for row in seen}, {"healthy"})
            logon = self.attempts(run(server, "-p", "nla", password=server.PASSWORD), status=0)
            self.verdict(logon["nla"], outcome="completed", phase="active")
            watched = self.attempts(run(server, "-p", "nla", "--until", "session", "--watch", "2",
                                        "--no-udp", password=server.PASSWORD), status=0)["nla"]
            self.verdict(watched, outcome="completed", phase="session")
            # with the graphics pipeline; without it this server sends as much as 600 kB
            self.assertEqual(watched["session"]["state"], "picture")
            self.assertLess(watched["bytes_received"], 300000)

    def wrong_password(self, server):
        """Its state and first finding, and how it ended."""
        wrong = run(server, "-p", "nla,nla-ext", password=WRONG)
        attempts = self.attempts(wrong, status=1)
        self.verdict(attempts["nla"], phase="credssp", closed_by="server", answer="account")
        self.assertEqual(attempts["nla-ext"]["outcome"], "skipped")
        host, = wrong.of("host")
        self.assertEqual(host["footprint"]["authentications"], 1)
        self.assertEqual(host["footprint"]["connections"], 1)
        return (host["state"], host["findings"][0]["rule"]), attempts["nla"]["ending"]

    def test_wrong_password(self):
        with Gnome() as server:
            self.assertEqual(self.wrong_password(server),
                             (("degraded", "logon-failure"), "disconnect-ultimatum"))

    def test_wrong_password_shadow3(self):
        with Shadow(programs=("freerdp-shadow-cli3",)) as server:
            told, ending = self.wrong_password(server)
        self.assertEqual(told, ("degraded", "logon-failure"))
        self.assertEqual(ending, "credssp-error")

    def test_wrong_password_shadow2(self):
        if not find("freerdp-shadow-cli"):
            self.skipTest("no server of FreeRDP 2 here")  # later releases have none
        with Shadow(programs=("freerdp-shadow-cli",)) as server:
            told, ending = self.wrong_password(server)
        self.assertEqual(told, ("degraded", "logon-failure"))
        self.assertIn(ending, ("fin", "reset"))


if __name__ == "__main__":
    servers.main()
