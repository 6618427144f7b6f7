public import SecantCheckpoints
import SecantDecoders
import SecantOperators
public import SecantReports

extension Model {
  /// The output rebuilt by the detached and by the ordinary Jacobian, in several precisions.
  ///
  /// In each precision it takes one forward pass per kind, two products with the whole prompt, and
  /// two with the target's direction: the cost of a few forward passes, whatever the width.
  ///
  /// - Parameters:
  ///   - prompt: A text or token ids.
  ///   - options: Site, position, target and gate rule; options for singular vectors have no
  ///     effect.
  ///   - precisions: The precisions, at least one; the first one determines the prediction.
  ///   - progress: Called as the work goes on.
  /// - Returns: The same report for the same arguments on the same machine. A precision that cannot
  ///   hold the weights, or that overflows, is omitted if another remains, and a note says why.
  /// - Throws: Why the prompt or the options cannot be used, or why no precision works.
  public func compareJacobians(
    _ prompt: PromptInput, _ options: ExplanationOptions = ExplanationOptions(),
    precisions: [ComparedPrecision] = ComparedPrecision.allCases,
    progress: @escaping AnalysisProgress.Handler = { _ in }
  ) throws(InputError) -> JacobiansReport {
    try compareJacobians(prompt, options, precisions: precisions, notes: [], progress: progress)
  }

  /// The same, with notes on why these precisions were chosen.
  func compareJacobians(
    _ prompt: PromptInput, _ options: ExplanationOptions, precisions: [ComparedPrecision],
    notes reasons: [String], progress: @escaping AnalysisProgress.Handler
  ) throws(InputError) -> JacobiansReport {
    precondition(!precisions.isEmpty, "nothing to compare")
    let input = try validated(prompt)
    let tokens = input.tokens
    let work = try jacobiansWork(tokens: tokens.count, options, precisions: precisions)
    try work.requireMemory()
    let parts = ProgressParts(work.parts(work.cost), progress)
    let position = work.cost.scope.position
    var options = options
    var first: JacobianFinding?
    var comparisons: [JacobiansReport.Comparison] = []
    var (notes, refusal) = (modelNotes + reasons, InputError?.none)
    for (index, precision) in precisions.enumerated() {
      parts.handler(index)(AnalysisProgress(stage: .contributions, fraction: 0))
      let found: JacobianFinding
      switch try compared(
        tokens, position: position, options, precision, work.cost, in: precision.scalar)
      {
      case .success(let finding): found = finding
      case .failure(let error):
        // Another precision may work, and the results so far are kept.
        notes.append(
          "\(precision.rounding == nil ? "Computing in" : "Weights rounded to") \(precision.rawValue) is left "
            + "out: \(error.subject): expected \(error.expected), found \(error.found).")
        refusal = refusal ?? error
        continue
      }
      comparisons.append(found.comparison)
      if first == nil {
        first = found
        // The likeliest token may differ between precisions, but all must divide the same logit.
        options.target = options.target.settled(as: found.target)
      }
    }
    guard let first else { throw refusal ?? notFinite }
    return JacobiansReport(
      secantVersion: SecantVersion.current, model: identity, gateRule: options.gate.rawValue,
      commandLine: options.commandLine, chat: input.chat,
      prompt: described(input, position: position, options), target: first.target,
      shares: first.shares, comparisons: comparisons, notes: notes + first.notes)
  }

  /// The work of a comparison of both kinds, whether or not it fits into the memory.
  ///
  /// - Parameters:
  ///   - tokens: Number of tokens, at least 1.
  ///   - options: As the user gave them.
  ///   - precisions: The precisions.
  /// - Returns: The work.
  /// - Throws: The option that cannot be satisfied.
  func jacobiansWork(
    tokens: Int, _ options: ExplanationOptions, precisions: [ComparedPrecision]
  ) throws(InputError) -> JacobiansWork {
    JacobiansWork(
      cost: cost(try scope(tokens: tokens, options), memory: options.memory),
      precisions: precisions)
  }

  private func compared<T: Scalar>(
    _ tokens: [Int], position: Int, _ options: ExplanationOptions, _ precision: ComparedPrecision,
    _ cost: CostModel, in _: T.Type
  ) throws(InputError) -> Result<JacobianFinding, InputError> {
    let model: Model<T>
    do { model = try computed(in: T.self, roundingWeightsTo: precision.rounding) } catch {
      return .failure(error)
    }
    return try model.compared(tokens, position: position, options, precision, cost)
  }

  /// Both kinds in this model's precision; a failure if numbers overflow.
  ///
  /// - Throws: Why the options cannot be used.
  private func compared(
    _ tokens: [Int], position: Int, _ options: ExplanationOptions, _ precision: ComparedPrecision,
    _ cost: CostModel
  ) throws(InputError) -> Result<JacobianFinding, InputError> {
    let found: DetachedFinding<S>
    switch try detached(tokens, position: position, options, cost) {
    case .success(let finding): found = finding
    case .failure(let error): return .failure(error)
    }
    let predicted = found.predicted
    guard let likeliest = predicted.prediction.first else { return .failure(notFinite) }
    let differential = try decoder.differentiate(
      at: tokens, holding: cost.holding(.ordinary, in: S.self))
    let comparison = JacobiansReport.Comparison(
      precision: .init(
        arithmetic: S.precisionName, weights: precision.rounding?.rawValue ?? "stored"),
      prediction: likeliest, logit: predicted.describedTarget.logit, output: found.output,
      detached: found.reconstruction,
      ordinary: reconstruction(
        differential, nil, position: position, options, direction(of: predicted.target)))
    let shares = ExplanationReport.Shares(
      tokens: comparison.detached.contributions, bias: comparison.detached.bias,
      logit: comparison.logit, found.order)
    return .success(
      JacobianFinding(
        comparison: comparison, target: predicted.describedTarget, shares: shares,
        notes: predicted.notes))
  }

