"""Every fault of rdpwhy-peer against its row in the peer's own table.

`rdpwhy-peer --list` says for each fault how to ask (profile, license mode, phase, credentials) and
what a correct prober answers. All of them are served at once; each is probed by a process of its
own, eight at a time.
"""

import concurrent.futures
import contextlib
import csv
import io
import json
import socket
import subprocess
import tempfile
import threading

import servers
from servers import LiveTest, Peer, Validator, environment, need, probe

AT_ONCE = 16  # most of them wait
LINGER = "1"  # a server that shares the machine with many is late with what follows the Font Map
TIMEOUT = "6"  # seconds for one attempt; faults that fall silent last as long
WATCH = "2"  # the faults within a session come after 0.3 seconds
HANGS = 60  # seconds after which a probe will not end by itself
COMPARED = ("outcome", "phase", "step", "ending", "closed_by", "code_space", "code", "transition",
            "messages", "mstsc_code", "mstsc_extended", "mstsc_basis")


def table():
    """The rows of --list, by name; "-" is None."""
    need(servers.RDPWHY_PEER, "no rdpwhy-peer was built")
    done = subprocess.run([servers.RDPWHY_PEER, "--list"], check=True, stdin=subprocess.DEVNULL,
                          capture_output=True, text=True)
    rows = csv.DictReader(io.StringIO(done.stdout), delimiter="\t", quoting=csv.QUOTE_NONE)
    return {row["name"]: {name: None if value == "-" else value for name, value in row.items()}
            for row in rows}


def ask(row, port):
    """Probes one fault as its row says; None where the probe did not come to an end."""
    arguments = ["-p", row["profile"], "-t", TIMEOUT, "--linger", LINGER, "127.0.0.1:%d" % port]
    if row["until"]:
        arguments += ["--until", row["until"]]
    if row["until"] == "session":
        arguments += ["--watch", WATCH, "--no-udp"]
    env = environment()
    if row["credentials"] != "none":
        password = Peer.PASSWORD if row["credentials"] == "right" else "not-" + Peer.PASSWORD
        arguments += ["--until", "active", "-u", Peer.USER, "--no-follow"]
        env = environment(RDPWHY_PASSWORD=password)
    with tempfile.TemporaryDirectory() as store:
        arguments += ["--license-store", store]
        try:
            if row["prepare"]:  # the license mode that fills the store beforehand
                probe("-l", row["prepare"], *arguments, env=env, timeout=HANGS)
            return probe("-l", row["license_mode"], *arguments, env=env, timeout=HANGS)
        except subprocess.TimeoutExpired:
            return None


def answer(attempt):
    """The compared fields of an attempt, spelled as in the table."""
    got = {name: attempt.get(name) for name in ("outcome", "phase", "step", "ending", "closed_by")}
    code, mstsc = attempt.get("code", {}), attempt.get("mstsc", {})
    got["code_space"] = code.get("space")
    got["code"] = code.get("value")
    got["transition"] = code.get("transition")
    got["messages"] = ",".join(attempt.get("license", {}).get("messages", [])) or None
    for name in ("code", "extended", "basis"):
        got["mstsc_" + name] = mstsc.get(name)
    return {name: value if value is None else str(value) for name, value in got.items()}


def differences(row, attempt):
    """(field, expected, got) where they differ. The license fields are stated only in the rows of
    licensing, and mstsc's codes only where the server itself sends them: where the table has none,
    an inferred one is no difference."""
    got = answer(attempt)
    for name in COMPARED:
        expected, actual = row[name], got[name]
        if not expected and name in ("step", "messages", "transition"):
            continue
        if name.startswith("mstsc_"):
            if not row["mstsc_basis"]:
                if name == "mstsc_basis" and actual == "documented":
                    yield name, expected, actual
                continue
            if expected and actual and name != "mstsc_basis":
                expected, actual = hex(int(expected, 16)), hex(int(actual, 16))
        if expected != actual:
            yield name, expected, actual


def shown(rows):
    """|rows| of texts as an aligned table; a cell that is too long sticks out."""
    widths = [min(40, max(len(str(row[i])) for row in rows)) for i in range(len(rows[0]))]
    return "\n".join("  ".join(str(cell).ljust(width) for cell, width in zip(row, widths)).rstrip()
                     for row in rows)


