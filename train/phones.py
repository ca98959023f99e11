"""Phones: their viseme, where they bring lips, jaw and tongue, and how they pull at their neighbours."""
import unicodedata

import numpy as np

VISEMES = "sil PP FF TH DD SS CH KK RR AA EH II OO UU AX".split()
# The network's articulators. The first eight are 0..1 as drawn by hand; the last three are in the range of a
# speaker: 0 = the 5th percentile of the real lips, 1 = the 95th (squeezed by ENCODE_* below).
ARTICULATORS = "jaw open round spread press labiodental tongue teeth lip_opening lip_width jaw_drop".split()

# symbols | viseme | jaw open round spread press labiodental tongue teeth | dominance of jaw open round spread
CONSONANTS = """
_                     sil .02 .00 .05 .10 0 0  0  0   .60 .60 .30 .30
p b m ɓ               PP  .10 .00 .10 .10 1 0  0  0   .50 1.0 .10 .10
f v ʋ ɸ β             FF  .10 .10 .10 .20 0 1  0 .3   .60 1.0 .20 .20
θ ð                   TH  .18 .25 .05 .20 0 0  1 .2   .60 .60 .10 .10
t d n ɾ ʈ ɖ ɳ ɗ ɽ ɲ c ɟ r ɴ DD .15 .22 .05 .20 0 0 .5 .3 .50 .40 .05 .10
l ɭ ɫ ʎ ɬ ɺ           DD  .25 .30 .05 .20 0 0 .8  0   .40 .40 .05 .10
s z                   SS  .04 .18 .05 .40 0 0 .1  1   1.0 .80 .15 .30
ʃ ʒ ʂ ʐ ɕ ʑ           CH  .04 .22 .50 .00 0 0 .1 .9   1.0 .80 .60 .40
k ɡ g ŋ x ɣ q χ ɢ ç ʝ KK  .25 .30 .05 .10 0 0  0  0   .25 .25 .05 .05
h ɦ ʔ ʕ ħ             KK  .35 .35 .05 .10 0 0  0  0   .08 .08 .03 .03
ɹ ɻ ɚ                 RR  .20 .25 .45 .00 0 0 .1 .1   .50 .50 .50 .30
ʀ ʁ                   RR  .30 .32 .10 .10 0 0  0  0   .25 .25 .10 .10
"""
# symbol | viseme | jaw open round spread
VOWELS = """
a AA .75 .75 0 .15 | ɑ AA .80 .75 .05 0 | æ AA .70 .70 0 .40 | ʌ AA .50 .50 0 .10 | ɐ AA .50 .50 0 .10
ɛ EH .50 .50 0 .40 | e EH .35 .40 0 .55 | ə AX .30 .33 .05 .10 | ɜ AX .35 .38 .20 0 | ɘ AX .30 .30 0 .20
ɵ UU .30 .30 .50 0 | i II .15 .25 0 .80 | ɪ II .25 .32 0 .50 | j II .15 .22 0 .60 | ɨ AX .20 .25 0 .30
ᵻ AX .20 .25 0 .30 | ɯ AX .20 .25 .05 .30 | ɤ AX .40 .40 .05 .10 | o OO .40 .40 .75 0 | ɔ OO .55 .50 .60 0
ɒ OO .65 .60 .45 0 | u UU .20 .20 1 0 | ʊ UU .25 .25 .70 0 | ʉ UU .20 .20 .90 0 | y UU .15 .20 .95 0
ʏ UU .20 .25 .80 0 | ø UU .30 .30 .80 0 | œ UU .45 .45 .60 0 | w UU .15 .12 1 0 | ʍ UU .15 .12 1 0 | ɥ UU .15 .15 .95 0
"""
WEAK_VOWELS = set("əɨᵻjɐ")
VOWEL_SOUNDS = set("aɑæʌɐɛeəɜɵɘiɪɨᵻɯoɔɒɤuʊʉyʏøœ")

# The lips of four speakers on each viseme, fitted to the network's own posteriors: opening, width, jaw. Lips part on
# s, sh, k, t, n; the jaw stays half open under p, b, m. GAIN: how far a phone may leave its viseme's value.
MEASURED = np.array([
    [.392, -.092, .191, .504, .411, .619, .548, .698, .456, 1.06, .891, .574, .624, .14, .514],
    [.75, .399, .603, .623, .559, .776, .336, .58, .304, .744, .896, .803, -.112, -.172, .546],
    [.282, .474, .341, .51, .444, .234, .233, .614, .537, 1.036, .809, .582, .756, .42, .423]]).T
GAIN = np.array([.863, .718, 1.139])
LONG_SILENCE = np.array([.05, .68, .08], np.float32)  # a long pause closes the mouth, a short one leaves it ajar
ENCODE_ZERO = np.array([.05, .30, .05], np.float32)
ENCODE_ONE = np.array([.85, .55, .85], np.float32)


def encode(measured):
    return np.clip(ENCODE_ZERO + ENCODE_ONE * measured, 0, 1)


