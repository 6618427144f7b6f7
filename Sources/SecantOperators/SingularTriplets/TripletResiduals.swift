/// `√(‖A v_k − σ_k u_k‖² + ‖Aᵀ u_k − σ_k v_k‖²) / σ_1` from the products `A v_k` and `Aᵀ u_k`.
func relativeResiduals<S: Scalar>(
  forward: Matrix<S>, adjoint: Matrix<S>, left: Matrix<S>, values: [S], right: Matrix<S>
) -> [Double] {
  let outer = (forward - left.scalingRows(by: values)).rowNorms
  let inner = (adjoint - right.scalingRows(by: values)).rowNorms
  let first = values.first.map(Double.init) ?? 0
  return zip(outer, inner).map { outer, inner in
    let residual = (outer * outer + inner * inner).squareRoot()
    return residual == 0 ? 0 : residual / first
  }
}
