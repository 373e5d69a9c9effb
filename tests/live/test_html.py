"""The HTML report in a headless Chromium.

The reports are those of real runs against the fault server: one host, a list of faults, 2,000 hosts.
"""

import os
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import unittest

import servers
from browser import Browser
from servers import LiveTest, Peer, environment, need, rdpwhy

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "cli"))
from test_pcap import CAPTURES, Recording, pcap  # noqa: E402 (its directory comes last)

READY = "document.documentElement.dataset.ready === ''"
DRAWN = "document.documentElement.dataset.rows"
SCREENSHOTS = os.environ.get("RDPWHY_SCREENSHOTS")  # a directory, to look at them

FAULTS = ("error-info-7", "healthy-tls", "healthy-rdp", "fin-tls", "rst-negotiation",
          "fin-licensing", "certificate-hostile")

# Every piece of text against what is painted behind it (WCAG 2.2, 1.4.3), where it is less than
# 4.5 to 1.
CONTRAST = """
const channel = (c) => (c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
const parse = (text) => text.match(/[0-9.]+/g).map(Number);
const light = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
function behind(node) {
  for (; node; node = node.parentElement) {
    const color = parse(getComputedStyle(node).backgroundColor);
    if (color.length < 4 || color[3] > 0) return color;
  }
  return [255, 255, 255];
}
const low = new Set(), walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
let seen = 0;
for (let text; (text = walker.nextNode());) {
  const node = text.parentElement;
  if (!text.data.trim() || node.closest("script, style, noscript, .unseen") || !node.checkVisibility())
    continue;
  const a = light(parse(getComputedStyle(node).color)), b = light(behind(node));
  const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  seen++;
  if (ratio < 4.5) low.add(node.tagName + "." + node.className + " " + ratio.toFixed(2));
}
return [seen, [...low]];
"""

# What a keyboard and a screen reader need: names for controls, one h1, no level left out.
STRUCTURE = """
const wrong = [];
const levels = [...document.querySelectorAll("h1, h2, h3, h4, h5")]
  .filter((node) => node.checkVisibility()).map((node) => Number(node.tagName[1]));
if (levels.filter((level) => level === 1).length !== 1) wrong.push("h1: " + levels);
levels.forEach((level, i) => { if (i && level > levels[i - 1] + 1) wrong.push("skips to h" + level); });
for (const node of document.querySelectorAll("table"))
  if (!node.querySelector("th[scope]")) wrong.push("a table without heads: " + node.className);
for (const node of document.querySelectorAll("button, a, input, select")) {
  const labels = [...(node.labels || [])].map((label) => label.textContent).join("");
  if (!(node.textContent.trim() && node.tagName !== "SELECT") && !labels.trim())
    wrong.push("no name: " + node.outerHTML.slice(0, 80));
}
const ids = [...document.querySelectorAll("[id]")].map((node) => node.id);
if (new Set(ids).size !== ids.length) wrong.push("an id twice");
return wrong;
"""


class HostileServer:
    """Selects TLS and shows a certificate whose subject and names hold markup."""

    NAME = "</script><img src=x onerror=alert(1)>"

    def __init__(self, directory):
        certificate, key = os.path.join(directory, "c.pem"), os.path.join(directory, "k.pem")
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-sha256", "-days", "30",
             "-utf8", "-subj", "/CN=%s/O=<b>\u2028\u202e" % self.NAME.replace("/", "\\/"),
             "-keyout", key, "-out", certificate],
            check=True, stdin=subprocess.DEVNULL, capture_output=True)
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(certificate, key)

    def __enter__(self):
        self.socket = socket.socket()
        self.socket.bind(("127.0.0.1", 0))
        self.socket.listen()
        self.port = self.socket.getsockname()[1]
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()
        self.thread.join(10)

    def serve(self):
        while True:
            try:
                client, _ = self.socket.accept()
            except OSError:
                return
            with client:
                client.settimeout(10)
                try:
                    client.recv(4096)
                    client.sendall(bytes.fromhex("030000130ed000001234000200080001000000"))
                    with self.context.wrap_socket(client, server_side=True) as tls:
                        tls.recv(4096)
                except OSError:
                    pass


