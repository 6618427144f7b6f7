public import SecantCheckpoints
import SecantDecoders
import SecantOperators
public import SecantReports

extension Model {
  /// The change of the target where parts of the run are scaled: as the frozen map predicts it, and as the model
  /// itself gives it.
  ///
  /// With w the target's direction, c the frozen map's cotangent of a part's output a, and s the factor that
  /// stays of the part, the predicted change is `(s − 1) c·a`, a line in s; the measured change is
  /// `w·y(s) − w·y(1)`, by a forward pass with nothing frozen. For a token `a = x_i − m`, with m the mean of all
  /// tokens' vectors; for a direction `a = (v_k·x_i) v_k`. Both are 0 at s = 1.
  ///
  /// Costs a forward pass, two passes for all shares, and for each part and factor the part of a forward pass
  /// from the change on. Runs share what they have in common.
  ///
  /// - Parameters:
  ///   - prompt: A text or token ids.
  ///   - options: The parts, the factors and the target.
  ///   - progress: Called as the work goes on.
  /// - Returns: The same report for the same arguments on the same machine.
  /// - Throws: What in the prompt or the options cannot be satisfied, or that numbers overflow.
  public func ablate(
    _ prompt: PromptInput, _ options: AblationOptions = AblationOptions(),
    progress: @escaping AnalysisProgress.Handler = { _ in }
  ) throws(InputError) -> AblationReport {
    let input = try validated(prompt)
    let work = try ablationWork(tokens: input.tokens.count, options)
    try work.cost.require { work.steps($0) }
    let (cost, explanation) = (work.cost, work.options.explanation)
    let position = cost.scope.position
    let meter = WorkMeter(work.steps(cost), report: progress)

    meter.begin(.linearization)
    let run = try decoder.linearize(
      at: input.tokens, gate: explanation.gate, holding: cost.memory.heldBytes)
    let predicted = try predictedOutput(
      of: run.output(at: explanation.site, position: position), explanation)
    meter.begin(.contributions)
    let direction = direction(of: predicted.target)
    let shares = PartShares(
      run, of: Readout(direction, at: position), to: explanation.site,
      mean: decoder.embedding.placed(
        .repeating(row: decoder.embedding.mean(), count: position + 1), at: Array(0...position)))
    guard shares.isFinite else { throw notFinite }
    meter.begin(.singularVectors)
    let directions = try namedDirections(work, of: run, meter: meter)
    let sinks = shareOrder(run, position: position, nil, explanation).baseline
    let wanted = shares.largest(except: sinks)
    let chosen = work.chosen(among: wanted)
    let parts = work.named.isEmpty ? shares.sorted(chosen) : chosen

    meter.begin(.ablation)
    let keeps = work.options.settledKeeps
    let runs = ChangedRuns(
      of: decoder, at: run, to: explanation.site, position: position)
    let changes = parts.flatMap { part in
      keeps.map { shares.change(of: part, keeping: $0, directions[part]?.vector) }
    }
    let outputs = runs.outputs(of: changes, rows: cost.ablationRows) {
      meter.add(Double($0) * cost.forward.operations / Double(input.tokens.count))
    }
    let whole = Kernels.dot(direction.span, outputs.unchanged.span)
    var measured: [Double] = []
    for index in changes.indices {
      let value = Kernels.dot(direction.span, outputs.changed.row(index).span) - whole
      guard value.isFinite else { throw notFinite }
      measured.append(value)
    }
    meter.end()
    let scaled = parts.enumerated().map { index, part in
      AblationReport.Part(
        part, share: shares.share(of: part, directions[part]?.vector), triplet: directions[part],
        points: { share in
          keeps.enumerated().map { place, keep in
            .init(
              keep: keep, predicted: (keep - 1) * share + 0,
              measured: measured[index * keeps.count + place])
          }
        })
    }
    return AblationReport(
      provenance: directions.isEmpty
        ? exactProvenance(explanation, input)
        : provenance(
          method: cost.settled(explanation.method, of: work.decomposed).rawValue, explanation,
          input),
      prompt: described(input, position: position, explanation),
      prediction: predicted.prediction, target: predicted.describedTarget,
      isRanked: work.named.isEmpty, parts: scaled,
      notes: modelNotes + predicted.notes + notes(work, parts, of: wanted.count, directions, sinks))
  }

