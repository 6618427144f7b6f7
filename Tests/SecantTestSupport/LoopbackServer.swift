import Dispatch
public import Foundation
import Synchronization

#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

// Unsafe code: the calls of sockets take pointers to addresses and buffers, all local.

/// A request as a server on loopback has read it.
public struct LoopbackRequest: Sendable {
  /// The method, such as "GET".
  public let method: String
  /// The path as it was sent, escapes and query included.
  public let path: String
  /// The header fields, names in lower case.
  public let fields: [String: String]
}

/// What a server on loopback says, honest or not.
public struct LoopbackAnswer: Sendable {
  /// The status.
  public var status = 200
  /// The header fields; `Content-Length` is that of the body unless it is set here.
  public var fields: [String: String] = [:]
  /// The body; it is not sent in answer to HEAD.
  public var body = Data()
  /// After how many bytes of the body the connection is cut; nil where it is not.
  public var cut: Int?
  /// How long the server waits before it answers.
  public var delay = Duration.zero
  /// How long the connection stays open after what is sent.
  public var hold = Duration.zero
  /// Bytes that are sent in place of all of the above.
  public var raw: Data?

  /// Describes an answer.
  public init(_ status: Int = 200, _ body: Data = Data(), fields: [String: String] = [:]) {
    self.status = status
    self.body = body
    self.fields = fields
  }

  fileprivate func bytes(withBody: Bool) -> Data {
    if let raw { return raw }
    var text = "HTTP/1.1 \(status) Status\r\nConnection: close\r\n"
    if !fields.keys.contains(where: { $0.lowercased() == "content-length" }) {
      text += "Content-Length: \(body.count)\r\n"
    }
    for (name, value) in fields.sorted(by: { $0.key < $1.key }) { text += "\(name): \(value)\r\n" }
    return Data((text + "\r\n").utf8) + (withBody ? body.prefix(cut ?? body.count) : Data())
  }
}

/// An HTTP server on loopback, one thread a connection, one request a connection.
public final class LoopbackServer: Sendable {
  /// The address, such as "http://127.0.0.1:40001".
  public let url: URL
  private let listener: Int32
  private let seen = Record()

  private final class Record: Sendable {
    let requests = Mutex<[LoopbackRequest]>([])
    let isOver = Mutex(false)
  }

  /// A failure of the system.
  public struct Failure: Error {
    let code: Int32
  }

  /// Starts a server; it ends with the last reference to it.
  ///
  /// - Parameter answer: Called for each request, on any thread, several at once.
  /// - Throws: `Failure` where there is no port.
  public init(_ answer: @escaping @Sendable (LoopbackRequest) -> LoopbackAnswer) throws {
    #if canImport(Darwin)
      let stream = SOCK_STREAM
    #else
      let stream = Int32(SOCK_STREAM.rawValue)
    #endif
    let listener = socket(AF_INET, stream, 0)
    guard listener >= 0 else { throw Failure(code: errno) }
    #if canImport(Darwin)
      // Accepted connections inherit it; elsewhere each call of send says so.
      var one: Int32 = 1
      unsafe setsockopt(
        listener, SOL_SOCKET, SO_NOSIGPIPE, &one, socklen_t(MemoryLayout<Int32>.size))
    #endif
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isBound = unsafe withUnsafeMutablePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
        unsafe bind(listener, pointer, length) == 0 && listen(listener, 64) == 0
          && getsockname(listener, pointer, &length) == 0
      }
    }
    guard isBound, let url = URL(string: "http://127.0.0.1:\(UInt16(bigEndian: address.sin_port))")
    else { throw Failure(code: errno) }
    self.listener = listener
    self.url = url
    Thread.detachNewThread { [seen] in
      // The thread that accepts is the one that closes: a descriptor that is closed under it may be that of
      // another server by the time that it accepts again.
      defer { close(listener) }
      while !seen.isOver.withLock({ $0 }) {
        var entry = pollfd(fd: listener, events: Int16(POLLIN), revents: 0)
        guard unsafe poll(&entry, 1, 200) > 0 else { continue }
        let connection = accept(listener, nil, nil)
        guard connection >= 0 else {
          if errno == EINTR { continue }
          return
        }
        Thread.detachNewThread {
          if let request = Self.request(connection) {
            seen.requests.withLock { $0.append(request) }
            let answer = answer(request)
            Self.send(answer, to: request, connection)
            if answer.hold > .zero { Self.waitForEnd(of: connection, within: answer.hold) }
          }
          shutdown(connection, Int32(SHUT_RDWR))
          close(connection)
        }
      }
    }
  }

  deinit {
    seen.isOver.withLock { $0 = true }
    shutdown(listener, Int32(SHUT_RDWR))
  }

  /// All requests so far, in the order in which they came.
  public var requests: [LoopbackRequest] { seen.requests.withLock { $0 } }

  /// Waits until the client closes the connection.
  private static func waitForEnd(of connection: Int32, within limit: Duration) {
    var entry = pollfd(fd: connection, events: Int16(POLLIN), revents: 0)
    _ = unsafe poll(&entry, 1, Int32(limit / .milliseconds(1)))
  }

  private static func send(
    _ answer: LoopbackAnswer, to request: LoopbackRequest, _ connection: Int32
  ) {
    if answer.delay > .zero { Thread.sleep(forTimeInterval: answer.delay / .seconds(1)) }
    let bytes = [UInt8](answer.bytes(withBody: request.method != "HEAD"))
    var done = 0
    while done < bytes.count {
      let sent = unsafe bytes.withUnsafeBytes { buffer in
        unsafe Self.send(connection, buffer.baseAddress?.advanced(by: done), bytes.count - done)
      }
      guard sent > 0 else { return }
      done += sent
    }
  }

  private static func send(_ connection: Int32, _ bytes: UnsafeRawPointer?, _ count: Int) -> Int {
    guard let bytes = unsafe bytes else { return 0 }
    #if canImport(Darwin)
      return unsafe Darwin.send(connection, bytes, count, 0)
    #elseif canImport(Glibc)
      return unsafe Glibc.send(connection, bytes, count, Int32(MSG_NOSIGNAL))
    #else
      return unsafe Musl.send(connection, bytes, count, MSG_NOSIGNAL)
    #endif
  }

  private static func request(_ connection: Int32) -> LoopbackRequest? {
    var head: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    let end = Array("\r\n\r\n".utf8)
    while head.suffix(4) != end[...] {
      let count = unsafe buffer.withUnsafeMutableBytes {
        unsafe recv(connection, $0.baseAddress, $0.count, 0)
      }
      guard count > 0, head.count < 1 << 16 else { return nil }
      head += buffer[..<count]
    }
    let lines = String(decoding: head, as: UTF8.self).components(separatedBy: "\r\n")
    let first = lines[0].split(separator: " ")
    guard first.count == 3 else { return nil }
    var fields: [String: String] = [:]
    for line in lines.dropFirst() {
      let parts = line.split(separator: ":", maxSplits: 1)
      guard parts.count == 2 else { continue }
      fields[parts[0].lowercased()] = parts[1].trimmingCharacters(in: .whitespaces)
    }
    return LoopbackRequest(method: String(first[0]), path: String(first[1]), fields: fields)
  }
}
