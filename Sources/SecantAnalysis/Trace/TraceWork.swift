public import SecantCheckpoints
import SecantDecoders
import SecantOperators
public import SecantReports

/// What a trace is expected to do, and what it may hold.
struct TraceWork: Sendable {
  /// The costs of a run of the prompt and of all of the answer but its last token.
  let cost: CostModel
  /// Tokens of the prompt.
  let promptCount: Int
  /// Tokens of the answer.
  let answerCount: Int
  /// The first position of each removed span; empty if no span is removed.
  let removed: [Int]
  let options: TraceOptions
  /// Whether the model writes the answer.
  let isWritten: Bool

  /// Whether the answer's tokens are divided one by one.
  var hasMatrix: Bool { options.hasMatrix || options.passesOnOwnWords }

  /// The answer tokens of each batch whose rows are found together.
  var batches: [Range<Int>] {
    // A bound on the time is looked at between batches.
    let most = options.maximumSeconds == nil ? Int.max : 8
    var result: [Range<Int>] = []
    for index in 0..<answerCount {
      if let last = result.last, last.count < most,
        cost.memory.sweepBytes(rows: reach(last.lowerBound..<index + 1)) <= cost.memory.available
          / 2
      {
        result[result.count - 1] = last.lowerBound..<index + 1
      } else {
        result.append(index..<index + 1)
      }
    }
    return result
  }

  /// Positions that the cotangents of some answer tokens pass together.
  func reach(_ tokens: Range<Int>) -> Int { tokens.reduce(0) { $0 + promptCount + $1 } }

  /// The largest number of rows that pass a block together, in the prompt's own run and those without a span.
  var effectRows: Int {
    let fitting = cost.memory.rows(within: cost.memory.available / 2)
    return max(2 * cost.positions, min(4 * max(1024, cost.positions), fitting))
  }

  /// Positions that the run without a span passes beside the prompt's own run.
  func reach(without first: Int) -> Int { cost.positions - first }

  /// What is done, step after step.
  var steps: Steps {
    var list: [Step] = []
    if isWritten {
      // The prompt's pass, and one row for each further token, which reads every weight.
      var step = cost.runs(in: Double(answerCount), .answer)
      step.operations = cost.forward.operations
      list.append(step)
    }
    list.append(cost.forward)
    var ledger = cost.ledger
    ledger.operations += cost.reading(vectors: answerCount)
    list.append(ledger)
    if hasMatrix {
      let batches = batches
      var rows = cost.sweep(
        rows: reach(0..<answerCount), in: Double(batches.count), .rows)
      rows.products = answerCount
      rows.peakBytes =
        cost.memory.heldFrozenBytes
        + cost.memory.sweepBytes(rows: batches.map(reach).max() ?? 0)
      list.append(rows)
    }
    if options.check != nil {
      let runs = removed.reduce(0) { $0 + reach(without: $1) }
      let batches = (Double(runs) / Double(max(1, effectRows - cost.positions))).rounded(.up)
      let rows = Double(runs) + batches * Double(cost.positions)
      var step = cost.runs(in: 2 * batches, .effects)
      step.products = removed.count
      step.operations = rows * cost.forward.operations / Double(cost.scope.tokens)
      step.peakBytes = cost.memory.heldFrozenBytes + cost.memory.sweepBytes(rows: effectRows)
      list.append(step)
    }
    return Steps(list)
  }

  /// The same within another budget.
  func within(_ cost: CostModel) -> TraceWork {
    TraceWork(
      cost: cost, promptCount: promptCount, answerCount: answerCount, removed: removed,
      options: options, isWritten: isWritten)
  }

  /// - Throws: A size into which the work fits, where it does not fit.
  func requireMemory() throws(InputError) { try cost.require { within($0).steps } }
}

extension Model {
  /// What a trace is expected to do.
  ///
  /// - Parameters:
  ///   - input: The prompt.
  ///   - answerCount: Tokens of the answer.
  ///   - isWritten: Whether the model writes it.
  ///   - spans: The prompt's spans.
  ///   - options: As the user gave them.
  /// - Returns: The work.
  /// - Throws: The option that cannot be satisfied.
  func traceWork(
    _ input: EncodedPrompt, answerCount: Int, isWritten: Bool, _ spans: TokenSpans,
    _ options: TraceOptions
  ) throws(InputError) -> TraceWork {
    guard options.memory > 0 else {
      throw InputError(
        .invalid, subject: "memory", expected: "at least 1", found: "\(options.memory)",
        remedy: "give a positive number")
    }
    if options.check == .mask { try decoder.configuration.requireHiding(or: "replace") }
    let count = input.tokens.count + answerCount - 1
    let scope = ExplanationScope(
      tokens: count, position: count - 1, lastBlock: decoder.configuration.blockCount - 1, rank: 0,
      tolerance: 1e-3)
    return TraceWork(
      cost: cost(scope, memory: options.memory).passingFewTimes, promptCount: input.tokens.count,
      answerCount: answerCount, removed: spans.spans.compactMap(\.positions.first),
      options: options, isWritten: isWritten)
  }

  /// What `trace` would cost on this machine.
  ///
  /// - Parameters:
  ///   - prompt: A text, a conversation or token ids.
  ///   - answer: The answer; a continuation counts in full.
  ///   - options: As they would be given to `trace`.
  /// - Returns: The cost of the only method, "exact".
  /// - Throws: What in the prompt, the answer or the options cannot be satisfied.
  public func planTrace(
    _ prompt: PromptInput, answer: TraceOptions.Answer = .continuation(60),
    _ options: TraceOptions = TraceOptions()
  ) throws(InputError) -> PlanReport {
    let input = try read(prompt)
    try decoder.validate(input.tokens)
    let (count, isWritten): (Int, Bool)
    switch answer {
    case .continuation(let most): (count, isWritten) = (max(1, most), true)
    // Nothing is computed, so that whether a space comes first stays open.
    case .text(let text):
      if let plain = try? tokens(of: text, after: input) {
        (count, isWritten) = (plain.count, false)
      } else {
        (count, isWritten) = (try tokens(of: " " + text, after: input).count, false)
      }
    case .exactly, .tokens:
      (count, isWritten) = (try traced(answer, after: input).tokens.count, false)
    }
    try requireRoom(for: count, after: input)
    let spans = try traceSpans(of: input, options.grouping)
    let work = try traceWork(
      input, answerCount: count, isWritten: isWritten, spans, options)
    try work.requireMemory()
    return plan(
      [(method: "exact", steps: work.steps)], tokens: work.cost.scope.tokens, rank: 0,
      counted: [
        "Counted: \(isWritten ? "the answer's \(count) tokens, written one by one; " : "")the forward pass and two "
          + "adjoint ones, at any length of the answer"
          + (work.hasMatrix ? "; an adjoint pass for each of its \(count) tokens" : "")
          + (options.check == nil
            ? "." : "; and the runs without each of \(spans.spans.count) spans.")
      ])
  }
}
