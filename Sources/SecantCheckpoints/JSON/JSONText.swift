/// A parsed JSON text, with the place of each value.
///
/// Values are in the order of the text, each a node: arrays and objects before their content, keys before
/// their values.
final class JSONText: Sendable {
  /// The place of a value or a key in the text: 8 bytes.
  struct Node {
    enum Kind: UInt32 {
      case null, `false`, `true`, number, plainString, escapedString, array, object
    }

    /// The kind, and in the low 29 bits the bytes of a number or string, or the elements of an array or object.
    private let head: UInt32
    /// The offset of a number's or string's first byte, or the node after all that are in an array or object.
    private let tail: UInt32

    /// The longest text whose nodes have room for its offsets, in bytes.
    static let maximumBytes = 1 << 29 - 1

    init(_ kind: Kind, count: Int = 0, _ place: Int = 0) {
      head = kind.rawValue << 29 | UInt32(count)
      tail = UInt32(place)
    }

    var kind: Kind { Kind(rawValue: head >> 29) ?? .null }
    var count: Int { Int(head & (1 << 29 - 1)) }
    var place: Int { Int(tail) }
  }

  private let bytes: [UInt8]
  private let nodes: [Node]
  /// Where keys are, of objects with more members than are gone through quickly, by the objects' nodes.
  private let indices: [Int: KeyIndex]

  init(bytes: [UInt8], nodes: [Node], indices: [Int: KeyIndex]) {
    self.bytes = bytes
    self.nodes = nodes
    self.indices = indices
  }

  /// The value at a node.
  func value(at node: Int) -> JSON {
    let place = nodes[node]
    switch place.kind {
    case .null: return .null
    case .false: return .bool(false)
    case .true: return .bool(true)
    case .number: return .number(JSON.Number(literal: plainText(place)))
    case .plainString, .escapedString: return .string(string(at: node))
    case .array: return .array(JSON.List(text: self, node: node))
    case .object: return .object(JSON.Object(text: self, node: node))
    }
  }

  /// The string or key at a node.
  func string(at node: Int) -> String {
    let place = nodes[node]
    guard place.kind == .escapedString else { return plainText(place) }
    return JSONParser.unescaped(bytes, at: place.place)
  }

  private func plainText(_ node: Node) -> String {
    String(decoding: bytes[node.place..<node.place + node.count], as: UTF8.self)
  }

  /// The number of elements of the array or members of the object at a node.
  func count(at node: Int) -> Int { nodes[node].count }

  /// The node after a value and all that is in it.
  func end(of node: Int) -> Int { Self.end(of: node, in: nodes) }

  /// The node of a key of the object at a node; nil if it has none with these bytes.
  func key(_ key: String, inObjectAt node: Int) -> Int? {
    if let index = indices[node] {
      return index.node(of: key) { self.string(at: $0).hasSameBytes(as: key) }
    }
    var next = node + 1
    for _ in 0..<nodes[node].count {
      if string(at: next).hasSameBytes(as: key) { return next }
      next = end(of: next + 1)
    }
    return nil
  }

  static func end(of node: Int, in nodes: [Node]) -> Int {
    switch nodes[node].kind {
    case .array, .object: nodes[node].place
    default: node + 1
    }
  }
}

/// A hash index over keys kept elsewhere, by their bytes.
///
/// Open addressing with a random seed, so that no file can be made whose keys all collide.
struct KeyIndex: Sendable {
  /// The most members of an object that is gone through key by key.
  static let scanLimit = 8

  /// The node of a key, 0 where the slot is free: no key is the first node of a text.
  private var slots: [UInt32]
  private let seed = UInt64.random(in: .min ... .max)

  init(count: Int) {
    var capacity = 16
    while capacity < count + count / 2 { capacity *= 2 }
    slots = [UInt32](repeating: 0, count: capacity)
  }

  /// False if a key with the same bytes exists.
  mutating func insert(_ key: String, at node: Int, isKey: (_ node: Int) -> Bool) -> Bool {
    let slot = slot(of: key, isKey)
    guard slots[slot] == 0 else { return false }
    slots[slot] = UInt32(node)
    return true
  }

  /// The node of a key; nil if there is none.
  func node(of key: String, isKey: (_ node: Int) -> Bool) -> Int? {
    let node = slots[slot(of: key, isKey)]
    return node == 0 ? nil : Int(node)
  }

  /// The slot that a key is in, or is to be in.
  private func slot(of key: String, _ isKey: (_ node: Int) -> Bool) -> Int {
    var hash = seed
    for byte in key.utf8 {
      hash = (hash ^ UInt64(byte)) &* 0x9e37_79b9_7f4a_7c15
      hash ^= hash &>> 32
    }
    var slot = Int(truncatingIfNeeded: hash) & (slots.count - 1)
    while slots[slot] != 0, !isKey(Int(slots[slot])) { slot = (slot + 1) & (slots.count - 1) }
    return slot
  }
}
