"""The recipes of share/recipes, which the README shows: each is run as it stands."""

import json
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import time
import unittest
import xml.etree.ElementTree

import servers
from servers import SOURCE, LiveTest, Peer, environment, free_port, need

RECIPES = os.path.join(SOURCE, "share", "recipes")
README = os.path.join(SOURCE, "README.md")


def recipe(name):
    with open(os.path.join(RECIPES, name), encoding="utf-8") as file:
        return file.read()


class Scratch(servers.Server):
    """A directory that is gone when the test is over, with rdpwhy in its bin/."""

    def start(self):
        need(servers.RDPWHY, "no rdpwhy was built")
        os.mkdir(self.path("bin"))
        os.symlink(os.path.abspath(servers.RDPWHY), self.path("bin/rdpwhy"))
        self.env = environment(PATH=self.path("bin") + os.pathsep + os.environ["PATH"])

    def write(self, name, text):
        with open(self.path(name), "w", encoding="utf-8") as file:
            file.write(text)
        return self.path(name)

    def read(self, name):
        with open(self.path(name), encoding="utf-8") as file:
            return file.read()

    def run(self, argv, **more):
        return subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              cwd=self.directory, env=dict(self.env, **more), timeout=120)


def kill_one(directory):
    """Ends a rdpwhy that works in |directory|, as a machine that goes down would; how many."""
    for process in filter(str.isdigit, os.listdir("/proc")):
        try:
            if os.readlink("/proc/%s/cwd" % process) != directory:
                continue
            with open("/proc/%s/cmdline" % process, "rb") as file:
                if file.read().split(b"\0")[0] != b"rdpwhy":
                    continue
            os.kill(int(process), signal.SIGKILL)
            return 1
        except OSError:
            continue
    return 0


# Three networks: fra reaches the server's at once, sgp through a firewall that lets connections come
# up and resets them as soon as the client has sent anything. The arguments are their names: server's,
# fra's, sgp's, the firewall's.
NETWORKS = """\
set -e
for name in "$1" "$2" "$3" "$4"; do
    ip netns add "$name"
    ip -netns "$name" link set lo up
done
connect() { # NAMESPACE ADDRESS NAMESPACE ADDRESS: a line between the two
    line=$((line + 1))
    ip -netns "$1" link add "e$line" type veth peer name "e$line" netns "$3"
    ip -netns "$1" address add "$2/30" dev "e$line"
    ip -netns "$3" address add "$4/30" dev "e$line"
    ip -netns "$1" link set "e$line" up
    ip -netns "$3" link set "e$line" up
}
line=0
connect "$2" 198.51.100.2 "$1" 198.51.100.1
connect "$3" 203.0.113.2 "$4" 203.0.113.1
connect "$4" 203.0.113.6 "$1" 203.0.113.5
ip -netns "$1" address add 192.0.2.10/32 dev lo
ip -netns "$1" route add 203.0.113.0/30 via 203.0.113.6
ip -netns "$2" route add default via 198.51.100.1
ip -netns "$3" route add default via 203.0.113.1
ip -netns "$4" route add default via 203.0.113.5
ip netns exec "$4" sysctl -q net.ipv4.ip_forward=1
ip netns exec "$4" nft -f - <<END
table ip firewall {
    chain forward {
        type filter hook forward priority filter; policy accept;
        ip daddr 192.0.2.10 tcp dport $5 tcp flags & psh == psh reject with tcp reset
    }
}
END
"""


class Networks(servers.Server):
    """Two places, fra and sgp, that reach 192.0.2.10:3389 (the server's) over different paths, on
    which port 3389 is reset for sgp and port 3390 is not."""

    def start(self):
        self.names = {role: "rdpwhy-%s-%d" % (role, os.getpid())
                      for role in ("srv", "fra", "sgp", "wall")}
        if os.geteuid() != 0:
            raise unittest.SkipTest("named network namespaces need root")
        for tool in ("ip", "nft", "sysctl"):
            need(servers.find(tool), tool + " is not installed")
        done = subprocess.run(["sh", "-c", NETWORKS, "sh", *self.names.values(), "3389"],
                              stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              env=dict(os.environ, PATH="/usr/sbin:" + os.environ["PATH"]))
        if done.returncode != 0:
            self.delete()
        need(done.returncode == 0, "no network namespaces here: " + done.stderr)
        for port in ("3389", "3390"):
            server = self.spawn("peer" + port, [
                *self.inside("srv"), servers.RDPWHY_PEER, "--quiet", "--bind", "192.0.2.10",
                "--port", port, "--fault", "healthy-tls-negotiate"])
            server.wait_for(lambda: "ready" in server.text().splitlines(), "rdpwhy-peer")

    def inside(self, role):
        return [servers.find("ip"), "netns", "exec", self.names[role]]

    def delete(self):
        for name in self.names.values():
            subprocess.run([servers.find("ip"), "netns", "delete", name], capture_output=True)

    def __exit__(self, *error):
        super().__exit__(*error)
        self.delete()


