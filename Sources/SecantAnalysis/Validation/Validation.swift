import Foundation
public import SecantCheckpoints
import SecantDecoders
import SecantOperators
public import SecantReports

extension Model {
  /// How well rules of attribution predict what really happens, over many prompts.
  ///
  /// Of each item the model is run with tokens removed, heads silenced and components held at what they give
  /// after the counterfactual, and what every rule says is set beside it. Items are left out, and counted, whose prompts
  /// differ in length, whose answers are not one token each, or after which the model prefers the other answer.
  ///
  /// - Parameters:
  ///   - options: Rules, items and bounds.
  ///   - progress: Called as the work goes on.
  /// - Returns: The same report for the same arguments on the same machine, unless a time is given.
  /// - Throws: That the model has no tokenizer, that its blocks read more than the stream, that no item can be
  ///   measured, or that numbers overflow.
  public func validate(
    _ options: ValidationOptions = ValidationOptions(),
    progress: @escaping AnalysisProgress.Handler = { _ in }
  ) throws(InputError) -> ValidationReport {
    try requirePlainStream()
    let candidates = try validationItems(options)
    try requireMemory(for: candidates, options)
    let earlier = try options.earlier.map { report throws(InputError) in
      try EarlierItems(report, continuedBy: options, identity, precision: S.precisionName)
    }
    let pool = candidates.flatMap(\.tokens)
    let control = try control(options)
    let mean = decoder.embedding.mean()
    let start = ContinuousClock.now
    var tally = ValidationTally(candidates)
    var measured: [ValidationReport.Item] = []
    for candidate in candidates where candidate.flaw == nil {
      if measured.count == options.itemCount { break }
      if let known = earlier?.item(candidate) {
        tally.measured(candidate.item.family)
        measured.append(known)
        continue
      }
      if let seconds = options.maximumSeconds, !measured.isEmpty,
        (ContinuousClock.now - start) / .seconds(1) >= seconds
      {
        break
      }
      progress(
        AnalysisProgress(
          stage: .validation, fraction: Double(measured.count) / Double(options.itemCount)))
      guard try prefersAnswer(candidate) else {
        tally.prefersOther(candidate.item.family)
        continue
      }
      let predictor = try RulePredictor(
        decoder, candidate.tokens, candidate.others,
        direction: direction(of: candidate.target), mean: mean,
        runsTogether: runsTogether(tokens: candidate.tokens.count, options))
      let logits = (predictor.read(predictor.a.output()), predictor.read(predictor.b.output()))
      guard logits.0.isFinite, logits.1.isFinite else { throw notFinite }
      let values = try measures(
        of: predictor, item: measured.count,
        control: measured.count < Self.controlledItems ? control : nil, pool, options)
      tally.measured(candidate.item.family)
      measured.append(
        ValidationReport.Item(
          candidate, self, logits: logits,
          values: options.rules.flatMap { rule in
            ValidationReport.Measure.all.compactMap { measure in
              values[rule]?[measure.name].map {
                .init(rule: rule.rawValue, measure: measure.name, value: $0)
              }
            }
          }))
    }
    guard !measured.isEmpty else { throw tally.nothingMeasured }
    progress(AnalysisProgress(stage: .validation, fraction: 1))
    let rules = options.rules.map { rule in
      ValidationReport.Rule(
        name: rule.rawValue, definition: rule.definition,
        medians: ValidationReport.Measure.all.compactMap { measure in
          let values = measured.flatMap { item in
            item.values.filter { $0.rule == rule.rawValue && $0.measure == measure.name }
              .map(\.value)
          }
          return Bootstrap(of: Bootstrap.median, values, seed: options.seed).map {
            .init(
              measure: measure.name, value: $0.value, low: $0.low, high: $0.high,
              items: values.count)
          }
        })
    }
    return ValidationReport(
      provenance: Provenance(
        secantVersion: SecantVersion.current, model: identity, precision: S.precisionName,
        gateRule: "all", method: "exact", tolerance: 0, seed: options.seed,
        commandLine: options.commandLine),
      data: options.dataName, families: tally.families, measures: ValidationReport.Measure.all,
      rules: rules, items: measured, notes: modelNotes + tally.notes(options))
  }

