"""Licensing: five license modes, told apart on the wire and in the report; the store that keeps
what servers issue.

The fault server issues licenses, recognises them byte for byte and knows whose they are; xrdp is an
ordinary server that asks and then waives. test_faults.py has a fault at every step.
"""

import contextlib
import hashlib
import json
import os
import shutil
import subprocess
import tempfile
import threading
import time

import servers
from servers import LiveTest, Peer, Xrdp, environment, find, need, probe, rdpwhy

MODES = ("fresh", "stored", "corrupt", "foreign", "admin")
ASKED = ["LICENSE_REQUEST", "NEW_LICENSE_REQUEST"]
SHOWN = ["LICENSE_REQUEST", "LICENSE_INFO"]
CHALLENGED = ["PLATFORM_CHALLENGE", "PLATFORM_CHALLENGE_RESPONSE"]
VALID_CLIENT, ERR_INVALID_MAC, ERR_INVALID_CLIENT = 7, 3, 8
WAYS = {  # of the issuing server that upgrades what it is shown
    "fresh": (ASKED + CHALLENGED + ["NEW_LICENSE"], "issued"),
    "stored": (SHOWN + CHALLENGED + ["UPGRADE_LICENSE"], "upgraded"),
    "corrupt": (SHOWN + ["ERROR_ALERT"], "error"),
    "foreign": (SHOWN + CHALLENGED + ["ERROR_ALERT"], "error"),
    "admin": (["ERROR_ALERT"], "valid-client"),
}


class LicensingTest(LiveTest):
    def setUp(self):
        self.directory = tempfile.mkdtemp(prefix="rdpwhy-live-")
        self.addCleanup(shutil.rmtree, self.directory, ignore_errors=True)
        self.store = os.path.join(self.directory, "licenses")

    def run_modes(self, target, *arguments, modes=MODES, profile="tls", store=None, status=None):
        """Attempts by license mode, and the run itself."""
        run = probe("-p", profile, "-l", ",".join(modes), "-t", "10", "--license-store",
                    store or self.store, *arguments, target)
        if status is not None:
            self.assertEqual(run.status, status, str(run))
        self.attempts(run)
        return {attempt["license_mode"]: attempt for attempt in run.of("attempt")}, run

    def files(self, store=None):
        """Names and contents of a store."""
        folder = store or self.store
        found = {}
        for name in os.listdir(folder) if os.path.isdir(folder) else []:
            with open(os.path.join(folder, name), "rb") as file:
                found[name] = file.read()
        return found

    def target(self, peer):
        return "127.0.0.1:%d" % peer.port


