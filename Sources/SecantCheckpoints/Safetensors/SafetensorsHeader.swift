import Foundation

/// The header of a safetensors file: which tensors it holds, and where.
///
/// The format, from its specification (https://github.com/huggingface/safetensors):
///
///     8 bytes   N, unsigned, little-endian
///     N bytes   JSON: {"NAME": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}, …,
///                      "__metadata__": {"KEY": "VALUE", …}}, begun by "{", padded with spaces
///     the rest  the tensors' bytes, row-major, little-endian, without gap or overlap
///
/// Every rule of the specification is checked, as in its reference implementation.
struct SafetensorsHeader {
  /// One tensor's entry.
  struct Entry {
    let name: String
    let elementType: ElementType
    let shape: [Int]
    /// Offsets from the start of the file.
    let byteRange: Range<Int>
  }

  /// The longest header that the reference implementation reads, in bytes.
  static let maximumLength = 100_000_000

  /// The most dimensions that a tensor may have: as many as in NumPy.
  static let maximumRank = 64

  /// The tensors in the order of their bytes.
  let entries: [Entry]
  /// The free text that the file carries.
  let metadata: [String: String]

  /// Reads and checks the header of `file`.
  init(of file: MappedFile) throws(InputError) {
    let path = file.path
    let length = try Self.length(of: file, path: path)
    let text = file.withBytes(in: 8..<8 + length) { bytes in bytes.indices.map { bytes[$0] } }
    guard text.first == UInt8(ascii: "{") else {
      throw Self.malformed(path, "header", expected: "a JSON object", found: "other bytes")
    }
    let root = JSONField(file: path, value: try JSON(parsing: text, file: path))
    let start = 8 + length
    var entries: [Entry] = []
    var metadata: [String: String] = [:]
    for member in try root.object().members {
      let field = JSONField(file: path, path: member.key, value: member.value)
      if member.key == "__metadata__" {
        for member in try field.object().members {
          metadata[member.key] = try field[member.key].string()
        }
      } else {
        entries.append(try Self.entry(field, dataAt: start, fileEnd: file.count))
      }
    }
    entries.sort {
      ($0.byteRange.lowerBound, $0.byteRange.upperBound)
        < ($1.byteRange.lowerBound, $1.byteRange.upperBound)
    }
    try Self.requireContiguity(of: entries, from: start, to: file.count, path: path)
    self.entries = entries
    self.metadata = metadata
  }

  private static func length(of file: MappedFile, path: String) throws(InputError) -> Int {
    guard file.count >= 8 else {
      throw malformed(
        path, "header", expected: "at least 8 bytes", found: "\(file.count)",
        remedy: "the file is truncated: download or write it again")
    }
    let length = file.withBytes(in: 0..<8) { bytes in
      bytes.indices.reduce(0 as UInt64) { $0 | UInt64(bytes[$1]) << UInt64(8 * $1) }
    }
    guard length <= maximumLength else {
      throw malformed(
        path, "header", expected: "a length of at most \(maximumLength) bytes", found: "\(length)",
        remedy: "this is not a safetensors file, or it is damaged: download or write it again")
    }
    guard length <= file.count - 8 else {
      throw malformed(
        path, "header", expected: "\(length) bytes", found: "\(file.count - 8)",
        remedy: "the file is truncated: download or write it again")
    }
    return Int(length)
  }

  private static func entry(
    _ field: JSONField, dataAt start: Int, fileEnd: Int
  ) throws(InputError) -> Entry {
    let spelling = try field["dtype"].string()
    guard let elementType = ElementType(rawValue: spelling) else {
      throw field["dtype"].mismatch(
        "one of " + ElementType.allCases.map(\.rawValue).joined(separator: ", "),
        kind: .unsupported, remedy: "convert the tensor to one of these types")
    }
    let shape = try naturals(field["shape"], atMost: maximumRank)
    let offsets = try naturals(field["data_offsets"], atMost: 2)
    guard offsets.count == 2 else { throw field["data_offsets"].mismatch("[begin, end]") }
    let (begin, end) = (offsets[0], offsets[1])
    guard begin <= end else {
      throw malformed(
        field.file, "tensor \(field.path)", expected: "a begin at or before its end",
        found: "offsets [\(begin), \(end)]")
    }
    guard let size = byteCount(of: shape, elementType) else {
      throw malformed(
        field.file, "tensor \(field.path)", expected: "a size that fits in 63 bits",
        found: "shape \(shape)")
    }
    guard size == end - begin else {
      throw malformed(
        field.file, "tensor \(field.path)",
        expected: "\(size) bytes for \(spelling) \(shape)", found: "\(end - begin)")
    }
    guard end <= fileEnd - start else {
      throw malformed(
        field.file, "tensor \(field.path)", expected: "bytes up to \(end)",
        found: "\(fileEnd - start) in the file",
        remedy: "the file is truncated: download or write it again")
    }
    return Entry(
      name: field.path, elementType: elementType, shape: shape,
      byteRange: start + begin..<start + end)
  }

  private static func naturals(
    _ field: JSONField, atMost limit: Int
  ) throws(InputError) -> [Int] {
    // Counted before it is walked: a field of the walk takes far more memory than its text.
    if case .array(let elements) = field.value, elements.count > limit {
      throw field.mismatch("at most \(limit) numbers")
    }
    var result: [Int] = []
    for element in try field.array() {
      guard case .number(let number) = element.value, let value = Int(number.literal), value >= 0
      else { throw element.mismatch("a whole number of at most 63 bits") }
      result.append(value)
    }
    return result
  }

  /// The size in bytes of a tensor; nil if it, or that of any part of it, overflows.
  static func byteCount(of shape: [Int], _ elementType: ElementType) -> Int? {
    // Extents of 0 count as 1 here, so that the product over some of the dimensions is bounded too.
    var bound = elementType.width
    for extent in shape {
      let (product, overflow) = bound.multipliedReportingOverflow(by: max(extent, 1))
      if overflow { return nil }
      bound = product
    }
    return shape.contains(0) ? 0 : bound
  }

  private static func requireContiguity(
    of entries: [Entry], from start: Int, to end: Int, path: String
  ) throws(InputError) {
    var position = start
    for (index, entry) in entries.enumerated() {
      let begin = entry.byteRange.lowerBound
      guard begin == position else {
        let previous = index == 0 ? "the header" : "tensor \(entries[index - 1].name)"
        throw malformed(
          path, "tensor \(entry.name)", expected: "to begin where \(previous) ends",
          found: begin < position
            ? "an overlap of \(position - begin) bytes"
            : "a gap of \(begin - position) bytes")
      }
      position = entry.byteRange.upperBound
    }
    guard position == end else {
      throw malformed(
        path, "file", expected: "\(position) bytes, as its header says", found: "\(end)")
    }
  }

  private static func malformed(
    _ path: String, _ subject: String, expected: String, found: String,
    remedy: String = "download or write the file again"
  ) -> InputError {
    InputError(
      .malformed, file: path, subject: subject, expected: expected, found: found, remedy: remedy)
  }
}
