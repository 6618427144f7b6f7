import Foundation

/// A piece of HTML or SVG: literals are markup, interpolated values are text.
///
/// Interpolated strings are escaped, so nothing from a model, a prompt or a path can become an
/// element, an attribute or a script. The result is well-formed XML as well as HTML.
package struct Markup: ExpressibleByStringInterpolation, Sendable {
  /// The characters of the document.
  package private(set) var source: String

  /// A literal, which is markup as it stands.
  package init(stringLiteral source: String) { self.source = source }
  /// A literal with values, which become text.
  package init(stringInterpolation: StringInterpolation) { source = stringInterpolation.source }
  init(_ parts: [Markup]) { source = parts.lazy.map(\.source).joined() }

  /// A part of a document without markup or escapes, such as a style sheet.
  package init(verbatim source: String) { self.source = source }

  /// The parts of an interpolated literal.
  package struct StringInterpolation: StringInterpolationProtocol {
    fileprivate var source = ""

    /// Makes room.
    package init(literalCapacity: Int, interpolationCount: Int) {
      source.reserveCapacity(literalCapacity + 16 * interpolationCount)
    }
    /// Appends markup.
    package mutating func appendLiteral(_ literal: String) { source += literal }
    /// Appends text, escaped.
    package mutating func appendInterpolation(_ text: String) { source += text.escaped }
    /// Appends markup.
    package mutating func appendInterpolation(_ markup: Markup) { source += markup.source }
    /// A piece that appears only if a condition holds.
    ///
    /// In a ternary expression it would be text.
    mutating func appendInterpolation(_ markup: Markup, if condition: Bool) {
      if condition { source += markup.source }
    }
    /// Appends digits.
    package mutating func appendInterpolation(_ number: Int) { source += String(number) }
    /// Appends pieces of markup, one after the other.
    package mutating func appendInterpolation(_ parts: [Markup]) {
      for part in parts { source += part.source }
    }
    /// A coordinate in user units, to a tenth.
    mutating func appendInterpolation(at coordinate: Double) {
      let tenths = coordinate.isFinite ? (coordinate * 10).rounded() / 10 : 0
      source += tenths == tenths.rounded() ? String(Int(tenths)) : String(tenths)
    }
    /// A fraction, such as an opacity, to a hundredth.
    mutating func appendInterpolation(hundredths part: Double) {
      source += String(part.isFinite ? (part * 100).rounded() / 100 : 0)
    }
  }
}

extension String {
  /// The text with the five special characters of HTML, XML and attributes escaped.
  ///
  /// Characters that are forbidden in documents become U+FFFD; `VisibleText` has usually replaced
  /// them before.
  fileprivate var escaped: String {
    var text = ""
    text.reserveCapacity(utf8.count)
    for scalar in unicodeScalars {
      switch scalar {
      case "&": text += "&amp;"
      case "<": text += "&lt;"
      case ">": text += "&gt;"
      case "\"": text += "&quot;"
      case "'": text += "&#39;"
      case _ where scalar.isForbiddenInXML: text += "\u{fffd}"
      default: text.unicodeScalars.append(scalar)
      }
    }
    return text
  }
}

extension Unicode.Scalar {
  /// Source: Extensible Markup Language (XML) 1.0, production 2.
  fileprivate var isForbiddenInXML: Bool {
    value < 0x20 ? ![0x9, 0xa, 0xd].contains(value) : 0xfffe...0xffff ~= value
  }
}

extension Markup {
  /// JSON as the content of a `<script>` element that browsers do not run.
  ///
  /// "<" and "&" become JSON's own escapes, so no `</script>` or `<!--` can end it early; the two
  /// scalars that XML forbids become escapes too. The JSON value stays the same.
  static func json(_ data: Data) -> Markup {
    var text = ""
    text.reserveCapacity(data.count)
    for scalar in String(decoding: data, as: UTF8.self).unicodeScalars {
      switch scalar.value {
      case 0x26, 0x3c, 0x3e, 0x2028, 0x2029, 0xfffe, 0xffff:
        let digits = String(scalar.value, radix: 16)
        text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: text.unicodeScalars.append(scalar)
      }
    }
    return Markup(verbatim: text)
  }
}
