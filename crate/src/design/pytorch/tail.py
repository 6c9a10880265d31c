

def load_onnx(path):
    """The network with the weights of an ONNX file of the same spec, ready to run."""
    import onnx
    from onnx import numpy_helper

    weights = {}
    for tensor in onnx.load(path).graph.initializer:
        weights[tensor.name] = torch.from_numpy(numpy_helper.to_array(tensor).copy())
    net = Net().eval()
    names = {name for name in net.state_dict() if not name.endswith("num_batches_tracked")}
    missing = names - weights.keys()
    if missing:
        raise ValueError(f"not in the file: {sorted(missing)}")
    net.load_state_dict({name: weights[name] for name in names}, strict=False)
    return net


if __name__ == "__main__":
    import sys

    net = load_onnx(sys.argv[1]) if len(sys.argv) > 1 else Net().eval()
    print(sum(p.numel() for p in net.parameters()), "parameters")
