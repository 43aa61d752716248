"""python3 -m unittest discover -s benches/judge"""

import json
import subprocess
import sys
import tempfile
import unittest
from math import log2
from pathlib import Path

from judge import Query, bootstrap, measures, passages, pool


class Scores(unittest.TestCase):
    def test_figures_worked_out_by_hand(self):
        # Found 3 0 2, ideal 3 2 1: (3 + 2/2) / (3 + 2/log2(3) + 1/2) = 4 / 4.761860.
        got = measures(["a", "x", "b"], {"a": 3, "b": 2, "c": 1})
        self.assertAlmostEqual(got["ndcg"], 0.840008, 6)
        self.assertEqual((got["p1"], got["mrr"], got["unjudged"]), (1.0, 1.0, 1))

    def test_a_mention_is_not_relevant(self):
        got = measures(["c", "d", "b"], {"b": 2, "c": 1, "d": 0})
        self.assertEqual((got["p1"], got["unjudged"]), (0.0, 0))
        self.assertAlmostEqual(got["mrr"], 1 / 3)
        # (1 + 2/2) / (2 + 1/log2(3))
        self.assertAlmostEqual(got["ndcg"], 2 / (2 + 1 / log2(3)))

    def test_only_ten_places_count(self):
        below = [f"x{n}" for n in range(10)] + ["a"]
        self.assertEqual(measures(below, {"a": 3}), {"ndcg": 0.0, "p1": 0.0, "mrr": 0.0, "unjudged": 10})
        many = {f"a{n}": 3 for n in range(12)}
        self.assertAlmostEqual(measures(list(many)[:10], many)["ndcg"], 1.0)

    def test_nothing_found_scores_nothing(self):
        self.assertEqual(measures([], {"a": 3}), {"ndcg": 0.0, "p1": 0.0, "mrr": 0.0, "unjudged": 0})

    def test_bootstrap(self):
        difference, (low, high), p = bootstrap([0.5] * 20, [0.4] * 20)
        for figure in (difference, low, high):
            self.assertAlmostEqual(figure, 0.1)
        self.assertEqual(p, 0.0)
        difference, (low, high), p = bootstrap([1, 0] * 20, [0, 1] * 20)
        self.assertEqual(difference, 0)
        self.assertTrue(low < 0 < high and p > 0.5)


class Pools(unittest.TestCase):
    def test_what_is_judged_or_too_deep_is_not_pooled(self):
        query = Query("q1\ttopic\ttune\tword")
        runs = [{"q1": ["a", "b", "c"]}, {"q1": ["d", "a", "e"]}]
        [(_, clippings)] = pool([query], {"q1": {"a": 0}}, runs, 2)
        self.assertEqual(set(clippings), {"b", "d"})
        self.assertEqual(pool([query], {"q1": {"a": 0, "b": 1, "d": 2}}, runs, 2), [])

    def test_the_order_depends_neither_on_run_nor_rank(self):
        query = Query("q1\ttopic\tword")
        one = pool([query], {}, [{"q1": ["a", "b", "c", "d"]}, {"q1": ["e"]}], 10)
        other = pool([query], {}, [{"q1": ["e", "d"]}, {"q1": ["c", "b", "a"]}], 10)
        self.assertEqual(one, other)

    def test_passages_follow_the_words_without_filters_and_endings(self):
        query = Query("q1\ttopic\t다리에 \"언론사\" 언론사:새벽신문")
        body = "가" * 100 + "다리가 끊겼다" + "나" * 100
        [passage] = passages(query, body, 10)
        self.assertIn("다리가 끊겼다", passage)


