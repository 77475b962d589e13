/** Plates and scenes with known truth: SVG drawn by sharp with bundled free fonts. One renderer for demo, tests and training. */
import sharp from 'sharp';
import type { Box, Corners, Point } from '../message.ts';
import { inventPlate } from './invent-plate.ts';
import type { Face } from './lettering.ts';
import { plainLook } from './look.ts';
import { drawPlate, type PlateText } from './plate-drawing.ts';
import { createRandom, streamOf, type Random } from './random.ts';
import { drawRoad, drawStamp, drawVehicle, LIGHTS, type Body } from './scene-drawing.ts';
import { layOnto, type Raster } from './warp.ts';

export type { PlateText } from './plate-drawing.ts';

export interface PlateTruth extends PlateText {
  readonly box: Box;
  readonly corners: Corners;
}

export interface RenderedScene {
  /** JPEG bytes. */
  readonly bytes: Buffer;
  readonly width: number;
  readonly height: number;
  readonly plates: readonly PlateTruth[];
}

export interface SceneOptions {
  /** The same seed gives the same bytes. Seeds 2n and 2n+1 show one vehicle twice, the second time nearer. */
  readonly seed: number;
  readonly width?: number;
  readonly height?: number;
  /** Which vehicle of a made-up fleet: the same number has the same plate, body and colour in every scene. Default: one of this pass alone. */
  readonly vehicle?: number;
  /** Draws this plate instead of an invented one. */
  readonly plate?: PlateText;
  /** Noise, blur and odd light; default true. */
  readonly weather?: boolean;
  /** A shop sign that a reader may take for a plate; default false. */
  readonly distractors?: boolean;
}

const FACES: readonly [Face, ...Face[]] = ['sarabun', 'looped', 'sarabun'];
const PLATE_RENDER_WIDTH = 680;

const bodyOf = (plate: PlateText, random: Random): Body => {
  if (plate.plateType?.startsWith('LT-') === true) return 'truck';
  if (plate.plateType === 'RY2') return 'van';
  if (plate.plateType === 'RY3') return 'pickup';
  return random.pick(['sedan', 'sedan', 'pickup', 'van']);
};

async function raster(svg: string, width: number, height: number, channels: 3 | 4): Promise<Raster> {
  const image = sharp(Buffer.from(svg), { density: 72 }).resize(width, height, { fit: 'fill' });
  const { data } = await (channels === 3 ? image.flatten().removeAlpha() : image.ensureAlpha())
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { data, width, height };
}

const svgOf = (width: number, height: number, content: string): string =>
  `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">${content}</svg>`;

async function plateRaster(plate: PlateText, face: Face, width: number): Promise<Raster> {
  const drawing = drawPlate(plate, plainLook(face));
  const height = Math.round((width * drawing.height) / drawing.width);
  const content = `<g transform="scale(${width / drawing.width})">${drawing.svg}</g>`;
  return raster(svgOf(width, height, content), width, height, 4);
}

/** A plate that fills the picture, upright, as PNG. */
export async function renderPlate(
  plate: PlateText,
  options: { readonly width: number; readonly seed: number },
): Promise<Buffer> {
  const face = createRandom(options.seed).pick(FACES);
  const { data, width, height } = await plateRaster(plate, face, options.width);
  return sharp(data, { raw: { width, height, channels: 4 } })
    .flatten({ background: '#3a3c40' })
    .png()
    .toBuffer();
}

/** Corners of a plate seen a little from the side and turned, around a centre. */
function cornersAround(centre: Point, width: number, aspect: number, random: Random): Corners {
  const half = width / 2;
  const high = width / aspect / 2;
  const turn = (random.between(-5, 5) * Math.PI) / 180;
  const near = random.between(-0.07, 0.07);
  const slant = random.between(-0.06, 0.06);
  const corner = (sx: number, sy: number): Point => {
    const x = sx * half * (1 - Math.abs(near) * 0.5) + sy * high * slant;
    const y = sy * high * (1 + sx * near);
    return [centre[0] + x * Math.cos(turn) - y * Math.sin(turn), centre[1] + x * Math.sin(turn) + y * Math.cos(turn)];
  };
  return [corner(-1, -1), corner(1, -1), corner(1, 1), corner(-1, 1)];
}

