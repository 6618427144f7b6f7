public import SecantCheckpoints
import SecantDecoders
import SecantOperators
public import SecantReports

extension Model {
  /// The target's logit as an exact sum over tokens and components.
  ///
  /// Of the options the target, the position, the gate rule, the memory and the site count, which must be the
  /// output or the stream after a block: components write into the stream. Costs one forward sweep of all
  /// tokens' vectors, 2·P operations for each pair of a token and a position that it reaches, as the
  /// shares of an explanation do.
  ///
  /// - Parameters:
  ///   - prompt: A text or token ids.
  ///   - options: What is divided, and how it is computed.
  ///   - progress: Called as the work goes on.
  /// - Returns: The same report for the same arguments on the same machine.
  /// - Throws: What in the prompt or the options cannot be satisfied.
  public func shares(
    _ prompt: PromptInput, _ options: ExplanationOptions = ExplanationOptions(),
    progress: @escaping AnalysisProgress.Handler = { _ in }
  ) throws(InputError) -> SharesReport {
    let input = try read(prompt)
    let tokens = input.tokens
    try decoder.validate(tokens)
    let cost = try sharesCost(tokens: tokens.count, options)
    let scope = cost.scope
    let meter = WorkMeter(
      [(.linearization, cost.linearization), (.contributions, cost.contributions)],
      report: progress)

    meter.begin(.linearization)
    let linearization = try decoder.linearize(at: tokens, gate: options.gate)
    let reading = try outputReading(
      of: linearization.output(at: options.site, position: scope.position), options)
    meter.begin(.contributions)
    let direction = direction(of: reading.target)
    // The biases first: as a source of their own, they have the components that the tokens' are added to.
    let biases = linearization.biasShares(
      of: direction, to: options.site, position: scope.position)
    var columns = biases
    for batch in cost.contributionBatches {
      columns.append(
        linearization.componentShares(
          of: direction, to: options.site, position: scope.position, tokens: batch))
      meter.add(batch.reduce(0) { $0 + Double(scope.position + 1 - $1) } * cost.row)
    }
    guard columns.totals.allSatisfy(\.isFinite) else { throw notFinite }
    meter.end()

    let table = ShareTable(columns)
    let logit = reading.describedTarget.logit
    return SharesReport(
      provenance: exactProvenance(options, input),
      prompt: described(input, position: scope.position, options),
      prediction: reading.prediction, target: reading.describedTarget,
      shares: table.shares(of: logit), direct: table.direct, blocks: table.blocks,
      exactness: table.exactness(of: logit), notes: modelNotes + table.notes)
  }

  /// What the division of a logit costs.
  ///
  /// - Parameters:
  ///   - tokens: Number of tokens, at least 1.
  ///   - options: As the user gave them.
  /// - Returns: The cost.
  /// - Throws: The option that cannot be satisfied.
  func sharesCost(
    tokens: Int, _ options: ExplanationOptions
  ) throws(InputError) -> CostModel {
    let scope = try scope(tokens: tokens, options)
    try requireStream(options.site)
    let cost = CostModel(decoder.configuration, scope, precision: S.self, memory: options.memory)
    // At the least, what is frozen and the sweep of one token's vector.
    try cost.memory.require(
      cost.memory.frozenBytes + cost.memory.sweepBytes(rows: scope.position + 1))
    return cost
  }

  /// - Throws: That components do not write into the site.
  private func requireStream(_ site: Site) throws(InputError) {
    switch site {
    case .output, .block(_, .residual): return
    case .block(let n, _), .input(let n):
      throw InputError(
        .invalid, subject: "site \(site)", expected: "output or the stream after a block",
        found: "a place that components do not add up in",
        remedy: "use output or block.\(n).residual")
    }
  }
}

/// The shares of components as a report has them: the first source is the biases, the others are the
/// tokens in order.
private struct ShareTable {
  let direct: SharesReport.Part
  let blocks: [SharesReport.Block]
  let notes: [String]
  /// The rows' shares as the whole map gives them, the biases' first.
  private let totals: [Double]

  /// Entries of heads and experts that a report holds at most: about 3 MB of JSON.
  private static let detailedEntries = 1 << 17

  init(_ shares: ComponentShares) {
    totals = shares.totals
    direct = Self.part(shares.direct)
    let threshold = Self.threshold(shares)
    blocks = shares.blocks.enumerated().map { n, block in
      func component(_ index: Int, _ values: [Double]) -> SharesReport.Component {
        let part = Self.part(values)
        let isDetailed = Self.size(values) >= threshold
        return .init(
          index: index, value: part.value, tokens: isDetailed ? part.tokens : nil, bias: part.bias)
      }
      return .init(
        block: n, attention: Self.part(block.attention),
        heads: block.heads.enumerated().map(component),
        feedForward: Self.part(block.feedForward),
        experts: block.experts.map { component($0.index, $0.values) },
        bias: block.bias.reduce(0, +))
    }
    notes =
      threshold == 0
      ? []
      : [
        "Of the heads and experts, those whose shares are largest are listed by token; of the others only "
          + "the sums, to keep the report small."
      ]
  }

  private static func part(_ values: [Double]) -> SharesReport.Part {
    .init(value: values.reduce(0, +), tokens: Array(values.dropFirst()), bias: values.first ?? 0)
  }

  private static func size(_ values: [Double]) -> Double { values.reduce(0) { $0 + abs($1) } }

  /// The least sum of magnitudes of a component that is listed by token; 0 where all are.
  private static func threshold(_ shares: ComponentShares) -> Double {
    let parts = shares.blocks.flatMap { $0.heads + $0.experts.map(\.values) }
    let limit = detailedEntries / max(1, shares.totals.count)
    if parts.count <= limit { return 0 }
    let sizes = parts.map(size).sorted(by: >)
    return max(sizes[limit], .leastNonzeroMagnitude).nextUp
  }

  func shares(of logit: Double) -> ExplanationReport.Shares {
    let sum = totals.reduce(0, +)
    func share(_ value: Double) -> ExplanationReport.Shares.Share {
      .init(value: value, fraction: value / logit)
    }
    return .init(
      tokens: totals.dropFirst().map(share), bias: share(totals.first ?? 0), sum: sum,
      logit: logit, difference: sum - logit)
  }

  func exactness(of logit: Double) -> SharesReport.Exactness {
    var rows = [direct.bias] + direct.tokens
    for block in blocks {
      rows[0] += block.attention.bias + block.feedForward.bias + block.bias
      for token in block.attention.tokens.indices {
        rows[token + 1] += block.attention.tokens[token] + block.feedForward.tokens[token]
      }
    }
    let sum = rows.reduce(0, +)
    return .init(
      sum: sum, difference: sum - logit,
      largestRowDifference: zip(rows, totals).reduce(0) { max($0, abs($1.0 - $1.1)) })
  }
}
