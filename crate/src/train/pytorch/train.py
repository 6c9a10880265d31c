"""Carries out plan.json with PyTorch: the same steps, losses, schedules and seeds as `reluctant train`.

    python train.py                                      one process
    torchrun --nproc_per_node N train.py                 N processes, DistributedDataParallel
    python train.py --data /path/to/cifar                for CIFAR-10, CIFAR-100 and folders of images

Writes results.json, which `reluctant pareto --own results.json` reads, and net-METHOD-BUDGET-SEED.safetensors.
"""

import argparse
import copy
import json
import math
import os
import pathlib
import time

import numpy as np
import torch
import torch.distributed as dist
import torch.nn.functional as F
from safetensors.torch import load_file, save_file
from torch import nn

HERE = pathlib.Path(__file__).parent
BITS = (1 << 64) - 1


class Random:
    """SplitMix64: the same order of images and the same masks as there."""

    def __init__(self, seed):
        self.state = seed & BITS

    def bits(self):
        self.state = (self.state + 0x9E3779B97F4A7C15) & BITS
        z = self.state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & BITS
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & BITS
        return z ^ (z >> 31)

    def unit(self):
        return (self.bits() >> 11) * 2.0**-53

    def below(self, end):
        return (self.bits() * end) >> 64

    def shuffle(self, items):
        for end in range(len(items) - 1, 0, -1):
            other = self.below(end + 1)
            items[end], items[other] = items[other], items[end]


class State(torch.autograd.Function):
    """AutoReP's state; its gradient in m is softplus(m) times the gradient of the state."""

    @staticmethod
    def forward(ctx, m, state):
        ctx.save_for_backward(m)
        return state.clone()

    @staticmethod
    def backward(ctx, upstream):
        (m,) = ctx.saved_tensors
        if m.dim() == 1:
            upstream = upstream.sum((1, 2))
        return F.softplus(m) * upstream, None


def dapa(mean, variance, start):
    """Coefficients [channels, 3] of the polynomial that is nearest to ReLU for normal x."""
    mean, variance = mean.double(), variance.double()
    code = start.get("Code")
    degree = 2 if code else start["Best"]
    deviation = variance.clamp_min(code["least"]) if code else variance.clamp_min(1e-12).sqrt()
    a = mean / deviation
    density = torch.exp(-a * a / 2) / math.sqrt(2 * math.pi)
    below = torch.erfc(-a / math.sqrt(2)) / 2
    zero = torch.zeros_like(a)
    if degree == 0:
        rows = [deviation * (density + a * below), zero, zero]
    elif degree == 1:
        rows = [deviation * density, below, zero]
    else:
        rows = [deviation * density * (1 + a * a) / 2, below - a * density, density / (2 * deviation)]
    if code:
        rows = [rows[0] / 5, rows[1], rows[2] / 10 * code["scale"]]
    return torch.stack(rows, 1).float()


