/**
 * What is wrong with a shape, in the reader's language. The hub tells it in English for API clients and logs; sentences that
 * are not known here stand as the hub says them.
 */

const SENTENCES: readonly (readonly [pattern: RegExp, key: string])[] = [
  [/^crosses or touches its own border at longitude (?<longitude>[-\d.]+), latitude (?<latitude>[-\d.]+)/, 'crosses'],
  [/^has a place where latitude and longitude look swapped/, 'swapped'],
  [/^has the place \[(?<place>[^\]]+)\]/, 'offEarth'],
  [/^has a place that is no pair of numbers/, 'noNumbers'],
  [/^crosses the antimeridian/, 'antimeridian'],
  [/^has fewer than 3 different points/, 'fewPoints'],
  [/^needs at least 2 different points/, 'fewLinePoints'],
  [/^has hole (?<hole>\d+) outside/, 'holeOutside'],
  [/^has no area/, 'noArea'],
  [/^has more than (?<most>[\d,]+) points/, 'manyPoints'],
  [/^must be 1 to (?<most>[\d,]+) metres/, 'metres'],
  [/^names no camera/, 'noCamera'],
  [/^has coordinates of the system (?<system>EPSG:\S+):/, 'otherSystem'],
];

export function faultText(
  t: (key: string, values: Readonly<Record<string, string>>) => string,
  { field, problem }: { readonly field: string; readonly problem: string },
): string {
  for (const [pattern, key] of SENTENCES) {
    const match = pattern.exec(problem);
    if (match !== null) return t(`page.map.fault.${key}`, { ...match.groups });
  }
  return `${field} ${problem}`;
}
