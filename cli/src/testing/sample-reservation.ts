import type { Reservation } from '@hilltop/contracts';

/** Ana's lease of `bench-pi`, with half an hour to go at the terminal's time. */
export function sampleReservation(change: Partial<Reservation> = {}): Reservation {
  return {
    id: 'rsv_00000001',
    revision: 3,
    state: 'held',
    holder: { owner: 'usr_00000ana', name: 'Ana' },
    selector: { devices: ['bench-pi'], labels: {} },
    deviceId: 'dev_00000001',
    deviceName: 'bench-pi',
    candidates: ['dev_00000001'],
    forSeconds: 3600,
    until: '2026-03-01T12:30:00.000Z',
    fence: 7,
    createdAt: '2026-03-01T11:30:00.000Z',
    takenAt: '2026-03-01T11:30:00.000Z',
    ...change,
  };
}

/** Mira's wish for the same device, next in the queue. */
export function sampleWish(change: Partial<Reservation> = {}): Reservation {
  const {
    deviceId: _device,
    deviceName: _name,
    until: _until,
    fence: _fence,
    takenAt: _taken,
    ...rest
  } = sampleReservation();
  return {
    ...rest,
    id: 'rsv_00000002',
    revision: 1,
    state: 'queued',
    holder: { owner: 'usr_0000mira', name: 'Mira' },
    place: 1,
    ...change,
  };
}