class Activation(nn.Module):
    """k relu(x) + (1 - k) P(x)."""

    def __init__(self, site, keep, coefficients):
        super().__init__()
        self.shape = site["shape"]
        self.keep = nn.Parameter(keep.clone(), requires_grad=False)
        self.coefficients = nn.Parameter(coefficients.clone(), requires_grad=False)
        self.plain, self.degree, self.search, self.m, self.state = True, None, None, None, None

    def begin(self, begin, start, random):
        c, h, w = self.shape
        dims = [c] if begin["channels"] else [c, h, w]
        values = [begin["from"] * random.unit() for _ in range(math.prod(dims))]
        device = self.keep.device
        self.m = nn.Parameter(torch.tensor(values, dtype=torch.float32, device=device).view(dims), requires_grad=False)
        self.search = {"threshold": begin["threshold"], "start": start, "passes": 0}
        self.search["mean"], self.search["variance"] = torch.zeros(c, device=device), torch.ones(c, device=device)

    @torch.no_grad()
    def move(self, x):
        """Hysteresis, then the coefficients where they are due."""
        m, t = self.m if self.m.dim() == 3 else self.m[:, None, None].expand_as(self.keep), self.search["threshold"]
        self.keep.copy_(torch.where(self.keep != 0, m > -t, m > t).float())
        mean, square = x.mean((0, 2, 3)), (x * x).mean((0, 2, 3))
        count = x.numel() // x.shape[1]
        if dist.is_initialized():
            for value in (mean, square):
                dist.all_reduce(value)
                value /= dist.get_world_size()
            count *= dist.get_world_size()
        variance = (square - mean * mean).clamp_min(0) * count / max(count - 1, 1)
        self.search["mean"] += 0.1 * (mean - self.search["mean"])
        self.search["variance"] += 0.1 * (variance - self.search["variance"])
        self.search["passes"] += 1
        passes, start = self.search["passes"], self.search["start"]
        if start and passes <= 508 and passes % 10 == 0:
            self.coefficients.copy_(dapa(self.search["mean"], self.search["variance"], start))

    def forward(self, x):
        if self.plain:
            return F.relu(x)
        if self.search and self.training:
            self.move(x)
            k = State.apply(self.m, self.keep.detach())
            self.state = k
        else:
            k = self.keep
        c = self.coefficients
        if self.degree is not None and self.degree < 2:
            # Powers above the degree stay what they are.
            c = torch.cat([c[:, : self.degree + 1], c[:, self.degree + 1 :].detach()], 1)
        c0, c1, c2 = (c[:, power].view(1, -1, 1, 1) for power in range(3))
        return k * F.relu(x) + (1 - k) * (c0 + x * (c1 + x * c2))


class Net(nn.Module):
    def __init__(self, plan, weights):
        super().__init__()
        self.nodes, layers = plan["nodes"], []
        params = [weights[param["name"]] for param in plan["params"]]
        for node in self.nodes:
            op = node["op"]
            (kind, of) = next(iter(op.items())) if isinstance(op, dict) else (op, None)
            layer = nn.Identity()
            if kind == "Conv":
                window, weight = of["window"], params[of["weight"]]
                if weight.dim() == 2:
                    weight = weight[:, :, None, None]
                layer = nn.Conv2d(
                    weight.shape[1] * of["groups"], of["outputs"], window["kernel"], window["stride"], window["pad"],
                    groups=of["groups"], bias=of["bias"] is not None,
                )
                with torch.no_grad():
                    layer.weight.copy_(weight)
                    if of["bias"] is not None:
                        layer.bias.copy_(params[of["bias"]])
            elif kind == "Norm":
                scale, shift, mean, variance = (params[place] for place in of["places"])
                layer = nn.BatchNorm2d(len(scale), eps=of["eps"])
                with torch.no_grad():
                    for to, value in zip((layer.weight, layer.bias, layer.running_mean, layer.running_var), (scale, shift, mean, variance)):
                        to.copy_(value)
            elif kind == "Activation":
                site = plan["sites"][of]
                layer = Activation(site, params[site["keep"]], params[site["coefficients"]])
            elif kind == "Average":
                layer = nn.AvgPool2d(of["kernel"], of["stride"], of["pad"])
            elif kind == "Maximum":
                layer = nn.MaxPool2d(of["kernel"], of["stride"], of["pad"])
            elif kind == "Global":
                layer = nn.AdaptiveAvgPool2d(1)
            layers.append(layer)
        self.layers = nn.ModuleList(layers)

    @property
    def sites(self):
        return [layer for layer in self.layers if isinstance(layer, Activation)]

    def forward(self, x):
        values = [x]
        for node, layer in zip(self.nodes, self.layers):
            x = values[node["inputs"][0]]
            if node["op"] == "Add":
                values.append(x + values[node["inputs"][1]])
            elif node["op"] == "Flatten":
                values.append(x.flatten(1)[:, :, None, None])
            else:
                values.append(layer(x))
        return values[-1].flatten(1)

    def relus(self, threshold=0.0):
        return sum(int((site.keep > threshold).sum()) for site in self.sites)

    def activations(self):
        return sum(math.prod(site.shape) for site in self.sites)

    @torch.no_grad()
    def cut(self, budget):
        units = []
        for place, site in enumerate(self.sites):
            m = site.keep if site.search is None else site.m
            per = site.keep.numel() // m.numel()
            on = (site.keep.flatten()[::per] > 0).tolist() if site.search else [False] * m.numel()
            units += [((on[at], value), place, at * per, per) for at, value in enumerate(m.flatten().tolist())]
        units.sort(key=lambda unit: unit[0], reverse=True)
        for _, place, at, per in units:
            stays = per <= budget
            budget -= per if stays else 0
            self.sites[place].keep.view(-1)[at : at + per] = float(stays)
        for site in self.sites:
            site.search, site.m, site.state = None, None, None

    def groups(self, recipe, rate):
        """Parameters of a phase: weights, which decay, the others, what decides masks."""
        searching = recipe["search"] != "None"
        decay, plain, masks = [], [], []
        for layer in self.layers:
            if isinstance(layer, nn.Conv2d):
                decay.append(layer.weight)
                if layer.bias is not None:
                    plain.append(layer.bias)
            elif isinstance(layer, (nn.BatchNorm2d, nn.SyncBatchNorm)):
                plain += [layer.weight, layer.bias]
            elif isinstance(layer, Activation):
                if layer.degree is not None and not layer.plain:
                    plain.append(layer.coefficients)
                if searching:
                    masks.append(layer.m if layer.search else layer.keep)
        for value in self.parameters():
            value.requires_grad_(False)
        for value in decay + plain + masks:
            value.requires_grad_(True)
        return [
            {"params": decay, "lr": rate, "weight_decay": recipe["decay"], "times": 1.0},
            {"params": plain, "lr": rate, "weight_decay": 0.0, "times": 1.0},
            {"params": masks, "lr": rate * recipe["masks"], "weight_decay": 0.0, "times": recipe["masks"]},
        ]


