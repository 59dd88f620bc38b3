/*
 * One CDC-ACM function on the RP2040's USB controller in device mode. Chapters in brackets are the RP2040 datasheet's, "USB" USB 2.0's. Known
 * faults of the silicon: README.md.
 *
 *   controller ──> ht_usb_interrupt ──┬─ bus reset
 *                                     ├─ buffer done: endpoint 0's stages, a packet taken, a packet arrived
 *                                     └─ SETUP: requests of USB 9.4 and of PSTN 6.3
 *
 * A packet that arrived stays in the controller's memory until it is read, and the host is told to wait that long (NAK).
 */
#include "usb.h"
#include "../../session/bytes.h"
#include "../cortex-m/cortex-m.h"
#include "../port.h"
#include "boot-loader.h"
#include "usb-descriptors.h"

#define SET 0x2000u /* atomic aliases [2.1.2]; the controller's memory has none */
#define CLEAR 0x3000u
#define RESETS 0x4000c000u
#define RESET_USB (1u << 24) /* [2.14.3] */
#define INTERRUPT 5u         /* [2.3.2] */

/* Registers [4.1.4]. */
#define USB 0x50110000u
#define ADDRESS HT_REGISTER(USB + 0x00)
#define MAIN_CTRL HT_REGISTER(USB + 0x40)
#define SIE_CTRL (USB + 0x4c)
#define SIE_STATUS (USB + 0x50)
#define BUFF_STATUS (USB + 0x58)
#define EP_STALL_ARM (USB + 0x68)
#define USB_MUXING HT_REGISTER(USB + 0x74)
#define USB_PWR HT_REGISTER(USB + 0x78)
#define INTE HT_REGISTER(USB + 0x90)
#define INTS HT_REGISTER(USB + 0x98)
#define PULLUP_EN (1u << 16)    /* SIE_CTRL */
#define EP0_INT_1BUF (1u << 29) /* SIE_CTRL */
#define BUS_RESET (1u << 19)    /* SIE_STATUS */
#define SETUP_REC (1u << 17)    /* SIE_STATUS */
enum { ON_BUFFER = 1 << 4, ON_BUS_RESET = 1 << 12, ON_SETUP = 1 << 16 }; /* INTE, INTS */

/*
 * Endpoints by the number of their bit in BUFF_STATUS, two for each number, IN first. Their words in the controller's memory lie in the same order
 * [4.1.2.5.2].
 */
enum {
  CONTROL_IN,
  CONTROL_OUT,
  NOTIFICATION_IN = 2 * HT_USB_NOTIFICATION,
  DATA_IN = 2 * HT_USB_DATA,
  DATA_OUT = 2 * HT_USB_DATA + 1,
  ENDPOINTS
};
#define MEMORY 0x50100000u
#define ENDPOINT_CONTROL(endpoint) HT_REGISTER(MEMORY + 4 * (endpoint)) /* from NOTIFICATION_IN on */
#define BUFFER_CONTROL(endpoint) HT_REGISTER(MEMORY + 0x80 + 4 * (endpoint))
#define BUFFER(offset) ((uint8_t *)(uintptr_t)(MEMORY + (offset)))
enum { CONTROL_BUFFER = 0x100, NOTIFICATION_BUFFER = 0x180, IN_BUFFER = 0x1c0, OUT_BUFFER = 0x200, MEMORY_BYTES = 4096 };
/* Endpoint control [4.1.2.5.3]: on, one buffer, an interrupt for each. */
#define ENABLED (1u << 31 | 1u << 29)
#define BULK (2u << 26)
#define INTERRUPTS (3u << 26)
/* Buffer control [4.1.2.5.4]. */
enum { FULL = 1 << 15, DATA1 = 1 << 13, STALL = 1 << 11, AVAILABLE = 1 << 10, COUNT = 0x3ff };

enum { GET_STATUS, CLEAR_FEATURE, SET_ADDRESS = 5, GET_DESCRIPTOR, GET_CONFIGURATION = 8, SET_CONFIGURATION, GET_INTERFACE, SET_INTERFACE };
enum { SET_LINE_CODING = 0x20, GET_LINE_CODING, SET_CONTROL_LINE_STATE };
enum { TYPE = 0x60, STANDARD = 0x00, CLASS = 0x20, RECIPIENT = 0x1f, OF_ENDPOINT = 2 };

