import Foundation

/// A question of the explorer's page: a command with those of its options that a page may set.
///
/// Nothing that names a file, a model or an output is among them: what a page sends cannot read or write.
struct Question: Sendable, Hashable {
  /// The arguments of the command line that asks it, without the model.
  let arguments: [String]
  /// The place of the model among those that are served.
  let model: Int
  /// The number of words that name the command.
  private let nameLength: Int

  /// The arguments of the command line that asks it of a model.
  func arguments(asking model: String) -> [String] {
    var result = arguments
    result.insert("--model=\(model)", at: nameLength)
    return result
  }

  /// Why a question cannot be asked.
  struct Failure: Error, Hashable {
    let message: String
  }

  /// The commands, and the options of each beside the prompt.
  private static let commands: [String: Set<String>] = {
    let answer: Set<String> = ["target", "over", "gate", "baseline", "position"]
    let spectra: Set<String> = ["spectra", "rank"]
    return [
      "explain": answer.union(spectra).union(["check", "by"]),
      "shares": answer.union(["sources", "by"]), "compare": answer.union(spectra),
      "layers": answer.union(spectra),
      "gate-rules": answer.union(spectra).subtracting(["gate"]),
      "trace": ["gate", "answer", "count", "over", "by", "baseline", "check", "matrix"],
      "generate": ["count", "temperature", "seed"],
      "vocabulary": ["count"],
      "steer": [
        "toward", "direction", "of", "from", "to", "block", "strength", "gate", "concept", "count",
        "temperature", "seed",
      ],
      "ablate": answer.union([
        "token", "head", "feedForward", "block", "direction", "keep", "parts",
      ]),
    ]
  }()

  /// How a value is written on the command line.
  private enum Kind {
    case text(String)
    case texts(String)
    case number(String, ClosedRange<Double>)
    case numbers(String, ClosedRange<Double>)
    case flag(String)
    case absence(String)
  }

  private static let options: [String: Kind] = [
    "target": .texts("--target"), "over": .texts("--over"), "gate": .text("--gate"),
    "baseline": .absence("--no-baseline"), "position": .number("--position", -1e6...1e6),
    "spectra": .text("--spectra"), "rank": .number("--rank", 0...64),
    "check": .text("--check"), "by": .text("--by"), "sources": .text("--sources"),
    "answer": .text("--answer"), "count": .number("-n", 1...4096), "matrix": .flag("--matrix"),
    "temperature": .number("--temperature", 0...10), "seed": .number("--seed", 0...9e15),
    "toward": .text("--token"), "of": .text("--of"), "from": .text("--from"), "to": .text("--to"),
    "concept": .text("--concept"), "strength": .number("--strength", -1000...1000),
    "token": .numbers("--token", -1e6...1e6), "head": .texts("--head"),
    "feedForward": .numbers("--feed-forward", 0...1e6), "block": .numbers("--block", 0...1e6),
    "direction": .texts("--direction"), "keep": .text("--keep"),
    "parts": .number("--parts", 1...64),
  ]

  /// The names of all commands, in order.
  static var names: [String] { commands.keys.sorted() }

  /// The field that a command is asked about: a prompt, or the text that is looked for.
  static func subject(of name: String) -> String { name == "vocabulary" ? "text" : "prompt" }

  /// The fields that a command takes beside the model, as JSON schemas.
  static func fields(of name: String) -> [String: [String: Any]] {
    var result: [String: [String: Any]] = [
      subject(of: name): ["type": "string"]
    ]
    if name != "vocabulary" {
      result["chat"] = ["type": "boolean"]
      result["system"] = ["type": "string"]
    }
    if name == "compare" { result["with"] = ["type": "string"] }
    for key in commands[name] ?? [] {
      result[key] =
        switch options[key] {
        case .text: ["type": "string"]
        case .texts: ["type": "array", "items": ["type": "string"]]
        case .number(_, let range):
          ["type": "number", "minimum": range.lowerBound, "maximum": range.upperBound]
        case .numbers(_, let range):
          [
            "type": "array",
            "items": [
              "type": "number", "minimum": range.lowerBound, "maximum": range.upperBound,
            ] as [String: Any],
          ]
        case .flag, .absence, nil: ["type": "boolean"]
        }
    }
    return result
  }

  /// Reads a question from JSON.
  ///
  /// - Throws: What of it is not understood.
  init(_ data: Data, models: Int) throws(Failure) {
    guard let object = try? JSONSerialization.jsonObject(with: data) as? [String: Any] else {
      throw Failure(message: "expected a JSON object")
    }
    try self.init(object, models: models)
  }

