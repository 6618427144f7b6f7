/// A model of the Hub as people name it: `org/name`, `org/name@revision`, or its page's address.
public struct HubModelID: Hashable, Sendable {
  /// The owner and the model, such as "Qwen/Qwen3-0.6B".
  public let repository: String
  /// A branch, a tag or a commit; by default "main".
  public let revision: String

  /// Reads a name; nil if the text does not have the form of one, as most paths.
  ///
  /// The characters are those that the Hub allows: ASCII letters, digits, `-`, `_` and `.`, in two parts
  /// that neither begin nor end with `-` or `.`, and 96 bytes at most. Of an address that ``HubAddress`` reads, the
  /// model's page and that of a revision (`/tree/REVISION`) are understood.
  public init?(_ text: String) {
    if HubAddress.isOne(text) {
      guard let address = HubAddress(text), address.file == nil else { return nil }
      self = address.model
      return
    }
    let parts = text.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
    let revision = parts.count == 2 ? String(parts[1]) : "main"
    let names = parts[0].split(separator: "/", omittingEmptySubsequences: false)
    guard names.count == 2, parts[0].utf8.count <= 96, names.allSatisfy(Self.isName),
      Self.isRevision(revision)
    else { return nil }
    repository = String(parts[0])
    self.revision = revision
  }

  /// Whether the revision is a commit: 40 hexadecimal digits, which always mean the same files.
  var isCommit: Bool { revision.isHexadecimal(count: 40) }

  private static func isName(_ name: Substring) -> Bool {
    guard let first = name.utf8.first, let last = name.utf8.last else { return false }
    let ends = "-.".utf8
    return name.utf8.allSatisfy(isWordByte) && !ends.contains(first) && !ends.contains(last)
      && !name.contains("--") && !name.contains("..")
  }

  /// A name that git allows and that cannot leave the folder of references.
  private static func isRevision(_ revision: String) -> Bool {
    revision.utf8.count <= 200
      && revision.split(separator: "/", omittingEmptySubsequences: false).allSatisfy { part in
        part.utf8.allSatisfy(isWordByte) && part.utf8.first.map { !"-.".utf8.contains($0) } ?? false
          && !part.contains("..")
      }
  }
}

extension HubModelID: CustomStringConvertible {
  /// The name as given, without a default revision.
  public var description: String {
    revision == "main" ? repository : "\(repository)@\(revision)"
  }
}

/// A GGUF model of the Hub: `org/name`, `org/name:Q4_K_M`, `org/name@revision:Q4_K_M`, or the address of its page
/// or of the file's.
public struct HubGGUF: Hashable, Sendable {
  /// The repository and its revision.
  public let model: HubModelID
  /// The quantization, such as "Q4_K_M", or a file's name; nil if none is named.
  public let quantization: String?

  /// Reads a name; nil if the text does not have the form of one.
  public init?(_ text: String) {
    if HubAddress.isOne(text) {
      guard let address = HubAddress(text) else { return nil }
      model = address.model
      quantization = address.file
      return
    }
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    guard let first = parts.first, let model = HubModelID(String(first)) else { return nil }
    self.model = model
    guard parts.count == 2 else {
      quantization = nil
      return
    }
    guard 1...200 ~= parts[1].utf8.count, parts[1].utf8.allSatisfy(isWordByte) else { return nil }
    quantization = String(parts[1])
  }
}

extension HubGGUF: CustomStringConvertible {
  /// The name as it was given.
  public var description: String { model.description + (quantization.map { ":" + $0 } ?? "") }
}

/// Whether a name may contain a byte: an ASCII letter or digit, `-`, `_` or `.`.
func isWordByte(_ byte: UInt8) -> Bool {
  switch byte {
  case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
    true
  default: false
  }
}

extension String {
  /// Whether the text is that many hexadecimal digits, letters in lower case.
  func isHexadecimal(count: Int) -> Bool {
    utf8.count == count
      && utf8.allSatisfy {
        UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 || UInt8(ascii: "a")...UInt8(ascii: "f") ~= $0
      }
  }
}