typedef struct {
  uint8_t type, request;
  uint16_t value, index, length;
} setup_packet;

static const char *serial;
static enum { NOTHING, SENDING, SENT, TAKING, CONFIRMING } stage; /* of the control transfer */
static const uint8_t *rest;                                       /* of what endpoint 0 sends */
static uint32_t rest_count;
static uint8_t text[HT_USB_PACKET];
static uint8_t new_address;
static uint8_t line_coding[7]; /* rate (4 bytes), stop bits, parity, data bits: kept for the host, it means nothing here */
static bool touched;           /* the host set 1200 baud, the custom by which it asks for the boot loader */
static uint32_t next_data1;    /* a bit an endpoint: its next packet is a DATA1 */
static volatile bool configured, sending, nobody_takes;
static volatile uint32_t arrived; /* bytes in the OUT buffer */
static uint32_t taken;            /* those of them that were read */

/* From the controller's memory, after it was found that something is there. */
static void copy_out(void *to, uint32_t offset, uint32_t count) {
  __asm__ volatile("" ::: "memory");
  memcpy(to, BUFFER(offset), count);
}

/* Gives an endpoint's buffer to the controller. */
static void give(uint32_t endpoint, uint32_t value) {
  __asm__ volatile("" ::: "memory");
  BUFFER_CONTROL(endpoint) = value & ~AVAILABLE;
  /* The controller, in its 48 MHz, must not see the last bit before the others [4.1.2.5.1]: a few of its cycles. */
  __asm__ volatile("nop\n nop\n nop\n nop\n nop\n nop\n nop\n nop\n nop\n nop\n nop\n nop" ::: "memory");
  BUFFER_CONTROL(endpoint) = value | AVAILABLE;
}

static void arm(uint32_t endpoint, uint32_t count) {
  const uint32_t bit = 1u << endpoint;
  const uint32_t data = (next_data1 & bit) != 0 ? DATA1 : 0;
  next_data1 ^= bit;
  give(endpoint, count | data | ((endpoint & 1) == 0 ? FULL : 0));
}

/* As after a halt was cleared: begins with DATA0 again (USB 9.4.5). */
static void restart(uint32_t endpoint) {
  const uint32_t control = BUFFER_CONTROL(endpoint);
  next_data1 &= ~(1u << endpoint);
  if ((control & AVAILABLE) == 0) return;
  next_data1 |= 1u << endpoint;
  give(endpoint, control & ~DATA1);
}

static void configure(bool on) {
  configured = false;
  sending = nobody_takes = false;
  arrived = taken = 0;
  next_data1 = 0;
  for (uint32_t endpoint = NOTIFICATION_IN; endpoint < ENDPOINTS; endpoint++) {
    ENDPOINT_CONTROL(endpoint) = 0;
    BUFFER_CONTROL(endpoint) = 0;
  }
  if (!on) return;
  ENDPOINT_CONTROL(NOTIFICATION_IN) = ENABLED | INTERRUPTS | NOTIFICATION_BUFFER; /* nothing to notify of: always NAK */
  ENDPOINT_CONTROL(DATA_IN) = ENABLED | BULK | IN_BUFFER;
  ENDPOINT_CONTROL(DATA_OUT) = ENABLED | BULK | OUT_BUFFER;
  configured = true;
  arm(DATA_OUT, HT_USB_PACKET);
}

/* Whatever transfer was under way is over. */
static void control_end(void) {
  stage = NOTHING;
  new_address = 0;
  touched = false;
  BUFFER_CONTROL(CONTROL_IN) = 0;
  BUFFER_CONTROL(CONTROL_OUT) = 0;
}

static void bus_reset(void) {
  ADDRESS = 0;
  control_end();
  configure(false);
  HT_REGISTER(BUFF_STATUS + CLEAR) = UINT32_MAX;
  /* Last: what comes after the reset must find all this done. */
  HT_REGISTER(SIE_STATUS + CLEAR) = BUS_RESET;
}

/* The stages after a SETUP begin with DATA1 (USB 8.5.3). */
static void control_arm(uint32_t endpoint, uint32_t count) {
  next_data1 |= 1u << endpoint;
  arm(endpoint, count);
}

