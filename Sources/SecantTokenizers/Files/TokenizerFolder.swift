public import Foundation
public import SecantCheckpoints

extension Tokenizer {
  /// Reads the tokenizer of a checkpoint's folder.
  ///
  /// Of several files, the first counts of `tokenizer.json`; `tekken.json`, Mistral's; `tokenizer.model`,
  /// SentencePiece's, where it holds byte pairs; and `vocab.json` with `merges.txt`, where
  /// `tokenizer_config.json` names the class `GPT2Tokenizer` or `Qwen2Tokenizer`.
  ///
  /// Tokens that only `tokenizer_config.json` declares are added to it, with the next ids, as in Hugging Face's
  /// library: in `added_tokens_decoder`, whose flags also count before those of tokenizer.json; as `bos_token`,
  /// `pad_token` and the like; in `extra_special_tokens` or `additional_special_tokens`. Where it has no
  /// `added_tokens_decoder`, so are those of the older `special_tokens_map.json` and `added_tokens.json`. With
  /// `split_special_tokens`, special tokens in a text are encoded as text.
  ///
  /// - Parameter folder: Holds one of these and, in most families, `tokenizer_config.json`.
  /// - Throws: `InputError` that names what is missing, malformed or not understood.
  public init(folder: URL) throws(InputError) {
    let source = TokenizerSource(in: folder) ?? .json
    let place = folder.appending(path: source.rawValue)
    let settings = try TokenizerSettings(folder: folder)
    switch source {
    case .json:
      try self.init(json: try JSONField(contentsOf: place, atMost: Self.maximumBytes), settings)
    case .tekken:
      let json = try JSONField(contentsOf: place, atMost: Self.maximumBytes)
      try self.init(Tekken(json, settings: settings).definition)
    case .sentencePiece:
      let model = try SentencePieceModel(
        try MappedFile.contents(of: place, atMost: Self.maximumBytes), file: source.rawValue,
        settings: settings)
      try self.init(model.definition)
    case .pairs:
      let pairs = try VocabularyAndMerges(
        vocabulary: try JSONField(contentsOf: place, atMost: Self.maximumBytes),
        merges: try MappedFile.contents(
          of: folder.appending(path: "merges.txt"), atMost: Self.maximumBytes),
        settings: settings)
      try self.init(pairs.definition)
    }
  }

  /// The longest file of a vocabulary that is read: eight times the longest that is known.
  private static var maximumBytes: Int { 1 << 28 }

  /// Whether a folder holds a file that ``init(folder:)`` looks for.
  public static func isDefined(in folder: URL) -> Bool { TokenizerSource(in: folder) != nil }
}

/// The kind of a folder's tokenizer file; the raw value is the file's name.
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
