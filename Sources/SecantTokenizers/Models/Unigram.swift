import SecantCheckpoints

/// The model of a Unigram tokenizer: of all ways to cut a word into tokens, the likeliest.
///
/// Kudo 2018, "Subword Regularization"; scores are logarithms of probabilities.
struct Unigram: Sendable {
  let vocabulary: Vocabulary
  /// The logarithm of each token's probability, by id.
  let scores: [Double]
  /// The token for a scalar that the vocabulary lacks.
  let unknown: Int32?
  /// The tokens of the bytes, -1 for none: they stand for unknown text where all its bytes have one.
  let fallback: [Int32]
  private let trie: ByteTrie
  private let unknownScore: Double

  /// How much less likely an unknown scalar is than the least likely token.
  static let unknownPenalty = 10.0
  /// Bounds what one byte of a text costs; real tokens have under 200 bytes.
  static let maximumTokenBytes = 1024

  init(vocabulary: Vocabulary, scores: [Double], unknown: Int32?, fallback: [Int32]) {
    self.vocabulary = vocabulary
    self.scores = scores
    self.unknown = unknown
    self.fallback = fallback
    var trie = ByteTrie(bytes: vocabulary.byteCount)
    for id in 0..<vocabulary.count {
      let token = Array(vocabulary[id])
      if !token.isEmpty { trie.insert(token.span, value: Int32(id)) }
    }
    self.trie = trie
    unknownScore = (scores.min() ?? 0) - Self.unknownPenalty
  }

  /// Appends the tokens of one word, which is not empty.
  ///
  /// Viterbi's algorithm over the ends of scalars, in double precision as the reference: of two ways
  /// that are equally likely, the one whose last token begins first. The cost is the word's length
  /// times that of the longest token.
  ///
  /// - Throws: `InputError` if the vocabulary has no token for a part of the word.
  func encode(
    _ word: Span<UInt8>, with path: inout BestPath, into tokens: inout [Int]
  ) throws(InputError) {
    path.clear(count: word.count + 1)
    var start = 0
    while start < word.count {
      let length = UTF8Scalar.length(atLead: word[start])
      let score = path.scores[start]
      var hasScalar = false
      var node: Int32 = 0
      var end = start
      while end < word.count {
        node = trie.child(of: node, word[end])
        guard node >= 0 else { break }
        end += 1
        let token = trie.value(at: node)
        guard token >= 0 else { continue }
        path.offer(token, from: start, to: end, score: score + scores[Int(token)])
        if end - start == length { hasScalar = true }
      }
      if !hasScalar {
        guard let unknown else {
          throw InputError.noToken(for: word, start..<start + length)
        }
        path.offer(unknown, from: start, to: start + length, score: score + unknownScore)
      }
      start += length
    }
    append(path, of: word, to: &tokens)
  }

  /// Neighbouring unknown scalars are one text, as in the reference.
  private func append(_ path: BestPath, of word: Span<UInt8>, to tokens: inout [Int]) {
    let first = tokens.count
    var end = word.count
    while end > 0 {
      let token = path.tokens[end]
      var start = path.starts[end]
      if token == unknown {
        while start > 0, path.tokens[start] == unknown { start = path.starts[start] }
        appendUnknown(word.extracting(start..<end), to: &tokens)
      } else {
        tokens.append(Int(token))
      }
      end = start
    }
    tokens[first...].reverse()
  }

  /// Appends the tokens of an unknown text, last first.
  private func appendUnknown(_ text: Span<UInt8>, to tokens: inout [Int]) {
    if let token = vocabulary.id(of: text) {
      tokens.append(Int(token))
    } else if text.indices.allSatisfy({ fallback[Int(text[$0])] >= 0 }) {
      for index in text.indices.reversed() { tokens.append(Int(fallback[Int(text[index])])) }
    } else if let unknown {
      tokens.append(Int(unknown))
    }
  }
}

/// The most likely path to each place of a word.
struct BestPath {
  private(set) var scores: [Double] = []
  /// The beginning of the last token on the best path; -1 if no path is known.
  private(set) var starts: [Int] = []
  private(set) var tokens: [Int32] = []

  mutating func clear(count: Int) {
    scores.removeAll(keepingCapacity: true)
    starts.removeAll(keepingCapacity: true)
    tokens.removeAll(keepingCapacity: true)
    for _ in 0..<count {
      scores.append(0)
      starts.append(-1)
      tokens.append(-1)
    }
  }

  @inline(__always)
  mutating func offer(_ token: Int32, from start: Int, to end: Int, score: Double) {
    guard starts[end] < 0 || score > scores[end] else { return }
    scores[end] = score
    starts[end] = start
    tokens[end] = token
  }
}

extension Unigram {
  /// Reads the `model` of a tokenizer.json.
  init(_ field: JSONField, spellings: TokenSpellings) throws(InputError) {
    try field.allowOnly("type", "unk_id", "vocab", "byte_fallback")
    var scores: [Double] = []
    scores.reserveCapacity(spellings.count)
    guard case .array(let entries)? = field["vocab"].value else {
      throw field["vocab"].mismatch("an array")
    }
    for (index, entry) in entries.enumerated() {
      guard case .array(let pair) = entry, pair.count == 2, case .number(let number) = pair[1],
        let score = number.double
      else {
        let path = "\(field.path).vocab[\(index)]"
        throw JSONField(file: field.file, path: path, value: entry).mismatch(
          "a token and its score")
      }
      scores.append(score)
    }
    guard spellings.vocabulary.longestCount <= Self.maximumTokenBytes,
      spellings.vocabulary.byteCount <= ByteTrie.maximumBytes
    else {
      throw field["vocab"].unsupported(
        "tokens of at most \(Self.maximumTokenBytes) bytes, \(ByteTrie.maximumBytes) in all")
    }
    let unknown = try field["unk_id"].present.map { (id) throws(InputError) in
      let value = try id.int()
      guard scores.indices.contains(value) else {
        throw id.mismatch("the id of a token", kind: .mismatched)
      }
      return Int32(value)
    }
    let hasByteFallback = try field["byte_fallback"].present?.bool() ?? false
    self.init(
      vocabulary: spellings.vocabulary, scores: scores, unknown: unknown,
      fallback: hasByteFallback
        ? spellings.vocabulary.byteTokens : [Int32](repeating: -1, count: 256))
  }
}
