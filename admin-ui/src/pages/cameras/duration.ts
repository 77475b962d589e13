/** A length of time in words, in the unit that says it shortest. */
export function duration(seconds: number, t: (key: string, values: Record<string, unknown>) => string): string {
  const [unit, length] =
    seconds < 90 ? (['s', 1] as const) : seconds < 5_400 ? (['min', 60] as const) : (['h', 3_600] as const);
  const n = seconds / length;
  return t(`page.cameras.unit.${unit}`, { n: n < 10 ? Math.round(n * 10) / 10 : Math.round(n) });
}
