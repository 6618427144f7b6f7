import Foundation

extension ModelsReport {
  /// The models in a cache, and which of them Secant can run.
  ///
  /// Reads each model's configuration and the headers of its tensors. Reads weights only if an unembedding
  /// is stored beside a tied embedding.
  public init(of cache: HubCache) {
    self.init(
      secantVersion: SecantVersion.current, cache: cache.url.path,
      models: cache.models().map(Model.init))
  }
}

extension ModelsReport.Model {
  fileprivate init(_ cached: CachedModel) {
    let (format, option) =
      switch cached.form {
      case .safetensors: ("safetensors", "--model")
      case .gguf: ("gguf", "-hf")
      case .other: ("other", "--model")
      }
    var reason: String?
    do {
      _ = try DecoderConfiguration(Checkpoint(at: cached.url))
    } catch {
      reason = "\(error.subject): expected \(error.expected), found \(error.found)"
    }
    self.init(
      name: cached.name, option: option, commit: cached.commit, revisions: cached.revisions,
      bytes: cached.bytes, format: format, architecture: Self.architecture(of: cached),
      isRunnable: reason == nil, reason: reason)
  }

  /// The architecture, which may be known even if the rest cannot be read.
  private static func architecture(of cached: CachedModel) -> String? {
    if let opened = try? Checkpoint(at: cached.url) {
      return try? opened.configuration["model_type"].string()
    }
    let file = cached.url.appending(path: "config.json")
    return try? JSONField(contentsOf: file)["model_type"].string()
  }
}
