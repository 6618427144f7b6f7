/// A matrix of integers of 2, 4 or 8 bits, several of them in each word of 32 bits.
///
/// Words are little-endian, and their first field has the lowest bits.
struct PackedIntegers: Sendable {
  /// Which integers of a matrix `[a, b]` share a word.
  enum Order: Sendable {
    /// Neighbors along b: words `[a, b / n]`.
    case alongRows
    /// Neighbors along a: words `[a / n, b]`.
    case alongColumns
    /// Eight neighbors along b in the order 0, 2, 4, 6, 1, 3, 5, 7: words `[a, b / 8]`.
    case interleaved
  }

  let part: FilePart
  let order: Order
  /// Bits of an integer: 2, 4 or 8.
  let bits: Int
  /// The number of words in a row of words.
  let rowWords: Int
  /// What is added to a word before its fields are read; a carry goes on into the next field.
  var shift: UInt32 = 0

  /// n: the integers of a word.
  var perWord: Int { 32 / bits }

  /// The words that a matrix takes.
  static func words(_ shape: [Int], _ order: Order, bits: Int) -> [Int] {
    let perWord = 32 / bits
    return switch order {
    case .alongRows, .interleaved: [shape[0], (shape[1] + perWord - 1) / perWord]
    case .alongColumns: [(shape[0] + perWord - 1) / perWord, shape[1]]
    }
  }

  /// Calls `body` with each integer of a part of the matrix and its place there, in any order.
  @inline(__always)
  func forEach(rows: Range<Int>, columns: Range<Int>, _ body: (Int, Int, Int) -> Void) {
    let (n, mask) = (perWord, UInt32(1 << bits - 1))
    part.withBytes { bytes in
      @inline(__always) func word(_ row: Int, _ column: Int) -> UInt32 {
        let start = 4 * (row * rowWords + column)
        return
          (UInt32(bytes[start]) | UInt32(bytes[start + 1]) << 8 | UInt32(bytes[start + 2]) << 16
          | UInt32(bytes[start + 3]) << 24) &+ shift
      }
      switch order {
      case .alongRows, .interleaved:
        if columns.isEmpty { return }
        for row in rows {
          for place in columns.lowerBound / n..<(columns.upperBound - 1) / n + 1 {
            let word = word(row, place)
            for field in 0..<n {
              let column = place * n + (order == .alongRows ? field : Self.interleaving(field))
              guard columns.contains(column) else { continue }
              body(row, column, Int(word >> UInt32(field * bits) & mask))
            }
          }
        }
      case .alongColumns:
        if rows.isEmpty { return }
        for place in rows.lowerBound / n..<(rows.upperBound - 1) / n + 1 {
          for column in columns {
            let word = word(place, column)
            for field in 0..<n where rows.contains(place * n + field) {
              body(place * n + field, column, Int(word >> UInt32(field * bits) & mask))
            }
          }
        }
      }
    }
  }

  /// Which of eight neighbors a field holds.
  @inline(__always)
  private static func interleaving(_ field: Int) -> Int { field < 4 ? 2 * field : 2 * field - 7 }
}
