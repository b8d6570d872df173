"""Recurrent network: tanh of the input and of itself a step before."""
