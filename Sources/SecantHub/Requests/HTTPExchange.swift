import Dispatch
import Foundation
import Synchronization

#if canImport(FoundationNetworking)
  import FoundationNetworking
#endif

/// The status and header fields of an answer.
struct HTTPAnswer: Sendable {
  let status: Int
  private let fields: [String: String]

  init(_ response: HTTPURLResponse) {
    status = response.statusCode
    fields = Dictionary(
      response.allHeaderFields.compactMap { name, value in
        (name as? String).map { ($0.lowercased(), "\(value)") }
      }, uniquingKeysWith: { first, _ in first })
  }

  /// The value of a header field; nil if there is none.
  subscript(field: String) -> String? { fields[field.lowercased()] }
}

/// One request and its answer, whose body the caller takes at its own pace.
///
/// Redirections are answers like others: who asked decides whether to follow.
final class HTTPExchange: Sendable {
  /// The events, in this order: an answer, the parts of its body, and the end.
  enum Event: Sendable {
    case answer(HTTPAnswer)
    case data(Data)
    case end(Ending)
  }

  /// How an exchange ended.
  enum Ending: Sendable {
    /// The server has said everything that it wanted to say.
    case complete
    /// The connection failed; whether another attempt may help.
    case failed(String, isTransient: Bool)
    /// More came than could be taken: it was cut off, and may be asked for again from there.
    case overrun
  }

  private struct State {
    var events: [Event] = []
    var waitingBytes = 0
    var hasAnswer = false
    var isOver = false
    /// Whether the task was told to stop.
    var isCancelled = false
    /// The target of a redirection, until the task has ended.
    var redirection: HTTPAnswer?
  }

  /// The bytes that may wait to be taken.
  private static let limit = 1 << 27
  private let state = Mutex(State())
  private let arrivals = DispatchSemaphore(value: 0)
  private let task: URLSessionTask

  fileprivate init(_ task: URLSessionTask) { self.task = task }

  /// The next event; an ending of the caller's own where none comes for the time given.
  func next(within limit: Duration) -> Event {
    let nanoseconds = Int(limit / .nanoseconds(1))
    guard arrivals.wait(timeout: .now() + .nanoseconds(nanoseconds)) == .success else {
      cancel()
      return .end(.failed("no answer for \(limit)", isTransient: true))
    }
    return state.withLock { state in
      let event = state.events.removeFirst()
      if case .data(let data) = event { state.waitingBytes -= data.count }
      return event
    }
  }

  /// Ends the exchange; what has not been taken is lost.
  func cancel() {
    let isRunning = state.withLock { state in
      // A task that is being redirected ends by itself. Foundation on Linux does not bear that it is cancelled
      // before it has heard that nobody follows.
      guard state.redirection == nil, !state.isCancelled else { return false }
      state.isCancelled = true
      return true
    }
    if isRunning { task.cancel() }
  }

  /// Takes note of a redirection, which becomes the answer when the task has ended.
  ///
  /// The result is false where the task was cancelled: nothing more may be said to it then.
  fileprivate func redirect(_ response: HTTPURLResponse) -> Bool {
    state.withLock { state in
      guard !state.isCancelled else { return false }
      state.redirection = HTTPAnswer(response)
      return true
    }
  }

  fileprivate func receive(_ response: URLResponse?) {
    guard let response = response as? HTTPURLResponse else { return }
    let isFirst = state.withLock { state in
      guard state.redirection == nil else { return false }
      defer { state.hasAnswer = true }
      return !state.hasAnswer
    }
    if isFirst { append(.answer(HTTPAnswer(response))) }
  }

  fileprivate func receive(_ data: Data) {
    let (waiting, isBody) = state.withLock { state in
      state.waitingBytes += data.count
      return (state.waitingBytes, state.redirection == nil)
    }
    guard isBody else { return }
    append(.data(data))
    if waiting > Self.limit {
      append(.end(.overrun))
      cancel()
    }
  }

