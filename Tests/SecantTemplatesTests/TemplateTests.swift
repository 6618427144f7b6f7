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

  private static let manyTexts = """
    {% set ns = namespace(l=[]) %}{% set x = 'a' * 1000000 %}{% for i in range(40) %}\
    {% set ns.l = ns.l + [x] %}{% endfor %}
    """

  /// A text that no context could hold is refused before it is made, however it comes about.
  @Test(arguments: [
    "{{ 'a' * 100000000 }}", "{% for i in range(40) %}{{ 'a' * 1000000 }}{% endfor %}",
    Self.manyTexts + "{{ ns.l | join('-') }}", Self.manyTexts + "{{ '-'.join(ns.l) }}",
    "{% set ns = namespace(x='a' * 1000000) %}{% for i in range(9) %}{% set ns.x = ns.x ~ ns.x %}{% endfor %}",
  ])
  func longTextsAreRefused(source: String) throws {
    let error = try #require(throws: InputError.self) { try Template(source).render([:]) }
    #expect(error.kind == .unsupported && error.expected == "a text of at most 16777216 bytes")
  }
}
