#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Records the traces of fixtures/traces anew, from the fault server.

usage: record.py RDPWHY-PEER RDPWHY [NAME...]

Without names it records every row that expected.tsv has and the fault server knows. The expected
verdict comes from the fault server's table; only what that table does not have (how far the client
had sent, and what mstsc would show) is taken from the run, for a person to look at in the diff.
"""
import csv
import json
import os
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
TRACES = os.path.join(ROOT, "fixtures", "traces")
EXPECTED = os.path.join(TRACES, "expected.tsv")


def table(peer):
    text = subprocess.run([peer, "--list"], check=True, capture_output=True, text=True).stdout
    rows = csv.DictReader(text.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE)
    return {row["name"]: row for row in rows}


def probe(rdpwhy, row, target, trace):
    command = [rdpwhy, "probe", "-p", row["profile"], "-t", "3", "-r", "jsonl", "--trace", trace]
    environment = dict(os.environ)
    if row["until"] != "-":
        command += ["--until", row["until"]]
    if row["credentials"] != "none":
        command += [*([] if "--until" in command else ["--until", "active"]), "-u", "foo"]
        environment["RDPWHY_PASSWORD"] = "bar" if row["credentials"] == "right" else "wrong"
    run = subprocess.run(command + [target], capture_output=True, text=True, env=environment,
                         timeout=60, check=False)
    records = [json.loads(line) for line in run.stdout.splitlines()]
    return [r for r in records if r["record"] == "attempt"][-1]


def mstsc(attempt):
    shown = attempt.get("mstsc")
    if shown is None:
        return "-"
    codes = [shown[key].lower() for key in ("code", "extended") if key in shown]
    return "/".join(codes) + " " + shown["basis"]


def record(peer, rdpwhy, row):
    trace = os.path.join(TRACES, row["name"] + ".jsonl")
    with tempfile.TemporaryFile() as log:
        server = subprocess.Popen([peer, "--fault", row["name"], "--until-stdin-closes"],
                                  stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log,
                                  text=True)
        try:
            _, address, port = server.stdout.readline().rstrip("\n").split("\t")
            server.stdout.readline()
            attempt = probe(rdpwhy, row, f"{address}:{port}", trace)
        finally:
            server.stdin.close()
            server.wait(timeout=10)
    dash = lambda text: text if text not in ("", None) else "-"
    return "\t".join([row["name"], row["outcome"], dash(row["phase"]), row["ending"],
                      dash(row["closed_by"]), dash(row["code_space"]), dash(row["code"]),
                      attempt.get("sent_through", "-"), mstsc(attempt)])


def main():
    peer, rdpwhy, names = sys.argv[1], sys.argv[2], sys.argv[3:]
    rows = table(peer)
    kept = {}
    if os.path.exists(EXPECTED):
        with open(EXPECTED, encoding="utf-8") as lines:
            for line in lines:
                if not line.startswith("#") and line.strip():
                    kept[line.split("\t")[0]] = line.rstrip("\n")
    for name in names or [n for n in kept if n in rows]:
        kept[name] = record(peer, rdpwhy, rows[name])
    with open(EXPECTED, "w", encoding="utf-8") as out:
        out.write("# trace\toutcome\tphase\tending\tclosed_by\tcode space\tcode\tsent_through\tmstsc\n")
        out.writelines(kept[name] + "\n" for name in sorted(kept))


main()
