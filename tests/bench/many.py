#!/usr/bin/env python3
"""What many machines, places and days cost, measured: `./dev bench` runs it against the release build.

- merge beside `jq -c .` on the same runs, in turns, one processor each
- the memory of merge and of history add, from a thousand attempts to a million
- one list over four shards that GNU parallel runs beside one process with as many attempts at once

Nothing is asserted: the table says what the target is and whether it was reached.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "live"))

import servers  # noqa: E402 (the path is set just above)
from lists import addresses  # noqa: E402

RUNS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "fixtures", "runs")
ROUNDS = 3


def make_run(path, hosts, vantage):
    """A run of |hosts|: those of a recorded run in turns, under other names."""
    with open(os.path.join(RUNS, "before.jsonl"), encoding="utf-8") as file:
        lines = file.read().splitlines()
    head, end, groups = json.loads(lines[0]), json.loads(lines[-1]), []
    for line in lines[1:-1]:
        record = json.loads(line)
        if record["record"] == "attempt" and record["ordinal"] == 1:
            groups.append([])
        record["vantage"], record["target"] = vantage, "@TARGET@"
        groups[-1].append(json.dumps(record, separators=(",", ":")) + "\n")
    groups = ["".join(group) for group in groups]
    with open(path, "w", encoding="utf-8") as out:
        out.write(json.dumps(dict(head, vantage=vantage, targets=hosts)) + "\n")
        for number in range(hosts):
            out.write(groups[number % len(groups)].replace("@TARGET@", "h%06d:3389" % number))
        out.write(json.dumps(dict(end, hosts=hosts, attempts=5 * hosts)) + "\n")
    return os.path.getsize(path)


def measured(argv):
    """Processor seconds and the most memory, in bytes, of one process."""
    with open(os.devnull, "wb") as nothing:
        child = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=nothing,
                                 stderr=subprocess.PIPE, env=servers.environment())
        said = child.stderr.read()
        _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    child.stderr.close()
    if child.returncode not in (0, 1):
        sys.exit("%s ended with %d: %s" % (argv[0], child.returncode, said.decode()[-2000:]))
    return used.ru_utime + used.ru_stime, used.ru_maxrss * 1024


def merge_speed(options, folder):
    jq = shutil.which("jq")
    files, size = [], 0
    for vantage in ("fra", "sgp"):
        files.append(os.path.join(folder, vantage))
        size += make_run(files[-1], options.hosts // 2, vantage)
    ours, theirs = [], []
    for _ in range(ROUNDS):
        ours.append(measured([options.rdpwhy, "merge", "-r", "jsonl", *files])[0])
        if jq:
            theirs.append(measured([jq, "-c", ".", *files])[0])
    for file in files:
        os.unlink(file)
    answer = {"megabytes": size / 1e6, "merge_processor_s": statistics.median(ours),
              "merge_mb_s": size / 1e6 / statistics.median(ours)}
    if jq:
        answer.update(jq_processor_s=statistics.median(theirs),
                      ratio=statistics.median(ours) / statistics.median(theirs))
    answer["target"] = "200 MB/s, or half of jq's time"
    answer["reached"] = answer["merge_mb_s"] >= 200 or answer.get("ratio", 1) <= 0.5
    return answer


def memory(options, folder):
    answer = {}
    for attempts in (1000, options.attempts):
        path = os.path.join(folder, "run")
        make_run(path, attempts // 5, "fra")
        _, merge = measured([options.rdpwhy, "merge", "-r", "jsonl", path])
        seconds, history = measured([options.rdpwhy, "history", "add", "-q",
                                     os.path.join(folder, "%d.db" % attempts), path])
        answer["attempts_%d" % attempts] = {
            "merge_bytes": merge, "history_add_bytes": history, "history_add_processor_s": seconds,
            "database_bytes": os.path.getsize(os.path.join(folder, "%d.db" % attempts))}
        os.unlink(path)
    few, many = answer["attempts_1000"], answer["attempts_%d" % options.attempts]
    hosts = (options.attempts - 1000) // 5
    for name in ("merge", "history_add"):
        answer[name + "_bytes_a_host"] = (many[name + "_bytes"] - few[name + "_bytes"]) / hosts
    answer["target"] = "flat but for the hosts: 500 bytes each"
    answer["reached"] = all(answer[name + "_bytes_a_host"] <= 500
                            for name in ("merge", "history_add"))
    return answer


def shards(options, folder):
    parallel = shutil.which("parallel")
    if not parallel:
        return {"skipped": "GNU parallel is not installed"}
    probe = ("-r", "jsonl", "-p", "tls", "--until", "negotiation", *servers.NO_PACE)
    env = servers.environment()
    one, four = [], []
    with servers.Peer("--bind", "0.0.0.0", "--fault", "healthy-tls") as peer:
        targets = os.path.join(folder, "targets")
        with open(targets, "w", encoding="ascii") as out:
            out.writelines("%s:%d\n" % (host, peer.port)
                           for host in addresses(options.shard_hosts))
        for _ in range(ROUNDS):
            began = time.monotonic()
            with open(os.path.join(folder, "one"), "wb") as out:
                subprocess.run([options.rdpwhy, "probe", *probe, "-j", "64", "-i", targets],
                               stdout=out, stderr=subprocess.DEVNULL, env=env, check=False)
            one.append(time.monotonic() - began)
            began = time.monotonic()
            subprocess.run([parallel, "--will-cite", "-j4", "%s probe %s -j 16 --shard {}/4 -i %s "
                            ">%s-{}" % (options.rdpwhy, " ".join(probe), targets,
                                        os.path.join(folder, "part")), ":::", "1", "2", "3", "4"],
                           stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=env,
                           check=False)
            four.append(time.monotonic() - began)
    hosts = 0
    for name in ("part-1", "part-2", "part-3", "part-4"):
        with open(os.path.join(folder, name), encoding="utf-8") as file:
            hosts += json.loads(file.readlines()[-1])["hosts"]
    if hosts != options.shard_hosts:
        sys.exit("the shards have %d hosts of %d" % (hosts, options.shard_hosts))
    ratio = statistics.median(four) / statistics.median(one)
    return {"hosts": hosts, "one_process_s": statistics.median(one),
            "four_shards_s": statistics.median(four), "ratio": ratio, "target": 1.05,
            "reached": ratio <= 1.05}


QUESTIONS = {"merge": merge_speed, "memory": memory, "shards": shards}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rdpwhy", required=True)
    parser.add_argument("--peer", required=True)
    parser.add_argument("--hosts", type=int, default=30000, help="of the runs that are merged")
    parser.add_argument("--attempts", type=int, default=1000000)
    parser.add_argument("--shard-hosts", type=int, default=100000)
    parser.add_argument("--only", choices=QUESTIONS)
    parser.add_argument("--json")
    options = parser.parse_args()
    servers.RDPWHY, servers.RDPWHY_PEER = options.rdpwhy, options.peer
    found = {}
    with tempfile.TemporaryDirectory(prefix="rdpwhy-bench-") as folder:
        for name, ask in QUESTIONS.items():
            if options.only in (None, name):
                found[name] = ask(options, folder)
                print(json.dumps({name: found[name]}, indent=2), flush=True)
    if options.json:
        with open(options.json, "w", encoding="utf-8") as out:
            json.dump(found, out, indent=2)


if __name__ == "__main__":
    main()