class Recipes(LiveTest):
    def test_before_after(self):
        """The script, around a patch that changes nothing and one that switches NLA off."""
        script = os.path.join(RECIPES, "before-after.sh")
        with Scratch() as scratch, Peer("--fault", "healthy-nla") as peer:
            scratch.write("targets", "127.0.0.1:%d\n" % peer.port)
            done = scratch.run([script, "targets", "true"])
            self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)
            self.assertIn("nothing has changed", done.stdout)
            done = scratch.run([script, "targets", "false"])
            self.assertEqual(done.returncode, 1, "a patch that fails is the script's end")
        port = free_port()
        with Scratch() as scratch:
            before = Peer("--fault", "healthy-nla", "--port", str(port))
            after = Peer("--fault", "healthy-tls-negotiate", "--port", str(port))
            scratch.write("targets", "127.0.0.1:%d\n" % port)
            patch = ["sh", "-c", "touch patched; while test ! -e ready; do sleep 0.1; done"]
            with before:
                child = subprocess.Popen([script, "targets", *patch], cwd=scratch.directory,
                                         env=scratch.env, stdin=subprocess.DEVNULL,
                                         stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
                while not os.path.exists(scratch.path("patched")) and child.poll() is None:
                    pass
            with after:
                scratch.write("ready", "")
                out, err = child.communicate(timeout=60)
        self.assertEqual((child.returncode, err), (3, ""), out)
        self.assertRegex(out, r"worse +nla-required +host +required -> not required")

    def machines(self, scratch, *names):
        """An SSH server on loopback that goes by several names."""
        for tool in ("sshd", "ssh", "ssh-keygen", "parallel", "rsync"):
            need(shutil.which(tool, path=os.environ["PATH"] + ":/usr/sbin"), "no " + tool)
        port = free_port()
        for key in ("host", "key"):
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", scratch.path(key)],
                           check=True)
        scratch.write("sshd_config", """Port %d
ListenAddress 127.0.0.1
HostKey %s
AuthorizedKeysFile %s
PidFile none
StrictModes no
UsePAM no
""" % (port, scratch.path("host"), scratch.path("key.pub")))
        scratch.write("ssh_config", """Host %s
  HostName 127.0.0.1
  Port %d
  IdentityFile %s
  UserKnownHostsFile /dev/null
  StrictHostKeyChecking no
  LogLevel ERROR
""" % (" ".join(names), port, scratch.path("key")))
        scratch.write("bin/ssh", """#!/bin/sh
exec %s -F %s "$@"
""" % (shutil.which("ssh"), scratch.path("ssh_config")))
        os.chmod(scratch.path("bin/ssh"), 0o755)
        if os.geteuid() == 0:
            os.makedirs("/run/sshd", exist_ok=True)
        daemon = subprocess.Popen([shutil.which("sshd", path="/usr/sbin:" + os.environ["PATH"]),
                                   "-D", "-e", "-f", scratch.path("sshd_config"),
                                   "-o", "SetEnv=PATH=" + scratch.env["PATH"]],
                                  stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(daemon.wait)
        self.addCleanup(daemon.terminate)
        for _ in range(100):
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                return
            except OSError:
                time.sleep(0.1)
        self.fail("sshd does not listen")

    def hosts(self, scratch, report):
        records = [json.loads(line) for line in scratch.read(report).splitlines()]
        return [(record["target"], record["vantage"]) for record in records
                if record["record"] == "host"], records

    def test_many_machines(self):
        """A worker is killed in the middle; every host is in the report once all the same."""
        with Scratch() as scratch:
            self.machines(scratch, "m1", "m2")
            targets = ["127.0.0.%d:%d" % (i, free_port()) for i in range(2, 26)]
            scratch.write("targets", "\n".join(targets) + "\n")
            child = subprocess.Popen([os.path.join(RECIPES, "many-machines.sh"), "targets",
                                      "report.jsonl", "m1", "m2"], cwd=scratch.directory,
                                     env=scratch.env, stdin=subprocess.DEVNULL,
                                     stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            killed = 0
            while killed == 0 and child.poll() is None:
                killed = kill_one("/tmp/rdpwhy-%d" % child.pid)
            out, err = child.communicate(timeout=300)
            self.assertEqual((killed, child.returncode), (1, 1), out + err)
            hosts, records = self.hosts(scratch, "report.jsonl")
            self.assertEqual(sorted(hosts), sorted((target, "pool") for target in targets))
            self.assertTrue(records[-1]["complete"])
            self.assertEqual(len(records[0]["merged"]), 8)

    def test_a_part_that_fails(self):
        """On every machine: what the others found is in the report, and the exit code tells."""
        with Scratch() as scratch:
            self.machines(scratch, "m1")
            real = shutil.which("rdpwhy", path=scratch.env["PATH"])
            # their text alone says which shard they are in: the one that fails has some, not all
            targets = ["127.0.0.%d:1" % i for i in range(2, 10)]
            scratch.write("targets", "\n".join(targets) + "\n")
            os.rename(real, real + "-real")
            scratch.write("bin/rdpwhy", """#!/bin/sh
case "$*" in *"--shard 3/4"*) exit 4 ;; esac
exec %s-real "$@"
""" % real)
            os.chmod(scratch.path("bin/rdpwhy"), 0o755)
            done = scratch.run([os.path.join(RECIPES, "many-machines.sh"), "targets",
                                "report.jsonl", "m1"])
            self.assertEqual(done.returncode, 4, done.stdout + done.stderr)
            self.assertIn("hosts are missing", done.stderr)
            hosts, records = self.hosts(scratch, "report.jsonl")
            self.assertTrue(0 < len(hosts) < len(targets), hosts)
            self.assertEqual(len(records[0]["merged"]), 3)

    def test_many_places(self):
        with Scratch() as scratch:
            self.machines(scratch, "fra", "nyc")
            targets = ["127.0.0.%d:%d" % (i, free_port()) for i in range(2, 5)]
            scratch.write("targets", "\n".join(targets) + "\n")
            done = scratch.run([os.path.join(RECIPES, "many-places.sh"), "targets", "report.jsonl",
                                "fra", "nyc"])
            self.assertEqual(done.returncode, 1, done.stderr)
            self.assertTrue(done.stdout.startswith("\nSeen from several places\n"), done.stdout)
            hosts, _ = self.hosts(scratch, "report.jsonl")
            self.assertEqual(sorted(hosts), sorted((target, place) for target in targets
                                                   for place in ("fra", "nyc")))

    def places(self, scratch, networks, *names):
        """SSH to places that are namespaces: the server speaks over the client's own pipe."""
        sshd = shutil.which("sshd", path="/usr/sbin:" + os.environ["PATH"])
        need(sshd and shutil.which("ssh") and shutil.which("ssh-keygen"), "no ssh or sshd")
        os.makedirs("/run/sshd", exist_ok=True)
        for key in ("host", "key"):
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", scratch.path(key)],
                           check=True)
        scratch.write("sshd_config", "HostKey %s\nAuthorizedKeysFile %s\nPidFile none\n"
                      "StrictModes no\nUsePAM no\n" % (scratch.path("host"),
                                                      scratch.path("key.pub")))
        scratch.write("ssh_config", "".join(
            "Host %s\n  ProxyCommand %s %s -i -f %s -o SetEnv=PATH=%s\n"
            % (name, " ".join(networks.inside(name)), sshd, scratch.path("sshd_config"),
               scratch.env["PATH"]) for name in names) +
            "Host *\n  IdentityFile %s\n  UserKnownHostsFile /dev/null\n"
            "  StrictHostKeyChecking no\n  LogLevel ERROR\n" % scratch.path("key"))
        scratch.write("bin/ssh", "#!/bin/sh\nexec %s -F %s \"$@\"\n"
                      % (shutil.which("ssh"), scratch.path("ssh_config")))
        os.chmod(scratch.path("bin/ssh"), 0o755)

    def test_places_that_see_different_networks(self):
        """A firewall on one path alone: the report begins with it, and leaves the other server out."""
        with Scratch() as scratch, Networks() as networks:
            self.places(scratch, networks, "fra", "sgp")
            scratch.write("targets", "192.0.2.10:3389\n192.0.2.10:3390\n")
            done = scratch.run([os.path.join(RECIPES, "many-places.sh"), "targets", "report.jsonl",
                                "fra", "sgp"])
            self.assertEqual((done.returncode, done.stderr), (1, ""), done.stdout)
            told = re.sub(r"\s+", " ", done.stdout)
            self.assertTrue(told.startswith(" Seen from several places 192.0.2.10:3389 error "
                                            "The server works from fra, but not from sgp: aborted "
                                            "in negotiation: reset, so something on that path "
                                            "differs [path-differs]"), done.stdout)
            hosts, records = self.hosts(scratch, "report.jsonl")
            self.assertEqual(sorted(hosts), [("192.0.2.10:%d" % port, place) for port in (3389, 3390)
                                             for place in ("fra", "sgp")])
            self.assertEqual([(r["target"], r["finding"]["rule"], r["finding"]["severity"])
                              for r in records if r["record"] == "across"],
                             [("192.0.2.10:3389", "path-differs", "error")])
            states = {(r["target"][-4:], r["vantage"]): r["state"] for r in records
                      if r["record"] == "host"}
            self.assertEqual(states, {("3389", "fra"): "healthy", ("3389", "sgp"): "broken",
                                      ("3390", "fra"): "healthy", ("3390", "sgp"): "healthy"})

    def script_of(self, job):
        """The commands of the job's script, as the runner hands them to a shell."""
        lines = recipe("gitlab-ci.yml").split("\n")
        start = lines.index("%s:" % job)
        start = lines.index("  script:", start)
        commands = []
        for line in lines[start + 1:]:
            if not line.startswith("    - "):
                break
            commands.append(line[len("    - "):])
        self.assertTrue(commands)
        return "set -e\n" + "\n".join(commands)

    def test_ci_job(self):
        port = free_port()
        target = "127.0.0.1:%d" % port
        with Scratch() as scratch:
            shutil.copy(os.path.join(RECIPES, "rdp-rules.txt"), scratch.directory)
            with Peer("--fault", "healthy-any", "--port", str(port)):
                done = scratch.run(["rdpwhy", "probe", "-q", "--save", "rdp-baseline.jsonl", target])
                self.assertEqual(done.returncode, 0, done.stderr)
                done = scratch.run(["bash", "-c", self.script_of("rdp")])
                self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)
                self.assertNotIn("<failure", scratch.read("rdp.xml"))
            with Peer("--fault", "rst-tls", "--port", str(port)):
                done = scratch.run(["bash", "-c", self.script_of("rdp")])
            self.assertEqual(done.returncode, 3, done.stderr)
            tree = xml.etree.ElementTree.fromstring(scratch.read("rdp.xml"))
            self.assertTrue(tree.findall("testsuite/testcase/failure"))
            # no worse than the baseline, but against the rules
            with Peer("--fault", "certificate-weak", "--port", str(port)):
                scratch.run(["rdpwhy", "probe", "-q", "--save", "rdp-baseline.jsonl", target])
                done = scratch.run(["bash", "-c", self.script_of("rdp")])
            self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
            self.assertRegex(done.stdout, r"key>=2048 +\w+ RSA 1024")
            tree = xml.etree.ElementTree.fromstring(scratch.read("rdp.xml"))
            failed, = tree.findall("testsuite/testcase[failure]")
            self.assertEqual((failed.get("classname"), failed.get("name")),
                             (target, "require key>=2048"))

    def nagios(self, scratch, arguments, address):
        """The service's check as Nagios runs it: the macros, then a shell."""
        text = recipe("nagios.cfg")
        command = re.search(r"^ *command_line +(.*)$", text, re.M).group(1)
        check = re.search(r"^ *check_command +(.*)$", text, re.M).group(1)
        name, *defaults = check.split("!")
        self.assertEqual(name, re.search(r"^ *command_name +(.*)$", text, re.M).group(1))
        self.assertEqual(len(defaults), len(arguments))
        for number, argument in enumerate(arguments, 1):
            command = command.replace("$ARG%d$" % number, argument)
        return scratch.run(["sh", "-c", command.replace("$HOSTADDRESS$", address)])

    def test_nagios_service(self):
        with Scratch() as scratch:
            with Peer("--fault", "healthy-tls-negotiate") as peer:
                done = self.nagios(scratch, ("14", str(peer.port)), "127.0.0.1")
                self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)
                self.assertRegex(done.stdout, r"\ARDP OK - [^|\n]+\| .*tls=[0-9.]+s;;;0.*\n\Z")
                done = self.nagios(scratch, ("99999", str(peer.port)), "127.0.0.1")
                self.assertEqual(done.returncode, 2, done.stdout)
                self.assertIn("cert-days>=99999", done.stdout)
            done = self.nagios(scratch, ("14", str(free_port())), "127.0.0.1")
            self.assertEqual(done.returncode, 2, done.stdout)
            self.assertTrue(done.stdout.startswith("RDP CRITICAL - "), done.stdout)
            done = self.nagios(scratch, ("14", "99999"), "127.0.0.1")
            self.assertEqual(done.returncode, 3, done.stdout)
            self.assertTrue(done.stdout.startswith("RDP UNKNOWN - "), done.stdout)

    def test_timer_and_textfile(self):
        """The service's command with the unit's environment, which /etc/default/rdpwhy may change
        as here, and twice: the second run replaces the first one's file."""
        unit = recipe("rdpwhy.service")
        env = dict(line.split("=", 1) for line in re.findall(r"^Environment=(.*)$", unit, re.M))
        self.assertEqual(set(env), {"TARGETS", "TEXTFILES"})
        command = re.search(r"^ExecStart=(.*)$", unit, re.M).group(1)
        fine = {0, *map(int, re.search(r"^SuccessExitStatus=(.*)$", unit, re.M).group(1).split())}
        with Scratch() as scratch, Peer("--fault", "healthy-tls") as peer:
            os.mkdir(scratch.path("textfiles"))
            values = {"TARGETS": scratch.write("targets", "127.0.0.1:%d\n127.0.0.1:%d\n"
                                               % (peer.port, free_port())),
                      "TEXTFILES": scratch.path("textfiles")}
            argv = [re.sub(r"\$\{(\w+)\}", lambda name: values[name.group(1)], word)
                    for word in shlex.split(command)]
            # systemd gives a service of the system no HOME
            scratch.env = servers.without_home(scratch.env, "XDG_STATE_HOME")
            for _ in range(2):
                done = scratch.run(argv)
                self.assertIn(done.returncode, fine, done.stderr)
                self.assertEqual((done.stdout, done.stderr), ("", ""))
                self.assertEqual(os.listdir(values["TEXTFILES"]), ["rdpwhy.prom"])
            text = scratch.read("textfiles/rdpwhy.prom")
        self.assertIn('state="healthy"} 1\n', text)
        self.assertIn('state="unreachable"} 1\n', text)
        promtool = servers.find("promtool")
        need(promtool, "promtool is not installed")
        done = subprocess.run([promtool, "check", "metrics"], input=text, capture_output=True,
                              text=True)
        self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)

    def test_units(self):
        analyze = servers.find("systemd-analyze")
        need(analyze, "systemd-analyze is not installed")
        with Scratch() as scratch:
            for name in ("rdpwhy.service", "rdpwhy.timer"):
                shutil.copy(os.path.join(RECIPES, name), scratch.directory)
            done = scratch.run([analyze, "verify", "--man=no", scratch.path("rdpwhy.timer"),
                                scratch.path("rdpwhy.service")])
        ours = [line for line in done.stderr.splitlines() if "rdpwhy" in line]
        self.assertEqual(ours, [], done.stderr)

    def test_readme(self):
        """What the README shows of a recipe is the recipe."""
        need(os.path.exists(README), "there is no README.md yet")
        with open(README, encoding="utf-8") as file:
            text = file.read()
        shown = re.findall(r"`share/recipes/([\w.-]+)`\S*\n+```\w*\n(.*?)\n```", text, re.S)
        need(shown, "the README shows no recipes yet")
        self.assertEqual({name for name, _ in shown}, set(os.listdir(RECIPES)))
        for name, block in shown:
            self.assertEqual(block + "\n", recipe(name), name)


if __name__ == "__main__":
    servers.main()
