# SPDX-License-Identifier: Apache-2.0
"""Writes .etl files as Windows does, for tests: the container with buffers of several processors,
packed or not, and the events of netsh's and pktmon's packet captures. Written from the published
descriptions of these structures, not from a reader of them."""
import struct
import uuid

NDIS = uuid.UUID("2ed6006e-4729-4609-b423-3ee7bcd678ef").bytes_le
PKTMON = uuid.UUID("4d4f80d9-c8bd-4d73-bb5b-19c90402c5ac").bytes_le
TCPIP = uuid.UUID("2f07e2ee-15db-40f1-90ef-9d7ba282188a").bytes_le

NDIS_ETHERNET, NDIS_RAW, NDIS_WIFI = 0x1, 0x200, 0x10000
NDIS_FIRST, NDIS_LAST, NDIS_SENT, NDIS_RECEIVED = 0x40000000, 0x80000000, 1 << 32, 2 << 32
WFP = uuid.UUID("0c478c5b-0351-41b1-8c58-4a6737da32e3").bytes_le
SCHANNEL = uuid.UUID("1f678132-5938-4686-9fdc-c8ff68f15c85").bytes_le
RDPCORETS = uuid.UUID("1139c61b-b549-4251-8ed3-27250a1edec8").bytes_le
CONNECTION_MANAGER = uuid.UUID("c76baa63-ae81-421c-b425-340b4b24157f").bytes_le

FILETIME_1970 = 116444736000000000
FREQUENCY = 10000000
BOOT_TICKS = 987654321  # what the performance counter stood at when the trace began


def pack_lz77(data):
    """Plain LZ77 ([MS-XCA] 2.3): greedy, with every form of a length that comes up."""
    out, flags, count = bytearray(4), 0, 0
    flags_at, nibble_at, seen, at = 0, None, {}, 0

    while at < len(data):
        key = bytes(data[at:at + 3])
        from_ = seen.get(key) if len(key) == 3 else None
        seen[key] = at
        if from_ is None or at - from_ > 8192:
            body = data[at:at + 1]
            at += 1
            bit = 0
        else:
            length = 3
            while at + length < len(data) and data[from_ + length] == data[at + length]:
                length += 1
            rest, body = length - 3, bytearray()
            body += struct.pack("<H", (at - from_ - 1) << 3 | min(rest, 7))
            at += length
            bit = 1
        position = flags_at
        flags = flags << 1 | bit
        count += 1
        out += body[:2] if bit else body
        if bit and rest >= 7:
            extra = rest - 7
            if nibble_at is None:
                nibble_at = len(out)
                out.append(min(extra, 15))
            else:
                out[nibble_at] |= min(extra, 15) << 4
                nibble_at = None
            if extra >= 15:
                if extra - 15 < 255:
                    out.append(extra - 15)
                elif rest < 65536:
                    out += b"\xff" + struct.pack("<H", rest)
                else:
                    out += b"\xff\0\0" + struct.pack("<I", rest)
        if count == 32:
            struct.pack_into("<I", out, position, flags)
            flags_at, flags, count = len(out), 0, 0
            out.extend(bytes(4))
    # the bits that are left over say that there is a match, as Windows writes it
    flags = flags << 32 - count | (1 << 32 - count) - 1
    struct.pack_into("<I", out, flags_at, flags & 0xffffffff)
    return bytes(out)


def padded(data, to=8):
    return data + bytes(-len(data) % to)


def text(words):
    return (words + "\0").encode("utf-16-le")


def sockaddr(address, port):
    """A SOCKADDR_IN or SOCKADDR_IN6 with its length before it."""
    if len(address) == 4:
        body = struct.pack("<H", 2) + struct.pack(">H", port) + address + bytes(8)
    else:
        body = struct.pack("<H", 23) + struct.pack(">HI", port, 0) + address + bytes(4)
    return struct.pack("<I", len(body)) + body


def event(provider, id_, ticks, data, keyword=0, flags=0, extended=b"", version=0, level=4):
    size = 0x50 + len(extended) + len(data)
    return (struct.pack("<HBBHHIIq", size, 0x13, 0xc0, flags, 0, 4, 8, ticks) + provider
            + struct.pack("<HBBBBHQQ", id_, version, 16, level, 0, 0, keyword, 0) + bytes(16)
            + extended + data)