class ModesTest(LicensingTest):
    def check_ways(self, fault, profile):
        with Peer("--fault", fault) as peer:
            # that a damaged and a foreign license are refused is as it should be
            attempts, run = self.run_modes(self.target(peer), profile=profile, status=0)
        self.assertEqual(set(attempts), set(MODES))
        for mode, (messages, result) in WAYS.items():
            license = attempts[mode]["license"]
            self.assertEqual(license["messages"], messages, mode)
            self.assertEqual(license["result"], result, mode)
            self.assertEqual(len(license["times_us"]), len(messages))
            self.assertEqual(license["times_us"], sorted(license["times_us"]))
            self.assertEqual(len(license["sizes"]), len(messages))
            self.assertEqual(license["preamble"], {"version": 3, "extended_error": False})
        sequences = {tuple(attempts[mode]["license"]["messages"]) for mode in MODES}
        self.assertEqual(len(sequences), len(MODES))
        for mode in ("fresh", "stored", "admin"):
            self.verdict(attempts[mode], outcome="completed", phase="active")
            self.assertNotIn("code", attempts[mode])
            self.assertNotIn("step", attempts[mode])
        for mode, code, step in (
                ("corrupt", ERR_INVALID_MAC, "after LICENSE_INFO"),
                ("foreign", ERR_INVALID_CLIENT, "after PLATFORM_CHALLENGE_RESPONSE")):
            self.verdict(attempts[mode], outcome="refused", phase="licensing", step=step,
                         ending="license-error", closed_by="server")
            self.assertEqual(attempts[mode]["code"]["value"], code)
            self.assertEqual(attempts[mode]["code"]["transition"], 1)
        return attempts, run

    def test_five_ways(self):
        attempts, run = self.check_ways("license-upgrade", "tls")
        request = attempts["fresh"]["license"]["request"]
        self.assertEqual(request["company"], "Microsoft Corporation")
        self.assertEqual(request["product"], "A02")
        self.assertEqual(request["version"], "0x60000")
        self.assertEqual(request["scope"], "microsoft.com")
        self.assertEqual(request["certificate"]["kind"], "x509-chain")
        self.assertEqual(request["certificate"]["count"], 1)
        self.assertNotIn("request", attempts["admin"]["license"])
        self.assertEqual(attempts["admin"]["license"]["status"]["name"], "STATUS_VALID_CLIENT")
        self.assertEqual(attempts["foreign"]["license"]["status"]["transition_name"],
                         "ST_TOTAL_ABORT")
        host, = run.of("host")
        self.assertEqual({row["license_mode"]: row.get("result") for row in host["license_modes"]},
                         {mode: result for mode, (_, result) in WAYS.items()})
        self.assertEqual(host["license_facts"], ["issued", "upgraded"])
        self.assertEqual(host["footprint"]["licenses_requested"], 2)

    def test_five_ways_under_rdp_security(self):
        self.check_ways("license-upgrade-rdp", "rdp")

    def test_known_license_is_only_acknowledged(self):
        with Peer("--fault", "license-known") as peer:
            attempts, run = self.run_modes(self.target(peer), modes=("fresh", "stored"), status=0)
        self.assertEqual(attempts["stored"]["license"]["messages"], SHOWN + ["ERROR_ALERT"])
        self.assertEqual(attempts["stored"]["license"]["status"]["value"], VALID_CLIENT)
        self.verdict(attempts["stored"], outcome="completed", phase="active")
        self.assertEqual(run.of("host")[0]["footprint"]["licenses_requested"], 1)

    def test_until_licensing(self):
        with Peer("--fault", "license-known") as peer:
            attempts, _ = self.run_modes(self.target(peer), "--until", "licensing", status=0)
        for mode in ("fresh", "stored", "admin"):
            self.verdict(attempts[mode], outcome="completed", phase="licensing", ending="done",
                         closed_by="client")
            self.assertEqual(attempts[mode]["phases"][-1]["phase"], "licensing")
            self.assertNotIn("desktop", attempts[mode]["server"])
        self.verdict(attempts["foreign"], outcome="refused", phase="licensing")

    def test_not_asked_is_not_granted(self):
        with Peer("--fault", "license-valid-client") as peer:
            attempts, run = self.run_modes(self.target(peer), modes=("fresh",), status=0)
        self.assertEqual(attempts["fresh"]["license"]["result"], "valid-client")
        self.assertNotIn("request", attempts["fresh"]["license"])
        self.assertEqual(run.of("host")[0]["license_facts"], ["not-asked-for"])

    def test_text(self):
        with Peer("--fault", "license-known") as peer:
            run = rdpwhy("probe", "-p", "tls", "-l", ",".join(MODES), "--license-store",
                         self.store, self.target(peer))
        section = run.stdout.split("\nLicensing\n")[1].split("\n\n")[0]
        text = " ".join(section.split())
        for part in ("asked for Microsoft Corporation, product A02, version 6.0",
                     "fresh brought no license: a new license was issued",
                     "stored presented the license that was kept: the license is good "
                     "(STATUS_VALID_CLIENT: success)",
                     "corrupt presented that license damaged on purpose: refused after "
                     "LICENSE_INFO: license-error 0x3 ERR_INVALID_MAC, ST_TOTAL_ABORT",
                     "foreign presented that license as another computer: refused after "
                     "PLATFORM_CHALLENGE_RESPONSE: license-error 0x8 ERR_INVALID_CLIENT",
                     "admin asked for an administrative session, which needs no license: accepted",
                     "CALs up to 1 used up by this run"):
            self.assertIn(part, text, run.stdout)


