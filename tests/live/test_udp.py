"""Whether RDP over UDP gets through: what is sent is read by tshark, and by a responder that takes
nothing but what [MS-RDPEUDP] 3.1.5.1.1 says of a SYN."""

import json
import os
import select
import shutil
import socket
import struct
import subprocess
import tempfile
import threading

from servers import LiveTest, Peer, main, need, probe, rdpwhy

SYN, ACK, SYNEX = 0x0001, 0x0004, 0x1000
VERSIONS = {2: 2, 3: 0x0101}  # [MS-RDPEUDP] 2.2.2.9, uUdpVer


class Responder:
    """UDP at |port|. |answers|: from which datagram on (1 is the first); 0: never."""

    def __init__(self, port, answers=1, version=2):
        self.answers, self.version = answers, version
        self.datagrams, self.complaints = [], []
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", port))
        self.socket.settimeout(0.1)
        self.over = threading.Event()
        self.thread = threading.Thread(target=self.serve)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.thread.join()
        self.socket.close()

    def complain(self, data):
        """What is wrong with a SYN; empty: nothing."""
        if len(data) != 1232:
            return "%d bytes" % len(data)
        ack, window, flags, sequence, up, down = struct.unpack_from(">IHHIHH", data)
        rest = data[16:]
        if flags & SYNEX:
            if struct.unpack_from(">HH", rest) != (1, 2):
                return "SYNDATAEX " + rest[:4].hex()
            rest = rest[4:]
        if ack != 0xffffffff or not window or flags & ~SYNEX != SYN or (up, down) != (1232, 1232):
            return "header " + data[:16].hex()
        if self.datagrams and sequence != struct.unpack_from(">I", self.datagrams[0], 8)[0]:
            return "another sequence number"
        return "no padding" if any(rest) else ""

    def serve(self):
        while not self.over.is_set():
            try:
                data, sender = self.socket.recvfrom(4096)
            except socket.timeout:
                continue
            wrong = self.complain(data)
            if wrong:
                self.complaints.append(wrong)
                continue
            self.datagrams.append(data)
            if not self.answers or len(self.datagrams) < self.answers:
                continue
            flags = SYN | ACK | (SYNEX if self.version > 1 else 0)
            answer = data[8:12] + struct.pack(">HHIHH", 64, flags, 7, 1232, 1232)
            if self.version > 1:
                answer += struct.pack(">HH", 1, VERSIONS[self.version])
            self.socket.sendto(answer.ljust(1232, b"\0"), sender)


class Socks:
    """A SOCKS5 proxy for one connection, to an address of IPv4."""

    def __enter__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = "socks5://127.0.0.1:%d" % self.listener.getsockname()[1]
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.listener.close()
        self.thread.join(10)

    def serve(self):
        client, _ = self.listener.accept()
        with client:
            client.recv(64)  # the methods
            client.sendall(b"\x05\x00")
            request = client.recv(64)
            address = (socket.inet_ntoa(request[4:8]), struct.unpack(">H", request[8:10])[0])
            with socket.create_connection(address) as server:
                client.sendall(b"\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00")
                self.pump(client, server)

    @staticmethod
    def pump(client, server):
        while True:
            for source in select.select((client, server), (), ())[0]:
                data = source.recv(65536)
                if not data:
                    return
                (server if source is client else client).sendall(data)


def tshark(datagrams, *fields):
    """What tshark reads in them, a list of texts for each."""
    need(shutil.which("tshark") and shutil.which("text2pcap"), "tshark is not installed")
    with tempfile.TemporaryDirectory() as folder:
        text, pcap = os.path.join(folder, "text"), os.path.join(folder, "pcap")
        with open(text, "w", encoding="ascii") as file:
            for data in datagrams:
                file.write("0000 %s\n" % data.hex(" "))
        subprocess.run(["text2pcap", "-q", "-u", "50000,3389", text, pcap], check=True,
                       capture_output=True)
        arguments = [part for field in fields for part in ("-e", field)]
        out = subprocess.run(["tshark", "-r", pcap, "-T", "fields", *arguments], check=True,
                             capture_output=True, encoding="utf-8").stdout
    return [line.split("\t") for line in out.splitlines()]


