/** The question where a range of a file lies on the device, and its answers. */
package dev.holdfast.iomap;
