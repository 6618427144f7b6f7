import Foundation

/// The header of one GGUF file: its metadata, and which tensors it holds and where.
///
/// The format, from its specification (https://github.com/ggml-org/ggml/blob/master/docs/gguf.md), little-endian:
///
///     "GGUF"  u32 version  u64 tensors  u64 keys
///     keys    × (text key, u32 type, value)                         text: u64 length, bytes
///     tensors × (text name, u32 rank, rank × u64 extent, u32 type, u64 offset)
///     padding to `general.alignment`, from where offsets count: the tensors' bytes
///
/// Extents stand in the file the fastest first. Tensors lie one after the other in the order of the directory, each
/// padded to the alignment: ggml, whose format it is, reads no other file, and an offset that says otherwise is that of
/// a damaged one. A tensor of a number of bytes that does not lie within the file is refused, so what is read here
/// can be touched.
struct GGUFHeader {
  /// One tensor's entry.
  struct Entry {
    let name: String
    let type: GGMLType
    /// The extents, the slowest first.
    let shape: [Int]
    /// Offsets from the start of the file.
    let byteRange: Range<Int>
  }

  /// The version of the format: 2 or 3.
  let version: Int
  /// The metadata, in the order of the file.
  let members: [(key: String, value: GGUFValue)]
  /// The tensors, in the order of the file.
  let entries: [Entry]

  /// The most dimensions that a tensor may have, as in ggml.
  private static let maximumRank = 4
  /// The most keys, and the most tensors: a hundred times those of the largest models.
  private static let maximumMembers = 1 << 20

  /// Reads and checks the header of `file`.
  init(of file: MappedFile) throws(InputError) {
    var cursor = GGUFCursor(file)
    version = try Self.version(&cursor)
    let tensorCount = try Self.memberCount(&cursor, what: "tensors")
    let keyCount = try Self.memberCount(&cursor, what: "keys")
    var members: [(key: String, value: GGUFValue)] = []
    for _ in 0..<keyCount {
      let key = try cursor.name()
      members.append((key, try cursor.value(of: try cursor.kind())))
    }
    self.members = members
    var places: [(name: String, type: GGMLType, shape: [Int], offset: UInt64)] = []
    for _ in 0..<tensorCount { places.append(try Self.tensor(&cursor)) }
    let alignment = try Self.alignment(members, cursor)
    let start = (cursor.offset + alignment - 1) / alignment * alignment
    var entries: [Entry] = []
    var end = 0
    for place in places {
      let entry = try Self.entry(
        place, dataAt: start, alignment: alignment, fileEnd: file.count, cursor)
      guard Int(place.offset) == end else {
        throw Self.malformed(
          place.name, cursor, expected: "the offset \(end), where the tensor before it ends",
          found: "\(place.offset)")
      }
      end += (entry.byteRange.count + alignment - 1) / alignment * alignment
      entries.append(entry)
    }
    self.entries = entries
  }

  private static func version(_ cursor: inout GGUFCursor) throws(InputError) -> Int {
    let magic = try cursor.integer(UInt32.self)
    guard magic == 0x4655_4747 else {
      throw cursor.malformed("the bytes \"GGUF\" at the start", found: "others")
    }
    let version = try cursor.integer(UInt32.self)
    guard version == 2 || version == 3 else {
      let found =
        version.byteSwapped == 2 || version.byteSwapped == 3
        ? "big-endian numbers" : "version \(version)"
      throw InputError(
        .unsupported, file: cursor.path, subject: "header",
        expected: "version 2 or 3, little-endian", found: found,
        remedy: "convert the model again with a current llama.cpp")
    }
    return Int(version)
  }

  private static func memberCount(
    _ cursor: inout GGUFCursor, what: String
  ) throws(InputError) -> Int {
    let count = try cursor.integer(UInt64.self)
    guard count <= maximumMembers else {
      throw cursor.malformed("at most \(maximumMembers) \(what)", found: "\(count)")
    }
    return Int(count)
  }

  private static func tensor(
    _ cursor: inout GGUFCursor
  ) throws(InputError) -> (name: String, type: GGMLType, shape: [Int], offset: UInt64) {
    let name = try cursor.name()
    let rank = try cursor.integer(UInt32.self)
    guard rank <= maximumRank else {
      throw malformed(
        name, cursor, expected: "at most \(maximumRank) dimensions", found: "\(rank)")
    }
    var shape: [Int] = []
    for _ in 0..<rank {
      let extent = try cursor.integer(UInt64.self)
      guard let extent = Int(exactly: extent) else {
        throw malformed(name, cursor, expected: "extents of 63 bits", found: "\(extent)")
      }
      shape.append(extent)
    }
    let number = try cursor.integer(UInt32.self)
    guard let type = GGMLType(rawValue: number) else {
      throw InputError(
        .unsupported, file: cursor.path, subject: "tensor \(name)",
        expected: "one of the types " + GGMLType.allCases.map(\.name).joined(separator: ", "),
        found: "type \(number)", remedy: "use a file of another quantization")
    }
    return (name, type, shape.reversed(), try cursor.integer(UInt64.self))
  }

  private static func alignment(
    _ members: [(key: String, value: GGUFValue)], _ cursor: GGUFCursor
  ) throws(InputError) -> Int {
    guard let member = members.first(where: { $0.key == "general.alignment" }) else { return 32 }
    let field = GGUFField(file: cursor.path, key: member.key, value: member.value)
    let alignment = try field.int()
    guard (1...1 << 20).contains(alignment), alignment.nonzeroBitCount == 1 else {
      throw field.mismatch("a power of two up to 2^20")
    }
    return alignment
  }

  private static func entry(
    _ place: (name: String, type: GGMLType, shape: [Int], offset: UInt64), dataAt start: Int,
    alignment: Int, fileEnd: Int, _ cursor: GGUFCursor
  ) throws(InputError) -> Entry {
    guard let size = place.type.byteCount(of: place.shape) else {
      throw malformed(
        place.name, cursor,
        expected: "rows of whole blocks of \(place.type.block.elements) elements, of fewer than "
          + "2^63 bytes together", found: "\(place.type.name) \(place.shape)")
    }
    guard place.offset.isMultiple(of: UInt64(alignment)) else {
      throw malformed(
        place.name, cursor, expected: "an offset that is a multiple of \(alignment)",
        found: "\(place.offset)")
    }
    let available = max(0, fileEnd - start)
    guard place.offset <= available, size <= available - Int(place.offset) else {
      throw malformed(
        place.name, cursor, expected: "\(size) bytes from \(place.offset) on",
        found: "\(available) in the file",
        remedy: "the file is truncated: download it again")
    }
    // A tensor without elements may stand at the end of a file that does not pad its header.
    let begin = min(start + Int(place.offset), fileEnd)
    return Entry(
      name: place.name, type: place.type, shape: place.shape, byteRange: begin..<begin + size)
  }

  private static func malformed(
    _ name: String, _ cursor: GGUFCursor, expected: String, found: String,
    remedy: String = "the file is damaged: download it again"
  ) -> InputError {
    InputError(
      .malformed, file: cursor.path, subject: "tensor \(name)", expected: expected, found: found,
      remedy: remedy)
  }
}
