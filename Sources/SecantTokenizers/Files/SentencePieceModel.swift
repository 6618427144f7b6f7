import SecantCheckpoints

/// SentencePiece's own file, `tokenizer.model`: a message in Protocol Buffers' wire format.
///
/// Fields, of sentencepiece_model.proto: pieces 1 (text 1, score 2, type 3), trainer 2 (type 3, byte
/// fallback 35), normalizer 3 (table 2, space in front 3, spaces folded 4, spaces escaped 5). What is
/// not among them does not bear on how a text is encoded by a finished model.
struct SentencePieceModel {
  let definition: TokenizerDefinition

  /// Reads the file's bytes.
  ///
  /// - Parameters:
  ///   - bytes: All of them.
  ///   - file: Its name, for errors.
  ///   - settings: The settings in the folder's smaller files.
  /// - Throws: `InputError` that names what is malformed or not understood.
  init(_ bytes: [UInt8], file: String, settings: TokenizerSettings) throws(InputError) {
    let refusal: MergeList.Refusal = { expected, kind in
      InputError(
        kind, file: file, subject: "the model", expected: expected, found: "something else",
        remedy: "give a folder with the model's tokenizer.json")
    }
    let malformed = refusal("a SentencePiece model", .malformed)
    var vocabulary = SentencePieceVocabulary(pieces: [], scores: [], kinds: [])
    var isPairs = false
    var foldsSpaces = true
    for (number, value) in try ProtocolBuffer(bytes[...]).fields(orThrow: malformed) {
      switch (number, value) {
      case (1, .bytes(let piece)):
        try vocabulary.append(piece, orThrow: malformed)
      case (2, .bytes(let trainer)):
        for case (3, .integer(let type)) in try ProtocolBuffer(trainer).fields(orThrow: malformed) {
          isPairs = type == 2
        }
      case (3, .bytes(let normalizer)):
        for field in try ProtocolBuffer(normalizer).fields(orThrow: malformed) {
          switch field {
          case (2, .bytes(let table)) where !table.isEmpty:
            throw refusal("no table of normalizations", .unsupported)
          case (3, .integer(let value)): vocabulary.addsSpacePrefix = value != 0
          case (4, .integer(let value)): foldsSpaces = value != 0
          case (5, .integer(0)): throw refusal("spaces written as ▁", .unsupported)
          default: break
          }
        }
      default: break
      }
    }
    guard !vocabulary.pieces.isEmpty else { throw malformed }
    guard isPairs else { throw refusal("a model of byte pairs", .unsupported) }
    guard !foldsSpaces else { throw refusal("spaces that are left as they are", .unsupported) }
    // Such pieces are searched for in the text itself, with plain spaces.
    for id in vocabulary.pieces.indices where vocabulary.kinds[id] == .userDefined {
      vocabulary.pieces[id] = SentencePieceVocabulary.unescaped(vocabulary.pieces[id])
    }
    let model = TokenModel.bytePairs(try vocabulary.bytePairs(refusal: refusal))
    var definition = try vocabulary.definition(model, refusal: refusal)
    let names = try vocabulary.uniqueVocabulary(refusal: refusal)
    definition.beginningOfText = names.id(of: Array("<s>".utf8).span).map(Int.init)
    definition.endOfText = names.id(of: Array("</s>".utf8).span).map(Int.init)
    definition.template.prefix = [definition.beginningOfText].compactMap(\.self)
    try definition.apply(settings) { names.id(of: Array($0.utf8).span).map(Int.init) }
    self.definition = definition
  }
}

extension SentencePieceVocabulary {
  /// Appends a piece; the default type is normal.
  fileprivate mutating func append(
    _ message: ArraySlice<UInt8>, orThrow malformed: InputError
  ) throws(InputError) {
    pieces.append([])
    scores.append(0)
    kinds.append(.normal)
    let last = pieces.count - 1
    for field in try ProtocolBuffer(message).fields(orThrow: malformed) {
      switch field {
      case (1, .bytes(let text)): pieces[last] = Array(text)
      case (2, .fixed32(let bits)): scores[last] = Float(bitPattern: bits)
      case (3, .integer(let type)):
        guard let type = Int(exactly: type), let kind = Kind(rawValue: type) else {
          throw malformed
        }
        kinds[last] = kind
      default: break
      }
    }
  }
}

/// A message in Protocol Buffers' wire format (https://protobuf.dev/programming-guides/encoding).
private struct ProtocolBuffer {
  enum Value {
    case integer(UInt64)
    case fixed32(UInt32)
    case fixed64
    case bytes(ArraySlice<UInt8>)
  }

  private var rest: ArraySlice<UInt8>

  init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

  /// The fields by number, in the order of the message.
  func fields(orThrow malformed: InputError) throws(InputError) -> [(Int, Value)] {
    var buffer = self
    var fields: [(Int, Value)] = []
    while !buffer.rest.isEmpty {
      guard let field = buffer.field() else { throw malformed }
      fields.append(field)
    }
    return fields
  }

  private mutating func field() -> (Int, Value)? {
    guard let key = varint(), let number = Int(exactly: key >> 3) else { return nil }
    switch key & 7 {
    case 0: return varint().map { (number, .integer($0)) }
    case 1: return bytes(8).map { _ in (number, .fixed64) }
    case 2:
      guard let length = varint(), let count = Int(exactly: length) else { return nil }
      return bytes(count).map { (number, .bytes($0)) }
    case 5:
      return bytes(4).map { bytes in
        (number, .fixed32(bytes.reversed().reduce(0) { $0 << 8 | UInt32($1) }))
      }
    default: return nil
    }
  }

  private mutating func varint() -> UInt64? {
    var value: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 64, by: 7) {
      guard let byte = rest.popFirst() else { return nil }
      value |= UInt64(byte & 0x7f) << shift
      if byte < 0x80 { return value }
    }
    return nil
  }

  private mutating func bytes(_ count: Int) -> ArraySlice<UInt8>? {
    guard count <= rest.count else { return nil }
    defer { rest = rest.dropFirst(count) }
    return rest.prefix(count)
  }
}
