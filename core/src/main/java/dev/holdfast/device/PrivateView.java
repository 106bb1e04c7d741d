package dev.holdfast.device;

import dev.holdfast.ffm.ErrnoException;
import dev.holdfast.ffm.Linux;

/**
 * A device as it is when the view is made, whose stores stay in this process: the kernel copies a
 * page on the first store to it. What opens a volume for reading only recovers on such a view, and
 * leaves the device as it found it.
 *
 * <p>The source must stay open, and unchanged by others, as long as the view. Persisting does
 * nothing and counts nothing. Windows show the source's own blocks, not pages copied by stores to
 * the view.
 */
final class PrivateView extends MappedDevice {
    private PrivateView(MappedDevice source, DeviceMemory mapping) {
        super(source.name(), mapping, source.medium(), BLOCK_BYTES);
    }

    static PrivateView of(MappedDevice source) throws ErrnoException {
        int flags = Linux.MAP_PRIVATE | Linux.MAP_NORESERVE;
        return new PrivateView(source, DeviceMemory.map(
                source.mapping().fd(), source.sizeBytes(), flags, false));
    }

    @Override
    boolean writeBack(long offset, long length) {
        return false;
    }

    @Override
    public void populate(long offset, long length) {
        // A view is read; populating would copy.
    }

    @Override
    void release() {
        mapping().unmap();
    }

    @Override
    public boolean isKnownZeroWhenNew() {
        return false;
    }
}
