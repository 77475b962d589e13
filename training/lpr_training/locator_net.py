"""The locator: a picture in, for each cell of 8 x 8 pixels how surely a plate's middle lies there, and its four corners."""
import torch
from torch import nn

from .reader_net import MEAN, SCALE, Residual, convolution

__all__ = ["CELL", "CORNER_UNIT", "MEAN", "SCALE", "LocatorNet"]

CELL = 8
# Corners are given from the cell's middle, in these pixels: outputs stay near 1.
CORNER_UNIT = 32.0


class LocatorNet(nn.Module):
    """Input (N, 3, height, width), both multiples of 32, RGB as (value - 127) / 64.

    Output (N, 9, height / 8, width / 8): the logit, then x and y of the corners from the top left on, clockwise as the
    plate is read, from the middle of the cell, in units of 32 pixels.
    """

    def __init__(self):
        super().__init__()
        self.at4 = nn.Sequential(convolution(3, 12, 2), convolution(12, 24, 2))
        self.at8 = convolution(24, 40, 2)
        self.at16 = nn.Sequential(convolution(40, 56, 2), Residual(56), Residual(56))
        self.at32 = nn.Sequential(convolution(56, 96, 2), Residual(96), Residual(96), Residual(96))
        self.up16 = nn.Conv2d(96, 56, 1)
        self.mix16 = Residual(56)
        self.up8 = nn.Conv2d(56, 40, 1)
        self.mix8 = convolution(40, 48)
        self.answer = nn.Conv2d(48, 9, 1)
        nn.init.constant_(self.answer.bias[:1], -5.0)

    def forward(self, pictures: torch.Tensor) -> torch.Tensor:
        a8 = self.at8(self.at4(pictures))
        a16 = self.at16(a8)
        a32 = self.at32(a16)
        b16 = self.mix16(a16 + nn.functional.interpolate(self.up16(a32), scale_factor=2.0, mode="nearest"))
        b8 = a8 + nn.functional.interpolate(self.up8(b16), scale_factor=2.0, mode="nearest")
        return self.answer(self.mix8(b8))
