"""Lists: whatever happens to a worker, to the output or to the network, every target has exactly one
record for each of its steps.

One fault server on all addresses of this machine stands for as many hosts as are wanted, for
127.0.0.0/8 is all this machine.
"""

import collections
import json
import os
import resource
import signal
import socket
import subprocess
import tempfile
import threading
import time

import servers
from servers import LiveTest, Peer, Validator, environment, free_port, need

HOOKS = os.environ.get("RDPWHY_TEST_HOOKS") in ("1", "ON", "TRUE", "true")
LOOPBACK_NET = os.path.exists("/proc/net/tcp")  # Linux: every address of 127.0.0.0/8 is this machine
SLOW = 4 if os.environ.get("RDPWHY_SANITIZE") else 1


def addresses(count):
    return ["127.1.%d.%d" % (i // 200, i % 200 + 1) for i in range(count)]


def targets(count, port):
    return ["%s:%d" % (address, port) for address in addresses(count)]


def children(pid):
    """Process ids whose parent is |pid|."""
    found = []
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        try:
            with open("/proc/%s/stat" % name, encoding="ascii", errors="replace") as stat:
                fields = stat.read().rpartition(")")[2].split()
        except OSError:
            continue  # gone in the meantime
        if int(fields[1]) == pid and fields[0] != "Z":
            found.append(int(name))
    return found


def workers(pid):
    """The worker processes of the run |pid|: its fork server's children."""
    return [worker for server in children(pid) for worker in children(server)]


class Accepting:
    """A port on all addresses that takes every connection and never says a word, or drips."""

    def __init__(self, drip=b""):
        self.drip = drip

    def __enter__(self):
        self.socket = socket.create_server(("0.0.0.0", 0), backlog=4096)
        self.port = self.socket.getsockname()[1]
        self.open, self.over = [], False
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()
        return self

    def serve(self):
        self.socket.settimeout(0.1)
        at = 0
        while not self.over:
            try:
                connection, _ = self.socket.accept()
                connection.setblocking(False)
                self.open.append([connection, 0])
            except TimeoutError:
                pass
            except OSError:
                return
            for pair in self.open if self.drip else ():
                try:
                    at = pair[1] % len(self.drip)
                    pair[1] += pair[0].send(self.drip[at:at + 1])
                except OSError:
                    pass

    def __exit__(self, *_):
        self.over = True
        self.thread.join()
        for connection, _ in self.open:
            connection.close()
        self.socket.close()


class ListTest(LiveTest):
    def setUp(self):
        need(servers.RDPWHY, "no rdpwhy was built")
        if not LOOPBACK_NET:
            self.skipTest("127.0.0.0/8 is not all this machine here")
        self.directory = tempfile.TemporaryDirectory(prefix="rdpwhy-lists-")
        self.addCleanup(self.directory.cleanup)

    def path(self, name):
        return os.path.join(self.directory.name, name)

    def write(self, lines, name="hosts"):
        with open(self.path(name), "w", encoding="utf-8") as out:
            out.write("".join(line + "\n" for line in lines))
        return self.path(name)

    def start(self, lines, *arguments, env=None, **options):
        options.setdefault("stdout", subprocess.PIPE)
        return subprocess.Popen(
            [servers.RDPWHY, "probe", *servers.NO_PACE, "-r", "jsonl", *arguments, "-i",
             self.write(lines)],
            stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, env=env or environment(), **options)

    def finish(self, child, timeout=240):
        out, err = child.communicate(timeout=timeout)
        return servers.Run(child.args, child.returncode, out.decode(), err.decode(), 0)

    def run_list(self, lines, *arguments, env=None, **options):
        return self.finish(self.start(lines, *arguments, env=env, **options))

    def check_whole(self, run, labels, steps=1):
        """Exactly one attempt for each step, in plan order, and one host record behind them."""
        attempts, hosts = collections.defaultdict(list), []
        for record in run.records:
            if record["record"] == "attempt":
                self.assertNotIn(record["target"], hosts, "an attempt after its host's record")
                attempts[record["target"]].append(record["ordinal"])
            elif record["record"] == "host":
                hosts.append(record["target"])
        self.assertEqual(sorted(hosts), sorted(labels), run.stderr)
        for label in labels:
            self.assertEqual(attempts[label], list(range(1, steps + 1)), label)
        self.assertTrue(run.of("end")[0].get("complete"), run.stderr)
        self.assertNotIn("Sanitizer", run.stderr)
        validator = Validator()
        for record in run.records[:20] + run.records[-3:]:
            self.assertEqual(validator.complaints(record), [], json.dumps(record))

    def outcomes(self, run):
        return {name: count for name, count in run.of("end")[0]["outcomes"].items() if count}


class Workers(ListTest):
    def test_killed(self):
        """A worker is killed twice in the run; what was with it is tried again."""
        with Peer("--bind", "0.0.0.0", "--fault", "healthy-tls") as peer:
            labels = targets(1500, peer.port)
            child = self.start(labels, "-p", "tls", "-j", "32", "-t", "30")
            killed = []
            reader = []
            thread = threading.Thread(target=lambda: reader.append(child.stdout.read()))
            thread.start()
            while len(killed) < 2 and child.poll() is None:
                time.sleep(0.5)
                fresh = [pid for pid in workers(child.pid) if pid not in killed]
                if fresh:
                    killed.append(fresh[0])
                    os.kill(fresh[0], signal.SIGKILL)
            thread.join()
            child.wait()
            run = servers.Run(child.args, child.returncode, reader[0].decode(),
                              child.stderr.read().decode(), 0)
            child.stdout.close()
            child.stderr.close()
        self.assertEqual(len(killed), 2, "the run was over too soon")
        self.check_whole(run, labels)
        self.assertGreaterEqual(self.outcomes(run).get("completed", 0), 1400)

    def crash(self, how, *arguments, count=40):
        if not HOOKS:
            self.skipTest("this build cannot be made to crash")
        with Peer("--bind", "0.0.0.0", "--fault", "healthy-tls") as peer:
            labels = targets(count, peer.port)
            run = self.run_list(labels, "-p", "tls,rdp", *arguments, env=environment(
                RDPWHY_TEST_CRASH="%s/tls%s" % (labels[7], how)))
        self.check_whole(run, labels, 2)
        return labels[7], run

    def test_crash(self):
        label, run = self.crash("")
        crashed = [row for row in run.of("attempt") if row["ending"] == "crashed"]
        self.assertEqual([(row["target"], row["outcome"], row["closed_by"]) for row in crashed],
                         [(label, "failed", "client")])

    def test_crash_once(self):
        _, run = self.crash("/once")
        self.assertEqual([r for r in run.of("attempt") if r["outcome"] == "failed"], [])

    def test_hang(self):
        label, run = self.crash("/hang", "-t", "2")
        crashed = [row["target"] for row in run.of("attempt") if row["ending"] == "crashed"]
        self.assertEqual(crashed, [label])

    def test_what_was_seen(self):
        """A process that dies within a handshake, and the next one too: the record says how far
        it got, for the second one had told."""
        with Peer("--fault", "silence-demand-active") as peer:
            child = self.start(["127.0.0.1:%d" % peer.port], "-p", "tls", "-t", "60")
            killed = []
            while len(killed) < 2:
                time.sleep(0.1)
                fresh = [pid for pid in workers(child.pid) if pid not in killed]
                if not fresh:
                    continue
                time.sleep(1.5 * SLOW)  # for the handshake to come to where it hangs
                killed.append(fresh[0])
                os.kill(fresh[0], signal.SIGKILL)
            run = self.finish(child)
        attempt = run.of("attempt")[0]
        self.verdict(attempt, outcome="failed", ending="crashed", phase="capabilities",
                     sent_through="secure-settings")
        self.assertEqual(attempt["license"]["result"], "valid-client")
        self.assertIn("licensing", [row["phase"] for row in attempt["phases"]])

    def test_single_host(self):
        if not HOOKS:
            self.skipTest("this build cannot be made to crash")
        with Peer("--fault", "healthy-tls") as peer:
            target = "127.0.0.1:%d" % peer.port
            run = servers.probe("-p", "tls,negotiate", target, env=environment(
                RDPWHY_TEST_CRASH=target + "/tls"))
        attempts = self.attempts(run)
        self.verdict(attempts["tls"], outcome="failed", ending="crashed", phase="negotiation")
        self.assertNotEqual(attempts["negotiate"]["ending"], "crashed")

    def test_nothing_is_left_behind(self):
        with Peer("--bind", "0.0.0.0", "--fault", "healthy-tls") as peer:
            labels = targets(8, peer.port)
            env = environment(TMPDIR=self.directory.name, RDPWHY_TEST_CRASH=labels[0] + "/tls")
            run = self.run_list(labels, "-p", "tls", env=env)
        self.check_whole(run, labels)
        self.assertEqual(os.listdir(self.directory.name), ["hosts"])


class Output(ListTest):
    def test_order(self):
        """Several steps of a host at once: still reported in plan order."""
        with Peer("--bind", "0.0.0.0", "--fault", "healthy-tls") as peer:
            labels = targets(60, peer.port)
            run = self.run_list(labels, "-p", "tls,rdp,negotiate,nla", "--per-host", "4")
        self.check_whole(run, labels, 4)

    def test_disk_full(self):
        need(os.path.exists("/dev/full"), "no /dev/full here")
        with Peer("--bind", "0.0.0.0", "--fault", "healthy-tls") as peer, \
                open("/dev/full", "wb") as full:
            child = self.start(targets(100, peer.port), "-p", "tls", stdout=full)
            _, err = child.communicate(timeout=60)
        self.assertEqual(child.returncode, 4, err)
        self.assertTrue(err)

    def test_reader_gone(self):
        with Peer("--bind", "0.0.0.0", "--fault", "healthy-tls") as peer:
            child = self.start(targets(400, peer.port), "-p", "tls")
            child.stdout.readline()
            child.stdout.close()
            err = child.stderr.read()
            child.stderr.close()
            self.assertEqual(child.wait(60), 4, err)
            self.assertEqual(workers(child.pid), [])

    def test_resume(self):
        with Peer("--bind", "0.0.0.0", "--fault", "healthy-tls") as peer:
            labels = targets(60, peer.port)
            whole = self.run_list(labels, "-p", "tls,rdp")
            cut = whole.stdout[:len(whole.stdout) // 2]
            self.assertNotEqual(cut[-1], "\n")
            with open(self.path("cut.jsonl"), "w", encoding="utf-8") as out:
                out.write(cut)
            rest = self.run_list(labels, "-p", "tls,rdp", "--resume", self.path("cut.jsonl"))
            again = self.run_list(labels, "-p", "tls", "--resume", self.path("cut.jsonl"))
            # appended to what was cut off, and cut off once more
            with open(self.path("cut.jsonl"), "a", encoding="utf-8") as out:
                out.write(rest.stdout[:len(rest.stdout) // 2])
            third = self.run_list(labels, "-p", "tls,rdp", "--resume", self.path("cut.jsonl"))
            with open(self.path("rest.jsonl"), "w", encoding="utf-8") as out:
                out.write(rest.stdout)
            both = self.run_list(labels, "-p", "tls,rdp", "--resume", self.path("cut.jsonl"),
                                 "--resume", self.path("rest.jsonl"))
        done = [json.loads(line)["target"] for line in cut.split("\n")[:-1] if '"host"' in line
                and json.loads(line)["record"] == "host"]
        self.assertTrue(done)
        self.assertLess(len(third.of("host")), len(rest.of("host")))
        self.assertTrue(third.of("end")[0]["complete"])
        self.assertIn("all targets were already probed", both.stderr)
        self.check_whole(rest, [label for label in labels if label not in done], 2)
        self.assertEqual((again.status, again.stdout), (2, ""))
        self.assertIn("other profiles", again.stderr)

    def test_resume_of_a_whole_run(self):
        closed = "127.0.0.1:%d" % free_port()
        whole = self.run_list([closed], "-p", "tls")
        with open(self.path("whole.jsonl"), "w", encoding="utf-8") as out:
            out.write(whole.stdout)
        run = self.run_list([closed], "-p", "tls", "--resume", self.path("whole.jsonl"))
        self.assertEqual((run.status, run.stdout), (0, ""))
        for option in ("-rcsv=", "--save=", "--trace="):
            run = self.run_list([closed], "--resume", self.path("whole.jsonl"), "-p", "tls",
                                option + self.path("whole.jsonl"))
            self.assertEqual(run.status, 2, str(run))
            self.assertIn("would be overwritten", run.stderr)

    def test_progress(self):
        with Accepting() as server:
            child = self.start(targets(20, server.port), "-p", "tls", "-t", "3")
            time.sleep(1)
            child.send_signal(signal.SIGUSR1)
            run = self.finish(child)
            self.assertRegex(run.stderr, r"^rdpwhy: 0 of 20 hosts")
            run = self.run_list(targets(20, server.port), "-p", "tls", "-t", "1",
                                "--progress", "always")
            self.assertRegex(run.stderr, r"^rdpwhy: \d+ of 20 hosts")


class Closing:
    """A port on all addresses that closes every connection; when it took which, by address."""

    def __enter__(self):
        self.socket = socket.create_server(("0.0.0.0", 0), backlog=4096)
        self.port = self.socket.getsockname()[1]
        self.times, self.over = collections.defaultdict(list), False
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()
        return self

    def serve(self):
        self.socket.settimeout(0.1)
        while not self.over:
            try:
                connection, _ = self.socket.accept()
            except TimeoutError:
                continue
            self.times[connection.getsockname()[0]].append(time.monotonic())
            connection.close()

    def __exit__(self, *_):
        self.over = True
        self.thread.join()
        self.socket.close()


class Pace(ListTest):
    def apart(self, times):
        return min(later - earlier for earlier, later in zip(times, times[1:]))

    def test_pause(self):
        """Between the connections of a host, several at once among them, and not between hosts."""
        for more in ((), ("--per-host", "3")):
            with Closing() as server:
                labels = targets(40, server.port)
                began = time.monotonic()
                run = servers.probe("--pause", "150", "-p", "negotiate,rdp,tls,nla", *more, *labels,
                                    pace=True)
                seconds = time.monotonic() - began
            self.check_whole(run, labels, 4)
            self.assertEqual(len(server.times), 40)
            for times in server.times.values():
                # the fifth: whether the port speaks TLS from the first byte
                self.assertEqual(len(times), 5)
                # taken by another process: now and then a little late
                self.assertGreater(self.apart(times), 0.15 - 0.1)
                self.assertGreater(times[-1] - times[0], 4 * 0.15 - 0.1)
            self.assertLess(seconds, 4 * SLOW)

    def test_second_try(self):
        """Once more after a second, and said so; never where that is not wanted."""
        with Closing() as server:
            target = "127.0.0.1:%d" % server.port
            run = servers.probe("-p", "tls", target, pace=True)
            text = servers.rdpwhy("probe", "-p", "tls", target, pace=True).stdout
            never = servers.probe("-p", "tls", "--second-try", "0", target, pace=True)
        attempt = self.attempts(run, status=1)["tls"]
        self.assertEqual(attempt["variation"], "again")
        self.assertEqual(attempt["first_try"]["ending"], attempt["ending"])
        host, = run.of("host")
        self.assertEqual(host["footprint"]["connections"], 3)
        self.assertEqual(host["footprint"]["second_tries"], 1)
        self.assertEqual(host["footprint"]["tls_first"], 1)
        self.assertIn("and the same when tried again", host["findings"][0]["because"][0])
        # the second connection asks for TLS at once
        times = server.times["127.0.0.1"]
        self.assertGreater(times[2] - times[0], 0.95)
        self.assertIn("Tried again: tls (the same end)\n"
                      "Footprint: 3 connections (1 to try again, 1 to see whether the port speaks ",
                      text)
        self.assertNotIn("variation", self.attempts(never, status=1)["tls"])
        self.assertEqual(len(server.times["127.0.0.1"]), 7)


class Waiting(ListTest):
    """The list comes from somebody who takes his time."""

    def begin(self, *arguments):
        return subprocess.Popen(
            [servers.RDPWHY, "probe", *servers.NO_PACE, "-r", "jsonl", "-p", "tls", *arguments,
             "-i", "-"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            env=environment())

    def write_lines(self, child, labels):
        child.stdin.write("".join(label + "\n" for label in labels).encode())
        child.stdin.flush()

    def test_slow_input(self):
        """What is known is probed and reported, and no server pays for the wait."""
        with Peer("--bind", "0.0.0.0", "--fault", "healthy-tls") as peer:
            labels = targets(21, peer.port)
            child = self.begin("-t", "3")
            self.write_lines(child, labels[:20])
            child.stdin.write(labels[20][:5].encode())  # and half of the next line
            child.stdin.flush()
            seen = []
            while sum(b'"record":"host"' in line for line in seen) < 20:
                line = child.stdout.readline()
                self.assertTrue(line, b"".join(seen))
                seen.append(line)
            time.sleep(4)  # longer than an attempt may take
            self.write_lines(child, [labels[20][5:]])
            out, err = child.communicate(timeout=60)
        run = servers.Run(child.args, child.returncode, (b"".join(seen) + out).decode(),
                          err.decode(), 0)
        self.check_whole(run, labels)
        self.assertEqual(self.outcomes(run), {"completed": 21})

    def test_burst(self):
        """Many targets at once, when a few of the workers' threads have nothing to do: no server is
        called silent that nothing was sent to, and none that answers pays for those that do not."""
        with Peer("--bind", "0.0.0.0", "--fault", "healthy-tls") as peer, Accepting() as server:
            good, silent = targets(30, peer.port), targets(40, server.port)
            child = self.begin("-t", str(2 * SLOW), "-j", "64")
            self.write_lines(child, good[:20])
            seen = []
            while sum(b'"record":"host"' in line for line in seen) < 20:
                line = child.stdout.readline()
                self.assertTrue(line, b"".join(seen))
                seen.append(line)
            time.sleep(0.5)  # for the threads to have nothing to do
            self.write_lines(child, silent + good[20:])
            out, err = child.communicate(timeout=120)
        run = servers.Run(child.args, child.returncode, (b"".join(seen) + out).decode(),
                          err.decode(), 0)
        self.check_whole(run, good + silent)
        for attempt in run.of("attempt"):
            if attempt["outcome"] == "failed":
                continue  # where this machine is too busy for 50 attempts: our fault, and said so
            if attempt["target"] in silent:
                self.verdict(attempt, outcome="aborted", ending="timeout", phase="negotiation",
                             sent_through="negotiation")
            else:
                self.verdict(attempt, outcome="completed")
                self.assertLess(attempt["duration_us"], 2_000_000 * SLOW, attempt)

    def test_interrupt(self):
        """While nothing comes."""
        with Peer("--bind", "0.0.0.0", "--fault", "healthy-tls") as peer:
            child = self.begin()
            self.write_lines(child, targets(5, peer.port))
            seen = []
            while sum(b'"record":"host"' in line for line in seen) < 5:
                seen.append(child.stdout.readline())
            began = time.monotonic()
            child.send_signal(signal.SIGINT)
            child.wait(timeout=60)
            seconds = time.monotonic() - began
            last = child.stdout.read().splitlines()[-1]
            for pipe in (child.stdin, child.stdout, child.stderr):
                pipe.close()
        self.assertEqual(child.returncode, 130)
        self.assertLess(seconds, 1.0 * SLOW)
        self.assertEqual(json.loads(last)["record"], "end")

    def test_strict_pipe(self):
        """A named pipe is read whole before anything is sent, too."""
        path = self.path("pipe")
        os.mkfifo(path)
        with Peer("--bind", "0.0.0.0", "--fault", "healthy-tls") as peer:
            child = subprocess.Popen(
                [servers.RDPWHY, "probe", "--strict", "-r", "jsonl", "-p", "tls", "-i", path],
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                env=environment())
            with open(path, "w", encoding="utf-8") as out:
                out.write("".join(label + "\n" for label in targets(50, peer.port)))
                out.flush()
                time.sleep(1)
                out.write("bad line\n")
            out, err = child.communicate(timeout=60)
        self.assertEqual((child.returncode, out), (2, b""), err)
        self.assertIn(b":51: ", err)


class Network(ListTest):
    def test_few_descriptors(self):
        def limit():
            resource.setrlimit(resource.RLIMIT_NOFILE, (256, 256))

        with Peer("--bind", "0.0.0.0", "--fault", "healthy-tls") as peer:
            labels = targets(300, peer.port)
            run = self.run_list(labels, "-p", "tls", "-j", "64", "-t", "60", preexec_fn=limit)
        self.check_whole(run, labels)
        self.assertEqual(self.outcomes(run), {"completed": 300})

    def test_silent(self):
        """500 hosts take the connection and say nothing."""
        with Accepting() as server:
            labels = targets(500, server.port)
            run = self.run_list(labels, "-p", "tls", "-t", str(2 * SLOW), "-j", "128")
        self.check_whole(run, labels)
        self.assertEqual({(row["outcome"], row["ending"], row["phase"])
                          for row in run.of("attempt")}, {("aborted", "timeout", "negotiation")})

    def test_drip(self):
        """The start of a long PDU, a byte at a time: no end but the deadline's."""
        with Accepting(drip=bytes.fromhex("03000800") + bytes(2044)) as server:
            labels = targets(60, server.port)
            run = self.run_list(labels, "-p", "tls", "-t", "3")
        self.check_whole(run, labels)
        self.assertEqual(self.outcomes(run), {"aborted": 60})
        for row in run.of("attempt"):
            self.assertLessEqual(row["duration_us"], (4 if SLOW == 1 else 8) * 1_000_000, row)

    def test_name_service_does_not_answer(self):
        """Names that hang do not keep the others from being probed."""
        if not HOOKS:
            self.skipTest("this build's name service cannot be made to hang")
        with Peer("--fault", "healthy-tls") as peer:
            labels = ["host%d.slow.invalid:3389" % i for i in range(150)]
            labels.insert(100, "127.0.0.1:%d" % peer.port)
            began = time.monotonic()
            run = self.run_list(labels, "-p", "tls,rdp", "--connect-timeout", "1", env=environment(
                RDPWHY_TEST_SLOW_DNS=".slow.invalid"))
            seconds = time.monotonic() - began
        self.check_whole(run, labels, 2)
        self.assertLess(seconds, 15 * SLOW)
        first = [row for row in run.of("attempt") if row["ordinal"] == 1]
        self.assertEqual(collections.Counter((row["phase"], row["ending"]) for row in first),
                         {("resolve", "timeout"): 150, ("active", "done"): 1})

    def test_closed(self):
        """Nothing is dialled again where nobody listens, and no worker's memory is spent on it."""
        labels = targets(2000, free_port())
        run = self.run_list(labels, "-p", "tls,rdp,nla")
        self.check_whole(run, labels, 3)
        self.assertEqual(self.outcomes(run), {"unreachable": 2000, "skipped": 4000})

    def interrupt(self, times, *arguments):
        """A list of closed and silent targets, interrupted: its closed and silent
        targets, the run, and the seconds it took from then on."""
        with Accepting() as server:
            # so few that their records fit into the pipe: nobody reads until the run is over
            closed, silent = targets(10, free_port()), targets(40, server.port)
            child = self.start(closed + silent, "-p", "tls", "-j", "20", *arguments)
            time.sleep(3)
            began = time.monotonic()
            for _ in range(times):
                child.send_signal(signal.SIGINT)
                time.sleep(0.1)
            run = self.finish(child)
            seconds = time.monotonic() - began
        self.assertEqual(run.status, 130, run.stderr)
        return closed, silent, run, seconds

    def test_interrupt(self):
        """What is under way has its deadline, nothing more is begun."""
        closed, silent, run, seconds = self.interrupt(1, "-t", "8")
        self.assertIn("press Ctrl-C again to stop now", run.stderr)
        self.assertLess(seconds, 8)
        hosts = [row["target"] for row in run.of("host")]
        self.assertEqual(len(hosts), len(set(hosts)))
        self.assertLessEqual(set(closed), set(hosts))
        waited = [row for row in run.of("attempt") if row["target"] in silent]
        self.assertEqual({row["ending"] for row in waited}, {"timeout"})
        self.assertEqual(len(waited), 20)
        self.assertNotIn("complete", run.of("end")[0])

    def test_interrupt_twice(self):
        """Ends now: what was finished has been written before."""
        closed, _, run, seconds = self.interrupt(2, "-t", "60")
        self.assertLess(seconds, 1.0 * SLOW)
        self.assertEqual(sorted(row["target"] for row in run.of("host")), sorted(closed))
        self.assertEqual(run.of("end"), [])

    def test_ranges_and_duplicates(self):
        port = free_port()
        lines = ["127.2.0.0/24:%d" % port, "127.2.0.7:%d" % port, "# nothing", "not a target",
                 "127.2.0.255:%d" % port]
        run = self.run_list(lines, "-p", "tls")
        labels = ["127.2.0.%d:%d" % (i, port) for i in range(1, 256)]
        self.check_whole(run, labels)
        self.assertIn("hosts:4: ", run.stderr)
        self.assertIn("1 target(s) were given more than once", run.stderr)


if __name__ == "__main__":
    servers.main()
