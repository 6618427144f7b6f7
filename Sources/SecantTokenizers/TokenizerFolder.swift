public import Foundation
public import SecantCheckpoints

extension Tokenizer {
  /// Reads the tokenizer of a checkpoint's folder.
  ///
  /// Of several files, the first counts of `tokenizer.json`; `tekken.json`, Mistral's; `tokenizer.model`,
  /// SentencePiece's, where it holds byte pairs; and `vocab.json` with `merges.txt`, where
  /// `tokenizer_config.json` names the class `GPT2Tokenizer` or `Qwen2Tokenizer`.
  ///
  /// - Parameter folder: Holds one of these and, in most families, `tokenizer_config.json`.
  /// - Throws: What is missing, malformed or not understood.
  public init(folder: URL) throws(InputError) {
    let source = TokenizerSource(in: folder) ?? .json
    let place = folder.appending(path: source.rawValue)
    let configurationPlace = folder.appending(path: "tokenizer_config.json")
    let hasConfiguration = FileManager.default.fileExists(atPath: configurationPlace.path)
    let configuration = hasConfiguration ? try JSONField(contentsOf: configurationPlace) : nil
    switch source {
    case .json:
      try self.init(json: try JSONField(contentsOf: place), configuration: configuration)
    case .tekken:
      try self.init(
        Tekken(try JSONField(contentsOf: place), configuration: configuration).definition)
    case .sentencePiece:
      let model = try SentencePieceModel(
        try MappedFile.contents(of: place), file: source.rawValue, configuration: configuration)
      try self.init(model.definition)
    case .pairs:
      let pairs = try VocabularyAndMerges(
        vocabulary: try JSONField(contentsOf: place),
        merges: try MappedFile.contents(of: folder.appending(path: "merges.txt")),
        configuration: configuration ?? JSONField(file: "tokenizer_config.json", value: nil))
      try self.init(pairs.definition)
    }
  }

  /// Whether a folder holds a file that ``init(folder:)`` looks for.
  public static func isDefined(in folder: URL) -> Bool { TokenizerSource(in: folder) != nil }
}

/// What a folder's tokenizer is read from; the raw value is the file's name.
private enum TokenizerSource: String, CaseIterable {
  case json = "tokenizer.json"
  case tekken = "tekken.json"
  case sentencePiece = "tokenizer.model"
  case pairs = "vocab.json"

  init?(in folder: URL) {
    let found = Self.allCases.first {
      FileManager.default.fileExists(atPath: folder.appending(path: $0.rawValue).path)
    }
    guard let found else { return nil }
    self = found
  }
}
