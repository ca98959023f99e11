"""What the voices say: sentences written for this project, English put together from parts, and invented
words in the letters of every other language, which its voice reads by its own rules."""
import random
from pathlib import Path

SENTENCES = {file.stem: file.read_text(encoding="utf8").splitlines()
             for file in sorted((Path(__file__).parent / "sentences").glob("*.txt"))}

# --- English out of parts ------------------------------------------------------------------------------------
WHO = """the other brother|my father|your mother|this young teacher|both of the doctors|a thin author|the boy next door|
their neighbour|an old friend|the whole family|somebody|the manager|every visitor|a famous painter|the first speaker|
the girl with the blue umbrella|our team|the baker|a few people|Martha|Peter|Bob|the happy puppy|another thief""".split("|")
DOES = """thought about|gathered|brought back|could not find|painted|would rather have|opened|carried|pushed|
has always loved|described|might be looking for|bought|measured|threw away|had heard of|moved|should protect|
fixed|was watching|chose|put down|showed us|dreams of""".split("|")
WHAT = """the thirty feathers|a better method|both of these bottles|the wooden bridge|this beautiful garage|
a piece of birthday cake|the youngest member|an orange jacket|the heavy box|some warm bread and butter|that thing|
five thousand maps|the truth|a cheap watch|the moon above the valley|two big pumpkins|a very long letter|
the weather report|an easy question|another cup of coffee|the bathroom mirror|fresh fish|the yellow leaves""".split("|")
WHEN = """last Thursday|in the middle of the month|without any trouble|before the show|with their mother|at noon|
after a while|on the other path|this evening|again and again|in another room|from the very beginning|by the river|
together|because of the weather|in the bath|under the table|when nobody was there|as soon as possible|for months""".split("|")

# --- invented words: beginnings, middles and ends of a syllable -------------------------------------------------
LATIN = ("b c d f g h j k l m n p r s t v z p b m f v br pr tr st pl".split(),
         "a e i o u a e i o u ai au ei oi".split(), ["", "", "", "n", "r", "l", "s", "m", "k", "t", "p"])
CYRILLIC = (list("бвгдзйклмнпрстфх") + ["ш", "ж", "ч", "ц", "бр", "пр", "ст", "п", "б", "м"], list("аоуэиеяюы"),
            ["", "", "", "н", "м", "т", "к", "с", "п", "р", "л"])
