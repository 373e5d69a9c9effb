"""What comes after the handshake: real sessions of xrdp, and the ways in which they fail."""

import base64
import json
import os
import subprocess
import sys
import tempfile

import servers
from servers import LiveTest, Peer, Shadow, environment, need, probe
from sessions import Weston, XrdpSession

PNG = b"\x89PNG\r\n\x1a\n"


class SessionTest(LiveTest):
    def watch(self, server, password=None, *options, status):
        """One attempt with the tls profile; |password| None: without an account."""
        arguments = ["-t", "20", "-p", "tls", "--until", "session", "--watch", "6", *options]
        env = None
        if password is not None:
            arguments += ["-u", server.USER]
            env = dict(os.environ, RDPWHY_PASSWORD=password)
        run = probe(*arguments, "127.0.0.1:%d" % server.port, timeout=120, env=env)
        self.attempt = self.attempts(run, status=status)["tls"]
        self.host = run.of("host")[0]
        self.assertEqual(self.attempt["phase"], "session")
        self.assertNotIn(XrdpSession.PASSWORD, json.dumps(run.records))
        return self.attempt

    def rules(self):
        return [f["rule"] for f in self.host["findings"] if f["rule"].startswith(("session", "every"))]

    def logons(self):
        return self.host["footprint"]["authentications"]

    def test_alive(self):
        with XrdpSession("alive") as server, tempfile.TemporaryDirectory() as folder, \
                tempfile.TemporaryDirectory() as outside:
            page = os.path.join(outside, "page")
            attempt = self.watch(server, server.PASSWORD, "--screenshot", folder, "-r",
                                 "html=" + page, status=0)
            files = sorted(os.listdir(folder), key=len)
            for name in files:
                path = os.path.join(folder, name)
                with open(path, "rb") as file:
                    picture = file.read()
                self.assertTrue(picture.startswith(PNG))
                self.assertEqual(os.stat(path).st_mode & 0o777, 0o600)
            with open(page, encoding="utf-8") as file:
                self.assertIn("data:image/png;base64," + base64.b64encode(picture).decode(),
                              file.read())
        self.verdict(attempt, outcome="completed", ending="done", closed_by="client")
        name = os.path.basename(attempt["session"]["screenshot"])
        self.assertEqual(files, [name, name.replace(".png", "-small.png")])
        self.assertGreater(attempt["session"]["colors"], 1)
        self.assertEqual(attempt["session"]["picture"], "1024x768")
        self.assertGreater(attempt["session"]["picture_us"], 0)
        self.assertEqual(self.host["state"], "healthy")
        self.assertEqual(self.rules(), ["everything-works"])
        self.assertEqual(self.logons(), 1)

    def test_login_window(self):
        with XrdpSession("alive") as server:
            attempt = self.watch(server, status=0)
        self.verdict(attempt, outcome="completed", ending="done", closed_by="client")
        self.assertEqual(attempt["session"]["state"], "login-window")
        self.assertIn("password\n", attempt["session"]["text"])
        self.assertNotIn("screenshot", attempt["session"])
        self.assertEqual(self.logons(), 0)
        found = [f for f in self.host["findings"] if f["rule"] == "everything-works"][0]
        self.assertTrue([fact for fact in found["because"] if "xrdp-sesman) was not tested" in fact])
        self.assertTrue([check for check in found["checks"] if "--until session" in check])

    def test_wrong_password(self):
        with XrdpSession("alive") as server:
            attempt = self.watch(server, "Wrong-Horse-8", status=1)
        self.verdict(attempt, outcome="stopped", ending="stop")
        self.assertEqual(attempt["session"]["state"], "rejected")
        self.assertTrue(attempt["credentials_rejected"])
        self.assertEqual(self.rules(), ["session-logon-denied"])
        self.assertEqual(self.host["state"], "degraded")
        self.assertEqual(self.logons(), 1)

    def test_no_second_logon(self):
        """One logon for an account and a host; none after a rejection."""
        with XrdpSession("alive") as server:
            run = probe("-t", "20", "-p", "tls,tls1.2", "--watch", "6", "-u", server.USER,
                        "127.0.0.1:%d" % server.port, timeout=120,
                        env=dict(os.environ, RDPWHY_PASSWORD="Wrong-Horse-8"))
        attempts = self.attempts(run, status=1)
        self.assertEqual(run.of("host")[0]["footprint"]["authentications"], 1)
        # with an account sessions are watched: that which it begins, and no login window beside it
        self.assertEqual(run.of("run")[0]["options"]["until"], "session")
        self.verdict(attempts["tls"], phase="session")
        self.verdict(attempts["tls1.2"], phase="active", outcome="completed")
        self.assertNotIn("state", attempts["tls1.2"].get("session", {}))

    def test_manager_dead(self):
        with XrdpSession("alive", manager=False) as server:
            attempt = self.watch(server, server.PASSWORD, "--watch", "20", status=1)
        self.verdict(attempt, outcome="stopped", ending="stop")
        self.assertEqual(attempt["session"]["state"], "no-session-manager")
        self.assertNotIn("credentials_rejected", attempt)
        self.assertEqual(self.rules(), ["session-manager-down"])
        self.assertEqual(self.host["state"], "broken")

    def test_manager_dead_soon(self):
        """xrdp says nothing for 15 seconds."""
        with XrdpSession("alive", manager=False) as server:
            attempt = self.watch(server, server.PASSWORD, status=1)
        self.assertEqual(attempt["session"]["state"], "nothing")
        self.assertEqual(self.rules(), ["session-not-drawn"])

    def test_dies(self):
        with XrdpSession("dies") as server:
            attempt = self.watch(server, server.PASSWORD, "--watch", "15", status=1)
        self.assertEqual(attempt["session"]["state"], "failed")
        self.assertIn("login successful", attempt["session"]["text"])
        self.assertEqual(self.rules(), ["session-not-started"])

    def test_black(self):
        with XrdpSession("black") as server:
            attempt = self.watch(server, server.PASSWORD, status=1)
        self.verdict(attempt, outcome="stopped", ending="stop")
        self.assertEqual(attempt["session"]["state"], "blank")
        self.assertEqual(attempt["session"]["picture"], "1024x768 #000000")
        self.assertEqual(self.rules(), ["session-blank"])

    def test_standard_security(self):
        """The account goes into an encrypted Client Info, and is counted all the same."""
        with XrdpSession("alive", security_layer="rdp") as server:
            run = probe("-t", "20", "-p", "rdp", "--until", "session", "--watch", "6", "-u",
                        server.USER, "127.0.0.1:%d" % server.port, timeout=120,
                        env=dict(os.environ, RDPWHY_PASSWORD=server.PASSWORD))
        attempt = self.attempts(run, status=1 if run.of("host")[0]["state"] != "healthy" else 0)["rdp"]
        self.verdict(attempt, outcome="completed", phase="session")
        self.assertTrue(attempt["credentials_sent"])
        self.assertEqual(run.of("host")[0]["footprint"]["authentications"], 1)

    def test_shadow_black(self):
        """An X server with nothing on it is black."""
        with Shadow("tls") as server:
            attempt = self.watch(server, status=1)
        self.assertEqual(attempt["session"]["state"], "blank")
        self.assertEqual(self.rules(), ["session-blank"])

    def test_weston(self):
        """A desktop that anybody may look at, by the graphics that servers had before EGFX."""
        with Weston() as server:
            attempt = self.watch(server, None, "--watch", "2", status=0)
        self.verdict(attempt, outcome="completed", ending="done", closed_by="client")
        self.assertEqual(attempt["session"]["state"], "picture")
        self.assertEqual(attempt["session"]["picture"], "1024x768")
        self.assertEqual(self.rules(), ["everything-works"])

    def test_memory(self):
        """What a server has us keep is bounded: this one would have 400 MB kept."""
        program = os.environ.get("RDPWHY_PLAIN", "")
        if not program and not os.environ.get("RDPWHY_SANITIZE"):
            program = servers.RDPWHY
        need(program, "this is a sanitizers' build and RDPWHY_PLAIN names no other")
        with Peer("--fault", "session-flood") as peer, open(os.devnull, "wb") as null:
            child = subprocess.Popen(
                [program, "probe", "-q", "-p", "tls", "--no-udp", "--until", "session", "--watch",
                 "2", "127.0.0.1:%d" % peer.port], stdout=null, stderr=null, stdin=null,
                env=environment())
            _, status, usage = os.wait4(child.pid, 0)
            child.returncode = os.waitstatus_to_exitcode(status)
        self.assertEqual(child.returncode, 1)
        unit = 1 if sys.platform == "darwin" else 1024
        self.assertLess(usage.ru_maxrss * unit, 250e6)


if __name__ == "__main__":
    servers.main()
