import SecantCheckpoints

/// A text cut into words: ranges of its bytes, in order and on scalar boundaries.
struct Words {
  private(set) var bytes: [UInt8]
  private(set) var ranges: [Range<Int>]

  /// One word, or none where the text is empty.
  init(_ bytes: [UInt8]) {
    self.bytes = bytes
    ranges = bytes.isEmpty ? [] : [0..<bytes.count]
  }

  /// Replaces each word by the result of `change`, which gets the word and its start.
  mutating func rebuild(_ change: (ArraySlice<UInt8>, Int) -> [UInt8]) {
    var rebuilt: [UInt8] = []
    rebuilt.reserveCapacity(bytes.count)
    for index in ranges.indices {
      let start = rebuilt.count
      rebuilt += change(bytes[ranges[index]], ranges[index].lowerBound)
      ranges[index] = start..<rebuilt.count
    }
    bytes = rebuilt
  }

  /// Cuts each word at the matches of a pattern.
  ///
  /// - Parameters:
  ///   - pattern: The pattern to search for.
  ///   - behavior: The treatment of the matches.
  ///   - isInverted: Whether the text between matches is treated as the matches.
  /// - Throws: `InputError` if an expression backtracks too much on this text.
  mutating func split(
    by pattern: TextPattern, _ behavior: SplitBehavior, isInverted: Bool
  ) throws(InputError) {
    var result: [Range<Int>] = []
    var pieces: [SplitBehavior.Piece] = []
    for word in ranges {
      pieces.removeAll(keepingCapacity: true)
      var position = word.lowerBound
      try pattern.forEachMatch(in: bytes, word) { match in
        if position < match.lowerBound {
          pieces.append((position..<match.lowerBound, isInverted))
        }
        pieces.append((match, !isInverted))
        position = match.upperBound
      }
      if position < word.upperBound { pieces.append((position..<word.upperBound, isInverted)) }
      behavior.append(pieces, to: &result)
    }
    ranges = result
  }
}

/// The treatment of the matches of a pattern that splits a text.
enum SplitBehavior: String, Sendable {
  /// They are words of their own.
  case isolated = "Isolated"
  /// They are dropped.
  case removed = "Removed"
  /// They end the word before them.
  case mergedWithPrevious = "MergedWithPrevious"
  /// They begin the word after them.
  case mergedWithNext = "MergedWithNext"
  /// Neighbouring matches are one word.
  case contiguous = "Contiguous"

  typealias Piece = (range: Range<Int>, isMatch: Bool)

  /// Appends the words that adjoining pieces of a text make.
  func append(_ pieces: [Piece], to words: inout [Range<Int>]) {
    switch self {
    case .isolated:
      for piece in pieces { words.append(piece.range) }
    case .removed:
      for piece in pieces where !piece.isMatch { words.append(piece.range) }
    case .contiguous:
      appendJoined(pieces, to: &words) { $0.isMatch == $1.isMatch }
    case .mergedWithPrevious:
      appendJoined(pieces, to: &words) { !$0.isMatch && $1.isMatch }
    case .mergedWithNext:
      appendJoined(pieces, to: &words) { $0.isMatch && !$1.isMatch }
    }
  }

  private func appendJoined(
    _ pieces: [Piece], to words: inout [Range<Int>], where isJoined: (Piece, Piece) -> Bool
  ) {
    for (index, piece) in pieces.enumerated() {
      if index > 0, isJoined(pieces[index - 1], piece) {
        let start = words.removeLast().lowerBound
        words.append(start..<piece.range.upperBound)
      } else {
        words.append(piece.range)
      }
    }
  }
}
