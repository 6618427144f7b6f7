import Foundation
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
    let reading = try read(prompt)
    let tokens = reading.tokens
    try decoder.validate(tokens)
    let scope = try scope(tokens: tokens.count, options)
    let cost = CostModel(
      decoder.configuration, scope, precision: S.self, memory: options.memory)
    let method = cost.settled(options.method)
    try cost.requireMemory(method)
    let meter = WorkMeter(cost, method, report: progress)

    meter.begin(.linearization)
    let linearization = try decoder.linearize(at: tokens, gate: options.gate)
    meter.begin(.contributions)
    let contributions = Contributions(
      linearization, to: options.site, position: scope.position,
      batches: cost.contributionBatches
    ) { meter.add($0 * cost.row) }
    guard contributions.isFinite else { throw notFinite }

    // Shares are of the logits before the bound that some models put on them.
    let products = decoder.unembedding.products(Matrix(row: contributions.output))
    let logits = products.elements
    let prediction = prediction(
      decoder.unembedding.bounded(products).elements, count: options.predictionCount)
    guard let likeliest = prediction.first?.id else { throw notFinite }
    let target = try resolve(options.target, prediction: likeliest)

    meter.begin(.singularVectors)
    let decompositions = decompositions(
      of: linearization.jacobians(to: options.site, position: scope.position), cost, method,
      options,
      meter: meter)
    meter.begin(.decoding)
    let jacobians = describe(
      decompositions, linearization: linearization, contributions: contributions, options)
    meter.end()

    return ExplanationReport(
      provenance: Provenance(
        secantVersion: SecantVersion.current, model: identity, precision: S.precisionName,
        gateRule: options.gate.rawValue, method: method.rawValue,
        tolerance: options.tolerance, seed: options.seed, commandLine: options.commandLine,
        chat: reading.chat),
      prompt: .init(
        text: reading.text,
        tokens: tokens.enumerated().map {
          .init(position: $0, id: $1, text: self.text(of: $1))
        }, analysedPosition: scope.position, site: options.site.description),
      prediction: prediction,
      target: describe(target, logits: logits),
      reconstruction: contributions.reconstruction,
      shares: shares(of: target, contributions, logits: logits),
      jacobians: jacobians,
      notes: notes(on: decompositions))
  }

  /// The likeliest next tokens, likeliest first; of equal logits, the lower id first.
  func prediction(_ logits: [S], count: Int) -> [ExplanationReport.Prediction] {
    // Subtracting the largest logit keeps every exponential in 0...1.
    let peak = logits.reduce(-S.infinity, max)
    guard peak.isFinite else { return [] }
    let total = logits.reduce(0.0) { $0 + exp(Double($1) - Double(peak)) }
    let ranking = logits.indices.sorted {
      logits[$0] != logits[$1] ? logits[$0] > logits[$1] : $0 < $1
    }
    return ranking.prefix(max(1, count)).map { id in
      .init(
        id: id, text: text(of: id), logit: Double(logits[id]),
        probability: exp(Double(logits[id]) - Double(peak)) / total)
    }
  }

  private func describe(_ target: ResolvedTarget, logits: [S]) -> ExplanationReport.Target {
    let name = text(of: target.token)
    let contrast = target.contrast.map {
      ExplanationReport.Target.Token(id: $0, text: text(of: $0))
    }
    return .init(
      label: contrast.map { "\(name) - \($0.text)" } ?? name,
      token: .init(id: target.token, text: name), contrast: contrast,
      logit: target.logit(among: logits))
  }

  /// `w·J_i x_i` and `w·b`, with w the unembedding row of the target or the difference of two.
  private func shares(
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
    var notes: [String] = []
    if let limit = decoder.unembedding.softcap {
      notes.append(
        "This model bounds its logits z to \(limit)·tanh(z/\(limit)): what is explained, and shared out, "
          + "is the logit before the bound; predictions are after it.")
    }
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

  var notFinite: InputError {
    InputError(
      .invalid, subject: "the forward pass in \(S.precisionName)", expected: "finite numbers",
      found: "an overflow",
      remedy: S.self == Float.self ? "use the precision f64" : "check the weights")
  }
}

extension ResolvedTarget {
  /// The logit, or the difference of two, that is explained.
  func logit<S: Scalar>(among logits: [S]) -> Double {
    Double(logits[token]) - (contrast.map { Double(logits[$0]) } ?? 0)
  }
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
