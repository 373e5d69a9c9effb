"""The recipes for Kubernetes and Ansible, and the container's: what they run is run here."""

import json
import os
import re
import shutil
import signal
import subprocess
import time

import servers
from servers import LiveTest, free_port, need
from test_recipes import RECIPES, Scratch, kill_one, recipe

try:
    import jsonschema
    import yaml
except ImportError:
    jsonschema = yaml = None

NAME = {"type": "string", "pattern": "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$", "maxLength": 63}


def object_of(required, **optional):
    return {"type": "object", "properties": {**required, **optional}, "required": list(required),
            "additionalProperties": False}


COUNT = {"type": "integer", "minimum": 0}
TRUE = {"const": True}
TEXT = {"type": "string", "minLength": 1}
VOLUME = {"oneOf": [object_of({"name": NAME, "configMap": object_of({"name": NAME})}),
                    object_of({"name": NAME,
                               "persistentVolumeClaim": object_of({"claimName": NAME})})]}
CONTAINER = object_of(
    {"name": NAME, "image": TEXT, "command": {"type": "array", "items": TEXT, "minItems": 1},
     "securityContext": object_of({
         "allowPrivilegeEscalation": {"const": False},
         "capabilities": object_of({"drop": {"const": ["ALL"]}})}),
     "volumeMounts": {"type": "array", "items": object_of(
         {"name": NAME, "mountPath": {"type": "string", "pattern": "^/"}}, readOnly=TRUE)}},
    env={"type": "array", "items": object_of({"name": TEXT, "value": {"type": "string"}})},
    resources=object_of({"requests": {"type": "object"}}, limits={"type": "object"}))
POD = object_of({"restartPolicy": {"enum": ["Never", "OnFailure"]},
                 "securityContext": object_of({"runAsNonRoot": TRUE,
                                               "runAsUser": {"type": "integer", "minimum": 1},
                                               "runAsGroup": {"type": "integer", "minimum": 1},
                                               "fsGroup": {"type": "integer", "minimum": 1}}),
                 "containers": {"type": "array", "items": CONTAINER, "minItems": 1},
                 "volumes": {"type": "array", "items": VOLUME}})
# batch/v1 Job and v1 PersistentVolumeClaim, as far as the manifest uses them.
KINDS = {
    "Job": object_of({"apiVersion": {"const": "batch/v1"}, "kind": TEXT,
                      "metadata": object_of({"name": NAME}),
                      "spec": object_of({"template": object_of({"spec": POD}),
                                         "backoffLimit": COUNT},
                                        completionMode={"enum": ["Indexed", "NonIndexed"]},
                                        completions=COUNT, parallelism=COUNT,
                                        suspend={"type": "boolean"})}),
    "PersistentVolumeClaim": object_of({
        "apiVersion": {"const": "v1"}, "kind": TEXT, "metadata": object_of({"name": NAME}),
        "spec": object_of({"accessModes": {"type": "array", "items": {"const": "ReadWriteMany"}},
                           "resources": {"type": "object"}})}),
}


def hosts_of(text):
    records = [json.loads(line) for line in text.splitlines()]
    return sorted((record["target"], record["vantage"]) for record in records
                  if record["record"] == "host"), records


