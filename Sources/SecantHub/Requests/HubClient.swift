import Foundation
import SecantCheckpoints

#if canImport(FoundationNetworking)
  import FoundationNetworking
#endif

/// Asks a server that speaks the Hub's protocol.
///
/// Answers are untrusted: each is bounded in length and time, names and numbers
/// are checked before they are used, and the token goes to no other host or port than the one it is for.
struct HubClient: Sendable {
  let environment: HubEnvironment
  private let client = HTTPClient()

  /// The longest list of files that is read; the longest seen has some thousand names.
  private static let longestListing = 1 << 23
  private static let mostRedirections = 8
  /// A pebibyte: sums of such lengths cannot overflow.
  private static let largestFile = 1 << 50

  init(_ environment: HubEnvironment) { self.environment = environment }

  var patience: Patience { environment.patience }

  // MARK: - What there is

  /// The files of a model at a revision.
  func listing(of model: HubModelID) throws(InputError) -> HubListing {
    let url = address("api/models/\(model.repository)/revision", last: model.revision)
    let bytes = try persistently(asking: url) { () throws(InputError) in
      try self.body(at: url, of: model)
    }
    return try HubListing(parsing: bytes, file: url.absoluteString)
  }

  /// The expected length and digest of a commit's file.
  func blob(_ file: String, of model: HubModelID, at commit: String) throws(InputError) -> Blob {
    let url = address(of: file, model, commit)
    let answer = try persistently(asking: url) { () throws(InputError) in
      try self.open("HEAD", url, for: model, leavesHost: false).map { $0.answer }
    }
    if let found = answer["x-repo-commit"], found != commit {
      throw InputError(
        .mismatched, file: url.absoluteString, subject: "the commit", expected: commit,
        found: found, remedy: "try again: the model may just be changing")
    }
    // The plain fields of a redirection are those of its own, empty body.
    let isHere = answer.status == 200
    let tag = answer["x-linked-etag"] ?? (isHere ? answer["etag"] : nil)
    let length = answer["x-linked-size"] ?? (isHere ? answer["content-length"] : nil)
    guard let size = length.flatMap({ Int($0) }), 0...Self.largestFile ~= size, let tag,
      let blob = Blob(tag: tag, size: size)
    else {
      throw InputError(
        .malformed, file: url.absoluteString, subject: "the headers",
        expected: "a length up to \(Self.largestFile), and a tag that is a digest of the content",
        found: "length \(length ?? "none"), tag \(tag ?? "none")",
        remedy: "check HF_ENDPOINT: files without a digest are not downloaded")
    }
    return blob
  }

  // MARK: - Content

  /// Fetches the missing bytes of a blob and verifies its digest.
  ///
  /// - Parameters:
  ///   - blob: What the file must be.
  ///   - file: Its path in the model.
  ///   - model: The model.
  ///   - commit: The commit.
  ///   - incomplete: What is there already; whole and right when this returns.
  ///   - target: The blob's place.
  ///   - arrived: Called with the number of new bytes, negative if some are discarded.
  /// - Throws: `InputError` if the download fails. Received bytes stay for another attempt, unless wrong.
  func fetch(
    _ blob: Blob, _ file: String, of model: HubModelID, at commit: String,
    into incomplete: IncompleteBlob, target: URL, arrived: (Int) -> Void
  ) throws(InputError) {
    let url = address(of: file, model, commit)
    // The rest of an earlier run may be damaged. Only then is a second attempt worthwhile.
    var mayBeLeftover = incomplete.count > 0
    while true {
      if !incomplete.isWhole {
        try persistently(asking: url) { () throws(InputError) in
          try self.fetchRest(of: blob, at: url, for: model, into: incomplete, arrived: arrived)
        }
      }
      if try incomplete.commit(to: target) { return }
      arrived(-blob.size)
      guard mayBeLeftover else { break }
      mayBeLeftover = false
    }
    incomplete.remove()
    throw InputError(
      .mismatched, file: url.absoluteString, subject: "the content",
      expected: "the digest \(blob.name)", found: "another one",
      remedy: "try again; if it happens again, do not trust this source")
  }

