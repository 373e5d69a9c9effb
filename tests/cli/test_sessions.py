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
from test_pcap import ACK, CAPTURES, FIN, RST, SYN, Recording, number, pcap, tcp

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


class Gateways(CliTest):
    """xfreerdp through the test gateway, as dumpcap saw it."""

    TUNNEL = ["connect", "gateway-tls", "gateway-http", "gateway-handshake", "gateway-tunnel",
              "gateway-authorization", "gateway-channel"]

    def read(self, name, *options):
        run = rdpwhy("pcap", "-r", "jsonl", os.path.join(SESSIONS, name + ".pcapng"), *options)
        self.assertNotIn("Sanitizer", run.err)
        return [row for row in map(json.loads, run.out.splitlines()) if row["record"] == "attempt"]

    def check(self, name, *expected):
        keys = os.path.join(SESSIONS, name + ".keys")
        attempt, = self.read(name, "--keys", keys)
        code = attempt["code"]
        phases = [phase["phase"] for phase in attempt["phases"]]
        self.assertEqual((attempt["target"], phases, attempt["closed_by"], code["space"],
                          code["value"]), expected)
        self.assertEqual(self.read(name), [])  # without its keys nothing is claimed

    def test_refused(self):
        self.check("gateway-rap", "127.0.0.1:33427", self.TUNNEL, "gateway", "gateway", 0x800759DA)

    def test_two_connections(self):
        self.check("gateway-http", "127.0.0.1:39909", self.TUNNEL + ["negotiation"], "server",
                   "negotiation-failure", 3)

    def test_written(self):
        """--write has both connections, which give the same again."""
        with tempfile.TemporaryDirectory() as scratch:
            path = os.path.join(scratch, "written.pcapng")
            name = os.path.join(SESSIONS, "gateway-http")
            run = rdpwhy("pcap", "-r", "jsonl", "--keys", name + ".keys", "--write", path, name + ".pcapng")
            again = rdpwhy("pcap", "-r", "jsonl", "--keys", name + ".keys", path)
        first, second = ([row for row in map(json.loads, done.out.splitlines())
                          if row["record"] == "attempt"] for done in (run, again))
        self.assertEqual([(row["phase"], row["code"]) for row in first],
                         [(row["phase"], row["code"]) for row in second])
        self.assertEqual(len(first), 1, run.err)


