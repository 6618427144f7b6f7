extension Sequence {
  /// The elements by magnitude, largest first: equal ones in their order, and what is no number last.
  ///
  /// - Parameter value: The number of an element.
  /// - Returns: The same elements.
  package func largestFirst(by value: (Element) -> Double) -> [Element] {
    enumerated().sorted {
      let (a, b) = (abs(value($0.element)), abs(value($1.element)))
      return a == b || (a.isNaN && b.isNaN) ? $0.offset < $1.offset : b.isNaN || a > b
    }.map(\.element)
  }
}
