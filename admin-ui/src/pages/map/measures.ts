/** Areas and distances in words. */
type Translate = (key: string, values: Record<string, unknown>) => string;
type Figure = (value: number, options: Intl.NumberFormatOptions) => string;

const short = { maximumSignificantDigits: 3 } as const;

/** Of square metres. */
export function areaWords(area: number, t: Translate, n: Figure): string {
  return area >= 100_000
    ? t('page.map.squareKilometres', { area: n(area / 1_000_000, short) })
    : t('page.map.squareMetres', { area: n(area, short) });
}
