"""What the package promises, on the embedded model."""

from __future__ import annotations

import json
import os
import re
import signal
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest

import secant
from secant import _session

PROMPT = "The bridge out of Marin is the"
ROOT = Path(__file__).resolve().parents[2]


def command(*arguments: str) -> subprocess.CompletedProcess[str]:
    """The program by itself."""
    return subprocess.run([secant.program(), *arguments], capture_output=True, text=True)


@pytest.fixture(scope="module")
def answer() -> secant.ExplanationReport:
    return secant.explain(PROMPT, target="Golden", over="Brooklyn")


def test_an_explanation_is_the_commands(answer: secant.ExplanationReport) -> None:
    alone = json.loads(command("explain", PROMPT, "--target", "Golden", "--over", "Brooklyn", "--json").stdout)
    mine = json.loads(answer.json)
    # The command lines differ in how they spell options.
    assert alone["provenance"].pop("commandLine") and mine["provenance"].pop("commandLine")
    assert mine == alone
    assert answer.target.logit == alone["target"]["logit"]
    assert answer.tokens == [token["text"] for token in alone["prompt"]["tokens"]]
    assert abs(sum(share.value for share in answer.shares.tokens) + answer.shares.bias.value - answer.shares.sum) < 1e-6


def test_a_report_comes_back_from_its_json(answer: secant.ExplanationReport) -> None:
    again = secant.ExplanationReport.from_json(answer.json)
    assert again == answer
    with pytest.raises(secant.SecantError, match="expected secant.shares"):
        secant.SharesReport.from_json(answer.json)
    newer = answer.json.replace('"version": 2', '"version": 99')
    with pytest.raises(secant.SecantError, match="of version 99"):
        secant.ExplanationReport.from_json(newer)


def test_every_question_has_a_result_of_its_own() -> None:
    model = secant.Model("demo", progress=False)
    assert model.shares(PROMPT, by="word").shares.grouping is not None
    assert model.layers(PROMPT, spectra="none").block_count == 6
    assert model.maps(PROMPT, spectra="top:1", rank=2).jacobians[0].singular.position >= 0
    assert len(model.jacobians(PROMPT, precisions=["f32", "f64"]).comparisons) == 2
    assert [a.gate_rule for a in model.gate_rules(PROMPT, spectra="none").answers] == ["up", "gate", "half"]
    assert model.validate(items=1, rules="up,random").items
    assert model.verify().laws
    assert model.inspect().model.name == "demo"
    assert isinstance(secant.models(), secant.ModelsReport)
    page = model.report(PROMPT, spectra="none", method="krylov")
    assert page.explanation.tokens == page.layers.tokens


def test_a_comparison_has_a_ledger() -> None:
    report = secant.compare(PROMPT, "The bridge out of London is the", circuit=0.5)
    assert report.ledger is not None and report.ledger is report.difference
    # Rounding of some thousand terms in single precision.
    assert abs(report.ledger.forward.sum - report.ledger.forward.real) < 1e-3
    assert report.circuit is not None and report.circuit.entries


def test_numbers_leave_as_tables_and_arrays(answer: secant.ExplanationReport) -> None:
    pandas = pytest.importorskip("pandas")
    table = answer.to_pandas()
    assert list(table.token) == answer.tokens
    assert np.isclose(table.share.sum() + answer.shares.bias.value, answer.shares.sum)
    assert isinstance(table, pandas.DataFrame)
    layers = secant.layers(PROMPT, spectra="top:2")
    assert not layers.to_pandas().empty
    assert all(array.dtype == np.float64 for array in layers.arrays.values()) and layers.arrays


def test_texts_that_spreadsheets_would_compute_come_back() -> None:
    pytest.importorskip("pandas")
    report = secant.shares("Two + two = 4", sources="none")
    tokens = set(report.tokens)
    assert any("=" in token or "+" in token for token in tokens)
    named = {str(cell) for column in report.to_pandas().to_dict("list").values() for cell in column}
    assert tokens <= named


def test_pages_and_pictures(answer: secant.ExplanationReport, tmp_path: Path) -> None:
    assert answer._repr_html_().startswith("<iframe srcdoc=")
    assert answer.to_html().startswith("<!DOCTYPE html>")
    assert answer.plot().svg.startswith("<svg") and "shares" in answer.figures
    assert answer.plot("shares").table
    with pytest.raises(KeyError, match="shares"):
        answer.plot("no such figure")
    for end in ("html", "json", "svg"):
        answer.save(tmp_path / f"x.{end}")
        assert (tmp_path / f"x.{end}").stat().st_size > 0
    with pytest.raises(ValueError, match=r"\.html"):
        answer.save(tmp_path / "x.docx")
    with pytest.raises(secant.SecantError, match="--csv"):
        answer.save(tmp_path / "x.csv")
    assert str(answer) == command("render", str(tmp_path / "x.json")).stdout
    assert "over" in repr(answer)


def test_the_maps_give_the_output(tmp_path: Path) -> None:
    maps = secant.jacobian(PROMPT, precision="f64")
    assert maps.jacobian.shape == (len(maps.tokens), *maps.output.shape, *maps.output.shape)
    # Sums of products in double precision.
    assert maps.error < 1e-12 and maps.metadata["kind"] == "detached"
    maps.save(tmp_path / "J.safetensors")
    assert secant.Jacobian.at(tmp_path / "J.safetensors").error == maps.error
    assert set(secant.load(tmp_path / "J.safetensors")) >= {"input", "output", "jacobian"}


