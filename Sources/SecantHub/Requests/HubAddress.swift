import Foundation

/// An address of the Hub's pages, as it is copied from a browser or another program.
///
///     https://huggingface.co/org/name                     hf://org/name
///     https://huggingface.co/org/name/tree/REVISION       hf://org/name@REVISION
///     https://huggingface.co/org/name/blob/REVISION/FILE.gguf
public struct HubAddress: Hashable, Sendable {
  /// The model and the revision.
  public let model: HubModelID
  /// The name of the GGUF file, without its folder; nil if the address names a model.
  public let file: String?

  /// The hosts whose pages are those of the Hub.
  private static let hosts: Set = ["huggingface.co", "www.huggingface.co", "hf.co"]

  /// Whether a text is a URL, even one of another site: no path and no model name begins so.
  public static func isOne(_ text: String) -> Bool {
    ["https://", "http://", "hf://"].contains { text.lowercased().hasPrefix($0) }
      || hosts.contains { text.lowercased().hasPrefix($0 + "/") }
  }

  /// Reads an address; nil unless it names a model, a revision or a GGUF file.
  public init?(_ text: String) {
    guard Self.isOne(text) else { return nil }
    var rest = text.prefix { $0 != "?" && $0 != "#" }
    if let scheme = rest.range(of: "://") {
      let isHub = rest[..<scheme.lowerBound].lowercased() == "hf"
      rest = rest[scheme.upperBound...]
      if isHub { rest = "hf.co/" + rest }
    }
    var parts = rest.split(separator: "/").map { String($0).removingPercentEncoding ?? "" }
    guard let host = parts.first, Self.hosts.contains(host.lowercased()) else { return nil }
    parts.removeFirst()
    guard parts.count >= 2, !["datasets", "spaces", "docs", "api"].contains(parts[0]) else {
      return nil
    }
    let name = parts[0] + "/" + parts[1]
    switch (parts.count, parts.dropFirst(2).first) {
    case (2, _): self.init(name, file: nil)
    case (4, "tree"): self.init(name + "@" + parts[3], file: nil)
    case (5..., "blob"), (5..., "resolve"):
      guard let file = parts.last, file.lowercased().hasSuffix(".gguf"),
        file.utf8.allSatisfy(isWordByte)
      else { return nil }
      self.init(name + "@" + parts[3], file: file)
    default: return nil
    }
  }

  private init?(_ name: String, file: String?) {
    guard !Self.isOne(name), let model = HubModelID(name) else { return nil }
    self.model = model
    self.file = file
  }
}
