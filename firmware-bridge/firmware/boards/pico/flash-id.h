#ifndef HT_FLASH_ID_H
#define HT_FLASH_ID_H

/* The number the flash chip was made with, as 16 hexadecimal digits; "" where none is to be had. Before any interrupt is enabled. */
void ht_flash_id(char text[17]);

#endif
