"""Servers and runs of rdpwhy for the live tests.

Every server is a context manager: it picks a free loopback port, waits for the port to listen, and
ends what it started by process id, whatever happens in between. Nothing is read from or written to
the user's home or the machine's configuration.
"""

import contextlib
import json
import os
import random
import re
import select
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import unittest

CI = os.environ.get("CI") in ("true", "1")
SOURCE = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
RDPWHY = os.environ.get("RDPWHY", "")
RDPWHY_PEER = os.environ.get("RDPWHY_PEER", "")
SCHEMA = os.path.join(SOURCE, "share", "rdpwhy-1.schema.json")

SKIPPED = 77  # ctest's SKIP_RETURN_CODE for these tests
START_SECONDS = 20  # a server under a sanitizer on a busy machine


def need(condition, why):
    """Skips the test where |condition| is false; in CI that is a failure."""
    if condition:
        return
    if CI:
        raise AssertionError("missing in CI: " + why)
    raise unittest.SkipTest(why)


def find(*names):
    """The first program of |names| that is installed, or None."""
    for name in names:
        for path in (shutil.which(name), shutil.which(name, path="/usr/sbin:/sbin")):
            if path:
                return path
    return None


def free_port(family=socket.AF_INET):
    host = "::1" if family == socket.AF_INET6 else "127.0.0.1"
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.bind((host, 0))
        return probe.getsockname()[1]


def listening(port, folder="/proc/net/"):
    """Whether |port| listens. Asks the kernel: a connection would disturb some servers."""
    tables = [name for name in (folder + "tcp", folder + "tcp6") if os.path.exists(name)]
    if not tables:
        with socket.socket() as probe:
            probe.settimeout(0.2)
            return probe.connect_ex(("127.0.0.1", port)) == 0
    for name in tables:
        with open(name, encoding="ascii") as table:
            for line in list(table)[1:]:
                field = line.split()
                if field[3] == "0A" and int(field[1].rsplit(":", 1)[1], 16) == port:
                    return True
    return False


class Process:
    """A child in its own process group, with its output in a file."""

    def __init__(self, argv, log, env=None, cwd=None):
        self.log = log
        setpriv = find("setpriv")
        if setpriv:  # the kernel ends the child even where this test is killed outright
            argv = [setpriv, "--pdeathsig", "KILL", *argv]
        with open(log, "wb") as out:
            self.child = subprocess.Popen(
                argv, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT, env=env,
                cwd=cwd, start_new_session=True)

    def text(self):
        with open(self.log, encoding="utf-8", errors="replace") as log:
            return log.read()

    def wait_for(self, condition, what, seconds=START_SECONDS):
        end = time.monotonic() + seconds
        while not condition():
            if self.child.poll() is not None:
                raise AssertionError("%s ended with %d:\n%s"
                                     % (what, self.child.returncode, self.text()))
            if time.monotonic() > end:
                raise AssertionError("%s not up after %d s:\n%s" % (what, seconds, self.text()))
            time.sleep(0.05)

    def end(self):
        for number in (signal.SIGTERM, signal.SIGKILL):
            # the group is ours alone: start_new_session made it
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.child.pid, number)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.child.wait(3)
                break


class Server:
    """Base: a scratch directory, processes, and their end."""

    def __enter__(self):
        self.directory = tempfile.mkdtemp(prefix="rdpwhy-live-")
        self.processes = []
        try:
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for process in reversed(self.processes):
            process.end()
        shutil.rmtree(self.directory, ignore_errors=True)

    def path(self, name):
        return os.path.join(self.directory, name)

    def spawn(self, name, argv, **options):
        process = Process(argv, self.path(name + ".log"), **options)
        self.processes.append(process)
        return process

    def certificate(self, common_name):
        """A self-signed pair of files (certificate, key) for a server."""
        certificate, key = self.path("cert.pem"), self.path("key.pem")
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-sha256", "-days", "30",
             "-subj", "/CN=" + common_name, "-keyout", key, "-out", certificate],
            check=True, stdin=subprocess.DEVNULL, capture_output=True)
        return certificate, key


