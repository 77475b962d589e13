import { randomUUID } from 'node:crypto';
import { errorMessage, LprError, type FieldProblem } from '../errors.ts';
import type { Jobs } from '../jobs.ts';
import type { AddressKind, Log } from '../plugins/define.ts';
import type { DeliveryOrder } from './channels.ts';
import type {
  EscalationInput,
  Escalations,
  EscalationStore,
  EscalationTelling,
  Run,
  StepRecord,
  Trouble,
} from './escalations.ts';
import type { People, Person } from './people.ts';

/** A channel as a step sees it. */
export interface TellingChannel {
  readonly channelId: string;
  readonly name: string;
  readonly enabled: boolean;
  /** Null: it has one target of its own, whoever is to be told. */
  readonly address: AddressKind | null;
}

export interface EscalationsDependencies {
  readonly store: EscalationStore;
  readonly people: Pick<People, 'recipients' | 'assertTargets'>;
  readonly jobs: Pick<Jobs, 'work' | 'every' | 'send'>;
  readonly channels: () => Promise<readonly TellingChannel[]>;
  /** Browsers of an account, as channels of kind `push` take them. */
  readonly pushAddresses: (userId: string) => Promise<readonly string[]>;
  /** Hands notices to the outbox; each alert, channel, kind, address and key once. */
  readonly order: (alertId: string, orders: readonly DeliveryOrder[]) => Promise<void>;
  /** Notes that more people are told from now on. */
  readonly markEscalated: (alertId: string, escalationId: string) => Promise<void>;
  readonly log: Log;
  readonly now?: () => Date;
}

const STEPS = 'escalations.step';
const SWEEP = 'escalations.sweep';
const AT_ONCE = 100;

function assertTimes({ steps }: EscalationInput): void {
  const problems = steps.flatMap(({ afterSeconds }, index): FieldProblem[] => {
    const before = steps[index - 1];
    return before !== undefined && afterSeconds <= before.afterSeconds
      ? [{ field: `steps.${index}.afterSeconds`, problem: 'must be later than the step before it' }]
      : [];
  });
  if (problems.length === 0) return;
  throw new LprError('invalid_input', 'The steps of an escalation must follow one another.', { problems });
}

/** Where a run stands after its next step; null: that was the last one. */
function after(run: Run, now: Date): Pick<Run, 'round' | 'step' | 'roundBeganAt' | 'nextAt'> | null {
  const { round, step, steps, repeats, repeatAfterSeconds, roundBeganAt } = run;
  const at = (from: Date, seconds: number): Date => new Date(from.getTime() + seconds * 1000);
  const next = steps[step + 1];
  // Steps that became overdue while the hub was down all run now: people have waited long enough.
  if (next !== undefined) return { round, step: step + 1, roundBeganAt, nextAt: at(roundBeganAt, next.afterSeconds) };
  if (round >= repeats) return null;
  // Whole rounds do not: between them people have their time, however late this one was.
  const planned = at(roundBeganAt, (steps.at(-1)?.afterSeconds ?? 0) + repeatAfterSeconds);
  const earliest = at(now, repeatAfterSeconds);
  const began = planned > earliest ? planned : earliest;
  return { round: round + 1, step: 0, roundBeganAt: began, nextAt: at(began, steps[0]?.afterSeconds ?? 0) };
}

