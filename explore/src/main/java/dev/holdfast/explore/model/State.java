package dev.holdfast.explore.model;

import dev.holdfast.file.FileType;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/** Everything of the model but contents, at one moment: immutable once the next one was made. */
final class State {
    static final int ROOT = 0;

    private final Map<Integer, Node> nodes;
    private int nextId;
    /** What {@link #paths} gives, until an edit. */
    private TreeMap<String, Node> paths;
    private Map<Integer, Integer> links;

    State() {
        nodes = new HashMap<>();
        nodes.put(ROOT, new Node(ROOT, FileType.DIRECTORY, 0755, null));
        nextId = 1;
    }

    private State(State from) {
        nodes = new HashMap<>(from.nodes);
        nextId = from.nextId;
    }

    State copy() {
        return new State(this);
    }

    Node node(int id) {
        return nodes.get(id);
    }

    /** Returns a node that may be changed. */
    Node edit(int id) {
        Node copy = nodes.get(id).copy();
        nodes.put(id, copy);
        forget();
        return copy;
    }

    Node add(FileType type, int mode, String target) {
        Node node = new Node(nextId++, type, mode, target);
        nodes.put(node.id, node);
        forget();
        return node;
    }

    private void forget() {
        paths = null;
        links = null;
    }

    /** Returns what a path names, links not followed, or null. */
    Node find(String path) {
        Node at = nodes.get(ROOT);
        for (String name : path.substring(1).split("/")) {
            Integer next = name.isEmpty() ? Integer.valueOf(at.id)
                    : at.isDirectory() ? at.names.get(name) : null;
            if (next == null) {
                return null;
            }
            at = nodes.get(next);
        }
        return at;
    }

    /** Returns the directory that a path's last name is in, or null. */
    Node parent(String path) {
        int slash = path.lastIndexOf('/');
        Node parent = find(slash == 0 ? "/" : path.substring(0, slash));
        return parent == null || !parent.isDirectory() ? null : parent;
    }

    static String name(String path) {
        return path.substring(path.lastIndexOf('/') + 1);
    }

    /** Returns every path but the root's, with its node, parents first; not to be changed. */
    TreeMap<String, Node> paths() {
        if (paths == null) {
            TreeMap<String, Node> all = new TreeMap<>();
            collect("", nodes.get(ROOT), all);
            paths = all;
        }
        return paths;
    }

    private void collect(String prefix, Node directory, TreeMap<String, Node> all) {
        directory.names.forEach((name, id) -> {
            Node node = nodes.get(id);
            all.put(prefix + "/" + name, node);
            if (node.isDirectory()) {
                collect(prefix + "/" + name, node, all);
            }
        });
    }

    /** Returns the number of names that lead to a node. */
    int links(Node node) {
        if (links == null) {
            links = countLinks();
        }
        return links.getOrDefault(node.id, 0);
    }

    private Map<Integer, Integer> countLinks() {
        Map<Integer, Integer> counts = new HashMap<>();
        for (Node node : nodes.values()) {
            if (!node.isDirectory()) {
                continue;
            }
            counts.merge(node.id, 2, Integer::sum);
            for (int id : node.names.values()) {
                boolean directory = nodes.get(id).isDirectory();
                counts.merge(directory ? node.id : id, 1, Integer::sum);
            }
        }
        return counts;
    }
}
