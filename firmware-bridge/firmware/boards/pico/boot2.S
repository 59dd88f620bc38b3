/*
 * What the RP2040's boot ROM takes from the first 256 bytes of flash and runs from the end of SRAM (datasheet 2.8.1): lets the flash be read with
 * the command every chip knows (03h, one bit wide; SSI registers in 4.10), copies the program to SRAM and starts it. The build puts
 * the program's length at 248 and the ROM's CRC-32 at 252.
 */
  .syntax unified
  .cpu cortex-m0plus
  .thumb
  .section .text
  .global boot2
boot2:
  ldr r3, =0x18000000
  movs r0, #0
  str r0, [r3, #0x08]     /* SSIENR: off while it is set up */
  movs r1, #4
  str r1, [r3, #0x14]     /* BAUDR: a quarter of the system clock */
  ldr r1, =(31 << 16) | (3 << 8)
  str r1, [r3, #0x00]     /* CTRLR0: 32 bits of data a frame, command and address first */
  str r0, [r3, #0x04]     /* CTRLR1: one frame at a time */
  ldr r1, =(0x03 << 24) | (2 << 8) | (6 << 2)
  ldr r2, =0x180000f4
  str r1, [r2]            /* SPI_CTRLR0: command 03h, 8 bits of it, 24 of address, one wide */
  movs r0, #1
  str r0, [r3, #0x08]

  ldr r0, =0x10000100
  ldr r1, =0x20000000
  adr r2, length
  ldr r2, [r2]
1:
  ldmia r0!, {r3}
  stmia r1!, {r3}
  subs r2, #4
  bhi 1b

  ldr r0, =0x20000000
  ldr r1, =0xe000ed08
  str r0, [r1]            /* VTOR */
  ldr r1, [r0, #4]
  ldr r0, [r0]
  msr msp, r0
  bx r1
  .ltorg
  .org 248
length:
  .word 0
  .word 0
