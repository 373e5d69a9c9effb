"""The recipe for Slurm, on a cluster of this computer alone."""

import json
import os
import subprocess

import servers
import slurm
from servers import LiveTest, free_port
from test_recipes import RECIPES, Scratch


class Cluster(LiveTest):
    def test_slurm(self):
        """A worker is killed in the middle, and a whole node; every host is in the report once."""
        with Scratch() as scratch, slurm.Slurm() as cluster:
            targets = ["127.0.0.%d:%d" % (i, free_port()) for i in range(2, 50)]
            scratch.write("targets", "\n".join(targets) + "\n")
            child = subprocess.Popen([os.path.join(RECIPES, "slurm.sh"), "targets", "report.jsonl",
                                      "8"], cwd=scratch.directory,
                                     env=dict(scratch.env, SLURM_CONF=cluster.config),
                                     stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                     stderr=subprocess.PIPE, text=True)
            killed = {}
            while len(killed) < 2 and child.poll() is None:
                for node, end in (("n1", lambda worker: slurm.kill(worker)),
                                  ("n2", lambda worker: cluster.crash("n2", worker))):
                    for worker in cluster.workers(node)[:1] if node not in killed else ():
                        killed[node] = worker
                        end(worker)
            out, err = child.communicate(timeout=200)
            self.assertEqual((sorted(killed), child.returncode, err), (["n1", "n2"], 1, ""), out)
            records = [json.loads(line) for line in scratch.read("report.jsonl").splitlines()]
            hosts = [(record["target"], record["vantage"]) for record in records
                     if record["record"] == "host"]
            self.assertEqual(sorted(hosts), sorted((target, "pool") for target in targets))
            self.assertTrue(records[-1]["complete"])
            self.assertEqual(len(records[0]["merged"]), 8)
            self.assertIn("48 hosts", out)
            self.assertEqual([name for name in os.listdir(scratch.directory)
                              if name.startswith("rdpwhy-")], [])


if __name__ == "__main__":
    servers.main()