ARABIC = (list("بتجدرزسشصطعغفقكلمنهويبمف"), ["ا", "ي", "و", "ا", ""], ["", "", "ن", "ر", "ل", "م", "ب"])
ALPHABETS = {
    "en": ("b d f g k l m n p r s t v w z h y j sh ch th th th br st pl wh thr p m b f v".split(),
           "a e i o u oo ee ai ow oy aw ar er".split(),
           ["", "", "n", "m", "p", "b", "f", "sh", "l", "t", "k", "s", "v", "th", "d"]),
    "cs": ("b c d f g h j k l m n p r s t v z č š ž ř ch p m b v br pr st ť ď ň".split(),
           "a e i o u á é í ů y ě ou".split(), ["", "", "", "n", "m", "k", "s"]),
    "fi": ("h j k l m n p r s t v p m v t k".split() + [""],
           "a e i o u ä ö y aa ii uu oo ai ei au uo ie yö ää".split(), ["", "", "", "n", "s", "l", "r", "t"]),
    "ca": ("b c d f g l m n p r s t v x ll ny j br pr qu".split() + [""], "a e i o u ó à è".split(),
           ["", "", "", "n", "r", "l", "s", "m", "t"]),
    "it": ("b c d f g l m n p r s t v z gh ch sc gl gn br tr pr st qu".split(), "a e i o u ia io uo".split(),
           ["", "", "", "n", "r", "l"]),
    "de": ("b d f g h j k l m n p r s t w z sch st sp pf ch qu".split(), "a e i o u ä ö ü ei au eu ie".split(),
           ["", "", "n", "r", "l", "ch", "st", "t", "m", "ng"]),
    "fr": ("b c d f g j l m n p r s t v ch gn qu br pl tr".split(), "a e i o u é è ou eu oi an on in ai eau".split(),
           ["", "", "", "r", "l", "s"]),
    "es": ("b c d f g j l m n p r s t v z ch ll ñ qu rr gu".split(), "a e i o u ie ue".split(),
           ["", "", "", "n", "r", "s", "l"]),
    "pt": ("b c d f g j l m n p r s t v z ch lh nh qu".split(), "a e i o u ão ei ou ã é ô".split(),
           ["", "", "", "r", "s", "m"]),
    "pl": ("b c d f g h j k l ł m n p r s t w z cz sz ż rz ś ć dź p b m".split(), "a e i o u y ó ą ę".split(),
           ["", "", "", "n", "m", "k", "ł", "j"]),
    "tr": ("b c ç d f g h j k l m n p r s ş t v y z p b m".split(), "a e ı i o ö u ü".split(),
           ["", "", "n", "r", "l", "k", "m", "ş"]),
    "id": ("b c d g h j k l m n p r s t w y ng ny p b m".split(), "a e i o u a".split(),
           ["", "", "n", "ng", "r", "k", "t", "m"]),
    "vi": ("b c ch d đ g h kh l m n ng nh ph r s t th tr v x".split(),
           "a ă â e ê i o ô ơ u ư à á ả ạ ề ế ồ ố ờ ớ ù ú".split(), ["", "", "n", "ng", "m", "t", "c", "p"]),
    "sv": ("b d f g h j k l m n p r s t v sk sj tj st".split(), "a e i o u y å ä ö".split(),
           ["", "", "n", "r", "l", "m", "t", "k"]),
    "hu": ("b c d f g h j k l m n p r s t v z cs gy ly ny sz zs".split(), "a á e é i o ó ö ő u ú ü ű".split(),
           ["", "", "n", "k", "l", "r", "m", "t"]),
    "cy": ("b c ch d dd f ff g ng h l ll m n p r rh s t th w".split(), "a e i o u w y ae wy ei".split(),
           ["", "", "n", "r", "dd", "th", "l"]),
    "el": ("β γ δ ζ θ κ λ μ ν ξ π ρ σ τ φ χ ψ μπ ντ γκ π μ θ".split(), "α ε η ι ο υ ω ου ει αι ά έ ί ό".split(),
           ["", "", "", "ς", "ν", "ρ"]),
    "ka": (list("ბგდვზთკლმნპჟრსტფქღყშჩცძწჭხჯჰმბ"), list("აეიოუ"), ["", "", "", "ნ", "რ", "ს", "ლ", "მ"]),
    "hy": (list("բգդզթժլխծկհձղճմյնշչպջռսվտրցփքֆ"), ["ա", "ե", "ի", "ո", "ու", "է", "օ"], ["", "", "ն", "ր", "ս", "մ"]),
    "he": (list("אבגדהוזחטיכלמנסעפצקרשתבמפ"), ["ַ", "ֶ", "ִ", "ֹ", "ֻ", "ָ"], ["", "", "ן", "ם", "ר", "ל"]),
    "ja": ("か き く け こ さ し す せ そ た ち つ て と な に ぬ ね の は ひ ふ へ ほ ま み む め も や ゆ よ ら り る れ ろ わ が ぎ ぐ げ "
           "ご ざ じ ず ぜ ぞ だ で ど ば び ぶ べ ぼ ぱ ぴ ぷ ぺ ぽ".split(), ["", "", "い", "う"], ["", "", "ん"]),
}
for same, names in {"cs": "sk", "de": "lb", "es": "es-419 an ast nci pap quc qu", "fr": "fr-be fr-ch ht", "pt": "pt-br gl",
                    "pl": "", "tr": "az tk uz tt-latn", "id": "ms", "sv": "nb da is smj", "ca": "oc ro mt"}.items():
    for name in names.split():
        ALPHABETS[name] = ALPHABETS[same]
for name in "ru uk be bg mk sr kk ky tt ba cv nog ru-lv".split():
    ALPHABETS[name] = CYRILLIC
for name in "ar fa ur sd ug".split():
    ALPHABETS[name] = ARABIC
# The scripts of India share one layout: consonants from +0x15, vowel signs from +0x3e.
for name, base in {"hi": 0x900, "mr": 0x900, "ne": 0x900, "kok": 0x900, "bn": 0x980, "as": 0x980, "bpy": 0x980,
                   "pa": 0xa00, "gu": 0xa80, "or": 0xb00, "ta": 0xb80, "te": 0xc00, "kn": 0xc80, "ml": 0xd00}.items():
    consonants = [0x15, 0x1a, 0x1c, 0x1f, 0x23, 0x24, 0x28, 0x2a, 0x2a, 0x2e, 0x2e, 0x2f, 0x30, 0x32, 0x35, 0x38, 0x39]
    if name != "ta":
        consonants += [0x17, 0x26, 0x2c, 0x2c, 0x2b, 0x16, 0x36]
    signs = [0x3e, 0x3f, 0x40, 0x41, 0x42, 0x47, 0x48, 0x4b]
    ALPHABETS[name] = ([chr(base + c) for c in consonants], [""] * 2 + [chr(base + s) for s in signs], [""])
