import SecantCheckpoints
import SecantCorpus
import Testing

/// Which items a process takes.
@Suite("Shards") struct ShardTests {
  @Test(arguments: [1, 2, 3, 8, 20]) func shardsHaveEveryItemOnce(count: Int) {
    let shards = (0..<count).map { Shard(index: $0, count: count) }
    let items = shards.flatMap { shard in
      (0..<shard.itemCount(of: 13)).map { shard.item(at: $0) }
    }
    #expect(items.sorted() == Array(0..<13))
    #expect(
      shards.allSatisfy { shard in
        (0..<13).allSatisfy { shard.contains($0) == ($0 % count == shard.index) }
      })
  }

  @Test(arguments: ["", "3", "8/8", "-1/8", "1/0", "1/2/3", "a/b"])
  func otherTextsAreNoShard(text: String) { #expect(Shard(text) == nil) }

  static let known: [([String: String], Int?, Shard, String)] = [
    (
      [
        "SLURM_ARRAY_TASK_ID": "7", "SLURM_ARRAY_TASK_MIN": "1", "SLURM_ARRAY_TASK_COUNT": "4",
        "SLURM_ARRAY_TASK_STEP": "2",
      ], nil, Shard(index: 3, count: 4), "Slurm"
    ),
    (
      ["SGE_TASK_ID": "3", "SGE_TASK_FIRST": "1", "SGE_TASK_LAST": "8"], nil,
      Shard(index: 2, count: 8), "Grid Engine"
    ),
    (
      ["AWS_BATCH_JOB_ARRAY_INDEX": "2", "AWS_BATCH_JOB_ARRAY_SIZE": "5"], 5,
      Shard(index: 2, count: 5), "AWS Batch"
    ),
    (["RANK": "1", "WORLD_SIZE": "2"], nil, Shard(index: 1, count: 2), "torchrun"),
    (["PBS_ARRAY_INDEX": "0"], 4, Shard(index: 0, count: 4), "PBS"),
    (["JOB_COMPLETION_INDEX": "3"], 4, Shard(index: 3, count: 4), "Kubernetes"),
    (["PARALLEL_SEQ": "4"], 4, Shard(index: 3, count: 4), "GNU parallel"),
  ]

  @Test(arguments: known.indices) func jobSystemsNameTheShard(index: Int) throws {
    let (environment, count, shard, source) = Self.known[index]
    let choice = try ShardChoice(shard: nil, count: count, environment: environment)
    #expect(choice.shard == shard && choice.source == source)
  }

  static let refused: [([String: String], Int?, String)] = [
    (["JOB_COMPLETION_INDEX": "3"], nil, "--shards n"),
    (["JOB_COMPLETION_INDEX": "3"], 3, "one of 3 numbers from 0"),
    (["PARALLEL_SEQ": "0"], 3, "one of 3 numbers from 1"),
    (["RANK": "1", "WORLD_SIZE": "2", "PARALLEL_SEQ": "1"], 2, "one job system"),
    (["SLURM_ARRAY_TASK_ID": "1"], 2, "SLURM_ARRAY_TASK_MIN"),
    (["RANK": "1", "WORLD_SIZE": "2"], 3, "as many as torchrun says"),
    ([:], 3, "--shard i/3"),
    (["RANK": "x", "WORLD_SIZE": "2"], nil, "the variable RANK"),
  ]

  @Test(arguments: refused.indices) func whatIsNotKnownIsAskedFor(index: Int) throws {
    let (environment, count, words) = Self.refused[index]
    let error = #expect(throws: InputError.self) {
      try ShardChoice(shard: nil, count: count, environment: environment)
    }
    #expect(error?.description.contains(words) == true, "\(String(describing: error))")
  }

  @Test func withoutAJobSystemThereIsOneShard() throws {
    let choice = try ShardChoice(
      shard: nil, count: nil, environment: ["SGE_TASK_ID": "undefined", "RANK": "1"])
    #expect(choice.shard == .whole && choice.source == nil)
    let given = try ShardChoice(
      shard: Shard(index: 1, count: 2), count: nil, environment: ["PARALLEL_SEQ": "1"])
    #expect(given.shard == Shard(index: 1, count: 2) && given.source == "--shard")
  }
}
