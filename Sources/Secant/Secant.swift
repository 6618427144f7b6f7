// Secant
