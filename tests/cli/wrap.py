# SPDX-License-Identifier: Apache-2.0
"""Wraps a capture's packets (raw IP) in what lies around them on other networks.

`wrap.py NAME FILE OUT` does it to a capture by rdpwhy, for a look at it in Wireshark."""
import os
import struct
import sys
import zlib

ETHERNET, RAW, WLAN, RADIOTAP, PPP, PPPOE = 1, 101, 105, 127, 9, 51


def version(packet):
    return packet[0] >> 4


def ether_type(packet):
    return b"\x08\x00" if version(packet) == 4 else b"\x86\xdd"


def frame(payload, kind=None):
    """An Ethernet frame."""
    return bytes.fromhex("020000000001020000000002") + (kind or ether_type(payload)) + payload


def ipv4(protocol, payload, identification=0, offset=0, addresses=None):
    head = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(payload), identification, offset, 64,
                       protocol, 0)
    return head + (addresses or bytes([192, 0, 2, 1, 192, 0, 2, 2])) + payload


def ipv6(protocol, payload):
    head = struct.pack(">IHBB", 6 << 28, len(payload), protocol, 64)
    return head + bytes.fromhex("20010db8") + bytes(11) + b"\1" \
        + bytes.fromhex("20010db8") + bytes(11) + b"\2" + payload


def udp(port, payload, source=50000):
    return struct.pack(">HHHH", source, port, 8 + len(payload), 0) + payload


def label(value, bottom):
    return struct.pack(">I", value << 12 | (0x100 if bottom else 0) | 64)


def ppp(packet):
    return (b"\x00\x21" if version(packet) == 4 else b"\x00\x57") + packet


def pppoe(packet):
    payload = ppp(packet)
    return struct.pack(">BBHH", 0x11, 0, 7, len(payload)) + payload


def gre(kind, payload, flags=0, options=b""):
    return ipv4(47, struct.pack(">HH", flags, kind) + options + payload)


def vxlan(payload):
    return b"\x08\0\0\0" + struct.pack(">I", 77 << 8) + payload


