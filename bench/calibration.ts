/** A fixed piece of work, timed beside every benchmark: absolute times mean something only next to it. */

/** Milliseconds for a million rounds of integer and floating-point work over a small array; best of five. */
export function calibrationMs(): number {
  let best = Infinity;
  for (let run = 0; run < 5; run++) {
    const start = performance.now();
    const cells = new Float64Array(1024);
    let state = 1;
    for (let i = 0; i < 1_000_000; i++) {
      state = (Math.imul(state, 1664525) + 1013904223) | 0;
      const place = (state >>> 8) & 1023;
      cells[place] = Math.sqrt((cells[place] ?? 0) * 0.5 + (state & 0xff));
    }
    const took = performance.now() - start;
    // The sum keeps the loop from being optimised away.
    if (cells.reduce((sum, v) => sum + v, 0) > 0) best = Math.min(best, took);
  }
  return best;
}
