import Foundation
import Secant
import Testing

/// Prompts that the model's own template writes as a conversation.
@Suite struct ChatTests {
  private let speaking: SpeakingModel
  private let messages = [
    ChatMessage(role: .system, content: "Be brief"), ChatMessage(role: .user, content: "Hi"),
  ]

  init() throws {
    // Its special tokens are found wherever they stand.
    speaking = try SpeakingModel(tokenizer: "mistral")
    let template =
      "{{ bos_token }}{% for m in messages %}{{ m.role }}: {{ m.content }}{{ eos_token }}\n{% endfor %}"
    try Data(template.utf8).write(to: speaking.folder.appending(path: "chat_template.jinja"))
    // The tokenizer adds its own first token, which the template writes, too.
    let configuration = """
      {"bos_token": "<s>", "eos_token": "</s>", "add_bos_token": true}
      """
    try Data(configuration.utf8).write(
      to: speaking.folder.appending(path: "tokenizer_config.json"))
  }

  @Test func specialTokensAreTokensAndNoneIsDoubled() throws {
    let model = try speaking.model(Double.self)
    let tokenizer = try #require(model.tokenizer)
    let (begin, end) = try (#require(tokenizer.beginningOfText), #require(tokenizer.endOfText))
    let tokens = try model.tokens(of: .chat(messages))
    #expect(tokens.first == begin)
    #expect(tokens.count { $0 == begin } == 1)
    #expect(tokens.count { $0 == end } == 2)
  }

  @Test func theReportSaysHowTheTextCameAbout() throws {
    let model = try speaking.model(Double.self)
    let short = [ChatMessage(role: .user, content: "Hi")]
    let report = try model.explain(.chat(short))
    #expect(report.prompt.text == "Hi")
    let chat = try #require(report.provenance.chat)
    #expect(chat.template == "chat_template.jinja")
    #expect(chat.text == "<s>user: Hi</s>\n")
    #expect(report.prompt.tokens.map(\.id) == (try model.tokens(of: .chat(short))))
    #expect(try ExplanationReport(jsonData: report.jsonData()) == report)
    #expect(report.terminalText().contains("chat_template.jinja"))
    #expect(try model.explain(.text("Hi")).provenance.chat == nil)
  }

  /// Each turn of a conversation is a role of a trace.
  @Test func turnsAreRoles() throws {
    let template =
      "{% for m in messages %}{{ eos_token }}{{ m.role }}\n{{ m.content }}{% endfor %}"
      + "{% if add_generation_prompt %}{{ eos_token }}ai{% endif %}"
    try Data(template.utf8).write(to: speaking.folder.appending(path: "chat_template.jinja"))
    let model = try speaking.model(Double.self)
    let traced = try model.trace(
      .chat([.init(role: .system, content: "a"), .init(role: .user, content: "b")]),
      answer: .tokens([30, 40]))
    let names = traced.roles.map(\.name).filter { $0 != "baseline" }
    #expect(names == ["system", "user", "ai", "answer"])
    #expect(traced.roles.reduce(0) { $0 + $1.tokenCount } == traced.shares.tokens.count)
  }

  @Test func reportsWithoutProvenanceSayItToo() throws {
    let model = try speaking.model(Double.self)
    let prompt = PromptInput.chat([ChatMessage(role: .user, content: "Hi")])
    let kinds = try model.compareJacobians(prompt, precisions: [.f64])
    #expect(kinds.chat?.text == "<s>user: Hi</s>\n" && kinds.prompt.text == "Hi")
    #expect(kinds.terminalText().contains("chat_template.jinja"))
    var options = SteeringOptions()
    options.count = 1
    let steering = try model.steeringOperator(for: .text("Hi"), after: 0)
    let setting = try model.steer(prompt, by: steering, strength: 1, options).setting
    #expect(setting.chat == kinds.chat && setting.promptText == "Hi")
    #expect(try model.steer(.text("Hi"), by: steering, strength: 1, options).setting.chat == nil)
  }

  @Test func modelsWithoutATemplateAreRefused() throws {
    try FileManager.default.removeItem(
      at: speaking.folder.appending(path: "chat_template.jinja"))
    let model = try speaking.model(Double.self)
    let error = #expect(throws: InputError.self) { try model.tokens(of: .chat(messages)) }
    #expect(error?.kind == .missing)
  }
}
