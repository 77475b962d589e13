/** Batches as PostgreSQL's `unnest` wants them: an array a column. */

/** Rows to columns. */
export const columnsOf = (rows: readonly (readonly unknown[])[], width: number): unknown[][] =>
  Array.from({ length: width }, (_, column) => rows.map((row) => row[column]));

/** `$1::uuid[], $2::text[], …` */
export const placeholders = (types: readonly string[]): string =>
  types.map((type, i) => `$${i + 1}::${type}[]`).join(', ');
