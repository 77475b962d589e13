import type { Alert, BlacklistCategory } from '../api/contract.ts';
import type { Sound } from './sounds.ts';

/** What a list sounds like that names no sound of its own. */
export const CATEGORY_SOUNDS: Readonly<Record<BlacklistCategory, Sound>> = {
  stolen: 'alarm',
  wanted: 'siren',
  vip: 'chime',
  expired: 'chime',
  own: 'bell',
};

/** From this priority on an alert that is of no list is heard as an alarm. */
const URGENT_FROM = 80;

type Heard = Pick<Alert, 'category' | 'priority' | 'cause' | 'state' | 'isOverBudget'> & {
  readonly list?: Alert['list'];
};

/** Late ones call nobody, and nobody beside the screen shall hear that a covert list has a hit. */
export function soundOf({ list, category, priority, cause, state, isOverBudget }: Heard): Sound {
  if (list?.isCovert === true || cause === 'late' || isOverBudget || (state !== 'open' && state !== 'escalated'))
    return 'none';
  if (list?.sound !== undefined && list.sound !== null) return list.sound;
  if (category !== null) return CATEGORY_SOUNDS[category];
  return priority >= URGENT_FROM ? 'alarm' : 'bell';
}
