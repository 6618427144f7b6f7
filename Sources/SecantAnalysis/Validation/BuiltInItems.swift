import SecantOperators

/// Items of the project's own, made from lists of words and a seed.
///
/// Each family asks something that a small model may know, in two prompts that differ in what decides it. Whether
/// both are of as many tokens, and both answers one token, depends on the model's tokenizer: whoever uses the items
/// leaves out the others.
public enum BuiltInItems {
  /// Items of every family, in an order drawn from a seed, the families by turns.
  ///
  /// - Parameters:
  ///   - seed: What choices are drawn from.
  ///   - count: Items of each family, at most; smaller families have fewer.
  /// - Returns: Several hundred different items by default.
  public static func items(seed: UInt64 = 0, ofEach count: Int = 120) -> [ValidationItem] {
    var generator = SplitMix64(seed: seed)
    let families = makers.map { make in
      var (items, seen): ([ValidationItem], Set<ValidationItem>) = ([], [])
      // Lists are short: many draws repeat an item.
      for _ in 0..<20 * count where items.count < count {
        let item = make(&generator)
        if seen.insert(item).inserted { items.append(item) }
      }
      return items
    }
    let longest = families.map(\.count).max() ?? 0
    return (0..<longest).flatMap { place in
      families.compactMap { place < $0.count ? $0[place] : nil }
    }
  }

  private typealias Maker = @Sendable (inout SplitMix64) -> ValidationItem

  private static let makers: [Maker] = [
    indirectObject, agreement, capital, comparison, pronoun, opposite,
  ]

  /// Two different elements of a list.
  private static func two<Element>(
    of list: [Element], _ generator: inout SplitMix64
  ) -> (Element, Element) {
    let first = Int.random(in: 0..<list.count, using: &generator)
    let step = Int.random(in: 1..<list.count, using: &generator)
    return (list[first], list[(first + step) % list.count])
  }

  private static func one<Element>(of list: [Element], _ generator: inout SplitMix64) -> Element {
    list[Int.random(in: 0..<list.count, using: &generator)]
  }

  private static let women = [
    "Mary", "Sarah", "Anna", "Lisa", "Emma", "Laura", "Susan", "Jane", "Alice", "Kate",
  ]
  private static let men = [
    "John", "Tom", "James", "David", "Paul", "Mark", "Peter", "Michael", "Jack", "Robert",
  ]

  /// Who is given something: the one of two who does not give it.
  private static func indirectObject(_ generator: inout SplitMix64) -> ValidationItem {
    let (a, b) = two(of: women + men, &generator)
    let place = one(of: ["store", "park", "school", "station", "office"], &generator)
    let thing = one(of: ["drink", "book", "ring", "ball", "letter"], &generator)
    let isFirst = Bool.random(using: &generator)
    let pair = isFirst ? "\(a) and \(b)" : "\(b) and \(a)"
    func text(_ giver: String) -> String {
      "When \(pair) went to the \(place), \(giver) gave a \(thing) to"
    }
    return ValidationItem(
      family: "indirect objects", prompt: text(b), counterfactual: text(a), target: " " + a,
      over: " " + b)
  }

  /// The number of a verb whose subject has another noun between.
  private static func agreement(_ generator: inout SplitMix64) -> ValidationItem {
    let nouns = [
      "dog", "cat", "car", "book", "key", "teacher", "student", "friend", "tree", "house",
      "doctor", "girl", "boy", "picture",
    ]
    let (subject, other) = two(of: nouns, &generator)
    let word = one(of: ["near", "behind", "with", "beside"], &generator)
    let isPlural = Bool.random(using: &generator)
    let attractor = other + (Bool.random(using: &generator) ? "s" : "")
    func text(_ isPlural: Bool) -> String {
      "The \(subject)\(isPlural ? "s" : "") \(word) the \(attractor)"
    }
    return ValidationItem(
      family: "agreement", prompt: text(isPlural), counterfactual: text(!isPlural),
      target: isPlural ? " are" : " is", over: isPlural ? " is" : " are")
  }

