public import SecantCheckpoints
import SecantDecoders
import SecantOperators
public import SecantReports

extension Model {
  /// The complete maps of some tokens, and the leading directions of the joint map of all tokens.
  ///
  /// Forms the maps of the selected tokens by d adjoint products that serve all of them, as many
  /// tokens at a time as fit into the memory (three matrices `[d, d]` each). Then it decomposes
  /// each map completely, at about 45·d³ operations. The joint map is never formed; it is
  /// decomposed if all tokens are selected or if it fits the time that a person waits.
  ///
  /// - Parameters:
  ///   - prompt: A text or token ids.
  ///   - options: What the report contains, and how it is computed.
  ///   - progress: Called as the work goes on.
  /// - Returns: The same report for the same arguments on the same machine.
  /// - Throws: Why the prompt or the options cannot be used.
  public func maps(
    _ prompt: PromptInput, _ options: MapsOptions = MapsOptions(),
    progress: @escaping AnalysisProgress.Handler = { _ in }
  ) throws(InputError) -> MapsReport {
    let input = try validated(prompt)
    let tokens = input.tokens
    let explanation = options.explanation
    let expected = try mapsWork(tokens: tokens.count, options)
    try expected.requireMemory()
    let cost = expected.cost
    let scope = cost.scope
    let start = try generationStart(tokens, options)
    let meter = WorkMeter(expected.steps, report: progress)

    let attribution = try attribution(input, cost, explanation, meter: meter)
    let linearization = attribution.linearization
    meter.begin(.reconstruction)
    let reconstruction = attribution.reconstruction()
    var generation: MapsReport.Generation?
    if let start { generation = try self.generation(from: start, options) }

    meter.begin(.singularVectors)
    let work = try expected.chosen(by: attribution.shares.selecting)
    let family = linearization.jacobians(to: explanation.site, position: scope.position)
    let (done, tokenMaps) = maps(
      of: family.observed { meter.add($0 * cost.row) }, attribution, work)
    let triplets =
      work.includesJoint ? jointTriplets(of: family, cost, explanation, meter: meter) : nil
    meter.begin(.decoding)
    let joint = triplets.map { describe($0, towards: attribution.output, explanation) }
    meter.end()

    return MapsReport(
      provenance: provenance(method: work.method.rawValue, explanation, input),
      prompt: described(input, position: scope.position, explanation),
      prediction: attribution.predicted.prediction, target: attribution.predicted.describedTarget,
      shares: attribution.shares, reconstruction: reconstruction,
      jacobians: tokenMaps, joint: joint, generation: generation,
      notes: modelNotes + attribution.predicted.notes
        + work.notes(done, isConverged: triplets?.isConverged ?? true))
  }

  /// The maps of some tokens, in order.
  ///
  /// As many as fit into the memory are formed at a time or, with a time limit, one after another.
  private func maps(
    of family: Jacobians<S>, _ attribution: Attribution<S>, _ work: MapsWork
  ) -> (tokens: [Int], maps: [MapsReport.Map]) {
    let (cost, options) = (work.cost, work.options)
    let rowBlock = cost.rowBlock
    let side = MatrixSummary.side(tokens: work.tokens.count)
    var result: [Int: MapsReport.Map] = [:]
    let shares = attribution.shares.selecting
    let seconds = options.explanation.maximumSeconds
    let groups =
      seconds == nil
      ? cost.groups(of: work.tokens, .dense)
      : work.tokens.sorted { abs(shares[$0]) > abs(shares[$1]) }.map { [$0] }
    let start = ContinuousClock.now
    for group in groups {
      if let seconds, ContinuousClock.now - start >= .seconds(seconds) { break }
      let matrices = family.starting(at: group).dense(rowBlock: rowBlock)
      // Complete decompositions take more memory than their matrices, so only as many are kept as
      // are computed together.
      let batch = DenseSVD.decomposedTogether
      var decomposed: ArraySlice<TruncatedSVD<S>> = []
      for (index, (token, matrix)) in zip(group, matrices).enumerated() {
        if decomposed.isEmpty {
          let next = matrices[index..<min(index + batch, matrices.count)]
          decomposed = DenseSVD().decompose(Array(next), rank: matrix.rows)[...]
        }
        let svd = decomposed.removeFirst()
        let singular = describe(
          [svd], of: [token], attribution: attribution, options.explanation)[0]
        let portrait = MatrixSummary(matrix, side: side)
        result[token] = .init(
          singular: singular.leading(cost.scope.rank),
          spectrum: .spectrum(svd.singularValues.map(Double.init)), picture: portrait.picture,
          concentration: portrait.concentration,
          rows: rows(of: matrix, portrait.rowNorms, holding: attribution.output, options),
          columns: columns(
            of: matrix, portrait.columnNorms, holding: attribution.linearization.input.row(token),
            options))
      }
    }
    let done = result.keys.sorted()
    return (done, done.compactMap { result[$0] })
  }

  /// The rows of largest norm, decoded to the tokens that they read.
  private func rows(
    of matrix: Matrix<S>, _ norms: [Double], holding values: [S], _ options: MapsOptions
  ) -> [MapsReport.Unit] {
    let indices = largest(norms, count: options.unitCount)
    let vectors = Matrix(rows: indices.map { signed(matrix.row($0), like: values[$0]) })
    if indices.isEmpty { return [] }
    let words = decoder.embedding.topTokens(
      for: vectors, count: options.explanation.decodedCount)
    return zip(indices, words).map {
      .init(index: $0, norm: norms[$0], value: Double(values[$0]), tokens: named($1))
    }
  }

  /// The columns of largest norm, decoded to the tokens that they write.
  private func columns(
    of matrix: Matrix<S>, _ norms: [Double], holding values: [S], _ options: MapsOptions
  ) -> [MapsReport.Unit] {
    let indices = largest(norms, count: options.unitCount)
    let vectors = Matrix(
      rows: indices.map { column in
        signed((0..<matrix.rows).map { matrix[$0, column] }, like: values[column])
      })
    if indices.isEmpty { return [] }
    let words = decoder.unembedding.topTokens(
      for: vectors, count: options.explanation.decodedCount)
    return zip(indices, words).map {
      .init(index: $0, norm: norms[$0], value: Double(values[$0]), tokens: named($1))
    }
  }

  private func signed(_ vector: [S], like value: S) -> [S] {
    value < 0 ? vector.map { -$0 } : vector
  }

  /// The indices of the largest numbers, in descending order; equal numbers keep their order.
  private func largest(_ values: [Double], count: Int) -> [Int] {
    Array(
      values.indices.sorted { values[$0] != values[$1] ? values[$0] > values[$1] : $0 < $1 }
        .prefix(max(0, count)))
  }
}

extension ExplanationReport.TokenJacobian {
  /// The same map with fewer triplets.
  fileprivate func leading(_ rank: Int) -> Self {
    Self(
      position: position, inputNorm: inputNorm, outputNorm: outputNorm,
      singularValues: Array(singularValues.prefix(rank)), residuals: Array(residuals.prefix(rank)),
      clusters: clusters.filter { $0.first + 1 < rank }.map {
        .init(first: $0.first, count: min($0.count, rank - $0.first))
      },
      isConverged: isConverged, operatorProducts: operatorProducts,
      frobeniusNormSquared: frobeniusNormSquared, stableRank: stableRank,
      triplets: Array(triplets.prefix(rank)))
  }
}
