/* What a host is told about the device: USB 2.0 chapter 9.6, CDC 1.20 chapter 5.2, PSTN 1.20 chapter 5.3. */
#ifndef HT_USB_DESCRIPTORS_H
#define HT_USB_DESCRIPTORS_H
#include <stdint.h>

enum { HT_USB_PACKET = 64, HT_USB_NOTIFICATION = 1, HT_USB_DATA = 2 }; /* bytes; numbers of endpoints */

typedef struct {
  const uint8_t *bytes; /* NULL: there is none */
  uint32_t count;
} ht_usb_descriptor;

/* By wValue of the request: type << 8 | index. A text stays in `text` (64 bytes). `serial` as in usb.h. */
ht_usb_descriptor ht_usb_describe(uint32_t value, const char *serial, uint8_t *text);

#endif
