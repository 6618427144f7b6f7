import SecantCheckpoints
import SecantDecoders
import SecantOperators
public import SecantReports
import SecantTokenizers

/// A target with the ids of its tokens.
enum ResolvedTarget: Hashable, Sendable {
  /// The mean logit of some tokens, minus a reference.
  case logits(of: [Int], over: Reference)
  /// The product of a direction `[d]` with the output.
  case direction([Double], name: String)

  /// What is subtracted.
  enum Reference: Hashable, Sendable {
    case nothing, mean
    case runnerUp(Int)
    case tokens([Int])

    /// The tokens whose mean logit is subtracted; empty if there are none.
    var tokens: [Int] {
      switch self {
      case .nothing, .mean: []
      case .runnerUp(let token): [token]
      case .tokens(let tokens): tokens
      }
    }
  }
}

extension ResolvedTarget {
  /// The tokens whose mean logit is explained; empty for a direction.
  var tokens: [Int] {
    guard case .logits(let tokens, _) = self else { return [] }
    return tokens
  }

  /// The target's value for an output `[d]` with products `[V]` with the unembedding.
  func value<S: Scalar>(among products: [S], output: [S]) -> Double {
    func mean(_ values: some Collection<S>) -> Double {
      values.reduce(0.0) { $0 + Double($1) } / Double(values.count)
    }
    switch self {
    case .direction(let vector, _):
      return zip(vector, output).reduce(0.0) { $0 + $1.0 * Double($1.1) }
    case .logits(let tokens, let over):
      let own = mean(tokens.map { products[$0] })
      switch over {
      case .nothing: return own
      case .mean: return own - mean(products)
      case .runnerUp, .tokens: return own - mean(over.tokens.map { products[$0] })
      }
    }
  }
}

/// Finds the tokens of targets, from the logits of one output.
struct TargetResolution<S: Scalar> {
  let model: Model<S>
  /// The logits `[V]` that rank predictions.
  let logits: [S]
  /// How ambiguous names were interpreted, one sentence each.
  private(set) var notes: [String] = []

  init(_ model: Model<S>, logits: [S]) {
    self.model = model
    self.logits = logits
  }

  /// The target with the ids of its tokens.
  ///
  /// - Throws: A name that is not a token, a token on both sides, or a direction of another width.
  mutating func resolve(
    _ target: ExplanationOptions.Target
  ) throws(InputError) -> ResolvedTarget {
    switch target {
    case .direction(let vector, let name):
      let width = model.decoder.configuration.width
      guard vector.count == width, vector.allSatisfy(\.isFinite) else {
        throw InputError(
          .invalid, subject: "the target's direction", expected: "\(width) finite numbers",
          found: vector.count == width ? "some that are not" : "\(vector.count)",
          remedy: "give a direction of the model's output")
      }
      return .direction(vector, name: name)
    case .logits(let subject, let reference):
      let tokens = try self.tokens(of: subject)
      let over = try resolve(reference, beside: tokens)
      if let both = tokens.first(where: over.tokens.contains) {
        throw InputError(
          .invalid, subject: "target", expected: "two different tokens",
          found: "\(model.list([both])) on both sides", remedy: "name another token to subtract")
      }
      return .logits(of: tokens, over: over)
    }
  }

  private mutating func tokens(
    of subject: ExplanationOptions.Target.Subject
  ) throws(InputError) -> [Int] {
    switch subject {
    case .prediction: return [try likeliest(except: [])]
    case .tokens(let names): return try tokens(named: names)
    }
  }

  private mutating func resolve(
    _ reference: ExplanationOptions.Target.Reference, beside tokens: [Int]
  ) throws(InputError) -> ResolvedTarget.Reference {
    switch reference {
    case .nothing: return .nothing
    case .mean: return .mean
    case .tokens(let names): return .tokens(try self.tokens(named: names))
    case .runnerUp: return .runnerUp(try likeliest(except: tokens))
    }
  }

  /// The token with the largest logit; of equal ones, the lowest id.
  private func likeliest(except tokens: [Int]) throws(InputError) -> Int {
    var best: Int?
    for token in logits.indices where !tokens.contains(token) {
      if best.map({ logits[token] > logits[$0] }) ?? true { best = token }
    }
    guard let best else {
      throw InputError(
        .invalid, subject: "target", expected: "a token that it does not name, to subtract",
        found: "that it names all \(logits.count)", remedy: "name fewer")
    }
    return best
  }

  private mutating func tokens(
    named names: [ExplanationOptions.Target.TokenName]
  ) throws(InputError) -> [Int] {
    var tokens: [Int] = []
    for name in names {
      let token = try self.token(named: name)
      guard !tokens.contains(token) else {
        throw InputError(
          .invalid, subject: "target", expected: "every token once",
          found: "\(model.list([token])) twice", remedy: "name it once")
      }
      tokens.append(token)
    }
    guard !tokens.isEmpty else {
      throw InputError(
        .invalid, subject: "target", expected: "at least one token", found: "none",
        remedy: "name a token by its text or its id")
    }
    return tokens
  }

  /// The token of a name.
  ///
  /// A word must be one token, with or without a space before it. A word of several tokens is
  /// refused, because only the user knows which one is meant.
  private mutating func token(
    named name: ExplanationOptions.Target.TokenName
  ) throws(InputError) -> Int {
    switch name {
    case .id(let id):
      guard logits.indices.contains(id) else {
        throw InputError(
          .invalid, subject: "target #\(id)", expected: "an id in 0..<\(logits.count)",
          found: "\(id)", remedy: "use an id of this model")
      }
      return id
    case .exactly(let text): return try token(text, spelled: [text])
    case .text(let text): return try token(text, spelled: [text, " " + text])
    }
  }

