# SPDX-License-Identifier: Apache-2.0
"""The formats for programs, read by the programs they are for: XML parsers and a schema, promtool,
a CSV reader, and what takes exit codes for states."""
import csv
import glob
import io
import json
import os
import re
import shutil
import subprocess
import unittest
import xml.etree.ElementTree

import support
from support import CliTest, Closed, Peer, Silent, need, rdpwhy

SOURCE = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
XSD = os.path.join(SOURCE, "fixtures", "junit.xsd")
REPORTS = os.path.join(SOURCE, "fixtures", "reports")
DIFF = os.path.join(SOURCE, "fixtures", "runs", "diff.xml")

HOSTILE_CNF = """\
[req]
prompt = no
utf8 = yes
string_mask = utf8only
distinguished_name = subject
[subject]
CN = "]]>\\"'<&>|,;="
O = "{control}=1+1"
name = "{filler}"
"""


def validate(test, *paths):
    """Against the schema, with libxml2's program."""
    need(shutil.which("xmllint"), "xmllint is not installed")
    done = subprocess.run(["xmllint", "--noout", "--schema", XSD, *paths], capture_output=True,
                          stdin=subprocess.DEVNULL, text=True)
    test.assertEqual(done.returncode, 0, done.stderr)


def promtool(test, text):
    need(shutil.which("promtool"), "promtool is not installed")
    done = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True,
                          text=True)
    test.assertEqual((done.returncode, done.stdout + done.stderr), (0, ""), text)


def samples(text, name):
    """The samples of a metric: (labels, value)."""
    found = []
    for line in text.splitlines():
        match = re.fullmatch(r"(\w+)(?:\{(.*)\})? (\S+)", line)
        if match and match.group(1) == name:
            labels = dict(re.findall(r'(\w+)="((?:[^"\\]|\\.)*)"', match.group(2) or ""))
            found.append((labels, float(match.group(3))))
    return found


class Fixtures(CliTest):
    """What the unit tests compare byte by byte is right as well."""

    def test_junit(self):
        paths = sorted(glob.glob(os.path.join(REPORTS, "*.xml"))) + [DIFF]
        self.assertGreater(len(paths), 5)
        validate(self, *paths)

    def test_prometheus(self):
        paths = glob.glob(os.path.join(REPORTS, "*.prom"))
        self.assertGreater(len(paths), 5)
        for path in paths:
            with open(path, encoding="utf-8") as file:
                promtool(self, file.read())

    def test_csv(self):
        paths = glob.glob(os.path.join(REPORTS, "*.csv"))
        self.assertGreater(len(paths), 5)
        for path in paths:
            with open(path, encoding="utf-8", newline="") as file:
                rows = list(csv.reader(file, strict=True))
            self.assertEqual({len(row) for row in rows}, {len(rows[0])}, path)


class Junit(CliTest):
    def test_counts(self):
        with Peer("healthy-nla") as good, Closed() as bad:
            run = self.check(rdpwhy("probe", "-p", "rdp,tls,nla", "-r", "junit", "--require", "nla",
                                    "--require", "tls>=1.0", good, bad), 1, err="")
        path = self.write("run.xml", run.out)
        validate(self, path)
        suites = {s.get("name"): s for s in xml.etree.ElementTree.fromstring(run.out.encode())}
        self.assertEqual(set(suites), {good, bad})
        for suite in suites.values():
            cases = suite.findall("testcase")
            self.assertEqual([c.get("name") for c in cases],
                             ["rdp", "tls", "nla", "require nla", "require tls>=1.0"])
            for attribute, element in (("failures", "failure"), ("errors", "error"),
                                       ("skipped", "skipped")):
                self.assertEqual(int(suite.get(attribute)),
                                 sum(c.find(element) is not None for c in cases), run)
            self.assertEqual(int(suite.get("tests")), len(cases))
        self.assertEqual(suites[good].get("failures"), "0", run)
        self.assertEqual(suites[good].get("skipped"), "2", run)
        self.assertEqual(suites[bad].get("failures"), "3", run)
        self.assertEqual(suites[bad].get("skipped"), "2", run)

    def test_real_parser(self):
        try:
            import junitparser
        except ImportError:
            junitparser = None
        need(junitparser, "python3-junitparser is not installed")
        paths = [os.path.join(REPORTS, "denied.xml"), DIFF]
        for path in paths:
            suites = list(junitparser.JUnitXml.fromfile(path))
            self.assertGreater(sum(suite.failures for suite in suites), 0)
            self.assertEqual(sum(suite.tests for suite in suites),
                             sum(len(list(suite)) for suite in suites))


