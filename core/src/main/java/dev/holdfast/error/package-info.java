/** The one exception of the project and its codes. */
package dev.holdfast.error;
