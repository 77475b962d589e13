/** Pictures for simulated events: a drawn scene with the vehicle's true plate, and where in it the plate is. */
import sharp from 'sharp';
import { renderScene, type RenderedScene } from '../../core/simulator/simulator.ts';
import type { Passing, SimulatedEvent } from '../../core/simulator/traffic.ts';
import type { EventPictures } from '../../core/simulator/wire/wire.ts';

const SIZE = { width: 1280, height: 720 } as const;
/** Looks of a pass come close together, passings do not come back. */
const MOST_KEPT = 64;

export function createEventPictures(
  passings: readonly Passing[],
  seed: number,
): (event: SimulatedEvent) => Promise<{ readonly event: SimulatedEvent; readonly pictures: EventPictures }> {
  const places = new Map(passings.map(({ passingId }, place) => [passingId, place]));
  const scenes = new Map<string, Promise<RenderedScene>>();
  const sceneOf = (event: SimulatedEvent): Promise<RenderedScene> => {
    // An even and the odd number after it show one vehicle, the second time nearer.
    const isNearer = event.look > 0;
    const key = `${event.passingId} ${isNearer}`;
    let scene = scenes.get(key);
    if (scene === undefined) {
      const place = places.get(event.passingId) ?? 0;
      const plate = passings[place]?.plate;
      const drawn = { seed: 2 * (seed * 100_000 + place) + (isNearer ? 1 : 0), ...SIZE };
      scene = renderScene(plate === undefined ? drawn : { ...drawn, plate });
      scenes.set(key, scene);
      const [oldest] = scenes.keys();
      if (scenes.size > MOST_KEPT && oldest !== undefined) scenes.delete(oldest);
    }
    return scene;
  };
  return async (event) => {
    const { bytes, width, height, plates } = await sceneOf(event);
    const [left, top, wide, high] = plates[0]?.box ?? [0, 0, width, height];
    const x = Math.max(0, Math.floor(left));
    const y = Math.max(0, Math.floor(top));
    const w = Math.min(width - x, Math.ceil(wide));
    const h = Math.min(height - y, Math.ceil(high));
    const patch = await sharp(bytes).extract({ left: x, top: y, width: w, height: h }).jpeg({ quality: 88 }).toBuffer();
    return { event: { ...event, frame: { width, height }, box: [x, y, w, h] }, pictures: { frame: bytes, patch } };
  };
}