class Peer(Server):
    """rdpwhy-peer, the fault server: |ports| by the fault's name, and |port| where it is but one."""

    USER = "foo"
    PASSWORD = "bar"

    def __init__(self, *arguments):
        self.arguments = arguments

    def start(self):
        need(RDPWHY_PEER, "no rdpwhy-peer was built")
        self.server = self.spawn("peer", [RDPWHY_PEER, "--quiet", *self.arguments])
        self.server.wait_for(lambda: "ready" in self.server.text().splitlines(), "rdpwhy-peer")
        rows = [line.split("\t") for line in self.server.text().splitlines() if "\t" in line]
        self.ports = {name: int(port) for name, _, port in rows}
        if len(self.ports) == 1:
            self.port, = self.ports.values()


XRDP_INI = """\
[Globals]
ini_version=1
fork=false
port=tcp://127.0.0.1:{port}
security_layer={security_layer}
crypt_level={crypt_level}
certificate={certificate}
key_file={key}
ssl_protocols=TLSv1.2, TLSv1.3
autorun=
allow_channels=true
max_bpp=32

[Logging]
LogFile={log}
LogLevel=DEBUG
EnableSyslog=false

[Channels]
rdpdr=true

[Xorg]
name=Xorg
lib=libxup.so
username=ask
password=ask
ip=127.0.0.1
port=-1
code=20
"""

# xrdp keeps its process id in /run/xrdp and its RSA keys in /etc/xrdp, wherever its configuration
# is. In a mount namespace of its own it has private ones: an xrdp that runs on this machine already
# is not in the way, and no root is needed.
XRDP_PRIVATE = """\
set -e
mount -t tmpfs none /run
mkdir /run/xrdp
mount --bind "$1" /etc/xrdp/rsakeys.ini
exec "$2" --nodaemon --config "$3"
"""


class Xrdp(Server):
    """xrdp with |security_layer| rdp, tls or negotiate."""

    COMMON_NAME = "xrdp.rdpwhy.example"

    @staticmethod
    def asks_for_license():
        """Until 0.9 it asked as a license server would and then waived it; 0.10 waives at once."""
        told = subprocess.run([find("xrdp"), "--version"], check=False, text=True,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE).stdout
        return tuple(map(int, re.search(r"xrdp (\d+)\.(\d+)", told).groups())) < (0, 10)

    def __init__(self, security_layer, crypt_level="high"):
        self.security_layer = security_layer
        self.crypt_level = crypt_level

    def start(self):
        xrdp = find("xrdp")
        need(xrdp, "xrdp is not installed")
        self.port = free_port()
        certificate, key = self.certificate(self.COMMON_NAME)
        config = self.path("xrdp.ini")
        with open(config, "w", encoding="ascii") as out:
            out.write(XRDP_INI.format(
                port=self.port, security_layer=self.security_layer, crypt_level=self.crypt_level,
                certificate=certificate, key=key, log=self.path("xrdp.txt")))
        argv = self.private(xrdp, config) or self.shared(xrdp, config)
        self.server = self.spawn("xrdp", argv)
        self.server.wait_for(lambda: listening(self.port), "xrdp")

    def private(self, xrdp, config):
        """The command in a mount namespace; None where the machine does not let us have one."""
        unshare = find("unshare")
        keygen = find("xrdp-keygen")
        if not unshare or not keygen or not os.path.exists("/etc/xrdp/rsakeys.ini"):
            return None
        enter = [unshare, "--mount"] + ([] if os.geteuid() == 0 else ["--map-root-user"])
        tried = subprocess.run([*enter, "sh", "-c", "mount -t tmpfs none /run"],
                               stdin=subprocess.DEVNULL, capture_output=True)
        if tried.returncode != 0:
            return None
        keys = self.path("rsakeys.ini")
        subprocess.run([keygen, "xrdp", keys], check=True, stdin=subprocess.DEVNULL,
                       capture_output=True)
        return [*enter, "sh", "-c", XRDP_PRIVATE, "sh", keys, xrdp, config]

    def shared(self, xrdp, config):
        """The command with the machine's own /run/xrdp and keys, which takes root."""
        need(os.geteuid() == 0, "xrdp needs root or a mount namespace")
        pid_file = "/run/xrdp/xrdp.pid"
        if os.path.exists(pid_file):
            with open(pid_file, encoding="ascii") as file:
                pid = file.read().strip()
            need(not os.path.exists("/proc/" + pid), "another xrdp is running")
            os.unlink(pid_file)  # of an xrdp that did not end by itself
        os.makedirs("/run/xrdp", exist_ok=True)
        keys = "/etc/xrdp/rsakeys.ini"
        if not os.path.exists(keys):
            subprocess.run([find("xrdp-keygen"), "xrdp", keys], check=True,
                           stdin=subprocess.DEVNULL, capture_output=True)
        return [xrdp, "--nodaemon", "--config", config]


