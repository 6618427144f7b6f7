public import ArgumentParser
import Foundation
public import Secant

// The spellings of the values of steering options.

extension SteeringMode: ExpressibleByArgument {}

/// Numbers from 0, as `--strengths` spells them.
struct NumberList {
  let numbers: [Double]

  /// Numbers separated by commas; spaces around them are ignored.
  ///
  /// - Throws: That the text has another form.
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
  /// The blocks; nil for all.
  let blocks: [Int]?

  /// Numbers from 0, separated by commas, or the word `all`.
  ///
  /// - Throws: That the text has another form.
  init(_ text: String) throws { blocks = text == "all" ? nil : try TokenList(text).ids }
}