class Udp(LiveTest):
    def ask(self, peer, *options, status=0):
        run = probe("-p", "tls", *options, "127.0.0.1:%d" % peer.port)
        self.attempt = self.attempts(run, status=status)["tls"]
        self.host, = run.of("host")
        self.options = run.of("run")[0]["options"]
        self.finding = {f["rule"]: f for f in self.host["findings"]}.get("udp-unanswered")
        return self.attempt.get("udp")

    def sent(self):
        return self.host["footprint"].get("udp_datagrams", 0)

    def test_answered(self):
        for answers, version, tries in ((1, 2, 1), (1, 1, 1), (1, 3, 1), (2, 2, 2), (3, 1, 3)):
            with Peer("--fault", "healthy-tls") as peer, \
                    Responder(peer.port, answers, version) as responder:
                udp = self.ask(peer, "--udp", "--require", "udp")
            self.assertEqual(responder.complaints, [])
            self.assertGreater(udp.pop("elapsed_us"), 0)
            self.assertEqual(udp, {"result": "answered", "version": version, "tries": tries})
            self.assertEqual((self.sent(), self.finding), (tries, None))
            self.verdict(self.attempt, outcome="completed", phase="active")
            self.assertTrue(self.options["udp"])

    def test_proxied(self):
        """Datagrams would not go the way of the connection."""
        with Peer("--fault", "healthy-tls") as peer, Responder(peer.port) as responder, \
                Socks() as proxy:
            udp = self.ask(peer, "--udp", "--proxy", proxy.url)
            self.assertEqual((udp, responder.datagrams), ({"result": "not-tried", "tries": 0}, []))
            self.assertEqual(self.sent(), 0)

    def test_sent(self):
        """The SYNs as tshark reads them."""
        with Peer("--fault", "healthy-tls") as peer, Responder(peer.port, 0) as responder:
            self.ask(peer, "--udp")
        rows = tshark(responder.datagrams, "rdpudp.snsourceack", "rdpudp.flags",
                      "rdpudp.initialsequencenumber", "rdpudp.upstreammtu",
                      "rdpudp.downstreammtu", "rdpudp.synex.version", "_ws.malformed")
        sequence = "0x" + responder.datagrams[0][8:12].hex()
        two = ["0xffffffff", "0x1001", sequence, "1232", "1232", "0x0002", ""]
        self.assertEqual(rows, [two, two, ["0xffffffff", "0x0001", sequence, "1232", "1232", "",
                                           ""]])

    def test_silent(self):
        for fault, severity in (("healthy-tls", "info"), ("multitransport", "warning")):
            with Peer("--fault", fault) as peer:
                with Responder(peer.port, 0) as responder:
                    udp = self.ask(peer, "--udp", "--require", "udp", status=1)
                self.assertEqual(responder.complaints, [])
                self.assertGreaterEqual(udp.pop("elapsed_us"), 3000000)
                self.assertEqual(udp, {"result": "silent", "tries": 3})
                self.assertEqual(self.finding["severity"], severity)
                self.assertEqual(self.sent(), 3)
                self.assertEqual(self.host["requirements"][0]["met"], False)
                # the attempt itself is as it would be without
                self.verdict(self.attempt, outcome="completed", phase="active")
                self.assertLess(self.attempt["duration_us"], 3000000)

    def test_refused(self):
        with Peer("--fault", "healthy-tls") as peer, tempfile.TemporaryDirectory() as folder:
            saved, traces = (os.path.join(folder, name) for name in ("saved", "traces"))
            udp = self.ask(peer, "--udp", "--save", saved, "--trace", traces)
            shown = rdpwhy("show", "-r", "jsonl", saved)
            replayed = rdpwhy("replay", "-r", "jsonl", traces)
            metrics = rdpwhy("show", "-r", "prometheus", saved).stdout
            text = rdpwhy("show", "-v", saved).stdout
            with Responder(peer.port):
                better = os.path.join(folder, "better")
                self.ask(peer, "--udp", "--save", better)
            worse = rdpwhy("diff", better, saved)
        for run in (shown, replayed):
            self.assertEqual(run.of("attempt")[0]["udp"], udp)
        self.assertEqual((udp["result"], udp["tries"]), ("refused", 1))
        self.assertRegex(metrics, r'rdpwhy_udp_result\{[^}]*result="refused"[^}]*\} 1')
        self.assertIn("refused", next(line for line in text.splitlines() if "RDP over UDP" in line))
        self.assertEqual(worse.status, 3, str(worse))
        self.assertIn("answered", worse.stdout)

    def test_only_where_asked(self):
        with Peer("--fault", "healthy-tls") as peer, Responder(peer.port) as responder:
            self.assertIsNone(self.ask(peer))
            self.assertEqual((responder.datagrams, self.sent()), ([], 0))
            watch = ("--until", "session", "--watch", "0.2")
            self.assertIsNone(self.ask(peer, *watch, "--no-udp", status=None))
            self.assertEqual(responder.datagrams, [])
            self.assertEqual(self.ask(peer, *watch, status=None)["result"], "answered")
            self.assertEqual(len(responder.datagrams), 1)

    def test_once_a_host(self):
        with Peer("--fault", "healthy-any") as peer, Responder(peer.port) as responder:
            for options in ((), ("--per-host", "3")):
                responder.datagrams.clear()
                run = probe("-p", "negotiate,tls,rdp,nla", "--udp", *options,
                            "127.0.0.1:%d" % peer.port)
                attempts = self.attempts(run).values()
                self.assertEqual(len(responder.datagrams), 1)
                self.assertEqual(sum("udp" in attempt for attempt in attempts), 1,
                                 json.dumps(run.records))


if __name__ == "__main__":
    main()
