/* A USB serial device (CDC-ACM, full speed) on the RP2040's controller: the second line of a Pico. */
#ifndef HT_USB_H
#define HT_USB_H
#include <stdbool.h>
#include <stdint.h>

/* Connects; the USB clock has to run. `serial`: hexadecimal digits for the host to tell boards apart, "" where there are none. */
void ht_usb_start(const char *serial);

/* The controller's interrupt. */
void ht_usb_interrupt(void);

bool ht_usb_any(void);

/* Takes up to `room` bytes that have arrived. While they wait the host does: nothing is lost. */
uint32_t ht_usb_read(uint8_t *bytes, uint32_t room);

/* Sends; gives up half a second after the host stopped taking anything. */
void ht_usb_write(const uint8_t *bytes, uint32_t count);

/* Waits likewise until the host has taken all. */
void ht_usb_drain(void);

#endif
