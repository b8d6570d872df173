"""Series in time: windows, stamps, simple forecasts; images read as series."""