def _table():
    symbols, visemes, hand, dominance = [], [], [], []
    for line in CONSONANTS.strip().splitlines():
        words = line.split()
        for symbol in words[:-13]:
            symbols.append(symbol)
            visemes.append(VISEMES.index(words[-13]))
            hand.append([float(w) for w in words[-12:-4]])
            dominance.append([float(w) for w in words[-4:]])
    for entry in VOWELS.replace("\n", "|").split("|"):
        words = entry.split()
        if words:
            symbols.append(words[0])
            visemes.append(VISEMES.index(words[1]))
            hand.append([float(w) for w in words[2:]] + [0, 0, 0, 0])
            dominance.append([.6 if words[0] in WEAK_VOWELS else 1.] * 4)
    return symbols, np.array(visemes), np.array(hand, np.float32), np.array(dominance, np.float32)


SYMBOLS, VISEME_OF, HAND, HAND_DOMINANCE = _table()
INDEX = {symbol: i for i, symbol in enumerate(SYMBOLS)}


def _measured():
    def three(t):  # opening, width and jaw as the hand table has them
        return np.stack([t[:, 1] * (1 - t[:, 4]), t[:, 3] - t[:, 2], t[:, 0]], 1)
    mean = np.stack([HAND[VISEME_OF == v].mean(0) for v in range(len(VISEMES))])
    target = MEASURED[VISEME_OF] + .7 * GAIN * (three(HAND) - three(mean)[VISEME_OF])
    pull = np.stack([HAND_DOMINANCE[:, 1], .5 * (HAND_DOMINANCE[:, 2] + HAND_DOMINANCE[:, 3]), HAND_DOMINANCE[:, 0]], 1)
    for viseme, least in {"DD": (.5, .15, .5), "KK": (.4, .12, .4), "PP": (1, .2, .5), "SS": (.8, .3, 1),
                          "TH": (.6, .15, .6)}.items():
        rows = VISEME_OF == VISEMES.index(viseme)
        pull[rows] = np.maximum(pull[rows], least)
    for symbol in "hɦʔʕħ":
        pull[INDEX[symbol]] = (.08, .05, .08)
    return target.astype(np.float32), pull.astype(np.float32)


LIPS, LIPS_DOMINANCE = _measured()
TARGET = np.concatenate([HAND[:, :4], LIPS], 1)            # jaw open round spread, lip_opening lip_width jaw_drop
DOMINANCE = np.concatenate([HAND_DOMINANCE, LIPS_DOMINANCE], 1)
BEFORE_S = np.array([.060, .055, .110, .090, .055, .090, .060], np.float32)  # how early a phone is prepared
AFTER_S = np.array([.060, .050, .080, .080, .050, .080, .060], np.float32)   # how long it lasts on

# --- names the synthesisers give to phones -----------------------------------------------------------------------
ALIKE = {"A": "ɑ", "S": "ʃ", "Z": "ʒ", "N": "ŋ", "X": "χ", "ε": "ɛ", "R": "ʁ", "?": "ʔ", "ɝ": "ɜ", "I": "ɪ", "E": "ɛ", "O": "ɔ", "U": "ʊ"}


def of_espeak(name):
    """IPA as espeak writes it -> symbols; none means: still the phone before."""
    if name == "":
        return ["_"]
    if name.startswith("("):
        return []
    found = [ALIKE.get(c, c) for c in unicodedata.normalize("NFD", name) if ALIKE.get(c, c) in INDEX]
    if not found:
        return ["j"] if "ʲ" in name else []
    if len(found) > 1 and found[0] == "ʔ":
        found = found[1:]
    if len(found) >= 2 and found[0] in "tdʈɖ" and found[1] in "szʃʒʂʐɕʑ":  # an affricate shows its fricative
        found = [found[1]] + [f for f in found[2:] if f != "h"]
    if len(found) == 2 and found[1] == "h" and found[0] not in VOWEL_SOUNDS:
        found = found[:1]
    return found[:3]


def _pairs(text):
    return dict(pair.split(":") for pair in text.split())


def _same(letters, doubled=False):
    return {c * (1 + d): c for c in letters.split() for d in range(1 + doubled)}


PAUSES = {"pau": "_", "sil": "_", "ssil": "_", "#": "_", "##": "_", "_": "_", "h#": "_"}
AMERICAN = PAUSES | _pairs(
    "aa:ɑ ae:æ ah:ʌ ao:ɔ aw:aʊ ax:ə axr:ɚ ay:aɪ b:b ch:ʃ d:d dh:ð dx:ɾ eh:ɛ el:l em:m en:n er:ɜɹ ey:eɪ f:f g:ɡ hh:h hv:h "
    "ih:ɪ iy:i jh:ʒ k:k l:l m:m n:n nx:n ng:ŋ ow:oʊ oy:ɔɪ p:p r:ɹ s:s sh:ʃ t:t th:θ uh:ʊ uw:u v:v w:w y:j z:z zh:ʒ")
RUSSIAN = PAUSES | _same("p b t d k f v s z m n r", doubled=True) | _pairs(
    "ii:i yy:ɨ uu:u ee:ɛ oo:o aa:a a:ɐ e:ɪ i:ɪ y:ɨ u:ʊ ae:ɪ ay:ə ur:ʊ c:s ch:ʃ sch:ɕ sh:ʂ zh:ʐ h:x hh:x j:j l:ɫ ll:l g:ɡ gg:ɡ")
