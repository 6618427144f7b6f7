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
      byID = try Self.spellings(entries, field)
    } else {
      let members = try field.object().members
      byID = [String?](repeating: nil, count: members.count)
      for member in members {
        guard case .number(let number) = member.value, let id = number.int else {
          throw field[member.key].mismatch("an id")
        }
        try Self.set(member.key, at: id, in: &byID, field)
      }
    }
    vocabulary = Vocabulary(byID.map { $0.map { Array($0.utf8) } })
    // The keys of an object differ, or it would not have been read.
    if case .array? = field.value, let id = vocabulary.repeatedID {
      throw field.mismatch("tokens of which no two are equal, as \(id) and another are")
    }
  }

  private static func spellings(
    _ entries: JSON.List, _ field: JSONField
  ) throws(InputError) -> [String?] {
    guard entries.count <= maximumCount else {
      throw field.mismatch("at most \(maximumCount) tokens")
    }
    var spellings: [String?] = []
    spellings.reserveCapacity(entries.count)
    for entry in entries {
      guard case .array(let pair) = entry, case .string(let spelling)? = pair.first else {
        throw field.mismatch("tokens, each with its score")
      }
      spellings.append(spelling)
    }
    return spellings
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
