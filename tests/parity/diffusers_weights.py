"""Our U-Net's weights in `diffusers.UNet2DModel`, and how to build it."""

import numpy as np

from tests.torchvision_networks import make_importable


def build_twin(unet, shape, sizes):
    """Returns the `UNet2DModel` of the same architecture and weights.

    Args:
        unet: What `notes.ddpm.network.build_unet` returned.
        shape: Height, width and channels.
        sizes: Its `Sizes`.
    """
    make_importable()
    import diffusers

    levels = range(len(sizes.widths))
    kinds = ["Attn" if level in sizes.attention else "" for level in levels]
    twin = diffusers.UNet2DModel(
        sample_size=shape[:2],
        in_channels=shape[2],
        out_channels=shape[2],
        block_out_channels=sizes.widths,
        layers_per_block=sizes.blocks,
        norm_num_groups=sizes.groups,
        attention_head_dim=sizes.key_dim,
        dropout=sizes.dropout,
        down_block_types=tuple(f"{kind}DownBlock2D" for kind in kinds),
        up_block_types=tuple(f"{kind}UpBlock2D" for kind in reversed(kinds)),
        num_class_embeds=sizes.num_classes + 1 if sizes.num_classes else None,
    )
    Copy(unet).into(twin, sizes)
    return twin


class Copy:
    """Copies weights by the names of layers.

    Args:
        unet: Where they come from.
    """

    def __init__(self, unet):
        self.unet = unet
        self.copied = 0

    def into(self, twin, sizes):
        """Fills every parameter of `twin`; fails if one is left."""
        self.conv("stem", twin.conv_in)
        self.dense("time_dense", twin.time_embedding.linear_1)
        self.dense("time_out", twin.time_embedding.linear_2)
        if sizes.num_classes:
            self.put(twin.class_embedding.weight, *self.weights("classes"))
        for level, block in enumerate(twin.down_blocks):
            self.block(f"down{level}", block)
            for halve in block.downsamplers or ():
                self.conv(f"down{level}_halve", halve.conv)
        self.block("middle", twin.mid_block, attention="middle")
        for level, block in enumerate(reversed(twin.up_blocks)):
            self.block(f"up{level}", block)
            for double in block.upsamplers or ():
                self.conv(f"up{level}_double", double.conv)
        self.norm("out_norm", twin.conv_norm_out)
        self.conv("out", twin.conv_out)
        total = sum(p.numel() for p in twin.parameters())
        assert self.copied == total, (self.copied, total)

    def block(self, name, block, attention=None):
        for number, residual in enumerate(block.resnets):
            self.residual(f"{name}_{number}", residual)
        for number, each in enumerate(getattr(block, "attentions", ())):
            self.attention(attention or f"{name}_{number}", each)

    def residual(self, name, block):
        self.norm(f"{name}_norm0", block.norm1)
        self.conv(f"{name}_conv0", block.conv1)
        self.dense(f"{name}_time", block.time_emb_proj)
        self.norm(f"{name}_norm1", block.norm2)
        self.conv(f"{name}_conv1", block.conv2)
        if block.conv_shortcut is not None:
            kernel, bias = self.weights(f"{name}_shortcut")
            self.put(block.conv_shortcut.weight, kernel.T[..., None, None])
            self.put(block.conv_shortcut.bias, bias)

    def attention(self, name, block):
        self.norm(f"{name}_attention_norm", block.group_norm)
        kernel, bias, out_kernel, out_bias = self.weights(f"{name}_attention")
        parts = zip(
            (block.to_q, block.to_k, block.to_v),
            np.split(kernel, 3, axis=1),
            np.split(bias, 3),
            strict=True,
        )
        for layer, part, offset in parts:
            self.put(layer.weight, part.T)
            self.put(layer.bias, offset)
        self.put(block.to_out[0].weight, out_kernel.T)
        self.put(block.to_out[0].bias, out_bias)

    def weights(self, name):
        return self.unet.get_layer(name).get_weights()

    def conv(self, name, layer):
        kernel, *bias = self.weights(name)
        self.put(layer.weight, kernel.transpose(3, 2, 0, 1))
        # Where the time's dense layer shifts as well, we have no bias.
        offset = bias[0] if bias else np.zeros(kernel.shape[-1], "float32")
        self.put(layer.bias, offset)

    def dense(self, name, layer):
        kernel, bias = self.weights(name)
        self.put(layer.weight, kernel.T)
        self.put(layer.bias, bias)

    def norm(self, name, layer):
        gamma, beta = self.weights(name)
        self.put(layer.weight, gamma)
        self.put(layer.bias, beta)

    def put(self, parameter, array):
        import torch

        assert tuple(parameter.shape) == array.shape
        with torch.no_grad():
            parameter.copy_(torch.from_numpy(np.ascontiguousarray(array)))
        self.copied += parameter.numel()
