import SecantCheckpoints

// The longest text that one token can represent: a lower bound on a text's tokens before encoding.

extension Tokenizer {
  /// The fewest tokens that a text of so many bytes can have, special tokens not counted.
  ///
  /// The bound costs nothing and is far below real counts: no token represents more bytes than the
  /// longest. It is 0 if one token may represent any number, as when it swallows spaces around it or neighboring
  /// unknown characters become one.
  public func fewestTokens(inBytes count: Int) -> Int {
    guard let most = mostBytesOfToken else { return 0 }
    return (count + most - 1) / most
  }
}

extension TokenizerDefinition {
  /// The most bytes of a text that become one token; nil if there is no bound.
  func mostBytesOfToken(added: [(token: AddedToken, content: [UInt8])]) -> Int? {
    guard let shrinking = normalizer.mostShrinking, !preTokenizer.dropsText,
      let longest = model.mostBytesOfToken,
      !added.contains(where: { $0.token.stripsLeft || $0.token.stripsRight })
    else { return nil }
    return shrinking * added.reduce(longest) { max($0, $1.content.count) }
  }
}

extension TokenModel {
  /// The most bytes of a word that become one token; nil if there is no bound.
  fileprivate var mostBytesOfToken: Int? {
    // A scalar has up to four bytes, whatever its token.
    switch self {
    case .bytePairs(let model):
      let fallback =
        switch model.symbols {
        case .bytes(let tokens): tokens
        case .scalars(let fallback): fallback
        }
      let isFused = model.unknown != nil && model.fusesUnknown && fallback.contains { $0 < 0 }
      return isFused ? nil : max(4, model.vocabulary.longestCount)
    case .unigram(let model):
      let isFused = model.unknown != nil && model.fallback.contains { $0 < 0 }
      return isFused ? nil : max(4, model.vocabulary.longestCount)
    }
  }
}

extension PreTokenizer {
  /// Whether a part of a text may be in no word.
  fileprivate var dropsText: Bool {
    steps.contains { step in
      if case .split(_, .removed, _) = step { true } else { false }
    }
  }
}

extension Normalizer {
  /// How many times shorter a text may become; nil if there is no bound.
  fileprivate var mostShrinking: Int? {
    var factor = 1
    for step in steps {
      switch step {
      case .prepend: break
      // Three scalars of three, two and two bytes become one of two: ι as a sign of its own with two marks.
      case .form(.NFC), .form(.NFD): factor *= 4
      case .form: return nil
      case .replace(.text(let text), let content) where content.count >= text.count: break
      case .replace: return nil
      }
    }
    return factor
  }
}
