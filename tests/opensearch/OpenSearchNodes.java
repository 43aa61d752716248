import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.opensearch.analysis.common.CommonAnalysisPlugin;
import org.opensearch.common.settings.Settings;
import org.opensearch.http.HttpServerTransport;
import org.opensearch.node.InternalSettingsPreparer;
import org.opensearch.node.Node;
import org.opensearch.plugins.Plugin;
import org.opensearch.transport.Netty4Plugin;

/**
 * Starts OpenSearch nodes in this process, for tests: {@code OpenSearchNodes COUNT FOLDER [PLUGIN]}.
 *
 * <p>Prints one line per node, {@code node N 127.0.0.1:PORT}, then {@code ready}. Reads commands from standard input:
 * {@code stop N} closes a node and prints {@code stopped N}. The end of input ends the process.
 */
public final class OpenSearchNodes {
    private static final class TestNode extends Node {
        TestNode(Settings settings) {
            super(
                InternalSettingsPreparer.prepareEnvironment(settings, Map.of(), null, () -> "test"),
                plugins(),
                false
            );
        }
    }

    /** Class of another plugin. */
    private static String plugin;

    private final Path home;
    private final TestNode[] nodes;
    private final int[] transportPorts;

    private OpenSearchNodes(int count, Path home) throws Exception {
        this.home = home;
        this.nodes = new TestNode[count];
        this.transportPorts = freePorts(count);
    }

    private static List<Class<? extends Plugin>> plugins() {
        List<Class<? extends Plugin>> plugins = new ArrayList<>(List.of(Netty4Plugin.class, CommonAnalysisPlugin.class));
        if (plugin != null) {
            try {
                plugins.add(Class.forName(plugin).asSubclass(Plugin.class));
            } catch (ClassNotFoundException e) {
                throw new IllegalArgumentException(e);
            }
        }
        return plugins;
    }

    /** Nodes find each other by their transport ports, so those must be known beforehand. */
    private static int[] freePorts(int count) throws Exception {
        int[] ports = new int[count];
        List<ServerSocket> sockets = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
            ports[i] = socket.getLocalPort();
            sockets.add(socket);
        }
        for (ServerSocket socket : sockets) {
            socket.close();
        }
        return ports;
    }

    private Settings settings(int n) {
        Settings.Builder settings = Settings.builder()
            .put("cluster.name", "clippings-test")
            .put("node.name", "node-" + n)
            .put("path.home", home.toString())
            .put("path.data", home.resolve("data-" + n).toString())
            .put("network.host", "127.0.0.1")
            .put("http.port", 0)
            .put("transport.port", transportPorts[n])
            .put("node.processors", 1)
            .put("cluster.routing.allocation.disk.threshold_enabled", false)
            // It counts garbage as used memory, which in a small heap refuses requests at random.
            .put("indices.breaker.total.use_real_memory", false);
        if (nodes.length == 1) {
            return settings.put("discovery.type", "single-node").build();
        }
        List<String> seeds = new ArrayList<>();
        List<String> names = new ArrayList<>();
        for (int i = 0; i < nodes.length; i++) {
            seeds.add("127.0.0.1:" + transportPorts[i]);
            names.add("node-" + i);
        }
        return settings.putList("discovery.seed_hosts", seeds)
            .putList("cluster.initial_cluster_manager_nodes", names)
            .put("cluster.fault_detection.follower_check.interval", "500ms")
            .put("cluster.fault_detection.leader_check.interval", "500ms")
            .build();
    }

    private void start(int n) throws Exception {
        nodes[n] = new TestNode(settings(n));
        nodes[n].start();
        var address = nodes[n].injector().getInstance(HttpServerTransport.class).boundAddress().publishAddress();
        System.out.println("node " + n + " 127.0.0.1:" + address.getPort());
    }

    public static void main(String[] args) throws Exception {
        System.setProperty("opensearch.path.home", args[1]);
        plugin = args.length > 2 ? args[2] : null;
        var all = new OpenSearchNodes(Integer.parseInt(args[0]), Path.of(args[1]));
        var threads = new ArrayList<Thread>();
        for (int n = 0; n < all.nodes.length; n++) {
            int number = n;
            var thread = new Thread(() -> {
                try {
                    all.start(number);
                } catch (Exception e) {
                    e.printStackTrace();
                    Runtime.getRuntime().halt(1);
                }
            });
            thread.start();
            threads.add(thread);
        }
        for (Thread thread : threads) {
            thread.join();
        }
        System.out.println("ready");
        var commands = new BufferedReader(new InputStreamReader(System.in));
        for (String line = commands.readLine(); line != null; line = commands.readLine()) {
            String[] words = line.trim().split(" ");
            if (words[0].equals("stop")) {
                all.nodes[Integer.parseInt(words[1])].close();
                System.out.println("stopped " + words[1]);
            }
        }
        Runtime.getRuntime().halt(0);
    }
}
