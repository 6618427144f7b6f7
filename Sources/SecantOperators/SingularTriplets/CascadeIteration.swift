/// One run of `CascadeSVD`.
struct CascadeIteration<C: OperatorCascade> {
  typealias S = C.S

  private let method: CascadeSVD
  private let cascade: C
  private let rank: Int
  private var generator: SplitMix64
  /// F of each member, with which all levels begin.
  private var bases: [Matrix<S>] = []
  /// Indexed by level, then member.
  private var maps: [[CascadeMap<S>]] = []

  init(method: CascadeSVD, cascade: C, rank: Int) {
    self.method = method
    self.cascade = cascade
    self.rank = rank
    generator = SplitMix64(seed: method.seed)
  }

  private var members: Range<Int> { 0..<cascade.memberCount }

  mutating func run() -> [[TruncatedSVD<S>]] {
    findBases()
    multiplyBases()
    for _ in 1...method.maximumRounds where hasActiveMaps {
      multiply(at: .left, by: cascade.applyAdjoint)
      multiply(at: .right, by: cascade.applyEach)
    }
    return maps.indices.map { level in members.map { result(of: maps[level][$0], member: $0) } }
  }

  private var hasActiveMaps: Bool { maps.contains { $0.contains { $0.isActive } } }

  /// Multiplies the most informative vectors at one end of every unfinished map, and measures its
  /// triplets.
  private mutating func multiply(
    at end: KrylovSpace<S>.End, by product: ([[Matrix<S>]]) -> [[Matrix<S>]]
  ) {
    if end == .left { openLeft() }
    var vectors: [[Matrix<S>]] = []
    for level in maps.indices {
      let chosen = concurrentMap(maps[level]) { map in
        var map = map
        let vectors = map.next(end)
        return (map, vectors)
      }
      maps[level] = chosen.map { $0.0 }
      vectors.append(chosen.map { $0.1 })
    }
    if vectors.allSatisfy({ $0.allSatisfy { $0.rows == 0 } }) { return }
    let images = product(vectors)
    for level in maps.indices {
      maps[level] = concurrentMap(Array(zip(maps[level], images[level]))) { map, images in
        var map = map
        map.take(images, from: end)
        return map
      }
    }
  }

  /// Adds random left vectors to maps that have too few: their triplets have σ = 0.
  private mutating func openLeft() {
    for level in maps.indices {
      for member in members where maps[level][member].isActive {
        let missing = maps[level][member].missingLeft
        if missing == 0 { continue }
        let random = Matrix<S>.uniform(
          rows: missing, columns: cascade.outputWidth, using: &generator)
        maps[level][member].addLeft(random)
      }
    }
  }

  // MARK: - The right bases

  /// Builds the right bases from adjoint products at the anchors.
  private mutating func findBases() {
    let widths = cascade.inputWidths
    guard members.contains(where: { basisSize(of: $0) < widths[$0] }) else {
      bases = widths.map { .identity($0) }
      return
    }
    let anchors = method.anchors(levels: cascade.levelCount)
    let none = Matrix<S>.zero(rows: 0, columns: cascade.outputWidth)
    var starts = [Matrix<S>](repeating: none, count: cascade.levelCount)
    for level in anchors { starts[level] = start(at: level) }
    let images = cascade.applyAdjointToAll(starts)
    for member in members {
      let parts = anchors.map { level -> Matrix<S> in
        let part = images[level][member]
        let largest = part.rowNorms.max() ?? 0
        return largest > 0 && largest.isFinite ? S(1 / largest) * part : part
      }
      bases.append(basis(of: .stacking(parts, columns: widths[member]), member: member))
    }
  }

  private func basisSize(of member: Int) -> Int {
    method.basisSize(
      rank: rank, inputWidth: cascade.inputWidths[member], outputWidth: cascade.outputWidth)
  }

  /// Random left vectors, weighted by the expected size of a level's outputs.
  private mutating func start(at level: Int) -> Matrix<S> {
    let rows = method.sketchSize(rank: rank, outputWidth: cascade.outputWidth)
    return .start(
      rows: rows, columns: cascade.outputWidth, profile: cascade.outputProfile(of: level),
      using: &generator)
  }

  /// The directions of some rows with the largest singular values, filled up with random ones if
  /// there are too few.
  private mutating func basis(of rows: Matrix<S>, member: Int) -> Matrix<S> {
    let width = cascade.inputWidths[member]
    let size = basisSize(of: member)
    if size == width { return .identity(width) }
    let none = Matrix<S>.zero(rows: 0, columns: width)
    let found =
      rows.directions(beyond: none, above: S.roundingLevel(of: width), limit: size) ?? none
    guard found.rows < min(rank, width) else { return found }
    let random = Matrix<S>.uniform(rows: min(rank, width), columns: width, using: &generator)
    let more = random.directions(beyond: found, above: 0, limit: min(rank, width) - found.rows)
    return .stacking([found, more ?? none], columns: width)
  }

  /// Multiplies the bases, and the probes of the Frobenius norms, by all levels at once.
  private mutating func multiplyBases() {
    let probes = members.map { member -> Matrix<S> in
      let width = cascade.inputWidths[member]
      let count = bases[member].rows == width ? 0 : method.probes
      return .signs(rows: count, columns: width, using: &generator)
    }
    let images = cascade.sweep(
      members.map { .stacking([bases[$0], probes[$0]], columns: cascade.inputWidths[$0]) })
    maps = images.map { level in
      concurrentMap(Array(members)) { [cascade, bases, rank, method] member in
        let width = cascade.inputWidths[member]
        return CascadeMap(
          basis: bases[member], probes: probes[member], images: level[member],
          wanted: min(rank, width, cascade.outputWidth), tolerance: method.tolerance)
      }
    }
  }

  /// The result for one map.
  private func result(of map: CascadeMap<S>, member: Int) -> TruncatedSVD<S> {
    map.result
      ?? .empty(
        input: cascade.inputWidths[member], output: cascade.outputWidth,
        tolerance: method.tolerance, products: map.products, sharedProducts: 0,
        isFailure: map.isFailure)
  }
}
