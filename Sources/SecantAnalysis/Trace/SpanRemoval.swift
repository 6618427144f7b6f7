import SecantCheckpoints
import SecantDecoders
import SecantOperators
import SecantReports
import SecantTokenizers

extension Model {
  /// The measured change of the target when each span is removed; spans with the largest shares come first.
  ///
  /// - Parameters:
  ///   - removal: How spans are removed.
  ///   - shares: The target by span.
  ///   - target: The answer's directions, which stay as they are.
  ///   - linearization: The run of the prompt as it is.
  ///   - input: The prompt.
  ///   - work: What the runs may hold.
  ///   - deadline: When no further batch is begun; nil for no bound.
  ///   - meter: Told what is done.
  /// - Returns: The effects, and which were left.
  /// - Throws: That no text can stand in a span's place, or that numbers overflow.
  func spanCheck(
    _ removal: TraceOptions.Removal, of shares: ExplanationReport.Shares,
    _ target: AnswerTarget<S>, in linearization: Linearization<S>, _ input: EncodedPrompt,
    _ work: TraceWork, until deadline: ContinuousClock.Instant?, meter: WorkMeter
  ) throws(InputError) -> TraceReport.SpanCheck {
    meter.begin(.effects)
    let spans = shares.grouping?.spans ?? []
    let order = spans.indices.sorted {
      let (a, b) = (abs(spans[$0].value), abs(spans[$1].value))
      return a != b ? a > b : $0 < $1
    }
    let text = removal == .replace ? try neutralText() : nil
    let runs = ChangedRuns(of: decoder, at: linearization)
    var effects: [TraceReport.Effect] = []
    var left = order[...]
    while let first = left.first {
      if let deadline, ContinuousClock.now >= deadline { break }
      var batch = [first]
      var reached = work.cost.positions + work.reach(without: spans[first].positions[0])
      for span in left.dropFirst() {
        reached += work.reach(without: spans[span].positions[0])
        if reached > work.effectRows { break }
        batch.append(span)
      }
      left = left.dropFirst(batch.count)
      let found = runs.values(
        of: target.readout,
        after: batch.map { change(removing: spans[$0].positions, of: input, text?.tokens) },
        rows: work.effectRows
      ) { meter.add(Double($0) * work.cost.forward.operations / Double(work.cost.scope.tokens)) }
      for (span, value) in zip(batch, found.changed) {
        let effect = found.unchanged - value
        guard effect.isFinite else { throw notFinite }
        effects.append(.init(span: span, effect: effect))
      }
    }
    effects.sort { $0.span < $1.span }
    return .init(
      method: removal.rawValue, replacement: text?.text, effects: effects, left: left.sorted(),
      spearman: Correlation.spearman(
        effects.map { spans[$0.span].value }, effects.map(\.effect)))
  }

  /// The change that removes some positions: hidden from all later ones, or with the vectors of other tokens.
  private func change(
    removing positions: [Int], of input: EncodedPrompt, _ neutral: [Int]?
  ) -> RunChange<S> {
    guard let neutral else { return RunChange(hidden: Set(positions)) }
    let replaced = positions.filter { tokenizer?.isSpecial(input.tokens[$0]) != true }
    let tokens = replaced.indices.map { neutral[$0 % neutral.count] }
    let vectors = decoder.embedding.placed(
      decoder.embedding.tokenVectors(of: tokens), at: replaced)
    return RunChange(
      vectors: Dictionary(
        uniqueKeysWithValues: replaced.enumerated().map { ($1, vectors.row($0)) }),
      tokenParts: Dictionary(
        uniqueKeysWithValues: zip(replaced, tokens).map { ($0, TokenPart($1)) }))
  }

  /// A text that says nothing of anything, again and again as long as is needed.
  private func neutralText() throws(InputError) -> (text: String, tokens: [Int]) {
    guard let tokenizer else {
      throw InputError(
        .missing, file: name, subject: "tokenizer.json", expected: "the model's tokenizer",
        found: "no such file", remedy: "remove spans by mask")
    }
    let text = " There is nothing more to say about this here, and so the text goes on."
    return (text, try tokenizer.encode(text, addingSpecialTokens: false).tokens)
  }
}
