import SecantCheckpoints

/// The merges of a model: which two neighbours become what, and how early.
struct MergeList {
  /// The lower the rank, the earlier; of equal ranks, the leftmost in a word merges first.
  typealias Merge = (left: Int32, right: Int32, result: Int32, rank: UInt32)

  private(set) var merges: [Merge] = []

  /// Reads `merges`: pairs of tokens, or, in older files, both in one string with a space between.
  init(_ field: JSONField, _ vocabulary: Vocabulary) throws(InputError) {
    guard case .array(let elements)? = field.value else { throw field.mismatch("an array") }
    merges.reserveCapacity(elements.count)
    for (index, element) in elements.enumerated() {
      let place = { JSONField(file: field.file, path: "\(field.path)[\(index)]", value: element) }
      switch element {
      case .string(let text):
        if text.utf8.starts(with: "#version".utf8) { continue }
        try append(text, vocabulary, place)
      case .array(let pair):
        guard pair.count == 2, case .string(let left) = pair[0], case .string(let right) = pair[1]
        else { throw place().mismatch("two tokens") }
        try append(Array(left.utf8), Array(right.utf8), vocabulary, place)
      default: throw place().mismatch("two tokens")
      }
    }
  }

  /// Merges in the order of their ranks, each as two tokens with a space between.
  ///
  /// - Parameters:
  ///   - texts: The merges.
  ///   - vocabulary: Tokens as the merges spell them.
  ///   - place: Where the file has one of them, for errors.
  /// - Throws: That one is no pair of tokens that join to a third.
  init(
    _ texts: [String], _ vocabulary: Vocabulary, place: (Int) -> JSONField
  ) throws(InputError) {
    merges.reserveCapacity(texts.count)
    for (index, text) in texts.enumerated() { try append(text, vocabulary) { place(index) } }
  }

  /// Every way to join two tokens to a third, which says how early: the merges of vocabularies that
  /// list none, as SentencePiece's and Mistral's do.
  ///
  /// Equal pairs of one rank are in no order. The cost is quadratic in the length of each token; nil
  /// where all together cost too much.
  ///
  /// - Parameters:
  ///   - vocabulary: The tokens.
  ///   - ranks: How early what leads to each token merges, by id; nil for tokens that nothing leads to.
  ///   - isCutWithinScalars: Whether any byte may begin a token.
  init?(joining vocabulary: Vocabulary, ranks: [UInt32?], isCutWithinScalars: Bool) {
    var cost = 0
    for id in 0..<vocabulary.count {
      cost += vocabulary[id].count * vocabulary[id].count
      guard cost <= Self.maximumCost else { return nil }
    }
    for (id, rank) in ranks.enumerated() {
      guard let rank else { continue }
      let token = Array(vocabulary[id])
      let bytes = token.span
      for cut in bytes.indices.dropFirst()
      where isCutWithinScalars || bytes[cut] & 0xc0 != 0x80 {
        guard let left = vocabulary.id(of: bytes.extracting(0..<cut)),
          let right = vocabulary.id(of: bytes.extracting(cut..<bytes.count))
        else { continue }
        merges.append((left, right, Int32(id), rank))
      }
    }
  }

  /// A hundred times what the largest real vocabulary costs.
  private static let maximumCost = 1 << 30

  private mutating func append(
    _ text: String, _ vocabulary: Vocabulary, _ place: () -> JSONField
  ) throws(InputError) {
    let bytes = Array(text.utf8)
    guard let space = bytes.firstIndex(of: 0x20), !bytes[(space + 1)...].contains(0x20) else {
      throw place().mismatch("two tokens")
    }
    try append(Array(bytes[..<space]), Array(bytes[(space + 1)...]), vocabulary, place)
  }

  private mutating func append(
    _ left: [UInt8], _ right: [UInt8], _ vocabulary: Vocabulary, _ place: () -> JSONField
  ) throws(InputError) {
    guard let first = vocabulary.id(of: left.span), let second = vocabulary.id(of: right.span),
      let result = vocabulary.id(of: (left + right).span)
    else {
      throw place().mismatch(
        "two tokens of the vocabulary that join to a third", kind: .mismatched)
    }
    merges.append((first, second, result, UInt32(merges.count)))
  }
}
