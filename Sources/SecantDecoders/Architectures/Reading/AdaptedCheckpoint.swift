public import SecantCheckpoints

extension Checkpoint {
  /// The checkpoint with an adapter's products added to its matrices; nothing is written.
  ///
  /// Each use of an adapted matrix adds 2·r operations for each of its elements. The fingerprint
  /// covers the adapter too. The model's family decides how a product is turned, as GPT-2 stores its
  /// projections as `[input, output]`, and which words before a block's name are left out in the file.
  ///
  /// - Parameter adapter: The adapter.
  /// - Returns: The same configuration, with adapted matrices.
  /// - Throws: That the model is of no known kind, or that the adapter belongs to another model: a
  ///   matrix is missing or of another shape.
  public func adapted(by adapter: LowRankAdapter) throws(InputError) -> Checkpoint {
    let architecture = try Architecture.named(in: configuration)
    let bodies = NamedTensors.layouts(of: architecture).map(\.body)
    /// The name of a module's tensor in the file; the module's own where there is none, or several.
    func storedName(of module: String) -> String {
      if contains(module) { return module }
      let tails = bodies.filter(module.hasPrefix).map { module.dropFirst($0.count) }
      let names = Set(tails.flatMap { tail in bodies.map { $0 + tail } }).filter(contains)
      return names.count == 1 ? names.first ?? module : module
    }
    return try adapted(by: adapter) { module in
      let name = storedName(of: module)
      return (name, isTransposed(name, architecture))
    }
  }

  /// Whether the tensor of a name is stored as `[input, output]`.
  ///
  /// A GGUF file stores every projection as `[output, input]`.
  func isTransposed(_ name: String, _ architecture: Architecture) -> Bool {
    gguf == nil && architecture.tensorNames.transposed.contains { name.hasSuffix(".\($0).weight") }
  }
}
