import Foundation
import Secant

/// The rates at which tensors become numbers of single precision, beside that of copying such numbers.
///
/// As in a product, a tile of 2¹⁹ elements at a time is converted into the same memory, from a file that
/// the system holds in its cache. A rate is that of the median tile, and counts the bytes written, by all
/// processors; copying is by one.
func conversionRates(of tensors: [StoredTensor]) -> [[String: Any]] {
  let elements = 1 << 19
  var tile = [Float](repeating: 0, count: elements)
  var rates: [[String: Any]] = []
  for tensor in tensors where tensor.isComputable && tensor.shape.count == 2 {
    let height = elements / tensor.rowLength
    guard height > 0, height * tensor.rowLength == elements else { continue }
    let starts = stride(from: 0, through: tensor.rowCount - height, by: height)
    let times = (0..<6).flatMap { _ in
      starts.map { start in
        seconds {
          var target = tile.mutableSpan
          tensor.convert(rows: start..<start + height, into: &target)
        }.1
      }
    }
    let time = times.sorted()[times.count / 2]
    let bits = Double(8 * tensor.byteCount) / Double(tensor.elementCount)
    rates.append([
      "format": tensor.format, "bits": bits, "written_gb_s": 4e-9 * Double(elements) / time,
      "read_gb_s": bits / 8 * 1e-9 * Double(elements) / time,
    ])
  }
  let source = [Float](repeating: 1, count: 32 * elements)
  let times = (0..<6 * 32).map { index in
    seconds {
      unsafe tile.withUnsafeMutableBytes { target in
        unsafe source.withUnsafeBytes { source in
          let start = index % 32 * target.count
          unsafe target.copyMemory(
            from: UnsafeRawBufferPointer(rebasing: source[start..<start + target.count]))
        }
      }
    }.1
  }
  let copying = times.sorted()[times.count / 2]
  rates.append(["format": "memcpy", "written_gb_s": 4e-9 * Double(elements) / copying])
  return rates
}
