# SPDX-License-Identifier: Apache-2.0
"""rdpwhy explain: exit code, standard output, standard error, and its JSON Lines."""
import json
import os
import tempfile

import jsoncheck
import support
from support import CliTest, need, rdpwhy


def records(run):
    return [json.loads(line) for line in run.out.splitlines()]


class Explain(CliTest):
    def test_the_pair(self):
        run = rdpwhy("explain", "0x904/0x7")
        self.assertEqual((run.code, run.err), (0, ""), str(run))
        for words in ("disconnectReasonAtClientWinsockFDCLOSE", "neither the phase",
                      "exDiscReasonServerDeniedConnection", "negotiation to finalization",
                      "SUCCESS", "ERROR_ARENA_TRASHED", "rdpwhy probe"):
            self.assertIn(words, run.out)

    def test_the_pair_on_two_lines(self):
        self.assertEqual(rdpwhy("explain", "0x904", "0x7").out,
                         rdpwhy("explain", "0x904/0x7").out)

    def test_several(self):
        run = rdpwhy("explain", "0xC000006D", "STATUS_ACCOUNT_LOCKED_OUT")
        self.assertEqual((run.code, run.err), (0, ""), str(run))
        self.assertLess(run.out.index("STATUS_LOGON_FAILURE"),
                        run.out.index("STATUS_ACCOUNT_LOCKED_OUT"))

    def test_likeliest_first(self):
        spaces = [row["space"] for row in records(rdpwhy("explain", "-r", "jsonl", "7"))]
        self.assertEqual(spaces[:3], ["mstsc-extended", "error-info", "license-error"])

    def test_rule(self):
        run = rdpwhy("explain", "certificate-unusable")
        self.assertEqual((run.code, run.err), (0, ""), str(run))
        for words in ("certificate-unusable (error)", "Causes", "How to tell them apart",
                      "Remedies and their risks", "MachineKeys", "36870"):
            self.assertIn(words, run.out)

    def test_every_rule_has_a_page(self):
        names = [line.split("\t")[0] for line in rdpwhy("list", "rules").out.splitlines()]
        self.assertGreater(len(names), 40)
        run = rdpwhy("explain", *names)
        self.assertEqual((run.code, run.err), (0, ""), str(run))
        for name in names:
            self.assertIn("\n%s (" % name, "\n" + run.out)

    def test_unknown(self):
        run = rdpwhy("explain", "0x12345678")
        self.assertEqual((run.code, run.out), (1, ""), str(run))
        self.assertIn("'0x12345678' is in no table", run.err)
        for space in ("mstsc", "error-info", "ntstatus", "0x0 to "):
            self.assertIn(space, run.err)

    def test_one_unknown_of_two(self):
        run = rdpwhy("explain", "no-such-name", "0xC000006D")
        self.assertEqual(run.code, 1, str(run))
        self.assertIn("STATUS_LOGON_FAILURE", run.out)
        self.assertIn("no-such-name", run.err)

    def test_usage(self):
        for arguments in (["explain"], ["explain", "-r", "nonsense", "7"],
                          ["explain", "--no-such-option", "7"]):
            run = rdpwhy(*arguments)
            self.assertEqual((run.code, run.out), (2, ""), str(run))
            self.assertNotEqual(run.err, "")

    def test_help(self):
        run = rdpwhy("explain", "--help")
        self.assertEqual((run.code, run.err), (0, ""), str(run))
        self.assertIn("Usage: rdpwhy explain", run.out)

    def test_to_a_file(self):
        with tempfile.TemporaryDirectory() as folder:
            name = os.path.join(folder, "x")
            run = rdpwhy("explain", "-r", "jsonl=" + name, "-r", "text", "7")
            self.assertEqual((run.code, run.err), (0, ""), str(run))
            self.assertIn("STATUS_VALID_CLIENT", run.out)
            with open(name, encoding="utf-8") as lines:
                self.assertEqual(len([json.loads(line) for line in lines]), 6)

    def test_color(self):
        self.assertIn("\x1b[", rdpwhy("explain", "--color", "always", "7").out)
        self.assertNotIn("\x1b[", rdpwhy("explain", "--color", "never", "7").out)

    def test_schema(self):
        need(jsoncheck.jsonschema, "python3-jsonschema is not installed")
        validator = jsoncheck.jsonschema.Draft202012Validator(jsoncheck.load_schema())
        run = rdpwhy("explain", "-r", "jsonl", "7", "0x904/0x7", "logon-failure", "LICENSE")
        self.assertEqual(run.code, 0, str(run))
        self.assertGreater(len(records(run)), 20)
        for record in records(run):
            self.assertEqual([error.message for error in validator.iter_errors(record)], [])


if __name__ == "__main__":
    support.main()
