#!/usr/bin/env python3
"""Times mecab-ko's segmentation: the peer of `clippings analyze`.

    mecab_ko.py ARTICLES.jsonl [--megabytes N]

Reads headlines and bodies from JSON Lines, hands them to mecab-ko line by line, and prints
`name TAB value` lines for `benches/run`: the bytes of text, and the CPU-seconds that the native
parser spent on them. Building Python objects from the result is not counted: the peer is mecab-ko,
not Python.

Needs python-mecab-ko from PyPI (`benches/peers/install` puts it into a virtual environment).
Exits 3 when it is missing.
"""
import argparse
import json
import sys
import time

try:
    import mecab
    from mecab.utils import create_lattice
except ImportError:
    sys.exit(3)


def lines_of(path, limit):
    """Non-empty lines of the articles' text, up to `limit` bytes of UTF-8."""
    seen = 0
    with open(path, encoding="utf-8") as articles:
        for record in articles:
            if not record.strip():
                continue
            article = json.loads(record)
            text = f"{article.get('headline') or ''}\n{article.get('body') or ''}"
            for line in text.split("\n"):
                if line.strip():
                    seen += len(line.encode()) + 1
                    yield line
            if limit and seen >= limit:
                return


def main():
    arguments = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    arguments.add_argument("articles")
    arguments.add_argument("--megabytes", type=float, default=0, help="stop after this much text")
    options = arguments.parse_args()

    tagger = mecab.MeCab()._tagger
    lines = list(lines_of(options.articles, options.megabytes * 1e6))
    tagger.parse(create_lattice(lines[0] if lines else ""))

    spent = 0.0
    for line in lines:
        lattice = create_lattice(line)
        started = time.process_time()
        parsed = tagger.parse(lattice)
        spent += time.process_time() - started
        if not parsed:
            sys.exit(f"mecab-ko refused a line: {tagger.what()}")
    print(f"text_bytes\t{sum(len(line.encode()) + 1 for line in lines)}")
    print(f"cpu_seconds\t{spent:.3f}")
    print(f"lines\t{len(lines)}")


if __name__ == "__main__":
    main()
