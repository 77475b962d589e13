/** A road with one vehicle, as SVG: handsome enough to look at, with what readers trip over. */
import { setLine } from './lettering.ts';
import type { Random } from './random.ts';

export interface Light {
  readonly name: 'day' | 'overcast' | 'dusk' | 'night';
  readonly sky: readonly [string, string];
  readonly road: string;
  readonly verge: string;
  readonly far: string;
  /** Multiplies all pixels. */
  readonly exposure: number;
}

export const LIGHTS: readonly [Light, ...Light[]] = [
  { name: 'day', sky: ['#5b9fd6', '#dcebf3'], road: '#5d6166', verge: '#7f9a5d', far: '#8fa9a0', exposure: 1 },
  { name: 'day', sky: ['#7db4dd', '#f0efe6'], road: '#666769', verge: '#9a9d6c', far: '#a7b0a3', exposure: 1.08 },
  { name: 'overcast', sky: ['#a9b3ba', '#d9dcdc'], road: '#55585b', verge: '#6f7f61', far: '#97a2a0', exposure: 0.94 },
  { name: 'dusk', sky: ['#3d4a78', '#f0a878'], road: '#474950', verge: '#565c4c', far: '#5d607a', exposure: 0.86 },
  { name: 'night', sky: ['#0e1526', '#27324b'], road: '#2f3238', verge: '#262c2a', far: '#1c2436', exposure: 0.8 },
];

const PAINTS: readonly [string, ...string[]] = [
  '#e8e9ea',
  '#2b2d31',
  '#8e9499',
  '#b8bcc0',
  '#7c1f25',
  '#1f3f66',
  '#3f5a4a',
  '#c7b08a',
  '#d8d6cf',
];
const SIGNS: readonly [string, ...string[]] = ['ร้านกาแฟ', 'ล้างรถ 24 ชม.', 'ข้าวมันไก่', 'ตลาดนัด', 'COFFEE', 'ยางรถยนต์'];

export type Body = 'sedan' | 'pickup' | 'van' | 'truck';

const shade = (colour: string, factor: number): string => {
  const channels = [1, 3, 5].map((at) => Math.min(255, Math.round(parseInt(colour.slice(at, at + 2), 16) * factor)));
  return `#${channels.map((value) => value.toString(16).padStart(2, '0')).join('')}`;
};

export interface SceneSize {
  readonly width: number;
  readonly height: number;
}

