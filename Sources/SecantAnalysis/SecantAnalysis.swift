// SecantAnalysis
