# SPDX-License-Identifier: Apache-2.0
"""Where passwords come from, and that they go nowhere else."""
import errno
import os
import pty
import select
import signal
import subprocess
import sys
import termios
import time

import support
from support import RDPWHY, CliTest, Closed, Peer, environment, need, rdpwhy

SECRET = "correct-horse-battery"


def without_terminal(*arguments, **options):
    """As from cron: a session without a controlling terminal."""
    return rdpwhy(*arguments, start_new_session=True, **options)


class Terminal:
    """rdpwhy with a controlling terminal of its own."""

    def __init__(self, *arguments, env=None):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.execve(RDPWHY, [RDPWHY, *arguments], env or environment())
        self.text = b""

    def read(self, seconds):
        ready, _, _ = select.select([self.fd], [], [], seconds)
        if not ready:
            return False
        try:
            part = os.read(self.fd, 65536)
        except OSError as error:
            if error.errno != errno.EIO:
                raise
            part = b""
        self.text += part
        return bool(part)

    def wait_for(self, text, seconds=20):
        end = time.monotonic() + seconds
        while text not in self.text and time.monotonic() < end:
            if not self.read(0.2) and self.is_over():
                break
        return text in self.text

    def is_over(self):
        return os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None

    def has_echo(self):
        return bool(termios.tcgetattr(self.fd)[3] & termios.ECHO)

    def wait_for_echo(self, on, seconds=5):
        end = time.monotonic() + seconds
        while self.has_echo() != on and time.monotonic() < end:
            time.sleep(0.02)
        return self.has_echo() == on

    def send(self, data):
        os.write(self.fd, data)

    def finish(self, seconds=30):
        end = time.monotonic() + seconds
        while time.monotonic() < end and self.read(0.5):
            pass
        _, status = os.waitpid(self.pid, 0)
        os.close(self.fd)
        return os.waitstatus_to_exitcode(status)


