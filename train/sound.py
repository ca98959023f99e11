"""Sound to rows of features, exactly as src/engine/speech/spectrum.c and feature.c compute them."""
import numpy as np
import scipy.fft
import scipy.sparse

RATE_HZ, WINDOW, HOP, POINTS, BANDS = 16000, 400, 160, 512, 64
POWER_FLOOR = 1e-9
FLOOR_BELOW, SPEAKING_BELOW = 13.8, 8.0   # nats under the peak: quieter is the room; louder counts as voice
PRIOR_ROWS, SPREAD = 100, 3.0
AHEAD_ROWS, UPDATE_ROWS = 200, 10         # the normaliser hears this far ahead, and looks again this often
LEVEL_LOW, LEVEL_STEP, LEVELS = -21.0, 0.0625, 560  # the histogram of levels, nats
PEAK_SHARE = 0.97
PRIOR = np.interp(np.arange(BANDS), np.arange(0, BANDS, 8), [4, 3.5, 1, -.3, -.8, -.6, -2, -4]).astype(np.float32)
HZ = np.linspace(0, RATE_HZ / 2, POINTS // 2 + 1)
HANN = np.hanning(WINDOW).astype(np.float32)


def mel(hz):
    return 2595 * np.log10(1 + hz / 700)


def hz_of(mels):
    return 700 * (10 ** (mels / 2595) - 1)


EDGES_HZ = hz_of(np.linspace(mel(60), mel(7600), BANDS + 2))


def triangles(edges):
    left, middle = edges[:-2], np.maximum(edges[1:-1], edges[:-2] + 20)
    right = np.maximum(edges[2:], middle + 20)
    hz = HZ[:, None]
    bank = np.maximum(0, np.minimum((hz - left) / (middle - left), (right - hz) / (right - middle)))
    return (bank / (bank.sum(0) + 1e-6)).astype(np.float32)


TRIANGLES = triangles(EDGES_HZ)


def power(sound, hop=HOP):
    """Row i is centred at (i + 0.5) hops."""
    rows, pad = len(sound) // hop, (WINDOW - hop) // 2 + 1
    padded = np.concatenate([np.zeros(pad, np.float32), sound.astype(np.float32), np.zeros(WINDOW + hop, np.float32)])
    windows = np.lib.stride_tricks.as_strided(padded, (rows, WINDOW), (hop * 4, 4))
    spectrum = scipy.fft.rfft(windows * HANN, POINTS, axis=1)
    return spectrum.real ** 2 + spectrum.imag ** 2


def in_bands(spectrum, bank):
    """spectrum @ bank, of which nearly all is zeros"""
    return (scipy.sparse.csr_matrix(bank.T) @ spectrum.T).T


def log_mel(sound):
    return np.log(in_bands(power(sound), TRIANGLES) + POWER_FLOOR)


def _offset(mean, count, level):
    return (mean * count + (level + PRIOR) * PRIOR_ROWS) / (count + PRIOR_ROWS)


def normalise_whole(rows):
    """What the first weights were trained with: the peak and the mean of the whole sound."""
    energy = np.log(np.exp(rows).mean(1) + 1e-12)
    peak = np.percentile(energy, 97)
    rows = np.maximum(rows, peak - FLOOR_BELOW)
    speaking = energy > peak - SPEAKING_BELOW
    mean = rows[speaking].mean(0) if speaking.any() else rows.mean(0)
    return ((rows - _offset(mean, speaking.sum(), mean.mean())) / SPREAD).astype(np.float32)


def normalise(rows):
    """Peak and mean of what has been heard until AHEAD_ROWS later, looked up again every UPDATE_ROWS."""
    count = len(rows)
    looks = np.arange(max(1, -(-(count - AHEAD_ROWS) // UPDATE_ROWS)))  # later ones hear nothing new
    heard = np.minimum(count, (looks + 1) * UPDATE_ROWS + AHEAD_ROWS)
    energy = np.log(np.exp(rows).mean(1))
    level = np.clip((energy - LEVEL_LOW) / LEVEL_STEP, 0, LEVELS - 1).astype(int)
    known = np.searchsorted(heard, np.arange(count), "right")  # the first look at which a row is
    histogram = np.bincount(known * LEVELS + level, minlength=len(looks) * LEVELS).reshape(-1, LEVELS).cumsum(0)
    below, wanted = histogram.cumsum(1), PEAK_SHARE * heard
    top = (below < wanted[:, None]).sum(1)
    peak = top + 1 - (below[looks, top] - wanted) / histogram[looks, top]  # in levels, between two of them
    floor = np.float32(LEVEL_LOW + LEVEL_STEP * peak - FLOOR_BELOW)[:, None]
    weight = np.clip(level + 1 - (peak - SPEAKING_BELOW / LEVEL_STEP)[:, None], 0, 1) * (known <= looks[:, None])
    speaking = weight.sum(1)[:, None]
    mean = np.maximum(weight @ rows / speaking, floor)
    offset = _offset(mean, speaking, mean.mean(1)[:, None]).astype(np.float32)
    look = np.minimum(np.arange(count) // UPDATE_ROWS, len(looks) - 1)
    return ((np.maximum(rows, floor[look]) - offset[look]) / SPREAD).astype(np.float32)


def features(sound, whole=False):
    return (normalise_whole if whole else normalise)(log_mel(sound))
