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
import sys
import tempfile
import threading
import time

import servers
from servers import (LiveTest, Peer, Silent, Xrdp, environment, find, need, probe, rdpwhy,
                     without_home)

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
    "admin": (["STATUS_VALID_CLIENT"], "valid-client"),
}


def footprint(host):
    """Licenses asked for, issued, not known."""
    return tuple(host["footprint"].get("licenses_" + name, 0)
                 for name in ("requested", "issued", "unknown"))


class LicensingTest(LiveTest):
    def setUp(self):
        self.directory = tempfile.mkdtemp(prefix="rdpwhy-live-")
        self.addCleanup(shutil.rmtree, self.directory, ignore_errors=True)
        self.store = os.path.join(self.directory, "licenses")

    def run_modes(self, target, *arguments, modes=MODES, profile="tls", store=None, status=None,
                  **options):
        """Attempts by license mode, and the run itself."""
        run = probe("-p", profile, "-l", ",".join(modes), "-t", "10", "--license-store",
                    store or self.store, *arguments, target, **options)
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

    def lend(self):
        """A store of FreeRDP's own with a license of the issuing server: for any server."""
        with Peer("--fault", "license-known") as peer:
            self.run_modes(self.target(peer), modes=("fresh",), status=0)
        record = json.loads(next(iter(self.files().values())))
        folder = os.path.join(self.directory, "freerdp")
        os.makedirs(folder)
        name = hashlib.sha1(record["client"].encode()).hexdigest() + ".cal"
        with open(os.path.join(folder, name), "wb") as file:
            file.write(bytes.fromhex(record["license"]))
        return folder

    def text(self, target, *modes, store=None):
        """The section of the text report on licensing, unwrapped, and the whole report."""
        run = rdpwhy("probe", "-v", "-p", "tls", "-t", "3", "-l", ",".join(modes), "--license-store",
                     store or self.store, target)
        section = run.stdout.split("\nLicensing\n")[1].split("\n\n")[0]
        return " ".join(section.split()), run.stdout


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
        self.assertEqual(footprint(host), (2, 2, 0))

    def test_five_ways_under_rdp_security(self):
        self.check_ways("license-upgrade-rdp", "rdp")

    def test_known_license_is_only_acknowledged(self):
        with Peer("--fault", "license-known") as peer:
            attempts, run = self.run_modes(self.target(peer), modes=("fresh", "stored"), status=0)
        self.assertEqual(attempts["stored"]["license"]["messages"],
                         SHOWN + ["STATUS_VALID_CLIENT"])
        self.assertEqual(attempts["stored"]["license"]["status"]["value"], VALID_CLIENT)
        self.verdict(attempts["stored"], outcome="completed", phase="active")
        self.assertEqual(footprint(run.of("host")[0]), (1, 1, 0))

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
            text, report = self.text(self.target(peer), *MODES)
        for part in ("requested Microsoft Corporation, product A02, version 6.0",
                     "fresh had no license: a new license was issued",
                     "stored presented the stored license: the server accepted it "
                     "(STATUS_VALID_CLIENT: success)",
                     "corrupt presented the stored license, damaged on purpose: refused after "
                     "LICENSE_INFO: license-error 0x3 ERR_INVALID_MAC, ST_TOTAL_ABORT",
                     "foreign presented the stored license with another hardware ID: refused after "
                     "PLATFORM_CHALLENGE_RESPONSE: license-error 0x8 ERR_INVALID_CLIENT",
                     "admin asked for an administrative session, which needs no license: accepted",
                     "CALs up to 1 used; a temporary one is released when it expires"):
            self.assertIn(part, text, report)

    def test_a_license_that_was_never_shown(self):
        """STATUS_VALID_CLIENT comes before any LICENSE_INFO: nothing was checked, or not checked."""
        store, modes = self.lend(), ("stored", "corrupt", "foreign")
        with Peer("--fault", "license-valid-client") as peer:
            text, report = self.text(self.target(peer), *modes, store=store)
            _, run = self.run_modes(self.target(peer), modes=modes, store=store)
        self.assertIn("stored had the stored license: accepted without being asked for",
                      text, report)
        for wrong in ("presented", "passes", "good"):
            self.assertNotIn(wrong, text, report)
        self.assertIn("together the server asks for no license", text, report)
        self.assertEqual(run.of("host")[0]["license_facts"], ["not-asked-for"])

    def test_malformed_end_is_none(self):
        with Peer("--fault", "flipped-license") as peer:
            attempts, run = self.run_modes(self.target(peer), modes=("fresh",))
        self.verdict(attempts["fresh"], outcome="aborted", phase="licensing")
        self.assertNotIn("result", attempts["fresh"]["license"])
        self.assertNotIn("license_facts", run.of("host")[0])

    def test_asked_for_and_not_issued(self):
        """(requested, issued, not known), and what the report says of CALs."""
        none, unseen = "CALs none used: no license was issued", "CALs unknown:"
        for fault, counts, cals in (("fin-licensing", (1, 0, 0), none),
                                    ("license-error-8-after-response", (1, 0, 0), none),
                                    ("fin-challenge-response", (1, 0, 1), unseen),
                                    ("rst-challenge-response", (1, 0, 1), unseen),
                                    ("silence-challenge-response", (1, 0, 1), unseen),
                                    ("license-valid-client", (0, 0, 0), none)):
            with self.subTest(fault), Peer("--fault", fault) as peer:
                target = self.target(peer)
                _, run = self.run_modes(target, "-t", "3", modes=("fresh",))
                self.assertEqual(footprint(run.of("host")[0]), counts)
                text, report = self.text(target, "fresh")
                self.assertIn(cals, text, report)
                self.assertIn("%d license%s requested" % (counts[0], "s" * (counts[0] != 1)),
                              report)

    def test_timeline_names_what_is_encrypted(self):
        with Peer("--fault", "license-known-rdp") as peer:
            run = rdpwhy("probe", "-vv", "-p", "rdp", "-l", "fresh,stored", "--license-store",
                         self.store, self.target(peer))
        for name in ("NEW_LICENSE_REQUEST", "PLATFORM_CHALLENGE_RESPONSE", "LICENSE_INFO",
                     "Confirm Active", "Font List"):
            self.assertRegex(run.stdout, "(?m)^ +[0-9.]+ m?s +> +%s " % name)
        self.assertNotIn("license message", run.stdout)


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
        self.assertIn("there is none of other.example:3389 or another port", kept.stdout)
        self.assertEqual(kept.status, 1, str(kept))
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
                # nor is it replaced by a license that the server has issued
                attempts, run = self.run_modes(target, modes=("fresh",), status=0)
                self.assertEqual(attempts["fresh"]["license"]["result"], "issued")
                self.assertEqual(run.stderr.count("\n"), 1, str(run))
                for part in ("the license that %s issued could not be stored" % target, path, "left alone"):
                    self.assertIn(part, run.stderr)
                self.assertEqual(self.files(), {name: damaged})
            cleared = rdpwhy("license", "clear", "--license-store", self.store, target)
            self.assertIn("1 license removed", cleared.stdout)
            _, run = self.run_modes(target, modes=("fresh",), status=0)
            self.assertEqual(run.stderr, "")
            self.assertEqual(json.loads(self.files()[name])["server"], target)

    def test_upper_and_lower_case(self):
        with Peer("--fault", "license-known") as peer:
            self.run_modes("LocalHost:%d" % peer.port, "-4", modes=("fresh",), status=0)
            target = "localhost:%d" % peer.port
            attempts, _ = self.run_modes(target, "-4", modes=("stored",), status=0)
            self.verdict(attempts["stored"], outcome="completed")
            self.run_modes(target, "-4", modes=("fresh",), status=0)
        self.assertEqual(len(self.files()), 1)
        listed = rdpwhy("license", "list", "--license-store", self.store, target.upper())
        self.assertIn("Microsoft Corporation", listed.stdout)
        gone = rdpwhy("license", "clear", "--license-store", self.store, target.upper())
        self.assertIn("1 license removed", gone.stdout)
        self.assertEqual(self.files(), {})

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
                                 SHOWN + ["STATUS_VALID_CLIENT"])
            for store in (folder, os.path.join(folder, "licenses")):
                for server in ([], [target]):
                    listed = rdpwhy("license", "list", "--license-store", store, *server)
                    self.assertEqual((listed.status, listed.stderr), (0, ""), str(listed))
                    for part in (name, "FreeRDP", "512 bytes"):
                        self.assertIn(part, listed.stdout)
                    self.assertNotIn("no licenses", listed.stdout)
                cleared = rdpwhy("license", "clear", "--license-store", store)
                self.assertEqual(cleared.status, 0, str(cleared))
                self.assertIn("0 licenses removed", cleared.stdout)
                self.assertIn("1 license(s) of FreeRDP were left alone", cleared.stdout)
            self.assertEqual(self.files(os.path.join(folder, "licenses")),
                             {name: bytes.fromhex(record["license"])})
            # a license of the server's own is presented, and listed, in place of it
            self.run_modes(target, modes=("fresh",), store=folder, status=0)
            listed = rdpwhy("license", "list", "--license-store", folder, target)
            self.assertIn("Microsoft Corporation", listed.stdout)
            self.assertNotIn("FreeRDP", listed.stdout)

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
            self.check_not_kept(target, "upgraded", modes=("stored",))
        self.assertEqual(self.files(), before)

    # What a full disk does, without one: no file may grow to the size of a license.
    LIMIT = [sys.executable, "-c", "import os, resource, sys;"
             "resource.setrlimit(resource.RLIMIT_FSIZE, (800, 800));"
             "os.execv(sys.argv[1], sys.argv[1:])"]

    def check_not_kept(self, target, result, modes=("fresh",), **options):
        _, run = self.run_modes(target, modes=modes, status=4, **options)
        attempt, = run.of("attempt")
        self.assertEqual(attempt["license"]["result"], result, str(run))
        self.verdict(attempt, outcome="completed")
        self.assertIn("the license that %s issued could not be stored" % target, run.stderr)
        self.assertIn(self.store, run.stderr)
        return run

    def test_file_size_limit(self):
        with Peer("--fault", "license-known") as peer:
            self.check_not_kept(self.target(peer), "issued", prefix=self.LIMIT)
            self.assertEqual(self.files(), {})
            run = probe("-p", "tls", self.target(peer), prefix=self.LIMIT,
                        env=environment(XDG_STATE_HOME=self.directory))
            self.attempts(run, status=4)  # the default store is as full

    def test_full_disk_and_a_baseline(self):
        """What has changed is still told."""
        saved = os.path.join(self.directory, "saved.jsonl")
        store = self.store  # so deep that it has no room for a license's name
        while len(store) < os.pathconf("/", "PC_PATH_MAX") - 20:
            store = os.path.join(store, "x" * min(100, os.pathconf("/", "PC_PATH_MAX") - 20
                                                  - len(store)))
        with Peer("--fault", "license-known") as peer:
            run = rdpwhy("probe", "-q", "-p", "tls", "--save", saved, self.target(peer))
            self.assertEqual(run.status, 0, str(run))
            run = rdpwhy("probe", "--baseline", saved, "--license-store", store)
        self.assertEqual(run.status, 4, str(run))
        self.assertIn("nothing has changed", run.stdout)

    def test_no_store(self):
        """A folder that was asked for and cannot be a store: nothing is sent, to nobody."""
        path = os.path.join(self.directory, "file")
        with open(path, "w", encoding="ascii"):
            pass
        with Silent() as server:
            for store in (path, os.path.join(path, "store"), "/proc/rdpwhy/store"):
                for mode in ("fresh", "stored"):
                    run = rdpwhy("probe", "-p", "tls", "-l", mode, "-t", "1", "--license-store",
                                 store, "127.0.0.1:%d" % server.port)
                    self.assertEqual((run.status, run.stdout), (2, ""), str(run))
                    self.assertIn("--license-store: " + store, run.stderr)
            run = rdpwhy("probe", "-l", "corrupt", "--license-store", path,
                         "127.0.0.1:%d" % server.port)
            self.assertEqual((run.status, run.stdout), (2, ""), str(run))
            server.socket.setblocking(False)
            self.assertRaises(BlockingIOError, server.socket.accept)

    def test_no_default_store(self):
        """Nobody asked for it: a warning, where there is a license to keep."""
        path = os.path.join(self.directory, "file")
        with open(path, "w", encoding="ascii"):
            pass
        with Peer("--fault", "license-known") as peer, Peer("--fault", "healthy-tls") as other:
            for env in (environment(XDG_STATE_HOME=path),
                        without_home(environment(), "XDG_STATE_HOME")):
                run = probe("-p", "tls", self.target(other), env=env)
                self.attempts(run, status=0)
                self.assertEqual(run.stderr, "")
                run = probe("-p", "tls", self.target(peer), env=env)
                self.attempts(run, status=0)
                self.assertIn("issued could not be stored: ", run.stderr)
        listed = rdpwhy("license", "list", env=without_home(environment(), "XDG_STATE_HOME"))
        self.assertEqual(listed.status, 2, str(listed))

    def test_no_home(self):
        """As a service of systemd's has none."""
        for fault, profile in (("license-known", "tls"), ("license-known-rdp", "rdp"),
                               ("healthy-nla", "nla")):
            with Peer("--fault", fault) as peer:
                for env in (without_home(environment()), environment(HOME="")):
                    run = probe("-p", profile, "--license-store", self.store, self.target(peer),
                                env=env)
                    self.attempts(run, status=0)
                    self.assertEqual(run.stderr, "")
        self.assertEqual(len(self.files()), 2)

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
        asked = ASKED if Xrdp.asks_for_license() else []
        self.assertEqual(license["messages"], asked + ["STATUS_VALID_CLIENT"])
        self.assertEqual(license["status"]["name"], "STATUS_VALID_CLIENT")
        self.assertEqual(license["result"], "valid-client")
        if asked:
            self.assertIn("certificate", license["request"])
        self.assertEqual(self.files(), {})
        # administrators, too
        self.assertEqual(footprint(run.of("host")[0]), (2 if asked else 0, 0, 0))

    def test_what_is_presented_is_not_checked(self):
        """It is not said to be good: the server looks at none of them."""
        store = self.lend()
        with Xrdp("tls") as server:
            text, report = self.text("127.0.0.1:%d" % server.port, "stored", "corrupt", "foreign",
                                     store=store)
        asked = ("stored presented the stored license: the server accepted it",
                 "damaged on purpose: the server accepted the damaged license",
                 "with another hardware ID: the server accepted another computer's license",
                 "a damaged license is accepted: the server does not check it")
        for part in asked if Xrdp.asks_for_license() else (
                "stored had the stored license: accepted without being asked for a license",
                "together the server asks for no license"):
            self.assertIn(part, text, report)
        self.assertNotIn("good", text, report)

    def test_tls(self):
        self.check("tls", "tls")

    def test_rdp(self):
        self.check("rdp", "rdp")


if __name__ == "__main__":
    servers.main()
