public import Foundation
public import SecantCheckpoints

extension Tokenizer {
  /// Reads the tokenizer of a checkpoint's folder.
  ///
  /// - Parameter folder: Holds `tokenizer.json` and, in most families, `tokenizer_config.json`.
  /// - Throws: What is missing, malformed or not understood.
  public init(folder: URL) throws(InputError) {
    let configuration = folder.appending(path: "tokenizer_config.json")
    let hasConfiguration = FileManager.default.fileExists(atPath: configuration.path)
    try self.init(
      json: try JSONField(contentsOf: folder.appending(path: "tokenizer.json")),
      configuration: hasConfiguration ? try JSONField(contentsOf: configuration) : nil)
  }

  /// Reads a tokenizer from its files.
  ///
  /// `truncation` and `padding` of tokenizer.json concern batches and are not applied.
  ///
  /// - Parameters:
  ///   - json: The root of `tokenizer.json`.
  ///   - configuration: The root of `tokenizer_config.json`. Where it has `add_bos_token` or
  ///     `add_eos_token`, these decide on special tokens; else tokenizer.json does.
  /// - Throws: What is missing, malformed or not understood.
  public init(json: JSONField, configuration: JSONField? = nil) throws(InputError) {
    try json.allowOnly(
      "version", "truncation", "padding", "added_tokens", "normalizer", "pre_tokenizer",
      "post_processor", "decoder", "model")
    if let version = json["version"].present, try version.string() != "1.0" {
      throw version.unsupported("1.0")
    }
    normalizer = try Normalizer(json["normalizer"])
    preTokenizer = try PreTokenizer(json["pre_tokenizer"])
    decoder = try TokenDecoder(json["decoder"])
    guard preTokenizer.isByteLevel == decoder.isByteLevel else {
      throw json["decoder"].mismatch(
        "ByteLevel where and only where the pre_tokenizer is", kind: .unsupported)
    }

    var spellings = try TokenSpellings(json["model"]["vocab"])
    model = try BytePairEncoding(
      json["model"], spellings: spellings, isByteLevel: preTokenizer.isByteLevel)
    var added: [AddedToken] = []
    for field in try json["added_tokens"].present?.array() ?? [] {
      let token = try AddedToken(field)
      try spellings.insert(token.content, at: token.id, field)
      added.append(token)
    }

    var kinds = [TokenKind](repeating: [], count: spellings.count)
    var pieces = [[UInt8]?](repeating: nil, count: spellings.count)
    var firstPieces = pieces
    for (id, spelling) in spellings.byID.enumerated() {
      guard let spelling else { continue }
      pieces[id] = try decoder.bytes(of: spelling)
      if decoder.treatsFirstApart {
        firstPieces[id] = try decoder.bytes(of: spelling, isFirst: true)
      }
      kinds[id] = decoder.byte(of: spelling) == nil ? .defined : [.defined, .byte]
    }
    for token in added where token.isSpecial { kinds[token.id].insert(.special) }
    self.pieces = Vocabulary(pieces)
    self.firstPieces = decoder.treatsFirstApart ? Vocabulary(firstPieces) : nil
    self.kinds = kinds

    var raw: [(AddedToken, [UInt8])] = []
    var normalized: [(AddedToken, [UInt8])] = []
    for token in added {
      let content = Array(token.content.utf8)
      if token.isNormalized {
        normalized.append((token, try normalizer.normalize(content)))
      } else {
        raw.append((token, content))
      }
    }
    rawAddedTokens = AddedTokenFinder(raw)
    normalizedAddedTokens = AddedTokenFinder(normalized)

    let beginning = try configuration?["bos_token"].tokenContent(in: spellings)
    let end = try configuration?["eos_token"].tokenContent(in: spellings)
    var template = try SpecialTokenTemplate(json["post_processor"])
    let addsBeginning = try configuration?["add_bos_token"].present?.bool()
    let addsEnd = try configuration?["add_eos_token"].present?.bool()
    if addsBeginning != nil || addsEnd != nil {
      template.prefix = addsBeginning == true ? [beginning].compactMap(\.self) : []
      template.suffix = addsEnd == true ? [end].compactMap(\.self) : []
    }
    for id in template.prefix + template.suffix
    where !kinds.indices.contains(id) || !kinds[id].contains(.defined) {
      throw json["post_processor"].mismatch("ids of tokens", kind: .mismatched)
    }
    self.template = template
    beginningOfText = configuration == nil ? template.prefix.first : beginning
    endOfText = end
  }
}

extension JSONField {
  /// The id of the token that `bos_token` and the like name, as a text or an object with `content`.
  fileprivate func tokenContent(in spellings: TokenSpellings) throws(InputError) -> Int? {
    guard let named = present else { return nil }
    let field = if case .object? = named.value { named["content"] } else { named }
    let content = try field.string()
    guard let id = spellings.id(of: content) else {
      throw field.mismatch("a token of tokenizer.json", kind: .mismatched)
    }
    return id
  }
}

/// How a vocabulary spells its tokens, by id.
struct TokenSpellings {
  private(set) var byID: [String?]
  private let vocabulary: JSON.Object
  private var added: [[UInt8]: Int] = [:]

  /// Four times the largest vocabularies: ids are indices, so a single one must not cost more.
  private static let maximumCount = 1 << 20

  var count: Int { byID.count }

  /// Reads the `vocab` of a model.
  init(_ field: JSONField) throws(InputError) {
    vocabulary = try field.object()
    byID = [String?](repeating: nil, count: vocabulary.members.count)
    for member in vocabulary.members {
      guard case .number(let number) = member.value, let id = number.int else {
        throw field[member.key].mismatch("an id")
      }
      try set(member.key, at: id, field)
    }
  }

  /// Adds an added token; the vocabulary may have it already.
  mutating func insert(
    _ spelling: String, at id: Int, _ field: JSONField
  ) throws(InputError) {
    if let known = self.id(of: spelling) {
      guard known == id, added[Array(spelling.utf8)] == nil else {
        throw field["id"].mismatch("\(known), which is the token's id already", kind: .mismatched)
      }
    } else {
      try set(spelling, at: id, field)
    }
    added[Array(spelling.utf8)] = id
  }

  func id(of spelling: String) -> Int? {
    if case .number(let number)? = vocabulary[spelling] { return number.int }
    return added[Array(spelling.utf8)]
  }

  private mutating func set(
    _ spelling: String, at id: Int, _ field: JSONField
  ) throws(InputError) {
    guard 0..<Self.maximumCount ~= id else {
      throw field.mismatch("ids from 0 to \(Self.maximumCount - 1), not \(id)")
    }
    while byID.count <= id { byID.append(nil) }
    guard byID[id] == nil else { throw field.mismatch("one token for the id \(id)") }
    byID[id] = spelling
  }
}
