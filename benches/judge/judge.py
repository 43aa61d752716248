#!/usr/bin/env python3
"""Relevance judgements: pools the results of several runs, shows them blind for grading, scores runs.

  judge.py batch QUERIES                            the queries as `clippings search --batch` reads them
  judge.py grade QUERIES QRELS ARTICLES RUN...      grade what the runs found and QRELS lacks, one by one
  judge.py show  QUERIES QRELS ARTICLES RUN...      print the same, to read elsewhere
  judge.py enter QUERIES QRELS RUN... < GRADES      grades of what `show` printed: lines `query grade grade ...`
  judge.py score QUERIES QRELS RUN...               nDCG@10, P@1 and MRR@10 by class; the first run against the others

QUERIES has lines `id<TAB>class<TAB>query` or `id<TAB>class<TAB>half<TAB>query`, QRELS `id<TAB>clipping<TAB>grade`,
ARTICLES is JSON Lines as `clippings export --format jsonl` writes them, a RUN is a TREC run.

Grades: 3 what the query asks for, 2 clearly about it, 1 mentions it, 0 not relevant. nDCG uses the grade as gain
(like trec_eval); P@1 and MRR count grades 2 and 3 as relevant. Unjudged clippings count as 0: grade them first.
"""

import argparse
import hashlib
import json
import random
import re
import sys
from math import log2
from pathlib import Path

RELEVANT = 2
RESAMPLES = 10_000
FILTER = re.compile(r"\S+:(\"[^\"]*\"|\S+)")


class Query:
    def __init__(self, line):
        columns = line.rstrip("\n").split("\t")
        if len(columns) not in (3, 4):
            sys.exit(f"not a line of queries (id, class, perhaps half, query): {line!r}")
        self.id, self.group, self.text = columns[0], columns[1], columns[-1]
        self.half = columns[2] if len(columns) == 4 else ""

    def words(self):
        """The words without filters, each with its prefixes, longest first: the text may lack the ending."""
        words = re.findall(r"[^\s\"()*~]+", FILTER.sub(" ", self.text))
        return [[word[:end] for end in range(len(word), min(2, len(word)) - 1, -1)] for word in words]


def read_queries(path, half=None):
    lines = Path(path).read_text(encoding="utf-8").splitlines()
    queries = [Query(line) for line in lines if line.strip()]
    return [query for query in queries if half in (None, query.half)]


def read_qrels(path):
    grades = {}
    if Path(path).exists():
        for line in Path(path).read_text(encoding="utf-8").splitlines():
            query, clipping, grade = line.split("\t")
            grades.setdefault(query, {})[clipping] = int(grade)
    return grades


def read_run(path):
    """Clippings by query, in order of rank, without duplicates."""
    ranked = {}
    for line in Path(path).read_text(encoding="utf-8").splitlines():
        query, _, clipping, rank, *_ = line.split()
        ranked.setdefault(query, []).append((int(rank), clipping))
    return {query: list(dict.fromkeys(clipping for _, clipping in sorted(hits))) for query, hits in ranked.items()}


def pool(queries, qrels, runs, depth):
    """By query, the ungraded clippings within `depth` of any run, ordered by a hash, which reveals
    neither run nor rank."""
    pooled = []
    for query in queries:
        found = {clipping for run in runs for clipping in run.get(query.id, [])[:depth]}
        unjudged = found - qrels.get(query.id, {}).keys()
        pooled.append((query, sorted(unjudged, key=lambda c: hashlib.sha256(f"{query.id} {c}".encode()).digest())))
    return [(query, clippings) for query, clippings in pooled if clippings]


def read_articles(path, wanted):
    articles = {}
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            article = json.loads(line)
            if article.get("id") in wanted:
                articles[article["id"]] = article
    return articles


def passages(query, body, start, most=3, around=60):
    """Text around the query words, starting at `start`."""
    spans = []
    for forms in query.words():
        at = next((at for at in (body.find(form, start) for form in forms) if at >= 0), -1)
        if at >= 0:
            spans.append((max(start, at - around), at + around))
    shown, end = [], start
    for left, right in sorted(spans)[:most]:
        if right > end:
            shown.append(body[max(left, end):right])
            end = right
    return shown


def describe(query, article, lead):
    if article is None:
        return "(not in the articles)"
    body = re.sub(r"\s+", " ", article.get("body") or "")
    parts = [body[:lead], *passages(query, body, lead)]
    about = " ".join(x for x in ((article.get("published") or "")[:10], article.get("outlet")) if x)
    headline = re.sub(r"\s+", " ", article.get("headline") or "")
    return f"{headline} ({about})\n    " + " … ".join(part for part in parts if part)


def append(path, query, clipping, grade):
    with open(path, "a", encoding="utf-8") as qrels:
        qrels.write(f"{query}\t{clipping}\t{grade}\n")


def pooled(options):
    queries = read_queries(options.queries, options.half)
    return pool(queries, read_qrels(options.qrels), [read_run(run) for run in options.runs], options.depth)


def show(options):
    work = pooled(options)
    articles = read_articles(options.articles, {c for _, clippings in work for c in clippings})
    for query, clippings in work:
        print(f"== {query.id} ({len(clippings)}): {query.text}")
        for number, clipping in enumerate(clippings, 1):
            print(f"{number}. {describe(query, articles.get(clipping), options.lead)}")
    print(f"{sum(len(clippings) for _, clippings in work)} to grade", file=sys.stderr)


