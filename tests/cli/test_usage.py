# SPDX-License-Identifier: Apache-2.0
"""Commands, help, versions, lists, and what wrong usage says."""
import re

import support
from support import CliTest, Closed, rdpwhy

LISTS = ("profiles", "licenses", "phases", "outcomes", "answers", "endings", "closers", "trust", "states", "spaces",
         "codes", "rules", "formats", "requirements", "client", "changes")


class Usage(CliTest):
    def test_no_command(self):
        run = self.check(rdpwhy(), 2, out="")
        self.assertIn("Usage: rdpwhy COMMAND", run.err)

    def test_unknown_command(self):
        for word, meant in (("porbe", "probe"), ("prob", "probe"), ("explian", "explain"),
                            ("Lsit", "list")):
            self.check(rdpwhy(word, "srv1"), 2, out="",
                       err="rdpwhy: '%s' is no command; did you mean '%s'? (a host of that name: "
                           "rdpwhy probe %s)\n" % (word, meant, word))
        self.check(rdpwhy("help", "porbe"), 2, out="",
                   err="rdpwhy: help: unknown command 'porbe'; did you mean 'probe'?\n")

    def test_a_target_in_place_of_the_command_is_probed(self):
        with Closed() as target:
            for arguments in ((target, "-p", "tls"), ("-p", "tls", target),
                              ("-q", target, "-p", "tls"), ("-p", "tls", "--", target),
                              ("--", target)):
                run = self.check(rdpwhy(*arguments), 1, err="")
                self.assertRegex(run.out, r"^(unreachable +)?%s" % re.escape(target))
        run = self.check(rdpwhy("no-such-name.invalid", "-p", "tls", "-q"), 1, err="")
        self.assertTrue(run.out.startswith("unreachable  no-such-name.invalid"), run)
        run = self.check(rdpwhy("prob.invalid", "-p", "tls", "-q"), 1, err="")
        self.assertTrue(run.out.startswith("unreachable  prob.invalid"), run)

    def test_options_before_a_command_are_none_of_a_probe(self):
        self.check(rdpwhy("-v", "probe", "srv1.invalid"), 2, out="",
                   err="rdpwhy: unknown option '-v' (try: rdpwhy --help)\n")

    def test_options_behind_the_operands(self):
        with Closed() as target:
            for more in ({}, {"POSIXLY_CORRECT": "1"}):
                env = support.environment(**more)
                run = self.check(rdpwhy("probe", target, "-p", "tls", "no-name.invalid", "-q",
                                        "--", "last.invalid", env=env), 1, err="")
                self.assertEqual(sorted(line.split()[1] for line in run.out.splitlines()),
                                 sorted([target, "no-name.invalid:3389", "last.invalid:3389"]))
                run = rdpwhy("explain", "0x904/0x7", "-r", "jsonl", env=env)
                self.assertTrue(self.check(run, 0, err="").out.startswith("{"), run)
                run = self.check(rdpwhy("list", "phases", "--help", env=env), 0, err="")
                self.assertTrue(run.out.startswith("Usage: rdpwhy list"), run)
                self.check(rdpwhy("list", "phases", "--", "--help", env=env), 2, out="")

    def test_version(self):
        for option in ("--version", "-V"):
            run = self.check(rdpwhy(option), 0, err="")
            lines = run.out.splitlines()
            self.assertEqual(len(lines), 3, run)
            self.assertRegex(lines[0], r"^rdpwhy \d+\.\d+\.\d+$")
            self.assertRegex(lines[1], r"^libfreerdp 3\.\d+\.\S+ \(built with 3\.\d+\.\S+\)$")
            self.assertRegex(lines[2], r"^OpenSSL 3\.")

    def test_help(self):
        overview = self.check(rdpwhy("--help"), 0, err="")
        for command in ("probe", "license", "list", "help"):
            self.assertRegex(overview.out, r"(?m)^  %s " % command)
        self.assertEqual(rdpwhy("help").out, overview.out)
        self.assertEqual(rdpwhy("-h").out, overview.out)

    def test_help_of_commands(self):
        for command in ("probe", "license", "list", "help"):
            run = self.check(rdpwhy(command, "--help"), 0, err="")
            self.assertTrue(run.out.startswith("Usage: rdpwhy %s " % command), run)
            self.assertEqual(rdpwhy("help", command).out, run.out)
            self.assertLessEqual(max(len(line) for line in run.out.splitlines()), 80, run)

    def test_help_of_the_unknown(self):
        self.check(rdpwhy("help", "dance"), 2, out="",
                   err="rdpwhy: help: unknown command 'dance' (try: rdpwhy --help)\n")
        self.check(rdpwhy("help", "probe", "list"), 2, out="",
                   err="rdpwhy: help: one command at a time, not 'list' too\n")

    def test_help_names_every_option_of_the_contract(self):
        text = rdpwhy("probe", "--help").out
        for option in ("--profile", "--license", "--until", "--timeout", "--connect-timeout",
                       "--jobs", "--per-host", "--rate", "--repeat", "--user", "--password-file",
                       "--input", "--report", "--color", "--trace"):
            self.assertIn(option + " ", text)
        for option in ("-4", "-6", "-q", "-v", "-h"):
            self.assertRegex(text, r"(?m)^  %s, --" % option)

    def test_no_target(self):
        self.check(rdpwhy("probe"), 2, out="",
                   err="rdpwhy: probe: no target (try: rdpwhy probe HOST)\n")

    def test_unknown_option(self):
        self.check(rdpwhy("probe", "--fast", "srv1"), 2, out="",
                   err="rdpwhy: unknown option '--fast' (try: rdpwhy probe --help)\n")
        for option, problem in (
                ("--profil3", "unknown option '--profil3'; did you mean '--profile'?"),
                ("--conect-timeout=3",
                 "unknown option '--conect-timeout'; did you mean '--connect-timeout'?"),
                ("--passwordfile=s3cret",
                 "unknown option '--passwordfile'; did you mean '--password-file'?"),
                ("--pro", "ambiguous option '--pro': one of --profile, --proxy, --proxy-password-file, --proxy-resolve, --progress")):
            self.check(rdpwhy("probe", option, "srv1"), 2, out="",
                       err="rdpwhy: %s (try: rdpwhy probe --help)\n" % problem)
        self.check(rdpwhy("-Z"), 2, out="",
                   err="rdpwhy: unknown option '-Z' (try: rdpwhy --help)\n")

    def test_control_characters_are_not_echoed(self):
        run = self.check(rdpwhy("\033[2Jprobe"), 2, out="")
        self.assertEqual(run.err, "rdpwhy: unknown command '\\x1b[2Jprobe' (try: rdpwhy --help)\n")
        run = self.check(rdpwhy("a\u202eb\u009b\u2028\u2066c\x7f"), 2, out="")
        self.assertIn("'a\\xe2\\x80\\xaeb\\xc2\\x9b\\xe2\\x80\\xa8\\xe2\\x81\\xa6c\\x7f'", run.err)
        run = self.check(rdpwhy("a\udced\udca0\udc80b"), 2, out="")
        self.assertIn("'a\\xed\\xa0\\x80b'", run.err)

    def test_a_password_in_argv_is_no_password(self):
        """user%pw and user:pw are names, and no option takes a password."""
        text = rdpwhy("probe", "--help").out
        self.assertNotRegex(text, r"--pass(word)?[ =](?!-file)")
        for arguments in (("probe", "--password", "s3cret", "srv1"), ("--password", "s3cret"),
                          ("probe", "--password=s3cret", "srv1"), ("probe", "--pass", "s3cret"),
                          ("srv1", "--passwo=s3cret"), ("probe", "srv1", "--password"),
                          ("pcap", "--password=s3cret", "x")):
            run = self.check(rdpwhy(*arguments), 2, out="")
            self.assertIn("a password on the command line can be read by everybody", run.err)
            self.assertNotIn("s3cret", run.err)
        for command in ("probe", "pcap", "list"):
            self.assertNotIn("--password ", rdpwhy(command, "--help").out)


