public import SecantCheckpoints
import SecantDecoders
import SecantOperators
public import SecantReports

extension Model {
  /// How the answer emerges: what the stream says after each block, what each block gave, and the linear maps
  /// to every block, from the embeddings and its own.
  ///
  /// The lens and the blocks' shares cost a few passes at any length. Then the maps of the tokens that the options
  /// select are decomposed; all blocks are met by the same sweeps. With r triplets of each of M maps to L blocks, n tokens
  /// and n(n + 1)/2 pairs of a token and a position that it reaches, a pair costs about
  /// (18·r + M·L·r)·2·P operations, where one Jacobian after the other takes d·M·L·P.
  ///
  /// - Parameters:
  ///   - prompt: A text or token ids.
  ///   - options: Which maps are wanted, and how they are computed.
  ///   - progress: Called as the work goes on.
  /// - Returns: The same report for the same arguments on the same machine.
  /// - Throws: What in the prompt or the options cannot be satisfied.
  public func layers(
    _ prompt: PromptInput, _ options: LayersOptions = LayersOptions(),
    progress: @escaping AnalysisProgress.Handler = { _ in }
  ) throws(InputError) -> LayersReport {
    let input = try validated(prompt)
    let tokens = input.tokens
    let expected = try layersWork(tokens: tokens.count, options)
    try expected.requireMemory()
    let position = expected.cost.scope.position
    let places = places(options)
    let meter = WorkMeter(expected.steps, report: progress)

    let held = expected.mapsCost.memory.heldBytes
    meter.begin(.linearization)
    let linearization = try decoder.linearize(
      at: tokens, gate: options.gate, holding: held)
    let predicted = try predictedOutput(
      of: linearization.output(position: position), options.explanation)
    meter.begin(.contributions)
    let ledger = linearization.ledger(
      of: Readout(direction(of: predicted.target), at: position)
    ) { meter.reach($0) }
    guard ledger.sum.isFinite else { throw notFinite }

    meter.begin(.singularVectors)
    let work = try expected.chosen(by: ledger.tokens)
    let method = work.method
    let maps: any SiteMaps<S> =
      options.kind == .detached
      ? linearization : try decoder.differentiate(at: tokens, holding: held)
    let question = LayersQuestion(maps: maps, work: work, method: method)
    var (levels, done) = question.cumulative(members(of: work, by: ledger.tokens)) {
      meter.add($0)
    }
    if options.includesLocal { levels += question.local(done) { meter.add($0) } }
    guard levels.allSatisfy({ $0.output.allSatisfy(\.isFinite) }) else { throw notFinite }
    meter.begin(.decoding)
    let found = describe(levels, target: predicted.target, options)
    let grid =
      options.includesGrid
      ? grid(
        of: linearization, target: predicted.target, upTo: position, memory: options.memory) : nil
    meter.end()

    return LayersReport(
      provenance: provenance(
        method: method.isDense ? "dense" : "krylov", options.explanation, input),
      prompt: described(input, position: position, options.explanation),
      prediction: predicted.prediction, target: predicted.describedTarget,
      shares: .init(ledger), blockCount: decoder.configuration.blockCount,
      sites: places.map(\.reported),
      extents: options.includesLocal ? [.cumulative, .local] : [.cumulative],
      kind: options.kind.rawValue, maps: found, grid: grid,
      concepts: concepts(options.concepts, in: found),
      notes: modelNotes + predicted.notes
        + work.notes(
          found.first?.tokens.map(\.position) ?? [], hasJoint: done.contains(.joint))
        + openNotes(on: found))
  }

  /// The members that are decomposed: tokens, then all together; by share where the time is bounded.
  private func members(
    of work: LayersWork, by shares: [Double]
  ) -> [Jacobians<S>.Member] {
    let tokens =
      work.options.maximumSeconds == nil
      ? work.tokens : work.tokens.sorted { abs(shares[$0]) > abs(shares[$1]) }
    return tokens.map { .token($0) } + (work.includesJoint ? [.joint] : [])
  }

  /// The places that are read in each block, in the order in which it computes them.
  private func places(_ options: LayersOptions) -> [Site.BlockSite] {
    Site.BlockSite.allCases.filter(options.sites.contains)
  }

  /// The words with the ids of the tokens that stand for them.
  private func concepts(
    _ words: [String], in maps: [LayersReport.LayerMap]
  ) -> [LayersReport.Concept] {
    if words.isEmpty { return [] }
    let decoded = maps.flatMap { map in
      map.output + (map.joint?.triplets ?? []).flatMap(\.left)
        + map.tokens.flatMap { $0.triplets.flatMap { $0.left + $0.right } }
    }
    let texts = Dictionary(decoded.map { ($0.id, $0.text.bareWord) }) { first, _ in first }
    return words.map { word in
      let bare = word.bareWord
      return .init(
        word: word,
        tokens: bare.isEmpty ? [] : texts.filter { $0.value.hasPrefix(bare) }.keys.sorted())
    }
  }

  private func openNotes(on maps: [LayersReport.LayerMap]) -> [String] {
    let open = maps.filter { map in
      map.joint?.isConverged == false || map.tokens.contains { !$0.isConverged }
    }
    if open.isEmpty { return [] }
    let names = open.prefix(6).map {
      "block \($0.block) \($0.site.rawValue) (\($0.extent.rawValue))"
    }
    return [
      "Not every triplet reached the tolerance: \(names.joined(separator: ", "))"
        + (open.count > names.count ? " and \(open.count - names.count) more" : "")
        + "; their residuals say how good they are."
    ]
  }
}

extension LayersReport.Shares {
  /// What a ledger says of each block.
  fileprivate init(_ ledger: Ledger) {
    self.init(
      direct: ledger.direct,
      blocks: ledger.blocks.map {
        .init(
          attention: $0.attention.written, feedForward: $0.feedForward.written,
          bias: $0.bias.written)
      })
  }
}

extension Site.BlockSite {
  /// The place as reports name it.
  var reported: LayersReport.Site {
    switch self {
    case .attention: .attention
    case .feedForward: .feedForward
    case .residual: .residual
    }
  }
}

extension String {
  /// The text without white space around it, in lower case.
  fileprivate var bareWord: String {
    String(drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
      .lowercased()
  }
}
