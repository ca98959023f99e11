"""Speaks the text and keeps it: FOLDER/NAME.npz with sound at 16 kHz, articulators and phones a hundred times a second.

    corpus.py FOLDER [SET...]        makes the sets that are not there yet
"""
import random
import re
import subprocess
import sys
import wave
from fractions import Fraction
from pathlib import Path

import numpy as np
from scipy.signal import resample_poly

import phones
import text

RATE_HZ, ROW = 16000, 160

# --- who speaks -------------------------------------------------------------------------------------------------
HELD_OUT_LANGUAGES = "it pl tr hi id".split()
HELD_OUT_VARIANTS = "f4 m5 Alicia Gene klatt4 m8".split()
ENGLISH = "en-us en en-gb-x-rp en-gb-scotland en-029 en-gb-x-gbclan en-gb-x-gbcwmd en-us-nyc".split()
LANGUAGES = """af am ar as az ba bg bn bs ca cmn-latn-pinyin cs cv cy da de el eo es es-419 et eu fa fi fr-be fr-ch fr ga gd gn
gu haw he hr ht hu hy is ja ka kk kl kn kok ko ku ky la lb lt lv mi mk ml mr ms mt nb ne nl nog om or pa pap pt pt-br quc ro ru
sd si sk sl smj sq sr sv sw ta te tk tn tt ug uk ur uz vi""".split()
VARIANTS = """m1 m2 m3 m4 m6 m7 f1 f2 f3 f5 klatt klatt2 klatt3 klatt5 klatt6 Alex Andrea Andy Annie Denis Diogo Gene2 Henrique Hugo
Jacky Lee Marco Mario Michael Mike Nguyen adam anika antonio aunty belinda benjamin boris caleb david ed edward edward2 grandma
grandpa gustave iven iven2 iven3 iven4 john linda marcelo max michel miguel norbert pablo paul pedro quincy rob robert sandro
shelby steph steph2 steph3 travis victor whisper zac""".split()
FLITE = {"slt": (140, 240), "awb": (90, 170), "kal16": (80, 150), "rms": (75, 140)}  # pitch in Hz
# Festival's voices: name, language, encoding, phones, how its labels lag.
FESTIVAL = {
    "us_slt": ("cmu_us_slt_arctic_hts", "en", "ascii", phones.AMERICAN, 0.),
    "kal": ("kal_diphone", "en", "ascii", phones.AMERICAN, 0.),
    "ru": ("msu_ru_nsh_clunits", "ru", "utf8", phones.RUSSIAN, .010),
    "lj": ("suo_fi_lj_diphone", "fi", "latin-1", phones.FINNISH, 0.),
    "mv": ("hy_fi_mv_diphone", "fi", "latin-1", phones.FINNISH, 0.),
    "ona": ("upc_ca_ona_hts", "ca", "utf8", phones.CATALAN, 0.),
    # never trained on: the measure of an unseen voice
    "ked": ("ked_diphone", "en-test", "ascii", phones.AMERICAN, 0.),
    "krb": ("czech_krb", "cs", "iso8859-2", phones.CZECH, 0.),
    "lp": ("lp_diphone", "it", "latin-1", phones.ITALIAN, 0.),
}
# set: (synthesiser, voices, utterances a voice)
SETS = {
    "world": ("espeak", LANGUAGES, 40), "english": ("espeak", ENGLISH, 110),
    "flite": ("flite", list(FLITE), 500),
    "us_slt": ("festival", ["us_slt"], 330), "kal": ("festival", ["kal"], 300), "ru": ("festival", ["ru"], 280),
    "lj": ("festival", ["lj"], 480), "mv": ("festival", ["mv"], 280), "ona": ("festival", ["ona"], 260),
    "held_languages": ("espeak", HELD_OUT_LANGUAGES, 12), "held_variants": ("espeak", ["en-us", "en"], 20),
    "american": ("festival", ["ked"], 40), "child": ("festival", ["krb"], 40), "italian": ("festival", ["lp"], 40),
}
TRAINED = "world english flite us_slt kal ru lj mv ona".split()
HELD_OUT = "held_languages held_variants american child italian".split()


# --- espeak-ng and flite: lines in, raw sound and marks out ---------------------------------------------------------
def speak_lines(tool, folder, lines):
    subprocess.run([str(Path(sys.argv[1]) / "bin" / tool), str(folder)], input="".join(lines).encode(), check=True)


def espeak_lines(voices, count, held_out):
    for voice in voices:
        dice = random.Random(f"espeak {voice} {held_out}")
        for i in range(count):
            variant = dice.choice(HELD_OUT_VARIANTS if held_out else VARIANTS)
            language = "en-test" if held_out and voice.startswith("en") else voice
            yield (f"{voice}_{i:03d}\t{voice}+{variant}\t{dice.randint(115, 230)}\t{dice.randint(25, 75)}\t"
                   f"{dice.randint(25, 85)}\t{text.utterance(dice, language)}\n")


def flite_lines(voices, count):
    for voice in voices:
        dice = random.Random(f"flite {voice}")
        for i in range(count):
            pitch = dice.randint(*FLITE[voice]) if dice.random() < .8 else 0
            yield f"{voice}_{i:03d}\t{voice}\t{dice.uniform(.75, 1.35):.2f}\t{pitch}\t{text.utterance(dice, 'en')}\n"


def read_marks(base, of_name):
    lines = [line.rstrip("\n").split("\t") for line in open(f"{base}.phones", encoding="utf8", errors="replace")]
    return [(int(ms) / 1000, ["_"] if name == "#" else of_name(name)) for ms, name in lines[:-1]]


