public import SecantOperators

/// The positions of one tangent of the residual stream.
///
/// Decoders are causal, so a tangent that enters at token i is zero before i, and one that is read
/// at position p needs nothing after p. A strand carries only what may matter: `support` is where the
/// tangent may be nonzero, and `reach` limits where it may spread. The caller guarantees that no
/// position outside `reach` is read.
public struct Strand: Hashable, Sendable {
  /// The positions that are stored; elsewhere the tangent is zero or of no interest.
  public let support: Range<Int>
  /// The positions to which frozen attention may carry the tangent.
  public let reach: Range<Int>

  /// A strand that is stored at `support` and may spread within `reach`.
  public init(support: Range<Int>, reach: Range<Int>) {
    precondition(
      reach.lowerBound <= support.lowerBound && support.upperBound <= reach.upperBound,
      "support \(support) outside of reach \(reach)")
    self.support = support
    self.reach = reach
  }

  /// The same strand stored at other positions.
  func supported(on support: Range<Int>) -> Strand { Strand(support: support, reach: reach) }
}

/// What tangents carry beside the stream: what an early block gives to later ones.
public enum Lane: Hashable, Sendable {
  /// The stream that entered block 0, which per-layer inputs read in every block.
  case input
  /// The rotated keys of a block.
  case keys(block: Int)
  /// The values of a block.
  ///
  /// Of a frozen block they are what W_V gives, and of a differentiated one what its heads mix.
  case values(block: Int)
}

/// Tangents (or cotangents) of the residual stream of T tokens, each stored at its own positions.
///
/// The rows are the positions of strand 0 in ascending order, then those of strand 1, and so on. In few
/// families, tangents have lanes beside the stream, with rows for the same positions.
public struct Tangents<S: SecantOperators.Scalar>: VectorBatch {
  /// The precision of the components.
  public typealias Scalar = S

  /// The positions of each tangent.
  public let strands: [Strand]
  /// One row for each position of each strand, `[Σ support.count, d]`.
  public var rows: Matrix<S>
  /// What is carried beside the stream, with one row for each of its rows; most families have nothing there.
  private(set) var lanes: [Lane: Matrix<S>] = [:]

  /// Tangents from their strands and rows, in order.
  public init(strands: [Strand], rows: Matrix<S>) {
    precondition(
      strands.reduce(0) { $0 + $1.support.count } == rows.rows, "rows do not fit strands")
    self.strands = strands
    self.rows = rows
  }

  private init(strands: [Strand], rows: Matrix<S>, lanes: [Lane: Matrix<S>]) {
    self.init(strands: strands, rows: rows)
    self.lanes = lanes
  }

  /// A stream as one tangent, at all of its positions.
  public init(stream: Matrix<S>) {
    let all = 0..<stream.rows
    self.init(strands: [Strand(support: all, reach: all)], rows: stream)
  }

  /// Tangents that are zero.
  static func zero(strands: [Strand], columns: Int) -> Tangents {
    let count = strands.reduce(0) { $0 + $1.support.count }
    return Tangents(strands: strands, rows: .zero(rows: count, columns: columns))
  }

  /// The position of each row.
  var positions: [Int] { strands.flatMap { Array($0.support) } }

  /// The index of each strand's first row.
  var firstRows: [Int] { strands.firstRows }

  /// Tangents on the same strands with other rows, and without lanes.
  func replacingRows(_ rows: Matrix<S>) -> Tangents { Tangents(strands: strands, rows: rows) }

  /// What a lane carries, as tangents on the same strands; nil if it carries nothing.
  func lane(_ lane: Lane) -> Tangents? { lanes[lane].map(replacingRows) }

  /// The same tangents with rows in a lane, at the positions that are stored here.
  package func carrying(_ rows: Tangents, in lane: Lane) -> Tangents {
    var result = self
    result.lanes[lane] = rows.placed(on: strands.map(\.support)).rows
    return result
  }

  /// The same tangents with the lanes of others on the same strands.
  func withLanes(of other: Tangents) -> Tangents {
    if other.lanes.isEmpty { return self }
    precondition(strands == other.strands, "lanes of other strands")
    return Tangents(strands: strands, rows: rows, lanes: other.lanes)
  }

  /// Successive strands with the same support and reach, with the index of their first row.
  var runs: [Run] {
    var result: [Run] = []
    var row = 0
    for (index, strand) in strands.enumerated() {
      if let last = result.indices.last, result[last].strand == strand {
        result[last].count += 1
      } else {
        result.append(Run(strand: strand, firstStrand: index, count: 1, firstRow: row))
      }
      row += strand.support.count
    }
    return result
  }

  /// Successive strands that share their positions.
  struct Run {
    let strand: Strand
    let firstStrand: Int
    var count: Int
    let firstRow: Int
  }

  /// The tangents at their positions inside a range; the other positions are dropped.
  package func restricted(to range: Range<Int>) -> Tangents {
    if strands.allSatisfy({ range.contains($0.support) }) { return self }
    return moved(to: strands.map { $0.supported(on: $0.support.clamped(to: range)) })
  }

