"""Makes what was spoken sound like the world: other bodies, rooms, microphones, noise, music, codecs, pauses.

A batch is a function of its number and of the corpus alone, so any number of processes gives the same training."""
import numpy as np
import scipy.fft
from scipy.signal import fftconvolve

import phones
import sound as snd

ROWS = 500  # five seconds
SILENT = np.concatenate([phones.HAND[0], phones.encode(phones.LONG_SILENCE)]).astype(np.float32)


class Corpus:
    def __init__(self, folder, shares):
        self.sets = []
        for name in shares:
            data = np.load(folder / f"{name}.npz")
            self.sets.append((data["sound"], data["articulators"], data["label"]))
        self.steps = np.cumsum(list(shares.values())) / sum(shares.values())

    def pick(self, dice, samples):
        """-> samples of sound, where they begin, articulators and labels of that set"""
        sound, articulators, label = self.sets[int(np.searchsorted(self.steps, dice.random()))]
        first = int(dice.integers(0, len(sound) - samples - 1))
        return sound[first:first + samples] / np.float32(32768), first, articulators, label


def unit(sound):
    return sound / (np.sqrt(np.mean(sound ** 2)) + 1e-4)


def music(dice, samples):
    time = np.arange(samples, dtype=np.float32) / snd.RATE_HZ
    out = np.zeros(samples, np.float32)
    beat, root, kind = dice.uniform(.25, .7), dice.uniform(80, 300), dice.uniform(.7, 2)
    for k in range(int(samples / snd.RATE_HZ / beat) + 1):
        first = int(k * beat * snd.RATE_HZ)
        length = min(samples - first, int(snd.RATE_HZ * beat * dice.uniform(1, 2)))
        if length <= 0:
            break
        t = time[:length]
        for _ in range(dice.integers(1, 4)):
            hz, loud = root * 2 ** (dice.integers(0, 25) / 12), dice.uniform(.3, 1)
            note = sum(np.sin(np.float32(2 * np.pi * hz * h) * t + np.float32(dice.uniform(0, 6))) / np.float32(h ** kind)
                       for h in range(1, dice.integers(3, 7)) if hz * h < 7800)
            out[first:first + length] += loud * note * np.exp(-t * np.float32(dice.uniform(1, 8)))
        if dice.random() < .4:
            length = min(samples - first, 1600)
            out[first:first + length] += 2 * dice.standard_normal(length, np.float32) * np.exp(-time[:length] * dice.uniform(20, 100))
    return out


def hiss(dice, samples):
    points = scipy.fft.next_fast_len(samples, real=True)
    bins = points // 2 + 1
    shape = (np.linspace(0, 8000, bins) + 30) ** (-dice.uniform(-.2, 2.2) / 2)
    noise = dice.standard_normal((2, bins), np.float32) * shape.astype(np.float32)
    out = scipy.fft.irfft(noise[0] + 1j * noise[1], points)[:samples]
    if dice.random() < .3:
        out = out * (1 + .8 * np.interp(np.arange(samples), np.linspace(0, samples, 20), dice.standard_normal(20)))
    return out


def hum(dice, samples):
    """Of the mains, of motors: steady, a few harmonics or many, even ones or all."""
    time = np.arange(samples, dtype=np.float32) / snd.RATE_HZ
    hz, kind, even = dice.choice([50., 60.]) * dice.uniform(.98, 1.02), dice.uniform(.5, 2.), dice.random() < .3
    out = sum(np.sin(np.float32(2 * np.pi * hz * h) * time + np.float32(dice.uniform(0, 6.3))) * np.float32(dice.uniform(.3, 1) / h ** kind)
              for h in range(2 if even else 1, int(dice.integers(3, 40)), 2 if even else 1))
    return unit(out) + dice.standard_normal(samples, np.float32) * np.float32(10 ** dice.uniform(-4, -1.3))


def disturbance(dice, corpus, samples):
    """-> sound, least signal to noise ratio in dB at which a voice can still be followed"""
    kind = dice.random()
    if kind < .5:
        return hiss(dice, samples), 0
    if kind < .75:
        return sum(corpus.pick(dice, samples)[0] * np.float32(dice.uniform(.3, 1)) for _ in range(dice.integers(2, 6))), 6
    return music(dice, samples), 3


def codec(dice, sound):
    """mu-law with few steps, as on a telephone line"""
    peak = np.abs(sound).max() + 1e-6
    steps = dice.choice([31, 63, 127])
    squeezed = np.round(np.log1p(255 * np.abs(sound) / peak) / np.log(256) * steps) / steps
    return np.sign(sound) * (256 ** squeezed - 1) / 255


