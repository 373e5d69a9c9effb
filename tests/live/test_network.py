"""Ends below RDP: refused, silent, unknown, filtered and unroutable hosts, and our own output's end."""

import errno
import os
import signal
import socket
import subprocess
import time

import servers
from servers import LiveTest, Silent, environment, free_port, need, probe


class Unreachable(LiveTest):
    def test_refused_port(self):
        port = free_port()
        run = probe("-p", "tls", "127.0.0.1:%d" % port)
        attempt = self.attempts(run, status=1)["tls"]
        self.verdict(attempt, outcome="unreachable", phase="connect", ending="refused",
                     target="127.0.0.1:%d" % port)
        self.assertEqual(attempt["code"]["space"], "errno")
        self.assertEqual(attempt["code"]["value"], errno.ECONNREFUSED)
        self.assertEqual(run.of("host")[0]["state"], "unreachable")

    def test_name_not_found(self):
        run = probe("-p", "tls", "-t", "20", "--connect-timeout", "15",
                    "no-such-host.rdpwhy.invalid")
        attempt = self.attempts(run, status=1)["tls"]
        self.verdict(attempt, outcome="unreachable", phase="resolve", ending="name-not-found",
                     address=None)
        self.assertEqual(attempt["code"]["space"], "resolver")

    def test_ipv6(self):
        try:
            port = free_port(socket.AF_INET6)
        except OSError:
            self.skipTest("no IPv6 loopback here")  # a property of the machine: no failure in CI
        run = probe("-p", "tls", "[::1]:%d" % port)
        self.verdict(self.attempts(run, status=1)["tls"], outcome="unreachable", phase="connect",
                     ending="refused", target="[::1]:%d" % port)
        with Silent(socket.AF_INET6) as server:
            run = probe("-p", "rdp", "-t", "1", "[::1]:%d" % server.port)
        self.verdict(self.attempts(run, status=1)["rdp"], outcome="aborted", phase="negotiation",
                     ending="timeout", address="::1")


