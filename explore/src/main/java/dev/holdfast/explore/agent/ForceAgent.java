package dev.holdfast.explore.agent;

import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.CodeElement;
import java.lang.classfile.CodeTransform;
import java.lang.classfile.MethodModel;
import java.lang.classfile.Opcode;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.lang.instrument.ClassFileTransformer;
import java.lang.instrument.Instrumentation;
import java.lang.invoke.MethodHandles;
import java.lang.reflect.AccessFlag;
import java.security.ProtectionDomain;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongBinaryOperator;

/**
 * Has each {@code MappedByteBuffer.force} and {@code MemorySegment.force} told to whom it may
 * concern. Both end in one static method of the JDK, {@code java.nio.MappedMemoryUtils.force}.
 *
 * <ol>
 *   <li>{@code -javaagent:} with this project's jar: nothing else installs it;
 *   <li>a class is made beside that method, with a public field for a listener, null: code of the
 *       JDK cannot call ours, and that class it can;
 *   <li>the method first calls the listener, if there is one, then does what it always did;
 *   <li>{@link Forces} is the listener while something is recorded.
 * </ol>
 */
public final class ForceAgent {
    /** The class that is made, and its field. */
    static final String HOOK = "java.nio.HoldfastForceHook";
    static final String LISTENER = "listener";

    private static final String TARGET = "java.nio.MappedMemoryUtils";
    private static final ClassDesc HOOK_DESC = ClassDesc.of(HOOK);
    private static final ClassDesc LISTENER_DESC =
            ClassDesc.of(LongBinaryOperator.class.getName());
    private static final String FORCE = "force";
    private static final String FORCED = "forced";
    private static final MethodTypeDesc FORCE_TYPE = MethodTypeDesc.of(ConstantDescs.CD_void,
            ClassDesc.of("java.io.FileDescriptor"), ConstantDescs.CD_long,
            ConstantDescs.CD_boolean, ConstantDescs.CD_long, ConstantDescs.CD_long);
    private static final MethodTypeDesc FORCED_TYPE = MethodTypeDesc.of(
            ConstantDescs.CD_void, ConstantDescs.CD_long, ConstantDescs.CD_long);
    /** Where the JDK's method has its arguments. */
    private static final int ADDRESS = 1;
    private static final int INDEX = 4;
    private static final int LENGTH = 6;

    private ForceAgent() {}

    /** Called by the JVM before the program starts. */
    public static void premain(String arguments, Instrumentation instrumentation)
            throws Exception {
        // Not initialised: its native library is not loaded yet.
        Class<?> target = Class.forName(TARGET, false, null);
        instrumentation.redefineModule(target.getModule(), Set.of(), Map.of(),
                Map.of(target.getPackageName(), Set.of(ForceAgent.class.getModule())), Set.of(),
                Map.of());
        MethodHandles.privateLookupIn(target, MethodHandles.lookup()).defineClass(hook());
        AtomicBoolean found = new AtomicBoolean();
        ClassFileTransformer transformer = new ClassFileTransformer() {
            @Override
            public byte[] transform(ClassLoader loader, String name, Class<?> type,
                    ProtectionDomain domain, byte[] bytes) {
                return type == target ? transformed(bytes, found) : null;
            }
        };
        instrumentation.addTransformer(transformer, true);
        try {
            instrumentation.retransformClasses(target);
        } finally {
            instrumentation.removeTransformer(transformer);
        }
        if (!found.get()) {
            throw new IllegalStateException("this JDK has no " + TARGET + "." + FORCE
                    + FORCE_TYPE.displayDescriptor() + ": run without the agent, and persist with"
                    + " Mapping.persist or Holdfast.persist");
        }
    }

    /**
     * A public class with a public static volatile field, and a method that calls what it holds.
     */
    private static byte[] hook() {
        return ClassFile.of().build(HOOK_DESC, type -> type
                .withFlags(AccessFlag.PUBLIC, AccessFlag.FINAL, AccessFlag.SUPER)
                .withField(LISTENER, LISTENER_DESC, ClassFile.ACC_PUBLIC | ClassFile.ACC_STATIC
                        | ClassFile.ACC_VOLATILE)
                .withMethodBody(FORCED, FORCED_TYPE, ClassFile.ACC_STATIC, code -> {
                    code.getstatic(HOOK_DESC, LISTENER, LISTENER_DESC).astore(INDEX)
                            .aload(INDEX).ifThen(Opcode.IFNONNULL, call -> call
                                    .aload(INDEX).lload(0).lload(2)
                                    .invokeinterface(LISTENER_DESC, "applyAsLong",
                                            MethodTypeDesc.of(ConstantDescs.CD_long,
                                                    ConstantDescs.CD_long, ConstantDescs.CD_long))
                                    .pop2())
                            .return_();
                }));
    }

    private static byte[] transformed(byte[] bytes, AtomicBoolean found) {
        ClassFile format = ClassFile.of();
        return format.transformClass(format.parse(bytes), ClassTransform.transformingMethodBodies(
                method -> isForce(method, found), CodeTransform.ofStateful(FirstCall::new)));
    }

    private static boolean isForce(MethodModel method, AtomicBoolean found) {
        boolean is = method.methodName().equalsString(FORCE)
                && method.methodTypeSymbol().equals(FORCE_TYPE);
        found.compareAndSet(false, is);
        return is;
    }

    /** Calls the hook first of all. */
    private static final class FirstCall implements CodeTransform {
        @Override
        public void atStart(CodeBuilder code) {
            code.lload(ADDRESS).lload(INDEX).ladd().lload(LENGTH)
                    .invokestatic(HOOK_DESC, FORCED, FORCED_TYPE);
        }

        @Override
        public void accept(CodeBuilder code, CodeElement element) {
            code.with(element);
        }
    }
}
