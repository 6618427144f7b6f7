public import SecantOperators

/// The Jacobians of a decoder at a prompt: from some of the vectors that enter it to some of its sites, never formed.
///
/// A member is a chosen token, with the map J_i `[d, d]`, or the joint map of all n tokens up to
/// the position, `[J_0 | J_1 | …]` `[d, n·d]`, which takes a whole stream, n vectors of width d in
/// a row, to `Σ_i J_i x_i`. The maps are detached if they come from a ``Linearization``, and
/// ordinary if they come from a ``Differential``.
///
/// To several sites they are a cascade: each site is a level, and sites of one block come in the
/// order in which the block computes them. One forward sweep carries vectors through all blocks
/// once, whatever the number of sites: a vector of token i costs 2·(p − i + 1)·P operations in
/// total, where P is the number of weights on the linear path. In an adjoint sweep, vectors join at
/// their sites. To one site, members of the same width are a family, and a single member is a
/// ``Jacobian``.
public struct Jacobians<S: Scalar>: OperatorCascade {
  /// Where the vectors of a member enter.
  public enum Member: Hashable, Sendable {
    /// At one token.
    case token(Int)
    /// At every token up to the position.
    case joint
  }

  /// The decoder's blocks at the prompt.
  private var maps: any SiteMaps<S>
  /// The sites, in the order in which a forward sweep passes them.
  public let sites: [Site]
  /// The position p at which every map ends.
  public let position: Int
  /// The maps of each level.
  public private(set) var members: [Member]
  /// The final norm's map at each site and the position; nil if the stream itself is read.
  private let norms: [any LinearOperator<Tangents<S>>]?
  /// The final norm's coefficients `[d]` there.
  private let profiles: [[S]]
  /// Receives the progress of products.
  private var observer: (@Sendable (Double) -> Void)?

  /// The maps to sites inside blocks.
  ///
  /// - Parameters:
  ///   - maps: The decoder at a prompt.
  ///   - sites: Places in blocks or the output, each once, in any order.
  ///   - position: The position p at which the sites are read; the last by default.
  ///   - members: The maps of each site; by default those of all tokens up to the position.
  ///   - isNormed: Whether sites are read through the final norm; otherwise they are in the
  ///     stream's own units.
  init(
    of maps: any SiteMaps<S>, to sites: [Site], position: Int?, members: [Member]?,
    isNormed: Bool = true
  ) {
    let position = position ?? maps.tokens.count - 1
    precondition(maps.tokens.indices.contains(position), "no such position")
    precondition(Set(sites).count == sites.count, "a site occurs twice")
    self.maps = maps
    self.position = position
    self.sites = sites.sorted { maps.order(of: $0) < maps.order(of: $1) }
    self.members = members ?? (0...position).map(Member.token)
    let values =
      isNormed
      ? self.sites.map { maps.stream(at: $0).rows(position..<position + 1) } : []
    norms = isNormed ? values.map { maps.finalNormMap(at: $0) } : nil
    profiles = values.map { maps.finalNorm.frozen(at: $0).coefficients.elements }
    for case .token(let token) in self.members {
      precondition((0...position).contains(token), "no token \(token) up to \(position)")
    }
  }

  /// The same maps from other members.
  public func from(_ members: [Member]) -> Jacobians {
    for case .token(let token) in members {
      precondition((0...position).contains(token), "no token \(token) up to \(position)")
    }
    var result = self
    result.members = members
    return result
  }

  /// The same maps, prepared for many products: the matrices `[d, d]` of feed-forward layers are
  /// formed.
  ///
  /// Forming one costs 2·d²·f operations and saves most of the 4·d·f operations of every row.
  /// Matrices are formed where enough rows will pass to pay for them, the busiest positions first.
  ///
  /// - Parameters:
  ///   - vectors: Vectors of each member that will be carried through all blocks.
  ///   - vectorsPerSite: Vectors of each member that will be carried to, or from, each site.
  ///   - memory: The memory for the matrices, in bytes.
  /// - Returns: Maps whose products differ by rounding alone.
  public func prepared(vectors: Int, vectorsPerSite: Int, memory: Int) -> Jacobians {
    let bytes = outputWidth * outputWidth * MemoryLayout<S>.stride
    var room = memory / max(1, bytes)
    var positions = [[Int]](repeating: [], count: maps.blockCount)
    for (n, _) in levelsByBlock {
      let beyond = sites.count { maps.destination($0).block > n }
      let each = vectors + vectorsPerSite * beyond
      guard let threshold = maps.formingThreshold(of: n) else { continue }
      for position in (0...position).reversed() where room > 0 {
        let passing = members.count { reach(of: $0).contains(position) }
        guard each * passing >= threshold else { break }
        positions[n].append(position)
        room -= 1
      }
    }
    var result = self
    result.maps = maps.formingFeedForward(at: positions)
    return result
  }

