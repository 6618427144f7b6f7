/// The parts of a computation that carry most of a difference between two prompts, and what they make of it alone.
///
/// Chosen by size: the fewest of the forward account's entries, the largest magnitudes first, whose sum is as near to
/// the difference as was asked for. Entries of the other sign are among them where they are large. The real outcome is
/// that of a run of the second prompt in which only these parts, at their positions, are the first prompt's, and
/// every other part stays as it was in the second. It differs from the sum as far as what these parts give depends
/// on parts that were not swapped.
public struct DifferenceCircuit: Codable, Hashable, Sendable {
  /// The fraction of the difference that was asked for, above 0 and at most 1.
  public let fraction: Double
  /// The difference of the two real runs.
  public let difference: Double
  /// The number of entries that were chosen.
  public let size: Int
  /// The number of entries of the account that are not zero.
  public let entryCount: Int
  /// The sum of the chosen entries.
  public let predicted: Double
  /// What a run in which only these parts are swapped differs by from the second prompt's.
  public let real: Double
  /// The chosen entries, the largest magnitude first; of very many the first.
  public let entries: [DifferenceLedger.Entry]

  /// Gathers a circuit.
  public init(
    fraction: Double, difference: Double, size: Int, entryCount: Int, predicted: Double,
    real: Double, entries: [DifferenceLedger.Entry]
  ) {
    self.fraction = fraction
    self.difference = difference
    self.size = size
    self.entryCount = entryCount
    self.predicted = predicted
    self.real = real
    self.entries = entries
  }
}
