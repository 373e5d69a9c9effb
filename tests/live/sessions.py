"""xrdp with its session manager, and an account of its own: real logons by PAM.

All of it is in a mount namespace with a copy of /etc, so that the account, made there by useradd, is
not one of the machine's, and in one for processes, which ends whatever a session has started.
"""

import os
import random
import subprocess

from servers import Server, Xrdp, XRDP_INI, find, free_port, listening, need

# $1 directory, $2 user, $3 password, $4 xrdp's configuration, $5 rsakeys.ini, $6 sesman.ini or
# "none" where no session manager is to run, $7 xrdp, $8 xrdp-sesman, $9 startwm.sh
PRIVATE = """\
set -e
mount -t proc proc /proc
mount -t tmpfs none /run
mkdir -p /run/xrdp/sockdir /run/lock /run/user
chmod 3777 /run/xrdp/sockdir
cp -a /etc "$1/etc"
mount --bind "$1/etc" /etc
cp "$5" /etc/xrdp/rsakeys.ini
cp "$9" /etc/xrdp/startwm.sh
chmod 755 /etc/xrdp/startwm.sh
mkdir -p "$1/home" "$1/log"
chmod 755 "$1"
useradd --no-log-init --create-home --home-dir "$1/home/$2" --shell /bin/sh "$2"
printf '%s:%s\\n' "$2" "$3" | chpasswd
if [ "$6" != none ]; then
    cp "$6" /etc/xrdp/sesman.ini
    "$8" --nodaemon >"$1/sesman.log" 2>&1 &
fi
exec "$7" --nodaemon --config "$4"
"""

SESMAN_INI = """\
[Globals]
ListenAddress=127.0.0.1
ListenPort={port}
EnableUserWindowManager=false
UserWindowManager=startwm.sh
DefaultWindowManager=startwm.sh
ReconnectScript=reconnectwm.sh

[Security]
AllowRootLogin=false
MaxLoginRetry=4
AlwaysGroupCheck=false

[Sessions]
X11DisplayOffset={display}
MaxSessions=5
KillDisconnected=true
DisconnectedTimeLimit=1
IdleTimeLimit=0
Policy=Default

[Logging]
LogFile={log}
LogLevel=INFO
EnableSyslog=false

[Xvnc]
param={server}
param=-bs
param=-nolisten
param=tcp
param=-localhost
param=-dpi
param=96

[Chansrv]
EnableFuseMount=false
"""

XVNC = """\
[Xvnc]
name=Xvnc
lib=libvnc.so
username=ask
password=ask
ip=127.0.0.1
port=-1
"""

# What a session runs instead of a desktop. That of "dies" comes to its end with its X server, which
# ends at once: with one that runs, it is a matter of luck what xrdp has seen of it by then.
STARTS = {
    "alive": "exec xmessage -center 'a session of the tests'\n",
    "black": "exec sleep 60\n",
    "dies": "exit 1\n",
}


class XrdpSession(Xrdp):
    """xrdp, its session manager and Xvnc. |start| is a key of STARTS; |manager|: it runs."""

    USER = "rdpwhytest"
    PASSWORD = "Right-Horse-7"

    def __init__(self, start="alive", manager=True, security_layer="tls"):
        super().__init__(security_layer)
        self.begin, self.manager = start, manager

    def start(self):
        tools = [find("xrdp"), find("xrdp-sesman"), find("unshare"), find("useradd"),
                 find("Xvnc"), find("xrdp-keygen"), find("xmessage")]
        need(all(tools), "xrdp with sesman, Xvnc, xmessage, unshare and useradd")
        need(os.geteuid() == 0, "an account of one's own takes root")
        xrdp, sesman, unshare = tools[:3]
        self.port, manager_port = free_port(), free_port()
        certificate, key = self.certificate(self.COMMON_NAME)
        ini = XRDP_INI.format(port=self.port, security_layer=self.security_layer,
                              crypt_level=self.crypt_level, certificate=certificate, key=key,
                              log=self.path("xrdp.txt"))
        self.write("xrdp.ini", ini[:ini.index("[Xorg]")] + XVNC)
        self.write("sesman.ini", SESMAN_INI.format(
            port=manager_port, server="/bin/false" if self.begin == "dies" else "Xvnc",
            display=random.randrange(2000, 9000), log=self.path("sesman.txt")))
        self.write("startwm.sh", "#!/bin/sh\n" + STARTS[self.begin])
        subprocess.run([find("xrdp-keygen"), "xrdp", self.path("rsakeys.ini")], check=True,
                       stdin=subprocess.DEVNULL, capture_output=True)
        self.server = self.spawn("xrdp", [
            unshare, "--mount", "--pid", "--fork", "--kill-child", "sh", "-c", PRIVATE, "sh",
            self.directory, self.USER, self.PASSWORD, self.path("xrdp.ini"),
            self.path("rsakeys.ini"), self.path("sesman.ini") if self.manager else "none", xrdp,
            sesman, self.path("startwm.sh")])
        self.server.wait_for(lambda: listening(self.port), "xrdp")
        if self.manager:
            self.server.wait_for(lambda: listening(manager_port), "xrdp-sesman")

    def write(self, name, text):
        with open(self.path(name), "w", encoding="ascii") as out:
            out.write(text)


class Weston(Server):
    """Wayland's reference compositor, whose desktop is drawn for RDP alone: it needs no display."""

    def start(self):
        weston = find("weston")
        need(weston, "weston is not installed")
        self.port = free_port()
        certificate, key = self.certificate("weston.rdpwhy.example")
        runtime = self.path("run")
        os.mkdir(runtime, 0o700)
        self.server = self.spawn("weston", [
            weston, "--backend=rdp-backend.so", "--no-config", "--address=127.0.0.1",
            "--port=%d" % self.port, "--width=1024", "--height=768", "--idle-time=0",
            "--rdp-tls-cert=" + certificate, "--rdp-tls-key=" + key],
            env=dict(os.environ, XDG_RUNTIME_DIR=runtime))
        self.server.wait_for(lambda: listening(self.port), "weston")
