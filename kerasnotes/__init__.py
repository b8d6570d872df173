"""Classical neural architectures on TensorFlow, JAX and PyTorch."""
