import Foundation
import Secant
import SecantTestSupport
import Testing

/// The command with models that lie on a server on loopback.
@Suite("Models of the Hub")
struct HubCommandTests {
  private static let name = "org/tiny-model"

  /// The files of a fixture, as a model of the Hub has them.
  private static func fixture() throws -> [String: Data] {
    var files: [String: Data] = ["README.md": Data("not wanted".utf8)]
    for name in ["config.json", "model.safetensors"] {
      files[name] = try Data(contentsOf: Fixtures.folder.appending(path: "llama-plain/\(name)"))
    }
    return files
  }

  private static func explain(_ option: String = "--model", _ name: String = name) -> [String] {
    ["explain", "--tokens", "5,6,7", "--rank", "2", "--json", option, name]
  }

  @Test func giveTheSameResultAsTheFolder() throws {
    let folder = try TemporaryFolder()
    let fake = try FakeHub(Self.name, files: Self.fixture())
    let environment = fake.environment(cache: folder.url.appending(path: "hub"))
    let run = try CommandRun(Self.explain(), environment: environment)
    #expect(run.status == 0 && run.error.isEmpty, "\(run.error)")
    let local = try CommandRun(Self.explain("--model", "llama-plain"))
    let (ofHub, ofFolder) = (
      try ExplanationReport(jsonData: run.output), try ExplanationReport(jsonData: local.output)
    )
    #expect(ofHub.provenance.model.name == Self.name)
    #expect(ofHub.provenance.model.fingerprint == ofFolder.provenance.model.fingerprint)
    #expect(ofHub.shares == ofFolder.shares)
    // The second time, nobody is asked.
    let count = fake.hub.requests.count
    let offline = environment.merging(["HF_HUB_OFFLINE": "1"]) { $1 }
    #expect(try CommandRun(Self.explain(), environment: offline).output == run.output)
    #expect(fake.hub.requests.count == count)
  }

  @Test func theModelToCompareWithIsDownloadedToo() throws {
    let folder = try TemporaryFolder()
    let fake = try FakeHub(Self.name, files: Self.fixture())
    let run = try CommandRun(
      ["compare", "--tokens", "5,6,7", "--model", "llama-biases", "--with-model", Self.name],
      environment: fake.environment(cache: folder.url.appending(path: "hub")))
    #expect(run.status == 0 && run.error.isEmpty, "\(run.error)")
    #expect(run.text.contains(Self.name))
  }

  @Test func aFolderOfThatNameIsMeantFirst() throws {
    let folder = try TemporaryFolder()
    let parent = folder.url.appending(path: "org")
    try FileManager.default.createDirectory(at: parent, withIntermediateDirectories: true)
    try FileManager.default.copyItem(
      at: Fixtures.folder.appending(path: "llama-plain"),
      to: parent.appending(path: "tiny-model"))
    let fake = try FakeHub(Self.name, files: [:])
    let run = try CommandRun(
      Self.explain(), in: folder.url, environment: fake.environment(cache: folder.url))
    #expect(run.status == 0, "\(run.error)")
    #expect(fake.hub.requests.isEmpty)
  }

  @Test func twoProcessesAtOnceBothSucceed() throws {
    let folder = try TemporaryFolder()
    // So slow that both are at it at the same time.
    let fake = try FakeHub(Self.name, files: Self.fixture()) { request, _, answer in
      answer.delay = .milliseconds(request.path.hasPrefix("/storage") ? 300 : 10)
    }
    let environment = fake.environment(cache: folder.url.appending(path: "hub"))
    let processes = (0..<3).map { _ in
      Process.secant(Self.explain(), in: folder.url, environment: environment)
    }
    for process in processes {
      process.standardOutput = FileHandle.nullDevice
      process.standardError = FileHandle.nullDevice
      try process.run()
    }
    for process in processes {
      process.waitUntilExit()
      #expect(process.terminationStatus == 0)
    }
    #expect(fake.storage.requests.filter { $0.method == "GET" }.count == 1)
  }

