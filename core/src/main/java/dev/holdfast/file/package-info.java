/** Values that describe files: types, attributes, extents, and how a call is meant. */
package dev.holdfast.file;
