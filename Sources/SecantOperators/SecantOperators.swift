// SecantOperators
