import CBlocks
import Dispatch
import Foundation

// Unsafe code: the two places where a target is written through its address. A conversion in parallel gives
// each thread a part of its own of the target, which outlives them all; blocks are unpacked by C code
// that is given exactly the bytes of whole blocks, and room for exactly their elements.

extension StoredTensor {
  /// Converts whole rows, a row being what one index of the first dimension selects.
  ///
  /// Exact, but for `f64` into `Float`, which rounds to nearest. Numbers in blocks become those that the
  /// reference implementation computes for them in `Float`, in `Double` too. The tensor must be computable
  /// (see ``isComputable``), and `target` must hold `rows.count` times ``rowLength`` elements.
  /// Large ranges are divided among all processors. Costs about as much as copying the memory.
  @_specialize(where Scalar == Float)
  @_specialize(where Scalar == Double)
  public func convert<Scalar: BinaryFloatingPoint & BitwiseCopyable & Sendable>(
    rows: Range<Int>, into target: inout MutableSpan<Scalar>
  ) {
    let length = rowLength
    precondition(0 <= rows.lowerBound && rows.upperBound <= rowCount, "no such rows")
    precondition(rows.count * length == target.count, "the target holds another number of elements")
    // Below some 10^5 elements, waking other threads costs more than they save.
    let shares = min(
      ProcessInfo.processInfo.activeProcessorCount, target.count >> 17, rows.count)
    guard shares > 1 else {
      storage.convert(rows: rows, into: &target)
      return
    }
    unsafe target.withUnsafeMutableBufferPointer { buffer in
      // Each thread writes rows that no other one touches.
      nonisolated(unsafe) let buffer = unsafe buffer
      DispatchQueue.concurrentPerform(iterations: shares) { share in
        let start = rows.count * share / shares
        let end = rows.count * (share + 1) / shares
        let part = unsafe UnsafeMutableBufferPointer(
          rebasing: buffer[start * length..<end * length])
        var target = unsafe part.mutableSpan
        storage.convert(rows: rows.lowerBound + start..<rows.lowerBound + end, into: &target)
      }
    }
  }

  /// All elements, in row-major order: for small tensors such as the weights of a normalization.
  public func values<Scalar: BinaryFloatingPoint & BitwiseCopyable & Sendable>(
    as scalar: Scalar.Type
  ) -> [Scalar] {
    var values = [Scalar](repeating: 0, count: elementCount)
    var target = values.mutableSpan
    convert(rows: 0..<rowCount, into: &target)
    return values
  }
}

extension MutableSpan where Element: BitwiseCopyable {
  /// Lends the elements at `range`, to be written.
  mutating func withPart(_ range: Range<Int>, _ body: (inout MutableSpan<Element>) -> Void) {
    precondition(0 <= range.lowerBound && range.upperBound <= count)
    unsafe withUnsafeMutableBufferPointer { buffer in
      var part = unsafe UnsafeMutableBufferPointer(rebasing: buffer[range]).mutableSpan
      body(&part)
    }
  }
}

extension QuantizedBlocks {
  /// Unpacks whole blocks; `target` has room for exactly their elements.
  static func unpack<Scalar: BinaryFloatingPoint & BitwiseCopyable>(
    _ bytes: Span<UInt8>, of type: GGMLType, into target: inout MutableSpan<Scalar>
  ) {
    let block = type.block
    let count = bytes.count / block.bytes
    precondition(count * block.bytes == bytes.count && count * block.elements == target.count)
    guard count > 0 else { return }
    unsafe bytes.withUnsafeBufferPointer { source in
      guard let source = source.baseAddress else { return }
      unsafe target.withUnsafeMutableBufferPointer { target in
        guard let address = target.baseAddress else { return }
        if Scalar.self == Float.self {
          let floats = unsafe UnsafeMutableRawPointer(address).assumingMemoryBound(to: Float.self)
          unsafe secant_unpack_blocks(type.rawValue, source, count, floats)
        } else {
          unsafe withUnsafeTemporaryAllocation(of: Float.self, capacity: block.elements) {
            scratch in
            guard let floats = scratch.baseAddress else { return }
            for index in 0..<count {
              unsafe secant_unpack_blocks(type.rawValue, source + index * block.bytes, 1, floats)
              for element in 0..<block.elements {
                unsafe target[index * block.elements + element] = Scalar(floats[element])
              }
            }
          }
        }
      }
    }
  }

  /// The number of the first block whose scales are not all finite; nil where there is none.
  static func firstNonFinite(in bytes: Span<UInt8>, of type: GGMLType) -> Int? {
    let count = bytes.count / type.block.bytes
    guard count > 0 else { return nil }
    let index = unsafe bytes.withUnsafeBufferPointer { source in
      guard let source = source.baseAddress else { return count }
      return unsafe secant_first_infinite_block(type.rawValue, source, count)
    }
    return index < count ? index : nil
  }
}
