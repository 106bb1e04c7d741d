/** The metadata log: append, commit, replay, and the epochs that keep torn records dead. */
package dev.holdfast.log;
