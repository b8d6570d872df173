"""A small model of each note, and what it would have been trained on."""

from tests.specs import flat

DIGITS = flat(
    "digits",
    "image",
    (8, 8, 1),
    "uint8",
    "class",
    tuple("0123456789"),
    value_range=(0.0, 16.0),
)
STATISTICS = ([5.0], [36.0])


def make_bcnn():
    from kerasnotes.notes.bcnn.config import BCNNConfig
    from kerasnotes.notes.bcnn.note import BCNN

    return BCNN(BCNNConfig(width=1, initial_rho=-1.0), DIGITS, *STATISTICS)


def make_vae():
    from kerasnotes.notes.vae.config import VAEConfig
    from kerasnotes.notes.vae.note import VAE

    return VAE(VAEConfig(latent=3), DIGITS, *STATISTICS)


def make_gan():
    from kerasnotes.notes.gan.config import GANConfig
    from kerasnotes.notes.gan.note import GAN

    return GAN(GANConfig(latent=3), DIGITS, *STATISTICS)


def make_ddpm():
    from kerasnotes.notes.ddpm.config import DDPMConfig
    from kerasnotes.notes.ddpm.note import DDPM

    model = DDPM(DDPMConfig(widths=(8,)), DIGITS, *STATISTICS)
    # The last layer starts at zero, and all answers with it.
    kernel = model.denoiser.get_layer("out").kernel
    kernel.assign(kernel + 0.3)
    return model


MAKE = {
    "bcnn": make_bcnn,
    "vae": make_vae,
    "gan": make_gan,
    "ddpm": make_ddpm,
}
TASKS = {"bcnn": "bayesian-classification"}


def make_record(name):
    """Returns what `kn fit` would write down of a note's training."""
    return {
        "note": name,
        "task": TASKS.get(name, "generation"),
        "spec": DIGITS.to_json(),
        "seed": 3,
        "metrics": {"accuracy": 0.5, "ece": float("nan")},
    }
