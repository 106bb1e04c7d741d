/** The catalogue: named, deterministic runs whose crash states are explored. */
package dev.holdfast.explore.workload;
