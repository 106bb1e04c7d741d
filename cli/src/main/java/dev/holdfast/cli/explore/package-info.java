/** {@code holdfast explore}: crash states of workloads and scripts, from the command line. */
package dev.holdfast.cli.explore;
