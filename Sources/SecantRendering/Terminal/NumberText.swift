import Foundation
import SecantReports

/// Numbers for people: the same in every locale, and short enough for a column.
///
/// Minus signs are ASCII, so that a number can be copied into a program.
struct NumberText: Sendable {
  /// Whether "±" is used; otherwise "+-".
  let usesUnicode: Bool

  /// An estimate: "~8.66", or without the tilde if it is exact.
  ///
  /// The page and the JSON have the standard error.
  func estimate(_ estimate: ExplanationReport.Estimate) -> String {
    (estimate.standardError == 0 ? "" : "~") + short(estimate.value)
  }

  /// The number to about three significant digits: "0.0213", "8.10", "312", "1.2e9".
  func short(_ value: Double) -> String {
    guard value.isFinite else { return special(value) }
    let magnitude = abs(value)
    if magnitude == 0 { return "0" }
    if !(1e-3..<99_999.5 ~= magnitude) { return scientific(value) }
    let decimals = max(0, 2 - Int(log10(magnitude).rounded(.down)))
    return fixed(value, decimals: decimals)
  }

  /// The number as digits and a power of ten: "3.1e-7".
  func scientific(_ value: Double, decimals: Int = 1) -> String {
    guard value.isFinite else { return special(value) }
    if value == 0 { return "0" }
    let parts = String(format: "%.\(decimals)e", value).split(separator: "e")
    guard parts.count == 2, let exponent = Int(parts[1]) else { return parts.joined() }
    return "\(parts[0])e\(exponent)"
  }

  /// The number with a fixed number of decimals, or as a power of ten if it is huge.
  func fixed(_ value: Double, decimals: Int, withPlus: Bool = false) -> String {
    guard value.isFinite else { return special(value) }
    if abs(value) >= 1e7 { return (withPlus && value > 0 ? "+" : "") + scientific(value) }
    let digits = String(format: "%.\(decimals)f", value)
    // "-0.000" becomes "0.000".
    let isZero = digits.allSatisfy { "-0.".contains($0) }
    let unsigned = isZero && digits.hasPrefix("-") ? String(digits.dropFirst()) : digits
    return (withPlus && !isZero && value > 0 ? "+" : "") + unsigned
  }

  /// The number of decimals, from 0 to 4, that shows the largest value to four significant digits.
  func decimals(for values: [Double]) -> Int {
    let largest = values.filter(\.isFinite).map(abs).max() ?? 0
    return largest < 1 ? 4 : max(0, 3 - Int(log10(largest).rounded(.down)))
  }

  /// A number in a sentence about a total, which it adds to: all of the sentence's have as many decimals.
  ///
  /// These are 2, or below 0.1 as many as show two digits of the total. Below 1e-5 every number is by itself,
  /// as `short` has it.
  ///
  /// - Parameters:
  ///   - value: The number.
  ///   - total: What the sentence is about.
  ///   - least: The fewest decimals.
  ///   - withPlus: Whether a positive number has its sign.
  /// - Returns: The number: "+3.36", "0.0013", "2.0e-9".
  func fixed(_ value: Double, about total: Double, least: Int = 2, withPlus: Bool = false)
    -> String
  {
    let magnitude = abs(total)
    guard magnitude > 0, magnitude < 0.1 else {
      return fixed(value, decimals: least, withPlus: withPlus)
    }
    if magnitude < 1e-5 { return (withPlus && value > 0 ? "+" : "") + short(value) }
    let decimals = 1 - Int(log10(magnitude).rounded(.down))
    return fixed(value, decimals: max(least, decimals), withPlus: withPlus)
  }

  /// A fraction as a percentage: "98.7%", "<0.1%".
  func percent(_ fraction: Double) -> String {
    guard fraction.isFinite else { return special(fraction) }
    let percent = 100 * fraction
    if percent > 0 && percent < 0.05 { return "<0.1%" }
    return fixed(percent, decimals: 1) + "%"
  }

  /// A value, with its standard error if it has one: "3.21", "3.2 ± 0.4".
  func estimate(_ value: Double, standardError: Double) -> String {
    if standardError == 0 { return short(value) }
    let sign = usesUnicode ? "±" : "+-"
    guard 1e-6..<1e6 ~= standardError, abs(value) < 1e6 else {
      return "\(short(value)) \(sign) \(short(standardError))"
    }
    // The error's leading digit determines the meaningful digits of the value.
    let decimals = max(0, -Int(log10(standardError).rounded(.down)))
    return "\(fixed(value, decimals: decimals)) \(sign) \(fixed(standardError, decimals: decimals))"
  }

  /// A count with its thousands set apart: "12,345".
  func count(_ value: Int) -> String {
    let digits = Array(String(value.magnitude))
    var text = value < 0 ? "-" : ""
    for (index, digit) in digits.enumerated() {
      if index > 0 && (digits.count - index).isMultiple(of: 3) { text += "," }
      text.append(digit)
    }
    return text
  }

  /// A size in binary units: "640 B", "1.50 GiB".
  func bytes(_ value: Int) -> String {
    scaled(Double(value), by: 1024, units: ["B", "KiB", "MiB", "GiB", "TiB", "PiB"])
  }

  /// A large number in steps of a thousand: "5.12 M".
  func large(_ value: Double) -> String {
    scaled(value, by: 1000, units: ["", "K", "M", "G", "T", "P", "E"])
  }

  /// A duration: "40 ms", "2.1 s", "3 min 20 s", "5 h 12 min".
  func duration(_ seconds: Double) -> String {
    guard seconds.isFinite else { return special(seconds) }
    if seconds < 0.95 { return "\(fixed(seconds * 1000, decimals: 0)) ms" }
    if seconds < 59.95 { return "\(fixed(seconds, decimals: 1)) s" }
    guard let whole = Int(exactly: seconds.rounded()), whole < 360_000 else {
      return "\(short(seconds / 86_400)) days"
    }
    if whole < 3600 { return "\(whole / 60) min \(whole % 60) s" }
    return "\(whole / 3600) h \(whole % 3600 / 60) min"
  }

  private func scaled(_ value: Double, by step: Double, units: [String]) -> String {
    guard value.isFinite else { return special(value) }
    var rest = value
    var unit = 0
    while abs(rest) >= step && unit < units.count - 1 {
      rest /= step
      unit += 1
    }
    let number = unit == 0 && rest == rest.rounded() ? fixed(rest, decimals: 0) : short(rest)
    return units[unit].isEmpty ? number : "\(number) \(units[unit])"
  }

  private func special(_ value: Double) -> String {
    if value.isNaN { return "nan" }
    return value < 0 ? "-inf" : "inf"
  }
}
