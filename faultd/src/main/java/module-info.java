/** The fault server: real page faults, answered with the metadata already durable. */
module dev.holdfast.faultd {
    requires transitive dev.holdfast.core;
}
