# SPDX-License-Identifier: Apache-2.0
"""rdpwhy explain: exit code, standard output, standard error, and its JSON Lines."""
import json
import os
import shlex
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
        pair = rdpwhy("explain", "0x904/0x7").out
        self.assertEqual(rdpwhy("explain", "0x904", "0x7").out, pair)
        self.assertEqual(rdpwhy("explain", "0x904,", "0x7").out, pair)

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
                self.assertEqual(len([json.loads(line) for line in lines]), 8)

    def test_freerdp_form(self):
        run = rdpwhy("explain", "0x0001112F")
        self.assertEqual((run.code, run.err), (0, ""), str(run))
        for words in ("ERRINFO_GRAPHICS_SUBSYSTEM_FAILED  0x112F", "as FreeRDP writes it"):
            self.assertIn(words, run.out)

    def test_no_extended_code(self):
        run = rdpwhy("explain", "0x204/0x0")
        self.assertEqual((run.code, run.err), (0, ""), str(run))
        for words in ("0x0 means none", "the TCP connection was refused",
                      "rdpwhy explain port-refused; also: port-filtered, no-route"):
            self.assertIn(words, run.out)
        self.assertNotIn("ERRINFO_NONE", run.out)
        run = rdpwhy("explain", "0x904/0x0")
        for words in ("0x0 means none", "Failures with another extended code",
                      "with the extended code 0x7 (inferred)"):
            self.assertIn(words, " ".join(run.out.split()))

    def test_pointers(self):
        for code, rule in (("0x204", "port-refused"), ("0x104", "name-not-resolved"),
                           ("0x904", "closed-before-answer"), ("0x3", "session-ended"),
                           ("10060", "port-filtered"), ("0x20005", "name-not-resolved"),
                           ("KDC_ERR_PREAUTH_FAILED", "kdc-logon-failure")):
            self.assertIn("rdpwhy explain " + rule, rdpwhy("explain", code).out, code)
        self.assertIn("0x204 disconnectReasonSocketConnectFailed [mstsc]",
                      rdpwhy("explain", "port-refused").out)

    def test_reported(self):
        for code, says in (("3334", "has no memory left"), ("4360", "short of memory"),
                           ("2825", "CredSSP switched off"), ("519", "mRemoteNG"),
                           ("0x1104", "detected at the client"), ("0x2104", "self-signed"),
                           ("0xE09", "Remote Credential Guard"), ("0x907", "unexpected server"),
                           ("0x516", "SSH tunnel")):
            run = rdpwhy("explain", code)
            self.assertEqual((run.code, run.err), (0, ""), str(run))
            self.assertIn("basis     reported: no reference names this code", run.out, code)
            self.assertIn(says, " ".join(run.out.split()), code)
            self.assertRegex(run.out, r"(?s)\[[^\]]*(/|TechNet)[^\]]*\]", code)

    def test_a_number_without_a_name(self):
        run = rdpwhy("explain", "0x3007")
        self.assertEqual((run.code, run.err), (0, ""), str(run))
        self.assertIn("which has no name in any reference", run.out)
        self.assertIn("(inferred)", run.out)

    def test_the_other_base(self):
        self.assertIn("\n0x516 is another code: rdpwhy explain 0x516\n",
                      rdpwhy("explain", "516").out)
        self.assertEqual([row["other_base"] for row in
                          records(rdpwhy("explain", "-r", "jsonl", "0x516"))], ["516"])

    def test_new_tables(self):
        for query, space in (("RDSTLS_RESULT_ACCESS_DENIED", "rdstls"), ("AADSTS53003", "aadsts"),
                             ("KRB_AP_ERR_MODIFIED", "kerberos"), ("0x800759DB", "gateway"),
                             ("0x59DB", "gateway"), ("519", "guacamole")):
            spaces = [row["space"] for row in records(rdpwhy("explain", "-r", "jsonl", query))]
            self.assertIn(space, spaces, query)
        listed = [line.split("\t")[0] for line in rdpwhy("list", "codes").out.splitlines()]
        for space in ("mstsc", "rdstls", "aadsts", "kerberos", "gateway", "guacamole"):
            self.assertIn(space, listed)
        run = rdpwhy("list", "gateway")
        self.assertEqual((run.code, run.err), (0, ""), str(run))
        self.assertIn("0x800759DA\tE_PROXY_RAP_ACCESSDENIED: ", run.out)

    def test_unknown_sign_in_error(self):
        run = rdpwhy("explain", "AADSTS99999")
        self.assertEqual((run.code, run.out), (1, ""), str(run))
        self.assertIn("https://login.microsoftonline.com/error?code=99999", run.err)

    def test_negative(self):
        run = rdpwhy("explain", "-2146893039")
        self.assertEqual((run.code, run.err), (0, ""), str(run))
        self.assertTrue(run.out.startswith("-2146893039: 1 meaning\n"), str(run))
        self.assertIn("SEC_E_NO_AUTHENTICATING_AUTHORITY", run.out)
        self.assertEqual(rdpwhy("explain", "--", "-2146893039").out, run.out)
        both = rdpwhy("explain", "-r", "jsonl", "-1073741715", "-1073741260")
        self.assertEqual([row["name"] for row in records(both)],
                         ["STATUS_LOGON_FAILURE", "STATUS_ACCOUNT_LOCKED_OUT"])

    def test_something_to_run(self):
        for query in ("0x904/0x7", "0x904", "7", "STATUS_LOGON_FAILURE", "port-refused"):
            self.assertIn("rdpwhy probe", rdpwhy("explain", query).out, query)
            for row in records(rdpwhy("explain", "-r", "jsonl", query)):
                if row.get("part") not in ("homonym", "pair"):
                    self.assertIn("HOST", row["next"]["command"], query)

    DIALOG = ("Remote Desktop Connection\n\nAn internal error has occurred.\n\n"
              "[Expanded Information]\nError code: 0x904\nExtended error code: 0x7\n"
              "Timestamp (UTC): 10/16/23 09:18:47 AM\n")

    def test_pasted_dialog(self):
        pair = rdpwhy("explain", "0x904/0x7").out
        self.assertEqual(rdpwhy("explain", self.DIALOG).out, pair)
        self.assertEqual(rdpwhy("explain", "-", stdin=self.DIALOG.encode()).out, pair)
        self.assertEqual(rdpwhy("explain", *self.DIALOG.split()).out, pair)

    def test_pasted_log(self):
        line = ("[ERROR][com.freerdp.core] - rdp_set_error_info:freerdp_set_last_error_ex "
                "ERRINFO_GRAPHICS_SUBSYSTEM_FAILED [0x0001112F]")
        run = rdpwhy("explain", line)
        self.assertEqual((run.code, run.err), (0, ""), str(run))
        self.assertEqual(run.out.count("basis  "), 1, str(run))  # its name and number are one
        two = rdpwhy("explain", "-", stdin=b"status 0xC000006D\0 then 0xC0000234\n")
        self.assertEqual((two.code, two.err), (0, ""), str(two))
        self.assertLess(two.out.index("STATUS_LOGON_FAILURE"),
                        two.out.index("STATUS_ACCOUNT_LOCKED_OUT"))

    def test_names_are_no_sentence(self):
        run = rdpwhy("explain", "reject", "LICENSE_REQUEST", "certificate-unusable", "slow")
        self.assertEqual((run.code, run.err), (0, ""), str(run))
        for words in ("reject  2", "LICENSE_REQUEST  0x01", "certificate-unusable (error)",
                      "slow (warning)"):
            self.assertIn(words, run.out)

    def test_text_without_a_code(self):
        for arguments, stdin in ((("explain", "it does not work at all"), b""),
                                 (("explain", "the", "connection", "was", "denied"), b""),
                                 (("explain", "-"), b"connected in 264 ms\n"),
                                 (("explain", "-"), b"")):
            run = rdpwhy(*arguments, stdin=stdin)
            self.assertEqual((run.code, run.out), (1, ""), str(run))
            self.assertIn("no known code", run.err)

    def test_input_that_cannot_be_read(self):
        run = rdpwhy("explain", "-", stdin=None, preexec_fn=lambda: os.close(0))
        self.assertEqual((run.code, run.out), (4, ""), str(run))
        self.assertIn("standard input", run.err)

    def test_long_input(self):
        text = b"0xC000006D" + b" " * 1048576 + b"0xC0000234"
        run = rdpwhy("explain", "-", stdin=text)
        self.assertEqual(run.code, 0, str(run))
        self.assertIn("STATUS_LOGON_FAILURE", run.out)
        self.assertNotIn("STATUS_ACCOUNT_LOCKED_OUT", run.out)
        self.assertIn("longer than 1 MiB", run.err)

    def test_commands_exist(self):
        spaces = [line.split("\t")[0] for line in rdpwhy("list", "codes").out.splitlines()]
        names = [line.split("\t")[1].split(":")[0]
                 for space in spaces for line in rdpwhy("list", space).out.splitlines()]
        self.assertGreater(len(names), 700)
        rows = records(rdpwhy("explain", "-r", "jsonl", *sorted(set(names))))
        commands = {row["next"]["command"] for row in rows if "next" in row}
        self.assertGreater(len(commands), 10)
        for command in sorted(commands):
            words = shlex.split(command)
            self.assertEqual((words[0], words[-1]), ("rdpwhy", "HOST"))
            run = rdpwhy(*words[1:], "--help")
            self.assertEqual((run.code, run.err), (0, ""), command)

    def test_text_with_an_unknown_code(self):
        run = rdpwhy("explain", "Error code: 0x12345678, then 0xC000006D")
        self.assertEqual(run.code, 0, str(run))
        self.assertIn("STATUS_LOGON_FAILURE", run.out)
        self.assertIn("'0x12345678' is in no table", run.err)

    def test_color(self):
        self.assertIn("\x1b[", rdpwhy("explain", "--color", "always", "7").out)
        self.assertNotIn("\x1b[", rdpwhy("explain", "--color", "never", "7").out)

    def test_schema(self):
        need(jsoncheck.jsonschema, "python3-jsonschema is not installed")
        validator = jsoncheck.jsonschema.Draft202012Validator(jsoncheck.load_schema())
        run = rdpwhy("explain", "-r", "jsonl", "7", "0x904/0x7", "logon-failure", "LICENSE", "519",
                     "0x204", "0x516/0x0", "0x3007", "0x0001112F", "-2146893039", "PROXY")
        self.assertEqual(run.code, 0, str(run))
        self.assertGreater(len(records(run)), 20)
        for record in records(run):
            self.assertEqual([error.message for error in validator.iter_errors(record)], [])


if __name__ == "__main__":
    support.main()
