"""Data in memory: arrays, and data frames of pandas and polars."""
