# SPDX-License-Identifier: Apache-2.0
"""show: the reports of a saved run again."""
import json
import os

import support
from support import CliTest, Closed, Peer, rdpwhy

HOSTS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "fixtures", "hosts")
LEFT_OUT = ("rdpwhy: show: a saved run holds no timeline: the last messages of each phase (-v) "
            "and all messages (-vv) are left out; probe --trace FILE records them for replay\n")

# How a server can fail, under each kind of security and at each phase.
FAULTS = ("healthy-tls", "healthy-nla", "tls-alert-40", "license-valid-client-abort",
          "fin-capabilities-rdp", "rst-capabilities", "garbage-licensing", "error-info-0")


class Show(CliTest):
    def saved(self, *arguments, code=1):
        """A run over one host that works and one that does not; its text report."""
        with Peer("healthy-tls") as good, Closed() as bad:
            self.good, self.bad = good, bad
            return self.check(rdpwhy("probe", "-p", "tls", "--save", self.path("run"), *arguments,
                                     good, bad), code, err="")

    def test_the_same_report(self):
        for fault in FAULTS:
            with Peer(fault) as target:
                probe = rdpwhy("probe", "-p", "negotiate,tls,nla", "--save", self.path("run"),
                               "-r", "text", "-r", "csv=" + self.path("csv"), target)
            for arguments in ([], [target]):
                shown = rdpwhy("show", self.path("run"), *arguments)
                self.check(shown, probe.code, out=probe.out, err="")
            self.check(rdpwhy("show", self.path("run"), "-r", "csv"), probe.code,
                       out=self.read("csv"))
            self.check(rdpwhy("show", self.path("run"), "-r", "jsonl"), probe.code,
                       out=self.read("run"))

    def test_many_hosts_and_one_of_them(self):
        probe = self.saved()
        self.check(rdpwhy("show", self.path("run")), 1, out=probe.out, err="")
        with open(self.path("run"), "rb") as file:
            self.check(rdpwhy("show", "-", stdin=file.read()), 1, out=probe.out, err="")
        good = self.check(rdpwhy("show", self.path("run"), self.good), 0, err="")
        self.assertTrue(good.out.startswith(self.good + ": healthy"), good)
        self.assertNotIn(self.bad, good.out)
        bad = self.check(rdpwhy("show", "-q", self.path("run"), self.bad.upper()), 1, err="")
        self.assertTrue(bad.out.startswith("unreachable  " + self.bad), bad)
        both = self.check(rdpwhy("show", "-q", self.path("run"), "127.0.0.1"), 1, err="")
        self.assertEqual(len(both.out.splitlines()), 2, both)
        self.check(rdpwhy("show", "-q", "--fail-on", "unreachable", self.path("run"), self.good), 0)

    def test_details(self):
        probe = self.saved("-v")
        words = {line.split()[0] for line in rdpwhy("list", "phases").out.splitlines() if line}

        def without_phases(text):
            """Without the tables of phases, where a saved run has no messages."""
            return [line for line in text.splitlines()
                    if not (line[:2] == "  " and line[2:3] != " " and
                            line.split()[0] in words | {"phase"})]

        show = self.check(rdpwhy("show", "-v", self.path("run")), 1, err=LEFT_OUT)
        self.assertIn("  SHA-256", show.out)
        self.assertEqual(without_phases(show.out), without_phases(probe.out))
        self.check(rdpwhy("show", "-vv", self.path("run"), self.good), 0, err=LEFT_OUT)
        self.check(rdpwhy("show", "-v", "-r", "html=" + self.path("page"), self.path("run"),
                          self.good), 0, out="", err=LEFT_OUT)
        self.assertIn(self.good, self.read("page"))

    def test_requirements_and_formats(self):
        self.saved("--require", "tls>=1.2", "--require", "key>=4096", "-r", "junit=" + self.path("junit"),
                   "-r", "nagios=" + self.path("nagios"), "-r", "prometheus=" + self.path("prom"),
                   code=2)  # as of a plugin
        for name, form, code in (("junit", "junit", 1), ("nagios", "nagios", 2),
                                 ("prom", "prometheus", 1)):
            self.check(rdpwhy("show", self.path("run"), "-r", form), code, out=self.read(name))

    def test_a_list_names_show(self):
        targets = ["127.0.0.%d:1" % i for i in range(1, 10)]
        path = self.path("my run")
        probe = self.check(rdpwhy("probe", "-p", "tls", *targets, "--save", path), 1, err="")
        self.assertEqual(probe.out.splitlines()[-1],
                         "Details of one host: rdpwhy show '%s' HOST" % path)
        self.check(rdpwhy("show", path), 1, out=probe.out)
        probe = self.check(rdpwhy("probe", "-p", "tls", *targets, "-r", "text", "-r",
                                  "jsonl=" + self.path("r.jsonl")), 1, err="")
        self.assertEqual(probe.out.splitlines()[-1],
                         "Details of one host: rdpwhy show %s HOST" % self.path("r.jsonl"))
        one = self.check(rdpwhy("show", self.path("r.jsonl"), targets[3]), 1, err="")
        self.assertTrue(one.out.startswith(targets[3] + ": unreachable"), one)

    def test_no_such_host(self):
        run = self.write("run", "".join(json.dumps(dict(schema="rdpwhy/1", **record)) + "\n"
                                        for record in [{"record": "run", "targets": 5}] + [
                                            {"record": "host", "target": "srv%s:3389" % name,
                                             "state": "healthy", "attempts": 0, "findings": []}
                                            for name in ("-alpha", "-beta", "1", "2", "3")]))
        for host, message in (
                ("srv-alhpa", "'srv-alhpa' is not in %s; did you mean srv-alpha:3389?"),
                ("srv9", "'srv9' is not in %s; did you mean srv1:3389, srv2:3389, srv3:3389?"),
                ("mail", "'mail' is not in %s, which has srv-alpha:3389, srv-beta:3389, "
                         "srv1:3389 and 2 more"),
                ("192.0.2.0/30", None), ("srv1:0", None)):
            shown = self.check(rdpwhy("show", run, "srv1", host), 2, out="")
            if message:
                self.assertEqual(shown.err, "rdpwhy: show: %s\n" % (message % run))
        self.check(rdpwhy("show", "-q", run, "SRV1"), 0, err="", out="healthy      srv1:3389\n")

    def test_what_is_no_run(self):
        for text, message in (
                ("", "line 1: the file is empty"),
                ("{}\n", "line 1: is not from a run of rdpwhy: \"schema\" is missing"),
                ('{"schema":"rdpwhy/2"}\n', 'line 1: schema is not "rdpwhy/1"'),
                ("[]\n", "line 1: not JSON: "),
                ('{"schema":"rdpwhy/1","record":"host"}\n',
                 "line 1: is not the beginning of a run")):
            run = self.check(rdpwhy("show", self.write("run", text)), 2, out="")
            self.assertIn("rdpwhy: show: %s: %s" % (self.path("run"), message), run.err)
        self.check(rdpwhy("show"), 2, out="", err="rdpwhy: show: no file (try: rdpwhy show FILE "
                   "[HOST], with a file from probe --save)\n")
        self.check(rdpwhy("show", "/nonexistent"), 2, out="", err="rdpwhy: show: cannot read "
                   "'/nonexistent': No such file or directory\n")

    def test_what_is_wrong_in_a_record(self):
        self.check(rdpwhy("replay", "-r", "jsonl=" + self.path("run"),
                          os.path.join(HOSTS, "account-locked.jsonl")), 1)
        whole = self.read("run")
        for before, after, message in (
                ('"outcome":"refused"', '"outcome":"sulking"',
                 "outcome is a word that this version does not know"),
                ('"findings":[{', '"findings":[3,{',
                 "findings has an element that is no object"),
                ('"state":"degraded"', '"state":7', "state is not a text"),
                ('"port":', '"port":70000,"x":', "port is not a number in range"),
                ('"phases":[', '"phases":[[],', "phases has an element that is no object")):
            self.assertIn(before, whole)
            run = self.check(rdpwhy("show", self.write("wrong", whole.replace(before, after))), 2)
            self.assertRegex(run.err, "^rdpwhy: show: %s: line [0-9]+: %s\n$" %
                             (self.path("wrong"), message))
        self.check(rdpwhy("show", self.path("run"), "-r", "html=" + self.path("run")), 2, out="",
                   err="rdpwhy: --report: '%s' is the run that is shown\n" % self.path("run"))
        self.assertEqual(self.read("run"), whole)

    def test_a_run_that_was_interrupted(self):
        self.saved()
        lines = self.read("run").splitlines(keepends=True)
        cut = self.write("cut", "".join(lines[:-1]) + lines[-1][:20])
        run = self.check(rdpwhy("show", cut), 1, err="")
        self.assertIn("Run interrupted; some attempts are missing.", run.out)
        self.check(rdpwhy("show", cut, self.good), 0, err="")
        cut = self.write("cut", "".join(line for line in lines[:-1]
                                        if '"record":"host"' not in line))
        self.check(rdpwhy("show", cut, self.good), 2, out="",
                   err="rdpwhy: show: %s: the run was interrupted before '%s' was finished\n" %
                   (cut, self.good))


if __name__ == "__main__":
    support.main()
