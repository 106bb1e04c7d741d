/** The fault server: real page faults, answered with the metadata already durable. */
module dev.holdfast.faultd {
    requires transitive dev.holdfast.core;

    exports dev.holdfast.faultd.client;
    exports dev.holdfast.faultd.keeper to dev.holdfast.cli;
    exports dev.holdfast.faultd.ledger to dev.holdfast.cli;
    exports dev.holdfast.faultd.server to dev.holdfast.cli;
}
