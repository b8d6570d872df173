"""Spiking neurons, what makes spikes of numbers, and numbers of spikes."""
