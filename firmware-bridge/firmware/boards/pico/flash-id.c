/*
 * The RP2040 has no number of its own; the flash beside it has (command 4Bh, four bytes of nothing, eight of number: "Read Unique ID" of the W25Q16JV). It can
 * be asked because the program runs from SRAM and reads nothing from flash after the start. boot2.S left the chip taking
 * single-line commands; where another loader did not, what comes back is no number or a wrong one, never harm: nothing here can write.
 */
#include "flash-id.h"
#include "../cortex-m/cortex-m.h"

#define SSI 0x18000000u /* [4.10.13] */
#define SSI_ENABLE HT_REGISTER(SSI + 0x08)
#define SSI_RECEIVED HT_REGISTER(SSI + 0x24)
#define SSI_DATA HT_REGISTER(SSI + 0x60)
enum { COMMAND = 0x4b, BEFORE = 5, BYTES = 8 };

void ht_flash_id(char text[17]) {
  text[0] = 0;
  SSI_ENABLE = 0;
  HT_REGISTER(SSI + 0x00) = 7u << 16; /* CTRLR0: 8 bits a frame, sends and receives, one line */
  HT_REGISTER(SSI + 0x14) = 8;        /* BAUDR: an eighth of the system clock, 16 MHz */
  HT_REGISTER(SSI + 0x10) = 1;        /* SER: the flash */
  SSI_ENABLE = 1;
  /* The chip stays selected as long as there is something to send: all 13 fit into the FIFO of 16. */
  for (uint32_t i = 0; i < BEFORE + BYTES; i++) SSI_DATA = i == 0 ? COMMAND : 0;
  uint32_t tries = 0;
  while (SSI_RECEIVED < BEFORE + BYTES)
    if (++tries == 1000) return; /* it takes 832 cycles; an emulator has no flash chip */
  uint32_t ones = 0xff, zeros = 0;
  for (uint32_t i = 0; i < BEFORE + BYTES; i++) {
    const uint32_t byte = SSI_DATA & 0xff;
    if (i < BEFORE) continue;
    ones &= byte;
    zeros |= byte;
    for (uint32_t half = 0; half < 2; half++)
      text[2 * (i - BEFORE) + half] = "0123456789abcdef"[byte >> (half == 0 ? 4 : 0) & 15];
  }
  /* An open or a stuck line. */
  text[ones == 0xff || zeros == 0 ? 0 : 16] = 0;
}
