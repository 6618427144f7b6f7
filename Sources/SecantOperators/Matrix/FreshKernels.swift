import CPlatform
import Dispatch

/// Elementwise loops that write a fresh array, in one pass over memory and on all cores.
///
/// An array that is filled and then overwritten, or copied and then changed, moves its bytes twice;
/// and a loop on one core weighs double when matrix products use all of them. The unsafe code of
/// this file does two things that spans cannot: it leaves a new array's elements for the loop to
/// initialize, and lets several threads write parts of it that do not overlap. Every index is
/// checked against the arrays' bounds before a loop begins, and every element is written exactly
/// once.
extension Kernels {
  /// The number of elements below which a second thread costs more than it saves.
  private static var grain: Int { 1 << 16 }

  /// Calls `body` with ranges that partition `0..<count`, concurrently if that saves time.
  private static func forEachPart(of count: Int, width: Int, _ body: @Sendable (Range<Int>) -> Void)
  {
    let parts = min(count, max(1, count * width / grain))
    if parts == 1 { return body(0..<count) }
    DispatchQueue.concurrentPerform(iterations: parts) { part in
      body(part * count / parts..<(part + 1) * count / parts)
    }
  }

  /// An array that `write` initializes completely.
  ///
  /// The system provides arrays of many megabytes as pages, and clears each page when it is first
  /// touched. Large pages reduce that cost to a tenth.
  @inline(__always)
  private static func fresh<S: Scalar>(
    _ count: Int, _ write: (UnsafeMutableBufferPointer<S>) -> Void
  ) -> [S] {
    unsafe [S](unsafeUninitializedCapacity: count) { buffer, initialized in
      let bytes = count * MemoryLayout<S>.stride
      if bytes >= 8 << 20 { unsafe secant_prefer_large_pages(buffer.baseAddress, UInt(bytes)) }
      unsafe write(buffer)
      initialized = count
    }
  }

  /// `x + α·y`.
  @_specialize(where S == Float)
  @_specialize(where S == Double)
  package static func sum<S: Scalar>(_ x: [S], _ alpha: S, _ y: [S]) -> [S] {
    precondition(x.count == y.count, "arrays of different sizes")
    return unsafe fresh(x.count) { buffer in
      nonisolated(unsafe) let target = unsafe buffer
      unsafe x.withUnsafeBufferPointer { x in
        unsafe y.withUnsafeBufferPointer { y in
          nonisolated(unsafe) let (x, y) = unsafe (x, y)
          forEachPart(of: unsafe x.count, width: 1) { range in
            for i in range { unsafe target[i] = unsafe x[i] + alpha * y[i] }
          }
        }
      }
    }
  }

  /// Row r of `x` `[n, width]` times row `table[r]` of `coefficients`, elementwise, `[n, width]`.
  ///
  /// A table of c·n rows gives c such products, one after the other. Row r then comes from row r
  /// modulo n of `x`, which is read only once.
  @_specialize(where S == Float)
  @_specialize(where S == Double)
  package static func productOfRows<S: Scalar>(
    _ x: borrowing Span<S>, width: Int, by coefficients: [S], rows table: [Int]
  ) -> [S] {
    let rows = width == 0 ? 0 : x.count / width
    precondition(
      rows * width == x.count && (rows == 0 ? table.isEmpty : table.count.isMultiple(of: rows)),
      "rows of another width")
    let copies = rows == 0 ? 0 : table.count / rows
    precondition(
      table.allSatisfy { $0 >= 0 && ($0 + 1) * width <= coefficients.count }, "no such coefficients"
    )
    return unsafe fresh(table.count * width) { buffer in
      nonisolated(unsafe) let target = unsafe buffer
      unsafe x.withUnsafeBufferPointer { x in
        unsafe coefficients.withUnsafeBufferPointer { coefficients in
          nonisolated(unsafe) let (x, coefficients) = unsafe (x, coefficients)
          forEachPart(of: rows, width: copies * width) { part in
            for row in part {
              for r in stride(from: row, to: table.count, by: rows) {
                let (start, first, source) = (r * width, row * width, table[r] * width)
                for i in 0..<width {
                  unsafe target[start + i] = unsafe x[first + i] * coefficients[source + i]
                }
              }
            }
          }
        }
      }
    }
  }

  /// The rows `[rows, width]` that `body` appends, part by part, on all cores.
  ///
  /// - Parameters:
  ///   - rows: The number of rows.
  ///   - width: The elements of each.
  ///   - body: Appends the rows of a range, which has `width` elements for each.
  /// - Returns: All rows.
  @_specialize(where S == Float)
  @_specialize(where S == Double)
  package static func rows<S: Scalar>(
    _ rows: Int, width: Int, _ body: @Sendable (Range<Int>, inout OutputSpan<S>) -> Void
  ) -> [S] {
    unsafe fresh(rows * width) { buffer in
      nonisolated(unsafe) let target = unsafe buffer
      forEachPart(of: rows, width: width) { part in
        let place = unsafe UnsafeMutableBufferPointer(
          rebasing: target[part.lowerBound * width..<part.upperBound * width])
        var output = unsafe OutputSpan(buffer: place, initializedCount: 0)
        body(part, &output)
        precondition(output.isFull, "rows that are not written")
        _ = unsafe output.finalize(for: place)
      }
    }
  }

  /// An array whose elements a product that does not read its target, one with β = 0, is to write.
  @_specialize(where S == Float)
  @_specialize(where S == Double)
  static func unwritten<S: Scalar>(_ count: Int) -> [S] {
    // Scalars are trivial types, for which any bits are a value: nothing is undefined but the number.
    unsafe fresh(count) { _ in }
  }
}
