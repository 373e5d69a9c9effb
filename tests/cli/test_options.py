# SPDX-License-Identifier: Apache-2.0
"""Every option of probe: what it does, and what it says when it is used wrongly."""
import json
import os
import ssl
import time

import support
from support import CliTest, Closed, Peer, Silent, environment, rdpwhy


def records(run, kind=None):
    found = [json.loads(line) for line in run.out.splitlines()]
    return [r for r in found if kind is None or r["record"] == kind]


def options_of(run):
    return records(run, "run")[0]["options"]


class Wrong(CliTest):
    """Wrong usage: exit code 2, nothing on standard output, a message that names the option."""

    CASES = (
        (("-p", "foo"), "--profile: unknown profile 'foo' (try: rdpwhy list profiles)"),
        (("--profile=tls,bar",), "--profile: unknown profile 'bar' (try: rdpwhy list profiles)"),
        (("-l", "old"), "--license: unknown license mode 'old' (try: rdpwhy list licenses)"),
        (("--license-store", ""), "--license-store: the directory has no name"),
        (("--until", "end"), "--until: unknown phase 'end' (try: rdpwhy list phases)"),
        (("-t", "soon"), "--timeout: 'soon' is not a number of seconds"),
        (("-t", ""), "--timeout: '' is not a number of seconds"),
        (("-t", "0"), "--timeout: 0 is out of range (more than 0, at most 3600 seconds)"),
        (("-t", "3601"), "--timeout: 3601 is out of range (more than 0, at most 3600 seconds)"),
        (("--connect-timeout", "-1"), "--connect-timeout: '-1' is not a number of seconds"),
        (("-j", "0"), "--jobs: 0 is out of range (1 to 10000)"),
        (("-j", "many"), "--jobs: 'many' is not a whole number"),
        (("--per-host", "0"), "--per-host: 0 is out of range (1 to 1000)"),
        (("--rate", "0"), "--rate: 0 is out of range (1 to 1000000)"),
        (("--rate", "1.5"), "--rate: '1.5' is not a whole number"),
        (("--repeat", "-3"), "--repeat: '-3' is not a whole number"),
        (("-r", "xml"), "--report: unknown format 'xml' (try: rdpwhy list formats)"),
        (("-r", "jsonl", "-r", "text"), "--report: two reports go to standard output"),
        (("-r", "jsonl="), "--report: 'jsonl=' has no file name"),
        (("-4", "-6"), "--ipv4 and --ipv6 cannot be combined"),
        (("-q", "-v"), "--quiet and --verbose cannot be combined"),
        (("--progress", "red"), "--progress: 'red' is not one of auto, always, never"),
        (("--resume", "/nonexistent"), "--resume: cannot read '/nonexistent': No such file or directory"),
        (("--color", "red"), "--color: 'red' is not one of auto, always, never"),
        (("--cookie", ""), "--cookie: '' is empty"),
        (("--cookie", "a b"), "--cookie: 'a b' has a space or a character that is not ASCII"),
        (("--cookie", "x" * 201), "--cookie: '%s' is longer than 200 characters" % ("x" * 201)),
        (("--load-balance-info", "a\nb"),
         "--load-balance-info: 'a\\x0ab' has a character that is not printable ASCII"),
        (("--vmconnect", "machine"),
         "--vmconnect: 'machine' is not a GUID (01234567-89ab-cdef-0123-456789abcdef)"),
        (("--pcb", ""), "--pcb: '' is empty"),
        (("--pcb", "x" * 512), "--pcb: '%s' is longer than 511 characters" % ("x" * 60)),
        (("--follow", "--no-follow"), "--follow and --no-follow cannot be combined"),
        (("--pcb", "x", "--vmconnect", "01234567-89ab-cdef-0123-456789abcdef"),
         "--vmconnect and --pcb cannot be combined: --vmconnect sends a text of its own"),
        (("--cookie", "a", "--no-cookie"),
         "--cookie, --no-cookie and --load-balance-info cannot be combined"),
        (("--load-balance-info", "a", "--cookie", "b"),
         "--cookie, --no-cookie and --load-balance-info cannot be combined"),
        (("--password-file", "pw"), "--password-file needs --user"),
        (("--watch", "9"), "--watch needs --until session"),
        (("--screenshot", "shots"), "--screenshot needs --until session"),
        (("--screenshot", "shots", "--until", "licensing"), "--screenshot needs --until session"),
        (("-i", "-", "-i", "-"), "--input: standard input was given twice"),
        (("--trace", "-"), "--trace: needs the name of a file, not '-'"),
        (("-u", "CORP\\"), "--user: 'CORP\\' has no user name"),
        (("--help=me",), "--help takes no argument (try: rdpwhy probe --help)"),
    )

    def test_messages(self):
        for arguments, message in self.CASES:
            with self.subTest(arguments):
                self.check(rdpwhy("probe", *arguments, "srv1.invalid"), 2, out="",
                           err="rdpwhy: %s\n" % message)

    def test_missing_arguments(self):
        for option in ("--profile", "--license", "--license-store", "--until", "--timeout",
                       "--connect-timeout", "--jobs", "--per-host", "--rate", "--repeat", "--user", "--password-file",
                       "--input", "--report", "--color", "--trace", "--cookie", "--load-balance-info",
                       "--kdc-proxy", "--vmconnect", "--pcb"):
            with self.subTest(option):
                run = self.check(rdpwhy("probe", "srv1.invalid", option), 2, out="")
                self.assertTrue(run.err.startswith("rdpwhy: %s needs an argument, " % option), run)


