/// Byte strings by id, and ids by byte string.
///
/// Keys are bytes, not `String`s: those compare by canonical equivalence, for which "é" and "e"
/// followed by U+0301 are one key.
struct Vocabulary: Sendable {
  /// All byte strings, one after the other by id.
  private let bytes: [UInt8]
  /// The offset of each id's bytes, and the end of the last.
  private let starts: [Int]
  /// Ids in open addressing, -1 where free.
  private let slots: [Int32]
  /// Differs from run to run, so that no file can be made whose keys all collide.
  private let seed = UInt64.random(in: .min ... .max)

  /// One entry for each id from 0; nil if no byte string leads to the id.
  ///
  /// Of equal entries, the first counts.
  init(_ entries: [[UInt8]?]) {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(entries.reduce(0) { $0 + ($1?.count ?? 0) })
    var starts = [0]
    starts.reserveCapacity(entries.count + 1)
    var capacity = 16
    while capacity < entries.count * 2 { capacity *= 2 }
    var slots = [Int32](repeating: -1, count: capacity)
    for entry in entries {
      bytes += entry ?? []
      starts.append(bytes.count)
    }
    for (id, entry) in entries.enumerated() {
      guard let entry else { continue }
      var slot = Self.hash(entry.span, seed) & (capacity - 1)
      while slots[slot] >= 0, entries[Int(slots[slot])] != entry {
        slot = (slot + 1) & (capacity - 1)
      }
      if slots[slot] < 0 { slots[slot] = Int32(id) }
    }
    self.bytes = bytes
    self.starts = starts
    self.slots = slots
  }

  /// One more than the largest id.
  var count: Int { starts.count - 1 }

  /// The bytes of all entries together.
  var byteCount: Int { bytes.count }

  /// The bytes of the longest entry; 0 if there is none.
  var longestCount: Int { (0..<count).reduce(0) { max($0, starts[$1 + 1] - starts[$1]) } }

  /// The first id whose bytes an earlier id has; nil if all differ.
  var repeatedID: Int? {
    (0..<count).first { id in
      let bytes = Array(self[id])
      return !bytes.isEmpty && self.id(of: bytes.span) != Int32(id)
    }
  }

  /// The ids of `<0x00>` to `<0xFF>`, -1 if there is no such entry.
  var byteTokens: [Int32] {
    (0..<256).map { byte in
      let digits = String(byte, radix: 16, uppercase: true)
      let token = digits.utf8.count == 1 ? "<0x0\(digits)>" : "<0x\(digits)>"
      return id(of: Array(token.utf8).span) ?? -1
    }
  }

  /// The bytes of an id; empty if there are none.
  subscript(id: Int) -> ArraySlice<UInt8> { bytes[starts[id]..<starts[id + 1]] }

  /// The id of a byte string; nil if it has none.
  func id(of key: Span<UInt8>) -> Int32? {
    var slot = Self.hash(key, seed) & (slots.count - 1)
    while slots[slot] >= 0 {
      let id = slots[slot]
      if isEqual(key, Int(id)) { return id }
      slot = (slot + 1) & (slots.count - 1)
    }
    return nil
  }

  private func isEqual(_ key: Span<UInt8>, _ id: Int) -> Bool {
    let start = starts[id]
    guard starts[id + 1] - start == key.count else { return false }
    for index in key.indices where key[index] != bytes[start + index] { return false }
    return true
  }

  private static func hash(_ key: Span<UInt8>, _ seed: UInt64) -> Int {
    var hash = seed
    for index in key.indices { hash = mixed(hash, UInt64(key[index])) }
    return Int(truncatingIfNeeded: hash)
  }
}

/// One step of a hash: multiply, then fold the high bits, which depend on all, into the low ones.
@inline(__always)
func mixed(_ hash: UInt64, _ value: UInt64) -> UInt64 {
  let product = (hash ^ value) &* 0x9e37_79b9_7f4a_7c15
  return product ^ product &>> 32
}
