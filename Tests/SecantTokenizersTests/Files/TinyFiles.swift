import Foundation
import SecantCheckpoints
import SecantTokenizers

/// Tiny tokenizers in every kind of file but tokenizer.json, made of the fixtures.
struct TinyFiles {
  static let names = ["tekken", "sentencepiece", "vocabulary", "gguf-gpt2", "gguf-llama"]

  /// The files by name.
  let contents: [(name: String, bytes: [UInt8])]

  init(_ name: String) throws {
    let json = try JSONField(contentsOf: Fixture.url("tekken"))
    contents =
      switch name {
      case "tekken": [("tekken.json", try Self.tekken(json))]
      case "sentencepiece": [("tokenizer.model", Self.sentencePiece())]
      case "vocabulary": try Self.vocabulary(json)
      case "gguf-gpt2":
        [("model.gguf", try GGUFMetadata(converting: json, pre: "gpt-4o").bytes)]
      default: [("model.gguf", GGUFMetadata(pieces: Self.pieces).bytes)]
      }
  }

  /// The tokenizer that a folder with these files holds.
  func tokenizer(in folder: URL) throws -> Tokenizer {
    guard contents[0].name == "model.gguf" else { return try Tokenizer(folder: folder) }
    return try Tokenizer(gguf: try GGUFFile(at: folder.appending(path: "model.gguf")))
  }

  static let pieces: [(text: String, score: Float)] = [
    ("▁", -9), ("t", -9), ("h", -9), ("e", -9), ("th", -1), ("he", -2), ("the", -3), ("▁the", -4),
  ]

  /// The bytes of Tekken's file: 256 bytes, and tokens of two and three of them.
  static func tekken(_ json: JSONField) throws -> [UInt8] {
    let pattern = try json["pre_tokenizer"]["pretokenizers"].array()[0]["pattern"]["Regex"].string()
    var tokens = (0..<256).map { [UInt8($0)] }
    tokens += ["th", "he", "the", " the", "in", "ing"].map { Array($0.utf8) }
    let vocabulary: [[String: Any]] = tokens.enumerated().map { rank, bytes in
      ["rank": rank, "token_bytes": Data(bytes).base64EncodedString(), "token_str": NSNull()]
    }
    let root: [String: Any] = [
      "config": [
        "pattern": pattern, "default_vocab_size": tokens.count + 8,
        "default_num_special_tokens": 8, "version": "v3",
      ],
      "vocab": vocabulary,
    ]
    return Array(try JSONSerialization.data(withJSONObject: root, options: .sortedKeys))
  }

  private static func vocabulary(_ json: JSONField) throws -> [(name: String, bytes: [UInt8])] {
    let members = try json["model"]["vocab"].object().members
    let vocabulary = try Dictionary(
      uniqueKeysWithValues: members.map { ($0.key, try json["model"]["vocab"][$0.key].int()) })
    let merges = try json["model"]["merges"].array().map { merge in
      try merge.array().map { try $0.string() }.joined(separator: " ")
    }
    let configuration = #"{"tokenizer_class":"Qwen2Tokenizer","eos_token":null}"#
    return [
      (
        "vocab.json",
        Array(try JSONSerialization.data(withJSONObject: vocabulary, options: .sortedKeys))
      ),
      ("merges.txt", Array(("#version: 0.2\n" + merges.joined(separator: "\n")).utf8)),
      ("tokenizer_config.json", Array(configuration.utf8)),
    ]
  }

  /// A model of byte pairs, in Protocol Buffers' wire format.
  static func sentencePiece() -> [UInt8] {
    let bytes = (0..<256).map { (String(format: "<0x%02X>", $0), Float(0), UInt8(6)) }
    let special: [(String, Float, UInt8)] = [("<unk>", 0, 2), ("<s>", 0, 3), ("</s>", 0, 3)]
    var model: [UInt8] = []
    for (text, score, type) in special + bytes + pieces.map({ ($0.text, $0.score, 1) }) {
      let bits = score.bitPattern
      let piece =
        [0x0a, UInt8(text.utf8.count)] + Array(text.utf8)
        + [0x15] + (0..<4).map { UInt8(truncatingIfNeeded: bits >> (8 * $0)) } + [0x18, type]
      model += [0x0a, UInt8(piece.count)] + piece
    }
    // A trainer of byte pairs, and a normalizer that leaves spaces as they are.
    return model + [0x12, 2, 0x18, 2] + [0x1a, 2, 0x20, 0]
  }
}
