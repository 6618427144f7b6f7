import Foundation
import Secant
import Testing

@Suite struct InspectionTests {
  @Test func groupsBlocksThatAreAlike() throws {
    let report = InspectionReport(of: try Checkpoint(at: Fixture.plain.folder), name: "plain")
    #expect(report.model.name == "plain")
    #expect(report.tensorGroups.map(\.name) == ["outside of blocks", "blocks 0–1"])
    #expect(report.tensorGroups.map(\.count) == [1, 2])
    let bytes = report.tensorGroups.reduce(0) { sum, group in
      sum + group.count * group.tensors.reduce(0) { $0 + $1.bytes }
    }
    #expect(bytes == (try Checkpoint(at: Fixture.plain.folder)).totalBytes)
    // What has no tokenizer runs on token ids: that is said, and is no failure.
    #expect(report.notUnderstood.isEmpty)
    #expect(report.configuration.contains { $0.name == "tokenizer" && $0.value.contains("none") })
  }

  @Test func saysThatEverythingIsUnderstood() throws {
    let speaking = try SpeakingModel()
    let report = InspectionReport(of: try Checkpoint(at: speaking.folder))
    #expect(report.notUnderstood.isEmpty)
    #expect(report.configuration.contains(.init(name: "width d", value: "16")))
    #expect(report.memory.allSatisfy { $0.bytes > 0 })
  }

  /// What blocks share, and what they get beside the stream, is said in a row each.
  @Test func saysWhatBlocksShare() throws {
    let report = InspectionReport(of: try Checkpoint(at: Fixture(name: "gemma4-e2b").folder))
    #expect(report.notUnderstood.isEmpty, "\(report.notUnderstood)")
    let rows = [
      "keys and values of others": "in 3 blocks: those of block 1 in 2, those of block 2 in 1",
      "feed-forward width of their own": "28 in 3 blocks",
      "per-layer inputs": "6 wide, in every block",
    ]
    for (name, value) in rows {
      #expect(report.configuration.contains(.init(name: name, value: value)), "\(name)")
    }
    // The vectors of tokens and blocks are counted as other tensors are.
    let outer = try #require(report.tensorGroups.first)
    #expect(outer.tensors.contains { $0.name == "model.embed_tokens_per_layer.weight" })
    #expect(report.memory.allSatisfy { $0.bytes > 0 })
  }

  @Test(arguments: [
    ("\"model_type\": \"llama\"", "\"model_type\": \"elsewhere\"", "field model_type"),
    ("\"hidden_act\": \"silu\"", "\"hidden_act\": \"silu\", \"sliding\": 3", "field sliding"),
    ("\"intermediate_size\": 24", "\"intermediate_size\": 25", "expected shape [25, 16]"),
    ("\"num_hidden_layers\": 2", "\"num_hidden_layers\": 3", "tensor model.layers.2."),
  ])
  func saysWhatIsNotUnderstood(_ old: String, _ new: String, _ sentence: String) throws {
    let speaking = try SpeakingModel()
    let file = speaking.folder.appending(path: "config.json")
    let text = try String(contentsOf: file, encoding: .utf8)
    try text.replacing(old, with: new).write(to: file, atomically: true, encoding: .utf8)
    let report = InspectionReport(of: try Checkpoint(at: speaking.folder))
    #expect(report.notUnderstood.contains { $0.contains(sentence) }, "\(report.notUnderstood)")
    #expect(!report.configuration.isEmpty)
  }

  /// What does not count is said, and is no failure: the answer is that of the configuration.
  @Test func saysWhatDoesNotCount() throws {
    let speaking = try SpeakingModel()
    let file = speaking.folder.appending(path: "config.json")
    let text = try String(contentsOf: file, encoding: .utf8)
    try text.replacing("\"num_hidden_layers\": 2", with: "\"num_hidden_layers\": 1, \"warp\": 3")
      .write(to: file, atomically: true, encoding: .utf8)
    let checkpoint = try Checkpoint(at: speaking.folder).ignoringFields(["warp"])
    let report = InspectionReport(of: checkpoint)
    #expect(report.notUnderstood.isEmpty)
    #expect(report.notes?.contains { $0.contains("those from 1 on are not used") } == true)
    #expect(report.model.ignoredFields == ["warp"])
    let explanation = try Model<Float>(checkpoint).explain(.tokens([3, 4]))
    #expect(explanation.notes.starts(with: report.notes ?? ["none"]))
    #expect(explanation.provenance.model.ignoredFields == ["warp"])
  }
}