static void send_part(void) {
  const uint32_t count = rest_count < HT_USB_PACKET ? rest_count : HT_USB_PACKET;
  memcpy(BUFFER(CONTROL_BUFFER), rest, count);
  rest += count;
  rest_count -= count;
  arm(CONTROL_IN, count);
}

static void reply(const setup_packet *setup, const uint8_t *bytes, uint32_t count) {
  stage = SENDING;
  rest = bytes;
  rest_count = count < setup->length ? count : setup->length;
  next_data1 |= 1u << CONTROL_IN;
  send_part();
}

static void confirm(void) {
  stage = CONFIRMING;
  control_arm(CONTROL_IN, 0);
}

static void refuse(void) {
  HT_REGISTER(EP_STALL_ARM + SET) = 3;
  BUFFER_CONTROL(CONTROL_IN) = STALL;
  BUFFER_CONTROL(CONTROL_OUT) = STALL;
}

static void standard(const setup_packet *setup) {
  uint8_t answer[2] = {0, 0};
  switch (setup->request) {
    case GET_STATUS: /* bus powered, no wake-up, nothing halted */
      reply(setup, answer, 2);
      return;
    case CLEAR_FEATURE: {
      const uint32_t endpoint = (setup->index & 15u) * 2 + ((setup->index & 0x80) == 0 ? 1 : 0);
      if ((setup->type & RECIPIENT) != OF_ENDPOINT || setup->value != 0 || endpoint >= ENDPOINTS) break;
      if (endpoint > CONTROL_OUT) restart(endpoint);
      confirm();
      return;
    }
    case SET_ADDRESS: /* from after the confirmation on */
      new_address = setup->value & 0x7f;
      confirm();
      return;
    case GET_DESCRIPTOR: {
      const ht_usb_descriptor descriptor = ht_usb_describe(setup->value, serial, text);
      if (descriptor.bytes == NULL) break;
      reply(setup, descriptor.bytes, descriptor.count);
      return;
    }
    case GET_CONFIGURATION:
      answer[0] = configured;
      reply(setup, answer, 1);
      return;
    case SET_CONFIGURATION:
      if (setup->value > 1) break;
      configure(setup->value == 1);
      confirm();
      return;
    case GET_INTERFACE:
      reply(setup, answer, 1);
      return;
    case SET_INTERFACE:
      if (setup->value != 0) break;
      if (setup->index == 1) {
        restart(DATA_IN);
        restart(DATA_OUT);
      }
      confirm();
      return;
    default:
      break;
  }
  refuse();
}

static void of_class(const setup_packet *setup) {
  switch (setup->request) {
    case SET_LINE_CODING:
      if (setup->length != sizeof line_coding) break;
      stage = TAKING;
      control_arm(CONTROL_OUT, HT_USB_PACKET);
      return;
    case GET_LINE_CODING:
      reply(setup, line_coding, sizeof line_coding);
      return;
    case SET_CONTROL_LINE_STATE:
      confirm();
      return;
    default:
      break;
  }
  refuse();
}

static void take_setup(void) {
  /* First, so that one which comes while this is read is seen. */
  HT_REGISTER(SIE_STATUS + CLEAR) = SETUP_REC;
  setup_packet setup;
  copy_out(&setup, 0, sizeof setup);
  control_end(); /* USB 8.5.3 */
  const uint32_t type = setup.type & TYPE;
  if (type == STANDARD) standard(&setup);
  else if (type == CLASS) of_class(&setup);
  else refuse();
}

static void control_sent(void) {
  if (stage == SENDING && rest_count > 0) {
    send_part();
  } else if (stage == SENDING) {
    stage = SENT;
    control_arm(CONTROL_OUT, 0);
  } else if (stage == CONFIRMING) {
    stage = NOTHING;
    if (new_address != 0) ADDRESS = new_address;
    new_address = 0;
    if (touched) ht_boot_loader();
    touched = false;
  }
}

static void control_taken(void) {
  const bool coding = stage == TAKING;
  stage = NOTHING;
  if (!coding) return;
  if ((BUFFER_CONTROL(CONTROL_OUT) & COUNT) != sizeof line_coding) {
    refuse();
    return;
  }
  copy_out(line_coding, CONTROL_BUFFER, sizeof line_coding);
  touched = line_coding[0] == (1200 & 0xff) && line_coding[1] == 1200 >> 8 && line_coding[2] == 0 && line_coding[3] == 0;
  confirm();
}

