public import SecantCheckpoints
import SecantDecoders
import SecantOperators
public import SecantReports

extension Model {
  /// The target as an exact sum over tokens, and over components.
  ///
  /// Of the options the target, the position, the gate rule, the memory, the sources and the site count,
  /// which must be the output or the stream after a block: components write into the stream. Costs one
  /// forward and less than two adjoint passes at any length; for the tokens that `sources` selects, another
  /// 2·P operations for each pair of a source and a position that it reaches. Of a model with a low-rank
  /// adapter the target is divided among the adapter's modules, too, which costs another adjoint pass and a
  /// forward one.
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
    let input = try validated(prompt)
    let tokens = input.tokens
    let work = try sharesWork(tokens: tokens.count, options)
    let cost = work.cost
    try cost.require { $0.shares(of: work.sources) }
    let position = cost.scope.position
    let spans = try spans(options.grouping, of: input, upTo: position)
    let meter = WorkMeter(cost.shares(of: work.sources), report: progress)

    meter.begin(.linearization)
    let linearization = try decoder.linearize(
      at: tokens, gate: options.gate, holding: cost.memory.heldBytes)
    let predicted = try predictedOutput(
      of: linearization.output(at: options.site, position: position), options)
    meter.begin(.contributions)
    let direction = direction(of: predicted.target)
    let ledger = linearization.ledger(of: Readout(direction, at: position), to: options.site) {
      meter.reach($0)
    }
    guard ledger.sum.isFinite else { throw notFinite }

    let shares = ExplanationReport.Shares(
      tokens: ledger.tokens, positions: ledger.positions, bias: ledger.bias,
      logit: predicted.describedTarget.logit,
      shareOrder(linearization, position: position, spans, options))
    var adapter: SharesReport.Adapter?
    if decoder.isAdapted {
      meter.begin(.adapter)
      adapter = self.adapter(
        of: predicted, linearization, position: position, options
      ) { meter.reach($0) }
    }
    meter.begin(.sources)
    let sources = try options.sources.chosen(by: shares.selecting) {
      $0.count <= Self.dividedTokens ? $0 : []
    }
    var columns: ComponentShares?
    if !sources.isEmpty {
      // The biases first: as a source of their own, they have the components that the tokens' are added to.
      var all = linearization.biasShares(of: direction, to: options.site, position: position)
      for batch in cost.sweeps(of: sources) {
        all.append(
          linearization.componentShares(
            of: direction, to: options.site, position: position, tokens: batch))
        meter.add(Double(cost.reach(of: batch)) * cost.row)
      }
      columns = all
    }
    meter.end()

