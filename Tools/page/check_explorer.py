"""Uses the explorer in headless Chromium as a person does: types, clicks, edits, goes back.

    python3 check_explorer.py SECANT [--model MODEL] [--views FOLDER] [--screenshots FOLDER]

Starts `SECANT serve` at a free port. Fails where an action has not the effect that it should have, the page logs an
error, asks anyone else for anything, or is wider than the screen. With --views, also looks at the pages of a folder
as `serve --read-only` shows them.
"""

import argparse
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time

from check_page import CONTRAST, NAMES, SCREENS, Browser

KEYS = {"Enter": 13, "Escape": 27, "ArrowLeft": 37, "ArrowUp": 38, "ArrowRight": 39, "ArrowDown": 40, "Tab": 9, "End": 35}


class Explorer:
    """A page of a server of its own."""

    def __init__(self, program, secant, options):
        self.cache = tempfile.TemporaryDirectory()
        self.server = subprocess.Popen(
            [secant, "serve", "--port", "0"] + options, stdout=subprocess.PIPE, text=True,
            env=os.environ | {"XDG_CACHE_HOME": self.cache.name})
        self.address = re.search(r"http://\S+", self.server.stdout.readline())[0]
        self.browser = Browser(program)
        self.wrong = []

    def open(self, address, screen, scheme):
        """Loads a page, after what the one before did is judged."""
        self.judge()
        self.browser.open(address, screen, scheme)

    def judge(self):
        """Notes what the page logged, threw, or asked of anyone but its server."""
        origin = self.address.split("/")[2]
        for event in self.browser.events:
            parameters = event.get("params", {})
            match event.get("method"):
                case "Network.requestWillBeSent":
                    url = parameters["request"]["url"]
                    if not url.startswith((f"http://{origin}/", "data:", "blob:", "about:")):
                        self.wrong.append(f"asked {url}")
                case "Runtime.exceptionThrown":
                    self.wrong.append(json.dumps(parameters)[:300])
                case "Runtime.consoleAPICalled" if parameters["type"] in ["error", "warning", "assert"]:
                    self.wrong.append(f"console: {json.dumps(parameters['args'])[:300]}")
                case "Log.entryAdded" if parameters["entry"]["level"] in ["error", "warning"]:
                    self.wrong.append(f"log: {parameters['entry']['text']}")
        self.browser.events.clear()

    def measure(self, name, screenshots):
        """Judges the page, its width on every screen, and takes pictures of it."""
        self.judge()
        for screen, (width, height) in SCREENS.items():
            self.browser.call("Emulation.setDeviceMetricsOverride", width=width, height=height,
                              deviceScaleFactor=1, mobile=screen == "phone")
            found = self.read("document.documentElement.scrollWidth")
            if found > width:
                self.wrong.append(f"{name}, {screen}: {found} pixels wide")
            for scheme in ["light", "dark"]:
                self.browser.call("Emulation.setEmulatedMedia",
                                  features=[{"name": "prefers-color-scheme", "value": scheme}])
                self.browser.settle()
                self.wrong += [f"{name}, {screen}, {scheme}: too little contrast: {text}"
                               for text in self.read(CONTRAST)]
            if screenshots:
                screenshots.mkdir(parents=True, exist_ok=True)
                self.browser.screenshot(screenshots / f"{name}-{screen}.png")

    def close(self):
        self.browser.close()
        self.server.terminate()
        self.server.wait()

    def read(self, expression):
        return self.browser.evaluate(expression)

    def wait(self, what, condition, seconds=60):
        """Waits until something is so."""
        end = time.monotonic() + seconds
        while not self.read(f"!!({condition})"):
            if time.monotonic() > end:
                bar = self.read("document.getElementById('bar').textContent")
                raise SystemExit(f"{what}: not within {seconds} s; the bar says {bar!r}")
            time.sleep(0.05)

    def type(self, text):
        self.browser.call("Input.insertText", text=text)

    def press(self, key, shift=False):
        code = KEYS[key] if key in KEYS else ord(key.upper())
        if key in KEYS:
            return self.browser.press(key, code, shift)
        for kind in ["keyDown", "keyUp"]:
            self.browser.call("Input.dispatchKeyEvent", type=kind, key=key, text=key,
                              windowsVirtualKeyCode=code)

    def click(self, selector):
        self.browser.click(selector)

    def fill(self, selector, text):
        """Writes another text into a field, as a person does, and leaves it with Enter."""
        self.click(selector)
        self.read(f"document.querySelector({json.dumps(selector)}).select()")
        if text:
            self.type(text)
        else:
            self.browser.press("Delete", 46)
        # With its character: only then does a field take what was written.
        for kind in ["keyDown", "keyUp"]:
            self.browser.call("Input.dispatchKeyEvent", type=kind, key="Enter", code="Enter", text="\r",
                              windowsVirtualKeyCode=13)

    def double_click(self, selector):
        """Clicks twice on the first word of an element."""
        x, y = self.read(
            "(e => { const t = e.firstChild, s = t.data.search(/\\S/), r = document.createRange();"
            " e.scrollIntoView({block: 'center'}); r.setStart(t, s); r.setEnd(t, s + 1);"
            " const b = r.getBoundingClientRect(); return [b.x + b.width / 2, b.y + b.height / 2]; })"
            f"(document.querySelector({json.dumps(selector)}))")
        for count in [1, 2]:
            for kind in ["mousePressed", "mouseReleased"]:
                self.browser.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left",
                                  clickCount=count)

    def text(self, selector):
        return self.read(f"document.querySelector({json.dumps(selector)})?.textContent ?? ''")


