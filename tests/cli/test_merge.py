# SPDX-License-Identifier: Apache-2.0
"""merge, --vantage, --shard: runs from several machines and places as one."""
import gzip
import json
import os
import re

import support
from support import CliTest, Closed, Peer, rdpwhy

PROFILES = ("-p", "negotiate,tls", "--second-try", "0")


def records(text, kind=None):
    lines = [json.loads(line) for line in text.splitlines()]
    return [line for line in lines if kind is None or line["record"] == kind]


class Merge(CliTest):
    def run_from(self, vantage, *targets, code=None):
        run = rdpwhy("probe", *PROFILES, "--vantage", vantage, "--save", self.path(vantage), "-q",
                     *targets)
        if code is not None:
            self.check(run, code)
        return self.path(vantage)

    def three_places(self):
        """One target that works from two places and is reset from the third."""
        with Closed() as target:
            port = target.rsplit(":", 1)[1]
        files = []
        for vantage, fault in (("fra", "healthy-tls"), ("nyc", "healthy-tls"), ("sgp", "rst-accept")):
            with Peer(fault, "--port", port) as target:
                files.append(self.run_from(vantage, target))
        return target, files

    def test_vantage_is_in_every_record(self):
        with Closed() as target:
            run = rdpwhy("probe", *PROFILES, "-r", "jsonl", "--vantage", "fra", target)
            own = rdpwhy("probe", *PROFILES, "-r", "jsonl", target)
        self.assertEqual({line.get("vantage") for line in records(run.out)}, {"fra"}, run)
        self.assertEqual({line.get("vantage") for line in records(own.out)}, {os.uname().nodename})
        for bad in ("", "a b", "a\nb", "x" * 64):
            self.check(rdpwhy("probe", "--vantage", bad, target), 2)

    def test_path_differs(self):
        target, files = self.three_places()
        text = self.check(rdpwhy("merge", *files), 1, err="")
        first = text.out.split(target, 1)[1]
        self.assertTrue(text.out.startswith("\nSeen from several places\n" + target), text)
        self.assertIn("The server works from fra and nyc, but not from sgp: aborted in negotiation: "
                      "reset, so something on that path differs [path-differs]",
                      re.sub(r"\s+", " ", first))
        self.assertIn(target + " from sgp", text.out)
        merged = self.check(rdpwhy("merge", "-r", "jsonl", *files), 1, err="")
        lines = records(merged.out)
        self.assertEqual([line["record"] for line in lines[:2]], ["run", "across"])
        self.assertEqual([part["vantage"] for part in lines[0]["merged"]], ["fra", "nyc", "sgp"])
        self.assertEqual(lines[1]["finding"]["rule"], "path-differs")
        self.assertEqual(sorted((host["vantage"], host["state"]) for host in lines
                                if host["record"] == "host"),
                         [("fra", "healthy"), ("nyc", "healthy"), ("sgp", "broken")])
        self.assertEqual(lines[-1]["hosts"], 3)
        self.assertTrue(lines[-1]["complete"])

    def test_all_formats_and_again(self):
        target, files = self.three_places()
        merged = self.check(rdpwhy("merge", "-r", "jsonl", *files), 1)
        with open(self.path("merged"), "w", encoding="utf-8") as file:
            file.write(merged.out)
        for name in ("text", "jsonl", "csv", "csv-hosts", "junit", "prometheus", "html"):
            once = rdpwhy("merge", "-r", name, *files)
            shown = rdpwhy("show", "-r", name, self.path("merged"))
            self.check(once, 1)
            if name in ("csv", "csv-hosts", "jsonl", "junit", "prometheus"):
                self.assertEqual(shown.out, once.out, name)
            self.assertIn("sgp", shown.out, name)
        twice = self.check(rdpwhy("merge", "-r", "jsonl", self.path("merged")), 1, err="")
        self.assertEqual(records(twice.out), records(merged.out))
        metrics = rdpwhy("merge", "-r", "prometheus", *files).out
        self.assertIn('rdpwhy_host_state{target="%s",vantage="sgp",state="broken"} 1' % target,
                      metrics)
        self.check(rdpwhy("show", self.path("merged"), target), 1)

    def test_diff(self):
        target, files = self.three_places()
        merged, later = self.path("merged"), self.path("later")
        rdpwhy("merge", "-r", "jsonl=" + merged, *files)
        rdpwhy("merge", "-r", "jsonl=" + later, "fra=" + files[2], "nyc=" + files[1],
               "sgp=" + files[0])
        diff = self.check(rdpwhy("diff", "-r", "jsonl", merged, later), 3)
        changed = {line["target"] for line in records(diff.out, "change")}
        self.assertEqual(changed, {target + " from fra", target + " from sgp"}, diff)
        self.check(rdpwhy("diff", merged, merged), 0)
        for run in (("diff", merged, files[0]), ("diff", files[0], merged),
                    ("probe", "--baseline", merged)):
            self.assertIn("merged from several places", self.check(rdpwhy(*run), 2).err)
        one = self.path("one")
        rdpwhy("merge", "-r", "jsonl=" + one, files[0])
        self.check(rdpwhy("diff", one, files[0]), 0)

    def test_all_alike_is_the_server(self):
        with Closed() as target:
            files = [self.run_from(vantage, target) for vantage in ("fra", "nyc")]
        lines = records(self.check(rdpwhy("merge", "-r", "jsonl", *files), 1).out, "across")
        self.assertEqual([line["finding"]["rule"] for line in lines], ["fails-everywhere"])
        one = records(self.check(rdpwhy("merge", "-r", "jsonl", files[0]), 1).out, "across")
        self.assertEqual(one, [])

    def test_shards(self):
        with Closed() as closed:
            targets = ["127.0.0.%d:%s" % (i, closed.rsplit(":", 1)[1]) for i in range(2, 12)]
            files, seen = [], []
            for part in ("1/3", "2/3", "3/3"):
                path = self.path("shard-" + part[0])
                run = rdpwhy("probe", "-p", "tls", "--shard", part, "--vantage", "fra", "--save",
                             path, *targets)
                self.assertIn(run.code, (0, 1), run)
                files.append(path)
                with open(path, encoding="utf-8") as file:
                    seen += [host["target"] for host in records(file.read(), "host")]
        self.assertEqual(sorted(seen), sorted(targets))
        merged = records(self.check(rdpwhy("merge", "-r", "jsonl", *files), 1, err="").out)
        self.assertEqual(sorted(line["target"] for line in merged if line["record"] == "host"),
                         sorted(targets))
        self.assertTrue(merged[-1]["complete"])
        for bad in ("0/3", "4/3", "1", "1/", "/3", "a/b", "1/3x", "1/0", "-1/3", "1/1000000"):
            self.check(rdpwhy("probe", "--shard", bad, "srv1"), 2)

    def test_an_empty_shard_is_a_run(self):
        with Closed() as target:
            codes = set()
            for part in range(1, 9):
                path = self.path("part%d" % part)
                codes.add(rdpwhy("probe", "-p", "tls", "--shard", "%d/8" % part, "--save", path,
                                 target).code)
                with open(path, encoding="utf-8") as file:
                    self.assertTrue(records(file.read())[-1]["complete"])
        self.assertEqual(codes, {0, 1})
        merged = rdpwhy("merge", "-r", "jsonl", *[self.path("part%d" % i) for i in range(1, 9)])
        self.assertEqual(records(merged.out)[-1]["hosts"], 1, merged)

    def test_duplicates_and_what_was_cut_off(self):
        with Closed() as one, Closed() as two:
            first = self.run_from("fra", one, two)
            again = self.path("again")
            rdpwhy("probe", *PROFILES, "--vantage", "fra", "--save", again, one)
        run = self.check(rdpwhy("merge", "-r", "jsonl", first, again), 1)
        self.assertIn("1 host(s) that another run has from the same place, too", run.err)
        hosts = records(run.out, "host")
        self.assertEqual(len(hosts), 2)
        newest = {line["target"]: line["started"] for line in records(run.out, "attempt")}
        with open(again, encoding="utf-8") as file:
            self.assertEqual(newest[one], records(file.read(), "attempt")[-1]["started"])
        with open(first, encoding="utf-8") as file:
            lines = file.read().splitlines(True)
        for cut in range(1, len(lines)):
            with open(self.path("cut"), "w", encoding="utf-8") as file:
                file.write("".join(lines[:cut]) + lines[cut][:20])
            run = rdpwhy("merge", "-r", "jsonl", self.path("cut"))
            self.assertIn(run.code, (0, 1), run)
            self.assertIn("1 run(s) without their end", run.err)
            told = records(run.out)
            finished = sum(json.loads(line)["record"] == "host" for line in lines[:cut])
            self.assertEqual(told[-1]["hosts"], finished)
            self.assertNotIn("complete", told[-1])

    def test_damage_is_said_and_hides_nothing(self):
        with Closed() as one:
            good, other = self.run_from("fra", one), self.run_from("nyc", one)
        with open(other, encoding="utf-8") as file:
            lines = file.read().splitlines(True)
        with open(other, "w", encoding="utf-8") as file:
            file.write("".join(lines[:-1]) + "{damaged}\n" + lines[-1])
        run = self.check(rdpwhy("merge", "-r", "jsonl", good, other), 2)
        self.assertIn("%s: line %d: not JSON:" % (other, len(lines)), run.err)
        self.assertEqual(len(records(run.out, "host")), 2)
        with open(other, "w", encoding="utf-8") as file:
            file.write("".join(lines).replace("rdpwhy/1", "rdpwhy/2"))
        run = self.check(rdpwhy("merge", "-r", "jsonl", good, other), 2)
        self.assertIn('line 1: schema is not "rdpwhy/1"', run.err)
        self.assertEqual([host["vantage"] for host in records(run.out, "host")], ["fra"])
        for bad in ([], [self.path("nothing")], [self.path(".")], ["-", "-"], [good, "a b=" + good]):
            run = self.check(rdpwhy("merge", *bad), 2)
            self.assertEqual(run.out, "")
        self.check(rdpwhy("merge", "-r", "jsonl=" + good, good), 2)
        self.assertGreater(os.path.getsize(good), 0)

    def test_names_and_packed_files(self):
        with Closed() as one:
            path = self.run_from("fra", one)
        with open(path, "rb") as file:
            content = file.read()
        with open(self.path("lon.jsonl.gz"), "wb") as file:
            file.write(gzip.compress(content.replace(b',"vantage":"fra"', b"")
                                     .replace(b'"vantage":"fra",', b"")))
        run = rdpwhy("merge", "-r", "jsonl", "ams=" + path, self.path("lon.jsonl.gz"), "-",
                     stdin=content)
        self.assertEqual([host["vantage"] for host in records(run.out, "host")],
                         ["ams", "lon", "fra"], run)
        self.assertEqual([part["vantage"] for part in records(run.out)[0]["merged"]],
                         ["ams", "lon", "fra"])
        self.assertEqual(len({json.dumps({**host, "vantage": ""}, sort_keys=True)
                              for host in records(run.out, "host")}), 1)


if __name__ == "__main__":
    support.main()