  /// Refuses a model with blocks that read more than the stream before them: paths between two runs have no vectors
  /// of tokens on the way, and blocks in another order find nothing that was given.
  private func requirePlainStream() throws(InputError) {
    guard decoder.configuration.readsBesideStream else { return }
    throw InputError(
      .unsupported, subject: "validation",
      expected: "a model whose blocks read nothing but the stream before them",
      found: decoder.configuration.hasPerLayerInputs
        ? "per-layer inputs" : "blocks that take keys and values of others",
      remedy: "measure effects with secant explain --check or secant ablate")
  }

  /// Whether the model prefers an item's answer to the other: one forward pass.
  private func prefersAnswer(_ candidate: CandidateItem) throws(InputError) -> Bool {
    var cache = KeyValueCache<S>(decoder.configuration)
    let outputs = try decoder.forward(candidate.tokens, cache: &cache)
    let (direction, output) = (direction(of: candidate.target), outputs.row(outputs.rows - 1))
    let logit = Kernels.dot(direction.span, output.span)
    guard logit.isFinite else { throw notFinite }
    return logit > 0
  }

  /// Items of which shares are compared with those of the control.
  private static var controlledItems: Int { 12 }

  /// The same decoder with its blocks in another order; nil where there is no other order.
  private func control(_ options: ValidationOptions) throws(InputError) -> Decoder<S>? {
    guard decoder.blocks.count > 1 else { return nil }
    var generator = SplitMix64(seed: options.seed)
    var order = Array(decoder.blocks.indices)
    while order == Array(decoder.blocks.indices) { order.shuffle(using: &generator) }
    return decoder.reordering(blocks: order)
  }

  /// The measures of every rule on one item.
  ///
  /// What is drawn depends on the seed and the item's number alone: a rule's measures are the same whatever other rules
  /// are asked.
  private func measures(
    of predictor: RulePredictor<S>, item: Int, control: Decoder<S>?, _ pool: [Int],
    _ options: ValidationOptions
  ) throws(InputError) -> [PredictionRule: [String: Double]] {
    let tokens = predictor.a.tokens
    var seeds = SplitMix64(seed: options.seed &+ UInt64(item) &* 0x9e37_79b9)
    var (generator, noise) = (
      SplitMix64(seed: seeds.next()), SplitMix64(seed: seeds.next())
    )
    let predictions = try options.rules.map { rule throws(InputError) in
      (
        rule: rule,
        prediction: try predictor.prediction(rule, withCircuit: true, &noise)
      )
    }
    let replacements = tokens.map { token in
      var other = token
      // Some token of another place: one that prompts have.
      for _ in 0..<64 where other == token {
        other = pool[Int.random(in: 0..<pool.count, using: &generator)]
      }
      return other != token ? other : (token + 1) % decoder.configuration.vocabularySize
    }
    var heads = decoder.blocks.indices.flatMap { block in
      (0..<decoder.configuration.headCount(ofBlock: block)).map { (block: block, head: $0) }
    }
    heads.shuffle(using: &generator)
    var values = ItemMeasures(
      predictor: predictor, replacements: replacements, predictions: predictions,
      heads: Array(heads.prefix(ItemMeasures<S>.removedHeads))
    ).measured(rows: validationRows(options))
    guard let control else { return values }
    let other = try RulePredictor(
      control, tokens, predictor.b.tokens, direction: predictor.direction, mean: predictor.mean,
      runsTogether: runsTogether(tokens: tokens.count, options))
    for (rule, prediction) in predictions where rule != .random {
      let shuffled = try other.prediction(rule, withCircuit: false, &noise)
      values[rule]?["randomized"] = Correlation.spearman(prediction.tokens, shuffled.tokens)
    }
    return values
  }
}

extension ValidationReport.Item {
  /// An item with what was measured of it.
  fileprivate init<S: Scalar>(
    _ candidate: CandidateItem, _ model: Model<S>, logits: (Double, Double),
    values: [ValidationReport.Value]
  ) {
    let (token, contrast) = candidate.answers
    self.init(
      family: candidate.item.family, prompt: candidate.item.prompt,
      counterfactual: candidate.item.counterfactual,
      target: .init(id: token, text: model.text(of: token)),
      over: .init(id: contrast, text: model.text(of: contrast)), logit: logits.0,
      counterfactualLogit: logits.1, values: values)
  }
}
