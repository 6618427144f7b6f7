public import Foundation

/// Writes a safetensors file whose tensors need not be in memory together, or even whole.
///
///     let writer = try SafetensorsWriter(
///       [.init(name: "jacobian", elementType: .f32, shape: [8, 576, 576])], to: url)
///     try writer.write(rows.span, to: "jacobian", at: firstRow * 576)
///     try writer.commit()
///
/// The header is written first, so names, types and shapes are given at the start; elements then follow
/// in any order and in parts of any size. The file appears at its place by ``commit()`` alone, as
/// ``AtomicFile`` describes. The bytes depend on nothing but what is written: as in the reference
/// implementation, tensors are in descending order of element type, then in ascending
/// order of the bytes of their names, which aligns every tensor to its element's width; metadata
/// is in ascending order of its keys.
public final class SafetensorsWriter {
  /// A tensor to be written.
  public struct Tensor: Hashable, Sendable {
    /// The tensor's name.
    public let name: String
    /// The type of its elements.
    public let elementType: ElementType
    /// The extent of each dimension, the slowest first; empty for a scalar.
    public let shape: [Int]

    /// Describes a tensor to be written.
    public init(name: String, elementType: ElementType, shape: [Int]) {
      self.name = name
      self.elementType = elementType
      self.shape = shape
    }
  }

  /// A tensor's offset, and how many of its bytes are missing.
  private struct Place {
    let elementType: ElementType
    let byteRange: Range<Int>
    var bytesLeft: Int
  }

  private let file: AtomicFile
  private var places: [String: Place]

  /// Begins a file at `url` that is to hold `tensors`.
  ///
  /// Names must differ, no name may be "__metadata__", and the size of every tensor must fit in 63 bits.
  ///
  /// - Throws: `InputError` if the file cannot be written.
  public init(
    _ tensors: [Tensor], metadata: [String: String] = [:], to url: URL
  ) throws(InputError) {
    let (header, layout) = Self.header(of: tensors, metadata: metadata)
    places = [:]
    for (tensor, range) in layout {
      let place = Place(elementType: tensor.elementType, byteRange: range, bytesLeft: range.count)
      let isNew = places.updateValue(place, forKey: tensor.name) == nil
      precondition(isNew && tensor.name != "__metadata__", "tensor names must differ")
    }
    file = try AtomicFile(at: url)
    try file.write(header.span, at: 0)
  }

  /// Writes `elements` into the tensor called `name`, from the row-major index `start` on.
  ///
  /// `Element` must have the width of the tensor's element type, and be that type where Swift has it:
  /// the elements of a bfloat16 tensor are given as the `UInt16` of their bits. Every element is
  /// written once.
  ///
  /// - Throws: `InputError` if the disk is full or fails.
  public func write<Element: BitwiseCopyable>(
    _ elements: Span<Element>, to name: String, at start: Int = 0
  ) throws(InputError) {
    guard var place = places[name] else { preconditionFailure("no tensor is called \(name)") }
    let width = MemoryLayout<Element>.stride
    precondition(width == place.elementType.width, "elements of another width")
    let size = elements.count * width
    let offset = place.byteRange.lowerBound + start * width
    precondition(
      start >= 0 && offset + size <= place.byteRange.upperBound, "elements outside the tensor")
    precondition(size <= place.bytesLeft, "elements written twice")
    try file.write(elements, at: offset)
    place.bytesLeft -= size
    places[name] = place
  }

  /// Puts the finished file in its place; every element must have been written.
  ///
  /// - Throws: `InputError` if the disk is full or fails; what stood at the target is then still there.
  public func commit() throws(InputError) {
    precondition(places.values.allSatisfy { $0.bytesLeft == 0 }, "not every element was written")
    try file.commit()
  }

  /// The bytes before the first tensor's, and the offsets in the file of each tensor.
  private static func header(
    of tensors: [Tensor], metadata: [String: String]
  ) -> (bytes: [UInt8], layout: [(tensor: Tensor, byteRange: Range<Int>)]) {
    let rank = Dictionary(
      uniqueKeysWithValues: ElementType.allCases.enumerated().map { ($1, -$0) })
    let ordered = tensors.sorted {
      $0.elementType == $1.elementType
        ? $0.name.utf8.lexicographicallyPrecedes($1.name.utf8)
        : rank[$0.elementType, default: 0] < rank[$1.elementType, default: 0]
    }
    var members: [String] = []
    if !metadata.isEmpty {
      let pairs = metadata.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
        .map { JSON.quoted($0.key) + ":" + JSON.quoted($0.value) }
      members.append("\"__metadata__\":{" + pairs.joined(separator: ",") + "}")
    }
    var layout: [(tensor: Tensor, byteRange: Range<Int>)] = []
    var end = 0
    for tensor in ordered {
      guard let size = SafetensorsHeader.byteCount(of: tensor.shape, tensor.elementType) else {
        preconditionFailure("the size of tensor \(tensor.name) overflows")
      }
      let shape = tensor.shape.map(String.init).joined(separator: ",")
      members.append(
        JSON.quoted(tensor.name)
          + ":{\"dtype\":\"\(tensor.elementType.rawValue)\",\"shape\":[\(shape)],"
          + "\"data_offsets\":[\(end),\(end + size)]}")
      layout.append((tensor, end..<end + size))
      end += size
    }
    var text = "{" + members.joined(separator: ",") + "}"
    text += String(repeating: " ", count: (8 - text.utf8.count % 8) % 8)
    let length = UInt64(text.utf8.count)
    let bytes = (0..<8).map { UInt8(truncatingIfNeeded: length >> (8 * $0)) } + Array(text.utf8)
    return (
      bytes,
      layout.map { ($0, bytes.count + $1.lowerBound..<bytes.count + $1.upperBound) }
    )
  }
}
