package cloud.lastmile.qemu;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;

/**
 * The system calls that a converter of images has no use for, as the program that the kernel's
 * seccomp runs at each call (an array of {@code struct sock_filter}). What it refuses fails with
 * EPERM. Threads may be made, processes may not.
 */
final class SeccompFilter {
  private static final int LOAD = 0x20;
  private static final int IF_EQUAL = 0x15;
  private static final int IF_AT_LEAST = 0x35;
  private static final int IF_ANY_BIT = 0x45;
  private static final int RETURN = 0x06;

  private static final int ALLOW = 0x7fff0000;
  private static final int KILL = 0x80000000;
  private static final int EPERM = 0x00050001;
  private static final int ENOSYS = 0x00050026;

  /** Offsets in {@code struct seccomp_data}. */
  private static final int NUMBER = 0;

  private static final int ARCHITECTURE = 4;
  private static final int FIRST_ARGUMENT = 16;

  private static final int X86_64 = 0xc000003e;
  private static final int X32_BIT = 0x40000000;
  private static final int CLONE = 56;
  private static final int CLONE_THREAD = 0x00010000;

  /** The C library then uses clone, whose flags can be seen here. */
  private static final int CLONE3 = 435;

  /** By number on x86-64, in groups. */
  private static final int[] REFUSED = {
    // socket, connect, accept, sendto, bind, listen, accept4
    41,
    42,
    43,
    44,
    49,
    50,
    288,
    // fork, vfork
    57,
    58,
    // ptrace, process_vm_readv, process_vm_writev, kcmp, pidfd_getfd
    101,
    310,
    311,
    312,
    438,
    // mknod, personality, pivot_root, chroot, acct, mount, umount2, swapon, swapoff, mknodat
    133,
    135,
    155,
    161,
    163,
    165,
    166,
    167,
    168,
    259,
    // reboot, sethostname, setdomainname, iopl, ioperm
    169,
    170,
    171,
    172,
    173,
    // init_module, delete_module, kexec_load, finit_module, kexec_file_load
    175,
    176,
    246,
    313,
    320,
    // add_key, request_key, keyctl
    248,
    249,
    250,
    // unshare, perf_event_open, name_to_handle_at, open_by_handle_at, setns, bpf, userfaultfd
    272,
    298,
    303,
    304,
    308,
    321,
    323,
    // io_uring_setup, io_uring_enter, io_uring_register
    425,
    426,
    427,
    // open_tree, move_mount, fsopen, fsconfig, fsmount, fspick, mount_setattr
    428,
    429,
    430,
    431,
    432,
    433,
    442
  };

  private final ByteBuffer program =
      ByteBuffer.allocate(8 * (2 * REFUSED.length + 20)).order(ByteOrder.LITTLE_ENDIAN);

  private SeccompFilter() {}

  /** The program's bytes; empty for a processor whose system calls are not known here. */
  static Optional<byte[]> program() {
    return System.getProperty("os.arch").equals("amd64")
        ? Optional.of(new SeccompFilter().build())
        : Optional.empty();
  }

  private byte[] build() {
    add(LOAD, 0, 0, ARCHITECTURE);
    add(IF_EQUAL, 1, 0, X86_64);
    add(RETURN, 0, 0, KILL);
    add(LOAD, 0, 0, NUMBER);
    add(IF_AT_LEAST, 0, 1, X32_BIT);
    add(RETURN, 0, 0, KILL);
    for (int number : REFUSED) {
      add(IF_EQUAL, 0, 1, number);
      add(RETURN, 0, 0, EPERM);
    }
    add(IF_EQUAL, 0, 1, CLONE3);
    add(RETURN, 0, 0, ENOSYS);
    add(IF_EQUAL, 1, 0, CLONE);
    add(RETURN, 0, 0, ALLOW);
    add(LOAD, 0, 0, FIRST_ARGUMENT);
    add(IF_ANY_BIT, 1, 0, CLONE_THREAD);
    add(RETURN, 0, 0, EPERM);
    add(RETURN, 0, 0, ALLOW);
    byte[] bytes = new byte[program.position()];
    program.flip().get(bytes);
    return bytes;
  }

  /** One instruction; the jumps count the instructions to leave out. */
  private void add(int code, int jumpIfTrue, int jumpIfFalse, int operand) {
    program.putShort((short) code).put((byte) jumpIfTrue).put((byte) jumpIfFalse).putInt(operand);
  }
}
