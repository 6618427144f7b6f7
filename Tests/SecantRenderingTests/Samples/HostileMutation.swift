import Foundation
import SecantReports
import SecantTestSupport

extension Hostile {
  /// A report with every text, and many numbers and lists, replaced by what tries to break a page.
  ///
  /// Works on the JSON, so that it reaches every field of every report.
  /// - Throws: What reading the JSON throws; never, as no field changes its type.
  static func mutated<R: Report>(_ report: R, seed: UInt64) throws -> R {
    var generator = SeededGenerator(seed: seed)
    let json = try JSONSerialization.jsonObject(with: report.jsonData())
    let other = mutated(json, key: "", &generator)
    return try R(jsonData: JSONSerialization.data(withJSONObject: other))
  }

  private static func mutated(
    _ json: Any, key: String, _ generator: inout SeededGenerator
  ) -> Any {
    switch json {
    case let object as [String: Any]:
      if key == "schema" { return object }
      // Sorted: the order of a dictionary differs from run to run.
      return object.sorted { $0.key < $1.key }.reduce(into: [String: Any]()) { result, field in
        result[field.key] = mutated(field.value, key: field.key, &generator)
      }
    case let list as [Any]:
      let kept = Int.random(in: 0..<4, using: &generator) == 0 ? list.count / 2 : list.count
      return list.prefix(kept).map { mutated($0, key: key, &generator) }
    // Words of a closed vocabulary: another one is refused when it is read.
    case is String where ["site", "sites", "extent", "extents"].contains(key): return json
    case is String: return texts.randomElement(using: &generator) ?? ""
    case let number as NSNumber:
      let value = number.doubleValue
      // Truth values keep their kind, and whole numbers stay whole: fields may ask for it.
      let prefixes = ["is", "has", "contains"]
      if prefixes.contains(where: key.hasPrefix) || key == "survives" { return number }
      if value == value.rounded() {
        return [value, value, value, 0, 1, 7].randomElement(using: &generator) ?? 0
      }
      let other = numbers.filter(\.isFinite).randomElement(using: &generator) ?? 0
      return Bool.random(using: &generator) ? number : other as Any
    default: return json
    }
  }
}