/** Sky, skyline, verge, road with lanes; on demand a sign whose words are no plate. */
export function drawRoad({ width, height }: SceneSize, light: Light, random: Random, hasSign: boolean): string {
  const horizon = height * 0.36;
  const vanish = width * random.between(0.42, 0.58);
  const buildings = Array.from({ length: 14 }, (_, i) => {
    const w = random.between(60, 150);
    const h = random.between(30, 130);
    const x = (i / 13) * width - w / 2;
    return `<rect x="${x}" y="${horizon - h}" width="${w}" height="${h + 4}" fill="${shade(light.far, random.between(0.82, 1.08))}"/>`;
  });
  const trees = Array.from({ length: 9 }, () => {
    const side = random.chance(0.5) ? random.between(0, width * 0.28) : random.between(width * 0.72, width);
    const r = random.between(22, 60);
    const green = shade(light.verge, random.between(0.55, 0.8));
    return `<g fill="${green}"><circle cx="${side}" cy="${horizon - r * 0.4}" r="${r}"/><circle cx="${side + r * 0.7}" cy="${horizon - r * 0.1}" r="${r * 0.75}"/></g>`;
  });
  const lane = (share: number, dash: boolean): string => {
    const foot = width * share;
    const pieces = dash ? [0.04, 0.12, 0.24, 0.42, 0.68] : [0];
    return pieces
      .map((from, i) => {
        const to = dash ? from + 0.035 + i * 0.02 : 1;
        const at = (t: number, w: number): string => {
          const y = horizon + (height - horizon) * t;
          return `${vanish + (foot - vanish) * t + w * t},${y}`;
        };
        return `<polygon points="${at(from, -7)} ${at(from, 7)} ${at(to, 7)} ${at(to, -7)}" fill="#e9e6da" opacity="0.85"/>`;
      })
      .join('');
  };
  const signX = random.chance(0.5) ? width * random.between(0.06, 0.14) : width * random.between(0.84, 0.9);
  const sign = `<g><rect x="${signX - 4}" y="${horizon - 120}" width="8" height="190" fill="#6d7175"/>
    <rect x="${signX - 88}" y="${horizon - 176}" width="176" height="66" rx="6" fill="${random.pick(['#19568c', '#8c2f2b', '#5a4a7a', '#2e6b45'])}" stroke="#ffffff55" stroke-width="3"/>
    ${setLine('kanit', random.pick(SIGNS), { centre: signX, baseline: horizon - 132, size: 38, width: 156 }, '#fdfbf2')}</g>`;
  return `
    <defs><linearGradient id="sky" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="${light.sky[0]}"/><stop offset="1" stop-color="${light.sky[1]}"/></linearGradient>
    <linearGradient id="road" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="${shade(light.road, 1.15)}"/><stop offset="1" stop-color="${shade(light.road, 0.82)}"/></linearGradient></defs>
    <rect width="${width}" height="${height}" fill="url(#sky)"/>
    ${buildings.join('')}
    <rect y="${horizon}" width="${width}" height="${height - horizon}" fill="${light.verge}"/>
    ${trees.join('')}${hasSign ? sign : ''}
    <polygon points="${vanish - 40},${horizon} ${vanish + 40},${horizon} ${width * 1.18},${height} ${-width * 0.18},${height}" fill="url(#road)"/>
    ${lane(-0.14, false)}${lane(1.14, false)}${lane(0.3, true)}${lane(0.74, true)}`;
}

export interface VehicleDrawing {
  readonly svg: string;
  /** Where the plate sits: centre and width. */
  readonly plate: { readonly x: number; readonly y: number; readonly width: number };
}

/**
 * The vehicle from behind or from the front, standing with its wheels on `ground`.
 * @param width of the vehicle, pixels @param plateAspect width by height
 */
