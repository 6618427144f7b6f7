public import Foundation
public import SecantCheckpoints
import SecantDecoders

/// Published figures of the Jacobians of particular models.
public struct PaperFigures: Codable, Hashable, Sendable {
  /// Their source.
  public let source: String
  /// Caveats on all figures, one sentence each.
  public let caveats: [String]
  /// The models.
  public let models: [Entry]

  /// The figures of one model.
  public struct Entry: Codable, Hashable, Sendable {
    /// The model's name, such as "Qwen/Qwen3-8B".
    public let name: String
    /// The beginning of the architecture's name in config.json, in lower case, such as "qwen3".
    public let family: String
    /// The width d.
    public let width: Int
    /// The number of blocks L.
    public let blocks: Int
    /// The prompts.
    public let runs: [Run]
  }

  /// The figures of one prompt.
  public struct Run: Codable, Hashable, Sendable {
    /// The text.
    public let prompt: String
    /// The likeliest next token, without spaces around it; nil if it was not published.
    public let predicted: String?
    /// The factor of gated products that stays linear: "up" or "gate".
    public let gate: String
    /// The arithmetic, such as "bfloat16".
    public let arithmetic: String
    /// Whether the weights were quantized to 4 bits.
    public let isQuantized: Bool
    /// std(Σ J_i x_i − y) / std(y); nil if it was not published.
    public let reconstruction: Double?
    /// The largest singular value of each token's Jacobian.
    public let singularValues: [Double]
    /// Whether the singular values were printed, rather than read off a figure.
    public let arePrinted: Bool
    /// The words to which each token's leading left singular vector decodes, at most eight.
    public let leftWords: [[String]]
    /// The notebook and its cell.
    public let source: String
    /// Caveats on this run.
    public let caveats: [String]
  }

  /// The figures of Golden, "Equivalent Linear Mappings of Large Language Models" (TMLR 10/2025).
  ///
  /// - Throws: That the resource is missing beside the program.
  public static func ofThePaper() throws(InputError) -> PaperFigures {
    try PaperFigures(contentsOf: ProgramData.url(of: "paper.json", from: "SecantAnalysis"))
  }

  /// Figures from a file in the same format as the paper's.
  ///
  /// - Throws: That the file cannot be read or is of another form.
  public init(contentsOf url: URL) throws(InputError) {
    let bytes = try MappedFile.contents(of: url)
    do {
      self = try JSONDecoder().decode(PaperFigures.self, from: Data(bytes))
    } catch {
      throw InputError(
        .malformed, file: url.lastPathComponent, subject: "the file",
        expected: "published figures", found: "another form",
        remedy: "see paper.json among the sources for the form")
    }
    for run in models.flatMap(\.runs) where run.singularValues.count != run.leftWords.count {
      throw InputError(
        .mismatched, file: url.lastPathComponent, subject: "run \(run.source)",
        expected: "words for \(run.singularValues.count) tokens", found: "\(run.leftWords.count)",
        remedy: "give as many of one as of the other")
    }
  }

  /// The entry of a model, and how it was found.
  ///
  /// Family, width and blocks must be equal. If several entries remain, or the user named the model
  /// after one of them, the name decides.
  ///
  /// - Throws: That there is none, or that several remain.
  func entry(
    for configuration: DecoderConfiguration, named name: String
  ) throws(InputError) -> (entry: Entry, match: String) {
    let architecture = configuration.architecture.lowercased()
    let shape =
      "\(architecture) of width \(configuration.width) with \(configuration.blockCount) blocks"
    let candidates = models.filter {
      architecture.hasPrefix($0.family) && $0.width == configuration.width
        && $0.blocks == configuration.blockCount
    }
    let named = candidates.filter { name.lowercased().contains($0.shortName) }
    let most = named.max { $0.shortName.utf8.count < $1.shortName.utf8.count }
    if let most {
      return (most, "by shape (\(shape)) and by name")
    }
    guard let only = candidates.first else {
      throw InputError(
        .unsupported, subject: "the paper's figures",
        expected: "one of " + models.map(\.name).joined(separator: ", "), found: shape,
        remedy: "try the laws of the method, which hold on every model")
    }
    guard candidates.count == 1 else {
      throw InputError(
        .invalid, subject: "the paper's figures",
        expected: "a folder named after one of " + candidates.map(\.name).joined(separator: ", "),
        found: name, remedy: "name the folder after the model: they have one shape")
    }
    return (
      only,
      "by shape alone (\(shape)): \(name) may be another version of it, whose figures would differ"
    )
  }
}

extension PaperFigures.Entry {
  /// The model's name in lower case, without its owner and without suffixes of quantization.
  fileprivate var shortName: String {
    let last = name.lowercased().split(separator: "/").last.map(String.init) ?? ""
    return last.hasSuffix("-bnb-4bit") ? String(last.dropLast(9)) : last
  }
}
