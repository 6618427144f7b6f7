import ArgumentParser
import Foundation
import Secant
import SecantCorpus

/// `secant search`: where in a corpus a direction or a head does something.
struct SearchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "search",
    abstract: "Searches a merged corpus: words of directions, near directions, heads, prompts.",
    usage: "secant search <run> [<words>] [<options>]",
    discussion: """
      Lists the directions that decode to all of some words or to a token, largest singular value or score first; those \
      nearest to a direction, named item:position:rank, by |cos|; the tokens whose directions span a space like that \
      of a token, named item:position, by principal angles; the prompts with some words; or the items whose ledger \
      gives much to a head.

        secant search RUN "golden bridge" --side left --not-in-output
        secant search RUN --token Paris
        secant search RUN --like 17:4:0 --top 5
        secant search RUN --like 17:4
        secant search RUN --head 23.0 --above 1
        secant search RUN "capital of" --in prompts
      """)

  /// Where words are looked for.
  enum Place: String, ExpressibleByArgument, CaseIterable {
    case directions, prompts
  }

  @OptionGroup var run_: RunArgument

  @Argument(help: "Words, all of which must be there; a word is a whole one.")
  var words: String?

  @Option(name: .customLong("in"), help: "Where words are looked for.")
  var place = Place.directions

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "A token that directions decode to: its text, or an id such as #312.", valueName: "token"))
  var token: String?

  @Option(
    help: ArgumentHelp(
      "A direction to which others are near, or a token whose directions span a space.",
      valueName: "item:position[:rank]"),
    transform: LikeName.init(argument:))
  var like: LikeName?

  @Option(
    help: ArgumentHelp("A head, by block and head from 0, such as 23.0.", valueName: "head"),
    transform: HeadName.init(argument:))
  var head: HeadName?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "With --head: the least that its pattern gave, in logits, in either direction.",
      valueName: "logits"))
  var above: Double?

  @Option(
    help: ArgumentHelp(
      """
      left for what maps write, right for what they read. (default: both; left with --like)
      """, valueName: "side"))
  var side: CorpusQuery.Side?

  @Option(parsing: .unconditional, help: "The number of matches that are listed at most.")
  var top = 20

  @Flag(help: "Pass over directions whose words are among the item's predictions.")
  var notInOutput = false

  @OptionGroup var report: ReportOptions

  /// - Throws: That nothing or several things are looked for.
  func validate() throws {
    let given =
      (words == nil ? [] : ["words"]) + (token == nil ? [] : ["--token"])
      + (like == nil ? [] : ["--like"]) + (head == nil ? [] : ["--head"])
    guard given.count == 1 else {
      throw ValidationError(
        "expected one thing to look for, found \(given.isEmpty ? "none" : given.joined(separator: " and ")); "
          + "give words, --token, --like or --head")
    }
    if words?.allSatisfy(\.isWhitespace) == true {
      throw ValidationError("expected words, found an empty text; give at least one")
    }
    try checkGiven(token, by: "--token", "a token")
    if top < 1 { throw ValidationError("--top: expected at least 1, found \(top)") }
    if let above, head == nil || above < 0 {
      throw ValidationError(
        head == nil
          ? "--above: expected --head with it, found none; give both"
          : "--above: expected 0 or more, found \(above)")
    }
    let isOfDirections = words != nil && place == .directions || token != nil
    if notInOutput, !isOfDirections {
      throw ValidationError("--not-in-output: expected words of directions, or --token; give one")
    }
    if side != nil, !isOfDirections, like == nil {
      throw ValidationError("--side: expected directions to look for, found others; leave it out")
    }
  }

  /// - Throws: Why nothing can be searched.
  func run() throws {
    let search = try CorpusSearch(of: run_.folder, name: run_.run)
    let answer = try search.answer(query, top: top, isNotInOutput: notInOutput)
    try report.print(answer) { answer, style in Self.text(answer, style) }
  }

  private var query: CorpusQuery {
    if let token { return .token(token, side) }
    switch like {
    case .direction(let name): return .like(name, side ?? .left)
    case .token(let name): return .subspace(name, side ?? .left)
    case nil: break
    }
    if let head { return .head(block: head.block, head: head.head, above: above ?? 0) }
    return place == .prompts ? .prompts(words ?? "") : .words(words ?? "", side)
  }

  private static func text(_ report: SearchReport, _ style: TerminalStyle) -> String {
    func shown(_ text: String, _ count: Int) -> String {
      let line = StandardOutput.shown(
        text.split(whereSeparator: \.isNewline).joined(separator: " "))
      return line.count > count ? "…" + line.suffix(count - 1) : line
    }
    func number(_ value: Double, _ format: String) -> String { String(format: format, value) }
    var lines = ["\(report.count) \(StandardOutput.shown(report.query))"]
    if report.count > report.matches.count { lines[0] += "; the first \(report.matches.count):" }
    for match in report.matches {
      let end = match.prediction.map { " → \(shown($0, 20))" } ?? ""
      let place = "\(match.item)  \(shown(match.text ?? "", 60))\(end)"
      if let subspace = match.subspace {
        let angles = subspace.angles.map { number($0, "%.0f") }.joined(separator: " ")
        let words = subspace.words.map { shown($0, 20) }.joined(separator: " ")
        lines.append(
          "  \(subspace.name(of: match.item))  \(subspace.side)  "
            + number(subspace.overlap, "mean cos^2 %.4f")
            + number(subspace.randomOverlap, " (random %.4f)")
            + "  angles \(angles)  \(shown(subspace.token, 20)):  \(words)")
        lines.append("      \(place)")
        continue
      }
      guard let direction = match.direction else {
        lines.append((match.value.map { number($0, "%+8.3f  ") } ?? "  ") + place)
        continue
      }
      let measure =
        direction.cosine.map { number($0, "|cos| %.4f") } ?? number(direction.sigma, "sigma %.3g")
      let words = direction.words.map { shown($0, 20) }.joined(separator: " ")
      lines.append(
        "  \(direction.name(of: match.item))  \(direction.side)  \(measure)  "
          + "\(shown(direction.token, 20)):  \(words)")
      lines.append("      \(place)")
    }
    return lines.joined(separator: "\n") + "\n"
  }
}

/// A head, as `--head` spells it.
struct HeadName {
  let block: Int
  let head: Int

  /// Block and head, such as `23.0`.
  ///
  /// - Throws: That the text has another form.
  init(argument: String) throws {
    let parts = argument.split(separator: ".", omittingEmptySubsequences: false).map { Int($0) }
    guard parts.count == 2, let block = parts[0], let head = parts[1], block >= 0, head >= 0 else {
      throw ValidationError("expected a block and a head, such as 23.0")
    }
    (self.block, self.head) = (block, head)
  }
}

extension CorpusQuery.Side: ExpressibleByArgument {}

/// What `--like` names.
enum LikeName {
  /// A direction.
  case direction(CorpusQuery.DirectionName)
  /// A token with all of its directions.
  case token(CorpusQuery.TokenName)

  /// A direction or a token as the command line names it.
  ///
  /// - Throws: That the text has another form.
  init(argument: String) throws {
    if let name = CorpusQuery.DirectionName(argument) {
      self = .direction(name)
    } else if let name = CorpusQuery.TokenName(argument) {
      self = .token(name)
    } else {
      throw ValidationError(
        "expected item:position:rank, such as 17:4:0, or item:position, such as 17:4")
    }
  }
}
