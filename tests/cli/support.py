# SPDX-License-Identifier: Apache-2.0
"""What the command-line tests share: running rdpwhy, the fault server, skipping."""
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import unittest

RDPWHY = os.environ.get("RDPWHY", "rdpwhy")
PEER = os.environ.get("RDPWHY_PEER")
SHARE = os.environ.get("RDPWHY_SHARE")
CI = os.environ.get("CI") in ("true", "1")


def need(condition, why):
    """Skips the test where |condition| is false; in CI that is a failure."""
    if condition:
        return
    if CI:
        raise AssertionError("missing in CI: " + why)
    raise unittest.SkipTest(why)


# Licenses that servers issue are kept: not in the home of who runs the tests.
STATE = tempfile.TemporaryDirectory(prefix="rdpwhy-state-")


def environment(**more):
    """The caller's environment without what changes rdpwhy's behaviour."""
    env = {name: value for name, value in os.environ.items()
           if name not in ("NO_COLOR", "RDPWHY_PASSWORD", "POSIXLY_CORRECT")}
    env["XDG_STATE_HOME"] = STATE.name
    env.update(more)
    return env


class Run:
    """One run of rdpwhy that is over."""

    def __init__(self, arguments, done):
        self.arguments = arguments
        self.code = done.returncode
        self.out = done.stdout.decode("utf-8", "replace") if done.stdout is not None else ""
        self.err = done.stderr.decode("utf-8", "replace") if done.stderr is not None else ""

    def __str__(self):
        return "rdpwhy %s\nexit code %s\n--- stdout\n%s--- stderr\n%s" % (
            " ".join(self.arguments), self.code, self.out, self.err)


def rdpwhy(*arguments, stdin=b"", stdout=subprocess.PIPE, env=None, timeout=60, **options):
    done = subprocess.run([RDPWHY, *arguments], input=stdin, stdout=stdout,
                          stderr=subprocess.PIPE, env=env or environment(), timeout=timeout,
                          check=False, **options)
    return Run(arguments, done)


class Closed:
    """A port of this machine that nothing listens on, and that nothing else will be given."""

    def __enter__(self):
        self.socket = socket.socket()
        self.socket.bind(("127.0.0.1", 0))
        self.target = "127.0.0.1:%d" % self.socket.getsockname()[1]
        return self.target

    def __exit__(self, *_):
        self.socket.close()


class Silent:
    """A server that takes connections and says nothing."""

    def __enter__(self):
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.target = "127.0.0.1:%d" % self.socket.getsockname()[1]
        return self.target

    def __exit__(self, *_):
        self.socket.close()


class Peer:
    """The fault server with one fault."""

    def __init__(self, fault, *arguments):
        need(PEER, "the fault server rdpwhy-peer (RDPWHY_PEER) is not built")
        self.arguments = [PEER, "--bind", "127.0.0.1", "--fault", fault, "--quiet",
                          "--until-stdin-closes", *arguments]

    def __enter__(self):
        self.process = subprocess.Popen(self.arguments, stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        target = None
        for line in self.process.stdout:
            words = line.decode().split("\t")
            if len(words) == 3:
                target = "%s:%s" % (words[1], words[2].strip())
            elif words[0].strip() == "ready":
                break
        if target is None:
            raise AssertionError("the fault server did not come up")
        return target

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.stdout.close()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def page_records(page):
    """The records in an HTML report, put together of what they share as page.js does."""
    shared, records = {}, []

    def whole(value):
        if isinstance(value, list):
            return [whole(each) for each in value]
        if not isinstance(value, dict):
            return value
        members = {key: whole(each) for key, each in value.items() if key != "="}
        for part in value.get("=", ()):
            members.update(shared[part] if isinstance(part, int) else whole(part))
        return members

    for line in page.split('id="data"', 1)[1].split(">", 1)[1].split("</script>")[0].splitlines():
        value = json.loads(line) if line else {}
        if "d" in value:
            shared[value["d"]] = whole(value["v"])
        elif value:
            records.append(whole(value))
    return records


class CliTest(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="rdpwhy-test-")
        self.addCleanup(shutil.rmtree, self.folder)

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, text, mode=0o600):
        path = self.path(name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(path, mode)
        return path

    def read(self, name):
        with open(self.path(name), encoding="utf-8", newline="\n") as file:
            return file.read()

    def check(self, run, code, out=None, err=None):
        """Exit code, and exact texts where they are given."""
        self.assertEqual(run.code, code, str(run))
        if out is not None:
            self.assertEqual(run.out, out, str(run))
        if err is not None:
            self.assertEqual(run.err, err, str(run))
        return run


def main():
    """unittest.main, except that a file whose every test was skipped says so to ctest."""
    result = unittest.main(argv=[sys.argv[0], "-v"], exit=False).result
    if not result.wasSuccessful():
        sys.exit(1)
    sys.exit(77 if result.testsRun > 0 and len(result.skipped) == result.testsRun else 0)
