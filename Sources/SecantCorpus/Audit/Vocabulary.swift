package import SecantAnalysis
import SecantDecoders
package import SecantOperators

/// The words that the tokens of a model spell, and for each word others of its kind.
///
/// A word is a token's text without white space around it, in lower case: several tokens may spell it.
package struct Vocabulary: Sendable {
  /// The words, in the order of the first token that spells each.
  package let words: [String]
  /// The number in `words` of what each token spells; nil for white space.
  package let wordOfToken: [Int?]
  private let numbers: [String: Int]
  /// For each class, its words in the order of `words`; and the class and the place in it of each word.
  private let classes: [[Int]]
  private let place: [(group: Int, index: Int)]

  /// Words on either side of a word from which its substitute is drawn.
  private static let reach = 128
  /// Words that a class has at least; smaller ones are joined with those of other lengths.
  private static let leastCount = 64

  /// The words of a model's vocabulary.
  package init<S: Scalar>(_ model: Model<S>) {
    self.init(
      texts: (0..<model.decoder.configuration.vocabularySize).map { model.text(of: $0) })
  }

  /// The words of the texts of tokens, in the order of their ids.
  package init(texts: [String]) {
    var words: [String] = []
    var numbers: [String: Int] = [:]
    var beginsWord: [Bool] = []
    wordOfToken = texts.map { text in
      let word = text.word
      if word.isEmpty { return nil }
      let number = numbers[word] ?? words.count
      if number == words.count {
        numbers[word] = number
        words.append(word)
        beginsWord.append(false)
      }
      if text.first?.isWhitespace == true { beginsWord[number] = true }
      return number
    }
    (self.words, self.numbers) = (words, numbers)
    let kinds = words.indices.map { Kind(words[$0], beginsWord: beginsWord[$0]) }
    var sizes: [Kind: Int] = [:]
    for kind in kinds { sizes[kind, default: 0] += 1 }
    var groups: [Kind: Int] = [:]
    var classes: [[Int]] = []
    place = kinds.enumerated().map { number, kind in
      let kind = (sizes[kind] ?? 0) < Self.leastCount ? kind.ofAnyLength : kind
      let group = groups[kind] ?? classes.count
      if group == classes.count {
        groups[kind] = group
        classes.append([])
      }
      classes[group].append(number)
      return (group, classes[group].count - 1)
    }
    self.classes = classes
  }

  /// What makes words alike.
  private struct Kind: Hashable {
    let beginsWord: Bool
    let isLetters: Bool
    let isASCII: Bool
    /// The number of characters, at most 12; 0 for any.
    let length: Int

    init(_ word: String, beginsWord: Bool) {
      self.init(
        beginsWord: beginsWord, isLetters: word.allSatisfy(\.isLetter),
        isASCII: word.utf8.allSatisfy { $0 < 0x80 }, length: min(12, word.count))
    }

    private init(beginsWord: Bool, isLetters: Bool, isASCII: Bool, length: Int) {
      self.beginsWord = beginsWord
      self.isLetters = isLetters
      self.isASCII = isASCII
      self.length = length
    }

    var ofAnyLength: Kind {
      Kind(beginsWord: beginsWord, isLetters: isLetters, isASCII: isASCII, length: 0)
    }
  }

  /// The number of a word; nil where no token spells it.
  package func number(of word: String) -> Int? { numbers[word] }

  /// As many different words, each of the kind of the word in its place.
  ///
  /// A substitute is one of the nearest 257 words of the same kind in the order of token ids, which follows frequency
  /// in usual vocabularies; the word itself is one of them.
  ///
  /// - Parameters:
  ///   - words: Numbers of words.
  ///   - generator: What substitutes are drawn from.
  /// - Returns: Numbers of words, each once.
  package func shuffled(
    _ words: [Int], using generator: inout SplitMix64
  ) -> Set<Int> {
    var drawn: Set<Int> = []
    for word in words {
      let (group, index) = place[word]
      let all = classes[group]
      let near = max(0, index - Self.reach)..<min(all.count, index + Self.reach + 1)
      var substitute = all[Int.random(in: near, using: &generator)]
      for _ in 0..<64 where drawn.contains(substitute) {
        substitute = all[Int.random(in: near, using: &generator)]
      }
      // Where a list takes nearly all words of a kind, what is left of the vocabulary has to do.
      while drawn.contains(substitute), drawn.count < self.words.count {
        substitute = Int.random(in: 0..<self.words.count, using: &generator)
      }
      drawn.insert(substitute)
    }
    return drawn
  }
}
