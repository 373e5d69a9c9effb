# SPDX-License-Identifier: Apache-2.0
"""`rdpwhy pcap` on captures as others take them, made from the recordings in fixtures/captures:
other link layers, without secrets, with packets lost, doubled, out of order or cut."""
import csv
import glob
import json
import os
import struct
import tempfile

import support
from support import CliTest, page_records, rdpwhy

CAPTURES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "fixtures",
                        "captures")
SYN, ACK, FIN, RST = 2, 16, 1, 4
PHASES = ("resolve", "connect", "negotiation", "tls", "credssp", "rdstls", "aad", "basic-settings",
          "channel-connection", "security-commencement", "secure-settings", "auto-detect",
          "licensing", "multitransport", "capabilities", "finalization", "active", "session")


class Recording:
    """The packets (time, raw IP) and the key log of a capture by rdpwhy."""

    def __init__(self, name):
        with open(os.path.join(CAPTURES, name + ".pcapng"), "rb") as file:
            data = file.read()
        self.packets, self.keys, self.commented = [], b"", 0
        while data:
            kind, length = struct.unpack_from("<II", data)
            body = data[8:length - 4]
            if kind == 6:
                high, low, captured = struct.unpack_from("<III", body, 4)
                self.packets.append((high << 32 | low, body[20:20 + captured]))
                if len(body) > 20 + captured + -captured % 4:  # an option: the verdict's comment
                    self.commented = len(self.packets)
            elif kind == 10:
                size, = struct.unpack_from("<I", body, 4)
                self.keys = body[8:8 + size]
            data = data[length:]
        self.server = struct.unpack_from(">H", self.packets[0][1], 22)[0]

    def from_server(self, packet):
        return struct.unpack_from(">H", packet[1], 20)[0] == self.server


def pcap(packets, link=101, before=b"", snap=65535, order="<", nano=False):
    """A classic pcap file; |before| is the link header of every packet."""
    out = struct.pack(order + "IHHiIII", 0xa1b23c4d if nano else 0xa1b2c3d4, 2, 4, 0, 0, snap, link)
    for time, packet in packets:
        frame = before + packet
        kept = frame[:snap]
        out += struct.pack(order + "IIII", time // 1000000, time % 1000000 * (1000 if nano else 1),
                           len(kept), len(frame)) + kept
    return out


def number(packet, offset):
    """A sequence number of an IPv4 packet: 4 its own, 8 the other side's."""
    return struct.unpack_from(">I", packet, 20 + offset)[0]


def tcp(packet, flags, seq=None, ack=None, data=b""):
    """A segment of the same connection and direction."""
    head = bytearray(packet[:40])
    struct.pack_into(">H", head, 2, 40 + len(data))
    if seq is not None:
        struct.pack_into(">I", head, 24, seq & 0xffffffff)
    if ack is not None:
        struct.pack_into(">I", head, 28, ack & 0xffffffff)
    head[33] = flags
    return bytes(head) + data


def to_ipv6(packet, extensions=b"", first=6):
    """The same segment over IPv6, with extension headers."""
    tcp = packet[20:]
    address = bytes.fromhex("20010db8") + bytes(11)
    ports = struct.unpack_from(">HH", tcp)
    source, target = (b"\x07", b"\x01") if ports[0] < ports[1] else (b"\x01", b"\x07")
    return (struct.pack(">IHBB", 6 << 28, len(extensions) + len(tcp), first, 64)
            + address + source + address + target + extensions + tcp)


