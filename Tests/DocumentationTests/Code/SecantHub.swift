// Made from Sources/SecantHub/SecantHub.docc/SecantHub.md by DocumentedCodeTests; SECANT_UPDATE_GOLDEN=1 makes it anew.
// swift-format-ignore-file

import Foundation
import SecantHub

func codeOfSecantHub() throws {
  let hub = Hub(try HubEnvironment())
  if let model = HubModelID("Qwen/Qwen3-0.6B") {
    let folder = try hub.folder(of: model) { print($0.stage.rawValue, $0.fraction) }
    print(folder.path)
  }
  for cached in hub.cache.models() { print(cached.name, cached.bytes) }
  _ = (hub)
}
