import Foundation
import Secant

/// The rates at which tensors become numbers of single precision, beside that of copying such numbers.
///
/// As in a product, a tile of 2¹⁹ elements at a time is converted into the same memory, from a file that
/// the system holds in its cache. Rates count the bytes written, of all tiles, by all processors.
func conversionRates(of tensors: [StoredTensor]) -> [[String: Any]] {
  let tileElements = 1 << 19
  var tile = [Float](repeating: 0, count: tileElements)
  var rates: [[String: Any]] = []
  for tensor in tensors where tensor.isComputable && tensor.shape.count == 2 {
    let height = max(1, tileElements / tensor.rowLength)
    let time = median(of: 5) {
      for start in stride(from: 0, to: tensor.rowCount, by: height) {
        let rows = start..<min(start + height, tensor.rowCount)
        if tile.count != rows.count * tensor.rowLength {
          tile = [Float](repeating: 0, count: rows.count * tensor.rowLength)
        }
        var target = tile.mutableSpan
        tensor.convert(rows: rows, into: &target)
      }
    }
    rates.append([
      "format": tensor.format, "bits": Double(8 * tensor.byteCount) / Double(tensor.elementCount),
      "written_gb_s": 4e-9 * Double(tensor.elementCount) / time,
      "read_gb_s": 1e-9 * Double(tensor.byteCount) / time,
    ])
  }
  let source = [Float](repeating: 1, count: tensors.map(\.elementCount).max() ?? tileElements)
  var target = [Float](repeating: 0, count: tileElements)
  let tiles = max(1, source.count / tileElements)
  let copying = median(of: 5) {
    for start in 0..<tiles where source.count >= tileElements {
      unsafe target.withUnsafeMutableBytes { target in
        unsafe source.withUnsafeBytes {
          unsafe target.copyMemory(
            from: UnsafeRawBufferPointer(
              rebasing: $0[start * target.count..<(start + 1) * target.count]))
        }
      }
    }
  }
  rates.append([
    "format": "memcpy, one core", "written_gb_s": 4e-9 * Double(tiles * tileElements) / copying,
  ])
  return rates
}
