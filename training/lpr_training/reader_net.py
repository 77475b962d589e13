"""The reader: one straightened plate in, its characters, province, country and colours out.

A plain convolutional stack and learned queries that look at its features: one query per character slot, one per further
answer. Nothing is said beforehand about rows, so that one, two and three lines are read by the same net. Depthwise
convolutions and transformer encoders train many times slower without an accelerator.
"""
import torch
from torch import nn

from .labels import CHARACTERS, COUNTRIES, INKS, PROVINCE_CODES, SHEETS, SLOTS

HEIGHT, WIDTH = 64, 160
MEAN, SCALE = 127.0, 64.0


def convolution(inputs: int, outputs: int, stride: int = 1) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU(inplace=True)
    )


class Residual(nn.Module):
    def __init__(self, channels: int):
        super().__init__()
        self.body = convolution(channels, channels)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + self.body(x)


class Look(nn.Module):
    """Each query gathers what it needs from the picture, then thinks."""

    def __init__(self, width: int):
        super().__init__()
        self.attention = nn.MultiheadAttention(width, 4, batch_first=True)
        self.after = nn.LayerNorm(width)
        self.think = nn.Sequential(nn.Linear(width, width * 2), nn.ReLU(inplace=True), nn.Linear(width * 2, width))
        self.last = nn.LayerNorm(width)

    def forward(self, queries: torch.Tensor, features: torch.Tensor) -> torch.Tensor:
        seen, _ = self.attention(queries, features, features, need_weights=False)
        queries = self.after(queries + seen)
        return self.last(queries + self.think(queries))


class Agree(nn.Module):
    """Queries look at each other: a slot must know what its neighbours saw, or two slots read one character."""

    def __init__(self, width: int):
        super().__init__()
        self.before = nn.LayerNorm(width)
        self.attention = nn.MultiheadAttention(width, 4, batch_first=True)
        nn.init.zeros_(self.attention.out_proj.weight)

    def forward(self, queries: torch.Tensor) -> torch.Tensor:
        calm = self.before(queries)
        heard, _ = self.attention(calm, calm, calm, need_weights=False)
        return queries + heard


class ReaderNet(nn.Module):
    """Input (N, 3, 64, 160), RGB as (value - 127) / 64.

    Output, all as logits: characters (N, 12, 1 + alphabet), province (N, names + 1), country, sheet and ink (N, names); line
    (N, 20 columns, 1 + alphabet) for connectionist temporal classification, and whether the plate has one line (N).
    """

    def __init__(self, width: int = 128):
        super().__init__()
        self.stack = nn.Sequential(
            convolution(3, 24, 2),
            convolution(24, 48, 2),
            convolution(48, 64),
            convolution(64, 96, 2),
            convolution(96, width),
            Residual(width),
        )
        tokens = (HEIGHT // 8) * (WIDTH // 8)
        self.position = nn.Parameter(torch.randn(1, tokens, width) * 0.02)
        self.queries = nn.Parameter(torch.randn(1, SLOTS + 4, width) * 0.02)
        self.first = Look(width)
        self.agree = Agree(width)
        self.second = Look(width)
        self.settle = Agree(width)
        self.characters = nn.Linear(width, len(CHARACTERS) + 1)
        # The second opinion on plates of one line: column by column, so that nothing needs to be counted.
        self.row = nn.Conv2d(width, 1, 1)
        self.along = nn.Conv1d(width, width, 3, padding=1)
        self.line = nn.Linear(width, len(CHARACTERS) + 1)
        self.single = nn.Linear(width, 1)
        self.province = nn.Linear(width, len(PROVINCE_CODES) + 1)
        self.country = nn.Linear(width, len(COUNTRIES))
        self.sheet = nn.Linear(width, len(SHEETS))
        self.ink = nn.Linear(width, len(INKS))

    def forward(self, pictures: torch.Tensor) -> tuple[torch.Tensor, ...]:
        seen = self.stack(pictures)
        features = seen.flatten(2).transpose(1, 2) + self.position
        column = (seen * self.row(seen).softmax(2)).sum(2)
        column = (column + torch.relu(self.along(column))).transpose(1, 2)
        queries = self.first(self.queries.expand(len(pictures), -1, -1), features)
        queries = self.settle(self.second(self.agree(queries), features))
        return (
            self.characters(queries[:, :SLOTS]),
            self.province(queries[:, SLOTS]),
            self.country(queries[:, SLOTS + 1]),
            self.sheet(queries[:, SLOTS + 2]),
            self.ink(queries[:, SLOTS + 3]),
            self.line(column),
            self.single(queries[:, SLOTS + 1]).squeeze(-1),
        )
