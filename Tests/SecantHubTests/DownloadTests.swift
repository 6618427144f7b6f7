import Foundation
import SecantCheckpoints
import SecantHub
import SecantTestSupport
import Testing

/// Whole downloads, and those that do not go smoothly but well.
@Suite("Downloads")
struct DownloadTests {
  @Test func bringWhatIsNeededIntoTheLayoutOfTheCache() throws {
    let test = try TestHub()
    var reports: [HubProgress] = []
    let folder = try test.hub.folder(of: TestHub.model) { reports.append($0) }
    #expect(try test.hasWeights(folder))
    let commit = FakeHub.commit
    let snapshots = TestHub.wanted.map { "models--org--tiny-model/snapshots/\(commit)/\($0)" }
    let blobs = Set(
      TestHub.wanted.compactMap { TestHub.files[$0] }.map { data in
        data.count > 1000 ? FakeHub.sha256(data) : FakeHub.gitDigest(data)
      }
    ).map { "models--org--tiny-model/blobs/\($0)" }
    #expect(test.names == (blobs + snapshots + ["models--org--tiny-model/refs/main"]).sorted())
    let link = try FileManager.default.destinationOfSymbolicLink(
      atPath: folder.appending(path: "model.safetensors").path)
    #expect(link == "../../blobs/\(FakeHub.sha256(TestHub.weights))")
    let reference = test.place.appending(path: "refs/main")
    #expect(try String(contentsOf: reference, encoding: .utf8) == commit)
    #expect(reports.last?.fraction == 1)
    #expect(reports.last?.bytesTotal == TestHub.weights.count)
  }

  @Test func areDoneOnce() throws {
    let test = try TestHub()
    let first = try test.hub.folder(of: TestHub.model)
    let count = test.fake.hub.requests.count
    #expect(try test.hub.folder(of: TestHub.model) == first)
    #expect(test.fake.hub.requests.count == count)
  }

  /// Without a mark, a model that has no tokenizer would be asked for at each use.
  @Test func rememberThatThereIsNoTokenizer() throws {
    let test = try TestHub(files: TestHub.files.filter { !$0.key.hasPrefix("tokenizer") })
    _ = try test.hub.folder(of: TestHub.model)
    let count = test.fake.hub.requests.count
    _ = try test.hub.folder(of: TestHub.model)
    #expect(test.fake.hub.requests.count == count)
  }

  @Test(arguments: ["org/tiny-model@v1", "org/tiny-model@\(FakeHub.commit)"])
  func takeTheRevisionThatIsNamed(name: String) throws {
    let test = try TestHub()
    let model = try #require(HubModelID(name))
    #expect(try test.hasWeights(test.hub.folder(of: model)))
    #expect(test.names.contains { $0.hasSuffix("refs/v1") } == name.hasSuffix("v1"))
    var offline = test
    offline.environment.isOffline = true
    #expect(try test.hasWeights(offline.hub.folder(of: model)))
  }

  /// A link that has expired is asked for anew.
  @Test func takeAnotherLinkForOneThatHasExpired() throws {
    let test = try TestHub { request, count, answer in
      if request.path.hasPrefix("/storage"), count == 0 { answer = LoopbackAnswer(403) }
    }
    #expect(try test.hasWeights(test.hub.folder(of: TestHub.model)))
  }

