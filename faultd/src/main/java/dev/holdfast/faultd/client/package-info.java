/** Maps files of a volume that another process owns, with real page faults. */
package dev.holdfast.faultd.client;
