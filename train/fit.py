"""Trains the network on the corpus: fit.py FOLDER. Writes FOLDER/speech.bin; goes on where it was interrupted."""
import argparse
import hashlib
import multiprocessing
import time
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional

import augment
import network as net

HOME = Path(__file__).parent

# How much of each set is heard. First English is half; then the recordings of other languages come nearer to it.
STAGES = (
    {"steps": 8500, "shares": {"world": .22, "english": .10, "flite": .24, "us_slt": .10, "kal": .06,
                                "ru": .08, "lj": .06, "mv": .06, "ona": .08}},
    {"steps": 3500, "shares": {"world": .20, "english": .08, "flite": .19, "us_slt": .11, "kal": .06,
                               "ru": .10, "lj": .08, "mv": .08, "ona": .10}},
)
LONG = sum(stage["steps"] for stage in STAGES)
HUMS = 800  # steps more, at a rate of their own, that also hear the hum of mains and motors
STEPS = LONG + HUMS
RATE, HUMS_RATE = 2.5e-3, 4e-4
BATCH, WARM_UP, KEEP_EVERY = 24, 100, 500
#                            sil  PP   FF   TH   DD   SS  CH   KK  RR   AA  EH  II  OO  UU  AX
VISEME_WEIGHT = torch.tensor([.8, 1.4, 1.2, 1.8, 1.05, 1., 1.1, 1., 1.1, 1., 1., 1., 1., 1., 1.])
#                                 jaw op  ro  sp  pr  lab  to  te  opening width jaw
ARTICULATOR_WEIGHT = torch.tensor([1, 1.5, 1, 1, 2., 1.5, 1, 1., 4.3, 4.3, 4.3])
AVERAGE = .998  # of the weights that are kept: the mean of about the last 500 steps
CHECKED = HOME / "check.txt"
CHECK_STEPS, CHECK_EVERY, CHECK_TOLERANCE = 60, 10, .01


def loss_of(output, drawn, said):
    visemes = functional.cross_entropy(output[..., :net.VISEMES].reshape(-1, net.VISEMES), said.reshape(-1),
                                       weight=VISEME_WEIGHT, label_smoothing=.03)
    shapes = functional.binary_cross_entropy_with_logits(output[..., net.VISEMES:], drawn, reduction="none")
    return visemes + 2 * (shapes * ARTICULATOR_WEIGHT).mean()


def shares_of(number):
    return STAGES[0 if number < STAGES[0]["steps"] else 1]["shares"]


def rate_of(number):
    rate, step, steps = (RATE, number, LONG) if number < LONG else (HUMS_RATE, number - LONG, HUMS)
    return rate * min(1, (step + 1) / WARM_UP) * (.5 + .5 * np.cos(np.pi * step / steps)) + 1e-5


def feed(queue, folder, numbers, seed):
    corpus, shares = None, None
    for number in numbers:
        if shares_of(number) is not shares:
            shares = shares_of(number)
            corpus = augment.Corpus(folder, shares)
        queue.put(augment.batch(corpus, number, BATCH, seed, hums=number >= LONG))


class Feeders:
    """Processes that make batches while the network learns. How many does not change the result."""

    def __init__(self, count, folder, first, last, seed):
        context = multiprocessing.get_context("fork")
        self.queues = [context.Queue(3) for _ in range(count)]
        self.processes = [context.Process(target=feed, args=(queue, folder, range(first + i, last, count), seed), daemon=True)
                          for i, queue in enumerate(self.queues)]
        for process in self.processes:
            process.start()
        self.given = 0

    def next(self):
        batch = self.queues[self.given % len(self.queues)].get()
        self.given += 1
        return [torch.from_numpy(part) for part in batch]

    def stop(self):
        for process in self.processes:
            process.terminate()


