# SPDX-License-Identifier: Apache-2.0
"""`rdpwhy pcap` on sessions that ran and on doors that did not open: captures of real clients and
servers (tests/replay/record_sessions.py), cut after every packet, and packets made here."""
import json
import os
import socket
import struct
import tempfile

import support
from support import CliTest, rdpwhy
from test_pcap import ACK, CAPTURES, RST, SYN, Recording, number, pcap, tcp

SESSIONS = os.path.join(CAPTURES, "sessions")
CLIENT, SERVER = "192.0.2.9", "192.0.2.1"
START = 1_700_000_000_000_000


def segment(forth, flags, seq=1000, ack=0, data=b"", port=3389):
    """A segment between CLIENT and SERVER."""
    ends = ((CLIENT, 50000), (SERVER, port))
    (source, sport), (target, dport) = ends if forth else ends[::-1]
    return (struct.pack(">BBHHHBBH4s4s", 0x45, 0, 40 + len(data), 0, 0, 64, 6, 0,
                        socket.inet_aton(source), socket.inet_aton(target))
            + struct.pack(">HHIIBBHHH", sport, dport, seq, ack, 0x50, flags, 8192, 0, 0) + data)


def blocks(name):
    """The blocks of a pcapng file, and which of them are packets."""
    with open(os.path.join(SESSIONS, name + ".pcapng"), "rb") as file:
        data = file.read()
    found = []
    while data:
        kind, length = struct.unpack_from("<II", data)
        found.append((kind == 6, data[:length]))
        data = data[length:]
    return found


