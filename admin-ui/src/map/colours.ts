/** Colours of the map, from the console's own theme. */
import { vuetify } from '../vuetify.ts';

export function colour(name: string): string {
  const found = vuetify.theme.current.value.colors[name];
  return typeof found === 'string' ? found : '#000000';
}

/** `#rrggbb` with an opacity of 0..1. */
export function faded(hex: string, opacity: number): string {
  const [, r = '0', g = '0', b = '0'] = /^#(..)(..)(..)/.exec(hex) ?? [];
  return `rgb(${parseInt(r, 16)} ${parseInt(g, 16)} ${parseInt(b, 16)} / ${opacity})`;
}