class HtmlTest(LiveTest):
    @classmethod
    def setUpClass(cls):
        cls.missing = ""
        cls.directory = tempfile.mkdtemp(prefix="rdpwhy-html-")
        cls.addClassCleanup(shutil.rmtree, cls.directory, ignore_errors=True)
        try:
            cls.browser = Browser().__enter__()
            cls.addClassCleanup(cls.browser.__exit__)
        except unittest.SkipTest as skip:
            cls.missing = str(skip)  # each test says so: a class that is skipped runs no test

    def setUp(self):
        need(not self.missing, self.missing)

    def path(self, name):
        return os.path.join(self.directory, name)

    def report(self, name, *arguments, timeout=300):
        """A run with an HTML report; returns the file."""
        file = self.path(name)
        run = rdpwhy("probe", "-q", "-r", "html=" + file, *arguments, timeout=timeout,
                     env=environment())
        self.assertIn(run.status, (0, 1), str(run))
        self.assertEqual(run.stderr, "", str(run))
        return file

    def open(self, file, fragment="", ready=READY):
        self.browser.media()
        self.browser.log()  # what an earlier page said
        self.browser.open(file, fragment)
        self.browser.wait(ready)

    def quiet(self):
        """Nothing was complained about, and nothing was asked of the network."""
        self.assertEqual(self.browser.log(), [])
        self.assertEqual(self.value("performance.getEntriesByType('resource').length"), 0)

    def value(self, expression, *arguments):
        return self.browser.run("return " + expression, *arguments)

    def text(self, selector):
        return self.value("[...document.querySelectorAll(arguments[0])].map((n) => n.innerText)",
                          selector)

    def shoot(self, name):
        if SCREENSHOTS:
            self.browser.screenshot(os.path.join(SCREENSHOTS, name + ".png"))

    def accessible(self, name):
        self.assertEqual(self.browser.run(STRUCTURE), [])
        for scheme in ("light", "dark"):
            self.browser.media(scheme=scheme)
            seen, low = self.browser.run(CONTRAST)
            self.assertGreater(seen, 20)
            self.assertEqual(low, [], scheme)
            self.shoot(name + "-" + scheme)
        self.browser.media()

    def shown(self):
        self.browser.wait(DRAWN)
        return self.text("#rows th")

    def hosts_file(self, name, targets):
        with open(self.path(name), "w", encoding="ascii") as out:
            out.write("".join(target + "\n" for target in targets))
        return self.path(name)

    def test_one_host(self):
        with Peer("--fault", "error-info-7") as peer:
            file = self.report("one.html", "127.0.0.1:%d" % peer.port)
        self.open(file)
        self.assertEqual(self.text("h1"), ["127.0.0.1:%d" % peer.port])
        self.assertEqual(self.text(".title .badge"), ["✕broken"])
        answer = " ".join(self.text(".answer > div"))
        for words in ("capabilities", "refused", "ERRINFO_SERVER_DENIED_CONNECTION",
                      "0x904, extended 0x7", "documented", "negotiate, tls"):
            self.assertIn(words, answer)
        self.assertEqual(self.text(".finding .rule")[0], "server-denied")
        self.assertTrue(self.value("document.querySelector('.finding').open"))
        self.ladder()
        self.exchange()
        self.assertIn("CN=localhost", self.text("#certificate")[0])
        self.assertIn("TLSv1.3", self.text("#server")[0])
        self.quiet()
        self.accessible("one")

    def ladder(self):
        broke = self.value("""[...document.querySelectorAll(".ladder .rate-fault")].map((cell) =>
            [cell.parentNode.firstChild.innerText, cell.cellIndex, cell.innerText])""")
        self.assertEqual([(phase, column) for phase, column, _ in broke],
                         [("capabilities", 1), ("capabilities", 3)])
        self.assertTrue(all("refused" in words for _, _, words in broke), broke)
        self.assertEqual(self.text(".ladder thead th"),
                         ["Phase", "negotiate", "rdp", "tls", "nla", "nla-ext"])

    def exchange(self):
        end, = self.text("tr.end .label")
        self.assertIn("Set Error Info", end)
        self.assertIn("0x7 ERRINFO_SERVER_DENIED_CONNECTION", end)
        self.assertIn("server to client:", end)
        labels = self.text(".exchange .label")
        for name in ("X.224 Connection Request", "MCS Connect Initial", "Client Info"):
            self.assertTrue(any(name in label for label in labels), name)
        # the others are drawn when they are opened, from the keyboard too
        self.assertEqual(len(self.text(".exchange")), 1)
        self.browser.run("document.querySelector('#attempt-2 summary').focus()")
        self.browser.press("Enter")
        self.browser.wait("document.querySelectorAll('.exchange').length === 2")
        self.assertIn("RDP_NEG_FAILURE", self.text("#attempt-2 tr.end .label")[0])

    def test_policy(self):
        """The page cannot be made to run or load anything, even by its own script."""
        with Peer("--fault", "error-info-7") as peer:
            file = self.report("policy.html", "-p", "tls", "127.0.0.1:%d" % peer.port)
        self.open(file)
        self.quiet()
        for script in ("document.body.innerHTML = '<b>'",
                       "document.body.insertAdjacentHTML('beforeend', '<b>')",
                       "document.createElement('script').textContent = 'alert(1)'"):
            with self.assertRaisesRegex(AssertionError, "requires 'Trusted"):
                self.browser.run(script)
        self.browser.run("""const style = document.createElement("style");
            style.textContent = "body { display: none }"; document.head.append(style);
            const image = new Image(); image.src = "file:///nothing.png";
            document.body.append(image);""")
        self.assertEqual(self.value("getComputedStyle(document.body).display"), "block")
        refused = " ".join(entry["message"] for entry in self.browser.log())
        self.assertIn("style-src", refused)
        self.assertIn("img-src data:", refused)

    def test_list(self):
        with Peer("--all") as peer:
            targets = {name: "127.0.0.1:%d" % peer.ports[name] for name in FAULTS}
            file = self.report("list.html", "-t", "3", "-i",
                               self.hosts_file("list.txt", targets.values()))
        self.open(file, ready=DRAWN)
        self.assertEqual(self.text("h1"), ["%d hosts" % len(targets)])
        self.assertEqual(sorted(self.shown()), sorted(targets.values()))
        self.filters(targets)
        self.sorting(targets)
        self.accessible("list")
        self.walk(targets)
        self.quiet()

    def filters(self, targets):
        healthy = sorted(targets[name] for name in ("healthy-tls", "certificate-hostile"))
        self.browser.click(".chip.state-healthy")
        self.assertEqual(sorted(self.shown()), healthy)
        self.browser.click(".chip.state-healthy")
        self.assertEqual(len(self.shown()), len(targets))
        self.browser.type("#search", "server_denied")
        self.assertEqual(self.shown(), [targets["error-info-7"]])
        self.assertEqual(self.text("#shown"), ["1 of %d hosts shown" % len(targets)])
        self.browser.run("""const search = document.getElementById("search");
            search.value = ""; search.dispatchEvent(new Event("input"));
            const rule = document.getElementById("rule");
            rule.value = "server-denied"; rule.dispatchEvent(new Event("change"));""")
        self.assertEqual(self.shown(), [targets["error-info-7"]])
        self.browser.run("""const rule = document.getElementById("rule");
            rule.value = ""; rule.dispatchEvent(new Event("change"));""")
        self.assertEqual(len(self.shown()), len(targets))

    def sorting(self, targets):
        by_port = sorted(targets.values(), key=lambda target: int(target.rsplit(":", 1)[1]))
        self.browser.click("th[data-key=host] button")
        self.assertEqual(self.shown(), by_port)
        self.assertEqual(self.value("document.querySelector('th[data-key=host]').ariaSort"),
                         "ascending")
        self.browser.click("th[data-key=host] button")
        self.assertEqual(self.shown(), by_port[::-1])
        self.browser.click("th[data-key=tls] button")  # what broke first is first
        first = self.text("#rows tr:first-child td:nth-child(5)")[0]
        self.assertTrue(first.startswith("✕"), first)
        self.browser.click("th[data-key=state] button")
        states = self.text("#rows .badge")
        self.assertTrue("broken" in states[0] and "healthy" in states[-1], states)

    def walk(self, targets):
        """To a host and back, by mouse and by keyboard."""
        denied = targets["error-info-7"]
        row = "#rows tr:has(a[href$='%s'])" % denied.rsplit(":", 1)[1]
        self.browser.click(row + " td:last-child")
        self.browser.wait("document.querySelector('.ladder')")
        self.assertEqual(self.text("h1"), [denied])
        self.assertEqual(self.value("document.title"), denied + " · rdpwhy")
        self.shoot("list-host")
        self.browser.press("Escape")
        self.browser.wait("document.querySelector('#rows tr')")
        self.assertEqual(self.value("document.activeElement.innerText"), denied)
        self.browser.press("Enter")
        self.browser.wait("document.querySelector('.ladder')")
        self.browser.click("#all")
        self.browser.wait("document.querySelector('#rows tr')")
        self.browser.press("/")
        self.assertEqual(self.value("document.activeElement.id"), "search")

    def test_hostile(self):
        with HostileServer(self.directory) as hostile:
            file = self.report("hostile.html", "-p", "tls", "-t", "3",
                               "127.0.0.1:%d" % hostile.port, "127.0.0.1:1")
        for fragment in ("", "#host=127.0.0.1%%3A%d" % hostile.port, "#host=%E0%A4%A"):
            self.open(file, fragment)
            self.assertEqual(self.value("document.querySelectorAll('img, b > script, o').length"), 0)
            self.assertEqual(self.value("document.scripts.length"), 2)
            self.quiet()
        self.open(file, "#host=127.0.0.1%%3A%d" % hostile.port)
        certificate, = self.text("#certificate")
        for character in "<>":  # as RFC 2253 writes them
            certificate = certificate.replace("\\" + character, character)
        self.assertIn("CN=" + hostile.NAME, certificate)
        self.assertIn("O=<b>\\u{2028}\\u{202e}", certificate)
        self.assertNotIn("\u202e", certificate)
        self.assertNotIn("\u2028", certificate)

    def test_cut_off(self):
        """A file that was cut off anywhere shows what it has and says so."""
        with Peer("--fault", "error-info-7") as peer:
            file = self.report("whole.html", "-p", "tls", "127.0.0.1:%d" % peer.port)
        with open(file, encoding="utf-8") as whole:
            text = whole.read()
        cut = self.path("cut.html")
        for end, heading in ((text.rindex('{"target":') + 9, "127.0.0.1:%d" % peer.port),
                             (text.index('{"d":1,') + 4, None),
                             (text.index('"record":"run"') + 9, None)):
            with open(cut, "w", encoding="utf-8") as out:
                out.write(text[:end])
            self.open(cut, ready="document.querySelector('.notice, [role=alert]')")
            self.assertIn("This file is incomplete", self.text("body")[0])
            self.assertEqual(self.text("h1"), [heading] if heading else [])
            self.quiet()

    def test_print_and_motion(self):
        with Peer("--fault", "error-info-7") as peer:
            file = self.report("print.html", "127.0.0.1:%d" % peer.port)
        self.open(file)
        self.browser.media(media="print", scheme="dark", motion="reduce")
        self.assertEqual(self.value("getComputedStyle(document.documentElement).backgroundColor"),
                         "rgb(255, 255, 255)")
        self.assertEqual(self.browser.run(CONTRAST)[1], [])
        self.assertEqual(self.value("""[...document.querySelectorAll(".scroll")]
            .filter((node) => getComputedStyle(node).overflowX !== "visible").length"""), 0)
        pages = self.browser.cdp("Page.printToPDF", printBackground=False)["data"]
        self.assertGreater(len(pages), 10000)
        self.quiet()

    def test_narrow(self):
        """On a telephone only tables scroll sideways."""
        with Peer("--fault", "error-info-7") as peer:
            file = self.report("narrow.html", "127.0.0.1:%d" % peer.port)
            many = self.report("narrow-list.html", "127.0.0.1:%d" % peer.port, "127.0.0.1:1")
        self.browser.cdp("Emulation.setDeviceMetricsOverride", width=390, height=800,
                         deviceScaleFactor=1, mobile=False)
        try:
            self.open(file)
            self.assertLessEqual(self.value("document.documentElement.scrollWidth"), 390)
            self.shoot("narrow")
            self.open(many)
            self.assertLessEqual(self.value("document.documentElement.scrollWidth"), 390)
            # the finding is there without scrolling sideways, below the host's name
            left, right, top, name = self.value("""(() => {
                const finding = document.querySelector("#rows .headline").getBoundingClientRect();
                const name = document.querySelector("#rows th").getBoundingClientRect();
                return [finding.left, finding.right, finding.top, name.bottom]; })()""")
            self.assertGreaterEqual(left, 0)
            self.assertLessEqual(right, 390)
            self.assertGreaterEqual(top, name - 1)
            self.assertEqual(self.value("""(() => { const table = document.querySelector(".scroll");
                return table.scrollWidth - table.clientWidth; })()"""), 0)
            self.shoot("narrow-list")
        finally:
            self.browser.cdp("Emulation.clearDeviceMetricsOverride")

    def test_laptop(self):
        """A list of hosts with the default profiles does not scroll sideways."""
        with Peer("--fault", "error-info-7") as peer:
            file = self.report("laptop.html", "127.0.0.1:%d" % peer.port, "127.0.0.1:1")
        self.browser.cdp("Emulation.setDeviceMetricsOverride", width=1400, height=800,
                         deviceScaleFactor=1, mobile=False)
        try:
            self.open(file)
            self.assertEqual(len(self.text(".matrix thead th")), 8)
            # 15 pixels are a scroll bar's, which this browser lays over the page
            self.assertLessEqual(self.value("""Math.max(...[...document.querySelectorAll(
                ".matrix")].map((node) => node.getBoundingClientRect().right))"""), 1400 - 15)
            self.assertLessEqual(self.value("document.documentElement.scrollWidth"), 1400)
        finally:
            self.browser.cdp("Emulation.clearDeviceMetricsOverride")

    def test_escape(self):
        """Escape shows all hosts again, whatever filtered them."""
        with Peer("--fault", "error-info-7") as peer:
            file = self.report("escape.html", "127.0.0.1:%d" % peer.port, "127.0.0.1:1")
        self.open(file)
        for narrow in ("document.querySelector('.chip').click()",
                       "(() => { const rule = document.getElementById('rule');"
                       " rule.value = 'port-refused'; rule.dispatchEvent(new Event('change')); })()",
                       "(() => { const search = document.getElementById('search');"
                       " search.focus(); search.value = 'port-refused';"
                       " search.dispatchEvent(new Event('input')); })()"):
            self.value(narrow)
            self.browser.wait("document.querySelectorAll('#rows tr').length === 1")
            self.browser.press("Escape")
            self.browser.wait("document.querySelectorAll('#rows tr').length === 2")
            self.assertEqual(self.value("document.querySelector('.chip').ariaPressed"), "false")
            self.assertEqual(self.value("document.getElementById('search').value"), "")
            self.assertEqual(self.value("document.getElementById('rule').value"), "")
        self.quiet()

    def read(self, name, command, *arguments):
        """The page of what was captured or traced before."""
        run = rdpwhy(command, "-q", "-r", "html=" + self.path(name), *arguments, env=environment())
        self.assertIn(run.status, (0, 1), str(run))
        return self.path(name)

    def capture(self, name, packets):
        with open(self.path(name), "wb") as out:
            out.write(pcap(packets))
        return self.path(name)

    def test_captures(self):
        """Columns for what was tried, and nothing about clients that nobody knows."""
        trace = self.path("trace.jsonl")
        captures = [os.path.join(CAPTURES, name + ".pcapng")
                    for name in ("error-info-7-rdp", "tls1.2-only", "healthy-nla")]
        sealed = self.capture("list.pcap", Recording("error-info-7").packets)
        pages = [self.read("captures.html", "pcap", "--trace", trace, sealed, *captures),
                 self.read("traces.html", "replay", trace)]
        for page, source in zip(pages, ("captures", "traces")):
            self.open(page, ready=DRAWN)
            self.assertEqual([text.split()[0] for text in self.text(".matrix thead th")],
                             ["State", "Host", "rdp", "tls", "nla", "tls1.2", "First"])
            self.assertLessEqual(self.value("document.documentElement.scrollWidth"), 1600)
            head = self.text("#run")[0]
            self.assertIn("read from %s at 20" % source, head)
            for word in ("undefined", "until", "credentials", "FreeRDP"):
                self.assertNotIn(word, head)
            unknown, = self.value("[...document.querySelectorAll('.matrix .rate-unknown')]"
                                  ".map((cell) => cell.textContent)")
            self.assertEqual(unknown, "?basic-settings+ or later")
            self.assertIn("the rest cannot be read", self.text(".legend")[0])
            self.accessible(source)
            self.quiet()

    def test_three_hosts(self):
        """A live run has the columns of what it tried, in its order."""
        with Peer("--all") as peer:
            targets = ["127.0.0.1:%d" % peer.ports[name] for name in FAULTS[:3]]
            file = self.report("three.html", "-t", "3", *targets)
        self.open(file, ready=DRAWN)
        self.assertEqual([text.split()[0] for text in self.text(".matrix thead th")],
                         ["State", "Host", "negotiate", "rdp", "tls", "nla", "nla-ext", "First"])
        self.assertIn("until active · without credentials", self.text("#run")[0])
        self.assertIn("FreeRDP 3", self.text("#run")[0])
        self.assertEqual(self.text(".legend .rate-unknown"), [])

    def test_without_secrets(self):
        """What cannot be read is shown as such: in the ladder, and in the exchange."""
        file = self.read("sealed.html", "pcap",
                         self.capture("sealed.pcap", Recording("error-info-7").packets))
        self.open(file)
        ladder = dict(zip(self.text(".ladder tbody th"), self.text(".ladder tbody td")))
        self.assertRegex(ladder["basic-settings"], r"^\? *aborted, here or later")
        for phase in ("channel-connection", "licensing", "finalization", "active"):
            self.assertRegex(ladder[phase], r"^\? *or here$")
        self.assertNotIn("multitransport", ladder)
        self.assertEqual(self.text(".ladder .rate-fault, .outcome.rate-fault"), [])
        self.assertRegex(self.text(".exchange .phase th")[-1], "^basic-settings to active")
        unread = self.value("""[...document.querySelectorAll(".exchange tr")]
            .filter((row) => row.innerText.includes("unreadable data"))
            .map((row) => [row.querySelector(".lane").classList[1], row.innerText])""")
        self.assertEqual({way for way, _ in unread}, {"in", "out"})
        for (way, _), (after, _) in zip(unread, unread[1:]):
            self.assertNotEqual(way, after)
        self.assertIn("×3", unread[1][1])
        self.assertRegex(unread[1][1], r"627\s*$")
        self.accessible("sealed")
        self.quiet()

    def test_gap(self):
        recording = Recording("error-info-7")
        data = [i for i, packet in enumerate(recording.packets)
                if recording.from_server(packet) and len(packet[1]) > 40]
        lost = data[len(data) // 2]
        with open(self.path("gap.keys"), "wb") as out:
            out.write(recording.keys)
        packets = recording.packets[:lost] + recording.packets[lost + 1:]
        file = self.read("gap.html", "pcap", "--keys", self.path("gap.keys"),
                         self.capture("gap.pcap", packets))
        self.open(file)
        gap, = [text for text in self.text(".lane.here .label") if text.startswith("gap")]
        self.assertRegex(gap, r"^gap in what the server sent \([0-9]+ bytes: a packet is missing")
        self.assertIn("unreadable data", " ".join(self.text(".lane.in .label")))
        self.accessible("gap")
        self.quiet()

    def test_open_end(self):
        """That the capture ends is nothing that anybody did."""
        file = self.read("open.html", "pcap",
                         self.capture("open.pcap", Recording("error-info-7").packets[:-4]))
        self.open(file)
        self.assertIn("no end was seen", self.text(".answer")[0])
        self.assertNotIn("on purpose", self.text("body")[0])
        self.assertIn("end not seen", " ".join(self.text(".lane.here .label")))

    def test_two_thousand(self):
        trace, traces, file = map(self.path, ("one.jsonl", "many.jsonl", "many.html"))
        with Peer("--fault", "error-info-7", "--bind", "0.0.0.0") as peer:
            need(can_connect("127.1.0.250", peer.port), "only 127.0.0.1 is this machine here")
            run = rdpwhy("probe", "-q", "-t", "30", "--trace", trace,
                         *["127.1.0.%d:%d" % (i + 1, peer.port) for i in range(250)], timeout=300)
        self.assertEqual(run.status, 1, run)
        # 250 that were probed stand for eight times as many, each under its own address
        with open(trace, "rb") as one, open(traces, "wb") as many:
            probed = one.read()
            for i in range(8):
                many.write(probed.replace(b"127.1.0.", b"127.1.%d." % i))
        self.assertEqual(rdpwhy("replay", "-q", "-r", "html=" + file, traces, timeout=300).status, 1)
        size = os.path.getsize(file)
        self.assertLess(size, 5000000)
        times = []
        for _ in range(3):
            self.open(file)
            self.browser.run("""window.paints = [];
                new PerformanceObserver((list) => paints.push(...list.getEntries()))
                    .observe({ type: "largest-contentful-paint", buffered: true });""")
            # the banner is drawn in one go with the first rows
            times.append(self.browser.wait("""(paints.find(({ element }) =>
                element && element.closest("#run, .matrix")) || {}).renderTime"""))
            self.browser.wait(DRAWN)
        print("2,000 hosts: %d bytes, first rows painted after %s ms"
              % (size, ", ".join("%.0f" % time for time in times)))
        self.assertLess(min(times), 2000)
        self.assertEqual(len(self.shown()), 2000)
        self.shoot("many")
        self.browser.type("#search", "127.1.3.7:")
        self.assertEqual(self.shown(), ["127.1.3.7:%d" % peer.port])
        self.browser.run("document.querySelector('#rows a').click()")
        self.browser.wait("document.querySelector('.ladder')")
        self.assertIn("Set Error Info", self.text("tr.end .label")[0])
        self.quiet()


def can_connect(address, port):
    with socket.socket() as probe:
        probe.settimeout(2)
        return probe.connect_ex((address, port)) == 0


if __name__ == "__main__":
    servers.main()