class Shadow(Server):
    """freerdp-shadow-cli under an X server of its own, with Network Level Authentication."""

    USER = "prober"
    PASSWORD = "Right-Horse-7"

    def __init__(self, security="nla", programs=("freerdp-shadow-cli3", "freerdp-shadow-cli"),
                 keytab=None, env=None, hashed=None, options=()):
        self.options = options
        self.security, self.keytab, self.env = security, keytab, env or {}
        self.hashed = hashed or self.PASSWORD  # of which the SAM file has the hash
        self.programs = programs

    def start(self):
        shadow = find(*self.programs)
        need(shadow, "freerdp-shadow-cli is not installed")
        need(find("Xvfb"), "Xvfb is not installed")
        winpr_hash = find("winpr-hash3", "winpr-hash")
        need(winpr_hash, "winpr-hash is not installed")
        sam = self.path("sam")
        hashed = subprocess.run(
            [winpr_hash, "-u", self.USER, "-p", self.hashed, "-f", "sam"], check=True,
            stdin=subprocess.DEVNULL, capture_output=True).stdout
        with open(sam, "wb") as out:
            out.write(hashed)

        env = dict(os.environ, HOME=self.directory, XDG_RUNTIME_DIR=self.directory,
                   XDG_CONFIG_HOME=self.path("config"), **self.env)
        env["DISPLAY"] = self.screen(env)

        self.port = free_port()
        options = ["/sam-file:" + sam] if self.security == "nla" else ["-auth"]
        if self.keytab:
            options.append("/keytab:" + self.keytab)
        self.server = self.spawn(
            "shadow", [shadow, "/port:%d" % self.port, "/bind-address:127.0.0.1",
                       "/sec:" + self.security, *options, *self.options],
            env=env)
        self.server.wait_for(lambda: listening(self.port), "freerdp-shadow-cli")

    def screen(self, env):
        """Starts an X server; returns its display. Xvfb's own choice of a number (-displayfd) can
        fall on one whose server is just ending and then takes the new server's socket with it."""
        for _ in range(5):
            number = random.randrange(1000, 50000)
            socket_path = "/tmp/.X11-unix/X%d" % number
            screen = self.spawn("xvfb", [find("Xvfb"), ":%d" % number, "-screen", "0",
                                         "800x600x24", "-nolisten", "tcp", "-noreset"], env=env)
            with contextlib.suppress(AssertionError):
                screen.wait_for(lambda path=socket_path: os.path.exists(path), "Xvfb")
                return ":%d" % number
        raise AssertionError("no X server came up:\n" + screen.text())


KRB5_CONF = """\
[libdefaults]
 default_realm = {realm}
 dns_lookup_kdc = false
{more}
[realms]
 {realm} = {{
{kdcs}
 }}
[domain_realm]
 .test.lan = {realm}
"""