  /// What `ablate` would cost on this machine.
  ///
  /// - Parameters:
  ///   - prompt: A text or token ids.
  ///   - options: As they would be given to `ablate`.
  /// - Returns: The cost of the only method, "exact".
  /// - Throws: Why the prompt or the options cannot be used.
  public func planAblation(
    _ prompt: PromptInput, _ options: AblationOptions = AblationOptions()
  ) throws(InputError) -> PlanReport {
    let tokens = try validTokens(of: prompt).count
    let work = try ablationWork(tokens: tokens, options)
    try work.cost.require { work.steps($0) }
    let factors = work.options.settledKeeps.count { $0 != 1 }
    return plan(
      [(method: "exact", steps: work.steps(work.cost))], tokens: tokens,
      rank: work.decomposed.isEmpty ? 0 : work.cost.scope.rank,
      counted: [
        "Counted: a forward pass, two passes for the shares, and the runs of "
          + "\(work.expectedCount) part\(work.expectedCount == 1 ? "" : "s") by \(factors) factor\(factors == 1 ? "" : "s"), a forward pass "
          + "each at most."
      ])
  }

  /// The vectors of the directions that are named.
  ///
  /// - Throws: That a map has fewer directions.
  private func namedDirections(
    _ work: AblationWork, of run: Linearization<S>, meter: WorkMeter
  ) throws(InputError) -> [AblatedPart: AblatedDirection<S>] {
    let (cost, options) = (work.cost, work.options.explanation)
    let tokens = work.decomposed
    if tokens.isEmpty { return [:] }
    let expected = ExplanationWork(cost: cost, options: options, tokens: tokens)
    let family = run.jacobians(to: options.site, position: cost.scope.position)
    let (done, found) = decompositions(
      of: family, expected, by: run.tokens.map { _ in 0 }, meter: meter)
    var result: [AblatedPart: AblatedDirection<S>] = [:]
    for case .direction(let token, let k) in work.named {
      guard let index = done.firstIndex(of: token), k <= found[index].singularValues.count else {
        throw InputError(
          .invalid, subject: "the ablated direction",
          expected: "one that the map of token \(token) has", found: "\(k)",
          remedy: "choose a smaller number")
      }
      result[.direction(token: token, k)] = AblatedDirection(found[index], k)
    }
    return result
  }

  /// What is left out, and what of the directions is not determined.
  private func notes(
    _ work: AblationWork, _ parts: [AblatedPart], of all: Int,
    _ directions: [AblatedPart: AblatedDirection<S>], _ sinks: [Int]
  ) -> [String] {
    var notes: [String] = []
    if work.isCutShort(parts.count, of: all) {
      notes.append(
        "Only \(parts.count) parts were run, as each takes long here: --parts N for more.")
    }
    if work.named.isEmpty, let sink = sinks.first {
      notes.append(
        "Token \(sink) is an attention sink and was left out of the choice: --token \(sink).")
    }
    for part in parts {
      guard case .direction(let token, let k) = part, let found = directions[part] else { continue }
      let name = "Direction \(k) of token \(token)"
      if let others = found.cluster {
        notes.append(
          "\(name) has nearly the same singular value as others, \(others.lowerBound + 1) to "
            + "\(others.upperBound): only the space of all of them is determined.")
      }
      if found.residual > work.options.explanation.tolerance {
        notes.append("\(name) did not reach the tolerance.")
      }
    }
    return notes
  }
}

/// A right singular vector of a token's map.
private struct AblatedDirection<S: Scalar> {
  /// v_k `[d]`, of norm 1.
  let vector: [S]
  /// σ_k.
  let singularValue: Double
  /// The triplet's residual, relative to σ₁.
  let residual: Double
  /// The triplets, from 0, whose singular values cannot be told from its own; nil where there are none.
  let cluster: Range<Int>?

  /// Triplet k, from 1, of a decomposition that has it.
  init(_ svd: TruncatedSVD<S>, _ k: Int) {
    vector = svd.right.row(k - 1)
    singularValue = Double(svd.singularValues[k - 1])
    residual = svd.residuals.indices.contains(k - 1) ? svd.residuals[k - 1] : .nan
    cluster = svd.clusters.first { $0.count > 1 && $0.contains(k - 1) }
  }
}

/// The readout's exact share that passes through each part, and the changed run of each.
private struct PartShares<S: Scalar> {
  /// Cotangents of the vectors that enter block 0, `[n, d]`.
  private let cotangents: Matrix<S>
  /// The vectors that enter block 0, `[n, d]`.
  private let input: Matrix<S>
  /// The prompt's tokens.
  private let ids: [Int]
  /// The mean of all tokens' vectors at each position, `[n, d]`.
  private let mean: Matrix<S>
  /// The vectors that enter block 0 less that mean, `[n, d]`.
  private let removed: Matrix<S>
  private let products: ComponentProducts
  /// By block, from 0.
  private let blocks: [Double]
  private let tokens: [Double]

