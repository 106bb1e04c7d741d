/**
 * Measurements of the file system, made the same way wherever they are repeated: {@code holdfast
 * bench}. Times are shown and never judged; counters are exact.
 */
package dev.holdfast.cli.bench;