  /// The same maps, which report the progress of each product to an observer.
  ///
  /// The observer is called during products, with rows times the fraction of the way to the last
  /// site. For one vector of token i the calls sum to p + 1 − i.
  package func observed(by observer: @escaping @Sendable (Double) -> Void) -> Jacobians {
    var result = self
    result.observer = observer
    return result
  }

  private func report(_ stream: Tangents<S>) {
    observer?(Double(stream.rows.rows) / Double(levelsByBlock.count))
  }

  /// Number of sites.
  public var levelCount: Int { sites.count }
  /// d for a token, and (p + 1)·d for the joint map.
  public var inputWidths: [Int] { members.map { positions(of: $0).count * outputWidth } }
  /// Width d of the stream.
  public var outputWidth: Int { maps.input.columns }

  /// The coefficients of the final norm at a site: every map ends with them.
  public func outputProfile(of level: Int) -> [S]? { norms == nil ? nil : profiles[level] }

  /// What reading the weights takes, in rows of a product.
  public var batchCost: Double {
    min(
      FamilyCosts.usualBatch,
      maps.blockMap(0, to: .residual, positions: 0..<position + 1).batchCost)
  }

  /// The positions of a member's vectors.
  func positions(of member: Member) -> Range<Int> {
    switch member {
    case .token(let token): token..<token + 1
    case .joint: 0..<position + 1
    }
  }

  /// The positions that a member's vectors may reach, or that reach the position from there.
  func reach(of member: Member) -> Range<Int> {
    positions(of: member).lowerBound..<position + 1
  }

  private var last: Range<Int> { position..<position + 1 }

  /// The rows at the position, after the final norm's map at a site.
  private func normed(_ rows: Matrix<S>, at level: Int) -> Matrix<S> {
    norms.map { $0[level].apply(atOnePosition(rows)).rows } ?? rows
  }

  /// Cotangents at the position, before the final norm's map at a site.
  private func unnormed(_ rows: Matrix<S>, at level: Int) -> Matrix<S> {
    norms.map { $0[level].applyAdjoint(atOnePosition(rows)).rows } ?? rows
  }

  private func atOnePosition(_ rows: Matrix<S>) -> Tangents<S> {
    Tangents(
      strands: [Strand](repeating: Strand(support: 0..<1, reach: 0..<1), count: rows.rows),
      rows: rows)
  }

  // MARK: - Products

  /// `J x` at every site, for every row of `x[m]`: one sweep.
  public func sweep(_ x: [Matrix<S>]) -> [[Matrix<S>]] {
    precondition(x.count == members.count, "one matrix per member")
    let counts = x.map(\.rows)
    var stream = entering(x)
    var result: [[Matrix<S>]] = []
    for (n, levels) in levelsByBlock where !stream.strands.isEmpty {
      let isLast = result.count + levels.count == sites.count
      let images = maps.images(n, of: stream, positions: isLast ? last : 0..<position + 1)
      for level in levels {
        let image = images.at(maps.destination(sites[level]).place).placed(on: last).rows
        result.append(split(normed(image, at: level), by: counts))
      }
      stream = images.residual
      report(stream)
    }
    let none = members.map { _ in Matrix<S>.zero(rows: 0, columns: outputWidth) }
    return result + [[Matrix<S>]](repeating: none, count: sites.count - result.count)
  }

  /// `J x` for every row of `x[site][m]`, each carried only as far as its site.
  public func applyEach(_ x: [[Matrix<S>]]) -> [[Matrix<S>]] {
    precondition(x.count == sites.count, "one matrix per site and member")
    // Strands in the order of members, then sites, so those of one member stay together.
    var goals: [Int] = []
    var parts: [Matrix<S>] = []
    for member in members.indices {
      parts.append(
        .stacking(x.map { $0[member] }, columns: inputWidths[member]))
      for level in sites.indices {
        goals += [Int](repeating: level, count: x[level][member].rows)
      }
    }
    var stream = entering(parts)
    var result = x.map { $0.map { _ in Matrix<S>.zero(rows: 0, columns: outputWidth) } }
    for (n, levels) in levelsByBlock where !stream.strands.isEmpty {
      for level in levels {
        let ending = goals.indices.filter { goals[$0] == level }
        if ending.isEmpty { continue }
        let image = maps.stage(to: sites[level], positions: last)
          .apply(stream.selecting(ending)).placed(on: last).rows
        result[level] = split(normed(image, at: level), by: x[level].map(\.rows))
      }
      let going = goals.indices.filter { goals[$0] > (levels.last ?? -1) }
      goals = going.map { goals[$0] }
      stream = stream.selecting(going)
      if going.isEmpty { break }
      stream = maps.blockMap(n, to: .residual, positions: 0..<position + 1).apply(stream)
      report(stream)
    }
    return result
  }