def geneve(payload, options=b"\x01\x02\x03\x01abcd", kind=0x6558):
    return struct.pack(">BBH", len(options) // 4, 0, kind) + b"\0\0\x4d\0" + options + payload


def llc(packet):
    return b"\xaa\xaa\x03\0\0\0" + ether_type(packet) + packet


def wlan(packet, flags=1, first=0x08, more=b"", payload=None):
    """A data frame of a station (flags 1), an access point (2) or a bridge (3)."""
    head = bytes([first, flags, 0, 0]) + bytes(18) + b"\x10\x00"
    return head + (bytes(6) if flags & 3 == 3 else b"") + more + (payload or llc(packet))


def radiotap(payload, flags=None, time=False):
    present = (1 if time else 0) | (2 if flags is not None else 0)
    fields = (bytes(8) if time else b"") + (bytes([flags]) if flags is not None else b"")
    return struct.pack("<BBHI", 0, 0, 8 + len(fields), present) + fields + payload


def split(packet, size=32):
    """An IPv4 packet in fragments."""
    identification = zlib.crc32(packet)
    payload, out = packet[20:], []
    for at in range(0, len(payload), size):
        more = 0x2000 if at + size < len(payload) else 0
        out.append(ipv4(packet[9], payload[at:at + size], identification & 0xffff,
                        more | at // 8, packet[12:20]))
    return out


def split6(packet, number, size=32):
    """An IPv6 packet in fragments."""
    payload, out = packet[40:], []
    for at in range(0, len(payload), size):
        more = 1 if at + size < len(payload) else 0
        part = struct.pack(">BBHI", packet[6], 0, at | more, number) + payload[at:at + size]
        out.append(packet[:4] + struct.pack(">H", len(part)) + b"\x2c" + packet[7:40] + part)
    return out


def amsdu(packet):
    inner = llc(packet)
    return bytes(12) + struct.pack(">H", len(inner)) + inner


# name: link type and what becomes of a packet
LAYERS = {
    "ethernet": (ETHERNET, frame),
    "802.3": (ETHERNET, lambda p: bytes(12) + struct.pack(">H", min(8 + len(p), 1500)) + llc(p)),
    "qinq": (ETHERNET, lambda p: frame(b"\0\5\x81\0\0\6" + ether_type(p) + p, b"\x88\xa8")),
    "backbone": (ETHERNET, lambda p: frame(bytes(4) + frame(p), b"\x88\xe7")),
    "mpls": (ETHERNET, lambda p: frame(label(16, False) + label(17, True) + p, b"\x88\x47")),
    "mpls-frame": (ETHERNET, lambda p: frame(label(16, True) + frame(p), b"\x88\x47")),
    "mpls-control-word": (ETHERNET,
                          lambda p: frame(label(16, True) + bytes(4) + frame(p), b"\x88\x47")),
    "pppoe": (ETHERNET, lambda p: frame(pppoe(p), b"\x88\x64")),
    "pppoe-link": (PPPOE, pppoe),
    "ppp": (PPP, ppp),
    "ppp-hdlc": (50, lambda p: b"\xff\x03" + ppp(p)),
    "ppp-short": (PPP, lambda p: ppp(p)[1:]),
    "cisco-hdlc": (104, lambda p: b"\x0f\0" + ether_type(p) + p),
    "gre": (RAW, lambda p: gre(0x0800, p)),
    "gre-options": (RAW, lambda p: gre(0x0800, p, 0xb000, bytes(12))),
    "gre-ethernet": (RAW, lambda p: gre(0x6558, frame(p), 0x2000, bytes(4))),
    "pptp": (RAW, lambda p: gre(0x880b, b"\xff\x03" + ppp(p), 0x3081, bytes(12))),
    "erspan-1": (ETHERNET, lambda p: frame(gre(0x88be, frame(p)))),
    "erspan-2": (ETHERNET, lambda p: frame(gre(0x88be, bytes(8) + frame(p), 0x1000, bytes(4)))),
    "erspan-3": (ETHERNET, lambda p: frame(gre(0x22eb, bytes(12) + frame(p), 0x1000, bytes(4)))),
    "erspan-3-subheader": (ETHERNET, lambda p: frame(
        gre(0x22eb, bytes(11) + b"\1" + bytes(8) + frame(p), 0x1000, bytes(4)))),
    "erspan-3-ip": (ETHERNET, lambda p: frame(
        gre(0x22eb, bytes(10) + b"\x08\0" + p, 0x1000, bytes(4)))),
    "vxlan": (ETHERNET, lambda p: frame(ipv4(17, udp(4789, vxlan(frame(p)))))),
    "vxlan-linux": (ETHERNET, lambda p: frame(ipv4(17, udp(8472, vxlan(frame(p)))))),
    "vxlan-gpe": (ETHERNET, lambda p: frame(ipv4(17, udp(4790, b"\x0c\0\0\1" + bytes(4) + p)))),
    "vxlan-ipv6": (ETHERNET, lambda p: frame(ipv6(17, udp(4789, vxlan(frame(p)))))),
    "geneve": (ETHERNET, lambda p: frame(ipv4(17, udp(6081, geneve(frame(p)))))),
    "geneve-ip": (ETHERNET, lambda p: frame(ipv4(17, udp(6081, geneve(p, b"", 0x0800))))),
    "ip-in-ip": (RAW, lambda p: ipv4(4, p)),
    "6in4": (RAW, lambda p: ipv4(41, ipv6(4, p))),
    "ip-in-ipv6": (RAW, lambda p: ipv6(4, p)),
    "etherip": (RAW, lambda p: ipv4(97, b"\x30\0" + frame(p))),
    "ah": (RAW, lambda p: ipv4(51, b"\x04\x04" + bytes(22) + p)),
    "wlan": (WLAN, wlan),
    "wlan-from-ap": (WLAN, lambda p: wlan(p, 2)),
    "wlan-bridge": (WLAN, lambda p: wlan(p, 3)),
    "wlan-qos": (WLAN, lambda p: wlan(p, 1, 0x88, bytes(2))),
    "wlan-ht": (WLAN, lambda p: wlan(p, 0x81, 0x88, bytes(6))),
    "wlan-amsdu": (WLAN, lambda p: wlan(p, 1, 0x88, b"\x80\0", amsdu(p))),
    "radiotap": (RADIOTAP, lambda p: radiotap(wlan(p))),
    "radiotap-fcs": (RADIOTAP, lambda p: radiotap(wlan(p), 0x10, True) + b"\1\2\3\4"),
    "radiotap-padded": (RADIOTAP,
                        lambda p: radiotap(wlan(p, 1, 0x88, bytes(2) + bytes(2)), 0x20)),
    "prism": (119, lambda p: bytes(144) + wlan(p)),
    "avs": (163, lambda p: b"\x80\x21\x10\x01" + struct.pack(">I", 64) + bytes(56) + wlan(p)),
    "ppi": (192, lambda p: struct.pack("<BBHI", 0, 0, 8, 105) + wlan(p)),
    "everything": (ETHERNET, lambda p: frame(b"\0\5\x88\x47" + label(16, True) + ipv4(
        17, udp(4789, vxlan(frame(pppoe(gre(0x0800, ipv4(4, p))), b"\x88\x64")))), b"\x81\0")),
}


def pcap(packets, link):
    """A pcap file of packets (time, bytes)."""
    out = [struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 262144, link)]
    for time, packet in packets:
        out.append(struct.pack("<IIII", time // 1000000, time % 1000000, len(packet), len(packet))
                   + packet)
    return b"".join(out)


def option(order, code, value):
    return struct.pack(order + "HH", code, len(value)) + value + bytes(-len(value) % 4)


def block(order, kind, body):
    body += bytes(-len(body) % 4)
    length = len(body) + 12
    return struct.pack(order + "II", kind, length) + body + struct.pack(order + "I", length)


def section(order="<"):
    return block(order, 0x0a0d0d0a, struct.pack(order + "IHHq", 0x1a2b3c4d, 1, 0, -1))


def interface(link, snap=0, resolution=None, offset=None, order="<"):
    options = b""
    if resolution is not None:
        options += option(order, 9, bytes([resolution]))
    if offset is not None:
        options += option(order, 14, struct.pack(order + "q", offset))
    return block(order, 1, struct.pack(order + "HHI", link, 0, snap) + options)


def enhanced(number, stamp, packet, snap=0, order="<"):
    kept = packet[:snap] if snap else packet
    return block(order, 6, struct.pack(order + "IIIII", number, stamp >> 32, stamp & 0xffffffff,
                                       len(kept), len(packet)) + kept)


def main():
    sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
    from test_pcap import Recording
    name, source, target = sys.argv[1:]
    link, wrap = LAYERS[name]
    with open(target, "wb") as out:
        out.write(pcap([(time, wrap(packet))
                        for time, packet in Recording(source).packets], link))


if __name__ == "__main__":
    main()