  /// One attempt at the rest of a blob.
  private func fetchRest(
    of blob: Blob, at url: URL, for model: HubModelID, into incomplete: IncompleteBlob,
    arrived: (Int) -> Void
  ) throws(InputError) -> Attempt<Void> {
    let start = incomplete.count
    let fields = start > 0 ? ["Range": "bytes=\(start)-"] : [:]
    let opened: Opened
    switch try open("GET", url, for: model, fields: fields, leavesHost: true) {
    case .again(let reason, let pause, let isTransient, _):
      return .again(reason, pause: pause, isTransient: isTransient)
    case .done(let value): opened = value
    }
    defer { opened.exchange.cancel() }
    if start > 0, !Self.continues(opened.answer, at: start, of: blob.size) {
      // 416, or the whole file: the server cannot continue, so begin again.
      try incomplete.restart()
      arrived(-start)
      guard opened.answer.status == 200 else {
        return .again("status \(opened.answer.status)", pause: .zero)
      }
    }
    var mark = ContinuousClock.now
    var sinceMark = 0
    while true {
      switch opened.exchange.next(within: environment.patience.idleLimit) {
      case .answer: break
      case .data(let data):
        guard data.count <= blob.size - incomplete.count else {
          try incomplete.restart()
          throw wrongLength(url, expected: blob.size, found: "more")
        }
        try incomplete.append(data)
        arrived(data.count)
        sinceMark += data.count
        if sinceMark >= 1024 {
          (mark, sinceMark) = (.now, 0)
        } else if mark.duration(to: .now) > environment.patience.idleLimit {
          return .again("a server that all but stands still", pause: nil)
        }
      case .end(let ending):
        if incomplete.isWhole { return .done(()) }
        let gained = incomplete.count - start
        switch ending {
        case .overrun: return .again("too fast", pause: .zero, isProgress: true)
        case .failed(let reason, let isTransient):
          return .again(reason, pause: nil, isTransient: isTransient, isProgress: gained >= 1 << 20)
        case .complete:
          return .again(
            "\(incomplete.count) of \(blob.size) bytes", pause: nil, isProgress: gained >= 1 << 20)
        }
      }
    }
  }

