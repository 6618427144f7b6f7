import SecantOperators

/// The effect of changing one run's frozen heads into another's: their patterns, and their gates
/// where they have some.
struct PatternChange<S: Scalar> {
  /// The heads of run B.
  var before: Heads
  /// The heads of run A.
  var after: Heads
  /// The positions whose outputs have cotangents.
  let positions: Range<Int>

  /// Frozen heads with the values that they read and the cotangents of what they give.
  struct Heads {
    /// The pattern.
    var pattern: MixingPattern<S>
    /// The values `[m, g·w]` as this run's heads read them, times its frozen factors.
    var values: Matrix<S>
    /// The cotangents `[n, h·w]` of the heads' outputs, times the frozen gates of this run.
    var wanted: Matrix<S>
    /// Whether there are factors or gates, by which values or cotangents differ between runs.
    var isGated: Bool

    /// A layer's heads at some positions.
    init(
      _ layer: FrozenAttention<S>, values: Matrix<S>, wanted: Matrix<S>, at positions: Range<Int>
    ) {
      pattern = layer.pattern
      isGated = layer.valueGate != nil || layer.outputGate != nil
      self.values =
        isGated ? layer.mixing(positions: positions).read(Tangents(stream: values)).rows : values
      self.wanted =
        layer.outputGate?.rows(positions).applyAdjoint(Tangents(stream: wanted)).rows ?? wanted
    }

    /// `wanted[t] · values[s]` of one head for some positions t and s.
    func asked(
      _ head: Int, _ queries: Range<Int>, of positions: Range<Int>, seen: Range<Int>
    ) -> Matrix<S> {
      let (width, columns) = (pattern.headWidth, values.columns)
      var asked = Matrix<S>.unwritten(rows: queries.count, columns: seen.count)
      let target = asked.view
      S.multiply(
        1, wanted.elements.span,
        MatrixView(
          offset: (queries.lowerBound - positions.lowerBound) * wanted.columns + head * width,
          rows: queries.count, columns: width, stride: wanted.columns),
        values.elements.span,
        MatrixView(
          offset: seen.lowerBound * columns + pattern.valueHead(of: head) * width,
          rows: seen.count, columns: width, stride: columns
        ).transposed, 0, into: &asked.elements, target, alone: true)
      return asked
    }
  }

  /// `Σ_s (P_A − P_B)[t, s] (wanted[t] · values[s])` of one head at every position t, and its terms
  /// by s if requested; with gates, the difference of both runs' own products.
  ///
  /// It takes some of the queries at a time, with the keys that they see.
  func effect(
    of head: Int, _ detail: Difference.Detail
  ) -> (values: [Double], terms: [[Difference.Term]]) {
    var (sums, terms): ([Double], [[Difference.Term]]) = ([], [])
    for part in after.pattern.parts(of: positions) {
      let ranges = (after.pattern.seen(from: part), before.pattern.seen(from: part))
      let seen = min(ranges.0.lowerBound, ranges.1.lowerBound)..<ranges.0.upperBound
      let patterns = (
        after.pattern.coefficients(head: head, positions: part, keys: seen),
        before.pattern.coefficients(head: head, positions: part, keys: seen)
      )
      let asked = after.asked(head, part, of: positions, seen: seen)
      if after.isGated || before.isGated {
        let others = before.asked(head, part, of: positions, seen: seen)
        sums += zip(
          Kernels.groupDots(patterns.0.elements, asked.elements, width: seen.count),
          Kernels.groupDots(patterns.1.elements, others.elements, width: seen.count)
        ).map { $0 - $1 }
        if detail.terms > 0 {
          terms += (0..<part.count).map { row in
            let products = zip(
              Kernels.products(patterns.0, asked, row: row),
              Kernels.products(patterns.1, others, row: row)
            ).map { $0 - $1 }
            return detail.listed(products, from: seen.lowerBound)
          }
        }
        continue
      }
      // Where nothing changed, the difference is exactly zero.
      let change = patterns.0 - patterns.1
      sums += Kernels.groupDots(change.elements, asked.elements, width: seen.count)
      if detail.terms > 0 {
        terms += (0..<part.count).map { row in
          detail.listed(Kernels.products(change, asked, row: row), from: seen.lowerBound)
        }
      }
    }
    return (sums, terms)
  }

  /// The separate contributions of keys and queries, in both orders; nil for the heads of a delta
  /// network, whose patterns depend on all positions' keys at once.
  ///
  /// The gate of a head's output counts with its queries: both say what a position takes.
  func sides(
    of head: Int, placed: ([Double]) -> [Double]
  ) -> Difference.PatternSides? {
    guard let a = after.pattern.attention, let b = before.pattern.attention else { return nil }
    func values(from before: Heads, to after: Heads) -> [Double] {
      var step = self
      (step.before, step.after) = (before, after)
      return placed(step.effect(of: head, .init()).values)
    }
    var (newKeys, newQueries) = (before, after)
    newKeys.pattern = .attention(b.replacing(keys: a.keys))
    newQueries.pattern = .attention(a.replacing(keys: b.keys))
    return Difference.PatternSides(
      keysFirst: .init(
        keys: values(from: before, to: newKeys), queries: values(from: newKeys, to: after)),
      queriesFirst: .init(
        keys: values(from: newQueries, to: after), queries: values(from: before, to: newQueries)))
  }
}

extension AttentionPattern {
  /// The same queries with other keys.
  fileprivate func replacing(keys: Matrix<S>) -> AttentionPattern {
    AttentionPattern(queries: queries, keys: keys, firstQuery: firstQuery, rule: rule)
  }
}

extension Difference {
  /// A head's change divided once more: a pattern depends on queries, which look, and on keys, which are looked
  /// for.
  ///
  /// Either may be swapped first; both orders add up to the head's values.
  public struct PatternSides: Hashable, Sendable {
    /// The keys' change, then the queries'.
    public var keysFirst: Division
    /// The queries' change, then the keys'.
    public var queriesFirst: Division

    /// What each side gave at each position.
    public struct Division: Hashable, Sendable {
      /// What the keys gave: earlier positions offer something else.
      public var keys: [Double]
      /// What the queries gave: the position looks for something else.
      public var queries: [Double]
    }

    /// The mean of both orders of swapping: what each side gave, half of it where the other was B's and half
    /// where it was A's.
    public var mean: Division {
      func half(_ a: [Double], _ b: [Double]) -> [Double] { zip(a, b).map { ($0 + $1) / 2 } }
      return Division(
        keys: half(keysFirst.keys, queriesFirst.keys),
        queries: half(keysFirst.queries, queriesFirst.queries))
    }

    /// Both divisions with each list combined with another's.
    func combined(
      _ other: PatternSides, _ body: ([Double], [Double]) -> [Double]
    ) -> PatternSides {
      func division(_ a: Division, _ b: Division) -> Division {
        Division(keys: body(a.keys, b.keys), queries: body(a.queries, b.queries))
      }
      return PatternSides(
        keysFirst: division(keysFirst, other.keysFirst),
        queriesFirst: division(queriesFirst, other.queriesFirst))
    }
  }
}