class Nagios(CliTest):
    LINE = re.compile(r"\ARDP (OK|WARNING|CRITICAL|UNKNOWN) - [^|\n]*(\|[^|\n]*)?\n\Z")
    PERFDATA = re.compile(r"(?:[a-z0-9._-]+=-?[0-9.]+s?(?:;;;0)?)")

    def plugin(self, code, word, *arguments):
        run = rdpwhy("probe", "-r", "nagios", *arguments)
        self.check(run, code)
        match = self.LINE.match(run.out)
        self.assertTrue(match, run)
        self.assertEqual(match.group(1), word, run)
        for datum in (match.group(2) or "|")[1:].split():
            self.assertTrue(self.PERFDATA.fullmatch(datum), datum)
        return run

    def test_ok(self):
        with Peer("healthy-tls") as target:
            run = self.plugin(0, "OK", "-p", "tls,negotiate", target)
        self.assertRegex(run.out, r" tls=[0-9.]+s;;;0 .*certificate_days=\d+")

    def test_warning(self):
        with Peer("healthy-rdp") as target:
            run = rdpwhy("probe", "-r", "jsonl", "-p", "negotiate,tls", target)
        state = json.loads(run.out.splitlines()[-2])["state"]
        if state == "degraded":
            with Peer("healthy-rdp") as target:
                self.plugin(1, "WARNING", "-p", "negotiate,tls", target)

    def test_critical(self):
        with Closed() as target:
            run = self.plugin(2, "CRITICAL", "-p", "tls", target)
        self.assertIn("unreachable", run.out)

    def test_requirement(self):
        with Peer("healthy-tls") as target:
            run = self.plugin(2, "CRITICAL", "-p", "tls", "--require", "key>=9000", target)
        self.assertIn("The requirement key>=9000 is not met", run.out)

    def test_many_hosts(self):
        with Peer("healthy-tls") as good, Closed() as bad:
            run = self.plugin(2, "CRITICAL", "-p", "tls", good, bad)
        self.assertIn("1 of 2 hosts: %s unreachable" % bad, run.out)
        self.assertIn("healthy=1;;;0", run.out)

    def test_unknown(self):
        self.plugin(3, "UNKNOWN", "-p", "tls", "127.0.0.1:99999")
        self.plugin(3, "UNKNOWN", "-t", "never", "127.0.0.1")
        self.plugin(3, "UNKNOWN")
        run = rdpwhy("probe", "-t", "never", "-r", "nagios", "127.0.0.1")
        self.check(run, 3)
        self.assertTrue(run.out.startswith("RDP UNKNOWN - --timeout: "), run)

    def test_wrong_options(self):
        """The exit code is the plugin's where the report is asked for, wherever that stands, and
        nowhere else."""
        for words in (("-r", "nagios", "-t", "never"), ("-t", "never", "-rnagios"),
                      ("-t", "never", "-qrnagios"), ("-t", "never", "--report=nagios"),
                      ("-t", "never", "--repo", "nagios"), ("-t", "never", "-r", "nagios=-"),
                      ("--no-such", "-r", "nagios"), ("-r", "nagios", "-r", "nagios"),
                      ("-r", "text", "-r", "nagios"), ("-r", "nagios", "127.0.0.1", "-t")):
            with self.subTest(words):
                run = self.check(rdpwhy("probe", *words), 3)
                self.assertTrue(self.LINE.match(run.out), run)
        self.check(rdpwhy("probe", "-t", "never", "-r", "nagios=" + self.path("state")), 3, out="")
        for words in (("-t", "never", "nagios"), ("-t", "never", "-u", "nagios", "srv1"),
                      ("-t", "never", "--", "-rnagios"), ("-t", "never", "-i", "nagios"),
                      ("nagios", "--no-such"), ("-r", "xml", "nagios"),
                      ("-u", "-rnagios", "-t", "never", "srv1"), ("srv1", "-r", "nagios=")):
            with self.subTest(words):
                self.check(rdpwhy("probe", *words), 2, out="")

    def test_to_a_file(self):
        with Closed() as target:
            run = rdpwhy("probe", "-q", "-p", "tls", "-r", "nagios=" + self.path("state"), target)
        self.check(run, 2, out="")
        self.assertTrue(self.LINE.match(self.read("state")))


