/// What `secant validate` found: how well rules of attribution predict what really happens, over many prompts.
///
/// Every measure compares what a rule says of a prompt with real forward passes. Medians are over items; an
/// interval is that of 95 % of medians of items drawn again, with replacement.
public struct ValidationReport: Report {
  /// Version 1 of "secant.validation".
  public static let schema = ReportSchema(name: "secant.validation", version: 1)

  /// Model, settings and seed; its gate rule is "all", its method "exact".
  public let provenance: Provenance
  /// Where the items are from: "built-in", or the file as the user named it.
  public let data: String
  /// The kinds of items, and how many of each were measured and left out.
  public let families: [Family]
  /// What was measured, in the order of the tables.
  public let measures: [Measure]
  /// The rules, in the order that was asked for.
  public let rules: [Rule]
  /// The items that were measured, in their order.
  public let items: [Item]
  /// Caveats that belong to the numbers, each a sentence.
  public let notes: [String]

  /// Gathers the parts of a validation.
  public init(
    provenance: Provenance, data: String, families: [Family], measures: [Measure], rules: [Rule],
    items: [Item], notes: [String]
  ) {
    self.provenance = provenance
    self.data = data
    self.families = families
    self.measures = measures
    self.rules = rules
    self.items = items
    self.notes = notes
  }
}

extension ValidationReport {
  /// One kind of items.
  public struct Family: Codable, Hashable, Sendable {
    /// Its name, such as "capitals".
    public let name: String
    /// Items that were measured.
    public let measured: Int
    /// Items left out because the model prefers the other token, or neither.
    public let prefersOther: Int
    /// Items left out because both prompts are not of as many tokens, or equal.
    public let unequalLengths: Int
    /// Items left out because the target, or the token that it is held against, is not one token, or both are one.
    public let notOneToken: Int
    /// Items left out because they are too long.
    public let tooLong: Int

    /// Counts the items of a kind.
    public init(
      name: String, measured: Int, prefersOther: Int, unequalLengths: Int, notOneToken: Int,
      tooLong: Int
    ) {
      self.name = name
      self.measured = measured
      self.prefersOther = prefersOther
      self.unequalLengths = unequalLengths
      self.notOneToken = notOneToken
      self.tooLong = tooLong
    }

    /// Items that were looked at.
    public var offered: Int {
      measured + prefersOther + unequalLengths + notOneToken + tooLong
    }
  }

  /// Something that is measured of every rule.
  public struct Measure: Codable, Hashable, Sendable {
    /// A name for programs, such as "spearman.mean".
    public let name: String
    /// What it is: a sentence or two.
    public let definition: String
    /// What is better: "high", "low", or "none" where neither is.
    public let better: String

    /// Describes a measure.
    public init(name: String, definition: String, better: String) {
      self.name = name
      self.definition = definition
      self.better = better
    }
  }

  /// What was measured of one rule.
  public struct Rule: Codable, Hashable, Sendable {
    /// The rule's name, such as "up".
    public let name: String
    /// What it predicts of tokens, heads and circuits, and from what: sentences.
    public let definition: String
    /// Medians, by the measures that the rule has.
    public let medians: [Median]

    /// Gathers what was measured of a rule.
    public init(name: String, definition: String, medians: [Median]) {
      self.name = name
      self.definition = definition
      self.medians = medians
    }

    /// The median of a measure; nil where the rule has none.
    public func median(_ measure: String) -> Median? { medians.first { $0.measure == measure } }
  }

  /// The median over items of one measure.
  public struct Median: Codable, Hashable, Sendable {
    /// The measure's name.
    public let measure: String
    /// The median.
    public let value: Double
    /// The lower end of its interval.
    public let low: Double
    /// The upper end of its interval.
    public let high: Double
    /// The items that have the measure.
    public let items: Int

    /// Describes a median.
    public init(measure: String, value: Double, low: Double, high: Double, items: Int) {
      self.measure = measure
      self.value = value
      self.low = low
      self.high = high
      self.items = items
    }
  }

  /// A prompt with its counterfactual, and what each rule had of it.
  public struct Item: Codable, Hashable, Sendable {
    /// The kind of item.
    public let family: String
    /// What the model reads.
    public let prompt: String
    /// What it reads where the answer is another.
    public let counterfactual: String
    /// The token that is asked about.
    public let target: ExplanationReport.Target.Token
    /// The token that is held against it.
    public let over: ExplanationReport.Target.Token
    /// The logit of the target less that of the other after the prompt, above 0.
    public let logit: Double
    /// The same after the counterfactual.
    public let counterfactualLogit: Double
    /// One number for each rule and measure that exist.
    public let values: [Value]

    /// Gathers an item.
    public init(
      family: String, prompt: String, counterfactual: String,
      target: ExplanationReport.Target.Token, over: ExplanationReport.Target.Token, logit: Double,
      counterfactualLogit: Double, values: [Value]
    ) {
      self.family = family
      self.prompt = prompt
      self.counterfactual = counterfactual
      self.target = target
      self.over = over
      self.logit = logit
      self.counterfactualLogit = counterfactualLogit
      self.values = values
    }
  }

  /// One measure of one rule on one item.
  public struct Value: Codable, Hashable, Sendable {
    /// The rule's name.
    public let rule: String
    /// The measure's name.
    public let measure: String
    /// The number.
    public let value: Double

    /// Names a number.
    public init(rule: String, measure: String, value: Double) {
      self.rule = rule
      self.measure = measure
      self.value = value
    }
  }
}
