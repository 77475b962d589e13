/** What each live camera protocol's form asks beside its own fields: the hub does it for all of them. */
import { choice, number, type ConfigOf } from '../fields.ts';

export const LIVE_FIELDS = {
  /** How small a movement makes a picture worth keeping; off keeps every one. */
  motion: choice(['off', 'low', 'high'], 'high'),
  /** A picture is kept this often though nothing moves; 0 is never. */
  heartbeat: number({ default: 10, min: 0, max: 1_440, unit: 'min' }),
};
export type LiveConfig = ConfigOf<typeof LIVE_FIELDS>;