function boxOf(corners: Corners): Box {
  const xs = corners.map(([x]) => x);
  const ys = corners.map(([, y]) => y);
  const left = Math.min(...xs);
  const top = Math.min(...ys);
  return [left, top, Math.max(...xs) - left, Math.max(...ys) - top];
}

/** Sensor noise and exposure, in place. */
function expose(picture: Raster, exposure: number, noise: number, random: Random): void {
  const grain = Array.from({ length: 4096 }, () => (random.next() + random.next() + random.next() - 1.5) * noise);
  const { data } = picture;
  let at = random.whole(0, 4095);
  for (let i = 0; i < data.length; i++) {
    at = (at * 5 + 1) & 4095;
    const value = (data[i] ?? 0) * exposure + (grain[at] ?? 0);
    data[i] = value < 0 ? 0 : value > 255 ? 255 : value;
  }
}

export async function renderScene(options: SceneOptions): Promise<RenderedScene> {
  const { seed, width = 1280, height = 720, weather = true, distractors = false } = options;
  const pass = Math.floor(seed / 2);
  const isNearer = seed % 2 === 1;
  // What belongs to the vehicle comes from the pass, so that its second picture shows the same one.
  const random = createRandom(pass);
  const own = options.vehicle === undefined ? random : streamOf(options.vehicle, 'vehicle');
  const plate = options.plate ?? inventPlate(own);
  const face = own.pick(FACES);
  const light = random.pick(LIGHTS);
  const body = bodyOf(plate, own);
  const size = { width, height };
  const road = drawRoad(size, light, random, distractors);
  const vehicleWidth = width * random.between(0.3, 0.38) * (isNearer ? 1.22 : 1);
  const x = width * random.between(0.36, 0.64);
  const ground = height * (isNearer ? 0.95 : 0.84);
  const vehicle = drawVehicle(body, { x, ground, width: vehicleWidth }, light, own);
  const stamp = random.chance(0.5) ? drawStamp(`CAM ${random.whole(1, 24)}  LANE ${random.whole(1, 3)}`, size) : '';
  const picture = await raster(svgOf(width, height, road + vehicle.svg + stamp), width, height, 3);

  const flat = await plateRaster(plate, face, PLATE_RENDER_WIDTH);
  const aspect = flat.width / flat.height;
  const plateWidth = vehicle.plate.width * (aspect > 3 ? 1.15 : aspect < 1.6 ? 0.62 : 1);
  const corners = cornersAround([vehicle.plate.x, vehicle.plate.y], plateWidth, aspect, random);
  // Shrunk first: sampling a large drawing at few points would break its strokes.
  const shrunk = await sharp(flat.data, { raw: { width: flat.width, height: flat.height, channels: 4 } })
    .resize(Math.max(8, Math.round(plateWidth * 1.5)))
    .raw()
    .toBuffer({ resolveWithObject: true });
  layOnto({ data: shrunk.data, width: shrunk.info.width, height: shrunk.info.height }, picture, corners);

  const look = createRandom(seed + 7_919);
  if (weather) expose(picture, light.exposure * look.between(0.94, 1.05), light.name === 'night' ? 16 : 7, look);
  const image = sharp(picture.data, { raw: { width, height, channels: 3 } });
  const blurred = weather && look.chance(0.4) ? image.blur(look.between(0.4, 0.8)) : image;
  const bytes = await blurred.jpeg({ quality: 84 }).toBuffer();
  return { bytes, width, height, plates: [{ ...plate, box: boxOf(corners), corners }] };
}