def until(what, holds, seconds=60):
    """Waits until something outside the page is so."""
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            raise SystemExit(f"{what}: not within {seconds} s")
        time.sleep(0.05)


def numbers(text):
    return [float(n) for n in re.findall(r"[+-]?\d+\.\d+", text)]


def use(page, fail):
    """The actions, each with what must come of it."""

    def expect(what, holds):
        if not holds:
            fail(what)

    # 1. A prompt is typed: tokens are coloured, and the certificate stands beside them.
    page.click("#prompt")
    page.type("The capital of France is")
    page.press("Enter")
    page.wait("an answer", "!document.getElementById('answer').hidden")
    expect("the tokens are coloured", page.read(
        "[...document.querySelectorAll('.tok')].some(t => t.style.getPropertyValue('--size') === '100%')"))
    total, target = numbers(page.text("#certificate"))[:2]
    expect("the shares sum to the target", abs(total - target) < 1e-3)
    first = page.text("#sentence")
    # 2. Another gate rule: other shares, the same target.
    page.read("document.getElementById('gate').focus()")
    page.press("ArrowDown")
    page.press("ArrowDown")
    page.wait("shares by another rule", f"document.getElementById('sentence').textContent !== {json.dumps(first)}")
    expect("the target does not depend on the rule", abs(numbers(page.text("#sentence"))[0] - numbers(first)[0]) < 0.02)
    expect("the rule is in the address", "half" in page.read("decodeURIComponent(location.hash)"))
    # Back, twice: each rule is a place of its own.
    page.read("history.back()")
    page.wait("the rule before", "document.getElementById('gate').value === 'gate'")
    page.read("history.back()")
    page.wait("the first answer again", f"document.getElementById('sentence').textContent === {json.dumps(first)}")
    # 3. A token: its spectrum and words, its ledger.
    page.click("#tok2")
    page.click("#spectrum")
    page.wait("a spectrum", "document.querySelectorAll('#details tbody tr').length === 8")
    page.click("#ledger")
    page.wait("a ledger", "document.querySelector('#details tfoot')")
    share = numbers(page.text("#token p"))[0]
    expect("the token's ledger sums to its share",
           abs(numbers(page.text("#details tfoot"))[0] - share) < 5e-3)
    # 4. The parts of the model: chosen in one place, marked in all.
    page.press("l")
    page.wait("the ledger by heads", "document.querySelector('#card-shares .grid td')")
    page.click("#card-shares .grid td")
    expect("a chosen head is marked wherever it is shown", page.read(
        "(e => e.length >= 1 && new Set(e.map(x => x.dataset.block + '.' + x.dataset.head)).size === 1)"
        "([...document.querySelectorAll('.linked')])"))
    # 5. A token is changed in place: what changed is accounted for.
    page.click("#tok3")
    page.press("e")
    page.wait("a field in the token's place", "document.querySelector('#strip input')")
    page.type(" Italy")
    page.press("Enter")
    page.wait("an account", "document.querySelector('#card-compare tfoot')")
    real, total = numbers(page.text("#card-compare .body p"))[:2]
    expect("the account sums to the real difference", abs(real - total) < 1e-3)
    # 6. What removing each token does.
    page.press("r")
    page.wait("effects", "document.querySelector('#card-effects tbody tr')")
    expect("shares are set against effects", "ρ" in page.text("#certificate"))
    # Parts are taken away: each predicted, measured, and set side by side by a slider.
    page.press("a")
    page.wait("parts", "document.querySelectorAll('#card-ablate tbody tr').length >= 3")
    page.wait("the first part measured", "document.getElementById('measured').textContent !== '…'")
    row = numbers(page.text("#card-ablate tbody tr td:nth-child(2)"))[0]
    expect("the slider begins with the first row", abs(numbers(page.text("#predicted"))[0] - row) < 1e-3)
    page.read("document.getElementById('keep').focus()")
    for _ in range(10):
        page.press("ArrowRight")
    page.wait("the part at half", "document.getElementById('kept').textContent.startsWith('50 %')"
              " && document.getElementById('measured').textContent !== '…'")
    expect("the prediction is a line", abs(2 * numbers(page.text("#predicted"))[0] - row) < 2e-3)
    expect("two measured points and the whole", page.read("document.querySelectorAll('#line circle').length") == 3)
    page.click("#tok3")
    page.press("x")
    page.wait("the chosen token", "document.getElementById('kept').textContent.includes('@3')"
              " && document.getElementById('measured').textContent !== '…'")
    # 7. Block by block; 8. gate rules; 9. next tokens.
    page.press("b")
    page.wait("a curve", "document.querySelector('#card-layers svg path')")
    page.press("u")
    page.wait("gate rules", "document.querySelectorAll('#card-rules table').length === 2")
    page.press("n")
    page.wait("next tokens", "document.querySelector('#card-predictions button')")
    # 10. The continuation, and which words of the prompt a phrase of it came from.
    page.press("g")
    page.wait("a continuation", "document.querySelector('#generated')?.textContent.trim()")
    page.double_click("#generated")
    page.wait("the prompt recoloured", "document.getElementById('bar').textContent.includes('coloured by')")
    expect("a word of the continuation is answered", "over the runners-up by" in page.text("#sentence"))
    # A phrase has what all of its tokens have.
    page.read("""(e => { const r = document.createRange(), t = e.firstChild; r.setStart(t, 0); r.setEnd(t, t.data.length);
        document.getElementById('bar').textContent = '';
        getSelection().removeAllRanges(); getSelection().addRange(r); })(document.getElementById('generated'))""")
    page.wait("the whole continuation traced", "document.getElementById('bar').textContent.includes('coloured by')")
    # The continuation is pushed: toward a token, then not at all.
    page.press("d")
    page.wait("a steered continuation", "document.querySelectorAll('#steered .continued').length === 2")
    page.read("document.getElementById('strength').focus()")
    page.press("End")
    page.wait("the push at strength 2", "document.getElementById('steered').dataset.asked?.includes('\"strength\":2')")
    plain, pushed = [page.text(f"#steered .columns div:nth-child({n}) .continued") for n in [1, 2]]
    expect("a push changes the continuation", plain != pushed)
    for _ in range(40):
        page.press("ArrowLeft")
    page.wait("the push at strength 0", "document.getElementById('steered').dataset.asked?.includes('\"strength\":0,')"
              " || document.getElementById('steered').dataset.asked?.includes('\"strength\":0}')")
    plain, pushed = [page.text(f"#steered .columns div:nth-child({n}) .continued") for n in [1, 2]]
    expect("strength 0 changes nothing", plain == pushed)
    # A card is pinned with a note; the address carries all of it.
    page.click("#card-shares header button")
    page.wait("a pinned card", "document.querySelector('#pinned button')")
    expect("the address has the state", page.read("decodeURIComponent(location.hash).includes('pins')"))
    # A target of one's own.
    page.fill("#target", "Rome")
    page.wait("another target", "document.getElementById('sentence').textContent.includes('Rome')")
    # What cannot be asked is said.
    page.fill("#target", "no such token at all")
    page.wait("a complaint", "document.getElementById('bar').className === 'warning'")
    page.fill("#target", "")
    page.wait("the answer again", "document.getElementById('bar').className !== 'warning'")
    # A token of the vocabulary, by a piece of its text: with keys, and with the mouse.
    page.read("document.activeElement.blur()")
    page.press("/")
    page.wait("the search", "document.getElementById('vocabulary').open")
    page.type("bri")
    page.wait("tokens", "document.querySelectorAll('#found li').length > 1")
    expect("each token has the text", page.read(
        "[...document.querySelectorAll('#found .word')].every(e => e.textContent.toLowerCase().includes('bri'))"))
    expect("at most fifty", page.read("document.querySelectorAll('#found li').length") <= 50)
    page.press("ArrowDown")
    chosen = page.read("document.querySelector('#found [aria-selected=true]').dataset.id")
    word = page.text("#found [aria-selected=true] .word")
    page.press("Enter")
    page.wait("the token as the target", f"document.getElementById('target').value === '#{chosen}'"
              f" && document.getElementById('sentence').textContent.startsWith({json.dumps(word)})")
    page.click("#search")
    page.wait("the same search", "document.querySelectorAll('#found li').length > 1")
    other = page.read("document.querySelector('#found li').dataset.id")
    page.click("#found li button")
    page.wait("a token as what is subtracted", f"document.getElementById('over').value === '#{other}'")
    page.press("/")
    page.type("no token has this")
    page.wait("that there is none", "document.getElementById('foundNote').textContent.startsWith('No token')")
    page.press("Escape")
    page.wait("the search closed", "!document.getElementById('vocabulary').open")
    # The keys are listed, and the list is left by a key.
    page.press("?")
    page.wait("the keys", "document.getElementById('keys').open")
    expect("every key is listed", page.read("document.querySelectorAll('#keys dt').length") >= 15)
    page.press("Escape")
    page.wait("the keys closed", "!document.getElementById('keys').open")
    # By keys alone: another prompt, a token, its spectrum.
    page.press("p")
    page.wait("the prompt's field", "document.activeElement.id === 'prompt'")
    page.read("document.getElementById('prompt').select()")
    page.type("The bridge out of Marin is the")
    page.press("Enter")
    page.wait("its tokens", "document.querySelectorAll('.tok').length >= 7 && document.activeElement.id === 'strip'")
    page.press("ArrowRight")
    page.press("ArrowRight")
    page.wait("the second token", "document.querySelector('.tok.chosen')?.id === 'tok1'")
    page.press("s")
    page.wait("its spectrum", "document.querySelectorAll('#details tbody tr').length === 8")
    page.press("Tab")
    expect("the focus can be seen", page.read(
        "getComputedStyle(document.activeElement).outlineStyle !== 'none'"))
    page.press("l")
    page.wait("its ledger by heads", "document.querySelector('#card-shares .grid td')")
    page.click("#card-shares header button")
    # The page is saved, and the copy needs neither script nor server.
    page.browser.call("Browser.setDownloadBehavior", behavior="allow", downloadPath=page.cache.name)
    page.click("#export")
    saved = pathlib.Path(page.cache.name) / "secant.html"
    until("a saved page", lambda: saved.exists() and saved.stat().st_size > 0)
    copy = saved.read_text()
    expect("the copy has no script", "<script" not in copy and "default-src 'none'" in copy)
    expect("the copy has what was shown", "card-shares" in copy and 'id="sentence"' in copy)
    page.measure("cards", None)
    page.browser.call("Emulation.setDeviceMetricsOverride", width=1280, height=900, deviceScaleFactor=1, mobile=False)
    # A link to the view shows the view.
    link = page.read("location.href")
    page.open(link, "phone", "dark")
    page.wait("the linked view", "document.querySelector('#card-shares .grid td')")
    # Tokens are texts, whatever they spell.
    page.read("(e => { e.value = '<img src=x onerror=alert(1)> & <script>alert(2)</script>';"
              " document.getElementById('ask').requestSubmit(); })(document.getElementById('prompt'))")
    page.wait("hostile text", "!document.getElementById('answer').hidden && document.querySelectorAll('.tok').length > 8")
    expect("no element comes of a text", not page.read("document.querySelector('#strip img, #strip script')"))


