"""A SavedModel as a plain function, for other servers."""


def load_function(path):
    """Returns `(B, ...) -> (B, K)`, the only input to the only output."""
    import tensorflow as tf

    loaded = tf.saved_model.load(path)
    function = loaded.signatures["serving_default"]
    (name,) = function.structured_input_signature[1]
    (output,) = function.structured_outputs

    def predict(x):
        return (loaded and function(**{name: tf.constant(x)}))[output].numpy()

    return predict
