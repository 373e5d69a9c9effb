# SPDX-License-Identifier: Apache-2.0
"""The man page and the completions that the build generates."""
import os
import re
import shutil
import subprocess

import support
from support import SHARE, CliTest, need, rdpwhy


def read(name):
    with open(os.path.join(SHARE, name), encoding="utf-8") as file:
        return file.read()


class Documents(CliTest):
    def setUp(self):
        super().setUp()
        need(SHARE and os.path.exists(os.path.join(SHARE, "rdpwhy.1")),
             "the documents (RDPWHY_SHARE) are not built")

    def options(self):
        return re.findall(r"(?m)^ .*?--([a-z0-9-]+)", rdpwhy("probe", "--help").out)

    def run_tool(self, *command, **options):
        need(shutil.which(command[0]), command[0] + " is not installed")
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False,
                              **options)
        return done.returncode, done.stdout.decode(), done.stderr.decode()

    def test_every_option_is_everywhere(self):
        man = read("rdpwhy.1").replace("\\-", "-")
        bash, zsh, fish = read("rdpwhy"), read("_rdpwhy"), read("rdpwhy.fish")
        options = self.options()
        self.assertGreater(len(options), 15)
        for option in options:
            self.assertIn("Fl -" + option, man)
            self.assertIn("--" + option, bash)
            self.assertIn("--" + option, zsh)
            self.assertIn("-l " + option, fish)

    def test_man_page_is_complete(self):
        man = read("rdpwhy.1")
        self.assertNotRegex(man, r"(?m)^@[A-Z]+@$")
        for word in ("tls1.3", "disconnect\\-ultimatum", "degraded", "RDPWHY_PASSWORD"):
            self.assertIn(word, man)

    def test_man_page_renders(self):
        code, out, err = self.run_tool("groff", "-mandoc", "-ww", "-Tutf8",
                                       os.path.join(SHARE, "rdpwhy.1"))
        self.assertEqual((code, err), (0, ""))
        self.assertIn("connect", out)

    def test_bash_completion(self):
        script = os.path.join(SHARE, "rdpwhy")
        for words, expected in ((("pro",), ["probe"]), (("list", "pha"), ["phases"]),
                                (("license", "cl"), ["clear"]),
                                (("license", "--"), ["--license-store", "--help"]),
                                (("probe", "--unt"), ["--until"]),
                                (("probe", "-p", "tls,rdst"), ["tls,rdstls"]),
                                (("probe", "--until", "cap"), ["capabilities"]),
                                (("probe", "--color", "=", "nev"), ["never"]),
                                (("probe", "-r", "js"), ["jsonl"])):
            line = ("source '%s'; COMP_WORDS=(rdpwhy %s); COMP_CWORD=%d; _rdpwhy; "
                    "printf '%%s\\n' \"${COMPREPLY[@]}\"" % (script, " ".join(words), len(words)))
            code, out, err = self.run_tool("bash", "--norc", "-c", line)
            self.assertEqual((code, out.split(), err), (0, expected, ""), words)

    def test_zsh_completion(self):
        code, _, err = self.run_tool("zsh", "-n", os.path.join(SHARE, "_rdpwhy"))
        self.assertEqual((code, err), (0, ""))

    def test_fish_completion(self):
        code, _, err = self.run_tool("fish", "-n", os.path.join(SHARE, "rdpwhy.fish"))
        self.assertEqual((code, err), (0, ""))


if __name__ == "__main__":
    support.main()
