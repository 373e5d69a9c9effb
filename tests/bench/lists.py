#!/usr/bin/env python3
"""What lists cost, measured: `./dev bench` runs it against the release build.

Six questions, each side by side in one run, on hosts of 127.0.0.0/8 that the fault server stands
for: against nmap, against a bare OpenSSL client, among dead hosts, in memory, by the number of
hosts, and with and without the pause on each host; the others are without. Client and server share this machine and its cores. Nothing is asserted: the table says what
the target is and whether it was reached.
"""

import argparse
import json
import os
import platform
import resource
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "live"))

import servers  # noqa: E402 (the path is set just above)

NMAP_SCRIPTS = "rdp-enum-encryption,rdp-ntlm-info"
DEAD_CONNECT_TIMEOUT = 2  # seconds
MEMORY_BASE, MEMORY_EACH = 60e6, 3.2e6


def addresses(count, net=1):
    return ["127.%d.%d.%d" % (net, i // 250, i % 250 + 1) for i in range(count)]


class Bench:
    def __init__(self, options, directory):
        self.options, self.directory, self.report = options, directory, None

    def write(self, lines):
        path = os.path.join(self.directory, "hosts")
        with open(path, "w", encoding="ascii") as out:
            out.write("\n".join(lines) + "\n")
        return path

    def run(self, lines, *arguments, prefix=(), pace=servers.NO_PACE):
        """A whole run: its records' end, wall seconds, and processor seconds of all processes."""
        report = os.path.join(self.directory, "out.jsonl")
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        began = time.monotonic()
        done = subprocess.run(
            [*prefix, self.options.rdpwhy, "probe", "-r", "jsonl=" + report, *arguments, "-i",
             self.write(lines), *pace], stdin=subprocess.DEVNULL, capture_output=True,
            env=servers.environment(), check=False)
        wall = time.monotonic() - began
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        with open(report, encoding="utf-8") as records:
            end = json.loads(records.readlines()[-1])
        if not end.get("complete"):
            sys.exit("rdpwhy exited %d: %s" % (done.returncode, done.stderr.decode()[-2000:]))
        self.report = report
        processor = (after.ru_utime + after.ru_stime) - (before.ru_utime + before.ru_stime)
        return end, wall, processor

    def count(self, text):
        """Attempts of the last run whose record has |text| in it."""
        with open(self.report, encoding="utf-8") as records:
            return sum('"record":"attempt"' in line and text in line for line in records)


def against_nmap(bench):
    """The facts of nmap's two scripts: which offers are taken, encryption, NTLM's names."""
    nmap = shutil.which("nmap")
    if not nmap:
        return {"skipped": "nmap is not installed"}
    count = bench.options.nmap_hosts
    with servers.Peer("--bind", "0.0.0.0", "--fault", "healthy-any") as peer:
        hosts = addresses(count)
        _, wall, processor = bench.run(["%s:%d" % (host, peer.port) for host in hosts],
                                       "-p", "rdp,tls,nla,nla-ext,rdstls", "--until",
                                       "basic-settings")
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        began = time.monotonic()
        subprocess.run([nmap, "-n", "-Pn", "-T5", "--min-hostgroup", "256", "-p", str(peer.port),
                        "--script", "+" + NMAP_SCRIPTS.replace(",", ",+"), "-iL",
                        bench.write(hosts)], stdin=subprocess.DEVNULL, capture_output=True,
                       check=True)
        nmap_wall = time.monotonic() - began
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
    nmap_processor = (after.ru_utime + after.ru_stime) - (before.ru_utime + before.ru_stime)
    return {"hosts": count, "rdpwhy_hosts_per_second": count / wall,
            "nmap_hosts_per_second": count / nmap_wall, "rdpwhy_processor_s": processor,
            "nmap_processor_s": nmap_processor, "ratio": nmap_wall / wall, "target": 6,
            "reached": nmap_wall / wall >= 6}


def against_bare(bench):
    """Processor time of one attempt until the TLS handshake is done, one after the other. In turns,
    so that both see the same machine; the medians of the rounds."""
    count, rounds = 200, 5
    bare, each = [], []
    with servers.Peer("--bind", "0.0.0.0", "--fault", "healthy-tls") as peer:
        line = ["127.0.0.1:%d" % peer.port]
        arguments = ("-p", "tls", "--until", "tls")
        for _ in range(rounds):
            done = subprocess.run([bench.options.bare, "127.0.0.1", str(peer.port), str(count)],
                                  check=True, capture_output=True)
            bare.append(statistics.mean(int(row.split()[1]) for row in done.stdout.splitlines()))
            _, _, one = bench.run(line, *arguments)
            _, _, all_of_them = bench.run(line, *arguments, "--repeat", str(count))
            each.append((all_of_them - one) / (count - 1) * 1e6)
    bare, each = statistics.median(bare), statistics.median(each)
    return {"attempts": rounds * count, "bare_processor_us": bare, "rdpwhy_processor_us": each,
            "ratio": each / bare, "target": 3, "reached": each / bare <= 3}


class FullBacklog:
    """Ports that answer no SYN: they listen, and their backlog is full."""

    def __init__(self, hosts):
        self.hosts, self.sockets = hosts, []

    def __enter__(self):
        self.listener = socket.socket()
        self.listener.bind(("0.0.0.0", 0))
        self.listener.listen(0)
        self.port = self.listener.getsockname()[1]
        for _ in range(8):
            filler = socket.socket()
            filler.setblocking(False)
            filler.connect_ex(("127.0.0.1", self.port))
            self.sockets.append(filler)
        time.sleep(0.2)
        return self

    def __exit__(self, *_):
        for filler in self.sockets:
            filler.close()
        self.listener.close()


def among_dead(bench):
    """One host in ten is there; of the others half are silent and half refuse."""
    count = bench.options.dead_hosts
    alive, silent = count // 10, count * 45 // 100
    closed = count - alive - silent
    with servers.Peer("--bind", "0.0.0.0", "--fault", "healthy-tls") as peer, \
            FullBacklog(1) as quiet:
        refused = servers.free_port()
        lines = (["%s:%d" % (host, peer.port) for host in addresses(alive)] +
                 ["%s:%d" % (host, quiet.port) for host in addresses(silent, 2)] +
                 ["%s:%d" % (host, refused) for host in addresses(closed, 3)])
        # the same mixture everywhere in the list
        lines = [lines[i * 7919 % count] for i in range(count)] if count % 7919 else lines
        arguments = ("-p", "tls", "--until", "tls", "--connect-timeout", str(DEAD_CONNECT_TIMEOUT))
        end, wall, processor = bench.run(lines, *arguments)
        timeouts = bench.count('"ending":"timeout"')
        _, alive_wall, _ = bench.run(lines[:0] + ["%s:%d" % (host, peer.port) for host in
                                                  addresses(alive)], *arguments)
    unreachable = end["outcomes"]["unreachable"]
    if timeouts < silent:
        sys.exit("only %d of %d hosts were silent" % (timeouts, silent))
    sockets = 4096
    # what no client can be faster than: the silent ones in turns, and the work on the living
    bound = max(silent * DEAD_CONNECT_TIMEOUT / sockets, DEAD_CONNECT_TIMEOUT) + alive_wall
    return {"hosts": count, "silent": silent, "unreachable": unreachable, "seconds": wall,
            "processor_s": processor, "alive_alone_seconds": alive_wall, "bound_seconds": bound,
            "ratio": wall / bound, "target": 1.15, "reached": wall / bound <= 1.15}


class Silent:
    """Takes connections on every address and says nothing."""

    def __enter__(self):
        self.socket = socket.create_server(("0.0.0.0", 0), backlog=4096)
        self.port = self.socket.getsockname()[1]
        self.taken, self.over = [], False
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()
        return self

    def serve(self):
        self.socket.settimeout(0.1)
        while not self.over:
            try:
                self.taken.append(self.socket.accept()[0])
            except TimeoutError:
                continue

    def __exit__(self, *_):
        self.over = True
        self.thread.join()
        for connection in self.taken:
            connection.close()
        self.socket.close()


def tree(pid):
    """|pid| and all processes below it."""
    parents = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                with open("/proc/%s/stat" % name, encoding="ascii", errors="replace") as stat:
                    parents[int(name)] = int(stat.read().rpartition(")")[2].split()[1])
            except OSError:
                continue
    found = [pid]
    for one in found:
        found += [child for child, parent in parents.items() if parent == one]
    return found


def proportional(pid):
    """Memory of the tree, shared pages counted once: the sum of its proportional set sizes."""
    total = 0
    for one in tree(pid):
        try:
            with open("/proc/%d/smaps_rollup" % one, encoding="ascii") as rollup:
                total += sum(int(line.split()[1]) for line in rollup if line.startswith("Pss:"))
        except OSError:
            continue
    return total * 1024


def in_memory(bench):
    rows = []
    for count in (64, 256, 512):
        with Silent() as server:
            child = subprocess.Popen(
                [bench.options.rdpwhy, "probe", "-q", "-p", "tls", "-t", "8", "-j", str(count),
                 "-i", bench.write("%s:%d" % (host, server.port) for host in addresses(count))],
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                env=servers.environment())
            peak = 0
            while child.poll() is None:
                peak = max(peak, proportional(child.pid))
                time.sleep(0.2)
            opened = len(server.taken)
        limit = MEMORY_BASE + MEMORY_EACH * count
        rows.append({"open": opened, "peak_bytes": peak, "limit_bytes": limit,
                     "each_bytes": (peak - MEMORY_BASE) / count, "reached": peak <= limit})
    return {"rows": rows, "ratio": max(row["peak_bytes"] / row["limit_bytes"] for row in rows),
            "target": 1, "reached": all(row["reached"] for row in rows)}


def by_number(bench):
    rows = []
    with servers.Peer("--bind", "0.0.0.0", "--fault", "healthy-tls") as peer:
        for count in bench.options.numbers:
            lines = ["%s:%d" % (host, peer.port) for host in addresses(count)]
            times = [bench.run(lines, "-p", "tls", "--until", "tls") for _ in
                     range(max(1, min(5, 500 // count)))]
            wall = statistics.median(one[1] for one in times)
            processor = statistics.median(one[2] for one in times)
            rows.append({"hosts": count, "hosts_per_second": count / wall,
                         "processor_us_per_host": processor / count * 1e6})
    slow = min(row["hosts_per_second"] for row in rows)
    ratio = rows[-1]["hosts_per_second"] / max(row["hosts_per_second"] for row in rows)
    return {"rows": rows, "slowest": slow, "ratio": ratio, "target": 0.9, "reached": ratio >= 0.9}


def with_pause(bench):
    """Default runs, with the default pause after each connection and without, in turns."""
    rows = []
    with servers.Peer("--bind", "0.0.0.0", "--fault", "healthy-any") as peer:
        for count in bench.options.paced:
            lines = ["%s:%d" % (host, peer.port) for host in addresses(count)]
            pairs = [(bench.run(lines), bench.run(lines, pace=())) for _ in range(3)]
            walls = [statistics.median(pair[i][1] for pair in pairs) for i in (0, 1)]
            spent = [statistics.median(pair[i][2] for pair in pairs) for i in (0, 1)]
            rows.append({"hosts": count, "seconds": walls[0], "paced_seconds": walls[1],
                         "processor_s": spent[0], "paced_processor_s": spent[1]})
    ratio = rows[-1]["paced_seconds"] / rows[-1]["seconds"]
    return {"rows": rows, "ratio": ratio, "target": 1.1, "reached": ratio <= 1.1}


PARTS = (
    ("nmap", "(a) hosts a second, rdpwhy : nmap", "at least", against_nmap),
    ("bare", "(b) CPU of a tls attempt : bare client's", "at most", against_bare),
    ("dead", "(c) time among dead hosts : least possible", "at most", among_dead),
    ("memory", "(d) peak memory : 60 MB + 3.2 MB an attempt", "at most", in_memory),
    ("number", "(e) rate with most hosts : best rate", "at least", by_number),
    ("pause", "(f) time with the pause : without, most hosts", "at most", with_pause),
)


def details(name, part):
    if name == "nmap":
        yield "%d hosts: rdpwhy %.1f/s (%.1f s CPU), nmap %.1f/s (%.1f s CPU)" % (
            part["hosts"], part["rdpwhy_hosts_per_second"], part["rdpwhy_processor_s"],
            part["nmap_hosts_per_second"], part["nmap_processor_s"])
    elif name == "bare":
        yield "rdpwhy %.2f ms, bare OpenSSL client %.2f ms" % (
            part["rdpwhy_processor_us"] / 1e3, part["bare_processor_us"] / 1e3)
    elif name == "dead":
        yield "%d hosts, %d silent: %.1f s; bound %.1f s, of which %.1f s for the living" % (
            part["hosts"], part["silent"], part["seconds"], part["bound_seconds"],
            part["alive_alone_seconds"])
    elif name == "memory":
        for row in part["rows"]:
            yield "%4d open: %6.1f MB of %6.1f MB" % (row["open"], row["peak_bytes"] / 1e6,
                                                      row["limit_bytes"] / 1e6)
    elif name == "pause":
        for row in part["rows"]:
            yield "%5d hosts: %.2f s, without %.2f s; CPU %.2f s, without %.2f s" % (
                row["hosts"], row["paced_seconds"], row["seconds"], row["paced_processor_s"],
                row["processor_s"])
    else:
        for row in part["rows"]:
            yield "%5d hosts: %6.1f/s, %.2f ms CPU a host" % (
                row["hosts"], row["hosts_per_second"], row["processor_us_per_host"] / 1e3)


def table(result):
    print("Lists, %s" % result["machine"])
    print("  %-46s %8s %16s" % ("", "ratio", "target"))
    for name, title, sense, _ in PARTS:
        part = result.get(name)
        if part is None:
            continue
        if "skipped" in part:
            print("  %-46s %s" % (title, part["skipped"]))
            continue
        print("  %-46s %8.2f %16s  %s" % (title, part["ratio"], "%s %g" % (sense, part["target"]),
                                          "reached" if part["reached"] else "NOT REACHED"))
        for line in details(name, part):
            print("      " + line)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--rdpwhy", required=True)
    parser.add_argument("--peer", required=True)
    parser.add_argument("--bare", required=True)
    parser.add_argument("--json", help="keep the figures in this file")
    parser.add_argument("--only", action="append", choices=[part[0] for part in PARTS])
    parser.add_argument("--nmap-hosts", type=int, default=200)
    parser.add_argument("--dead-hosts", type=int, default=10000)
    parser.add_argument("--paced", type=int, nargs="+", default=[1, 50, 500])
    parser.add_argument("--numbers", type=int, nargs="+", default=[50, 500, 5000])
    options = parser.parse_args()
    servers.RDPWHY, servers.RDPWHY_PEER = options.rdpwhy, options.peer
    result = {"machine": "%s, %d cores" % (platform.platform(), os.cpu_count())}
    with tempfile.TemporaryDirectory(prefix="rdpwhy-bench-") as directory:
        bench = Bench(options, directory)
        for name, _, _, measure in PARTS:
            if not options.only or name in options.only:
                result[name] = measure(bench)
    table(result)
    if options.json:
        with open(options.json, "w", encoding="utf-8") as out:
            json.dump(result, out, indent=1)
            out.write("\n")


if __name__ == "__main__":
    main()
