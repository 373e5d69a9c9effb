# SPDX-License-Identifier: Apache-2.0
"""How long `rdpwhy diff` takes over two saved runs of 10,000 hosts and five profiles, 60 MB each,
and how much memory: unchanged, and with a change in every attempt. With --check it fails above 2 s
or 200 MB. Usage: bench_diff.py RDPWHY [--check] [--hosts N]
"""
import argparse
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time

PROFILES = ("negotiate", "rdp", "tls", "nla", "nla-ext")
PHASES = ("connect", "negotiation", "tls", "basic-settings", "channel-connection",
          "secure-settings", "licensing", "capabilities", "finalization")
SECONDS, MEGABYTES = 2.0, 200


def attempt(host, number, noise):
    """An attempt of the size of a real one: about 1.1 kB."""
    name = "srv%05d.corp.example" % host
    return {
        "schema": "rdpwhy/1", "record": "attempt", "target": name + ":3389",
        "address": "10.%d.%d.%d" % (host >> 16, host >> 8 & 255, host & 255), "port": 3389,
        "ordinal": number + 1, "profile": PROFILES[number], "license_mode": "fresh",
        "started": "2026-11-22T08:%02d:%02d.%06dZ" % (noise.randrange(60), noise.randrange(60),
                                                      noise.randrange(1000000)),
        "duration_us": noise.randrange(10000, 90000), "outcome": "completed", "phase": "active",
        "ending": "done", "closed_by": "client", "sent_through": "active",
        "last_sent": "Font List", "last_received": "Font Map",
        "phases": [{"phase": phase, "start_us": noise.randrange(10000),
                    "duration_us": noise.randrange(10000)} for phase in PHASES[number:]],
        "bytes_sent": noise.randrange(9999), "bytes_received": noise.randrange(9999),
        "negotiation": {"requested": ["SSL", "HYBRID"], "selected": "SSL"},
        "tls": {"version": "TLSv1.3", "cipher": "TLS_AES_256_GCM_SHA384", "certificate": {
            "subject": "CN=" + name, "issuer": "CN=Corp CA", "serial": "%x" % (host * 77777),
            "sha256": "%064x" % (host * 12345678901234567890),
            "not_before": "2026-01-01T00:00:00Z", "not_after": "2027-06-01T00:00:00Z",
            "self_signed": False, "expired": False, "not_yet_valid": False, "name_matches": True,
            "key": "RSA 2048"}},
        "license": {"messages": ["STATUS_VALID_CLIENT"], "result": "valid-client"},
        "server": {"version": "0x80004"}}


def write_run(path, hosts, seed, change=None):
    noise = random.Random(seed)
    encode = json.JSONEncoder(separators=(",", ":")).encode
    order = list(range(hosts))
    noise.shuffle(order)
    with open(path, "w", encoding="ascii") as out:
        out.write(encode({"schema": "rdpwhy/1", "record": "run", "version": "0", "options": {
            "profiles": PROFILES, "license_modes": ["fresh"], "until": "active", "repeat": 1,
            "credentials": False}}) + "\n")
        for host in order:
            for number in range(len(PROFILES)):
                row = attempt(host, number, noise)
                if change:
                    change(row)
                out.write(encode(row) + "\n")
            out.write(encode({"schema": "rdpwhy/1", "record": "host",
                              "target": "srv%05d.corp.example:3389" % host, "state": "healthy",
                              "attempts": 5, "findings": []}) + "\n")
        out.write(encode({"schema": "rdpwhy/1", "record": "end", "complete": True}) + "\n")


def broken(row):
    row.update(outcome="aborted", phase="licensing", ending="reset")
    row["tls"]["certificate"]["sha256"] = row["tls"]["certificate"]["sha256"].replace("0", "f")


def measure(argv, expected):
    """Seconds, and the most memory that any child has taken so far, in MB."""
    best = None
    for _ in range(3):
        began = time.monotonic()
        with open(os.devnull, "wb") as null:
            status = subprocess.run(argv, stdin=subprocess.DEVNULL, stdout=null).returncode
        seconds = time.monotonic() - began
        if status != expected:
            sys.exit("%s: exit %d" % (" ".join(argv), status))
        best = min(best or seconds, seconds)
    unit = 1 << 20 if sys.platform == "darwin" else 1 << 10
    return best, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / unit


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("rdpwhy")
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--hosts", type=int, default=10000)
    options = parser.parse_args()
    failed = False
    with tempfile.TemporaryDirectory(prefix="rdpwhy-bench-") as folder:
        paths = [os.path.join(folder, name) for name in ("before", "after", "broken")]
        write_run(paths[0], options.hosts, 1)
        write_run(paths[1], options.hosts, 2)
        write_run(paths[2], options.hosts, 3, broken)
        print("%d hosts, %d profiles, %.0f MB a run" % (options.hosts, len(PROFILES),
                                                        os.path.getsize(paths[0]) / 1e6))
        for name, path, form, expected in (("unchanged", paths[1], "text", 0),
                                           ("all worse, text", paths[2], "text", 3),
                                           ("all worse, jsonl", paths[2], "jsonl", 3),
                                           ("all worse, junit", paths[2], "junit", 3)):
            seconds, megabytes = measure([options.rdpwhy, "diff", "-r", form, paths[0], path],
                                         expected)
            print("%-18s %5.2f s  %4.0f MB" % (name, seconds, megabytes))
            failed = failed or seconds > SECONDS or megabytes > MEGABYTES
    if failed and options.check:
        sys.exit("more than %.0f s or %d MB" % (SECONDS, MEGABYTES))


if __name__ == "__main__":
    main()
