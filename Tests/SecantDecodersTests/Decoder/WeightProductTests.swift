import Foundation
import SecantCheckpoints
import SecantDecoders
import SecantOperators
import SecantTestSupport
import Testing

/// Products of no row, of one and of several with weights of one tile and of several, in every stored type, are
/// those of the weight's numbers, multiplied and added one by one.
///
/// What they do not prove: that the numbers are right, which the formats' own tests do.
@Suite struct WeightProductTests {
  /// Elements of a row: a multiple of every block's and group's size.
  private static let columns = 512
  /// A tile is 2²⁰ elements, 2048 such rows: a part of one, and two and a part.
  private static let heights = [40, 4121]
  private static let counts = [0, 1, 5]

  static let layouts: [WeightFolder.Layout] = [
    .plain("F64"), .plain("F32"), .plain("F16"), .plain("BF16"),
    .affine(bits: 4, group: 32), .affine(bits: 4, group: 64), .affine(bits: 4, group: 128),
    .affine(bits: 8, group: 32), .affine(bits: 8, group: 64), .affine(bits: 8, group: 128),
    .normalFloat(block: 64), .normalFloat(block: 4096), .float8(block: 128), .float8(block: 7),
  ]

  @Test(arguments: layouts, heights)
  func ofFoldersArePlainProducts(layout: WeightFolder.Layout, rows: Int) throws {
    let folder = try Folder()
    try WeightFolder(layout, rows: rows, columns: Self.columns).write(to: folder.url, seed: 71)
    let tensor = try Checkpoint(at: folder.url).tensor(named: "w.weight")
    #expect(tensor.shape == [rows, Self.columns] && tensor.isComputable)
    check(tensor)
  }

  /// Blocks of a fixture that has all types, in an order of their own.
  @Test(
    arguments: [
      "Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q8_0", "Q2_K", "Q3_K", "Q4_K", "Q5_K", "Q6_K", "IQ4_NL",
      "IQ4_XS", "IQ1_S", "IQ1_M", "IQ2_XXS", "IQ2_XS", "IQ2_S", "IQ3_XXS", "IQ3_S", "TQ1_0",
      "TQ2_0",
    ], heights)
  func ofGGUFFilesArePlainProducts(type: String, rows: Int) throws {
    let fixture = Repository.folder.appending(path: "Tests/Fixtures/gguf/blocks.gguf")
    let blocks = try #require(try GGUFFile(at: fixture).tensors.first { $0.name == type })
    let kind = try #require(GGMLType.allCases.first { $0.name == type })
    let (elements, size) = kind.block
    let bytes = try Data(contentsOf: fixture)[blocks.parts[0].byteRange]
    var generator = SeededGenerator(seed: 72)
    var data: [UInt8] = []
    for _ in 0..<rows * Self.columns / elements {
      let block = Int.random(in: 0..<bytes.count / size, using: &generator)
      let start = bytes.startIndex + block * size
      data += bytes[start..<start + size]
    }
    var file = GGUFBytes()
    file.add("general.architecture", "none")
    file.add(tensor: "w", type: kind.rawValue, [rows, Self.columns], data)
    let folder = try Folder()
    let url = folder.url.appending(path: "w.gguf")
    try Data(file.file).write(to: url)
    let tensor = try #require(try GGUFFile(at: url).tensors.first)
    #expect(tensor.format == type && tensor.shape == [rows, Self.columns])
    check(tensor)
  }

  private func check(_ tensor: StoredTensor) {
    check(tensor, Float.self)
    check(tensor, Double.self)
  }

  private func check<S: Scalar>(_ tensor: StoredTensor, _: S.Type) {
    let weight = Weight<S>(tensor)
    let stored = tensor.values(as: Double.self)
    check(weight, stored)
    // The weights of norms beside a matrix are factors of its rows and columns.
    let (rows, columns) = (weight.outputWidth, weight.inputWidth)
    let (r, c) = ((0..<rows).map { S($0 % 7) - 2 }, (0..<columns).map { S($0 % 5) - 1 })
    let scaled = stored.indices.map {
      Double(r[$0 / columns]) * stored[$0] * Double(c[$0 % columns])
    }
    check(weight.scalingRows(by: r).scalingColumns(by: c), scaled)
  }

  private func check<S: Scalar>(_ weight: Weight<S>, _ stored: [Double]) {
    let (rows, columns) = (weight.outputWidth, weight.inputWidth)
    var generator = SeededGenerator(seed: 73)
    // Sums of some thousand terms, each rounded a few times.
    let bound = 1000 * Double(S.ulpOfOne)
    for count in Self.counts {
      func random(_ columns: Int) -> Matrix<S> {
        Matrix(rows: count, columns: columns) { _, _ in
          S(Double.random(in: -1...1, using: &generator))
        }
      }
      let (x, y) = (random(columns), random(rows))
      var image = [Double](repeating: 0, count: count * rows)
      var back = [Double](repeating: 0, count: count * columns)
      for n in 0..<count {
        for r in 0..<rows {
          let factor = Double(y[n, r])
          var sum = 0.0
          for c in 0..<columns {
            let value = stored[r * columns + c]
            sum += value * Double(x[n, c])
            back[n * columns + c] += value * factor
          }
          image[n * rows + r] = sum
        }
      }
      expect(weight.multiply(x), [count, rows], image, bound)
      expect(weight.multiplyTransposed(y), [count, columns], back, bound)
    }
  }

  private func expect<S: Scalar>(
    _ found: Matrix<S>, _ shape: [Int], _ expected: [Double], _ bound: Double,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect([found.rows, found.columns] == shape, sourceLocation: sourceLocation)
    let difference = zip(found.elements, expected).map { Double($0) - $1 }
    func norm(_ values: [Double]) -> Double { values.reduce(0) { $0 + $1 * $1 }.squareRoot() }
    #expect(
      norm(difference) <= bound * norm(expected), "\(shape)", sourceLocation: sourceLocation)
  }

  /// A folder that goes with the test.
  private final class Folder {
    let url: URL

    init() throws {
      url = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
      try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: url) }
  }
}
