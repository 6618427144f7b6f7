// Made from Sources/SecantOperators/SecantOperators.docc/SecantOperators.md by DocumentedCodeTests; SECANT_UPDATE_GOLDEN=1 makes it anew.
// swift-format-ignore-file

import SecantOperators

func codeOfSecantOperators() throws {
  let map = DenseOperator(Matrix<Double>(rows: 3, columns: 2) { Double($0 + $1) })
  let both = map.adjoint.then(map)             // A Aᵀ, [3, 3]
  let image = both.apply(.identity(3))         // three vectors at once
  let svd = map.svd(rank: 2)                   // A = σ₁ u₁ v₁ᵀ + σ₂ u₂ v₂ᵀ
  print(svd.singularValues, svd.residuals)     // how large they are, and how exact
  _ = (map, both, image, svd)
}
