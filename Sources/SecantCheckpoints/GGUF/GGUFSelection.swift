/// The models that some GGUF files hold, each in one file or in several parts.
package struct GGUFSelection: Sendable {
  /// One model.
  package struct Model: Hashable, Sendable {
    /// The files' common path, without number and extension.
    package let stem: String
    /// All parts in their order.
    package let files: [String]
    /// Whether no part is missing.
    package let isWhole: Bool

    /// The variant, such as "Q4_K_M"; the file's name if it names none.
    package var quantization: String {
      let name = stem.split(separator: "/").last.map(String.init) ?? stem
      let known = #/[-._]((?:UD-)?(?:I?Q\d\w*|T?Q\d_\d|MXFP4\w*|BF16|F16|F32))$/#.ignoresCase()
      return name.firstMatch(of: known).map { String($0.1) } ?? name
    }
  }

  /// In ascending order of their paths.
  package let models: [Model]

  /// The models among some files; what belongs to images or to quantizing itself is none.
  package init(_ files: some Sequence<String>) {
    var parts: [String: [Int: String]] = [:]
    var counts: [String: Int] = [:]
    for file in files where file.lowercased().hasSuffix(".gguf") {
      let base = String(file.dropLast(5))
      let name = base.split(separator: "/").last.map { $0.lowercased() } ?? ""
      guard !name.contains("mmproj"), !name.contains("imatrix") else { continue }
      if let match = base.wholeMatch(of: #/(.+)-(\d{5})-of-(\d{5})/#),
        let index = Int(match.2), let count = Int(match.3)
      {
        parts[String(match.1), default: [:]][index] = file
        counts[String(match.1)] = count
      } else {
        parts[base, default: [:]][1] = file
        counts[base] = 1
      }
    }
    models = parts.keys.sorted().map { stem in
      let (files, count) = (parts[stem] ?? [:], counts[stem] ?? 0)
      return Model(
        stem: stem, files: files.keys.sorted().compactMap { files[$0] },
        isWhole: files.count == count && count > 0 && files.keys.allSatisfy { 1...count ~= $0 })
    }
  }
}