def ticks(time_us, start_us):
    return BOOT_TICKS + (time_us - start_us) * (FREQUENCY // 1000000)


def ndis(time, frame, keyword, miniport=5, lower=5):
    """A packet of netsh's, newer Windows adds 16 bytes behind it."""
    body = struct.pack("<III", miniport, lower, len(frame)) + frame + bytes(16)
    return event(NDIS, 1001, time, body, 0x8000060000000000 | keyword)


def ndis_switch(time, frame, keyword, port):
    names = "".join(name + "\0" for name in ("Port", "NIC", "Synthetic")).encode("utf-16-le")
    body = (struct.pack("<III", 5, 5, port) + names + struct.pack("<I", 1) + bytes(8)
            + struct.pack("<I", len(frame)) + frame + struct.pack("<I", 0))
    return event(NDIS, 1003, time, body, 0x8000060001000000 | keyword)


def pktmon(time, frame, component=1, edge=1, kind=1, original=None, id_=160, reason=0, location=0):
    body = struct.pack("<QHHHHHHHIIHH", 7, 1, 1, 3, kind, component, edge, 0, reason, location,
                       len(frame) if original is None else original, len(frame)) + frame
    return event(PKTMON, id_, time, body)


def component(time, id_, kind):
    return event(PKTMON, 20, time, struct.pack("<HH", id_, kind) + "NIC\0x\0".encode("utf-16-le"))


def buffer(records, sequence, processor=0, kind=0, pack=False, size=None):
    body = b"".join(map(padded, records))
    end = 0x48 + len(body)
    if pack:
        body = pack_lz77(body)
    on_disk = 0x48 + len(body)
    if size is not None:
        body += b"\xff" * (size - on_disk)
        on_disk = size
    return (struct.pack("<IIIiqqQHHII", on_disk, end, end, 0, 0, sequence, 0, processor, 1, 3, end)
            .ljust(0x34, b"\0") + struct.pack("<HH", (0x40 if pack else 0) | 1, kind)
            + bytes(0x10) + body)


def header(start_us, clock=1, lost=0, bits=64, frequency=FREQUENCY):
    """The first buffer: TRACE_LOGFILE_HEADER in a record of its own."""
    pointer = bits // 8
    body = struct.pack("<IBBBBIIqIIIIII", 0x10000, 10, 0, 1, 5, 20348, 4,
                       FILETIME_1970 + start_us * 10 + 600000000, 156250, 100, 1, 3, 1, pointer)
    body += struct.pack("<II", lost, 2400) + bytes(2 * pointer) + bytes(0xac)
    body = padded(body)
    body += struct.pack("<qqqII", FILETIME_1970, frequency, FILETIME_1970 + start_us * 10, clock, 0)
    body += "Relogger\0x.etl\0".encode("utf-16-le")
    first = BOOT_TICKS if clock != 2 else FILETIME_1970 + start_us * 10
    record = struct.pack("<HBBHBBIIqII", 2, 2 if bits == 64 else 1, 0xc0, 0x20 + len(body), 0, 0,
                         4, 8, first, 0, 0) + body
    more = struct.pack("<HBBHBBIIqII", 2, 2, 0xc0, 0x20, 80, 0, 4, 8, first, 0, 0)
    return buffer([record, more], 0, kind=4, size=0x400)


# Records that are none of the packets': every other kind of header that files have.
def foreign(time):
    return [
        struct.pack("<HBBHBBq", 1, 0x11, 0xc0, 24, 1, 2, time) + bytes(8),
        struct.pack("<HBBBBHIIq", 0x30, 0x14, 0xc0, 32, 0, 0, 1, 2, time) + bytes(24),
        struct.pack("<HBBHH", 24, 0, 0x90, 7, 0) + bytes(16),
        event(TCPIP, 1033, time, b"\0" * 40, flags=1,
              extended=struct.pack("<HHHH", 16, 12, 1, 3) + bytes(8)
              + struct.pack("<HHHH", 16, 11, 0, 8) + bytes(8)),
    ]
