/** The one thing that the console shares with the hub: the types of its API. */
export type * from '../../../core/api/contract.ts';
