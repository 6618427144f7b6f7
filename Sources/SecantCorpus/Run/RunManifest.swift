import Foundation
import SecantCheckpoints
import SecantDigests

/// What a run is of: everything that its results depend on.
package struct RunManifest: Codable, Hashable, Sendable {
  /// The version of this form.
  package static let currentVersion = 1

  /// The version of this form, by which an older program refuses a newer run.
  package let version: Int
  /// The version of Secant that began the run.
  package let secantVersion: String
  /// The model as the user named it; it may have another name at another start.
  package let modelName: String
  /// The model's fingerprint.
  package let modelFingerprint: String
  /// The path of the data as the user gave it; they may lie elsewhere at another start.
  package let data: String
  /// The digest of the names and contents of the data.
  package let dataDigest: String
  /// The number of items.
  package let itemCount: Int
  /// The options by their names, as `--rank`, each with its value.
  package let options: [String: String]
  /// The number of shards.
  package let shardCount: Int

  /// Describes a run.
  package init(
    secantVersion: String, modelName: String, modelFingerprint: String, data: String,
    dataDigest: String, itemCount: Int, options: [String: String], shardCount: Int
  ) {
    version = Self.currentVersion
    self.secantVersion = secantVersion
    self.modelName = modelName
    self.modelFingerprint = modelFingerprint
    self.data = data
    self.dataDigest = dataDigest
    self.itemCount = itemCount
    self.options = options
    self.shardCount = shardCount
  }

  /// What another start would do differently, so that both results do not belong together; one clause each.
  ///
  /// - Parameter other: What the other start is of.
  /// - Returns: Such as "--rank 4, this start has --rank 8"; empty where it goes on with this run.
  package func differences(from other: RunManifest) -> [String] {
    var found: [String] = []
    func compare(_ name: String, _ own: String?, _ others: String?) {
      guard own != others else { return }
      func shown(_ value: String?) -> String { value.map { "\(name) \($0)" } ?? "no \(name)" }
      found.append("\(shown(own)), this start has \(shown(others))")
    }
    compare("Secant", secantVersion, other.secantVersion)
    compare(
      "the model", "\(modelName) (\(modelFingerprint.prefix(19)))",
      modelFingerprint == other.modelFingerprint
        ? "\(modelName) (\(modelFingerprint.prefix(19)))"
        : "\(other.modelName) (\(other.modelFingerprint.prefix(19)))")
    if dataDigest != other.dataDigest || itemCount != other.itemCount {
      compare(
        "the data", "\(data) (\(itemCount) items, sha256 \(dataDigest.prefix(12)))",
        "\(other.data) (\(other.itemCount) items, sha256 \(other.dataDigest.prefix(12)))")
    }
    for name in Set(options.keys).union(other.options.keys).sorted() {
      compare(name, options[name], other.options[name])
    }
    return found
  }

  /// The same with another number of shards.
  package func divided(into count: Int) -> RunManifest {
    RunManifest(
      secantVersion: secantVersion, modelName: modelName, modelFingerprint: modelFingerprint,
      data: data, dataDigest: dataDigest, itemCount: itemCount, options: options,
      shardCount: count)
  }

  /// The digest of all that makes two runs one, 32 bytes; journals carry it.
  var identity: [UInt8] {
    var digest = Digest(.sha256)
    digest.update(
      "\(version)\n\(secantVersion)\n\(modelFingerprint)\n\(dataDigest)\n\(itemCount)\n")
    for (name, value) in options.sorted(by: { $0.key < $1.key }) {
      digest.update("\(JSON.quoted(name)) \(JSON.quoted(value))\n")
    }
    return digest.bytes
  }
}
