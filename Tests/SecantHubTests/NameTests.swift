import Foundation
import SecantCheckpoints
import SecantHub
import SecantTestSupport
import Testing

/// What names a model, and where the environment says that models are.
@Suite("Names and places")
struct NameTests {
  @Test(arguments: [
    "Qwen/Qwen3-0.6B", "org/name@main", "org/name@v1.0", "org/name@refs/pr/1", "a/b", "o_g/n_m.e",
  ])
  func areRead(name: String) throws {
    let model = try #require(HubModelID(name))
    #expect(model.repository == name.prefix { $0 != "@" })
    #expect(model.description == name || model.revision == "main")
  }

  @Test(arguments: [
    "", "/", "a", "a/", "/b", "a/b/c", "../b", "a/..", "./b", "~/b", "a b/c", "a/b\n", "a/b\0",
    "é/b",
    "-a/b", "a-/b", "a/b.", "a--b/c", "a..b/c", "a/b@", "a/b@../x", "a/b@/x", "a/b@x/", "a/b@-x",
    "a/b@x y", "a/b@.x", "a/b@x..y", "a/b@x@y", "https://a/b",
    String(repeating: "a", count: 96) + "/b",
  ])
  func areRefused(name: String) { #expect(HubModelID(name) == nil) }

  @Test func ofQuantizationsAreRead() {
    #expect(HubGGUF("org/name:Q4_K_M")?.quantization == "Q4_K_M")
    #expect(HubGGUF("org/name@v1:Q4_K_M")?.model.revision == "v1")
    #expect(HubGGUF("org/name")?.quantization == nil)
    for name in ["org/name:", "org/name:a/b", "org:Q4", "org/name:Q4 K", "org/name:a:b"] {
      #expect(HubGGUF(name) == nil, "\(name)")
    }
  }

  @Test(arguments: [
    (["HOME": "/h"], "/h/.cache/huggingface/hub"),
    (["HOME": "/h", "XDG_CACHE_HOME": "/x"], "/x/huggingface/hub"),
    (["HOME": "/h", "XDG_CACHE_HOME": "/x", "HF_HOME": "/f"], "/f/hub"),
    (["HOME": "/h", "HF_HOME": "~/f"], "/h/f/hub"),
    (["HOME": "/h", "HF_HOME": "$HOME/f"], "/h/f/hub"),
    (["HOME": "/h", "HF_HOME": "${D}/f", "D": "/d"], "/d/f/hub"),
    (["HOME": "/h", "HF_HOME": "/f", "HUGGINGFACE_HUB_CACHE": "/old"], "/old"),
    (
      ["HOME": "/h", "HF_HOME": "/f", "HF_HUB_CACHE": "/c", "HUGGINGFACE_HUB_CACHE": "/old"], "/c"
    ),
    (["HOME": "/h", "HF_HUB_CACHE": ""], "/h/.cache/huggingface/hub"),
  ])
  func ofTheCacheFollowThePythonLibrary(variables: [String: String], path: String) throws {
    #expect(try HubEnvironment(variables: variables).cache.path == path)
  }

  @Test func ofTheTokenFollowThePythonLibrary() throws {
    let folder = try TemporaryFolder()
    let file = folder.url.appending(path: "token")
    try Data(" hf_file\n".utf8).write(to: file)
    let home = ["HF_HOME": folder.url.path]
    #expect(try HubEnvironment(variables: home).token == "hf_file")
    #expect(try HubEnvironment(variables: ["HF_TOKEN_PATH": file.path]).token == "hf_file")
    let named = home.merging(["HF_TOKEN": "hf_named\n"]) { $1 }
    #expect(try HubEnvironment(variables: named).token == "hf_named")
    #expect(try HubEnvironment(variables: ["HF_HOME": "/nonexistent"]).token == nil)
    #expect(throws: InputError.self) { try HubEnvironment(variables: ["HF_TOKEN": "a\r\nHost: b"]) }
  }

  @Test(arguments: ["ftp://a", "huggingface.co", "https://", "https://u:p@a", "https://a?b", " "])
  func ofServersAreRefused(endpoint: String) {
    #expect(throws: InputError.self) {
      try HubEnvironment(variables: ["HF_ENDPOINT": endpoint, "HF_HOME": "/nonexistent"])
    }
  }

  @Test(arguments: [("1", true), ("true", true), ("YES", true), ("0", false), ("", false)])
  func offlineIsWhatPythonTakesForIt(value: String, isOffline: Bool) throws {
    let variables = ["HF_HUB_OFFLINE": value, "HF_HOME": "/nonexistent"]
    #expect(try HubEnvironment(variables: variables).isOffline == isOffline)
  }

  @Test(arguments: [
    ("https://huggingface.co/org/name", "org/name", "main"),
    ("https://huggingface.co/org/name/", "org/name", "main"),
    ("https://www.huggingface.co/org/name?library=x#files", "org/name", "main"),
    ("HTTPS://HuggingFace.co/org/Name", "org/Name", "main"),
    ("huggingface.co/org/name", "org/name", "main"), ("https://hf.co/org/name", "org/name", "main"),
    ("https://huggingface.co/org/name/tree/v1.0", "org/name", "v1.0"),
    ("https://huggingface.co/org/name/tree/refs%2Fpr%2F1", "org/name", "refs/pr/1"),
    ("hf://org/name", "org/name", "main"), ("hf://org/name@v1", "org/name", "v1"),
    ("hf://org/name/tree/v1", "org/name", "v1"),
  ])
  func ofPagesAreRead(address: String, repository: String, revision: String) throws {
    let model = try #require(HubModelID(address))
    #expect(model.repository == repository && model.revision == revision)
    #expect(HubGGUF(address)?.model == model)
  }

  @Test(arguments: [
    "https://huggingface.co", "https://huggingface.co/org",
    "https://huggingface.co/datasets/org/name",
    "https://huggingface.co/datasets/name", "https://huggingface.co/org/name/tree",
    "https://huggingface.co/org/name/tree/main/sub", "https://example.org/org/name",
    "https://huggingface.co/org/name/discussions/1", "hf://", "hf://org",
    "https://huggingface.co/org/name/tree/..%2F..", "https://huggingface.co/a%2Fb/name",
    "https://huggingface.co/org/name/blob/main/config.json", "hf://https://huggingface.co/org/name",
  ])
  func ofOtherPagesAreRefused(address: String) {
    #expect(HubAddress.isOne(address) && HubModelID(address) == nil && HubGGUF(address) == nil)
  }

  @Test func ofGGUFFilesAreRead() throws {
    let address = "https://huggingface.co/org/name/blob/main/sub/tiny-Q4_K_M.gguf"
    let gguf = try #require(HubGGUF(address))
    #expect(gguf.description == "org/name:tiny-Q4_K_M.gguf" && HubModelID(address) == nil)
    #expect(HubGGUF(gguf.description) == gguf)
  }
}
