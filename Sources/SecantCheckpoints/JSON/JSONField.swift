public import Foundation

/// A value in a JSON file with its path, for readers of configurations.
///
///     let configuration = try JSONField(contentsOf: folder.appending(path: "config.json"))
///     let width = try configuration["hidden_size"].int()
///     let window = try configuration["sliding_window"].present?.int()
///
/// Absent fields are places too, so that paths can be written in one go; the getters throw there:
/// "config.json: field rope_scaling.factor: expected a number, found nothing; …".
public struct JSONField: Sendable {
  /// The file's name, for errors.
  public let file: String
  /// The path from the root, such as `rope_scaling.factor` or `layers[3]`; empty at the root.
  public let path: String
  /// The value; nil if the path does not exist.
  public let value: JSON?

  /// The field of a value in a file.
  public init(file: String, path: String = "", value: JSON?) {
    self.file = file
    self.path = path
    self.value = value
  }

  /// The root of a JSON text.
  ///
  /// - Throws: `InputError` with the line and byte if the text is not JSON.
  public init(parsing bytes: [UInt8], file: String) throws(InputError) {
    self.init(file: file, value: try JSON(parsing: bytes, file: file))
  }

  /// The root of a JSON file.
  ///
  /// - Parameters:
  ///   - url: Where the file is; errors give its last component.
  ///   - limit: The longest file that is read, in bytes; by default far more than configurations have.
  /// - Throws: `InputError` if the file cannot be read, is too long or is not JSON.
  public init(
    contentsOf url: URL, atMost limit: Int = MappedFile.maximumConfigurationBytes
  ) throws(InputError) {
    try self.init(
      parsing: try MappedFile.contents(of: url, atMost: limit), file: url.lastPathComponent)
  }

  /// The member of that name; without a value if this is not an object or has no such member.
  public subscript(key: String) -> JSONField {
    JSONField(file: file, path: path.isEmpty ? key : "\(path).\(key)", value: value?[key])
  }

  /// This field unless it is absent or `null`, and otherwise nil.
  public var present: JSONField? {
    if case .none = value { return nil }
    if case .null = value { return nil }
    return self
  }

  /// The value as a Boolean.
  ///
  /// - Throws: `InputError` if the value is absent or of another type.
  public func bool() throws(InputError) -> Bool {
    guard case .bool(let bool) = value else { throw mismatch("true or false") }
    return bool
  }

  /// The value as an integer, in any spelling that denotes it exactly (`3`, `3.0`).
  ///
  /// - Throws: `InputError` if the value is absent or of another type.
  public func int() throws(InputError) -> Int {
    guard case .number(let number) = value, let int = number.int else {
      throw mismatch("an integer")
    }
    return int
  }

  /// The value as a number, rounded to the nearest `Double`.
  ///
  /// - Throws: `InputError` if the value is absent, of another type or beyond `Double`.
  public func double() throws(InputError) -> Double {
    guard case .number(let number) = value, let double = number.double else {
      throw mismatch("a number")
    }
    return double
  }

  /// The value as a string.
  ///
  /// - Throws: `InputError` if the value is absent or of another type.
  public func string() throws(InputError) -> String {
    guard case .string(let string) = value else { throw mismatch("a string") }
    return string
  }

  /// The value as an array, one field for each element.
  ///
  /// - Throws: `InputError` if the value is absent or of another type.
  public func array() throws(InputError) -> [JSONField] {
    guard case .array(let elements) = value else { throw mismatch("an array") }
    return elements.enumerated().map { index, element in
      JSONField(file: file, path: "\(path)[\(index)]", value: element)
    }
  }

  /// The value as an object, with its members in the order of the file.
  ///
  /// - Throws: `InputError` if the value is absent or of another type.
  public func object() throws(InputError) -> JSON.Object {
    guard case .object(let object) = value else { throw mismatch("an object") }
    return object
  }

  /// The error for a value other than the expected one.
  ///
  /// - Parameters:
  ///   - expected: The expected value, such as "a number above 0".
  ///   - kind: `malformed` if the value cannot be right, `unsupported` if Secant does not
  ///     understand it. If there is no value, the kind is `missing`.
  ///   - remedy: What the user can do about it.
  /// - Returns: An error that names the file, the path, and what was found.
  public func mismatch(
    _ expected: String, kind: InputError.Kind = .malformed,
    remedy: String = "check that the file is complete and belongs to the model"
  ) -> InputError {
    InputError(
      value == nil ? .missing : kind, file: file,
      subject: path.isEmpty ? "the file" : "field \(path)", expected: expected,
      found: value?.summary ?? "nothing", remedy: remedy)
  }
}