def correct_espeak(marks):
    """Its vowels are marked 18 ms late after a consonant, and its voiceless stops at the burst, 45 ms after the mouth
    has closed (measured on the level around the marks, beside voices cut from recordings)."""
    out = list(marks)
    for i in range(1, len(marks)):
        (start, here), (before, there) = marks[i], out[i - 1]
        if not here or not there or there[-1] == "_":
            continue
        if here[0] in "ptkcqʈ":
            out[i] = (max(start - .045, (start + before) / 2), here)
        elif here[0] in phones.VOWEL_SOUNDS and there[-1] not in phones.VOWEL_SOUNDS:
            out[i] = (max(start - .018, before + .010), here)
    return out


def take_lines(tool, folder):
    for file in sorted(folder.glob("*.raw")):
        base = str(file)[:-4]
        sound = np.fromfile(file, "<i2").astype(np.float32)
        marks = read_marks(base, phones.of_espeak if tool == "espeak" else lambda n: phones.of_table(phones.AMERICAN, n))
        if tool == "espeak":
            marks, sound = correct_espeak(marks), resample_poly(sound, 320, 441)
        if marks:
            yield file.stem, sound, [(0., ["_"])] + marks


# --- festival ---------------------------------------------------------------------------------------------------------
SCHEME = Path(__file__).parent / "tools" / "festival.scm"


def festival(voice, count, folder):
    name, language, encoding, table, lag = FESTIVAL[voice]
    dice = random.Random(f"festival {voice}")
    pauses = (" ",) if language == "ru" else (", ", ". ", " ")  # a full stop breaks the Russian voice's rules
    jitter = [0.] if language in ("ru", "ca") else [0., .25, .45]
    lines = []
    for i in range(count):
        said = text.utterance(dice, language, pauses).replace('"', "")
        lines.append(f'(say "{i:03d}" {dice.uniform(.72, 1.3):.2f} {dice.uniform(.78, 1.3):.2f} {dice.uniform(.6, 1.7):.2f} '
                     f'{dice.choice(jitter)} "{said}")')
    head = [f"(voice_{name})", SCHEME.read_text(), f'(set! folder "{folder}/")']
    dropped = set()
    while lines:  # it dies now and then: a few lines at a time
        chunk, lines = lines[:15], lines[15:]
        script = folder / "script.scm"
        script.write_bytes("\n".join(head + chunk).encode(encoding, "ignore"))
        run = subprocess.run(["festival", "--batch", str(script)], capture_output=True, timeout=600)
        current = None
        for line in run.stderr.decode("latin-1").splitlines():
            if line.startswith("SAY "):
                current = line[4:].strip()
            elif "default diphone" in line:  # a missing sound became silence
                dropped.add(current)
        if run.returncode != 0:
            if current is None:
                raise SystemExit(f"festival cannot speak as {name}: {run.stderr.decode('latin-1')[-300:]}")
            dropped.add(current)
            at = [k for k, line in enumerate(chunk) if line.startswith(f'(say "{current}"')]
            lines = chunk[at[0] + 1:] + lines if at else lines
    for i in range(count):
        base = folder / f"{i:03d}"
        if f"{i:03d}" in dropped or not base.with_suffix(".wav").exists() or not base.with_suffix(".seg").exists():
            continue
        with wave.open(str(base.with_suffix(".wav"))) as file:
            rate = Fraction(RATE_HZ, file.getframerate())
            sound = np.frombuffer(file.readframes(file.getnframes()), "<i2").astype(np.float32)
        sound = resample_poly(sound, rate.numerator, rate.denominator) if rate != 1 else sound
        marks, start = [], 0.
        for line in open(base.with_suffix(".seg"), encoding="latin-1"):
            phone, end = line.rstrip("\n").split("\t")
            marks.append((start, phones.of_table(table, phone)))
            start = float(end)
        if len(marks) < 3:
            continue
        if marks[-1][1] == ["_"]:
            sound = sound[:int((marks[-1][0] + .5) * RATE_HZ)]
        marks = [(max(0., start - lag), symbols) for start, symbols in marks]
        yield f"{voice}_{i:03d}", sound, [(0., marks[0][1])] + marks[1:]


# --- all of it ----------------------------------------------------------------------------------------------------------
def make(folder, name):
    tool, voices, count = SETS[name]
    scratch = folder / "spoken" / name
    scratch.mkdir(parents=True, exist_ok=True)
    if tool == "festival":
        spoken = festival(voices[0], count, scratch)
    else:
        lines = espeak_lines(voices, count, name.startswith("held")) if tool == "espeak" else flite_lines(voices, count)
        speak_lines(tool, scratch, lines)
        spoken = take_lines(tool, scratch)
    sounds, articulators, labels, starts, names = [], [], [], [0], []
    for title, sound, marks in spoken:
        rows = len(sound) // ROW
        if rows < 60:
            continue
        drawn, label = phones.tracks(phones.segments(marks, len(sound) / RATE_HZ), rows)
        sounds.append(np.clip(sound[:rows * ROW], -32767, 32767).astype(np.int16))
        articulators.append((drawn * 255 + .5).astype(np.uint8))
        labels.append(label)
        starts.append(starts[-1] + rows)
        names.append(title)
    np.savez(folder / f"{name}.part.npz", sound=np.concatenate(sounds), articulators=np.concatenate(articulators),
             label=np.concatenate(labels), starts=np.array(starts), names=np.array(names))
    (folder / f"{name}.part.npz").rename(folder / f"{name}.npz")
    subprocess.run(["rm", "-r", str(scratch)], check=True)
    print(f"{name}: {len(names)} utterances, {starts[-1] / 6000:.1f} minutes", flush=True)


if __name__ == "__main__":
    home = Path(sys.argv[1])
    for wanted in sys.argv[2:] or HELD_OUT + TRAINED:
        if not (home / f"{wanted}.npz").exists():
            make(home, wanted)
