/** Something to begin with where a format has one form that fits on a screen. */
const generic = {
  deviceId: 'gate-box-1',
  eventId: 'pass-4711',
  cameraId: 'in-1',
  capturedAt: '2026-11-26T11:59:03.250+07:00',
  plateNumber: '1กก 1234',
  issuingEntity: 'กรุงเทพมหานคร',
  confidence: 0.93,
  vehicle: { type: 'car', colour: 'white' },
};

export const SAMPLES: Readonly<Record<string, { readonly body: string; readonly contentType: string }>> = {
  generic: { body: JSON.stringify(generic, null, 2), contentType: 'application/json' },
};
