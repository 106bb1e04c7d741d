/** The process that outlives servers, and the server as its child. */
package dev.holdfast.faultd.keeper;
