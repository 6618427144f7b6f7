extension JSON {
  /// The elements of an array, in the order of the file.
  ///
  /// Going on to the next one takes constant time, and so does counting them.
  public struct List: Sendable {
    let text: JSONText
    /// The array's node.
    let node: Int
  }

  /// The members of an object.
  public struct Object: Sendable {
    let text: JSONText
    /// The object's node.
    let node: Int

    /// All members in the order of the file.
    public var members: Members { Members(text: text, node: node) }

    /// The value of the member whose key has these bytes, in constant time; nil if there is none.
    public subscript(key: String) -> JSON? {
      text.key(key, inObjectAt: node).map { text.value(at: $0 + 1) }
    }

    /// One key and its value.
    public struct Member: Sendable {
      /// The key; compare it by `utf8`, not by `==`.
      public let key: String
      /// The value.
      public let value: JSON
    }

    /// The members of an object in the order of the file.
    public struct Members: Sendable {
      let text: JSONText
      /// The object's node.
      let node: Int
    }
  }

  /// A place among the elements of an array or the members of an object.
  public struct Position: Comparable, Sendable {
    let node: Int

    /// Whether one place comes before another in the text.
    public static func < (left: Position, right: Position) -> Bool { left.node < right.node }
  }
}

extension JSON.List: Collection {
  /// The place of the first one.
  public var startIndex: JSON.Position { JSON.Position(node: node + 1) }
  /// The place after the last one.
  public var endIndex: JSON.Position { JSON.Position(node: text.end(of: node)) }
  /// The number of entries, in constant time.
  public var count: Int { text.count(at: node) }

  /// The place of the next one, in constant time.
  public func index(after index: JSON.Position) -> JSON.Position {
    JSON.Position(node: text.end(of: index.node))
  }

  /// The element at a place.
  public subscript(index: JSON.Position) -> JSON { text.value(at: index.node) }

  /// The element of that number, from 0, found by going through those before it.
  public subscript(number: Int) -> JSON { self[index(startIndex, offsetBy: number)] }
}

extension JSON.Object.Members: Collection {
  /// The place of the first one.
  public var startIndex: JSON.Position { JSON.Position(node: node + 1) }
  /// The place after the last one.
  public var endIndex: JSON.Position { JSON.Position(node: text.end(of: node)) }
  /// The number of entries, in constant time.
  public var count: Int { text.count(at: node) }

  /// The place of the next one, in constant time.
  public func index(after index: JSON.Position) -> JSON.Position {
    JSON.Position(node: text.end(of: index.node + 1))
  }

  /// The member at a place.
  public subscript(index: JSON.Position) -> JSON.Object.Member {
    JSON.Object.Member(key: text.string(at: index.node), value: text.value(at: index.node + 1))
  }

  /// The member of that number, from 0, found by going through those before it.
  public subscript(number: Int) -> JSON.Object.Member {
    self[index(startIndex, offsetBy: number)]
  }
}
