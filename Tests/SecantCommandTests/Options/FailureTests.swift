import Foundation
import SecantTestSupport
import Testing

/// What cannot be done is said in one line, with the status that scripts rely on.
@Suite("Failures")
struct FailureTests {
  /// Arguments, the exit status, and the line that is expected on standard error.
  struct Case: CustomTestStringConvertible, Sendable {
    let arguments: [String]
    let status: Int32
    let line: String

    init(_ arguments: String, _ status: Int32, _ line: String) {
      self.arguments = arguments.split(separator: " ").map {
        ["''": "", "BLANK": " \n "][$0] ?? String($0)
      }
      self.status = status
      self.line = line
    }

    var testDescription: String { arguments.joined(separator: " ") }
  }

  static let cases = [
    Case(
      "frobnicate", 64,
      "expected a command, found 'frobnicate'; name one of explain, shares, trace, "
        + "compare, gate-rules, report, validate, layers, maps, jacobians, scan, search, stats, audit, "
        + "ablate, generate, steer, verify, jacobian, inspect, vocabulary, models, render, serve, mcp, session "
        + "(see 'secant --help')"),
    Case(
      "expalin text", 64,
      "expected a command, found 'expalin'; did you mean 'explain'? (see 'secant --help')"),
    Case(
      "steer biuld text", 64,
      "expected a command, found 'biuld'; did you mean 'build'? (see 'secant steer --help')"),
    Case(
      "explain", 64,
      "expected a prompt, found none; give a text, a file with --file, or ids with --tokens "
        + "(see 'secant explain --help')"),
    Case(
      "explain hello world", 64,
      "expected one prompt, found 2 texts (\"hello\", \"world\"); put the prompt in quotes: "
        + "\"hello world\" (see 'secant explain --help')"),
    Case(
      "steer run J.safetensors hello world", 64,
      "expected one prompt, found 2 texts (\"hello\", \"world\"); put the prompt in quotes: "
        + "\"hello world\" (see 'secant steer run --help')"),
    Case(
      "explain text --target ''", 64,
      "--target: expected a token, found an empty text; leave the option out or give one "
        + "(see 'secant explain --help')"),
    Case(
      "explain text --model ''", 64,
      "--model: expected the name of a model, found an empty text; leave the option out or give one "
        + "(see 'secant explain --help')"),
    Case(
      "explain --file nowhere", 66,
      "nowhere: prompt: expected a file that can be read, found no such file; "
        + "correct the path or the file's permissions"),
    Case(
      "explain --file FOLDER", 66,
      "FOLDER: prompt: expected a file that can be read, found a folder; "
        + "correct the path or the file's permissions"),
    Case(
      "explain --file llama-plain/model.safetensors", 64,
      "llama-plain/model.safetensors: prompt: expected UTF-8, found bytes that are not; "
        + "convert the text, as by iconv"),
    Case(
      "explain -", 64,
      "standard input: prompt: expected a text, found nothing; "
        + "write a prompt into it, or give token ids"),
    Case(
      "compare - --with -", 64,
      "expected one prompt from standard input, found two; read one of them from a file "
        + "(see 'secant compare --help')"),
    Case(
      "inspect demo --model demo2", 64,
      "expected one model, found an argument and an option; give one of them "
        + "(see 'secant inspect --help')"),
    Case(
      "generate --tokens 1 --top-k 3", 64,
      "--top-k: expected --temperature with it, found none; the likeliest token is taken each time, "
        + "whatever the others are (see 'secant generate --help')"),
    Case(
      "generate --tokens 1 --temperature 1 --top-k 0", 64,
      "--top-k: expected at least 1, found 0 (see 'secant generate --help')"),
    Case(
      "explain ''", 64,
      "expected a prompt, found an empty text; give a text, or --tokens "
        + "(see 'secant explain --help')"),
    Case(
      "explain BLANK", 64,
      "expected a prompt, found nothing but white space; give a text, or --tokens "
        + "(see 'secant explain --help')"),
    Case(
      "compare text --with BLANK", 64,
      "--with: expected a prompt, found nothing but white space; give a text, or --with-tokens "
        + "(see 'secant compare --help')"),
    Case(
      "explain text --tokens 1", 64,
      "expected one prompt, found a text and --tokens; give one of them "
        + "(see 'secant explain --help')"),
    Case(
      "explain text --system text", 64,
      "--system: expected --chat with it, found none; give both (see 'secant explain --help')"),
    Case(
      "generate --tokens 1 --chat", 64,
      "--chat: expected a text, found --tokens; give one of them (see 'secant generate --help')"),
    Case(
      "explain text --chat --model demo", 66,
      "demo: chat template: expected chat_template.jinja, chat_template in tokenizer_config.json, "
        + "or tokenizer.chat_template in a GGUF file, found none of these; give the prompt without "
        + "--chat"),
    Case(
      "verify --against paper --tokens 1", 64,
      "--against: expected no prompt with it, found one; the figures have their own "
        + "(see 'secant verify --help')"),
    Case(
      "explain --tokens 1,x", 64,
      "The value '1,x' is invalid for '--tokens <1,2,3>': expected token ids from 0, separated by commas, "
        + "found \"x\" (see 'secant explain --help')"),
    Case(
      "explain --tokens 1,-2", 64,
      "The value '1,-2' is invalid for '--tokens <1,2,3>': expected token ids from 0, separated by commas, "
        + "found \"-2\" (see 'secant explain --help')"),
    Case(
      "shares text --spectra none", 64,
      "Unknown option '--spectra' (see 'secant shares --help')"),
    Case(
      "inspect --modle x", 64,
      "Unknown option '--modle'. Did you mean '--model'? (see 'secant inspect --help')"),
    Case(
      "explain --tokens 1 --rank=-1", 64,
      "--rank: expected 0 or more, found -1 (see 'secant explain --help')"),
    Case(
      "explain --tokens 1 --spectra best", 64,
      "The value 'best' is invalid for '--spectra <tokens>': expected auto, none, all, top:N, or "
        + "positions such as 0,5,9 (see 'secant explain --help')"),
    Case(
      "explain --tokens 1 --tolerance nan", 64,
      "--tolerance: expected a number between 0 and 1, found nan (see 'secant explain --help')"),
    Case(
      "explain --tokens 1 --gate down", 64,
      "The value 'down' is invalid for '--gate <rule>'. Please provide one of 'up', 'gate' or "
        + "'half'. (see 'secant explain --help')"),
    Case(
      "explain --tokens 1 --memory 4Q", 64,
      "The value '4Q' is invalid for '--memory <size>': expected a size such as 512M or 4G "
        + "(see 'secant explain --help')"),
    Case(
      "explain --tokens 1 --site input.0", 64,
      "The value 'input.0' is invalid for '--site <site>': expected output, block.N.residual, "
        + "block.N.attention or block.N.feedForward (see 'secant explain --help')"),
    Case(
      "generate --tokens 1 --count 0", 64,
      "--count: expected at least 1, found 0 (see 'secant generate --help')"),
    Case(
      "generate --tokens 1 -n -1", 64,
      "--count: expected at least 1, found -1 (see 'secant generate --help')"),
    Case(
      "explain --tokens -1", 64,
      "The value '-1' is invalid for '--tokens <1,2,3>': expected token ids from 0, separated by commas, "
        + "found \"-1\" (see 'secant explain --help')"),
    Case(
      "steer build text --layer 0 --rank -2 --output FOLDER/J", 64,
      "--rank: expected at least 1, found -2 (see 'secant steer build --help')"),
    Case(
      "steer run J.safetensors text --strength much", 64,
      "The value 'much' is invalid for '--strength <s>' (see 'secant steer run --help')"),
    Case(
      "explain --tokens 1 --html -", 64,
      "--html: expected the path of a file, found \"-\"; name a file: standard output is for "
        + "reports"),
    Case(
      "jacobian --tokens 1 --model llama-plain --output FOLDER/J --json", 64,
      "--json: expected --dry-run with it, found none; the result is a file "
        + "(see 'secant jacobian --help')"),
    Case(
      "jacobian --tokens 1 --model llama-plain --output FOLDER/J --kind ordinary --gate half", 64,
      "--gate: expected none with --kind ordinary, found half; the derivative holds no factor fixed "
        + "(see 'secant jacobian --help')"),
    Case(
      "jacobian --tokens 1,2 --model llama-plain --output FOLDER/J --position -3", 64,
      "--position -3: expected one of the prompt's 2 tokens, 0...1 or -2...-1, found -3; choose a token of the "
        + "prompt"),
    Case(
      "jacobian --tokens 1,2 --model llama-plain --output FOLDER/J --site block.9.residual", 64,
      "--site block.9.residual: expected a block in 0...1, found 9; blocks are counted from 0"),
    Case(
      "shares --tokens 1,2 --model llama-plain --output FOLDER/page.html", 64,
      "--output: expected a file of safetensors, found page.html; write a page with --html "
        + "(see 'secant shares --help')"),
    Case(
      "explain --tokens 1,99999 --model llama-plain", 64,
      "token id 99999: expected an id in 0..<67, found 99999; "
        + "use the tokenizer that belongs to this model"),
    Case(
      "explain text --model llama-plain", 66,
      "llama-plain: tokenizer.json: expected the model's tokenizer, found no such file; "
        + "put it beside config.json, or give token ids"),
    Case(
      "explain --tokens 1 --model llama-plain --ignore-field warp", 64,
      "FIXTURES/llama-plain/config.json: field warp: expected a field of the configuration, "
        + "to pass it over, found none of that name; "
        + "give the name that the message or secant inspect shows"),
    Case(
      "explain --tokens 1 --model llama-plain --ignore-field hidden_act", 64,
      "FIXTURES/llama-plain/config.json: field hidden_act: expected a field to pass over "
        + "that the llama architecture does not read, found one that it reads; "
        + "change the value in a copy of the file if it is wrong"),
    Case(
      "inspect --model nowhere", 66,
      "FIXTURES/nowhere: model: expected a Hugging Face folder or a GGUF file, "
        + "found nothing at this path; "
        + "check the path"),
    Case(
      "inspect --model llama-plain/config.json", 64,
      "FIXTURES/llama-plain/config.json: model: expected a Hugging Face folder or a GGUF file, "
        + "found a file; "
        + "give the folder that holds config.json and the weights"),
    // An output that cannot be written is told before the model is opened.
    Case(
      "explain --tokens 1 --model nowhere --html FOLDER/none/page.html", 73,
      "FOLDER/none/page.html: output: expected a file that can be written, found no such folder; "
        + "create the folder or correct the path"),
    Case(
      "explain --tokens 1 --model nowhere --html FOLDER", 73,
      "FOLDER: output: expected a new or a regular file, found a folder; give the path of a file"),
    Case(
      "jacobian --tokens 1 --model nowhere --output FOLDER/none/J.safetensors", 73,
      "FOLDER/none/J.safetensors: output: expected a file that can be written, "
        + "found no such folder; create the folder or correct the path"),
  ]

