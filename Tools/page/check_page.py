"""Opens pages that Secant wrote in headless Chromium, and tries what a reader does.

    python3 check_page.py PAGE.html … [--screenshots FOLDER]

Fails where a page logs an error, asks the network for anything, is wider than the screen, or does not
follow a click, an arrow key or a link to a token. Needs Python alone: it speaks the DevTools protocol over a
pipe (https://chromedevtools.github.io/devtools-protocol).
"""

import argparse
import base64
import json
import os
import pathlib
import select
import shutil
import subprocess
import sys
import tempfile
import time

NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"]
SCREENS = {"desktop": (1280, 900), "phone": (390, 844)}


class Browser:
    """A headless Chromium with one tab."""

    def __init__(self, program):
        self.folder = tempfile.TemporaryDirectory()
        (read_commands, self.commands), (self.answers, write_answers) = os.pipe(), os.pipe()
        arguments = [
            program, "--headless", "--disable-gpu", "--remote-debugging-pipe", "--no-first-run",
            "--hide-scrollbars", f"--user-data-dir={self.folder.name}",
        ]
        if os.geteuid() == 0:
            arguments.append("--no-sandbox")  # It refuses to run as root with one.

        def connect():  # The protocol's pipe is file descriptors 3 and 4.
            commands, answers = os.dup(read_commands), os.dup(write_answers)
            os.dup2(commands, 3)
            os.dup2(answers, 4)

        self.process = subprocess.Popen(
            arguments, preexec_fn=connect, close_fds=False,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(read_commands)
        os.close(write_answers)
        self.buffer, self.count, self.session, self.events = b"", 0, None, []
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call(
            "Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ["Page", "Runtime", "Log", "Network"]:
            self.call(domain + ".enable")

    def receive(self, seconds=60):
        """The next message."""
        end = time.monotonic() + seconds
        while b"\0" not in self.buffer:
            ready, _, _ = select.select([self.answers], [], [], max(0, end - time.monotonic()))
            data = os.read(self.answers, 1 << 20) if ready else b""
            if not data:
                raise SystemExit("the browser does not answer")
            self.buffer += data
        message, self.buffer = self.buffer.split(b"\0", 1)
        return json.loads(message)

    def call(self, method, **parameters):
        """Calls one method and returns its result; events that come first are kept."""
        self.count += 1
        message = {"id": self.count, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.commands, json.dumps(message).encode() + b"\0")
        while True:
            answer = self.receive()
            if answer.get("id") == self.count:
                if "error" in answer:
                    raise SystemExit(f"{method}: {answer['error']}")
                return answer["result"]
            self.events.append(answer)

    def evaluate(self, expression):
        """The value of a JavaScript expression in the page."""
        result = self.call("Runtime.evaluate", expression=expression, returnByValue=True)
        if "exceptionDetails" in result:
            raise SystemExit(f"{expression}: {result['exceptionDetails']}")
        return result["result"].get("value")

    def open(self, url, screen, scheme):
        """Loads a page."""
        width, height = SCREENS[screen]
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height,
                  deviceScaleFactor=1, mobile=screen == "phone")
        self.call("Emulation.setEmulatedMedia",
                  features=[{"name": "prefers-color-scheme", "value": scheme}])
        self.events.clear()
        # Through an empty page: a change of the part after "#" alone would load nothing.
        self.call("Page.navigate", url="about:blank")
        self.call("Page.navigate", url=url)
        while self.evaluate("document.readyState") != "complete" or \
                self.evaluate("location.href") == "about:blank":
            time.sleep(0.02)

    def click(self, selector):
        """Clicks the middle of an element, at the top of the screen, where nothing covers it."""
        place = self.evaluate(
            f"(e => {{ e.scrollIntoView({{block: 'start'}}); const r = e.getBoundingClientRect();"
            f" return [r.x + r.width / 2, r.y + r.height / 2]; }})"
            f"(document.querySelector({json.dumps(selector)}))")
        for kind in ["mousePressed", "mouseReleased"]:
            self.call("Input.dispatchMouseEvent", type=kind, x=place[0], y=place[1],
                      button="left", clickCount=1)

    def middle(self, selector):
        """The middle of an element, on the screen."""
        return self.evaluate(
            f"(e => {{ const r = e.getBoundingClientRect(); return [r.x + r.width / 2, r.y + r.height / 2]; }})"
            f"(document.querySelector({json.dumps(selector)}))")

    def drag(self, start, end):
        """Presses the mouse in one element and releases it in another, which is near."""
        self.evaluate(f"document.querySelector({json.dumps(start)}).scrollIntoView({{block: 'center'}})")
        steps = [("mousePressed", start, 1), ("mouseMoved", end, 1), ("mouseReleased", end, 0)]
        for kind, selector, buttons in steps:
            x, y = self.middle(selector)
            self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", buttons=buttons,
                      clickCount=1)

    def press(self, key, code, shift=False):
        """Presses and releases a key."""
        for kind in ["rawKeyDown", "keyUp"]:
            self.call("Input.dispatchKeyEvent", type=kind, key=key, code=key,
                      windowsVirtualKeyCode=code, modifiers=8 if shift else 0)

    def screenshot(self, path):
        """Writes the whole page as a picture, at most 12,000 pixels of it."""
        size = self.call("Page.getLayoutMetrics")["cssContentSize"]
        picture = self.call(
            "Page.captureScreenshot", captureBeyondViewport=True,
            clip={"x": 0, "y": 0, "width": size["width"], "height": min(12000, size["height"]),
                  "scale": 1})
        path.write_bytes(base64.b64decode(picture["data"]))

    def close(self):
        self.session = None
        self.call("Browser.close")
        self.process.wait(20)
        self.folder.cleanup()


