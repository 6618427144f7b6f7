import SecantCheckpoints
import SecantDecoders
import SecantOperators
import SecantReports

/// Which aligned tokens' maps are subtracted and decomposed, and what that costs.
struct MapDifferenceWork: Sendable {
  /// The explanations of both prompts.
  let first: ExplanationWork
  let second: ExplanationWork
  /// The position in the second prompt beside each of the first that has one.
  let partners: [Int: Int]

  private var costs: (CostModel, CostModel) { (first.cost, second.cost) }

  /// The larger of both sides' shares of each position of the first prompt; 0 where it stands alone.
  func sizes(_ shares: ([Double], [Double])) -> [Double] {
    shares.0.indices.map { place in
      partners[place].map { max(abs(shares.0[place]), abs(shares.1[$0])) } ?? 0
    }
  }

  /// The positions whose maps are decomposed, ascending.
  ///
  /// - Parameter sizes: As ``sizes(_:)`` gives them.
  /// - Returns: Positions that have a partner.
  /// - Throws: A position that is none of the tokens'.
  func chosen(by sizes: [Double]) throws(InputError) -> [Int] {
    guard first.options.rank > 0 else { return [] }
    return try first.options.spectra.chosen(by: sizes, automatic: affordable)
      .filter { partners[$0] != nil }
  }

  /// As many as are expected to be chosen.
  var expected: [Int] {
    guard first.options.rank > 0 else { return [] }
    let chosen = try? first.options.spectra.expected(
      among: first.cost.positions, automatic: affordable)
    return (chosen ?? []).filter { partners[$0] != nil }
  }

  private func affordable(_ tokens: [Int]) -> [Int] {
    Patience.affordable(tokens.filter { partners[$0] != nil }, within: Patience.short) {
      token, _ in
      step(of: [token], first.cost, second.cost).work
    }
  }

  /// Every product passes both sides' maps.
  func step(of tokens: [Int], _ a: CostModel, _ b: CostModel) -> Step {
    if tokens.isEmpty { return Step(.singularVectors) }
    let method = a.settled(first.options.method, of: tokens)
    var step = a.spectra(of: tokens, method)
    let other = b.spectra(of: tokens.compactMap { partners[$0] }.sorted(), method)
    step.operations += other.operations
    step.remaking += other.remaking
    step.overhead += other.overhead
    step.peakBytes = max(step.peakBytes, other.peakBytes)
    return step
  }
}

extension Model {
  /// The differences of aligned tokens' maps, decomposed and decoded.
  ///
  /// - Parameters:
  ///   - a: The first explanation.
  ///   - b: The second, by the same model.
  ///   - work: Which tokens, and how.
  ///   - meter: Told what is done.
  /// - Returns: One description for each chosen token.
  /// - Throws: A position that is none of the tokens'.
  func mapDifferences(
    _ a: Explained<S>, _ b: Explained<S>, _ work: MapDifferenceWork, meter: WorkMeter
  ) throws(InputError) -> [ComparisonReport.MapDifference] {
    let options = work.first.options
    let sizes = work.sizes((a.report.shares.selecting, b.report.shares.selecting))
    let tokens = try work.chosen(by: sizes)
    if tokens.isEmpty { return [] }
    let (cost, other) = (work.first.cost, work.second.cost)
    let method = cost.settled(options.method, of: tokens)
    let block = cost.block(of: tokens)
    let families = (
      a.family.observed { meter.add($0 * cost.row) },
      b.family.observed { meter.add($0 * other.row) }
    )
    // How tokens are grouped must not change what is found.
    func decomposed(_ group: [Int]) -> [TruncatedSVD<S>] {
      let partners = group.compactMap { work.partners[$0] }
      let members = FamilyDifference<S>(
        families.0.starting(at: group), less: families.1.starting(at: partners))
      return decompositions(of: members, method, cost, options, block: block) {
        meter.add($0)
      }
    }
    var found: [(token: Int, svd: TruncatedSVD<S>)] = []
    let start = ContinuousClock.now
    let groups =
      options.maximumSeconds == nil
      ? cost.groups(of: tokens, method)
      : tokens.sorted { sizes[$0] > sizes[$1] }.map { [$0] }
    for group in groups {
      if let seconds = options.maximumSeconds, ContinuousClock.now - start >= .seconds(seconds) {
        break
      }
      found += zip(group, decomposed(group)).map { (token: $0, svd: $1) }
    }
    found.sort { $0.token < $1.token }
    let change = zip(a.output, b.output).map { $0 - $1 }
    let words = decode(found.map(\.svd), towards: change, options)
    return zip(found, words).compactMap { entry, triplets in
      guard let partner = work.partners[entry.token] else { return nil }
      let svd = entry.svd
      return .init(
        first: entry.token, second: partner,
        singularValues: svd.singularValues.map(Double.init), residuals: svd.residuals,
        confidence: svd.confidence, clusters: svd.reportedClusters, isConverged: svd.isConverged,
        operatorProducts: svd.products, frobeniusNormSquared: .init(svd.frobenius),
        stableRank: .init(svd.stableRank), triplets: triplets)
    }
  }

  /// Says which differences are not shown, and which did not converge.
  static func notes(
    on found: [ComparisonReport.MapDifference]?, of work: MapDifferenceWork?
  ) -> [String] {
    guard let found, let work, work.first.options.rank > 0, work.first.options.spectra != .none
    else { return [] }
    var notes: [String] = []
    let all = work.partners.keys.sorted()
    if work.first.options.spectra == .auto, found.count < all.count {
      notes.append(
        Patience.note(
          "Differences of maps are", count: found.count, of: all.count,
          time: work.step(of: all, work.first.cost, work.second.cost).work,
          limit: Patience.short))
    }
    let open = found.filter { !$0.isConverged }.map { String($0.first) }
    if !open.isEmpty {
      notes.append(
        "Of the differences of maps, not every triplet reached the tolerance, at the positions "
          + open.joined(separator: ", ") + ": their residuals say how good they are.")
    }
    return notes
  }
}

extension Explained {
  /// y at the analyzed place.
  fileprivate var output: [S] {
    linearization.output(at: family.sites[0], position: family.position)
  }
}