class Sessions(CliTest):
    def setUp(self):
        super().setUp()
        self.scratch = tempfile.TemporaryDirectory()
        self.addCleanup(self.scratch.cleanup)

    def read(self, data, keys=None, code=None, options=()):
        path = os.path.join(self.scratch.name, "capture")
        with open(path, "wb") as file:
            file.write(data)
        arguments = ["pcap", "-r", "jsonl", path, *options] + (["--keys", keys] if keys else [])
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

    def test_idle(self):
        """Of an idle session nothing can be read but the sizes of what ended the handshake. Font Map
        is the same packet as with the keys."""
        for name, closer in (("shadow-nla-client", "client"), ("shadow-tls-server", "server")):
            base = os.path.join(SESSIONS, name)
            with open(base + ".pcapng", "rb") as file:
                data = file.read()
            packets = [row["capture"]["packet"] for row in self.read(data, base + ".keys")]
            attempts = self.read(data, code=0)
            reason = self.one(attempts, outcome="completed", outcome_basis="inferred",
                              phase="active", closed_by=closer)
            self.assertRegex(reason, "sizes of the messages.*up to Font Map; the session lasted 29")
            self.assertEqual([row["capture"]["packet"] for row in attempts], packets)

    def records(self, *rows):
        """A handshake of the recording without its secrets, and then records of (forth, size of the
        message, seconds later); None: FIN."""
        recording = Recording("error-info-7")
        packets, seqs, last = recording.packets[:9], {}, {}
        for time, packet in packets:
            side = recording.from_server((time, packet))
            seqs[side], last[side] = number(packet, 4) + len(packet) - 40, packet
        for forth, size, later in rows:
            time += int(later * 1000000)
            record = b""
            if size is not None:
                record = b"\x17\x03\x03" + struct.pack(">H", size + 17) + bytes(size + 17)
            packets.append((time, tcp(last[not forth], seq=seqs[not forth], ack=seqs[forth],
                                      flags=ACK | (size is None), data=record)))
            seqs[not forth] += len(record)
        return pcap(packets)

    def test_sizes(self):
        """The sizes of finalization say that the session was up, if it lasted; nothing less does."""
        client = [(True, size, 0.001) for size in (37, 41, 41, 41)]
        server = [(False, size, 0.001) for size in (37, 41, 41, 41)]
        keys = client[:3] + [(True, 300, 0.001)] + client[3:]
        short = [(forth, size - 1, later) for forth, size, later in client]
        for rows in (client + server, keys + server, short + server):
            reason = self.one(self.read(self.records(*rows), code=0), outcome="completed",
                              outcome_basis="inferred", closed_by=None)
            self.assertIn("still up when the capture ended", reason)
            self.one(self.read(self.records(*rows, (False, None, 0.5))), outcome="completed",
                     outcome_basis="inferred", closed_by="server")
            self.one(self.read(self.records(*rows, (False, None, 0.01))), outcome="aborted",
                     outcome_basis="open", closed_by="server")
        for rows in (client, server, client + server[:3], client[1:] + server, client[:3] + server,
                     client + server[:2] + [(False, 50, 0.001)] + server[2:]):
            self.one(self.read(self.records(*rows)), outcome="stopped")

    def test_sealed_alert(self):
        """In TLS 1.3 an alert is known by its size; whose it is says who ended the connection."""
        for forth, closer in ((True, "client"), (False, "server")):
            reason = self.one(self.read(self.records((forth, 2, 1), (not forth, None, 0.01))),
                              outcome="aborted", closed_by=closer)
            self.assertEqual("TLS alert that cannot be read" in reason, not forth)

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

    def test_much_at_once(self):
        """Within a second: many records are a session's, if the client has sent its part, too."""
        mine = [(True, 50, 0.001)] * 20
        for count, told in ((220, "completed"), (150, "stopped")):
            rows = [(False, 100, 0.001)] * count
            self.one(self.read(self.records(*mine, *rows)), outcome=told)
            self.one(self.read(self.records(*mine[:10], *rows)), outcome="stopped")

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

    def silent(self, *segments, port=3389):
        hello = [segment(True, SYN, port=port), segment(False, SYN | ACK, 9, 1001, port=port)]
        return pcap([(START + i * 300, packet) for i, packet in enumerate(hello + list(segments))])

    def test_nothing_said(self):
        """A connection to RDP's port on which nothing passed: whose doing that is."""
        ack, fin = segment(True, ACK, 1001, 10), segment(False, FIN | ACK, 10, 1001)
        reason = self.one(self.read(self.silent(ack, fin), code=1), outcome="aborted",
                          phase="negotiation", ending="fin", closed_by="server")
        self.assertIn("the client had sent nothing", reason)
        self.one(self.read(self.silent(segment(False, RST | ACK, 10, 1001))), ending="reset",
                 closed_by="server")
        for rest in ((), (ack,)):
            self.one(self.read(self.silent(*rest)), outcome="stopped", phase="negotiation",
                     closed_by=None)
        for rest in ((ack, segment(True, FIN | ACK, 1001, 10), segment(False, FIN | ACK, 10, 1002)),
                     (segment(True, RST, 1001),)):
            self.assertEqual(self.read(self.silent(*rest), code=2), [])
            self.assertIn("1 connection on RDP's ports was closed by the client before it sent",
                          self.errors)

    def test_client_gives_up(self):
        """A client that does not wait long is not a server that closes."""
        request = bytes.fromhex("030000130ee000000000000100080003000000")
        hello = [segment(True, SYN), segment(False, SYN | ACK, 9, 1001)]
        for later, ending in ((3, "fin"), (8, "timeout")):
            said = [(START + 600, segment(True, ACK, 1001, 10, request)),
                    (START + later * 1000000, segment(True, FIN | ACK, 1020, 10)),
                    (START + later * 1000000 + 9, segment(False, FIN | ACK, 10, 1021))]
            data = pcap([(START + i, packet) for i, packet in enumerate(hello)] + said)
            self.one(self.read(data), outcome="aborted", ending=ending, closed_by="client")
            text = rdpwhy("pcap", os.path.join(self.scratch.name, "capture")).out
            self.assertNotIn("closes it before it answers", text)

    def test_request_lost(self):
        """The answer without what it answers: nothing that ends it is this computer's failure."""
        confirm = bytes.fromhex("030000130ed000001234000200080001000000")
        answer = segment(False, ACK, 10, 1020, confirm)
        for closer, rest in (("client", [segment(True, FIN | ACK, 1020, 29)]),
                             ("client", [segment(True, RST | ACK, 1020, 29)]),
                             ("server", [segment(False, FIN | ACK, 29, 1020),
                                         segment(True, FIN | ACK, 1020, 30)])):
            reason = self.one(self.read(self.silent(answer, *rest)), outcome="aborted",
                              outcome_basis="open", closed_by=closer, phase="tls")
            self.assertIn("Connection Request is not in the capture", reason)
        refusal = bytes.fromhex("030000130ed000001234000300080005000000")
        reason = self.one(self.read(self.silent(segment(False, ACK, 10, 1020, refusal))),
                          outcome="refused", phase="negotiation", phase_range=None)
        self.assertIn("Connection Request is not in the capture", reason)

    def test_ports(self):
        refused = pcap([(START, segment(True, SYN, port=4000)),
                        (START + 300, segment(False, RST | ACK, 0, 1001, port=4000))])
        self.assertEqual(self.read(refused, code=2), [])
        for ports in (["4000"], ["5000,4000"], ["5000", "4000"]):
            options = [word for port in ports for word in ("--port", port)]
            self.one(self.read(refused, options=options, code=1), outcome="unreachable",
                     ending="refused", target="192.0.2.1:4000")
        for wrong in ("0", "65536", "", "1,", "x", "000003389", ",".join(["1"] * 65)):
            run = rdpwhy("pcap", "--port", wrong, "/dev/null")
            self.assertEqual((run.code, run.out), (2, ""))
            self.assertIn("--port", run.err)

    def test_place(self):
        """Where in the capture: Wireshark's number of the packet, its time, who connected."""
        junk = [(START - 2000000, b"\x45" + bytes(30)), (START - 1000000, b"")]
        hello = [segment(True, SYN), segment(False, SYN | ACK, 9, 1001),
                 segment(False, FIN | ACK, 10, 1001), segment(True, FIN | ACK, 1001, 11)]
        attempts = self.read(pcap(junk + [(START + i, packet) for i, packet in enumerate(hello)]))
        place = dict(attempts[0]["capture"])
        self.assertTrue(place.pop("file").endswith("capture"))
        self.assertEqual(place, {"client": "192.0.2.9:50000", "packet": 5,
                                 "time": "2023-11-14T22:13:20.000002Z", "offset_us": 2000002})
        path = os.path.join(self.scratch.name, "capture")
        for options in ([], ["-v"]):
            text = " ".join(rdpwhy("pcap", *options, path).out.split())
            self.assertIn("packet 5 at 2023-11-14T22:13:20.000002Z, 2.00 s into " + path
                          + "; client 192.0.2.9:50000", text)

    def test_checks_at_its_time(self):
        """Logs are to be read around the time of the capture, not at their ends."""
        run = rdpwhy("pcap", "-r", "jsonl", os.path.join(CAPTURES, "error-info-7.pcapng"))
        host = [row for row in map(json.loads, run.out.splitlines()) if row["record"] == "host"][0]
        checks = " ".join(check for finding in host["findings"] for check in finding["checks"])
        self.assertNotIn("this probe", checks)
        self.assertNotIn("-MaxEvents", checks)
        self.assertIn("2026-11-2", checks)

    def test_port_of_rdp(self):
        """What is no RDP there, or began earlier, is counted; and there is nothing to judge."""
        record = b"\x17\x03\x03\x00\x20" + bytes(32)
        middle = [(START, segment(True, ACK, 5, 7, record)),
                  (START + 9, segment(False, ACK, 7, 42, record))]
        self.assertEqual(self.read(pcap(middle), code=2), [])
        self.assertIn("1 connection on RDP's ports began before the capture", self.errors)
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
