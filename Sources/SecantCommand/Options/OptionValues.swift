public import ArgumentParser
import Foundation
public import Secant

// The spellings of options' values.

/// The scalar of the computation.
enum Precision: String, ExpressibleByArgument, CaseIterable {
  case f32, f64

  /// Its type.
  var scalar: any Scalar.Type {
    switch self {
    case .f32: Float.self
    case .f64: Double.self
    }
  }
}

extension GateRule: ExpressibleByArgument {}
extension JacobianKind: ExpressibleByArgument {}
extension TraceOptions.Removal: ExpressibleByArgument {}
extension ExplanationOptions.Method: ExpressibleByArgument {}

/// Two whole numbers with a mark between them; nil for any other text.
func numberPair(_ text: String, _ mark: Character) -> (Int, Int)? {
  let parts = text.split(separator: mark, omittingEmptySubsequences: false)
  guard parts.count == 2, let first = Int(parts[0]), let second = Int(parts[1]) else { return nil }
  return (first, second)
}

/// A singular direction of a token's map, as `--direction` spells it.
struct SingularDirection {
  /// The token's position; negative ones count from the end.
  let position: Int
  /// The number of the triplet, from 1.
  let k: Int

  /// A position and a number, such as `4:1`.
  ///
  /// - Throws: That the text has another form.
  init(_ text: String) throws {
    guard let pair = numberPair(text, ":") else {
      throw ValidationError("expected a direction as position:k, such as 4:1, found \"\(text)\"")
    }
    (position, k) = pair
  }
}

/// Token ids, as `--tokens` spells them.
struct TokenList {
  let ids: [Int]

  /// Ids separated by commas; spaces around them are ignored.
  ///
  /// - Throws: That the text has another form.
  init(_ text: String) throws {
    ids = try text.split(separator: ",", omittingEmptySubsequences: false).map { part in
      let digits = part.trimmingCharacters(in: .whitespaces)
      guard let id = Int(digits), id >= 0 else {
        throw ValidationError("expected token ids from 0, separated by commas, found \"\(digits)\"")
      }
      return id
    }
  }
}

/// Precisions to compare, as `--precisions` spells them.
struct PrecisionList {
  let precisions: [ComparedPrecision]

  init(precisions: [ComparedPrecision]) { self.precisions = precisions }

  /// Names separated by commas, each at most once.
  ///
  /// - Throws: That the text has another form.
  init(_ text: String) throws {
    precisions = try text.split(separator: ",", omittingEmptySubsequences: false).map { part in
      let name = part.trimmingCharacters(in: .whitespaces)
      guard let precision = ComparedPrecision(rawValue: name) else {
        throw ValidationError(
          "expected f32, f64, f16 or bf16, separated by commas, found \"\(name)\"")
      }
      return precision
    }
    if let twice = precisions.first(where: { name in precisions.count { $0 == name } > 1 }) {
      throw ValidationError("expected each precision once, found \(twice.rawValue) twice")
    }
  }
}

/// Places in a block, as `--sites` spells them.
struct SiteList: CustomStringConvertible {
  let sites: Set<Site.BlockSite>

  init(sites: Set<Site.BlockSite>) { self.sites = sites }

  /// Names separated by commas.
  ///
  /// - Throws: That the text has another form.
  init(_ text: String) throws {
    sites = Set(
      try text.split(separator: ",", omittingEmptySubsequences: false).map { part in
        let name = part.trimmingCharacters(in: .whitespaces)
        guard let site = Site.BlockSite(rawValue: name) else {
          throw ValidationError(
            "expected residual, attention or feedForward, separated by commas, found \"\(name)\"")
        }
        return site
      })
  }

  /// The names, in the order in which a block computes the sites.
  var description: String {
    Site.BlockSite.allCases.filter(sites.contains).map(\.rawValue).joined(separator: ",")
  }
}

/// Words, as `--highlight` spells them.
struct WordList: CustomStringConvertible {
  let words: [String]

  init(words: [String]) { self.words = words }

  /// Words separated by commas; spaces around them and empty words are ignored.
  init(_ text: String) {
    words = text.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
      .filter { !$0.isEmpty }
  }

  var description: String { words.joined(separator: ",") }
}

/// A number of bytes, as `--memory` spells it.
struct ByteCount: CustomStringConvertible {
  let bytes: Int

  init(bytes: Int) { self.bytes = bytes }

  /// A number and K, M, G or T, for powers of 1024; "B" or "iB" may follow.
  ///
  /// - Throws: That the text has another form.
  init(_ text: String) throws {
    guard let match = text.wholeMatch(of: /([0-9]+(?:\.[0-9]+)?)([KMGT]?)(?:i?B)?/.ignoresCase()),
      let number = Double(match.1),
      let power = ["", "K", "M", "G", "T"].firstIndex(of: match.2.uppercased()),
      let bytes = Int(exactly: (number * Double(1 << (10 * power))).rounded()), bytes > 0
    else { throw ValidationError("expected a size such as 512M or 4G") }
    self.bytes = bytes
  }

  /// The shortest exact spelling.
  var description: String {
    let powers = [(40, "T"), (30, "G"), (20, "M"), (10, "K")]
    let fitting = powers.first { bytes % (1 << $0.0) == 0 }
    return fitting.map { "\(bytes >> $0.0)\($0.1)" } ?? "\(bytes)"
  }
}

extension Site {
  /// A site at which a map can end.
  ///
  /// - Throws: That the spelling is not a site.
  init(argument: String) throws {
    guard let site = Site(argument), !site.isInput else {
      throw ValidationError(
        "expected output, block.N.residual, block.N.attention or block.N.feedForward")
    }
    self = site
  }

  private var isInput: Bool { if case .input = self { true } else { false } }
}

extension HubGGUF {
  /// A GGUF model, as the command line names it.
  init(argument: String) throws {
    guard let value = Self(argument) else {
      throw ValidationError("expected a name such as org/name:Q4_K_M")
    }
    self = value
  }
}

extension TokenSelection {
  /// A choice of tokens, as the command line names it.
  init(argument: String) throws {
    guard let value = Self(argument) else {
      throw ValidationError("expected auto, none, all, top:N, or positions such as 0,5,9")
    }
    self = value
  }
}
