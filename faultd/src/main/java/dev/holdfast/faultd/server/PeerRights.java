package dev.holdfast.faultd.server;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.ffm.UnixSocket.Peer;
import dev.holdfast.file.FileStat;
import dev.holdfast.fs.FileSystem;
import dev.holdfast.fs.Inode;

/** What a client may do by the modes of files, as whoever it was when it connected. */
final class PeerRights {
    private static final int READ = 4;
    private static final int WRITE = 2;
    private static final int SEARCH = 1;

    private final FileSystem fs;
    private final Peer peer;

    PeerRights(FileSystem fs, Peer peer) {
        this.fs = fs;
        this.peer = peer;
    }

    Peer peer() {
        return peer;
    }

    void requireSearch(Inode directory) throws HoldfastException {
        require(directory, SEARCH, "searched");
    }

    void requireRead(Inode inode) throws HoldfastException {
        require(inode, READ, "read");
    }

    void requireWrite(Inode inode) throws HoldfastException {
        require(inode, WRITE, "written");
    }

    private void require(Inode inode, int wanted, String what) throws HoldfastException {
        FileStat stat = fs.attributes().stat(inode);
        if (!isGranted(stat.mode(), stat.uid(), stat.gid(), wanted)) {
            throw new HoldfastException(ErrorCode.ACCESS_DENIED, "inode " + stat.inode()
                    + " may not be " + what + " by user " + peer.user() + ": its mode is "
                    + Integer.toOctalString(stat.mode()) + ", its owner " + stat.uid() + ":"
                    + stat.gid());
        }
    }

    /** As POSIX has it: the first class that fits decides; user 0 may do everything. */
    boolean isGranted(int mode, int uid, int gid, int wanted) {
        int shift = peer.user() == uid ? 6 : peer.isIn(gid) ? 3 : 0;
        return peer.user() == 0 || (mode >> shift & wanted) == wanted;
    }
}
