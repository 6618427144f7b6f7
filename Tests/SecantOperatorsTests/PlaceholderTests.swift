import Testing

@Test func placeholderOperators() {}