class Targets(CliTest):
    def test_bad_target(self):
        for target in ("127.0.0.1:0", "127.0.0.1:65536", "[::1", "rdp://", "10.0.0.0/33", "",
                       "10.0.0.1-20", "10.0.0.1-10.0.0.20", "a,b", "*.x", "-"):
            with self.subTest(target):
                run = self.check(rdpwhy("probe", target), 2, out="")
                self.assertTrue(run.err.startswith("rdpwhy: "), run)
                self.assertTrue(run.err.count("\n") == 1, run)

    def test_one_bad_target_stops_everything(self):
        with Silent() as target:
            self.check(rdpwhy("probe", "-t", "1", target, "127.0.0.1:99999"), 2, out="")

    def test_input_file(self):
        with Closed() as target:
            path = self.write("hosts", "# servers\n\n%s  # the first\n" % target)
            run = self.check(rdpwhy("probe", "-p", "tls", "-r", "jsonl", "-i", path), 1, err="")
            self.assertEqual([r["target"] for r in records(run, "host")], [target])

    def test_standard_input(self):
        with Closed() as target:
            run = self.check(rdpwhy("probe", "-p", "tls", "-r", "jsonl", "-i", "-",
                                    stdin=target.encode() + b"\n"), 1, err="")
            self.assertEqual([r["target"] for r in records(run, "host")], [target])

    def test_input_and_operands(self):
        with Closed() as one, Closed() as two:
            path = self.write("hosts", two + "\n")
            run = self.check(rdpwhy("probe", "-p", "tls", "-r", "jsonl", one, "--input", path), 1)
            self.assertEqual({r["target"] for r in records(run, "host")}, {one, two})

    def test_bad_line_is_passed_over(self):
        with Closed() as target:
            path = self.write("hosts", target + "\n\n127.0.0.1:99999\n")
            run = self.check(rdpwhy("probe", "-p", "tls", "-r", "jsonl", "-i", path), 1)
            self.assertIn("hosts:3:", run.err)
            self.assertEqual([r["target"] for r in records(run, "host")], [target])

    def test_strict(self):
        """A bad line is found before anything is sent, also behind good ones and in a pipe."""
        with Silent() as target:
            text = target + "\n\n127.0.0.1:99999\n"
            path = self.write("hosts", text)
            run = self.check(rdpwhy("probe", "--strict", "-i", path), 2, out="")
            self.assertIn("hosts:3:", run.err)
            run = self.check(rdpwhy("probe", "--strict", "-i", "-", stdin=text.encode()), 2, out="")
            self.assertIn("standard input:3:", run.err)

    def test_authorities(self):
        """--ca takes PEM and DER; what is neither is named before anything is sent."""
        certificates = os.path.join(os.path.dirname(__file__), "..", "..", "fixtures",
                                    "certificates")
        root = os.path.join(certificates, "root.crt")
        der = self.path("root.der")
        with open(root, encoding="ascii") as pem, open(der, "wb") as out:
            out.write(ssl.PEM_cert_to_DER_cert(pem.read()))
        host = os.path.join(certificates, "..", "hosts", "certificate-chained.jsonl")
        env = support.environment(SSL_CERT_FILE="/dev/null", SSL_CERT_DIR="/nonexistent")
        for file in (root, der):
            run = self.check(rdpwhy("replay", "-v", "--ca", file, host, env=env), 0, err="")
            self.assertIn("trusted, issued under CN=rdpwhy test root; revocation not checked",
                          " ".join(run.out.split()))
        run = self.check(rdpwhy("replay", "-v", host, env=env), 0, err="")
        self.assertNotIn("trusted", run.out)
        none, empty = self.path("none"), self.write("empty", "-----BEGIN CERTIFICATE-----\nx\n")
        for command in (("probe", "srv1.invalid"), ("replay", host), ("pcap", host)):
            self.check(rdpwhy(*command, "--ca", none), 2, out="",
                       err="rdpwhy: --ca: cannot read '%s': No such file or directory\n" % none)
            self.check(rdpwhy(*command, "--ca", empty), 2, out="",
                       err="rdpwhy: --ca: no certificate in '%s': it must be PEM or DER\n" % empty)

    def test_missing_input(self):
        self.check(rdpwhy("probe", "-i", self.path("none")), 2, out="",
                   err="rdpwhy: --input: cannot read '%s': No such file or directory\n" %
                   self.path("none"))

    def test_input_is_a_folder(self):
        run = self.check(rdpwhy("probe", "-i", self.folder), 2, out="")
        self.assertIn(self.folder, run.err)

    def test_empty_input(self):
        self.check(rdpwhy("probe", "-i", self.write("hosts", "# none\n")), 2, out="",
                   err="rdpwhy: probe: no target (try: rdpwhy probe HOST)\n")

    def test_duplicates(self):
        with Closed() as target:
            run = self.check(rdpwhy("probe", "-p", "tls", "-r", "jsonl", target, target), 1,
                             err="rdpwhy: 1 target(s) were given more than once; each is probed once\n")
            self.assertEqual(len(records(run, "host")), 1)
            self.check(rdpwhy("probe", "-q", "-p", "tls", target, target), 1, err="")


