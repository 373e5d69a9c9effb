"""The captures that `probe --capture` writes, for every fault of rdpwhy-peer.

tshark opens them, decrypted by the secrets in them, and must see the PDUs that the trace has:
an oracle nobody here wrote. `rdpwhy pcap` reads them back and must come to the same verdict.
"""

import concurrent.futures
import functools
import glob
import json
import os
import re
import stat
import subprocess
import tempfile
import unittest

import servers
import test_faults
from servers import LiveTest, Peer, Validator, environment, find, need, probe, rdpwhy

AT_ONCE = test_faults.AT_ONCE
VERDICT = ("outcome", "phase", "phase_range", "ending", "closed_by", "sent_through", "code",
           "mstsc", "step", "reason")

# What tshark's Info column calls a PDU, and what we do.
INFO = (("Client Hello", "TLS ClientHello"),
        ("ClientData", "MCS Connect Initial"), ("ServerData", "MCS Connect Response"),
        ("erectDomainRequest", "MCS Erect Domain Request"),
        ("attachUserRequest", "MCS Attach User Request"),
        ("attachUserConfirm", "MCS Attach User Confirm"),
        ("channelJoinRequest", "MCS Channel Join Request"),
        ("channelJoinConfirm", "MCS Channel Join Confirm"),
        ("SecurityExchange", "Security Exchange"), ("ClientInfo", "Client Info"),
        ("NTLMSSP_NEGOTIATE", "TSRequest NTLM NEGOTIATE"),
        ("NTLMSSP_CHALLENGE", "TSRequest NTLM CHALLENGE"),
        ("NTLMSSP_AUTH", "TSRequest NTLM AUTHENTICATE"),
        ("License Request", "LICENSE_REQUEST"), ("New License Request", "NEW_LICENSE_REQUEST"),
        ("Platform Challenge", "PLATFORM_CHALLENGE"),
        ("Platform Challenge Response", "PLATFORM_CHALLENGE_RESPONSE"), ("Error Alert", "ERROR_ALERT"),
        ("Demand Active PDU", "Demand Active"), ("Confirm Active PDU", "Confirm Active"),
        ("RDP PDU Type: Synchronize", "Synchronize"),
        ("Action: Cooperate", "Control (Cooperate)"),
        ("Action: Request control", "Control (Request Control)"),
        ("Action: Granted control", "Control (Granted Control)"),
        ("PDU Type: FontList", "Font List"), ("PDU Type: FontMap", "Font Map"),
        ("PDU Type: Set Error Info", "Set Error Info"))
# One name of tshark's in another: the longer one is meant.
LONGER = (("NEW_LICENSE_REQUEST", "LICENSE_REQUEST"),
          ("PLATFORM_CHALLENGE_RESPONSE", "PLATFORM_CHALLENGE"))
# Where tshark is wrong, or reads what cannot be read.
EXCEPTIONS = {
    "truncated-ntlm-challenge-fin": "it names a message of which a part has come",
    "truncated-ntlm-challenge-silence": "the same",
    "license-other-channel": "licensing is the I/O channel's; it does not look at the channel",
}
# It takes a redirection's length, which differs with the ports in it, for the flags of a Security
# Exchange.
REDIRECTS = ("redirect", "broker")
# STATUS_VALID_CLIENT and an error info of none are errors by their type.
SAME = {"STATUS_VALID_CLIENT": "ERROR_ALERT", "Set Error Info (none)": "Set Error Info"}
EVENT = re.compile(r"^\s+[0-9.]+ (?:us|ms|s)\s+([<>])\s+(.+?)(?:\s{2,}.*)?$")


def ask(row, port, directory):
    """Probes one fault as its row says, with a capture, and again with nothing but the names."""
    text = os.path.join(directory, "text")
    arguments = ["-p", row["profile"], "-t", test_faults.TIMEOUT, "--linger", test_faults.LINGER,
                 "--license-store", os.path.join(directory, "store")]
    if row["until"]:
        arguments += ["--until", row["until"]]
    arguments += ["127.0.0.1:%d" % port]
    env = environment()
    if row["credentials"] != "none":
        password = Peer.PASSWORD if row["credentials"] == "right" else "not-" + Peer.PASSWORD
        arguments += ["--until", "active", "-u", Peer.USER, "--no-follow"]
        env = environment(RDPWHY_PASSWORD=password)
    if row["prepare"]:  # the license mode that fills the store beforehand
        probe("-l", row["prepare"], *arguments, env=env)
    run = probe("-l", row["license_mode"], "-vv", "-r", "text=" + text, "--capture",
                os.path.join(directory, "captures"), *arguments, env=env)
    run.captures = sorted(glob.glob(os.path.join(directory, "captures", "*.pcapng")))
    with open(text, encoding="utf-8") as file:
        run.events = [EVENT.match(line).groups() for line in file if EVENT.match(line)]
    return run


