/// Something from outside that Secant cannot use.
///
/// One line says what and where, what was expected, what was found, and what to do:
///
///     model.safetensors: tensor model.norm.weight: expected shape [64], found [32];
///     the file and config.json do not belong together: download both again
public struct InputError: Error, Hashable, Sendable {
  /// The kind of failure; each has its own exit code.
  public enum Kind: String, Hashable, Sendable {
    /// The file cannot be opened or read.
    case unreadable
    /// The bytes are not of the format that they claim.
    case malformed
    /// A file, tensor or field that is needed is absent.
    case missing
    /// Two parts of the input contradict each other.
    case mismatched
    /// Well formed, but not supported by Secant, which never approximates.
    case unsupported
    /// A value that the user gave is out of range or cannot be satisfied.
    case invalid
    /// A file or folder cannot be created or replaced: its place is missing, taken or not permitted.
    case uncreatable
    /// Writing failed, as on a full disk.
    case unwritable
    /// A server does not answer, or answers that it is unavailable.
    case unreachable
  }

  /// The kind of failure.
  public let kind: Kind
  /// The file or option concerned; nil if there is none.
  public let file: String?
  /// The tensor, field or value concerned, such as "tensor model.norm.weight".
  public let subject: String
  /// The expected value.
  public let expected: String
  /// The value found instead.
  public let found: String
  /// The advice to the user.
  public let remedy: String

  /// Describes one unusable input.
  public init(
    _ kind: Kind, file: String? = nil, subject: String, expected: String, found: String,
    remedy: String
  ) {
    self.kind = kind
    self.file = file
    self.subject = subject
    self.expected = expected
    self.found = found
    self.remedy = remedy
  }
}

extension InputError: CustomStringConvertible {
  /// The one line that a user reads.
  ///
  /// Names and values come from untrusted files: characters that would break the line or control a
  /// terminal are escaped, and long texts are shortened.
  public var description: String {
    let place = file.map { "\(Self.displayed($0)): " } ?? ""
    return place + Self.displayed(subject) + ": expected " + Self.displayed(expected) + ", found "
      + Self.displayed(found) + "; " + Self.displayed(remedy)
  }

  /// At most 400 scalars of `text`, those without a visible form escaped.
  private static func displayed(_ text: String) -> String {
    var result = ""
    for (count, scalar) in text.unicodeScalars.enumerated() {
      guard count < 400 else { return result + "…" }
      switch scalar.properties.generalCategory {
      case .control, .format, .lineSeparator, .paragraphSeparator:
        result += scalar.escaped(asASCII: true)
      default:
        result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}
