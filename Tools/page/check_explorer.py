"""Uses the explorer in headless Chromium as a person does: types, clicks, edits, goes back.

    python3 check_explorer.py SECANT [--model MODEL] [--screenshots FOLDER]

Starts `SECANT serve` at a free port. Fails where an action has not the effect that it should have, the page logs an
error, asks anyone else for anything, or is wider than the screen.
"""

import argparse
import json
import os
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time

from check_page import NAMES, SCREENS, Browser

KEYS = {"Enter": 13, "Escape": 27, "ArrowLeft": 37, "ArrowRight": 39}


class Explorer:
    """A page of a server of its own."""

    def __init__(self, program, secant, model):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.cache = tempfile.TemporaryDirectory()
        arguments = [secant, "serve", "--port", str(port)] + (["--model", model] if model else [])
        self.server = subprocess.Popen(
            arguments, stdout=subprocess.PIPE, text=True,
            env=os.environ | {"XDG_CACHE_HOME": self.cache.name})
        self.address = re.search(r"http://\S+", self.server.stdout.readline())[0]
        self.browser = Browser(program)

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

    def press(self, key):
        code = KEYS[key] if key in KEYS else ord(key.upper())
        if key in KEYS:
            return self.browser.press(key, code)
        for kind in ["keyDown", "keyUp"]:
            self.browser.call("Input.dispatchKeyEvent", type=kind, key=key, text=key,
                              windowsVirtualKeyCode=code)

    def click(self, selector):
        self.browser.click(selector)

    def text(self, selector):
        return self.read(f"document.querySelector({json.dumps(selector)})?.textContent ?? ''")


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
    page.read("(e => { e.value = 'half'; e.dispatchEvent(new Event('change')); })(document.getElementById('gate'))")
    page.wait("shares by another rule", f"document.getElementById('sentence').textContent !== {json.dumps(first)}")
    expect("the target does not depend on the rule", abs(numbers(page.text("#sentence"))[0] - numbers(first)[0]) < 0.02)
    # Back, and forward.
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
    page.read("""(e => { const r = document.createRange(), t = e.firstChild, s = t.data.search(/\\S/);
        const n = t.data.slice(s).search(/\\s|$/); r.setStart(t, s); r.setEnd(t, s + Math.max(1, n));
        getSelection().removeAllRanges(); getSelection().addRange(r); })(document.getElementById('generated'))""")
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
    plain, pushed = [page.text(f"#steered .columns div:nth-child({n}) .continued") for n in [1, 2]]
    expect("a push changes the continuation", plain != pushed)
    page.read("document.getElementById('strength').focus()")
    for _ in range(5):
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
    page.read("(e => { e.value = 'Rome'; e.dispatchEvent(new Event('change')); })(document.getElementById('target'))")
    page.wait("another target", "document.getElementById('sentence').textContent.includes('Rome')")
    # What cannot be asked is said.
    page.read("(e => { e.value = 'no such token at all'; e.dispatchEvent(new Event('change')); })(document.getElementById('target'))")
    page.wait("a complaint", "document.getElementById('bar').className === 'warning'")
    page.read("(e => { e.value = ''; e.dispatchEvent(new Event('change')); })(document.getElementById('target'))")
    page.wait("the answer again", "document.getElementById('bar').className !== 'warning'")
    # A link to the view shows the view.
    link = page.read("location.href")
    page.browser.open(link, "phone", "dark")
    page.wait("the linked view", "document.querySelector('#card-shares .grid td')")
    # Tokens are texts, whatever they spell.
    page.read("(e => { e.value = '<img src=x onerror=alert(1)> & <script>alert(2)</script>';"
              " document.getElementById('ask').requestSubmit(); })(document.getElementById('prompt'))")
    page.wait("hostile text", "!document.getElementById('answer').hidden && document.querySelectorAll('.tok').length > 8")
    expect("no element comes of a text", not page.read("document.querySelector('#strip img, #strip script')"))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("secant")
    parser.add_argument("--model")
    parser.add_argument("--screenshots", type=pathlib.Path, help="a folder for pictures")
    options = parser.parse_args()
    program = next(filter(None, map(shutil.which, NAMES)), None)
    if program is None:
        raise SystemExit("expected Chromium, found none; install it (apt-get install chromium)")
    page = Explorer(program, options.secant, options.model)
    wrong = []
    try:
        page.browser.open(page.address, "desktop", "light")
        use(page, wrong.append)
        for screen, width in SCREENS.items():
            found = None
            page.browser.call("Emulation.setDeviceMetricsOverride", width=width[0], height=width[1],
                              deviceScaleFactor=1, mobile=screen == "phone")
            found = page.read("document.documentElement.scrollWidth")
            if found > width[0]:
                wrong.append(f"{screen}: {found} pixels wide")
            if options.screenshots:
                options.screenshots.mkdir(parents=True, exist_ok=True)
                page.browser.screenshot(options.screenshots / f"explorer-{screen}.png")
        origin = page.address.split("/")[2]
        for event in page.browser.events:
            request = event.get("params", {}).get("request", {}).get("url", "")
            if event.get("method") == "Network.requestWillBeSent" and \
                    not request.startswith((f"http://{origin}/", "data:", "blob:", "about:")):
                wrong.append(f"asked {request}")
            if event.get("method") in ["Runtime.exceptionThrown"]:
                wrong.append(json.dumps(event["params"])[:300])
            entry = event.get("params", {}).get("entry", {})
            if event.get("method") == "Log.entryAdded" and entry.get("level") == "error" \
                    and "400" not in entry.get("text", ""):
                wrong.append(entry.get("text", ""))
    finally:
        page.close()
    print("\n".join(wrong) or "the explorer works, no complaints")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
