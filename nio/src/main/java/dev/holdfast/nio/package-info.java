/** The NIO file system provider, scheme {@code holdfast}: thin over the file system of the core. */
package dev.holdfast.nio;
