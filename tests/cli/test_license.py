# SPDX-License-Identifier: Apache-2.0
"""license list and clear with a host: any port where none is named."""
import support
from support import CliTest, Peer, rdpwhy


class License(CliTest):
    def setUp(self):
        super().setUp()
        with Peer("license-known") as self.target:
            self.check(rdpwhy("probe", "-q", "-p", "tls", "--license-store", self.path("store"),
                              self.target), 0)

    def license(self, *arguments):
        return rdpwhy("license", "--license-store", self.path("store"), *arguments)

    def test_clear_a_host_without_its_port(self):
        run = self.check(self.license("list", "127.0.0.1"), 0, err="")
        self.assertTrue(run.out.startswith(self.target + "\n"), run)
        self.check(self.license("clear", "127.0.0.1"), 0, err="",
                   out="1 license removed from %s\n" % self.path("store"))
        self.check(self.license("clear", "127.0.0.1"), 1, err="",
                   out="0 licenses removed from %s\n"
                       "there is none of 127.0.0.1:3389 or another port\n" % self.path("store"))

    def test_clear_nothing(self):
        for host, told in (("127.0.0.1:1", "127.0.0.1:1"), ("other.example:3389",
                                                             "other.example:3389"),
                           ("127.0.0", "127.0.0:3389 or another port")):
            self.check(self.license("clear", host), 1, err="",
                       out="0 licenses removed from %s\nthere is none of %s\n"
                           % (self.path("store"), told))
        self.assertIn(self.target, self.license("list").out)
        self.check(self.license("clear", self.target), 0)
        self.check(self.license("clear"), 0, out="0 licenses removed from %s\n"
                   % self.path("store"))


if __name__ == "__main__":
    support.main()
