// SecantReports
