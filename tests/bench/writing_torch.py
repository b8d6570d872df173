"""Language models in plain `torch.nn`, as a PyTorch user would write them.

Both read a token at a time, with what they remember: an LSTM its state, the
decoder its keys and values in a cache of fixed size.
"""
# ruff: noqa: TID253  (this file is the native PyTorch)

import torch
import torch.nn.functional as F
from torch import nn


class LSTM(nn.Module):
    """Embedding, `nn.LSTM`, a dense layer."""

    room = None

    def __init__(self, vocabulary, *, width, embedding):
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, embedding)
        self.lstm = nn.LSTM(embedding, width, batch_first=True)
        self.answer = nn.Linear(width, vocabulary)

    def forward(self, ids, memory, place):
        x, memory = self.lstm(self.embedding(ids), memory)
        return self.answer(x[:, -1]), memory

    def copy_weights(self, arrays):
        embedding, kernel, recurrent, bias, answer, offset = arrays
        with torch.no_grad():
            self.embedding.weight.copy_(embedding)
            self.lstm.weight_ih_l0.copy_(kernel.T)
            self.lstm.weight_hh_l0.copy_(recurrent.T)
            self.lstm.bias_ih_l0.copy_(bias)
            self.lstm.bias_hh_l0.zero_()
            self.answer.weight.copy_(answer.T)
            self.answer.bias.copy_(offset)


class Block(nn.Module):
    """Causal attention and a network, normalized before."""

    def __init__(self, width, heads, room):
        super().__init__()
        self.heads, self.width = heads, width
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.qkv = nn.Linear(width, 3 * width)
        self.out = nn.Linear(width, width)
        self.expand = nn.Linear(width, 4 * width)
        self.contract = nn.Linear(4 * width, width)
        shape = (1, heads, room, width // heads)
        self.register_buffer("keys", torch.zeros(shape))
        self.register_buffer("values", torch.zeros(shape))

    def forward(self, x, places, mask):
        heads = (1, -1, self.heads, self.width // self.heads)
        q, k, v = (
            each.view(heads).transpose(1, 2)
            for each in self.qkv(self.norm1(x)).split(self.width, dim=-1)
        )
        self.keys.index_copy_(2, places, k)
        self.values.index_copy_(2, places, v)
        y = F.scaled_dot_product_attention(
            q, self.keys, self.values, attn_mask=mask
        )
        x = x + self.out(y.transpose(1, 2).reshape(x.shape))
        return x + self.contract(F.gelu(self.expand(self.norm2(x))))


class GPT(nn.Module):
    """A decoder with learned positions and one matrix for tokens."""

    def __init__(self, vocabulary, *, width, heads, depth, room):
        super().__init__()
        self.room, self.width = room, width
        self.embedding = nn.Embedding(vocabulary, width)
        self.positions = nn.Embedding(room, width)
        self.blocks = nn.ModuleList(
            Block(width, heads, room) for _ in range(depth)
        )
        self.norm = nn.LayerNorm(width)

    def forward(self, ids, memory, place):
        """Returns logits `(1, V)` behind tokens `(1, T)`.

        Args:
            ids: What comes next.
            memory: `None`: the blocks keep it.
            place: Their positions, `(T,)`.
        """
        x = self.width**0.5 * self.embedding(ids) + self.positions(place)
        mask = torch.arange(self.room)[None] <= place[:, None]
        for block in self.blocks:
            x = block(x, place, mask)
        return F.linear(self.norm(x[:, -1]), self.embedding.weight), memory

    def copy_weights(self, arrays):
        """Copies the weights of the note, in its order."""
        left = iter(arrays)
        with torch.no_grad():
            self.embedding.weight.copy_(next(left))
            self.positions.weight.copy_(next(left))
            for block in self.blocks:
                copy_block(block, left)
            self.norm.weight.copy_(next(left))
            self.norm.bias.copy_(next(left))


def copy_block(block, left):
    """Takes one block's weights from what is left of the note's."""
    for dense in (block.expand, block.contract):
        dense.weight.copy_(next(left).T)
        dense.bias.copy_(next(left))
    for norm in (block.norm1, block.norm2):
        norm.weight.copy_(next(left))
        norm.bias.copy_(next(left))
    pairs = [(next(left), next(left)) for _ in "qkv"]
    block.qkv.weight.copy_(torch.cat([kernel.T for kernel, _ in pairs]))
    block.qkv.bias.copy_(torch.cat([offset for _, offset in pairs]))
    block.out.weight.copy_(next(left).T)
    block.out.bias.copy_(next(left))


def write(step, model, prompt, count, temperature, uniform):
    """Returns tokens, each drawn from a number and read before the next.

    Past its window the decoder begins anew from the last half.

    Args:
        step: The model, or its compiled form.
        model: For its window.
        prompt: Tokens to go on from.
        count: How many.
        temperature: Divides the logits.
        uniform: Tensor `(count,)`, from [0, 1).
    """
    text, memory, place = list(prompt), None, 0
    ids = torch.tensor([text])
    found = []
    with torch.inference_mode():
        for n in range(count):
            if model.room is not None and place + ids.shape[1] > model.room:
                text = text[-(model.room // 2) :]
                ids, place = torch.tensor([text]), 0
            places = torch.arange(place, place + ids.shape[1])
            logits, memory = step(ids, memory, places)
            place += ids.shape[1]
            # Padding and the unknown never come.
            weights = torch.softmax(logits[0, 2:] / temperature, dim=-1)
            below = torch.cumsum(weights, dim=0)
            number = torch.searchsorted(below, uniform[n] * below[-1]) + 2
            ids = number.view(1, 1)
            found.append(int(number))
            text.append(found[-1])
    return found
