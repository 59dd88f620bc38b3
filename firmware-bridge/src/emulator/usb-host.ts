import { type RPUSBController, USBCDC } from 'rp2040js';

/**
 * The computer at the other end of the board's USB cable, with a serial driver: resets the bus when the board connects, gives it an
 * address and its configuration, finds the serial function, then exchanges bytes with it. Enumeration is rp2040js' own; it is
 * restarted by every new chip.
 */
export class UsbHost {
  readonly #usb: RPUSBController;
  /** The buffer the board offers, once the driver knows it. */
  #offered: { readonly endpoint: number; readonly bytes: number } | undefined;

  /** `onByte`: what the board sends by its serial function. */
  constructor(usb: RPUSBController, onByte: (byte: number) => void) {
    this.#usb = usb;
    const driver = new USBCDC(usb);
    driver.onSerialData = (bytes) => {
      for (const byte of bytes) onByte(byte);
    };
    // The class answers an offer at once, with an empty packet where it has nothing: a board would never sleep again.
    usb.onEndpointRead = (endpoint, bytes) => {
      if (endpoint !== 0) this.#offered = { endpoint, bytes };
    };
  }

  /** Bytes the board takes now. */
  get room(): number {
    return this.#offered?.bytes ?? 0;
  }

  /** Hands over one packet, at most `room` bytes; the board knows when the clock is next advanced. */
  send(packet: readonly number[]): void {
    const { endpoint } = this.#offered!;
    this.#offered = undefined;
    this.#usb.endpointReadDone(endpoint, Uint8Array.from(packet), 0);
  }
}
