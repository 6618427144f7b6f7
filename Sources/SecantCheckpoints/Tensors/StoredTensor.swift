import Dispatch
import Synchronization

/// A tensor of a checkpoint, in its file and in the file's encoding.
///
/// Elements are in row-major order. Nothing is read from disk before it is asked for, and nothing is
/// ever altered: an operation converts a tile at a time into its own scratch, or reads the file in place
/// where the stored type is its own.
public struct StoredTensor: Sendable {
  /// The tensor's name, as Hugging Face's library spells it.
  public let name: String
  /// The extent of each dimension, the slowest first; empty for a scalar.
  public let shape: [Int]
  /// The location and encoding of the numbers.
  package let storage: any TensorStorage

  /// Names and shapes numbers whose size has been checked against the shape.
  package init(name: String, shape: [Int], storage: any TensorStorage) {
    self.name = name
    self.shape = shape
    self.storage = storage
  }

  /// Describes plain numbers in a part of a file whose size has been checked against the type and the shape.
  package init(
    name: String, elementType: ElementType, shape: [Int], file: MappedFile, byteRange: Range<Int>
  ) {
    precondition(shape.reduce(1, *) * elementType.width == byteRange.count)
    let rowLength = shape.dropFirst().reduce(1, *)
    self.init(
      name: name, shape: shape,
      storage: PlainElements(
        elementType: elementType, rowLength: rowLength, part: FilePart(file, byteRange)))
  }

  /// The encoding's name in files, such as "BF16" or "Q4_K".
  public var format: String { storage.format }

  /// The type of the elements; nil if they are not written one by one.
  public var elementType: ElementType? { storage.plain?.elementType }

  /// Whether Secant can compute with these numbers; otherwise they can only be inspected.
  public var isComputable: Bool { storage.isComputable }

  /// The parts of files that hold the tensor; they may hold other tensors too.
  public var parts: [FilePart] { storage.parts }

  /// Lends the stored bytes of a tensor in one part of a file, such as a plain one.
  public func withBytes<Result, Failure: Error>(
    _ body: (Span<UInt8>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    precondition(parts.count == 1, "tensor \(name) lies in \(parts.count) parts of files")
    return try parts[0].withBytes(body)
  }

  /// The bytes that the tensor takes in its files.
  public var byteCount: Int { parts.reduce(0) { $0 + $1.byteRange.count } }

  /// The number of elements: the product of `shape`, so 1 for a scalar.
  public var elementCount: Int { shape.reduce(1, *) }

  /// The extent of the first dimension; 1 for a scalar.
  public var rowCount: Int { shape.first ?? 1 }

  /// The number of elements in one row: the product of all extents but the first.
  public var rowLength: Int { shape.dropFirst().reduce(1, *) }

  /// Whether the file's own memory can be read as elements of `scalar`, without conversion or copy.
  ///
  /// True where the stored type is that of `scalar` and the tensor starts at an aligned address.
  public func isDirectlyReadable<Scalar: BinaryFloatingPoint & BitwiseCopyable>(
    as scalar: Scalar.Type
  ) -> Bool {
    guard let plain = storage.plain else { return false }
    return ElementType(of: scalar) == plain.elementType
      && plain.part.file.isAligned(plain.part.byteRange.lowerBound, for: scalar)
  }

  /// Lends the elements in the file's own memory; nil if they are not directly readable.
  ///
  /// - Returns: What `body` returns; nil, without a call of `body`, where
  ///   ``isDirectlyReadable(as:)`` is false.
  public func withElements<Scalar: BinaryFloatingPoint & BitwiseCopyable, Result, Failure: Error>(
    as scalar: Scalar.Type, _ body: (Span<Scalar>) throws(Failure) -> Result
  ) throws(Failure) -> Result? {
    guard isDirectlyReadable(as: scalar), let part = storage.plain?.part else { return nil }
    return try part.file.withElements(of: scalar, in: part.byteRange, body)
  }

  /// The row-major index of the first element that is infinite or not a number; nil if there is none.
  ///
  /// Types that are not computable count as finite. Plain numbers are all read once; of numbers in blocks
  /// their scales are, and the index is that of a first element of such a block. All processors look, each
  /// at rows of its own, close behind one another.
  public func firstNonFiniteIndex() -> Int? {
    // An untrusted file may name any number of rows without elements.
    guard elementCount > 0 else { return nil }
    let height = max(1, Self.bytesSearchedTogether / max(1, byteCount / rowCount))
    let found = Mutex<(part: Int, index: Int)?>(nil)
    DispatchQueue.concurrentPerform(iterations: (rowCount + height - 1) / height) { part in
      let isLate = found.withLock { first in first.map { $0.part < part } ?? false }
      if isLate { return }
      let rows = part * height..<min((part + 1) * height, rowCount)
      guard let index = storage.firstNonFiniteIndex(inRows: rows) else { return }
      found.withLock { first in
        if first.map({ part < $0.part }) ?? true { first = (part, index) }
      }
    }
    return found.withLock { $0?.index }
  }

  /// Bytes of the rows that one thread searches at once: far more than starting it costs.
  private static var bytesSearchedTogether: Int { 1 << 20 }

  /// Hands the memory that the elements take back to the system; they are read again when they are used.
  public func releasePages() {
    for part in parts { part.file.releasePages(in: part.byteRange) }
  }
}
