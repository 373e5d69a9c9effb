# SPDX-License-Identifier: Apache-2.0
"""A Slurm cluster of this computer alone: munged, slurmctld and two nodes, on loopback."""

import getpass
import os
import signal
import socket
import subprocess
import time

import servers
from servers import free_port, need

CONFIG = """\
ClusterName=rdpwhy
SlurmctldHost=localhost(127.0.0.1)
SlurmctldPort={ctld_port}
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket,cred_expire=5
CredType=cred/munge
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool-%n
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd-%n.pid
SlurmUser={user}
SlurmdUser={user}
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SlurmdParameters=config_overrides
ReturnToService=2
SlurmdTimeout=6
SchedulerParameters=sched_interval=1,bf_interval=1,sched_min_interval=2
AccountingStorageType=accounting_storage/none
JobCompType=jobcomp/none
JobAcctGatherType=jobacct_gather/none
NodeName=n1 NodeHostname={host} NodeAddr=127.0.0.1 Port={n1_port} CPUs=2 State=UNKNOWN
NodeName=n2 NodeHostname={host} NodeAddr=127.0.0.1 Port={n2_port} CPUs=2 State=UNKNOWN
PartitionName=all Nodes=n1,n2 Default=YES MaxTime=INFINITE State=UP
"""


def of_process(number, name):
    """A file of /proc/NUMBER as bytes; empty where it is gone."""
    try:
        with open("/proc/%d/%s" % (number, name), "rb") as file:
            return file.read()
    except OSError:
        return b""


def kill(number):
    try:
        os.kill(number, signal.SIGKILL)
    except ProcessLookupError:
        pass


class Slurm(servers.Server):
    def start(self):
        self.config = self.path("slurm.conf")
        for tool in ("munged", "slurmctld", "slurmd", "sbatch", "scontrol", "sinfo"):
            need(servers.find(tool), tool + " is not installed")
        for name in ("state", "spool-n1", "spool-n2"):
            os.mkdir(self.path(name))
        os.chmod(self.directory, 0o755)
        with open(self.config, "w", encoding="utf-8") as file:
            file.write(CONFIG.format(folder=self.directory, user=getpass.getuser(),
                                     host=socket.gethostname().split(".")[0],
                                     ctld_port=free_port(), n1_port=free_port(),
                                     n2_port=free_port()))
        with open(self.path("munge.key"), "wb") as file:
            os.fchmod(file.fileno(), 0o600)
            file.write(os.urandom(128))
        self.env = dict(os.environ, SLURM_CONF=self.config)
        munge = self.spawn("munged", [
            servers.find("munged"), "--foreground", "--force",
            *("--%s=%s" % (name, self.path(file)) for name, file in
              (("socket", "munge.socket"), ("key-file", "munge.key"), ("pid-file", "munged.pid"),
               ("log-file", "munged.log"), ("seed-file", "munged.seed")))])
        munge.wait_for(lambda: os.path.exists(self.path("munge.socket")), "munged")
        self.spawn("slurmctld", [servers.find("slurmctld"), "-D"], env=self.env)
        self.nodes = {name: self.spawn("slurmd-" + name, [servers.find("slurmd"), "-D", "-N", name],
                                       env=self.env) for name in ("n1", "n2")}
        for name, node in self.nodes.items():
            node.wait_for(lambda name=name: self.state(name) == "idle", "the node " + name)

    def state(self, node):
        done = subprocess.run([servers.find("sinfo"), "--noheader", "--nodes=" + node,
                               "--format=%t"], env=self.env, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True)
        return done.stdout.strip().rstrip("*")

    def ours(self):
        """The processes of this cluster's jobs, and what watches over them."""
        mark = b"SLURM_CONF=" + self.config.encode() + b"\0"
        daemons = [process.child.pid for process in self.processes]
        return [number for number in map(int, filter(str.isdigit, os.listdir("/proc")))
                if mark in of_process(number, "environ") and number not in daemons
                and number != os.getpid()]

    def workers(self, node):
        """The rdpwhy that probe on |node|."""
        mark = b"SLURMD_NODENAME=" + node.encode() + b"\0"
        return [number for number in self.ours() if mark in of_process(number, "environ")
                and os.path.basename(of_process(number, "cmdline").split(b"\0")[0]) == b"rdpwhy"
                and b"\0probe\0" in of_process(number, "cmdline")]

    def parent(self, number):
        stat = of_process(number, "stat").decode("utf-8", "replace")
        return int(stat.rsplit(")", 1)[1].split()[1]) if ")" in stat else 0

    def crash(self, node, worker):
        """The node is gone at once, and with it all that it ran."""
        family = [worker]
        while self.parent(family[-1]) > 1 and b"slurm" in of_process(self.parent(family[-1]),
                                                                     "cmdline"):
            family.append(self.parent(family[-1]))
        for number in (self.nodes[node].child.pid, *reversed(family), *self.workers(node)):
            kill(number)

    def __exit__(self, *error):
        for number in self.ours():
            kill(number)
        super().__exit__(*error)
        for _ in range(50):
            left = self.ours()
            if not left:
                break
            for number in left:
                kill(number)
            time.sleep(0.1)
