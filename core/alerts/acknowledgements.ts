/** Somebody has taken an alert, and what became of it: in the console, by a link without signing in, or by a flow. */

export const OUTCOMES = ['correct', 'misread', 'wrong_list', 'recovered', 'dismissed'] as const;
export type Outcome = (typeof OUTCOMES)[number];
export type How = 'console' | 'link' | 'flow';

export interface Acknowledgement {
  readonly alertId: string;
  readonly at: Date;
  /** Name of the user, of the person who was told, or of the flow. */
  readonly by: string;
  readonly userId: string | null;
  readonly how: How;
  /** Null: taken, the outcome is not known yet. */
  readonly outcome: Outcome | null;
  readonly note: string;
  /** When the outcome was said later than the rest, and by whom. */
  readonly judgedAt: Date | null;
  readonly judgedBy: string | null;
  readonly undoneAt: Date | null;
  readonly undoneBy: string | null;
}

export interface Acknowledging {
  readonly by: string;
  readonly userId: string | null;
  readonly how: How;
  readonly outcome: Outcome | null;
  readonly note: string;
}

export interface Acknowledged {
  readonly acknowledgement: Acknowledgement;
  /** False: somebody was quicker, whose acknowledgement stands. */
  readonly isFirst: boolean;
}

/** What the page behind a link shows; nothing that a stranger should not see. */
export interface LinkedAlert {
  readonly alertId: string;
  readonly deliveryId: string;
  /** Who was sent the link. */
  readonly told: string;
  readonly language: 'th' | 'en';
  readonly title: string;
  readonly maskedPlate: string | null;
  readonly cameraName: string;
  readonly at: Date;
  readonly isRetracted: boolean;
  /** Null: nobody has taken it. */
  readonly acknowledgement: Acknowledgement | null;
  /** `used`: this very link took it; `expired`: its time is over. */
  readonly state: 'open' | 'used' | 'expired';
}

export interface Figure {
  /** Id of the rule, list or camera, or the day; null: none. */
  readonly key: string | null;
  readonly name: string;
  readonly alerts: number;
  readonly acknowledged: number;
  /** From raised to acknowledged. */
  readonly medianSeconds: number | null;
  readonly p90Seconds: number | null;
  readonly outcomes: Readonly<Record<Outcome, number>>;
}
export type FigureBy = 'all' | 'rule' | 'list' | 'camera' | 'day';

export interface Acknowledgements {
  /** The first one stands. @throws not_found, conflict when the alert was taken back */
  acknowledge(alertId: string, input: Acknowledging): Promise<Acknowledged>;
  /** Says or corrects what became of it. @throws not_found, conflict when nobody has taken it */
  judge(
    alertId: string,
    outcome: Outcome,
    note: string,
    by: { readonly userId: string; readonly name: string },
  ): Promise<Acknowledgement>;
  /** Within five minutes. What escalated goes on. @throws not_found, conflict when it is too late */
  undo(alertId: string, by: string): Promise<void>;
  /** Until when it can be taken back; null: not any more. */
  undoUntil(acknowledgement: Acknowledgement): Date | null;
  /** Newest last, those that were taken back too. */
  history(alertId: string): Promise<readonly Acknowledgement[]>;
  /** The people of a hit decided about it: its alerts are taken with that. Null: undecided again, they stay taken. */
  decided(
    hitIds: readonly string[],
    outcome: Outcome | null,
    note: string,
    by: { readonly userId: string; readonly name: string },
  ): Promise<void>;
  /** A page that acknowledges after a press of its button, for whoever is sent this delivery; null without `PUBLIC_URL`. */
  link(alertId: string, deliveryId: string): Promise<string | null>;
  /** Changes nothing. Null: no such link. */
  look(token: string): Promise<LinkedAlert | null>;
  /** Takes the alert by its link, which is used up by that. Null: no such link, or it was used, or its time is over. */
  follow(
    token: string,
    outcome: Outcome | null,
  ): Promise<{ readonly linked: LinkedAlert; readonly isFirst: boolean } | null>;
  /** Alerts of covert lists count where the asker may know of them. Per rule, list, camera or day of the site, most alerts first (days: newest first). */
  figures(by: FigureBy, days: number, withCovert: boolean): Promise<readonly Figure[]>;
  /** Lets go of links whose time was over a week ago; hands on outcomes, and tells of who took an alert, where a crash held that up. */
  sweep(): Promise<void>;
}

export interface NewLink {
  readonly tokenHash: Buffer;
  readonly alertId: string;
  readonly deliveryId: string;
  readonly createdAt: Date;
  readonly expiresAt: Date;
}

export interface StoredLink extends Omit<LinkedAlert, 'maskedPlate' | 'state' | 'acknowledgement'> {
  readonly plateNumber: string | null;
  readonly expiresAt: Date;
  readonly usedAt: Date | null;
}

/** What acknowledgements need of a database. */
export interface AcknowledgementStore {
  /**
   * In one transaction: the acknowledgement, the alert's mark, the end of its escalations, what they still wanted sent; with
   * `link` only when that can be used, and then it is used up. Null: no such alert; `link`: it cannot be used.
   */
  acknowledge(
    alertId: string,
    input: Acknowledging,
    at: Date,
    link: Buffer | null,
  ): Promise<Acknowledged | 'retracted' | 'link' | null>;
  judge(alertId: string, outcome: Outcome, note: string, at: Date, by: string): Promise<Acknowledgement | null>;
  /** What became of these hits is not known any more. Gives the alerts of which that was said. */
  unjudge(hitIds: readonly string[]): Promise<readonly string[]>;
  /** Null: there is none; false: it is older than `since`. What was stopped by it goes on. */
  undo(alertId: string, by: string, at: Date, since: Date): Promise<boolean | null>;
  history(alertId: string): Promise<readonly Acknowledgement[]>;
  /** Open alerts of these hits, and those taken without an outcome. */
  alertsOf(hitIds: readonly string[]): Promise<readonly string[]>;
  hitOf(alertId: string): Promise<string | null>;
  addLink(link: NewLink): Promise<void>;
  link(tokenHash: Buffer): Promise<StoredLink | null>;
  figures(by: FigureBy, since: Date, timeZone: string, withCovert: boolean): Promise<readonly Figure[]>;
  removeLinks(before: Date): Promise<void>;
  /** Said since, and those who were told of the alert have not heard of it yet. */
  untold(since: Date): Promise<readonly Pick<Acknowledgement, 'alertId' | 'at'>[]>;
  takenTold(alertId: string, at: Date): Promise<void>;
  /** Outcomes said since that did not come to their hit. */
  undecided(since: Date): Promise<
    readonly {
      readonly hitId: string;
      readonly outcome: Outcome;
      readonly userId: string | null;
      readonly note: string;
    }[]
  >;
}
