/** Loads masks and coefficients in PyTorch; the same as in docs/masks.md. */
export const SNIPPET = `import numpy as np, torch
from torch import nn

class Partial(nn.Module):
    """keep ? relu(x) : c0 + c1 x + c2 x^2 ...; the coefficients can be trained."""
    def __init__(self, keep, coefficients):
        super().__init__()
        self.register_buffer("keep", torch.from_numpy(keep))
        self.c = nn.Parameter(torch.from_numpy(coefficients).float())

    def forward(self, x):
        if not len(self.c):
            return torch.relu(x)
        behind = [1] * (x.dim() - 2)          # channels are axis 1
        y = torch.zeros_like(x)
        for c in self.c.T.flip(0):            # Horner
            y = y * x + c.view(-1, *behind)
        return torch.where(self.keep, torch.relu(x), y)

def put(model, path):
    """Replaces the nn.ReLU modules of a model, in the order in which they were made."""
    z, index = np.load(path), 0
    for parent in model.modules():
        for name, child in parent.named_children():
            if isinstance(child, nn.ReLU):
                part = Partial(z[f"{index:03}.keep"], z[f"{index:03}.coefficients"])
                setattr(parent, name, part)
                index += 1
`;
