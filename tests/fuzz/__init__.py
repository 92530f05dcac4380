"""Coverage-guided fuzzing of every decoder: targets, the driver, and the corpus that it left."""
