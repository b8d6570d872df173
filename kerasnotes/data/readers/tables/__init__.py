"""Tables of text or Parquet, through polars."""
