/** What the hub answers where it gives many. */
export interface List<T> {
  readonly items: readonly T[];
}
