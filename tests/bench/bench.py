#!/usr/bin/env python3
"""What an attempt costs, measured: `./dev bench` runs it against the release build.

Client and server share this machine and its cores, so wall times hold the server's work too; the
processor times are the client's alone. Nothing here is asserted: the figures depend on the machine.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "live"))

import servers  # noqa: E402 (the path is set just above)

MEMORY_LIMIT_MB = 60  # what probing one host may take


def measured(argv):
    """Runs |argv|; returns its exit status, standard output, processor seconds and peak memory."""
    with open(os.devnull, "rb") as null:
        child = subprocess.Popen(argv, stdin=null, stdout=subprocess.PIPE,
                                 env=servers.environment())
        output = child.stdout.read().decode()
        child.stdout.close()
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    peak = usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    return child.returncode, output, usage.ru_utime + usage.ru_stime, peak


def bare(program, port, count):
    status, output, _, _ = measured([program, "127.0.0.1", str(port), str(count)])
    if status != 0:
        sys.exit("bare_client exited %d" % status)
    rows = [line.split() for line in output.splitlines()]
    return [int(row[0]) for row in rows], [int(row[1]) for row in rows]


def attempts(program, port, count, *options):
    """One process with |count| attempts: wall time of each, processor time and memory of all."""
    status, output, processor, peak = measured(
        [program, "probe", "--pause", "0", "--second-try", "0", "-p", "tls", "-r", "jsonl",
         "--repeat", str(count), *options, "127.0.0.1:%d" % port])
    rows = [row for row in map(json.loads, output.splitlines()) if row["record"] == "attempt"]
    bad = [row for row in rows if row["outcome"] != "completed"]
    if bad or len(rows) != count:
        sys.exit("rdpwhy exited %d with %d attempts, not completed: %s"
                 % (status, len(rows), bad[:1]))
    return [row["duration_us"] for row in rows], processor * 1e6, peak


def cost(options, port):
    """An attempt until tls beside OpenSSL alone, in turns so that both see the same machine."""
    bare_wall, bare_processor, wall, startup, process = [], [], [], [], []
    for _ in range(options.rounds):
        one_wall, one_processor = bare(options.bare, port, options.repeat)
        bare_wall += one_wall
        bare_processor += one_processor
        one_wall, processor, _ = attempts(options.rdpwhy, port, options.repeat, "--until", "tls")
        wall += one_wall
        process.append(processor)
        _, processor, _ = attempts(options.rdpwhy, port, 1, "--until", "tls")
        startup.append(processor)
    # one process with many attempts less one with a single one: what each further attempt costs
    each = (statistics.median(process) - statistics.median(startup)) / (options.repeat - 1)
    return {
        "repetitions": options.rounds * options.repeat,
        "openssl_wall_us": statistics.median(bare_wall),
        "openssl_processor_us": statistics.median(bare_processor),
        "rdpwhy_wall_us": statistics.median(wall),
        "rdpwhy_processor_us": each,
        "rdpwhy_first_attempt_processor_us": statistics.median(startup),
    }


def memory(options, port):
    peaks = [attempts(options.rdpwhy, port, 1)[2] for _ in range(options.rounds)]
    return {"peak_bytes": max(peaks), "limit_bytes": MEMORY_LIMIT_MB * 1024 * 1024}


def table(result):
    c, m = result["cost"], result["memory"]
    print("One TLS-profile attempt until the TLS handshake is done, median of %d, server %s"
          % (c["repetitions"], result["server"]))
    print("  %-28s %12s %16s" % ("", "wall", "client CPU"))
    for name, kind in (("OpenSSL alone", "openssl"), ("rdpwhy", "rdpwhy")):
        print("  %-28s %9.2f ms %13.2f ms" % (name, c[kind + "_wall_us"] / 1e3,
                                              c[kind + "_processor_us"] / 1e3))
    print("  %-28s %9.2f ms %13.2f ms" % (
        "rdpwhy adds", (c["rdpwhy_wall_us"] - c["openssl_wall_us"]) / 1e3,
        (c["rdpwhy_processor_us"] - c["openssl_processor_us"]) / 1e3))
    print("  a process with one attempt, start and end included: %.1f ms of CPU"
          % (c["rdpwhy_first_attempt_processor_us"] / 1e3))
    print("Memory of a process that probes one host up to the session: peak %.1f MB (limit %d MB)"
          % (m["peak_bytes"] / 2**20, MEMORY_LIMIT_MB))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rdpwhy", required=True)
    parser.add_argument("--peer", required=True)
    parser.add_argument("--bare", required=True)
    parser.add_argument("--output", help="also write the figures here, as JSON")
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--repeat", type=int, default=20, help="attempts in a round, at least 2")
    options = parser.parse_args()
    servers.RDPWHY, servers.RDPWHY_PEER = options.rdpwhy, options.peer

    with servers.Peer("--fault", "healthy-tls") as server:
        result = {"server": "rdpwhy-peer", "machine": platform.machine(),
                  "cores": os.cpu_count(), "cost": cost(options, server.port),
                  "memory": memory(options, server.port)}
    table(result)
    if options.output:
        with open(options.output, "w", encoding="ascii") as out:
            json.dump(result, out, indent=1)
            out.write("\n")


if __name__ == "__main__":
    main()
