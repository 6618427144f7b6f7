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
    let takesWholeWords = try field["ignore_merges"].present?.bool() ?? false
    let fusesUnknown = try field["fuse_unk"].present?.bool() ?? false
    let hasByteFallback = try field["byte_fallback"].present?.bool() ?? false

    let spelled = spellings.vocabulary
    let unknown = try field["unk_token"].present.map { (token) throws(InputError) in
      guard let id = spelled.id(of: Array(try token.string().utf8).span) else {
        throw token.mismatch("a token of the vocabulary", kind: .mismatched)
      }
      return id
    }
    guard !isByteLevel || !hasByteFallback else {
      throw field["byte_fallback"].unsupported("false where the pre_tokenizer is ByteLevel")
    }
    let merges = try MergeList(field["merges"], spelled)
    if isByteLevel {
      self.init(
        bytes: spellings.byteStrings, merges: merges, takesWholeWords: takesWholeWords,
        unknown: unknown, fusesUnknown: fusesUnknown)
    } else {
      self.init(
        vocabulary: spelled,
        symbols: .scalars(
          fallback: hasByteFallback
            ? spellings.vocabulary.byteTokens : [Int32](repeating: -1, count: 256)),
        merges: merges, takesWholeWords: takesWholeWords, unknown: unknown,
        fusesUnknown: fusesUnknown)
    }
  }

  /// A model whose words are bytes before anything merges.
  init(
    bytes vocabulary: Vocabulary, merges: MergeList, takesWholeWords: Bool,
    unknown: Int32? = nil, fusesUnknown: Bool = false
  ) {
    self.init(
      vocabulary: vocabulary,
      symbols: .bytes((UInt8.min...UInt8.max).map { vocabulary.id(of: [$0].span) ?? -1 }),
      merges: merges, takesWholeWords: takesWholeWords, unknown: unknown,
      fusesUnknown: fusesUnknown)
  }

  /// A model of parts that any kind of file may have defined.
  init(
    vocabulary: Vocabulary, symbols: Symbols, merges list: MergeList, takesWholeWords: Bool,
    unknown: Int32?, fusesUnknown: Bool
  ) {
    self.vocabulary = vocabulary
    self.symbols = symbols
    self.takesWholeWords = takesWholeWords
    self.unknown = unknown
    self.fusesUnknown = fusesUnknown
    var merges = MergeTable(capacity: list.merges.count)
    for merge in list.merges {
      merges.insert(
        merge.left, merge.right, MergeTable.Merge(rank: merge.rank, token: merge.result))
    }
    self.merges = merges
    seams = Self.seams(list, symbols, vocabulary, unknown)
  }

  /// Nil if a merge joins the unknown token: its spelling is not the text that it represents.
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
