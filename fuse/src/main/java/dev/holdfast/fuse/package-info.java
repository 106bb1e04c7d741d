/** Mounts a volume: speaks the FUSE protocol with the kernel, without a library in between. */
package dev.holdfast.fuse;