    let table = ShareTable(ledger, columns, of: sources)
    return SharesReport(
      provenance: exactProvenance(options, input),
      prompt: described(input, position: position, options),
      prediction: predicted.prediction, target: predicted.describedTarget,
      shares: shares, sources: sources,
      direct: table.direct, blocks: table.blocks, exactness: table.exactness(of: shares.logit),
      adapter: adapter,
      notes: modelNotes + predicted.notes + table.notes)
  }

  /// Tokens by which components are divided without being asked for: a sweep of each.
  private static var dividedTokens: Int { 64 }

  /// What the division of a logit is expected to do, whether it fits into the memory or not.
  ///
  /// - Parameters:
  ///   - tokens: Number of tokens, at least 1.
  ///   - options: As the user gave them.
  /// - Returns: The cost, and the tokens by which components are expected to be divided.
  /// - Throws: The option that cannot be satisfied.
  func sharesWork(
    tokens: Int, _ options: ExplanationOptions
  ) throws(InputError) -> (cost: CostModel, sources: [Int]) {
    let scope = try scope(tokens: tokens, options)
    try requireStream(options.site)
    let cost = cost(scope, memory: options.memory)
    let sources = try options.sources.chosen(by: (0...scope.position).map(Double.init)) {
      $0.count <= Self.dividedTokens ? $0 : []
    }
    return (cost, sources)
  }

  /// Refuses a site that components do not write into.
  ///
  /// - Throws: That the site is neither the output nor the stream after a block.
  func requireStream(_ site: Site) throws(InputError) {
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

extension CostModel {
  /// A division of a logit, with components divided by some sources.
  func shares(of sources: [Int]) -> Steps {
    var divided = sweep(
      rows: reach(of: sources), in: Double(sweeps(of: sources).count), .sources)
    divided.products = sources.count + 1
    return Steps([forward, ledger] + (isAdapted ? [sweeps(3, .adapter)] : []) + [divided])
  }

  /// The account of a logit by component: cotangents go back, and what each component wrote is computed anew.
  var ledger: Step { sweeps(2, .contributions) }
}

/// The shares of components as a report has them.
private struct ShareTable {
  let direct: SharesReport.Part
  let blocks: [SharesReport.Block]
  let notes: [String]
  /// The shares of the sources, from the adjoint pass.
  private let expected: [Double]
  /// What all components wrote because of each source.
  private let rows: [Double]

  /// Numbers of heads and experts that a report holds at most: about 3 MB of JSON.
  private static let detailedNumbers = 1 << 17

  /// A ledger, and for some sources what each component wrote because of them, the biases first.
  init(_ ledger: Ledger, _ columns: ComponentShares?, of sources: [Int]) {
    let threshold = Self.threshold(ledger, sources: sources.count)
    direct = .init(
      value: ledger.direct, tokens: columns.map { Array($0.direct.dropFirst()) } ?? [],
      bias: columns?.direct.first)
    blocks = ledger.blocks.enumerated().map { n, block in
      let own = columns?.blocks[n]
      func part(_ entry: Ledger.Entry, _ values: [Double]?) -> SharesReport.Part {
        .init(
          value: entry.written, tokens: values.map { Array($0.dropFirst()) } ?? [],
          bias: values?.first, through: entry.through)
      }
      func component(
        _ index: Int, _ entry: Ledger.Entry, _ values: [Double]?, read: [Double]? = nil
      ) -> SharesReport.Component {
        let isDetailed = Self.size(entry) >= threshold
        return .init(
          index: index, value: entry.written,
          tokens: isDetailed ? values.map { Array($0.dropFirst()) } : nil, bias: values?.first,
          through: isDetailed ? entry.through : nil, read: isDetailed ? read : nil)
      }
      return .init(
        block: n, attention: part(block.attention, own?.attention),
        heads: block.heads.enumerated().map { h, head in
          component(h, head.entry, own?.heads[h], read: head.read)
        },
        feedForward: part(block.feedForward, own?.feedForward),
        experts: block.experts.map { expert in
          component(
            expert.index, expert.entry,
            own?.experts.first { $0.index == expert.index }?.values)
        },
        bias: block.bias.written)
    }
    expected = columns == nil ? [] : [ledger.bias] + sources.map { ledger.tokens[$0] }
    rows = columns.map(Self.rows) ?? []
    notes =
      threshold == 0
      ? []
      : [
        "Of the heads and experts, those through which most passes are listed by position; of the others "
          + "only what they wrote, to keep the report small."
      ]
  }

  private static func rows(_ columns: ComponentShares) -> [Double] {
    columns.blocks.reduce(columns.direct) { sums, block in
      sums.indices.map {
        sums[$0] + block.attention[$0] + block.feedForward[$0] + block.bias[$0]
      }
    }
  }

  private static func size(_ entry: Ledger.Entry) -> Double {
    entry.through.reduce(abs(entry.written)) { $0 + abs($1) }
  }

  /// The least sum of magnitudes of a component that is listed by position; 0 where all are.
  private static func threshold(_ ledger: Ledger, sources: Int) -> Double {
    let entries = ledger.blocks.flatMap { $0.heads.map(\.entry) + $0.experts.map(\.entry) }
    let limit = detailedNumbers / max(1, 2 * ledger.tokens.count + sources)
    if entries.count <= limit { return 0 }
    let sizes = entries.map(size).sorted(by: >)
    return max(sizes[limit], .leastNonzeroMagnitude).nextUp
  }

  func exactness(of logit: Double) -> SharesReport.Exactness {
    let sum = blocks.reduce(direct.value) {
      $0 + $1.attention.value + $1.feedForward.value + $1.bias
    }
    let differences = zip(rows, expected).map { abs($0 - $1) }
    return .init(
      sum: sum, difference: sum - logit, largestRowDifference: differences.max())
  }
}
