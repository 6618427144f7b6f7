import SecantCheckpoints

/// The model of a BPE tokenizer: the initial symbols of a word, and the merges.
struct BytePairEncoding: Sendable {
  /// The initial symbols of a word.
  enum Symbols: Sendable {
    /// One symbol a byte: its token, -1 where the vocabulary has none.
    case bytes([Int32])
    /// One symbol a scalar, or where the vocabulary lacks it, one a byte by `fallback` (-1: none).
    case scalars(fallback: [Int32])
  }

  let vocabulary: Vocabulary
  let merges: MergeTable
  let symbols: Symbols
  /// The places where words may be cut; nil if unknown.
  let seams: SeamFilter?
  /// Whether a word that is a token stays one, whatever the merges say.
  let takesWholeWords: Bool
  /// The token for a scalar that the vocabulary lacks.
  let unknown: Int32?
  /// Whether neighboring unknown scalars become one token.
  let fusesUnknown: Bool

  /// Appends the initial symbols of a word, before any merge.
  ///
  /// - Throws: `InputError` if the vocabulary has no token for a part of the word.
  func appendSymbols(of word: Span<UInt8>, to result: inout [Int32]) throws(InputError) {
    var pendingUnknown = false
    func flush(_ result: inout [Int32]) {
      if pendingUnknown, let unknown { result.append(unknown) }
      pendingUnknown = false
    }
    var position = 0
    while position < word.count {
      let length: Int
      switch symbols {
      case .bytes(let tokens):
        length = 1
        let token = tokens[Int(word[position])]
        if token >= 0 {
          flush(&result)
          result.append(token)
          position += 1
          continue
        }
      case .scalars(let fallback):
        length = UTF8Scalar.length(atLead: word[position])
        let scalar = position..<position + length
        if let token = vocabulary.id(of: word.extracting(scalar)) {
          flush(&result)
          result.append(token)
          position += length
          continue
        }
        if scalar.allSatisfy({ fallback[Int(word[$0])] >= 0 }) {
          for index in scalar { result.append(fallback[Int(word[index])]) }
          position += length
          continue
        }
      }
      guard unknown != nil else {
        throw InputError.noToken(for: word, position..<position + length)
      }
      if !fusesUnknown { flush(&result) }
      pendingUnknown = true
      position += length
    }
    flush(&result)
  }
}

/// Encodes words one after the other, remembering the ones it has met.
struct BytePairEncoder {
  private let model: BytePairEncoding
  /// The storage of the symbols of one word, kept for the next.
  private var spare: [Int32] = []
  private var merger = Merger()
  private var cache = WordCache()
  /// Words of at least this length are cut at their seams first.
  private static let longWord = 64

  init(_ model: BytePairEncoding) { self.model = model }

  /// Appends the tokens of one word.
  ///
  /// The cost is O(n log n) in the word's length.
  ///
  /// - Throws: `InputError` if the vocabulary has no token for a part of the word.
  mutating func encode(_ word: Span<UInt8>, into tokens: inout [Int]) throws(InputError) {
    if model.takesWholeWords, let token = model.vocabulary.id(of: word) {
      tokens.append(Int(token))
      return
    }
    var symbols: [Int32] = []
    swap(&symbols, &spare)
    defer { swap(&symbols, &spare) }
    symbols.removeAll(keepingCapacity: true)
    try model.appendSymbols(of: word, to: &symbols)
    guard let seams = model.seams, symbols.count > Self.longWord else {
      return merge(symbols.span, into: &tokens)
    }
    var start = 0
    for index in symbols.indices.dropFirst()
    where seams.isSeam(symbols[index - 1], symbols[index]) {
      merge(symbols.span.extracting(start..<index), into: &tokens)
      start = index
    }
    merge(symbols.span.extracting(start..<symbols.count), into: &tokens)
  }

  private mutating func merge(_ word: Span<Int32>, into tokens: inout [Int]) {
    guard word.count > 1 else {
      for index in word.indices { tokens.append(Int(word[index])) }
      return
    }
    if cache.append(word, to: &tokens) { return }
    let start = tokens.count
    merger.merge(word, model.merges, into: &tokens)
    cache.insert(word, tokens.span.extracting(start..<tokens.count))
  }
}

/// Merges the neighbours of one word, lowest rank first, leftmost first among equals.
private struct Merger {
  private var symbols: [Int32] = []
  private var next: [Int32] = []
  private var previous: [Int32] = []
  private var queue = MinimumHeap()

  mutating func merge(_ word: Span<Int32>, _ merges: MergeTable, into tokens: inout [Int]) {
    symbols.removeAll(keepingCapacity: true)
    next.removeAll(keepingCapacity: true)
    previous.removeAll(keepingCapacity: true)
    for index in word.indices {
      symbols.append(word[index])
      next.append(Int32(index + 1))
      previous.append(Int32(index - 1))
    }
    next[word.count - 1] = -1
    for index in 0..<word.count - 1 { consider(index, merges) }

    while let entry = queue.popMinimum() {
      let left = Int(truncatingIfNeeded: entry & 0xffff_ffff)
      // An entry is stale once either neighbor has merged with another symbol.
      guard symbols[left] >= 0, next[left] >= 0 else { continue }
      let right = Int(next[left])
      guard let merge = merges[symbols[left], symbols[right]],
        UInt64(merge.rank) == entry >> 32
      else { continue }
      symbols[left] = merge.token
      symbols[right] = -1
      next[left] = next[right]
      if next[left] >= 0 {
        previous[Int(next[left])] = Int32(left)
        consider(left, merges)
      }
      if previous[left] >= 0 { consider(Int(previous[left]), merges) }
    }
    var index = 0
    while index >= 0 {
      tokens.append(Int(symbols[index]))
      index = Int(next[index])
    }
  }

  private mutating func consider(_ left: Int, _ merges: MergeTable) {
    guard let merge = merges[symbols[left], symbols[Int(next[left])]] else { return }
    queue.push(UInt64(merge.rank) << 32 | UInt64(left))
  }
}