class Commands(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.write("queries.tsv", "q1\ttopic\ttune\t다리\nq2\tperson\treport\t한도진\n")
        self.write("qrels.tsv", "q1\ta\t3\n")
        self.write("one.trec", "q1 Q0 a 1 2.0 one\nq1 Q0 b 2 1.0 one\nq2 Q0 c 1 1.0 one\n")
        self.write("two.trec", "q1 Q0 b 1 2.0 two\nq1 Q0 a 2 1.0 two\nq2 Q0 b 1 1.0 two\n")
        articles = [{"id": i, "headline": f"제목 {i}", "body": "다리를 건넜다"} for i in "abc"]
        self.write("articles.jsonl", "".join(json.dumps(a) + "\n" for a in articles))

    def write(self, name, text):
        (self.folder / name).write_text(text, encoding="utf-8")

    def run_judge(self, arguments, given=""):
        tool = Path(__file__).with_name("judge.py")
        command = [sys.executable, "-X", "utf8", str(tool), *arguments.split()]
        return subprocess.run(command, cwd=self.folder, input=given, text=True, capture_output=True, encoding="utf-8")

    def qrels(self):
        return sorted((self.folder / "qrels.tsv").read_text().splitlines())

    def test_batch_writes_queries_for_the_program(self):
        self.assertEqual(self.run_judge("batch queries.tsv").stdout, "q1\t다리\nq2\t한도진\n")
        self.assertEqual(self.run_judge("batch queries.tsv --half report").stdout, "q2\t한도진\n")

    def test_grading_goes_on_where_it_stopped(self):
        grade = "grade queries.tsv qrels.tsv articles.jsonl one.trec two.trec"
        # An invalid answer is asked again; `q` keeps the grades so far.
        first = self.run_judge(grade, "x\n2\nq\n")
        self.assertIn("[3 left]  다리", first.stdout)
        self.assertNotIn("제목 a", first.stdout)
        self.assertEqual(self.qrels(), ["q1\ta\t3", "q1\tb\t2"])
        rest = self.run_judge(grade, "0\n1\n")
        self.assertIn("nothing left", rest.stdout)
        self.assertEqual(len(self.qrels()), 4)

    def test_grades_are_entered_in_the_order_shown(self):
        shown = self.run_judge("show queries.tsv qrels.tsv articles.jsonl one.trec two.trec").stdout
        self.assertIn("== q1 (1): 다리\n1. 제목 b", shown)
        first = shown.split("== q2 (2): 한도진\n1. 제목 ")[1][0]
        enter = "enter queries.tsv qrels.tsv one.trec two.trec"
        wrong = self.run_judge(enter, "q1 2\nq2 1\n")
        self.assertIn("1 grades for 2 clippings", wrong.stderr)
        self.assertEqual(self.qrels(), ["q1\ta\t3"])
        self.assertEqual(self.run_judge(enter, "q2 3 0\n").returncode, 0)
        self.assertIn(f"q2\t{first}\t3", self.qrels())

    def test_a_clipping_listed_twice_counts_once(self):
        self.write("one.trec", "q1 Q0 a 2 1.0 one\nq1 Q0 a 1 2.0 one\nq1 Q0 b 3 0.5 one\n")
        self.write("qrels.tsv", "q1\ta\t3\nq1\tb\t1\n")
        out = self.run_judge("score queries.tsv qrels.tsv one.trec").stdout.splitlines()
        self.assertEqual(out[2].split(), "all 1 1.000 1.000 1.000 0".split())

    def test_scores_are_printed_with_the_comparison(self):
        self.write("qrels.tsv", "q1\ta\t3\nq1\tb\t0\nq2\tb\t2\n")
        out = self.run_judge("score queries.tsv qrels.tsv one.trec two.trec --per-query").stdout.splitlines()
        # One: 1 and 0, with `c` unjudged; two: 1 / log2(3) and 1.
        self.assertEqual(out[2].split(), "all 2 0.500 0.500 0.500 1 0.815 0.500 0.750 0".split())
        self.assertEqual(out[4].split(), "person 1 0.000 0.000 0.000 1 1.000 1.000 1.000 0".split())
        self.assertEqual(out[5].split(), "q1 1.000 0.631 다리".split())
        self.assertTrue(out[-1].startswith("one - two: nDCG -0.3155"), out[-1])
        self.assertTrue(out[-1].endswith("1 queries better, 1 worse"), out[-1])


if __name__ == "__main__":
    unittest.main()
