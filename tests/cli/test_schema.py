# SPDX-License-Identifier: Apache-2.0
"""The JSON Lines report against its schema: the writers' samples and real probes."""
import glob
import json
import os
import unittest

import jsoncheck
import support
from support import CliTest, Closed, Peer, need, rdpwhy

FIXTURES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "fixtures",
                        "reports")
LISTS = {"profile": "profiles", "license_mode": "licenses", "phase": "phases",
         "outcome": "outcomes", "answer": "answers", "ending": "endings", "closer": "closers", "state": "states"}


def words(name):
    return [line.split("\t")[0] for line in rdpwhy("list", name).out.splitlines()]


class Schema(CliTest):
    def setUp(self):
        super().setUp()
        need(jsoncheck.jsonschema, "python3-jsonschema is not installed")

    def test_it_is_a_schema(self):
        jsoncheck.jsonschema.Draft202012Validator.check_schema(jsoncheck.load_schema())

    def test_enumerations_are_the_vocabulary(self):
        definitions = jsoncheck.load_schema()["$defs"]
        for definition, name in LISTS.items():
            self.assertEqual(definitions[definition]["enum"], words(name))
        self.assertEqual(definitions["code"]["properties"]["space"]["enum"], words("spaces"))
        end = definitions["end"]["properties"]
        self.assertEqual(list(end["outcomes"]["properties"]), words("outcomes"))
        self.assertEqual(list(end["states"]["properties"]), words("states"))

    def test_samples(self):
        files = glob.glob(os.path.join(FIXTURES, "*.jsonl"))
        self.assertGreaterEqual(len(files), 6)
        for path in files:
            with self.subTest(os.path.basename(path)):
                with open(path, encoding="utf-8", newline="\n") as file:
                    self.assertEqual(jsoncheck.complaints(file.read()), [])

    def test_unknown_members_are_noticed(self):
        with open(os.path.join(FIXTURES, "healthy.jsonl"), encoding="utf-8") as file:
            lines = file.read().splitlines()
        for number, line in enumerate(lines):
            record = json.loads(line)
            record["surprise"] = 1
            wrong = lines[:number] + [json.dumps(record)] + lines[number + 1:]
            self.assertNotEqual(jsoncheck.complaints("\n".join(wrong) + "\n"), [])

    def probe(self, target, *arguments):
        run = rdpwhy("probe", "-r", "jsonl", *arguments, target, timeout=120)
        self.assertIn(run.code, (0, 1), run)
        self.assertEqual(jsoncheck.complaints(run.out), [], run)

    def test_unreachable(self):
        with Closed() as target:
            self.probe(target, "-p", "all")

    def test_name_not_found(self):
        self.probe("no-such-host.invalid", "-p", "tls", "--connect-timeout", "5")

    def test_real_probes(self):
        for fault in ("healthy-tls", "healthy-rdp", "healthy-nla", "error-info-7", "fin-tls",
                      "rst-negotiation", "neg-failure-5"):
            with self.subTest(fault), Peer(fault) as target:
                self.probe(target)


if __name__ == "__main__":
    support.main()
