/** What the form of each alert channel asks whose target may lie anywhere: the hub guards its own network for all of them. */
import { flag } from '../fields.ts';

export const REACH_FIELDS = {
  /** The target may lie on the hub's own machine or network. */
  allowPrivate: flag(),
};