static void packet_arrived(void) {
  if (!configured) return;
  taken = 0;
  arrived = BUFFER_CONTROL(DATA_OUT) & COUNT;
  if (arrived == 0) arm(DATA_OUT, HT_USB_PACKET);
}

void ht_usb_interrupt(void) {
  const uint32_t events = INTS;
  if ((events & ON_BUS_RESET) != 0) bus_reset();
  if ((events & ON_BUFFER) != 0) {
    const uint32_t done = HT_REGISTER(BUFF_STATUS);
    HT_REGISTER(BUFF_STATUS + CLEAR) = done;
    if ((done & 1u << CONTROL_IN) != 0) control_sent();
    if ((done & 1u << CONTROL_OUT) != 0) control_taken();
    if ((done & 1u << DATA_IN) != 0) sending = nobody_takes = false;
    if ((done & 1u << DATA_OUT) != 0) packet_arrived();
  }
  if ((events & ON_SETUP) != 0) take_setup();
}

void ht_usb_start(const char *serial_digits) {
  serial = serial_digits;
  line_coding[0] = 115200 & 0xff;
  line_coding[1] = 115200 >> 8 & 0xff;
  line_coding[2] = 115200 >> 16;
  line_coding[6] = 8;
  /* Off the bus first, should this be a second start. */
  HT_REGISTER(RESETS + SET) = RESET_USB;
  HT_REGISTER(RESETS + CLEAR) = RESET_USB;
  ht_wait_for(RESETS + 8, RESET_USB, RESET_USB);
  memset(BUFFER(0), 0, MEMORY_BYTES);
  /* [4.1.3.2.1]: to the on-chip PHY, power of the bus taken for granted, device mode, an interrupt for each buffer of endpoint 0. */
  USB_MUXING = 1u << 0 | 1u << 3;
  USB_PWR = 1u << 3 | 1u << 2;
  MAIN_CTRL = 1;
  HT_REGISTER(SIE_CTRL) = EP0_INT_1BUF;
  INTE = ON_BUFFER | ON_BUS_RESET | ON_SETUP;
  ht_interrupt_enable(INTERRUPT);
  HT_REGISTER(SIE_CTRL + SET) = PULLUP_EN;
}

static uint32_t mask(void) {
  uint32_t before;
  __asm__ volatile("mrs %0, primask\n cpsid i" : "=r"(before)::"memory");
  return before;
}

static void unmask(uint32_t before) { __asm__ volatile("msr primask, %0" ::"r"(before) : "memory"); }

bool ht_usb_any(void) { return arrived != 0; }

uint32_t ht_usb_read(uint8_t *bytes, uint32_t room) {
  /* A bus reset in between would take the packet away. */
  const uint32_t before = mask();
  const uint32_t left = arrived - taken;
  const uint32_t count = left < room ? left : room;
  copy_out(bytes, OUT_BUFFER + taken, count);
  taken += count;
  if (count > 0 && taken == arrived) {
    arrived = taken = 0;
    arm(DATA_OUT, HT_USB_PACKET);
  }
  unmask(before);
  return count;
}

/* Waits until nothing is under way; false when nobody takes it. */
static bool sent(void) {
  if (!sending) return true;
  const uint64_t until = ht_port_micros() + 500000;
  while (sending) {
    if (nobody_takes || ht_port_micros() > until) {
      nobody_takes = true;
      return false;
    }
  }
  return true;
}

static void send(const uint8_t *bytes, uint32_t count) {
  const uint32_t before = mask();
  if (configured) {
    memcpy(BUFFER(IN_BUFFER), bytes, count);
    sending = true;
    arm(DATA_IN, count);
  }
  unmask(before);
}

void ht_usb_write(const uint8_t *bytes, uint32_t count) {
  uint32_t part = HT_USB_PACKET;
  /* A host reads until a packet is not full: behind one that is comes an empty one. */
  while (part == HT_USB_PACKET && sent()) {
    part = count < HT_USB_PACKET ? count : HT_USB_PACKET;
    send(bytes, part);
    bytes += part;
    count -= part;
  }
}

void ht_usb_drain(void) { (void)sent(); }
