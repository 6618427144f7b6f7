import Foundation
import SecantCheckpoints
import SecantDecoders
import SecantOperators
import SecantTestSupport
import Testing

/// A weight that is converted stripe by stripe, several at a time, gives the products of the converted matrix.
@Suite struct ConvertedWeightTests {
  /// Large enough for two stripes, the second of them the taller.
  private let shape = (rows: 4201, columns: 2048)

  @Test func stripesGiveTheWholeProduct() throws {
    let url = FileManager.default.temporaryDirectory
      .appending(path: "\(UUID().uuidString).safetensors")
    defer { try? FileManager.default.removeItem(at: url) }
    var generator = SeededGenerator(seed: 51)
    // Numbers of bfloat16 between 1/2 and 2 in size, of either sign.
    let bits = (0..<shape.rows * shape.columns).map { _ in
      UInt16.random(in: 0x3f00...0x3fff, using: &generator)
        | (Bool.random(using: &generator) ? 0x8000 : 0)
    }
    let writer = try SafetensorsWriter(
      [.init(name: "w", elementType: .bf16, shape: [shape.rows, shape.columns])], to: url)
    try writer.write(bits.span, to: "w")
    try writer.commit()
    let tensor = try #require(try SafetensorsFile(at: url).tensors.first { $0.name == "w" })

    func check<S: Scalar>(_: S.Type, generator: inout SeededGenerator) {
      let weight = Weight<S>(tensor)
      let whole = weight.rows(Array(0..<shape.rows))
      for count in [1, 3, 64] {
        let x = Matrix<S>(rows: count, columns: shape.columns) { _, _ in
          S(Double.random(in: -1...1, using: &generator))
        }
        let y = Matrix<S>(rows: count, columns: shape.rows) { _, _ in
          S(Double.random(in: -1...1, using: &generator))
        }
        // Sums of some thousand terms of either sign.
        let bound = 1000 * Double(S.ulpOfOne)
        let (image, back) = (x.timesTranspose(of: whole), y.times(whole))
        #expect((weight.multiply(x) - image).norm <= bound * image.norm, "\(count) rows")
        #expect((weight.multiplyTransposed(y) - back).norm <= bound * back.norm, "\(count) rows")
        #expect(weight.multiply(x) == weight.multiply(x))
        #expect(weight.multiplyTransposed(y) == weight.multiplyTransposed(y))
      }
    }
    check(Float.self, generator: &generator)
    check(Double.self, generator: &generator)
  }
}
