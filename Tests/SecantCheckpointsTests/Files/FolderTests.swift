import Foundation
import SecantCheckpoints
import SecantTestSupport
import Testing

/// What stands in a folder in the place of what is read: it is opened where it can be, or named with what to do.
struct FolderTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func writeModel() throws {
    try folder.write("{}", to: "config.json")
    try folder.write(
      safetensors(#"{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}"#, data: 1),
      to: "model.safetensors")
  }

  /// A GGUF model as small as one can be that is opened.
  private var gguf: [UInt8] {
    get throws {
      let fixtures = Repository.folder.appending(path: "Tests/Fixtures/gguf")
      return Array(try Data(contentsOf: fixtures.appending(path: "llama-plain.gguf")))
    }
  }

  private var refusal: String? {
    folder.message { () throws(InputError) in _ = try Checkpoint(at: folder.url) }
  }

  @Test(arguments: ["sha256-0f3a9c21", "model.bin", "model.gguf"])
  func ggufFilesAreKnownByTheirBytes(name: String) throws {
    let url = try folder.write(try gguf, to: name)
    #expect(try Checkpoint(at: url).gguf != nil)
  }

  @Test func aFolderWithOneGGUFModelIsThatModel() throws {
    try folder.write(try gguf, to: "b.gguf")
    try folder.write("", to: "mmproj-b.gguf")
    #expect(try Checkpoint(at: folder.url).gguf?.url.lastPathComponent == "b.gguf")
    try folder.write(try gguf, to: "a.gguf")
    #expect(
      refusal == "FOLDER: model: expected one model, in Hugging Face's form or in a GGUF file, "
        + "found the GGUF files a.gguf, b.gguf; give one of these files")
  }

  @Test func aGGUFFileBesideAConfigurationIsNamed() throws {
    try folder.write("{}", to: "config.json")
    try folder.write(try gguf, to: "b.gguf")
    #expect(refusal?.contains("found b.gguf; give the GGUF file itself: b.gguf") == true)
  }

  /// Names, with config.json or not, the kind, and what the line must say.
  @Test(
    arguments: [
      (["adapter_config.json", "adapter_model.safetensors"], .unsupported, "merge_and_unload"),
      (["consolidated.safetensors", "params.json"], .unsupported, "Hugging Face's form"),
      (
        ["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"], .missing,
        "found 2 shards without their index; download model.safetensors.index.json"
      ),
      (["weights.safetensors"], .missing, "rename it to model.safetensors"),
      (["pytorch_model.bin"], .unsupported, "save_pretrained"),
    ] as [([String], InputError.Kind, String)])
  func otherWeightsAreNamed(names: [String], kind: InputError.Kind, words: String) throws {
    for name in names { try folder.write("{}", to: name) }
    if kind == .unsupported { #expect(refusal?.contains(words) == true, "\(refusal ?? "read")") }
    try folder.write("{}", to: "config.json")
    #expect(refusal?.contains(words) == true, "\(refusal ?? "read")")
    #expect(throws: InputError.self) { try Checkpoint(at: folder.url) }
    do { _ = try Checkpoint(at: folder.url) } catch { #expect(error.kind == kind) }
  }

  @Test func anAdapterBesideTheWeightsIsNoted() throws {
    try writeModel()
    #expect(try Checkpoint(at: folder.url).notes.isEmpty)
    try folder.write("{}", to: "adapter_config.json")
    let notes = try Checkpoint(at: folder.url).notes
    #expect(notes.count == 1 && notes[0].hasPrefix("adapter_config.json: an adapter is beside"))
  }

  @Test(arguments: ["config.json", "model.safetensors", "model.gguf"])
  func pointersOfGitLFSAreNamed(name: String) throws {
    try writeModel()
    let pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:ab\nsize 123456\n"
    let url = try folder.write(pointer, to: name)
    let place = name.hasSuffix(".gguf") ? url : folder.url
    #expect(
      folder.message { () throws(InputError) in _ = try Checkpoint(at: place) }
        == name + ": file: expected the file's content, found a Git LFS pointer to it; "
        + "run git lfs pull in the folder, or download the file")
  }

  @Test func namesWithAPrefixAreNamed() throws {
    try folder.write("{}", to: "config.json")
    try folder.write(
      safetensors(#"{"_orig_mod.x.y":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}"#, data: 1),
      to: "model.safetensors")
    let checkpoint = try Checkpoint(at: folder.url)
    let message = folder.message { () throws(InputError) in _ = try checkpoint.tensor(named: "x.y")
    }
    #expect(message?.contains("found 1 tensors without it, but _orig_mod.x.y") == true)
  }

  @Test func configurationsOfUnboundedLengthAreRefused() throws {
    try writeModel()
    let url = try folder.write("{}", to: "config.json")
    let handle = try FileHandle(forWritingTo: url)
    try handle.truncate(atOffset: 1 << 30)
    #expect(refusal?.contains("expected at most 16777216 bytes, found 1073741824") == true)
  }
}
