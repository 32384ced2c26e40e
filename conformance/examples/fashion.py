"""The sample of FashionMNIST as data sets, for the programs of this folder."""
import gzip
import sys

import torch
from torch.utils.data import TensorDataset


def _read(name, header):
    with gzip.open(f"{sys.argv[1]}/FashionMNIST/raw/{name}.gz") as file:
        return torch.frombuffer(bytearray(file.read()[header:]), dtype=torch.uint8)


def data_set(part):
    """Images from 0 to 1, and labels; `part` is "train" or "t10k"."""
    images = _read(f"{part}-images-idx3-ubyte", 16).view(-1, 1, 28, 28).float() / 255
    return TensorDataset(images, _read(f"{part}-labels-idx1-ubyte", 8).long())
