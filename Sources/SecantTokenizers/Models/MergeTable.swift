/// The pairs of tokens that merge, with their results and ranks.
struct MergeTable: Sendable {
  /// The result of a pair's merge; a lower rank merges first.
  struct Merge: Sendable {
    let rank: UInt32
    let token: Int32
  }

  private var pairs: [UInt64]
  private var merges: [Merge]
  private let seed = UInt64.random(in: .min ... .max)
  /// Never a pair: ids are not negative.
  private static let free = UInt64.max

  init(capacity: Int) {
    var size = 16
    while size < capacity * 2 { size *= 2 }
    pairs = [UInt64](repeating: Self.free, count: size)
    merges = [Merge](repeating: Merge(rank: 0, token: 0), count: size)
  }

  /// Sets the result of a pair's merge; at most as many pairs as the capacity.
  mutating func insert(_ left: Int32, _ right: Int32, _ merge: Merge) {
    let pair = Self.pair(left, right)
    let slot = slot(of: pair)
    pairs[slot] = pair
    merges[slot] = merge
  }

  subscript(left: Int32, right: Int32) -> Merge? {
    let pair = Self.pair(left, right)
    let slot = slot(of: pair)
    return pairs[slot] == pair ? merges[slot] : nil
  }

  private func slot(of pair: UInt64) -> Int {
    var slot = Int(truncatingIfNeeded: mixed(seed, pair)) & (pairs.count - 1)
    while pairs[slot] != pair, pairs[slot] != Self.free { slot = (slot + 1) & (pairs.count - 1) }
    return slot
  }

  private static func pair(_ left: Int32, _ right: Int32) -> UInt64 {
    UInt64(UInt32(bitPattern: left)) << 32 | UInt64(UInt32(bitPattern: right))
  }
}

/// The pairs of neighboring symbols that no merge can join, where a long word may be cut.
///
/// Texts without a pre-tokenizer are one word; between a letter and a "▁" no merge of their
/// vocabularies reaches across. A filter of hashed pairs: it may miss a seam, never invent one.
struct SeamFilter: Sendable {
  private var bits: [UInt64]

  init(merges count: Int) {
    var words = 16
    while words * 64 < count * 16 { words *= 2 }
    bits = [UInt64](repeating: 0, count: words)
  }

  /// Notes that some merge joins a text that ends in one symbol to one that begins with the other.
  mutating func insert(_ last: Int32, _ first: Int32) {
    let (word, bit) = position(last, first)
    bits[word] |= 1 << bit
  }

  func isSeam(_ last: Int32, _ first: Int32) -> Bool {
    let (word, bit) = position(last, first)
    return bits[word] >> bit & 1 == 0
  }

  private func position(_ last: Int32, _ first: Int32) -> (word: Int, bit: UInt64) {
    let pair = UInt64(UInt32(bitPattern: last)) << 32 | UInt64(UInt32(bitPattern: first))
    let hash = mixed(0, pair)
    return (Int(truncatingIfNeeded: hash >> 6) & (bits.count - 1), hash & 63)
  }
}
