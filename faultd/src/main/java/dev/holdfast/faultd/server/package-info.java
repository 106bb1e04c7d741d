/** The owner of a volume, who answers the faults and requests of its clients. */
package dev.holdfast.faultd.server;
