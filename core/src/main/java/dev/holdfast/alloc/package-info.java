/** Free space: placement, alignment, the known-zero pool, reservations. */
package dev.holdfast.alloc;
