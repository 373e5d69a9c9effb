# SPDX-License-Identifier: Apache-2.0
"""`rdpwhy pcap` on the recordings in fixtures/captures as they look on other networks: wrapped in
tunnels, in fragments, behind proxies, in files of several interfaces, compressed, with UDP."""
import bz2
import gzip
import json
import lzma
import os
import shutil
import struct
import subprocess

import support
import wrap
from support import rdpwhy
from test_pcap import ACK, Pcap, Recording, number, pcap, tcp, to_ipv6

CLIENT_FIRST = 3  # packets before the client's first byte: SYN, SYN+ACK, ACK


class Layers(Pcap):
    def test_around(self):
        """The same verdict, whatever lies around the packets."""
        for name, step in (("error-info-7", 1), ("healthy-nla", 7)):
            recording = Recording(name)
            truth = self.read(pcap(recording.packets), recording.keys)[0]
            for layer, (link, around) in list(wrap.LAYERS.items())[::step]:
                with self.subTest(layer=layer, capture=name):
                    packets = [(time, around(packet)) for time, packet in recording.packets]
                    attempts = self.read(wrap.pcap(packets, link), recording.keys)
                    self.same(attempts, truth)
                    self.assertNotIn("ignored", self.errors)

    def same(self, attempts, truth):
        self.assertEqual(len(attempts), 1, self.errors)
        for key in ("outcome", "ending", "phase", "phase_range", "closed_by", "code", "reason",
                    "phases", "bytes_sent", "bytes_received", "duration_us"):
            self.assertEqual(attempts[0].get(key), truth.get(key), key)

    def test_cut_anywhere(self):
        """A header that ends too early, at every byte: no crash, and no guess."""
        recording = Recording("error-info-7")
        for link, around in wrap.LAYERS.values():
            packets = []
            for at in range(160):
                packets.append((recording.packets[3][0] + at, around(recording.packets[3][1])[:at]))
            self.read(wrap.pcap(packets, link))

    def test_lengths_lie(self):
        """Every byte of the headers, turned to 0 and to 255."""
        time, packet = Recording("error-info-7").packets[3]
        for link, around in wrap.LAYERS.values():
            whole = around(packet)
            packets = []
            for at in range(len(whole) - len(packet) + 40):
                for value in (0, 255):
                    packets.append((time, whole[:at] + bytes([value]) + whole[at + 1:]))
            self.read(wrap.pcap(packets, link))

    def test_aggregated(self):
        """Several frames in one of 802.11: all are read, whatever the padding between them."""
        recording = Recording("error-info-7")
        truth = self.read(pcap(recording.packets), recording.keys)[0]
        groups, packets = [], []
        for time, packet in recording.packets:
            side = recording.from_server((time, packet))
            if groups and groups[-1][0] == side and len(groups[-1][2]) < 4:
                groups[-1][2].append(packet)
            else:
                groups.append((side, time, [packet]))
        self.assertGreater(max(len(group[2]) for group in groups), 1)
        for _, time, group in groups:
            inside = b""
            for packet in group:
                inside += bytes(-len(inside) % 4) + wrap.amsdu(packet)
            packets.append((time, wrap.wlan(b"", 1, 0x88, b"\x80\0", inside)))
        attempts = self.read(wrap.pcap(packets, wrap.WLAN), recording.keys)
        for key in ("outcome", "ending", "phase", "closed_by", "code", "reason", "bytes_received"):
            self.assertEqual(attempts[0].get(key), truth.get(key), key)
        self.assertNotIn("missing", self.errors)

    def test_mirrored_and_cut(self):
        """A switch that mirrors only the beginning of packets: what is missing is told."""
        recording = Recording("error-info-7")
        _, around = wrap.LAYERS["erspan-1"]
        packets = [(time, around(packet[:120])) for time, packet in recording.packets]
        attempts = self.read(wrap.pcap(packets, 1), recording.keys)
        self.assertEqual(attempts[0]["phase_range"]["to"], "active")
        self.assertIn("bytes are missing", self.errors)

    def test_fragments(self):
        recording = Recording("error-info-7")
        for order in (1, -1):
            packets = [(time, part) for time, packet in recording.packets
                       for part in wrap.split(packet)[::order]]
            self.denied(self.read(pcap(packets), recording.keys))
            self.assertNotIn("fragment", self.errors)
            packets = [(time, part) for i, (time, packet) in enumerate(recording.packets)
                       for part in wrap.split6(to_ipv6(packet), i)[::order]]
            self.denied(self.read(pcap(packets), recording.keys))
        # in a tunnel, whose packets are fragments
        packets = [(time, part) for time, packet in recording.packets
                   for part in wrap.split(wrap.ipv4(17, wrap.udp(4789, wrap.vxlan(
                       wrap.frame(packet)))), 48)]
        for i, (time, part) in enumerate(packets):
            self.assertLessEqual(len(part), 68, i)
        self.denied(self.read(pcap(self.numbered(packets)), recording.keys))
        # each twice, as where two interfaces saw it
        packets = [(time, part) for time, packet in recording.packets
                   for part in wrap.split(packet) for _ in range(2)]
        self.denied(self.read(pcap(packets), recording.keys))
        self.assertNotIn("fragment", self.errors)

    def numbered(self, packets):
        """Gives the fragments of one packet, which follow each other, a number of their own."""
        out, which = [], 0
        for time, packet in packets:
            which += struct.unpack_from(">H", packet, 6)[0] & 0x1fff == 0
            out.append((time, packet[:4] + struct.pack(">H", which) + packet[6:]))
        return out

    def test_fragments_that_lie(self):
        """Overlaps that differ, a fragment that is missing, ends that contradict each other."""
        recording = Recording("error-info-7")
        packets = recording.packets
        at = next(i for i, p in enumerate(packets) if len(p[1]) > 200)
        time, packet = packets[at]
        parts = wrap.split(packet, 64)
        other = parts[1][:-8] + bytes(8)
        longer = parts[0][:6] + b"\x1f\xff" + parts[0][8:20] + bytes(64)
        for bad in (parts[:1] + parts[2:], [parts[0], other] + parts[1:],
                    parts[:-1] + [longer] + parts[-1:], [parts[-1], longer] + parts[:-1]):
            spoilt = packets[:at] + [(time, part) for part in bad] + packets[at + 1:]
            attempts = self.read(pcap(spoilt), recording.keys)
            self.assertIn("phase_range", attempts[0])
            self.assertRegex(self.errors, r"IP fragments? w(ere|as) ignored")
        flood = [(time, wrap.ipv4(6, bytes(8), i & 0xffff, 0x2000 | i >> 16)) for i in
                 range(100000)]
        self.denied(self.read(pcap(flood + packets), recording.keys))

    def in_front(self, recording, client, server=()):
        """The client says |client| first, and the server |server|, in turns."""
        packets = recording.packets
        mine = packets[CLIENT_FIRST][1]
        theirs = next(p[1] for p in packets[CLIENT_FIRST:] if recording.from_server(p))
        added, out = [0, 0], list(packets[:CLIENT_FIRST])
        time = packets[CLIENT_FIRST][0]
        for i, text in enumerate(client):
            out.append((time, tcp(mine, ACK, number(mine, 4) + added[0],
                                  number(mine, 8) + added[1], text)))
            added[0] += len(text)
            if i < len(server):
                out.append((time, tcp(theirs, ACK, number(mine, 8) + added[1],
                                      number(mine, 4) + added[0], server[i])))
                added[1] += len(server[i])
        for time, packet in packets[CLIENT_FIRST:]:
            own, other = added[::-1] if recording.from_server((time, packet)) else added
            out.append((time, tcp(packet, packet[33], number(packet, 4) + own,
                                  number(packet, 8) + other, packet[40:])))
        return out

    PROXY_2 = b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c" + bytes(12)
    SOCKS_5 = b"\x05\x01\0\x01" + bytes([192, 0, 2, 7]) + b"\x0d\x3d"
    SOCKS_5_DONE = b"\x05\0\0\x01" + bytes(6)
    BLOB = "6c2ad5f9".encode("utf-16-le")
    PRECONNECTION = struct.pack("<IIII", 16, 0, 1, 5)
    PRECONNECTION_2 = struct.pack("<IIIIH", 18 + len(BLOB), 0, 2, 0, len(BLOB) // 2) + BLOB

    def fronts(self):
        balancer, proxy, virtual = "PROXY protocol", "proxy's", "preconnection"
        v1 = b"PROXY TCP4 192.0.2.7 192.0.2.8 50000 3389\r\n"
        yield "proxy-1", balancer, [v1], []
        yield "proxy-1-unknown", balancer, [b"PROXY UNKNOWN\r\n"], []
        yield "proxy-2", balancer, [self.PROXY_2], []
        yield "proxy-2-local", balancer, [b"\r\n\r\n\0\r\nQUIT\n\x20\0\0\0"], []
        yield "socks-4", proxy, [b"\x04\x01\x0d\x3d\xc0\0\2\7user\0"], [b"\0\x5a" + bytes(6)]
        yield ("socks-4a", proxy, [b"\x04\x01\x0d\x3d\0\0\0\7\0srv1.example\0"],
               [b"\0\x5a" + bytes(6)])
        yield "socks-5", proxy, [b"\x05\x01\0", self.SOCKS_5], [b"\x05\0", self.SOCKS_5_DONE]
        yield ("socks-5-name", proxy, [b"\x05\x02\0\2", b"\x05\1\0\3\4srv1\x0d\x3d"],
               [b"\x05\0", b"\x05\0\0\3\4srv1\x0d\x3d"])
        yield ("socks-5-account", proxy, [b"\x05\x01\2", b"\1\4user\6secret", self.SOCKS_5],
               [b"\x05\2", b"\1\0", b"\x05\0\0\4" + bytes(18)])
        yield ("connect", proxy, [b"CONNECT srv1:3389 HTTP/1.1\r\nHost: srv1:3389\r\n\r\n"],
               [b"HTTP/1.1 200 Connection established\r\n\r\n"])
        yield "preconnection-1", virtual, [self.PRECONNECTION], []
        yield "preconnection-2", virtual, [self.PRECONNECTION_2], []
        yield "both", virtual, [v1, self.PRECONNECTION_2], []

    def test_in_front(self):
        recording = Recording("error-info-7")
        for name, word, client, server in self.fronts():
            with self.subTest(front=name):
                packets = self.in_front(recording, client, server)
                attempts = self.read(pcap(packets), recording.keys)
                self.denied(attempts)
                self.assertIn(word, self.errors)
                # a byte a time, and together with the request
                single = self.in_front(recording, [bytes([b]) for text in client for b in text])
                if not server:
                    self.denied(self.read(pcap(single), recording.keys))

    def test_secrets_in_front(self):
        """The password of a proxy is nobody's business."""
        recording = Recording("error-info-7")
        front = {name: rest for name, *rest in self.fronts()}["socks-5-account"]
        path = self.path("capture", pcap(self.in_front(recording, front[1], front[2])))
        run = rdpwhy("pcap", "-vv", path)
        self.assertNotIn("secret", run.out + run.err)

    def test_front_that_lies(self):
        """Lengths that point beyond what there is; no more than that comes."""
        recording = Recording("error-info-7")
        for text in (b"PROXY " + b"x" * 3000, b"\r\n\r\n\0\r\nQUIT\n\x21\x11\xff\xff" + bytes(40),
                     struct.pack("<IIII", 0xffffffff, 0, 1, 5), b"\x05\xff" + bytes(3000),
                     struct.pack("<IIIIH", 18, 0, 2, 0, 0xffff), b"\x04\x01" + b"x" * 3000,
                     b"CONNECT " + b"x" * 3000, struct.pack("<IIII", 17, 0, 1, 5) + b"x"):
            attempts = self.read(pcap(self.in_front(recording, [text])))
            for attempt in attempts:
                self.assertNotEqual(attempt["outcome"], "completed")

    def test_preconnection_and_tls(self):
        """Hyper-V's console: TLS begins at once. Never a failure that was not seen."""
        recording = Recording("healthy-nla")
        packets = recording.packets
        tls = next(i for i, p in enumerate(packets) if p[1][40:42] == b"\x16\x03")
        packets = packets[:CLIENT_FIRST] + packets[tls:]
        shift = [number(packets[CLIENT_FIRST][1], 4) - number(recording.packets[3][1], 4),
                 number(packets[CLIENT_FIRST][1], 8) - number(recording.packets[3][1], 8)]
        moved = packets[:CLIENT_FIRST]
        for time, packet in packets[CLIENT_FIRST:]:
            own, other = shift[::-1] if recording.from_server((time, packet)) else shift
            moved.append((time, tcp(packet, packet[33], number(packet, 4) - own,
                                    number(packet, 8) - other, packet[40:])))
        recording.packets = moved
        attempts = self.read(pcap(self.in_front(recording, [self.PRECONNECTION_2])))
        self.assertEqual(len(attempts), 1, self.errors)
        self.assertEqual(attempts[0]["phase_range"]["to"], "active")
        self.assertNotIn("code", attempts[0]["mstsc"])

    def test_interfaces(self):
        """Several interfaces of other link types, snap lengths and clocks in one file."""
        recording = Recording("error-info-7")
        truth = self.read(pcap(recording.packets), recording.keys)[0]
        for order in "<>":
            data = wrap.section(order)
            for link, snap, resolution, offset in ((1, 0, None, None), (101, 65535, 9, None),
                                                   (113, 0, 0x94, None), (147, 0, 6, 100),
                                                   (127, 0, 6, 1000)):
                data += wrap.interface(link, snap, resolution, offset, order)
            for i, (time, packet) in enumerate(recording.packets):
                kind = (0, 1, 2, 4)[i % 4]
                wrapped = (wrap.frame(packet), packet, bytes(14) + b"\x08\0" + packet,
                           wrap.radiotap(wrap.wlan(packet)))[i % 4]
                stamp = (time, time * 1000, -(-time * 2 ** 20 // 1000000),
                         time - 1000000000)[i % 4]
                data += wrap.enhanced(kind, stamp, wrapped, 0, order)
                data += wrap.enhanced(3, time, b"?" * 20, 0, order)
            attempts = self.read(data, recording.keys)
            self.same(attempts, truth)
            self.assertEqual(attempts[0]["started"], truth["started"])
            self.assertIn("link type 147", self.errors)
            # a second section has interfaces of its own
            more = data + wrap.section("<") + wrap.interface(101)
            self.same(self.read(more, recording.keys), truth)

    def test_old_and_simple_packets(self):
        recording = Recording("error-info-7")
        data = wrap.section() + wrap.interface(101, 1500)
        for time, packet in recording.packets:
            data += wrap.block("<", 2, struct.pack("<HHIIII", 0, 0, time >> 32, time & 0xffffffff,
                                                   len(packet), len(packet)) + packet)
        self.denied(self.read(data, recording.keys))
        data = wrap.section() + wrap.interface(101, 0)
        for _, packet in recording.packets:
            data += wrap.block("<", 3, struct.pack("<I", len(packet)) + packet)
        self.denied(self.read(data, recording.keys))

    def test_secrets_after_the_packets(self):
        recording = Recording("error-info-7")
        secrets = wrap.block("<", 10, struct.pack("<II", 0x544c534b, len(recording.keys))
                             + recording.keys)
        packets = b"".join(wrap.enhanced(0, *packet) for packet in recording.packets)
        start = wrap.section() + wrap.interface(101)
        self.denied(self.read(start + packets + secrets))
        self.denied(self.read(start + secrets + packets))
        # a pipe is read once: what comes first is used
        run = rdpwhy("pcap", "-r", "jsonl", "-", stdin=start + secrets + packets)
        self.denied([row for row in map(json.loads, run.out.splitlines())
                     if row["record"] == "attempt"])

    def test_broken_pcapng(self):
        """Where it is broken is told, and what was before it is reported."""
        recording = Recording("error-info-7")
        start = wrap.section() + wrap.interface(101)
        packets = b"".join(wrap.enhanced(0, *packet) for packet in recording.packets)
        for bad, message in (
                (struct.pack("<II", 6, 7), "claims to have 7 bytes"),
                (struct.pack("<II", 6, 0xfffffff0), "the file ends within a block"),
                (struct.pack("<II", 6, 64) + bytes(40), "the file ends within a block"),
                (wrap.enhanced(0, 0, b"x" * 20)[:-4] + b"\0\0\0\0", "two lengths differ"),
                (wrap.enhanced(9, 0, b"x" * 20), "interface 9, which is not described"),
                (wrap.block("<", 6, struct.pack("<IIIII", 0, 0, 0, 100, 100)), "longer than its"),
                (wrap.block("<", 1, b"\1\0"), "interface is too short"),
                (wrap.interface(1, 0, 0x7f), "resolution of time")):
            self.denied(self.read(start + packets + bad, recording.keys))
            self.assertIn("breaks off after %d packets" % len(recording.packets), self.errors)
            self.assertIn(message, self.errors)
        self.assertEqual(self.read(start + wrap.block("<", 0xbad, bytes(1 << 20)) + packets,
                                   recording.keys)[0]["code"]["value"], 7)
        for data, message in ((b"", "the file is empty"), (b"\x0a\x0d\x0d\x0a" + bytes(20), "order"),
                              (struct.pack("<IHH", 0xa1b2c3d4, 2, 4), "within its header"),
                              (struct.pack("<IHH", 0xa1b2c3d4, 9, 4) + bytes(16), "version")):
            self.read(data, code=2)
            self.assertIn("no capture that can be read", self.errors)
            self.assertIn(message, self.errors)
        long = pcap(recording.packets) + struct.pack("<IIII", 0, 0, 0x7fffffff, 0x7fffffff)
        self.denied(self.read(long, recording.keys))
        self.assertIn("claims to have 2147483647 bytes", self.errors)

    def test_modified_pcap(self):
        """pcap files of patched libpcaps, and of old ones that had changed two lengths."""
        recording = Recording("error-info-7")
        for magic, minor in ((0xa1b2cd34, 4), (0xa1b2c3d4, 2)):
            data = struct.pack("<IHHiIII", magic, 2, minor, 0, 0, 65535, 1)
            for time, packet in recording.packets:
                frame = wrap.frame(packet)
                data += struct.pack("<IIII", time // 1000000, time % 1000000, len(frame),
                                    len(frame)) + (bytes(8) if minor == 4 else b"") + frame
            self.denied(self.read(data, recording.keys))

    def compressed(self, data):
        yield "gzip", gzip.compress(data)
        yield "xz", lzma.compress(data)
        support.need(shutil.which("zstd"), "zstd")
        for option in ("-1", "-19", "--long=27"):
            yield "Zstandard", subprocess.run(["zstd", "-qc", option], input=data, check=True,
                                              stdout=subprocess.PIPE).stdout

    def test_compressed(self):
        recording = Recording("error-info-7")
        classic = pcap(recording.packets)
        with open(os.path.join(os.path.dirname(__file__), "..", "..", "fixtures", "captures",
                               "error-info-7.pcapng"), "rb") as file:
            own = file.read()
        for whole in (classic, own):
            for _, data in self.compressed(whole):
                self.denied(self.read(data, recording.keys))
                run = rdpwhy("pcap", "-q", "-r", "jsonl", "--keys",
                             self.path("keys", recording.keys), "-", stdin=data)
                self.assertIn('"capabilities"', run.out, run.err)
                for length in range(0, len(data), len(data) // 5):
                    self.read(data[:length], recording.keys)
                self.read(data[:-20], recording.keys)
                self.assertRegex(self.errors, "ends too early|damaged")
                middle = len(data) // 2
                self.read(data[:middle] + b"\xff\xff\xff\xff" + data[middle + 4:])
        # several streams in one file
        half = len(classic) // 2
        for pack in (gzip.compress, lzma.compress):
            self.denied(self.read(pack(classic[:half]) + pack(classic[half:]), recording.keys))
        self.denied(self.read(gzip.compress(classic) + bytes(512), recording.keys))

    def test_compressed_otherwise(self):
        classic = pcap(Recording("error-info-7").packets)
        self.read(bz2.compress(classic), code=2)
        self.assertIn("bzip2 -dc FILE | rdpwhy pcap -", self.errors)
        self.read(gzip.compress(b"\0" * 100000), code=2)
        self.assertIn("compressed .etl", self.errors)
        self.read(gzip.compress(b"no capture at all"), code=2)
        self.assertIn("neither pcap nor pcapng", self.errors)

    def test_decompression_bomb(self):
        """Two gigabytes of empty packets in two megabytes: the reading ends."""
        support.need(shutil.which("zstd"), "zstd")
        packer = subprocess.Popen(["zstd", "-q", "-c", "-1"], stdin=subprocess.PIPE,
                                  stdout=subprocess.PIPE)
        path = os.path.join(self.scratch.name, "bomb")
        with open(path, "wb") as out:
            empty = wrap.section() + wrap.interface(1)
            large = wrap.block("<", 0xbad, bytes(8 << 20)) * 8
            writer = os.fork()
            if writer == 0:
                packer.stdout.close()
                packer.stdin.write(empty)
                for _ in range(32):
                    packer.stdin.write(large)
                packer.stdin.close()
                os._exit(0)
            packer.stdin.close()
            shutil.copyfileobj(packer.stdout, out)
            os.waitpid(writer, 0)
        packer.wait()
        packer.stdout.close()
        self.assertLess(os.path.getsize(path), 1 << 20)
        run = rdpwhy("pcap", path)
        self.assertEqual(run.code, 2, run.err)
        self.assertIn("more than 1000 times its size", run.err)

    def test_one_broken_file(self):
        """It does not hide what the others hold; the message and the exit code still say it."""
        recording = Recording("healthy-nla")
        good = self.path("good", pcap(recording.packets))
        keys = self.path("keys", recording.keys)
        bad = self.path("bad", b"no capture at all, only text")
        for files, message in (((bad, good), "no capture that can be read"),
                               ((good, bad), "no capture that can be read"),
                               (("/nonexistent", good), "cannot read '/nonexistent'")):
            run = rdpwhy("pcap", "-r", "jsonl", "--keys", keys, *files)
            self.assertEqual(run.code, 2, run.err)
            self.assertIn(message, run.err)
            records = [json.loads(line) for line in run.out.splitlines()]
            self.assertEqual([row["outcome"] for row in records if row["record"] == "attempt"],
                             ["completed"])
            self.assertEqual([row["state"] for row in records if row["record"] == "host"],
                             ["healthy"])
            self.assertNotEqual(records[-1].get("complete"), True)
        packets = os.path.join(self.scratch.name, "packets")
        self.assertEqual(rdpwhy("pcap", "-q", "--write", packets, bad).code, 2)
        self.assertFalse(os.path.exists(packets))
        self.assertEqual(rdpwhy("pcap", "-q", "--write", packets, bad, good).code, 2)
        self.assertEqual(rdpwhy("pcap", "-q", "--keys", keys, packets).code, 0)

    # ---- RDP over UDP

    def syn(self, version=2, ack=None, lossy=False):
        """[MS-RDPEUDP] 2.2.2: the first datagram, or with |ack| the answer to it."""
        flags = 0x0001 | (0x0004 if ack is not None else 0) | (0x0200 if lossy else 0)
        body = struct.pack(">IHH", 7, 1232, 1232)
        if ack is None:
            flags |= 0x0800
            body += bytes(32)
        if version > 1:
            flags |= 0x1000
            body += struct.pack(">HH", 1, 0x0101 if version == 3 else version)
            body += bytes(32) if version == 3 and ack is None else b""
        head = struct.pack(">IHH", 0xffffffff if ack is None else ack, 64, flags)
        return (head + body).ljust(1232, b"\0")

    def datagrams(self, recording, parts, first=0):
        """Puts (from the client?, bytes, source port, seconds) among the packets."""
        addresses = recording.packets[0][1][12:20]
        start = recording.packets[CLIENT_FIRST + 1][0]
        out = list(recording.packets)
        for own, data, port, seconds in parts:
            ends = addresses if own else addresses[4:] + addresses[:4]
            ports = (3389, port) if own else (port, 3389)
            packet = wrap.ipv4(17, wrap.udp(ports[0], data, ports[1]), addresses=ends)
            out.append((start + int(seconds * 1000000), packet))
        # the connection goes on for as long as that takes
        last = max(time for time, _ in out)
        out = [(max(time, last + 1000), packet)
               if packet[9] == 6 and packet[33] & 1 else (time, packet) for time, packet in out]
        return sorted(out, key=lambda packet: packet[0])

    def udp_of(self, parts, name="healthy-nla"):
        recording = Recording(name)
        path = self.path("capture", pcap(self.datagrams(recording, parts)))
        run = rdpwhy("pcap", "-r", "jsonl", "--keys", self.path("keys", recording.keys), path)
        self.errors = run.err
        records = [json.loads(line) for line in run.out.splitlines()]
        attempt, = [row for row in records if row["record"] == "attempt"]
        host, = [row for row in records if row["record"] == "host"]
        findings = [f["rule"] for f in host["findings"]]
        self.assertEqual(attempt["outcome"], "completed")
        self.assertEqual(host["state"], "healthy")
        return attempt.get("udp"), "udp-unanswered" in findings

    def test_udp(self):
        for version in (1, 2, 3):
            syn, answer = self.syn(version), self.syn(version, 7)
            self.assertEqual(self.udp_of([(True, syn, 5000, 0)]),
                             ({"version": version, "tries": 1}, False))
            self.assertEqual(
                self.udp_of([(True, syn, 5000, 0), (True, syn, 5000, 1), (True, syn, 5000, 3)]),
                ({"version": version, "tries": 3, "waited_us": 3000000, "result": "unanswered"},
                 True))
            self.assertIn("RDP over UDP was tried 1 time: 0 answered", self.errors)
            self.assertEqual(
                self.udp_of([(True, syn, 5000, 0), (True, syn, 5000, 1), (False, answer, 5000, 2)]),
                ({"version": version, "tries": 2, "elapsed_us": 2000000, "result": "answered"}, False))
            self.assertIn("1 answered", self.errors)
        # two connections, a reliable and a lossy one, are none that was tried again
        two = [(True, self.syn(1), 5000, 0), (True, self.syn(1, lossy=True), 5001, 0.1)]
        self.assertEqual(self.udp_of(two), ({"version": 1, "tries": 2}, False))
        self.assertIn("was tried 2 times", self.errors)

    def test_udp_refused(self):
        recording = Recording("healthy-nla")
        addresses = recording.packets[0][1][12:20]
        quoted = wrap.ipv4(17, wrap.udp(3389, self.syn(), 5000), addresses=addresses)
        packets = self.datagrams(recording, [(True, self.syn(), 5000, 0)])
        for length in (28, 200):
            for code, refused in ((3, True), (13, True), (4, False)):
                message = bytes([3, code]) + bytes(6) + quoted[:length]
                icmp = wrap.ipv4(1, message, addresses=addresses[4:] + addresses[:4])
                at = next(i for i, p in enumerate(packets) if p[1][9] == 17) + 1
                with_icmp = packets[:at] + [(packets[at - 1][0], icmp)] + packets[at:]
                attempts = self.read(pcap(with_icmp), recording.keys)
                self.assertEqual(attempts[0]["udp"].get("result"), "refused" if refused else None)

    def test_udp_of_others(self):
        """Other hosts, other protocols: nothing is said."""
        for data in (b"", b"x", bytes(1232), self.syn()[:15], self.syn()[:8] + bytes(1224),
                     b"\0" * 4 + self.syn()[4:]):
            self.assertEqual(self.udp_of([(True, data, 5000, 0), (True, data, 5000, 1)]),
                             (None, False))
        recording = Recording("healthy-nla")
        other = [(recording.packets[3][0] + i, wrap.ipv4(17, wrap.udp(3389, self.syn())))
                 for i in range(3)]
        attempts = self.read(pcap(sorted(recording.packets + other)), recording.keys)
        self.assertNotIn("udp", attempts[0])
        self.assertIn("RDP over UDP was tried 1 time", self.errors)


# What Pcap tests is tested there.
for inherited in [name for name in dir(Pcap) if name.startswith("test_")]:
    if inherited not in vars(Layers):
        setattr(Layers, inherited, None)
del Pcap


if __name__ == "__main__":
    support.main()
