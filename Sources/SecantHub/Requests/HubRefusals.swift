import Foundation
import SecantCheckpoints

/// The result of one attempt.
enum Attempt<Value> {
  /// It has succeeded.
  case done(Value)
  /// It has failed: why; the pause that the server asks for; whether another attempt may help; whether this one
  /// has brought the work forward.
  case again(String, pause: Duration?, isTransient: Bool = true, isProgress: Bool = false)

  /// The same with another value.
  func map<Result>(_ transform: (Value) -> Result) -> Attempt<Result> {
    switch self {
    case .done(let value): .done(transform(value))
    case .again(let reason, let pause, let isTransient, let isProgress):
      .again(reason, pause: pause, isTransient: isTransient, isProgress: isProgress)
    }
  }
}

extension HubClient {
  /// Makes attempts until one succeeds, with pauses that grow, or until it is no use.
  func persistently<Value>(
    asking url: URL, _ attempt: () throws(InputError) -> Attempt<Value>
  ) throws(InputError) -> Value {
    var failures = 0
    while true {
      switch try attempt() {
      case .done(let value): return value
      case .again(let reason, let pause, let isTransient, let isProgress):
        failures = isProgress ? 1 : failures + 1
        guard isTransient else { throw unreachable(url, found: reason) }
        guard failures < patience.attempts else {
          throw unreachable(url, found: "\(reason), \(failures) times in a row")
        }
        let usual = patience.firstPause * (1 << (failures - 1))
        let pause = max(pause ?? usual, .zero)
        guard pause <= patience.longestPause else { throw overloaded(url, reason, pause: pause) }
        Thread.sleep(forTimeInterval: pause / .seconds(1))
      }
    }
  }

  /// The error after the last attempt.
  private func unreachable(_ url: URL, found: String) -> InputError {
    InputError(
      .unreachable, file: url.absoluteString, subject: "the Hub", expected: "an answer",
      found: found,
      remedy: "check the network and HF_ENDPOINT, or try again later: the download will continue")
  }

  /// The error if the server asks for a longer pause than a program should wait.
  private func overloaded(_ url: URL, _ reason: String, pause: Duration) -> InputError {
    let wait = "\(pause.components.seconds) seconds"
    let advice = environment.token == nil ? ", or set HF_TOKEN, with which more is allowed" : ""
    return InputError(
      .unreachable, file: url.absoluteString, subject: "the Hub",
      expected:
        "an answer, or a wait of at most \(patience.longestPause.components.seconds) seconds",
      found: "\(reason), to be asked again after \(wait)",
      remedy: "try again after \(wait)\(advice): the download will continue")
  }

  /// Why a server gives nothing, told so that one knows what to do.
  func refusal(_ answer: HTTPAnswer, _ url: URL, _ model: HubModelID) -> InputError {
    let page = environment.endpoint.appending(path: model.repository).absoluteString
    let token =
      environment.token == nil
      ? "let HF_TOKEN hold a token that may read it" : "check that HF_TOKEN may read it"
    switch (answer.status, answer["x-error-code"]) {
    case (401, "GatedRepo"), (403, _):
      return InputError(
        .unreadable, file: model.description, subject: "access",
        expected: "permission to download", found: "a gated or private model",
        remedy: "accept its terms at \(page), and \(token)")
    case (_, "RevisionNotFound"):
      return InputError(
        .missing, file: model.repository, subject: "the revision",
        expected: "a branch, tag or commit", found: "none named \(model.revision)",
        remedy: "they are listed at \(page)")
    case (401, _), (_, "RepoNotFound"), (404, nil):
      return InputError(
        .missing, file: model.description, subject: "model",
        expected: "a folder of this name, or a model of the Hub", found: "neither",
        remedy: "check the name; if the model is private, \(token)")
    case (404, _):
      return InputError(
        .missing, file: url.absoluteString, subject: "file", expected: "it in the model",
        found: "none", remedy: "the files are listed at \(page)")
    default:
      return InputError(
        .unreachable, file: url.absoluteString, subject: "the Hub", expected: "status 200",
        found: "status \(answer.status)", remedy: "check HF_ENDPOINT, or try again later")
    }
  }
}

extension URL {
  /// Whether the scheme, host and port are those of another address.
  func hasOrigin(of other: URL) -> Bool {
    func port(_ url: URL) -> Int { url.port ?? (url.scheme == "https" ? 443 : 80) }
    return scheme?.lowercased() == other.scheme?.lowercased()
      && host?.lowercased() == other.host?.lowercased() && port(self) == port(other)
  }
}
