#!/usr/bin/env python3
"""How fast `rdpwhy pcap` reads a large capture, beside tshark on the same file, measured:
`./dev bench` runs it against the release build. The same packets as a Windows event trace, each
seen at two places of the network stack and in buffers of two processors, stand beside it: nothing
else reads these here, so the capture is the yardstick.

The capture is made of a recorded handshake, once for each connection and between other addresses,
and of records that nobody can read, as those of a session. tshark only counts conversations
(`-q -z conv,tcp`). Then one session as large, whose secrets are there. Nothing is asserted: the figures depend on the machine.
"""

import argparse
import json
import os
import shutil
import ssl
import struct
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "cli"))

import etl  # noqa: E402 (the path is set just above)

CAPTURES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "fixtures",
                        "captures")
TOGETHER = 64       # connections that are open at once
SEGMENT = 1400      # bytes of a session's segment
ACK, FIN = 16, 1


def recording(name):
    """The packets (raw IPv4) of a capture by rdpwhy, and its server's port."""
    with open(os.path.join(CAPTURES, name + ".pcapng"), "rb") as file:
        data = file.read()
    packets = []
    while data:
        kind, length = struct.unpack_from("<II", data)
        if kind == 6:
            captured, = struct.unpack_from("<I", data, 20)
            packets.append(data[28:28 + captured])
        data = data[length:]
    return packets, packets[0][22:24]