def complaints(browser):
    """What the page logged, threw or asked the network for."""
    for event in browser.events:
        parameters = event.get("params", {})
        match event.get("method"):
            case "Runtime.exceptionThrown":
                yield f"exception: {parameters['exceptionDetails']}"
            case "Runtime.consoleAPICalled" if parameters["type"] in ["error", "warning", "assert"]:
                yield f"console: {parameters['args']}"
            case "Log.entryAdded" if parameters["entry"]["level"] in ["error", "warning"]:
                yield f"log: {parameters['entry']['text']}"
            case "Network.requestWillBeSent":
                url = parameters["request"]["url"]
                if not url.startswith(("file:", "data:", "about:")):
                    yield f"request: {url}"


def try_tokens(browser, fail):
    """The token strip: a click, arrow keys, and a link."""
    shown = ("[...document.querySelectorAll('.panel')]"
             ".filter(p => getComputedStyle(p).display !== 'none').length")
    count = browser.evaluate("document.querySelectorAll('input[name=token]').length")
    if count < 2:
        return
    if browser.evaluate(shown) != 1:
        fail("not one token is chosen at first")
    browser.click("label[for=t0]")
    if not browser.evaluate("document.getElementById('t0').checked"):
        fail("a click does not choose a token")
    if browser.evaluate("location.hash") != "#t0":
        fail("the address does not name the chosen token")
    browser.press("ArrowRight", 39)
    if not browser.evaluate("document.getElementById('t1').checked"):
        fail("the arrow key does not choose the next token")
    if browser.evaluate(shown) != 1:
        fail("not one panel is shown")
    browser.evaluate("location.hash = '#t0'")
    browser.call("Runtime.evaluate", awaitPromise=True,
                 expression="new Promise(done => setTimeout(done, 50))")
    if not browser.evaluate("document.getElementById('t0').checked"):
        fail("a link to a token does not choose it")


def try_grids(browser, fail):
    """Grids of cells: the numbers of what has the focus, and arrow keys."""
    if not browser.evaluate("document.querySelector('td[data-n][tabindex]') !== null"):
        return
    browser.evaluate("document.querySelector('td[data-n][tabindex]').focus()")
    readout = "document.getElementById('readout').textContent"
    first = browser.evaluate(readout)
    if not first:
        fail("the focus shows no numbers")
    browser.press("ArrowRight", 39)
    second = browser.evaluate(readout)
    browser.press("ArrowDown", 40)
    third = browser.evaluate(readout)
    if len({first, second, third}) < 2:
        fail("arrow keys do not move in a grid")


def try_answer(browser, fail):
    """The answer of a trace: a click, Shift and an arrow key, a drag, and Escape change the prompt's colours."""
    if not browser.evaluate("document.querySelector('#answer-words[data-rows]') !== null"):
        return
    chosen = "document.querySelectorAll('#answer-words [aria-selected=true]').length"
    colours = "[...document.getElementById('prompt-words').children].map(c => c.className + c.dataset.n).join()"
    whole = browser.evaluate(colours)
    count = browser.evaluate("document.getElementById('answer-words').children.length")
    browser.click(f"#answer-words span:nth-child({count})")
    if browser.evaluate(chosen) != 1:
        fail("a click does not choose one token of the answer")
    if count > 1:
        if browser.evaluate(colours) == whole:
            fail("a chosen token of the answer does not colour the prompt")
        browser.evaluate("document.getElementById('answer-words').focus()")
        browser.press("ArrowLeft", 37, shift=True)
        if browser.evaluate(chosen) != 2:
            fail("Shift and an arrow key do not choose two tokens")
        browser.drag("#answer-words span:first-child", "#answer-words span:nth-child(2)")
        if browser.evaluate(chosen) != 2:
            fail("a drag over two tokens of the answer does not choose both")
    browser.evaluate("document.getElementById('answer-words').focus()")
    browser.press("Escape", 27)
    if browser.evaluate(chosen) != 0 or browser.evaluate(colours) != whole:
        fail("Escape does not bring the whole answer back")


def check(browser, page, screenshots):
    """Tries one page on every screen; returns what is wrong with it."""
    wrong = []
    for screen in SCREENS:
        for scheme in ["light", "dark"]:
            def fail(what):
                wrong.append(f"{page.name}, {screen}, {scheme}: {what}")
            browser.open(page.absolute().as_uri(), screen, scheme)
            width = browser.evaluate("document.documentElement.scrollWidth")
            if width > SCREENS[screen][0]:
                fail(f"{width} pixels wide")
            if screenshots:
                browser.screenshot(screenshots / f"{page.stem}-{screen}-{scheme}.png")
            try_tokens(browser, fail)
            try_grids(browser, fail)
            try_answer(browser, fail)
            for complaint in complaints(browser):
                fail(complaint)
    return wrong


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("pages", nargs="+", type=pathlib.Path)
    parser.add_argument("--screenshots", type=pathlib.Path, help="a folder for pictures")
    options = parser.parse_args()
    program = next(filter(None, map(shutil.which, NAMES)), None)
    if program is None:
        raise SystemExit("expected Chromium, found none; install it (apt-get install chromium)")
    if options.screenshots:
        options.screenshots.mkdir(parents=True, exist_ok=True)
    browser = Browser(program)
    wrong = [what for page in options.pages for what in check(browser, page, options.screenshots)]
    browser.close()
    print("\n".join(wrong) or f"{len(options.pages)} pages, no complaints")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
