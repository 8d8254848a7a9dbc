"""One-page plots of what is served: one module per plot, and what they share."""
