package import SecantCheckpoints

/// One of n parts of a corpus: the items whose number k has k mod n = index.
package struct Shard: Hashable, Sendable {
  /// Which part, from 0.
  package let index: Int
  /// n: the number of parts, at least 1.
  package let count: Int

  /// All items.
  package static let whole = Shard(index: 0, count: 1)

  /// A part.
  package init(index: Int, count: Int) {
    precondition(count >= 1 && (0..<count).contains(index), "no such part")
    (self.index, self.count) = (index, count)
  }

  /// The part that a text such as `3/8` names; nil where it names none.
  package init?(_ text: String) {
    let numbers = text.split(separator: "/", omittingEmptySubsequences: false).map { Int($0) }
    guard numbers.count == 2, let index = numbers[0], let count = numbers[1], count >= 1,
      (0..<count).contains(index)
    else { return nil }
    self.init(index: index, count: count)
  }

  /// The number of its items among `total`.
  package func itemCount(of total: Int) -> Int { max(0, (total - index + count - 1) / count) }

  /// The number of its item at a place, from 0.
  package func item(at place: Int) -> Int { index + place * count }

  /// Whether an item is its own.
  package func contains(_ item: Int) -> Bool { item % count == index }

  /// The name of its journal, such as `0003-of-0008.journal`.
  var journalName: String { Self.padded(index) + "-of-" + Self.padded(count) + ".journal" }

  private static func padded(_ number: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
  }
}

/// How a shard was chosen.
package struct ShardChoice: Hashable, Sendable {
  /// The part.
  package let shard: Shard
  /// By what: "--shard", "Slurm" …; nil where the corpus is not divided.
  package let source: String?

  /// A system that starts the same command many times, each with a number in the environment.
  private struct System {
    let name: String
    /// The variable that has the number.
    let index: String
    /// The variable that has the first number; nil where it is `least`.
    var first: String?
    var least = 0
    /// What consecutive numbers differ by; nil for 1.
    var step: String?
    /// The variable that has the number of parts; nil where there is none.
    var count: String?
    /// The variable that has the last number; nil where the count is known in another way.
    var last: String?
    /// How a user says how many parts there are.
    var advice = ""
  }

  // Sources: sbatch(1), qsub(1) of Grid Engine and of PBS, "AWS Batch job environment variables", torchrun,
  // "Indexed Job for Parallel Processing" of Kubernetes, parallel(1).
  private static let systems = [
    System(
      name: "Slurm", index: "SLURM_ARRAY_TASK_ID", first: "SLURM_ARRAY_TASK_MIN",
      step: "SLURM_ARRAY_TASK_STEP", count: "SLURM_ARRAY_TASK_COUNT"),
    System(
      name: "Grid Engine", index: "SGE_TASK_ID", first: "SGE_TASK_FIRST",
      step: "SGE_TASK_STEPSIZE", last: "SGE_TASK_LAST"),
    System(
      name: "AWS Batch", index: "AWS_BATCH_JOB_ARRAY_INDEX", count: "AWS_BATCH_JOB_ARRAY_SIZE"),
    System(name: "torchrun", index: "RANK", count: "WORLD_SIZE"),
    System(name: "PBS", index: "PBS_ARRAY_INDEX", advice: "-J 0-"),
    System(name: "PBS", index: "PBS_ARRAYID", advice: "-t 0-"),
    System(name: "Kubernetes", index: "JOB_COMPLETION_INDEX"),
    System(name: "GNU parallel", index: "PARALLEL_SEQ", least: 1),
  ]

  private init(_ shard: Shard, by source: String?) { (self.shard, self.source) = (shard, source) }

  /// The part that options or a system's variables name; all items where neither does.
  ///
  /// - Parameters:
  ///   - shard: `--shard`, which precedes all variables; nil where it is not given.
  ///   - count: `--shards`, the number of parts; nil where it is not given.
  ///   - environment: The program's variables.
  /// - Throws: `InputError` where two systems have set theirs, where only the number of parts is missing, or
  ///   where variables contradict each other or `--shards`.
  package init(
    shard: Shard?, count: Int?, environment: [String: String]
  ) throws(InputError) {
    if let shard {
      self.init(shard, by: "--shard")
      return
    }
    let found = Self.systems.filter { system in
      // Grid Engine says "undefined" where a job is no array; WORLD_SIZE tells torchrun's RANK from others'.
      environment[system.index].map { $0 != "undefined" } == true
        && (system.name != "torchrun" || environment["WORLD_SIZE"] != nil)
    }
    guard let system = found.first else {
      guard let count, count > 1 else {
        self.init(.whole, by: nil)
        return
      }
      throw InputError(
        .invalid, subject: "--shards \(count)",
        expected: "a job system that says which of the parts this is", found: "none",
        remedy: "give --shard i/\(count), with i from 0")
    }
    guard found.count == 1 else {
      throw InputError(
        .invalid, subject: "the shard", expected: "the variables of one job system",
        found: found.map { "those of \($0.name) (\($0.index))" }.joined(separator: " and "),
        remedy: "say which shard this is with --shard i/n")
    }
    self.init(try Self.shard(of: system, count, environment), by: system.name)
  }

  private static func shard(
    of system: System, _ given: Int?, _ environment: [String: String]
  ) throws(InputError) -> Shard {
    func number(_ name: String) throws(InputError) -> Int? {
      guard let text = environment[name] else { return nil }
      guard let value = Int(text), value >= 0 else {
        throw InputError(
          .invalid, subject: "the variable \(name)", expected: "a number from 0", found: text,
          remedy: "say which shard this is with --shard i/n")
      }
      return value
    }
    func required(_ name: String) throws(InputError) -> Int {
      if let value = try number(name) { return value }
      throw InputError(
        .invalid, subject: "the variable \(name)", expected: "a number", found: "nothing",
        remedy: "say which shard this is with --shard i/n")
    }
    let first = try system.first.map { name throws(InputError) in try required(name) }
    let step = max(1, try system.step.map { name throws(InputError) in try number(name) ?? 1 } ?? 1)
    let distance = try required(system.index) - (first ?? system.least)
    var count = try system.count.map { name throws(InputError) in try required(name) }
    if let last = system.last { count = (try required(last) - (first ?? 0)) / step + 1 }
    if let known = count, let given, known != given {
      throw InputError(
        .mismatched, subject: "--shards \(given)", expected: "as many as \(system.name) says",
        found: "\(known)", remedy: "leave --shards out")
    }
    guard let count = count ?? given else {
      throw InputError(
        .invalid, subject: "the shard",
        expected: "the number of shards, which \(system.name) does not say",
        found: "\(system.index)=\(environment[system.index] ?? "") alone",
        remedy: "give it with --shards n, or --shard i/n; --shard 0/1 takes all items")
    }
    let index = distance / step
    guard distance >= 0, distance % step == 0, index < count else {
      let last = count - 1 + system.least
      throw InputError(
        .invalid, subject: "the variable \(system.index)",
        expected: "one of \(count) numbers from \(first ?? system.least)",
        found: environment[system.index] ?? "",
        remedy: "number the jobs from \(system.least) to \(last)"
          + (system.advice.isEmpty ? "" : " (\(system.advice)\(last))"))
    }
    return Shard(index: index, count: count)
  }
}
