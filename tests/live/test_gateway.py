# SPDX-License-Identifier: Apache-2.0
"""--gateway, through the test gateway (which xfreerdp judges: live.gateway_server) to xrdp and the fault
server: both transports, each of its faults, logons, fronts, an .rdp file."""

import concurrent.futures
import os
import re
import tempfile

from gateway_faults import FAULTS
from gateway_server import CERTIFICATES, Gateway
from servers import LiveTest, Peer, Xrdp, environment, main, probe
from test_front import Front
from test_gateway_server import HAPROXY, NGINX, UPGRADE

USER, PASSWORD = "foo", "bar"
AT_ONCE = 6

# What rdpwhy makes of a row otherwise than the row's own client, and why: (outcome, phase, closer, ending, space, code).
STOPPED = ("stopped", "gateway-http", "client", "stop", None, None)  # no account for a certificate like that
OTHERWISE = {
    "certificate-self-signed": STOPPED, "certificate-expired": STOPPED, "certificate-not-yet-valid": STOPPED,
    "certificate-other-name": STOPPED, "certificate-no-intermediate": STOPPED, "certificate-chain-expired": STOPPED,
    "certificate-chain-other-name": STOPPED,
    # it offers whatever versions there are
    "tls-1.0": ("completed", "active", "client", "done", None, None),
    "tls-1.1": ("completed", "active", "client", "done", None, None),
    # with these the gateway says that the host has closed
    "close-bad-arguments": ("aborted", "negotiation", "server", "fin", None, None),
    "close-bad-arguments-hresult": ("aborted", "negotiation", "server", "fin", None, None),
    "close-success": ("aborted", "negotiation", "server", "fin", None, None),
}
SPACES = {"http": "gateway-http"}


def wanted(fault):
    """As (outcome, phase, closer, ending, space, code); None: whatever it is."""
    expect = fault.expect
    if fault.name in OTHERWISE:
        return OTHERWISE[fault.name]
    if expect.how == "done":
        return "completed", "active", "client", "done", None, None
    close = re.match(r"WebSocket Close (\d+|without)", expect.note)
    if close:
        code = 1005 if close[1] == "without" else int(close[1])
        return None, expect.phase, "gateway", "gateway-refused", "websocket", code
    code = expect.code
    if expect.space == "gateway" and code <= 0xFFFF:
        code |= 0x80070000
    # what nobody's protocol has is ended by our side
    closer = "client" if expect.how == "protocol-violation" else expect.closer
    return None, expect.phase, closer, expect.how, SPACES.get(expect.space, expect.space), code


def found(attempt):
    code = attempt.get("code", {})
    return (attempt["outcome"], attempt["phase"], attempt.get("closed_by"), attempt["ending"], code.get("space"),
            code.get("value"))


def through(gateway, *arguments, user=USER, password=PASSWORD, user_password=None):
    """|user_password|: of --user, where it is given."""
    arguments = ["--gateway", "localhost:%d" % gateway.port, "--ca", gateway.authority] + list(arguments)
    if user:
        arguments += ["--gateway-user", user]
    passwords = {"RDPWHY_GATEWAY_PASSWORD": password}
    if user_password:
        passwords["RDPWHY_PASSWORD"] = user_password
    return probe(*arguments, env=environment(**passwords))


class Faults(LiveTest):
    def one(self, fault, target):
        with Gateway(fault=fault) as gateway:
            transport = fault.transport if fault.transport != "any" else "auto"
            run = through(gateway, "-p", "tls", "--timeout", "3", "--gateway-transport", transport, target)
            return run, gateway.violations()

    def test_each(self):
        """Phase, closer, ending and code of each row are the row's, and the gateway objects to nothing of ours."""
        with Peer("--fault", "healthy-tls") as peer, concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
            target = "127.0.0.1:%d" % peer.port
            # the codes of a packet take one way: a quarter of them will do, but for EVERY_FAULT=1
            faults = [fault for number, fault in enumerate(FAULTS.values())
                      if os.environ.get("EVERY_FAULT") or number % 4 == 0 or fault.expect.space != "gateway"]
            runs = pool.map(lambda fault: self.one(fault, target), faults)
            for fault, (run, violations) in zip(faults, runs):
                with self.subTest(fault.name):
                    want, got = wanted(fault), found(run.of("attempt")[0])
                    self.assertEqual(got[want[0] is None:], want[want[0] is None:], str(run))
                    self.assertEqual(violations, [])


