import Dispatch
import Synchronization

/// The images of some values, in their order, computed concurrently by as many threads as there are
/// processors.
///
/// It pays for work of at least a tenth of a millisecond per value. A single value is mapped on the
/// calling thread.
package func concurrentMap<Value: Sendable, Image: Sendable>(
  _ values: [Value], _ image: @Sendable (Value) -> Image
) -> [Image] {
  if values.count < 2 { return values.map(image) }
  let images = Mutex([Image?](repeating: nil, count: values.count))
  DispatchQueue.concurrentPerform(iterations: values.count) { index in
    let result = image(values[index])
    images.withLock { $0[index] = result }
  }
  // The call above returns when every index is done.
  return images.withLock { $0.compactMap(\.self) }
}