  /// `Jᵀ y` for every row of `y[site][m]`: one sweep, which each vector joins at its site.
  public func applyAdjoint(_ y: [[Matrix<S>]]) -> [[Matrix<S>]] {
    let strands = y.map { level in
      zip(members, level).flatMap { member, rows in
        [Strand](
          repeating: Strand(support: last, reach: reach(of: member)), count: rows.rows)
      }
    }
    let cotangents = y.map { Matrix.stacking($0, columns: outputWidth) }
    let images = sweepBack(strands, cotangents)
    return zip(images, y).map { image, level in
      var start = 0
      return zip(members, level).map { member, rows in
        let own = start..<start + rows.rows
        start = own.upperBound
        return collected(image.selecting(Array(own)), at: positions(of: member))
      }
    }
  }

  /// `Jᵀ y` for every member and the same rows of `y[site]`: one sweep.
  public func applyAdjointToAll(_ y: [Matrix<S>]) -> [[Matrix<S>]] {
    let first = members.map { positions(of: $0).lowerBound }.min() ?? position
    let strand = Strand(support: last, reach: first..<position + 1)
    let images = sweepBack(y.map { [Strand](repeating: strand, count: $0.rows) }, y)
    return images.map { image in members.map { collected(image, at: positions(of: $0)) } }
  }

  // MARK: - Sweeps

  /// The blocks up to the last one with a site, each with the levels of its sites.
  private var levelsByBlock: [(block: Int, levels: [Int])] {
    let depths = sites.map { maps.destination($0).block }
    return (0..<(depths.last ?? -1) + 1).map { n in (n, sites.indices.filter { depths[$0] == n }) }
  }

  /// Vectors of each member where they enter block 0.
  private func entering(_ x: [Matrix<S>]) -> Tangents<S> {
    let strands = zip(members, x).flatMap { member, rows in
      [Strand](
        repeating: Strand(support: positions(of: member), reach: reach(of: member)),
        count: rows.rows)
    }
    // A vector of the joint map is the stream itself, position after position.
    let rows = x.map {
      Matrix(
        rows: $0.elements.count / outputWidth, columns: outputWidth, elements: $0.elements)
    }
    return Tangents(strands: strands, rows: .stacking(rows, columns: outputWidth))
  }

  /// Carries cotangents of every site back to the vectors that enter block 0.
  private func sweepBack(_ strands: [[Strand]], _ y: [Matrix<S>]) -> [Tangents<S>] {
    let none = Tangents<S>(strands: [], rows: .zero(rows: 0, columns: outputWidth))
    var stream = none
    // The levels of the strands in the stream, in the stream's order.
    var joined: [Int] = []
    for (n, levels) in levelsByBlock.reversed() {
      var parts: [Tangents<S>] = []
      if !stream.strands.isEmpty {
        parts.append(
          maps.blockMap(n, to: .residual, positions: 0..<position + 1).applyAdjoint(stream))
      }
      for level in levels.reversed() where !strands[level].isEmpty {
        let start = Tangents(strands: strands[level], rows: unnormed(y[level], at: level))
        parts.append(maps.stage(to: sites[level], positions: last).applyAdjoint(start))
        joined.append(level)
      }
      stream = .joining(parts, columns: outputWidth)
      report(stream)
    }
    var result = [Tangents<S>](repeating: none, count: sites.count)
    var start = 0
    for level in joined {
      result[level] = stream.selecting(Array(start..<start + strands[level].count))
      start += strands[level].count
    }
    return result
  }

  /// The rows of cotangents at the positions of a member, as vectors of its input.
  private func collected(_ image: Tangents<S>, at positions: Range<Int>) -> Matrix<S> {
    let rows = image.placed(on: positions).rows
    let width = positions.count * outputWidth
    return Matrix(rows: image.strands.count, columns: width, elements: rows.elements)
  }

  private func split(_ rows: Matrix<S>, by counts: [Int]) -> [Matrix<S>] {
    var start = 0
    return counts.map { count in
      defer { start += count }
      return rows.rows(start..<start + count)
    }
  }
}