  @Test func aKilledDownloadLeavesAPartAndIsTakenUpAgain() throws {
    let folder = try TemporaryFolder()
    let cache = folder.url.appending(path: "hub")
    let files = try Self.fixture()
    let weights = try #require(files["model.safetensors"])
    // The server sends half of the weights, and then nothing: the process waits until it is killed.
    let fake = try FakeHub(Self.name, files: files) { request, count, answer in
      guard request.path.hasPrefix("/storage"), request.method == "GET", count == 0 else { return }
      answer.cut = answer.body.count / 2
      answer.hold = .seconds(60)
    }
    let environment = fake.environment(cache: cache)
    let process = Process.secant(Self.explain(), in: folder.url, environment: environment)
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    let blobs = cache.appending(path: "models--org--tiny-model/blobs")
    let blob = blobs.appending(path: FakeHub.sha256(weights))
    let part = blob.appendingPathExtension("incomplete")
    let deadline = ContinuousClock.now + .seconds(60)
    while (try? Data(contentsOf: part))?.count != weights.count / 2, ContinuousClock.now < deadline
    {
      Thread.sleep(forTimeInterval: 0.02)
    }
    // Control-C does no more than this; but children of tests inherit a mask that blocks SIGINT.
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
    #expect(process.terminationReason == .uncaughtSignal && process.terminationStatus == SIGKILL)
    #expect(!FileManager.default.fileExists(atPath: blob.path))
    #expect(try Data(contentsOf: part) == weights.prefix(weights.count / 2))
    let run = try CommandRun(Self.explain(), environment: environment)
    #expect(run.status == 0, "\(run.error)")
    #expect(fake.storage.requests.last?.fields["range"] == "bytes=\(weights.count / 2)-")
    #expect(!FileManager.default.fileExists(atPath: part.path))
  }

  @Test func failuresAreOneLineWithAStatus() throws {
    let folder = try TemporaryFolder()
    let fake = try FakeHub(Self.name, files: Self.fixture()) { request, _, answer in
      if request.path.contains("gated") {
        answer = LoopbackAnswer(403, fields: ["X-Error-Code": "GatedRepo"])
      }
    }
    var environment = fake.environment(cache: folder.url.appending(path: "hub"))
    let endpoint = fake.hub.url.absoluteString
    let missing = try CommandRun(
      ["inspect", "--model", "org/no-such-model"], environment: environment)
    #expect(missing.status == 66)
    #expect(
      missing.error == """
        secant: org/no-such-model: model: expected a folder of this name, or a model of the Hub, found \
        neither; check the name; if the model is private, let HF_TOKEN hold a token that may read it

        """)
    let gated = try CommandRun(["inspect", "--model", "org/gated"], environment: environment)
    #expect(gated.status == 66)
    #expect(
      gated.error == """
        secant: org/gated: access: expected permission to download, found a gated or private model; \
        accept its terms at \(endpoint)/org/gated, and let HF_TOKEN hold a token that may read it

        """)
    environment["HF_ENDPOINT"] = "http://127.0.0.1:1"
    let unreachable = try CommandRun(["inspect", "--model", "org/other"], environment: environment)
    #expect(unreachable.status == 75 && unreachable.error.contains("the Hub: expected an answer"))
    let offline = try CommandRun(
      ["inspect", "-hf", "org/other:Q4_K_M"],
      environment: environment.merging(["HF_HUB_OFFLINE": "1"]) { $1 })
    #expect(offline.status == 66)
    #expect(
      offline.error.hasPrefix("secant: org/other:Q4_K_M: model: expected it in the cache"),
      "\(offline.error)")
    let two = try CommandRun(["inspect", "--model", "org/a", "-hf", "org/b"])
    #expect(
      two.status == 64 && two.error.contains("expected one model, found --model and -hf"),
      "\(two.error)")
  }

  @Test(arguments: ["-hf", "--hf"]) func aQuantizationIsFound(option: String) throws {
    let folder = try TemporaryFolder()
    let file = try Data(contentsOf: Fixtures.folder.appending(path: "gguf/llama-plain.gguf"))
    let fake = try FakeHub(
      Self.name, files: ["tiny-F32.gguf": file, "tiny-Q8_0.gguf": Data("GGUF".utf8)])
    let environment = fake.environment(cache: folder.url.appending(path: "hub"))
    let name = Self.name + ":F32"
    let run = try CommandRun(Self.explain(option, name), environment: environment)
    #expect(run.status == 0, "\(run.error)")
    #expect(try ExplanationReport(jsonData: run.output).provenance.model.name == name)
    let list = try ModelsReport(
      jsonData: CommandRun(["models", "--json"], environment: environment).output)
    #expect(list.models.map(\.name) == [name] && list.models.allSatisfy(\.isRunnable))
    #expect(list.models.first?.option == "-hf" && list.models.first?.format == "gguf")
    let damaged = try CommandRun(
      ["inspect", option, Self.name + ":Q8_0"], environment: environment)
    #expect(damaged.status == 65 && damaged.error.contains("tiny-Q8_0.gguf"), "\(damaged.error)")
    let none = try CommandRun(["inspect", option, Self.name + ":Q5_0"], environment: environment)
    #expect(none.status == 66 && none.error.contains("F32, Q8_0"), "\(none.error)")
  }
}

