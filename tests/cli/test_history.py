# SPDX-License-Identifier: Apache-2.0
"""history: saved runs in a database, and what they tell together of the time between them."""
import datetime
import gzip
import json
import os
import random
import re
import signal
import sqlite3
import subprocess
import time
import xml.etree.ElementTree

import jsoncheck
import support
from support import CliTest, Closed, Peer, need, rdpwhy

RUNS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "fixtures", "runs")
TABLES = ("runs", "parts", "hosts", "certificates", "attempts", "phases", "findings", "across")


def template():
    """Of a recorded run: its first line, an attempt, a healthy and a broken host, the last line."""
    with open(os.path.join(RUNS, "after.jsonl"), encoding="utf-8") as file:
        records = [json.loads(line) for line in file]
    host = next(r for r in records if r["record"] == "host" and r["state"] == "healthy")
    broken = next(r for r in records if r["record"] == "host" and r["state"] == "broken")
    attempts = [r for r in records if r["record"] == "attempt" and r["target"] == host["target"]]
    attempt = next(r for r in attempts if "certificate" in r.get("tls", {}) and
                   r["outcome"] == "completed")
    return records[0], attempt, {"healthy": host, "broken": broken}, records[-1]


FIRST, ATTEMPT, HOSTS, LAST = template()


def stamp(moment):
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def made_run(moment, hosts, vantage="fra", end=True, tls_us=None):
    """A run that began at |moment|: |hosts| is a list of (target, state)."""
    lines = [dict(FIRST, started=stamp(moment), vantage=vantage, targets=len(hosts))]
    for number, (target, state) in enumerate(hosts):
        attempt = dict(ATTEMPT, target=target, vantage=vantage, ordinal=1,
                       started=stamp(moment + datetime.timedelta(milliseconds=number + 1)))
        if tls_us is not None:
            attempt["phases"] = [dict(phase, duration_us=tls_us) if phase["phase"] == "tls"
                                 else phase for phase in attempt["phases"]]
        host = dict(HOSTS[state], target=target, vantage=vantage, attempts=1)
        host["findings"] = [dict(finding, attempts=[1]) for finding in host["findings"]]
        for name in ("license_modes", "license_facts"):
            host.pop(name, None)
        lines += [attempt, host]
    if end:
        lines.append(dict(LAST, hosts=len(hosts), attempts=len(hosts)))
    return "".join(json.dumps(line, separators=(",", ":")) + "\n" for line in lines)


NOON = datetime.datetime(2026, 11, 1, 12)


def days(count):
    return NOON + datetime.timedelta(days=count)


class HistoryTest(CliTest):
    def setUp(self):
        super().setUp()
        self.db = self.path("h.db")

    def add(self, *files, code=0, **more):
        return self.check(rdpwhy("history", "add", self.db, *files, **more), code)

    def sql(self, text, *arguments):
        connection = sqlite3.connect(self.db)
        try:
            return connection.execute(text, arguments).fetchall()
        finally:
            connection.close()

    def counts(self):
        return {table: self.sql("SELECT count(*) FROM " + table)[0][0] for table in TABLES}

    def check_whole(self):
        self.assertEqual(self.sql("PRAGMA integrity_check"), [("ok",)])
        self.assertEqual(self.sql("PRAGMA foreign_key_check"), [])

    def report(self, kind=None):
        run = self.check(rdpwhy("history", "report", "-r", "jsonl", self.db), 0, err="")
        records = [json.loads(line) for line in run.out.splitlines()]
        if jsoncheck.jsonschema:
            schema = jsoncheck.load_schema()
            for record in records:
                self.assertEqual(list(jsoncheck.validator_of(schema, record["record"])
                                      .iter_errors(record)), [], record)
        self.assertEqual((records[0]["record"], records[-1]["record"]),
                         ("history", "history-end"))
        return [record for record in records if kind is None or record["record"] == kind]


