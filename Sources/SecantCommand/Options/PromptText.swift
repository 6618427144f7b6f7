import ArgumentParser
import Foundation
import Secant

/// The origin of a prompt's text.
enum PromptText {
  /// The text itself, from an argument.
  case argument(String)
  /// A file, by its path, which may begin with `~`.
  case file(String)
  case standardInput

  /// The length of the longest accepted text in bytes: far beyond any context, but far too short to
  /// fill the memory.
  private static var limit: Int { 64 << 20 }

  /// The text from an argument; `-` stands for standard input.
  init(_ argument: String) { self = argument == "-" ? .standardInput : .argument(argument) }

  /// The text from the option for files; `-` stands for standard input.
  init(file: String) { self = file == "-" ? .standardInput : .file(file) }

  /// Whether it can be read only once.
  var isStandardInput: Bool { if case .standardInput = self { true } else { false } }

  /// The file of the text, which outputs must not replace.
  var url: URL? {
    guard case .file(let path) = self else { return nil }
    return URL(filePath: NSString(string: path).expandingTildeInPath)
  }

  /// The text; from a file or standard input without the newline at its end.
  ///
  /// - Throws: `InputError` if there is no text, it is not UTF-8, or it has only white space.
  func read() throws -> String {
    switch self {
    case .argument(let text): return text
    case .file(let path):
      guard let url else { throw Self.unreadable(path, "no path") }
      guard let values = try? url.resourceValues(forKeys: [.isDirectoryKey]) else {
        throw Self.unreadable(path, "no such file", .missing)
      }
      guard values.isDirectory != true else { throw Self.unreadable(path, "a folder") }
      guard let handle = try? FileHandle(forReadingFrom: url) else {
        throw Self.unreadable(path, "no permission")
      }
      return try Self.text(handle, path)
    case .standardInput:
      try Invocation.current.requireStandardInput()
      return try Self.text(.standardInput, "standard input")
    }
  }

  private static func text(_ handle: FileHandle, _ name: String) throws -> String {
    var bytes = Data()
    do {
      while bytes.count <= limit, let part = try handle.read(upToCount: limit + 1 - bytes.count),
        !part.isEmpty
      {
        bytes += part
      }
    } catch {
      throw unreadable(name, "that reading fails")
    }
    guard bytes.count <= limit else {
      throw unusable(name, "at most \(limit >> 20) MB", "more", "give a shorter text")
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw unusable(name, "UTF-8", "bytes that are not", "convert the text, as by iconv")
    }
    let isEnded = text.unicodeScalars.last == "\n"
    let lines = isEnded ? String(text.unicodeScalars.dropLast()) : text
    let isCarried = isEnded && lines.unicodeScalars.last == "\r"
    let prompt = isCarried ? String(lines.unicodeScalars.dropLast()) : lines
    guard !prompt.allSatisfy(\.isWhitespace) else {
      throw unusable(
        name, "a text", prompt.isEmpty ? "nothing" : "nothing but white space",
        "write a prompt into it, or give token ids")
    }
    return prompt
  }

  private static func unusable(
    _ name: String, _ expected: String, _ found: String, _ remedy: String
  ) -> InputError {
    InputError(
      .invalid, file: name, subject: "prompt", expected: expected, found: found, remedy: remedy)
  }

  private static func unreadable(
    _ path: String, _ found: String, _ kind: InputError.Kind = .unreadable
  ) -> InputError {
    InputError(
      kind, file: path, subject: "prompt", expected: "a file that can be read", found: found,
      remedy: "correct the path or the file's permissions")
  }
}

/// The file of a prompt.
struct PromptFileOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Read the text from a file (- for standard input), without a newline at its end.",
      valueName: "file"),
    completion: .file())
  var file: String?

  /// - Throws: That the path is empty.
  func validate() throws { try checkGiven(file, by: "--file", "the path of a file") }
}

/// The prompt.
struct PromptOptions: ParsableArguments {
  @Argument(help: "The prompt; - for standard input.")
  var prompt: [String] = []

