import Foundation
import SecantCheckpoints
import SecantTestSupport
import SecantTokenizers

/// A tiny tokenizer and what the reference makes of the golden texts with it.
///
/// `Tools/fixtures/tiny_tokenizers.py` wrote them.
struct Fixture {
  static let names = [
    "llama3", "qwen", "o200k", "tekken", "gpt2", "llama2", "mistral", "gemma", "metaspace",
    "unigram",
    "unknown",
  ]

  /// Those whose encoding loses nothing; the others apply normal forms, or put a space in front only
  /// where none is.
  static let lossless = ["llama3", "tekken", "llama2", "gemma"]

  let tokenizer: Tokenizer
  let golden: JSONField
  let texts: [String]

  static let folder = Repository.folder.appending(path: "Tests/Fixtures/tokenizers")

  static func url(_ name: String) -> URL { folder.appending(path: "\(name).tokenizer.json") }

  init(_ name: String) throws {
    tokenizer = try Tokenizer(json: try JSONField(contentsOf: Self.url(name)))
    let root = try JSONField(contentsOf: Self.folder.appending(path: "golden.json"))
    golden = root["cases"][name]
    texts = try root["texts"].array().map { try $0.string() }
  }

  func ids(_ key: String) throws -> [[Int]] {
    try golden[key].array().map { try $0.ids() }
  }

  func strings(_ key: String) throws -> [String] {
    try golden[key].array().map { try $0.string() }
  }
}

extension JSONField {
  func ids() throws -> [Int] { try array().map { try $0.int() } }
}

extension String {
  /// For comparison: `==` on strings takes canonically equivalent texts for equal.
  var bytes: [UInt8] { Array(utf8) }
}