def read_back(run):
    return rdpwhy("pcap", "-q", "-r", "jsonl", run.captures[-1])


@functools.cache
def scratch():
    directory = tempfile.TemporaryDirectory(prefix="rdpwhy-capture-")
    unittest.addModuleCleanup(directory.cleanup)
    return directory.name


@functools.cache
def probed():
    """Every fault, probed once for all tests: its row, its port and its run, by its name."""
    need(servers.RDPWHY_PEER, "no rdpwhy-peer was built")
    # A capture does not know how long its session was watched.
    rows = {name: row for name, row in test_faults.table().items() if row["until"] != "session"}
    with Peer("--all") as peer, concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        def one(name):
            directory = os.path.join(scratch(), name)
            os.mkdir(directory)
            return ask(rows[name], peer.ports[name], directory)
        return rows, dict(peer.ports), dict(zip(rows, pool.map(one, rows)))


class CaptureTest(LiveTest):
    @classmethod
    def setUpClass(cls):
        cls.rows, cls.ports, cls.runs = probed()

    def test_files(self):
        for name, run in self.runs.items():
            self.assertNotIn("Sanitizer", run.stderr, str(run))
            self.assertIn(len(run.captures), (1, 2), name)  # two: a first try, and one varied
            for path in run.captures:
                self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o600, path)
            self.assertEqual(stat.S_IMODE(os.stat(os.path.dirname(run.captures[0])).st_mode), 0o700)
            told = "NTLM exchange" in run.stderr
            if self.rows[name]["credentials"] == "none":
                self.assertFalse(told, str(run))

    def test_nla_is_warned_of(self):
        self.assertIn("NTLM exchange", self.runs["healthy-nla"].stderr)

    def test_read_back(self):
        """The same verdicts, from the packets."""
        wrong, validator = [], Validator()
        with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
            again = dict(zip(self.runs, pool.map(read_back, self.runs.values())))
        for name, run in again.items():
            attempts = run.of("attempt")
            if len(attempts) != 1 or "Sanitizer" in run.stderr:
                wrong.append((name, "run", "one attempt", str(run)))
                continue
            live = self.runs[name].of("attempt")[-1]
            for field in VERDICT:
                # whose words name a violation: the TLS library's, or our decoder's
                if field == "reason" and live["ending"] == "protocol-violation":
                    continue
                if live.get(field) != attempts[0].get(field):
                    wrong.append((name, field, json.dumps(live.get(field)),
                                  json.dumps(attempts[0].get(field))))
            for record in run.records:
                wrong += [(name, record["record"], "valid", complaint[:200])
                          for complaint in validator.complaints(record)]
        if wrong:
            self.fail("\n" + test_faults.shown([("fault", "field", "live", "capture"), *wrong]))


