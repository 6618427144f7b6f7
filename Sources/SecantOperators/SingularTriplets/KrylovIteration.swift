/// One run of `KrylovSVD` over a family: every member's own space, all in step.
///
/// A round multiplies pending vectors at one end of every member's map, in one batch, and the next one at the
/// other end.
struct KrylovIteration<F: OperatorFamily> {
  typealias S = F.S

  private let method: KrylovSVD
  private let family: F
  /// Triplets that are wanted of each member.
  private let wanted: Int
  /// Vectors of each member in a round.
  private let block: Int
  private var generator: SplitMix64
  private var members: [Member]
  private var results: [TruncatedSVD<S>?]
  /// Members that are not done, ascending.
  private var active: [Int]
  /// Random left vectors whose adjoint products, computed for all members, estimate norms.
  private var probes: Matrix<S>
  /// Vectors that were multiplied by all adjoints at once.
  private var sharedProducts = 0

  /// What is known of one member.
  private struct Member: Sendable {
    var space: KrylovSpace<S>
    /// The products of the probes.
    var probed: Matrix<S>
    /// The triplets of the last round.
    var found: KrylovSpace<S>.Triplets?
    /// The number of vectors multiplied when triplets were last measured.
    var measured = 0
    /// The singular values when the space was last closed.
    var closed: [S]?

    /// Whether the products since the space was last closed changed none of the leading values.
    ///
    /// These were products of random vectors, or of rounding errors, which serve as well. So no
    /// repeated singular value is missing.
    func isSettled(within tolerance: Double) -> Bool {
      guard let found, let closed, closed.count == found.count else { return false }
      let first = found.values.first.map(Double.init) ?? 0
      return zip(closed, found.values).allSatisfy {
        abs(Double($0) - Double($1)) <= tolerance * first
      }
    }
  }

  init(method: KrylovSVD, family: F, rank: Int) {
    self.method = method
    self.family = family
    wanted = min(rank, family.inputWidth, family.outputWidth)
    block = method.block(for: family.costs, rank: wanted)
    generator = SplitMix64(seed: method.seed)
    let none = Matrix<S>.zero(rows: 0, columns: family.inputWidth)
    members = (0..<family.count).map { _ in
      Member(
        space: KrylovSpace(input: family.inputWidth, output: family.outputWidth), probed: none)
    }
    results = [TruncatedSVD<S>?](repeating: nil, count: family.count)
    active = wanted == 0 ? [] : Array(0..<family.count)
    probes = .zero(rows: 0, columns: family.outputWidth)
  }

  /// What rounding leaves of a relative residual.
  private var floor: Double {
    4 * S.roundingLevel(of: max(family.inputWidth, family.outputWidth))
  }

  mutating func run() -> [TruncatedSVD<S>] {
    if !active.isEmpty { start() }
    var end = KrylovSpace<S>.End.right
    while !active.isEmpty {
      multiply(at: end)
      measure()
      end = end.other
    }
    return results.map {
      $0
        ?? .empty(
          input: family.inputWidth, output: family.outputWidth, tolerance: method.tolerance,
          products: 0, sharedProducts: 0, isFailure: false)
    }
  }

  // MARK: - Products

  /// Multiplies the first left vectors and the probes, the same for all members, by all adjoints.
  private mutating func start() {
    let width = family.outputWidth
    let start = Matrix<S>.start(
      rows: min(block, width), columns: width, profile: family.outputProfile, using: &generator)
    probes = .signs(rows: method.probes, columns: width, using: &generator)
    var first = KrylovSpace<S>(input: family.inputWidth, output: width)
    _ = first.add(start, to: .left)
    let vectors = first.next(.left, limit: width, wanted: wanted)
    let images = family.applyAdjointToAll(.stacking([vectors, probes], columns: width))
    sharedProducts = vectors.rows + probes.rows
    for m in active {
      members[m].space = first
      members[m].space.count(probes.rows)
      members[m].probed = images[m].rows(vectors.rows..<images[m].rows)
      let isFinite = members[m].space.take(images[m].rows(0..<vectors.rows), from: .left)
      if !isFinite { finish(m, isFailure: true) }
    }
  }

