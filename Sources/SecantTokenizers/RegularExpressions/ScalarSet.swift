/// A set of Unicode scalars, as classes of regular expressions name them.
///
/// General categories are those of Unicode 16, as in the engine of Hugging Face's `tokenizers`: what the
/// Swift runtime knows of later versions is taken back.
struct ScalarSet: Sendable {
  /// One bit for each general category, by ``bit(of:)``.
  private(set) var categories: UInt32 = 0
  private(set) var ranges: [ClosedRange<UInt32>] = []
  private(set) var isInverted = false
  /// Membership of the scalars below 64 and of those below 128, kept in step with the rest.
  private var low: UInt64 = 0
  private var high: UInt64 = 0

  /// Unicode's White_Space property: what `\s` matches.
  static let whitespace: [ClosedRange<UInt32>] = [
    0x09...0x0d, 0x20...0x20, 0x85...0x85, 0xa0...0xa0, 0x1680...0x1680, 0x2000...0x200a,
    0x2028...0x2029, 0x202f...0x202f, 0x205f...0x205f, 0x3000...0x3000,
  ]

  init(
    categories: UInt32 = 0, ranges: [ClosedRange<UInt32>] = [], isInverted: Bool = false
  ) {
    self.categories = categories
    self.ranges = ranges
    self.isInverted = isInverted
    index()
  }

  mutating func formUnion(categories: UInt32 = 0, ranges: [ClosedRange<UInt32>] = []) {
    self.categories |= categories
    self.ranges += ranges
    index()
  }

  mutating func invert() {
    isInverted.toggle()
    index()
  }

  func contains(_ scalar: UInt32) -> Bool {
    if scalar < 64 { return low >> scalar & 1 != 0 }
    if scalar < 128 { return high >> (scalar - 64) & 1 != 0 }
    return containsBySearch(scalar)
  }

  private func containsBySearch(_ scalar: UInt32) -> Bool {
    for range in ranges where range.contains(scalar) { return !isInverted }
    guard categories != 0, let scalar = Unicode.Scalar(scalar) else { return isInverted }
    return (categories & Self.bit(of: Self.category(of: scalar)) != 0) != isInverted
  }

  /// The category in Unicode 16.
  private static func category(of scalar: Unicode.Scalar) -> Unicode.GeneralCategory {
    // Unicode 17 made this letter one of the lowercase ones.
    if scalar == "\u{295}" { return .otherLetter }
    return scalar.isAssigned(since: 17) ? .unassigned : scalar.properties.generalCategory
  }

  private mutating func index() {
    low = 0
    high = 0
    for scalar in UInt32(0)..<64 {
      low |= (containsBySearch(scalar) ? 1 : 0) << UInt64(scalar)
      high |= (containsBySearch(scalar + 64) ? 1 : 0) << UInt64(scalar)
    }
  }

  /// The categories of a name such as `L` or `Lu`; nil if Unicode has no such category.
  static func categories(named name: String) -> UInt32? {
    let matching = names.indices.filter { names[$0] == name || names[$0].prefix(1) == name }
    return matching.isEmpty ? nil : matching.reduce(0) { $0 | 1 << UInt32($1) }
  }

  static let allCategories = UInt32(1) << UInt32(names.count) - 1

  private static let names = [
    "Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc", "Me", "Nd", "Nl", "No", "Pc", "Pd", "Ps", "Pe", "Pi",
    "Pf", "Po", "Sm", "Sc", "Sk", "So", "Zs", "Zl", "Zp", "Cc", "Cf", "Cs", "Co", "Cn",
  ]

  /// The bit of a category: its position in ``names``.
  static func bit(of category: Unicode.GeneralCategory) -> UInt32 {
    switch category {
    case .uppercaseLetter: 1 << 0
    case .lowercaseLetter: 1 << 1
    case .titlecaseLetter: 1 << 2
    case .modifierLetter: 1 << 3
    case .otherLetter: 1 << 4
    case .nonspacingMark: 1 << 5
    case .spacingMark: 1 << 6
    case .enclosingMark: 1 << 7
    case .decimalNumber: 1 << 8
    case .letterNumber: 1 << 9
    case .otherNumber: 1 << 10
    case .connectorPunctuation: 1 << 11
    case .dashPunctuation: 1 << 12
    case .openPunctuation: 1 << 13
    case .closePunctuation: 1 << 14
    case .initialPunctuation: 1 << 15
    case .finalPunctuation: 1 << 16
    case .otherPunctuation: 1 << 17
    case .mathSymbol: 1 << 18
    case .currencySymbol: 1 << 19
    case .modifierSymbol: 1 << 20
    case .otherSymbol: 1 << 21
    case .spaceSeparator: 1 << 22
    case .lineSeparator: 1 << 23
    case .paragraphSeparator: 1 << 24
    case .control: 1 << 25
    case .format: 1 << 26
    case .surrogate: 1 << 27
    case .privateUse: 1 << 28
    case .unassigned: 1 << 29
    @unknown default: 1 << 29
    }
  }
}
