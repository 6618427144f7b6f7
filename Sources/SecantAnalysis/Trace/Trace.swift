public import SecantCheckpoints
import SecantDecoders
import SecantOperators
public import SecantReports

extension Model {
  /// Which part of a prompt made the model give an answer of several tokens.
  ///
  /// Prompt and answer are read in one run. Each answer token has a reference. The target sums, over the answer,
  /// the token's logit minus the reference's logit: `Σ_k w_k·y_{T−1+k}` after a prompt of T tokens.
  ///
  /// The target is divided exactly in three ways: by source (the prompt's spans, the answer's own earlier words
  /// and the biases), by role, and by block and head. All cotangents w_k travel together, so this takes one forward
  /// and less than two adjoint passes, however long the answer is. On request each answer token is divided
  /// separately, at the price of an adjoint pass over the positions before it. Spans can also be removed, at the
  /// price of a forward pass each.
  ///
  /// - Parameters:
  ///   - prompt: A text, a conversation or token ids.
  ///   - answer: The model's own continuation, a text or token ids.
  ///   - options: What the answer is held against, how the prompt is divided, and what is computed beside the sum.
  ///   - progress: Called as the work goes on.
  /// - Returns: Without a time limit, the same report for the same arguments on the same machine.
  /// - Throws: What in the prompt, the answer or the options cannot be satisfied, or that numbers overflow.
  public func trace(
    _ prompt: PromptInput, answer: TraceOptions.Answer = .continuation(60),
    _ options: TraceOptions = TraceOptions(),
    progress: @escaping AnalysisProgress.Handler = { _ in }
  ) throws(InputError) -> TraceReport {
    let deadline = options.maximumSeconds.map { ContinuousClock.now + .seconds($0) }
    let input = try read(prompt)
    try decoder.validate(input.tokens)
    let spans = try traceSpans(of: input, options.grouping)
    let (traced, work, meter) = try prepared(answer, input, spans, options, progress)
    let other: [Int]? =
      if case .answer(let other) = options.reference {
        try alternative(other, to: traced, after: input)
      } else { nil }

    meter.begin(.linearization)
    let linearization = try decoder.linearize(
      at: input.tokens + traced.tokens.dropLast(), gate: options.gate,
      holding: work.cost.memory.heldBytes)
    let target = try answerTarget(traced, over: options.reference, other, in: linearization)
    meter.begin(.contributions)
    let ledger = linearization.ledger(of: target.readout) { meter.reach($0) }
    guard ledger.sum.isFinite else { throw notFinite }
    let order = ShareOrder(
      firstToken: options.marksBaseline && linearization.tokens.count > 1
        ? linearization.firstTokenAttention : nil, spans: spans)
    let shares = ExplanationReport.Shares(
      tokens: ledger.tokens, positions: ledger.positions, bias: ledger.bias, logit: target.value,
      order)

    let matrix =
      work.hasMatrix
      ? matrix(of: target, in: linearization, work, until: deadline, meter: meter) : nil
    let through =
      options.passesOnOwnWords
      ? try matrix.map { rows throws(InputError) in
        try passedOn(rows, shares, promptCount: input.tokens.count)
      } : nil
    let check = try options.check.map { removal throws(InputError) in
      try spanCheck(
        removal, of: shares, target, in: linearization, input, work, until: deadline, meter: meter)
    }
    meter.end()

    let blocks = ledger.blocks.enumerated().map { TraceReport.Block($0, $1, shares) }
    let sum = blocks.reduce(ledger.direct) { $0 + $1.attention + $1.feedForward + $1.bias }
    let roles = roles(of: input, spans)
    return TraceReport(
      provenance: provenance(of: input, options),
      prompt: .init(
        text: input.text, tokens: input.tokens.enumerated().map(described),
        analysedPosition: input.tokens.count - 1),
      answer: .init(origin: traced.origin, isEnded: traced.isEnded, tokens: target.tokens),
      reference: described(options.reference, other), shares: shares,
      roles: TraceReport.Role.roles(roles.names, shares), direct: ledger.direct, blocks: blocks,
      exactness: .init(sum: sum, difference: sum - target.value, largestRowDifference: nil),
      matrix: matrix, through: through, check: check,
      notes: modelNotes + traced.notes + roles.notes
        + notes(on: target, traced, matrix: matrix, through: through, check: check))
  }

