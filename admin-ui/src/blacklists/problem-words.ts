/**
 * What is wrong with an entry, in the reader's language. The hub tells it in English for API clients and logs; sentences that
 * are not known here stand as the hub says them.
 */

const SENTENCES: readonly (readonly [pattern: RegExp, key: string])[] = [
  [/^must have at least one letter or digit/, 'noText'],
  [/^must have at most (?<n>\d+) characters/, 'tooLong'],
  [/^is longer than (?<n>\d+) characters/, 'tooLong'],
  [/^is too wide: beside \* and \? it must have at least (?<n>\d+)/, 'tooWide'],
  [/^is no date/, 'noDate'],
  [/^has a year that is not of four digits/, 'shortYear'],
  [/^is no day of the calendar/, 'noDay'],
  [/^has a time that no clock shows/, 'noTime'],
  [/^must lie between the years.*Buddhist/, 'buddhistYear'],
  [/^must lie between the years/, 'farYear'],
  [/^must be after validFrom/, 'endsFirst'],
  [/^is no Thai province/, 'noProvince'],
  [/^is no province that the hub knows: is (?<meant>.+) meant/, 'provinceMeant'],
  [/^is no province/, 'noProvince'],
  [/^is no country/, 'noCountry'],
  [/^must be TH: the province is a Thai one/, 'thaiProvince'],
  [/^must be two capital letters/, 'noCountry'],
  [/^is no class of Thai plates/, 'noClass'],
  [/^must be (from )?0 to 1/, 'noShare'],
  [/^stands in row (?<n>\d+) again/, 'laterRow'],
  [/^stands in row (?<n>\d+) already/, 'earlierRow'],
  [/^has a character that cannot be read/, 'unreadable'],
];

export interface ProblemWords {
  /** Below `blacklist.problem`; null: the hub's own words. */
  readonly key: string | null;
  readonly values: Readonly<Record<string, string>>;
  /** What stood there, where the hub quotes it. */
  readonly quoted: string | null;
}

export function problemWords(problem: string): ProblemWords {
  const quoted = /: "([^"]*)"$/.exec(problem)?.[1] ?? null;
  for (const [pattern, key] of SENTENCES) {
    const match = pattern.exec(problem);
    if (match !== null) return { key, values: { ...match.groups }, quoted };
  }
  return { key: null, values: {}, quoted: null };
}

/** As one sentence. */
export function problemText(
  t: (key: string, values: Readonly<Record<string, string>>) => string,
  problem: string,
): string {
  const { key, values, quoted } = problemWords(problem);
  if (key === null) return problem;
  return `${t(`blacklist.problem.${key}`, values)}${quoted === null ? '' : `: “${quoted}”`}`;
}
