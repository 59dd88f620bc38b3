#ifndef HT_BOOT_LOADER_H
#define HT_BOOT_LOADER_H

/* Into the boot loader that takes an image, as BOOTSEL does [RP2040 datasheet 2.8.3]; returns where there is no boot ROM: an emulator. */
void ht_boot_loader(void);

#endif