class Sessions(CliTest):
    def setUp(self):
        super().setUp()
        self.scratch = tempfile.TemporaryDirectory()
        self.addCleanup(self.scratch.cleanup)

    def read(self, data, keys=None, code=None):
        path = os.path.join(self.scratch.name, "capture")
        with open(path, "wb") as file:
            file.write(data)
        arguments = ["pcap", "-r", "jsonl", path] + (["--keys", keys] if keys else [])
        run = rdpwhy(*arguments)
        self.assertNotIn("Sanitizer", run.err)
        if code is not None:
            self.assertEqual(run.code, code, run.err + run.out)
        self.errors = run.err
        return [row for row in map(json.loads, run.out.splitlines()) if row["record"] == "attempt"]

    def one(self, attempts, **expected):
        self.assertEqual(len(attempts), 1, self.errors)
        self.assertEqual({name: attempts[0].get(name) for name in expected}, expected,
                         json.dumps(attempts[0], indent=1))
        return attempts[0]["reason"]

    def test_decrypted(self):
        """A session is healthy, whoever ended it; who did is told."""
        for name, keys, who in (("shadow-nla-client", True, "client"),
                                ("shadow-tls-server", True, "server"),
                                ("shadow-rdp-kill", False, "client")):
            base = os.path.join(SESSIONS, name)
            arguments = ["--keys", base + ".keys"] if keys else []
            run = rdpwhy("pcap", "-q", "-r", "jsonl", *arguments, base + ".pcapng")
            attempt = [row for row in map(json.loads, run.out.splitlines())
                       if row["record"] == "attempt"][-1]
            self.assertEqual((attempt["outcome"], attempt["outcome_basis"], attempt["phase"]),
                             ("completed", "seen", "active"))
            self.assertRegex(attempt["reason"],
                             "the session lasted 29.* the %s closed the connection" % who)
            self.assertNotIn("resolve", [phase["phase"] for phase in attempt["phases"]])
            run = rdpwhy("pcap", "-q", *arguments, base + ".pcapng")
            self.assertIn("healthy", run.out.splitlines()[0])
            self.assertNotIn("0 logons", rdpwhy("pcap", *arguments, base + ".pcapng").out)

    def test_too_little_to_tell(self):
        """An idle session of which nothing can be read may be one, or a handshake."""
        for name in ("shadow-nla-client", "shadow-tls-server"):
            with open(os.path.join(SESSIONS, name + ".pcapng"), "rb") as file:
                reason = self.one(self.read(file.read()), outcome_basis="open", answer="unknown")
            self.assertIn("whether the session was up cannot be told", reason)

    def test_prefixes(self):
        """Cut after a packet: what the whole shows, or open; never a failure of the server's."""
        for name, with_keys in (("shadow-nla-client", True), ("shadow-nla-client", False),
                                ("shadow-tls-server", True)):
            keys = os.path.join(SESSIONS, name + ".keys") if with_keys else None
            head, count = b"", 0
            for is_packet, block in blocks(name):
                head += block
                count += is_packet
                if not is_packet or count % 4 != 0:
                    continue
                for attempt in self.read(head, keys):
                    told = (attempt["outcome"], attempt["answer"])
                    self.assertIn(told, (("completed", "through"), ("stopped", "unknown"),
                                         ("aborted", "unknown")), (count, attempt["reason"]))

    def traffic(self, count, size):
        """A handshake whose secrets are missing, and so many records of the server's after it."""
        recording = Recording("error-info-7")
        packets = recording.packets
        end = [i for i, (_, packet) in enumerate(packets) if packet[33] & 1][0]
        server = [packet for packet in packets[:end] if recording.from_server(packet)][-1]
        time, last = server
        seq = number(last, 4) + len(last) - 40
        record = b"\x17\x03\x03" + struct.pack(">H", size) + bytes(size)
        return packets[:end] + [
            (time + i * 50000, tcp(last, seq=seq + i * len(record), flags=ACK, data=record))
            for i in range(count)]

    def test_inferred(self):
        reason = self.one(self.read(pcap(self.traffic(300, 1200)), code=0), outcome="completed",
                          outcome_basis="inferred", phase="active", phase_range=None)
        self.assertRegex(reason, r"3\d{5} bytes in 3\d\d encrypted records")
        self.assertIn("still up when the capture ended", reason)
        for count, size in ((20, 1200), (60, 100)):
            self.one(self.read(pcap(self.traffic(count, size))), outcome_basis="open")

    def test_doors(self):
        refused = [(START, segment(True, SYN)), (START + 300, segment(False, RST | ACK, 0, 1001))]
        again = [(time + 500000, packet) for time, packet in refused]
        self.one(self.read(pcap(refused + again), code=1), outcome="unreachable", phase="connect",
                 ending="refused", closed_by="server")
        self.assertIn("1 connection request refused", self.errors)
        silent = [(START + at * 1000000, segment(True, SYN)) for at in (0, 1, 3)]
        self.one(self.read(pcap(silent), code=1), outcome="unreachable", phase="connect",
                 ending="timeout", closed_by="network")
        self.one(self.read(pcap(silent[:1])), outcome="stopped", phase="connect", closed_by=None)
        other = [(START, segment(True, SYN, port=80)),
                 (START + 300, segment(False, RST | ACK, 0, 1001, port=80))]
        self.assertEqual(self.read(pcap(other), code=2), [])

    def test_port_of_rdp(self):
        """What is no RDP there, or began earlier, is counted; and there is nothing to judge."""
        record = b"\x17\x03\x03\x00\x20" + bytes(32)
        middle = [(START, segment(True, ACK, 5, 7, record)),
                  (START + 9, segment(False, ACK, 7, 42, record))]
        self.assertEqual(self.read(pcap(middle), code=2), [])
        self.assertIn("1 connection on port 3389 began before the capture", self.errors)
        web = [(START, segment(True, SYN)), (START + 1, segment(False, SYN | ACK, 9, 1001)),
               (START + 2, segment(True, ACK, 1001, 10, b"GET / HTTP/1.1\r\n\r\n"))]
        self.assertEqual(self.read(pcap(web), code=2), [])
        self.assertIn("is no RDP: it looks like HTTP", self.errors)

    def test_door_beside_a_session(self):
        """The port is RDP's because the capture shows it."""
        recording = Recording("error-info-7")
        time, first = recording.packets[0]
        syn = first[:20] + struct.pack(">H", 999) + first[22:]
        at = recording.packets[-1][0]
        attempts = self.read(pcap(recording.packets + [(at + 1, syn), (at + 1000001, syn)]))
        self.assertEqual([row["outcome"] for row in attempts], ["aborted", "unreachable"])


if __name__ == "__main__":
    support.main()
