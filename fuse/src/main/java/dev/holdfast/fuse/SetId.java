package dev.holdfast.fuse;

import dev.holdfast.file.AttributeChange;
import dev.holdfast.file.FileStat;
import dev.holdfast.fs.FileAttributes;
import dev.holdfast.fs.Inode;
import java.io.IOException;

/** What a change of content or owner leaves of set-user-id, set-group-id and file capabilities. */
final class SetId {
    private static final int SET_GROUP_ID = 02000;

    private SetId() {}

    /** Returns a mode as the caller of a request leaves it behind. */
    static int without(Request request, FileStat stat) {
        int mode = FileAttributes.withoutSetId(stat.mode());
        // Set-group-id without the group's right to execute stays with those who are in the group.
        boolean keeps = (mode & SET_GROUP_ID) == 0 || Caller.isIn(request, stat.gid());
        return keeps ? mode : mode & ~SET_GROUP_ID;
    }

    /** Takes from a file what the caller of a request may not leave there. */
    static void drop(Session session, Request request, Inode inode) throws IOException {
        FileAttributes attributes = session.fs().attributes();
        attributes.dropPrivileges(inode);
        FileStat stat = attributes.stat(inode);
        int left = without(request, stat);
        if (left != stat.mode()) {
            attributes.change(inode, new AttributeChange().mode(left));
        }
    }
}
