import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringReader;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.lucene.analysis.Analyzer;
import org.apache.lucene.analysis.ko.KoreanAnalyzer;
import org.apache.lucene.analysis.ko.KoreanPartOfSpeechStopFilter;
import org.apache.lucene.analysis.ko.KoreanTokenizer;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.Field;
import org.apache.lucene.document.StringField;
import org.apache.lucene.document.TextField;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.search.BooleanClause.Occur;
import org.apache.lucene.search.BooleanQuery;
import org.apache.lucene.search.BoostQuery;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.MatchNoDocsQuery;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.store.MMapDirectory;
import org.apache.lucene.util.QueryBuilder;

/**
 * The peer of the benchmarks: Lucene 8 with its Korean analyzer nori.
 *
 * <p>nori runs in mixed mode (a compound and its parts) with its own default part-of-speech stops.
 * Headline and body are indexed with positions and stored. The writer keeps Lucene's defaults and
 * forces no merge.
 *
 * <pre>
 *   LuceneNori index ARTICLES.jsonl DIR
 *   LuceneNori search DIR QUERIES.tsv and|or|fill|phrase LIMIT [RUN.trec]
 * </pre>
 *
 * <p>{@code and} requires every word, and treats quoted words as a phrase; {@code fill} appends
 * results of {@code or} until there are LIMIT results.
 *
 * Both print `name TAB value` lines for `benches/run`.
 */
public final class LuceneNori {
    private static final String HEADLINE = "headline";
    private static final String BODY = "body";
    /** A common weight for titles in Lucene. */
    private static final float HEADLINE_BOOST = 2f;
    private static final Pattern WORD = Pattern.compile("\"([^\"]*)\"|[^\\s\"]+");

    private LuceneNori() {}

    public static void main(String[] args) throws IOException {
        if (args.length == 3 && args[0].equals("index")) {
            index(Paths.get(args[1]), Paths.get(args[2]));
        } else if (args.length >= 5 && args[0].equals("search")) {
            Path run = args.length > 5 ? Paths.get(args[5]) : null;
            search(Paths.get(args[1]), Paths.get(args[2]), args[3], Integer.parseInt(args[4]), run);
        } else {
            System.err.println("usage: LuceneNori index ARTICLES.jsonl DIR");
            System.err.println("       LuceneNori search DIR QUERIES.tsv and|or|fill|phrase LIMIT [RUN.trec]");
            System.exit(2);
        }
    }

    private static Analyzer nori() {
        return new KoreanAnalyzer(
                null,
                KoreanTokenizer.DecompoundMode.MIXED,
                KoreanPartOfSpeechStopFilter.DEFAULT_STOP_TAGS,
                false);
    }

    private static void index(Path articles, Path dir) throws IOException {
        long count = 0;
        long textBytes = 0;
        try (MMapDirectory directory = new MMapDirectory(dir);
                IndexWriter writer = new IndexWriter(directory, new IndexWriterConfig(nori()));
                BufferedReader lines = Files.newBufferedReader(articles, StandardCharsets.UTF_8)) {
            String line;
            while ((line = lines.readLine()) != null) {
                if (line.isBlank()) {
                    continue;
                }
                Article article = Article.read(line, "line" + count);
                Document document = new Document();
                document.add(new StringField("id", article.id, Field.Store.YES));
                document.add(new TextField(HEADLINE, article.headline, Field.Store.YES));
                document.add(new TextField(BODY, article.body, Field.Store.YES));
                writer.addDocument(document);
                count++;
                textBytes += utf8Length(article.headline) + utf8Length(article.body);
            }
            writer.commit();
        }
        report("articles", count);
        report("text_bytes", textBytes);
        report("index_bytes", sizeOf(dir));
        report("cpu_seconds", cpuSeconds());
    }

    private static void search(Path dir, Path queries, String mode, int limit, Path run)
            throws IOException {
        List<String[]> wanted = new ArrayList<>();
        for (String line : Files.readAllLines(queries, StandardCharsets.UTF_8)) {
            String[] parts = line.split("\t", 2);
            if (parts.length == 2) {
                wanted.add(parts);
            }
        }
        long opened = System.nanoTime();
        try (MMapDirectory directory = new MMapDirectory(dir);
                DirectoryReader reader = DirectoryReader.open(directory);
                Analyzer analyzer = nori()) {
            report("open_ms", (System.nanoTime() - opened) / 1e6);
            IndexSearcher searcher = new IndexSearcher(reader);
            // Disable the query cache, so that every round computes its results.
            searcher.setQueryCache(null);
            QueryBuilder builder = new QueryBuilder(analyzer);
            // Two warm-up rounds for the JIT compiler and the page cache.
            double[] millis = new double[wanted.size()];
            for (int round = 0; round < 3; round++) {
                try (PrintWriter out = round == 2 && run != null
                        ? new PrintWriter(Files.newBufferedWriter(run, StandardCharsets.UTF_8))
                        : null) {
                    for (int q = 0; q < wanted.size(); q++) {
                        long from = System.nanoTime();
                        ScoreDoc[] hits = hits(searcher, builder, wanted.get(q)[1], mode, limit);
                        // Read the stored text too, as `clippings` does.
                        String[] ids = new String[hits.length];
                        for (int i = 0; i < hits.length; i++) {
                            ids[i] = searcher.doc(hits[i].doc).get("id");
                        }
                        millis[q] = (System.nanoTime() - from) / 1e6;
                        for (int i = 0; out != null && i < hits.length; i++) {
                            out.printf("%s Q0 %s %d %.6f lucene-nori%n",
                                    wanted.get(q)[0], ids[i], i + 1, hits[i].score);
                        }
                    }
                }
            }
            Arrays.sort(millis);
            report("queries", millis.length);
            report("p50_ms", quantile(millis, 0.50));
            report("p99_ms", quantile(millis, 0.99));
        }
    }

