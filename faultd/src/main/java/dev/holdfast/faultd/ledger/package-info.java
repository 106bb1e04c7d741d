/** What clients hold of a server, told to whoever can hand it to the next one. */
package dev.holdfast.faultd.ledger;
