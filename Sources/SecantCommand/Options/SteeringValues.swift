public import ArgumentParser
import Foundation
public import Secant

// How the values of the options that steer are spelled.

extension SteeringMode: ExpressibleByArgument {}

/// Numbers from 0, as `--strengths` spells them.
struct NumberList {
  let numbers: [Double]

  /// Numbers between commas; spaces around them do not matter.
  ///
  /// - Throws: That something else stands there.
  init(_ text: String) throws {
    numbers = try text.split(separator: ",", omittingEmptySubsequences: false).map { part in
      let digits = part.trimmingCharacters(in: .whitespaces)
      guard let number = Double(digits), number.isFinite, number >= 0 else {
        throw ValidationError("expected numbers from 0, separated by commas, found \"\(digits)\"")
      }
      return number
    }
  }
}

/// Blocks, as `--blocks` spells them.
struct BlockList {
  /// The blocks; nil where all are meant.
  let blocks: [Int]?

  /// Numbers from 0 between commas, or the word `all`.
  ///
  /// - Throws: That something else stands there.
  init(_ text: String) throws { blocks = text == "all" ? nil : try TokenList(text).ids }
}
