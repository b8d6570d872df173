"""Whether a training step gains from XLA on this backend and device."""

import keras


def jit_compile() -> bool:
    """Returns what to pass to `Model.compile(jit_compile=...)`.

    JAX always compiles. TensorFlow on a CPU is faster without XLA, whose
    convolutions there do not use oneDNN. Torch's own kernels are kept:
    `torch.compile` under Keras was measured slower and starts slowly.
    """
    backend = keras.backend.backend()
    if backend == "tensorflow":
        import tensorflow as tf

        return bool(tf.config.list_physical_devices("GPU"))
    return bool(backend == "jax")