class Kubernetes(LiveTest):
    def setUp(self):
        need(yaml and jsonschema, "python3-yaml or python3-jsonschema is not installed")
        self.documents = list(yaml.safe_load_all(recipe("kubernetes.yaml")))

    def job(self, name):
        found, = [one for one in self.documents if one["metadata"]["name"] == name]
        return found["spec"]

    def test_manifest(self):
        for document in self.documents:
            jsonschema.Draft202012Validator(KINDS[document["kind"]]).validate(document)
        claims = {one["metadata"]["name"] for one in self.documents
                  if one["kind"] == "PersistentVolumeClaim"}
        for name in ("rdpwhy-probe", "rdpwhy-merge"):
            pod = self.job(name)["template"]["spec"]
            volumes = {volume["name"]: volume for volume in pod["volumes"]}
            for container in pod["containers"]:
                for mount in container["volumeMounts"]:
                    self.assertIn(mount["name"], volumes)
            for volume in volumes.values():
                if "persistentVolumeClaim" in volume:
                    self.assertIn(volume["persistentVolumeClaim"]["claimName"], claims)
        probe = self.job("rdpwhy-probe")
        self.assertEqual(probe["completionMode"], "Indexed")
        shards, = [e["value"] for e in probe["template"]["spec"]["containers"][0]["env"]]
        self.assertEqual(int(shards), probe["completions"])
        # each index may fail three times
        self.assertGreaterEqual(probe["backoffLimit"], 3 * probe["completions"])

    def pod(self, scratch, name, **env):
        """The container's command, its volumes being folders of |scratch|."""
        container, = self.job(name)["template"]["spec"]["containers"]
        argv = list(container["command"])
        for mount in container["volumeMounts"]:
            argv[-1] = re.sub(r"%s/" % mount["mountPath"],
                              scratch.path(mount["name"]) + "/", argv[-1])
        env.update((one["name"], one["value"]) for one in container.get("env", ()))
        return subprocess.Popen(argv, cwd=scratch.directory, env=dict(scratch.env, **env),
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, text=True, start_new_session=True)

    def test_jobs(self):
        """A pod is killed in the middle, and its index runs again, as the Job has it."""
        targets = ["127.0.0.%d:%d" % (i, free_port()) for i in range(2, 26)]
        with Scratch() as scratch:
            os.mkdir(scratch.path("targets"))
            os.mkdir(scratch.path("runs"))
            scratch.write("targets/targets.txt", "\n".join(targets) + "\n")
            left = list(range(self.job("rdpwhy-probe")["completions"]))
            killed = False
            while left:
                index = left.pop(0)
                pod = self.pod(scratch, "rdpwhy-probe", JOB_COMPLETION_INDEX=str(index))
                part = scratch.path("runs/part-%d.jsonl" % (index + 1))
                while not killed and pod.poll() is None:
                    if os.path.exists(part) and os.path.getsize(part) > 0:
                        os.killpg(pod.pid, signal.SIGKILL)
                        killed = True
                _, err = pod.communicate(timeout=60)
                self.assertIn(pod.returncode, (0, -signal.SIGKILL), err)
                if pod.returncode != 0:
                    left.append(index)
            self.assertTrue(killed)
            merge = self.pod(scratch, "rdpwhy-merge")
            out, err = merge.communicate(timeout=60)
            self.assertEqual((merge.returncode, err), (1, ""), out)
            hosts, records = hosts_of(scratch.read("runs/report.jsonl"))
            self.assertEqual(hosts, sorted((target, "pool") for target in targets))
            self.assertTrue(records[-1]["complete"])


