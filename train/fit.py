"""Trains the network on the corpus: fit.py FOLDER. Writes FOLDER/speech.bin; goes on where it was interrupted."""
import argparse
import multiprocessing
import time
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional

import augment
import network as net

# How much of each set is heard. First English is half; then the recordings of other languages come nearer to it.
STAGES = (
    {"steps": 2400, "rate": 2.5e-3, "shares": {"world": .22, "english": .10, "flite": .24, "us_slt": .10, "kal": .06,
                                               "ru": .08, "lj": .06, "mv": .06, "ona": .08}},
    {"steps": 1000, "rate": 1.0e-3, "shares": {"world": .20, "english": .08, "flite": .19, "us_slt": .11, "kal": .06,
                                               "ru": .10, "lj": .08, "mv": .08, "ona": .10}},
)
STEPS = sum(stage["steps"] for stage in STAGES)
BATCH, WARM_UP = 24, 100
#                            sil  PP   FF   TH   DD   SS  CH   KK  RR   AA  EH  II  OO  UU  AX
VISEME_WEIGHT = torch.tensor([.8, 1.4, 1.2, 1.8, 1.05, 1., 1.1, 1., 1.1, 1., 1., 1., 1., 1., 1.])
#                                 jaw op  ro  sp  pr  lab  to  te  opening width jaw
ARTICULATOR_WEIGHT = torch.tensor([1, 1.5, 1, 1, 2., 1.5, 1, 1., 4.3, 4.3, 4.3])
AVERAGE = .998  # of the weights that are kept: the mean of about the last 500 steps


def loss_of(output, drawn, said):
    visemes = functional.cross_entropy(output[..., :net.VISEMES].reshape(-1, net.VISEMES), said.reshape(-1),
                                       weight=VISEME_WEIGHT, label_smoothing=.03)
    shapes = functional.binary_cross_entropy_with_logits(output[..., net.VISEMES:], drawn, reduction="none")
    return visemes + 2 * (shapes * ARTICULATOR_WEIGHT).mean()


def stage_of(number):
    """-> the stage of a step, and the step's number in it"""
    for stage in STAGES:
        if number < stage["steps"]:
            break
        number -= stage["steps"]
    return stage, number


def rate_of(number):
    stage, step = stage_of(number)
    return stage["rate"] * min(1, (step + 1) / WARM_UP) * (.5 + .5 * np.cos(np.pi * step / stage["steps"])) + 1e-5


def feed(queue, folder, first, step, seed):
    corpus, shares = None, None
    for number in range(first, STEPS, step):
        wanted = stage_of(number)[0]["shares"]
        if wanted is not shares:
            corpus, shares = augment.Corpus(folder, wanted), wanted
        queue.put(augment.batch(corpus, number, BATCH, seed))


def main():
    options = argparse.ArgumentParser()
    options.add_argument("folder", type=Path)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--feeders", type=int, default=1, help="processes that make batches; does not change the result")
    options = options.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(options.seed)
    network, average = net.Network(), net.Network()
    average.load_state_dict(network.state_dict())
    optimiser = torch.optim.AdamW(network.parameters(), lr=STAGES[0]["rate"], weight_decay=1e-3, betas=(.9, .98))
    done, keep = 0, options.folder / "checkpoint.pt"
    if keep.exists():
        saved = torch.load(keep)
        done = saved["step"]
        network.load_state_dict(saved["network"])
        average.load_state_dict(saved["average"])
        optimiser.load_state_dict(saved["optimiser"])

    context = multiprocessing.get_context("fork")
    queues = [context.Queue(3) for _ in range(options.feeders)]
    feeders = [context.Process(target=feed, args=(queues[(done + i) % options.feeders], options.folder, done + i, options.feeders,
                                                  options.seed), daemon=True) for i in range(options.feeders)]
    for feeder in feeders:
        feeder.start()
    began, losses, right = time.time(), [], []
    for step in range(done, STEPS):
        for group in optimiser.param_groups:
            group["lr"] = rate_of(step)
        torch.manual_seed(options.seed * 1000003 + step)  # of the dropout
        seen, drawn, said = (torch.from_numpy(part) for part in queues[step % options.feeders].get())
        output = network(seen)
        loss = loss_of(output, drawn, said)
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 2.)
        optimiser.step()
        with torch.no_grad():
            share = min(AVERAGE, (step + 1) / (step + 10))
            for mean, now in zip(average.state_dict().values(), network.state_dict().values()):
                mean.copy_(share * mean + (1 - share) * now if mean.is_floating_point() else now)
        losses.append(loss.item())
        right.append((output[..., :net.VISEMES].argmax(-1) == said).float().mean().item())
        if (step + 1) % 100 == 0:
            print(f"step {step + 1} of {STEPS}, {time.time() - began:.0f} s: loss {np.mean(losses[-100:]):.3f}, "
                  f"visemes {np.mean(right[-100:]):.3f}", flush=True)
        if (step + 1) % 500 == 0 or step + 1 == STEPS:
            torch.save({"step": step + 1, "network": network.state_dict(), "average": average.state_dict(),
                        "optimiser": optimiser.state_dict()}, keep.with_suffix(".part"))
            keep.with_suffix(".part").rename(keep)
            net.write(average, options.folder / "speech.bin")
    for feeder in feeders:
        feeder.terminate()


if __name__ == "__main__":
    main()
