"""How far two segmentations agree: mecab-ko's own, and one made with the embedded dictionary.

    pip install python-mecab-ko==1.3.7 python-mecab-ko-dic==2.1.1.post2
    cargo run --release -p clippings-ko-dic --example segment < LINES > SEGMENTED
    python ko-dic/compare/agreement.py LINES SEGMENTED

LINES is any text, a paragraph a line; SEGMENTED has for each line its morphemes as `start:end:tag`, in
characters. Prints which share of mecab-ko's morphemes has the same span, and the same span and tag;
which share of its nouns has the same span; and which share of the lines is the same throughout.
"""

import sys

from mecab import MeCab

NOUNS = {"NNG", "NNP", "NNB", "NNBC", "NR", "NP", "SL", "SH", "SN"}


def main(lines_path, segmented_path):
    mecab = MeCab()
    lines = same_lines = same_cuts = total = spans = tags = nouns = noun_spans = 0
    with open(lines_path, encoding="utf-8") as texts, open(segmented_path) as segmented:
        for text, morphemes in zip(texts, segmented, strict=True):
            expected = {(m.span.start, m.span.end, m.pos) for m in mecab.parse(text.rstrip("\n"))}
            found = set()
            for morpheme in morphemes.split():
                start, end, tag = morpheme.split(":", 2)
                found.add((int(start), int(end), tag))
            expected_spans = {m[:2] for m in expected}
            found_spans = {m[:2] for m in found}
            lines += 1
            same_lines += expected == found
            same_cuts += expected_spans == found_spans
            total += len(expected)
            spans += len(expected_spans & found_spans)
            tags += len(expected & found)
            of_nouns = {m[:2] for m in expected if m[2] in NOUNS}
            nouns += len(of_nouns)
            noun_spans += len(of_nouns & found_spans)
    print(f"{lines} lines, {total} morphemes")
    for what, part, whole in [
        ("same span", spans, total),
        ("same span and tag", tags, total),
        ("nouns with the same span", noun_spans, nouns),
        ("lines cut the same", same_cuts, lines),
        ("lines cut and tagged the same", same_lines, lines),
    ]:
        print(f"{100 * part / max(whole, 1):7.3f} %  {what}")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