class Silence(LiveTest):
    def test_deadline(self):
        with Silent() as server:
            run = probe("-p", "rdp,tls,nla", "-t", "2", "127.0.0.1:%d" % server.port)
        attempts = self.attempts(run, status=1)
        self.assertEqual(set(attempts), {"rdp", "tls", "nla"})
        for attempt in attempts.values():
            self.verdict(attempt, outcome="aborted", phase="negotiation", ending="timeout",
                         closed_by="deadline")
            self.assertGreaterEqual(attempt["duration_us"], 1_900_000)
            self.assertLessEqual(attempt["duration_us"], 3_000_000)

    def test_not_rdp(self):
        """A server that speaks first and something else."""
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            listener.listen(4)
            port = listener.getsockname()[1]
            argv = [servers.RDPWHY, "probe", *servers.NO_PACE, "-r", "jsonl", "-p", "tls", "-t", "5",
                    "127.0.0.1:%d" % port]
            need(servers.RDPWHY, "no rdpwhy was built")
            with subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                  stderr=subprocess.PIPE, env=environment()) as child:
                connection, _ = listener.accept()
                connection.sendall(b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n")
                out, err = child.communicate(timeout=20)
                connection.close()
        run = servers.Run(argv, child.returncode, out.decode(), err.decode(), 0)
        attempt = self.attempts(run, status=1)["tls"]
        self.verdict(attempt, phase="negotiation", ending="protocol-violation")


class OwnEnd(LiveTest):
    """What happens to the run when the user or the output ends it."""

    def start(self, arguments, **options):
        need(servers.RDPWHY, "no rdpwhy was built")
        return subprocess.Popen([servers.RDPWHY, "probe", *servers.NO_PACE, *arguments], stdin=subprocess.DEVNULL,
                                stderr=subprocess.PIPE, env=environment(), **options)

    def test_interrupt(self):
        with Silent() as server:
            refused = "127.0.0.1:%d" % free_port()
            with self.start(["-r", "jsonl", "-p", "tls", "-j", "2", "-t", "60", refused,
                             "127.0.0.1:%d" % server.port], stdout=subprocess.PIPE) as child:
                first = []
                while not any(b'"attempt"' in line for line in first):
                    line = child.stdout.readline()
                    self.assertTrue(line, b"".join(first))
                    first.append(line)
                time.sleep(0.3)
                began = time.monotonic()
                child.send_signal(signal.SIGINT)
                rest, err = child.communicate(timeout=30)
                seconds = time.monotonic() - began
        run = servers.Run(["probe"], child.returncode, (b"".join(first) + rest).decode(),
                          err.decode(), seconds)
        self.assertEqual(run.status, 130, str(run))
        self.assertLess(seconds, 1.0, str(run))
        self.assertIn(refused, [row["target"] for row in run.of("attempt")], str(run))
        self.assertFalse(any(row.get("complete") for row in run.of("end")), str(run))

    def test_disk_full(self):
        need(os.path.exists("/dev/full"), "no /dev/full here")
        target = "127.0.0.1:%d" % free_port()
        with open("/dev/full", "wb") as full:
            for arguments in (["-r", "jsonl"], ["-r", "text"], []):
                with self.start([*arguments, "-p", "tls", target], stdout=full) as child:
                    _, err = child.communicate(timeout=60)
                self.assertEqual(child.returncode, 4, err)
                self.assertTrue(err, "no word on standard error")
        run = probe("-r", "jsonl=/dev/full", "-p", "tls", target)
        self.assertEqual(run.status, 4, str(run))

    def test_closed_pipe(self):
        target = "127.0.0.1:%d" % free_port()
        reader, writer = os.pipe()
        os.close(reader)
        with self.start(["-r", "jsonl", "-p", "tls", target], stdout=writer) as child:
            os.close(writer)
            child.communicate(timeout=60)
        self.assertEqual(child.returncode, 4)


# A network of its own for one run: packets to 192.0.2.0/24 vanish (nobody answers behind the
# interface, and the neighbour is pinned so that no ARP failure tells), 203.0.113.0/24 is rejected
# by the routing table, and everything else has no route at all.
NETWORK = """\
set -e
ip link set lo up
ip link add v0 type veth peer name v1
ip address add 192.0.2.1/24 dev v0
ip address add fe80::7/64 dev v0 nodad
ip link set v1 up
ip link set v0 up
ip neighbour add 192.0.2.2 lladdr 02:00:00:00:00:02 dev v0
ip route add unreachable 203.0.113.0/24
exec "$@"
"""


class Namespace(LiveTest):
    def setUp(self):
        unshare = servers.find("unshare")
        self.prefix = [unshare or "unshare", "--net",
                       *([] if os.geteuid() == 0 else ["--map-root-user"]),
                       "sh", "-c", NETWORK, "sh"]
        try:
            tried = subprocess.run([*self.prefix, "true"], stdin=subprocess.DEVNULL,
                                   capture_output=True, check=False)
            why = tried.stderr.decode().strip() if tried.returncode else ""
        except FileNotFoundError as error:
            why = str(error)
        if why and os.geteuid() != 0:
            self.skipTest("no network namespace without root here: " + why)
        need(not why, "no network namespace: " + why)

    def test_filtered(self):
        run = probe("-p", "tls", "--connect-timeout", "2", "192.0.2.2", prefix=self.prefix)
        attempt = self.attempts(run, status=1)["tls"]
        self.verdict(attempt, outcome="unreachable", phase="connect", ending="timeout",
                     closed_by="deadline")
        self.assertLessEqual(attempt["duration_us"], 3_000_000)

    def test_zone(self):
        """An IPv6 address with a zone is an address; a zone that is no interface is called one."""
        done = probe("-p", "tls", "fe80::7%v0", prefix=self.prefix)
        host, = done.of("host")
        self.assertEqual(host["target"], "[fe80::7%v0]:3389")
        self.assertEqual([one["rule"] for one in host["findings"]], ["port-refused"], str(done))
        run = probe("-p", "tls", "fe80::1%nowhere", prefix=self.prefix)
        finding, = run.of("host")[0]["findings"]
        self.assertEqual(finding["summary"], "fe80::1%nowhere: this computer has no network "
                                             "interface of that name")
        self.assertNotIn("getent", " ".join(finding.get("checks", [])))

    def test_no_route(self):
        for address, number in (("203.0.113.7", errno.EHOSTUNREACH),
                                ("198.51.100.7", errno.ENETUNREACH)):
            run = probe("-p", "tls", address, prefix=self.prefix)
            attempt = self.attempts(run, status=1)["tls"]
            self.verdict(attempt, outcome="unreachable", phase="connect", ending="no-route",
                         closed_by="network")
            self.assertEqual(attempt["code"]["value"], number, str(attempt))


if __name__ == "__main__":
    servers.main()