  /// The shares of a readout of one position: two passes.
  ///
  /// - Parameters:
  ///   - run: The frozen decoder.
  ///   - readout: w at the position p.
  ///   - site: `output`, or the stream after a block.
  ///   - mean: What stands in the place of a token's vector, at the positions up to p.
  init(
    _ run: Linearization<S>, of readout: Readout<S>, to site: Site, mean: Matrix<S>
  ) {
    let count = mean.rows
    var blocks: [Int: Double] = [:]
    let asked = run.cotangents(of: readout, to: site) { block, after in
      let before = block == 0 ? run.input : run.stream(after: block - 1)
      let kept = run.blocks.streamFactor(of: block) * before.rows(0..<count)
      let written = run.stream(after: block).rows(0..<count) - kept
      blocks[block] = Kernels.dot(after.elements.span, written.elements.span)
    }
    products = asked.products(run.componentOutputs(before: count))
    self.blocks = blocks.sorted { $0.key < $1.key }.map(\.value)
    cotangents = asked.input
    input = run.input.rows(0..<count)
    ids = run.tokens
    self.mean = mean
    removed = input - mean
    tokens = Kernels.groupDots(cotangents.elements, removed.elements, width: removed.columns)
  }

  /// Whether all shares are finite numbers.
  var isFinite: Bool {
    (tokens + blocks + products.heads.joined() + products.feedForward).allSatisfy(\.isFinite)
  }

  /// The share of a part; of a direction, with its vector.
  func share(of part: AblatedPart, _ vector: [S]?) -> Double {
    switch part {
    case .token(let token): return tokens[token]
    case .head(let block, let head): return products.heads[block][head]
    case .feedForward(let block): return products.feedForward[block]
    case .block(let block): return blocks[block]
    case .direction(let token, _):
      guard let vector else { preconditionFailure("a direction without its vector") }
      return Kernels.dot(vector.span, input.row(token).span)
        * Kernels.dot(vector.span, cotangents.row(token).span)
    }
  }

  /// Tokens, heads and feed-forward layers, the most wanted first: the largest of each kind, then the second
  /// largest of each, and so on.
  ///
  /// Layers would otherwise leave no room for the others: most of a target passes through each of them.
  func largest(except sinks: [Int]) -> [AblatedPart] {
    let kinds: [[AblatedPart]] = [
      tokens.indices.filter { !sinks.contains($0) }.map { .token($0) },
      products.heads.enumerated().flatMap { block, heads in
        heads.indices.map { .head(block: block, $0) }
      },
      products.feedForward.indices.map { .feedForward(block: $0) },
    ].map(sorted)
    return (0..<(kinds.map(\.count).max() ?? 0)).flatMap { place in
      sorted(kinds.compactMap { place < $0.count ? $0[place] : nil })
    }
  }

  /// Parts by the magnitude of their shares, largest first; equal ones keep their order.
  func sorted(_ parts: [AblatedPart]) -> [AblatedPart] {
    let sizes = parts.map { abs(share(of: $0, nil)) }
    return parts.indices.sorted { sizes[$0] != sizes[$1] ? sizes[$0] > sizes[$1] : $0 < $1 }
      .map { parts[$0] }
  }

  /// The run in which a part is scaled; nothing changes at the factor 1.
  func change(of part: AblatedPart, keeping keep: Double, _ vector: [S]?) -> RunChange<S> {
    let factor = S(keep)
    if factor == 1 { return RunChange() }
    func held(_ component: RunChange<S>.Component) -> RunChange<S> {
      RunChange(held: [component: .scaled(by: factor)])
    }
    func replaced(_ token: Int, _ ablated: [S]) -> RunChange<S> {
      RunChange(vectors: [
        token: zip(input.row(token), ablated).map { $0 + (factor - 1) * $1 }
      ])
    }
    switch part {
    case .token(let token):
      var change =
        factor == 0
        ? RunChange(vectors: [token: mean.row(token)]) : replaced(token, removed.row(token))
      change.tokenParts[token] = TokenPart(ids[token], times: factor)
      return change
    case .head(let block, let head): return held(.head(block: block, head))
    case .feedForward(let block): return held(.feedForward(block: block))
    case .block(let block): return held(.block(block))
    case .direction(let token, _):
      guard let vector else { preconditionFailure("a direction without its vector") }
      let length = S(Kernels.dot(vector.span, input.row(token).span))
      return replaced(token, vector.map { length * $0 })
    }
  }
}

extension AblationReport.Part {
  /// A part as reports describe it.
  fileprivate init<S: Scalar>(
    _ part: AblatedPart, share: Double, triplet: AblatedDirection<S>?,
    points: (_ share: Double) -> [AblationReport.Point]
  ) {
    let points = points(share)
    switch part {
    case .token(let token):
      self.init(kind: "token", position: token, share: share, points: points)
    case .head(let block, let head):
      self.init(kind: "head", block: block, head: head, share: share, points: points)
    case .feedForward(let block):
      self.init(kind: "feed-forward", block: block, share: share, points: points)
    case .block(let block):
      self.init(kind: "block", block: block, share: share, points: points)
    case .direction(let token, let k):
      self.init(
        kind: "direction", position: token, triplet: k, singularValue: triplet?.singularValue,
        residual: triplet?.residual, share: share, points: points)
    }
  }
}