class TsharkTest(LiveTest):
    """What tshark sees: a few runs over all captures, merged."""

    AT_ONCE = 250

    TRUE = ("1", "True")  # until 4.0, and later

    FIELDS = ("tcp.srcport", "tcp.dstport", "tcp.flags.fin", "tcp.flags.reset", "frame.comment",
              "_ws.col.Info")

    @classmethod
    def setUpClass(cls):
        need(find("tshark") and find("mergecap"), "tshark is not installed")
        cls.rows, cls.ports, cls.runs = probed()
        files = [run.captures[-1] for run in cls.runs.values()]
        cls.tls, cls.clear = {}, {}
        # mergecap names all files in one comment, whose length has 16 bits
        for first in range(0, len(files), cls.AT_ONCE):
            merged = os.path.join(scratch(), "merged-%d.pcapng" % first)
            subprocess.run([find("mergecap"), "-w", merged, *files[first:first + cls.AT_ONCE]],
                           check=True, stdin=subprocess.DEVNULL, capture_output=True)
            # TLS is found by what it looks like; of Standard RDP Security the port says it is TPKT
            cls.tls.update(cls.look(merged, ["-o", "tcp.try_heuristic_first:true",
                                             "-d", "tls.port==1024-65535,tpkt"]))
            cls.clear.update(cls.look(merged, ["-d", "tcp.port==1024-65535,tpkt"]))

    @classmethod
    def look(cls, path, options):
        """tshark's rows by the server's port; each begins with whether the server sent it."""
        done = subprocess.run(
            [find("tshark"), "-n", "-r", path, *options, "-T", "fields",
             *[word for field in cls.FIELDS for word in ("-e", field)]],
            check=True, stdin=subprocess.DEVNULL, capture_output=True)
        rows = {}
        for line in done.stdout.decode("utf-8", "replace").splitlines():
            source, target, *rest = line.split("\t")
            server = int(source) in cls.ports.values()
            rows.setdefault(int(source if server else target), []).append((server, *rest))
        return rows

    def rows_of(self, name):
        rdp = self.rows[name]["profile"] == "rdp"
        return (self.clear if rdp else self.tls).get(self.ports[name], [])

    @staticmethod
    def names(rows, server):
        """What tshark calls the PDUs of one side, in our words."""
        for row in rows:
            found = [(row[-1].find(text), ours) for text, ours in INFO
                     for _ in range(row[-1].count(text)) if row[0] == server]
            for long, short in LONGER:
                if any(ours == long for _, ours in found):
                    found = [pair for pair in found if pair[1] != short]
            yield from (ours for _, ours in sorted(found))

    @staticmethod
    def in_clear(what, server):
        """Whether Standard RDP Security leaves a PDU unencrypted, whichever keys there are."""
        return what.startswith("MCS ") or (what == "Security Exchange" and not server)

    def test_names(self):
        """Every PDU that tshark names is in our trace, in the same order."""
        wrong, seen, ours_seen = [], 0, 0
        known = {ours for _, ours in INFO}
        for name, run in self.runs.items():
            if len(run.captures) != 1 or name in EXCEPTIONS or name.startswith(REDIRECTS):
                continue
            for server, direction in ((False, ">"), (True, "<")):
                theirs = list(self.names(self.rows_of(name), server))
                ours = [SAME.get(what, what) for sign, what in run.events if sign == direction]
                ours = [what for what in ours if what in known]
                # Standard RDP Security encrypts what follows; it takes those bytes for what they
                # look like by chance, another thing in each run
                if self.rows[name]["profile"] == "rdp":
                    theirs, ours = [[what for what in side if self.in_clear(what, server)]
                                    for side in (theirs, ours)]
                seen += len(theirs)
                ours_seen += len(ours)
                rest = iter(ours)
                missing = [what for what in theirs if what not in rest]
                if missing:
                    wrong.append((name, direction, ", ".join(theirs), ", ".join(ours)))
        print("tshark names %d PDUs where we name %d" % (seen, ours_seen))
        self.assertGreater(seen, 0.8 * ours_seen)
        if wrong:
            self.fail("\n" + test_faults.shown([("fault", "", "tshark", "rdpwhy"), *wrong]))

    def test_denied(self):
        """mstsc's 0x904/0x7, decrypted from the first to the last."""
        rows = self.rows_of("error-info-7")
        sent, received = list(self.names(rows, False)), list(self.names(rows, True))
        for what in ("TLS ClientHello", "MCS Connect Initial", "Client Info", "Confirm Active"):
            self.assertIn(what, sent)
        for what in ("MCS Connect Response", "Set Error Info"):
            self.assertIn(what, received)
        comments = [row[3] for row in rows if row[3]]
        self.assertEqual(len(comments), 1)
        self.assertIn("error-info 0x7", comments[0])

    def test_endings(self):
        """FIN and RST as they were, and one comment in each capture."""
        for name, run in self.runs.items():
            attempt, rows = run.of("attempt")[-1], self.rows_of(name)
            if len(run.captures) != 1 or not rows:
                continue
            fin = any(row[0] and row[1] in self.TRUE for row in rows)
            reset = any(row[0] and row[2] in self.TRUE for row in rows)
            if attempt["ending"] == "reset":
                self.assertTrue(reset, name)
            if attempt["ending"] == "timeout":
                self.assertFalse(fin or reset, name)
            self.assertEqual(len([row for row in rows if row[3]]), 1, name)


if __name__ == "__main__":
    servers.main()
