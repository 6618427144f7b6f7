import Foundation

/// The questions that were asked: each once, however often it is asked, and its messages for all who listen.
actor Jobs {
  /// One question, while it is answered and for a while after.
  private struct Job {
    let question: Question
    /// Notes and the answer: what a listener who comes late is told.
    var kept: [Data] = []
    /// The last message of progress.
    var progress: Data?
    var isOver = false
    /// Whether somebody was told the answer.
    var isHeard = false
    var listeners: [Int: AsyncStream<Data>.Continuation] = [:]
  }

  private let worker: any Worker
  private let models: [String]
  private let cache: AnswerCache?
  private var jobs: [String: Job] = [:]
  /// Jobs in the order in which they were asked.
  private var order: [String] = []
  private var next = 0
  private var nextListener = 0

  /// Answers that are remembered after somebody was told them: more are in the cache.
  private static let remembered = 64
  /// Answers that wait for somebody to ask for them.
  private static let unheard = 1024
  /// Jobs that wait or run at most: more are refused.
  static let limit = 256

  init(_ worker: any Worker, models: [String], cache: AnswerCache?) {
    self.worker = worker
    self.models = models
    self.cache = cache
  }

  /// Begins to answer a question; nil where too many wait.
  func ask(_ question: Question) -> String? {
    if let id = order.last(where: { jobs[$0]?.question == question && jobs[$0]?.isOver == false }) {
      return id
    }
    guard jobs.values.count(where: { !$0.isOver }) < Self.limit else { return nil }
    next += 1
    let id = "q\(next)"
    jobs[id] = Job(question: question)
    order.append(id)
    forget()
    let model = models[question.model]
    if let known = cache?.answer(to: question.arguments, by: model) {
      take(known, isOver: true, isProgress: false, of: id)
      return id
    }
    let messages = worker.ask(id, question.arguments(asking: model))
    Task {
      for await message in messages {
        let isProgress = message.status == nil && message.line.isProgress
        if message.status == 0 {
          cache?.keep(message.line, of: question.arguments, by: model)
        }
        take(message.line, isOver: message.status != nil, isProgress: isProgress, of: id)
      }
    }
    return id
  }

  /// The messages of a job: those that count of the past, then each as it comes; nil where there is no such job.
  func messages(of id: String) -> AsyncStream<Data>? {
    guard let job = jobs[id] else { return nil }
    let (stream, continuation) = AsyncStream.makeStream(of: Data.self)
    for line in job.kept + (job.isOver ? [] : [job.progress].compactMap(\.self)) {
      continuation.yield(line)
    }
    if job.isOver {
      jobs[id]?.isHeard = true
      continuation.finish()
      return stream
    }
    nextListener += 1
    let listener = nextListener
    jobs[id]?.listeners[listener] = continuation
    continuation.onTermination = { _ in Task { await self.leave(listener, of: id) } }
    return stream
  }

  /// Stops answering a question; false where there is no such job.
  func cancel(_ id: String) -> Bool {
    guard let job = jobs[id] else { return false }
    if !job.isOver { worker.cancel(id) }
    return true
  }

  /// Number of listeners, for tests.
  var listenerCount: Int { jobs.values.reduce(0) { $0 + $1.listeners.count } }
  /// Number of jobs that are remembered.
  var count: Int { jobs.count }

  private func leave(_ listener: Int, of id: String) { jobs[id]?.listeners[listener] = nil }

  private func take(_ line: Data, isOver: Bool, isProgress: Bool, of id: String) {
    guard var job = jobs[id], !job.isOver else { return }
    if isProgress { job.progress = line } else { job.kept.append(line) }
    job.isOver = isOver
    job.isHeard = isOver && !job.listeners.isEmpty
    for listener in job.listeners.values {
      listener.yield(line)
      if isOver { listener.finish() }
    }
    if isOver { job.listeners = [:] }
    jobs[id] = job
  }

  /// Forgets the oldest answers, those first that somebody was told.
  private func forget() {
    for (isHeard, limit) in [(true, Self.remembered), (false, Self.unheard)] {
      let finished = order.filter { id in
        jobs[id].map { $0.isOver && $0.isHeard == isHeard } ?? false
      }
      for id in finished.dropLast(limit) { jobs[id] = nil }
    }
    order.removeAll { jobs[$0] == nil }
  }
}

extension Data {
  /// Whether a message says how far the work has come.
  fileprivate var isProgress: Bool {
    let object = try? JSONSerialization.jsonObject(with: self) as? [String: Any]
    return object?["progress"] != nil
  }
}
