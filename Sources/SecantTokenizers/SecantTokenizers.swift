// SecantTokenizers