def rate_of(schedule, epoch, epochs):
    (kind, of) = next(iter(schedule.items()))
    if kind == "Constant":
        return of
    if kind == "Steps":
        return of[0] * of[1] ** sum(epoch >= at for at in of[2])
    return of[1] + (of[0] - of[1]) * (1 + math.cos(math.pi * epoch / max(epochs, 1))) / 2


class Part:
    """Images with labels: arrays, or a torchvision set that is read as it is needed."""

    def __init__(self, x, y, source=None, places=None):
        self.x, self.y, self.source, self.places = x, y, source, places

    def __len__(self):
        return len(self.y)

    def batch(self, places, device):
        y = self.y[places].to(device)
        if self.source is None:
            return self.x[places].to(device), y
        return torch.stack([self.source[self.places[place]][0] for place in places]).to(device), y

    def read(self):
        """The same in memory, for what looks at it more than once."""
        return Part(self.batch(list(range(len(self))), "cpu")[0], self.y)

    def part(self, places):
        if self.source is None:
            return Part(self.x[places], self.y[places])
        return Part(None, self.y[places], self.source, [self.places[place] for place in places])


def load(plan, path):
    kind = plan["data"]
    if kind in ("CIFAR-10", "CIFAR-100", "images"):
        if path is None:
            raise SystemExit(f"{kind} is read from the folder of --data PATH")
        from torchvision import datasets, transforms

        (c, h, w), outputs = plan["shapes"][0], plan["shapes"][-1][0]
        if c not in (1, 3):
            raise SystemExit(f"pictures have 1 or 3 channels, the network reads {c}")
        grey = [transforms.Grayscale()] if c == 1 else []
        turn = transforms.Compose([*grey, transforms.Resize((h, w)), transforms.ToTensor(), transforms.Normalize([0.5] * c, [0.25] * c)])
        try:
            if kind == "images":
                sets = [datasets.ImageFolder(pathlib.Path(path) / name, turn) for name in ("train", "test")]
            else:
                of = datasets.CIFAR10 if kind == "CIFAR-10" else datasets.CIFAR100
                sets = [of(path, train=train, transform=turn, download=False) for train in (True, False)]
        except (OSError, RuntimeError) as error:
            raise SystemExit(f"{kind} is not in {path}: {error}") from error
        # A folder that only one of them has would move all later classes.
        if sets[0].classes != sets[1].classes:
            raise SystemExit("there are other classes to test on than to train on")
        if len(sets[0].classes) > outputs:
            raise SystemExit(f"the network tells {outputs} classes apart, the data has {len(sets[0].classes)}")
        parts = [Part(None, torch.tensor(one.targets), one, list(range(len(one)))) for one in sets]
        # A tenth is held out, by the same order as there.
        order = list(range(len(parts[0])))
        Random(0x5EED).shuffle(order)
        held = int(len(order) * 0.1 + 0.5)
        return parts[0].part(order[held:]), parts[0].part(order[:held]), parts[1]
    parts = []
    for name in ("train", "validation", "test"):
        arrays = np.load(HERE / "data" / f"{name}.npz")
        parts.append(Part(torch.from_numpy(arrays["x"].copy()).float(), torch.from_numpy(arrays["y"].astype(np.int64))))
    return tuple(parts)


