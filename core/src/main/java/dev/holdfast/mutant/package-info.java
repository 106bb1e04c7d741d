/** Named ways to break the protocol, for tests that show that something notices. */
package dev.holdfast.mutant;
