"""Random changes to single PDUs of healthy servers: none of them is our own failure, a crash, or a
server where everything works although its Font Map never came.

rdpwhy-peer --mutate SEED changes one PDU of each connection (bits, bytes, length, order, number);
the address that was called adds to the seed, so that a run over many addresses is the same however
it is scheduled. `test_mutations.py FAULT SEED` does one of them again and shows what came of it.

RDPWHY_MUTATIONS and RDPWHY_MUTATE_SEED choose how many for each server, and the first seed.
"""

import collections
import concurrent.futures
import os
import re
import sys

import servers
from servers import LiveTest, Peer, Validator, environment, probe

# which server of the fault table, and what to probe it with
HEALTHY = {"healthy-rdp": "rdp", "healthy-tls": "tls", "healthy-nla": "nla",
           "license-known-rdp": "rdp", "license-known": "tls", "license-issued-nla": "nla"}
EACH = int(os.environ.get("RDPWHY_MUTATIONS", "120"))
SEED = int(os.environ.get("RDPWHY_MUTATE_SEED", "1"))
TIMEOUT = "2"  # seconds for one attempt: a third of the changes leaves both sides waiting
AT_ONCE = 8
LOOPBACK_NET = os.path.exists("/proc/net/tcp")  # Linux: every address of 127.0.0.0/8 is this machine

# one connection as the fault server reports it; |done| says whether there was anything to change
Mutation = collections.namedtuple("Mutation", "seed pdu kind what font_map")


def address(offset):
    return "127.0.%d.%d" % divmod(offset + 1, 256)


def mutations(text):
    """What the fault server has reported, by seed: a list, for an attempt may be tried twice."""
    found = collections.defaultdict(list)
    for line in text.splitlines():
        if line.startswith("mutation\t"):
            _, seed, _, pdu, kind, what, font_map = line.split("\t")
            found[int(seed)].append(Mutation(int(seed), pdu, kind, what, font_map == "font map sent"))
    return found


def ask(fault, seed, count):
    """Probes |count| addresses of a mutating server; the runs and what the server has reported."""
    with Peer("--fault", fault, "--mutate", str(seed), "--bind", "0.0.0.0") as peer:
        targets = ["%s:%d" % (address(i), peer.port) for i in range(count)]
        options = ["-p", HEALTHY[fault], "-t", TIMEOUT, "-j", str(AT_ONCE), "--license-store",
                   peer.path("store")]
        if HEALTHY[fault] == "nla":
            # one run each: where a server rejects an account, a run sends it to no other
            options += ["--until", "active", "-u", Peer.USER, "--no-follow"]
            env = environment(RDPWHY_PASSWORD=Peer.PASSWORD)
            with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
                runs = list(pool.map(lambda target: probe(*options, target, env=env), targets))
        else:
            runs = [probe(*options, *targets, timeout=300)]
        peer.server.wait_for(lambda: len(mutations(peer.server.text())) >= count,
                             "the fault server's reports")
        alive = peer.server.child.poll() is None
        return runs, mutations(peer.server.text()), alive, peer.server.text()


def offset_of(target):
    third, fourth = re.match(r"127\.0\.(\d+)\.(\d+):", target).groups()
    return int(third) * 256 + int(fourth) - 1


def complaints(run, seed, reported):
    """(seed, what is wrong) of a run."""
    if run.status not in (0, 1) or "Sanitizer" in run.stderr:
        yield seed, "exit %d: %s" % (run.status, run.stderr[:2000])
    for attempt in run.of("attempt"):
        own = seed + offset_of(attempt["target"])
        font_map = any(mutation.font_map for mutation in reported[own])
        if attempt["ending"] in ("client-error", "crashed") or attempt["outcome"] == "failed":
            yield own, "%(outcome)s/%(ending)s in %(phase)s" % attempt
        if attempt["outcome"] == "completed" and not font_map:
            yield own, "completed, and no Font Map was sent"
    for host in run.of("host"):
        own = seed + offset_of(host["target"])
        if any(finding["rule"] == "everything-works" for finding in host["findings"]) and \
                not any(mutation.font_map for mutation in reported[own]):
            yield own, "everything-works, and no Font Map was sent"


def story(fault, seed, reported, words):
    what = "; ".join("%s: %s %s" % (m.pdu, m.kind, m.what) for m in reported[seed])
    return "%s\n    %s\n    again: tests/live/test_mutations.py %s %d" % (words, what, fault, seed)


class Mutations(LiveTest):
    def test_mutations(self):
        if not LOOPBACK_NET:
            self.skipTest("127.0.0.0/8 is not all this machine here")
        validator, wrong, kinds = Validator(), [], collections.Counter()
        seeds = {fault: SEED + i * EACH for i, fault in enumerate(HEALTHY)}
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            asked = dict(zip(seeds, pool.map(lambda row: ask(*row, EACH), seeds.items())))
        for fault, (runs, reported, alive, text) in asked.items():
            self.assertTrue(alive, "the fault server died:\n" + text)
            self.assertNotIn("Sanitizer", text)
            self.assertEqual(sum(len(run.of("host")) for run in runs), EACH, fault)
            for run in runs:
                for record in run.records:
                    self.assertEqual(validator.complaints(record), [], record)
                for seed, words in complaints(run, seeds[fault], reported):
                    wrong.append(story(fault, seed, reported, words))
            for mutation in (m for all_of_it in reported.values() for m in all_of_it):
                if mutation.what != "did not come to it":
                    kinds[mutation.pdu.rpartition(" ")[0]] += 1
        print("%d mutations: %s" % (sum(kinds.values()), dict(kinds)))
        # every PDU of the handshake has had its turn
        self.assertGreaterEqual(len(kinds), 12)
        if wrong:
            self.fail("%d of %d\n%s" % (len(wrong), sum(kinds.values()), "\n".join(wrong)))


def again(fault, seed):
    (run,), reported, _, text = ask(fault, seed, 1)
    print(run, text, sep="\n")
    for own, words in complaints(run, seed, reported):
        print(story(fault, own, reported, words))


if __name__ == "__main__":
    if len(sys.argv) == 3 and sys.argv[1] in HEALTHY:
        again(sys.argv[1], int(sys.argv[2]))
    else:
        servers.main()