def look(page, fail):
    """Every page of a folder, as a read-only server shows it."""
    addresses = page.read("[...document.querySelectorAll('a[href^=pages]')].map(a => a.href)")
    if not addresses:
        fail("no page is listed")
    for address in addresses:
        page.open(address, "desktop", "light")
        if not page.read("document.querySelector('h1')?.textContent"):
            fail(f"{address}: no heading")
        if page.read("document.querySelector('input[name=token]') !== null"):
            # The script runs: it follows the address.
            page.read("location.hash = '#t1'")
            page.wait("the chosen token", "document.getElementById('t1').checked")
    page.open(page.address + "pages/..%2Fcheck", "desktop", "light")
    if "not found" not in page.read("document.body.textContent"):
        fail("a path from the address reaches a file")
    # The refusal is in the log, as it should be.
    page.browser.events.clear()
    page.open(page.address, "desktop", "light")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("secant")
    parser.add_argument("--model")
    parser.add_argument("--views", type=pathlib.Path, help="a folder of pages and reports")
    parser.add_argument("--screenshots", type=pathlib.Path, help="a folder for pictures")
    options = parser.parse_args()
    program = next(filter(None, map(shutil.which, NAMES)), None)
    if program is None:
        raise SystemExit("expected Chromium, found none; install it (apt-get install chromium)")
    runs = [("explorer", ["--model", options.model] if options.model else [], use)]
    if options.views:
        runs.append(("views", ["--read-only", str(options.views)], look))
    wrong = []
    for name, arguments, action in runs:
        page = Explorer(program, options.secant, arguments)
        try:
            page.open(page.address, "desktop", "light")
            action(page, page.wrong.append)
            page.measure(name, options.screenshots)
        finally:
            page.close()
        wrong += page.wrong
    print("\n".join(wrong) or "the explorer works, no complaints")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