  @Test func takeTheShardsThatTheIndexNames() throws {
    var files = TestHub.files
    files["model.safetensors"] = nil
    let shards = ["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"]
    for shard in shards { files[shard] = Data(shard.utf8) }
    files["model-00003-of-00002.safetensors"] = Data("not named".utf8)
    files["model.safetensors.index.json"] = Data(
      #"{"weight_map":{"a":"\#(shards[0])","b":"\#(shards[1])","c":"\#(shards[0])"}}"#.utf8)
    let test = try TestHub(files: files)
    let folder = try test.hub.folder(of: TestHub.model)
    for shard in shards {
      #expect(try Data(contentsOf: folder.appending(path: shard)) == Data(shard.utf8))
    }
    #expect(!test.names.contains { $0.contains("00003") })
    try FileManager.default.removeItem(at: folder.appending(path: shards[1]))
    _ = try test.hub.folder(of: TestHub.model)
    #expect(try Data(contentsOf: folder.appending(path: shards[1])) == Data(shards[1].utf8))
  }

  @Test(arguments: [1, 1000, 2_999_999, 3_000_000])
  func goOnWhereAnEarlierRunWasCut(length: Int) throws {
    let test = try TestHub()
    let blobs = test.place.appending(path: "blobs")
    try FileManager.default.createDirectory(at: blobs, withIntermediateDirectories: true)
    try TestHub.weights.prefix(length).write(to: test.incomplete)
    #expect(try test.hasWeights(test.hub.folder(of: TestHub.model)))
    let ranges = test.fake.storage.requests.map { $0.fields["range"] }
    #expect(ranges == (length == TestHub.weights.count ? [] : ["bytes=\(length)-"]))
    #expect(!test.names.contains { $0.hasSuffix(".incomplete") })
  }

  /// What lies there may be damaged, or be too long: then all is fetched anew.
  @Test(arguments: [0, 1_000_000, 2_999_999, 4_000_000])
  func beginAgainWhereTheLeftoverIsWrong(length: Int) throws {
    let test = try TestHub()
    let blobs = test.place.appending(path: "blobs")
    try FileManager.default.createDirectory(at: blobs, withIntermediateDirectories: true)
    try Data(repeating: 1, count: length).write(to: test.incomplete)
    #expect(try test.hasWeights(test.hub.folder(of: TestHub.model)))
  }

  /// How a server cuts, and does not go on as asked.
  enum Trouble: String, CaseIterable, Sendable {
    case cutsOnce, ignoresRanges, refusesRanges, otherRange, tooManyRequests, failsOnce, badGateway
  }

  @Test(arguments: Trouble.allCases) func surviveTrouble(_ trouble: Trouble) throws {
    let test = try TestHub { request, count, answer in
      let isStorage = request.path.hasPrefix("/storage")
      switch trouble {
      case .cutsOnce, .ignoresRanges, .refusesRanges, .otherRange:
        guard isStorage else { return }
        if count == 0 { answer.cut = 1_500_000 }
        if count == 0 || trouble == .cutsOnce { return }
        switch trouble {
        case .ignoresRanges: answer = LoopbackAnswer(200, TestHub.weights)
        case .refusesRanges where count == 1: answer = LoopbackAnswer(416)
        case .otherRange where count == 1:
          answer.fields["Content-Range"] = "bytes 5-2999999/3000000"
        default: break
        }
      case .tooManyRequests:
        if count == 0 { answer = LoopbackAnswer(429, fields: ["Retry-After": "0"]) }
      case .failsOnce: if count == 0 { answer = LoopbackAnswer(500, Data("<html>".utf8)) }
      case .badGateway: if count < 2, !isStorage { answer = LoopbackAnswer(502) }
      }
    }
    #expect(try test.hasWeights(test.hub.folder(of: TestHub.model)))
    #expect(test.hasOnlyRightBlobs)
  }

  /// A cut download that makes headway is not given up, however often it is cut.
  @Test func surviveManyCuts() throws {
    let weights = Data((0..<12_000_000).map { UInt8(truncatingIfNeeded: $0 &* 7 >> 2) })
    var files = TestHub.files
    files["model.safetensors"] = weights
    let test = try TestHub(files: files) { request, _, answer in
      if request.path.hasPrefix("/storage") { answer.cut = 1_600_000 }
    }
    let folder = try test.hub.folder(of: TestHub.model)
    #expect(try Data(contentsOf: folder.appending(path: "model.safetensors")) == weights)
  }

  @Test func sendTheTokenToItsOwnServerOnly() throws {
    let test = try TestHub(token: "hf_secret")
    _ = try test.hub.folder(of: TestHub.model)
    #expect(!test.fake.hub.requests.isEmpty && !test.fake.storage.requests.isEmpty)
    #expect(test.fake.hub.requests.allSatisfy { $0.fields["authorization"] == "Bearer hf_secret" })
    #expect(test.fake.storage.requests.allSatisfy { $0.fields["authorization"] == nil })
  }

  @Test func followAModelThatWasRenamed() throws {
    let test = try TestHub { request, _, answer in
      guard request.path.hasPrefix("/api/models/org/tiny-model/"), !request.path.hasSuffix("?new")
      else { return }
      answer = LoopbackAnswer(307, fields: ["Location": request.path + "?new"])
    }
    // The address that it was sent to answers as the first one did before.
    #expect(test.failure() == nil)
    let paths = test.fake.hub.requests.map(\.path)
    #expect(paths.contains { $0.hasPrefix("/api/models/org/tiny-model/") && $0.hasSuffix("?new") })
  }

  @Test func atOnceInManyTasksAllSucceed() async throws {
    let test = try TestHub()
    let environment = test.environment
    let folders = try await withThrowingTaskGroup(of: URL.self) { group in
      for _ in 0..<3 {
        group.addTask { try Hub(environment).folder(of: TestHub.model) }
      }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    for folder in folders { #expect(try test.hasWeights(folder)) }
    // Whoever waited found the blob there.
    #expect(test.fake.storage.requests.filter { $0.method == "GET" }.count == 1)
    #expect(test.hasOnlyRightBlobs)
  }
}