  private static let capitals = [
    ("France", "Paris"), ("Germany", "Berlin"), ("Italy", "Rome"), ("Spain", "Madrid"),
    ("Japan", "Tokyo"), ("China", "Beijing"), ("Russia", "Moscow"), ("Egypt", "Cairo"),
    ("Greece", "Athens"), ("Portugal", "Lisbon"), ("Ireland", "Dublin"), ("Austria", "Vienna"),
    ("Poland", "Warsaw"), ("Hungary", "Budapest"), ("Sweden", "Stockholm"), ("Norway", "Oslo"),
    ("Cuba", "Havana"), ("Iran", "Tehran"), ("Iraq", "Baghdad"), ("England", "London"),
    ("Canada", "Ottawa"), ("Denmark", "Copenhagen"), ("Finland", "Helsinki"), ("India", "Delhi"),
  ]

  /// The capital of a country, over that of another.
  private static func capital(_ generator: inout SplitMix64) -> ValidationItem {
    let (a, b) = two(of: capitals, &generator)
    let (before, after) = one(
      of: [
        ("The capital of ", " is"), ("The capital city of ", " is called"),
        ("The government of ", " sits in its capital,"),
      ], &generator)
    return ValidationItem(
      family: "capitals", prompt: before + a.0 + after, counterfactual: before + b.0 + after,
      target: " " + a.1, over: " " + b.1)
  }

  /// The larger or the smaller of two numbers.
  private static func comparison(_ generator: inout SplitMix64) -> ValidationItem {
    let words = ["two", "three", "four", "five", "six", "seven", "eight", "nine"]
    let (x, y) = two(of: Array(words.indices), &generator)
    let isLarger = Bool.random(using: &generator)
    func text(_ isLarger: Bool) -> String {
      "Of the numbers \(words[x]) and \(words[y]), the \(isLarger ? "larger" : "smaller") one is"
    }
    let (large, small) = (" " + words[max(x, y)], " " + words[min(x, y)])
    return ValidationItem(
      family: "number comparison", prompt: text(isLarger), counterfactual: text(!isLarger),
      target: isLarger ? large : small, over: isLarger ? small : large)
  }

  /// The pronoun that stands for a name.
  private static func pronoun(_ generator: inout SplitMix64) -> ValidationItem {
    let (woman, man) = (one(of: women, &generator), one(of: men, &generator))
    let isWoman = Bool.random(using: &generator)
    let (first, second) = isWoman ? (woman, man) : (man, woman)
    let rest = one(
      of: [
        "could not find the book that", "was very tired, because", "lost the keys, and so",
        "said goodbye to the children before",
      ], &generator)
    return ValidationItem(
      family: "pronouns", prompt: "\(first) \(rest)", counterfactual: "\(second) \(rest)",
      target: isWoman ? " she" : " he", over: isWoman ? " he" : " she")
  }

  /// The opposite of a word, over that of another.
  private static func opposite(_ generator: inout SplitMix64) -> ValidationItem {
    let pairs = [
      ("hot", "cold"), ("big", "small"), ("up", "down"), ("left", "right"), ("day", "night"),
      ("black", "white"), ("happy", "sad"), ("fast", "slow"), ("rich", "poor"), ("old", "new"),
      ("high", "low"), ("hard", "soft"), ("light", "dark"), ("early", "late"), ("open", "closed"),
      ("good", "bad"), ("long", "short"), ("strong", "weak"),
    ]
    let (a, b) = two(of: pairs, &generator)
    let (before, after) = one(
      of: [("The opposite of ", " is"), ("The word ", " means the opposite of")], &generator)
    return ValidationItem(
      family: "opposites", prompt: before + a.0 + after, counterfactual: before + b.0 + after,
      target: " " + a.1, over: " " + b.1)
  }
}
