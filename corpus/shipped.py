"""The weights of an encoder that is shipped, in full numbers again: what is lost is what int8 has lost."""

from pathlib import Path

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import numpy_helper

QUANTIZED = "_quantized"


def weights_of(encoder: Path) -> dict[str, torch.Tensor]:
    """By the names that corpus.train gives them. A layer's weights are named by the operation that uses them."""
    graph = onnx.load(str(encoder)).graph
    kept = {one.name: numpy_helper.to_array(one) for one in graph.initializer}
    weights = {
        name.removesuffix(QUANTIZED): _whole(kept, name.removesuffix(QUANTIZED))
        for name in kept
        if name.endswith(f".weight{QUANTIZED}")
    }
    weights |= {name: values for name, values in kept.items() if name.endswith((".weight", ".bias"))}
    for node in graph.node:
        if node.op_type == "MatMulInteger" and node.input[1] in kept:
            layer = ".".join(node.name.strip("/").split("/")[:-1])
            # ONNX multiplies from the other side.
            weights[f"{layer}.weight"] = _whole(kept, node.input[1].removesuffix(QUANTIZED)).T
    return {name: torch.from_numpy(np.array(values, np.float32)) for name, values in weights.items()}


def _whole(kept: dict[str, NDArray[np.generic]], name: str) -> NDArray[np.float32]:
    steps = kept[f"{name}{QUANTIZED}"].astype(np.float32) - kept[f"{name}_zero_point"].astype(np.float32)
    return np.asarray(steps * kept[f"{name}_scale"].astype(np.float32), np.float32)
