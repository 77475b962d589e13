/** Made-up looks at plates before one camera, as messages that merge takes. */
import { v7 as uuidv7 } from 'uuid';
import type { Box, DeviceSaid, LprMessage } from '../core/message.ts';
import { parsePlate, plateCharacters } from '../core/plates/plates.ts';

export const LOOK_CAMERA = '00000000-0000-7000-8000-000000000001';
export const LOOK_START = Date.UTC(2026, 10, 20, 3);

export interface Look {
  readonly text: string;
  /** Seconds after the start. */
  readonly at?: number;
  readonly entity?: string | null;
  readonly confidence?: number;
  readonly frameId?: string;
  readonly index?: number;
  readonly x?: number;
  readonly y?: number;
  readonly isLate?: boolean;
  /** A read that the device made itself: without frame and patch. */
  readonly device?: Partial<DeviceSaid>;
}

export function readMessage({
  text,
  at = 0,
  entity = 'TH-10',
  confidence = 0.8,
  frameId = uuidv7(),
  index = 0,
  x = 10,
  y = 10,
  isLate = false,
  device,
}: Look): LprMessage<'read'> {
  const [parsed] = parsePlate(text, { issuingEntity: entity });
  const readId = `${frameId}.${index}`;
  const box: Box = [x, y, 100, 40];
  const corners = [
    [x, y],
    [x + 100, y],
    [x + 100, y + 40],
    [x, y + 40],
  ] as const;
  const image = { imageId: 'a'.repeat(64), width: 320, height: 140 };
  const pictures = {
    frame: { imageId: 'b'.repeat(64), width: 1280, height: 720 },
    patch: { box, corners, confidence: 0.9, readId, plateIndex: index, image, locatedBy: 'test' },
  };
  const instant = new Date(LOOK_START + at * 1000).toISOString();
  const said = { text, confidence, trackId: null, vehicle: null, motion: null, ...device };
  return {
    lpr: {
      ...{ frameId, cameraId: LOOK_CAMERA, capturedAt: instant, capturedAtSource: 'device', receivedAt: instant },
      ...{ isLate, token: readId },
      ...(device === undefined ? pictures : {}),
      read: {
        ...{ readId, engine: 'test', plateNumber: text, confidence, issuingEntity: entity, provinceConfidence: 0.7 },
        series: parsed?.series ?? null,
        serial: parsed?.serial ?? null,
        countryCode: parsed?.countryCode ?? null,
        plateType: parsed?.plateType ?? null,
        characters: plateCharacters(text).map((char) => ({ char, confidence, alternatives: [] })),
        ...{ candidates: [], reasons: ['format:test'] },
        quality: { plateHeight: 40, sharpness: 0.8, glare: 0, contrast: 0.8, angle: 0, score: 0.9 },
        ...(device === undefined ? {} : { device: said, quality: null }),
      },
    },
  };
}

export const motion = (direction: 'toward' | 'away', speed: number | null = null) => ({
  ...{ direction, speed, heading: null, lane: null },
});
