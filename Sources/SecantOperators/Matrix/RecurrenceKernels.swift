/// The steps of a gated delta network, for one head, and of a short convolution.
///
/// A state is a matrix S `[d_k, m]`, row after row; its m columns are the components of one or more
/// vectors that pass the same recurrence. Keys, queries and values are read in place, from an offset.
extension Kernels {
  /// One step of the recurrence: `S ← α S`, then `S ← S + k (β (v − Sᵀ k))ᵀ` and `o = Sᵀ q`.
  ///
  /// Source: Yang et al., "Gated Delta Networks" (2024), as Qwen 3-Next computes it. Costs 8·d_k·m
  /// operations.
  ///
  /// - Parameters:
  ///   - state: S `[d_k, m]`.
  ///   - keys: Holds k `[d_k]` from `offset` on.
  ///   - queries: Holds q `[d_k]` from `offset` on.
  ///   - offset: Where both begin.
  ///   - decay: α.
  ///   - rate: β.
  ///   - values: v `[m]`.
  ///   - outputs: Receives o `[m]`.
  @_specialize(where S == Float)
  @_specialize(where S == Double)
  package static func deltaStep<S: Scalar>(
    _ state: inout [S], keys: [S], queries: [S], at offset: Int, decay: S, rate: S, values: [S],
    into outputs: inout [S]
  ) {
    let m = values.count
    let width = m == 0 ? 0 : state.count / m
    precondition(outputs.count == m && width * m == state.count, "a state of another width")
    let keys = keys.span
    let queries = queries.span
    let values = values.span
    var change = [S](repeating: 0, count: m)
    do {
      var s = state.mutableSpan
      var u = change.mutableSpan
      for i in 0..<width {
        let k = keys[offset + i]
        for c in 0..<m {
          s[i * m + c] *= decay
          u[c] += k * s[i * m + c]
        }
      }
      for c in 0..<m { u[c] = rate * (values[c] - u[c]) }
    }
    let delta = change.span
    var s = state.mutableSpan
    var o = outputs.mutableSpan
    for c in 0..<m { o[c] = 0 }
    for i in 0..<width {
      let (k, q) = (keys[offset + i], queries[offset + i])
      for c in 0..<m {
        s[i * m + c] += k * delta[c]
        o[c] += q * s[i * m + c]
      }
    }
  }

  /// The adjoint of one step with q, k, α and β held: `G ← G + q yᵀ`, `v̄ = β Gᵀ k`, then
  /// `G ← α (G − k v̄ᵀ)`.
  ///
  /// - Parameters:
  ///   - state: G `[d_k, m]`: the cotangent of the state after the step; afterwards that before it.
  ///   - keys: Holds k `[d_k]` from `offset` on.
  ///   - queries: Holds q `[d_k]` from `offset` on.
  ///   - offset: Where both begin.
  ///   - decay: α.
  ///   - rate: β.
  ///   - cotangents: y `[m]`, of the step's output.
  ///   - values: Receives v̄ `[m]`.
  @_specialize(where S == Float)
  @_specialize(where S == Double)
  package static func deltaAdjointStep<S: Scalar>(
    _ state: inout [S], keys: [S], queries: [S], at offset: Int, decay: S, rate: S,
    cotangents: [S], into values: inout [S]
  ) {
    let m = cotangents.count
    let width = m == 0 ? 0 : state.count / m
    precondition(values.count == m && width * m == state.count, "a state of another width")
    let keys = keys.span
    let queries = queries.span
    let y = cotangents.span
    var g = state.mutableSpan
    var v = values.mutableSpan
    for c in 0..<m { v[c] = 0 }
    for i in 0..<width {
      let (k, q) = (keys[offset + i], queries[offset + i])
      for c in 0..<m {
        g[i * m + c] += q * y[c]
        v[c] += k * g[i * m + c]
      }
    }
    for c in 0..<m { v[c] *= rate }
    for i in 0..<width {
      let k = keys[offset + i]
      for c in 0..<m { g[i * m + c] = decay * (g[i * m + c] - k * v[c]) }
    }
  }

  /// Adds products with one row of a kernel: `y[t + r] ← y[t + r] + x[s + r] ⊙ w[j]` for `count`
  /// rows r of `width` numbers.
  ///
  /// - Parameters:
  ///   - x: Rows `[…, width]`.
  ///   - source: s: the first row that is read.
  ///   - count: The number of rows.
  ///   - width: Numbers in a row.
  ///   - kernel: w, rows `[…, width]`.
  ///   - tap: j: the row of the kernel.
  ///   - y: Rows `[…, width]`, to which is added.
  ///   - target: t: the first row that is written.
  @_specialize(where S == Float)
  @_specialize(where S == Double)
  package static func addRows<S: Scalar>(
    _ x: [S], from source: Int, count: Int, width: Int, times kernel: [S], tap: Int,
    to y: inout [S], at target: Int
  ) {
    let x = x.span
    let w = kernel.span
    var y = y.mutableSpan
    for r in 0..<count {
      let (to, from) = ((target + r) * width, (source + r) * width)
      for c in 0..<width { y[to + c] += x[from + c] * w[tap * width + c] }
    }
  }

