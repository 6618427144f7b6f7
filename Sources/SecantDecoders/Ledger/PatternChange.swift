import SecantOperators

/// The effect of changing one attention pattern into another.
struct PatternChange<S: Scalar> {
  /// The pattern of run B.
  var before: AttentionPattern<S>
  /// The pattern of run A.
  var after: AttentionPattern<S>
  /// The values that both mix, `[m, g·w]`.
  let values: Matrix<S>
  /// The cotangents of the heads' outputs at some positions, `[n, h·w]`.
  let wanted: Matrix<S>
  /// Those positions.
  let positions: Range<Int>

  /// `Σ_s (P_A - P_B)[t, s] (wanted[t] · values[s])` of one head at every position t, and its terms
  /// by s if requested.
  ///
  /// It takes some of the queries at a time, with the keys that they see.
  func effect(
    of head: Int, _ detail: Difference.Detail
  ) -> (values: [Double], terms: [[Difference.Term]]) {
    let (width, columns) = (after.headWidth, wanted.columns)
    var (sums, terms): ([Double], [[Difference.Term]]) = ([], [])
    for part in after.parts(of: positions) {
      let ranges = (after.seen(from: part), before.seen(from: part))
      let seen = min(ranges.0.lowerBound, ranges.1.lowerBound)..<ranges.0.upperBound
      // Where nothing changed, the difference is exactly zero.
      let change =
        after.probabilities(head: head, positions: part, keys: seen)
        - before.probabilities(head: head, positions: part, keys: seen)
      var asked = Matrix<S>.unwritten(rows: part.count, columns: seen.count)
      let target = asked.view
      S.multiply(
        1, wanted.elements.span,
        MatrixView(
          offset: (part.lowerBound - positions.lowerBound) * columns + head * width,
          rows: part.count, columns: width, stride: columns),
        values.elements.span,
        after.keyView(head: after.valueHead(of: head), positions: seen).transposed, 0,
        into: &asked.elements, target, alone: true)
      sums += Kernels.groupDots(change.elements, asked.elements, width: seen.count)
      if detail.terms > 0 {
        terms += (0..<part.count).map { row in
          detail.listed(Kernels.products(change, asked, row: row), from: seen.lowerBound)
        }
      }
    }
    return (sums, terms)
  }

  /// The separate contributions of keys and queries, in both orders.
  func sides(
    of head: Int, placed: ([Double]) -> [Double]
  ) -> Difference.PatternSides {
    func values(from before: AttentionPattern<S>, to after: AttentionPattern<S>) -> [Double] {
      var step = self
      (step.before, step.after) = (before, after)
      return placed(step.effect(of: head, .init()).values)
    }
    let newKeys = before.replacing(keys: after.keys)
    let newQueries = after.replacing(keys: before.keys)
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
