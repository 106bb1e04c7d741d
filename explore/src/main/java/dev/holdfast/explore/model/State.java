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
        return copy;
    }

    Node add(FileType type, int mode, String target) {
        Node node = new Node(nextId++, type, mode, target);
        nodes.put(node.id, node);
        return node;
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

    /** Returns every path but the root's, with its node, parents first. */
    TreeMap<String, Node> paths() {
        TreeMap<String, Node> all = new TreeMap<>();
        collect("", nodes.get(ROOT), all);
        return all;
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

    int links(Node node) {
        int links = node.isDirectory() ? 2 : 0;
        for (Node directory : nodes.values()) {
            for (int id : directory.names.values()) {
                boolean child = node.isDirectory() && directory == node
                        && nodes.get(id).isDirectory();
                links += child || !node.isDirectory() && id == node.id ? 1 : 0;
            }
        }
        return links;
    }
}
