"""What optimizers walk on: textbook surfaces, and a trained run's loss."""
