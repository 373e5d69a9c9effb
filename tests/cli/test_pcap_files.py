# SPDX-License-Identifier: Apache-2.0
"""`rdpwhy pcap --write`, and what is said of one connection that is in several captures."""
import json
import os
import shutil
import struct
import subprocess
import tempfile

import etl
import support
import wrap
from support import CliTest, need, rdpwhy
from test_pcap import ACK, FIN, RST, SYN, Recording, number, pcap, tcp

ETHERNET = bytes(12) + b"\x08\0"


def blocks(data):
    """(link, time, frame, comment) of each packet of a pcapng file."""
    links, packets = [], []
    while data:
        kind, length = struct.unpack_from("<II", data)
        body = data[8:length - 4]
        if kind == 1:
            links.append(struct.unpack_from("<H", body)[0])
        elif kind == 6:
            interface, high, low, kept, _ = struct.unpack_from("<IIIII", body)
            rest, comment = body[20 + kept + -kept % 4:], None
            if rest:
                comment = rest[4:4 + struct.unpack_from("<H", rest, 2)[0]].decode()
            packets.append((links[interface], high << 32 | low, body[20:20 + kept], comment))
        data = data[length:]
    return packets


def moved(packets, by=0, client=None, port=None):
    """The same packets at another time, and of a client behind another address."""
    result = []
    for time, packet in packets:
        head = bytearray(packet)
        from_server = packet[20:22] == packets[0][1][22:24]
        if client:
            at = 16 if from_server else 12
            head[at:at + 4] = client
            struct.pack_into(">H", head, 22 if from_server else 20, port)
        result.append((time + by, bytes(head)))
    return result


def based(packets, client, server):
    """The same packets with other sequence numbers; those of recordings begin with 0."""
    result = []
    for time, packet in packets:
        from_server = packet[20:22] == packets[0][1][22:24]
        head = bytearray(packet)
        for at, more in ((24, server if from_server else client),
                         (28, client if from_server else server)):
            if at == 24 or head[33] & ACK:
                struct.pack_into(">I", head, at,
                                 (struct.unpack_from(">I", head, at)[0] + more) & 0xffffffff)
        result.append((time, bytes(head)))
    return result


def other_traffic(start, number_of=20):
    """Connections that are not RDP: some that speak HTTP, some that never say anything."""
    packets = []
    for i in range(number_of):
        head = bytearray(struct.pack(">BBHHHBBH4s4s", 0x45, 0, 40, 0, 0, 64, 6, 0, b"\x0a\0\0\x05",
                                     b"\x0a\0\0\x06")
                         + struct.pack(">HHIIBBHHH", 40000 + i, 80, 0, 0, 0x50, 0, 1000, 0, 0))
        packets.append((start + i, tcp(head, SYN, 100)))
        if i % 2:
            packets.append((start + i, tcp(head, ACK, 101, 1, b"GET / HTTP/1.1\r\n\r\n")))
    return packets


