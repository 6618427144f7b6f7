/// The tokens of words already met, within a fixed amount of memory.
struct WordCache {
  private struct Entry {
    var hash: UInt64
    var keyStart: Int
    var keyCount: Int
    var valueStart: Int
    var valueCount: Int
  }

  private var entries: [Entry] = []
  private var slots: [Int32] = []
  private var keys: [Int32] = []
  private var values: [Int] = []
  private let seed = UInt64.random(in: .min ... .max)

  private static let maximumEntries = 1 << 16
  private static let maximumKey = 32

  /// Appends the tokens of the word with these symbols, if it is known.
  func append(_ key: Span<Int32>, to tokens: inout [Int]) -> Bool {
    guard key.count <= Self.maximumKey, !slots.isEmpty else { return false }
    let hash = hash(key)
    let slot = slots[slot(of: key, hash)]
    guard slot >= 0 else { return false }
    let entry = entries[Int(slot)]
    tokens += values[entry.valueStart..<entry.valueStart + entry.valueCount]
    return true
  }

  /// Remembers the tokens of a word that is not known, if there is room.
  mutating func insert(_ key: Span<Int32>, _ tokens: Span<Int>) {
    guard key.count <= Self.maximumKey, entries.count < Self.maximumEntries else { return }
    if entries.count * 2 >= slots.count { grow() }
    let hash = hash(key)
    slots[slot(of: key, hash)] = Int32(entries.count)
    entries.append(
      Entry(
        hash: hash, keyStart: keys.count, keyCount: key.count, valueStart: values.count,
        valueCount: tokens.count))
    for index in key.indices { keys.append(key[index]) }
    for index in tokens.indices { values.append(tokens[index]) }
  }

  private mutating func grow() {
    slots = [Int32](repeating: -1, count: max(1024, slots.count * 4))
    for (index, entry) in entries.enumerated() {
      var slot = Int(truncatingIfNeeded: entry.hash) & (slots.count - 1)
      while slots[slot] >= 0 { slot = (slot + 1) & (slots.count - 1) }
      slots[slot] = Int32(index)
    }
  }

  /// The slot of the key, or the free slot for it.
  private func slot(of key: Span<Int32>, _ hash: UInt64) -> Int {
    var slot = Int(truncatingIfNeeded: hash) & (slots.count - 1)
    while slots[slot] >= 0, !isEqual(key, hash, entries[Int(slots[slot])]) {
      slot = (slot + 1) & (slots.count - 1)
    }
    return slot
  }

  private func isEqual(_ key: Span<Int32>, _ hash: UInt64, _ entry: Entry) -> Bool {
    guard entry.hash == hash, entry.keyCount == key.count else { return false }
    for index in key.indices where keys[entry.keyStart + index] != key[index] { return false }
    return true
  }

  private func hash(_ key: Span<Int32>) -> UInt64 {
    var hash = seed
    for index in key.indices { hash = mixed(hash, UInt64(UInt32(bitPattern: key[index]))) }
    return hash
  }
}
