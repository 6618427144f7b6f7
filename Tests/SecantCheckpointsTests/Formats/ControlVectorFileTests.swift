import Foundation
import SecantCheckpoints
import SecantTestSupport
import Testing

/// The bytes of a control vector, against the format's own description; that llama.cpp takes them is not proved.
@Suite struct ControlVectorFileTests {
  /// Reads what was written, in order, as the format says.
  private struct Reader {
    let bytes: [UInt8]
    var position = 0

    mutating func integer(_ width: Int) -> UInt64 {
      defer { position += width }
      return (0..<width).reduce(0) { $0 | UInt64(bytes[position + $1]) << (8 * $1) }
    }

    mutating func string() -> String {
      let count = Int(integer(8))
      defer { position += count }
      return String(decoding: bytes[position..<position + count], as: UTF8.self)
    }
  }

  @Test(arguments: [[1.5, -2, 0.25], [Float](repeating: 3, count: 64)] as [[Float]])
  func theFormatIsKept(direction: [Float]) throws {
    let folder = try TemporaryFolder()
    let url = folder.url.appending(path: "v.gguf")
    try ControlVectorFile.write(direction, block: 7, architecture: "llama", to: url)
    var reader = Reader(bytes: Array(try Data(contentsOf: url)))
    #expect(reader.integer(4) == 0x4655_4747)  // "GGUF"
    #expect(reader.integer(4) == 3)
    #expect(reader.integer(8) == 1 && reader.integer(8) == 3)
    for (key, value) in [
      ("general.architecture", "controlvector"), ("controlvector.model_hint", "llama"),
    ] {
      #expect(reader.string() == key && reader.integer(4) == 8 && reader.string() == value)
    }
    #expect(reader.string() == "controlvector.layer_count")
    #expect(reader.integer(4) == 5 && reader.integer(4) == 1)
    #expect(reader.string() == "direction.7")
    #expect(reader.integer(4) == 1 && reader.integer(8) == UInt64(direction.count))
    #expect(reader.integer(4) == 0 && reader.integer(8) == 0)
    reader.position = (reader.position + 31) / 32 * 32
    for element in direction { #expect(reader.integer(4) == UInt64(element.bitPattern)) }
    #expect(reader.bytes.count == (reader.position + 31) / 32 * 32)
  }
}