class Pcap(CliTest):
    def setUp(self):
        super().setUp()
        self.scratch = tempfile.TemporaryDirectory()
        self.addCleanup(self.scratch.cleanup)
        self.errors = ""

    def path(self, name, data):
        path = os.path.join(self.scratch.name, name)
        with open(path, "wb") as file:
            file.write(data)
        return path

    def read(self, data, keys=None, code=None):
        """The attempts that come of a file of these bytes."""
        arguments = ["pcap", "-r", "jsonl", self.path("capture", data)]
        if keys:
            arguments += ["--keys", self.path("keys", keys)]
        run = rdpwhy(*arguments)
        self.assertNotIn("Sanitizer", run.err)
        if code is not None:
            self.assertEqual(run.code, code, run.err)
        self.errors = run.err
        return [row for row in map(json.loads, run.out.splitlines()) if row["record"] == "attempt"]

    def verdict(self, attempts, **expected):
        self.assertEqual(len(attempts), 1, self.errors)
        got = {name: attempts[0].get(name) for name in expected}
        self.assertEqual(got, expected, json.dumps(attempts[0], indent=1))

    def denied(self, attempts):
        self.verdict(attempts, outcome="refused", phase="capabilities", ending="error-info",
                     closed_by="server")
        self.assertEqual(attempts[0]["code"]["value"], 7)

    def test_link_layers(self):
        recording = Recording("error-info-7")
        ethernet = bytes(12)
        for link, before in ((101, b""), (12, b""), (228, b""), (1, ethernet + b"\x08\x00"),
                             (1, ethernet + b"\x81\x00\x00\x05\x08\x00"),
                             (1, ethernet + b"\x88\xa8\x00\x05\x81\x00\x00\x06\x08\x00"),
                             (113, bytes(14) + b"\x08\x00"),
                             (276, b"\x08\x00" + bytes(18)),
                             (0, struct.pack("<I", 2)), (0, struct.pack(">I", 2)),
                             (108, struct.pack(">I", 2))):
            with self.subTest(link=link, before=before):
                self.denied(self.read(pcap(recording.packets, link, before), recording.keys, 1))
        padded = [(time, packet + bytes(max(0, 46 - len(packet))))
                  for time, packet in recording.packets]
        self.denied(self.read(pcap(padded, 1, ethernet + b"\x08\x00"), recording.keys))

    def test_file_formats(self):
        recording = Recording("error-info-7")
        for order in "<>":
            for nano in (False, True):
                self.denied(self.read(pcap(recording.packets, order=order, nano=nano),
                                      recording.keys))

    def test_ipv6(self):
        recording = Recording("error-info-7")
        hop_by_hop = b"\x06\x00" + bytes(6)
        for extensions, first in ((b"", 6), (hop_by_hop, 0),
                                  (b"\x3c\x00" + bytes(6) + hop_by_hop, 43)):
            packets = [(time, to_ipv6(packet, extensions, first))
                       for time, packet in recording.packets]
            attempts = self.read(pcap(packets, 101), recording.keys)
            self.denied(attempts)
            self.assertTrue(attempts[0]["address"].startswith("2001:db8::"))

    def test_without_secrets(self):
        """What the records still tell; the phase is a range."""
        recording = Recording("error-info-7")
        attempts = self.read(pcap(recording.packets))
        self.verdict(attempts, outcome="aborted", ending="fin", closed_by="server",
                     phase="basic-settings",
                     phase_range={"from": "basic-settings", "to": "active"})
        self.assertEqual(attempts[0]["mstsc"], {"basis": "unknown"})
        self.assertEqual(attempts[0]["tls"]["version"], "TLSv1.3")
        self.assertIn("could not be decrypted", self.errors)
        attempts = self.read(pcap(Recording("tls1.2-only").packets))
        self.verdict(attempts, outcome="aborted", closed_by="client",
                     phase_range={"from": "basic-settings", "to": "active"})
        self.assertEqual(attempts[0]["tls"]["certificate"]["subject"], "CN=localhost")
        attempts = self.read(pcap(Recording("healthy-nla").packets))
        self.verdict(attempts, phase_range={"from": "credssp", "to": "active"})

    def test_range_in_every_format(self):
        """No report names a phase that was not seen."""
        path = self.path("capture", pcap(Recording("error-info-7").packets))
        table = os.path.join(self.scratch.name, "table.csv")
        run = rdpwhy("pcap", "-r", "text", "-r", "csv=" + table, "-r",
                     "html=" + table + ".html", "-r", "prometheus=" + table + ".prom", path)
        self.assertRegex(run.out, r"aborted +basic-settings to active ")
        self.assertIn("between basic-settings and active", " ".join(run.out.split()))
        with open(table, newline="", encoding="utf-8") as file:
            row = list(csv.DictReader(file))[0]
        self.assertEqual((row["phase"], row["phase_range_to"]), ("basic-settings", "active"))
        with open(table + ".html", encoding="utf-8") as file:
            attempt = page_records(file.read())[1]
        self.assertEqual(attempt["phase_range"], {"from": "basic-settings", "to": "active"})
        with open(table + ".prom", encoding="utf-8") as file:
            self.assertIn('phase="basic-settings",phase_to="active"', file.read())

    def test_with_secrets(self):
        for name, version in (("tls1.2-only", "TLSv1.2"), ("tls1.0-only", "TLSv1"),
                              ("license-issued-nla", "TLSv1.3"), ("healthy-nla", "TLSv1.3")):
            recording = Recording(name)
            attempts = self.read(pcap(recording.packets), recording.keys, 0)
            self.verdict(attempts, outcome="completed", phase="active", ending="done",
                         phase_range=None)
            self.assertEqual(attempts[0]["tls"]["version"], version)

    def test_silent_server(self):
        recording = Recording("silence-tls")
        attempts = self.read(pcap(recording.packets[:-1]))
        self.verdict(attempts, outcome="stopped", phase="tls", closed_by=None)
        self.assertIn("the capture ends", attempts[0]["reason"])
        late = [(time + (10000000 if i == len(recording.packets) - 1 else 0), packet)
                for i, (time, packet) in enumerate(recording.packets)]
        self.verdict(self.read(pcap(late)), outcome="aborted", phase="tls", ending="timeout",
                     closed_by="client")

    def test_standard_rdp_security(self):
        attempts = self.read(pcap(Recording("error-info-7-rdp").packets))
        self.verdict(attempts, outcome="aborted", ending="fin", closed_by="server",
                     phase_range={"from": "security-commencement", "to": "active"})
        attempts = self.read(pcap(Recording("old-server-rdp").packets))
        self.assertEqual(attempts[0]["profile"], "rdp")
        self.assertEqual(attempts[0]["security"]["method"], "128bit")

    def test_retransmission_and_order(self):
        recording = Recording("error-info-7")
        doubled = [packet for packet in recording.packets for _ in range(2)]
        self.denied(self.read(pcap(doubled), recording.keys))
        self.assertIn("retransmitted", self.errors)
        packets = list(recording.packets)
        for i in range(3, len(packets) - 3):
            if recording.from_server(packets[i]) and recording.from_server(packets[i + 1]):
                packets[i], packets[i + 1] = packets[i + 1], packets[i]
        self.denied(self.read(pcap(packets), recording.keys))
        # both directions of the first exchanges turned round
        packets = list(recording.packets)
        packets[8], packets[9], packets[10] = packets[10], packets[8], packets[9]
        self.denied(self.read(pcap(packets), recording.keys))

    def test_loss(self):
        """Never a guess: behind a hole the phase is a range, and the hole is told."""
        recording = Recording("error-info-7")
        data = [i for i, packet in enumerate(recording.packets)
                if recording.from_server(packet) and len(packet[1]) > 40]
        for lost in data:
            packets = recording.packets[:lost] + recording.packets[lost + 1:]
            attempts = self.read(pcap(packets), recording.keys)
            self.assertEqual(len(attempts), 1, self.errors)
            self.assertEqual(attempts[0]["outcome"], "aborted")
            self.assertEqual(attempts[0]["phase_range"]["to"], "active", lost)
            self.assertIn("bytes are missing", self.errors)

    def test_snap_length(self):
        recording = Recording("error-info-7")
        attempts = self.read(pcap(recording.packets, snap=96), recording.keys)
        self.assertEqual(attempts[0]["phase_range"]["to"], "active")
        self.assertIn("snap length", self.errors)

    def agrees(self, attempts, truth, **label):
        """Nothing is said that is not so: the same verdict, or a range around it."""
        self.assertEqual(len(attempts), 1, (label, self.errors))
        got = attempts[0]
        order = PHASES.index
        told = {name: got.get(name) for name in ("outcome", "ending", "closed_by")}
        if all(got.get(name) == truth.get(name) for name in (*told, "phase", "phase_range")):
            return "exact"
        with self.subTest(**label):
            if "phase_range" not in got:
                self.assertEqual(told, {"outcome": "stopped", "ending": "stop",
                                        "closed_by": None})
                self.assertEqual(got["phase"], truth["phase"])
                self.assertNotIn("phase_range", truth)
                return "exact"
            ends = truth.get("phase_range", {"from": truth["phase"], "to": truth["phase"]})
            self.assertLessEqual(order(got["phase_range"]["from"]), order(ends["from"]))
            self.assertGreaterEqual(order(got["phase_range"]["to"]), order(ends["to"]))
            self.assertIn(got.get("closed_by"), (None, truth["closed_by"]))
            self.assertNotIn("code", got.get("mstsc", {}))
        return "range"

    def one_sided(self, packets, keys=None):
        attempts = self.read(pcap(packets), keys)
        self.assertEqual(attempts[0]["phase_range"]["to"], "active")
        self.assertNotIn("code", attempts[0].get("mstsc", {}))
        self.assertIn("captured in one direction only", self.errors)
        return attempts

    def test_one_side(self):
        """Half a conversation is no evidence of silence, nor of who closed it first."""
        recording = Recording("error-info-7")
        server = [packet for packet in recording.packets if recording.from_server(packet)]
        client = [packet for packet in recording.packets if not recording.from_server(packet)]
        for packets in (server, server[1:]):
            for keys in (None, recording.keys):
                attempts = self.one_sided(packets, keys)
                self.verdict(attempts, outcome="aborted", ending="fin", closed_by=None)
                self.assertEqual(attempts[0]["negotiation"]["selected"], "SSL")
                self.assertIn("the capture does not show by which side", attempts[0]["reason"])
        # The server acknowledges what came after its FIN: it was the first to close.
        time, last = server[-1]
        answer = tcp(last, seq=number(last, 4) + 1, ack=number(last, 8) + 1, flags=ACK)
        attempts = self.one_sided(server + [(time + 1000, answer)])
        self.verdict(attempts, outcome="aborted", ending="fin", closed_by="server")
        for packets in (client, client[1:]):
            for keys in (None, recording.keys):
                attempts = self.one_sided(packets, keys)
                self.verdict(attempts, outcome="aborted", phase="negotiation", closed_by=None)
        run = rdpwhy("pcap", self.path("capture", pcap(server)))
        self.assertNotIn("broken", run.out)
        for name in ("healthy-nla", "tls1.2-only", "old-server-rdp", "silence-tls"):
            recording = Recording(name)
            truth = self.read(pcap(recording.packets), recording.keys)[0]
            for side in (True, False):
                packets = [packet for packet in recording.packets
                           if recording.from_server(packet) == side]
                self.agrees(self.one_sided(packets, recording.keys), truth, name=name, server=side)

    def test_any_packet_lost(self):
        """Whichever packet is missing: what is told is so, and who closed it."""
        for name in ("error-info-7", "healthy-nla", "old-server-rdp", "silence-tls"):
            recording = Recording(name)
            packets = recording.packets
            truth = self.read(pcap(packets), recording.keys)[0]
            for lost, (_, packet) in enumerate(packets):
                attempts = self.read(pcap(packets[:lost] + packets[lost + 1:]), recording.keys)
                self.agrees(attempts, truth, name=name, lost=lost)
                if len(packet) > 40:
                    self.assertIn("bytes are missing", self.errors)
                if len(packet) > 40 and truth["outcome"] != "completed":
                    self.assertIn("phase_range", attempts[0], (name, lost))

    def test_lost_before_the_end(self):
        """A FIN behind a packet that was not captured is a FIN all the same, and the first."""
        recording = Recording("error-info-7")
        data = [i for i, packet in enumerate(recording.packets)
                if recording.from_server(packet) and len(packet[1]) > 40]
        for lost in data:
            attempts = self.read(pcap(recording.packets[:lost] + recording.packets[lost + 1:]),
                                 recording.keys)
            self.verdict(attempts, outcome="aborted", ending="fin", closed_by="server")

    def test_order_of_the_sides(self):
        """Each direction may have a queue of its own: the ACKs say what came first."""
        for name in ("error-info-7", "healthy-nla", "tls1.2-only", "old-server-rdp"):
            recording = Recording(name)
            packets = recording.packets
            truth = self.read(pcap(packets), recording.keys)[0]
            said = 0
            for i in range(len(packets) - 1):
                swapped = list(packets)
                swapped[i], swapped[i + 1] = packets[i + 1], packets[i]
                attempts = self.read(pcap(swapped), recording.keys)
                self.assertEqual(self.agrees(attempts, truth, name=name, swapped=i), "exact")
                said += "out of order" in self.errors
            self.assertGreater(said, len(packets) // 3)
            quarter = len(packets) // 4
            middle = packets[quarter:-quarter]
            for order in (middle[::-1], sorted(middle, key=recording.from_server),
                          sorted(middle, key=recording.from_server, reverse=True)):
                attempts = self.read(pcap(packets[:quarter] + order + packets[-quarter:]),
                                     recording.keys)
                self.assertEqual(self.agrees(attempts, truth, name=name, order=order), "exact")
                self.assertIn("out of order", self.errors)

    def test_some_secrets(self):
        """A key log may lack some of a connection's secrets: what they open is read, no more."""
        for name in ("error-info-7", "healthy-nla"):
            recording = Recording(name)
            lines = recording.keys.splitlines(keepends=True)
            self.assertEqual(len(lines), 5)
            truth = self.read(pcap(recording.packets), recording.keys)[0]
            for chosen in range(1 << len(lines)):
                keys = b"".join(line for i, line in enumerate(lines) if chosen >> i & 1)
                attempts = self.read(pcap(recording.packets), keys)
                if self.agrees(attempts, truth, name=name, keys=keys) == "exact":
                    self.assertIn(b"SERVER_TRAFFIC_SECRET_0", keys)
                self.assertEqual(attempts[0]["tls"]["version"], "TLSv1.3")

    def test_key_log_encodings(self):
        recording = Recording("error-info-7")
        first = recording.keys.splitlines(keepends=True)
        for line in range(len(first)):
            keys = b"".join(first[line:] + first[:line])
            for text in (b"\xef\xbb\xbf" + keys,
                         b"\xef\xbb\xbf" + keys.replace(b"\n", b"\r\n")):
                self.denied(self.read(pcap(recording.packets), text))
                self.assertNotIn("no TLS secret", self.errors)
        self.denied(self.read(pcap(recording.packets), recording.keys * 2))
        self.assertNotIn("no TLS secret", self.errors)
        for text in (recording.keys.decode().encode("utf-16"), b"\n", b"# nothing\n"):
            self.assertIn("phase_range", self.read(pcap(recording.packets), text)[0])
            self.assertIn("no TLS secret in", self.errors)

    def test_implausible_end(self):
        """An RST or FIN from nowhere ends nothing."""
        recording = Recording("error-info-7")
        for flags in (RST, RST | ACK, FIN | ACK):
            for offset in (1 << 24, -(1 << 24), 1 << 31):
                for after in (6, 12, 20):
                    packets = list(recording.packets)
                    time, packet = packets[after]
                    stray = tcp(packet, seq=number(packet, 4) + offset, flags=flags)
                    packets.insert(after + 1, (time, stray))
                    self.denied(self.read(pcap(packets), recording.keys))
                    self.assertRegex(self.errors, "(was|were) ignored")
        # near, but not where the sender stands: what goes on shows that it was not the sender's
        for offset in (-200, -100, 1000, 200000):
            packets = list(recording.packets)
            time, packet = packets[12]
            stray = tcp(packet, seq=number(packet, 4) + offset, flags=RST)
            late = [(at + 1000000, later) for at, later in packets[13:]]
            self.denied(self.read(pcap(packets[:13] + [(time, stray)] + late), recording.keys))
            self.assertRegex(self.errors, "(was|were) ignored")
        # it ends what does not go on
        stray = tcp(packet, seq=number(packet, 4) - 200, flags=RST)
        self.verdict(self.read(pcap(packets[:13] + [(time, stray)]), recording.keys),
                     outcome="aborted", ending="reset")
        # one that fits ends it
        packets = recording.packets[:12]
        time, last = [packet for packet in packets if recording.from_server(packet)][-1]
        reset = tcp(last, seq=number(last, 4) + len(last) - 40, flags=RST)
        self.verdict(self.read(pcap(packets + [(time, reset)]), recording.keys),
                     outcome="aborted", ending="reset", closed_by="server")

    def test_many_records(self):
        """What cannot be read is told as a sum."""
        recording = Recording("error-info-7")
        packets = recording.packets
        end = [i for i, (_, packet) in enumerate(packets) if packet[33] & FIN][0]
        server = [packet for packet in packets[:end] if recording.from_server(packet)][-1]
        time, last = server
        seq = number(last, 4) + len(last) - 40
        record = b"\x17\x03\x03" + struct.pack(">H", 40) + bytes(40)
        more = [(time + i, tcp(last, seq=seq + i * len(record), flags=ACK, data=record))
                for i in range(5000)]
        path = self.path("capture", pcap(packets[:end] + more))
        run = rdpwhy("pcap", "-vv", path)
        self.assertRegex(run.out, r"< +encrypted +4\d\d\d records, \d{6} bytes")
        trace = os.path.join(self.scratch.name, "trace")
        rdpwhy("pcap", "-q", "--trace", trace, path)
        with open(trace, encoding="utf-8") as file:
            self.assertLess(len(file.readlines()), 200)

    def test_many_attempts(self):
        """One host, many attempts: all are reported, in a time that grows with their number."""
        recording = Recording("silence-tls")
        packets = []
        for i in range(4000):
            port = struct.pack(">H", 20000 + i)
            for time, packet in recording.packets:
                at = 22 if recording.from_server((time, packet)) else 20
                packets.append((time + i * 1000, packet[:at] + port + packet[at + 2:]))
        attempts = self.read(pcap(packets))
        self.assertEqual([attempt["ordinal"] for attempt in attempts], list(range(1, 4001)))
        self.assertEqual({attempt["phase"] for attempt in attempts}, {"tls"})
        self.assertIn("each is reported", self.errors)

    def test_several_connections(self):
        recordings = [Recording(name) for name in ("error-info-7", "tls1.2-only", "old-server-rdp")]
        packets = sorted((packet for recording in recordings for packet in recording.packets),
                         key=lambda packet: packet[0])
        attempts = self.read(pcap(packets), b"".join(r.keys for r in recordings))
        self.assertEqual(sorted(a["outcome"] for a in attempts if "phase_range" not in a),
                         ["completed", "refused"])
        self.assertEqual(len(attempts), 3)

    def test_not_rdp(self):
        """Counted, not reported."""
        recording = Recording("error-info-7")
        http = [(time, packet[:40] + b"GET / HTTP/1.1\r\n"[:len(packet) - 40]
                 .ljust(len(packet) - 40, b"x")) for time, packet in recording.packets]
        self.assertEqual(self.read(pcap(http), code=2), [])
        self.assertIn("1 TCP connection, 0 of them RDP", self.errors)
        fragments = [(time, packet[:6] + b"\x20\x00" + packet[8:])
                     for time, packet in recording.packets]
        self.assertEqual(self.read(pcap(fragments), code=2), [])
        self.assertIn("IP fragments", self.errors)

    def test_broken_files(self):
        recording = Recording("error-info-7")
        whole = pcap(recording.packets)
        for length in list(range(0, 60)) + list(range(60, len(whole), 397)):
            self.read(whole[:length], recording.keys)
        self.read(b"no capture at all, only text", code=2)
        self.assertIn("no capture that can be read", self.errors)
        self.read(pcap(recording.packets, link=147), code=2)
        self.assertIn("link type 147", self.errors)
        for path in sorted(glob.glob(os.path.join(CAPTURES, "*.pcapng"))):
            with open(path, "rb") as file:
                whole = file.read()
            for length in range(0, len(whole), 1009):
                self.read(whole[:length])

    def test_usage(self):
        for arguments, message in ((("pcap",), "no file"), (("replay",), "no file"),
                                   (("pcap", "/nonexistent"), "cannot read '/nonexistent'"),
                                   (("replay", "/nonexistent"), "cannot read '/nonexistent'"),
                                   (("pcap", "--keys", "/nonexistent", "/nonexistent"), "--keys")):
            run = rdpwhy(*arguments)
            self.assertEqual(run.code, 2, run.err)
            self.assertIn(message, run.err)

    def test_replay(self):
        """What a capture gave, written as a trace and read again."""
        recording = Recording("error-info-7")
        trace = os.path.join(self.scratch.name, "trace")
        run = rdpwhy("pcap", "-q", "--trace", trace, "--keys", self.path("keys", recording.keys),
                     self.path("capture", pcap(recording.packets)))
        self.assertEqual(run.code, 1, run.err)
        run = rdpwhy("replay", "-r", "jsonl", trace)
        self.denied([row for row in map(json.loads, run.out.splitlines())
                     if row["record"] == "attempt"])
        with open(trace, "rb") as file:
            text = file.read()
        self.assertNotIn(b"TRAFFIC_SECRET", text)
        self.assertEqual(rdpwhy("replay", self.path("cut", text[:len(text) // 2])).code, 2)

    def test_own(self):
        """What the own side did came in no packet: the one told is that which the capture comments."""
        for name in sorted(os.listdir(CAPTURES)):
            if not name.endswith(".pcapng"):
                continue
            run = rdpwhy("pcap", "-r", "jsonl", os.path.join(CAPTURES, name))
            row, = [row for row in map(json.loads, run.out.splitlines())
                    if row["record"] == "attempt"]
            commented = Recording(name[:-len(".pcapng")]).commented
            self.assertGreater(commented, 0, name)
            self.assertEqual(row["capture"].get("packet"), commented, name)

    def test_capture_directory(self):
        for path in ("/nonexistent/dir", os.path.join(CAPTURES, "error-info-7.pcapng")):
            run = rdpwhy("probe", "--capture", path, "127.0.0.1:1")
            self.assertEqual(run.code, 2, run.err)
            self.assertIn("--capture", run.err)
            self.assertEqual(run.out, "")


if __name__ == "__main__":
    support.main()