export function createEscalations({
  store,
  people,
  jobs,
  channels,
  pushAddresses,
  order,
  markEscalated,
  log,
  now = () => new Date(),
}: EscalationsDependencies): Escalations {
  let working: Promise<void> | null = null;
  let isWanted = false;
  let isStopped = false;

  const addressesOf = async (person: Person, kind: AddressKind): Promise<readonly string[]> => {
    const own = person.addresses.filter((one) => one.kind === kind).map(({ address }) => address);
    const browsers = kind === 'push' && person.userId !== null ? await pushAddresses(person.userId) : [];
    return [...new Set([...own, ...browsers])];
  };

  /** Whom one telling of a step reaches now, and whom it does not. */
  const ordersOf = async (
    { channelId, to }: EscalationTelling,
    known: readonly TellingChannel[],
    key: string,
    at: Date,
  ): Promise<{ readonly orders: readonly DeliveryOrder[]; readonly troubles: readonly Trouble[] }> => {
    const channel = known.find((one) => one.channelId === channelId);
    if (channel === undefined) return { orders: [], troubles: [{ who: channelId, why: 'channel_gone' }] };
    if (!channel.enabled) return { orders: [], troubles: [{ who: channel.name, why: 'channel_off' }] };
    const plain: DeliveryOrder = {
      ...{ channelId, kind: 'escalation', address: '', person: null, language: null, key },
    };
    const kind = channel.address;
    if (to.length === 0 || kind === null) return { orders: [plain], troubles: [] };
    const troubles: Trouble[] = [];
    const told = new Map<string, Person>();
    for (const target of to) {
      try {
        const { people: found, nobody } = await people.recipients([target], at);
        troubles.push(...nobody.map((who) => ({ who, why: 'nobody_on_duty' as const })));
        for (const person of found) told.set(person.personId, person);
      } catch (error) {
        // What was removed after the escalation began must not keep the others from being told.
        if ((error as { code?: unknown }).code !== 'not_found') throw error;
        troubles.push({ who: channel.name, why: 'target_gone' });
      }
    }
    const orders: DeliveryOrder[] = [];
    for (const person of told.values()) {
      const addresses = await addressesOf(person, kind);
      if (addresses.length === 0) troubles.push({ who: person.name, why: 'no_address' });
      for (const address of addresses) {
        orders.push({ ...plain, address, person: person.name, language: person.language });
      }
    }
    return { orders, troubles };
  };

  const handOver = async (step: StepRecord & Pick<Run, 'alertId' | 'escalationId'>): Promise<void> => {
    if (step.orders.length > 0) await order(step.alertId, step.orders);
    await markEscalated(step.alertId, step.escalationId);
    await store.ordered(step);
  };

  const runStep = async (run: Run): Promise<void> => {
    const at = now();
    const tells = run.steps[run.step]?.tells ?? [];
    const known = await channels();
    const key = `${run.runId}:${run.round}:${run.step}`;
    const orders = new Map<string, DeliveryOrder>();
    const troubles: Trouble[] = [];
    for (const telling of tells) {
      const found = await ordersOf(telling, known, key, at);
      troubles.push(...found.troubles);
      // Somebody in two groups is told once.
      for (const one of found.orders) orders.set(`${one.channelId} ${one.address}`, one);
    }
    const record = { ranAt: at, orders: [...orders.values()], troubles };
    const next = after(run, at);
    const isMine = await store.advance(run, record, next);
    if (!isMine) return;
    if (troubles.length > 0) {
      const what = { alertId: run.alertId, escalation: run.name, round: run.round, step: run.step };
      log.warn({ ...what, why: troubles.map(({ why }) => why) }, 'a step of an escalation could not tell everybody');
    }
    if (next !== null) await wake(next.nextAt);
  };

  /** The minutely sweep stands in where this fails. */
  const wake = async (nextAt: Date): Promise<void> => {
    try {
      // One look a second for whatever is due.
      const second = new Date(Math.ceil(nextAt.getTime() / 1000) * 1000);
      await jobs.send(STEPS, {}, { at: second, key: second.toISOString() });
    } catch (error) {
      log.warn({ err: errorMessage(error) }, 'the timer of an escalation could not be set; the sweep runs it');
    }
  };

  const runAll = async (): Promise<void> => {
    const stuck = new Set<string>();
    let failure: unknown = null;
    const attempt = async (runId: string, what: () => Promise<void>): Promise<void> => {
      try {
        await what();
      } catch (error) {
        // The others are told all the same; this one is tried again.
        stuck.add(runId);
        failure = error;
      }
    };
    const handOpen = async (): Promise<void> => {
      for (const step of await store.openSteps(AT_ONCE)) {
        if (!stuck.has(step.runId)) await attempt(step.runId, () => handOver(step));
      }
    };
    await handOpen();
    while (!isStopped) {
      const due = (await store.due(now(), AT_ONCE)).filter(({ runId }) => !stuck.has(runId));
      if (due.length === 0) break;
      for (const run of due) await attempt(run.runId, () => runStep(run));
      await handOpen();
    }
    if (failure !== null) throw failure instanceof Error ? failure : new Error(errorMessage(failure));
  };
  /** One at a time; who calls while one runs waits for a further one, which sees what is new. */
  const runDue = async (): Promise<void> => {
    isWanted = true;
    working ??= (async () => {
      try {
        while (isWanted && !isStopped) {
          isWanted = false;
          await runAll();
        }
      } finally {
        working = null;
      }
    })();
    await working;
  };

  const checked = async (input: EscalationInput): Promise<void> => {
    assertTimes(input);
    const known = await channels();
    for (const [index, { tells }] of input.steps.entries()) {
      for (const [nth, { channelId, to }] of tells.entries()) {
        const field = `steps.${index}.tells.${nth}`;
        if (!known.some((channel) => channel.channelId === channelId)) {
          throw new LprError('invalid_input', 'A step names a channel that is none.', {
            problems: [{ field: `${field}.channelId`, problem: 'names a channel that is none' }],
          });
        }
        await people.assertTargets(to, `${field}.to`);
      }
    }
  };
  const escalationOf = async (escalationId: string) => {
    const found = (await store.list()).find((one) => one.escalationId === escalationId);
    if (found === undefined) throw new LprError('not_found', 'There is no such escalation.');
    return found;
  };

  jobs.work(STEPS, () => runDue());
  jobs.every(SWEEP, '* * * * *', () => runDue());

  return {
    list: () => store.list(),
    async create(input) {
      await checked(input);
      const escalationId = randomUUID();
      await store.save({ ...input, escalationId });
      return escalationOf(escalationId);
    },
    async update(escalationId, change) {
      const changed = { ...(await escalationOf(escalationId)), ...change };
      await checked(changed);
      await store.save(changed);
      return escalationOf(escalationId);
    },
    async remove(escalationId) {
      await escalationOf(escalationId);
      const rules = await store.rulesNaming(escalationId);
      if (rules.length > 0) {
        const names = rules.map((name) => `"${name}"`).join(', ');
        throw new LprError('conflict', `The escalation is begun by the rules ${names}: give them another one first.`, {
          problems: rules.map((name) => ({ field: 'rule', problem: name })),
        });
      }
      await store.remove(escalationId);
    },
    async begin(alertId, escalationId, by) {
      const { name, steps, repeats, repeatAfterSeconds, tellsTaken } = await escalationOf(escalationId);
      const [runId, startedAt] = [randomUUID(), now()];
      const nextAt = new Date(startedAt.getTime() + (steps[0]?.afterSeconds ?? 0) * 1000);
      const hasBegun = await store.begin({
        ...{ runId, alertId, escalationId, name, steps, repeats, repeatAfterSeconds, tellsTaken },
        ...{ startedAt, startedBy: by, nextAt },
      });
      if (hasBegun === null) throw new LprError('not_found', 'There is no such alert.');
      if (!hasBegun) return false;
      if (nextAt <= startedAt) {
        void runDue().catch((error: unknown) => {
          log.warn({ err: errorMessage(error) }, 'a step of an escalation could not be run; trying again');
        });
      } else await wake(nextAt);
      return true;
    },
    runs: (alertId) => store.runs(alertId),
    steps: (alertId) => store.steps(alertId),
    runDue,
    async tellTaken(alertId, key) {
      const asked = (await store.runs(alertId)).filter(({ tellsTaken }) => tellsTaken);
      if (asked.length === 0) return;
      const ids = new Set(asked.map(({ runId }) => runId));
      const told = new Map<string, DeliveryOrder>();
      for (const { runId, orders, state } of await store.steps(alertId)) {
        if (!ids.has(runId) || state !== 'ordered') continue;
        for (const one of orders) told.set(`${one.channelId} ${one.address}`, { ...one, kind: 'taken', key });
      }
      if (told.size > 0) await order(alertId, [...told.values()]);
    },
    async start() {
      try {
        await runDue();
      } catch (error) {
        log.warn({ err: errorMessage(error) }, 'an overdue step of an escalation could not be run; trying again');
      }
    },
    async stop() {
      isStopped = true;
      await working?.catch(() => undefined);
    },
  };
}