class StoreTest(LicensingTest):
    def test_skipped_without_license(self):
        with Peer("--fault", "license-known") as peer:
            attempts, _ = self.run_modes(self.target(peer), modes=("stored", "corrupt", "foreign"))
        for attempt in attempts.values():
            self.verdict(attempt, outcome="skipped")
            self.assertIn("no license for " + self.target(peer), attempt["reason"])
            self.assertIn(self.store, attempt["reason"])

    def test_only_fresh_and_stored_write(self):
        with Peer("--fault", "license-upgrade") as peer:
            target = self.target(peer)
            self.run_modes(target, modes=("fresh",), status=0)
            first = self.files()
            self.assertEqual(len(first), 1)
            self.assertEqual(os.stat(self.store).st_mode & 0o777, 0o700)
            for name in first:
                self.assertEqual(os.stat(os.path.join(self.store, name)).st_mode & 0o777, 0o600)
            self.run_modes(target, modes=("corrupt", "foreign", "admin"))
            self.assertEqual(self.files(), first)
            self.run_modes(target, modes=("stored",), status=0)
            self.assertNotEqual(self.files(), first)

    def test_list_and_clear(self):
        with Peer("--fault", "license-known") as peer:
            target = self.target(peer)
            self.run_modes(target, modes=("fresh",), status=0)
        listed = rdpwhy("license", "list", "--license-store", self.store)
        self.assertEqual(listed.status, 0, str(listed))
        for part in (target, "Microsoft Corporation", "A02", "6.0", "microsoft.com", "512 bytes"):
            self.assertIn(part, listed.stdout)
        other = rdpwhy("license", "list", "--license-store", self.store, "other.example")
        self.assertIn("no licenses for other.example:3389", other.stdout)
        kept = rdpwhy("license", "clear", "--license-store", self.store, "other.example")
        self.assertIn("0 licenses removed", kept.stdout)
        self.assertEqual(len(self.files()), 1)
        gone = rdpwhy("license", "clear", "--license-store", self.store, target)
        self.assertIn("1 license removed", gone.stdout)
        self.assertEqual(self.files(), {})

    def test_damaged_file_is_reported_and_left_alone(self):
        with Peer("--fault", "license-known") as peer:
            target = self.target(peer)
            self.run_modes(target, modes=("fresh",), status=0)
            name, = self.files()
            path = os.path.join(self.store, name)
            with open(path, "rb") as file:
                whole = file.read()
            for damaged in (whole[:len(whole) // 2], b"", b"{}", b"\0" * 100, whole + whole,
                            b"[" * 100000, b" " * 400000):
                with open(path, "wb") as file:
                    file.write(damaged)
                attempts, _ = self.run_modes(target, modes=("stored",))
                self.verdict(attempts["stored"], outcome="skipped")
                self.assertIn(path, attempts["stored"]["reason"])
                self.assertEqual(self.files(), {name: damaged})
                listed = rdpwhy("license", "list", "--license-store", self.store)
                self.assertIn(path, listed.stderr)
            self.run_modes(target, modes=("fresh",), status=0)
            self.assertEqual(json.loads(self.files()[name])["server"], target)

    def test_large_license(self):
        """A blob has at most 65,535 bytes, and LICENSE_INFO has to fit around it."""
        with Peer("--fault", "license-known") as peer:
            target = self.target(peer)
            self.run_modes(target, modes=("fresh",), status=0)
            name, = self.files()
            path = os.path.join(self.store, name)
            record = json.loads(self.files()[name])
            for size, outcome in ((65536, "skipped"), (65535, "skipped"), (64000, "refused")):
                with open(path, "w", encoding="ascii") as file:
                    json.dump(dict(record, license="00" * size), file)
                attempts, _ = self.run_modes(target, modes=("stored",))
                self.verdict(attempts["stored"], outcome=outcome)
                if outcome == "refused":
                    self.assertEqual(attempts["stored"]["code"]["value"], ERR_INVALID_MAC)

    def test_freerdp_store(self):
        """FreeRDP keeps a license under a hash of the client's name, for all servers."""
        with Peer("--fault", "license-known") as peer:
            target = self.target(peer)
            self.run_modes(target, modes=("fresh",), status=0)
            record = json.loads(next(iter(self.files().values())))
            folder = os.path.join(self.directory, "freerdp")
            name = hashlib.sha1(record["client"].encode()).hexdigest() + ".cal"
            os.makedirs(os.path.join(folder, "licenses"))
            with open(os.path.join(folder, "licenses", name), "wb") as file:
                file.write(bytes.fromhex(record["license"]))
            for store in (folder, os.path.join(folder, "licenses")):
                attempts, _ = self.run_modes(target, modes=("stored",), store=store, status=0)
                self.assertEqual(attempts["stored"]["license"]["messages"],
                                 SHOWN + ["ERROR_ALERT"])
            self.assertEqual(self.files(os.path.join(folder, "licenses")),
                             {name: bytes.fromhex(record["license"])})

    def test_two_runs_at_once(self):
        with Peer("--fault", "license-upgrade") as peer:
            target = self.target(peer)
            self.run_modes(target, modes=("fresh",), status=0)
            runs = []

            def work():
                runs.append(self.run_modes(target, "--repeat", "10", modes=("fresh", "stored"),
                                           status=0))

            threads = [threading.Thread(target=work) for _ in range(2)]
            for thread in threads:
                thread.start()
            end = time.monotonic() + 60
            while any(thread.is_alive() for thread in threads):
                for content in self.files_once():  # whole at every moment
                    self.assertEqual(json.loads(content)["server"], target)
                self.assertLess(time.monotonic(), end)
                time.sleep(0.01)
        self.assertEqual(len(runs), 2)
        for attempts, run in runs:
            self.assertEqual(run.stderr, "")
            self.verdict(attempts["stored"], outcome="completed")
        self.assertEqual(len(self.files()), 1)

    def files_once(self):
        for name in os.listdir(self.store):
            if name.startswith("."):
                continue  # on its way
            with contextlib.suppress(FileNotFoundError):
                with open(os.path.join(self.store, name), "rb") as file:
                    yield file.read()

    def test_full_disk(self):
        """What was measured is reported, what cannot be kept is said, what was kept stays."""
        need(os.geteuid() == 0 and find("mount"), "mounting a tiny file system takes root")
        os.mkdir(self.store)
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4k,nr_inodes=8", "none",
                                  self.store], capture_output=True)
        need(mounted.returncode == 0, "no tmpfs can be mounted here")
        self.addCleanup(subprocess.run, ["umount", self.store], capture_output=True)
        with Peer("--fault", "license-upgrade") as peer:
            target = self.target(peer)
            self.run_modes(target, modes=("fresh",), status=0)
            before = self.files()
            self.assertEqual(len(before), 1)
            run = probe("-p", "tls", "-l", "stored", "--license-store", self.store, target)
        attempt, = run.of("attempt")
        self.assertEqual(attempt["license"]["result"], "upgraded", str(run))
        self.assertIn(self.store, run.stderr)
        self.assertEqual(self.files(), before)

    def test_default_store(self):
        env = dict(environment(), XDG_STATE_HOME=self.directory)
        with Peer("--fault", "license-known") as peer:
            run = probe("-p", "tls", self.target(peer), env=env)
        self.assertEqual(run.status, 0, str(run))
        self.assertEqual(len(self.files(os.path.join(self.directory, "rdpwhy", "licenses"))), 1)


class XrdpLicensingTest(LicensingTest):
    def check(self, security_layer, profile):
        with Xrdp(security_layer) as server:
            attempts, run = self.run_modes("127.0.0.1:%d" % server.port, profile=profile,
                                           modes=("fresh", "admin"))
        attempt = attempts["fresh"]
        self.verdict(attempt, outcome="completed", phase="active")
        license = attempt["license"]
        self.assertEqual(license["messages"], ASKED + ["ERROR_ALERT"])
        self.assertEqual(license["status"]["name"], "STATUS_VALID_CLIENT")
        self.assertEqual(license["result"], "valid-client")
        self.assertIn("certificate", license["request"])
        self.assertEqual(self.files(), {})
        self.assertEqual(run.of("host")[0]["footprint"]["licenses_requested"], 0)

    def test_tls(self):
        self.check("tls", "tls")

    def test_rdp(self):
        self.check("rdp", "rdp")


if __name__ == "__main__":
    servers.main()
