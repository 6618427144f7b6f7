import Foundation
import SecantCheckpoints
import SecantTemplates
import SecantTestSupport
import Testing

/// Where a checkpoint's template is found, and what it is given.
@Suite struct ChatTemplateTests {
  private static let user = [ChatMessage(role: .user, content: "Hi")]

  /// Writes files into a folder, and what the template there makes of a conversation.
  private func render(
    _ files: [String: String], _ messages: [ChatMessage] = user, addsGenerationPrompt: Bool = true
  ) throws -> String? {
    let folder = FileManager.default.temporaryDirectory
      .appending(path: "secant-tests-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    for (name, text) in files {
      try Data(text.utf8).write(to: folder.appending(path: name))
    }
    return try ChatTemplate(folder: folder)?.render(
      messages, addsGenerationPrompt: addsGenerationPrompt)
  }

  @Test func placesInTheirOrder() throws {
    let configuration = #"{"chat_template": "configuration"}"#
    let separate = #"{"chat_template": "separate"}"#
    #expect(try render([:]) == nil)
    #expect(try render(["tokenizer_config.json": "{}"]) == nil)
    #expect(try render(["tokenizer_config.json": configuration]) == "configuration")
    #expect(
      try render(["tokenizer_config.json": configuration, "chat_template.json": separate])
        == "separate")
    #expect(
      try render(["chat_template.json": separate, "chat_template.jinja": "jinja"]) == "jinja")
  }

  @Test func theDefaultOfSeveral() throws {
    let named = #"""
      {"chat_template": [{"name": "tool_use", "template": "t"}, {"name": "default", "template": "d"}]}
      """#
    #expect(try render(["tokenizer_config.json": named]) == "d")
    let error = #expect(throws: InputError.self) {
      try render([
        "tokenizer_config.json": #"{"chat_template": [{"name": "rag", "template": "t"}]}"#
      ])
    }
    #expect(error?.description.contains("rag") == true)
  }

  @Test func specialTokensAndVariables() throws {
    let template =
      "{{ bos_token }}{{ eos_token }}{{ pad_token is defined }}{{ tools is none }}"
      + "{% for m in messages %}{{ m.role }}:{{ m['content'] }};{% endfor %}"
      + "{% if add_generation_prompt %}assistant:{% endif %}"
    let files = [
      "chat_template.jinja": template,
      "tokenizer_config.json":
        #"{"bos_token": "<s>", "eos_token": {"content": "</s>"}, "pad_token": null}"#,
    ]
    let messages = [ChatMessage(role: .system, content: "é")] + Self.user
    #expect(
      try render(files, messages) == "<s></s>FalseTruesystem:é;user:Hi;assistant:")
    #expect(
      try render(files, addsGenerationPrompt: false) == "<s></s>FalseTrueuser:Hi;")
  }

  /// The error names the file and the line, and gives the template's own words on one line.
  @Test func complaintsOfTheTemplate() throws {
    let error = #expect(throws: InputError.self) {
      try render(["chat_template.jinja": "a\n{{ raise_exception('No\nsystem') }}"])
    }
    #expect(error?.kind == .invalid)
    #expect(
      error?.description
        == "chat_template.jinja: line 2: expected a conversation that the template "
        + "allows, found No\\nsystem; give a conversation that the template allows")
    let unknown = #expect(throws: InputError.self) {
      try render(["chat_template.jinja": "a\n\n{% import 'x' %}"])
    }
    #expect(unknown?.kind == .unsupported)
    #expect(unknown?.description.contains("line 3") == true)
    #expect(unknown?.description.contains("import") == true)
  }

  @Test(
    .enabled(if: LocalData.folder != nil, "real data not at hand"),
    arguments: [
      ("qwen3", "<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n"),
      (
        "gemma3", "<bos><start_of_turn>user\nHi<end_of_turn>\n<start_of_turn>model\n"
      ),
    ])
  func realFolders(family: String, expected: String) throws {
    let folder = try #require(LocalData.folder).appending(path: "tokenizers/\(family)")
    let template = try #require(try ChatTemplate(folder: folder))
    #expect(try template.render(Self.user) == expected)
  }
}
