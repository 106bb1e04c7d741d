/**
 * The fault server: one process owns a volume, the page faults of others' mappings come to it by
 * userfaultfd, and it answers them with the same handler as the software page table.
 */
package dev.holdfast.faultd;
