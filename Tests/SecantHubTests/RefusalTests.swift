import Foundation
import SecantCheckpoints
import SecantHub
import SecantTestSupport
import Testing

/// Downloads that cannot succeed: what is said, and that nothing wrong stays.
@Suite("Refusals")
struct RefusalTests {
  /// What is wrong, the kind of the error and what its line must say.
  enum Trouble: String, CaseIterable, Sendable {
    case noModel, privateModel, gated, gatedFile, noRevision, failing, slowDown, refuses
    case notJSON, noCommit, oddCommit, noFiles, deepJSON, hugeJSON, emptyJSON
    case parentFolder, absolutePath, emptyPart, backslash, controlCharacter
    case noTag, oddTag, noLength, negativeLength, absurdLength, otherCommit
    case wrongHash, shorter, longer, alwaysCut, loop, insecure, noLocation, garbage, silent

    var kind: InputError.Kind {
      switch self {
      case .noModel, .privateModel, .noRevision: .missing
      case .gated, .gatedFile: .unreadable
      case .failing, .slowDown, .refuses, .alwaysCut, .shorter, .garbage, .silent: .unreachable
      case .wrongHash, .longer, .otherCommit: .mismatched
      case .noCommit, .noFiles: .missing
      default: .malformed
      }
    }

    var words: String {
      switch self {
      case .noModel, .privateModel: "a model of the Hub"
      case .gated, .gatedFile: "accept its terms at http"
      case .noRevision: "none named main"
      case .failing: "found status 503, 3 times in a row; check the network"
      case .slowDown:
        "found too many requests (status 429), to be asked again after 100000 seconds; "
          + "try again after 100000 seconds, or set HF_TOKEN"
      case .refuses: "status 418"
      case .wrongHash: "digest"
      case .parentFolder, .absolutePath, .emptyPart, .backslash, .controlCharacter: "do not trust"
      case .absurdLength: "1125899906842624"
      case .insecure, .noLocation: "a secure address"
      default: ""
      }
    }

