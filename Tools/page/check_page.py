"""Opens pages that Secant wrote in headless Chromium, and tries what a reader does.

    python3 check_page.py PAGE.html … [--screenshots FOLDER]

Fails where a page logs an error, asks the network for anything, is wider than the screen, has text with less
contrast than WCAG 2.1 AA asks, or does not follow a click, an arrow key, a link, its tabs or its switch. Needs Python alone: it speaks the DevTools protocol over a
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
SCREENS = {"desktop": (1280, 900), "phone": (375, 800)}


#: Texts with less contrast to their ground than 4.5, or 3 for large ones (WCAG 2.1, 1.4.3).
CONTRAST = r"""(() => {
  const parse = text => {
    const n = text.match(/[\d.]+(e-?\d+)?/g)?.map(Number) ?? [0, 0, 0, 0];
    const k = text.startsWith('color(') ? 255 : 1;
    return [n[0] * k, n[1] * k, n[2] * k, n[3] ?? 1];
  };
  const over = (a, b) => [0, 1, 2].map(i => a[i] * a[3] + b[i] * (1 - a[3])).concat(1);
  const light = c => [0.2126, 0.7152, 0.0722].reduce((sum, w, i) => {
    const v = c[i] / 255;
    return sum + w * (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
  }, 0);
  const ground = e => {
    const layers = [];
    for (; e; e = e.parentElement) layers.push(parse(getComputedStyle(e).backgroundColor));
    return layers.reverse().reduce((below, layer) => over(layer, below), [255, 255, 255, 1]);
  };
  const found = new Map();
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const e = walk.currentNode.parentElement;
    if (!walk.currentNode.data.trim() || !e.getClientRects().length || e.closest('script,style,title,option')) continue;
    const style = getComputedStyle(e);
    if (style.visibility === 'hidden') continue;
    const isDrawn = e.closest('svg') !== null;
    let below = ground(e);
    const rect = isDrawn ? e.parentElement.querySelector(':scope > rect[fill-opacity]') : null;
    if (rect) {
      const fill = parse(getComputedStyle(rect).fill);
      below = over([fill[0], fill[1], fill[2], Number(getComputedStyle(rect).fillOpacity)], below);
    }
    const ink = parse(isDrawn ? style.fill : style.color);
    for (let a = e; a; a = a.parentElement) ink[3] *= Number(getComputedStyle(a).opacity);
    const [x, y] = [light(over(ink, below)), light(below)].sort((a, b) => b - a);
    const size = parseFloat(style.fontSize);
    const least = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700) ? 3 : 4.5;
    const ratio = (x + 0.05) / (y + 0.05);
    if (ratio < least) found.set(e.tagName + '.' + (e.getAttribute('class') ?? ''), `${ratio.toFixed(2)} ${walk.currentNode.data.trim().slice(0, 30)}`);
  }
  return [...found].map(f => f.join(': '));
})()"""


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

    def settle(self):
        """Lets the page handle what has happened: two frames."""
        self.call("Runtime.evaluate", awaitPromise=True,
                  expression="new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")

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
    browser.settle()
    if not browser.evaluate("document.getElementById('t0').checked"):
        fail("a link to a token does not choose it")


def show(browser, selector):
    """Chooses the tab that has an element, where a page has tabs."""
    tab = browser.evaluate(
        f"(e => e ? [...e.parentElement.children].filter(c => c.className === 'tab').indexOf(e) + 1 : 0)"
        f"(document.querySelector({json.dumps(selector)})?.closest('.tab'))")
    if tab:
        browser.click(f"label[for=tab-{tab}]")


def try_tabs(browser, fail):
    """Tabs: one is shown, a click and an arrow key change it, and a link to a section chooses its tab."""
    shown = "[...document.querySelectorAll('.tab')].findIndex(t => getComputedStyle(t).display !== 'none')"
    count = browser.evaluate("document.querySelectorAll('.tab').length")
    if count == 0:
        return
    if browser.evaluate(shown) != 0:
        fail("not the first tab is shown at first")
    browser.click("label[for=tab-2]")
    if browser.evaluate(shown) != 1:
        fail("a click does not choose a tab")
    browser.press("ArrowRight", 39)
    if browser.evaluate(shown) != 2:
        fail("an arrow key does not choose the next tab")
    browser.evaluate("location.hash = '#layers'")
    browser.settle()
    if browser.evaluate(shown) != 1:
        fail("a link to a section does not choose its tab")
    browser.click("label[for=tab-1]")


def try_selection(browser, fail):
    """What is chosen in one place is marked in all: a token, a block, a head."""
    linked = "[...document.querySelectorAll('.linked')]"
    if browser.evaluate("document.querySelector('.middle [data-h]') !== null"):
        show(browser, ".middle [data-h]")
        place = browser.evaluate(
            "(e => { e.scrollIntoView({block: 'center', inline: 'center'}); const r = e.getBoundingClientRect();"
            " return [r.x + r.width / 2, r.y + r.height / 2, e.dataset.h]; })(document.querySelector('.middle [data-h]'))")
        for kind in ["mousePressed", "mouseReleased"]:
            browser.call("Input.dispatchMouseEvent", type=kind, x=place[0], y=place[1], button="left",
                         clickCount=1)
        block = place[2].split(".")[0]
        if not browser.evaluate(f"{linked}.some(e => e.dataset.h === '{place[2]}')"
                                f" && {linked}.some(e => e.dataset.b === '{block}')"):
            fail("a chosen head and its block are not marked")
        if not browser.evaluate("document.getElementById('selection').textContent").endswith(f"head {place[2]}"):
            fail("the page does not say what is chosen")
        if f"h{place[2]}" not in browser.evaluate("location.hash"):
            fail("the address does not name the chosen head")
        browser.evaluate("document.querySelector('.in-columns:has([data-h])').focus()")
        browser.press("ArrowRight", 39)
        browser.press("ArrowRight", 39)
        browser.press("Enter", 13)
        if browser.evaluate("document.getElementById('selection').textContent").endswith(f"head {place[2]}"):
            fail("arrow keys and Enter do not choose another head")
        browser.press("Escape", 27)
        if browser.evaluate(f"{linked}.some(e => e.dataset.b !== undefined || e.dataset.h !== undefined)"):
            fail("Escape does not take the choice of a block back")
    if browser.evaluate("document.querySelector('figure [data-t=\"0\"]') !== null"
                        " && document.getElementById('t0') !== null"):
        browser.evaluate("document.querySelector('figure [data-t=\"0\"]')"
                         ".dispatchEvent(new MouseEvent('click', {bubbles: true}))")
        if not browser.evaluate("document.getElementById('t0').checked"):
            fail("a token that is chosen in a figure is not chosen in the prompt")


def try_switch(browser, fail):
    """The switch of target and gate rule: other numbers, colours and bars, and back."""
    if not browser.evaluate("document.getElementById('switch') !== null"):
        return
    show(browser, "#switch")
    if browser.evaluate("document.getElementById('switch').hidden"):
        fail("the switch is not shown")
    state = ("[...document.querySelectorAll('[data-views]')].map(e => e.className + e.title).join()"
             " + [...document.querySelectorAll('[data-view]')].filter(e => !e.hidden).map(e => e.dataset.view).join()")
    seen = [browser.evaluate(state)]
    for field, key in [("view-rule", "ArrowDown"), ("view-target", "ArrowDown")]:
        if browser.evaluate(f"document.getElementById('{field}').options.length") < 2:
            continue
        browser.evaluate(f"document.getElementById('{field}').focus()")
        browser.press(key, 40)
        seen.append(browser.evaluate(state))
        if len(set(seen)) < len(seen):
            fail(f"{field} changes nothing")
    for field in ["view-rule", "view-target"]:
        browser.evaluate(f"document.getElementById('{field}').focus()")
        browser.press("Home", 36)
    if browser.evaluate(state) != seen[0]:
        fail("the first choice does not bring the first numbers back")


def try_contrast(browser, fail):
    """Contrast of all texts that are shown, in every tab."""
    for tab in range(max(1, browser.evaluate("document.querySelectorAll('.tab').length"))):
        if browser.evaluate("document.querySelector('.tab') !== null"):
            browser.click(f"label[for=tab-{tab + 1}]")
        for text in browser.evaluate(CONTRAST):
            fail(f"too little contrast: {text}")
    browser.evaluate("document.getElementById('tab-1')?.click()")


def try_grids(browser, fail):
    """Grids of cells: the numbers of what has the focus, and arrow keys."""
    if not browser.evaluate("document.querySelector('td[data-n][tabindex]') !== null"):
        return
    show(browser, "td[data-n][tabindex]")
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


def picture(browser, path):
    """Writes the page, each of its tabs, as a picture."""
    count = browser.evaluate("document.querySelectorAll('.tab').length")
    if count == 0:
        return browser.screenshot(path)
    for tab in range(1, count + 1):
        browser.evaluate(f"document.getElementById('tab-{tab}').click()")
        browser.screenshot(path.with_stem(f"{path.stem}-{tab}"))
    browser.evaluate("document.getElementById('tab-1').click()")


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
                picture(browser, screenshots / f"{page.stem}-{screen}-{scheme}.png")
            try_contrast(browser, fail)
            try_tabs(browser, fail)
            try_tokens(browser, fail)
            try_switch(browser, fail)
            try_selection(browser, fail)
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
