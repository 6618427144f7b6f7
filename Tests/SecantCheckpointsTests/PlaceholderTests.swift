import Testing

@Test func placeholderCheckpoints() {}
