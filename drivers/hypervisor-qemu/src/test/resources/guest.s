# Test guest. Boot sector: says the text at 0x7d00 on COM1, then does what the byte at 0x7dfc says:
# 0 waits for the power button and powers off; 1 powers off at once; 2 never listens;
# 3 says the text again and again.
.code16
.globl _start
_start:
  xor %ax,%ax
  mov %ax,%ds
  mov $0x7c00,%sp
  cld
  mov $0x602,%dx
  mov $0x100,%ax
  out %ax,%dx
again:
  mov $0x7d00,%si
  call print
  mov 0x7dfc,%al
  cmp $1,%al
  je off
  cmp $3,%al
  je again
loop:
  sti
  hlt
  cmpb $2,0x7dfc
  je loop
  mov $0x600,%dx
  in %dx,%ax
  test $0x01,%ah
  jz loop
off:
  mov $0x604,%dx
  mov $0x2000,%ax
  out %ax,%dx
halt: hlt
  jmp halt
print:
  lodsb
  test %al,%al
  jz done
  mov %al,%bl
wait_tx:
  mov $0x3fd,%dx
  in %dx,%al
  test $0x20,%al
  jz wait_tx
  mov $0x3f8,%dx
  mov %bl,%al
  out %al,%dx
  jmp print
done: ret
