import Foundation
import SecantCheckpoints
import SecantTestSupport
import SecantTokenizers

/// The bytes of a GGUF file without tensors, for tests.
struct GGUFMetadata {
  enum Value {
    case int(UInt32)
    case bool(Bool)
    case text([UInt8])
    case texts([[UInt8]])
    case ints([Int32])
    case floats([Float])
  }

  var values: [(key: String, value: Value)] = []

  subscript(key: String) -> Value? {
    get { values.first { $0.key == key }?.value }
    set {
      values.removeAll { $0.key == key }
      if let newValue { values.append((key, newValue)) }
    }
  }

  var bytes: [UInt8] {
    var bytes = Array("GGUF".utf8) + Self.bytes(UInt32(3)) + Self.bytes(UInt64(0))
    bytes += Self.bytes(UInt64(values.count))
    for (key, value) in values {
      bytes += Self.text(Array(key.utf8))
      switch value {
      case .int(let value): bytes += Self.bytes(UInt32(4)) + Self.bytes(value)
      case .bool(let value): bytes += Self.bytes(UInt32(7)) + [value ? 1 : 0]
      case .text(let text): bytes += Self.bytes(UInt32(8)) + Self.text(text)
      case .texts(let texts):
        bytes += Self.array(8, texts.count) + texts.flatMap(Self.text)
      case .ints(let values):
        bytes += Self.array(5, values.count) + values.flatMap { Self.bytes($0) }
      case .floats(let values):
        bytes += Self.array(6, values.count) + values.flatMap { Self.bytes($0.bitPattern) }
      }
    }
    return bytes
  }

  private static func bytes(_ value: some FixedWidthInteger) -> [UInt8] {
    (0..<value.bitWidth / 8).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }

  private static func text(_ text: [UInt8]) -> [UInt8] { bytes(UInt64(text.count)) + text }

  private static func array(_ kind: UInt32, _ count: Int) -> [UInt8] {
    bytes(UInt32(9)) + bytes(kind) + bytes(UInt64(count))
  }

  /// What a converter makes of a byte-level tokenizer.json.
  init(converting json: JSONField, pre: String?) throws {
    var tokens: [Int: (text: String, type: Int32)] = [:]
    for member in try json["model"]["vocab"].object().members {
      tokens[try json["model"]["vocab"][member.key].int()] = (member.key, 1)
    }
    for token in try json["added_tokens"].array() {
      let type: Int32 = try token["special"].bool() ? 3 : 4
      tokens[try token["id"].int()] = (try token["content"].string(), type)
    }
    let count = (tokens.keys.max() ?? -1) + 1
    let listed = (0..<count).map { tokens[$0] ?? ("[PAD\($0)]", 5) }
    self["tokenizer.ggml.model"] = .text(Array("gpt2".utf8))
    if let pre { self["tokenizer.ggml.pre"] = .text(Array(pre.utf8)) }
    self["tokenizer.ggml.tokens"] = .texts(listed.map { Array($0.text.utf8) })
    self["tokenizer.ggml.token_type"] = .ints(listed.map(\.type))
    self["tokenizer.ggml.merges"] = .texts(
      try json["model"]["merges"].array().map { merge in
        if let text = try? merge.string() { return Array(text.utf8) }
        return Array(try merge.array().map { try $0.string() }.joined(separator: " ").utf8)
      })
  }

  /// A SentencePiece vocabulary of the usual special tokens, all bytes, and these pieces with scores.
  init(pieces: [(text: String, score: Float)]) {
    let bytes = (0..<256).map { String(format: "<0x%02X>", $0) }
    let special = ["<unk>", "<s>", "</s>"]
    self["tokenizer.ggml.model"] = .text(Array("llama".utf8))
    self["tokenizer.ggml.tokens"] = .texts(
      (special + bytes + pieces.map(\.text)).map { Array($0.utf8) })
    self["tokenizer.ggml.scores"] = .floats(
      [Float](repeating: 0, count: 259) + pieces.map(\.score))
    self["tokenizer.ggml.token_type"] = .ints(
      [2, 3, 3] + [Int32](repeating: 6, count: 256) + [Int32](repeating: 1, count: pieces.count))
  }

  /// The tokenizer that this file holds, where it says whether to begin texts with a token.
  func tokenizer(addingBeginning: Bool) throws -> Tokenizer {
    var metadata = self
    metadata["tokenizer.ggml.add_bos_token"] = .bool(addingBeginning)
    return try metadata.tokenizer()
  }

  /// The tokenizer that this file holds.
  func tokenizer() throws -> Tokenizer {
    let folder = try TemporaryFolder()
    return try Tokenizer(gguf: try GGUFFile(at: try folder.write(bytes, to: "model.gguf")))
  }
}
