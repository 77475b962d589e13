"""What the reader can say: characters, provinces, countries and plate colours.

The project's own facts (core/plates/facts) are the only source of names; a model file carries a copy of these lists, so
that the engine never guesses which output means what.
"""
import json
from pathlib import Path

FACTS = Path(__file__).resolve().parents[2] / "core" / "plates" / "facts"

DIGITS = "0123456789"
LATIN = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
THAI_CONSONANTS = "กขฃคฅฆงจฉชซฌญฎฏฐฑฒณดตถทธนบปผฝพฟภมยรลวศษสหฬอฮ"
# Vowels and marks of personalised words, in the order in which they are typed.
THAI_MARKS = "ะัาำิีึืุู็่้๊๋์เแโใไ"
CHARACTERS = DIGITS + LATIN + THAI_CONSONANTS + THAI_MARKS
SLOTS = 12
NO_CHARACTER = 0

PROVINCES = json.loads((FACTS / "provinces.json").read_text(encoding="utf-8"))
PROVINCE_CODES = [province["code"] for province in PROVINCES]
PROVINCE_BY_NAME = {province["nameTh"]: index for index, province in enumerate(PROVINCES)}
# One more output than names: a plate without a province line.
NO_PROVINCE = len(PROVINCE_CODES)

COUNTRIES = sorted(country["code"] for country in json.loads((FACTS / "countries.json").read_text(encoding="utf-8")))
SHEETS = ["white", "yellow", "green", "red", "orange", "blue", "black", "picture"]
INKS = ["black", "white", "blue", "green", "red", "yellow"]
# Of a label that a picture does not have; the loss leaves it out.
UNLABELLED = -100

_CHARACTER_INDEX = {character: index + 1 for index, character in enumerate(CHARACTERS)}


def encode_text(text: str) -> list[int]:
    """Canonical plate text (shape: letters and digits only) to SLOTS indices; raises KeyError or ValueError where it cannot."""
    if len(text) > SLOTS:
        raise ValueError(f"{text!r} has more than {SLOTS} characters")
    indices = [_CHARACTER_INDEX[character] for character in text]
    return indices + [NO_CHARACTER] * (SLOTS - len(indices))


def decode_text(indices) -> str:
    """The text of SLOTS indices; empty slots are skipped."""
    return "".join(CHARACTERS[index - 1] for index in indices if index != NO_CHARACTER)
