import ArgumentParser
import Secant

/// `secant ablate`: what happens without a part of the run.
struct AblateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ablate",
    abstract: "Scales or removes parts of a run: the predicted and the measured change.",
    usage: """
      secant ablate [<options>] <prompt>
      secant ablate [<options>] --head <23.3> <prompt>
      secant ablate [<options>] --tokens <1,2,3>
      """,
    discussion: """
      Without an option that names a part, takes away the tokens, heads and feed-forward layers of the largest \
      shares, as many of each kind, one at a time. Named parts are scaled by each factor of --keep; 1 leaves a part as it is, 0 takes \
      it away. A token's vector moves toward the mean of all tokens' vectors. A head, layer or block writes less \
      at all positions. A direction is the part of a token's vector along the k-th right singular vector of its \
      map.

      The predicted change is the frozen map's: (keep - 1) times the share that passes through the part. The \
      measured change comes from running the model again. A mark shows where they part: by more than half of the \
      larger one.

        secant ablate "The capital of France is"
        secant ablate "The capital of France is" --over London --head 1.3
        secant ablate "The capital of France is" --token 4 --keep 0,0.5,0.9
        secant ablate "The capital of France is" --direction 4:1 --direction 4:2
      """)

  @OptionGroup var prompt: PromptOptions
  @OptionGroup var model: ModelOptions
  @OptionGroup var target: DivisionOptions
  @OptionGroup var map: MapOptions

  @Option(
    parsing: .unconditionalSingleValue,
    help: ArgumentHelp(
      "A token, by its position; negative positions count from the end. May be repeated.",
      valueName: "position"))
  var token: [Int] = []

  @Option(
    parsing: .unconditionalSingleValue,
    help: ArgumentHelp(
      "A head, as block.head, such as 23.3. May be repeated.", valueName: "head"),
    transform: { try AblatedPart(head: $0) })
  var head: [AblatedPart] = []

  @Option(
    parsing: .unconditionalSingleValue,
    help: ArgumentHelp("The feed-forward layer of a block. May be repeated.", valueName: "block"))
  var feedForward: [Int] = []

  @Option(
    parsing: .unconditionalSingleValue,
    help: ArgumentHelp("A whole block. May be repeated.", valueName: "block"))
  var block: [Int] = []

  @Option(
    parsing: .unconditionalSingleValue,
    help: ArgumentHelp(
      "A right singular vector of a token's map, as position:k with k from 1. May be repeated.",
      valueName: "direction"),
    transform: { try SingularDirection($0) })
  var direction: [SingularDirection] = []

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "What is kept of each part. (default: 0,0.25,0.5,0.75; 0 where no part is named)",
      valueName: "0,0.5"),
    transform: NumberList.init)
  var keep: NumberList?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Where no part is named: the number of parts. (default: 12, fewer in long prompts)",
      valueName: "number"))
  var parts: Int?

  @OptionGroup var arithmetic: PrecisionOptions
  @OptionGroup var memory: MemoryOptions
  @OptionGroup var answer: AnswerOptions

  private var named: [AblatedPart] {
    token.map { .token($0) } + head + feedForward.map { .feedForward(block: $0) }
      + block.map { .block($0) } + direction.map { .direction(token: $0.position, $0.k) }
  }

  /// - Throws: That options do not go together, or that a number is out of range.
  func validate() throws {
    if let parts, parts < 1 {
      throw ValidationError("--parts: expected at least 1, found \(parts)")
    }
    if parts != nil, !named.isEmpty {
      throw ValidationError("--parts: expected no named part with it, found one; give one of them")
    }
    if let twice = named.first(where: { part in named.count { $0 == part } > 1 }) {
      throw ValidationError("expected each part once, found one twice: \(twice.spelling)")
    }
  }

  /// - Throws: Why nothing can be ablated.
  func run() throws { try run(arithmetic.precision.scalar) }

  private func run<S: Scalar>(_: S.Type) throws {
    try answer.obtain(from: model, prompt) { (inquiry: Inquiry<S>) in
      try inquiry.model.planAblation(inquiry.prompt, options)
    } ask: { inquiry in
      try inquiry.model.ablate(inquiry.prompt, options) { inquiry.line.show($0) }
    } text: {
      $0.terminalText($1)
    }
  }

  private var options: AblationOptions {
    var options = AblationOptions()
    options.explanation = ExplanationOptions(target, map, nil, memory)
    options.parts = named
    options.keeps = keep?.numbers
    options.count = parts
    return options
  }
}

extension AblatedPart {
  /// A head, as the command line names it: "23.3".
  fileprivate init(head text: String) throws {
    guard let pair = numberPair(text, ".") else {
      throw ValidationError("expected a head as block.head, such as 23.3, found \"\(text)\"")
    }
    self = .head(block: pair.0, pair.1)
  }

  /// The option that names it.
  fileprivate var spelling: String {
    switch self {
    case .token(let position): "--token \(position)"
    case .head(let block, let head): "--head \(block).\(head)"
    case .feedForward(let block): "--feed-forward \(block)"
    case .block(let block): "--block \(block)"
    case .direction(let token, let k): "--direction \(token):\(k)"
    }
  }
}
