# SPDX-License-Identifier: Apache-2.0
"""rdpwhy diff: what it says of two saved runs, and what it says of files that are none."""
import json
import os
import subprocess
import unittest
import xml.etree.ElementTree

import support
from support import RDPWHY, CliTest, Closed, Peer, need, rdpwhy

SOURCE = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
RUNS = os.path.join(SOURCE, "fixtures", "runs")
BEFORE, AFTER = os.path.join(RUNS, "before.jsonl"), os.path.join(RUNS, "after.jsonl")
LIMIT_NAMES = ("--slower-factor", "--slower-floor", "--skew-limit", "--days-limit")


def lines_of(path):
    with open(path, encoding="utf-8") as file:
        return file.read().splitlines(keepends=True)


class Fixtures(CliTest):
    """The runs in fixtures/runs; with UPDATE_FIXTURES in the environment the expected texts are
    written anew: look at the difference."""

    def compare(self, name, *arguments):
        # relative names, so that the texts do not depend on where the tree lies
        run = self.check(rdpwhy("diff", *arguments, "before.jsonl", "after.jsonl", cwd=RUNS), 3,
                         err="")
        path = os.path.join(RUNS, name)
        if os.environ.get("UPDATE_FIXTURES"):
            with open(path, "w", encoding="utf-8") as file:
                file.write(run.out)
        with open(path, encoding="utf-8") as file:
            self.assertEqual(run.out, file.read(), name)

    def test_text(self):
        self.compare("diff.txt")

    def test_verbose(self):
        self.compare("diff-verbose.txt", "-v")

    def test_quiet(self):
        self.compare("diff-quiet.txt", "-q")

    def test_jsonl(self):
        self.compare("diff.jsonl", "-r", "jsonl")

    def test_junit(self):
        self.compare("diff.xml", "-r", "junit")

    def test_color(self):
        run = rdpwhy("diff", "--color", "always", BEFORE, AFTER)
        self.assertIn("\033[31mworse\033[0m", run.out)

    def test_same_file(self):
        for path in (BEFORE, AFTER):
            run = self.check(rdpwhy("diff", path, path), 0, err="")
            self.assertRegex(run.out, r"\A\d hosts compared, 0 with changes: nothing has changed\n")

    def test_reversed(self):
        run = self.check(rdpwhy("diff", "-r", "jsonl", AFTER, BEFORE), 3)
        there = [json.loads(line) for line in rdpwhy("diff", "-r", "jsonl", BEFORE, AFTER)
                 .out.splitlines()]
        back = [json.loads(line) for line in run.out.splitlines()]
        turned = {"worse": "better", "better": "worse", "changed": "changed"}
        renamed = {"gone": "appeared", "appeared": "gone"}

        def key(change, turn):
            what = change["what"]
            values = change.get("before"), change.get("after")
            return (change["target"], renamed.get(what, what) if turn else what,
                    turned[change["class"]] if turn else change["class"],
                    values[::-1] if turn else values)

        self.assertCountEqual([key(c, True) for c in there if c["record"] == "change"],
                              [key(c, False) for c in back if c["record"] == "change"])


class Noise(CliTest):
    """What differs from run to run and means nothing."""

    def shuffled(self):
        records = [json.loads(line) for line in lines_of(BEFORE)]
        head, rows, end = records[0], records[1:-1], records[-1]
        for row in rows:
            if row["record"] != "attempt":
                continue
            row["address"] = "192.0.2.77"
            row["started"] = "2026-11-22T09:30:00.000001Z"
            for name in ("duration_us", "bytes_sent", "bytes_received", "ordinal"):
                if name in row:
                    row[name] += 1
            for phase in row.get("phases", ()):
                phase["duration_us"] = phase["duration_us"] * 50 + 1000000
            if "ntlm" in row:
                row["ntlm"]["server_time"] = "2026-11-22T09:30:00.000001Z"
                row["ntlm"]["clock_skew_s"] = row["ntlm"].get("clock_skew_s", 0) + 2
        rows.reverse()
        return "".join(json.dumps(row) + "\n" for row in (head, *rows, end))

    def test_noise(self):
        path = self.write("noise.jsonl", self.shuffled())
        self.check(rdpwhy("diff", BEFORE, path), 0, err="")
        self.check(rdpwhy("diff", path, BEFORE), 0, err="")

    def test_two_runs_of_one_server(self):
        with Peer("healthy-any") as target:
            for name in ("one", "two"):
                self.check(rdpwhy("probe", "-q", "--save", self.path(name), target), 0)
        run = self.check(rdpwhy("diff", self.path("one"), self.path("two")), 0, err="")
        self.assertEqual(run.out, "1 host compared, 0 with changes: nothing has changed\n")


