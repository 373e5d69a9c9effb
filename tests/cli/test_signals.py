# SPDX-License-Identifier: Apache-2.0
"""Interrupts: what was finished is written, exit code 130."""
import json
import os
import re
import signal
import subprocess
import time

import support
from support import RDPWHY, CliTest, Closed, Silent, environment


class Signals(CliTest):
    def interrupt(self, number, *arguments, times=1):
        """Interrupts rdpwhy while the second of its targets is silent."""
        with Closed() as closed, Silent() as silent:
            process = subprocess.Popen(
                [RDPWHY, "probe", "-p", "tls", "-t", "60", "-j", "1", *arguments, closed, silent],
                stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment())
            time.sleep(2)
            began = time.monotonic()
            for _ in range(times):
                process.send_signal(number)
                time.sleep(0.05)
            out, err = process.communicate(timeout=30)
            self.assertLess(time.monotonic() - began, 15)
            return process.returncode, out.decode(), err.decode()

    def test_first_signal(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            with self.subTest(number):
                code, out, err = self.interrupt(number, "-r", "jsonl")
                self.assertEqual(code, 130)
                self.assertRegex(err, r"^rdpwhy: Interrupted: 1 of 2 host\(s\) finished, and the "
                                      r"reports contain them\n$")
                records = [json.loads(line) for line in out.splitlines()]
                self.assertEqual(records[0]["record"], "run")
                self.assertEqual(records[-1]["record"], "end")
                self.assertNotIn("complete", records[-1])
                self.assertTrue(records[-1]["interrupted"])
                self.assertIn("host", [r["record"] for r in records])

    def test_text(self):
        code, out, _ = self.interrupt(signal.SIGINT)
        self.assertEqual(code, 130)
        self.assertIn("unreachable", out)
        self.assertIn("Run interrupted; some attempts are missing.\n", out)

    def test_what_is_left_to_do(self):
        """Where a run can go on, and what one host is waited for."""
        with Closed() as closed, Silent() as silent:
            report = self.path("run.jsonl")
            process = subprocess.Popen(
                [RDPWHY, "probe", "-p", "tls,rdp", "-t", "4", "-r", "jsonl=" + report, "-i", "-"],
                stdin=subprocess.PIPE, stderr=subprocess.PIPE, env=environment())
            process.stdin.write(("%s\n%s\n" % (closed, silent)).encode())
            process.stdin.close()
            process.stdin = None
            time.sleep(2.5)
            process.send_signal(signal.SIGUSR1)
            time.sleep(0.5)
            process.send_signal(signal.SIGINT)
            _, err = process.communicate(timeout=30)
        err = err.decode()
        self.assertRegex(err, r"rdpwhy: 1 of 2 hosts, 1 unreachable, \S+/s, up to \d s left; "
                              r"waiting for %s \(tls, attempt 1 of 2, \d s\)\n"
                         % re.escape(silent))
        self.assertIn("the reports contain them; for the others, repeat the command with --resume "
                      + report, err)

    def test_second_signal(self):
        code, _, _ = self.interrupt(signal.SIGINT, times=2)
        self.assertEqual(code, 130)

    def test_ignored_signal_stays_ignored(self):
        """As under nohup or in a shell's background."""
        with Silent() as target:
            process = subprocess.Popen(
                [RDPWHY, "probe", "-p", "tls", "-t", "3", "-r", "jsonl", target],
                stdout=subprocess.PIPE, env=environment(),
                preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_IGN))
            time.sleep(1)
            os.kill(process.pid, signal.SIGINT)
            out, _ = process.communicate(timeout=30)
            self.assertEqual(process.returncode, 1)
            self.assertIn(b'"complete":true', out)


if __name__ == "__main__":
    support.main()