  @Test(arguments: cases)
  func areOneLine(_ failure: Case) throws {
    let folder = try TemporaryFolder()
    let run = try CommandRun(
      failure.arguments.map { $0.replacing("FOLDER", with: folder.url.path) })
    #expect(run.status == failure.status)
    #expect(run.output.isEmpty)
    let line = run.error.replacing(folder.url.path, with: "FOLDER")
      .replacing(Fixtures.folder.path, with: "FIXTURES")
    #expect(line == "secant: \(failure.line)\n")
    #expect(try folder.names.isEmpty)
  }

  /// How a fixture is damaged, the status, and what the line must name.
  enum Damage: String, CaseIterable, Sendable {
    case noConfiguration, brokenConfiguration, otherArchitecture, noWeights, cutWeights, otherShape

    var status: Int32 {
      switch self {
      case .noConfiguration, .noWeights: 66
      case .brokenConfiguration, .cutWeights, .otherShape: 65
      case .otherArchitecture: 69
      }
    }

    var subject: String {
      switch self {
      case .noConfiguration, .brokenConfiguration: "config.json"
      case .otherArchitecture: "model_type"
      case .noWeights, .cutWeights: "model.safetensors"
      case .otherShape: "tensor"
      }
    }

    func apply(to model: URL) throws {
      let configuration = model.appending(path: "config.json")
      let weights = model.appending(path: "model.safetensors")
      func edit(_ old: Regex<Substring>, _ new: String) throws {
        let text = String(decoding: try Data(contentsOf: configuration), as: UTF8.self)
        #expect(text.contains(old))
        try Data(text.replacing(old, with: new).utf8).write(to: configuration)
      }
      switch self {
      case .noConfiguration: try FileManager.default.removeItem(at: configuration)
      case .brokenConfiguration: try Data("{".utf8).write(to: configuration)
      case .otherArchitecture: try edit(/"model_type": *"llama"/, #""model_type":"mamba""#)
      case .noWeights: try FileManager.default.removeItem(at: weights)
      case .cutWeights: try Data(contentsOf: weights).dropLast(100).write(to: weights)
      case .otherShape: try edit(/"vocab_size": *\d+/, #""vocab_size":70"#)
      }
    }
  }

  @Test(arguments: Damage.allCases, ["explain", "generate", "verify"])
  func ofAModelNameWhatIsWrong(damage: Damage, command: String) throws {
    let folder = try TemporaryFolder()
    let model = try folder.copy("llama-plain")
    try damage.apply(to: model)
    let run = try CommandRun([command, "--tokens", "1,2", "--model", model.path])
    #expect(run.status == damage.status)
    #expect(run.output.isEmpty)
    #expect(run.error.hasPrefix("secant: ") && run.error.contains(damage.subject))
    #expect(run.error.filter(\.isNewline).count == 1)
  }
}