  fileprivate func end(_ error: (any Error)?) {
    if let answer = state.withLock({ $0.redirection }) { append(.answer(answer)) }
    append(.end(error.map(Self.ending) ?? .complete))
  }

  private func append(_ event: Event) {
    let isHeard = state.withLock { state in
      guard !state.isOver else { return false }
      if case .end = event { state.isOver = true }
      state.events.append(event)
      return true
    }
    if isHeard { arrivals.signal() }
  }

  private static let untrusted =
    "no certificate that can be trusted (the package ca-certificates brings the list of those that are)"

  private static func ending(_ error: any Error) -> Ending {
    guard let code = (error as? URLError)?.code else {
      return .failed("\(error.localizedDescription)", isTransient: true)
    }
    switch code {
    case .cannotFindHost, .dnsLookupFailed: return .failed("no such host", isTransient: false)
    case .cannotConnectToHost: return .failed("no connection", isTransient: false)
    case .notConnectedToInternet: return .failed("no network", isTransient: false)
    case .secureConnectionFailed, .serverCertificateUntrusted, .serverCertificateHasBadDate,
      .serverCertificateHasUnknownRoot, .serverCertificateNotYetValid:
      return .failed(untrusted, isTransient: false)
    case .timedOut: return .failed("no answer in time", isTransient: true)
    case .networkConnectionLost: return .failed("a connection that was cut", isTransient: true)
    case .badServerResponse, .cannotParseResponse, .unsupportedURL:
      return .failed("an answer that is none of HTTP", isTransient: true)
    default:
      // On Linux, Foundation has no code for what curl says of certificates.
      let text = error.localizedDescription
      guard text.lowercased().contains("certificate") else {
        return .failed("a broken connection (\(code.rawValue): \(text))", isTransient: true)
      }
      return .failed(untrusted, isTransient: false)
    }
  }
}

/// Sends requests, each over its own connection or one that is kept open.
final class HTTPClient: Sendable {
  private let session: URLSession
  private let router = Router()

  init() {
    let configuration = URLSessionConfiguration.ephemeral
    configuration.requestCachePolicy = .reloadIgnoringLocalCacheData
    configuration.urlCache = nil
    configuration.httpShouldSetCookies = false
    configuration.httpCookieStorage = nil
    session = URLSession(configuration: configuration, delegate: router, delegateQueue: nil)
  }

  deinit { session.finishTasksAndInvalidate() }

  /// Sends a request.
  func send(_ request: URLRequest) -> HTTPExchange {
    let task = session.dataTask(with: request)
    let exchange = HTTPExchange(task)
    router.add(exchange, for: task)
    task.resume()
    return exchange
  }
}

/// Brings what the session tells to the exchange that it concerns.
private final class Router: NSObject, URLSessionDataDelegate, Sendable {
  /// Those that have not ended.
  private let exchanges = Mutex<[Int: HTTPExchange]>([:])

  func add(_ exchange: HTTPExchange, for task: URLSessionTask) {
    exchanges.withLock { $0[task.taskIdentifier] = exchange }
  }

  private func exchange(of task: URLSessionTask) -> HTTPExchange? {
    exchanges.withLock { $0[task.taskIdentifier] }
  }

  func urlSession(
    _ session: URLSession, task: URLSessionTask,
    willPerformHTTPRedirection response: HTTPURLResponse, newRequest request: URLRequest,
    completionHandler: @escaping @Sendable (URLRequest?) -> Void
  ) {
    if exchange(of: task)?.redirect(response) == true { completionHandler(nil) }
  }

  func urlSession(_ session: URLSession, dataTask: URLSessionDataTask, didReceive data: Data) {
    let exchange = exchange(of: dataTask)
    exchange?.receive(dataTask.response)
    exchange?.receive(data)
  }

  func urlSession(
    _ session: URLSession, task: URLSessionTask, didCompleteWithError error: (any Error)?
  ) {
    let exchange = exchange(of: task)
    exchange?.receive(task.response)
    exchange?.end(error)
    exchanges.withLock { $0[task.taskIdentifier] = nil }
  }
}
