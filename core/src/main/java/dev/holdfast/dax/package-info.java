/** Direct access: faults, mapping entries, read and write, write-back, zeroing, layout breaks. */
package dev.holdfast.dax;
