"""Where KDCs are found, and how long nothing waits for them, in a network of its own: a name server
that knows SRV records, none at all, and one that swallows what it is asked."""

import contextlib
import os
import socket
import subprocess
import sys
import tempfile
import threading

import servers
from servers import Kdc, LiveTest, Peer, Server, Shadow, environment, find, free_port, need, probe

HOST = "srv.test.lan"
ACCOUNT = "%s@%s" % (Kdc.USER, Kdc.REALM)
INSIDE = "RDPWHY_TEST_NETWORK"  # in the namespaces; its value: the folder of resolv.conf


class NameServer(Server):
    """dnsmasq on 127.0.0.1:53: |records| are (port, priority) of KDCs at kdc.test.lan."""

    def __init__(self, *records):
        self.records = records

    def start(self):
        program = find("dnsmasq")
        need(program, "dnsmasq is not installed")
        argv = [program, "--keep-in-foreground", "--no-hosts", "--no-resolv", "--conf-file=/dev/null",
                "--pid-file", "--user=root", "--group=root", "--listen-address=127.0.0.1",
                "--bind-interfaces", "--local=/lan/", "--address=/test.lan/127.0.0.1"]
        argv += ["--srv-host=_kerberos._tcp.%s,kdc.test.lan,%d,%d" % (Kdc.REALM.lower(), port, priority)
                 for port, priority in self.records]
        self.server = self.spawn("dnsmasq", argv)
        self.server.wait_for(lambda: servers.listening(53), "dnsmasq")


class Swallowing:
    """A name server that answers nothing."""

    def __enter__(self):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 53))
        self.asked = 0
        threading.Thread(target=self.serve, daemon=True).start()
        return self

    def serve(self):
        with contextlib.suppress(OSError):
            while self.socket.recv(4096):
                self.asked += 1

    def __exit__(self, *_):
        self.socket.close()


class Dns(LiveTest):
    def probe(self, target, profiles, *arguments, account=ACCOUNT, config="/nonexistent",
              password=Kdc.PASSWORD):
        return probe("-p", profiles, "-t", "20",
                     "--until", "active", "-u", account, *arguments, target,
                     env=environment(KRB5_CONFIG=config, RDPWHY_PASSWORD=password))

    def test_srv(self):
        """By priority, and the next one where the first is gone."""
        with Kdc() as kdc:
            dead = free_port()
            with NameServer((kdc.port, 20), (dead, 10)), \
                    Shadow(keytab=kdc.service(HOST), env={"KRB5_CONFIG": kdc.path("krb5.conf")}) \
                    as shadow:
                run = self.probe("%s:%d" % (HOST, shadow.port), "nla-kerberos")
                attempt = self.attempts(run, status=0)["nla-kerberos"]
                self.verdict(attempt, outcome="completed", phase="active")
                self.assertEqual(attempt["kerberos"]["kdc"],
                                 "kdc.test.lan:%d (DNS SRV), kdc.test.lan:%d (DNS SRV)"
                                 % (dead, kdc.port))
                self.assertEqual(attempt["kerberos"]["steps"], ["kdc", "as", "tgs", "ap"])
            with NameServer((dead, 10)), Peer("--fault", "healthy-nla") as peer:
                run = self.probe("%s:%d" % (HOST, peer.port), "nla-kerberos")
                self.unreachable(run, "kdc.test.lan:%d (DNS SRV)" % dead, "refused")
                # and what the configuration forbids is not asked
                config = kdc.config(name="nowhere.conf")
                run = self.probe("%s:%d" % (HOST, peer.port), "nla-kerberos", config=config)
                self.unreachable(run, "no KDC is known for the realm " + Kdc.REALM)

    def unreachable(self, run, *words):
        attempt = self.attempts(run, status=1)["nla-kerberos"]
        self.verdict(attempt, outcome="aborted", phase="kerberos", ending="kdc-unreachable",
                     closed_by="kdc", answer="kerberos")
        for word in words:
            self.assertIn(word, attempt["reason"])
        self.assertIn("kdc-unreachable",
                      [finding["rule"] for finding in run.of("host")[0]["findings"]])

    def check_no_kerberos(self, least, most):
        """Without any configuration of Kerberos: no ticket, no wait beyond the time of
        --connect-timeout, and NTLM where a client would go on with it."""
        with Peer("--fault", "healthy-nla") as peer:
            target = "localhost:%d" % peer.port
            run = self.probe(target, "nla-kerberos", "--connect-timeout", "2")
            self.unreachable(run, "no KDC is known for the realm " + Kdc.REALM)
            self.assertLess(run.seconds, most, str(run))
            self.assertGreaterEqual(run.seconds, least, str(run))
            run = self.probe(target, "nla", "--connect-timeout", "2", "--realm", Kdc.REALM,
                             account="foo", password="bar")
            attempt = self.attempts(run, status=0)["nla"]
            self.verdict(attempt, outcome="completed", phase="active")
            self.assertEqual(attempt["credssp"]["package"], "ntlm")
            self.assertIn("no ticket", attempt["kerberos"]["given_up"])
            self.assertLess(run.seconds, most + 2, str(run))
            # where nothing tells a realm, no name server is asked
            for account in "foo", "CORP\\foo":
                run = self.probe(target, "nla", account=account, password="bar")
                attempt = self.attempts(run)["nla"]
                self.assertEqual(attempt["credssp"]["package"], "ntlm")
                self.assertIn("no realm", attempt["kerberos"]["given_up"])
                self.assertLess(run.seconds, 5, str(run))

    def test_no_name_server(self):
        self.check_no_kerberos(0, 5)

    def test_swallowed(self):
        with Swallowing() as server:
            self.check_no_kerberos(1, 6)
            self.assertGreater(server.asked, 0)


def enter():
    """This file once more, in namespaces where port 53 and /etc/resolv.conf are its own."""
    unshare, ip = find("unshare"), find("ip")
    need(unshare and ip, "unshare and ip are not installed")
    with tempfile.TemporaryDirectory(prefix="rdpwhy-live-") as scratch:
        for name, text in (("resolv.conf", "nameserver 127.0.0.1\n"),
                           ("hosts", "127.0.0.1 localhost\n::1 localhost\n")):
            with open(os.path.join(scratch, name), "w", encoding="ascii") as out:
                out.write(text)
        script = ('ip link set lo up && mount --bind "$0/resolv.conf" /etc/resolv.conf && '
                  'mount --bind "$0/hosts" /etc/hosts && exec "$@"')
        argv = [unshare, "--net", "--mount", *([] if os.geteuid() == 0 else ["--map-root-user"]),
                "sh", "-c", script, scratch]
        tried = subprocess.run([*argv, "true"], stdin=subprocess.DEVNULL, capture_output=True)
        need(tried.returncode == 0, "no network namespace can be made")
        return subprocess.run([*argv, sys.executable, *sys.argv], env=dict(os.environ, **{INSIDE: "1"}),
                              stdin=subprocess.DEVNULL).returncode


if __name__ == "__main__":
    if os.environ.get(INSIDE):
        servers.main()
    else:
        try:
            sys.exit(enter())
        except servers.unittest.SkipTest as why:
            print("skipped: %s" % why)
            sys.exit(servers.SKIPPED)