KDC_CONF = """\
[kdcdefaults]
 kdc_ports = {port}
 kdc_tcp_ports = {port}
[realms]
 {realm} = {{
  database_name = {directory}/db
  key_stash_file = {directory}/stash
  acl_file = {directory}/acl
  supported_enctypes = aes256-cts:normal aes128-cts:normal rc4-hmac:normal
 }}
"""


class Kdc(Server):
    """MIT Kerberos' KDC on loopback, with a realm of its own; |clock| is faketime's, "+10m"."""

    REALM = "TEST.LAN"
    USER = "foo"
    PASSWORD = "Right-Horse-7"

    def __init__(self, clock=None):
        self.clock = clock

    def start(self):
        self.kdc = find("krb5kdc")
        need(self.kdc and find("kdb5_util") and find("kadmin.local"), "krb5-kdc is not installed")
        need(not self.clock or find("faketime"), "faketime is not installed")
        self.port = free_port()
        self.env = environment(KRB5_CONFIG=self.config(self.port),
                               KRB5_KDC_PROFILE=self.path("kdc.conf"))
        with open(self.path("kdc.conf"), "w", encoding="ascii") as out:
            out.write(KDC_CONF.format(port=self.port, realm=self.REALM, directory=self.directory))
        self.run([find("kdb5_util"), "-r", self.REALM, "create", "-s", "-P", "master"])
        self.admin("addprinc +requires_preauth -pw %s %s" % (self.PASSWORD, self.USER))
        self.serve()

    def serve(self):
        argv = [self.kdc, "-n"]
        if self.clock:
            argv = [find("faketime"), "-f", self.clock, *argv]
        self.server = self.spawn("kdc", argv, env=self.env)
        self.server.wait_for(lambda: listening(self.port), "krb5kdc")

    def stop(self):
        self.processes.remove(self.server)
        self.server.end()

    def config(self, *ports, more="", name="krb5.conf"):
        """A krb5.conf that names a KDC on each of these ports; its path."""
        with open(self.path(name), "w", encoding="ascii") as out:
            out.write(KRB5_CONF.format(
                realm=self.REALM, more=more,
                kdcs="\n".join("  kdc = 127.0.0.1:%d" % port for port in ports)))
        return self.path(name)

    def run(self, argv, **options):
        done = subprocess.run(argv, stdin=options.pop("stdin", subprocess.DEVNULL), env=self.env,
                              capture_output=True, **options)
        if done.returncode != 0:
            raise AssertionError("%s: %s" % (argv, done.stderr))
        return done.stdout.decode()

    def admin(self, query):
        return self.run([find("kadmin.local"), "-r", self.REALM, "-q", query])

    def service(self, host, name="keytab", *, etype=None):
        """Makes TERMSRV/|host|, with a key of |etype| alone; returns a keytab with its key."""
        self.admin("addprinc -randkey %sTERMSRV/%s" % ("-e %s " % etype if etype else "", host))
        self.admin("ktadd -k %s %sTERMSRV/%s"
                   % (self.path(name), "-e %s " % etype if etype else "", host))
        return self.path(name)

    def ticket(self, name="ccache"):
        """A ticket of the account's in a cache of its own; its path."""
        self.run([find("kinit"), "-c", self.path(name), self.USER], input=self.PASSWORD.encode(),
                 stdin=None)
        return self.path(name)


SMB_CONF = """\
[global]
 netbios name = DC1
 realm = {realm}
 workgroup = SAMBA
 server role = active directory domain controller
 server services = kdc
 krb5 port = {port}
 kpasswd port = {kpasswd}
 interfaces = 127.0.0.1/8
 bind interfaces only = yes
 private dir = {directory}/dc/private
 state directory = {directory}/dc/state
 cache directory = {directory}/dc/cache
 lock directory = {directory}/dc
 binddns dir = {directory}/dc/bind-dns
 pid directory = {directory}
 ncalrpc dir = {directory}/ncalrpc
 winbindd socket directory = {directory}/winbindd
 ntp signd socket directory = {directory}/ntp
 log file = {directory}/samba.%m
"""