class Ansible(LiveTest):
    def test_playbook(self):
        """A probe is killed in the middle, on one of two machines that are this one."""
        playbook = servers.find("ansible-playbook")
        need(playbook, "ansible-playbook is not installed")
        targets = ["127.0.0.%d:%d" % (i, free_port()) for i in range(2, 26)]
        with Scratch() as scratch:
            scratch.write("targets.txt", "\n".join(targets) + "\n")
            python = "/usr/bin/python3"
            scratch.write("machines", "".join(
                "%s ansible_connection=local ansible_python_interpreter=%s\n" % (name, python)
                for name in ("m1", "m2")))
            for folder in ("home", "tmp"):
                os.mkdir(scratch.path(folder))
            env = dict(scratch.env, HOME=scratch.path("home"), TMPDIR=scratch.path("tmp"),
                       LC_ALL="C.UTF-8", ANSIBLE_RETRY_FILES_ENABLED="0",
                       ANSIBLE_PYTHON_INTERPRETER=python)
            child = subprocess.Popen(
                [playbook, "-i", "machines", "-e", "targets=" + scratch.path("targets.txt"), "-e",
                 "report=" + scratch.path("report.jsonl"),
                 os.path.join(RECIPES, "ansible.yml")], cwd=scratch.directory, env=env,
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                text=True)
            killed = 0
            while killed == 0 and child.poll() is None:
                for name in os.listdir(scratch.path("tmp")):
                    killed = killed or kill_one(scratch.path("tmp/" + name))
                time.sleep(0.01)
            out, _ = child.communicate(timeout=120)
            self.assertEqual(killed, 1, out)
            self.assertIn("FAILED - RETRYING: ", out)
            self.assertEqual(child.returncode, 2, out)  # not all are healthy
            self.assertIn("All hosts are healthy", out.rsplit("TASK [", 1)[1], out)
            hosts, records = hosts_of(scratch.read("report.jsonl"))
            self.assertEqual(hosts, sorted((target, "pool") for target in targets))
            self.assertTrue(records[-1]["complete"])
            self.assertFalse([name for name in os.listdir(scratch.path("tmp"))
                              if name.startswith("rdpwhy-")])


class Container(LiveTest):
    def test_containerfile(self):
        """Two stages, not as root, and every library that rdpwhy needs is in the second."""
        text = re.sub(r"\\\n", " ", recipe("Containerfile"))
        lines = [line.split(None, 1) for line in text.splitlines()
                 if line and not line.startswith("#")]
        known = {"FROM", "COPY", "WORKDIR", "RUN", "USER", "ENTRYPOINT", "CMD"}
        self.assertEqual({word for word, _ in lines} - known, set())
        stages = [rest for word, rest in lines if word == "FROM"]
        self.assertEqual(len(stages), 2)
        self.assertTrue(stages[0].endswith(" AS build"))
        last = lines[max(i for i, line in enumerate(lines) if line[0] == "FROM"):]
        for word, rest in last:
            if word == "COPY":
                self.assertTrue(rest.startswith("--from=build /usr/local/"), rest)
        user, = [rest for word, rest in last if word == "USER"]
        self.assertRegex(user, r"^[1-9]\d*:[1-9]\d*$")
        entry, = [rest for word, rest in last if word == "ENTRYPOINT"]
        self.assertEqual(json.loads(entry), ["rdpwhy"])
        run, = [rest for word, rest in last if word == "RUN"]
        self.check_packages(re.search(r"--no-install-recommends (.*?) &&", run).group(1).split())

    def check_packages(self, packages):
        readelf, dpkg = shutil.which("readelf"), shutil.which("dpkg-query")
        need(servers.RDPWHY and readelf, "no rdpwhy was built, or no readelf")
        with open("/etc/os-release", encoding="utf-8") as file:
            if not dpkg or "VERSION_CODENAME=bookworm" not in file.read():
                self.skipTest("the image is of Debian 12, and this is not")
        needed = re.findall(r"NEEDED.*\[(.*)\]", subprocess.run(
            [readelf, "-d", servers.RDPWHY], capture_output=True, text=True, check=True).stdout)
        linked = subprocess.run(["ldd", servers.RDPWHY], capture_output=True, text=True,
                                check=True).stdout
        for library in needed:
            path = re.search(r"%s => (\S+)" % re.escape(library), linked)
            if path is None or re.match(r"lib(c|m|asan|ubsan|tsan|resolv|gcc_s)\.so", library):
                continue  # of every image, or of a test's build
            found = subprocess.run([dpkg, "--search", "*" + os.path.basename(
                os.path.realpath(path.group(1)))], capture_output=True, text=True).stdout
            owners = {line.split(":")[0] for line in found.splitlines()}
            self.assertTrue(owners & set(packages), (library, owners))


if __name__ == "__main__":
    servers.main()
