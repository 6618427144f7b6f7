package import Foundation

/// The explorer's questions for an assistant: the Model Context Protocol, as JSON-RPC.
///
/// An answer is the text that a terminal shows, ranked and short, each claim with its number and its check,
/// and last the command that gives it again. See https://modelcontextprotocol.io, version 2025-06-18.
package struct AssistantTools: Sendable {
  private let models: [String]
  private let worker: any Worker
  private let version: String

  /// The revision of the protocol that is spoken where a client asks for one that is not known.
  private static let revision = "2025-06-18"
  private static let revisions: Set<String> = ["2024-11-05", "2025-03-26", revision]
  /// Characters of an answer at most, about 1,500 tokens; the last lines are for how to repeat it.
  static let length = 5000

  /// The questions about some models.
  ///
  /// - Parameters:
  ///   - models: As `--model` names them, the first one asked where none is named.
  ///   - worker: What answers.
  ///   - version: The program's version.
  package init(models: [String], worker: any Worker, version: String) {
    precondition(!models.isEmpty, "an assistant of no model")
    self.models = models
    self.worker = worker
    self.version = version
  }

  /// Answers one message; nil where it wants no answer.
  package func answer(_ line: Data) async -> Data? {
    guard let message = try? JSONSerialization.jsonObject(with: line) as? [String: Any] else {
      return Self.encoded([
        "jsonrpc": "2.0", "id": NSNull(), "error": Self.error(-32700, "not JSON"),
      ])
    }
    let parameters = message["params"] as? [String: Any] ?? [:]
    guard let id = message["id"] else {
      if message["method"] as? String == "notifications/cancelled",
        let request = parameters["requestId"]
      {
        worker.cancel(Self.name(of: request))
      }
      return nil
    }
    var reply: [String: Any] = ["jsonrpc": "2.0", "id": id]
    switch message["method"] as? String {
    case "initialize": reply["result"] = greeting(parameters)
    case "ping": reply["result"] = [String: Any]()
    case "tools/list": reply["result"] = ["tools": Question.names.map(tool)]
    case "tools/call":
      let (text, isError) = await call(parameters, Self.name(of: id))
      reply["result"] = ["content": [["type": "text", "text": text]], "isError": isError]
    default: reply["error"] = Self.error(-32601, "no such method")
    }
    return Self.encoded(reply)
  }

  private func greeting(_ parameters: [String: Any]) -> [String: Any] {
    let asked = parameters["protocolVersion"] as? String ?? ""
    return [
      "protocolVersion": Self.revisions.contains(asked) ? asked : Self.revision,
      "capabilities": ["tools": [String: Any]()],
      "serverInfo": ["name": "secant", "version": version],
      "instructions": """
      Secant says exactly what a language model computed for a prompt. A share is a token's exact part of a \
      difference of logits: shares sum to it. A share is not an effect: explain with check "mean" measures \
      what removing each token does. Models: \(models.joined(separator: ", ")).
      """,
    ]
  }

  private static let summaries = [
    "explain": "Why a model prefers its next token to another: each prompt token's exact share.",
    "shares":
      "The same difference of logits divided among attention heads and feed-forward layers.",
    "compare": "Two prompts: the exact account of what changed between the runs, part by part.",
    "layers": "The target's probability and rank after every block.",
    "gate-rules": "Which statements about the shares hold under every way to freeze the gates.",
    "trace": "Which part of a long prompt made the model give an answer of many tokens.",
    "generate": "The model's own continuation of a prompt.",
    "steer":
      "The continuation with and without a push toward a token, a singular direction or a difference of texts.",
    "vocabulary": "The tokens of the model that have a text in them, with the ids that name them.",
    "ablate":
      "A token, head, layer, block or direction scaled or removed: the predicted and the measured change.",
  ]

  private func tool(_ name: String) -> [String: Any] {
    var properties = Question.fields(of: name)
    if models.count > 1 { properties["model"] = ["type": "string", "enum": models] }
    return [
      "name": name, "description": Self.summaries[name] ?? name,
      "inputSchema": [
        "type": "object", "properties": properties,
        "required": name == "compare" ? ["prompt", "with"] : [Question.subject(of: name)],
        "additionalProperties": false,
      ] as [String: Any],
    ]
  }

  private func call(
    _ parameters: [String: Any], _ id: String
  ) async -> (text: String, isError: Bool) {
    var object = parameters["arguments"] as? [String: Any] ?? [:]
    object["question"] = parameters["name"]
    if let name = object["model"] as? String {
      guard let index = models.firstIndex(of: name) else {
        return ("model: expected one of \(models.joined(separator: ", "))", true)
      }
      object["model"] = index
    }
    let question: Question
    do {
      question = try Question(object, models: models.count, isReport: false)
    } catch {
      return (error.message, true)
    }
    let arguments = question.arguments(asking: models[question.model])
    var last: [String: Any] = [:]
    for await message in worker.ask(id, arguments) where message.status != nil {
      last = (try? JSONSerialization.jsonObject(with: message.line)) as? [String: Any] ?? [:]
    }
    if last["status"] as? Int == 0, let text = last["text"] as? String {
      return (Self.shortened(text) + "\n\nRepeat: " + Self.shell(["secant"] + arguments), false)
    }
    let failure = last["error"] as? [String: Any] ?? [:]
    return (failure["message"] as? String ?? "no answer", true)
  }

  /// The first lines of a text that fit.
  static func shortened(_ text: String) -> String {
    if text.count <= length { return text.trimmingCharacters(in: .newlines) }
    var kept = ""
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      guard kept.count + line.count < length else { break }
      kept += line + "\n"
    }
    return kept + "… (shortened: the command prints the rest)"
  }

  /// Arguments as a shell takes them.
  static func shell(_ arguments: [String]) -> String {
    arguments.map { argument in
      let isPlain = argument.allSatisfy {
        $0.isASCII && ($0.isLetter || $0.isNumber || "-_=./:@,#+".contains($0))
      }
      return isPlain && !argument.isEmpty
        ? argument : "'" + argument.replacing("'", with: "'\\''") + "'"
    }.joined(separator: " ")
  }

  private static func name(of id: Any) -> String { "mcp \(id)" }

  private static func error(_ code: Int, _ message: String) -> [String: Any] {
    ["code": code, "message": message]
  }

  private static func encoded(_ object: [String: Any]) -> Data? {
    try? JSONSerialization.data(
      withJSONObject: object, options: [.sortedKeys, .withoutEscapingSlashes])
  }
}
