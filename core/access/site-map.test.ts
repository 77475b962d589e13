import { expect, test } from '@jest/globals';
import { LprError } from '../errors.ts';
import { checkSiteMap, mapOrigin, type SiteMap } from './site-map.ts';

const tiles = (url: string): SiteMap => ({ kind: 'tiles', url, attribution: '' });
const file = (url: string): SiteMap => ({ kind: 'pmtiles', url, attribution: '' });

test.each<[SiteMap, string | null]>([
  [{ kind: 'outline' }, null],
  [tiles('https://tile.openstreetmap.org/{z}/{x}/{y}.png'), 'https://tile.openstreetmap.org'],
  [file('/maps/thailand.pmtiles'), null],
  [file('https://maps.example:8443/th.pmtiles'), 'https://maps.example:8443'],
  [{ kind: 'wms', url: 'http://10.0.0.5/wms?key=1', layers: 'roads', attribution: '' }, 'http://10.0.0.5'],
])('%j asks %s', (map, origin) => {
  checkSiteMap(map);
  expect(mapOrigin(map)).toBe(origin);
});

test.each<[SiteMap, string]>([
  [tiles('https://tile.example/{z}/{x}.png'), 'map.url'],
  [tiles("javascript:alert('{z}{x}{y}')"), 'map.url'],
  [tiles('https://user:pass@tile.example/{z}/{x}/{y}.png'), 'map.url'],
  [file('/maps/../secrets/key'), 'map.url'],
  [file('/maps/map.png'), 'map.url'],
  [{ kind: 'wms', url: 'https://wms.example', layers: ' ', attribution: '' }, 'map.layers'],
])('%j is refused by its field', (map, field) => {
  let error: unknown;
  try {
    checkSiteMap(map);
  } catch (thrown) {
    error = thrown;
  }
  expect(error).toBeInstanceOf(LprError);
  expect(error).toMatchObject({ code: 'invalid_input', details: { problems: [{ field }] } });
});