def test_a_continuation() -> None:
    report = secant.generate(PROMPT, count=3)
    assert report.text == command("generate", PROMPT, "-n", "3").stdout.removesuffix("\n")
    assert len(report.tokens) == 3 and not report.is_ended


@pytest.mark.skipif(not hasattr(secant, "trace"), reason="this version has no command trace")
def test_a_trace() -> None:
    assert secant.trace(PROMPT, count=2).prompt


def test_prompts_are_texts_files_and_tokens(tmp_path: Path) -> None:
    (tmp_path / "prompt.txt").write_text(PROMPT + "\n")
    text = secant.explain(PROMPT, spectra="none")
    file = secant.explain(tmp_path / "prompt.txt", spectra="none")
    ids = [token.id for token in text.prompt.tokens]
    tokens = secant.explain(ids, spectra="none")
    assert text.shares == file.shares == tokens.shares
    assert secant.explain("--json", spectra="none").tokens[-1].endswith("n")


def test_errors_are_the_commands_line_and_its_remedy() -> None:
    alone = command("explain", PROMPT, "--model", "/nowhere")
    with pytest.raises(secant.SecantError) as caught:
        secant.explain(PROMPT, model="/nowhere")
    assert f"secant: {caught.value}\n" == alone.stderr and caught.value.status == alone.returncode
    assert caught.value.remedy and str(caught.value).endswith(caught.value.remedy)
    with pytest.raises(secant.SecantError, match="--rank") as caught:
        secant.explain(PROMPT, rank=-1)
    assert caught.value.status == 64


def test_paths_follow_the_working_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = ROOT / "Sources/SecantDemoModel/Resources/demo"
    (tmp_path / "mine").symlink_to(source)
    monkeypatch.chdir(tmp_path)
    assert secant.explain(PROMPT, model="mine", spectra="none").provenance.model.name == "mine"


def test_one_process_answers_many_questions() -> None:
    with _session.shared() as session:
        first = session._process.pid
    for _ in range(3):
        secant.explain(PROMPT, spectra="none")
    with _session.shared() as session:
        assert session._process.pid == first


@pytest.mark.skipif(not hasattr(signal, "pthread_kill"), reason="no signals for threads here")
def test_control_c_stops_the_work() -> None:
    with _session.shared() as session:
        process = session._process
    # A shell that starts a program in the background has it ignore the signal.
    former = signal.signal(signal.SIGINT, signal.default_int_handler)

    def interrupt() -> None:
        time.sleep(1)
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=interrupt).start()
    with pytest.raises(KeyboardInterrupt):
        # Far longer than a second.
        secant.validate(items=60)
    signal.signal(signal.SIGINT, former)
    assert process.poll() is None
    assert secant.explain(PROMPT, spectra="none").tokens
    with _session.shared() as session:
        assert session._process is process


def test_a_program_that_is_killed_is_an_error_and_starts_again() -> None:
    with _session.shared() as session:
        process = session._process
    threading.Timer(0.5, process.kill).start()
    with pytest.raises(secant.SecantError, match="ended with status -9"):
        secant.validate(items=60)
    assert secant.explain(PROMPT, spectra="none").tokens


def fake(folder: Path, greeting: str) -> str:
    """A program that greets otherwise."""
    path = folder / "secant"
    path.write_text(f"#!/bin/sh\necho '{greeting}'\ncat >/dev/null\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


@pytest.mark.parametrize(
    ("greeting", "line"),
    [
        ('{"secant":"99.0.0","session":1}', "found 99.0.0 with 1"),
        (f'{{"secant":"{secant.__version__}","session":99}}', "with 99"),
    ],
)
def test_a_version_that_does_not_fit_is_refused(
    greeting: str, line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECANT", fake(tmp_path, greeting))
    with pytest.raises(secant.SecantError, match=line):
        secant.explain(PROMPT)
    monkeypatch.undo()
    assert secant.explain(PROMPT, spectra="none").tokens


def test_a_program_that_is_not_there_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECANT", "/nowhere/secant")
    with pytest.raises(secant.SecantError, match="SECANT: expected the path of the program"):
        secant.explain(PROMPT)


def test_what_is_generated_is_what_the_program_says() -> None:
    check = subprocess.run(
        [sys.executable, str(ROOT / "Tools/python/generate"), "--check", secant.program()],
        capture_output=True,
        text=True,
    )
    assert check.returncode == 0, check.stderr


def test_the_package_is_small() -> None:
    generated = {"reports.py", "_questions.py", "_version.py"}
    files = [file for file in (ROOT / "Python/secant").glob("*.py") if file.name not in generated]
    assert sum(len(file.read_text().splitlines()) for file in files) < 800


def test_the_page_of_the_package_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("pandas")
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    for page in ("Python.md", "Notebook.md"):
        text = (ROOT / "Documentation" / page).read_text()
        for block in re.findall(r"```python\n(.*?)```", text, re.S):
            exec(compile(block, page, "exec"), names)


def test_a_prompt_is_steered(tmp_path: Path) -> None:
    model, file = secant.Model("demo"), tmp_path / "bridge.safetensors"
    made = model.steer_build("The Golden Gate", file, block=1)
    assert file.exists() and made.steering_operator.block == 1
    prompt = "They walked to the"
    unchanged = model.steer_run(prompt, file, strength=0, count=4)
    assert unchanged.steered.text == unchanged.unsteered.text
    pushed = secant.steer_toward(prompt, block=1, token="bridge", strength=1, count=4)
    assert pushed.direction.block == 1
    text = model.steer_toward(prompt, block=1, from_="The sea", to="The bridge", count=4)
    assert text.direction.kind != pushed.direction.kind
