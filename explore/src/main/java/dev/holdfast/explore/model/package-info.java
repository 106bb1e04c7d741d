/**
 * The oracle: what a volume should hold after each operation, which of these states a crash may
 * leave, and the judgement of what one left.
 */
package dev.holdfast.explore.model;