  private mutating func token(
    _ text: String, spelled spellings: [String]
  ) throws(InputError) -> Int {
    guard let tokenizer = model.tokenizer else {
      throw InputError(
        .missing, file: model.name, subject: "tokenizer.json", expected: "the model's tokenizer",
        found: "no such file", remedy: "name the target by its id, such as #312")
    }
    guard !text.isEmpty else {
      throw InputError(
        .invalid, subject: "target", expected: "a token", found: "an empty text",
        remedy: "name a token by its text or its id, or leave the target out")
    }
    let candidates = spellings.compactMap { tokenizer.token(of: Array($0.utf8)) }
      .filter(logits.indices.contains)
    guard var token = candidates.first else {
      let parts = (try? tokenizer.encode(text, addingSpecialTokens: false).tokens) ?? []
      throw InputError(
        .invalid, subject: "target \"\(text)\"", expected: "one token of the vocabulary",
        found: parts.isEmpty ? "none" : "the tokens \(model.list(parts))",
        remedy: "name one token by its text or its id, such as #\(parts.first ?? 0)")
    }
    if candidates.count == 2 {
      let other: Int
      (token, other) =
        logits[candidates[1]] > logits[token]
        ? (candidates[1], token) : (token, candidates[1])
      notes.append(
        "The target \"\(text)\" is read as \(model.list([token])), whose logit is larger than that of "
          + "\(model.list([other])); between quotes, as '\"\(model.text(of: other))\"', a text is taken exactly."
      )
    }
    return token
  }
}

extension ResolvedTarget {
  /// The vector w `[d]` whose product with the output is the target, among the rows of an unembedding.
  func direction<S: Scalar>(in unembedding: Unembedding<S>) -> [S] {
    switch self {
    case .direction(let vector, _): return vector.map { S($0) }
    case .logits(let tokens, let over):
      let row = unembedding.meanDirection(of: tokens)
      switch over {
      case .nothing: return row
      case .mean: return zip(row, unembedding.meanDirection).map(-)
      case .runnerUp, .tokens: return zip(row, unembedding.meanDirection(of: over.tokens)).map(-)
      }
    }
  }
}

extension Model {
  /// Tokens with their ids, for messages.
  func list(_ tokens: [Int]) -> String {
    let shown = tokens.prefix(8).map { token in
      tokenizer.map { "#\(token) \"\($0.displayText(of: token))\"" } ?? "#\(token)"
    }
    return shown.joined(separator: ", ") + (tokens.count > 8 ? ", …" : "")
  }

  /// The vector w `[d]` whose product with the output is the target.
  func direction(of target: ResolvedTarget) -> [S] {
    target.direction(in: decoder.unembedding)
  }

  /// A target as reports describe it, with its values for an output `[d]` with logits `[V]`.
  func describe(
    _ target: ResolvedTarget, output: [S], logits: [S]
  ) -> ExplanationReport.Target {
    typealias Described = ExplanationReport.Target
    func named(_ tokens: [Int]) -> [Described.Token] {
      tokens.map { .init(id: $0, text: text(of: $0)) }
    }
    func label(_ tokens: [Int]) -> String {
      tokens.map { text(of: $0) }.joined(separator: ", ")
    }
    func mean(_ tokens: [Int]) -> Double {
      tokens.reduce(0.0) { $0 + Double(logits[$1]) } / Double(tokens.count)
    }
    let value = target.value(among: logits, output: output)
    switch target {
    case .direction(_, let name):
      return Described(label: name, tokens: [], logit: value, rawLogit: nil)
    case .logits(let tokens, let over):
      let raw = mean(tokens)
      let reference: Described.Reference?
      switch over {
      case .nothing: reference = nil
      case .mean: reference = .init(kind: "mean", logit: mean(Array(logits.indices)))
      case .runnerUp, .tokens:
        let isRunnerUp = if case .runnerUp = over { true } else { false }
        reference = .init(
          kind: isRunnerUp ? "runner-up" : "tokens", tokens: named(over.tokens),
          logit: mean(over.tokens))
      }
      let subtracted = reference.map { $0.tokens.isEmpty ? $0.kind : label(over.tokens) }
      return Described(
        label: subtracted.map { "\(label(tokens)) - \($0)" } ?? label(tokens),
        tokens: named(tokens), over: reference, logit: value, rawLogit: raw)
    }
  }
}

extension Unembedding {
  /// The mean row `[d]` of some tokens, at least one.
  fileprivate func meanDirection(of tokens: [Int]) -> [S] {
    let rows = tokens.map { direction(of: $0) }
    if rows.count == 1 { return rows[0] }
    return rows[0].indices.map { column in
      S(rows.reduce(0.0) { $0 + Double($1[column]) } / Double(rows.count))
    }
  }
}

extension ExplanationOptions.Target {
  /// The same target by the ids that were found for it, so other logits cannot change it.
  ///
  /// - Parameter found: The report's description of this target.
  /// - Returns: The target by ids; a direction is unchanged.
  public func settled(as found: ExplanationReport.Target) -> Self {
    guard case .logits = self else { return self }
    let reference: Reference
    switch found.over {
    case nil: reference = .nothing
    case let over? where over.tokens.isEmpty: reference = .mean
    case let over?: reference = .tokens(over.tokens.map { .id($0.id) })
    }
    return .logits(of: .tokens(found.tokens.map { .id($0.id) }), over: reference)
  }
}
