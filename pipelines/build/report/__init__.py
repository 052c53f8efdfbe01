"""report.html: one page that shows what was kept, what was not, and why, with real examples."""
