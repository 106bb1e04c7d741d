package dev.holdfast.file;

/** The attributes to set in one atomic change; those not named stay. */
public final class AttributeChange {
    private Integer mode;
    private Integer uid;
    private Integer gid;
    private Long accessNanos;
    private Long modifyNanos;

    /** Sets permission and set-id bits, 0 to 07777. */
    public AttributeChange mode(int bits) {
        mode = bits;
        return this;
    }

    /** Sets the owner. */
    public AttributeChange uid(int id) {
        uid = id;
        return this;
    }

    /** Sets the group. */
    public AttributeChange gid(int id) {
        gid = id;
        return this;
    }

    /** Sets the time of the last read, in nanoseconds since 1970. */
    public AttributeChange accessNanos(long nanos) {
        accessNanos = nanos;
        return this;
    }

    /** Sets the time of the last change of content, in nanoseconds since 1970. */
    public AttributeChange modifyNanos(long nanos) {
        modifyNanos = nanos;
        return this;
    }

    /** Returns the mode to set, or null. */
    public Integer mode() {
        return mode;
    }

    /** Returns the owner to set, or null. */
    public Integer uid() {
        return uid;
    }

    /** Returns the group to set, or null. */
    public Integer gid() {
        return gid;
    }

    /** Returns the access time to set, or null. */
    public Long accessNanos() {
        return accessNanos;
    }

    /** Returns the modification time to set, or null. */
    public Long modifyNanos() {
        return modifyNanos;
    }
}
