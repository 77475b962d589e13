/**
 * Escalations: whom to tell next while nobody acknowledges. The timers lie in the database: whatever ends the process, no step
 * is lost and none is told twice.
 */
import type { DeliveryOrder } from './channels.ts';
import type { Target } from './people.ts';

export interface EscalationTelling {
  readonly channelId: string;
  /** Empty: those whom the channel tells by itself. */
  readonly to: readonly Target[];
}

export interface EscalationStep {
  /** Since the round began. */
  readonly afterSeconds: number;
  readonly tells: readonly EscalationTelling[];
}

export interface EscalationInput {
  readonly name: string;
  /** Each later than the one before it. */
  readonly steps: readonly EscalationStep[];
  /** Further rounds after the first. */
  readonly repeats: number;
  /** From the last step to the next round. */
  readonly repeatAfterSeconds: number;
  /** Those who were told hear who acknowledged it. */
  readonly tellsTaken: boolean;
}

export interface Escalation extends EscalationInput {
  readonly escalationId: string;
  readonly createdAt: Date;
  /** Alerts that it is at work on. */
  readonly running: number;
}

export type StopCause = 'acknowledged' | 'retracted' | 'ended' | 'person';

/** An escalation at work on an alert. */
export interface Run {
  readonly runId: string;
  readonly alertId: string;
  readonly escalationId: string;
  /** Whether it was removed since. */
  readonly isRemoved: boolean;
  readonly name: string;
  readonly steps: readonly EscalationStep[];
  readonly repeats: number;
  readonly repeatAfterSeconds: number;
  readonly tellsTaken: boolean;
  readonly startedAt: Date;
  /** Name of the person who began it; null: a rule or a flow. */
  readonly startedBy: string | null;
  readonly state: 'running' | 'done' | 'stopped';
  readonly stoppedBy: StopCause | null;
  readonly stoppedAt: Date | null;
  /** From 0. */
  readonly round: number;
  readonly roundBeganAt: Date;
  /** The next one, from 0. */
  readonly step: number;
  readonly nextAt: Date;
}

/** Somebody whom a step could not tell. */
export interface Trouble {
  readonly who: string;
  readonly why: 'nobody_on_duty' | 'no_address' | 'channel_gone' | 'channel_off' | 'target_gone';
}

export interface StepRecord {
  readonly runId: string;
  readonly round: number;
  readonly step: number;
  readonly ranAt: Date;
  readonly orders: readonly DeliveryOrder[];
  readonly troubles: readonly Trouble[];
  /** `open`: not handed to the outbox yet; `dropped`: the alert was answered in between. */
  readonly state: 'open' | 'ordered' | 'dropped';
}

export interface Escalations {
  list(): Promise<readonly Escalation[]>;
  /** @throws name_taken, invalid_input naming the field */
  create(input: EscalationInput): Promise<Escalation>;
  /** Those at work go on as they began. @throws not_found, name_taken, invalid_input */
  update(escalationId: string, change: Partial<EscalationInput>): Promise<Escalation>;
  /** @throws not_found, conflict naming the rules that need it */
  remove(escalationId: string): Promise<void>;
  /**
   * Begins on an alert; the same alert and escalation once, and once more when one that was taken back stands again. False: it began before, or the alert is not open.
   * @param by name of the person; null: a rule or a flow
   * @throws not_found
   */
  begin(alertId: string, escalationId: string, by: string | null): Promise<boolean>;
  /** Oldest first. */
  runs(alertId: string): Promise<readonly Run[]>;
  steps(alertId: string): Promise<readonly StepRecord[]>;
  /** Runs what is due, now. */
  runDue(): Promise<void>;
  /** After an alert was answered: tells those who were told, where the escalation says so; the same key once. */
  tellTaken(alertId: string, key: string): Promise<void>;
  /** Begins with what is overdue. After the jobs have started. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

export interface NewRun extends Pick<
  Run,
  | 'runId'
  | 'alertId'
  | 'escalationId'
  | 'name'
  | 'steps'
  | 'repeats'
  | 'repeatAfterSeconds'
  | 'tellsTaken'
  | 'startedBy'
> {
  readonly startedAt: Date;
  readonly nextAt: Date;
}

/** What escalations need of a database. */
export interface EscalationStore {
  list(): Promise<readonly Escalation[]>;
  /** Adds it, or makes it so. @throws name_taken */
  save(escalation: Omit<Escalation, 'createdAt' | 'running'>): Promise<void>;
  remove(escalationId: string): Promise<void>;
  /** Names of the rules that begin it. */
  rulesNaming(escalationId: string): Promise<readonly string[]>;
  /** Null: there is no such alert. False: it began before, or the alert is not open. */
  begin(run: NewRun): Promise<boolean | null>;
  due(now: Date, limit: number): Promise<readonly Run[]>;
  /**
   * In one transaction: the step and the timer's advance, or the run's end where its alert is not open any more. Nothing where
   * somebody else was quicker. Gives the step's record when it is to be told.
   */
  advance(
    run: Pick<Run, 'runId' | 'alertId' | 'round' | 'step'>,
    record: Pick<StepRecord, 'ranAt' | 'orders' | 'troubles'>,
    next: Pick<Run, 'round' | 'step' | 'roundBeganAt' | 'nextAt'> | null,
  ): Promise<boolean>;
  /** Steps that were not handed to the outbox, with their alert; those of runs that were stopped since are dropped. */
  openSteps(limit: number): Promise<readonly (StepRecord & Pick<Run, 'alertId' | 'escalationId'>)[]>;
  ordered(step: Pick<StepRecord, 'runId' | 'round' | 'step'>): Promise<void>;
  runs(alertId: string): Promise<readonly Run[]>;
  steps(alertId: string): Promise<readonly StepRecord[]>;
}
