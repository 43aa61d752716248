import java.util.Map;
import org.apache.lucene.analysis.ko.KoreanAnalyzer;
import org.apache.lucene.analysis.ko.KoreanPartOfSpeechStopFilter;
import org.apache.lucene.analysis.ko.KoreanTokenizer.DecompoundMode;
import org.opensearch.index.analysis.AnalyzerProvider;
import org.opensearch.index.analysis.AnalyzerScope;
import org.opensearch.indices.analysis.AnalysisModule.AnalysisProvider;
import org.opensearch.plugins.AnalysisPlugin;
import org.opensearch.plugins.Plugin;

/**
 * OpenSearch's analyzer `nori`, whose plugin is not on Maven Central: the same Lucene analyzer (part-of-speech stops,
 * reading forms, lower case) as `nori_discard`, which is the plugin's default, and `nori_mixed`.
 */
public final class NoriPlugin extends Plugin implements AnalysisPlugin {
    @Override
    public Map<String, AnalysisProvider<AnalyzerProvider<? extends org.apache.lucene.analysis.Analyzer>>> getAnalyzers() {
        return Map.of(
            "nori_discard", (settings, environment, name, s) -> new Provider(name, DecompoundMode.DISCARD),
            "nori_mixed", (settings, environment, name, s) -> new Provider(name, DecompoundMode.MIXED)
        );
    }

    private record Provider(String name, DecompoundMode mode) implements AnalyzerProvider<KoreanAnalyzer> {
        @Override
        public AnalyzerScope scope() {
            return AnalyzerScope.GLOBAL;
        }

        @Override
        public KoreanAnalyzer get() {
            return new KoreanAnalyzer(null, mode, KoreanPartOfSpeechStopFilter.DEFAULT_STOP_TAGS, false);
        }
    }
}
