import Secant

/// The keys of a JSON document and the types of their values.
enum JSONSchema {
  /// Adds every path below a value with the types that were found there; elements share one path.
  static func collect(_ value: JSON, at path: String, into types: inout [String: Set<String>]) {
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