# Alters the directory as its administrator: LDIF on standard input.
SAMBA_MODIFY = """\
import sys
from samba.auth import system_session
from samba.param import LoadParm
from samba.samdb import SamDB
lp = LoadParm()
lp.load(sys.argv[1])
SamDB(session_info=system_session(), lp=lp).modify_ldif(sys.stdin.read())
"""


class SambaDc(Server):
    """The KDC of Samba's Active Directory domain controller on loopback, with a domain of its own. The
    rest of the controller is not started: accounts are altered in its files."""

    REALM = "SAMBA.LAN"
    PASSWORD = "Right-Horse-7"

    def start(self):
        if not os.path.exists("/etc/debian_version"):
            raise unittest.SkipTest("Samba's own KDC is tested as Debian builds it")
        need(find("samba") and find("samba-tool"), "samba-ad-dc is not installed")
        self.port = free_port()
        self.run(["samba-tool", "domain", "provision", "--targetdir=" + self.path("dc"),
                  "--realm=" + self.REALM, "--domain=SAMBA", "--adminpass=" + self.PASSWORD,
                  "--server-role=dc", "--dns-backend=NONE", "--host-name=dc1",
                  "--host-ip=127.0.0.1"])
        with open(self.path("smb.conf"), "w", encoding="ascii") as out:
            out.write(SMB_CONF.format(realm=self.REALM, port=self.port, kpasswd=free_port(),
                                      directory=self.directory))
        with open(self.path("krb5.conf"), "w", encoding="ascii") as out:
            out.write(KRB5_CONF.format(realm=self.REALM, more="",
                                       kdcs="  kdc = 127.0.0.1:%d" % self.port))
        self.server = self.spawn("samba", [find("samba"), "-i", "-M", "single", "--debug-stdout",
                                           "-s", self.path("smb.conf")])
        self.server.wait_for(lambda: listening(self.port), "samba", 60)

    def run(self, argv, **options):
        done = subprocess.run(argv, capture_output=True, timeout=120, **options)
        if done.returncode != 0:
            raise AssertionError("%s: %s" % (argv, done.stderr.decode(errors="replace")))

    def tool(self, *arguments):
        self.run(["samba-tool", *arguments, "-s", self.path("smb.conf")])

    def user(self, name, *options):
        self.tool("user", "create", name, self.PASSWORD, *options)
        return "%s@%s" % (name, self.REALM)

    def alter(self, name, attribute, value):
        """Replaces an attribute of the account; |value| with LDIF's colon or colons before it."""
        self.run(["/usr/bin/python3", "-c", SAMBA_MODIFY, self.path("smb.conf")],
                 input=("dn: CN=%s,CN=Users,DC=samba,DC=lan\nchangetype: modify\nreplace: %s\n%s%s\n"
                        % (name, attribute, attribute, value)).encode())


class KdcProxy(Server):
    """python3-kdcproxy in front of the KDC of |realm| on |kdc_port|, as https://localhost:|port|/KdcProxy.
    |names| are the certificates it sends, from fixtures/certificates."""

    def __init__(self, realm, kdc_port, names=("chained", "intermediate")):
        self.realm, self.kdc_port, self.names = realm, kdc_port, names

    def start(self):
        python = next((path for path in (sys.executable, "/usr/bin/python3")
                       if subprocess.run([path, "-c", "import kdcproxy"], stdin=subprocess.DEVNULL,
                                         capture_output=True).returncode == 0), None)
        need(python, "python3-kdcproxy is not installed")
        self.port = free_port()
        self.url = "https://localhost:%d/KdcProxy" % self.port
        certificates = os.path.join(SOURCE, "fixtures", "certificates")
        with open(self.path("chain.pem"), "w", encoding="ascii") as out:
            for name in self.names:
                with open(os.path.join(certificates, name + ".crt"), encoding="ascii") as file:
                    out.write(file.read())
        with open(self.path("kdcproxy.conf"), "w", encoding="ascii") as out:
            out.write("[global]\nuse_dns = false\n[%s]\nkerberos = kerberos+tcp://127.0.0.1:%d\n"
                      % (self.realm, self.kdc_port))
        self.server = self.spawn(
            "kdcproxy", [python, os.path.join(SOURCE, "tests", "live", "kdcproxy_server.py"),
                         str(self.port), self.path("chain.pem"),
                         os.path.join(certificates, "server.key")],
            env=environment(KDCPROXY_CONFIG=self.path("kdcproxy.conf")))
        self.server.wait_for(lambda: "ready" in self.server.text(), "kdcproxy")


