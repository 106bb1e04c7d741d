/** The messages between a client and the owner of a volume; see docs/fault-protocol.md. */
package dev.holdfast.faultd.wire;
