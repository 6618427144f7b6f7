import Foundation
import Secant
import Synchronization

/// The Jacobians of all tokens, detached or ordinary, as they are written to a safetensors file.
///
/// Rows of all J_i are computed a block at a time, by products with Jᵀ, and written where they belong: the
/// whole `[T, d, d]` is never in memory.
struct JacobianFile<S: Scalar> {
  let maps: any SiteMaps<S>
  let site: Site
  let position: Int
  /// Rows of every J_i that are computed together.
  let rowsPerBlock: Int

  private var tokenCount: Int { maps.tokens.count }
  private var width: Int { maps.input.columns }

  /// The tensors, in the precision of the computation.
  private var tensors: [SafetensorsWriter.Tensor] {
    guard let type = ElementType(of: S.self) else {
      preconditionFailure("no type stores \(S.self)")
    }
    let (T, d) = (tokenCount, width)
    return [
      .init(name: "input", elementType: type, shape: [T, d]),
      .init(name: "output", elementType: type, shape: [d]),
      .init(name: "jacobian", elementType: type, shape: [T, d, d]),
      .init(name: "offset", elementType: type, shape: [d]),
      .init(name: "tokens", elementType: .i64, shape: [T]),
    ]
  }

  /// Writes the file; it appears when it is complete.
  ///
  /// - Parameters:
  ///   - url: Where it is to appear.
  ///   - metadata: What is said of it in its header.
  ///   - progress: Called as the work goes on with the part of it that is done.
  /// - Returns: ‖Σ J_i x_i + b − y‖ / ‖y‖, with the J_i that were written.
  /// - Throws: `InputError` where the file cannot be written or numbers overflow.
  func write(
    to url: URL, metadata: [String: String], progress: @escaping @Sendable (Double) -> Void
  ) throws(InputError) -> Double {
    let writer = try SafetensorsWriter(tensors, metadata: metadata, to: url)
    let y = maps.output(at: site, position: position)
    let offset = maps.offset(to: site, position: position)
    try put(maps.input.elements, as: "input", into: writer)
    try put(y, as: "output", into: writer)
    try put(offset, as: "offset", into: writer)
    try put(maps.tokens.map(Int64.init), as: "tokens", into: writer)
    let (done, whole) = (Counter(), Double(width * (position + 1)))
    let family = maps.jacobians(to: site, position: position)
      .observed { progress(done.add($0) / whole) }
    let inputs = (0..<tokenCount).map { maps.input.row($0) }
    var error = zip(offset, y).map { Double($0) - Double($1) }
    for start in stride(from: 0, to: width, by: rowsPerBlock) {
      let rows = start..<min(start + rowsPerBlock, width)
      let block = family.applyAdjointToAll(unitRows(rows))
      for (token, part) in block.enumerated() {
        try put(part.elements, as: "jacobian", at: place(token: token, row: start), into: writer)
        let given = part.times(Matrix(rows: width, columns: 1, elements: inputs[token]))
        for (row, value) in given.elements.enumerated() { error[start + row] += Double(value) }
      }
      let zeros = [S](repeating: 0, count: rows.count * width)
      for token in block.count..<tokenCount {
        try put(zeros, as: "jacobian", at: place(token: token, row: start), into: writer)
      }
    }
    let (size, difference) = (norm(y.map(Double.init)), norm(error))
    guard size.isFinite, difference.isFinite else {
      throw InputError(
        .invalid, subject: "the Jacobians in \(S.precisionName)", expected: "finite numbers",
        found: "an overflow",
        remedy: S.self == Float.self ? "use the precision f64" : "check the weights")
    }
    try writer.commit()
    return difference == 0 ? 0 : difference / size
  }

  /// Writes elements of one tensor.
  ///
  /// - Throws: `InputError` where the disk is full or fails.
  private func put<Element: BitwiseCopyable>(
    _ elements: [Element], as name: String, at start: Int = 0, into writer: SafetensorsWriter
  ) throws(InputError) {
    try writer.write(elements.span, to: name, at: start)
  }

  private func place(token: Int, row: Int) -> Int { (token * width + row) * width }

  /// The given rows of the identity: their products with Jᵀ are those rows of J.
  private func unitRows(_ rows: Range<Int>) -> Matrix<S> {
    Matrix(rows: rows.count, columns: width) { $1 == rows.lowerBound + $0 ? 1 : 0 }
  }

  private func norm(_ vector: [Double]) -> Double {
    vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
  }
}

/// A sum to which products add from within.
private final class Counter: Sendable {
  private let sum = Mutex(0.0)

  /// Adds an amount, and returns the sum.
  func add(_ amount: Double) -> Double {
    sum.withLock { sum in
      sum += amount
      return sum
    }
  }
}