class Errors(CliTest):
    def bad(self, text, message):
        path = self.write("bad.jsonl", text)
        for pair in ((path, BEFORE), (BEFORE, path)):
            self.check(rdpwhy("diff", *pair), 2, out="", err="rdpwhy: %s: %s\n" % (path, message))

    def test_cut_off_anywhere(self):
        whole = "".join(lines_of(BEFORE)).encode()
        for part in range(0, len(whole) - 1, 997):
            path = self.path("part.jsonl")
            with open(path, "wb") as file:
                file.write(whole[:part])
            run = self.check(rdpwhy("diff", path, BEFORE), 2, out="")
            line = whole[:part].count(b"\n") + 1
            if part:
                self.assertRegex(run.err, r"part\.jsonl: line (%d|%d): " % (line, line + 1))

    def test_no_end(self):
        lines = lines_of(BEFORE)
        self.bad("".join(lines[:-1]), "line %d: the run was interrupted here: its end is missing "
                 "(see --allow-partial)" % len(lines))

    def test_not_complete(self):
        lines = lines_of(BEFORE)
        end = json.loads(lines[-1])
        del end["complete"]
        self.bad("".join(lines[:-1]) + json.dumps(end) + "\n",
                 "line %d: the run was not finished (see --allow-partial)" % len(lines))

    def test_foreign_schema(self):
        lines = lines_of(BEFORE)
        self.bad("".join(lines).replace("rdpwhy/1", "rdpwhy/2"),
                 'line 1: schema is not "rdpwhy/1"')
        lines[4] = lines[4].replace("rdpwhy/1", "rdpwhy/2")
        self.bad("".join(lines), 'line 5: schema is not "rdpwhy/1"')

    def test_not_json(self):
        lines = lines_of(BEFORE)
        lines[2] = "nonsense\n"
        self.bad("".join(lines), "line 3: not JSON: it is not an object")

    def test_a_diff_is_no_run(self):
        self.bad(rdpwhy("diff", "-r", "jsonl", BEFORE, AFTER).out,
                 "line 1: is not the beginning of a run")

    def test_two_runs_in_one_file(self):
        text = "".join(lines_of(BEFORE))
        self.bad(text + text, "line %d: a second run begins here" % (text.count("\n") + 1))

    def test_empty(self):
        self.bad("", "line 1: the file is empty")

    def test_missing(self):
        self.check(rdpwhy("diff", self.path("none"), BEFORE), 2, out="",
                   err="rdpwhy: cannot read '%s': No such file or directory\n" % self.path("none"))

    def test_folder(self):
        run = self.check(rdpwhy("diff", self.folder, BEFORE), 2, out="")
        self.assertIn(self.folder, run.err)

    def test_usage(self):
        usage = "rdpwhy: diff: needs two saved runs (try: rdpwhy diff BASELINE CURRENT)\n"
        for operands in ((), (BEFORE,), (BEFORE, AFTER, AFTER)):
            self.check(rdpwhy("diff", *operands), 2, out="", err=usage)
        self.check(rdpwhy("diff", "-", "-"), 2, out="",
                   err="rdpwhy: diff: standard input was given twice\n")
        self.check(rdpwhy("diff", "-r", "csv", BEFORE, AFTER), 2, out="",
                   err="rdpwhy: --report: the format csv cannot show a diff (use one of text, "
                       "jsonl, junit)\n")
        self.check(rdpwhy("diff", "-r", "text=%s/no/file" % self.folder, BEFORE, AFTER), 2, out="")
        for option in LIMIT_NAMES:
            run = self.check(rdpwhy("diff", option, "x", BEFORE, AFTER), 2, out="")
            self.assertTrue(run.err.startswith("rdpwhy: %s: 'x' is not a " % option), run)
        self.check(rdpwhy("diff", "--slower-factor", "1", BEFORE, AFTER), 2, out="",
                   err="rdpwhy: --slower-factor: 1 is out of range (more than 1, at most 1000)\n")

    @unittest.skipUnless(os.path.exists("/dev/full"), "no /dev/full")
    def test_disk_full(self):
        for form in ("text", "jsonl", "junit"):
            run = self.check(rdpwhy("diff", "-r", form + "=/dev/full", BEFORE, AFTER), 4, out="")
            self.assertIn("No space left on device", run.err)


