/** The file system: names, inodes, content, faults, the log's ops, checkpoints, mounting. */
package dev.holdfast.fs;