    private static ScoreDoc[] hits(
            IndexSearcher searcher, QueryBuilder builder, String text, String mode, int limit)
            throws IOException {
        if (!mode.equals("fill")) {
            return searcher.search(query(builder, text, mode), limit).scoreDocs;
        }
        ScoreDoc[] full = searcher.search(query(builder, text, "and"), limit).scoreDocs;
        if (full.length == limit) {
            return full;
        }
        Set<Integer> seen = new HashSet<>();
        List<ScoreDoc> filled = new ArrayList<>(Arrays.asList(full));
        float lowest = 0;
        for (ScoreDoc hit : full) {
            seen.add(hit.doc);
            lowest = hit.score;
        }
        boolean any = full.length > 0;
        for (ScoreDoc hit : searcher.search(query(builder, text, "or"), limit).scoreDocs) {
            if (filled.size() < limit && !seen.contains(hit.doc)) {
                // TREC tools order by score, so these must be lower than those of full matches.
                hit.score = any ? lowest - 1 - filled.size() : hit.score;
                filled.add(hit);
            }
        }
        return filled.toArray(new ScoreDoc[0]);
    }

    /** The query of a line: all terms, any term, or a phrase. */
    private static Query query(QueryBuilder builder, String text, String mode) {
        BooleanQuery.Builder either = new BooleanQuery.Builder();
        if (mode.equals("phrase")) {
            String bare = text.replace("\"", "");
            addBoosted(either, builder.createPhraseQuery(HEADLINE, bare), HEADLINE_BOOST);
            addBoosted(either, builder.createPhraseQuery(BODY, bare), 1f);
            return either.build();
        }
        if (mode.equals("or")) {
            addBoosted(either, builder.createBooleanQuery(HEADLINE, text), HEADLINE_BOOST);
            addBoosted(either, builder.createBooleanQuery(BODY, text), 1f);
            return either.build();
        }
        // Every word is required, in the headline or in the body.
        BooleanQuery.Builder all = new BooleanQuery.Builder();
        boolean any = false;
        Matcher words = WORD.matcher(text);
        while (words.find()) {
            BooleanQuery.Builder one = new BooleanQuery.Builder();
            String phrase = words.group(1);
            for (String field : new String[] {HEADLINE, BODY}) {
                Query found = phrase != null
                        ? builder.createPhraseQuery(field, phrase)
                        : builder.createBooleanQuery(field, words.group(), Occur.MUST);
                addBoosted(one, found, field.equals(HEADLINE) ? HEADLINE_BOOST : 1f);
            }
            BooleanQuery built = one.build();
            if (!built.clauses().isEmpty()) {
                all.add(built, Occur.MUST);
                any = true;
            }
        }
        return any ? all.build() : new MatchNoDocsQuery();
    }

    /** nori drops some words entirely; then there is nothing to add. */
    private static void addBoosted(BooleanQuery.Builder to, Query query, float boost) {
        if (query != null) {
            to.add(new BoostQuery(query, boost), Occur.SHOULD);
        }
    }

    private static double quantile(double[] sorted, double q) {
        return sorted.length == 0 ? 0 : sorted[(int) Math.min(sorted.length - 1, q * sorted.length)];
    }

    private static long sizeOf(Path dir) throws IOException {
        try (Stream<Path> files = Files.list(dir)) {
            return files.mapToLong(f -> f.toFile().length()).sum();
        }
    }

    private static long utf8Length(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }

    private static double cpuSeconds() {
        com.sun.management.OperatingSystemMXBean os =
                (com.sun.management.OperatingSystemMXBean)
                        ManagementFactory.getOperatingSystemMXBean();
        return os.getProcessCpuTime() / 1e9;
    }

    private static void report(String name, long value) {
        System.out.println(name + "\t" + value);
    }

    private static void report(String name, double value) {
        System.out.printf("%s\t%.3f%n", name, value);
    }

    /** The fields of a clipping that are indexed. */
    private static final class Article {
        String id;
        String headline = "";
        String body = "";

        static Article read(String json, String fallbackId) throws IOException {
            Article article = new Article();
            article.id = fallbackId;
            try (JsonReader reader = new JsonReader(new StringReader(json))) {
                reader.beginObject();
                while (reader.hasNext()) {
                    String name = reader.nextName();
                    if (reader.peek() != JsonToken.STRING) {
                        reader.skipValue();
                    } else if (name.equals("id")) {
                        article.id = reader.nextString();
                    } else if (name.equals(HEADLINE)) {
                        article.headline = reader.nextString();
                    } else if (name.equals(BODY)) {
                        article.body = reader.nextString();
                    } else {
                        reader.skipValue();
                    }
                }
                reader.endObject();
            }
            return article;
        }
    }
}
