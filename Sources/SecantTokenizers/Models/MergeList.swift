import SecantCheckpoints

/// The merges of a model: pairs of neighbors, results and ranks.
struct MergeList {
  /// The lower the rank, the earlier; of equal ranks, the leftmost in a word merges first.
  typealias Merge = (left: Int32, right: Int32, result: Int32, rank: UInt32)
  /// Makes an error of what was expected of a merge.
  typealias Refusal = (_ expected: String, _ kind: InputError.Kind) -> InputError

  private(set) var merges: [Merge] = []

  /// Reads `merges`: pairs of tokens, or, in older files, both in one string with a space between.
  init(_ field: JSONField, _ vocabulary: Vocabulary) throws(InputError) {
    guard case .array(let elements)? = field.value else { throw field.mismatch("an array") }
    merges.reserveCapacity(elements.count)
    for (index, element) in elements.enumerated() {
      let refusal: Refusal = { expected, kind in
        JSONField(file: field.file, path: "\(field.path)[\(index)]", value: element)
          .mismatch(expected, kind: kind)
      }
      switch element {
      case .string(let text):
        if text.utf8.starts(with: "#version".utf8) { continue }
        try append(Array(text.utf8), vocabulary, refusal)
      case .array(let pair):
        guard pair.count == 2, case .string(let left) = pair[0], case .string(let right) = pair[1]
        else { throw refusal("two tokens", .malformed) }
        try append(Array(left.utf8), Array(right.utf8), vocabulary, refusal)
      default: throw refusal("two tokens", .malformed)
      }
    }
  }

  /// Merges in the order of their ranks, each as two tokens with a space between.
  ///
  /// - Parameters:
  ///   - texts: The merges.
  ///   - vocabulary: Tokens as the merges spell them.
  ///   - refusal: Makes an error of the index of a merge.
  /// - Throws: `InputError` unless each entry is a pair of tokens that join to a third.
  init(
    _ texts: [[UInt8]], _ vocabulary: Vocabulary, refusal: (Int) -> Refusal
  ) throws(InputError) {
    merges.reserveCapacity(texts.count)
    for (index, text) in texts.enumerated() { try append(text, vocabulary, refusal(index)) }
  }

  /// Every way to join two tokens to a third, whose rank is that of the merge.
  ///
  /// These are the merges of vocabularies that list none, as SentencePiece's and Mistral's do. The cost
  /// is quadratic in the length of each token; nil if all together cost too much.
  ///
  /// - Parameters:
  ///   - vocabulary: The tokens.
  ///   - ranks: How early what leads to each token merges, by id; nil for tokens that nothing leads to.
  ///   - cutsScalars: Whether a token may begin within a scalar.
  init?(joining vocabulary: Vocabulary, ranks: [UInt32?], cutsScalars: Bool) {
    var cost = 0
    for id in 0..<vocabulary.count {
      cost += vocabulary[id].count * vocabulary[id].count
      guard cost <= Self.maximumCost else { return nil }
    }
    for (id, rank) in ranks.enumerated() {
      guard let rank else { continue }
      let token = Array(vocabulary[id])
      let bytes = token.span
      for cut in bytes.indices.dropFirst() where cutsScalars || bytes[cut] & 0xc0 != 0x80 {
        guard let left = vocabulary.id(of: bytes.extracting(0..<cut)),
          let right = vocabulary.id(of: bytes.extracting(cut..<bytes.count))
        else { continue }
        merges.append((left, right, Int32(id), rank))
      }
    }
  }

  /// Ten times what the largest real vocabularies cost.
  private static let maximumCost = 1 << 27

  private mutating func append(
    _ text: [UInt8], _ vocabulary: Vocabulary, _ refusal: Refusal
  ) throws(InputError) {
    guard let space = text.firstIndex(of: 0x20), !text[(space + 1)...].contains(0x20) else {
      throw refusal("two tokens", .malformed)
    }
    try append(Array(text[..<space]), Array(text[(space + 1)...]), vocabulary, refusal)
  }

  private mutating func append(
    _ left: [UInt8], _ right: [UInt8], _ vocabulary: Vocabulary, _ refusal: Refusal
  ) throws(InputError) {
    guard let first = vocabulary.id(of: left.span), let second = vocabulary.id(of: right.span),
      let result = vocabulary.id(of: (left + right).span)
    else { throw refusal("two tokens of the vocabulary that join to a third", .mismatched) }
    merges.append((first, second, result, UInt32(merges.count)))
  }
}
