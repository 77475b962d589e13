/** Every format that the simulator can speak: one event in, the exact message of such a device out. Constructed after documents, not recorded. */
import { axis } from './axis.ts';
import { codeproject } from './codeproject.ts';
import { dahua } from './dahua.ts';
import type { WireVariant } from './encoded.ts';
import { frigate } from './frigate.ts';
import { generic } from './generic.ts';
import { genetec } from './genetec.ts';
import { hikvision } from './hikvision.ts';
import { milesight } from './milesight.ts';
import { onvif } from './onvif.ts';
import { plateRecognizer } from './plate-recognizer.ts';
import { predecessor } from './predecessor.ts';
import { rekor } from './rekor.ts';

export type { Encode, EncodedMessage, EventPictures, WireVariant } from './encoded.ts';

/** By format, its variants, the usual one first. */
export const WIRE_FORMATS: Readonly<Record<string, Readonly<Record<string, WireVariant>>>> = {
  generic,
  predecessor,
  rekor,
  'plate-recognizer': plateRecognizer,
  frigate,
  hikvision,
  dahua,
  axis,
  milesight,
  onvif,
  genetec,
  codeproject,
};

/** `predecessor` or `predecessor/g1`; null when there is none of that name. */
export function wireVariant(
  name: string,
): { readonly format: string; readonly variant: string; readonly wire: WireVariant } | null {
  const [format = '', wanted] = name.split('/');
  const variants = Object.hasOwn(WIRE_FORMATS, format) ? WIRE_FORMATS[format] : undefined;
  const variant = wanted ?? Object.keys(variants ?? {})[0] ?? '';
  const wire = variants !== undefined && Object.hasOwn(variants, variant) ? variants[variant] : undefined;
  return wire === undefined ? null : { format, variant, wire };
}
