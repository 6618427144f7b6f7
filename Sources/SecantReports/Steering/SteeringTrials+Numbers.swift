extension SteeringReport: TabularReport {
  /// Two rows: the unsteered continuation, at strength 0, and the steered one; columns as of a sweep.
  public var numbers: NumberTable {
    SteeringTrial.numbers(
      of: unsteered, [(setting.steeringOperator.block, setting.mode, strength, steered)])
  }

  /// As of a sweep, with two rows.
  public var arrays: [NumberArray] {
    SteeringTrial.arrays(of: unsteered, [(setting.steeringOperator.block, strength, steered)])
  }
}

extension SteeringVectorReport: TabularReport {
  /// Two rows: the unsteered continuation, at strength 0, and the steered one; columns as of a sweep.
  public var numbers: NumberTable {
    SteeringTrial.numbers(of: unsteered, [(direction.block, direction.kind, strength, steered)])
  }

  /// As of a sweep, with two rows.
  public var arrays: [NumberArray] {
    SteeringTrial.arrays(of: unsteered, [(direction.block, strength, steered)])
  }
}

extension SteeringSweepReport: TabularReport {
  /// One row for each continuation, the unsteered one first, at strength 0 and without a block.
  ///
  /// What was not measured is NaN.
  public var numbers: NumberTable {
    SteeringTrial.numbers(
      of: unsteered, points.map { ($0.block, $0.method.rawValue, $0.strength, $0.trial) })
  }

  /// Lists `[n]` over the continuations, the unsteered one first: `block` (NaN for that one), `strength`,
  /// `concept_probability`, `concept_share`, `contains_concept` (0 or 1), `perplexity` and `divergence`.
  public var arrays: [NumberArray] {
    SteeringTrial.arrays(of: unsteered, points.map { ($0.block, $0.strength, $0.trial) })
  }
}

extension SteeringTrial {
  /// Continuations as a table.
  fileprivate static func numbers(
    of unsteered: SteeringTrial,
    _ rows: [(block: Int, method: String, strength: Double, trial: SteeringTrial)]
  ) -> NumberTable {
    NumberTable(
      columns: [
        "block", "method", "strength", "concept_probability", "concept_share", "contains_concept",
        "perplexity", "divergence", "text",
      ],
      rows: [[.text(""), .text("unsteered"), .number(0)] + unsteered.cells]
        + rows.map {
          [.integer($0.block), .text($0.method), .number($0.strength)] + $0.trial.cells
        })
  }

  private var cells: [NumberTable.Cell] {
    [
      .number(conceptProbability ?? .nan), .number(conceptShare ?? .nan),
      .integer(containsConcept ? 1 : 0), .number(perplexity ?? .nan), .number(divergence ?? .nan),
      .text(text),
    ]
  }

  /// Continuations as arrays.
  fileprivate static func arrays(
    of unsteered: SteeringTrial, _ rows: [(block: Int, strength: Double, trial: SteeringTrial)]
  ) -> [NumberArray] {
    let trials = [unsteered] + rows.map(\.trial)
    return [
      .init("block", [.nan] + rows.map { Double($0.block) }),
      .init("strength", [0] + rows.map(\.strength)),
      .init("concept_probability", trials.map { $0.conceptProbability ?? .nan }),
      .init("concept_share", trials.map { $0.conceptShare ?? .nan }),
      .init("contains_concept", trials.map { $0.containsConcept ? 1 : 0 }),
      .init("perplexity", trials.map { $0.perplexity ?? .nan }),
      .init("divergence", trials.map { $0.divergence ?? .nan }),
    ]
  }
}