    func apply(_ request: LoopbackRequest, _ answer: inout LoopbackAnswer) {
      let isListing = request.path.hasPrefix("/api")
      let isStorage = request.path.hasPrefix("/storage")
      let isWeights = request.path.hasSuffix("model.safetensors")
      func list(_ text: String) {
        if isListing { answer = LoopbackAnswer(200, Data(text.utf8)) }
      }
      func listFile(_ name: String) {
        list(#"{"sha":"\#(FakeHub.commit)","siblings":[{"rfilename":"\#(name)"}]}"#)
      }
      switch self {
      case .noModel: answer = LoopbackAnswer(404, fields: ["X-Error-Code": "RepoNotFound"])
      case .privateModel: answer = LoopbackAnswer(401)
      case .gated: answer = LoopbackAnswer(401, fields: ["X-Error-Code": "GatedRepo"])
      case .gatedFile: if !isListing { answer = LoopbackAnswer(403) }
      case .noRevision: answer = LoopbackAnswer(404, fields: ["X-Error-Code": "RevisionNotFound"])
      case .failing: answer = LoopbackAnswer(503)
      case .slowDown: answer = LoopbackAnswer(429, fields: ["Retry-After": "100000"])
      case .refuses: answer = LoopbackAnswer(418)
      case .notJSON: list("<html>hello</html>")
      case .noCommit: list(#"{"siblings":[]}"#)
      case .oddCommit: list(#"{"sha":"../../../../etc/passwd","siblings":[]}"#)
      case .noFiles: list(#"{"sha":"\#(FakeHub.commit)"}"#)
      case .deepJSON: list(String(repeating: "[", count: 100_000))
      case .hugeJSON: list("[\"" + String(repeating: "x", count: 40_000_000))
      case .emptyJSON: list("")
      case .parentFolder: listFile("../../../config.json")
      case .absolutePath: listFile("/etc/config.json")
      case .emptyPart: listFile("a//config.json")
      case .backslash: listFile(#"..\\config.json"#)
      case .controlCharacter: listFile(#"con\u0000fig.json"#)
      case .noTag: if isWeights { answer.fields["X-Linked-Etag"] = nil }
      case .oddTag: if isWeights { answer.fields["X-Linked-Etag"] = "\"../../../../etc/passwd\"" }
      case .noLength: if isWeights { answer.fields["X-Linked-Size"] = "" }
      case .negativeLength: if isWeights { answer.fields["X-Linked-Size"] = "-5" }
      case .absurdLength: if isWeights { answer.fields["X-Linked-Size"] = "9223372036854775807" }
      case .otherCommit: answer.fields["X-Repo-Commit"] = String(repeating: "a", count: 40)
      case .wrongHash: if isStorage { answer.body = Data(repeating: 1, count: 3_000_000) }
      case .shorter: if isStorage { answer.body = answer.body.prefix(100) }
      case .longer:
        if isStorage {
          answer.body += Data(repeating: 1, count: 100_000)
          answer.fields["Content-Length"] = nil
        }
      case .alwaysCut: if isStorage { answer.cut = 10 }
      case .loop: answer = LoopbackAnswer(302, fields: ["Location": request.path])
      case .insecure:
        if isListing { answer = LoopbackAnswer(302, fields: ["Location": "file:///etc/passwd"]) }
      case .noLocation: if isListing { answer = LoopbackAnswer(302) }
      case .garbage: answer.raw = Data("\u{1}\u{2} garbage".utf8)
      case .silent: answer.raw = Data()
      }
    }
  }

  @Test(arguments: Trouble.allCases) func areSaidInOneLine(_ trouble: Trouble) throws {
    let test = try TestHub { request, _, answer in trouble.apply(request, &answer) }
    let failure = try #require(test.failure())
    #expect(failure.kind == trouble.kind, "\(failure)")
    #expect(trouble.words.isEmpty || failure.description.contains(trouble.words), "\(failure)")
    #expect(!failure.description.contains("\n"))
    #expect(test.hasOnlyRightBlobs)
    // No branch stands for a commit of which something is missing.
    #expect(!test.names.contains { $0.contains("/refs/") })
    // Nothing was written outside of the cache.
    #expect(try FileManager.default.contentsOfDirectory(atPath: test.folder.url.path).count <= 1)
  }

  /// A shard's name comes from a file of the model: it may not lead out of its folder either.
  @Test(arguments: ["../../../evil.safetensors", "/tmp/evil.safetensors", "a//b.safetensors", "x"])
  func ofIndicesThatNameOtherFolders(name: String) throws {
    var files = TestHub.files
    files["model.safetensors"] = nil
    files["model.safetensors.index.json"] = Data(#"{"weight_map":{"a":"\#(name)"}}"#.utf8)
    let failure = try #require(try TestHub(files: files).failure())
    #expect(failure.kind == .malformed && failure.description.contains("do not trust"))
  }

  @Test(arguments: ["config.json", "model.safetensors"])
  func ofModelsThatLackAFile(name: String) throws {
    let failure = try #require(
      try TestHub(files: TestHub.files.filter { $0.key != name }).failure())
    #expect(failure.kind == (name == "config.json" ? .missing : .unsupported))
  }

  @Test func ofAnythingThatIsNotThereOffline() throws {
    var test = try TestHub()
    test.environment.isOffline = true
    let failure = try #require(test.failure())
    #expect(failure.kind == .missing && failure.description.contains("HF_HUB_OFFLINE"))
    #expect(test.fake.hub.requests.isEmpty && test.names.isEmpty)
  }

  /// What is there and what is not, so that one knows what to bring.
  @Test func ofModelsOfWhichAPartIsThereOffline() throws {
    var test = try TestHub()
    let folder = try test.hub.folder(of: TestHub.model)
    test.environment.isOffline = true
    try FileManager.default.removeItem(at: folder.appending(path: "model.safetensors"))
    #expect(
      test.failure()?.found
        == "commit \(FakeHub.commit) without model.safetensors or model.safetensors.index.json "
        + "with its shards")
    try Data(#"{"weight_map":{"a":"1.safetensors","b":"2.safetensors"}}"#.utf8)
      .write(to: folder.appending(path: "model.safetensors.index.json"))
    try Data().write(to: folder.appending(path: "1.safetensors"))
    #expect(test.failure()?.found == "commit \(FakeHub.commit) without 2.safetensors")
    let other = try #require(HubModelID("org/tiny-model@v9"))
    #expect(test.failure(of: other)?.found == "nothing of org/tiny-model at v9")
    let gguf = try #require(HubGGUF("org/tiny-model:Q4_K_M"))
    let error = try #require(throws: InputError.self) { try test.hub.ggufFile(of: gguf) }
    #expect(error.found == "commit \(FakeHub.commit) without a GGUF file Q4_K_M")
  }

  /// The Hub has let one in, so a link's refusal is no question of terms or tokens.
  @Test func ofLinksThatHaveExpired() throws {
    let test = try TestHub { request, _, answer in
      if request.path.hasPrefix("/storage") { answer = LoopbackAnswer(403) }
    }
    let failure = try #require(test.failure())
    #expect(failure.kind == .unreachable && failure.found.contains("expired"), "\(failure)")
    #expect(test.fake.hub.requests.count { $0.path.hasSuffix("model.safetensors") } > 3)
  }

  @Test func ofModelsInOtherForms() throws {
    let adapter = ["adapter_config.json": Data("{}".utf8)]
    let failure = try #require(try TestHub(files: adapter).failure())
    #expect(failure.description.contains("merge_and_unload"), "\(failure)")
  }

  @Test func ofAServerThatIsNotThere() throws {
    var test = try TestHub()
    test.environment.endpoint = try #require(URL(string: "http://127.0.0.1:1"))
    #expect(test.failure()?.kind == .unreachable)
  }

  @Test func ofACacheThatIsAFile() throws {
    let test = try TestHub()
    try Data().write(to: test.cache)
    let failure = try #require(test.failure())
    #expect(failure.kind == .uncreatable && failure.subject == "the cache of models", "\(failure)")
  }

  @Test(.enabled(if: FileManager.default.fileExists(atPath: "/dev/full"), "no /dev/full here"))
  func ofAFullDisk() throws {
    // What cannot be held is not begun: a length that is allowed, but that no disk has.
    let test = try TestHub { request, _, answer in
      if request.path.hasSuffix("model.safetensors") {
        answer.fields["X-Linked-Size"] = "1000000000000000"
      }
    }
    let failure = try #require(test.failure())
    #expect(failure.kind == .unwritable && failure.subject == "the disk", "\(failure)")
  }

  /// A link in the place of a file that is to be written would lead the bytes elsewhere.
  @Test func ofLinksInThePlaceOfContents() throws {
    let test = try TestHub()
    let victim = test.folder.url.appending(path: "victim")
    try Data("mine".utf8).write(to: victim)
    let blobs = test.place.appending(path: "blobs")
    try FileManager.default.createDirectory(at: blobs, withIntermediateDirectories: true)
    try FileManager.default.createSymbolicLink(at: test.incomplete, withDestinationURL: victim)
    #expect(test.failure()?.kind == .uncreatable)
    #expect(try Data(contentsOf: victim) == Data("mine".utf8))
  }
}
