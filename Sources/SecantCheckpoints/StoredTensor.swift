/// A tensor of a checkpoint, in the type and at the place where its file stores it.
///
/// Elements are in row-major order. Nothing is read from disk before it is asked for, and nothing is
/// ever altered: an operation converts a tile at a time into its own scratch, or reads the file in place
/// where the stored type is its own.
public struct StoredTensor: Sendable {
  /// The tensor's name, as its file spells it.
  public let name: String
  /// The type in which the file stores the elements.
  public let elementType: ElementType
  /// The extent of each dimension, the slowest first; empty for a scalar.
  public let shape: [Int]
  /// The file that holds the elements.
  public let file: MappedFile
  /// The offsets in the file of the tensor's bytes.
  public let byteRange: Range<Int>

  /// Describes a part of a file whose size has been checked against the type and the shape.
  package init(
    name: String, elementType: ElementType, shape: [Int], file: MappedFile, byteRange: Range<Int>
  ) {
    precondition(shape.reduce(1, *) * elementType.width == byteRange.count)
    precondition(byteRange.lowerBound >= 0 && byteRange.upperBound <= file.count)
    self.name = name
    self.elementType = elementType
    self.shape = shape
    self.file = file
    self.byteRange = byteRange
  }

  /// The number of elements: the product of `shape`, so 1 for a scalar.
  public var elementCount: Int { byteRange.count / elementType.width }

  /// The extent of the first dimension; 1 for a scalar.
  public var rowCount: Int { shape.first ?? 1 }

  /// The number of elements in one row: the product of all extents but the first.
  public var rowLength: Int { shape.dropFirst().reduce(1, *) }

  /// Lends the stored bytes.
  public func withBytes<Result, Failure: Error>(
    _ body: (Span<UInt8>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try file.withBytes(in: byteRange, body)
  }

  /// Whether the file's own memory can be read as elements of `scalar`, without conversion or copy.
  ///
  /// True where the stored type is that of `scalar` and the tensor starts at an aligned address.
  public func isDirectlyReadable<Scalar: BinaryFloatingPoint & BitwiseCopyable>(
    as scalar: Scalar.Type
  ) -> Bool {
    ElementType(of: scalar) == elementType && file.isAligned(byteRange.lowerBound, for: scalar)
  }

  /// Lends the elements in the file's own memory; nil where they are not directly readable.
  ///
  /// - Returns: What `body` returns; nil, without a call of `body`, where
  ///   ``isDirectlyReadable(as:)`` is false.
  public func withElements<Scalar: BinaryFloatingPoint & BitwiseCopyable, Result, Failure: Error>(
    as scalar: Scalar.Type, _ body: (Span<Scalar>) throws(Failure) -> Result
  ) throws(Failure) -> Result? {
    guard isDirectlyReadable(as: scalar) else { return nil }
    return try file.withElements(of: scalar, in: byteRange, body)
  }

  /// Hands the memory that the elements take back to the system; they are read again when they are used.
  public func releasePages() { file.releasePages(in: byteRange) }

  /// The offsets in the file of the elements at `range`.
  func byteRange(ofElements range: Range<Int>) -> Range<Int> {
    precondition(range.lowerBound >= 0 && range.upperBound <= elementCount, "no such elements")
    let start = byteRange.lowerBound + range.lowerBound * elementType.width
    return start..<start + range.count * elementType.width
  }
}
