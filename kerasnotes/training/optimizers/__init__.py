"""What moves the weights: optimizers, their rates, schedules and pace."""
