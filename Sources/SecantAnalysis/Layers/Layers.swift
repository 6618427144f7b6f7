public import SecantCheckpoints
import SecantDecoders
import SecantOperators
public import SecantReports

extension Model {
  /// How the answer emerges: the linear maps to every block, from the embeddings and its own.
  ///
  /// All blocks are met by the same sweeps. With r triplets of each of M maps to L blocks, n tokens and
  /// n(n + 1)/2 pairs of a token and a position that it reaches, a pair costs about
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
    let input = try read(prompt)
    let tokens = input.tokens
    try decoder.validate(tokens)
    let (cost, method) = try layersCost(tokens: tokens.count, options)
    let scope = cost.scope
    let places = places(options)
    let meter = WorkMeter(cost.stages(options, method), report: progress)

    meter.begin(.linearization)
    let linearization = try decoder.linearize(at: tokens, gate: options.gate)
    let reading = try outputReading(
      of: linearization.output(position: scope.position), options.explanation)

    meter.begin(.singularVectors)
    let question = LayersQuestion(
      linearization: linearization, position: scope.position, places: places, rank: scope.rank,
      method: method, cost: cost)
    var levels = question.cumulative { meter.add($0) }
    if options.includesLocal { levels += question.local { meter.add($0) } }
    guard levels.allSatisfy(\.contributions.isFinite) else { throw notFinite }
    meter.begin(.decoding)
    let maps = describe(
      levels, linearization: linearization, target: direction(of: reading.target), options)
    meter.end()

    return LayersReport(
      provenance: Provenance(
        secantVersion: SecantVersion.current, model: identity, precision: S.precisionName,
        gateRule: options.gate.rawValue, method: method.isDense ? "dense" : "krylov",
        tolerance: options.tolerance, seed: options.seed, commandLine: options.commandLine,
        chat: input.chat),
      prompt: .init(
        text: input.text,
        tokens: tokens.enumerated().map {
          .init(position: $0, id: $1, text: self.text(of: $1))
        }, analysedPosition: scope.position),
      prediction: reading.prediction, target: reading.describedTarget,
      blockCount: decoder.configuration.blockCount,
      sites: places.map(\.reported),
      extents: options.includesLocal ? [.cumulative, .local] : [.cumulative], maps: maps,
      concepts: concepts(options.concepts, in: maps),
      notes: notes + reading.notes + openNotes(on: maps))
  }

  /// What the maps to all blocks cost, and how they are found.
  ///
  /// - Parameters:
  ///   - tokens: Number of tokens, at least 1.
  ///   - options: As the user gave them.
  /// - Returns: The cost, and the method that is meant.
  /// - Throws: The option that cannot be satisfied.
  func layersCost(
    tokens: Int, _ options: LayersOptions
  ) throws(InputError) -> (cost: LayersCost, method: CascadeSVD) {
    let scope = try scope(tokens: tokens, options.explanation)
    guard !options.sites.isEmpty else {
      throw InputError(
        .invalid, subject: "the sites", expected: "at least one place in a block", found: "none",
        remedy: "name residual, attention or feedForward")
    }
    let cost = LayersCost(
      decoder.configuration, scope, places: options.sites.count,
      includesLocal: options.includesLocal, memory: options.memory, precision: S.self)
    let method = try cost.method(options)
    try cost.requireMemory(method)
    return (cost, method)
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
      map.output + map.joint.triplets.flatMap(\.left)
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
      !map.joint.isConverged || map.tokens.contains { !$0.isConverged }
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
