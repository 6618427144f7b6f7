import Foundation
import SecantCheckpoints

/// Mistral's own tokenizer file, `tekken.json`: tokens in the order in which they merge.
///
/// Special tokens have the ids from 0; the file's rank 0 comes after them. A word that is a token is
/// that token. Otherwise its bytes merge, and the pair with the lowest-ranked result merges first. The semantics
/// are those of `tiktoken`, which Mistral's library builds on, except for special tokens in
/// the text: they are encoded as such, as by Hugging Face's files for the same models.
struct Tekken {
  let definition: TokenizerDefinition

  /// Reads the root of `tekken.json` and the settings in the folder's smaller files.
  ///
  /// Parts about other inputs than text, such as `image`, are not read.
  init(_ json: JSONField, settings: TokenizerSettings) throws(InputError) {
    let config = json["config"]
    let size = try config["default_vocab_size"].int()
    let specialCount = try config["default_num_special_tokens"].int()
    guard 0...TokenSpellings.maximumCount ~= size, 0...size ~= specialCount else {
      throw config.mismatch("0 to \(TokenSpellings.maximumCount) tokens, some of them special")
    }
    let special = try Self.specialTokens(json["special_tokens"], count: specialCount)
    let ranked = try Self.rankedTokens(json["vocab"], atMost: size - specialCount)

    let vocabulary = Vocabulary([[UInt8]?](repeating: nil, count: specialCount) + ranked)
    let ranks = (0..<vocabulary.count).map { id in
      id < specialCount ? nil : UInt32(id - specialCount)
    }
    guard
      let merges = MergeList(joining: vocabulary, ranks: ranks, cutsScalars: true)
    else { throw json["vocab"].unsupported("shorter tokens") }
    if let id = vocabulary.repeatedID {
      throw json["vocab"].mismatch(
        "tokens of which no two are equal, as \(id - specialCount) and another are",
        kind: .mismatched)
    }

    var ids: [[UInt8]: Int] = [:]
    for token in special {
      guard ids.updateValue(token.id, forKey: Array(token.content.utf8)) == nil else {
        throw json["special_tokens"].mismatch("each token once", kind: .mismatched)
      }
    }
    var definition = TokenizerDefinition(
      pieces: special.map { Array($0.content.utf8) } + ranked,
      kinds: [TokenKind](repeating: .defined, count: vocabulary.count),
      addedTokens: special,
      preTokenizer: PreTokenizer(
        splitting: [
          .split(
            try TextPattern(expression: config["pattern"].string(), at: config["pattern"]),
            .removed, isInverted: true)
        ]),
      model: .bytePairs(
        BytePairEncoding(bytes: vocabulary, merges: merges, takesWholeWords: true)),
      decoder: .byteLevel)
    definition.markSpecialTokens()
    definition.beginningOfText = ids[Array("<s>".utf8)]
    definition.endOfText = ids[Array("</s>".utf8)]
    definition.template.prefix = [definition.beginningOfText].compactMap(\.self)
    try definition.apply(settings) { name in
      let bytes = Array(name.utf8)
      return ids[bytes] ?? vocabulary.id(of: bytes.span).map(Int.init)
    }
    self.definition = definition
  }

  /// The special tokens, of which the file may list the first, or in older files none.
  private static func specialTokens(
    _ field: JSONField, count: Int
  ) throws(InputError) -> [AddedToken] {
    var names = [String?](repeating: nil, count: count)
    if field.present != nil {
      for entry in try field.array() {
        let rank = try entry["rank"].int()
        guard names.indices.contains(rank), names[rank] == nil else {
          throw entry["rank"].mismatch("a rank of its own below \(count)", kind: .mismatched)
        }
        names[rank] = try entry["token_str"].string()
        guard names[rank] != "" else { throw entry["token_str"].mismatch("a text") }
      }
    } else {
      for (rank, name) in oldestSpecialTokens.enumerated() where rank < count {
        names[rank] = name
      }
    }
    return names.enumerated().map { id, name in
      AddedToken(id: id, content: name ?? "<SPECIAL_\(id)>", isSpecial: true)
    }
  }

  /// The special tokens of files that list none; source: Mistral's library
  /// `mistral-common`.
  private static let oldestSpecialTokens = [
    "<unk>", "<s>", "</s>", "[INST]", "[/INST]", "[AVAILABLE_TOOLS]", "[/AVAILABLE_TOOLS]",
    "[TOOL_RESULTS]", "[/TOOL_RESULTS]", "[TOOL_CALLS]", "[IMG]", "<pad>", "[IMG_BREAK]",
    "[IMG_END]", "[PREFIX]", "[MIDDLE]", "[SUFFIX]", "[SYSTEM_PROMPT]", "[/SYSTEM_PROMPT]",
    "[TOOL_CONTENT]",
  ]

  /// The bytes of the first tokens, by rank.
  private static func rankedTokens(
    _ field: JSONField, atMost limit: Int
  ) throws(InputError) -> [[UInt8]] {
    guard case .array(let entries)? = field.value else { throw field.mismatch("an array") }
    var tokens: [[UInt8]] = []
    tokens.reserveCapacity(min(entries.count, limit))
    for (rank, entry) in entries.prefix(limit).enumerated() {
      guard case .number(let number)? = entry["rank"], number.int == rank,
        case .string(let text)? = entry["token_bytes"], let bytes = Data(base64Encoded: text),
        !bytes.isEmpty
      else {
        throw JSONField(file: field.file, path: "\(field.path)[\(rank)]", value: entry)
          .mismatch("the token of rank \(rank), its bytes in Base64")
      }
      tokens.append(Array(bytes))
    }
    return tokens
  }
}