  /// The detached maps' part, in a function of its own: the frozen decoder is released when it returns,
  /// before the derivatives take as much memory again.
  ///
  /// - Throws: Why the options cannot be used.
  private func detached(
    _ tokens: [Int], position: Int, _ options: ExplanationOptions, _ cost: CostModel
  ) throws(InputError) -> Result<DetachedFinding<S>, InputError> {
    let frozen = try decoder.linearize(
      at: tokens, gate: options.gate, holding: cost.holding(.detached, in: S.self))
    let output = frozen.output(at: options.site, position: position)
    guard output.allSatisfy(\.isFinite) else { return .failure(notFinite) }
    let predicted = try predictedOutput(of: output, options)
    return .success(
      DetachedFinding(
        output: output.map(Double.init), predicted: predicted,
        order: shareOrder(frozen, position: position, nil, options),
        reconstruction: reconstruction(
          frozen, frozen.offset(to: options.site, position: position), position: position, options,
          direction(of: predicted.target))))
  }

  /// The output rebuilt by maps: `Σ J_i x_i`, plus b if there is one.
  private func reconstruction(
    _ maps: some SiteMaps<S>, _ offset: [S]?, position: Int, _ options: ExplanationOptions,
    _ direction: [S]
  ) -> JacobiansReport.Reconstruction {
    let family = maps.jacobians(to: options.site, position: position)
    let output = maps.output(at: options.site, position: position).map(Double.init)
    var values = family.sum(maps.input.rows(0..<position + 1)).map(Double.init)
    if let offset { values = zip(values, offset).map { $0 + Double($1) } }
    let asked = family.applyAdjointToAll(Matrix(row: direction))
    let error = zip(values, output).map { $0 - $1 }
    return .init(
      values: values, relativeError: norm(error) / norm(output),
      standardDeviationRatio: standardDeviation(error) / standardDeviation(output),
      correlation: correlation(values, output),
      contributions: asked.enumerated().map { token, row in
        Kernels.dot(row.elements.span, maps.input.row(token).span)
      },
      bias: offset.map { Kernels.dot(direction.span, $0.span) } ?? 0)
  }
}

/// The work of a comparison of both kinds of Jacobian.
struct JacobiansWork: Sendable {
  let cost: CostModel
  let precisions: [ComparedPrecision]

  /// Refuses a budget that is too small for the derivatives in the widest precision.
  ///
  /// - Throws: `InputError` with a size into which they fit.
  func requireMemory() throws(InputError) {
    try cost.require { parts($0).reduce(Steps([]), +) }
  }

  /// The steps in each precision, in order: both forward passes, and two products with each map.
  func parts(_ cost: CostModel) -> [Steps] {
    precisions.map { precision in
      let isWide = precision.scalar == Double.self
      func steps(_ kind: JacobianKind) -> [Step] {
        let cost = isWide ? cost.of(kind, in: Double.self) : cost.of(kind, in: Float.self)
        return [cost.forward, cost.sweeps(3, .reconstruction)]
      }
      return Steps(
        (steps(.detached) + steps(.ordinary)).map { step in
          // Double precision takes twice the time.
          var step = step
          if isWide { step.overhead += step.time }
          return step
        })
    }
  }
}

extension CostModel {
  /// The costs of one kind of map in a precision.
  fileprivate func of<S: Scalar>(_ kind: JacobianKind, in _: S.Type) -> CostModel {
    within(kind: kind, scalarBytes: MemoryLayout<S>.stride)
  }

  /// The memory for the held blocks of one kind of map in a precision, in bytes.
  fileprivate func holding<S: Scalar>(_ kind: JacobianKind, in _: S.Type) -> Int {
    of(kind, in: S.self).memory.heldBytes
  }
}

/// What the detached maps give in one precision.
private struct DetachedFinding<S: Scalar> {
  let output: [Double]
  let predicted: PredictedOutput<S>
  let order: ShareOrder
  let reconstruction: JacobiansReport.Reconstruction
}

/// The result in one precision.
private struct JacobianFinding {
  let comparison: JacobiansReport.Comparison
  let target: ExplanationReport.Target
  /// The target, divided by the detached Jacobians.
  let shares: ExplanationReport.Shares
  let notes: [String]
}

/// Pearson's correlation of two lists of the same length; NaN if either is constant.
private func correlation(_ a: [Double], _ b: [Double]) -> Double {
  let count = Double(max(1, a.count))
  let (meanA, meanB) = (a.reduce(0, +) / count, b.reduce(0, +) / count)
  let covariance = zip(a, b).reduce(0) { $0 + ($1.0 - meanA) * ($1.1 - meanB) } / count
  return covariance / (standardDeviation(a) * standardDeviation(b))
}