ALPHABETS["si"] = ([chr(c) for c in (0xd9a, 0xd9c, 0xda0, 0xda2, 0xda7, 0xdad, 0xdaf, 0xdb1, 0xdb4, 0xdb6, 0xdb8, 0xdba,
                                     0xdbb, 0xdbd, 0xdc0, 0xdc3, 0xdc4)],
                   ["", "", "\u0dcf", "\u0dd2", "\u0dd4", "\u0dd9", "\u0ddc"], [""])
ALPHABETS["am"] = ([chr(0x1200 + 8 * row + v) for row in (0, 1, 3, 4, 6, 7, 8, 0xc, 0xe, 0xf, 0x12, 0x15, 0x19, 0x1b, 0x1d, 0x20, 0x22, 0x29)
                    for v in (0, 1, 2, 3, 4, 6)], [""], [""])
ALPHABETS["ko"] = ([chr(0xac00 + (lead * 21 + vowel) * 28 + tail) for lead in (0, 2, 3, 5, 6, 7, 9, 11, 12, 14, 15, 16, 17, 18)
                    for vowel in (0, 1, 4, 5, 8, 13, 18, 20, 6, 12) for tail in (0, 0, 4, 16, 21)], [""], [""])

# Mandarin: what may follow a beginning, in pinyin.
PINYIN = {"j q x": "i ia iao ie iu ian in iang ing u ue uan un", "zh ch sh r": "i a ai an ang ao e en eng ou u ua uo ui un",
          "z c s": "i a ai an ang ao e en eng ong ou u uo ui un", "b p m": "a ai an ang ao ei en eng i ie in ing o u",
          "f": "a an ang ei en eng ou u o", "d t n l g k h": "a ai an ang ao e ei eng ong ou u uo", "y": "a an ang ao e i in ing ou u ue uan",
          "w": "a ai an ang ei en o u"}


def alphabet(language):
    while language not in ALPHABETS and "-" in language:
        language = language.rsplit("-", 1)[0]
    return ALPHABETS.get(language, LATIN)


def invented_word(chance, language):
    if language == "cmn-latn-pinyin":
        word = ""
        for _ in range(chance.choice([1, 1, 2, 2])):
            beginnings = chance.choice(list(PINYIN))
            word += chance.choice(beginnings.split()) + chance.choice(PINYIN[beginnings].split()) + chance.choice("1234")
        return word
    first, middle, last = alphabet(language)
    return "".join(chance.choice(first) + chance.choice(middle) + chance.choice(last)
                   for _ in range(chance.choice([1, 2, 2, 3, 3])))


def english(chance):
    """A sentence nobody has said before."""
    if chance.random() < 0.25:
        return "whether " + ", or whether ".join(f"{chance.choice(WHO)} {chance.choice(DOES)} {chance.choice(WHAT)}".replace("\n", "")
                                                 for _ in range(2))
    return f"{chance.choice(WHO)} {chance.choice(DOES)} {chance.choice(WHAT)} {chance.choice(WHEN)}".replace("\n", "")


def phrase(chance, language):
    own = SENTENCES.get(language) or SENTENCES.get(language.split("-")[0])
    if language.startswith("en") and language != "en-test":
        dice = chance.random()
        if dice < 0.4:
            return english(chance)
        if dice < 0.8:
            return chance.choice(own)
    elif own and chance.random() < (0.8 if language in ("en-test", "ru") else 0.5):
        return chance.choice(own)
    return " ".join(invented_word(chance, language.replace("-test", "")) for _ in range(chance.randint(3, 7)))


def utterance(chance, language, pauses=(". ", ". ", ", ", "? ", "! ", " ", "; ")):
    return "".join(phrase(chance, language) + chance.choice(pauses) for _ in range(chance.choice([1, 1, 2, 2, 3]))).strip()


if __name__ == "__main__":
    dice = random.Random(0)
    for name in ["en", "de", "cmn-latn-pinyin", "ko", "ta", "hi", "am", "sw", "el", "he", "ja"]:
        print(name, utterance(dice, name))
