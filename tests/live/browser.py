"""A headless Chromium, driven through WebDriver with the standard library alone."""

import base64
import json
import os
import urllib.error
import urllib.request

from servers import Server, find, free_port, listening, need

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"  # WebDriver, section 12: the web element identifier
KEYS = {"Enter": "\ue007", "Escape": "\ue00c", "Tab": "\ue004"}


class Browser(Server):
    """chromedriver with one window of |width| by |height|."""

    def __init__(self, width=1600, height=1000):
        self.size = "%d,%d" % (width, height)

    def start(self):
        chromium = find("chromium", "chromium-browser", "google-chrome")
        driver = find("chromedriver", "chromium-driver")
        need(chromium, "chromium is not installed")
        need(driver, "chromedriver is not installed")
        port = free_port()
        self.address = "http://127.0.0.1:%d" % port
        environment = dict(os.environ, HOME=self.directory)
        environment.pop("http_proxy", None)
        process = self.spawn("chromedriver", [driver, "--port=%d" % port], env=environment)
        process.wait_for(lambda: listening(port), "chromedriver")
        options = {"binary": chromium,
                   "args": ["--headless=new", "--no-sandbox", "--disable-gpu",
                            "--disable-dev-shm-usage", "--no-proxy-server",
                            "--window-size=" + self.size,
                            "--user-data-dir=" + self.path("profile")]}
        self.session = ""
        made = self.ask("POST", "/session", {"capabilities": {"alwaysMatch": {
            "goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL"}}}})
        self.session = "/session/" + made["sessionId"]

    def __exit__(self, *rest):
        if getattr(self, "session", ""):
            try:
                self.ask("DELETE", "", None)
            except OSError:
                pass  # the process is ended in any case
        super().__exit__(*rest)

    def ask(self, method, path, body):
        if path != "/session":
            path = self.session + path
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.address + path, data, method=method,
                                         headers={"Content-Type": "application/json"})
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=120) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            raise AssertionError(error.read().decode("utf-8", "replace")) from None

    def open(self, file, fragment=""):
        self.ask("POST", "/url", {"url": "about:blank"})
        self.ask("POST", "/url", {"url": "file://" + file + fragment})

    def run(self, script, *arguments):
        """The value of the function body |script|."""
        return self.ask("POST", "/execute/sync", {"script": script, "args": list(arguments)})

    def wait(self, expression, seconds=20):
        """Waits in the page until |expression| holds, and returns its value."""
        self.ask("POST", "/timeouts", {"script": int(seconds * 1000)})
        return self.ask("POST", "/execute/async", {"script": """
            const done = arguments[0];
            (function look() {
              const value = (%s);
              if (value) done(value); else setTimeout(look, 10);
            })();""" % expression, "args": []})

    def find(self, selector):
        return self.ask("POST", "/element", {"using": "css selector", "value": selector})[ELEMENT]

    def click(self, selector):
        self.ask("POST", "/element/%s/click" % self.find(selector), {})

    def type(self, selector, text):
        self.ask("POST", "/element/%s/value" % self.find(selector), {"text": text})

    def press(self, key):
        """A key on whatever has the focus."""
        value = KEYS.get(key, key)
        self.ask("POST", "/actions", {"actions": [{"type": "key", "id": "keys", "actions": [
            {"type": "keyDown", "value": value}, {"type": "keyUp", "value": value}]}]})

    def log(self):
        """What the console said since the last time."""
        return self.ask("POST", "/se/log", {"type": "browser"})

    def cdp(self, command, **parameters):
        return self.ask("POST", "/goog/cdp/execute", {"cmd": command, "params": parameters})

    def media(self, media="", scheme="light", motion="no-preference"):
        self.cdp("Emulation.setEmulatedMedia", media=media, features=[
            {"name": "prefers-color-scheme", "value": scheme},
            {"name": "prefers-reduced-motion", "value": motion}])

    def screenshot(self, file):
        with open(file, "wb") as out:
            out.write(base64.b64decode(self.ask("GET", "/screenshot", None)))