class Connection:
    """The packets of one connection: the handshake, the session's records, the end."""

    def __init__(self, number, packets, server, session):
        self.client = struct.pack(">BBH", 10, 1 + (number >> 16), number & 0xffff)
        self.port = struct.pack(">H", 20000 + number % 40000)
        self.server = server
        closing = next(i for i, packet in enumerate(packets) if packet[33] & FIN)
        self.packets = self.all(packets, closing, session)

    def all(self, packets, closing, session):
        for packet in packets[:closing]:
            yield self.moved(packet, 0)
        last = [p for p in packets[:closing] if p[20:22] == self.server][-1]
        start = struct.unpack_from(">I", last, 24)[0] + len(last) - 40
        record = b"\x17\x03\x03" + struct.pack(">H", SEGMENT - 5) + bytes(SEGMENT - 5)
        for i in range(session // SEGMENT):
            head = bytearray(last[:40])
            struct.pack_into(">H", head, 2, 40 + SEGMENT)
            struct.pack_into(">I", head, 24, (start + i * SEGMENT) & 0xffffffff)
            head[33] = ACK
            yield self.moved(bytes(head) + record, 0)
        for packet in packets[closing:]:
            yield self.moved(packet, session // SEGMENT * SEGMENT)

    def moved(self, packet, more):
        """The same packet of another client; what the server has sent is |more| bytes longer."""
        from_server = packet[20:22] == self.server
        at = 24 if from_server else 28
        number = struct.unpack_from(">I", packet, at)[0] + more & 0xffffffff
        server = b"\x0a\x00\x00\x01"
        ends = (server + self.client + self.server + self.port if from_server
                else self.client + server + self.port + self.server)
        packet = bytearray(packet[:12] + ends + packet[24:])
        struct.pack_into(">I", packet, at, number)
        return bytes(packet)


def packets_of(connections, session, name):
    """Time and IPv4 packet of all connections, TOGETHER at once."""
    packets, server = recording(name)
    now, following, going = 1700000000000000, 0, []
    while going or following < connections:
        while len(going) < TOGETHER and following < connections:
            going.append(Connection(following, packets, server, session).packets)
            following += 1
        for connection in list(going):
            packet = next(connection, None)
            if packet is None:
                going.remove(connection)
                continue
            now += 10
            yield now, packet


ETHERNET = bytes(12) + b"\x08\x00"


def make(path, connections, session, name):
    """A pcap file with Ethernet frames."""
    with open(path, "wb", buffering=1 << 20) as out:
        out.write(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 262144, 1))
        for now, packet in packets_of(connections, session, name):
            out.write(struct.pack("<IIII", now // 1000000, now % 1000000, len(packet) + 14,
                                  len(packet) + 14) + ETHERNET + packet)
    return os.path.getsize(path)


def make_etl(path, connections, session, name):
    """A trace of netsh's, merged as Windows does it: all buffers of one processor, then those of
    the other."""
    whole, start = etl.NDIS_ETHERNET | etl.NDIS_FIRST | etl.NDIS_LAST, 1700000000000000
    with open(path, "wb", buffering=1 << 20) as out, tempfile.TemporaryFile() as second:
        cpus = [[out, [], 0, 0], [second, [], 0, 0]]

        def flush(number):
            file, records, _, sequence = cpus[number]
            file.write(etl.buffer(records, sequence + 1, number))
            cpus[number][1:] = [[], 0, sequence + 1]

        out.write(etl.header(start))
        for i, (now, packet) in enumerate(packets_of(connections, session, name)):
            cpu = cpus[i // 16 % 2]
            for lower in (9, 5):
                cpu[1].append(etl.ndis(etl.ticks(now, start), ETHERNET + packet, whole,
                                       lower=lower))
            cpu[2] += 2 * len(packet)
            if cpu[2] > 1 << 19:
                flush(i // 16 % 2)
        flush(0)
        flush(1)
        second.seek(0)
        shutil.copyfileobj(second, out)
    return os.path.getsize(path)


class Tls:
    """A TLS connection in memory, whose records go into a capture."""

    def __init__(self, keys):
        certificates = os.path.join(CAPTURES, "..", "certificates")
        server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        server.load_cert_chain(os.path.join(certificates, "ec.crt"),
                               os.path.join(certificates, "ec.key"))
        client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        client.check_hostname, client.verify_mode = False, ssl.CERT_NONE
        client.keylog_filename = keys
        self.pipes = [ssl.MemoryBIO(), ssl.MemoryBIO()]
        self.ends = [client.wrap_bio(self.pipes[1], self.pipes[0]),
                     server.wrap_bio(self.pipes[0], self.pipes[1], server_side=True)]

    def handshake(self):
        """(from the server, bytes) in turns."""
        done = [False, False]
        while not all(done):
            for end in range(2):
                try:
                    self.ends[end].do_handshake()
                    done[end] = True
                except ssl.SSLWantReadError:
                    pass
                yield from self.flight(end)
        for pipe in self.pipes: # tickets, which nobody has read
            pipe.read()

    def flight(self, end):
        """What |end| has written, which the other one reads, too."""
        data = self.pipes[end].read()
        self.pipes[end].write(data)
        if data:
            yield end, data

    def send(self, end, data):
        self.ends[end].write(data)
        yield end, self.pipes[end].read()


def exchange(rdpwhy, keys):
    """What passes of a session that goes on for ever: (from the server, bytes)."""
    trace = keys + ".trace"
    subprocess.run([rdpwhy, "pcap", "-q", "--trace", trace, "-r", "jsonl=/dev/null",
                    os.path.join(CAPTURES, "healthy-nla.pcapng")], check=True)
    with open(trace, encoding="utf-8") as file:
        rows = [row for row in map(json.loads, file) if row.get("kind") == "pdu"]
    pdus = [(row["dir"] == "received", bytes.fromhex(row["bytes"])) for row in rows]
    tls = Tls(keys)
    for end, data in pdus[:2]: # CredSSP is left out: TLS is what is asked for, and selected
        yield end, data[:-4] + b"\x01\0\0\0"
    yield from tls.handshake()
    for end, data in pdus[2:]:
        if data[0] == 3:
            yield from tls.send(end, data)
    update = b"\x00\xbe\x80" + bytes(0x3e80 - 3) # fast-path
    while True:
        yield from tls.send(1, update)


def make_one(path, keys, rdpwhy, size):
    """One session of |size| bytes, in segments of Ethernet's size."""
    address = (b"\x0a\0\0\x02" + b"\x0a\0\0\x01", b"\x0a\0\0\x01" + b"\x0a\0\0\x02")
    ports = (struct.pack(">HH", 50000, 3389), struct.pack(">HH", 3389, 50000))
    seq, now, written = [1001, 2001], 1700000000000000, 0

    def packet(end, flags, data, at):
        head = (bytes(12) + b"\x08\x00" + struct.pack(">BBHHHBBH", 0x45, 0, 40 + len(data), 0, 0,
                                                    64, 6, 0) + address[end] + ports[end]
                + struct.pack(">IIBBHHH", at & 0xffffffff, seq[not end] & 0xffffffff, 0x50, flags,
                              8192, 0, 0))
        return struct.pack("<IIII", now // 1000000, now % 1000000, len(head) + len(data),
                           len(head) + len(data)) + head + data

    with open(path, "wb", buffering=1 << 20) as out:
        out.write(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 262144, 1))
        out.write(packet(0, 2, b"", 1000) + packet(1, 18, b"", 2000))
        for end, data in exchange(rdpwhy, keys):
            for at in range(0, len(data), 1460):
                part = data[at:at + 1460]
                out.write(packet(end, ACK, part, seq[end]))
                seq[end] += len(part)
                written += len(part)
                now += 10
            if written >= size:
                break
    return os.path.getsize(path)


def one_session(options, scratch):
    """A single session, opened with its secrets from its beginning to its end."""
    path, keys = os.path.join(scratch, "one.pcap"), os.path.join(scratch, "keys")
    program = options.rdpwhy[-1]
    size = make_one(path, keys, program, options.megabytes * 1000000)
    one = run([program, "pcap", "-q", "-r", "jsonl", "--keys", keys, path])
    print("Decrypting one session of %.0f MB" % (size / 1e6))
    print("  rdpwhy pcap %36.2f s wall %7.2f s CPU %6.0f MB/s %6.0f MB of memory, exit code %d"
          % (one["wall_s"], one["processor_s"], size / 1e6 / one["wall_s"],
             one["peak_bytes"] / 2**20, one["status"]))
    return dict(one, bytes=size)


def run(argv):
    """Wall and processor seconds, and the peak of memory in bytes."""
    began = time.monotonic()
    with open(os.devnull, "r+b") as null:
        child = subprocess.Popen(argv, stdin=null, stdout=null, stderr=null)
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    peak = usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    return {"status": child.returncode, "wall_s": time.monotonic() - began,
            "processor_s": usage.ru_utime + usage.ru_stime, "peak_bytes": peak}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rdpwhy", required=True, action="append",
                        help="may be given twice: before and after")
    parser.add_argument("--output", help="also write the figures here, as JSON")
    parser.add_argument("--megabytes", type=int, default=1000)
    parser.add_argument("--connections", type=int, default=10000)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--folder", help="where the files are made; they take 2 GB")
    parser.add_argument("--keep", help="make the capture here, and leave it")
    options = parser.parse_args()

    with tempfile.TemporaryDirectory(prefix="rdpwhy-bench-", dir=options.folder) as scratch:
        path = options.keep or os.path.join(scratch, "large.pcap")
        trace = os.path.join(scratch, "large.etl")
        share = options.megabytes * 1000000 // options.connections
        size = (os.path.getsize(path) if options.keep and os.path.exists(path)
                else make(path, options.connections, max(share - 12000, 0), "tls1.2-only"))
        # as large, so half of the packets
        sizes = {"etl": make_etl(trace, options.connections // 2, max(share - 12000, 0),
                                 "tls1.2-only")}
        commands = [(program, [program, "pcap", "-q", "-r", "jsonl", path])
                    for program in options.rdpwhy]
        if shutil.which("tshark"):
            commands.append(("tshark", ["tshark", "-q", "-z", "conv,tcp", "-r", path]))
        commands.append(("etl", [options.rdpwhy[0], "pcap", "-q", "-r", "jsonl", trace]))
        figures = {}
        for _ in range(options.rounds): # in turns, so that all see the same machine
            for name, command in commands:
                figures.setdefault(name, []).append(run(command))
        if not options.keep:
            os.unlink(path) # the next one is as large
        single = one_session(options, scratch)
    best = {name: min(runs, key=lambda one: one["processor_s"]) for name, runs in figures.items()}
    print("Reading a capture of %.0f MB with %d RDP connections, best of %d; as an event trace (.etl)"
          " %.0f MB" % (size / 1e6, options.connections, options.rounds, sizes["etl"] / 1e6))
    titles = {"tshark": "tshark", "etl": "rdpwhy pcap, .etl"}
    for name, one in best.items():
        print("  %-40s %7.2f s wall %7.2f s CPU %6.0f MB/s %6.0f MB of memory"
              % (titles.get(name, "rdpwhy pcap" if len(options.rdpwhy) == 1 else name),
                 one["wall_s"], one["processor_s"],
                 sizes.get(name, size) / 1e6 / one["wall_s"], one["peak_bytes"] / 2**20))
    if options.output:
        with open(options.output, "w", encoding="ascii") as out:
            json.dump({"bytes": size, "connections": options.connections, "runs": best,
                       "one_session": single}, out,
                      indent=1)
            out.write("\n")


if __name__ == "__main__":
    main()
