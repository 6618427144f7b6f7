/// The value of a template's expression: Python's types, as far as templates use them.
///
/// All are values but ``namespace`` and ``iterator``, which the renderer keeps: these change as it goes.
enum Value: Sendable {
  /// An undefined name: prints as nothing; any other use is an error with this reason.
  case undefined(reason: String)
  case none
  case bool(Bool)
  case int(Int)
  case float(Double)
  case string(String)
  /// A text that the filter `safe` has marked: texts that are added to it are escaped for HTML.
  case markup(String)
  case sequence(ElementList)
  case mapping(Mapping)
  /// The result of `namespace()`: the only value that a template can change.
  case namespace(Int)
  /// The result of filters such as `map`, which can be iterated once.
  case iterator(Int)
  case macro(Int)
  case function(Function)
  case loop(LoopPosition)
  indirect case method(of: Value, name: String)

  /// The text of a string, marked or not; nil for other types.
  var text: String? {
    switch self {
    case .string(let text), .markup(let text): text
    default: nil
    }
  }

  /// The integer that Python takes it for: Booleans count as 0 and 1.
  var integer: Int? {
    switch self {
    case .int(let number): number
    case .bool(let bool): bool ? 1 : 0
    default: nil
    }
  }

  /// The number that Python takes it for.
  var number: Double? {
    if case .float(let number) = self { return number }
    return integer.map(Double.init)
  }

  var isUndefined: Bool { if case .undefined = self { true } else { false } }

  /// Whether a condition takes it for true.
  var isTrue: Bool {
    switch self {
    case .undefined, .none: false
    case .bool(let bool): bool
    case .int(let number): number != 0
    case .float(let number): number != 0
    case .string(let text), .markup(let text): !text.isEmpty
    case .sequence(let list): !list.elements.isEmpty
    case .mapping(let mapping): !mapping.members.isEmpty
    case .namespace, .iterator, .macro, .function, .loop, .method: true
    }
  }

  /// The levels of lists and mappings in it.
  var depth: Int {
    switch self {
    case .sequence(let list): list.depth
    case .mapping(let mapping): mapping.depth
    case .method(let receiver, _): receiver.depth
    case .loop(let loop): loop.depth
    default: 0
    }
  }

  /// The type's name in messages.
  var typeName: String {
    switch self {
    case .undefined: "an undefined value"
    case .none: "none"
    case .bool: "a Boolean"
    case .int: "an integer"
    case .float: "a number"
    case .string, .markup: "a string"
    case .sequence(let list):
      switch list.kind {
      case .list: "a list"
      case .tuple: "a tuple"
      case .view: "a mapping's items"
      }
    case .mapping: "a mapping"
    case .namespace: "a namespace"
    case .iterator: "an iterator"
    case .macro(_): "a macro"
    case .function, .method: "a function"
    case .loop: "the loop"
    }
  }
}

/// The functions that a template can call by name.
enum Function: String, CaseIterable, Sendable {
  case range, namespace
  case dictionary = "dict"
  case raiseException = "raise_exception"
  case formattedTime = "strftime_now"
}

/// A list, a tuple, or the result of a mapping's `items()`, `keys()` or `values()`.
struct ElementList: Sendable {
  enum Kind: Sendable { case list, tuple, view }

  let kind: Kind
  let elements: [Value]
  /// The levels of lists and mappings, this one included.
  let depth: Int

  init(_ elements: [Value], kind: Kind = .list) {
    self.kind = kind
    self.elements = elements
    depth = 1 + elements.reduce(0) { max($0, $1.depth) }
  }
}

/// Keys and values in the order in which they were given; templates' mappings are small.
struct Mapping: Sendable {
  private(set) var members: [(key: Value, value: Value)] = []
  /// The levels of lists and mappings, this one included.
  private(set) var depth = 1

  init() {}

  /// Keys that are strings, each once.
  init(_ members: [(String, Value)]) { for (key, value) in members { set(.string(key), value) } }

  /// The value of a key; nil if there is none.
  subscript(key: Value) -> Value? { index(of: key).map { members[$0].value } }

  subscript(key: String) -> Value? { self[.string(key)] }

  /// Gives a key a value; one that was there keeps its place.
  mutating func set(_ key: Value, _ value: Value) {
    if let index = index(of: key) {
      members[index].value = value
    } else {
      members.append((key, value))
    }
    depth = max(depth, 1 + value.depth)
  }

  private func index(of key: Value) -> Int? {
    members.firstIndex { $0.key.isSameKey(as: key) }
  }
}

extension Value {
  /// Whether it can be a key: lists and mappings cannot.
  var isHashable: Bool {
    switch self {
    case .none, .bool, .int, .float, .string, .markup: true
    default: false
    }
  }

  /// Whether Python takes both for one key, `1`, `1.0` and `True` for instance.
  fileprivate func isSameKey(as other: Value) -> Bool {
    if let text, let otherText = other.text { return text.hasSameBytes(as: otherText) }
    if let number, let otherNumber = other.number { return number == otherNumber }
    if case .none = self, case .none = other { return true }
    return false
  }
}

/// The state of a loop.
struct LoopPosition: Sendable {
  let elements: [Value]
  let index: Int
  /// The levels of lists and mappings in the elements.
  let depth: Int

  /// The value of `loop.NAME`; nil if there is none.
  subscript(name: String) -> Value? {
    switch name {
    case "index": .int(index + 1)
    case "index0": .int(index)
    case "revindex": .int(elements.count - index)
    case "revindex0": .int(elements.count - index - 1)
    case "first": .bool(index == 0)
    case "last": .bool(index == elements.count - 1)
    case "length": .int(elements.count)
    case "depth": .int(1)
    case "depth0": .int(0)
    case "previtem":
      index > 0 ? elements[index - 1] : .undefined(reason: "there is no previous item")
    case "nextitem":
      index + 1 < elements.count
        ? elements[index + 1] : .undefined(reason: "there is no next item")
    default: nil
    }
  }
}

extension String {
  /// Comparison by bytes: `==` takes canonically equivalent texts for equal.
  func hasSameBytes(as other: String) -> Bool {
    utf8.count == other.utf8.count && utf8.elementsEqual(other.utf8)
  }
}
