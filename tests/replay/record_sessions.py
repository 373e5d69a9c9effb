#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Records sessions that ran, as strangers capture them: xfreerdp under Xvfb against xrdp and
freerdp-shadow, captured by dumpcap. fixtures/captures/sessions has some of what it makes.

usage: record_sessions.py DIRECTORY [--seconds N] [--xfreerdp PROGRAM] [--at-once N] [--names NAME...]

Each NAME is SERVER-END: xrdp-tls, xrdp-rdp, xrdp-rdp-low, shadow-nla, shadow-tls, shadow-rdp, each with
client (the user ends it), kill (the client is killed) or server (the server is killed). Beside
NAME.pcapng is the key log, NAME.keys, and what the client said, NAME.log. "ns-" before NAME: the
client in a network namespace of its own, behind a pair of veth interfaces (as root).
"""
import argparse
import concurrent.futures
import os
import random
import signal
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "live"))

import servers  # noqa: E402

SERVERS = {"xrdp-tls": lambda: servers.Xrdp("tls"), "xrdp-rdp": lambda: servers.Xrdp("rdp"),
           "xrdp-rdp-low": lambda: servers.Xrdp("rdp", "low"),
           "shadow-nla": lambda: servers.Shadow("nla"), "shadow-tls": lambda: servers.Shadow("tls"),
           "shadow-rdp": lambda: servers.Shadow("rdp")}
ENDS = ("client", "kill", "server")


class Namespace:
    """A pair of veth interfaces, one end in a namespace; the machine is 198.18.N.1 there."""

    def __init__(self):
        self.number = random.randrange(1, 250)
        self.name = "rdpwhy-rec-%d" % self.number

    def __enter__(self):
        here, there = "rwr%d" % self.number, "rwp%d" % self.number
        for command in (["netns", "add", self.name],
                        ["link", "add", here, "type", "veth", "peer", "name", there, "netns",
                         self.name],
                        ["addr", "add", "198.18.%d.1/24" % self.number, "dev", here],
                        ["link", "set", here, "up"],
                        ["-n", self.name, "addr", "add", "198.18.%d.2/24" % self.number, "dev",
                         there],
                        ["-n", self.name, "link", "set", there, "up"],
                        ["-n", self.name, "link", "set", "lo", "up"]):
            subprocess.run(["ip", *command], check=True)
        self.interface = here
        return self

    def __exit__(self, *_):
        subprocess.run(["ip", "netns", "del", self.name], check=False)


def forward(port, address):
    """The servers listen on loopback; the namespace's client comes to another address."""
    code = ("import socket,sys,threading\n"
            "l=socket.create_server((sys.argv[1],int(sys.argv[2])))\n"
            "def pump(a,b):\n"
            "  try:\n"
            "    while True:\n"
            "      d=a.recv(65536)\n"
            "      if not d: break\n"
            "      b.sendall(d)\n"
            "    b.shutdown(1)\n"
            "  except OSError:\n"
            "    a.close(); b.close()\n"
            "while True:\n"
            "  a,_=l.accept(); b=socket.create_connection(('127.0.0.1',int(sys.argv[2])))\n"
            "  for p in ((a,b),(b,a)): threading.Thread(target=pump,args=p,daemon=True).start()\n")
    return subprocess.Popen([sys.executable, "-c", code, address, str(port)])


def client(options, server, target, keys, display, kind):
    account = ["/u:" + servers.Shadow.USER, "/p:" + servers.Shadow.PASSWORD]
    if kind.startswith("xrdp"):
        account = ["/u:nobody", "/p:nothing"]
    return [options.xfreerdp, "/v:" + target, "/cert:ignore", "/size:640x480", "/log-level:INFO",
            "/auto-reconnect-max-retries:0", "-auto-reconnect", "/tls:secrets-file:" + keys,
            "/gdi:sw", "-clipboard", *account]


def record(options, name):
    inside = name.startswith("ns-")
    kind, end = name[3 * inside:].rsplit("-", 1)
    base = os.path.join(options.directory, name)
    with SERVERS[kind]() as server:
        env = dict(os.environ, HOME=server.directory, XDG_CONFIG_HOME=server.directory)
        env["DISPLAY"] = servers.Shadow.screen(server, env)
        target, interface, prefix, helper, namespace = "127.0.0.1:%d" % server.port, "lo", [], None, None
        if inside:
            namespace = Namespace().__enter__()
            address = "198.18.%d.1" % namespace.number
            helper = forward(server.port, address)
            target, interface = "%s:%d" % (address, server.port), namespace.interface
            prefix = ["ip", "netns", "exec", namespace.name]
        capture = subprocess.Popen(["dumpcap", "-q", "-i", interface, "-f",
                                    "tcp port %d" % server.port, "-w", base + ".pcapng"],
                                   stderr=subprocess.DEVNULL)
        time.sleep(2)
        with open(base + ".log", "wb") as log:
            run = subprocess.Popen(prefix + client(options, server, target, base + ".keys",
                                                   env["DISPLAY"], kind),
                                   stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=env)
            time.sleep(options.seconds)
            alive = run.poll() is None
            if end == "server":
                os.killpg(server.server.child.pid, signal.SIGKILL)
            else:
                run.send_signal(signal.SIGTERM if end == "client" else signal.SIGKILL)
            try:
                run.wait(timeout=10)
            except subprocess.TimeoutExpired:
                run.kill()
                run.wait()
        time.sleep(1.5)
        capture.terminate()
        capture.wait()
        if helper is not None:
            helper.kill()
            helper.wait()
            namespace.__exit__()
    return "%s: %s, %d bytes" % (name, "ran" if alive else "ended early",
                                 os.path.getsize(base + ".pcapng"))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("directory")
    parser.add_argument("--names", nargs="+",
                        default=["%s-%s" % (kind, end) for kind in SERVERS for end in ENDS])
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--xfreerdp", default="xfreerdp3")
    parser.add_argument("--at-once", type=int, default=4)
    options = parser.parse_args()
    os.makedirs(options.directory, exist_ok=True)
    with concurrent.futures.ThreadPoolExecutor(options.at_once) as pool:
        for told in pool.map(lambda name: record(options, name), options.names):
            print(told, flush=True)


if __name__ == "__main__":
    main()