class Options(CliTest):
    def run_file(self, name, changes=(), lines=None):
        """A run like BEFORE's, with (function, …) applied to every record."""
        records = [json.loads(line) for line in lines or lines_of(BEFORE)]
        for record in records:
            for change in changes:
                change(record)
        return self.write(name, "".join(json.dumps(record) + "\n" for record in records))

    def classes(self, run):
        end = json.loads(run.out.splitlines()[-1])
        return end["worse"], end["better"], end["changed"]

    def test_partial(self):
        lines = lines_of(BEFORE)
        hosts = sum(json.loads(line)["record"] == "host" for line in lines)
        part = self.write("part.jsonl", "".join(lines[:len(lines) // 2]) + lines[-2][:100])
        run = self.check(rdpwhy("diff", "--allow-partial", BEFORE, part), 0, err="")
        self.assertNotIn("gone", run.out)
        compared = int(run.out.split()[0])
        self.assertTrue(0 < compared < hosts, run)
        run = self.check(rdpwhy("diff", "--allow-partial", part, BEFORE), 0, err="")
        self.assertNotIn("appeared", run.out)

    def test_standard_input(self):
        with open(BEFORE, "rb") as file:
            text = file.read()
        self.check(rdpwhy("diff", "-", AFTER, stdin=text), 3, err="")
        self.check(rdpwhy("diff", BEFORE, "-", stdin=text), 0, err="")

    def test_reports_to_files(self):
        run = self.check(rdpwhy("diff", "-r", "jsonl=" + self.path("diff.jsonl"), "-r", "junit=" +
                                self.path("diff.xml"), BEFORE, AFTER), 3, out="", err="")
        self.assertIn('"record":"diff-end"', self.read("diff.jsonl"))
        self.assertIn("</testsuites>", self.read("diff.xml"))

    def repeated(self, name, factor, repeat):
        def change(record):
            if record["record"] == "run":
                record["options"]["repeat"] = repeat
            for phase in record.get("phases", ()):
                phase["duration_us"] = 100000 * (factor if phase["phase"] == "tls" else 1)

        lines = lines_of(BEFORE)
        more = []
        for line in lines:
            record = json.loads(line)
            more.append(line)
            for number in range(1, repeat if record["record"] == "attempt" else 1):
                more.append(json.dumps(dict(record, repeat=number)) + "\n")
        return self.run_file(name, (change,), more)

    def test_slower(self):
        fast, slow = self.repeated("fast", 1, 3), self.repeated("slow", 5, 3)
        run = self.check(rdpwhy("diff", fast, slow), 3)
        self.assertIn("tls 100.0 ms -> tls 500.0 ms", run.out)
        run = self.check(rdpwhy("diff", slow, fast), 0)
        self.assertIn("tls 500.0 ms -> tls 100.0 ms", run.out)
        self.check(rdpwhy("diff", "--slower-factor", "5", fast, slow), 0)
        self.check(rdpwhy("diff", "--slower-factor", "4.99", fast, slow), 3)
        self.check(rdpwhy("diff", "--slower-floor", "0.401", fast, slow), 0)
        self.check(rdpwhy("diff", "--slower-floor", "0.4", fast, slow), 3)

    def test_slower_needs_repeats(self):
        self.check(rdpwhy("diff", self.repeated("fast", 1, 1), self.repeated("slow", 50, 1)), 0)
        self.check(rdpwhy("diff", self.repeated("fast", 1, 3), self.repeated("slow", 50, 1)), 0)

    def test_skew(self):
        def off(seconds):
            def change(record):
                if "ntlm" in record:
                    record["ntlm"]["clock_skew_s"] = seconds
            return (change,)

        right, wrong = self.run_file("right", off(0)), self.run_file("wrong", off(-400))
        self.assertIn("+0 s -> -400 s", self.check(rdpwhy("diff", right, wrong), 3).out)
        self.check(rdpwhy("diff", "--skew-limit", "400", right, wrong), 0)
        self.check(rdpwhy("diff", "--skew-limit", "399", right, wrong), 3)

    def test_days(self):
        def until(day):
            def change(record):
                if "certificate" in record.get("tls", {}):
                    record["tls"]["certificate"]["not_after"] = "2026-12-%02dT00:00:00Z" % day
                if "started" in record:
                    record["started"] = "2026-11-30T00:00:00.000000Z"
            return (change,)

        early, late = self.run_file("early", until(5)), self.run_file("late", until(31))
        self.assertIn("31 days left -> 5 days left", self.check(rdpwhy("diff", late, early), 3).out)
        self.check(rdpwhy("diff", "--days-limit", "5", late, early), 0)
        self.check(rdpwhy("diff", "--days-limit", "6", late, early), 3)
        self.check(rdpwhy("diff", early, late), 0)

    def test_systems(self):
        """Errors of the system are compared by name: numbers are another system's, or are missing."""
        def refused(code, mstsc=None):
            def change(record):
                if record["record"] == "attempt":
                    record.update(outcome="unreachable", phase="connect", ending="refused",
                                  code=dict(code, space="errno"))
                    record.pop("mstsc", None)
                    if mstsc:
                        record["mstsc"] = mstsc
            return change
        linux = self.run_file("linux.jsonl", [refused({"value": 111, "name": "ECONNREFUSED"},
                                                      {"basis": "unknown"})])
        same = [{"value": 61, "name": "ECONNREFUSED"}, {"name": "ECONNREFUSED"}, {"value": 111}]
        for code in same:
            other = self.run_file("other.jsonl", [refused(code)])
            for pair in ((linux, other), (other, linux)):
                run = self.check(rdpwhy("diff", "-r", "jsonl", *pair), 0, err="")
                self.assertEqual(self.classes(run), (0, 0, 0), run)
        for code in ({"value": 61, "name": "ENODATA"}, {"value": 111, "name": "EHOSTUNREACH"},
                     {"name": "EWHATEVER"}, {"value": 61}):
            other = self.run_file("other.jsonl", [refused(code)])
            run = self.check(rdpwhy("diff", "-r", "jsonl", linux, other), 0, err="")
            self.assertNotEqual(self.classes(run), (0, 0, 0), run)
        one, two = (self.run_file(name, [refused({"name": name.upper()})]) for name in ("ea", "eb"))
        run = self.check(rdpwhy("diff", "-r", "jsonl", one, two), 0, err="")
        self.assertNotEqual(self.classes(run), (0, 0, 0), run)
        self.assertIn("errno ? EA", run.out)

    def test_account(self):
        def with_account(record):
            if record["record"] == "run":
                record["options"]["credentials"] = True

        path = self.run_file("account", (with_account,))
        run = self.check(rdpwhy("diff", BEFORE, path), 0)
        self.assertEqual(run.err, "rdpwhy: '%s' was recorded without an account, '%s' with one\n"
                         % (BEFORE, path))
        self.check(rdpwhy("diff", "-q", BEFORE, path), 0, out="", err="")


class Hostile(CliTest):
    """Texts of servers that try to break the formats."""

    HARMFUL = set(map(chr, (*range(10), *range(11, 32), *range(127, 160), 0x61c, 0x200e, 0x200f,
                            *range(0x2028, 0x202f), *range(0x2066, 0x206a))))
    TEXTS = ("\u001b[2J\u0007", "\"'<>&]]>", "a,b;c|d\nrdpwhy: all is well", "\\xff\\xfe",
             "\u202egpj.exe", "\u009b31m", "=1+1", "n" * 10000, "\u20ac" * 3000, "\ufffe\uffff")

    def change(self, record, text):
        certificate = record.get("tls", {}).get("certificate")
        if certificate:
            certificate.update(subject=text, issuer=text, sha256="%064x" % abs(hash(text)))
        if "ntlm" in record:
            record["ntlm"].update(dns_computer=text, os_version=text)
        return record

    def test_texts(self):
        for number, text in enumerate(self.TEXTS):
            records = [json.dumps(self.change(json.loads(line), text), ensure_ascii=number % 2 == 0)
                       for line in lines_of(BEFORE)]
            path = self.write("hostile.jsonl", "\n".join(records) + "\n")
            with self.subTest(text[:20]):
                run = self.check(rdpwhy("diff", BEFORE, path), 0, err="")
                self.assertFalse(set(run.out) & self.HARMFUL, run)
                run = self.check(rdpwhy("diff", "-r", "jsonl", BEFORE, path), 0, err="")
                changes = [json.loads(line) for line in run.out.splitlines()]
                self.assertIn("certificate", [c.get("what") for c in changes])
                run = self.check(rdpwhy("diff", "-r", "junit", BEFORE, path), 0, err="")
                xml.etree.ElementTree.fromstring(run.out.encode())


    def spelt(self, form, character):
        own = form == "jsonl" and not "\x7f" <= character <= "\x9f" \
            and not "\ud800" <= character <= "\udfff"
        if own:
            short = json.dumps(character).strip('"')
            return "\\u%04X" % ord(character) if len(short) > 2 else short
        spelt = "".join("\\x%02x" % byte for byte in character.encode("utf-8", "surrogatepass"))
        return spelt.replace("\\", "\\\\") if form == "jsonl" else spelt

    def test_every_harmful_character(self):
        """In every format it is shown in another way: nothing of it is lost."""
        every = sorted(self.HARMFUL) + ["\ud800", "\udfff"]
        for at in range(1, len(every), 12):
            some = every[at:at + 12]
            text = "a%sz" % "z,a".join(some)
            path = self.write("hostile.jsonl", "".join(
                json.dumps(self.change(json.loads(line), text)) + "\n" for line in lines_of(BEFORE)))
            for form in ("text", "jsonl", "junit"):
                run = self.check(rdpwhy("diff", "-r", form, BEFORE, path), 0, err="")
                self.assertFalse(set(run.out) & self.HARMFUL, run)
                for character in some:
                    with self.subTest("%s U+%04X" % (form, ord(character))):
                        self.assertIn("a%sz" % self.spelt(form, character), run.out)


class Baseline(CliTest):
    """probe --baseline and --save."""

    def test_targets_and_steps_of_the_baseline(self):
        with Peer("healthy-any") as target:
            self.check(rdpwhy("probe", "-q", "-p", "nla,tls", "-l", "fresh,admin", "--until",
                              "licensing", "--repeat", "2", "-t", "7", "--save",
                              self.path("before"), target), 0)
            run = self.check(rdpwhy("probe", "--baseline", self.path("before"), "--save",
                                    self.path("after")), 0, err="")
        self.assertEqual(run.out, "1 host compared, 0 with changes: nothing has changed\n")
        before, after = ([json.loads(line) for line in self.read(name).splitlines()]
                         for name in ("before", "after"))
        for name in ("profiles", "license_modes", "until", "repeat", "timeout_us",
                     "connect_timeout_us"):
            self.assertEqual(before[0]["options"][name], after[0]["options"][name])
        self.assertEqual([r.get("target") for r in before], [r.get("target") for r in after])
        self.assertEqual(after[0]["options"]["timeout_us"], 7000000)

    def test_worse(self):
        with Peer("healthy-tls") as target:
            port = target.split(":")[1]
            self.check(rdpwhy("probe", "-q", "-p", "tls", "--save", self.path("run"), target), 0)
        run = self.check(rdpwhy("probe", "--baseline", self.path("run"), "-r", "jsonl"), 3, err="")
        changes = [json.loads(line) for line in run.out.splitlines()]
        self.assertEqual([c["what"] for c in changes if c["record"] == "change"],
                         ["host-state", "outcome"])
        with Peer("healthy-tls", "--port", port):
            self.check(rdpwhy("probe", "--baseline", self.path("run"), "-t", "9"), 0, err="")

    def test_not_healthy_but_no_worse(self):
        with Closed() as target:
            self.check(rdpwhy("probe", "-q", "-p", "tls", "--save", self.path("run"), target), 1)
            self.check(rdpwhy("probe", "-q", "--baseline", self.path("run")), 0, out="", err="")
            self.check(rdpwhy("probe", "-q", "--baseline", self.path("run"), "--require",
                              "state=healthy"), 1, err="",
                       out="unmet    %s  1 of 1 requirement not met: state=healthy, the host is "
                           "unreachable\n" % target)

    def test_requirements(self):
        """Nothing has changed, but one host of two does not meet a rule: every report says so."""
        with Peer("healthy-nla") as good, Peer("healthy-tls") as bad:
            self.check(rdpwhy("probe", "-q", "-p", "tls,negotiate", "--save", self.path("run"),
                              good, bad), 0)
            run = self.check(rdpwhy("probe", "--baseline", self.path("run"), "--require", "nla",
                                    "--require", "state=healthy", "-r", "text", "-r", "junit=" +
                                    self.path("xml"), "-r", "jsonl=" + self.path("jsonl")), 1,
                             err="")
        fact = "tls accepted without Network Level Authentication"
        self.assertEqual(run.out, "%s: 1 of 2 requirements not met\n  REQUIREMENT  FOUND\n"
                                  "  nla          %s\n\n"
                                  "2 hosts compared, 0 with changes: nothing has changed\n"
                                  "1 host does not meet what is required\n" % (bad, fact))
        records = [json.loads(line) for line in self.read("jsonl").splitlines()]
        self.assertEqual([r["record"] for r in records],
                         ["diff", "requirements", "requirements", "diff-end"])
        self.assertEqual([r["target"] for r in records[1:3]], [bad, good])
        self.assertEqual(records[1]["requirements"],
                         [{"requirement": "nla", "met": False, "fact": fact},
                          {"requirement": "state=healthy", "met": True,
                           "fact": "the host is healthy"}])
        self.assertTrue(all(r["met"] for r in records[2]["requirements"]), records[2])
        self.assertEqual(records[3]["hosts_unmet"], 1)
        suites = xml.etree.ElementTree.fromstring(self.read("xml")).findall("testsuite")
        self.assertEqual([(s.get("name"), s.get("tests"), s.get("failures")) for s in suites],
                         [("comparison", "1", "0"), (bad, "2", "1"), (good, "2", "0")])
        failure, = (f for s in suites for f in s.findall("testcase[@name='require nla']/failure"))
        self.assertEqual((failure.get("message"), failure.get("type")), (fact, "require-nla"))

    def test_requirements_met(self):
        with Peer("healthy-tls") as target:
            self.check(rdpwhy("probe", "-q", "-p", "tls", "--save", self.path("run"), target), 0)
            run = self.check(rdpwhy("probe", "--baseline", self.path("run"), "--require",
                                    "tls>=1.2", "-r", "text", "-r", "junit=" + self.path("xml")),
                             0, err="")
        self.assertEqual(run.out, "1 host compared, 0 with changes: nothing has changed\n")
        cases = xml.etree.ElementTree.fromstring(self.read("xml")).findall("testsuite/testcase")
        self.assertEqual([c.get("name") for c in cases],
                         ["both runs could be compared", "require tls>=1.2"])
        self.assertNotIn("<failure", self.read("xml"))

    def test_worse_and_unmet(self):
        """A host's changes and requirements are one suite; worse is the exit code."""
        with Peer("healthy-tls") as target:
            self.check(rdpwhy("probe", "-q", "-p", "tls", "--save", self.path("run"), target), 0)
            port = target.split(":")[1]
        with Peer("rst-tls", "--port", port):
            run = self.check(rdpwhy("probe", "--baseline", self.path("run"), "--require",
                                    "state=healthy", "-r", "text", "-r", "junit=" +
                                    self.path("xml")), 3, err="")
        self.assertIn("  state=healthy  the host is broken\n", run.out)
        suite = xml.etree.ElementTree.fromstring(self.read("xml")).findall("testsuite")[1]
        self.assertEqual((suite.get("name"), suite.get("tests"), suite.get("failures")),
                         (target, "3", "3"))
        self.assertEqual([c.get("name") for c in suite.findall("testcase")],
                         ["host-state: host", "outcome: tls", "require state=healthy"])

    def test_rolling_baseline(self):
        path = self.path("last.jsonl")
        with Peer("healthy-tls") as target:
            self.check(rdpwhy("probe", "-q", "-p", "tls", "--save", path, target), 0)
            first = self.read("last.jsonl")
            self.check(rdpwhy("probe", "-q", "--baseline", path, "--save", path), 0, err="")
        self.assertNotEqual(self.read("last.jsonl"), first)
        self.assertEqual(os.listdir(self.folder), ["last.jsonl"])
        self.check(rdpwhy("diff", path, path), 0)

    def test_other_formats_report_the_run(self):
        with Closed() as target:
            self.check(rdpwhy("probe", "-q", "-p", "tls", "--save", self.path("run"), target), 1)
            run = self.check(rdpwhy("probe", "--baseline", self.path("run"), "-r", "text", "-r",
                                    "csv=" + self.path("run.csv")), 0, err="")
        self.assertIn("nothing has changed", run.out)
        self.assertIn("unreachable", self.read("run.csv"))

    def test_wrong(self):
        message = ("rdpwhy: --baseline already names targets and attempts: leave out targets, "
                   "--input, --profile, --license, --until, --repeat, --restricted-admin and --remote-guard\n")
        for more in (("srv1",), ("-p", "tls"), ("-l", "admin"), ("--until", "tls"),
                     ("--repeat", "2"), ("-i", "hosts")):
            self.check(rdpwhy("probe", "--baseline", BEFORE, *more), 2, out="", err=message)
        run = self.check(rdpwhy("probe", "--baseline", self.write("bad", "x\n")), 2, out="")
        self.assertIn("line 1: not JSON", run.err)
        self.check(rdpwhy("probe", "--save", "-", "srv1"), 2, out="",
                   err="rdpwhy: --save: needs the name of a file, not '-'\n")
        self.check(rdpwhy("probe", "--save", self.path("no/file"), "srv1"), 2, out="")
        self.check(rdpwhy("probe", "--save", "/dev/null", "srv1"), 2, out="")

    def test_interrupted_run_is_kept_apart(self):
        import signal
        import time

        path = self.write("run.jsonl", "the old one\n")
        with support.Silent() as target:
            child = subprocess.Popen([RDPWHY, "probe", "-q", "-p", "tls,rdp", "-t", "30", "--save",
                                      path, target], stdin=subprocess.DEVNULL,
                                     stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            end = time.monotonic() + 20
            while not os.path.exists(path + ".partial") and time.monotonic() < end:
                time.sleep(0.02)
            time.sleep(0.3)
            child.send_signal(signal.SIGINT)
            _, err = child.communicate(timeout=20)
        self.assertEqual(child.returncode, 130, err)
        self.assertEqual(self.read("run.jsonl"), "the old one\n")
        self.assertIn("--save: the run was not finished; the part that was is in '%s.partial'"
                      % path, err.decode())


if __name__ == "__main__":
    support.main()