  /// The answer's tokens, the work that follows from their number, and what is told of it.
  private func prepared(
    _ answer: TraceOptions.Answer, _ input: EncodedPrompt, _ spans: TokenSpans,
    _ options: TraceOptions, _ progress: @escaping AnalysisProgress.Handler
  ) throws(InputError) -> (TracedAnswer, TraceWork, WorkMeter) {
    func work(_ count: Int, isWritten: Bool) throws(InputError) -> TraceWork {
      let work = try traceWork(
        input, answerCount: count, isWritten: isWritten, spans, options)
      try work.requireMemory()
      return work
    }
    guard case .continuation(let most) = answer else {
      let traced = try traced(answer, after: input)
      let work = try work(traced.tokens.count, isWritten: false)
      return (traced, work, WorkMeter(work.steps, report: progress))
    }
    // Before its length is known, the answer counts in full.
    let expected = try work(max(1, most), isWritten: true)
    let meter = WorkMeter(expected.steps, report: progress)
    meter.begin(.answer)
    let traced = try traced(answer, after: input) { meter.reach(Double($0) / Double(most)) }
    return (traced, try work(traced.tokens.count, isWritten: true), meter)
  }

  private func provenance(of input: EncodedPrompt, _ options: TraceOptions) -> Provenance {
    var settings = ExplanationOptions()
    settings.gate = options.gate
    settings.commandLine = options.commandLine
    return exactProvenance(settings, input)
  }

  private func described(
    _ reference: TraceOptions.Reference, _ other: [Int]?
  ) -> TraceReport.Reference {
    switch reference {
    case .runnerUp: .init(kind: "runner-up")
    case .mean: .init(kind: "mean")
    case .nothing: .init(kind: "none")
    case .answer:
      .init(kind: "answer", text: (other ?? []).map { text(of: $0) }.joined())
    }
  }

  /// What a reader of this trace should know, each a sentence.
  private func notes(
    on target: AnswerTarget<S>, _ answer: TracedAnswer, matrix: TraceReport.Matrix?,
    through: TraceReport.Through?, check: TraceReport.SpanCheck?
  ) -> [String] {
    var notes: [String] = []
    let others = target.tokens.indices.filter { !target.tokens[$0].isLikeliest }
    if !others.isEmpty {
      let shown = others.prefix(8).map { "\"\(target.tokens[$0].text)\" (\($0))" }
      let more = others.count > shown.count ? ", …" : ""
      notes.append(
        answer.origin == "continuation"
          ? "Read in one run, \(others.count) of the answer's tokens are not the likeliest that they were when the "
            + "model wrote them one by one: \(shown.joined(separator: ", "))\(more)."
          : "The model itself would not give \(others.count) of the answer's tokens: "
            + "\(shown.joined(separator: ", "))\(more).")
    }
    if let left = matrix?.left, !left.isEmpty {
      notes.append(
        "Not divided by themselves, as the time was over: the answer's tokens \(Self.ranges(left))."
      )
    }
    if let ways = through?.amplification, ways > Self.notableAmplification {
      notes.append(
        "All ways through the answer's own words together are \(Int(ways.rounded())) times as large as what they sum to: "
          + "what is passed on is a difference of large numbers.")
    }
    if let left = check?.left, !left.isEmpty {
      notes.append("Not removed, as the time was over: the spans \(Self.ranges(left)).")
    }
    return notes
  }

  /// Numbers, ascending, with successive ones as a range: "0, 3-5".
  private static func ranges(_ numbers: [Int]) -> String {
    var ranges: [ClosedRange<Int>] = []
    for number in numbers {
      if let last = ranges.last, last.upperBound + 1 == number {
        ranges[ranges.count - 1] = last.lowerBound...number
      } else {
        ranges.append(number...number)
      }
    }
    return ranges.map {
      $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)"
    }.joined(separator: ", ")
  }
}

extension TraceReport.Block {
  /// A block of a ledger, its heads with the spans that they read.
  fileprivate init(_ number: Int, _ block: Ledger.Block, _ shares: ExplanationReport.Shares) {
    let spans = shares.grouping?.spans ?? []
    self.init(
      block: number, attention: block.attention.written,
      heads: block.heads.map { head in
        let value = head.entry.written
        let sign = value < 0 ? -1.0 : 1.0
        let read = spans.map { $0.positions.reduce(0.0) { $0 + head.read[$1] } }
        let most = read.indices.max { read[$0] * sign < read[$1] * sign }
          .flatMap { read[$0] * sign > 0 ? $0 : nil }
        return .init(value: value, span: most, read: most.map { read[$0] })
      }, feedForward: block.feedForward.written,
      experts: block.experts.map { .init(index: $0.index, value: $0.entry.written) },
      bias: block.bias.written)
  }
}