class Lists(CliTest):
    def test_lists(self):
        for name in LISTS:
            run = self.check(rdpwhy("list", name), 0, err="")
            for line in run.out.splitlines():
                self.assertRegex(line, r"^[A-Za-z0-9._-]+\t\S.*$")

    def test_words(self):
        def words(name):
            return [line.split("\t")[0] for line in rdpwhy("list", name).out.splitlines()]

        self.assertEqual(words("profiles"),
                         ["negotiate", "rdp", "tls", "nla", "nla-ext", "nla-only", "nla-ext-only",
                          "nla-kerberos", "nla-ntlm", "restricted-admin", "remote-guard", "rdstls",
                          "aad", "tls1.0", "tls1.1", "tls1.2", "tls1.3", "file"])
        self.assertEqual(words("licenses"), ["fresh", "stored", "corrupt", "foreign", "admin"])
        self.assertEqual(words("states"), ["healthy", "degraded", "broken", "unreachable"])
        self.assertEqual(words("formats"), ["text", "jsonl", "html", "junit", "nagios",
                                            "prometheus", "csv", "csv-hosts"])
        self.assertEqual(words("phases")[0], "resolve")
        self.assertEqual(words("phases")[-1], "session")

    def test_errors_name_the_lists(self):
        for arguments, problem in ((("list",), "which list?"),
                                   (("list", "colours"), "unknown list 'colours'"),
                                   (("list", "phases", "states"), "one list at a time")):
            run = self.check(rdpwhy(*arguments), 2, out="")
            self.assertEqual(run.err, "rdpwhy: list: %s (one of %s)\n" %
                             (problem, ", ".join(LISTS)))

    def test_every_list_is_in_the_help_of_errors(self):
        run = rdpwhy("list")
        self.assertEqual(re.findall(r"[a-z]+", run.err.split("(one of ")[1]), list(LISTS))


if __name__ == "__main__":
    support.main()