class FaultTest(LiveTest):
    def check(self, name, row, run, validator):
        """Everything that is wrong with |run|, as table rows."""
        if run is None:
            return [(name, "run", "ends within " + TIMEOUT + " s", "still runs after %d s" % HANGS)]
        wrong = []
        attempts = run.of("attempt")
        if "Sanitizer" in run.stderr or run.status not in (0, 1):
            wrong.append((name, "run", "exit 0 or 1",
                          "exit %s: %s" % (run.status, " ".join(run.stderr.split())[:300])))
        if len(attempts) != 1:
            wrong.append((name, "attempts", "1", str(len(attempts))))
            return wrong
        wrong += [(name, *found) for found in differences(row, attempts[0])]
        hosts = run.of("host")
        if row["remark"] and row["remark"] not in json.dumps([attempts[0], hosts]):
            wrong.append((name, "remark", row["remark"], "not a word of it"))
        found = {finding["rule"] for host in hosts for finding in host["findings"]}
        wrong += [(name, "finding", None, rule)
                  for rule in sorted(found.intersection((row["no_findings"] or "").split(",")))]
        for record in run.records:
            wrong += [(name, record["record"] + " record", "valid", complaint[:200])
                      for complaint in validator.complaints(record)]
        return wrong

    def test_every_fault(self):
        rows, validator = table(), Validator()
        with Peer("--all") as peer:
            self.assertEqual(set(peer.ports), set(rows))
            with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
                runs = dict(zip(rows, pool.map(
                    lambda name: ask(rows[name], peer.ports[name]), rows)))
            self.assertIsNone(peer.server.child.poll(), "the fault server died:\n"
                              + peer.server.text())
            broken = [line for line in peer.server.text().splitlines() if " breaks a rule: " in line]
            self.assertEqual(broken, [], "the client is not what the server demands")
        wrong = []
        for name, row in rows.items():
            try:
                wrong += self.check(name, row, runs[name], validator)
            except json.JSONDecodeError as error:
                wrong.append((name, "output", "JSON Lines", str(error)))
        print("%d faults, %d of them answered as the table says"
              % (len(rows), len(rows) - len({found[0] for found in wrong})))
        if wrong:
            self.fail("\n" + shown([("fault", "field", "expected", "got"), *wrong]))

    def test_spoilt_key(self):
        """A client that was handed another key than the server's: its Security Exchange cannot be
        read, and the server lives on."""
        with Peer("--fault", "license-known-rdp") as peer, tempfile.TemporaryDirectory() as store, \
                Spoiler(peer.port, b"RSA1", 40) as spoiler:
            arguments = ["-p", "rdp", "-t", TIMEOUT, "--license-store", store]
            run = probe(*arguments, "127.0.0.1:%d" % spoiler.port)
            self.assertEqual(run.status, 1, str(run))
            self.assertGreater(spoiler.spoilt, 0)
            self.assertIsNone(peer.server.child.poll(), peer.server.text())
            run = probe(*arguments, "127.0.0.1:%d" % peer.port)
            self.assertEqual(run.status, 0, str(run))


class Spoiler:
    """A way to a server on |port| that alters the byte |distance| behind |mark| in what it says, or
    in what the client says to it."""

    def __init__(self, port, mark, distance, alter=lambda byte: byte ^ 1, of_server=True):
        self.server, self.mark, self.distance = port, mark, distance
        self.alter, self.of_server = alter, of_server
        self.spoilt = 0  # bytes that came out different

    def __enter__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.listener.shutdown(socket.SHUT_RDWR)  # wakes accept()
        self.listener.close()

    def serve(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            with client, socket.create_connection(("127.0.0.1", self.server)) as server:
                there = threading.Thread(target=self.pass_on,
                                         args=(client, server, socket.SHUT_WR, not self.of_server))
                there.start()
                # a server that has ended ends it all
                self.pass_on(server, client, socket.SHUT_RDWR, self.of_server)
                there.join()

    def pass_on(self, source, sink, end, spoils):
        with contextlib.suppress(OSError):
            while data := bytearray(source.recv(65536)):
                at = data.find(self.mark) + self.distance if spoils and self.mark in data else -1
                if 0 <= at < len(data):
                    self.spoilt += data[at] != self.alter(data[at])
                    data[at] = self.alter(data[at])
                sink.sendall(data)
        with contextlib.suppress(OSError):
            sink.shutdown(end)


if __name__ == "__main__":
    servers.main()
