/// One run of `KrylovSVD` over a family.
struct KrylovIteration<F: OperatorFamily> {
  typealias S = F.S

  let method: KrylovSVD
  let family: F
  /// Triplets that are wanted of each member.
  let wanted: Int
  let block: Int
  private var generator: SplitMix64
  private var members: [KrylovMember<S>]
  private var results: [TruncatedSVD<S>?]
  /// Members that are not done, ascending.
  private var active: [Int]
  /// Whether all active members have one and the same left basis.
  private var isShared: Bool

  /// What rounding leaves of a relative residual.
  private var floor: Double { S.roundingLevel(of: max(family.inputWidth, family.outputWidth)) }
  /// The predicted residual at which a member is certified: no lower than rounding allows.
  private var goal: Double { max(method.tolerance, 4 * floor) }
  /// Directions whose part in any residual is below this are not worth a product.
  private var threshold: Double { max(method.tolerance / 10, floor) }

  init(method: KrylovSVD, family: F, rank: Int) {
    self.method = method
    self.family = family
    wanted = min(rank, family.inputWidth, family.outputWidth)
    block = method.block(for: family.costs, rank: wanted)
    generator = SplitMix64(seed: method.seed)
    members = (0..<family.count).map { _ in
      KrylovMember(input: family.inputWidth, output: family.outputWidth)
    }
    results = [TruncatedSVD<S>?](repeating: nil, count: family.count)
    active = wanted == 0 ? [] : Array(0..<family.count)
    isShared = method.sharesAdjoints(of: family.costs, active: family.count)
  }

  mutating func run() -> [TruncatedSVD<S>] {
    let start = startingDirections()
    var candidates = [Matrix<S>](repeating: start, count: family.count)
    while !active.isEmpty {
      extendLeft(by: candidates)
      project()
      let refuted = certify(active.filter { isLastChance($0) || isPromising($0) })
      candidates = extendRight(refuted)
    }
    return results.map {
      $0
        ?? .empty(
          input: family.inputWidth, output: family.outputWidth, tolerance: method.tolerance,
          products: 0, sharedProducts: 0, isFailure: false)
    }
  }

  /// Random left vectors, weighted by what is known of the members' outputs.
  ///
  /// Members that share a basis widen each other's, so that one vector starts them all; with a
  /// profile, which stands for a step of power iteration, a wide start saves rounds.
  private mutating func startingDirections() -> Matrix<S> {
    guard let profile = family.outputProfile else {
      return .uniform(
        rows: isShared ? 1 : block, columns: family.outputWidth, using: &generator)
    }
    precondition(profile.count == family.outputWidth, "a profile of another width")
    let rows = min(isShared ? 3 * wanted : block, family.outputWidth)
    let start = Matrix<S>.uniform(rows: rows, columns: family.outputWidth, using: &generator)
    let peak = profile.reduce(0) { max($0, abs($1)) }
    guard peak > 0, peak.isFinite else { return start }
    let weights = Matrix(row: profile.map { ($0 / peak) * ($0 / peak) })
    return start.multiplyingRows(by: weights, at: [Int](repeating: 0, count: rows))
  }

  // MARK: - One round

  /// Decomposes what is known of every active member; those whose products are not finite are finished.
  private mutating func project() {
    let projected = concurrentMap(active) { [members, wanted] m in
      var member = members[m]
      return member.project(to: wanted) ? member : nil
    }
    for (m, member) in zip(active, projected) {
      if let member { members[m] = member } else { finish(m, with: nil) }
    }
  }

  /// Adds to the left bases what the candidates span beyond them, and multiplies it by the adjoints.
  private mutating func extendLeft(by candidates: [Matrix<S>]) {
    let all = Matrix.stacking(active.map { candidates[$0] }, columns: family.outputWidth)
    let left = members[active[0]].left
    isShared =
      isShared && method.sharesAdjoints(of: family.costs, active: active.count)
      && all.rejected(from: left).spread <= KrylovSVD.largestSharedSpread
    if isShared {
      guard
        let fresh = all.directions(beyond: left, above: threshold, limit: family.outputWidth),
        fresh.rows > 0
      else { return }
      let extended = Matrix.stacking([left, fresh], columns: family.outputWidth)
      let images = family.applyAdjointToAll(fresh)
      for m in active { members[m].extendLeft(to: extended, images: images[m], isShared: true) }
    } else {
      var fresh = noRows(family.outputWidth)
      for m in active {
        fresh[m] =
          candidates[m].directions(
            beyond: members[m].left, above: threshold, limit: family.outputWidth) ?? fresh[m]
      }
      if fresh.allSatisfy({ $0.rows == 0 }) { return }
      let images = family.applyAdjoint(fresh)
      for m in active {
        let extended = Matrix.stacking([members[m].left, fresh[m]], columns: family.outputWidth)
        members[m].extendLeft(to: extended, images: images[m], isShared: false)
      }
    }
  }

