"""What a scan leaves is read by pandas, sqlite3 and NumPy, as Documentation/Corpus.md says."""

from __future__ import annotations

import json
import sqlite3
import subprocess
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import secant

PROMPTS = ["The bridge out of Marin is the", "The bridge is", "The", "They walked to the"]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("corpus")
    data = folder / "prompts.jsonl"
    data.write_text("".join(json.dumps({"text": p, "group": len(p) % 2}) + "\n" for p in PROMPTS))
    made = folder / "RUN"
    program = secant.program()
    subprocess.run([program, "scan", data, "-o", made, "--ask", "spectra,layers"], check=True)
    subprocess.run([program, "scan", "merge", made], check=True)
    yield made


@pytest.fixture
def database(run: Path) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(run / "corpus.sqlite")
    yield connection
    connection.close()


def test_pandas_reads_the_items(database: sqlite3.Connection) -> None:
    items = pd.read_sql("SELECT text, logit, bias, tokens FROM items ORDER BY item", database)
    assert list(items["text"]) == PROMPTS
    shares = pd.read_sql("SELECT item, share FROM shares", database).groupby("item")["share"]
    assert list(shares.count()) == list(items["tokens"])
    np.testing.assert_allclose(shares.sum() + items["bias"], items["logit"], atol=1e-4)


def test_numpy_reads_the_vectors(run: Path, database: sqlite3.Connection) -> None:
    vectors = np.load(run / "vectors.npy", mmap_mode="r")
    assert vectors.dtype == np.float16
    triplets = pd.read_sql("SELECT item, position, rank, left_row, right_row FROM triplets", database)
    assert len(vectors) == 2 * len(triplets) > 0
    for _, one in triplets.groupby(["item", "position"]):
        for rows in (one["left_row"], one["right_row"]):
            basis = np.asarray(vectors[rows.to_numpy()], dtype=np.float64)
            np.testing.assert_allclose(basis @ basis.T, np.eye(len(basis)), atol=5e-3)


def test_words_are_found(database: sqlite3.Connection) -> None:
    found = database.execute("SELECT rowid FROM prompts_index WHERE prompts_index MATCH 'Marin'").fetchall()
    assert found == [(0,)]
