/** How sure a hit is, as a word: people weigh four words better than a percentage. */
export type Sureness = 'certain' | 'likely' | 'possible' | 'doubtful';

/** @param confidence 0..1, of the hit: that this is the plate that the entry means */
export function surenessOf(confidence: number): Sureness {
  if (confidence >= 0.9) return 'certain';
  if (confidence >= 0.65) return 'likely';
  return confidence >= 0.35 ? 'possible' : 'doubtful';
}
