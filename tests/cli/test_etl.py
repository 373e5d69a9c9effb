# SPDX-License-Identifier: Apache-2.0
"""`rdpwhy pcap` on Windows' event traces: each recording as netsh and as pktmon would have written
it gives the verdict that it gives as a capture file."""
import glob
import json
import os
import random
import shutil
import struct
import subprocess
import tempfile

import etl
import support
import wrap
from support import CliTest, need, rdpwhy
from test_pcap import CAPTURES, Recording, pcap

SAMPLES = os.environ.get("RDPWHY_ETL_SAMPLES", "")  # a folder of real traces
ETHERNET = bytes(12) + b"\x08\0"
WIFI = bytes([0x88, 0x41]) + bytes(24) + b"\xaa\xaa\x03\0\0\0\x08\0"  # QoS data, "protected"
TRUNCATED = 0x2000000


class Etl(CliTest):
    def setUp(self):
        super().setUp()
        self.scratch = tempfile.TemporaryDirectory()
        self.addCleanup(self.scratch.cleanup)

    def path(self, name, data):
        path = os.path.join(self.scratch.name, name)
        with open(path, "wb") as file:
            file.write(data)
        return path

    def read(self, data, keys=b"", code=None, stdin=False):
        """What is said of each attempt, and on standard error."""
        path = self.path("trace", data)
        arguments = ["pcap", "-r", "jsonl", "-" if stdin else path]
        if keys:
            arguments += ["--keys", self.path("keys", keys)]
        run = rdpwhy(*arguments, stdin=data) if stdin else rdpwhy(*arguments)
        self.assertNotIn("Sanitizer", run.err)
        if code is not None:
            self.assertEqual(run.code, code, run.err)
        rows = [row for row in map(json.loads, run.out.splitlines()) if row["record"] == "attempt"]
        return [{name: row.get(name) for name in ("target", "outcome", "phase", "phase_to", "ending",
                                                  "closed_by", "code", "reason")}
                for row in rows], run.err

    def recording(self, name="error-info-7"):
        recording = Recording(name)
        start = recording.packets[0][0] - 5000
        return recording, start, self.read(pcap(recording.packets), recording.keys)[0]

    def netsh(self, recording, start, before=ETHERNET, kind=etl.NDIS_ETHERNET, **options):
        """Two processors by turns, a second layer that sees less, other events in between."""
        cpus = ([], [])
        for i, (time, packet) in enumerate(recording.packets):
            at = etl.ticks(time, start)
            way = etl.NDIS_RECEIVED if recording.from_server((time, packet)) else etl.NDIS_SENT
            cpu = cpus[i // 3 % 2]
            cpu += etl.foreign(at)
            whole = kind | way | etl.NDIS_FIRST | etl.NDIS_LAST
            if i % 2 == 0:
                cpu.append(etl.ndis(at, before + packet, whole, lower=9))
            cpu.append(etl.ndis(at, before + packet, whole))
        half = len(cpus[0]) // 2
        buffers = [etl.buffer(cpus[1], 1, 1), etl.buffer(cpus[0][half:], 3),
                   etl.buffer(cpus[0][:half], 2, size=1 << 19)]
        return etl.header(start, **options) + b"".join(buffers)

    def pktmon(self, recording, start, edges=(1, 2, 1), kind=1, before=ETHERNET, cut=None):
        records, late = [], []
        for time, packet in recording.packets:
            at = etl.ticks(time, start)
            frame = before + packet
            for n, edge in enumerate(edges):
                records.append(etl.pktmon(at, frame[:cut], n + 1, edge, kind, len(frame)))
        for n in range(len(edges)):
            late.append(etl.component(at, n + 1, 2 if n == 1 else 3))
        cut_at = len(records) // 2
        return (etl.header(start) + etl.buffer(records[:cut_at], 1, pack=True)
                + etl.buffer(records[cut_at:] + late, 2, pack=True))

    def test_every_recording(self):
        for path in sorted(glob.glob(os.path.join(CAPTURES, "*.pcapng"))):
            name = os.path.basename(path)[:-len(".pcapng")]
            recording, start, expected = self.recording(name)
            with self.subTest(name):
                self.assertTrue(expected)
                got, err = self.read(self.netsh(recording, start), recording.keys)
                self.assertEqual(got, expected, err)
                got, err = self.read(self.pktmon(recording, start), recording.keys)
                self.assertEqual(got, expected, err)

    def test_links(self):
        recording, start, expected = self.recording()
        for before, kind in ((b"", etl.NDIS_RAW), (WIFI, etl.NDIS_WIFI),
                             (bytes(12) + b"\x81\0\0\x05\x08\0", etl.NDIS_ETHERNET)):
            got, err = self.read(self.netsh(recording, start, before, kind), recording.keys)
            self.assertEqual(got, expected, err)
        # pktmon calls Wi-Fi what is Ethernet already, raw IP is raw IP
        for before, kind in ((ETHERNET, 2), (WIFI, 2), (b"", 3), (ETHERNET, 0)):
            got, err = self.read(self.pktmon(recording, start, before=before, kind=kind),
                                 recording.keys)
            self.assertEqual(got, expected, err)

    def test_clocks(self):
        recording, start, expected = self.recording()
        times = self.times(pcap(recording.packets), recording.keys)
        self.assertEqual(self.times(self.netsh(recording, start), recording.keys), times)
        self.assertEqual(self.times(self.netsh(recording, start, bits=32), recording.keys), times)
        self.assertEqual(self.times(self.pktmon(recording, start), recording.keys), times)
        records = [etl.ndis(etl.FILETIME_1970 + time * 10, ETHERNET + packet,
                            etl.NDIS_FIRST | etl.NDIS_LAST) for time, packet in recording.packets]
        data = etl.header(start, clock=2) + etl.buffer(records, 1)
        self.assertEqual(self.times(data, recording.keys), times)

    def times(self, data, keys):
        run = rdpwhy("pcap", "-r", "jsonl", self.path("trace", data), "--keys",
                     self.path("keys", keys))
        return [(row["started"], row["duration_us"]) for row in map(json.loads, run.out.splitlines())
                if row["record"] == "attempt"]

    def test_pieces(self):
        """Before Windows 8.1 packets came in pieces, those of two directions mixed."""
        recording, start, expected = self.recording()
        records = []
        for time, packet in recording.packets:
            at = etl.ticks(time, start)
            way = etl.NDIS_RECEIVED if recording.from_server((time, packet)) else etl.NDIS_SENT
            other = etl.NDIS_SENT ^ etl.NDIS_RECEIVED ^ way
            frame = ETHERNET + packet
            parts = [frame[:20], frame[20:33], frame[33:]]
            records += [etl.ndis(at, parts[0], etl.NDIS_FIRST | way),
                        etl.ndis(at, bytes(9), etl.NDIS_FIRST | other),
                        etl.ndis(at, parts[1], way),
                        etl.ndis(at, parts[2], etl.NDIS_LAST | way)]
        got, err = self.read(etl.header(start) + etl.buffer(records, 1), recording.keys)
        self.assertEqual(got, expected, err)

    def test_virtual_switch(self):
        recording, start, expected = self.recording()
        whole = etl.NDIS_FIRST | etl.NDIS_LAST
        records = [etl.ndis_switch(etl.ticks(time, start), ETHERNET + packet, whole, port)
                   for time, packet in recording.packets for port in (2, 3)]
        got, err = self.read(etl.header(start) + etl.buffer(records, 1), recording.keys)
        self.assertEqual(got, expected, err)
        self.assertIn("%d packets were seen at another place" % len(recording.packets), err)

    def test_retransmission_is_no_double(self):
        """The same bytes twice at one place are two packets."""
        recording, start, _ = self.recording()
        twice = [(time + shift, packet) for time, packet in recording.packets
                 for shift in (0, 1) if shift == 0 or len(packet) > 60]
        recording.packets = sorted(twice, key=lambda row: row[0])
        expected, by_pcap = self.read(pcap(recording.packets), recording.keys)
        got, by_etl = self.read(self.netsh(recording, start), recording.keys)
        self.assertEqual(got, expected)
        line = [line for line in by_pcap.splitlines() if "retransmitted" in line]
        self.assertEqual(len(line), 1)
        self.assertIn(line[0].split("trace: ")[1], by_etl)

    def test_cut_packets(self):
        """pktmon keeps 128 bytes of a packet unless told otherwise: said with the cure."""
        recording, start, _ = self.recording()
        by_pcap = self.read(pcap(recording.packets, 1, ETHERNET, 128), recording.keys)[0]
        got, err = self.read(self.pktmon(recording, start, cut=128), recording.keys)
        self.assertEqual(got, by_pcap)
        self.assertIn("pktmon start --capture --pkt-size 0", err)
        # netsh's own limit: the length is in the IP header
        records = [etl.ndis(etl.ticks(time, start), (ETHERNET + packet)[:128],
                            etl.NDIS_FIRST | etl.NDIS_LAST | TRUNCATED)
                   for time, packet in recording.packets]
        got, err = self.read(etl.header(start) + etl.buffer(records, 1), recording.keys)
        self.assertEqual(got, by_pcap)

    def test_drops(self):
        recording, start, expected = self.recording()
        time, packet = recording.packets[0]
        drop = etl.pktmon(etl.ticks(time, start), packet, 9, 0, 3, id_=170, reason=1231,
                          location=0xe0004502)
        data = self.pktmon(recording, start) + etl.buffer([drop], 3)
        got, err = self.read(data, recording.keys)
        self.assertEqual(got, expected)
        self.assertIn("Windows dropped 1 TCP packet: inspection of new connections (Windows "
                      "Firewall or a security product), reason 1231", err)
        said = self.windows(data, recording.keys)[0]
        self.assertEqual(said["said"], ["Microsoft-Windows-PktMon 170: inspection of new connections "
                                        "(Windows Firewall or a security product): packet dropped, "
                                        "reason 1231"])
        self.assertEqual(said["ties"], ["connection"])
        # a connection that never left: its SYN is there as a drop alone
        refused = packet[:22] + struct.pack(">H", 3389) + packet[24:]
        drop = etl.pktmon(etl.ticks(time, start), refused, 9, 0, 3, id_=170, reason=1231)
        data = etl.header(start) + etl.buffer([drop], 1)
        record, = self.records(data)
        self.assertEqual(record["windows"]["ties"], ["connection"])

    def test_words_of_windows(self):
        """What Windows says of the RDP connections, with its time; of others nothing."""
        recording, start, expected = self.recording()
        first = recording.packets[0][1]
        at = etl.ticks(start + 1234567, start)
        ends = [etl.sockaddr(first[a:a + 4], struct.unpack_from(">H", first, p)[0])
                for a, p in ((16, 22), (12, 20))]
        other = etl.sockaddr(b"\x0a\0\0\x07", 445)
        tail = struct.pack("<IIIQ", 0xc000020c, 1234, 1, 7)
        events = [
            etl.event(etl.SCHANNEL, 36870, at, etl.text("server") + struct.pack("<II", 0x8009030d, 6)),
            etl.event(etl.SCHANNEL, 36871, at, etl.text("server") + struct.pack("<I", 10013)),
            etl.event(etl.SCHANNEL, 36874, at, etl.text("TLS 1.0")),
            etl.event(etl.SCHANNEL, 36887, at, struct.pack("<I", 48)),
            etl.event(etl.SCHANNEL, 36888, at, struct.pack("<II", 40, 1205) + etl.text("")),
            etl.event(etl.TCPIP, 1040, at, ends[0] + ends[1] + tail),
            etl.event(etl.TCPIP, 1040, at, ends[0] + ends[1] + tail + bytes(8), version=1),
            etl.event(etl.TCPIP, 1040, at, ends[0] + other + tail),
            etl.event(etl.TCPIP, 1184, at, bytes(8) + ends[0] + ends[1] + struct.pack("<II", 4, 2)),
            etl.event(etl.RDPCORETS, 131, at, etl.text("TCP") + etl.text("10.0.0.9:50000\x1b[31m")),
            etl.event(etl.RDPCORETS, 139, at, struct.pack("<I", 0x80090302) + etl.text("10.0.0.9")),
            etl.event(etl.CONNECTION_MANAGER, 261, at, etl.text("RDP-Tcp")),
            # no source says what is in these: errors and warnings are named, the rest is not
            etl.event(etl.WFP, 1001, at, b"whatever", level=2),
            etl.event(etl.RDPCORETS, 999, at, b"whatever", level=3),
            etl.event(etl.RDPCORETS, 998, at, b"whatever"),
            etl.event(etl.TCPIP, 1999, at, b"whatever", level=2),
        ]
        data = self.netsh(recording, start) + etl.buffer(events, 9, 3)
        got, err = self.read(data, recording.keys)
        self.assertEqual(got, expected)
        said, findings, _ = self.windows(data, recording.keys)
        self.assertEqual(list(zip(said["ties"], said["said"])), [
            ("time", "Schannel 36870: the private key of the certificate cannot be used: for server, "
             "error 0x8009030d, status 0x00000006"),
            ("time", "Schannel 36871: TLS credentials cannot be created: for server, state 10013"),
            ("time", "Schannel 36874: client and server have no cipher suite in common: protocol "
             "TLS 1.0"),
            ("time", "Schannel 36887: TLS alert received: alert 48"),
            ("time", "Schannel 36888: TLS alert sent: alert 40, state 1205"),
            *[("connection", "Microsoft-Windows-TCPIP 1040: connection aborted: status 0xc000020c, "
               "process 1234")] * 2,
            ("connection", "Microsoft-Windows-TCPIP 1184: connection ended: an RST came: "
             "retransmissions 2"),
            ("time", "Microsoft-Windows-TerminalServices-RemoteConnectionManager 261: a listener "
             "received a connection: name RDP-Tcp"),
            ("time", "Microsoft-Windows-RemoteDesktopServices-RdpCoreTS 999: a warning that is not "
             "read here"),
        ])
        self.assertEqual(len(set(said["times"])), 1)
        self.assertTrue(said["times"][0].endswith("Z"))
        # only its time ties it: no more than that is said
        finding, = [f for f in findings if f["rule"] == "windows-event"]
        self.assertEqual(finding["severity"], "info")
        self.assertIn("only its time ties it", " ".join(finding["because"]))
        # what is about others stays out of the report
        words = [line.split(": ", 2)[2].split(" ", 1)[1] for line in err.splitlines()
                 if line.split(": ", 2)[2].startswith("20")]
        self.assertEqual(words, [
            "Microsoft-Windows-RemoteDesktopServices-RdpCoreTS 131: connection accepted: over TCP, "
            "client 10.0.0.9:50000\\x1b[31m",
            "Microsoft-Windows-RemoteDesktopServices-RdpCoreTS 139: the security layer found an "
            "error and disconnected: error 0x80090302, client 10.0.0.9",
        ])
        run = rdpwhy("pcap", "-q", self.path("trace", data))
        self.assertEqual(run.err, "")

    def windows(self, data, keys=b""):
        """What Windows says of the one connection in a report, and the findings of its host. The
        same comes back of the saved report and of the trace."""
        path, saved, trace = self.path("trace", data), self.path("saved", b""), self.path("t", b"")
        run = rdpwhy("pcap", "-q", "-r", "jsonl=" + saved, "-r", "html", "--trace", trace,
                     "--keys", self.path("keys", keys), path)
        self.assertEqual(run.err, "")
        found = []
        for again in (rdpwhy("show", "-q", "-r", "jsonl", saved),
                      rdpwhy("replay", "-q", "-r", "jsonl", trace)):
            rows = [json.loads(line) for line in again.out.splitlines()]
            attempt, = [row for row in rows if row["record"] == "attempt"]
            host, = [row for row in rows if row["record"] == "host"]
            found.append((attempt["windows"], host["findings"]))
        self.assertEqual(found[0][0], found[1][0])
        for words in found[0][0]["said"]:
            self.assertIn(json.dumps(words)[1:30], run.out) # the page
        text = rdpwhy("show", "-v", saved).out
        self.assertIn("Windows says", text)
        return found[0][0], found[1][1], text

    def records(self, data):
        run = rdpwhy("pcap", "-q", "-r", "jsonl", self.path("trace", data))
        rows = [json.loads(line) for line in run.out.splitlines()]
        return [row for row in rows if row["record"] == "attempt"]

    def test_ties(self):
        """By both ends, by the process that has the connection, by the client, by time."""
        recording, start, _ = self.recording()
        first = recording.packets[0][1]
        ends = [etl.sockaddr(first[a:a + 4], struct.unpack_from(">H", first, p)[0])
                for a, p in ((16, 22), (12, 20))]
        client = "%d.%d.%d.%d" % tuple(first[12:16])
        at, late = (etl.ticks(start + us, start) for us in (50000, 10000000))
        sid = bytes.fromhex("010100000000000512000000")
        drop = struct.pack("<Q", 7) + ends[0] + ends[1] + struct.pack("<I", 0)
        tail = struct.pack("<IIIIBQH", 0, 1, 1, 0x3900, 0, 66777, 13)
        events = [
            # the writer of these is process 8, which has the connection
            etl.event(etl.TCPIP, 1017, at, ends[0] + ends[1] + struct.pack("<IIIQ", 0, 8, 1, 7)),
            etl.event(etl.RDPCORETS, 103, at, struct.pack("<I", 5)),
            etl.event(etl.RDPCORETS, 131, at, etl.text("TCP") + etl.text(
                "%s:%d" % (client, struct.unpack_from(">H", first, 20)[0]))),
            etl.event(etl.RDPCORETS, 140, at, etl.text(client)),
            etl.event(etl.WFP, 1001, at, drop + etl.text("\\x.exe") + sid + tail),
            etl.event(etl.WFP, 1001, at, drop + etl.text("") + sid + tail + etl.text("{}")
                      + bytes(8), version=1),
            etl.event(etl.WFP, 1001, at, drop + etl.text("") + sid + tail + etl.text("{}") + bytes(8)
                      + etl.text("") + bytes(8) + etl.text(""), version=2),
            etl.event(etl.WFP, 1003, at, drop + etl.text("") + sid
                      + struct.pack("<IIIQH", 0xc0000001, 1, 9, 5, 6)),
            etl.event(etl.RDPCORETS, 103, late, struct.pack("<I", 6)),
        ]
        data = self.netsh(recording, start, lost=2) + etl.buffer(events, 9, 3)
        said, findings, text = self.windows(data, recording.keys)
        filtered = "Microsoft-Windows-WFP 1001: a packet was dropped by a filter: "
        self.assertEqual([(tie, words.split("RdpCoreTS ")[-1])
                          for tie, words in zip(said["ties"], said["said"])], [
            ("connection", "Microsoft-Windows-TCPIP 1017: connection accepted: status 0x00000000, "
             "process 8"),
            ("process", "103: disconnected: reason 5"),
            ("connection", "131: connection accepted: over TCP, client %s:%d"
             % (client, struct.unpack_from(">H", first, 20)[0])),
            ("client", "140: wrong user name or password: client " + client),
            ("connection", filtered + "program \\x.exe, direction 0x00003900, filter 66777, layer 13"),
            *[("connection", filtered + "direction 0x00003900, filter 66777, layer 13")] * 2,
            ("connection", "Microsoft-Windows-WFP 1003: a packet was dropped by IPsec: status "
             "0xc0000001, direction 0x00000001, filter 5, layer 6"),
        ])
        self.assertEqual(said["events_lost"], 2)
        finding, = [f for f in findings if f["rule"] == "windows-event"]
        self.assertEqual(finding["severity"], "warning")
        self.assertIn("(by the process that the connection belongs to)", " ".join(text.split()))

    def test_path_changes(self):
        """What one place does not see is taken from another, as where an adapter takes over."""
        recording, start, expected = self.recording()
        half = len(recording.packets) // 2
        whole = etl.NDIS_ETHERNET | etl.NDIS_FIRST | etl.NDIS_LAST
        records = []
        for i, (time, packet) in enumerate(recording.packets):
            for place, sees in ((5, i < half + 2), (9, i >= half - 2)):
                if sees:
                    records.append(etl.ndis(etl.ticks(time, start), ETHERNET + packet, whole,
                                            lower=place))
        got, err = self.read(etl.header(start) + etl.buffer(records, 1), recording.keys)
        self.assertEqual(got, expected, err)
        self.assertIn(" 4 packets were seen at another place", err)
        self.assertNotIn("retransmitted", err)

    def test_offload(self):
        """Above the adapter segments are larger than below it, and come before or after."""
        recording, start, expected = self.recording()
        whole = etl.NDIS_ETHERNET | etl.NDIS_FIRST | etl.NDIS_LAST
        records = []
        for time, packet in recording.packets:
            at = etl.ticks(time, start)
            head, body = packet[:20 + (packet[32] >> 2)], packet[20 + (packet[32] >> 2):]
            parts = []
            for offset in range(0, max(len(body), 1), 100):
                part = bytearray(head + body[offset:offset + 100])
                struct.pack_into(">H", part, 2, len(part))
                struct.pack_into(">I", part, 24,
                                 (struct.unpack_from(">I", head, 24)[0] + offset) & 0xffffffff)
                if offset + 100 < len(body):
                    part[33] &= ~1 # the FIN is in the last
                parts.append(etl.ndis(at, ETHERNET + bytes(part), whole, lower=5))
            large = [etl.ndis(at, ETHERNET + packet, whole, lower=9)]
            records += (parts + large if recording.from_server((time, packet)) else large + parts)
        got, err = self.read(etl.header(start) + etl.buffer(records, 1), recording.keys)
        self.assertEqual(got, expected, err)
        self.assertNotIn("retransmitted", err)
        self.assertNotIn("missing", err)

    def test_fragments_and_udp(self):
        recording, start, expected = self.recording()
        whole = etl.NDIS_ETHERNET | etl.NDIS_FIRST | etl.NDIS_LAST
        # [MS-RDPEUDP] 2.2.2: the client's first datagram, of version 1
        syn = (struct.pack(">IHHIHH", 0xffffffff, 64, 0x0801, 7, 1232, 1232)).ljust(1232, b"\0")
        ends = recording.packets[0][1][12:20]
        packets = [(time, part) for time, packet in recording.packets for part in wrap.split(packet, 256)]
        port = struct.unpack_from(">H", recording.packets[0][1], 22)[0]
        for again in (0, 10000):
            packets.append((packets[-1][0] - 20000 + again,
                            wrap.ipv4(17, wrap.udp(port, syn, 5000), addresses=ends)))
        packets.sort(key=lambda row: row[0])
        records = [etl.ndis(etl.ticks(time, start), ETHERNET + packet, whole, lower=lower)
                   for time, packet in packets for lower in (9, 5)]
        data = etl.header(start) + etl.buffer(records, 1)
        got, err = self.read(data, recording.keys)
        self.assertEqual(got, expected, err)
        self.assertNotIn("fragment", err)
        by_pcap = self.read(pcap(packets), recording.keys)[1]
        udp = [line.split(": ", 2)[2] for line in by_pcap.splitlines() if "over UDP" in line]
        self.assertTrue(udp)
        self.assertIn(udp[0], err)

    def test_write(self):
        """tshark sees the same streams in what is written as in the capture."""
        need(shutil.which("tshark"), "tshark is not installed")
        recording, start, _ = self.recording()
        streams = []
        for data in (pcap(recording.packets, 1, ETHERNET), self.netsh(recording, start),
                     self.pktmon(recording, start)):
            out = self.path("out.pcapng", b"")
            run = rdpwhy("pcap", "-q", "--write", out, self.path("trace", data))
            self.assertEqual(run.err, "")
            fields = ("ip.src", "tcp.srcport", "tcp.seq_raw", "tcp.len", "tcp.flags",
                      "tcp.analysis.flags", "ip.checksum.status", "tcp.checksum.status")
            shown = subprocess.run(
                ["tshark", "-r", out, "-o", "tcp.check_checksum:TRUE", "-o",
                 "ip.check_checksum:TRUE", "-T", "fields",
                 *[word for name in fields for word in ("-e", name)]],
                stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120, check=True)
            streams.append(shown.stdout.decode())
        self.assertEqual(len(streams[0].splitlines()), len(recording.packets))
        self.assertEqual(streams[1], streams[0])
        self.assertEqual(streams[2], streams[0])

    def test_out_of_order(self):
        """Within a processor time does not go back: where it does, that is said."""
        recording, start, expected = self.recording()
        records = [etl.ndis(etl.ticks(time, start), ETHERNET + packet,
                            etl.NDIS_FIRST | etl.NDIS_LAST) for time, packet in recording.packets]
        records[4], records[5] = records[5], records[4]
        got, err = self.read(etl.header(start) + etl.buffer(records, 1), recording.keys)
        self.assertEqual(got, expected)
        self.assertIn("1 packet is out of the order of time", err)

    def test_odd_files(self):
        """What is called .etl, and is none, or has nothing but its header."""
        for data, words in ((b"TLS and RDP, line by line\n" * 40, "no capture that can be read"),
                            (b"", "no capture that can be read"),
                            (bytes(4096), "no capture that can be read"),
                            (etl.header(10**15)[:0x100], "header is not whole"),
                            (etl.header(10**15) + etl.buffer(etl.foreign(9), 1)[:100],
                             "ends within its first buffer"),
                            (etl.header(10**15), "(0 events; of no provider of the network's"),):
            path = self.path("trace.etl", data)
            run = rdpwhy("pcap", path)
            self.assertEqual(run.code, 2, run.err)
            self.assertIn(words, run.err)
            run = rdpwhy("pcap", "-", stdin=data)
            self.assertEqual(run.code, 2, run.err)

    def test_words_that_cannot_be_read(self):
        """Other versions, and whatever does not end where it should: counted, never guessed."""
        recording, start, expected = self.recording()
        at = etl.ticks(start + 5000, start)
        address = etl.sockaddr(b"\x0a\0\0\x07", 445)
        events = [
            etl.event(etl.SCHANNEL, 36888, at, struct.pack("<II", 40, 1205) + etl.text(""), version=1),
            etl.event(etl.SCHANNEL, 36888, at, struct.pack("<II", 40, 1205)),
            etl.event(etl.SCHANNEL, 36887, at, bytes(5)),
            etl.event(etl.SCHANNEL, 36874, at, b"T\0L\0S"),
            etl.event(etl.TCPIP, 1040, at, address + b"\xff\xff\xff\xff" + bytes(40)),
            etl.event(etl.TCPIP, 1040, at, struct.pack("<IHH", 4, 7, 7) + address + bytes(20)),
        ]
        got, err = self.read(self.netsh(recording, start) + etl.buffer(events, 9, 3),
                             recording.keys)
        self.assertEqual(got, expected)
        # beside those that the trace has between the packets
        count = 6 + len(recording.packets)
        self.assertIn("%d events of Windows' own have layouts that are not known here" % count, err)
        self.assertNotIn("Schannel", err)

    def test_no_packets(self):
        events = etl.foreign(etl.BOOT_TICKS)
        for records, words in (
                (events, ("event trace of Windows (1 events; Microsoft-Windows-TCPIP) without any "
                          "packet", "netsh trace start capture=yes")),
                ([etl.event(bytes(16), 1, etl.BOOT_TICKS, b"x")],
                 ("(1 events; of no provider of the network's: made by WPR, perhaps) without any "
                  "packet", "netsh trace start capture=yes")),
                ([etl.event(etl.PKTMON, 130, etl.BOOT_TICKS, bytes(40))],
                 ("made without the packets' bytes", "pktmon start --capture --pkt-size 0"))):
            _, err = self.read(etl.header(10**15) + etl.buffer(records, 1), code=2)
            for word in words:
                self.assertIn(word, err)
            self.assertNotIn("interrupted", err)

    def test_cabinet(self):
        _, err = self.read(b"MSCF\0\0\0\0" + bytes(100), code=2)
        self.assertIn("the packets are in the .etl file of the same name", err)

    def test_cut_off(self):
        """Copied while it was written: what is whole is read."""
        recording, start, _ = self.recording()
        data = self.netsh(recording, start, lost=12)
        _, err = self.read(data, recording.keys)
        self.assertIn("12 events were lost by Windows", err)
        _, err = self.read(data[:-1000], recording.keys)
        self.assertIn("the file ends within a buffer", err)

    def test_pipe(self):
        recording, start, expected = self.recording()
        got, err = self.read(self.pktmon(recording, start), recording.keys, stdin=True)
        self.assertEqual(got, expected, err)

    def test_damaged(self):
        """Any damage is a message or verdicts, never a crash."""
        recording, start, _ = self.recording()
        chance = random.Random(7)
        for data in (self.netsh(recording, start), self.pktmon(recording, start)):
            for _ in range(25):
                damaged = bytearray(data)
                for _ in range(chance.randint(1, 8)):
                    at = chance.randrange(len(damaged))
                    if chance.random() < 0.5:
                        at = chance.randrange(min(len(damaged), 0x300))
                    damaged[at] = chance.choice((0, 0xff, 0x7f, chance.randrange(256)))
                _, err = self.read(bytes(damaged))
                self.assertNotIn("runtime error", err)

    def test_real(self):
        """A trace that a Windows Server 2022 wrote: its own counters say 114 packets."""
        path = os.path.join(SAMPLES, "pktmon-20348-server.etl")
        if not os.path.exists(path):
            self.skipTest("the sample is not there")
        run = rdpwhy("pcap", path)
        self.assertIn("114 packets, 0 TCP connections", run.err)


if __name__ == "__main__":
    support.main()
