# SPDX-License-Identifier: Apache-2.0
"""What became of an attempt is one answer: every report that tells it tells the same."""
import json
import os
import re
import xml.etree.ElementTree

import support
from support import CliTest, rdpwhy

HOSTS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "fixtures", "hosts")

# answer: the page's rating of it, and the element in JUnit XML
WORDS = {
    "through": ("through", None),
    "withheld": ("through", None),
    "policy": ("policy", "skipped"),
    "account": ("fault", "failure"),
    "ntlm": ("fault", "failure"),
    "kerberos": ("fault", "failure"),
    "fault": ("fault", "failure"),
    "unreachable": ("fault", "failure"),
    "unknown": ("unknown", "skipped"),
    "skipped": ("none", "skipped"),
    "failed": ("fault", "error"),
}


class Answers(CliTest):
    def replay(self, name):
        reports = {"jsonl": self.path("a.jsonl"), "html": self.path("a.html"),
                   "junit": self.path("a.xml")}
        arguments = [word for format, path in reports.items()
                     for word in ("-r", "%s=%s" % (format, path))]
        run = rdpwhy("replay", *arguments, os.path.join(HOSTS, name + ".jsonl"))
        self.assertIn(run.code, (0, 1), run)
        return (json_answers(self.read("a.jsonl")), page_ratings(self.read("a.html")),
                junit_elements(self.read("a.xml")))

    def test_recorded_hosts(self):
        names = sorted(name[:-6] for name in os.listdir(HOSTS) if name.endswith(".jsonl"))
        self.assertGreater(len(names), 90)
        for name in names:
            with self.subTest(host=name):
                (hosts, answers, said), ratings, elements = self.replay(name)
                self.assertEqual(ratings, {key: WORDS[a][0] for key, a in answers.items()})
                self.assertEqual(elements, [WORDS[answers[key]][1] for key in sorted(answers)])
                for label, (state, _) in hosts.items():
                    counted = [a for key, a in answers.items() if key[0] == label and key in said]
                    self.check_state(state, counted)

    def test_same_records(self):
        """What the page holds of an attempt is what JSON Lines say of it, but for what a page of
        one host does not need."""
        for name in ("healthy", "license-modes", "tls1.0-off", "xrdp-salted-mac"):
            self.replay(name)
            lines = [json.loads(line) for line in self.read("a.jsonl").splitlines()]
            page = support.page_records(self.read("a.html"))
            self.assertEqual(len(page), len(lines))
            for line, record in zip(lines, page):
                for key in ("words", "facts", "exchange", "cut"):
                    record.pop(key, None)
                if line["record"] == "run":
                    record.pop("states")
                if line["record"] == "attempt":
                    phases = record.pop("phases", {"phase": []})
                    self.assertEqual([each["phase"] for each in line.pop("phases", [])],
                                     phases["phase"])
                    record.get("first_try", {}).pop("words", None)
                    record.setdefault("address", line["target"].rsplit(":", 1)[0])
                text = json.dumps(record).replace("\\u0001", line.get("target", "?"))
                text = text.replace("\\u0002", line.get("target", "?").rsplit(":", 1)[0])
                self.assertEqual(json.loads(text), line)

    def check_state(self, state, answers):
        """What the answers of a host allow its state to be."""
        through = "through" in answers
        if set(answers) <= {"unreachable", "skipped", "failed"} and "unreachable" in answers:
            self.assertEqual(state, "unreachable")
        elif not through and "fault" in answers:
            self.assertEqual(state, "broken")
        elif not through or {"account", "ntlm", "kerberos", "unreachable"} & set(answers):
            self.assertEqual(state, "degraded")

    def test_only_version_offered_is_reset(self):
        """Alone it is a fault: that the version is off is seen where a current one works."""
        (hosts, answers, _), ratings, elements = self.replay("tls1.0-reset")
        self.assertEqual(list(hosts.values()), [("broken", ["tls-fails"])])
        self.assertEqual(list(ratings.values()), ["fault"])
        self.assertEqual(elements, ["failure"])
        self.assertEqual(list(answers.values()), ["fault"])

    def test_one_version_is_reset(self):
        (hosts, answers, _), ratings, elements = self.replay("tls1.0-off")
        self.assertEqual(list(hosts.values()), [("healthy", ["everything-works", "tls-new-only"])])
        self.assertEqual(list(ratings.values()), ["policy", "through"])
        self.assertEqual(elements, ["skipped", None])
        self.assertEqual(list(answers.values()), ["policy", "through"])


def json_answers(text):
    """{target: (state, rules)}, {(target, ordinal): answer} with the host's word on TLS versions
    put in, and of which attempts a failure says something about the host's health."""
    records = [json.loads(line) for line in text.splitlines()]
    hosts = {r["target"]: r for r in records if r["record"] == "host"}
    answers, said = {}, set()
    for r in records:
        if r["record"] == "attempt":
            answer = r.get("answer")
            answers[r["target"], r["ordinal"]] = (
                hosts[r["target"]]["tls_version"] if answer == "tls-version" else answer)
            # an offer that no client makes unasked: servers that do not know it may close it
            special = r["profile"] in ("restricted-admin", "remote-guard") and answer == "fault"
            if not special and (r["license_mode"] in ("fresh", "stored") or answer == "through"):
                said.add((r["target"], r["ordinal"]))
    return ({label: (r["state"], [f["rule"] for f in r["findings"]])
             for label, r in hosts.items()}, answers, said)


def page_ratings(page):
    """{(target, ordinal): rating}, with the table in page.js."""
    table = dict(re.findall(r'"?([a-z-]+)"?: "([a-z-]+)"',
                            page.split("const RATINGS = {")[1].split("}")[0]))
    answers = json_answers("\n".join(map(json.dumps, support.page_records(page))))[1]
    return {key: table.get(answer, "fault") for key, answer in answers.items()}


def junit_elements(text):
    """What stands inside each test case of an attempt, in the suites' order of names."""
    elements = []
    for suite in sorted(xml.etree.ElementTree.fromstring(text), key=lambda s: s.get("name")):
        for case in suite.findall("testcase"):
            elements.append(case[0].tag if len(case) else None)
    return elements


if __name__ == "__main__":
    support.main()
