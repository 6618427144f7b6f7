import Foundation
public import SecantCheckpoints
public import SecantDecoders
public import SecantOperators
public import SecantReports
public import SecantTemplates
public import SecantTokenizers

/// A model to which questions can be put: a checkpoint with its decoder and its tokenizer.
///
/// It is immutable. The result of a question depends only on its arguments.
public struct Model<S: Scalar>: Sendable {
  /// The model's name in results: "demo", or the folder as the user named it.
  public let name: String
  /// The files.
  public let checkpoint: Checkpoint
  /// The configuration and the weights.
  public let decoder: Decoder<S>
  /// The tokenizer; nil if the checkpoint has none.
  public let tokenizer: Tokenizer?
  /// The model's identity in results.
  public let identity: ModelIdentity
  /// Notes on parts of the files that are ignored or treated in an unexpected way, one sentence
  /// each.
  public let notes: [String]

  /// The model in a checkpoint; reads every weight once to validate it.
  ///
  /// - Parameters:
  ///   - checkpoint: The files.
  ///   - name: The model's name in results; by default the folder's path.
  /// - Throws: The part of the configuration, the weights or the tokenizer that is missing,
  ///   contradictory or not understood.
  public init(_ checkpoint: Checkpoint, name: String? = nil) throws(InputError) {
    self.checkpoint = checkpoint
    self.name = name ?? checkpoint.url.path(percentEncoded: false)
    decoder = try Decoder<S>(checkpoint)
    tokenizer = Tokenizer.isDefined(in: checkpoint) ? try Tokenizer(checkpoint) : nil
    identity = ModelIdentity(of: checkpoint, name: self.name)
    notes = decoder.configuration.notes(on: checkpoint) + (tokenizer?.notes ?? [])
  }

  /// A model from its parts.
  init(
    name: String, checkpoint: Checkpoint, decoder: Decoder<S>, tokenizer: Tokenizer?,
    identity: ModelIdentity
  ) {
    self.name = name
    self.checkpoint = checkpoint
    self.decoder = decoder
    self.tokenizer = tokenizer
    self.identity = identity
    notes = decoder.configuration.notes(on: checkpoint) + (tokenizer?.notes ?? [])
  }

  /// A token as text, with its leading space; `[312]` for an unknown id.
  ///
  /// Bytes that are not UTF-8 become U+FFFD.
  public func text(of token: Int) -> String {
    guard let tokenizer, let bytes = try? tokenizer.bytes(of: token) else { return "[\(token)]" }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// The token ids of a prompt.
  ///
  /// - Throws: That the text is empty or cannot be encoded. The decoder checks ids later.
  public func tokens(of prompt: PromptInput) throws(InputError) -> [Int] {
    try read(prompt).tokens
  }

  /// A prompt as the model reads it.
  ///
  /// - Throws: As ``tokens(of:)`` does, or why a conversation cannot be written as a text.
  public func read(_ prompt: PromptInput) throws(InputError) -> EncodedPrompt {
    switch prompt {
    case .tokens(let tokens): return EncodedPrompt(tokens: tokens, text: nil, chat: nil)
    case .text(let text):
      guard !text.isEmpty else {
        throw InputError(
          .invalid, subject: "the prompt", expected: "a text", found: "an empty one",
          remedy: "give a prompt that is not empty")
      }
      let tokenizer = try requiredTokenizer()
      try requireRoom(for: text, tokenizer)
      return EncodedPrompt(tokens: try tokenizer.encode(text).tokens, text: text, chat: nil)
    case .chat(let messages):
      let tokenizer = try requiredTokenizer()
      guard let template = try chatTemplate() else {
        throw InputError(
          .missing, file: name, subject: "chat template",
          expected: "chat_template.jinja, chat_template in tokenizer_config.json, or "
            + "tokenizer.chat_template in a GGUF file",
          found: "none of these", remedy: "give the prompt as a text, not as a conversation")
      }
      let text = try template.render(messages)
      try requireRoom(for: text, tokenizer)
      // The template has already written all special tokens, including the first one.
      let tokens = try tokenizer.encode(text, addingSpecialTokens: false).tokens
      return EncodedPrompt(
        tokens: tokens, text: messages.last { $0.role == .user }?.content,
        chat: .init(template: template.source, text: text), messages: messages)
    }
  }

  /// The model's chat template; nil if it has none.
  ///
  /// - Throws: The part of the template that is malformed or not understood.
  public func chatTemplate() throws(InputError) -> ChatTemplate? {
    guard let file = checkpoint.gguf else { return try ChatTemplate(folder: checkpoint.url) }
    guard let template = file["tokenizer.chat_template"].present else { return nil }
    var specialTokens: [String: String] = [:]
    for (name, key) in [("bos_token", "bos"), ("eos_token", "eos"), ("pad_token", "padding")] {
      guard let id = try file["tokenizer.ggml.\(key)_token_id"].present?.int() else { continue }
      specialTokens[name] = text(of: id)
    }
    return try ChatTemplate(
      template.string(), source: "tokenizer.chat_template", specialTokens: specialTokens)
  }

  /// Refuses a text that certainly exceeds the context, before encoding it.
  private func requireRoom(for text: String, _ tokenizer: Tokenizer) throws(InputError) {
    let fewest = tokenizer.fewestTokens(inBytes: text.utf8.count)
    guard fewest > decoder.configuration.contextLength else { return }
    throw InputError(
      .invalid, subject: "the prompt",
      expected: "at most \(decoder.configuration.contextLength) tokens, the model's context",
      found: "\(text.utf8.count) bytes, which are at least \(fewest)", remedy: "shorten the prompt")
  }

  private func requiredTokenizer() throws(InputError) -> Tokenizer {
    guard let tokenizer else {
      throw InputError(
        .missing, file: name, subject: "tokenizer.json", expected: "the model's tokenizer",
        found: "no such file", remedy: "put it beside config.json, or give token ids")
    }
    return tokenizer
  }
}

/// A prompt as the model reads it.
public struct EncodedPrompt: Hashable, Sendable {
  /// The token ids, special ones included.
  public let tokens: [Int]
  /// The text as the user gave it; nil if the user gave token ids.
  public let text: String?
  /// How a conversation was written; nil if there was none.
  public let chat: Provenance.Chat?
  /// The conversation; nil if there was none.
  let messages: [ChatMessage]?

  init(
    tokens: [Int], text: String?, chat: Provenance.Chat?, messages: [ChatMessage]? = nil
  ) {
    self.tokens = tokens
    self.text = text
    self.chat = chat
    self.messages = messages
  }
}

extension ModelIdentity {
  /// The identity of a checkpoint.
  ///
  /// - Parameters:
  ///   - checkpoint: The files, of any architecture.
  ///   - name: What results call the model.
  public init(of checkpoint: Checkpoint, name: String) {
    let fields = checkpoint.configuration
    let architectures = fields["architectures"].present.flatMap { try? $0.array() } ?? []
    let architecture =
      architectures.first.flatMap { try? $0.string() } ?? (try? fields["model_type"].string())
    let types = Set(checkpoint.tensors.map { $0.format.lowercased() })
    self.init(
      name: name, fingerprint: "sha256:" + checkpoint.fingerprint(),
      architecture: architecture ?? "unknown", parameterCount: checkpoint.parameterCount,
      elementTypes: types.sorted(),
      ignoredFields: checkpoint.ignoredFields.isEmpty ? nil : checkpoint.ignoredFields)
  }
}
