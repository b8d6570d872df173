"""Recurrent networks with gates: LSTM and GRU."""
