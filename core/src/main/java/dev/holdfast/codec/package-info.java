/** How numbers lie in the structures on the device. */
package dev.holdfast.codec;
