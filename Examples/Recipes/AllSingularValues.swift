import Secant

/// Every singular value of every token's map to the output, as comma-separated values: all d of them, exact but for
/// rounding, from the formed matrices.
func allSingularValues(_ model: Model<Float>, _ text: String) throws -> String {
  let prompt = try model.tokens(of: .text(text))
  let frozen = try model.decoder.linearize(at: prompt)
  var lines = ["token,text,index,sigma"]
  for (position, id) in prompt.enumerated() {
    let name = model.text(of: id).replacing("\"", with: "\"\"")
    let jacobian = frozen.jacobian(from: .input(token: position), to: .output)
    let svd = jacobian.svd(rank: jacobian.outputWidth, using: .dense(DenseSVD()))
    for (index, sigma) in svd.singularValues.enumerated() {
      lines.append("\(position),\"\(name)\",\(index),\(sigma)")
    }
  }
  return lines.joined(separator: "\n")
}
