import Foundation
import SecantCheckpoints
import SecantTemplates
import SecantTestSupport
import Testing

/// Damaged and hostile templates: each is rendered or refused, and neither hangs nor fills memory.
///
/// A crash ends the test process, and a hang its time limit; nothing else is asserted.
@Suite(.timeLimit(.minutes(10))) struct TemplateFuzzTests {
  /// Parts that real templates have, for mutations to put elsewhere.
  private static let parts = [
    "{{", "}}", "{%", "%}", "{#", "#}", "-", "+", "~", "|", "(", ")", "[", "]", "'", "\"", "\\",
    "{% for x in messages %}", "{% endfor %}", "{% if x %}", "{% endif %}", "{% else %}",
    "{% macro f(x) %}", "{% endmacro %}", "{{ f(x) }}", "{% set ns = namespace(x=[]) %}",
    "{% set ns.x = [ns.x, ns] %}", "{% set x = x ~ x %}", "range(99999)", "messages", "loop",
    "not ",
    "is defined", "[::-1]", ".items()", "|tojson(indent=9)", "|list", "* 999999", "\u{e9}", "\0",
  ]

  private func mutated(
    _ source: String, _ generator: inout SeededGenerator
  ) -> String {
    var bytes = Array(source.utf8)
    for _ in 0..<Int.random(in: 1...4, using: &generator) where !bytes.isEmpty {
      let position = Int.random(in: bytes.indices, using: &generator)
      let end = min(bytes.count, position + Int.random(in: 1...40, using: &generator))
      let part = Self.parts.randomElement(using: &generator) ?? ""
      switch Int.random(in: 0..<6, using: &generator) {
      case 0: bytes.removeSubrange(position..<end)
      case 1: bytes.insert(contentsOf: bytes[position..<end], at: position)
      case 2: bytes[position] = .random(in: 0...255, using: &generator)
      case 3: bytes.replaceSubrange(position..<end, with: part.utf8)
      case 4:
        let other = Int.random(in: bytes.indices, using: &generator)
        bytes.insert(contentsOf: bytes[position..<end], at: other)
      default: bytes.insert(contentsOf: part.utf8, at: position)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  @Test(arguments: 0..<8 as Range<UInt64>)
  func smallTemplatesDamaged(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    for fixture in try TemplateFixture.own() {
      for _ in 0..<8 {
        _ = try? TemplateFixture.render(mutated(fixture.source, &generator), fixture.variables)
      }
    }
  }

  @Test(
    .enabled(if: TemplateFixture.realFolder != nil, "real data not at hand"),
    arguments: 0..<4 as Range<UInt64>)
  func realTemplatesDamaged(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    let folder = try #require(TemplateFixture.realFolder)
    let conversations = try TemplateFixture.conversations()
    for name in try TemplateFixture.realNames() {
      let source = try String(contentsOf: folder.appending(path: name), encoding: .utf8)
      for _ in 0..<10 {
        let variables = try #require(conversations.randomElement(using: &generator)).variables
        _ = try? TemplateFixture.render(mutated(source, &generator), variables)
      }
    }
  }

  /// Each would hang, overflow the stack or fill memory without the renderer's limits.
  static let hostile = [
    "{% for a in range(99999) %}{% for b in range(99999) %}{{ a }}{% endfor %}{% endfor %}",
    "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}",
    "{% macro f() %}{{ f() }}{{ f() }}{% endmacro %}{{ f() }}",
    "{% set ns = namespace(x='ab') %}{% for i in range(99) %}{% set ns.x = ns.x ~ ns.x %}{% endfor %}",
    "{% set ns = namespace(x=[1]) %}{% for i in range(99) %}{% set ns.x = ns.x + ns.x %}{% endfor %}",
    "{% set ns = namespace(x=[1]) %}{% for i in range(9999) %}{% set ns.x = [ns.x] %}{% endfor %}",
    "{% set ns = namespace(x=1) %}{% for i in range(60) %}{% set ns.x = [ns.x, ns.x] %}{% endfor %}{{ ns.x }}",
    "{% set ns = namespace(x=1) %}{% for i in range(60) %}{% set ns.x = [ns.x, ns.x] %}{% endfor %}{{ ns.x | tojson }}",
    "{% set ns = namespace(x=1, y=1) %}{% for i in range(60) %}{% set ns.x = [ns.x, ns.x] %}{% set ns.y = [ns.y, ns.y] %}{% endfor %}{{ ns.x == ns.y }}",
    "{% set ns = namespace() %}{% set ns.a = ns %}{% set ns.b = [ns] %}{{ ns.a.a.b[0].a is defined }}",
    "{{ 'a' * 99999999999 }}", "{{ 'a' * 9223372036854775807 * 9 }}",
    "{{ 9223372036854775807 + 1 }}",
    "{{ -9223372036854775807 - 2 }}", "{{ (-9223372036854775807 - 1) // -1 }}",
    "{{ (-9223372036854775807 - 1) % -1 }}", "{{ (-9223372036854775807 - 1) | abs }}",
    "{{ -(-9223372036854775807 - 1) }}", "{{ 10 ** 99 }}", "{{ 2 ** 9223372036854775807 }}",
    "{{ 1e308 * 10 }}{{ (1e308 * 10) | int }}", "{{ 'abc'[9223372036854775807:] }}",
    "{{ 'abc'[::-9223372036854775807] }}{{ 'abc'[-9223372036854775807:9223372036854775807:9] }}",
    "{{ [1][-9223372036854775807 - 1] }}",
    "{{ range(-9223372036854775807, 9223372036854775807, 9223372036854775807) }}",
    "{{ 'a' | indent(9223372036854775807) }}", "{{ ('a\n' * 99999) | indent(4096) | length }}",
    "{{ 'abab' * 99999 | replace('a', 'b' * 99999) }}",
    "{{ ('a' * 999999) | replace('a', 'b' * 999999) }}",
    "{{ [[1]] | tojson(indent=9223372036854775807) }}", "{{ 'x' | join('y' * 9999) }}",
    "{{ [1] | map('map', 'map', 'map') | list }}", "{{ 1 is divisibleby(0) }}",
    String(repeating: "(", count: 99999), "{{ " + String(repeating: "(", count: 99999),
    "{{ " + String(repeating: "not ", count: 99999) + "1 }}",
    "{{ " + String(repeating: "-", count: 99999) + "1 }}",
    "{{ 1" + String(repeating: " + 1", count: 99999) + " }}",
    "{{ 1" + String(repeating: " ~ 1", count: 99999) + " }}",
    "{{ 1" + String(repeating: " if 1 else 1", count: 99999) + " }}",
    "{{ 1" + String(repeating: " if 1", count: 99999) + " }}",
    "{{ a" + String(repeating: ".a", count: 99999) + " }}",
    "{{ 1" + String(repeating: "|abs", count: 99999) + " }}",
    String(repeating: "{% if 1 %}", count: 99999),
    String(repeating: "{% for x in y %}", count: 9999),
    "{{ " + String(repeating: "[", count: 99999), "{{ " + String(repeating: "{1:", count: 99999),
  ]

  @Test(arguments: hostile.indices)
  func hostileTemplates(index: Int) throws {
    _ = try? TemplateFixture.render(Self.hostile[index], [:])
  }
}
