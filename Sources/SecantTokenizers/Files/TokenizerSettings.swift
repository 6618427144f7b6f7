import Foundation
import SecantCheckpoints

/// The settings of a tokenizer in a folder's smaller files, beside the tokenizer's own file.
///
/// `tokenizer_config.json` says it, and where that has no `added_tokens_decoder`, as in folders of older
/// libraries, `special_tokens_map.json` before it, and `added_tokens.json`.
struct TokenizerSettings {
  /// The root of `tokenizer_config.json`; nil if there is no such file.
  let configuration: JSONField?
  private let specialTokensMap: JSONField?
  private let addedTokens: JSONField?

  /// The settings of `tokenizer_config.json` alone.
  init(_ configuration: JSONField?) {
    self.configuration = configuration
    specialTokensMap = nil
    addedTokens = nil
  }

  /// Reads the settings files of a folder.
  ///
  /// - Throws: `InputError` if a file cannot be read.
  init(folder: URL) throws(InputError) {
    func root(_ name: String) throws(InputError) -> JSONField? {
      let url = folder.appending(path: name)
      guard FileManager.default.fileExists(atPath: url.path) else { return nil }
      return try JSONField(contentsOf: url)
    }
    configuration = try root("tokenizer_config.json")
    let isOld = configuration?["added_tokens_decoder"].present == nil
    specialTokensMap = isOld ? try root("special_tokens_map.json") : nil
    addedTokens = isOld ? try root("added_tokens.json") : nil
  }

  /// The value of that name; nil if it is absent or `null`.
  subscript(key: String) -> JSONField? {
    specialTokensMap?[key].present ?? configuration?[key].present
  }

  /// Whether special tokens in a text are encoded as plain text.
  func splitsSpecialTokens() throws(InputError) -> Bool {
    try self["split_special_tokens"]?.bool() ?? false
  }

  // MARK: - Tokens

  /// A token that is declared, and where.
  struct Declaration {
    let token: AddedToken
    /// Whether the declaration says which id the token has.
    let isNumbered: Bool
    /// Whether it overrides earlier declarations of the token.
    let isDecisive: Bool
    let field: JSONField
  }

  /// The tokens that are declared, in the order in which those that are new get their ids.
  ///
  /// It is the order of Hugging Face's library: tokens with ids by these; then special tokens by name, those
  /// that every tokenizer may have first; then those of a list.
  ///
  /// - Throws: `InputError` if a declaration is malformed.
  func declarations() throws(InputError) -> [Declaration] {
    let named = try namedTokens() + listedTokens()
    let special = Set(named.map { Array($0.token.content.utf8) })
    return try numberedTokens(special: special) + named
  }

  /// Those of `added_tokens_decoder`, or of `added_tokens.json`.
  private func numberedTokens(special: Set<[UInt8]>) throws(InputError) -> [Declaration] {
    var declarations: [Declaration] = []
    if let tokens = configuration?["added_tokens_decoder"].present {
      for member in try tokens.object().members {
        let field = tokens[member.key]
        guard let id = Int(member.key) else { throw field.mismatch("an id as its name") }
        let token = try AddedToken(declared: field, id: id, isSpecial: false)
        declarations.append(
          Declaration(token: token, isNumbered: true, isDecisive: true, field: field))
      }
    } else if let addedTokens {
      for member in try addedTokens.object().members {
        let field = addedTokens[member.key]
        guard !member.key.isEmpty else { throw field.mismatch("a text as its name") }
        let token = AddedToken(
          id: try field.int(), content: member.key,
          isSpecial: special.contains(Array(member.key.utf8)))
        declarations.append(
          Declaration(token: token, isNumbered: true, isDecisive: false, field: field))
      }
    }
    return declarations.sorted { $0.token.id < $1.token.id }
  }

  /// The names of special tokens that every tokenizer may have, in their order.
  private static let names = [
    "bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token",
  ]

  /// Special tokens by name: those of ``names``, of any other that ends in `_token`, and of a mapping.
  private func namedTokens() throws(InputError) -> [Declaration] {
    // An empty text names nothing.
    var fields = Self.names.compactMap { self[$0] }.filter {
      if case .string("") = $0.value { false } else { true }
    }
    for file in [configuration, specialTokensMap].compactMap(\.self) {
      for member in try file.object().members
      where member.key.hasSuffix("_token") && !Self.names.contains(member.key) {
        let field = file[member.key]
        switch member.value {
        case .string: fields.append(field)
        case .object where field["content"].present != nil: fields.append(field)
        default: break
        }
      }
    }
    if let extra = self["extra_special_tokens"], case .object(let object) = extra.value {
      fields += object.members.map { extra[$0.key] }
    }
    return try fields.map { (field) throws(InputError) in
      try Self.special(field, isSpecial: true)
    }
  }

