/** What lies below the points of the console's map. The outline comes with the hub; everything else is asked for by the browser. */
import { LprError, type FieldProblem } from '../errors.ts';

export type SiteMap =
  | { readonly kind: 'outline' }
  /** Raster tiles by an address with `{z}`, `{x}` and `{y}`, as OpenStreetMap serves them. */
  | { readonly kind: 'tiles'; readonly url: string; readonly attribution: string }
  | { readonly kind: 'wms'; readonly url: string; readonly layers: string; readonly attribution: string }
  /** Vector tiles in one file (PMTiles, Protomaps' or OpenMapTiles' layers): an address, or `/maps/<name>` for `maps/` in the data folder. */
  | { readonly kind: 'pmtiles'; readonly url: string; readonly attribution: string };

const OWN_FILE = /^\/maps\/[\w.-]{1,100}\.pmtiles$/;

/** The host that a browser has to be allowed to ask; null: none but the hub. */
export function mapOrigin(map: SiteMap): string | null {
  return map.kind === 'outline' || OWN_FILE.test(map.url) ? null : new URL(map.url).origin;
}

/** @throws invalid_input naming the field and the remedy */
export function checkSiteMap(map: SiteMap): void {
  if (map.kind === 'outline') return;
  const problems: FieldProblem[] = [];
  const isOwn = map.kind === 'pmtiles' && map.url.startsWith('/');
  if (isOwn && !OWN_FILE.test(map.url)) {
    problems.push({
      field: 'map.url',
      problem: 'must be /maps/ and the name of a .pmtiles file in maps/ of the data folder',
    });
  }
  if (!isOwn) {
    const url = URL.canParse(map.url) ? new URL(map.url) : null;
    if (url === null || !['http:', 'https:'].includes(url.protocol)) {
      problems.push({ field: 'map.url', problem: 'must be an http:// or https:// address' });
    } else if (url.username !== '' || url.password !== '') {
      problems.push({ field: 'map.url', problem: 'must hold no user name and password: every browser would see them' });
    } else if (map.kind === 'tiles' && !['{z}', '{x}', '{y}'].every((part) => map.url.includes(part))) {
      problems.push({ field: 'map.url', problem: 'must contain {z}, {x} and {y}' });
    }
  }
  if (map.kind === 'wms' && map.layers.trim() === '') {
    problems.push({ field: 'map.layers', problem: 'must name at least one layer of the WMS' });
  }
  if (problems.length === 0) return;
  const all = problems.map(({ field, problem }) => `${field} ${problem}`).join('; ');
  throw new LprError('invalid_input', `The map cannot be used: ${all}.`, { problems });
}