  /// Multiplies pending vectors at one end, `block` for each member, or random ones if the space is
  /// closed.
  private mutating func multiply(at end: KrylovSpace<S>.End) {
    for m in active where members[m].space.pending(end) == 0 {
      if members[m].space.pending(end.other) == 0 { reopen(m, at: end) }
    }
    let spaces = active.map { members[$0].space }
    let limits = spaces.map { spared($0.products) }
    let chosen = concurrentMap(Array(zip(spaces, limits))) { [wanted] space, limit in
      var space = space
      let vectors = space.next(end, limit: limit, wanted: wanted)
      return (space, vectors)
    }
    let width = end == .left ? family.outputWidth : family.inputWidth
    var vectors = [Matrix<S>](repeating: .zero(rows: 0, columns: width), count: family.count)
    for (m, choice) in zip(active, chosen) { (members[m].space, vectors[m]) = choice }
    if vectors.allSatisfy({ $0.rows == 0 }) { return }
    let images = end == .left ? family.applyAdjoint(vectors) : family.apply(vectors)
    let taken = concurrentMap(active.map { (members[$0].space, images[$0]) }) { space, images in
      var space = space
      return space.take(images, from: end) ? space : nil
    }
    for (m, space) in zip(active, taken) {
      if let space { members[m].space = space } else { finish(m, isFailure: true) }
    }
  }

  /// Vectors that a member may still multiply in a round.
  private func spared(_ products: Int) -> Int {
    min(block, method.maximumProducts.map { max(0, $0 - products) } ?? block)
  }

  /// Adds random vectors to a space that is closed.
  private mutating func reopen(_ m: Int, at end: KrylovSpace<S>.End) {
    let width = end == .left ? family.outputWidth : family.inputWidth
    let random = Matrix<S>.uniform(rows: block, columns: width, using: &generator)
    _ = members[m].space.add(random, to: end)
  }

  // MARK: - The end

  /// Measures every member's triplets, and finishes members whose triplets are good enough or
  /// cannot improve.
  private mutating func measure() {
    // Without new products there is nothing new to measure, nor new evidence that nothing is
    // missing.
    let changed = active.filter { members[$0].space.products > members[$0].measured }
    let found = concurrentMap(changed.map { members[$0].space }) { [wanted] in $0.triplets(wanted) }
    for (m, triplets) in zip(changed, found) {
      members[m].measured = members[m].space.products
      guard let triplets, triplets.worst.isFinite else {
        finish(m, isFailure: true)
        continue
      }
      members[m].found = triplets
      if isDone(members[m], triplets) {
        finish(m, isFailure: false)
      } else if members[m].space.isClosed {
        members[m].closed = triplets.values
      }
    }
  }

  private func isDone(_ member: Member, _ triplets: KrylovSpace<S>.Triplets) -> Bool {
    let space = member.space
    if spared(space.products) == 0 { return true }
    guard triplets.count == wanted else { return false }
    if space.isWhole { return true }
    guard triplets.worst <= max(method.tolerance, floor) else {
      return false
    }
    if !space.isClosed { return member.closed == nil }
    return member.isSettled(within: max(method.tolerance, floor))
  }

  /// Removes a member, with its triplets, or with none if its products are not finite.
  private mutating func finish(_ m: Int, isFailure: Bool) {
    let member = members[m]
    if let triplets = member.found, !isFailure {
      results[m] = member.space.result(
        triplets, wanted: wanted, tolerance: method.tolerance, sharedProducts: sharedProducts,
        frobenius: member.space.frobenius(.left, probes: probes, images: member.probed))
    } else {
      results[m] = .empty(
        input: family.inputWidth, output: family.outputWidth, tolerance: method.tolerance,
        products: member.space.products, sharedProducts: sharedProducts, isFailure: isFailure)
    }
    // The memory of this member's bases is free for the next ones.
    members[m].space = KrylovSpace(input: family.inputWidth, output: family.outputWidth)
    active.removeAll { $0 == m }
  }
}

extension Matrix {
  /// Random rows, weighted by the squares of a profile: a step of power iteration by a diagonal map.
  static func start(
    rows: Int, columns: Int, profile: [S]?, using generator: inout SplitMix64
  ) -> Matrix {
    let start = Matrix.uniform(rows: rows, columns: columns, using: &generator)
    guard let profile else { return start }
    precondition(profile.count == columns, "a profile of another width")
    let peak = profile.reduce(0) { Swift.max($0, abs($1)) }
    guard peak > 0, peak.isFinite else { return start }
    let weights = Matrix(row: profile.map { ($0 / peak) * ($0 / peak) })
    return start.multiplyingRows(by: weights, at: [Int](repeating: 0, count: rows))
  }
}