FINNISH = PAUSES | _same("e i o u y p t k b d f s z h m n l r j w") | _pairs("a:ɑ @:æ 7:ø &:ə g:ɡ T:θ D:ð S:ʃ Z:ʒ v:ʋ N:ŋ L:l")
CATALAN = PAUSES | _same("a b d e f i j k l m n o p r s t u w z") | _pairs(
    "ax:ə J:ɲ L:ʎ rr:r S:ʃ Z:ʒ E:ɛ O:ɔ g:ɡ a1:a e1:e E1:ɛ i1:i o1:o O1:ɔ u1:u")
ITALIAN = PAUSES | _same("i e a o u j w p t k b d f s v z m n l r") | _pairs(
    "E:ɛ O:ɔ i1:i e1:e E1:ɛ a1:a O1:ɔ o1:o u1:u g:ɡ S:ʃ Z:ʒ ts:s tS:ʃ dz:z dZ:ʒ J:ɲ ng:ŋ nf:v L:ʎ")
CZECH = PAUSES | _same("a b d f j k l m n o p r s t u v z") | {
    "a:": "a", "e:": "ɛ", "i:": "i", "o:": "o", "u:": "u", "e": "ɛ", "i": "ɪ", "c": "s", "c~": "ʃ", "ch": "x", "d~": "ɟ", "dz": "z",
    "dz~": "ʒ", "g": "ɡ", "h": "ɦ", "n*": "ŋ", "n~": "ɲ", "r~": "ʒ", "r~*": "ʃ", "s~": "ʃ", "t~": "c", "z~": "ʒ", "_": "ʔ"}


def of_table(table, name):
    if table is FINNISH and len(name) > 1:
        name = name.rstrip(":")
    return list(table[name])


# --- phones in time ------------------------------------------------------------------------------------------------
def segments(marks, end_s):
    """[(start in s, symbols)] -> [(start, end, index)]. A mark without symbols lengthens the phone before it."""
    out = []
    for i, (start, symbols) in enumerate(marks):
        stop = marks[i + 1][0] if i + 1 < len(marks) else end_s
        if stop <= start:
            continue
        if not symbols:
            if out:
                out[-1] = (out[-1][0], stop, out[-1][2])
            continue
        share = np.ones(len(symbols))
        if len(symbols) > 1 and symbols[0] in VOWEL_SOUNDS and symbols[1] in VOWEL_SOUNDS:
            share[0] = 1.3  # a diphthong stays longer where it begins
        edges = start + (stop - start) * np.concatenate([[0], np.cumsum(share) / share.sum()])
        out += [(edges[k], edges[k + 1], INDEX[s]) for k, s in enumerate(symbols)]
    return out


def tracks(parts, rows, rate_hz=100.):
    """-> articulators (rows, 11) in 0..1, symbol index (rows). Each phone pulls with its dominance, which falls off
    outside the phone's middle half; closures, lower lip, tongue and teeth come and go by themselves."""
    label = np.zeros(rows, np.uint8)
    sum_ = np.full((rows, 7), 1e-4, np.float32) * TARGET[0]
    weight = np.full((rows, 7), 1e-4, np.float32)
    own = np.zeros((rows, 4), np.float32)
    time = ((np.arange(rows) + .5) / rate_hz).astype(np.float32)
    for start, end, k in parts:
        label[max(0, int(start * rate_hz)):min(rows, max(int(end * rate_hz), int(start * rate_hz) + 1))] = k
        a, b = max(0, int((start - .4) * rate_hz)), min(rows, int((end + .4) * rate_hz) + 1)
        if b <= a:
            continue
        t, quarter, target = time[a:b, None], .25 * (end - start), TARGET[k]
        if k == 0:
            length = min(1., max(0., (end - start - .25) / .3))
            target = target.copy()
            target[4:] += length * (LONG_SILENCE - target[4:])
        pull = DOMINANCE[k] * np.exp(-np.maximum(0, start + quarter - t) / BEFORE_S - np.maximum(0, t - end + quarter) / AFTER_S)
        sum_[a:b] += pull * target
        weight[a:b] += pull
        if HAND[k, 4:].any():
            rise = np.clip(np.minimum((t - start + .05) / .05, (end + .03 - t) / .04), 0, 1)
            own[a:b] = np.maximum(own[a:b], (.5 - .5 * np.cos(np.pi * rise)) * HAND[k, 4:])
    smooth = sum_ / weight
    press, lip = own[:, 0], own[:, 1]
    for column, shut, under_teeth in ((1, .02, .10), (4, 0, .12)):
        smooth[:, column] *= 1 - press * (1 - shut)
        smooth[:, column] = np.where(lip > 0, np.minimum(smooth[:, column], (1 - lip) * smooth[:, column] + under_teeth * lip),
                                     smooth[:, column])
    smooth[:, 4] -= .03 * press
    out = np.concatenate([smooth[:, :4], own, encode(smooth[:, 4:])], 1)
    return np.clip(out, 0, 1), label
