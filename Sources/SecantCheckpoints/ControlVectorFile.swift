public import Foundation

/// Writes a control vector as llama.cpp reads it: a GGUF file with one direction a block.
///
/// llama.cpp adds `direction.N`, times the scale that its user gives, to the stream after block N at
/// every position. It takes blocks from 1 on: there is no `direction.0`. The format, from
/// https://github.com/ggml-org/ggml/blob/master/docs/gguf.md, little-endian:
///
///     "GGUF", version 3 (u32), number of tensors (u64), number of entries (u64)
///     entries   key, type (u32; 5: i32, 8: string), value
///     tensors   name, number of dimensions (u32), extents (u64), type (u32; 0: f32), offset (u64)
///     the tensors' elements, each tensor aligned to 32 bytes
///
/// where a string is its number of bytes (u64) and its UTF-8.
public enum ControlVectorFile {
  private static let alignment = 32

  /// Writes the direction of one block; the file appears when it is complete.
  ///
  /// - Parameters:
  ///   - direction: What is added to the stream `[d]` at scale 1.
  ///   - block: The block N, at least 1.
  ///   - architecture: The model's, such as "llama": a hint for people.
  ///   - url: Where the file is to appear.
  /// - Throws: `InputError` if the file cannot be written.
  public static func write(
    _ direction: [Float], block: Int, architecture: String, to url: URL
  ) throws(InputError) {
    precondition(block >= 1, "llama.cpp knows no direction of block 0")
    try AtomicFile.write(bytes(direction, block: block, architecture: architecture).span, to: url)
  }

  /// The bytes of the file.
  package static func bytes(_ direction: [Float], block: Int, architecture: String) -> [UInt8] {
    var bytes = Array("GGUF".utf8)
    append(3 as UInt32, to: &bytes)
    append(1 as UInt64, to: &bytes)
    append(3 as UInt64, to: &bytes)
    append(key: "general.architecture", "controlvector", to: &bytes)
    append(key: "controlvector.model_hint", architecture, to: &bytes)
    append("controlvector.layer_count", to: &bytes)
    append(5 as UInt32, to: &bytes)
    append(1 as Int32, to: &bytes)
    append("direction.\(block)", to: &bytes)
    append(1 as UInt32, to: &bytes)
    append(UInt64(direction.count), to: &bytes)
    append(0 as UInt32, to: &bytes)
    append(0 as UInt64, to: &bytes)
    pad(&bytes)
    for element in direction { append(element.bitPattern, to: &bytes) }
    pad(&bytes)
    return bytes
  }

  private static func append(_ value: some FixedWidthInteger, to bytes: inout [UInt8]) {
    for index in 0..<value.bitWidth / 8 {
      bytes.append(UInt8(truncatingIfNeeded: value >> (8 * index)))
    }
  }

  private static func append(_ text: String, to bytes: inout [UInt8]) {
    append(UInt64(text.utf8.count), to: &bytes)
    bytes += text.utf8
  }

  private static func append(key: String, _ value: String, to bytes: inout [UInt8]) {
    append(key, to: &bytes)
    append(8 as UInt32, to: &bytes)
    append(value, to: &bytes)
  }

  private static func pad(_ bytes: inout [UInt8]) {
    while !bytes.count.isMultiple(of: alignment) { bytes.append(0) }
  }
}