  /// Reads a question.
  ///
  /// - Parameters:
  ///   - object: Its fields, the command as `question`.
  ///   - models: How many models are served.
  ///   - isReport: Whether the answer is the report; else it is the text for a terminal.
  /// - Throws: What of it is not understood.
  init(_ object: [String: Any], models: Int, isReport: Bool = true) throws(Failure) {
    guard let name = object["question"] as? String, let allowed = Self.commands[name] else {
      throw Failure(
        message: "question: expected one of \(Self.commands.keys.sorted().joined(separator: ", "))")
    }
    let model = try Self.integer(object["model"] ?? 0, "model", 0...max(0, models - 1))
    var arguments = name == "steer" ? ["steer", "toward"] : [name]
    nameLength = arguments.count
    var last: [String] = []
    for key in object.keys.sorted() where key != "question" && key != "model" {
      let value = object[key] ?? NSNull()
      switch key {
      case "text" where name == "vocabulary": last = [try Self.text(value, key)]
      case "prompt" where name != "vocabulary":
        let (options, operands) = try Self.prompt(value, "--tokens")
        arguments += options
        last += operands
      case "with" where name == "compare":
        let (options, operands) = try Self.prompt(value, "--with-tokens")
        arguments += options + operands.map { "--with=\($0)" }
      case "chat" where name != "vocabulary":
        if try Self.boolean(value, key) { arguments.append("--chat") }
      case "system" where name != "vocabulary":
        arguments.append("--system=\(try Self.text(value, key))")
      default:
        guard allowed.contains(key), let kind = Self.options[key] else {
          throw Failure(message: "\(key): \(name) has no such option here")
        }
        arguments += try Self.arguments(value, key, kind)
      }
    }
    let subject = Self.subject(of: name)
    guard object[subject] != nil else { throw Failure(message: "\(subject): expected a text") }
    if isReport, name != "generate" { arguments.append("--json") }
    // A text is a text, whatever it begins with.
    self.arguments = arguments + (last.isEmpty ? [] : ["--"] + last)
    self.model = model
  }

  private static func arguments(
    _ value: Any, _ key: String, _ kind: Kind
  ) throws(Failure) -> [String] {
    switch kind {
    case .text(let option): return ["\(option)=\(try text(value, key))"]
    case .texts(let option):
      guard let values = value as? [Any], values.count <= 64 else {
        throw Failure(message: "\(key): expected a list of at most 64 texts")
      }
      var result: [String] = []
      for value in values { result.append("\(option)=\(try text(value, key))") }
      return result
    case .number(let option, let range):
      let spelled = try number(value, key, range)
      return option == "-n" ? [option, spelled] : ["\(option)=\(spelled)"]
    case .numbers(let option, let range):
      guard let values = value as? [Any], values.count <= 64 else {
        throw Failure(message: "\(key): expected a list of at most 64 numbers")
      }
      var result: [String] = []
      for value in values { result.append("\(option)=\(try number(value, key, range))") }
      return result
    case .flag(let option): return try boolean(value, key) ? [option] : []
    case .absence(let option): return try boolean(value, key) ? [] : [option]
    }
  }

  /// A prompt as an option or as an operand.
  private static func prompt(
    _ value: Any, _ tokens: String
  ) throws(Failure) -> (options: [String], operands: [String]) {
    if let text = value as? String { return ([], [text]) }
    guard let ids = value as? [Int], ids.allSatisfy({ $0 >= 0 }), !ids.isEmpty else {
      throw Failure(message: "prompt: expected a text or a list of token ids")
    }
    return (["\(tokens)=\(ids.map(String.init).joined(separator: ","))"], [])
  }

  /// A number within a range, as the command line spells it.
  private static func number(
    _ value: Any, _ key: String, _ range: ClosedRange<Double>
  ) throws(Failure) -> String {
    guard let number = value as? NSNumber, range.contains(number.doubleValue) else {
      throw Failure(
        message: "\(key): expected a number from \(range.lowerBound) to \(range.upperBound)")
    }
    let isWhole = number.doubleValue == number.doubleValue.rounded()
    return isWhole ? String(number.int64Value) : String(number.doubleValue)
  }

  private static func text(_ value: Any, _ key: String) throws(Failure) -> String {
    guard let text = value as? String, !text.contains("\0") else {
      throw Failure(message: "\(key): expected a text")
    }
    return text
  }

  private static func boolean(_ value: Any, _ key: String) throws(Failure) -> Bool {
    guard let flag = value as? Bool else {
      throw Failure(message: "\(key): expected true or false")
    }
    return flag
  }

  private static func integer(
    _ value: Any, _ key: String, _ range: ClosedRange<Int>
  ) throws(Failure) -> Int {
    guard let number = value as? Int, range.contains(number) else {
      throw Failure(message: "\(key): expected \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }
}
