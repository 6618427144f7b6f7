import Dispatch
import Synchronization

/// The images of some values, in their order, computed at the same time by as many threads as there are processors.
///
/// For work of a tenth of a millisecond and more each; a single value is mapped where the call is made.
package func concurrentMap<Value: Sendable, Image: Sendable>(
  _ values: [Value], _ image: @Sendable (Value) -> Image
) -> [Image] {
  if values.count < 2 { return values.map(image) }
  let images = Mutex([Image?](repeating: nil, count: values.count))
  DispatchQueue.concurrentPerform(iterations: values.count) { index in
    let result = image(values[index])
    images.withLock { $0[index] = result }
  }
  // The call above returns when every index has had its turn.
  return images.withLock { $0.compactMap(\.self) }
}