class Prometheus(CliTest):
    def test_metrics(self):
        with Peer("healthy-tls") as good, Closed() as bad:
            run = self.check(rdpwhy("probe", "-p", "tls,negotiate", "--repeat", "2", "-r",
                                    "prometheus", "--require", "tls>=1.2", good, bad), 1, err="")
        promtool(self, run.out)
        states = {(labels["target"], labels["state"]): value
                  for labels, value in samples(run.out, "rdpwhy_host_state")}
        self.assertEqual(states[good, "healthy"], 1)
        self.assertEqual(states[bad, "unreachable"], 1)
        self.assertEqual(sum(states.values()), 2)
        outcomes = {(labels["target"], labels["profile"]): labels["phase"]
                    for labels, _ in samples(run.out, "rdpwhy_attempt_outcome")}
        self.assertEqual(outcomes, {(good, "tls"): "active", (good, "negotiate"): "active",
                                    (bad, "tls"): "connect", (bad, "negotiate"): ""})
        phases = [labels["phase"] for labels, seconds in samples(run.out, "rdpwhy_phase_seconds")
                  if labels["target"] == good and labels["profile"] == "tls"]
        self.assertIn("licensing", phases)
        self.assertEqual(len(phases), len(set(phases)))
        expiry = samples(run.out, "rdpwhy_certificate_expiry_timestamp_seconds")
        self.assertEqual({value for _, value in expiry}, {4102444799})
        self.assertEqual({labels["result"] for labels, _ in
                          samples(run.out, "rdpwhy_license_result")}, {"valid-client"})
        met = {labels["target"]: value
               for labels, value in samples(run.out, "rdpwhy_requirement_met")}
        self.assertEqual(met, {good: 1, bad: 0})

    def test_file_is_replaced_at_once(self):
        path = self.write("rdp.prom", "the old one\n", mode=0o644)
        with Silent() as target:
            child = subprocess.Popen([support.RDPWHY, "probe", "-q", "-p", "tls", "-t", "2", "-r",
                                      "prometheus=" + path, target], stdin=subprocess.DEVNULL)
            seen = set()
            while child.poll() is None:
                seen.add(self.read("rdp.prom"))
        self.assertEqual(child.returncode, 1)
        new = self.read("rdp.prom")
        self.assertTrue(seen <= {"the old one\n", new}, seen)
        promtool(self, new)
        self.assertEqual(os.listdir(self.folder), ["rdp.prom"])
        self.assertEqual(os.stat(path).st_mode & 0o044, 0o044 & ~support_umask())

    def test_nothing_is_left_of_a_failed_run(self):
        self.check(rdpwhy("probe", "-r", "prometheus=" + self.path("no/rdp.prom"), "srv1"), 2)
        self.check(rdpwhy("probe", "-r", "prometheus=" + self.path("rdp.prom"), "-r",
                          "csv=" + self.path("no/run.csv"), "srv1"), 2)
        self.assertEqual(os.listdir(self.folder), [])


def support_umask():
    mask = os.umask(0)
    os.umask(mask)
    return mask