  /// Each tangent at its positions inside its own range.
  func restricted(to ranges: [Range<Int>]) -> Tangents {
    moved(to: zip(strands, ranges).map { $0.supported(on: $0.support.clamped(to: $1)) })
  }

  /// All tangents at the same positions: zero where a tangent was not stored.
  func placed(on range: Range<Int>) -> Tangents {
    if strands.allSatisfy({ $0.support == range }) { return self }
    return moved(to: strands.map { Strand(support: range, reach: $0.reach) })
  }

  /// Each tangent at its own positions: zero where it was not stored.
  func placed(on ranges: [Range<Int>]) -> Tangents {
    moved(to: zip(strands, ranges).map { Strand(support: $1, reach: $0.reach) })
  }

  /// Some of the tangents, in ascending order.
  func selecting(_ chosen: [Int]) -> Tangents {
    if chosen.count == strands.count { return self }
    var starts = [0]
    starts.reserveCapacity(strands.count + 1)
    for strand in strands { starts.append(starts[starts.count - 1] + strand.support.count) }
    let count = chosen.reduce(0) { $0 + strands[$1].support.count }
    func selected(_ rows: Matrix<S>) -> Matrix<S> {
      let width = rows.columns
      var result = Matrix<S>.unwritten(rows: count, columns: width)
      // Rows of successive strands are copied together.
      var (row, index) = (0, 0)
      while index < chosen.count {
        var end = index + 1
        while end < chosen.count, chosen[end] == chosen[end - 1] + 1 { end += 1 }
        let (first, last) = (starts[chosen[index]], starts[chosen[end - 1] + 1])
        Kernels.copy(
          rows.elements, from: first * width, count: (last - first) * width, to: &result.elements,
          at: row * width)
        row += last - first
        index = end
      }
      return result
    }
    return Tangents(
      strands: chosen.map { strands[$0] }, rows: selected(rows), lanes: lanes.mapValues(selected))
  }

  /// The tangents of several batches, one batch after the other.
  static func joining(_ parts: [Tangents], columns: Int) -> Tangents {
    if parts.count == 1 { return parts[0] }
    let widths = parts.reduce(into: [Lane: Int]()) { widths, part in
      widths.merge(part.lanes.mapValues(\.columns)) { width, _ in width }
    }
    var lanes: [Lane: Matrix<S>] = [:]
    for (lane, width) in widths {
      lanes[lane] = .stacking(
        parts.map { $0.lanes[lane] ?? .zero(rows: $0.rows.rows, columns: width) }, columns: width)
    }
    return Tangents(
      strands: parts.flatMap(\.strands), rows: .stacking(parts.map(\.rows), columns: columns),
      lanes: lanes)
  }

  /// The rows rearranged for strands of other supports: zero where nothing was stored.
  private func moved(to target: [Strand]) -> Tangents {
    Tangents(
      strands: target, rows: moved(rows, to: target),
      lanes: lanes.mapValues { moved($0, to: target) })
  }

  private func moved(_ rows: Matrix<S>, to target: [Strand]) -> Matrix<S> {
    let width = rows.columns
    var result = Matrix<S>.zero(
      rows: target.reduce(0) { $0 + $1.support.count }, columns: width)
    var (from, to) = (0, 0)
    for (old, new) in zip(strands, target) {
      let shared = old.support.clamped(to: new.support)
      if !shared.isEmpty {
        let source = (from + shared.lowerBound - old.support.lowerBound) * width
        let start = (to + shared.lowerBound - new.support.lowerBound) * width
        let count = shared.count * width
        Kernels.copy(
          rows.elements, from: source, count: count, to: &result.elements, at: start)
      }
      from += old.support.count
      to += new.support.count
    }
    return result
  }

  /// The sum of two batches with the same number of tangents, stored where at least one is.
  public static func + (a: Tangents, b: Tangents) -> Tangents {
    precondition(a.strands.count == b.strands.count, "batches of different sizes")
    if a.strands == b.strands { return a.adding(b) }
    let joined = zip(a.strands, b.strands).map { x, y -> Strand in
      if x.support.isEmpty { return x.supported(on: y.support) }
      if y.support.isEmpty { return x }
      return x.supported(
        on: min(
          x.support.lowerBound, y.support.lowerBound)..<max(
            x.support.upperBound, y.support.upperBound))
    }
    return a.moved(to: joined).adding(b.moved(to: joined))
  }

  /// The sum with a batch on the same strands.
  private func adding(_ other: Tangents) -> Tangents {
    Tangents(
      strands: strands, rows: rows + other.rows, lanes: lanes.merging(other.lanes) { $0 + $1 })
  }

  /// Every tangent times a number, without lanes.
  public static func * (factor: S, batch: Tangents) -> Tangents {
    batch.replacingRows(factor * batch.rows)
  }
}

extension [Strand] {
  /// The index of each strand's first row.
  var firstRows: [Int] {
    var next = 0
    return map { strand in
      defer { next += strand.support.count }
      return next
    }
  }
}
