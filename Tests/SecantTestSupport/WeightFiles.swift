public import Foundation

/// Checkpoints of one weight, `w.weight`, whose bytes are drawn at random, in the layouts of quantized folders.
///
/// Every number is finite: scales lie between 1/2 and 2 in size, of either sign.
public struct WeightFolder {
  /// How the weight is stored.
  public enum Layout: Hashable, Sendable, CustomStringConvertible {
    /// Single numbers, by the name of their type in safetensors: F64, F32, F16 or BF16.
    case plain(String)
    /// MLX's integers of so many bits, in groups of so many elements.
    case affine(bits: Int, group: Int)
    /// bitsandbytes' sixteen levels, with a scale for so many elements.
    case normalFloat(block: Int)
    /// Numbers of 8 bits with a scale for each square of so many rows and columns.
    case float8(block: Int)

    /// Such as "BF16" or "MLX 4/32".
    public var description: String {
      switch self {
      case .plain(let type): type
      case .affine(let bits, let group): "MLX \(bits)/\(group)"
      case .normalFloat(let block): "NF4/\(block)"
      case .float8(let block): "FP8/\(block)"
      }
    }
  }

  /// One tensor of the file.
  private typealias Part = (name: String, type: String, shape: [Int], bytes: [UInt8])

  private let layout: Layout
  private let rows: Int
  private let columns: Int

  /// A weight `[rows, columns]`; columns are a multiple of all groups' and blocks' sizes.
  public init(_ layout: Layout, rows: Int, columns: Int) {
    (self.layout, self.rows, self.columns) = (layout, rows, columns)
  }

  /// Writes config.json and model.safetensors.
  ///
  /// - Throws: Why they cannot be written.
  public func write(to folder: URL, seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    let parts = parts(&generator)
    var (entries, data) = ([String](), [UInt8]())
    for part in parts {
      let end = data.count + part.bytes.count
      entries.append(
        "\"\(part.name)\":{\"dtype\":\"\(part.type)\",\"shape\":\(part.shape),"
          + "\"data_offsets\":[\(data.count),\(end)]}")
      data += part.bytes
    }
    var header = "{" + entries.joined(separator: ",") + "}"
    header += String(repeating: " ", count: (8 - header.utf8.count % 8) % 8)
    let file = GGUFBytes.bytes(UInt64(header.utf8.count)) + header.utf8 + data
    try Data(file).write(to: folder.appending(path: "model.safetensors"))
    try Data(configuration.utf8).write(to: folder.appending(path: "config.json"))
  }

  private var configuration: String {
    switch layout {
    case .plain: "{}"
    case .affine(let bits, let group): #"{"quantization":{"bits":\#(bits),"group_size":\#(group)}}"#
    case .normalFloat:
      #"{"quantization_config":{"quant_method":"bitsandbytes","bnb_4bit_quant_type":"nf4"}}"#
    case .float8(let block):
      #"{"quantization_config":{"quant_method":"fp8","weight_block_size":[\#(block),\#(block)]}}"#
    }
  }

  private func parts(_ generator: inout SeededGenerator) -> [Part] {
    let count = rows * columns
    switch layout {
    case .plain(let type):
      return [("w.weight", type, [rows, columns], Self.numbers(count, type, &generator))]
    case .affine(let bits, let group):
      let groups = [rows, columns / group]
      return [
        (
          "w.weight", "U32", [rows, columns * bits / 32],
          Self.random(count * bits / 8, 0...255, &generator)
        ),
        ("w.scales", "BF16", groups, Self.numbers(count / group, "BF16", &generator)),
        ("w.biases", "BF16", groups, Self.numbers(count / group, "BF16", &generator)),
      ]
    case .normalFloat(let block):
      let state = #"{"quant_type":"nf4","blocksize":\#(block),"shape":[\#(rows),\#(columns)]}"#
      let blocks = (count + block - 1) / block
      return [
        ("w.weight", "U8", [count / 2, 1], Self.random(count / 2, 0...255, &generator)),
        ("w.weight.absmax", "F32", [blocks], Self.numbers(blocks, "F32", &generator)),
        ("w.weight.quant_map", "F32", [16], Self.numbers(16, "F32", &generator)),
        (
          "w.weight.quant_state.bitsandbytes__nf4", "U8", [state.utf8.count], Array(state.utf8)
        ),
      ]
    case .float8(let block):
      let scales = [(rows + block - 1) / block, (columns + block - 1) / block]
      return [
        // Up to 0x7e: all ones after the sign are no number.
        ("w.weight", "F8_E4M3", [rows, columns], Self.random(count, 0...0x7e, &generator)),
        (
          "w.weight_scale_inv", "F32", scales,
          Self.numbers(scales[0] * scales[1], "F32", &generator)
        ),
      ]
    }
  }

  private static func random(
    _ count: Int, _ range: ClosedRange<UInt8>, _ generator: inout SeededGenerator
  ) -> [UInt8] {
    (0..<count).map { _ in UInt8(truncatingIfNeeded: generator.next() >> 32) }
      .map { range.contains($0) ? $0 : $0 & range.upperBound >> 1 }
  }

  private static func numbers(
    _ count: Int, _ type: String, _ generator: inout SeededGenerator
  ) -> [UInt8] {
    (0..<count).flatMap { _ -> [UInt8] in
      let bits = generator.next()
      let value = (bits & 1 == 0 ? 1 : -1) * (0.5 + 1.5 * Double(bits >> 11) * 0x1p-53)
      switch type {
      case "F64": return GGUFBytes.bytes(value.bitPattern)
      case "F32": return GGUFBytes.bytes(Float(value).bitPattern)
      case "BF16": return GGUFBytes.bytes(UInt16(truncatingIfNeeded: Float(value).bitPattern >> 16))
      // Binary16 with the exponent of 1/2 or 1 and a fraction of ten bits.
      default:
        return GGUFBytes.bytes(
          UInt16(truncatingIfNeeded: bits & 0x8000) | (bits & 1 == 0 ? 0x3800 : 0x3c00)
            | UInt16(truncatingIfNeeded: bits >> 20 & 0x3ff))
      }
    }
  }
}