/// `secant models`.
@Suite("Models in the cache")
struct ModelsCommandTests {
  /// A cache as Hugging Face's library leaves it: a model that runs, one that does not, and things that are none.
  private static func makeCache(in folder: TemporaryFolder) throws -> URL {
    let cache = folder.url.appending(path: "hub")
    let commit = FakeHub.commit
    for (name, damage) in [("fine", nil), ("other", FailureTests.Damage.otherArchitecture)] {
      let place = cache.appending(path: "models--org--\(name)")
      let snapshot = place.appending(path: "snapshots/\(commit)")
      for part in ["snapshots", "refs", "blobs"] {
        try FileManager.default.createDirectory(
          at: place.appending(path: part), withIntermediateDirectories: true)
      }
      try FileManager.default.copyItem(
        at: Fixtures.folder.appending(path: "llama-plain"), to: snapshot)
      try damage?.apply(to: snapshot)
      try Data(commit.utf8).write(to: place.appending(path: "refs/main"))
    }
    for name in ["datasets--org--data", ".locks", "models--", "models--org--empty/snapshots"] {
      try FileManager.default.createDirectory(
        at: cache.appending(path: name), withIntermediateDirectories: true)
    }
    return cache
  }

  private static func run(_ arguments: [String], cache: URL) throws -> CommandRun {
    try CommandRun(
      ["models"] + arguments,
      environment: ["HF_HUB_CACHE": cache.path, "HF_TOKEN_PATH": "/nonexistent"])
  }

  @Test func areListedWithWhatCanBeRun() throws {
    let folder = try TemporaryFolder()
    let cache = try Self.makeCache(in: folder)
    defer { withExtendedLifetime(folder) {} }
    let run = try Self.run(["--json"], cache: cache)
    #expect(run.status == 0, "\(run.error)")
    let report = try ModelsReport(jsonData: run.output)
    #expect(report.models.map(\.name) == ["org/fine", "org/other"])
    #expect(report.models.map(\.isRunnable) == [true, false])
    #expect(report.models.map(\.architecture) == ["llama", "mamba"])
    #expect(report.models[1].reason?.contains("mamba") == true)
    #expect(report.models.allSatisfy { $0.option == "--model" && $0.revisions == ["main"] })
  }

  @Test func theSchemaIsGolden() throws {
    let folder = try TemporaryFolder()
    let cache = try Self.makeCache(in: folder)
    defer { withExtendedLifetime(folder) {} }
    let run = try Self.run(["--json"], cache: cache)
    try GoldenFile("models-schema.txt").expect(JSONSchema.text(of: run.output))
  }

  @Test func theTextFitsTheTerminal() throws {
    let folder = try TemporaryFolder()
    let cache = try Self.makeCache(in: folder)
    defer { withExtendedLifetime(folder) {} }
    let run = try Self.run([], cache: cache)
    #expect(run.status == 0 && run.text.contains("org/fine") && run.text.contains("Why not"))
    #expect(run.text.split(separator: "\n").allSatisfy { $0.count <= 80 }, "\(run.text)")
  }

  @Test func noCacheIsAnEmptyList() throws {
    let run = try Self.run(["--json"], cache: URL(filePath: "/nonexistent/hub"))
    #expect(run.status == 0, "\(run.error)")
    #expect(try ModelsReport(jsonData: run.output).models.isEmpty)
  }
}
