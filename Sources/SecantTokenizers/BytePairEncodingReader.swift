import SecantCheckpoints

extension BytePairEncoding {
  /// Reads the `model` of a tokenizer.json.
  init(
    _ field: JSONField, spellings: TokenSpellings, isByteLevel: Bool
  ) throws(InputError) {
    try field.allowOnly(
      "type", "dropout", "unk_token", "continuing_subword_prefix", "end_of_word_suffix",
      "fuse_unk", "byte_fallback", "ignore_merges", "vocab", "merges")
    if let type = field["type"].present, try type.string() != "BPE" {
      throw type.unsupported("BPE")
    }
    if let dropout = field["dropout"].present, try dropout.double() != 0 {
      throw dropout.unsupported("none: its tokens would be random")
    }
    for key in ["continuing_subword_prefix", "end_of_word_suffix"] {
      if let affix = field[key].present, try !affix.string().isEmpty {
        throw affix.unsupported("none")
      }
    }
    takesWholeWords = try field["ignore_merges"].present?.bool() ?? false
    fusesUnknown = try field["fuse_unk"].present?.bool() ?? false
    let hasByteFallback = try field["byte_fallback"].present?.bool() ?? false

    let spelled = Vocabulary(spellings.byID.map { $0.map { Array($0.utf8) } })
    unknown = try field["unk_token"].present.map { (token) throws(InputError) in
      guard let id = spelled.id(of: Array(try token.string().utf8).span) else {
        throw token.mismatch("a token of the vocabulary", kind: .mismatched)
      }
      return id
    }
    if isByteLevel {
      guard !hasByteFallback else {
        throw field["byte_fallback"].unsupported("false where the pre_tokenizer is ByteLevel")
      }
      vocabulary = Vocabulary(spellings.byID.map { $0.flatMap(ByteAlphabet.bytes(of:)) })
      let vocabulary = self.vocabulary
      symbols = .bytes((UInt8.min...UInt8.max).map { vocabulary.id(of: [$0].span) ?? -1 })
    } else {
      vocabulary = spelled
      symbols = .scalars(
        fallback: (UInt8.min...UInt8.max).map { byte in
          let digits = String(byte, radix: 16, uppercase: true)
          let token = digits.utf8.count == 1 ? "<0x0\(digits)>" : "<0x\(digits)>"
          return hasByteFallback ? spelled.id(of: Array(token.utf8).span) ?? -1 : -1
        })
    }

    let list = try MergeList(field["merges"], spelled)
    var merges = MergeTable(capacity: list.merges.count)
    for (rank, merge) in list.merges.enumerated() {
      merges.insert(
        merge.left, merge.right, MergeTable.Merge(rank: UInt32(rank), token: merge.result))
    }
    self.merges = merges
    seams = Self.seams(list, symbols, vocabulary, unknown)
  }

  /// Nil where a merge joins what stands for unknown text: its spelling is not what it stands for.
  private static func seams(
    _ list: MergeList, _ symbols: Symbols, _ vocabulary: Vocabulary, _ unknown: Int32?
  ) -> SeamFilter? {
    var opaque: Set<Int32> = []
    if let unknown { opaque.insert(unknown) }
    if case .scalars(let fallback) = symbols { opaque.formUnion(fallback) }
    var filter = SeamFilter(merges: list.merges.count)
    for merge in list.merges {
      guard !opaque.contains(merge.left), !opaque.contains(merge.right) else { return nil }
      let left = vocabulary[Int(merge.left)]
      let right = vocabulary[Int(merge.right)]
      // A token whose spelling no word can contain never meets a neighbour.
      guard !left.isEmpty, !right.isEmpty else { continue }
      var last = left.endIndex - 1
      var first = right.startIndex + 1
      if case .scalars = symbols {
        while left[last] & 0xc0 == 0x80 { last -= 1 }
        while first < right.endIndex, right[first] & 0xc0 == 0x80 { first += 1 }
      }
      guard let lastSymbol = vocabulary.id(of: Array(left[last...]).span),
        let firstSymbol = vocabulary.id(of: Array(right[..<first]).span)
      else { continue }
      filter.insert(lastSymbol, firstSymbol)
    }
    return filter
  }
}

/// The merges of a model in the order of their ranks.
struct MergeList {
  let merges: [(left: Int32, right: Int32, result: Int32)]

  /// Reads `merges`: pairs of tokens, or, in older files, both in one string with a space between.
  init(_ field: JSONField, _ vocabulary: Vocabulary) throws(InputError) {
    guard case .array(let elements)? = field.value else { throw field.mismatch("an array") }
    var merges: [(left: Int32, right: Int32, result: Int32)] = []
    merges.reserveCapacity(elements.count)
    var joined: [UInt8] = []
    for (index, element) in elements.enumerated() {
      joined.removeAll(keepingCapacity: true)
      let boundary: Int
      switch element {
      case .string(let text):
        if text.utf8.starts(with: "#version".utf8) { continue }
        joined += text.utf8
        guard let space = joined.firstIndex(of: 0x20) else {
          throw Self.malformed(field, index, element)
        }
        joined.remove(at: space)
        guard !joined.contains(0x20) else { throw Self.malformed(field, index, element) }
        boundary = space
      case .array(let pair):
        guard pair.count == 2, case .string(let left) = pair[0], case .string(let right) = pair[1]
        else { throw Self.malformed(field, index, element) }
        joined += left.utf8
        boundary = joined.count
        joined += right.utf8
      default: throw Self.malformed(field, index, element)
      }
      let span = joined.span
      guard let left = vocabulary.id(of: span.extracting(0..<boundary)),
        let right = vocabulary.id(of: span.extracting(boundary..<span.count)),
        let result = vocabulary.id(of: span)
      else {
        throw JSONField(file: field.file, path: "\(field.path)[\(index)]", value: element).mismatch(
          "two tokens of the vocabulary that join to a third", kind: .mismatched)
      }
      merges.append((left, right, result))
    }
    self.merges = merges
  }

  private static func malformed(_ field: JSONField, _ index: Int, _ found: JSON) -> InputError {
    JSONField(file: field.file, path: "\(field.path)[\(index)]", value: found)
      .mismatch("two tokens")
  }
}
