/** Mappings of files, their software page tables, and the pins that segments handed out hold. */
package dev.holdfast.mm;
