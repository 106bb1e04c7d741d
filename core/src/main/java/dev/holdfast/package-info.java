/**
 * The public interface: volumes, files, mappings.
 *
 * <p>{@link dev.holdfast.Volume} is where to begin. Values that describe files are in
 * {@link dev.holdfast.file}, failures in {@link dev.holdfast.error}, devices in
 * {@link dev.holdfast.device}.
 */
package dev.holdfast;
