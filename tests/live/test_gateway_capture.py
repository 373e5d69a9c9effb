# SPDX-License-Identifier: Apache-2.0
"""Captures of connections through an RD Gateway. What `probe --capture` has written `rdpwhy pcap` reads back to the
same verdict and phases, with rdpwhy's own notes and without them, as others capture; xfreerdp's connections, captured
by dumpcap with the key log that FreeRDP writes, get as far as they got; without keys nothing is claimed."""

import concurrent.futures
import glob
import json
import os
import signal
import struct
import subprocess
import tempfile
import time

from gateway_faults import FAULTS
from gateway_server import Gateway
from servers import LiveTest, Peer, environment, find, main, need, probe, rdpwhy
from test_gateway import PASSWORD, USER
from test_gateway_server import RDP_FILE

AT_ONCE = 4
GOODBYE = ("gateway-tls-alert", 256)
VERDICT = ("outcome", "phase", "ending", "closed_by", "sent_through", "code", "step")
# fault, transport: each way in which the connections to a gateway end, and go on
ROWS = ((None, "websocket"), (None, "http"), ("tls-1.2", "websocket"), ("websocket-stripped", "auto"),
        ("401-right-password", "websocket"), ("in-fin", "http"), ("in-reset", "http"), ("in-close-notify", "http"),
        ("channel-rap-accessdenied", "websocket"), ("authorization-nap-accessdenied", "http"),
        ("tunnel-reset", "websocket"), ("handshake-fin", "websocket"), ("channel-close-notify", "websocket"),
        ("data-fin", "http"), ("data-reset", "websocket"), ("websocket-close-data", "websocket"),
        ("close-sessiontimeout", "http"), ("close-later", "websocket"))
SECTION, SECRETS = 0x0A0D0D0A, 10


def without(path, notes=False, secrets=False):
    """The path of a copy that lacks the notes in its section header, or its secrets."""
    with open(path, "rb") as file:
        data = file.read()
    out = b""
    while data:
        kind, size = struct.unpack_from("<II", data)
        block, data = data[:size], data[size:]
        if kind == SECTION and notes:
            block = struct.pack("<II", kind, 28) + block[8:24] + struct.pack("<I", 28)
        if not (kind == SECRETS and secrets):
            out += block
    path = "%s-%d%d" % (path, notes, secrets)
    with open(path, "wb") as file:
        file.write(out)
    return path


def read(path, *arguments):
    run = rdpwhy("pcap", "-r", "jsonl", *arguments, path)
    assert "Sanitizer" not in run.stderr, run
    return run.of("attempt")


def of(attempt):
    return {field: attempt.get(field) for field in VERDICT}


def phases(attempt):
    return [phase["phase"] for phase in attempt["phases"]]


def events(trace):
    """What passed with the gateway, without its times and the close_notify that comes as it goes down."""
    with open(trace, encoding="utf-8") as file:
        records = [json.loads(line) for line in file]
    return [tuple(str(record.get(field))[:80] for field in ("kind", "dir", "value", "text", "bytes")) for record in records
            if record.get("kind", "").startswith("gateway") and (record["kind"], record.get("value")) != GOODBYE]


class Captures(LiveTest):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.directory = scratch.name

    def one(self, fault, transport, port):
        directory = tempfile.mkdtemp(dir=self.directory)
        with Gateway(fault=FAULTS[fault] if fault else None) as gateway:
            run = probe("--gateway", "localhost:%d" % gateway.port, "--ca", gateway.authority, "--gateway-user", USER,
                        "--gateway-transport", transport, "-p", "tls", "--timeout", "3", "--capture", directory,
                        "--trace", os.path.join(directory, "trace"), "127.0.0.1:%d" % port, env=environment(RDPWHY_GATEWAY_PASSWORD=PASSWORD))
        captures = sorted(glob.glob(os.path.join(directory, "*.pcapng")))
        return run.of("attempt")[-1], captures[-1]

    def test_own(self):
        with Peer("--fault", "healthy-tls") as peer, concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
            for row, (live, path) in zip(ROWS, pool.map(lambda row: self.one(*row, peer.port), ROWS)):
                with self.subTest(row):
                    noted, = read(path)
                    self.assertEqual((of(noted), phases(noted)), (of(live), phases(live)))
                    bare, = read(without(path, notes=True))
                    # names are looked up elsewhere
                    self.assertEqual((of(bare), ["resolve"] + phases(bare)), (of(live), phases(live)))
                    trace = os.path.join(os.path.dirname(path), "trace")
                    seen = events(trace)
                    rdpwhy("pcap", "-q", "--trace", trace, without(path, notes=True))
                    self.assertEqual(events(trace), seen)
                    self.assertEqual(read(without(path, notes=True, secrets=True)), [])

    def test_target(self):
        """Whom the connection was with is what the gateway was asked for."""
        with Peer("--fault", "neg-failure-3") as peer:
            live, path = self.one(None, "websocket", peer.port)
            attempt, = read(without(path, notes=True))
        self.assertEqual((of(attempt), attempt["target"]), (of(live), live["target"]))

    def freerdp(self, name, port, *options):
        """xfreerdp's attempt, as dumpcap saw it."""
        path, keys, rdp = (os.path.join(self.directory, name + end) for end in (".pcapng", ".keys", ".rdp"))
        with Gateway() as gateway:
            with open(rdp, "w", encoding="ascii") as out:
                out.write(RDP_FILE.format(target=port, gateway=gateway.port))
            with subprocess.Popen(["dumpcap", "-q", "-i", "lo", "-f", "tcp port %d" % gateway.port, "-w", path],
                                  stderr=subprocess.PIPE, text=True) as capture:
                while "File:" not in capture.stderr.readline():
                    self.assertIsNone(capture.poll())
                subprocess.run([find("xfreerdp3", "xfreerdp"), rdp, "/gateway:" + ",".join(
                    ["u:" + USER, "p:" + PASSWORD, "type:http", *options]), "/u:x", "/p:y", "/cert:ignore", "/sec:tls",
                    "/tls:secrets-file:" + keys, "+auth-only"], input=b"Y\n", capture_output=True, timeout=20,
                    env=environment(HOME=self.directory, XDG_CONFIG_HOME=self.directory), check=False)
                time.sleep(1)  # what it has in its buffer
                capture.send_signal(signal.SIGINT)
        attempt, = read(path, "--keys", keys)
        self.assertEqual(read(path), [])
        return attempt

    def test_freerdp(self):
        need(find("xfreerdp3", "xfreerdp"), "xfreerdp3 is not installed")
        need(find("dumpcap") and os.geteuid() == 0, "dumpcap, and root for it")
        with Peer("--fault", "neg-failure-3") as peer, concurrent.futures.ThreadPoolExecutor(2) as pool:
            jobs = [pool.submit(self.freerdp, "websocket", peer.port),
                    pool.submit(self.freerdp, "http", peer.port, "no-websockets")]
            for job in jobs:
                attempt = job.result()
                self.assertEqual((attempt["phase"], attempt["closed_by"], attempt["code"]["value"]),
                                 ("negotiation", "server", 3), json.dumps(attempt))
                self.assertIn("gateway-channel", phases(attempt))


if __name__ == "__main__":
    main()
