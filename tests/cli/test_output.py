# SPDX-License-Identifier: Apache-2.0
"""Where reports go, and that what cannot be written never looks like success."""
import fcntl
import json
import os
import pty
import stat
import struct
import subprocess
import termios
import unittest

import support
from support import RDPWHY, CliTest, Closed, Peer, environment, need, rdpwhy

HAS_FULL = os.path.exists("/dev/full")


class Reports(CliTest):
    def test_two_reports(self):
        with Closed() as target:
            run = self.check(rdpwhy("probe", "-p", "tls", target, "-r", "text",
                                    "-r", "jsonl=" + self.path("run.jsonl")), 1, err="")
            self.assertTrue(run.out.startswith(target + ": unreachable"), run)
            kinds = [json.loads(line)["record"] for line in self.read("run.jsonl").splitlines()]
            self.assertEqual(kinds, ["run", "attempt", "host", "end"])

    def test_a_list_ends_with_the_command_for_details(self):
        targets = ["127.0.0.%d:1" % i for i in range(1, 10)]
        line = "Details of one host: rdpwhy probe HOST"
        run = self.check(rdpwhy("probe", "-p", "tls", *targets), 1, err="")
        self.assertEqual(run.out.splitlines()[-1], line, run)
        self.assertEqual(run.out.count(line), 1)
        for arguments in (["-q", *targets], targets[:8], ["-v", *targets]):
            run = self.check(rdpwhy("probe", "-p", "tls", *arguments), 1, err="")
            self.assertNotIn(line, run.out)

    def test_report_to_standard_output_by_name(self):
        with Closed() as target:
            run = self.check(rdpwhy("probe", "-p", "tls", target, "-r", "jsonl=-"), 1, err="")
            self.assertTrue(run.out.startswith('{"schema":"rdpwhy/1","record":"run"'), run)

    def test_only_files(self):
        with Closed() as target:
            self.check(rdpwhy("probe", "-p", "tls", target, "-r", "text=" + self.path("a"),
                              "-r", "jsonl=" + self.path("b")), 1, out="", err="")
            self.assertIn("unreachable", self.read("a"))

    def test_unwritable_report(self):
        path = self.path("no/such/folder")
        self.check(rdpwhy("probe", "srv1.invalid", "-r", "jsonl=" + path), 2, out="",
                   err="rdpwhy: --report: cannot write '%s': No such file or directory\n" % path)

    def test_unwritable_trace(self):
        path = self.path("no/such/folder")
        self.check(rdpwhy("probe", "srv1.invalid", "--trace", path), 2, out="",
                   err="rdpwhy: --trace: cannot write '%s': No such file or directory\n" % path)

    def test_trace(self):
        with Closed() as target:
            self.check(rdpwhy("probe", "-p", "tls,rdp", target, "--trace", self.path("t")), 1,
                       err="")
            lines = [json.loads(line) for line in self.read("t").splitlines()]
            self.assertEqual([r["record"] for r in lines].count("trace"), 2)
            mode = stat.S_IMODE(os.stat(self.path("t")).st_mode)
            self.assertEqual(mode, 0o600)

    def test_trace_over_a_file_others_may_read(self):
        path = self.write("t", "old\n", 0o644)
        with Closed() as target:
            self.check(rdpwhy("probe", "-p", "tls", target, "--trace", path), 1, err="")
        self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o600)
        self.assertNotIn("old", self.read("t"))

    def test_lines_are_flushed(self):
        """The first record is there while the attempt is still waiting."""
        with support.Silent() as target:
            process = subprocess.Popen([RDPWHY, "probe", "-p", "tls", "-t", "5", "-r", "jsonl",
                                        target], stdout=subprocess.PIPE, env=environment())
            try:
                self.assertIn(b'"record":"run"', process.stdout.readline())
            finally:
                process.kill()
                process.communicate()

    def test_terminal_has_colors(self):
        for variables, colored in (({"TERM": "xterm"}, True), ({"TERM": "dumb"}, False),
                                   ({"TERM": "xterm", "NO_COLOR": "1"}, False),
                                   ({"TERM": "xterm", "NO_COLOR": ""}, True)):
            with self.subTest(variables), Closed() as target:
                text = self.on_a_terminal(variables, "probe", "-p", "tls", target)
                self.assertEqual("\033[" in text, colored, text)

    def test_text_follows_the_terminal(self):
        """Lines end where the terminal does, within reason; where there is none, at 100."""
        for commands in (("probe", "-p", "tls"), ("probe", "-v", "-p", "tls"),
                         ("explain", "server-denied")):
            longest = {}
            for columns in (60, 130, 0):
                with Closed() as target:
                    text = self.on_a_terminal({"TERM": "dumb"}, *commands,
                                              *([target] if commands[0] == "probe" else []),
                                              columns=columns)
                # what has no blank cannot be broken
                longest[columns] = max(len(line) for line in text.splitlines()
                                       if " " in line.strip() and "powershell" not in line)
            with self.subTest(commands):
                self.assertLessEqual(longest[130], 130)
                self.assertGreater(longest[130], 100)
                self.assertLessEqual(longest[0], 100)
                self.assertLess(longest[60], longest[0])

    def test_wireshark_is_told_once_how_to_decode(self):
        """Where TLS is on another port than 3389, and in the comment of each file."""
        folder = self.path("captures")
        with support.Peer("healthy-tls") as target:
            port = target.rsplit(":", 1)[1]
            run = self.check(rdpwhy("probe", "-p", "tls", "--repeat", "2", "--capture", folder,
                                    target), 0)
            self.assertEqual(run.err.count("tshark -r FILE -d tls.port==%s,tpkt" % port), 1, run)
            quiet = self.check(rdpwhy("probe", "-q", "-p", "tls", "--capture", folder, target), 0,
                               err="")
            self.assertNotIn("tshark", quiet.out)
        for name in os.listdir(folder):
            with open(os.path.join(folder, name), "rb") as file:
                self.assertIn(b"tshark -r FILE -d tls.port==%s,tpkt" % port.encode(), file.read())

    def on_a_terminal(self, variables, *arguments, columns=80):
        controller, terminal = pty.openpty()
        fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        process = subprocess.Popen([RDPWHY, *arguments], stdin=subprocess.DEVNULL, stdout=terminal,
                                   stderr=subprocess.DEVNULL, env=environment(**variables))
        os.close(terminal)
        text = b""
        while True:
            try:
                part = os.read(controller, 65536)
            except OSError:  # Linux: the other side is closed
                part = b""
            if not part:
                break
            text += part
        process.wait()
        os.close(controller)
        return text.decode()


