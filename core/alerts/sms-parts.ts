/**
 * In how many parts a text goes as SMS. GSM 03.38 / 3GPP TS 23.038: 7-bit alphabet with 160 signs, or 153 a part when there are
 * several; anything else (Thai) goes as UCS-2 with 70, or 67 a part. A sign is never split between two parts.
 */
export interface SmsParts {
  readonly encoding: 'GSM-7' | 'UCS-2';
  /** Septets, or 16-bit units. */
  readonly units: number;
  readonly parts: number;
  /** What one part carries. */
  readonly perPart: number;
  /** The signs that need UCS-2, each once, up to 20. */
  readonly unusual: readonly string[];
}

const BASIC = new Set(
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà',
);
/** Each takes two septets. */
const EXTENDED = new Set('\f^{}\\[~]|€');
const MOST_UNUSUAL = 20;

export function smsParts(text: string): SmsParts {
  const signs = Array.from(text);
  const unusual = [...new Set(signs.filter((sign) => !BASIC.has(sign) && !EXTENDED.has(sign)))];
  const isGsm = unusual.length === 0;
  const sizeOf = (sign: string): number => (isGsm ? (EXTENDED.has(sign) ? 2 : 1) : sign.length);
  const units = signs.reduce((sum, sign) => sum + sizeOf(sign), 0);
  const [single, several] = isGsm ? [160, 153] : [70, 67];
  const encoding = isGsm ? 'GSM-7' : 'UCS-2';
  const rest = { encoding, units, unusual: unusual.slice(0, MOST_UNUSUAL) } as const;
  if (units <= single) return { ...rest, parts: units === 0 ? 0 : 1, perPart: single };
  let parts = 1;
  let used = 0;
  for (const size of signs.map(sizeOf)) {
    if (used + size > several) {
      parts++;
      used = 0;
    }
    used += size;
  }
  return { ...rest, parts, perPart: several };
}
