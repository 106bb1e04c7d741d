package dev.holdfast.fs;

import dev.holdfast.dax.AddressSpace;
import dev.holdfast.dax.DaxContext;
import dev.holdfast.dax.DaxFault;
import dev.holdfast.dax.DaxIo;
import dev.holdfast.dax.DaxLayout;
import dev.holdfast.dax.DaxZero;
import dev.holdfast.dax.Writeback;

/** The DAX side of one regular file, made when its content is first touched. */
final class FilePages {
    final InodeHost host;
    final AddressSpace space;
    final DaxIo io;
    final DaxFault faults;
    final DaxZero zero;
    final DaxLayout layout;
    final Writeback writeback;

    FilePages(DaxContext context, InodeHost host) {
        this.host = host;
        this.space = new AddressSpace(context, host);
        this.io = new DaxIo(space);
        this.faults = new DaxFault(space);
        this.zero = new DaxZero(space);
        this.layout = new DaxLayout(space);
        this.writeback = new Writeback(space);
    }
}
