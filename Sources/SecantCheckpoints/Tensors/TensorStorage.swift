import Foundation

/// The location and encoding of a tensor's numbers: all that differs between file formats.
///
/// A conforming type is a value that refers to mapped memory. ``StoredTensor`` names it and gives it a
/// shape; whatever it does in order to convert a row (scales of blocks, tables of levels, another order of
/// rows) stays behind ``convert(rows:into:)``, so that nothing above knows one format from another.
package protocol TensorStorage: Sendable {
  /// The encoding's name in files, such as "BF16" or "Q4_K".
  var format: String { get }
  /// The parts of files that hold the tensor; tensors may share them.
  var parts: [FilePart] { get }
  /// Whether Secant can compute with these numbers; otherwise they can only be inspected.
  var isComputable: Bool { get }

  /// Converts whole rows into `target`, which has room for exactly these; called from many threads at once.
  ///
  /// Never called if ``isComputable`` is false.
  func convert<Scalar: BinaryFloatingPoint & BitwiseCopyable>(
    rows: Range<Int>, into target: inout MutableSpan<Scalar>)

  /// The row-major index of the first element among some rows, as the file has them, that is, or shares a
  /// scale that is, infinite or not a number; called from many threads at once.
  ///
  /// Elements that share a scale count from the first of them on, which may lie in an earlier row.
  func firstNonFiniteIndex(inRows rows: Range<Int>) -> Int?

  /// The plain numbers that lie in memory as this describes them; nil if they are encoded.
  var plain: PlainElements? { get }

  /// The numbers without those that an adapter adds, and the latter alone; nil if there is no adapter.
  var adaptation: (base: any TensorStorage, change: any TensorStorage)? { get }

  /// The matrix whose rows are the columns of this one, which has `rowCount` rows; nil if the numbers are
  /// encoded.
  func transposed(rowCount: Int) -> (any TensorStorage)?
}

extension TensorStorage {
  package func transposed(rowCount: Int) -> (any TensorStorage)? {
    plain.map { TransposedElements(base: $0, rowLength: rowCount) }
  }

  package var plain: PlainElements? { nil }
  package var adaptation: (base: any TensorStorage, change: any TensorStorage)? { nil }
}

/// Numbers that are made of other stored ones: in the same encoding, in the same parts of files.
protocol DerivedStorage: TensorStorage {
  /// The stored numbers.
  var base: any TensorStorage { get }
}

extension DerivedStorage {
  package var format: String { base.format }
  package var parts: [FilePart] { base.parts }
  package var isComputable: Bool { base.isComputable }
}

/// A part of a mapped file.
public struct FilePart: Sendable {
  /// The file.
  public let file: MappedFile
  /// Offsets within the file.
  public let byteRange: Range<Int>

  /// Describes a part within the file.
  package init(_ file: MappedFile, _ byteRange: Range<Int>) {
    precondition(byteRange.lowerBound >= 0 && byteRange.upperBound <= file.count)
    self.file = file
    self.byteRange = byteRange
  }

  /// Lends the bytes.
  public func withBytes<Result, Failure: Error>(
    _ body: (Span<UInt8>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try file.withBytes(in: byteRange, body)
  }
}

/// A of the decays of a delta network, which a file holds as −exp(A).
struct DecayLogarithms: DerivedStorage {
  let base: any TensorStorage

  @_specialize(where Scalar == Float)
  @_specialize(where Scalar == Double)
  func convert<Scalar: BinaryFloatingPoint & BitwiseCopyable>(
    rows: Range<Int>, into target: inout MutableSpan<Scalar>
  ) {
    base.convert(rows: rows, into: &target)
    for index in target.indices { target[index] = Scalar(log(-Double(target[index]))) }
  }

  /// Numbers that are not below 0 have no such logarithm.
  func firstNonFiniteIndex(inRows rows: Range<Int>) -> Int? {
    var values = [Double](repeating: 0, count: rows.count)
    var target = values.mutableSpan
    convert(rows: rows, into: &target)
    return values.firstIndex { !$0.isFinite }.map { rows.lowerBound + $0 }
  }
}

/// Numbers that a file holds with a constant added: it is taken off again.
///
/// In `Double` and, for stored numbers of 1/2 and more, in `Float` exact.
struct ShiftedElements: DerivedStorage {
  let base: any TensorStorage
  /// The number added to every element in the file.
  let constant: Double

  @_specialize(where Scalar == Float)
  @_specialize(where Scalar == Double)
  func convert<Scalar: BinaryFloatingPoint & BitwiseCopyable>(
    rows: Range<Int>, into target: inout MutableSpan<Scalar>
  ) {
    base.convert(rows: rows, into: &target)
    let constant = Scalar(constant)
    for index in target.indices { target[index] -= constant }
  }

  func firstNonFiniteIndex(inRows rows: Range<Int>) -> Int? {
    base.firstNonFiniteIndex(inRows: rows)
  }
}
