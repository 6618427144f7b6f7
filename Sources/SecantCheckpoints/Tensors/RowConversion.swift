import CBlocks
import Dispatch
import Foundation

// Unsafe code: the places that write to a target through its address. A parallel conversion gives
// each thread its own part of the target, which outlives all threads. Numbers that share scales, and those
// of 16 bits, are unpacked by C code that receives exactly the bytes and scales of some elements, and room
// for exactly these.

extension StoredTensor {
  /// Converts whole rows, a row being what one index of the first dimension selects.
  ///
  /// Exact, but for `f64` into `Float`, which rounds to nearest. Numbers that share scales become those that
  /// their format's formula gives in `Float`, each operation rounded, in `Double` too. The tensor must be computable
  /// (see ``isComputable``), and `target` must hold `rows.count` times ``rowLength`` elements.
  /// Large ranges are divided among all processors. Costs about as much as copying the memory.
  @_specialize(where Scalar == Float)
  @_specialize(where Scalar == Double)
  public func convert<Scalar: BinaryFloatingPoint & BitwiseCopyable & Sendable>(
    rows: Range<Int>, into target: inout MutableSpan<Scalar>
  ) {
    convert(rows: rows, into: &target, alone: false)
  }

  /// As above; with `alone`, on the calling thread only, for callers that convert on several at once.
  @_specialize(where Scalar == Float)
  @_specialize(where Scalar == Double)
  package func convert<Scalar: BinaryFloatingPoint & BitwiseCopyable & Sendable>(
    rows: Range<Int>, into target: inout MutableSpan<Scalar>, alone: Bool
  ) {
    let length = rowLength
    precondition(0 <= rows.lowerBound && rows.upperBound <= rowCount, "no such rows")
    precondition(rows.count * length == target.count, "the target holds another number of elements")
    // Below some 10^5 elements, waking other threads costs more than they save.
    let most = alone ? 1 : min(target.count >> 17, rows.count)
    let shares = most > 1 ? min(ProcessInfo.processInfo.activeProcessorCount, most) : 1
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

extension MutableSpan where Element: BinaryFloatingPoint & BitwiseCopyable {
  /// Writes rows that are computed in single precision: into floats all at once, into doubles row by row.
  @inline(__always)
  mutating func writeRows(
    _ rows: Range<Int>, of length: Int, _ unpack: (Range<Int>, inout MutableSpan<Float>) -> Void
  ) {
    precondition(count == rows.count * length)
    if Element.self == Float.self {
      unsafe withUnsafeMutableBufferPointer { buffer in
        guard let address = buffer.baseAddress else { return }
        let floats = unsafe UnsafeMutableRawPointer(address).assumingMemoryBound(to: Float.self)
        var target = unsafe UnsafeMutableBufferPointer(start: floats, count: buffer.count)
          .mutableSpan
        unpack(rows, &target)
      }
    } else {
      var scratch = [Float](repeating: 0, count: length)
      for (offset, row) in rows.enumerated() {
        var span = scratch.mutableSpan
        unpack(row..<row + 1, &span)
        for index in 0..<length { self[offset * length + index] = Element(scratch[index]) }
      }
    }
  }
}

/// Widens IEEE 754 binary16 numbers, two bytes each, exactly; not-a-numbers keep their bits.
package func widenHalves(_ bytes: Span<UInt8>, into target: inout MutableSpan<Float>) {
  precondition(bytes.count == 2 * target.count)
  unsafe bytes.withUnsafeBufferPointer { bytes in
    unsafe target.withUnsafeMutableBufferPointer { target in
      unsafe secant_widen_halves(bytes.baseAddress, target.count, target.baseAddress)
    }
  }
}

/// Unpacks integers of 4 or 8 bits in groups of `size`, each group with a scale and an offset.
func unpackAffineGroups(
  _ packed: Span<UInt8>, bits: Int, size: Int, scales: Span<Float>, offsets: Span<Float>,
  into target: inout MutableSpan<Float>
) {
  precondition(bits == 4 || bits == 8)
  precondition(size > 0 && size.isMultiple(of: 32) && target.count == scales.count * size)
  precondition(offsets.count == scales.count && packed.count * 8 == target.count * bits)
  let unpack = unsafe bits == 4 ? secant_unpack_affine4 : secant_unpack_affine8
  unsafe packed.withUnsafeBufferPointer { packed in
    unsafe scales.withUnsafeBufferPointer { scales in
      unsafe offsets.withUnsafeBufferPointer { offsets in
        unsafe target.withUnsafeMutableBufferPointer { target in
          unsafe unpack(
            packed.baseAddress, scales.count, size, scales.baseAddress, offsets.baseAddress,
            target.baseAddress)
        }
      }
    }
  }
}

/// Unpacks names of 16 levels of 4 bits, of which each `size` share a scale.
func unpackLevels(
  _ packed: Span<UInt8>, size: Int, levels: Span<Float>, scales: Span<Float>,
  into target: inout MutableSpan<Float>
) {
  precondition(size > 0 && size.isMultiple(of: 2) && levels.count == 16)
  precondition(packed.count == (target.count + 1) / 2)
  precondition(scales.count == (target.count + size - 1) / size)
  unsafe packed.withUnsafeBufferPointer { packed in
    unsafe levels.withUnsafeBufferPointer { levels in
      unsafe scales.withUnsafeBufferPointer { scales in
        unsafe target.withUnsafeMutableBufferPointer { target in
          unsafe secant_unpack_levels4(
            packed.baseAddress, target.count, size, levels.baseAddress, scales.baseAddress,
            target.baseAddress)
        }
      }
    }
  }
}

/// Unpacks floating-point numbers of 8 bits, of which each `size` share a scale.
func unpackFloat8(
  _ packed: Span<UInt8>, size: Int, scales: Span<Float>, into target: inout MutableSpan<Float>
) {
  precondition(size > 0 && packed.count == target.count)
  precondition(scales.count == (target.count + size - 1) / size)
  unsafe packed.withUnsafeBufferPointer { packed in
    unsafe scales.withUnsafeBufferPointer { scales in
      unsafe target.withUnsafeMutableBufferPointer { target in
        unsafe secant_unpack_e4m3(
          packed.baseAddress, target.count, size, scales.baseAddress, target.baseAddress)
      }
    }
  }
}

extension MicroscaledBlocks {
  /// Unpacks whole blocks; `target` has room for exactly their elements.
  static func unpack(
    _ packed: Span<UInt8>, exponents: Span<UInt8>, into target: inout MutableSpan<Float>
  ) {
    precondition(packed.count == 16 * exponents.count && target.count == 32 * exponents.count)
    unsafe packed.withUnsafeBufferPointer { packed in
      unsafe exponents.withUnsafeBufferPointer { exponents in
        unsafe target.withUnsafeMutableBufferPointer { target in
          unsafe secant_unpack_mxfp4(
            packed.baseAddress, exponents.baseAddress, exponents.count, target.baseAddress)
        }
      }
    }
  }

  /// The number of the first block of which a number could be infinite; nil if there is none.
  static func firstNonFinite(among exponents: Span<UInt8>) -> Int? {
    let index = unsafe exponents.withUnsafeBufferPointer {
      unsafe secant_first_large_exponent($0.baseAddress, $0.count)
    }
    return index < exponents.count ? index : nil
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

  /// The number of the first block whose scales are not all finite; nil if there is none.
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