export function drawVehicle(
  body: Body,
  at: { readonly x: number; readonly ground: number; readonly width: number },
  light: Light,
  random: Random,
): VehicleDrawing {
  const isFront = random.chance(0.5);
  const paint = random.pick(PAINTS);
  // Drawn on a grid 400 wide; 0 is the middle, y grows upwards from the ground.
  const roof = { sedan: 292, pickup: 340, van: 388, truck: 520 }[body];
  const waist = { sedan: 190, pickup: 214, van: 236, truck: 250 }[body];
  const cabin = { sedan: 128, pickup: 142, van: 170, truck: 184 }[body];
  const isOn = light.name === 'night' || light.name === 'dusk';
  const lamp = isFront ? (isOn ? '#fff6d8' : '#e3e9ec') : isOn ? '#ff4a3d' : '#b3262a';
  const glow = isOn
    ? [-148, 148]
        .map((x) => `<circle cx="${x}" cy="-158" r="70" fill="${lamp}" opacity="0.28" filter="url(#glow)"/>`)
        .join('')
    : '';
  const lamps = [-1, 1]
    .map(
      (side) =>
        `<rect x="${side === -1 ? -190 : 132}" y="-182" width="58" height="${body === 'truck' || body === 'van' ? 62 : 40}" rx="12" fill="${lamp}" stroke="${shade(paint, 0.55)}" stroke-width="3"/>`,
    )
    .join('');
  const grille = isFront
    ? `<rect x="-104" y="-172" width="208" height="44" rx="12" fill="#1c1e21"/>${[-160, -150, -140].map((y) => `<rect x="-98" y="${y}" width="196" height="3" fill="#5e6266"/>`).join('')}`
    : `<rect x="-120" y="-178" width="240" height="10" rx="5" fill="${shade(paint, 0.7)}"/>`;
  const emblem = `<circle cx="0" cy="${isFront ? -150 : -196}" r="13" fill="#c9cdd0" stroke="#8d9296" stroke-width="3"/>`;
  const mirrors = [-1, 1].map(
    (side) =>
      `<rect x="${side === -1 ? -226 : 190}" y="${-waist - 30}" width="36" height="30" rx="10" fill="${shade(paint, 0.8)}"/>`,
  );
  const glass = body === 'truck' && !isFront ? shade(paint, 0.9) : 'url(#glass)';
  const svg = `<g transform="translate(${at.x} ${at.ground}) scale(${at.width / 400})">
    <defs>
      <linearGradient id="paint" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="${shade(paint, 1.12)}"/><stop offset="0.55" stop-color="${paint}"/><stop offset="1" stop-color="${shade(paint, 0.62)}"/></linearGradient>
      <linearGradient id="glass" x1="0" y1="0" x2="0.3" y2="1"><stop offset="0" stop-color="#7d95a3"/><stop offset="0.45" stop-color="#2c3a44"/><stop offset="1" stop-color="#131a20"/></linearGradient>
      <filter id="glow" x="-100%" y="-100%" width="300%" height="300%"><feGaussianBlur stdDeviation="22"/></filter>
      <filter id="soft" x="-30%" y="-60%" width="160%" height="220%"><feGaussianBlur stdDeviation="12"/></filter>
    </defs>
    <ellipse cx="0" cy="4" rx="238" ry="26" fill="#000000" opacity="0.5" filter="url(#soft)"/>
    <rect x="-178" y="-62" width="66" height="66" rx="16" fill="#15171a"/><rect x="112" y="-62" width="66" height="66" rx="16" fill="#15171a"/>
    ${mirrors.join('')}
    <path d="M${-cabin - 16} ${-waist} L${-cabin} ${-roof + 22} Q${-cabin + 8} ${-roof} ${-cabin + 40} ${-roof} H${cabin - 40} Q${cabin - 8} ${-roof} ${cabin} ${-roof + 22} L${cabin + 16} ${-waist} Z" fill="url(#paint)"/>
    <path d="M${-cabin + 10} ${-waist - 6} L${-cabin + 26} ${-roof + 30} Q${-cabin + 32} ${-roof + 18} ${-cabin + 50} ${-roof + 18} H${cabin - 50} Q${cabin - 32} ${-roof + 18} ${cabin - 26} ${-roof + 30} L${cabin - 10} ${-waist - 6} Z" fill="${glass}"/>
    <path d="M-196 ${-waist + 26} Q-194 ${-waist} -160 ${-waist} H160 Q194 ${-waist} 196 ${-waist + 26} L200 -66 Q200 -34 170 -34 H-170 Q-200 -34 -200 -66 Z" fill="url(#paint)"/>
    <path d="M-194 ${-waist + 30} Q0 ${-waist + 8} 194 ${-waist + 30}" stroke="${shade(paint, 1.25)}" stroke-width="4" fill="none" opacity="0.7"/>
    <rect x="-200" y="-84" width="400" height="46" rx="18" fill="${shade(paint, 0.5)}"/>
    ${grille}${emblem}${lamps}${glow}
    <rect x="-82" y="-128" width="164" height="78" rx="8" fill="#0f1113" opacity="0.55"/>
  </g>`;
  const scale = at.width / 400;
  return { svg, plate: { x: at.x, y: at.ground - 89 * scale, width: 150 * scale } };
}

/** What a camera writes over its picture: looks like text, is no plate. */
export const drawStamp = (label: string, { height }: SceneSize): string =>
  `<g transform="translate(24 ${height - 22})"><rect x="-10" y="-30" width="430" height="42" fill="#000000" opacity="0.45"/>
   ${setLine('overpass', label, { centre: 205, baseline: 0, size: 24, width: 400 }, '#f4f4f0')}</g>`;
