/// One run of `CascadeSVD`.
struct CascadeIteration<C: OperatorCascade> {
  typealias S = C.S

  private let method: CascadeSVD
  private let cascade: C
  private let rank: Int
  private var generator: SplitMix64
  /// F of each member, which all levels begin with.
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
    let last = method.maximumRounds
    for round in 1...last where hasActiveMaps {
      let back = cascade.applyAdjoint(perMap { $0.leftToMultiply() })
      update { $0.takeAdjoint(back[$1][$2]) }
      let images = cascade.applyEach(perMap { $0.rightToMultiply() })
      update { $0.takeForward(images[$1][$2]) }
      update { map, _, _ in map.measure(isFinal: round == last) }
    }
    return maps.map { $0.map { $0.result(tolerance: method.tolerance) } }
  }

  private var hasActiveMaps: Bool { maps.contains { $0.contains { $0.isActive } } }

  private func perMap(_ value: (CascadeMap<S>) -> Matrix<S>) -> [[Matrix<S>]] {
    maps.map { $0.map(value) }
  }

  private mutating func update(_ body: (inout CascadeMap<S>, Int, Int) -> Void) {
    for level in maps.indices {
      for member in maps[level].indices where maps[level][member].isActive {
        body(&maps[level][member], level, member)
      }
    }
  }

  // MARK: - The right bases

  /// Spans the right bases by adjoint products at the anchors.
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

  /// Random left vectors, weighted by what is known of a level's outputs.
  private mutating func start(at level: Int) -> Matrix<S> {
    let rows = method.sketchSize(rank: rank, outputWidth: cascade.outputWidth)
    return .start(
      rows: rows, columns: cascade.outputWidth, profile: cascade.outputProfile(of: level),
      using: &generator)
  }

  /// The most prominent directions of some rows, and random ones where they are too few.
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
    let images = cascade.apply(
      members.map { .stacking([bases[$0], probes[$0]], columns: cascade.inputWidths[$0]) })
    maps = images.map { level in
      members.map { member in
        let size = bases[member].rows
        return CascadeMap(
          basis: bases[member], images: level[member].rows(0..<size), probes: probes[member],
          probed: level[member].rows(size..<level[member].rows),
          wanted: min(rank, cascade.inputWidths[member], cascade.outputWidth),
          tolerance: method.tolerance)
      }
    }
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