class Run:
    def __init__(self, args, task, net, seed, teacher=None):
        self.args, self.net, self.teacher, self.random, self.noted, self.aims = args, net, teacher, Random(seed), None, None
        self.train, self.validation, self.test = task
        self.rank = dist.get_rank() if dist.is_initialized() else 0
        self.world = dist.get_world_size() if dist.is_initialized() else 1
        self.device = args.device

    @torch.no_grad()
    def logits(self, net, part, places=None):
        net.eval()
        places = list(range(len(part))) if places is None else places
        chunks = [part.batch(places[at : at + 256], self.device) for at in range(0, len(places), 256)]
        return torch.cat([net(x) for x, _ in chunks]) if chunks else torch.zeros(0, 1)

    def accuracy(self, part):
        """Each process takes its share."""
        places = list(range(len(part)))[self.rank :: self.world]
        right = (self.logits(self.net, part, places).argmax(1).cpu() == part.y[places]).sum().to(self.device)
        if self.world > 1:
            dist.all_reduce(right)
        return int(right) / max(len(part), 1)

    @torch.no_grad()
    def flows(self, net, part):
        sums = [[0.0, 0.0] for _ in net.sites]
        hooks = []
        for place, site in enumerate(net.sites):
            def see(_, inputs, place=place):
                x = inputs[0].double()
                share = x.shape[0] / len(part)
                sums[place][0] += x.mean((0, 2, 3)) * share
                sums[place][1] += (x * x).mean((0, 2, 3)) * share
            hooks.append(site.register_forward_pre_hook(see))
        self.logits(net, part)
        for hook in hooks:
            hook.remove()
        return [(mean, (square - mean * mean).clamp_min(0)) for mean, square in sums]

    def steady(self, start):
        """The start itself, or the released code's where parabolas run away."""
        if start is None or "Code" in start or start["Best"] < 2:
            return start
        few = self.train.part(list(range(min(512, len(self.train)))))
        before, net = self.flows(self.net, few), copy.deepcopy(self.net)
        for site, (mean, variance) in zip(net.sites, before):
            site.plain = False
            site.keep.data.zero_()
            site.coefficients.data.copy_(dapa(mean, variance, start))
        for (_, was), (_, now) in zip(before, self.flows(net, few)):
            if not torch.isfinite(now).all() or now.sum() > 64 * was.sum():
                return {"Code": {"least": 0.5, "scale": 0.1}}
        return start

    def carry_out(self, steps):
        for step in steps:
            (kind, of) = next(iter(step.items())) if isinstance(step, dict) else (step, None)
            if kind == "Fit":
                self.fit(of)
            elif kind == "Teach":
                self.teacher, self.aims = copy.deepcopy(self.net), None
            elif kind == "Open":
                for site in self.net.sites:
                    site.plain, site.degree = False, of
            elif kind == "Begin":
                start = self.steady(of["start"])
                for site in self.net.sites:
                    site.begin(of, start, self.random)
            elif kind == "Cut":
                self.net.cut(of)
            elif kind == "Draw":
                for site in self.net.sites:
                    values = [self.random.unit() for _ in range(site.keep.numel())]
                    site.keep.data.copy_(torch.tensor(values, dtype=torch.float32).view_as(site.keep))
                self.net.cut(of)
            elif kind == "Polynomials":
                start = self.steady({"Best": of})
                for site, (mean, variance) in zip(self.net.sites, self.flows(self.net, self.train)):
                    site.coefficients.data.copy_(dapa(mean, variance, start))
            elif kind == "Drop":
                self.drop(**of)
            elif kind == "Note":
                self.noted = self.accuracy(self.test)

    @torch.no_grad()
    def drop(self, to, candidates, images):
        kept = [(place, at) for place, site in enumerate(self.net.sites) for at in site.keep.flatten().nonzero().flatten().tolist()]
        gone, order = max(len(kept) - to, 0), list(range(len(self.train)))
        self.random.shuffle(order)
        sample, best = self.train.part(order[:images]).read(), None
        before = [site.keep.clone() for site in self.net.sites]
        for _ in range(max(candidates, 1)):
            self.random.shuffle(kept)
            for site, keep in zip(self.net.sites, before):
                site.keep.copy_(keep)
            for place, at in kept[:gone]:
                self.net.sites[place].keep.view(-1)[at] = 0
            loss = float(F.cross_entropy(self.logits(self.net, sample), sample.y.to(self.device)))
            if best is None or loss < best[0]:
                best = (loss, [site.keep.clone() for site in self.net.sites])
        for site, keep in zip(self.net.sites, best[1]):
            site.keep.copy_(keep)

    def fit(self, recipe):
        net, blend, search = self.net, recipe["blend"], recipe["search"]
        epochs = recipe["epochs"]
        if blend["teacher"] and self.aims is None and self.teacher is not None:
            self.aims = self.logits(self.teacher, self.train)
        groups = net.groups(recipe, rate_of(recipe["rate"], 0, epochs))
        moved = [value for group in groups for value in group["params"]]
        if recipe["optimiser"] == "Adam":
            optimiser = torch.optim.Adam(groups)
        else:
            optimiser = torch.optim.SGD(groups, momentum=recipe["optimiser"]["Sgd"]["momentum"])
        model = net
        if self.world > 1:
            ids = [self.device] if self.device.type == "cuda" else None
            model = nn.parallel.DistributedDataParallel(net, device_ids=ids)
        kind, of = next(iter(search.items())) if isinstance(search, dict) else (None, None)
        pull, least, best = (of["lambda"] if of else 0.0), math.inf, None
        for epoch in range(epochs):
            for group in optimiser.param_groups:
                group["lr"] = rate_of(recipe["rate"], epoch, epochs) * group["times"]
            order, total = list(range(len(self.train))), 0.0
            self.random.shuffle(order)
            for at in range(0, len(order), recipe["batch"]):
                places = order[at : at + recipe["batch"]]
                # Too few for a share each: every process takes them all.
                mine = places[self.rank :: self.world] if len(places) >= 2 * self.world else places
                net.train()
                x, y = self.train.batch(mine, self.device)
                logits = model(x)
                loss = blend["labels"] * F.cross_entropy(logits, y)
                if blend["teacher"] and self.aims is not None:
                    t = blend["temperature"]
                    aims = F.log_softmax(self.aims[mine] / t, 1)
                    apart = F.kl_div(F.log_softmax(logits / t, 1), aims, reduction="batchmean", log_target=True)
                    loss = loss + blend["teacher"] * t * t * apart
                if kind == "Snl":
                    loss = loss + pull * sum(site.keep.abs().sum() for site in net.sites)
                elif kind == "AutoRep":
                    density = sum(site.state.sum() for site in net.sites) / net.activations()
                    loss = loss + pull * F.relu(density - of["budget"] / net.activations())
                optimiser.zero_grad()
                loss.backward()
                length = nn.utils.clip_grad_norm_(moved, recipe["clip"] or math.inf)
                value = loss.item()
                if not math.isfinite(value) or value > 1e6 or not math.isfinite(float(length)):
                    raise SystemExit(f"training diverged in epoch {epoch + 1}: the loss is {value}; a lower rate, clipping or a smaller degree may help")
                optimiser.step()
                total += value * len(places)
            if self.world > 1:
                for value in net.buffers():
                    dist.broadcast(value, 0)
            relus, validation = net.relus(of["threshold"] if kind == "Snl" else 0.0), self.accuracy(self.validation)
            if self.rank == 0:
                print(f"  epoch {epoch + 1} of {epochs}: loss {total / len(order):.4f}, validation {validation:.3f}, {relus} ReLUs", flush=True)
            by = {"Last": None, "Validation": validation, "Test": self.accuracy(self.test) if recipe["choose"] == "Test" else None}[recipe["choose"]]
            if by is not None and (best is None or by >= best[0]):
                best = (by, copy.deepcopy(net.state_dict()))
            if kind == "Snl":
                if relus <= of["budget"]:
                    break
                pull *= of["growth"] if relus >= least else 1.0
                least = min(least, relus)
        if best is not None:
            net.load_state_dict(best[1])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", help="folder of CIFAR as torchvision reads it, or one with train/ and test/, a folder a class")
    parser.add_argument("--out", default=str(HERE), help="folder of what comes out")
    args = parser.parse_args()
    if "RANK" in os.environ:
        dist.init_process_group("nccl" if torch.cuda.is_available() else "gloo")
    local = int(os.environ.get("LOCAL_RANK", 0))
    args.device = torch.device("cuda", local) if torch.cuda.is_available() else torch.device("cpu")
    rank = dist.get_rank() if dist.is_initialized() else 0
    plan = json.loads((HERE / "plan.json").read_text())
    task = load(plan, args.data)
    out = pathlib.Path(args.out)
    results, bases = [], []
    for seed in plan["seeds"]:
        weights = load_file(HERE / f"weights-{seed}.safetensors")
        net = Net(plan, weights)
        if dist.is_initialized() and args.device.type == "cuda":
            net = nn.SyncBatchNorm.convert_sync_batchnorm(net)
        run = Run(args, task, net.to(args.device), seed)
        run.carry_out(plan["base"])
        base = run.net
        right = run.accuracy(run.test)
        bases.append({"seed": seed, "relus": base.activations(), "test_accuracy": right, "validation_accuracy": run.accuracy(run.validation)})
        for job in plan["jobs"]:
            start = time.time()
            if rank == 0:
                print(f"{job['method']} to {job['budget']}, seed {seed}", flush=True)
            run = Run(args, task, copy.deepcopy(base), seed)
            run.carry_out(job["steps"])
            found = {
                "method": job["method"], "budget": job["budget"], "seed": seed, "relus": run.net.relus(),
                "test_accuracy": run.accuracy(run.test), "accuracy_before_finetune": run.noted,
                "validation_accuracy": run.accuracy(run.validation), "base_accuracy": right, "seconds": time.time() - start,
            }
            results.append(found)
            if rank == 0:
                print(json.dumps(found), flush=True)
                name = f"net-{job['method']}-{job['budget']}-{seed}.safetensors"
                save_file({key: value.detach().cpu().contiguous() for key, value in run.net.state_dict().items()}, out / name)
    if rank == 0:
        processes = dist.get_world_size() if dist.is_initialized() else 1
        made = {"data": plan["data"], "images": [len(part) for part in task], "relus": base.activations(), "chosen_on": plan["chosen_on"], "bases": bases, "results": results, "made_by": f"PyTorch {torch.__version__}, {processes} process{'es' if processes > 1 else ''}, {args.device.type}"}
        (out / "results.json").write_text(json.dumps(made, indent=1) + "\n")
    if dist.is_initialized():
        dist.destroy_process_group()


if __name__ == "__main__":
    main()