class Password(CliTest):
    def probe(self, *arguments, **options):
        with Closed() as target:
            return without_terminal("probe", "-p", "nla", "-r", "jsonl", *arguments, target,
                                    **options)

    def test_none_and_no_terminal(self):
        self.check(self.probe("-u", "foo"), 2, out="",
                   err="rdpwhy: --user: no password: set RDPWHY_PASSWORD, give --password-file, or "
                       "run rdpwhy on a terminal\n")

    def test_from_the_environment(self):
        run = self.check(self.probe("-u", "foo", env=environment(RDPWHY_PASSWORD=SECRET)), 1,
                         err="")
        self.assertIn('"credentials":true', run.out)
        self.assertNotIn(SECRET, run.out)

    def test_without_user_it_is_not_used(self):
        run = self.check(self.probe(env=environment(RDPWHY_PASSWORD=SECRET)), 1, err="")
        self.assertIn('"credentials":false', run.out)

    def test_from_a_file(self):
        path = self.write("pw", SECRET + "\nsecond line\n")
        run = self.check(self.probe("-u", "CORP\\foo", "--password-file", path), 1, err="")
        self.assertIn('"credentials":true', run.out)

    def test_file_others_may_read(self):
        path = self.write("pw", SECRET, 0o644)
        self.check(self.probe("-u", "foo", "--password-file", path), 1,
                   err="rdpwhy: --password-file: warning: others may read '%s' (mode 0644)\n" %
                   path)

    def test_file_is_missing(self):
        path = self.path("none")
        self.check(self.probe("-u", "foo", "--password-file", path), 2, out="",
                   err="rdpwhy: --password-file: cannot read '%s': No such file or directory\n" %
                   path)

    def test_file_is_empty(self):
        for text in ("", "\nsecret on the second line\n", "\r\n"):
            path = self.write("pw", text)
            self.check(self.probe("-u", "foo", "--password-file", path), 2, out="",
                       err="rdpwhy: --user: the password is empty\n")

    def test_too_long_or_binary(self):
        path = self.write("pw", "x" * 2000)
        run = self.check(self.probe("-u", "foo", "--password-file", path), 2, out="")
        self.assertIn("longer than 1023 bytes", run.err)
        with open(path, "wb") as file:
            file.write(b"\xff\xfe\n")
        self.check(self.probe("-u", "foo", "--password-file", path), 2, out="",
                   err="rdpwhy: --user: the password is not UTF-8\n")

    def test_it_is_removed_from_the_environment(self):
        """While rdpwhy runs, /proc/PID/environ no longer shows it."""
        need(os.path.exists("/proc/self/environ"), "no /proc here")
        with support.Silent() as target:
            process = subprocess.Popen(
                [RDPWHY, "probe", "-p", "nla", "-t", "5", "-u", "foo", "-r", "jsonl", target],
                stdout=subprocess.PIPE, env=environment(RDPWHY_PASSWORD=SECRET))
            try:
                process.stdout.readline()
                with open("/proc/%d/environ" % process.pid, "rb") as file:
                    self.assertNotIn(SECRET.encode(), file.read())
            finally:
                process.kill()
                process.communicate()

    def test_it_appears_nowhere(self):
        with Peer("healthy-nla") as target:
            run = rdpwhy("probe", "-vv", "-p", "nla", "--until", "active", "-u", "foo", "-r", "text", "-r",
                         "jsonl=" + self.path("j"), "--trace", self.path("t"), target,
                         env=environment(RDPWHY_PASSWORD="bar"))
            self.check(run, 0, err="")
            self.assertIn("1 logon with real credentials", run.out)
            trace = self.read("t")
            for form in ("bar".encode("utf-16-le").hex(), '"bar"'):
                self.assertNotIn(form, trace.lower())
            self.assertNotIn("bar", run.out.replace("rdpwhy", ""))

    def test_user_with_a_password_is_a_name(self):
        with Closed() as target:
            run = without_terminal("probe", "-u", "foo%" + SECRET, target)
            self.check(run, 2, out="")
            self.assertIn("no password", run.err)


class Prompt(CliTest):
    def setUp(self):
        super().setUp()
        need(sys.platform.startswith(("linux", "darwin")), "no terminals to be had here")

    def test_prompt(self):
        with Closed() as target:
            terminal = Terminal("probe", "-p", "nla", "-u", "foo", target)
            self.assertTrue(terminal.wait_for(b"Password for foo: "), terminal.text)
            self.assertTrue(terminal.wait_for_echo(False))
            terminal.send(SECRET.encode() + b"\n")
            self.assertTrue(terminal.wait_for(b"unreachable"), terminal.text)
            self.assertTrue(terminal.wait_for_echo(True))
            self.assertEqual(terminal.finish(), 1)
            self.assertNotIn(SECRET.encode(), terminal.text)

    def test_interrupt_restores_the_echo(self):
        with Closed() as target:
            terminal = Terminal("probe", "-p", "nla", "-u", "foo", target)
            self.assertTrue(terminal.wait_for(b"Password for foo: "), terminal.text)
            self.assertTrue(terminal.wait_for_echo(False))
            held = os.dup(terminal.fd)
            os.kill(terminal.pid, signal.SIGTERM)
            self.assertTrue(terminal.wait_for_echo(True))
            os.close(held)
            self.assertEqual(terminal.finish(), -signal.SIGTERM)

    def test_empty_answer(self):
        with Closed() as target:
            terminal = Terminal("probe", "-p", "nla", "-u", "foo", target)
            self.assertTrue(terminal.wait_for(b"Password for foo: "), terminal.text)
            terminal.wait_for_echo(False)
            terminal.send(b"\n")
            self.assertTrue(terminal.wait_for(b"the password is empty"), terminal.text)
            self.assertEqual(terminal.finish(), 2)


if __name__ == "__main__":
    support.main()