class Ways(LiveTest):
    def test_to_xrdp(self):
        """As mstsc goes, by both transports; every offer that xrdp takes."""
        with Xrdp("negotiate") as xrdp:
            target = "127.0.0.1:%d" % xrdp.port
            for transport in ("websocket", "http"):
                with self.subTest(transport), Gateway() as gateway:
                    run = through(gateway, "--gateway-transport", transport, target)
                    self.assertEqual(run.status, 0, str(run))
                    for attempt in run.of("attempt"):
                        if attempt["profile"] in ("negotiate", "rdp", "tls"):
                            self.assertEqual(attempt["outcome"], "completed", attempt)
                            phases = [phase["phase"] for phase in attempt["phases"]]
                            self.assertIn("gateway-channel", phases)
                    self.assertEqual(gateway.violations(), [])
                    # one logon per connection, all with one account that was accepted
                    self.assertTrue(all(entry["accepted"] for entry in gateway.entries("auth")))

    def test_logons(self):
        with Peer("--fault", "healthy-tls") as peer:
            target = "127.0.0.1:%d" % peer.port
            for schemes in (("Negotiate",), ("NTLM",), ("Basic",), ("Negotiate", "NTLM", "Basic")):
                with self.subTest(schemes), Gateway(schemes=schemes) as gateway:
                    run = through(gateway, "-p", "tls", target)
                    self.assertEqual(found(run.of("attempt")[0])[:2], ("completed", "active"), str(run))
            with self.subTest("channel bindings"), Gateway(require_bindings=True) as gateway:
                run = through(gateway, "-p", "tls", target)
                self.assertEqual(found(run.of("attempt")[0])[:2], ("completed", "active"), str(run))

    def test_one_account_for_both(self):
        """Without --gateway-user it is the targets' account."""
        with Peer("--fault", "healthy-nla") as peer, Gateway() as gateway:
            run = through(gateway, "-p", "nla", "-u", USER, "--until", "active", "127.0.0.1:%d" % peer.port, user=None, user_password=PASSWORD)
            self.assertEqual(found(run.of("attempt")[0])[:2], ("completed", "active"), str(run))

    def test_a_wrong_password_is_tried_once(self):
        """However many targets and offers there are; where it is the targets', too, they do not get it either."""
        with Peer("--fault", "healthy-any") as peer, Gateway() as gateway:
            targets = ["127.0.0.%d:%d" % (i, peer.port) for i in range(1, 5)]
            run = through(gateway, "-j", "4", *targets, password="wrong")
            self.assertEqual(len([e for e in gateway.entries("auth") if not e["accepted"]]), 1, gateway.entries("auth"))
            refused = [a for a in run.of("attempt") if a["ending"] == "gateway-refused"]
            self.assertEqual([found(a)[1:] for a in refused],
                             [("gateway-http", "gateway", "gateway-refused", "gateway-http", 401)])

    def test_no_account(self):
        """What it says before a logon, and nobody is logged on."""
        with Peer("--fault", "healthy-tls") as peer, Gateway() as gateway:
            run = through(gateway, "-p", "tls,nla", "127.0.0.1:%d" % peer.port, user=None)
            self.assertEqual(found(run.of("attempt")[0]), STOPPED)
            self.assertEqual(run.of("attempt")[1]["outcome"], "skipped")
            self.assertEqual(len(gateway.entries("request")), 1)
            self.assertEqual(gateway.entries("auth"), [])

    def test_an_rdp_file(self):
        """The gateway of the file, and of the command line in its place."""
        with Peer("--fault", "healthy-tls") as peer, Gateway() as gateway, tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "host.rdp")
            for method, used in ((1, True), (2, True), (0, False), (4, False)):
                with open(path, "w", encoding="utf-8") as out:
                    out.write("full address:s:127.0.0.1:%d\ngatewayhostname:s:localhost:%d\n"
                              "gatewayusagemethod:i:%d\ngatewayprofileusagemethod:i:0\n" % (peer.port, gateway.port, method))
                run = probe("--gateway-user", USER, "--ca", gateway.authority, "-p", "tls", path,
                            env=environment(RDPWHY_GATEWAY_PASSWORD=PASSWORD))
                attempt = run.of("attempt")[-1]
                self.assertEqual(attempt["outcome"], "completed", str(run))
                self.assertEqual("gateway-tls" in [p["phase"] for p in attempt["phases"]], used)
                self.assertEqual("which is not used" in run.stdout, not used)
                self.assertEqual("the user's profile or a policy" in run.stdout, used)

    def test_fronts(self):
        """TLS passed through; TLS ended, with and without WebSocket: for the client HTTP is as good then, and it is
        said."""
        nginx = (("nginx",), ("-e", "{directory}/error.log", "-p", "{directory}", "-c", "{config}"), NGINX)
        with Peer("--fault", "healthy-tls") as peer, Gateway() as whole, tempfile.TemporaryDirectory() as folder, \
                Gateway(tls=False, schemes=("Basic",)) as first, Gateway(tls=False, schemes=("Basic",)) as second:
            pem = os.path.join(folder, "pem")
            with open(pem, "w", encoding="ascii") as out:
                for name in ("chained.crt", "intermediate.crt", "server.key"):
                    with open(os.path.join(CERTIFICATES, name), encoding="ascii") as part:
                        out.write(part.read())
            for gateway, upgrade, transport in ((whole, None, "websocket"), (first, UPGRADE, "websocket"),
                                                (second, "", "http")):
                front = (Front(("haproxy",), ("-db", "-f", "{config}"), HAPROXY, whole.port) if upgrade is None
                         else Front(*nginx, gateway.port, upgrade=upgrade, pem=pem))
                with self.subTest(transport, upgrade=upgrade), front:
                    run = probe("--gateway", "localhost:%d" % front.port, "--ca", gateway.authority, "--gateway-user",
                                USER, "-p", "tls", "127.0.0.1:%d" % peer.port,
                                env=environment(RDPWHY_GATEWAY_PASSWORD=PASSWORD))
                    attempt = run.of("attempt")[0]
                    self.assertEqual((attempt["outcome"], attempt["gateway"]["transport"]), ("completed", transport),
                                     str(run))

    def test_probed_as_a_server(self):
        """The port itself: what answers there is told, and how to go through it."""
        with Gateway() as gateway:
            run = probe("--pause", "0", "-p", "tls", "--second-try", "0.1", "127.0.0.1:%d" % gateway.port, pace=True)
            findings = [f for f in run.of("host")[0]["findings"] if f["rule"] == "tls-at-once"]
            self.assertEqual(len(findings), 1, str(run))
            self.assertIn("it is an RD Gateway, by its answer", findings[0]["summary"])
            self.assertIn("(Negotiate, NTLM, Basic)", " ".join(findings[0]["because"]))
            self.assertIn("--gateway 127.0.0.1:%d" % gateway.port, " ".join(findings[0]["checks"]))
            self.assertEqual(gateway.violations()[1:], [])  # but for the Connection Request

    def test_until(self):
        with Peer("--fault", "healthy-tls") as peer, Gateway() as gateway:
            for phase in ("connect", "gateway-tls", "gateway-http", "gateway-handshake", "gateway-tunnel",
                          "gateway-authorization", "gateway-channel", "negotiation"):
                run = through(gateway, "-p", "tls", "--until", phase, "127.0.0.1:%d" % peer.port)
                self.assertEqual((run.of("attempt")[0]["outcome"], run.of("attempt")[0]["phases"][-1]["phase"]),
                                 ("completed", phase), str(run))

    def test_secrets(self):
        """No password in what is written."""
        with Peer("--fault", "healthy-tls") as peer, tempfile.TemporaryDirectory() as folder:
            for schemes in (("Basic",), ("NTLM",)):
                with Gateway(schemes=schemes, accounts={USER: "Gate-Horse-7"}) as gateway:
                    trace = os.path.join(folder, "trace")
                    run = through(gateway, "-p", "tls", "--trace", trace, "127.0.0.1:%d" % peer.port,
                                  password="Gate-Horse-7")
                    self.assertEqual(run.of("attempt")[0]["outcome"], "completed", str(run))
                    with open(trace, encoding="utf-8") as text:
                        written = text.read() + str(run)
                    for secret in ("Gate-Horse-7", "Zm9vOkdhdGUtSG9yc2UtNw"):
                        self.assertNotIn(secret, written)


if __name__ == "__main__":
    main()