class Failures(CliTest):
    """Exit code 4, and a message that names what could not be written."""

    def commands(self, target):
        return (("--version",), ("--help",), ("probe", "--help"), ("list", "phases"),
                ("probe", "-p", "tls", target), ("probe", "-q", "-p", "tls", target),
                ("probe", "-p", "tls", "-r", "jsonl", target))

    def test_full_disk(self):
        need(HAS_FULL, "there is no /dev/full here")
        with Closed() as target, open("/dev/full", "wb") as full:
            for arguments in self.commands(target):
                with self.subTest(arguments):
                    run = self.check(rdpwhy(*arguments, stdout=full), 4)
                    self.assertEqual(run.err.count("\n"), 1, run)
                    self.assertIn("standard output: No space left on device", run.err)

    def test_full_disk_under_a_file(self):
        need(HAS_FULL, "there is no /dev/full here")
        with Closed() as target:
            for report in ("text", "jsonl"):
                run = self.check(rdpwhy("probe", "-p", "tls", "-r", report + "=/dev/full", target),
                                 4)
                self.assertEqual(run.err, "rdpwhy: %s report on /dev/full: No space left on "
                                          "device\n" % report)
            run = self.check(rdpwhy("probe", "-p", "tls", "--trace", "/dev/full", target), 4)
            self.assertEqual(run.err, "rdpwhy: trace on /dev/full: No space left on device\n")

    def test_healthy_is_no_excuse(self):
        need(HAS_FULL, "there is no /dev/full here")
        with Peer("healthy-tls") as target, open("/dev/full", "wb") as full:
            self.check(rdpwhy("probe", "-p", "tls", target, stdout=full), 4)

    def test_closed_pipe(self):
        with Closed() as target:
            for arguments in self.commands(target):
                with self.subTest(arguments):
                    reader, writer = os.pipe()
                    os.close(reader)
                    run = rdpwhy(*arguments, stdout=writer)
                    os.close(writer)
                    self.check(run, 4, err="")

    def test_closed_pipe_of_explain_and_diff(self):
        runs = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "fixtures",
                            "runs")
        for arguments in (("explain", "0x904/0x7"), ("explain", "-r", "jsonl", "7"),
                          ("diff", runs + "/before.jsonl", runs + "/after.jsonl"),
                          ("list", "error-info")):
            with self.subTest(arguments):
                reader, writer = os.pipe()
                os.close(reader)
                self.check(rdpwhy(*arguments, stdout=writer), 4, err="")
                os.close(writer)

    def test_closed_pipe_ends_no_other_report(self):
        """`| head` on a list: the saved run has all of it."""
        with Closed() as target:
            reader, writer = os.pipe()
            os.close(reader)
            self.check(rdpwhy("probe", "-q", "-j", "1", "-p", "tls", target, "127.0.0.2:1", "127.0.0.3:1",
                              "--save", self.path("run"), "-r", "text", stdout=writer), 4, err="")
            os.close(writer)
        kinds = [json.loads(line)["record"] for line in self.read("run").splitlines()]
        self.assertEqual((kinds.count("host"), kinds[-1]), (3, "end"))

    def test_closed_standard_output(self):
        """>&- : no socket may take descriptor 1, and silence is no success."""
        for arguments in ("--version", "list phases", "probe -p tls 127.0.0.1:1"):
            done = subprocess.run(["sh", "-c", '"$0" %s >&-' % arguments, RDPWHY],
                                  stderr=subprocess.PIPE, env=environment(), check=False)
            self.assertEqual(done.returncode, 4, done.stderr)

    def test_library_logs_stay_off_standard_output(self):
        with Peer("fin-tls") as target:
            run = rdpwhy("probe", "-p", "tls", "-r", "jsonl", target,
                         env=environment(WLOG_LEVEL="TRACE"))
            self.check(run, 1)
            for line in run.out.splitlines():
                json.loads(line)


if __name__ == "__main__":
    support.main()
