"""One attempt of each kind under valgrind: no lost memory, no access outside of it.

valgrind cannot run a sanitizers' build; RDPWHY_PLAIN names one without, where there is one.
"""

import os
import signal
import subprocess
import unittest

import servers
from servers import LiveTest, Xrdp, environment, need, rdpwhy

FAULT = 99  # no exit status of rdpwhy's


class LeakTest(LiveTest):
    def setUp(self):
        valgrind = servers.find("valgrind")
        need(valgrind, "valgrind is not installed")
        self.program = os.environ.get("RDPWHY_PLAIN", "")
        if not self.program and not os.environ.get("RDPWHY_SANITIZE"):
            self.program = servers.RDPWHY
        need(self.program, "this is a sanitizers' build and RDPWHY_PLAIN names no other")
        self.prefix = [valgrind, "--quiet", "--leak-check=full", "--errors-for-leak-kinds=definite",
                       "--show-leak-kinds=definite", "--error-exitcode=%d" % FAULT,
                       "--num-callers=30"]
        self.check_processor()

    def check_processor(self):
        """On some processors valgrind promises instructions that it does not have: a library below
        libfreerdp ends then before main(), of whatever program. The tests under AddressSanitizer
        look for leaks all the same."""
        version = [self.program, "--version"]
        plain = subprocess.run(version, capture_output=True, check=False)
        checked = subprocess.run([*self.prefix, *version], capture_output=True, check=False)
        if plain.returncode == 0 and checked.returncode == -signal.SIGILL:
            raise unittest.SkipTest("valgrind cannot run libfreerdp's libraries on this processor")

    def check(self, *arguments):
        run = rdpwhy("probe", "-r", "jsonl", "-t", "120", "--connect-timeout", "60", *arguments,
                     program=self.program, prefix=self.prefix, env=environment(), timeout=400)
        self.assertNotEqual(run.status, FAULT, str(run))
        self.assertIn(run.status, (0, 1), str(run))
        # valgrind speaks for each of its processes, and only of errors
        self.assertNotIn("==", run.stderr, str(run))
        return run

    def test_completed(self):
        with Xrdp("negotiate") as server:
            run = self.check("-p", "rdp,tls", "127.0.0.1:%d" % server.port)
        for attempt in run.of("attempt"):
            self.verdict(attempt, outcome="completed")

    def test_refused(self):
        run = self.check("-p", "tls", "127.0.0.1:%d" % servers.free_port())
        self.verdict(run.of("attempt")[0], outcome="unreachable")


if __name__ == "__main__":
    servers.main()