def resolving(*names):
    """What to run a command with so that |names| are loopback: a mount namespace with its own
    /etc/hosts."""
    unshare = find("unshare")
    need(unshare, "unshare is not installed")
    enter = [unshare, "--mount"] + ([] if os.geteuid() == 0 else ["--map-root-user"])
    hosts = os.path.join(STATE.name, "hosts")
    with open(hosts, "w", encoding="ascii") as out:
        out.write("127.0.0.1 localhost %s\n" % " ".join(names))
    tried = subprocess.run([*enter, "mount", "--bind", hosts, "/etc/hosts"],
                           stdin=subprocess.DEVNULL, capture_output=True)
    need(tried.returncode == 0, "no mount namespace can be made")
    return [*enter, "sh", "-c", 'mount --bind "$0" /etc/hosts; exec "$@"', hosts]


class TlsFront:
    """In front of a server that takes TLS (|port|): the same RDP, behind the certificates in the file
    |chain|, the server's own first, with the private key |key|."""

    def __init__(self, port, chain, key):
        self.port_behind = port
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(chain, key)
        self.client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self.client.check_hostname = False
        self.client.verify_mode = ssl.CERT_NONE

    def __enter__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.listener.close()

    def serve(self):
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self.listener.accept()
                threading.Thread(target=self.connect, args=(connection,), daemon=True).start()

    def connect(self, near):
        with contextlib.suppress(OSError), near, \
                socket.create_connection(("127.0.0.1", self.port_behind)) as far:
            for source, target in ((near, far), (far, near)):  # one TPKT each, in the clear
                head = source.recv(4, socket.MSG_WAITALL)
                rest = int.from_bytes(head[2:4], "big") - 4
                target.sendall(head + source.recv(rest, socket.MSG_WAITALL))
            with self.context.wrap_socket(near, server_side=True) as tls, \
                    self.client.wrap_socket(far) as behind:
                self.pump(tls, behind)

    @staticmethod
    def read(source):
        """What has come, empty at the end; None: nothing yet but what TLS says to itself, such as
        a session ticket."""
        source.settimeout(0)
        try:
            return source.recv(65536)
        except ssl.SSLWantReadError:
            return None
        finally:
            source.settimeout(10)

    def pump(self, near, far):
        while True:
            ready = [one for one in (near, far) if one.pending()]
            ready = ready or select.select((near, far), (), (), 10)[0]
            if not ready:
                return
            for source in ready:
                data = self.read(source)
                if data == b"":
                    return
                if data:
                    (far if source is near else near).sendall(data)


GNOME_DAEMONS = ("/usr/libexec/gnome-remote-desktop-daemon",
                 "/usr/lib/gnome-remote-desktop/gnome-remote-desktop-daemon")

GNOME_SETTINGS = """\
[org/gnome/desktop/remote-desktop/rdp]
enable=true
tls-cert='{certificate}'
tls-key='{key}'
view-only=false
"""

# It needs a compositor and PipeWire on a session bus of their own, all of which need no display.
GNOME_SESSION = """\
ip link set lo up
exec dbus-run-session -- sh -c '
pipewire &
wireplumber &
mutter --headless --wayland --no-x11 --virtual-monitor 800x600 &
exec "$1" --headless --rdp-port 3389
' sh "$1"
"""