  /// The list `extra_special_tokens`, or where that is empty, as it was called before, `additional_special_tokens`.
  private func listedTokens() throws(InputError) -> [Declaration] {
    for key in ["extra_special_tokens", "additional_special_tokens"] {
      guard let list = self[key], case .array = list.value else { continue }
      let fields = try list.array()
      if fields.isEmpty { continue }
      return try fields.map { (field) throws(InputError) in
        // What is no mere text says itself whether it is special, but not in the oldest file.
        try Self.special(field, isSpecial: field.file == specialTokensMap?.file)
      }
    }
    return []
  }

  private static func special(
    _ field: JSONField, isSpecial: Bool
  ) throws(InputError) -> Declaration {
    Declaration(
      token: try AddedToken(declared: field, id: 0, isSpecial: isSpecial), isNumbered: false,
      isDecisive: false, field: field)
  }
}

extension TokenizerDefinition {
  /// Does as a folder's smaller files say: adds the tokens that they declare, and begins and ends a text.
  ///
  /// - Parameters:
  ///   - settings: The settings in these files.
  ///   - id: The id of a token that is known already, by its spelling.
  /// - Throws: `InputError` if one is malformed or contradicts the tokenizer's file.
  mutating func apply(
    _ settings: TokenizerSettings, id: (String) -> Int?
  ) throws(InputError) {
    var positions: [[UInt8]: Int] = [:]
    for (position, token) in addedTokens.enumerated() {
      positions[Array(token.content.utf8)] = position
    }
    for declaration in try settings.declarations() {
      let content = Array(declaration.token.content.utf8)
      let position = positions[content]
      let known = position.map { addedTokens[$0].id } ?? id(declaration.token.content)
      let next = known ?? pieces.count
      guard !declaration.isNumbered || declaration.token.id == next else {
        throw InputError(
          .mismatched, file: declaration.field.file, subject: "field \(declaration.field.path)",
          expected: "the id \(next), " + (known == nil ? "the next one" : "which the token has"),
          found: "\(declaration.token.id)",
          remedy: "download this file again, with the one that holds the vocabulary")
      }
      if let position {
        guard declaration.isDecisive else { continue }
        // A token that was once special stays so, as in Hugging Face's library.
        let isSpecial = addedTokens[position].isSpecial || declaration.token.isSpecial
        addedTokens[position] = declaration.token.with(id: next, isSpecial: isSpecial)
      } else {
        if known == nil { try append(declaration) }
        positions[content] = addedTokens.count
        addedTokens.append(
          declaration.token.with(id: next, isSpecial: declaration.token.isSpecial))
      }
    }
    markSpecialTokens()
    splitsSpecialTokens = try settings.splitsSpecialTokens()
    let tokens = addedTokens
    try setEnds(settings) { name in
      positions[Array(name.utf8)].map { tokens[$0].id } ?? id(name)
    }
  }

  /// Gives a token the next id.
  private mutating func append(_ declaration: TokenizerSettings.Declaration) throws(InputError) {
    guard pieces.count < TokenSpellings.maximumCount else {
      throw declaration.field.mismatch("at most \(TokenSpellings.maximumCount) tokens")
    }
    let content = declaration.token.content
    let (bytes, first) = try (decoder.bytes(of: content), decoder.bytes(of: content, isFirst: true))
    pieces.append(bytes)
    firstPieces?.append(first)
    kinds.append(.defined)
  }

  /// Does as `add_bos_token`, `add_eos_token`, `bos_token` and `eos_token` say.
  ///
  /// Each of the first two speaks of one token alone; absent, it changes nothing.
  private mutating func setEnds(
    _ settings: TokenizerSettings, id: (String) -> Int?
  ) throws(InputError) {
    let beginning = try settings["bos_token"]?.tokenID(id)
    let end = try settings["eos_token"]?.tokenID(id)
    if let adds = try settings["add_bos_token"]?.bool() {
      template.prefix = Self.tokens(template.prefix, with: adds, beginning, isFirst: true)
    }
    if let adds = try settings["add_eos_token"]?.bool() {
      template.suffix = Self.tokens(template.suffix, with: adds, end, isFirst: false)
    }
    beginningOfText = beginning ?? (settings.configuration == nil ? beginningOfText : nil)
    endOfText = end ?? (settings.configuration == nil ? endOfText : nil)
  }

  /// Special tokens on one side of a text, one of them there or not.
  private static func tokens(
    _ tokens: [Int], with isThere: Bool, _ token: Int?, isFirst: Bool
  ) -> [Int] {
    // Where the token has no name, none of those on its side can be meant by another.
    guard let token else { return [] }
    guard isThere else { return tokens.filter { $0 != token } }
    if tokens.contains(token) { return tokens }
    return isFirst ? [token] + tokens : tokens + [token]
  }
}

extension JSONField {
  /// The id of the token that `bos_token` and the like name, as a text or an object with `content`.
  fileprivate func tokenID(_ id: (String) -> Int?) throws(InputError) -> Int? {
    let field = if case .object? = value { self["content"] } else { self }
    let name = try field.string()
    if name.isEmpty { return nil }
    guard let id = id(name) else {
      throw field.mismatch("a token of the tokenizer", kind: .mismatched)
    }
    return id
  }
}
