import { read } from 'node:fs';
import type { SerialPort } from 'serialport';

/** What a Unix port of the driver has beside its interface; a Windows port has none of it. */
interface UnixPort {
  readonly fd?: number | null;
  readonly isOpen: boolean;
  readonly poller?: { once(event: 'readable', listener: (error: Error | null) => void): unknown };
  read(buffer: Buffer, offset: number, length: number): Promise<{ buffer: Buffer; bytesRead: number }>;
}

/**
 * Makes an opened port notice that its other side is gone. A Unix terminal that was hung up (a pulled USB cable, the end of an emulator)
 * reads zero bytes, at once and for ever; serialport 13 takes that for "try again", uses up a processor and never says `close`.
 * With at least one byte to a read (the driver's VMIN) zero means nothing else.
 */
export function noticeHangUp(port: SerialPort): void {
  const unix = port.port as unknown as UnixPort | undefined;
  if (!unix?.poller) return;
  unix.read = (buffer, offset, length) => readUntilHangUp(unix, buffer, offset, length);
}

async function readUntilHangUp(
  port: UnixPort,
  buffer: Buffer,
  offset: number,
  length: number,
): Promise<{ buffer: Buffer; bytesRead: number }> {
  for (;;) {
    const { fd, poller } = port;
    // The driver's word for a read that ended because the port was closed from here.
    if (!port.isOpen || !fd || !poller) throw Object.assign(new Error('Port is not open'), { canceled: true });
    const outcome = await new Promise<number | NodeJS.ErrnoException>((resolve) =>
      read(fd, buffer, offset, length, null, (error, bytes) => resolve(error ?? bytes)),
    );
    if (typeof outcome === 'number') {
      if (outcome > 0) return { buffer, bytesRead: outcome };
      throw Object.assign(new Error('the other side hung up'), { disconnect: true });
    }
    if (!port.isOpen) throw Object.assign(outcome, { canceled: true });
    if (!['EAGAIN', 'EWOULDBLOCK', 'EINTR'].includes(outcome.code ?? ''))
      throw Object.assign(outcome, { disconnect: true });
    await new Promise<void>((resolve, reject) =>
      poller.once('readable', (error) => (error ? reject(error) : resolve())),
    );
  }
}