def grade(options):
    work = pooled(options)
    articles = read_articles(options.articles, {c for _, clippings in work for c in clippings})
    left = sum(len(clippings) for _, clippings in work)
    for query, clippings in work:
        for clipping in clippings:
            print(f"\n[{left} left]  {query.text}\n\n{describe(query, articles.get(clipping), options.lead)}\n")
            answer = ""
            while answer not in ("0", "1", "2", "3"):
                try:
                    answer = input("0 not, 1 mentions it, 2 about it, 3 what was asked for, q quit: ").strip()
                except EOFError:
                    answer = "q"
                if answer == "q":
                    return
            append(options.qrels, query.id, clipping, answer)
            left -= 1
    print("nothing left to grade")


def enter(options):
    work = {query.id: clippings for query, clippings in pooled(options)}
    given = [line.split() for line in sys.stdin if line.strip()]
    # Check all lines first, so that an error leaves the file unchanged.
    for query, *grades in given:
        if len(grades) != len(work.get(query, ())) or not set(grades) <= set("0123"):
            sys.exit(f"{query}: {len(grades)} grades for {len(work.get(query, ()))} clippings, or not 0 to 3")
    if len({query for query, *_ in given}) != len(given):
        sys.exit("a query stands there twice")
    for query, *grades in given:
        for clipping, grade in zip(work[query], grades):
            append(options.qrels, query, clipping, grade)


def dcg(grades):
    return sum(grade / log2(place + 1) for place, grade in enumerate(grades, 1))


def measures(ranked, grades, depth=10):
    """nDCG, P@1 and reciprocal rank of a query, and its number of ungraded results."""
    top = ranked[:depth]
    gains = [grades.get(clipping, 0) for clipping in top]
    ideal = dcg(sorted(grades.values(), reverse=True)[:depth])
    first = next((place for place, gain in enumerate(gains, 1) if gain >= RELEVANT), None)
    return {
        "ndcg": dcg(gains) / ideal if ideal else 0.0,
        "p1": 1.0 if gains and gains[0] >= RELEVANT else 0.0,
        "mrr": 1 / first if first else 0.0,
        "unjudged": sum(clipping not in grades for clipping in top),
    }


def mean(values):
    values = list(values)
    return sum(values) / len(values) if values else 0.0


def bootstrap(ours, theirs, seed=1):
    """Mean difference over paired queries, its 95% interval, and the two-sided p value."""
    differences = [a - b for a, b in zip(ours, theirs)]
    chance = random.Random(seed)
    means = sorted(mean(chance.choices(differences, k=len(differences))) for _ in range(RESAMPLES))
    below = sum(m <= 0 for m in means) / RESAMPLES
    above = sum(m >= 0 for m in means) / RESAMPLES
    interval = means[int(RESAMPLES * 0.025)], means[int(RESAMPLES * 0.975) - 1]
    return mean(differences), interval, min(1.0, 2 * min(below, above))


def score(options):
    qrels = read_qrels(options.qrels)
    queries = read_queries(options.queries, options.half)
    # Queries without relevant clippings cannot be scored.
    judged = [query for query in queries if any(qrels.get(query.id, {}).values())]
    if not judged:
        sys.exit("no query has a clipping with a grade above 0")
    runs = [(Path(run).stem, read_run(run)) for run in options.runs]
    scored = {name: [measures(run.get(q.id, []), qrels[q.id]) for q in judged] for name, run in runs}
    width = max(8, *(len(name) for name, _ in runs))
    print(f"{len(judged)} queries; each column nDCG@10 / P@1 / MRR@10 / not judged")
    print(f"{'':10} {'n':>3}" + "".join(f"  {name:>{max(24, width)}}" for name, _ in runs))
    groups = [None, *dict.fromkeys(query.group for query in judged)]
    for group in groups:
        chosen = [i for i, query in enumerate(judged) if group in (None, query.group)]
        row = f"{group or 'all':10} {len(chosen):3}"
        for name, _ in runs:
            of = [scored[name][i] for i in chosen]
            figures = " ".join(f"{mean(m[key] for m in of):.3f}" for key in ("ndcg", "p1", "mrr"))
            figures += f" {sum(m['unjudged'] for m in of):4}"
            row += f"  {figures:>{max(24, width)}}"
        print(row)
    if options.per_query:
        for i, query in enumerate(judged):
            row = "  ".join(f"{scored[name][i]['ndcg']:.3f}" for name, _ in runs)
            print(f"{query.id:12} {row}  {query.text}")
    first = runs[0][0]
    for name, _ in runs[1:]:
        ours, theirs = ([m["ndcg"] for m in scored[run]] for run in (first, name))
        difference, (low, high), p = bootstrap(ours, theirs)
        better = sum(a > b + 1e-9 for a, b in zip(ours, theirs))
        worse = sum(a < b - 1e-9 for a, b in zip(ours, theirs))
        print(f"{first} - {name}: nDCG {difference:+.4f}, 95% {low:+.4f} to {high:+.4f}, p {p:.3f}; "
              f"{better} queries better, {worse} worse")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, run in (("batch", batch), ("show", show), ("grade", grade), ("enter", enter), ("score", score)):
        command = commands.add_parser(name)
        command.set_defaults(run=run)
        command.add_argument("queries")
        command.add_argument("--half", help="only the queries of this half")
        if name == "batch":
            continue
        command.add_argument("qrels")
        if name in ("show", "grade"):
            command.add_argument("articles")
            command.add_argument("--lead", type=int, default=500, help="characters of the body's beginning (500)")
        command.add_argument("runs", nargs="+", metavar="RUN")
        if name == "score":
            command.add_argument("--per-query", action="store_true", help="also list each query")
        else:
            command.add_argument("--depth", type=int, default=10, help="results pooled of each run (10)")
    options = parser.parse_args()
    options.run(options)


def batch(options):
    for query in read_queries(options.queries, options.half):
        print(f"{query.id}\t{query.text}")


if __name__ == "__main__":
    main()