  /// Multiplies the most telling directions of every active member: candidates for its left basis.
  ///
  /// A refuted member has just multiplied its triplets, and passes their images on instead.
  private mutating func extendRight(_ refuted: [Int: Matrix<S>]) -> [Matrix<S>] {
    var directions = noRows(family.inputWidth)
    for m in active where refuted[m] == nil {
      directions[m] = members[m].directions(limit: block, above: floor)
    }
    let isIdle = directions.allSatisfy { $0.rows == 0 }
    let images = isIdle ? [] : family.apply(directions)
    var candidates = noRows(family.outputWidth)
    for m in active {
      if directions[m].rows > 0, !images[m].isFinite {
        finish(m, with: nil)
      } else if let image = refuted[m] {
        candidates[m] = members[m].relative(image)
      } else if directions[m].rows > 0 {
        candidates[m] = members[m].relative(images[m])
        members[m].extendRight(by: directions[m], images: images[m])
      } else {
        // Nothing known is left to follow: the space found is invariant. Look elsewhere.
        candidates[m] = .uniform(rows: block, columns: family.outputWidth, using: &generator)
        members[m].isSearching = true
      }
    }
    return candidates
  }

  // MARK: - The end

  /// Whether a certificate is likely to succeed.
  private func isPromising(_ m: Int) -> Bool {
    members[m].triplets == wanted && members[m].predictedResidual <= goal
  }

  /// Whether nothing was gained by the last round, or another would exceed the products allowed.
  private func isLastChance(_ m: Int) -> Bool {
    if members[m].isStuck { return true }
    guard let maximum = method.maximumProducts else { return false }
    let round = block * (1 + (isShared ? active.count : 1))
    return members[m].products + round + wanted + method.probes > maximum
  }

  /// Certifies some members: finishes those that are good enough, or cannot become better.
  ///
  /// Returns the images of the triplets of the others.
  private mutating func certify(_ ready: [Int]) -> [Int: Matrix<S>] {
    var refuted: [Int: Matrix<S>] = [:]
    for (m, certificate) in zip(ready, ready.isEmpty ? [] : measure(ready)) {
      guard let certificate, certificate.worst.isFinite else {
        finish(m, with: nil)
        continue
      }
      let isFinal = isLastChance(m) || method.tolerance < goal
      if certificate.worst <= method.tolerance || isFinal {
        finish(
          m,
          with: TruncatedSVD(
            left: certificate.left, singularValues: certificate.values, right: certificate.right,
            residuals: certificate.residuals, wanted: wanted, tolerance: method.tolerance,
            products: members[m].products, sharedProducts: members[m].sharedProducts,
            next: members[m].next, frobenius: members[m].frobenius(probed: certificate.probed)))
      } else {
        members[m].refute(measured: certificate.worst)
        refuted[m] = certificate.image
      }
    }
    return refuted
  }

  /// What products say of the triplets of one member.
  private struct Certificate {
    let left: Matrix<S>, values: [S], right: Matrix<S>
    /// Measured, relative to σ_1.
    let residuals: [Double]
    /// The image of the right vectors, and that of the probes.
    let image: Matrix<S>, probed: Matrix<S>

    var worst: Double { residuals.reduce(0) { $1 <= $0 ? $0 : $1 } }
  }

  /// Multiplies the right vectors of some members afresh; the left vectors' products are at hand.
  ///
  /// Nil for a member whose products are not finite.
  private mutating func measure(_ ready: [Int]) -> [Certificate?] {
    var right = noRows(family.inputWidth)
    for m in ready {
      let probes = Matrix<S>.signs(
        rows: method.probes, columns: family.inputWidth, using: &generator)
      right[m] = .stacking([members[m].right, probes], columns: family.inputWidth)
    }
    let images = family.apply(right)
    return ready.map { m in
      members[m].products += right[m].rows
      guard images[m].isFinite else { return nil }
      let image = images[m].rows(0..<members[m].triplets)
      let (left, back) = members[m].leftVectors
      return Certificate(
        left: left, values: members[m].leadingValues, right: members[m].right,
        residuals: relativeResiduals(
          forward: image, adjoint: back, left: left, values: members[m].leadingValues,
          right: members[m].right),
        image: image, probed: images[m].rows(members[m].triplets..<images[m].rows))
    }
  }

  /// No vectors for any member yet.
  private func noRows(_ columns: Int) -> [Matrix<S>] {
    [Matrix<S>](repeating: .zero(rows: 0, columns: columns), count: family.count)
  }

  /// Takes a member out with its result, or with none where its products are not finite.
  private mutating func finish(_ m: Int, with result: TruncatedSVD<S>?) {
    results[m] =
      result
      ?? .empty(
        input: family.inputWidth, output: family.outputWidth, tolerance: method.tolerance,
        products: members[m].products, sharedProducts: members[m].sharedProducts, isFailure: true)
    active.removeAll { $0 == m }
  }
}
