# SPDX-License-Identifier: Apache-2.0
"""--fail-on: how bad a host has to be for the exit code 1."""
import os

import support
from support import CliTest, Closed, rdpwhy

HOSTS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "fixtures", "hosts")
LEVELS = ("degraded", "broken", "unreachable", "info", "warning", "error")


class FailOn(CliTest):
    def test_recorded_hosts(self):
        for name, expected in (("certificate-expiring", "000110"),  # healthy, with a warning
                               ("account-locked", "100111"),        # degraded, with an error
                               ("attach-refused", "110111")):       # broken
            path = os.path.join(HOSTS, name + ".jsonl")
            told = "".join(str(rdpwhy("replay", "-q", "--fail-on", level, path).code)
                           for level in LEVELS)
            self.assertEqual(told, expected, name)
            self.assertEqual(str(rdpwhy("replay", "-q", path).code), expected[0], name)

    def test_probe(self):
        with Closed() as target:
            run = self.check(rdpwhy("probe", "-q", "-p", "tls", "--fail-on", "unreachable", target),
                             1, err="")
            self.assertTrue(run.out.startswith("unreachable"), run)
            self.check(rdpwhy("probe", "-q", "-p", "tls", "--fail-on=error", target), 1, err="")

    def test_a_requirement_that_is_not_met_stays_1(self):
        with support.Peer("healthy-tls") as target:
            self.check(rdpwhy("probe", "-q", "-p", "tls", "--fail-on", "unreachable", target), 0)
            self.check(rdpwhy("probe", "-q", "-p", "tls", "--fail-on", "unreachable", "--require",
                              "nla", target), 1)

    def test_wrong(self):
        self.check(rdpwhy("probe", "--fail-on", "healthy", "srv1.invalid"), 2, out="",
                   err="rdpwhy: --fail-on: 'healthy' is none of %s\n" % ", ".join(LEVELS))
        self.check(rdpwhy("probe", "--fail-on", "broken", "--baseline", "x"), 2, out="",
                   err="rdpwhy: --baseline has the exit code of diff: leave out --fail-on\n")


if __name__ == "__main__":
    support.main()