class Files(CliTest):
    def setUp(self):
        super().setUp()
        self.scratch = tempfile.TemporaryDirectory()
        self.addCleanup(self.scratch.cleanup)
        self.recording = Recording("error-info-7")
        self.recording.packets = based(self.recording.packets, 0x1234567, 0xfffffa00)
        self.keys = self.path("keys", self.recording.keys)

    def path(self, name, data=None):
        path = os.path.join(self.scratch.name, name)
        if data is not None:
            with open(path, "wb") as file:
                file.write(data)
        return path

    def written(self, *captures, code=1):
        out = self.path("out.pcapng")
        run = rdpwhy("pcap", "--write", out, "--keys", self.keys, *captures)
        self.assertEqual(run.code, code, run.err)
        self.assertNotIn("Sanitizer", run.err)
        with open(out, "rb") as file:
            return blocks(file.read())

    # -- --write

    def test_packets_of_rdp_alone(self):
        packets = self.recording.packets
        mixed = sorted(packets + other_traffic(packets[0][0] - 5) + other_traffic(packets[6][0]),
                       key=lambda row: row[0])
        got = self.written(self.path("in", pcap(mixed, 1, ETHERNET)))
        self.assertEqual([(1, time, ETHERNET + packet) for time, packet in packets],
                         [row[:3] for row in got])
        comments = {i: row[3] for i, row in enumerate(got) if row[3]}
        self.assertEqual(comments.pop(0), "rdpwhy: first packet of RDP connection 1 of "
                         + self.path("in"))
        (at, text), = comments.items()
        self.assertEqual(text, "rdpwhy: RDP connection ended: refused in capabilities: error-info "
                         "0x7 ERRINFO_SERVER_DENIED_CONNECTION")
        self.assertGreater(at, len(got) - 4)
        # what was written is a capture of the same connection
        again = rdpwhy("pcap", "-r", "jsonl", "--keys", self.keys, self.path("out.pcapng"))
        first = rdpwhy("pcap", "-r", "jsonl", "--keys", self.keys, self.path("in"))
        rows = [[{name: row.get(name) for name in ("target", "reason", "duration_us", "started")}
                 for row in map(json.loads, run.out.splitlines()) if row["record"] == "attempt"]
                for run in (first, again)]
        self.assertEqual(*rows)

    def test_fragments(self):
        """Of a packet that came in fragments all are written, once, and nothing else's."""
        packets = [(time, part) for time, packet in self.recording.packets
                   for part in wrap.split(packet)]
        self.assertGreater(len(packets), len(self.recording.packets) + 20)
        others = [(packets[0][0] - 1, part) for _, packet in other_traffic(0)
                  for part in wrap.split(packet, 8)]
        got = self.written(self.path("in", pcap(others + packets)))
        self.assertEqual([row[1:3] for row in got], packets)
        self.assertEqual([i for i, row in enumerate(got) if "first packet" in (row[3] or "")], [0])

    def test_links_of_several_captures(self):
        packets = self.recording.packets
        start = packets[0][0] - 5000
        trace = etl.header(start) + etl.buffer(
            [etl.ndis(etl.ticks(time, start), ETHERNET + packet, etl.NDIS_FIRST | etl.NDIS_LAST)
             for time, packet in packets], 1)
        got = self.written(self.path("raw", pcap(packets)), self.path("trace.etl", trace))
        self.assertEqual([row[:3] for row in got],
                         [(101, time, packet) for time, packet in packets]
                         + [(1, time, ETHERNET + packet) for time, packet in packets])

    def test_too_many_before_it_is_known(self):
        """What is kept of a connection that says nothing for long is bounded, and that is said."""
        packets = self.recording.packets
        ack = tcp(packets[2][1], ACK)
        idle = [(packets[2][0], ack)] * 400
        path = self.path("in", pcap(packets[:3] + idle + packets[3:]))
        self.assertEqual(len(self.written(path)), len(packets) + 400 - 147)
        run = rdpwhy("pcap", "--write", self.path("out.pcapng"), path)
        self.assertIn("147 packets before it was known what they belong to were too many", run.err)

    def test_tshark_agrees(self):
        """The same TCP streams in what was read and in what was written."""
        tshark = shutil.which("tshark")
        need(tshark, "tshark is not installed")
        source = self.path("in", pcap(self.recording.packets, 1, ETHERNET))
        self.written(source)
        rows = [subprocess.run([tshark, "-n", "-r", path, "-T", "fields", "-e", "tcp.stream", "-e",
                                "frame.time_epoch", "-e", "tcp.seq", "-e", "tcp.len", "-e",
                                "tcp.flags", "-e", "tcp.analysis.flags"], check=True,
                               stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
                for path in (source, self.path("out.pcapng"))]
        self.assertEqual(len(rows[0].splitlines()), len(self.recording.packets))
        self.assertEqual(*rows)

    def test_never_half_written(self):
        out = self.path("out.pcapng", b"what was there")
        run = rdpwhy("pcap", "--write", out, self.path("bad", b"no capture at all, but long enough"))
        self.assertEqual(run.code, 2)
        self.assertEqual(sorted(os.listdir(self.scratch.name)), ["bad", "keys", "out.pcapng"])
        with open(out, "rb") as file:
            self.assertEqual(file.read(), b"what was there")
        run = rdpwhy("pcap", "--write", "/nonexistent/x", self.path("in", pcap([])))
        self.assertEqual(run.code, 2)
        self.assertIn("--write: cannot write '/nonexistent/x': No such file", run.err)
        run = rdpwhy("pcap", "--write", "/dev/full",
                     self.path("in", pcap(self.recording.packets)))
        self.assertEqual(run.code, 4)
        self.assertIn("--write: cannot write '/dev/full': No space left", run.err)

    # -- the same connection

    def told(self, *captures):
        names = [self.path("%c.pcap" % (ord("a") + i), data) for i, data in enumerate(captures)]
        run = rdpwhy("pcap", "--keys", self.keys, *names)
        self.assertNotIn("Sanitizer", run.err)
        lines = run.err.replace(self.scratch.name + "/", "").splitlines()
        at = [i for i, line in enumerate(lines) if "hold the same connection" in line]
        return [line[len("rdpwhy: "):].strip() for line in lines[at[0]:]] if at else []

    def slower(self, by):
        """As the client sees it: everything from the server comes |by| µs later."""
        return [(time + (by if self.recording.from_server((time, packet)) else 0), packet)
                for time, packet in self.recording.packets]

    def test_the_same_everywhere(self):
        packets = self.recording.packets
        lines = self.told(pcap(packets), pcap(moved(packets, 7300000)))
        self.assertIn("a.pcap and b.pcap hold the same connection, 127.0.0.1:", lines[0])
        self.assertIn("(the sequence numbers of both ends are the same)", lines[0])
        self.assertEqual(lines[1:], ["the clocks of the two differ by 7.3 s",
                                     "both saw as many bytes of it, and the same ending"])

    def test_other_connections_are_none(self):
        other = Recording("error-info-7-rdp").packets
        self.assertEqual(self.told(pcap(self.recording.packets), pcap(other)), [])
        # packets that were made up begin with 0: rdpwhy's own captures, tools that anonymize
        made_up = Recording("error-info-7").packets
        self.assertEqual(self.told(pcap(made_up), pcap(other)), [])
        lines = self.told(pcap(made_up), pcap(self.recording.packets))
        self.assertIn("(the ClientHello is the same)", lines[0])
        self.assertEqual(lines[1:], ["both saw as many bytes of it, and the same ending"])
        # the same numbers by chance, another ClientHello
        chance = based(Recording("tls1.2-only").packets, 0x1234567, 0xfffffa00)
        self.assertEqual(self.told(pcap(self.recording.packets), pcap(chance)), [])

    def test_behind_nat(self):
        packets = self.recording.packets
        lines = self.told(pcap(packets), pcap(moved(packets, 0, b"\xc0\0\x02\x09", 61000)))
        self.assertTrue(lines[1].startswith("in b.pcap it is 192.0.2.9:61000 to 127.0.0.1:"), lines)
        self.assertIn("addresses are translated", lines[1])

    def test_proxy(self):
        """Other sequence numbers, the same ClientHello."""
        packets = based(self.recording.packets, 123456, 0)
        lines = self.told(pcap(self.recording.packets), pcap(packets))
        self.assertIn("(the ClientHello is the same)", lines[0])
        self.assertIn("a proxy, a load balancer, or a firewall that rewrites them", lines[1])

    def test_beginning_not_captured(self):
        packets = self.recording.packets
        late = [row for row in packets if not row[1][33] & SYN]
        # without the ClientHello nothing but the addresses is left
        cut = [row for row in late if row[1][40:41] != b"\x16" and row[1][52:53] != b"\x16"]
        lines = self.told(pcap(packets), pcap(cut))
        self.assertIn("(likely, by addresses and time; the beginning was not captured)", lines[0])
        self.assertEqual(self.told(pcap(packets), pcap(moved(cut, 3600 * 1000000))), [])

    def test_middlebox_resets_both(self):
        """Each side is told that the other reset; neither did."""
        keep = len(self.recording.packets) // 2
        packets = self.recording.packets[:keep]
        last = {side: [row for row in packets if self.recording.from_server(row) == side][-1]
                for side in (False, True)}
        end = packets[-1][0] + 2000

        def reset(side):
            packet = last[side][1]
            return end, tcp(packet, RST | ACK, number(last[not side][1], 8), number(packet, 8))

        client = [(time + (20000 if self.recording.from_server((time, packet)) else 0), packet)
                  for time, packet in packets]
        client = sorted(client + [(end + 30000, reset(True)[1])], key=lambda row: row[0])
        lines = self.told(pcap(client), pcap(packets + [reset(False)]))
        self.assertTrue(lines[1].startswith("a.pcap was taken nearer to the client"), lines)
        self.assertIn("only a.pcap has the server's RST, and the other is nearer to the server: "
                      "something between the two sent it in the server's name, unless that capture "
                      "was stopped before (inferred)", lines)
        self.assertIn("only b.pcap has the client's RST, and the other is nearer to the client: "
                      "something between the two sent it in the client's name, unless that capture "
                      "was stopped before (inferred)", lines)

    def test_swallowed(self):
        """The server's FIN does not get through to the client, which gives up at last."""
        packets = self.recording.packets[:-1]
        client = [row for row in self.slower(20000) if not row[1][33] & FIN]
        last = [row for row in packets if not self.recording.from_server(row)][-1]
        client.append((packets[-1][0] + 60000000, tcp(last[1], RST | ACK, 2095 + 0x1234567,
                                                      number(packets[-1][1], 4))))
        client.sort(key=lambda row: row[0])
        lines = self.told(pcap(client), pcap(packets))
        self.assertTrue(lines[1].startswith("a.pcap was taken nearer to the client"), lines)
        for line in ("only b.pcap has the server's FIN", "only a.pcap has the client's RST"):
            self.assertIn(line + ": it did not get through to the other, unless that one was "
                          "stopped before (inferred)", lines)

    def test_stopped_before(self):
        """A capture that ends early proves nothing."""
        packets = self.recording.packets
        lines = self.told(pcap(packets[:-6]), pcap(packets))
        self.assertIn("only b.pcap has the server's FIN; the other misses packets or ends before",
                      lines)


if __name__ == "__main__":
    support.main()
