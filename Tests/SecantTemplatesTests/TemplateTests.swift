import Foundation
import SecantCheckpoints
import SecantTemplates
import SecantTestSupport
import Testing

/// Templates against Python's Jinja.
@Suite struct TemplateTests {
  /// Every construct that is understood, and what must fail, by small templates.
  @Test(arguments: try TemplateFixture.own())
  func smallTemplatesAreAsInJinja(_ fixture: TemplateFixture.Case) throws {
    guard let expected = fixture.text else {
      let error = #expect(throws: InputError.self) {
        try TemplateFixture.render(fixture.source, fixture.variables)
      }
      #expect(error?.subject.hasPrefix("line ") == true)
      return
    }
    let text = try TemplateFixture.render(fixture.source, fixture.variables)
    // Bytes: `==` takes canonically equivalent texts for equal.
    #expect(Array(text.utf8) == Array(expected.utf8), "\(text.debugDescription)")
  }

  /// Proves it for the conversations of the fixtures; a template has branches that none of them reaches.
  @Test(
    .enabled(if: TemplateFixture.realFolder != nil, "real data not at hand"),
    arguments: try TemplateFixture.realNames())
  func realTemplatesAreAsInJinja(name: String) throws {
    let folder = try #require(TemplateFixture.realFolder)
    let source = try String(contentsOf: folder.appending(path: name), encoding: .utf8)
    let conversations = try TemplateFixture.conversations()
    let digests = try TemplateFixture.digests(of: name)
    #expect(conversations.count == digests.count)
    for ((conversation, variables), digest) in zip(conversations, digests) {
      do {
        let text = try TemplateFixture.render(source, variables)
        #expect(TemplateFixture.digest(text) == digest, "\(conversation): \(text)")
      } catch let error as InputError {
        #expect(digest == nil, "\(conversation): \(error)")
      }
    }
  }
}
