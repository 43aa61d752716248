#!/usr/bin/env python3
"""Segments the sentences of mecab-ko.tsv with mecab-ko itself, the oracle of our own lattice.

    pip install python-mecab-ko==1.3.7 python-mecab-ko-dic==2.1.1.post2
    python tests/data/segmentation/segment.py

Reads the first column of mecab-ko.tsv and writes the file again: a sentence, a tab, and its morphemes
as `surface/TAG` with spaces between. Running it again changes nothing.
"""

from pathlib import Path

from mecab import MeCab

FILE = Path(__file__).with_name("mecab-ko.tsv")

HEAD = """\
# Sentences written for this test, and their morphemes as mecab-ko 1.3.7 with mecab-ko-dic 2.1.1 segments them.
# Made by `python tests/data/segmentation/segment.py`; read by src/analyze/lattice/tests.rs.
"""


def main():
    lines = FILE.read_text(encoding="utf-8").splitlines()
    sentences = [line.split("\t")[0] for line in lines if not line.startswith("# ")]
    mecab = MeCab()
    with FILE.open("w", encoding="utf-8") as out:
        out.write(HEAD)
        for sentence in sentences:
            morphemes = " ".join(f"{m.surface}/{m.pos}" for m in mecab.parse(sentence))
            out.write(f"{sentence}\t{morphemes}\n")


if __name__ == "__main__":
    main()
