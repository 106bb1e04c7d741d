/** Every foreign call, behind typed methods. */
package dev.holdfast.ffm;
