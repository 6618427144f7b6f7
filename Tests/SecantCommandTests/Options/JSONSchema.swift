import Foundation
import Secant
import Testing

/// The keys of a JSON document and the types of their values.
enum JSONSchema {
  /// One line for each path of a document, in order, with the types that were found there.
  static func text(of document: Data) throws -> String {
    let root = try JSONField(parsing: Array(document), file: "standard output")
    var types: [String: Set<String>] = [:]
    collect(try #require(root.value), at: "", into: &types)
    return types.sorted { $0.key < $1.key }
      .map { "\($0.key): \($0.value.sorted().joined(separator: " or "))\n" }.joined()
  }

  /// Adds every path below a value with the types that were found there; elements share one path.
  private static func collect(
    _ value: JSON, at path: String, into types: inout [String: Set<String>]
  ) {
    switch value {
    case .null: types[path, default: []].insert("null")
    case .bool: types[path, default: []].insert("boolean")
    case .number: types[path, default: []].insert("number")
    case .string: types[path, default: []].insert("string")
    case .array(let elements):
      types[path, default: []].insert("array")
      for element in elements { collect(element, at: path + "[]", into: &types) }
    case .object(let object):
      types[path.isEmpty ? "." : path, default: []].insert("object")
      for member in object.members {
        collect(member.value, at: path + "." + member.key, into: &types)
      }
    }
  }
}
