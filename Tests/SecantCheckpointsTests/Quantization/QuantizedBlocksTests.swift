import Foundation
import SecantCheckpoints
import SecantTestSupport
import Testing

/// Numbers in blocks are, bit for bit, those that the reference implementation makes of them.
///
/// The bytes are random and their scales of all sizes that 16 bits have; `Tools/fixtures/gguf_fixtures.py`
/// wrote them and what the Python package `gguf` computes from them in single precision. What this does not
/// prove: that other implementations agree with that package.
struct QuantizedBlocksTests {
  static let names = [
    "Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q8_0", "Q2_K", "Q3_K", "Q4_K", "Q5_K", "Q6_K", "IQ4_NL",
    "IQ4_XS", "IQ1_S", "IQ1_M", "IQ2_XXS", "IQ2_XS", "IQ2_S", "IQ3_XXS", "IQ3_S", "TQ1_0", "TQ2_0",
    "MXFP4",
  ]

  private let file: GGUFFile
  private let golden: SafetensorsFile

  init() throws {
    let folder = Repository.folder.appending(path: "Tests/Fixtures/gguf")
    file = try GGUFFile(at: folder.appending(path: "blocks.gguf"))
    golden = try SafetensorsFile(at: folder.appending(path: "blocks.safetensors"))
  }

  private func tensor(_ name: String) throws -> StoredTensor {
    try #require(file.tensors.first { $0.name == name })
  }

  @Test(arguments: names)
  func blocksAreWhatTheReferenceSays(name: String) throws {
    let tensor = try tensor(name)
    #expect(tensor.format == name && tensor.shape == [3, 512] && tensor.elementType == nil)
    #expect(tensor.firstNonFiniteIndex() == nil)
    let expected = try #require(golden.tensor(named: name)).values(as: Float.self)
    #expect(tensor.values(as: Float.self).map(\.bitPattern) == expected.map(\.bitPattern))
    #expect(tensor.values(as: Double.self) == expected.map(Double.init))
  }

  @Test(arguments: names)
  func rowsAreSlicesOfTheWhole(name: String) throws {
    let tensor = try tensor(name)
    let whole = tensor.values(as: Float.self)
    for rows in [0..<1, 1..<3, 2..<3, 1..<1, 0..<3] {
      var part = [Float](repeating: .nan, count: rows.count * 512)
      var target = part.mutableSpan
      tensor.convert(rows: rows, into: &target)
      #expect(part == Array(whole[rows.lowerBound * 512..<rows.upperBound * 512]))
    }
  }

  /// So many rows that several threads convert them.
  @Test func manyRowsAreConvertedAsFewAre() throws {
    let folder = try TemporaryFolder()
    var generator = SeededGenerator(seed: 3)
    let (rows, blocks) = (700, 4)
    var bytes: [UInt8] = []
    for _ in 0..<rows * blocks {
      bytes += [0x34, 0x2c, 0x11, 0x28]
      bytes += (0..<140).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
    }
    var gguf = GGUFBytes()
    gguf.add(tensor: "x", type: 12, [rows, blocks * 256], bytes)
    let tensor = try GGUFFile(at: folder.write(gguf.file, to: "x.gguf")).tensors[0]
    let whole = tensor.values(as: Float.self)
    var single: [Float] = []
    for row in 0..<rows {
      var part = [Float](repeating: .nan, count: blocks * 256)
      var target = part.mutableSpan
      tensor.convert(rows: row..<row + 1, into: &target)
      single += part
    }
    #expect(whole == single)
    #expect(tensor.values(as: Double.self) == single.map(Double.init))
  }

  /// A scale that is infinite or not a number is found in whichever block it stands.
  @Test(
    arguments: [
      (2, 18, [0]), (3, 20, [0, 2]), (6, 22, [0]), (7, 24, [0, 2]), (8, 34, [0]),
      (10, 84, [80, 82]),
      (11, 110, [108]), (12, 144, [0, 2]), (13, 176, [0, 2]), (14, 210, [208]), (20, 18, [0]),
      (23, 136, [0]), (16, 66, [0]), (17, 74, [0]), (18, 98, [0]), (19, 50, [0]), (21, 110, [0]),
      (22, 82, [0]), (34, 54, [52]), (35, 66, [64]),
    ] as [(UInt32, Int, [Int])])
  func infiniteScalesAreFound(type: UInt32, size: Int, scales: [Int]) throws {
    let folder = try TemporaryFolder()
    let elements = size > 34 ? 256 : 32
    func index(_ bytes: [UInt8]) throws -> Int? {
      var gguf = GGUFBytes()
      gguf.add(tensor: "x", type: type, [3, 2 * elements], bytes)
      return try GGUFFile(at: folder.write(gguf.file, to: "x.gguf")).tensors[0]
        .firstNonFiniteIndex()
    }
    let calm = [UInt8](repeating: 0x7b, count: 6 * size)
    #expect(try index(calm) == nil)
    for scale in scales {
      for block in 0..<6 {
        var bytes = calm
        bytes[block * size + scale + 1] = 0xfc
        #expect(try index(bytes) == block * elements)
      }
    }
  }

  /// The scale of IQ1_M is in four pieces, and MXFP4's an exponent.
  @Test func otherScalesAreFoundToo() throws {
    let folder = try TemporaryFolder()
    func index(type: UInt32, elements: Int, _ bytes: [UInt8]) throws -> Int? {
      var gguf = GGUFBytes()
      gguf.add(tensor: "x", type: type, [3, elements], bytes)
      return try GGUFFile(at: folder.write(gguf.file, to: "x.gguf")).tensors[0]
        .firstNonFiniteIndex()
    }
    for block in 0..<3 {
      var pieces = [UInt8](repeating: 0x7b, count: 3 * 56)
      #expect(try index(type: 29, elements: 256, pieces) == nil)
      // The upper four bits of bytes 49, 51, 53 and 55, the lowest first.
      pieces[block * 56 + 53] = 0xcb
      #expect(try index(type: 29, elements: 256, pieces) == block * 256)
      var exponents = [UInt8](repeating: 0xfc, count: 3 * 17)
      #expect(try index(type: 39, elements: 32, exponents) == nil)
      exponents[block * 17] = 0xfd
      #expect(try index(type: 39, elements: 32, exponents) == block * 32)
    }
  }
}