  @OptionGroup var source: PromptFileOptions

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Token ids instead of a text; no special tokens are added.",
      valueName: "1,2,3"),
    transform: TokenList.init)
  var tokens: TokenList?

  @Flag(
    help: "Wrap the prompt as the user's turn of a conversation, with the model's chat template.")
  var chat = false

  @Option(
    help: ArgumentHelp("With --chat: the text of the system turn.", valueName: "text"))
  var system: String?

  /// - Throws: That there is no prompt, that it is given in two ways, or that the text is empty.
  func validate() throws {
    if system != nil, !chat {
      throw ValidationError("--system: expected --chat with it, found none; give both")
    }
    if chat, tokens != nil {
      throw ValidationError("--chat: expected a text, found --tokens; give one of them")
    }
    try checkPrompts(prompt, file: source.file, tokens: tokens)
    if prompt.isEmpty, source.file == nil, tokens == nil {
      throw ValidationError(
        "expected a prompt, found none; give a text, a file with --file, or ids with --tokens")
    }
  }

  /// The origin of the text; nil if there are token ids.
  private var text: PromptText? {
    source.file.map { PromptText(file: $0) } ?? prompt.first.map { PromptText($0) }
  }

  /// Whether it comes from standard input.
  var readsStandardInput: Bool { text?.isStandardInput == true }

  /// The prompt as the library takes it; reads a file or standard input if necessary.
  ///
  /// - Parameter outputs: The outputs, which must not replace the prompt's file.
  /// - Returns: A text, a conversation or token ids.
  /// - Throws: Why there is no text.
  func read(sparing outputs: Outputs? = nil) throws -> PromptInput {
    try checkOneText(prompt)
    if let url = text?.url { try outputs?.spare([url], "the prompt") }
    return try tokens.map { .tokens($0.ids) } ?? input(of: text?.read() ?? "")
  }

  /// A text as a prompt; with --chat, as a user's turn.
  func input(of text: String) -> PromptInput {
    guard chat else { return .text(text) }
    let turns = [system.map { ChatMessage(role: .system, content: $0) }].compactMap(\.self)
    return .chat(turns + [ChatMessage(role: .user, content: text)])
  }
}

/// Refuses several texts; a command asks when it runs.
///
/// The value of a misspelled option looks like a second text, and the parser names such an option only after it
/// has checked all values.
///
/// - Parameter texts: The texts among the arguments.
/// - Throws: That there are several.
func checkOneText(_ texts: [String]) throws {
  guard texts.count > 1 else { return }
  let shown = texts.prefix(3).map { "\"\($0)\"" }.joined(separator: ", ")
  throw ValidationError(
    "expected one prompt, found \(texts.count) texts (\(shown)\(texts.count > 3 ? ", ..." : "")); "
      + "put the prompt in quotes: \"\(texts.joined(separator: " "))\"")
}

/// Refuses prompts of several kinds, and a prompt without text.
///
/// - Parameters:
///   - texts: The texts among the arguments.
///   - file: The value of `--file`.
///   - tokens: The value of `--tokens`.
/// - Throws: What was found instead of one prompt.
func checkPrompts(_ texts: [String], file: String?, tokens: TokenList?) throws {
  let given =
    (texts.isEmpty ? [] : ["a text"]) + (file == nil ? [] : ["--file"])
    + (tokens == nil ? [] : ["--tokens"])
  guard given.count < 2 else {
    throw ValidationError(
      "expected one prompt, found \(given.joined(separator: " and ")); give one of them")
  }
  if let text = texts.first { try checkPrompt(text) }
}

/// Refuses a text of only white space, which may come from a script's empty variable; token ids of
/// it are accepted.
///
/// - Parameters:
///   - text: The prompt.
///   - option: Its option; nil for an argument.
///   - tokens: The option for token ids.
/// - Throws: What was found instead of a prompt.
func checkPrompt(_ text: String, by option: String? = nil, or tokens: String = "--tokens") throws {
  guard text.allSatisfy(\.isWhitespace) else { return }
  throw ValidationError(
    (option.map { $0 + ": " } ?? "") + "expected a prompt, found "
      + (text.isEmpty ? "an empty text" : "nothing but white space")
      + "; give a text, or \(tokens)")
}