class Gnome(Server):
    """gnome-remote-desktop without a desktop, in a network namespace of its own, for it listens on
    all addresses. Runs of rdpwhy need |prefix|."""

    USER = "prober"
    PASSWORD = "Right-Horse-7"
    port = 3389

    def start(self):
        daemon = next(filter(os.path.exists, GNOME_DAEMONS), None)
        need(daemon, "gnome-remote-desktop is not installed")
        for tool in ("mutter", "pipewire", "wireplumber", "dbus-run-session", "unshare", "nsenter"):
            need(find(tool), tool + " is not installed")
        certificate, key = self.certificate("gnome.rdpwhy.example")
        settings = self.path("config/glib-2.0/settings")
        os.makedirs(settings)
        with open(os.path.join(settings, "keyfile"), "w", encoding="ascii") as out:
            out.write(GNOME_SETTINGS.format(certificate=certificate, key=key))
        root = os.geteuid() == 0
        enter = [find("unshare"), "--net"] + ([] if root else ["--map-root-user"])
        tried = subprocess.run([*enter, "true"], stdin=subprocess.DEVNULL, capture_output=True)
        if tried.returncode != 0 and not root:
            raise unittest.SkipTest("no network namespace without root here")
        need(tried.returncode == 0, "no network namespace")
        self.server = self.spawn("gnome", [*enter, "sh", "-c", GNOME_SESSION, "sh", daemon],
                                 env=self.environment())
        self.prefix = [find("nsenter"), *([] if root else ["--user", "--preserve-credentials"]),
                       "--net", "--target", str(self.server.child.pid)]
        self.server.wait_for(self.listens, "gnome-remote-desktop")

    def environment(self):
        env = {name: value for name, value in os.environ.items()
               if name not in ("DISPLAY", "WAYLAND_DISPLAY", "DBUS_SESSION_BUS_ADDRESS")}
        runtime = self.path("run")
        os.mkdir(runtime, 0o700)
        env.update({"HOME": self.directory, "XDG_RUNTIME_DIR": runtime,
                    "XDG_CONFIG_HOME": self.path("config"), "XDG_DATA_HOME": self.path("data"),
                    "XDG_CACHE_HOME": self.path("cache"), "XDG_STATE_HOME": self.path("state"),
                    "GSETTINGS_BACKEND": "keyfile",
                    "GNOME_REMOTE_DESKTOP_TEST_RDP_USERNAME": self.USER,
                    "GNOME_REMOTE_DESKTOP_TEST_RDP_PASSWORD": self.PASSWORD})
        return env

    def listens(self):
        """In its own namespace; /proc shows the one of the process."""
        return listening(self.port, "/proc/%d/net/" % self.server.child.pid)


class Silent:
    """A socket that takes connections and never says a word."""

    def __init__(self, family=socket.AF_INET):
        self.family = family

    def __enter__(self):
        self.socket = socket.socket(self.family, socket.SOCK_STREAM)
        self.socket.bind(("::1" if self.family == socket.AF_INET6 else "127.0.0.1", 0))
        self.socket.listen(64)
        self.port = self.socket.getsockname()[1]
        return self

    def __exit__(self, *_):
        self.socket.close()


class Run:
    """What a run of rdpwhy left behind."""

    def __init__(self, argv, status, stdout, stderr, seconds):
        self.argv, self.status, self.stdout, self.stderr = argv, status, stdout, stderr
        self.seconds = seconds

    @property
    def records(self):
        return [json.loads(line) for line in self.stdout.splitlines()]

    def of(self, record):
        return [row for row in self.records if row["record"] == record]

    def __str__(self):
        return "%s\nexit %s after %.2f s\n--- stdout\n%s\n--- stderr\n%s" % (
            " ".join(self.argv), self.status, self.seconds, self.stdout, self.stderr)


