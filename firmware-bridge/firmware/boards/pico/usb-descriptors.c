#include "usb-descriptors.h"
#include "../../session/bytes.h"

#define LOW(number) ((number) & 0xff)
#define HIGH(number) ((number) >> 8)
#define VENDOR 0x1209  /* pid.codes */
#define PRODUCT 0x0001 /* its number for trying things out: README.md */

enum { DEVICE = 1, CONFIGURATION, STRING, INTERFACE, ENDPOINT, CLASS_INTERFACE = 0x24 };
enum { LANGUAGES, MAKER, NAME, SERIAL, WHERE_SERIAL = 16 };
enum { COMMUNICATION = 2, ABSTRACT_CONTROL = 2, CDC_DATA = 10, BULK = 2, INTERRUPT = 3, TO_HOST = 0x80 };

static const uint8_t device[18] = {
    sizeof device, DEVICE,
    0x00, 0x02, /* USB 2.0 */
    COMMUNICATION, 0, 0, HT_USB_PACKET,
    LOW(VENDOR), HIGH(VENDOR), LOW(PRODUCT), HIGH(PRODUCT),
    0x00, 0x01, /* release 1.0 */
    MAKER, NAME, SERIAL, 1,
};

static const uint8_t configuration[67] = {
    9, CONFIGURATION, sizeof configuration, 0, 2, 1, 0, 0x80, 50, /* two interfaces, number 1, bus powered, 100 mA */
    9, INTERFACE, 0, 0, 1, COMMUNICATION, ABSTRACT_CONTROL, 0, 0,
    5, CLASS_INTERFACE, 0, 0x20, 0x01, /* CDC 1.20 */
    5, CLASS_INTERFACE, 1, 0, 1,       /* no call management */
    4, CLASS_INTERFACE, 2, 2,          /* line coding and control line state */
    5, CLASS_INTERFACE, 6, 0, 1,       /* interface 0 controls interface 1 */
    7, ENDPOINT, TO_HOST | HT_USB_NOTIFICATION, INTERRUPT, 16, 0, 255,
    9, INTERFACE, 1, 0, 2, CDC_DATA, 0, 0, 0,
    7, ENDPOINT, HT_USB_DATA, BULK, HT_USB_PACKET, 0, 0,
    7, ENDPOINT, TO_HOST | HT_USB_DATA, BULK, HT_USB_PACKET, 0, 0,
};
/* One whose length is a multiple of a packet would need an empty packet behind it. */
_Static_assert(sizeof configuration % HT_USB_PACKET != 0, "usb.c sends no empty packet at the end of a control transfer");

static const uint8_t languages[4] = {4, STRING, 0x09, 0x04}; /* English (United States) */

/* UTF-16 of ASCII, at most 30 characters. */
static ht_usb_descriptor text_of(const char *ascii, uint8_t *text) {
  uint32_t count = 2;
  for (; *ascii != 0 && count < HT_USB_PACKET - 2; ascii++) {
    text[count++] = (uint8_t)*ascii;
    text[count++] = 0;
  }
  text[0] = (uint8_t)count;
  text[1] = STRING;
  return (ht_usb_descriptor){text, count};
}

ht_usb_descriptor ht_usb_describe(uint32_t value, const char *serial, uint8_t *text) {
  switch (value) {
    case DEVICE << 8:
      memcpy(text, device, sizeof device);
      if (serial[0] == 0) text[WHERE_SERIAL] = 0;
      return (ht_usb_descriptor){text, sizeof device};
    case CONFIGURATION << 8:
      return (ht_usb_descriptor){configuration, sizeof configuration};
    case STRING << 8 | LANGUAGES:
      return (ht_usb_descriptor){languages, sizeof languages};
    case STRING << 8 | MAKER:
      return text_of("Hilltop", text);
    case STRING << 8 | NAME:
      return text_of("Raspberry Pi Pico", text);
    case STRING << 8 | SERIAL:
      if (serial[0] != 0) return text_of(serial, text);
      break;
    default:
      break;
  }
  return (ht_usb_descriptor){NULL, 0};
}