class Training:
    """What is learned so far: a function of the seed and the number of steps, to the bit on one processor."""

    def __init__(self, seed):
        torch.manual_seed(seed)
        self.seed, self.step = seed, 0
        self.network, self.average = net.Network(), net.Network()
        self.average.load_state_dict(self.network.state_dict())
        self.optimiser = torch.optim.AdamW(self.network.parameters(), lr=RATE, weight_decay=1e-3, betas=(.9, .98))

    def load(self, path):
        saved = torch.load(path)
        self.step = saved["step"]
        for part in ("network", "average", "optimiser"):
            getattr(self, part).load_state_dict(saved[part])

    def save(self, path):
        torch.save({"step": self.step} | {part: getattr(self, part).state_dict() for part in ("network", "average", "optimiser")},
                   path.with_suffix(".part"))
        path.with_suffix(".part").rename(path)

    def learn(self, seen, drawn, said):
        """-> loss, share of visemes that were right"""
        for group in self.optimiser.param_groups:
            group["lr"] = rate_of(self.step)
        torch.manual_seed(self.seed * 1000003 + self.step)  # of the dropout
        output = self.network(seen)
        loss = loss_of(output, drawn, said)
        self.optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), 2.)
        self.optimiser.step()
        with torch.no_grad():
            share = min(AVERAGE, (self.step + 1) / (self.step + 10))
            for mean, now in zip(self.average.state_dict().values(), self.network.state_dict().values()):
                mean.copy_(share * mean + (1 - share) * now if mean.is_floating_point() else now)
        self.step += 1
        return loss.item(), (output[..., :net.VISEMES].argmax(-1) == said).float().mean().item()


def train(options):
    training, keep = Training(options.seed), options.folder / "checkpoint.pt"
    if keep.exists():
        training.load(keep)
    feeders = Feeders(options.feeders, options.folder, training.step, STEPS, options.seed)
    began, marks = time.time(), []
    while training.step < STEPS:
        marks.append(training.learn(*feeders.next()))
        if training.step % 100 == 0:
            loss, right = np.mean(marks[-100:], 0)
            print(f"step {training.step} of {STEPS}, {time.time() - began:.0f} s: loss {loss:.3f}, visemes {right:.3f}", flush=True)
        if training.step % KEEP_EVERY == 0 or training.step == STEPS:
            training.save(keep)
            net.write(training.average, options.folder / "speech.bin")
    feeders.stop()


def hash_of(arrays):
    whole = hashlib.sha256()
    for array in arrays:
        whole.update(np.ascontiguousarray(array))
    return whole.hexdigest()


def spoken(folder, name):
    data = np.load(folder / f"{name}.npz")
    return hash_of(data[part] for part in ("sound", "articulators", "label"))


def check(options):
    """Is what was spoken, and what the first steps make of it, what it was when the weights of the tree were made?"""
    rows = [["sound", name, spoken(options.folder, name)] for name in STAGES[0]["shares"]]
    training = Training(options.seed)
    feeders = Feeders(options.feeders, options.folder, 0, CHECK_STEPS, options.seed)
    for step in range(1, CHECK_STEPS + 1):
        loss, _ = training.learn(*feeders.next())
        if step % CHECK_EVERY == 0:
            rows.append(["loss", f"step-{step}", f"{loss:.5f}"])
    rows.append(["weights", f"step-{CHECK_STEPS}", hash_of(p.detach().numpy() for p in training.network.parameters())])
    if options.record:
        CHECKED.write_text("# written by train/train --check --record: what is spoken, and what the first steps make of it\n"
                           + "".join(" ".join(row) + "\n" for row in rows))
    known = dict(line.rsplit(" ", 1) for line in CHECKED.read_text().splitlines() if not line.startswith("#"))
    wrong = 0
    for kind, name, value in rows:
        there = known[f"{kind} {name}"]
        if kind == "loss":
            off = abs(float(value) / float(there) - 1)
            answer = f"{value}, recorded {there}: " + ("within" if off <= CHECK_TOLERANCE else "BEYOND") + f" {CHECK_TOLERANCE:.0%}"
            wrong += off > CHECK_TOLERANCE
        elif kind == "weights":
            answer = "the same bits" if value == there else "other bits, as on another processor"
        else:
            answer = "the same bits" if value == there else "OTHER SOUND OR LABELS"
            wrong += value != there
        print(f"{kind} {name}: {answer}", flush=True)
    raise SystemExit("train: this is not the training that made the tree's weights" if wrong else 0)


def main():
    options = argparse.ArgumentParser()
    options.add_argument("folder", type=Path)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--feeders", type=int, default=1)
    options.add_argument("--check", action="store_true", help="only the first steps, compared with check.txt")
    options.add_argument("--record", action="store_true", help="write check.txt first")
    options = options.parse_args()
    torch.set_num_threads(1)  # sums are split the same way everywhere
    torch.use_deterministic_algorithms(True)
    (check if options.check else train)(options)


if __name__ == "__main__":
    main()
