public import SecantCheckpoints
import SecantDecoders
import SecantOperators
public import SecantReports

extension Model {
  /// What the model computed for a prompt, as the sum of what each token's linear map gave to it.
  ///
  /// - Parameters:
  ///   - prompt: A text or token ids.
  ///   - options: What the explanation should contain, and how it is computed.
  ///   - progress: Called as the work goes on.
  /// - Returns: The same report for the same arguments on the same machine.
  /// - Throws: What in the prompt or the options cannot be satisfied.
  public func explain(
    _ prompt: PromptInput, _ options: ExplanationOptions = ExplanationOptions(),
    progress: @escaping AnalysisProgress.Handler = { _ in }
  ) throws(InputError) -> ExplanationReport {
    try explained(prompt, options, progress: progress).report
  }

  /// An explanation with what it was computed from.
  ///
  /// - Parameters:
  ///   - prompt: A text or token ids.
  ///   - options: What the explanation should contain, and how it is computed.
  ///   - progress: Called as the work goes on.
  /// - Returns: The report, and the parts that a comparison needs beside it.
  /// - Throws: What in the prompt or the options cannot be satisfied.
  func explained(
    _ prompt: PromptInput, _ options: ExplanationOptions,
    progress: @escaping AnalysisProgress.Handler
  ) throws(InputError) -> Explained<S> {
    let input = try read(prompt)
    let tokens = input.tokens
    try decoder.validate(tokens)
    let (cost, method) = try explanationCost(tokens: tokens.count, options)
    let scope = cost.scope
    let meter = WorkMeter(cost, method, report: progress)

    meter.begin(.linearization)
    let linearization = try decoder.linearize(at: tokens, gate: options.gate)
    meter.begin(.contributions)
    let contributions = Contributions(
      linearization, to: options.site, position: scope.position,
      batches: cost.contributionBatches
    ) { meter.add($0 * cost.row) }
    guard contributions.isFinite else { throw notFinite }

    let reading = try outputReading(of: contributions.output, options)

    meter.begin(.singularVectors)
    let family = linearization.jacobians(to: options.site, position: scope.position)
    let decompositions = decompositions(of: family, cost, method, options, meter: meter)
    meter.begin(.decoding)
    let jacobians = describe(
      decompositions, linearization: linearization, contributions: contributions, options)
    meter.end()

    let report = ExplanationReport(
      provenance: provenance(method: method.rawValue, options, input),
      prompt: described(input, position: scope.position, options),
      prediction: reading.prediction,
      target: reading.describedTarget,
      reconstruction: contributions.reconstruction,
      shares: shares(of: reading.target, contributions, logits: reading.logits),
      jacobians: jacobians,
      notes: notes(on: decompositions))
    return Explained(
      report: report, decompositions: decompositions, family: family, logits: reading.logits)
  }

  /// `w·J_i x_i` and `w·b`, with w the unembedding row of the target or the difference of two.
  func shares(
    of target: ResolvedTarget, _ contributions: Contributions<S>, logits: [S]
  ) -> ExplanationReport.Shares {
    var (tokens, bias) = contributions.shares(of: decoder.unembedding.direction(of: target.token))
    if let contrast = target.contrast {
      let other = contributions.shares(of: decoder.unembedding.direction(of: contrast))
      tokens = zip(tokens, other.tokens).map { $0 - $1 }
      bias -= other.bias
    }
    let logit = target.logit(among: logits)
    let sum = tokens.reduce(0, +) + bias
    return .init(
      tokens: tokens.map { .init(value: $0, fraction: $0 / logit) },
      bias: .init(value: bias, fraction: bias / logit), sum: sum, logit: logit,
      difference: sum - logit)
  }

  /// Caveats that a reader of the numbers should know.
  private func notes(on decompositions: [TruncatedSVD<S>]) -> [String] {
    var notes = modelNotes
    let unconverged = decompositions.indices.filter { !decompositions[$0].isConverged }
    if !unconverged.isEmpty {
      notes.append(
        "Not every triplet reached the tolerance, for the tokens at positions "
          + unconverged.map(String.init).joined(separator: ", ")
          + ": their residuals say how good they are.")
    }
    let open = decompositions.indices.filter { decompositions[$0].isLastClusterOpen }
    if !open.isEmpty {
      notes.append(
        "The last triplets of the tokens at positions "
          + open.map(String.init).joined(separator: ", ")
          + " may belong to a cluster that goes on beyond the rank.")
    }
    return notes
  }
}

/// An explanation with what it was computed from.
struct Explained<S: Scalar>: Sendable {
  /// What was found.
  let report: ExplanationReport
  /// The leading triplets of every token's map, in order.
  let decompositions: [TruncatedSVD<S>]
  /// The maps.
  let family: TokenJacobians<S>
  /// The logits at the analysed place, before any bound `[V]`.
  let logits: [S]
}

extension Contributions {
  /// How exactly the terms add up to the output.
  var reconstruction: ExplanationReport.Reconstruction {
    let (error, output) = (error, output.map(Double.init))
    return .init(
      relativeError: norm(error) / norm(output),
      standardDeviationRatio: standardDeviation(error) / standardDeviation(output),
      outputNorm: norm(output), offsetNorm: norm(offset.map(Double.init)))
  }
}