def example(dice, corpus, hums=False):
    """-> features (ROWS, 64), articulators (ROWS, 11), symbols (ROWS); with `hums`, twice as many without a voice"""
    stretch = np.exp(dice.uniform(-.24, .24)) if dice.random() < .6 else 1.
    hop = int(np.clip(snd.HOP / stretch ** .8 * (dice.uniform(.84, 1.19) if dice.random() < .8 else 1.), 120, 205))
    samples = ROWS * hop + 600
    needed = int(samples * stretch) + 2
    sound, first, articulators, label = corpus.pick(dice, needed)
    if stretch != 1.:
        sound = np.interp(np.arange(samples) * stretch, np.arange(needed), sound).astype(np.float32)
    sound = unit(sound[:samples])
    row = np.minimum(((first + (np.arange(ROWS) * hop + hop / 2) * stretch) / snd.HOP).astype(int), len(label) - 1)
    drawn, said = articulators[row] / np.float32(255), label[row].copy()

    speechless = dice.random() < (.12 if hums else .06)
    if speechless:
        sound, drawn, said = sound * 0, np.tile(SILENT, (ROWS, 1)), said * 0
    elif dice.random() < .35:
        a = 0 if dice.random() < .3 else int(dice.integers(0, ROWS - 40))
        b = min(ROWS, a + int(dice.integers(25, 180)))
        sound[a * hop:b * hop] = 0
        drawn[a:b], said[a:b] = SILENT, 0
        for low, high, rising in ((max(0, a - 8), a, True), (b, min(ROWS, b + 8), False)):
            ease = .7 * np.linspace(0, 1, high - low, dtype=np.float32)[:, None]
            ease = ease if rising else ease[::-1]
            drawn[low:high] += ease * (SILENT - drawn[low:high])
    if dice.random() < .35:
        tail = int(snd.RATE_HZ * dice.uniform(.08, .5))
        room = dice.standard_normal(tail, np.float32) * np.exp(-np.linspace(0, 6.9, tail, dtype=np.float32))
        room *= dice.uniform(.1, .9) / np.sqrt((room ** 2).sum())
        room[0] += 1
        sound = fftconvolve(sound, room)[:samples]
    if speechless or dice.random() < .75:
        noise, least_db = disturbance(dice, corpus, samples) if not speechless or dice.random() < .5 else (hiss(dice, samples), 0)
        sound = sound + unit(noise) * 10 ** (-dice.uniform(max(2, least_db), 38) / 20)
        if speechless and dice.random() < .5:
            sound = sound * 0 + unit(music(dice, samples)) * .1
    if hums and dice.random() < (.5 if speechless else .15):
        steady = hum(dice, samples)
        sound = steady if speechless else sound + steady * np.float32(10 ** (-dice.uniform(6, 38) / 20))
    if dice.random() < .12:
        sound = codec(dice, sound)
    if dice.random() < .1:
        sound = np.clip(sound, -2., 2.)

    spectrum = snd.power(sound.astype(np.float32), hop)[:ROWS]
    tone_db = np.interp(snd.HZ, np.sort(dice.uniform(0, 8000, 7)), dice.uniform(-1, 1, 7) * dice.uniform(0, 12))
    if dice.random() < .25:
        tone_db = tone_db - np.clip((snd.HZ - dice.uniform(3000, 7000)) / 300, 0, 1) * 60
    if dice.random() < .2:
        tone_db = tone_db - np.clip((dice.uniform(80, 350) - snd.HZ) / 60, 0, 1) * 40
    spectrum = spectrum * (10 ** (tone_db / 10)).astype(np.float32)
    if dice.random() < .12:  # a codec that drops what is weak
        weak = np.median(spectrum, axis=1, keepdims=True) * dice.uniform(.05, .6)
        spectrum = np.where(spectrum < weak, spectrum * .02, spectrum)
    bank = snd.TRIANGLES
    if dice.random() < .85:  # another length and shape of throat
        bent = snd.EDGES_HZ * dice.uniform(.82, 1.22)
        bent *= 1 + dice.uniform(0, .09) * np.sin(2 * np.pi * dice.uniform(.3, 1.6) * snd.mel(bent) / 2840 + dice.uniform(0, 6.3))
        bent = np.maximum.accumulate(bent + np.arange(snd.BANDS + 2) * 1e-3)
        bank = snd.triangles(np.minimum(bent, 7950 + np.arange(snd.BANDS + 2) * .3))
    rows = np.log(snd.in_bands(spectrum, bank) + 10 ** dice.uniform(-9, -6))
    if dice.random() < .5:  # sharper or flatter formants
        wide = np.pad(rows, ((0, 0), (2, 2)), "edge")
        rows = rows + dice.uniform(-.7, .7) * (rows - sum(wide[:, i:i + snd.BANDS] for i in range(5)) / 5)
    if dice.random() < .5:
        rows = rows + dice.standard_normal(rows.shape, np.float32) * dice.uniform(0, .9)
    if dice.random() < .2:
        rows[1:-1] = (rows[:-2] + 2 * rows[1:-1] + rows[2:]) / 4
    seen = snd.normalise(rows.astype(np.float32)) * np.float32(dice.uniform(.78, 1.22))
    if dice.random() < .3:
        band = int(dice.integers(0, snd.BANDS - 10))
        seen[:, band:band + int(dice.integers(2, 10))] = 0
    return seen, drawn, said


def batch(corpus, number, size, seed=1, hums=False):
    examples = [example(np.random.default_rng([seed, number, i]), corpus, hums) for i in range(size)]
    seen, drawn, said = (np.stack(part) for part in zip(*examples))
    return seen, drawn[:, ::2], phones.VISEME_OF[said[:, ::2]]