  /// Whether an answer goes on where the file ends.
  private static func continues(_ answer: HTTPAnswer, at start: Int, of size: Int) -> Bool {
    guard answer.status == 206, let range = answer["content-range"],
      let match = range.wholeMatch(of: #/bytes (\d{1,18})-(\d{1,18})/(\d{1,18}|\*)/#)
    else { return false }
    return Int(match.1) == start && (match.3 == "*" || Int(match.3) == size)
  }

  private func wrongLength(_ url: URL, expected: Int, found: String) -> InputError {
    InputError(
      .mismatched, file: url.absoluteString, subject: "the length", expected: "\(expected) bytes",
      found: found, remedy: "try again; if it happens again, do not trust this source")
  }

  /// A whole body, which must be short.
  private func body(at url: URL, of model: HubModelID) throws(InputError) -> Attempt<[UInt8]> {
    let opened: Opened
    switch try open("GET", url, for: model, leavesHost: true) {
    case .again(let reason, let pause, let isTransient, _):
      return .again(reason, pause: pause, isTransient: isTransient)
    case .done(let value): opened = value
    }
    defer { opened.exchange.cancel() }
    var bytes: [UInt8] = []
    let start = ContinuousClock.now
    while true {
      guard start.duration(to: .now) < environment.patience.idleLimit * 4 else {
        return .again("a server that all but stands still", pause: nil)
      }
      switch opened.exchange.next(within: environment.patience.idleLimit) {
      case .answer: break
      case .data(let data):
        guard data.count <= Self.longestListing - bytes.count else {
          throw InputError(
            .malformed, file: url.absoluteString, subject: "the list of files",
            expected: "at most \(Self.longestListing) bytes", found: "more",
            remedy: "check HF_ENDPOINT")
        }
        bytes += data
      case .end(.complete):
        if let length = opened.answer["content-length"].flatMap({ Int($0) }), length > bytes.count,
          opened.answer["content-encoding"] == nil
        {
          return .again("\(bytes.count) of \(length) bytes", pause: nil)
        }
        return .done(bytes)
      case .end(.failed(let reason, let isTransient)):
        return .again(reason, pause: nil, isTransient: isTransient)
      case .end(.overrun): return .again("too much at once", pause: nil)
      }
    }
  }

  // MARK: - Requests

  private func address(of file: String, _ model: HubModelID, _ commit: String) -> URL {
    file.split(separator: "/").reduce(address("\(model.repository)/resolve", last: commit)) {
      $0.appending(path: String($1))
    }
  }

  /// A place below the server's address; slashes in its last part are escaped.
  private func address(_ path: String, last: String) -> URL {
    let escaped = last.replacing("/", with: "%2F")
    let text = environment.endpoint.absoluteString + "/" + path + "/" + escaped
    return URL(string: text) ?? environment.endpoint
  }

  /// An answer that is a success, its body still to come.
  private struct Opened {
    let answer: HTTPAnswer
    let exchange: HTTPExchange
  }

  /// Sends a request and follows where it is sent on to.
  ///
  /// If `leavesHost` is false, a redirection to another host is a success and is not followed.
  private func open(
    _ method: String, _ start: URL, for model: HubModelID, fields: [String: String] = [:],
    leavesHost: Bool
  ) throws(InputError) -> Attempt<Opened> {
    var url = start
    for _ in 0...Self.mostRedirections {
      var request = URLRequest(url: url)
      request.httpMethod = method
      // The reader of the events checks the time. A timeout here would limit the whole download.
      request.timeoutInterval = 7 * 86_400
      // Lengths and digests are those of the bytes as they are.
      request.setValue("identity", forHTTPHeaderField: "Accept-Encoding")
      request.setValue("secant", forHTTPHeaderField: "User-Agent")
      for (name, value) in fields { request.setValue(value, forHTTPHeaderField: name) }
      if let token = environment.token, isTrusted(url) {
        request.setValue("Bearer \(token)", forHTTPHeaderField: "Authorization")
      }
      let exchange = client.send(request)
      let answer: HTTPAnswer
      switch exchange.next(within: environment.patience.idleLimit) {
      case .answer(let value): answer = value
      case .end(.failed(let reason, let isTransient)):
        return .again(reason, pause: nil, isTransient: isTransient)
      case .end, .data: return .again("an empty answer", pause: nil)
      }
      guard [301, 302, 303, 307, 308].contains(answer.status) else {
        return try checked(
          answer, exchange, from: url, for: model, isPartial: fields["Range"] != nil)
      }
      let next = try redirection(answer, from: url)
      exchange.cancel()
      if !leavesHost, !next.hasOrigin(of: environment.endpoint) {
        return .done(Opened(answer: answer, exchange: exchange))
      }
      url = next
    }
    throw InputError(
      .malformed, file: start.absoluteString, subject: "the redirections",
      expected: "at most \(Self.mostRedirections)", found: "more", remedy: "check HF_ENDPOINT")
  }

  /// Whether the token may go there: to its own server, and over a connection that others cannot read.
  private func isTrusted(_ url: URL) -> Bool {
    let isLocal = ["localhost", "127.0.0.1", "::1"].contains(url.host)
    return url.hasOrigin(of: environment.endpoint) && (url.scheme == "https" || isLocal)
  }

  private func redirection(_ answer: HTTPAnswer, from url: URL) throws(InputError) -> URL {
    guard let text = answer["location"],
      let next = URL(string: text, relativeTo: url)?.absoluteURL, next.host?.isEmpty == false,
      next.scheme == "https" || (next.scheme == "http" && url.scheme == "http")
    else {
      throw InputError(
        .malformed, file: url.absoluteString, subject: "the redirection",
        expected: "a secure address", found: answer["location"] ?? "none",
        remedy: "check HF_ENDPOINT")
    }
    return next
  }

  private func checked(
    _ answer: HTTPAnswer, _ exchange: HTTPExchange, from url: URL, for model: HubModelID,
    isPartial: Bool
  ) throws(InputError) -> Attempt<Opened> {
    switch answer.status {
    case 200: return .done(Opened(answer: answer, exchange: exchange))
    case 206 where isPartial, 416 where isPartial:
      return .done(Opened(answer: answer, exchange: exchange))
    case 408, 429, 500...599:
      exchange.cancel()
      let pause = answer["retry-after"].flatMap { Int($0) }.map { Duration.seconds($0) }
      return .again(
        answer.status == 429
          ? "too many requests (status 429)" : "status \(answer.status)", pause: pause)
    case 400...499 where !url.hasOrigin(of: environment.endpoint):
      // The Hub has allowed it and sent on to a link that is good for some time: a new one may be taken.
      exchange.cancel()
      return .again("status \(answer.status) of a link that has expired or is refused", pause: nil)
    default:
      exchange.cancel()
      throw refusal(answer, url, model)
    }
  }
}