class Effects(CliTest):
    def test_healthy_host(self):
        with Peer("healthy-tls") as target:
            run = self.check(rdpwhy("probe", "-p", "tls", target), 0, err="")
            self.assertTrue(run.out.startswith("%s: healthy, clients can connect\n" % target), run)

    def test_unreachable_host(self):
        with Closed() as target:
            run = self.check(rdpwhy("probe", target), 1, err="")
            self.assertTrue(run.out.startswith("%s: unreachable, no TCP connection could be made\n" % target),
                            run)

    def test_broken_host(self):
        with Peer("error-info-7") as target:
            run = self.check(rdpwhy("probe", "-p", "tls", target), 1, err="")
            self.assertIn("0x904, extended 0x7 (documented", run.out)

    def test_defaults(self):
        with Closed() as target:
            given = options_of(rdpwhy("probe", "-r", "jsonl", target))
            self.assertEqual(given, {
                "profiles": ["negotiate", "rdp", "tls", "nla", "nla-ext"],
                "license_modes": ["fresh"], "until": "active", "timeout_us": 15000000,
                "connect_timeout_us": 5000000, "linger_us": 200000, "pause_us": 100000,
                "second_try_us": 1000000,
                "jobs": 1, "per_host": 1, "repeat": 1,
                "credentials": False})

    def test_jobs_of_many_hosts(self):
        with Closed() as one, Closed() as two:
            jobs = options_of(rdpwhy("probe", "-p", "tls", "-r", "jsonl", one, two))["jobs"]
            self.assertLessEqual(jobs, 256)
            self.assertGreaterEqual(jobs, min(256, 32 * len(os.sched_getaffinity(0)) // 2)
                                    if hasattr(os, "sched_getaffinity") else 1)

    def test_options_are_reported(self):
        with Closed() as target:
            run = rdpwhy("probe", "-p", "tls,nla", "-p", "rdp", "--until", "tls", "-t", "2.5",
                         "--connect-timeout", "0.5", "-j", "3", "--per-host", "2", "--repeat", "2",
                         "--rate", "1000", "--pause", "70", "--second-try", "0.5", "-r", "jsonl",
                         target)
            given = options_of(self.check(run, 1, err=""))
            self.assertEqual(given["profiles"], ["tls", "nla", "rdp"])
            self.assertEqual(given["until"], "tls")
            self.assertEqual(given["timeout_us"], 2500000)
            self.assertEqual(given["connect_timeout_us"], 500000)
            self.assertEqual((given["pause_us"], given["second_try_us"]), (70000, 500000))
            self.assertEqual((given["jobs"], given["per_host"], given["repeat"]), (3, 2, 2))

    def test_all_profiles(self):
        with Closed() as target:
            given = options_of(rdpwhy("probe", "-p", "all", "-r", "jsonl", target))
            known = [line.split("\t")[0] for line in rdpwhy("list", "profiles").out.splitlines()]
            self.assertEqual(given["profiles"] + ["file"], known)  # that one needs an .rdp file

    def test_modes_beside_profiles(self):
        """--restricted-admin and --remote-guard add an offer each, once."""
        for arguments, profiles in (
                (("-p", "tls", "--restricted-admin"), ["tls", "restricted-admin"]),
                (("--remote-guard", "-p", "tls"), ["tls", "remote-guard"]),
                (("-p", "remote-guard,tls", "--restricted-admin", "--remote-guard"),
                 ["remote-guard", "tls", "restricted-admin"]),
                (("--restricted-admin",),
                 ["negotiate", "rdp", "tls", "nla", "nla-ext", "restricted-admin"])):
            with self.subTest(arguments), Closed() as target:
                given = options_of(rdpwhy("probe", "-r", "jsonl", *arguments, target))
                self.assertEqual(given["profiles"], profiles)

    def test_modes_are_required(self):
        for fault, flag in ("restricted-admin", "restricted-admin"), ("remote-guard", "remote-guard"):
            for given, status in (fault, 0), ("nla-no-credentials", 1):
                with self.subTest((fault, given)), Peer(given) as target:
                    run = self.check(rdpwhy("probe", "-p", "nla", "--require", flag, "-r", "jsonl",
                                            target), status, err="")
                    rules = [f["rule"] for f in records(run, "host")[0]["findings"]]
                    self.assertEqual("require-" + flag in rules, status == 1)

    def test_repeat(self):
        with Closed() as target:
            run = rdpwhy("probe", "-p", "tls", "--repeat", "3", "-r", "jsonl", target)
            attempts = records(run, "attempt")
            self.assertEqual([a["ordinal"] for a in attempts], [1, 2, 3])
            self.assertEqual([a.get("repeat", 0) for a in attempts], [0, 1, 2])

    def test_license_modes_without_a_stored_license_are_skipped(self):
        with Peer("healthy-tls") as target:
            run = rdpwhy("probe", "-p", "tls", "-l", "fresh,stored", "-r", "jsonl",
                         "--license-store", self.path("store"), target)
            modes = {a["license_mode"]: a for a in records(run, "attempt")}
            self.assertEqual(modes["fresh"]["outcome"], "completed")
            self.assertEqual(modes["stored"]["outcome"], "skipped")
            self.assertIn("reason", modes["stored"])

    def test_license_store_is_a_file(self):
        path = self.write("store", "")
        with Closed() as target:
            self.check(rdpwhy("probe", "--license-store", path, target), 2, out="",
                       err="rdpwhy: --license-store: %s: Not a directory\n" % path)

    def test_no_home(self):
        env = environment(XDG_STATE_HOME="")
        del env["HOME"]
        with Peer("healthy-tls") as target:
            self.check(rdpwhy("probe", "-q", "-p", "tls", target, env=env), 0, err="")
        self.check(rdpwhy("license", "list", env=env), 2, out="",
                   err="rdpwhy: license: no license store, because neither XDG_STATE_HOME "
                   "nor HOME is set\n")

    def test_until(self):
        with Peer("healthy-tls") as target:
            run = self.check(rdpwhy("probe", "-p", "tls", "--until", "tls", "-r", "jsonl", target),
                             0)
            attempt = records(run, "attempt")[0]
            self.assertEqual((attempt["outcome"], attempt["phase"]), ("completed", "tls"))

    def test_timeout(self):
        with Silent() as target:
            began = time.monotonic()
            run = self.check(rdpwhy("probe", "-p", "tls", "-t", "0.5", "-r", "jsonl", target), 1)
            self.assertLess(time.monotonic() - began, 10)
            attempt = records(run, "attempt")[0]
            self.assertEqual((attempt["ending"], attempt["closed_by"]), ("timeout", "deadline"))

    def test_ipv6_only(self):
        with Closed() as target:
            self.check(rdpwhy("probe", "-6", "-p", "tls", "srv1.invalid", target), 2, out="",
                       err="rdpwhy: target \"%s\": an IPv4 address, but --ipv6 allows only IPv6\n" % target)
            run = rdpwhy("probe", "-6", "-p", "tls", "-r", "jsonl", "::1")
            self.assertEqual(records(run, "host")[0]["target"], "[::1]:3389")

    def test_ipv4_only(self):
        with Closed() as target:
            self.check(rdpwhy("probe", "-4", "-p", "tls", target), 1, err="")
            self.check(rdpwhy("probe", "-4", "[::1]:1", target), 2, out="",
                       err="rdpwhy: target \"[::1]:1\": an IPv6 address, but --ipv4 allows only IPv4\n")
            path = self.write("hosts", "%s\n::1\n" % target)
            run = self.check(rdpwhy("probe", "-4", "-p", "tls", "-r", "jsonl", "-i", path), 1)
            self.assertIn("hosts:2: target \"::1\": an IPv6 address", run.err)
            self.assertEqual([r["target"] for r in records(run, "host")], [target])
            run = self.check(rdpwhy("probe", "-4", "--strict", "-i", path), 2, out="")
            self.assertIn("hosts:2: ", run.err)

    def test_quiet(self):
        with Closed() as target:
            run = self.check(rdpwhy("probe", "-q", target), 1, err="")
            self.assertEqual(run.out.count("\n"), 1, run)
            self.assertRegex(run.out, r"^unreachable +%s" % target)

    def test_verbose(self):
        with Peer("healthy-tls") as target:
            run = self.check(rdpwhy("probe", "-vv", "-p", "tls", target), 0, err="")
            for pdu in ("X.224 Connection Request", "MCS Connect Initial", "Demand Active"):
                self.assertIn(pdu, run.out)

    def test_color(self):
        with Closed() as target:
            probe = ("probe", "-p", "tls", target)
            self.assertIn("\033[", rdpwhy(*probe, "--color", "always").out)
            self.assertNotIn("\033", rdpwhy(*probe, "--color", "never").out)
            self.assertNotIn("\033", rdpwhy(*probe).out)
            self.assertIn("\033[", rdpwhy(*probe, "--color=always",
                                          env=environment(NO_COLOR="1")).out)

    def test_abbreviations(self):
        with Closed() as target:
            self.check(rdpwhy("probe", "--prof", "tls", target), 1, err="")
            self.check(rdpwhy("probe", "--pass", "x", target), 2, out="")


if __name__ == "__main__":
    support.main()
