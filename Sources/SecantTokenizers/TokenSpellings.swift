import SecantCheckpoints

/// How a vocabulary spells its tokens, by id.
struct TokenSpellings {
  private(set) var byID: [String?]
  /// The ids of the spellings, without what was inserted.
  let vocabulary: Vocabulary
  private var added: [[UInt8]: Int] = [:]

  /// Four times the largest vocabularies: ids are indices, so a single one must not cost more.
  static let maximumCount = 1 << 20

  var count: Int { byID.count }

  /// Reads a `vocab` that is an object of ids by spelling, or an array of spellings with scores.
  init(_ field: JSONField) throws(InputError) {
    if case .array(let entries)? = field.value {
      try self.init(listed: entries, field)
      return
    }
    let members = try field.object().members
    var byID = [String?](repeating: nil, count: members.count)
    for member in members {
      guard case .number(let number) = member.value, let id = number.int else {
        throw field[member.key].mismatch("an id")
      }
      try Self.set(member.key, at: id, in: &byID, field)
    }
    self.byID = byID
    vocabulary = Vocabulary(byID.map { $0.map { Array($0.utf8) } })
  }

  private init(listed entries: [JSON], _ field: JSONField) throws(InputError) {
    var spellings: [String] = []
    spellings.reserveCapacity(entries.count)
    for entry in entries {
      guard case .array(let pair) = entry, case .string(let spelling)? = pair.first else {
        throw field.mismatch("tokens, each with its score")
      }
      spellings.append(spelling)
    }
    try self.init(spellings) { _ in field }
  }

  /// Spellings in the order of their ids, of which no two may be equal.
  ///
  /// - Parameters:
  ///   - spellings: One for each id from 0.
  ///   - field: The place of a spelling in the file, for errors.
  /// - Throws: That there are too many, or that one stands there twice.
  init(_ spellings: [String], field: (Int) -> JSONField) throws(InputError) {
    guard spellings.count <= Self.maximumCount else {
      throw field(0).mismatch("at most \(Self.maximumCount) tokens")
    }
    vocabulary = Vocabulary(spellings.map { Array($0.utf8) })
    for (id, spelling) in spellings.enumerated() {
      guard let known = vocabulary.id(of: Array(spelling.utf8).span), known == id else {
        throw field(id).mismatch("\"\(JSON.string(spelling).summary)\" once", kind: .mismatched)
      }
    }
    byID = spellings
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
      try Self.set(spelling, at: id, in: &byID, field)
    }
    added[Array(spelling.utf8)] = id
  }

  func id(of spelling: String) -> Int? {
    let bytes = Array(spelling.utf8)
    return vocabulary.id(of: bytes.span).map(Int.init) ?? added[bytes]
  }

  /// The ids of `<0x00>` to `<0xFF>`, -1 where the vocabulary has no such token.
  var byteTokens: [Int32] {
    (0..<256).map { byte in
      let digits = String(byte, radix: 16, uppercase: true)
      let token = digits.utf8.count == 1 ? "<0x0\(digits)>" : "<0x\(digits)>"
      return vocabulary.id(of: Array(token.utf8).span) ?? -1
    }
  }

  /// The byte strings that the spellings denote in the alphabet of ``ByteAlphabet``.
  var byteStrings: Vocabulary {
    Vocabulary(byID.map { $0.flatMap(ByteAlphabet.bytes(of:)) })
  }

  private static func set(
    _ spelling: String, at id: Int, in byID: inout [String?], _ field: JSONField
  ) throws(InputError) {
    guard 0..<maximumCount ~= id else {
      throw field.mismatch("ids from 0 to \(maximumCount - 1), not \(id)")
    }
    while byID.count <= id { byID.append(nil) }
    guard byID[id] == nil else { throw field.mismatch("one token for the id \(id)") }
    byID[id] = spelling
  }
}
