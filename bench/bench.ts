/** What a file `bench/<name>.ts` exports as default; `npm run -s bench -- <name> [--json] [--data DIR]` runs it. */
export interface Bench {
  /** One line for the list. */
  readonly about: string;
  run(options: BenchOptions): Promise<BenchResult>;
}

export interface BenchOptions {
  /** Folder with a `manifest.jsonl` (`--data` or `LPR_PLATES`), or null. */
  readonly data: string | null;
  /** Further `--key value` arguments. */
  readonly args: Readonly<Record<string, string>>;
  /** Progress and tables for people; standard error under `--json`. */
  readonly print: (line: string) => void;
}

export interface BenchResult {
  readonly figures: Readonly<Record<string, number>>;
  /** Its keys are a subset of those of `figures`. */
  readonly targets: Readonly<Record<string, { readonly min: number } | { readonly max: number }>>;
}