class Csv(CliTest):
    def test_rows(self):
        with Peer("healthy-tls") as good, Closed() as bad:
            run = self.check(rdpwhy("probe", "-p", "rdp,tls", "-r", "csv", "-r",
                                    "jsonl=" + self.path("run.jsonl"), "--require", "key>=4096",
                                    "--require", "tls>=1.3", good, bad), 1, err="")
        rows = list(csv.DictReader(io.StringIO(run.out), strict=True))
        attempts = [json.loads(line) for line in self.read("run.jsonl").splitlines()]
        attempts = [a for a in attempts if a["record"] == "attempt"]
        self.assertEqual(len(rows), 4)
        for row in rows:
            attempt, = (a for a in attempts if (a["target"], a["profile"]) ==
                        (row["target"], row["profile"]))
            self.assertEqual(row["outcome"], attempt["outcome"])
            self.assertEqual(row["duration_us"], str(attempt.get("duration_us", "")))
            self.assertEqual(row["certificate_sha256"],
                             attempt.get("tls", {}).get("certificate", {}).get("sha256", ""))
            for phase in attempt.get("phases", ()):
                self.assertEqual(row[phase["phase"].replace("-", "_") + "_us"],
                                 str(phase["duration_us"]))
            self.assertEqual(row["state"], "healthy" if row["target"] == good else "unreachable")
            self.assertEqual(row["unmet_requirements"],
                             "key>=4096" if row["target"] == good else "key>=4096 tls>=1.3")
        # the finding that rests on the attempt, at the end of its row
        told = {(row["target"], row["profile"]): (row["finding"], row["finding_summary"])
                for row in rows}
        self.assertEqual(told[bad, "rdp"], ("require-key", "The requirement key>=4096 is not met: "
                                            "no attempt saw a certificate.")
                         if told[bad, "rdp"][0] == "require-key" else
                         ("port-refused", "%s refuses the TCP connection: probably nothing listens "
                                          "there" % bad))
        self.assertEqual(told[good, "tls"][0], "require-key")
        heading = run.out.splitlines()[0].split(",")
        self.assertEqual(heading[heading.index("finding"):][:3],
                         ["finding", "finding_summary", "gateway"])

    def test_hosts(self):
        """A row a host, with its finding; the run in the same words as JSON Lines has it."""
        with Peer("error-info-7") as denied, Closed() as closed:
            run = self.check(rdpwhy("probe", "-p", "rdp,tls", "-r", "csv-hosts", "-r",
                                    "jsonl=" + self.path("run.jsonl"), denied, closed), 1, err="")
        rows = {row["target"]: row for row in csv.DictReader(io.StringIO(run.out), strict=True)}
        hosts = {host["target"]: host for host in map(json.loads,
                                                      self.read("run.jsonl").splitlines())
                 if host["record"] == "host"}
        self.assertEqual(set(rows), {denied, closed})
        for target, row in rows.items():
            first, *others = hosts[target]["findings"]
            self.assertEqual((row["state"], row["finding"], row["severity"], row["finding_summary"],
                              row["other_findings"]),
                             (hosts[target]["state"], first["rule"], first["severity"],
                              first["summary"], " ".join(one["rule"] for one in others)))
            self.assertEqual(row["attempts"], "2")
        self.assertEqual((rows[denied]["phase"], rows[denied]["closed_by"],
                          rows[denied]["mstsc_code"], rows[denied]["mstsc_extended"],
                          rows[denied]["tls_version"]),
                         ("capabilities", "server", "0x904", "0x7", "TLSv1.3"))
        self.assertEqual((rows[closed]["phase"], rows[closed]["address"],
                          rows[closed]["tls_version"]), ("connect", "", ""))


class Hostile(CliTest):
    """A certificate with control characters, markup and a name of 10,000 bytes."""

    def certificate(self):
        config = self.write("cnf", HOSTILE_CNF.format(control="\x1b[2J\x07\x7f", filler="n" * 10000))
        paths = self.path("crt"), self.path("key")
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30",
                        "-config", config, "-out", paths[0], "-keyout", paths[1]], check=True,
                       stdin=subprocess.DEVNULL, capture_output=True)
        return paths

    def test_all_formats(self):
        crt, key = self.certificate()
        reports = {name: self.path("report." + name)
                   for name in ("junit", "nagios", "prometheus", "csv", "csv-hosts", "jsonl",
                                "text")}
        words = [word for name, path in reports.items() for word in ("-r", name + "=" + path)]
        with Peer("healthy-tls", "--cert", crt, "--key", key) as target:
            self.check(rdpwhy("probe", "-p", "tls", *words, "--require", "cert-name", target), 2)
        validate(self, reports["junit"])
        promtool(self, self.read("report.prometheus"))
        self.assertTrue(Nagios.LINE.match(self.read("report.nagios")))
        row, = csv.DictReader(io.StringIO(self.read("report.csv")), strict=True)
        subject = json.loads(self.read("report.jsonl").splitlines()[1])["tls"]["certificate"][
            "subject"]
        self.assertGreater(len(subject), 10000)
        shown = re.sub(r"[\x00-\x1f]", lambda c: "\\x%02x" % ord(c.group()), subject)
        self.assertTrue(row["certificate_subject"].lstrip("'") == shown)
        for name in reports:
            text = self.read("report." + name)
            self.assertFalse({c for c in text if ord(c) < 32 and c != "\n" or ord(c) == 127}, name)

    def test_diff(self):
        crt, key = self.certificate()
        with Peer("healthy-tls") as target:
            port = target.split(":")[1]
            self.check(rdpwhy("probe", "-q", "-p", "tls", "--save", self.path("run"), target), 0)
        with Peer("healthy-tls", "--port", port, "--cert", crt, "--key", key):
            self.check(rdpwhy("probe", "--baseline", self.path("run"), "-r", "junit=" +
                              self.path("diff.xml"), "-r", "jsonl=" + self.path("diff.jsonl"),
                              "-r", "text", "--require", "tls>=1.2", "--require",
                              "name=]]>\"'<&>"), 3)
        validate(self, self.path("diff.xml"))
        change, = (c for c in map(json.loads, self.read("diff.jsonl").splitlines())
                   if c.get("what") == "certificate")
        self.assertGreater(len(change["details"]["subject"]["after"]), 10000)


if __name__ == "__main__":
    support.main()
