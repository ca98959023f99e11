"""The network of src/engine/speech/net.c in torch, and the file its weights live in (drawn in model.c)."""
import struct

import numpy as np
import torch
from torch import nn
from torch.nn import functional

import phones
import sound as snd

CHANNELS = 128
BLOCKS = ((1, 1), (2, 2), (4, 4), (8, 0), (16, 0), (1, 1))  # dilation and look-ahead, frames
VISEMES, OUTPUTS = len(phones.VISEMES), len(phones.VISEMES) + len(phones.ARTICULATORS)


class Block(nn.Module):
    def __init__(self, channels, dilation, ahead):
        super().__init__()
        self.convolution = nn.Conv1d(channels, channels, 3, dilation=dilation)
        self.norm = nn.BatchNorm1d(channels)
        self.pad = (2 * dilation - ahead, ahead)

    def forward(self, x):
        return x + functional.relu(self.norm(self.convolution(functional.pad(x, self.pad))))


class Network(nn.Module):
    def __init__(self, channels=CHANNELS):
        super().__init__()
        self.first = nn.Conv1d(snd.BANDS, channels, 5, stride=2)
        self.norm = nn.BatchNorm1d(channels)
        self.blocks = nn.ModuleList([Block(channels, *b) for b in BLOCKS])
        self.dropout = nn.Dropout(.1)
        self.head = nn.Conv1d(channels, OUTPUTS, 1)

    def forward(self, rows):
        """(batch, rows, 64) -> (batch, rows / 2, 26), before softmax and logistic function"""
        h = functional.relu(self.norm(self.first(functional.pad(rows.transpose(1, 2), (2, 2)))))
        for block in self.blocks:
            h = block(h)
        return self.head(self.dropout(h)).transpose(1, 2)


def _folded(convolution, norm):
    scale = norm.weight / torch.sqrt(norm.running_var + norm.eps)
    return convolution.weight * scale[:, None, None], (convolution.bias - norm.running_mean) * scale + norm.bias


@torch.no_grad()
def write(network, path):
    def numbers(*tensors):
        return b"".join(t.contiguous().numpy().astype("<f4").tobytes() for t in tensors)
    network.eval()
    with open(path, "wb") as file:
        file.write(b"DAM1" + struct.pack("<4i", snd.BANDS, network.first.out_channels, len(network.blocks), OUTPUTS))
        file.write(numbers(*_folded(network.first, network.norm)))
        for block in network.blocks:
            file.write(struct.pack("<2i", block.convolution.dilation[0], block.pad[1]))
            file.write(numbers(*_folded(block.convolution, block.norm)))
        file.write(numbers(network.head.weight, network.head.bias))


class Reader:
    """Runs a weights file: the reference that the engine is held to."""

    def __init__(self, path):
        data = open(path, "rb").read()
        magic, bands, channels, blocks, outputs = struct.unpack("<4s4i", data[:20])
        assert magic == b"DAM1" and bands == snd.BANDS and outputs == OUTPUTS
        at = 20

        def take(*shape):
            nonlocal at
            count = int(np.prod(shape))
            at += 4 * count
            return torch.from_numpy(np.frombuffer(data, "<f4", count, at - 4 * count).reshape(shape).copy())
        self.first = take(channels, bands, 5), take(channels)
        self.blocks = []
        for _ in range(blocks):
            dilation, ahead = struct.unpack("<2i", data[at:at + 8])
            at += 8
            self.blocks.append((dilation, ahead, take(channels, channels, 3), take(channels)))
        self.head = take(outputs, channels, 1), take(outputs)
        assert at == len(data)

    @torch.no_grad()
    def __call__(self, rows):
        """(rows, 64) -> viseme probabilities (frames, 15), articulators (frames, 11)"""
        x = torch.from_numpy(np.ascontiguousarray(rows.T, np.float32))[None]
        x = functional.relu(functional.conv1d(functional.pad(x, (2, 2)), *self.first, stride=2))
        for dilation, ahead, weight, bias in self.blocks:
            x = x + functional.relu(functional.conv1d(functional.pad(x, (2 * dilation - ahead, ahead)), weight, bias, dilation=dilation))
        y = functional.conv1d(x, *self.head)[0].T
        return torch.softmax(y[:, :VISEMES], 1).numpy(), torch.sigmoid(y[:, VISEMES:]).numpy()
