import SecantCheckpoints
import SecantDecoders
import SecantOperators
import SecantReports
import SecantTokenizers

/// An item as the model's tokenizer reads it.
struct CandidateItem: Sendable {
  /// Why an item cannot be measured, whatever the model makes of it.
  enum Flaw: Sendable {
    case unequalLengths, notOneToken, tooLong
  }

  let item: ValidationItem
  /// The prompt's tokens.
  let tokens: [Int]
  /// The counterfactual's tokens, as many.
  let others: [Int]
  /// The answer and the other, as tokens.
  let answers: (target: Int, over: Int)
  /// Why it is left out; nil where it is not.
  let flaw: Flaw?

  /// The logit of the answer over that of the other.
  var target: ResolvedTarget { .logits(of: [answers.target], over: .tokens([answers.over])) }

  /// Tokens that a prompt may have at most.
  static let longest = 128
}

extension Model {
  /// The items of a validation as this model reads them, in their order.
  ///
  /// - Throws: That a number is out of range, or that there is no tokenizer.
  func validationItems(_ options: ValidationOptions) throws(InputError) -> [CandidateItem] {
    guard options.itemCount > 0 else {
      throw InputError(
        .invalid, subject: "the number of items", expected: "at least 1",
        found: "\(options.itemCount)", remedy: "give a positive number")
    }
    guard !options.rules.isEmpty, Set(options.rules).count == options.rules.count else {
      throw InputError(
        .invalid, subject: "the rules", expected: "at least one, each once",
        found: options.rules.isEmpty ? "none" : "one twice", remedy: "name different rules")
    }
    guard let tokenizer else {
      throw InputError(
        .missing, file: name, subject: "tokenizer.json", expected: "the model's tokenizer",
        found: "no such file", remedy: "validate a model with its tokenizer: items are texts")
    }
    let items = options.items ?? BuiltInItems.items(seed: options.seed)
    return try items.map { item throws(InputError) in
      let tokens = try tokens(of: .text(item.prompt))
      let others = try self.tokens(of: .text(item.counterfactual))
      let answers = [item.target, item.over].map { text in
        tokenizer.token(of: Array(text.utf8)).flatMap {
          $0 < decoder.configuration.vocabularySize ? $0 : nil
        }
      }
      let flaw: CandidateItem.Flaw? =
        answers.contains(nil) || answers[0] == answers[1]
        ? .notOneToken
        : tokens.count != others.count || tokens == others
          ? .unequalLengths
          : tokens.count > min(CandidateItem.longest, decoder.configuration.contextLength)
            ? .tooLong : nil
      return CandidateItem(
        item: item, tokens: tokens, others: others,
        answers: (answers[0] ?? 0, answers[1] ?? 0), flaw: flaw)
    }
  }
}

/// How many items of each kind were measured, and why others were not.
struct ValidationTally {
  private struct Count {
    var measured = 0
    var prefersOther = 0
  }

  private let candidates: [CandidateItem]
  private let names: [String]
  private var counts: [String: Count] = [:]

  init(_ candidates: [CandidateItem]) {
    self.candidates = candidates
    var seen: Set<String> = []
    names = candidates.map(\.item.family).filter { seen.insert($0).inserted }
  }

  mutating func measured(_ family: String) { counts[family, default: Count()].measured += 1 }
  mutating func prefersOther(_ family: String) {
    counts[family, default: Count()].prefersOther += 1
  }

  /// The kinds of items, in their order.
  var families: [ValidationReport.Family] {
    names.map { name in
      let own = candidates.filter { $0.item.family == name }
      let count = counts[name] ?? Count()
      func flawed(_ flaw: CandidateItem.Flaw) -> Int { own.count { $0.flaw == flaw } }
      return .init(
        name: name, measured: count.measured, prefersOther: count.prefersOther,
        unequalLengths: flawed(.unequalLengths), notOneToken: flawed(.notOneToken),
        tooLong: flawed(.tooLong))
    }
  }

  /// That no item could be measured.
  var nothingMeasured: InputError {
    let families = families
    func sum(_ value: (ValidationReport.Family) -> Int) -> Int {
      families.reduce(0) { $0 + value($1) }
    }
    return InputError(
      .invalid, subject: "the items", expected: "one that the model can be measured on",
      found:
        "none of \(candidates.count): after \(sum(\.prefersOther)) the model prefers the other answer, "
        + "\(sum(\.unequalLengths)) have prompts of different lengths, and of \(sum(\.notOneToken)) an answer "
        + "is not one token",
      remedy: "give items that this model answers, with --data")
  }

  /// What a reader of the medians should know.
  func notes(_ options: ValidationOptions) -> [String] {
    let families = families
    let measured = families.reduce(0) { $0 + $1.measured }
    let left = families.reduce(0) { $0 + $1.prefersOther }
    var notes = [
      "\(measured) items were measured. \(left) more were tried, after which the model prefers the other answer: "
        + "what a rule says of wrong answers is not measured."
    ]
    if measured < options.itemCount {
      notes.append(
        options.maximumSeconds == nil
          ? "There are no more items: \(options.itemCount) were asked for."
          : "Fewer items than the \(options.itemCount) asked for: there were no more, or the time was over."
      )
    }
    return notes
  }
}