class Adding(HistoryTest):
    def test_what_is_in_the_run_is_in_the_tables(self):
        path = os.path.join(RUNS, "before.jsonl")
        run = self.add(path)
        self.assertEqual((run.out, run.err), (path + ": 7 hosts, 35 attempts added\n", ""))
        with open(path, encoding="utf-8") as file:
            records = [json.loads(line) for line in file]
        attempts = [r for r in records if r["record"] == "attempt"]
        hosts = [r for r in records if r["record"] == "host"]
        self.assertEqual(self.sql("SELECT version, started, targets, finished, complete FROM runs"),
                         [(records[0]["version"], records[0]["started"], records[0]["targets"], 7,
                           1)])
        self.assertEqual(sorted(self.sql("SELECT target, state FROM hosts")),
                         sorted((h["target"], h["state"]) for h in hosts))
        self.assertEqual(
            sorted(self.sql("SELECT h.target, a.ordinal, a.profile, a.license_mode, a.started, "
                            "a.duration_us, a.outcome, a.phase, a.ending FROM attempts AS a "
                            "JOIN hosts AS h ON h.id = a.host_id")),
            sorted((a["target"], a["ordinal"], a["profile"], a["license_mode"], a["started"],
                    a["duration_us"], a["outcome"], a["phase"], a["ending"]) for a in attempts))
        self.assertEqual(
            sorted(self.sql("SELECT code_space, code, code_name FROM attempts "
                            "WHERE code IS NOT NULL")),
            sorted((a["code"]["space"], a["code"]["value"], a["code"]["name"]) for a in attempts
                   if "code" in a))
        self.assertEqual(
            sorted(self.sql("SELECT h.target, a.ordinal, p.phase, p.start_us, p.duration_us "
                            "FROM phases AS p JOIN attempts AS a ON a.id = p.attempt_id "
                            "JOIN hosts AS h ON h.id = a.host_id")),
            sorted((a["target"], a["ordinal"], p["phase"], p["start_us"], p["duration_us"])
                   for a in attempts for p in a.get("phases", ())))
        self.assertEqual(
            sorted(self.sql("SELECT h.target, f.place, f.rule, f.severity, f.summary "
                            "FROM findings AS f JOIN hosts AS h ON h.id = f.host_id")),
            sorted((h["target"], place, f["rule"], f["severity"], f["summary"]) for h in hosts
                   for place, f in enumerate(h["findings"])))
        certificates = {a["tls"]["certificate"]["sha256"]: a["tls"]["certificate"]["not_after"]
                        for a in attempts if "certificate" in a.get("tls", {})}
        self.assertEqual({sha: after.replace(".000000Z", "Z") for sha, after in
                          self.sql("SELECT sha256, not_after FROM certificates")}, certificates)
        self.check_whole()

    def test_twice_is_said_and_not_doubled(self):
        path = self.write("run.jsonl", made_run(NOON, [("a:3389", "healthy")]))
        self.add(path)
        before = self.counts()
        copy = self.write("copy.jsonl", self.read("run.jsonl"))
        with open(self.path("run.jsonl.gz"), "wb") as file:
            file.write(gzip.compress(self.read("run.jsonl").encode()))
        for name in (path, copy, self.path("run.jsonl.gz")):
            run = self.add(name)
            self.assertIn("'%s' is in the history already: nothing was added" % name, run.err)
            self.assertEqual(self.counts(), before)
        run = self.add("-", stdin=self.read("run.jsonl").encode())
        self.assertIn("'standard input' is in the history already", run.err)
        self.assertEqual(self.counts(), before)
        self.assertEqual(self.add("-q", path).err, "")

    def test_a_run_that_was_cut_off_is_said_and_can_be_added_whole_later(self):
        whole = made_run(NOON, [("a:3389", "healthy"), ("b:3389", "broken"), ("c:3389", "healthy")])
        lines = whole.splitlines(True)
        sizes = []
        for cut in range(1, len(lines)):
            path = self.write("cut.jsonl", "".join(lines[:cut]) + lines[cut][:40])
            run = self.add(path)
            if "already" not in run.err:
                self.assertIn("'%s' has no end: the run was interrupted" % path, run.err)
            alone = rdpwhy("history", "add", self.path("%d.db" % cut), path)
            self.assertEqual("1 unfinished host(s): left out" in alone.err, cut % 2 == 0, alone)
            finished = sum('"record":"host"' in line for line in lines[:cut])
            self.assertEqual(self.sql("SELECT count(*), max(complete) FROM runs"), [(1, 0)])
            self.assertEqual(self.counts()["hosts"], finished)
            self.check_whole()
            sizes.append(finished)
        self.assertEqual(sorted(set(sizes)), [0, 1, 2, 3])
        run = self.add(self.write("run.jsonl", whole))
        self.assertIn("a shorter part of", run.err)
        self.assertEqual(self.sql("SELECT count(*), max(complete) FROM runs"), [(1, 1)])
        self.assertEqual((self.counts()["hosts"], self.counts()["attempts"]), (3, 3))
        run = self.add(self.path("cut.jsonl"))
        self.assertIn("already", run.err)
        self.assertEqual(self.counts()["hosts"], 3)

    def test_a_merged_run_and_its_parts(self):
        """Records that came with the merged run do not come again with its parts."""
        files = [self.write(place, made_run(NOON, [("a:3389", state), ("b:3389", "healthy")],
                                            place))
                 for place, state in (("fra", "healthy"), ("sgp", "broken"))]
        merged = self.path("merged")
        self.check(rdpwhy("merge", "-r", "jsonl=" + merged, *files), 1)
        run = self.add(merged)
        self.assertEqual((run.out, run.err), (merged + ": 4 hosts, 4 attempts added\n", ""))
        self.assertEqual(sorted(self.sql("SELECT target, vantage, state FROM hosts")),
                         [("a:3389", "fra", "healthy"), ("a:3389", "sgp", "broken"),
                          ("b:3389", "fra", "healthy"), ("b:3389", "sgp", "healthy")])
        self.assertEqual(self.sql("SELECT vantage, complete FROM parts ORDER BY place"),
                         [("fra", 1), ("sgp", 1)])
        self.assertEqual(self.sql("SELECT target, rule FROM across"), [("a:3389", "path-differs")])
        run = self.add(*files)
        self.assertEqual(run.err.count("2 host(s) that another run has added before"), 2, run)
        self.assertEqual(self.counts()["hosts"], 4)
        self.check_whole()

    def test_a_real_run(self):
        with Closed() as closed, Peer("healthy-tls") as target:
            run = rdpwhy("probe", "-p", "negotiate,tls", "--vantage", "fra", "--save",
                         self.path("run"), closed, target)
            self.assertEqual(run.code, 1, run)
        self.add(self.path("run"))
        self.assertEqual(sorted(self.sql("SELECT target, vantage, state FROM hosts")),
                         sorted([(closed, "fra", "unreachable"), (target, "fra", "healthy")]))
        self.assertEqual(self.sql("SELECT count(*) FROM certificates"), [(1,)])

    def test_what_is_no_run(self):
        good = self.write("good", made_run(NOON, [("a:3389", "healthy")]))
        lines = self.read("good").splitlines(True)
        for name, text, words in (
                ("empty", "", "the file is empty"),
                ("text", "hello\n", "not JSON"),
                ("later", "".join(lines).replace("rdpwhy/1", "rdpwhy/2"),
                 'schema is not "rdpwhy/1"'),
                ("damaged", "".join(lines[:-1]) + "{damaged}\n" + lines[-1], "line 4: not JSON"),
                ("word", "".join(lines).replace('"healthy"', '"rather-well"'),
                 "is a word that this version does not know")):
            with self.subTest(name):
                path = self.write(name, text)
                run = self.add(path, code=2)
                self.assertEqual(run.out, "")
                self.assertIn(words, run.err)
                self.assertEqual(self.counts()["runs"], 0)
        run = self.add(self.path("damaged"), good, self.path("nothing"), code=2)
        self.assertEqual(run.out, good + ": 1 host, 1 attempt added\n")
        self.assertEqual(self.counts()["hosts"], 1)
        self.check_whole()

    def test_what_is_no_history(self):
        run = self.write("run", made_run(NOON, [("a:3389", "healthy")]))
        text = self.write("text", "this is not a database, and longer than its header would be" * 99)
        self.db = text
        self.assertIn("is no SQLite database", self.add(run, code=2).err)
        self.assertTrue(self.read("text").startswith("this is not"))
        self.db = self.path("other.db")
        self.sql("CREATE TABLE mine (x)")
        self.assertIn("is a database of another program", self.add(run, code=2).err)
        self.assertEqual(self.sql("SELECT name FROM sqlite_master"), [("mine",)])
        self.db = self.path("h.db")
        self.add(run)
        self.sql("PRAGMA user_version = 99")
        for words in (("add", self.db, run), ("report", self.db)):
            self.assertIn("has version 99, which a later rdpwhy wrote",
                          self.check(rdpwhy("history", *words), 2, out="").err)
        self.db = self.path(os.path.join("nowhere", "h.db"))
        self.add(run, code=2)

    def test_usage(self):
        run = self.write("run", made_run(NOON, [("a:3389", "healthy")]))
        for words, message in (
                ((), "history: use add DB RUN... or report DB"),
                (("add",), "history: use add DB RUN... or report DB"),
                (("drop", "x"), "history: unknown action 'drop' (one of add, report)"),
                (("add", self.db), "history: no run to add (try: rdpwhy history add DB RUN..., "
                                   "with files from probe --save)"),
                (("add", self.db, "-", "-"), "history: standard input was given twice"),
                (("add", self.db, run, "-r", "text"), "history: --report is for history report"),
                (("report", self.db), "history: cannot read '%s': No such file or directory"
                 % self.db),
                (("report", self.db, run), "history: one database at a time (try: rdpwhy history "
                                           "report DB)"),
                (("report", self.db, "-r", "junit"), "--report: the format junit cannot show a "
                                                     "history (use one of text, jsonl, html)"),
                (("report", self.db, "-r", "jsonl=" + self.db),
                 "--report: '%s' is the database that is shown" % self.db)):
            with self.subTest(words):
                self.check(rdpwhy("history", *words), 2, out="", err="rdpwhy: %s\n" % message)
                self.assertFalse(os.path.exists(self.db))

    def test_a_full_disk(self):
        need(os.path.exists("/dev/full"), "there is no /dev/full here")
        self.add(self.write("run", made_run(NOON, [("a:3389", "healthy")])))
        with open("/dev/full", "w", encoding="utf-8") as full:
            run = rdpwhy("history", "report", self.db, stdout=full)
        self.assertEqual(run.code, 4, run)

    def test_two_at_once(self):
        """Whoever comes second waits; nothing is lost and nothing doubled."""
        files = [self.write("run%d" % i, made_run(days(i), [("h%d:3389" % n, "healthy")
                                                           for n in range(50)]))
                 for i in range(6)]
        running = [subprocess.Popen([support.RDPWHY, "history", "add", "-q", self.db, *order],
                                    stderr=subprocess.PIPE, env=support.environment())
                   for order in (files, files[::-1], files[3:] + files[:3])]
        for process in running:
            _, err = process.communicate(timeout=60)
            self.assertEqual((process.returncode, err), (0, b""))
        self.assertEqual(self.sql("SELECT count(*) FROM runs"), [(6,)])
        self.assertEqual(self.counts()["hosts"], 300)
        self.check_whole()


