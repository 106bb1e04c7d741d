/** Crash states: what the medium may hold at a point of a trace, chosen, applied and undone. */
package dev.holdfast.explore.states;
