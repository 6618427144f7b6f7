"""What a scan leaves is read by pandas, DuckDB, sqlite3 and NumPy, as Documentation/Corpus.md says."""

from __future__ import annotations

import importlib.util
import json
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import duckdb
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


def test_duckdb_reads_the_shares(run: Path, database: sqlite3.Connection) -> None:
    with duckdb.connect() as duck:
        # Where there is a network, DuckDB gets this extension by itself.
        package = importlib.util.find_spec("duckdb_extension_sqlite_scanner")
        assert package is not None and package.origin is not None
        duck.load_extension(str(next(Path(package.origin).parent.rglob("*.duckdb_extension"))))
        duck.execute(f"ATTACH '{run / 'corpus.sqlite'}' AS corpus (TYPE sqlite)")
        query = """SELECT json_extract(fields, '$.group') AS word, count(*) AS n, avg(abs(share)) AS share
            FROM {0}shares JOIN {0}items USING (item) GROUP BY word ORDER BY word"""
        found = duck.sql(query.format("corpus.")).fetchall()
    expected = database.execute(query.format("")).fetchall()
    assert [(int(word), n) for word, n, _ in found] == [(int(word), n) for word, n, _ in expected]
    np.testing.assert_allclose([row[2] for row in found], [row[2] for row in expected])


def test_a_file_of_parquet_is_read_through_duckdb(tmp_path: Path) -> None:
    duckdb.sql(f"COPY (SELECT * FROM (VALUES ('The'), ('The bridge')) AS t(text)) TO '{tmp_path / 'p.parquet'}'")
    lines = f"COPY (SELECT text FROM '{tmp_path / 'p.parquet'}') TO '/dev/stdout' (FORMAT json)"
    source = [sys.executable, "-c", "import duckdb, sys; duckdb.sql(sys.argv[1])", lines]
    with subprocess.Popen(source, stdout=subprocess.PIPE) as reader:
        subprocess.run([secant.program(), "scan", "-", "-o", tmp_path / "RUN"], stdin=reader.stdout, check=True)
    subprocess.run([secant.program(), "scan", "merge", tmp_path / "RUN"], check=True)
    with sqlite3.connect(tmp_path / "RUN" / "corpus.sqlite") as made:
        assert made.execute("SELECT text FROM items ORDER BY item").fetchall() == [("The",), ("The bridge",)]


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