class Killed(HistoryTest):
    def test_nothing_is_half_written(self):
        """Killed at random moments: of each run the file has all or nothing."""
        hosts = [("h%04d:3389" % n, "broken" if n % 7 == 0 else "healthy") for n in range(150)]
        files = [self.write("run%d" % i, made_run(days(i), hosts)) for i in range(4)]
        began = time.monotonic()
        self.add(*files)
        whole = time.monotonic() - began
        rows = self.counts()
        self.assertEqual((rows["runs"], rows["hosts"]), (4, 600))
        chance = random.Random(1904)
        seen = set()
        for _ in range(16):
            for suffix in ("", "-journal"):
                if os.path.exists(self.db + suffix):
                    os.unlink(self.db + suffix)
            child = subprocess.Popen([support.RDPWHY, "history", "add", self.db, *files],
                                     stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                     env=support.environment())
            time.sleep(chance.uniform(0, whole))
            child.send_signal(signal.SIGKILL)
            child.wait()
            if not os.path.exists(self.db):
                seen.add("no file")
                continue
            self.check_whole()
            if not self.sql("SELECT name FROM sqlite_master"):
                seen.add("no tables")
                continue
            runs = self.counts()["runs"]
            seen.add(runs)
            for table in ("hosts", "attempts", "phases", "findings"):
                self.assertEqual(self.counts()[table], rows[table] // 4 * runs, (runs, table))
            # and it goes on from there
            self.add("-q", *files)
            self.assertEqual(self.counts(), rows)
        self.assertGreater(len(seen), 2, "it was always killed at the same moment")
        self.assertTrue(seen & {1, 2, 3}, seen)


class Reporting(HistoryTest):
    def add_days(self, states, target="a:3389", vantage="fra", first=0, **more):
        for number, state in enumerate(states):
            self.add("-q", self.write("run", made_run(days(first + number), [(target, state)],
                                                      vantage, **more)))

    def host(self, target="a:3389"):
        found, = [h for h in self.report("history-host") if h["target"] == target]
        return found

    def test_since_when(self):
        self.add_days(["healthy", "healthy", "broken", "broken"])
        host = self.host()
        self.assertEqual((host["state"], host["since"][:10], host["before"]["state"],
                          host["before"]["last"][:10], host["records"], host["changes"]),
                         ("broken", "2026-11-03", "healthy", "2026-11-02", 4, 1))
        self.assertEqual(host["recent"], ["healthy", "healthy", "broken", "broken"])
        self.assertEqual(host["rule"], HOSTS["broken"]["findings"][0]["rule"])
        self.assertNotIn("flapping", host)
        run = self.check(rdpwhy("history", "report", self.db), 0, err="")
        self.assertIn("1 host in 4 runs, 2026-11-01 12:00 to 2026-11-04 12:00 UTC", run.out)
        self.assertRegex(run.out, r"broken +2026-11-03 12:00 +\S+ +a:3389 from fra +\S")
        self.assertIn("last healthy 2026-11-02 12:00", re.sub(r"\s+", " ", run.out))
        self.check(rdpwhy("history", "report", "-q", self.db), 0,
                   out="broken       2026-11-03 12:00  a:3389 from fra\n", err="")

    def test_the_order_of_adding_does_not_matter(self):
        states = ["healthy", "broken", "broken", "healthy", "broken"]
        order = [3, 0, 4, 2, 1]
        for number in order:
            self.add_days([states[number]], first=number)
        host = self.host()
        self.assertEqual((host["recent"], host["since"][:10]), (states, "2026-11-05"))

    def test_always_the_same(self):
        self.add_days(["healthy"] * 3)
        host = self.host()
        self.assertEqual((host["state"], host["since"], host["since"]),
                         ("healthy", host["first"], host["rule_since"]))
        self.assertNotIn("before", host)
        run = self.check(rdpwhy("history", "report", self.db), 0, err="")
        self.assertIn("all 1 host is healthy (-v shows it)", run.out)
        run = self.check(rdpwhy("history", "report", "-v", self.db), 0, err="")
        self.assertIn("so in all 3 records", re.sub(r"\s+", " ", run.out))

    def test_flapping(self):
        self.add_days(["healthy", "broken", "healthy", "broken"])
        self.assertTrue(self.host()["flapping"])
        run = self.check(rdpwhy("history", "report", self.db), 0, err="")
        self.assertRegex(run.out, r"Hosts that keep changing\n.*\n +3 in 4 +\S+ +a:3389 from fra\n")
        # what is long ago does not count
        self.add_days(["broken"] * 9, first=4)
        self.assertNotIn("flapping", self.host())
        self.assertEqual(len(self.host()["recent"]), 13)
        self.add_days(["broken"] * 9, first=13)
        self.assertEqual(len(self.host()["recent"]), 20)

    def test_places_are_told_apart(self):
        self.add_days(["healthy", "broken"], vantage="sgp")
        self.add_days(["healthy", "healthy"], vantage="fra")
        self.assertEqual([(h["vantage"], h["state"]) for h in self.report("history-host")],
                         [("fra", "healthy"), ("sgp", "broken")])
        self.assertEqual(self.report("history-end")[0]["states"],
                         {"healthy": 1, "degraded": 0, "broken": 1, "unreachable": 0})

    def test_certificates(self):
        """The last record's alone, the next to expire first."""
        def with_certificate(text, sha, after):
            lines = [json.loads(line) for line in text.splitlines()]
            for line in lines:
                if line["record"] == "attempt":
                    line["tls"] = dict(line["tls"], certificate=dict(
                        line["tls"]["certificate"], sha256=sha, not_after=after))
            return "".join(json.dumps(line) + "\n" for line in lines)

        hosts = [("h%d:3389" % n, "healthy") for n in range(5)]
        soon = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=10, hours=1)
        for number, (moment, which, sha, after) in enumerate((
                (0, hosts, "aa" * 32, "2026-12-01T00:00:00Z"),
                (1, hosts, "bb" * 32, "2099-12-31T23:59:59Z"),
                (1, [("x:3389", "healthy")], "cc" * 32, soon.strftime("%Y-%m-%dT%H:%M:%SZ")))):
            self.add("-q", self.write("run%d" % number, with_certificate(
                made_run(days(moment), which, "fra%d" % (moment if number < 2 else 9)), sha, after)
                .replace("fra1", "fra0")))
        found = self.report("history-certificate")
        self.assertEqual([(c["sha256"][:2], c["hosts"], c["targets"]) for c in found],
                         [("cc", 1, ["x:3389"]), ("bb", 5, ["h0:3389", "h1:3389", "h2:3389"])])
        self.assertEqual(found[0]["days_left"], 10)
        run = self.check(rdpwhy("history", "report", self.db), 0, err="")
        self.assertRegex(run.out, r"Certificates that expire next\n.*\n +\S+ +10 +\S.* x:3389\n")

    def test_times(self):
        self.add_days(["healthy"] * 8, tls_us=4000)
        self.add_days(["healthy"] * 5, first=8, tls_us=900000)
        self.add_days(["healthy"] * 13, target="b:3389", vantage="nyc", tls_us=5000)
        pace, = self.report("history-pace")
        self.assertEqual((pace["target"], pace["phase"], pace["before_us"], pace["recent_us"],
                          pace["before_count"], pace["recent_count"]),
                         ("a:3389", "tls", 4000, 900000, 8, 5))
        times = {(t["vantage"], t["day"]): (t["count"], t["median_us"])
                 for t in self.report("history-times") if t["phase"] == "tls"}
        self.assertEqual(times[("fra", "2026-11-08")], (1, 4000))
        self.assertEqual(times[("fra", "2026-11-13")], (1, 900000))
        self.assertEqual(times[("nyc", "2026-11-13")], (1, 5000))
        run = self.check(rdpwhy("history", "report", self.db), 0, err="")
        self.assertRegex(run.out, r"tls +4\.0 ms -> 900(\.0)? ms +\S+ +a:3389 from fra\n")
        self.check(rdpwhy("history", "report", "--slower-factor", "1000", self.db), 0)
        run = rdpwhy("history", "report", "-r", "jsonl", "--slower-floor", "1", self.db)
        self.assertNotIn("history-pace", run.out)

    def test_an_empty_history(self):
        self.add(self.write("bad", "no run\n"), code=2)
        self.assertEqual(len(self.report()), 2)
        run = self.check(rdpwhy("history", "report", self.db), 0, err="")
        self.assertEqual(run.out, self.db + ": 0 hosts in 0 runs\n")

    def test_texts_of_others_do_no_harm(self):
        """What stands in the database may be anybody's."""
        self.add_days(["broken"])
        self.sql_write("UPDATE hosts SET target = ?", "a\x1b[31m\n:3389")
        self.sql_write("UPDATE findings SET summary = ?", "x\u202ey\x07")
        run = self.check(rdpwhy("history", "report", "--color", "never", self.db), 0, err="")
        self.assertNotRegex(run.out, "[\x00-\x09\x0b-\x1f\x7f\u202e]")
        self.sql_write("UPDATE hosts SET state = ?", "rather-well")
        self.sql_write("UPDATE certificates SET not_after = ?", "tomorrow")
        self.sql_write("UPDATE phases SET duration_us = ?", -5)
        self.check(rdpwhy("history", "report", self.db), 0, err="")
        self.sql_write("UPDATE hosts SET state = ?", "healthy")
        self.report()

    def sql_write(self, text, *arguments):
        connection = sqlite3.connect(self.db)
        with connection:
            connection.execute(text, arguments)
        connection.close()

    def test_page(self):
        """Well-formed, with a strip for each host, and nothing of anybody's is markup."""
        self.add_days(["healthy", "broken", "healthy", "broken"])
        self.add_days(["healthy"] * 12, target="b:3389", vantage="<i>nyc</i>")
        self.sql_write("UPDATE findings SET summary = ?", "<script>alert(1)</script>\x1b&\u202e")
        page = self.check(rdpwhy("history", "report", "-r", "html", self.db), 0, err="").out
        body = page.replace("<!doctype html>\n", "").replace("<br>", "<br/>")
        tree = xml.etree.ElementTree.fromstring(re.sub(r"<meta ([^>]*)>", r"<meta \1/>", body))
        strips = [[span.get("title") for span in cell] for cell in tree.iter("td")
                  if cell.get("class") == "strip"]
        self.assertEqual(strips, [["healthy", "broken"] * 2, ["healthy"] * 12])
        self.assertEqual([element.tag for element in tree.iter("script")], [])
        text = "".join(tree.itertext())
        for words in ("<i>nyc</i>", "<script>alert(1)</script>", "keeps changing",
                      "last healthy 2026-11-03 12:00"):
            self.assertIn(words, text)
        self.assertNotRegex(page, "[\x00-\x09\x0b-\x1f\x7f\u202e]")

    def test_two_reports(self):
        self.add_days(["broken"])
        both = rdpwhy("history", "report", "-r", "text", "-r", "jsonl=" + self.path("out"), self.db)
        self.check(both, 0, err="")
        self.assertTrue(both.out.startswith(self.db + ": 1 host in 1 run"), both)
        self.assertIn('"record":"history-end"', self.read("out"))

    def test_documentation(self):
        """docs/HISTORY.md names every column of every table, and its queries run."""
        path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "docs",
                            "HISTORY.md")
        with open(path, encoding="utf-8") as file:
            text = file.read()
        self.add_days(["healthy", "broken"])
        for table in TABLES:
            section = text.split("### %s\n" % table, 1)[1].split("\n#", 1)[0]
            shown = re.findall(r"^\| `(\w+)` \|", section, re.M)
            columns = [row[1] for row in self.sql("PRAGMA table_info(%s)" % table)]
            self.assertEqual(shown, columns, table)
        queries = re.findall(r"```sql\n(.*?)```", text, re.S)
        self.assertGreaterEqual(len(queries), 3)
        for query in queries:
            self.sql(query)
        self.assertIn("version %d" % self.sql("PRAGMA user_version")[0][0], text)


if __name__ == "__main__":
    support.main()
