/// Two accounts of one difference: from B to A, and from A to B.
public struct TwoWayDifference: Hashable, Sendable {
  /// The account of `y_A - y_B`, carried on under A.
  public let forward: Difference
  /// The account of `y_B - y_A`, carried on under B.
  public let reverse: Difference

  /// Pairs two accounts of the same parts.
  init(forward: Difference, reverse: Difference) {
    precondition(
      forward.parts.map(\.component) == reverse.parts.map(\.component), "accounts of other parts")
    (self.forward, self.reverse) = (forward, reverse)
  }

  /// Half the forward account less the reverse one: exchanging A and B changes its sign and nothing else.
  ///
  /// It has no terms.
  public var mean: Difference { combined(-1) }

  /// Half the sum of both accounts: the part of every entry that depends on the order, for it belongs to
  /// several parts together.
  ///
  /// The forward account is the mean plus the spread, and its entries sum to nothing but rounding.
  public var spread: Difference { combined(1) }

  private func combined(_ sign: Double) -> Difference {
    func half(_ a: Double, _ b: Double) -> Double { (a + sign * b) / 2 }
    return Difference(
      real: half(forward.real, reverse.real),
      parts: zip(forward.parts, reverse.parts).map { a, b in
        var part = Difference.Part(
          component: a.component, values: zip(a.values, b.values).map(half))
        part.sides = a.sides.flatMap { a in
          b.sides.map { a.combined($0) { zip($0, $1).map(half) } }
        }
        return part
      })
  }
}
