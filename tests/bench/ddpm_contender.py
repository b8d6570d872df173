"""Contenders of a DDPM's training step and sampling; see `contender.py`.

Ours and `diffusers.UNet2DModel`, the weights copied over. Training: times
and noise are given, the same to both. Sampling: 16 images by DPM++ 2M in 20
steps on Karras' levels, from the same noise.

A convolution of ours has no bias where the time's dense layer shifts the
same channels; that bias of `diffusers` stays 0 and is not trained or counted.
"""

import sys
import time

import numpy as np

from tests.bench import contender
from tests.specs import flat

STEPS, IMAGES = 1000, 16


def make_sizes(config):
    from kerasnotes.notes.ddpm.network import Sizes

    widths = tuple(config["widths"])
    return Sizes(widths, time=widths[0], attention=(len(widths) - 1,))


def make_draws(config):
    """Returns scaled images, noise, both `(B, H, W, C)`, and times `(B,)`."""
    rng = np.random.default_rng(0)
    shape = (config["batch_size"], *config["shape"])
    x = rng.integers(0, 256, shape).astype("float32")
    noise = rng.standard_normal(shape).astype("float32")
    t = rng.integers(0, STEPS, shape[0]).astype("int32")
    return x, noise, t


def build(config):
    """Returns our model, its last layers not 0."""
    import keras

    from kerasnotes.notes.ddpm.config import DDPMConfig
    from kerasnotes.notes.ddpm.note import DDPM

    keras.utils.set_random_seed(0)
    spec = flat(
        "random", "image", tuple(config["shape"]), "uint8", "class", ("a",)
    )
    model = DDPM(
        DDPMConfig(
            network="unet",
            widths=config["widths"],
            schedule="linear",
            parameterization="noise",
            conditional=False,
            clip=False,
        ),
        spec,
        [0.0],
        [1.0],
    )
    rng = np.random.default_rng(0)
    for layer in model.denoiser.layers:
        if layer.name.endswith("conv1") or layer.name == "out":
            kernel, bias = layer.get_weights()
            noise = 0.02 * rng.standard_normal(kernel.shape)
            layer.set_weights([noise.astype("float32"), bias])
    return model


def keras_contender(config, mode, weights):
    """Our network, compiled as `kn fit` compiles it; writes its weights."""
    from kerasnotes.runtime import setup as backend

    backend.setup(config["backend"])
    from kerasnotes.base.config import TrainConfig
    from kerasnotes.training.compiling import compile_model
    from kerasnotes.use import bench

    model = build(config)
    model.denoiser.save_weights(weights.replace(".npz", ".weights.h5"))
    if config["what"] == "sampling":
        return _sampler(model), model.denoiser.count_params()
    train = TrainConfig(
        learning_rate=contender.LEARNING_RATE,
        weight_decay=contender.DECAY,
        clip_norm=contender.CLIP,
        schedule="constant",
        warmup=0,
    )
    compile_model(model, None, train, total_steps=10**6)
    model.optimizer.epsilon = contender.EPSILON
    x, noise, t = make_draws(config)
    y = np.zeros(len(x), "int32")
    batch = ({"x": x, "y": y, "t": t, "noise": noise}, y)

    def run(count):
        return bench.time_steps(model, same_batch(batch, count))

    return run, model.denoiser.count_params()


def same_batch(batch, count):
    import keras

    class Same(keras.utils.PyDataset):
        steps = num_batches = count

        def __getitem__(self, index):
            return batch

    return Same()


def _sampler(model):
    from kerasnotes.contracts.generation import Request

    def run(count):
        seconds, means = [], []
        for _ in range(count):
            begin = time.perf_counter()
            values = model.generate(Request(IMAGES)).values
            seconds.append(time.perf_counter() - begin)
            means.append(float(np.abs(values / 127.5 - 1).mean()))
        # As Keras: the mean so far.
        return seconds, (np.cumsum(means) / np.arange(1, count + 1)).tolist()

    return run


def torch_contender(config, mode, weights):
    """`diffusers`' network, from the same weights."""
    import os

    import torch

    torch.set_num_threads(len(os.sched_getaffinity(0)))
    model, parameters = _twin(config, weights)
    if "channels_last" in mode:
        model = model.to(memory_format=torch.channels_last)
    # Without the bias that is kept at 0, both have as many parameters.
    network = torch.compile(model) if "compile" in mode else model
    if config["what"] == "sampling":
        return _torch_sampler(network, config), parameters
    return _torch_trainer(model, network, config, mode), parameters


def _twin(config, weights):
    os_backend(config)
    from tests.parity.diffusers_weights import build_twin

    ours = build(config).denoiser
    ours.load_weights(weights.replace(".npz", ".weights.h5"))
    twin = build_twin(ours, tuple(config["shape"]), make_sizes(config))
    for name, parameter in twin.named_parameters():
        if name.endswith("conv1.bias"):
            parameter.requires_grad_(False)
    count = sum(p.numel() for p in twin.parameters() if p.requires_grad)
    return twin, count


def os_backend(config):
    """Keras, which only hands the weights over, runs on PyTorch too."""
    from kerasnotes.runtime import setup as backend

    backend.setup("torch")


def _images(array, mode=""):
    import torch

    images = torch.from_numpy(array).movedim(-1, 1).contiguous()
    if "channels_last" in mode:
        images = images.to(memory_format=torch.channels_last)
    return images


def _torch_trainer(model, network, config, mode):
    import diffusers
    import torch

    x, noise, t = make_draws(config)
    x, noise = _images(x / 127.5 - 1, mode), _images(noise, mode)
    t = torch.from_numpy(t).long()
    scheduler = diffusers.DDPMScheduler(STEPS)

    def loss_of():
        x_t = scheduler.add_noise(x, noise, t)
        answer = network(x_t, t, return_dict=False)[0]
        return torch.nn.functional.mse_loss(answer, noise)

    return contender.train_in_torch(model, loss_of)


def _torch_sampler(network, config):
    import diffusers
    import torch

    network.eval()
    scheduler = diffusers.DPMSolverMultistepScheduler(
        STEPS,
        use_karras_sigmas=True,
        final_sigmas_type="zero",
        lower_order_final=False,
        euler_at_final=False,
    )
    noise = np.stack(
        [
            np.random.default_rng([0, i]).standard_normal(
                config["shape"], "float32"
            )
            for i in range(IMAGES)
        ]
    )

    def sample():
        scheduler.set_timesteps(20)
        x = _images(noise) * scheduler.init_noise_sigma
        for t in scheduler.timesteps:
            answer = network(x, t, return_dict=False)[0]
            x = scheduler.step(answer, t, x, return_dict=False)[0]
        return x.clamp(-1, 1).numpy()

    def run(count):
        seconds, means = [], []
        with torch.inference_mode():
            for _ in range(count):
                begin = time.perf_counter()
                values = sample()
                seconds.append(time.perf_counter() - begin)
                means.append(float(np.abs(values).mean()))
        return seconds, means

    return run


if __name__ == "__main__":
    makers = {"keras": keras_contender, "torch": torch_contender}
    contender.main(*sys.argv[1:], makers=makers)
