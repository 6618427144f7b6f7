public import Foundation
public import SecantCheckpoints

/// A model's template for conversations, with its special tokens.
///
///     if let chat = try ChatTemplate(folder: folder) {
///       try chat.render([ChatMessage(role: .user, content: "Where is Marin?")])
///     }
///
/// The text has all special tokens that it should have, so that nothing is to be added when it is encoded.
public struct ChatTemplate: Sendable {
  /// The file and field of the template, such as "tokenizer_config.json".
  public let source: String
  private let template: Template
  private let specialTokens: [String: String]

  /// A template and the special tokens that it may name.
  ///
  /// Files of every format use this, including `tokenizer.chat_template` of a GGUF file.
  ///
  /// - Parameters:
  ///   - text: The template.
  ///   - source: The file of the template, for errors and reports.
  ///   - specialTokens: Texts by name, such as `bos_token`; those that are absent are undefined.
  /// - Throws: `InputError` with the template's line if it is malformed or not understood.
  public init(
    _ text: String, source: String, specialTokens: [String: String]
  ) throws(InputError) {
    self.source = source
    self.specialTokens = specialTokens
    template = try Template(text, file: source)
  }

  /// The template of a checkpoint's folder; nil if it has none.
  ///
  /// It is in `chat_template.jinja`, or `chat_template.json`, or the field `chat_template` of
  /// `tokenizer_config.json`: the first of these counts. Where there are several by name, the one called
  /// "default" does. Special tokens come from `tokenizer_config.json`.
  ///
  /// - Throws: `InputError` if a file or template is malformed or not understood.
  public init?(folder: URL) throws(InputError) {
    func url(_ name: String) -> URL? {
      let url = folder.appending(path: name)
      return FileManager.default.fileExists(atPath: url.path(percentEncoded: false)) ? url : nil
    }
    let configuration = try url("tokenizer_config.json").map { url throws(InputError) in
      try JSONField(contentsOf: url)
    }
    let tokens = try configuration?.specialTokens() ?? [:]
    if let url = url("chat_template.jinja") {
      let text = String(decoding: try MappedFile.contents(of: url), as: UTF8.self)
      try self.init(text, source: url.lastPathComponent, specialTokens: tokens)
      return
    }
    let separate = try url("chat_template.json").map { url throws(InputError) in
      try JSONField(contentsOf: url)
    }
    for file in [separate, configuration] {
      guard let field = file?["chat_template"].present else { continue }
      try self.init(
        try field.templateText(), source: field.file, specialTokens: tokens)
      return
    }
    return nil
  }

  /// The conversation as the text that the model reads.
  ///
  /// - Parameters:
  ///   - messages: The turns, first to last.
  ///   - addsGenerationPrompt: Whether to end with the words that begin the model's own turn.
  ///   - date: The date for templates that write today's date.
  ///   - timeZone: Where they take it to be.
  /// - Returns: The text, special tokens spelled out.
  /// - Throws: `InputError` if the template fails or does not allow the conversation.
  public func render(
    _ messages: [ChatMessage], addsGenerationPrompt: Bool = true, date: Date = Date(),
    timeZone: TimeZone = .current
  ) throws(InputError) -> String {
    let turns = messages.map { message in
      Value.mapping(
        Mapping([("role", .string(message.role.rawValue)), ("content", .string(message.content))]))
    }
    var variables = Mapping(specialTokens.map { ($0.key, .string($0.value)) })
    variables.set(.string("messages"), .sequence(ElementList(turns)))
    // Present but empty, as Hugging Face gives them: templates ask whether they are none.
    variables.set(.string("tools"), .none)
    variables.set(.string("documents"), .none)
    variables.set(.string("add_generation_prompt"), .bool(addsGenerationPrompt))
    return try template.render(variables, date: date, timeZone: timeZone)
  }
}

extension JSONField {
  /// The texts of the special tokens that a tokenizer_config.json names.
  fileprivate func specialTokens() throws(InputError) -> [String: String] {
    var tokens: [String: String] = [:]
    for name in [
      "bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token",
    ] {
      guard let named = self[name].present else { continue }
      let field = if case .object? = named.value { named["content"] } else { named }
      tokens[name] = try field.string()
    }
    return tokens
  }

  /// The template in this field: the only one, or one of several by name.
  fileprivate func templateText() throws(InputError) -> String {
    guard case .array? = value else { return try string() }
    var names: [String] = []
    for entry in try array() {
      let name = try entry["name"].string()
      if name == "default" { return try entry["template"].string() }
      names.append(name)
    }
    throw mismatch(
      "a template called default, not only \(names.joined(separator: ", "))", kind: .unsupported,
      remedy: "put the right one into chat_template.jinja")
  }
}