STATE = tempfile.TemporaryDirectory(prefix="rdpwhy-live-")  # removed when the test ends


def environment(**more):
    """The environment for rdpwhy: no colour, no stray settings, no password unless given, and a
    license store of this test's own."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("RDPWHY")}
    env.update({"NO_COLOR": "1", "XDG_STATE_HOME": STATE.name, **more})
    return env


def without_home(env, *others):
    """|env| as services have it; |others| are left out, too."""
    return {name: value for name, value in env.items() if name not in ("HOME", *others)}


# The tests' own servers stand any pace, and end connections on purpose.
NO_PACE = ("--pause", "0", "--second-try", "0")


def rdpwhy(*arguments, timeout=120, env=None, program=None, prefix=(), pace=False):
    """Runs rdpwhy to its end. |prefix| goes before it (ip netns exec, valgrind). |pace|: as users
    run it, with a pause between connections and second tries."""
    need(program or RDPWHY, "no rdpwhy was built")
    if arguments[0] == "probe" and not pace:
        arguments = (arguments[0], *NO_PACE, *arguments[1:])
    argv = [*prefix, program or RDPWHY, *arguments]
    began = time.monotonic()
    done = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, timeout=timeout,
                          env=env or environment())
    return Run(argv, done.returncode, done.stdout.decode("utf-8"),
               done.stderr.decode("utf-8", "replace"), time.monotonic() - began)


def probe(*arguments, **options):
    """`rdpwhy probe` with JSON Lines on standard output."""
    return rdpwhy("probe", "-r", "jsonl", *arguments, **options)


class Validator:
    """Checks records against the published schema."""

    def __init__(self):
        try:
            import jsonschema
        except ImportError:
            jsonschema = None
        need(jsonschema, "python3-jsonschema is not installed")
        with open(SCHEMA, encoding="utf-8") as file:
            schema = json.load(file)
        kind = jsonschema.validators.validator_for(schema)
        kind.check_schema(schema)
        self.kind, self.schema = kind, schema

    def complaints(self, record):
        """What is wrong with |record|; "where: what" for each."""
        name = record.get("record")
        if name not in self.schema["$defs"]:
            return ["(record): no such record: %r" % name]
        # against its own definition, not the choice of all: that names the field at fault
        validator = self.kind({"$schema": self.schema["$schema"], "$defs": self.schema["$defs"],
                               "$ref": "#/$defs/" + name})
        return ["%s: %s" % ("/".join(str(step) for step in error.absolute_path) or "(record)",
                            error.message[-300:]) for error in validator.iter_errors(record)]


class LiveTest(unittest.TestCase):
    """A test case with the assertions that the live tests share."""

    maxDiff = None

    def attempts(self, run, status=None):
        """The attempts of |run| by profile, after checking that the run itself went well."""
        if status is not None:
            self.assertEqual(run.status, status, str(run))
        self.assertNotIn("Sanitizer", run.stderr, str(run))
        ends = run.of("end")
        self.assertEqual(len(ends), 1, str(run))
        self.assertTrue(ends[0]["complete"], str(run))
        validator = Validator()
        for record in run.records:
            self.assertEqual(validator.complaints(record), [], json.dumps(record))
        return {attempt["profile"]: attempt for attempt in run.of("attempt")}

    def verdict(self, attempt, **expected):
        """Compares the named fields; the whole record is shown where one differs."""
        got = {name: attempt.get(name) for name in expected}
        self.assertEqual(got, expected, json.dumps(attempt, indent=1))


def main():
    """unittest.main, except that a file whose every test was skipped says so to ctest."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that the servers are ended
    program = unittest.main(verbosity=2, exit=False)
    result = program.result
    if not result.wasSuccessful():
        sys.exit(1)
    if result.testsRun > 0 and len(result.skipped) == result.testsRun:
        sys.exit(SKIPPED)
    sys.exit(0 if result.testsRun > 0 else 1)