  /// The derivative of one step of the recurrence along changes of all that enters it.
  ///
  /// With `S' = α S`, `e = v − S'ᵀ k` and `δ = β e`:
  /// `dS' = dα S + α dS`, `dδ = dβ e + β (dv − dS'ᵀ k − S'ᵀ dk)`, `dS ← dS' + dk δᵀ + k dδᵀ` and
  /// `do = dSᵀ q + Sᵀ dq` with the S after the step.
  ///
  /// - Parameters:
  ///   - tangent: dS `[d_k, d_v]` before the step; afterwards that after it.
  ///   - before: S `[d_k, d_v]` before the step.
  ///   - after: S `[d_k, d_v]` after the step.
  ///   - step: What enters the step.
  ///   - change: Its changes.
  /// - Returns: do `[d_v]`.
  @_specialize(where S == Float)
  @_specialize(where S == Double)
  package static func deltaTangentStep<S: Scalar>(
    _ tangent: inout [S], before: [S], after: [S], step: DeltaStep<S>, change: DeltaStep<S>
  ) -> [S] {
    let (width, m) = (step.key.count, step.value.count)
    var errors = step.value
    var changes = change.value
    for i in 0..<width {
      for c in 0..<m {
        let (decayed, moved) = (
          step.decay * before[i * m + c],
          change.decay * before[i * m + c] + step.decay * tangent[i * m + c]
        )
        errors[c] -= step.key[i] * decayed
        changes[c] -= step.key[i] * moved + change.key[i] * decayed
        tangent[i * m + c] = moved
      }
    }
    var outputs = [S](repeating: 0, count: m)
    for c in 0..<m { changes[c] = change.rate * errors[c] + step.rate * changes[c] }
    for i in 0..<width {
      for c in 0..<m {
        tangent[i * m + c] += change.key[i] * step.rate * errors[c] + step.key[i] * changes[c]
        outputs[c] +=
          step.query[i] * tangent[i * m + c] + change.query[i] * after[i * m + c]
      }
    }
    return outputs
  }

  /// The adjoint of the derivative of one step: the cotangents of all that enters it.
  ///
  /// - Parameters:
  ///   - cotangent: G `[d_k, d_v]` of the state after the step; afterwards that before it.
  ///   - before: S `[d_k, d_v]` before the step.
  ///   - after: S `[d_k, d_v]` after the step.
  ///   - step: What enters the step.
  ///   - y: `[d_v]`, the cotangent of the step's output.
  /// - Returns: The cotangents of q, k, v, α and β.
  @_specialize(where S == Float)
  @_specialize(where S == Double)
  package static func deltaCotangentStep<S: Scalar>(
    _ cotangent: inout [S], before: [S], after: [S], step: DeltaStep<S>, output y: [S]
  ) -> DeltaStep<S> {
    let (width, m) = (step.key.count, step.value.count)
    var asked = DeltaStep(
      query: step.query, key: step.key, value: step.value, decay: S(0), rate: S(0))
    var errors = step.value
    var pulls = [S](repeating: 0, count: m)
    for i in 0..<width {
      var query: S = 0
      for c in 0..<m {
        cotangent[i * m + c] += step.query[i] * y[c]
        query += after[i * m + c] * y[c]
        errors[c] -= step.key[i] * step.decay * before[i * m + c]
        pulls[c] += step.key[i] * cotangent[i * m + c]
      }
      asked.query[i] = query
    }
    for c in 0..<m {
      asked.rate += pulls[c] * errors[c]
      asked.value[c] = step.rate * pulls[c]
    }
    for i in 0..<width {
      var key: S = 0
      for c in 0..<m {
        let decayed = step.decay * before[i * m + c]
        key += cotangent[i * m + c] * step.rate * errors[c] - decayed * asked.value[c]
        let moved = cotangent[i * m + c] - step.key[i] * asked.value[c]
        asked.decay += moved * before[i * m + c]
        cotangent[i * m + c] = step.decay * moved
      }
      asked.key[i] = key
    }
    return asked
  }
}

/// What enters one step of the recurrence of a gated delta network, or its changes or cotangents.
package struct DeltaStep<S: Scalar>: Sendable {
  /// q `[d_k]`.
  package var query: [S]
  /// k `[d_k]`.
  package var key: [S]
  /// v `[d_v]`.
  package var value: [S]
  /// α.
  package var decay: S
  /// β.
  package var rate: S

  /// A step from its parts.
  package init(query: [S], key: [S], value: [S], decay: S, rate: S) {
    (self.query, self.key, self.value) = (query, key, value)
    (self.decay, self.rate) = (decay, rate)
  }
}
