/// The tables of a merged corpus, as Documentation/Corpus.md describes them.
enum Schema {
  /// The version of the tables; it grows when one is removed or changes its meaning.
  static let version = 2

  /// The statements that make the tables, before any row.
  ///
  /// Rows come in the order of items, so that primary keys are in order and the file is written from its beginning
  /// to its end.
  static let tables = """
    CREATE TABLE run (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE items (
      item INTEGER PRIMARY KEY, source TEXT NOT NULL, line INTEGER NOT NULL,
      text TEXT, other TEXT, fields TEXT, error TEXT,
      tokens INTEGER, target TEXT, logit REAL, prediction TEXT, probability REAL,
      bias REAL
    );
    CREATE TABLE predictions (
      item INTEGER NOT NULL, rank INTEGER NOT NULL, token INTEGER NOT NULL, text TEXT NOT NULL,
      logit REAL NOT NULL, probability REAL NOT NULL, PRIMARY KEY (item, rank)
    ) WITHOUT ROWID;
    CREATE TABLE shares (
      item INTEGER NOT NULL, position INTEGER NOT NULL, token INTEGER NOT NULL, text TEXT NOT NULL,
      role TEXT NOT NULL, share REAL NOT NULL, fraction REAL, PRIMARY KEY (item, position)
    ) WITHOUT ROWID;
    CREATE TABLE maps (
      item INTEGER NOT NULL, position INTEGER NOT NULL, stable_rank REAL NOT NULL,
      frobenius_squared REAL NOT NULL, converged INTEGER NOT NULL, PRIMARY KEY (item, position)
    ) WITHOUT ROWID;
    CREATE TABLE triplets (
      triplet INTEGER PRIMARY KEY, item INTEGER NOT NULL, position INTEGER NOT NULL,
      rank INTEGER NOT NULL, sigma REAL NOT NULL, residual REAL NOT NULL,
      left_row INTEGER NOT NULL, right_row INTEGER NOT NULL
    );
    CREATE TABLE words (
      triplet INTEGER NOT NULL, side TEXT NOT NULL, rank INTEGER NOT NULL, token INTEGER NOT NULL,
      text TEXT NOT NULL, score REAL NOT NULL, PRIMARY KEY (triplet, side, rank)
    ) WITHOUT ROWID;
    CREATE TABLE blocks (
      item INTEGER NOT NULL, block INTEGER NOT NULL, attention REAL, feed_forward REAL, bias REAL,
      logit REAL, probability REAL, rank INTEGER, entropy REAL, token TEXT,
      PRIMARY KEY (item, block)
    ) WITHOUT ROWID;
    CREATE TABLE block_maps (
      item INTEGER NOT NULL, block INTEGER NOT NULL, position INTEGER NOT NULL, sigma REAL,
      stable_rank REAL NOT NULL, frobenius_squared REAL NOT NULL, converged INTEGER NOT NULL,
      PRIMARY KEY (item, block, position)
    ) WITHOUT ROWID;
    CREATE TABLE ledgers (
      item INTEGER PRIMARY KEY, target TEXT NOT NULL, difference REAL NOT NULL, content REAL NOT NULL,
      patterns REAL NOT NULL, gates REAL NOT NULL, norms REAL NOT NULL, unlisted REAL,
      masked_in TEXT, masked_start INTEGER, masked_count INTEGER
    );
    CREATE TABLE ledger_blocks (
      item INTEGER NOT NULL, part TEXT NOT NULL, block INTEGER NOT NULL, head INTEGER NOT NULL,
      value REAL NOT NULL, PRIMARY KEY (item, part, block, head)
    ) WITHOUT ROWID;
    CREATE TABLE ledger_entries (
      item INTEGER NOT NULL, rank INTEGER NOT NULL, part TEXT NOT NULL, block INTEGER, head INTEGER,
      position INTEGER NOT NULL, value REAL NOT NULL, PRIMARY KEY (item, rank)
    ) WITHOUT ROWID;
    CREATE VIRTUAL TABLE prompts_index USING fts5(text, content='items', content_rowid='item');
    CREATE VIRTUAL TABLE words_index USING fts5(text, side UNINDEXED, triplet UNINDEXED);
    """

  /// The statements after all rows.
  static let indices = """
    INSERT INTO prompts_index(prompts_index) VALUES ('rebuild');
    CREATE INDEX triplets_by_item ON triplets (item, position, rank);
    CREATE INDEX words_by_token ON words (token, side);
    CREATE INDEX ledger_blocks_by_head ON ledger_blocks (part, block, head, value);
    """
}
