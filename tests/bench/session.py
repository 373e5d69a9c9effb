#!/usr/bin/env python3
"""What a watched session takes of memory and processor time: xrdp's, and one in which a server draws
as much as it can. `./dev bench` runs it against the release build; it takes root for xrdp's account.
"""

import argparse
import contextlib
import json
import os
import platform
import subprocess
import sys
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "live"))

import servers  # noqa: E402 (the path is set just above)
import sessions  # noqa: E402


def measured(program, port, *options, password=None):
    """One attempt in a process of its own: the processor time and the largest resident set of it and
    of its worker, and what came of the session."""
    account = [] if password is None else ["-u", sessions.XrdpSession.USER]
    env = servers.environment() if password is None else \
        servers.environment(RDPWHY_PASSWORD=password)
    with open(os.devnull, "rb") as null:
        child = subprocess.Popen(
            [program, "probe", "-p", "tls", "-r", "jsonl", "--no-udp", *options, *account,
             "127.0.0.1:%d" % port], stdin=null, stdout=subprocess.PIPE, env=env)
        output = child.stdout.read().decode()
        child.stdout.close()
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    attempt = next(row for row in map(json.loads, output.splitlines())
                   if row["record"] == "attempt")
    return {
        "outcome": attempt["outcome"],
        "session": attempt.get("session", {}).get("state"),
        "processor_us": (usage.ru_utime + usage.ru_stime) * 1e6,
        "peak_bytes": usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024),
    }


def measure(options):
    rows = {}
    with contextlib.suppress(unittest.SkipTest), sessions.XrdpSession("alive") as server:
        rows["xrdp, handshake alone"] = measured(options.rdpwhy, server.port, "--until", "active")
        rows["xrdp, its session"] = measured(options.rdpwhy, server.port, "--until", "session",
                                             password=server.PASSWORD)
    for fault in ("healthy-tls", "session-flood"):
        with servers.Peer("--fault", fault) as peer:
            rows[fault] = measured(options.rdpwhy, peer.port, "--until", "session")
    return rows


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rdpwhy", required=True)
    parser.add_argument("--peer", required=True)
    parser.add_argument("--output")
    options = parser.parse_args()
    servers.RDPWHY_PEER = options.peer
    rows = measure(options)
    print("| Watched for 5 s | what came | CPU | peak memory |\n|---|---|---|---|")
    for name, row in rows.items():
        print("| %s | %s | %.0f ms | %.1f MB |" % (name, row["session"] or row["outcome"],
                                                   row["processor_us"] / 1e3,
                                                   row["peak_bytes"] / 1e6))
    if options.output:
        with open(options.output, "w", encoding="ascii") as out:
            json.dump({"machine": platform.platform(), "cores": os.cpu_count(), "rows": rows}, out,
                      indent=1)


if __name__ == "__main__":
    main()
