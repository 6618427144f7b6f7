/// Byte strings by their prefixes, to find those that begin at a place in a text.
///
/// A node is a prefix; the edges of all nodes share one table in open addressing.
struct ByteTrie: Sendable {
  /// Node · 256 + byte, ``free`` where the slot is.
  private var edges: [UInt64]
  private var targets: [Int32]
  /// The value of the string that ends at a node, -1 for none; node 0 is the root.
  private var values: [Int32] = [-1]
  /// The nodes that the root leads to, by byte; -1 for none.
  private var first = [Int32](repeating: -1, count: 256)
  /// Differs from run to run, so that no file can be made whose edges all collide.
  private let seed = UInt64.random(in: .min ... .max)
  private static let free = UInt64.max

  /// The most bytes of all strings together, twice those of the largest real vocabularies; one costs up
  /// to fifty bytes of memory.
  static let maximumBytes = 1 << 22

  /// A trie with room for strings of that many bytes in all, which must be their true number.
  init(bytes count: Int) {
    var capacity = 16
    while capacity < count * 2 { capacity *= 2 }
    edges = [UInt64](repeating: Self.free, count: capacity)
    targets = [Int32](repeating: -1, count: capacity)
  }

  /// Whether it holds nothing.
  var isEmpty: Bool { values.count == 1 }

  /// Adds a string, which must not be empty; of equal strings, the first counts.
  mutating func insert(_ string: Span<UInt8>, value: Int32) {
    var node: Int32 = 0
    for index in string.indices {
      let next = child(of: node, string[index])
      if next >= 0 {
        node = next
        continue
      }
      let created = Int32(values.count)
      values.append(-1)
      if node == 0 {
        first[Int(string[index])] = created
      } else {
        let edge = Self.edge(node, string[index])
        let slot = slot(of: edge)
        edges[slot] = edge
        targets[slot] = created
      }
      node = created
    }
    if values[Int(node)] < 0 { values[Int(node)] = value }
  }

  /// The node of a prefix and one more byte; -1 if no string begins so.
  @inline(__always)
  func child(of node: Int32, _ byte: UInt8) -> Int32 {
    if node == 0 { return first[Int(byte)] }
    return targets[slot(of: Self.edge(node, byte))]
  }

  /// The value of the string that ends at a node; -1 for none.
  @inline(__always)
  func value(at node: Int32) -> Int32 { values[Int(node)] }

  @inline(__always)
  private func slot(of edge: UInt64) -> Int {
    var slot = Int(truncatingIfNeeded: mixed(seed, edge)) & (edges.count - 1)
    while edges[slot] != edge, edges[slot] != Self.free { slot = (slot + 1) & (edges.count - 1) }
    return slot
  }

  private static func edge(_ node: Int32, _ byte: UInt8) -> UInt64 {
    UInt64(UInt32(bitPattern: node)) << 8 | UInt64(byte)
  }
}
