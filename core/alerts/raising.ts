/** From what rules find to alerts with their notices, once each, and back again when it turns out otherwise. */
import { randomUUID } from 'node:crypto';
import type { DetectionSummary } from '../detections/detections.ts';
import { LprError } from '../errors.ts';
import { isLate } from '../ingest/inbox-entry.ts';
import type { AlertPart, GeofencePart, HitPart } from '../message.ts';
import { wallOf } from '../site-day.ts';
import type { AlertStore, Budget, NewAlert, NewDelivery, Raised } from './alert-store.ts';
import type { Alert, AlertCause, Alerts, AlertSubject } from './alerts.ts';
import { matterOf, matterOfDetection, sameness, subjectOf, type Matter } from './compile-rule.ts';
import type { RuleBook } from './rule-book.ts';
import type { Rule } from './rules.ts';
import type { RuleTitles } from './rule-title.ts';

/** What a correction shows of a time longer ago is listed and calls nobody. */
const CORRECTION_TOLD_MS = 24 * 3_600_000;
const DEFAULT_PRIORITY = 50;

export type AlertEvent = 'alert.raised' | 'alert.updated' | 'alert.retracted' | 'alert.acknowledged';

export interface RaisingDependencies {
  readonly store: AlertStore;
  readonly titles: RuleTitles;
  readonly book: RuleBook;
  /** Notices to everybody whom these channels tell by themselves; of a covert list not to those who may not know of it. */
  readonly orders: (channelIds: readonly string[], hold: Hold, isCovert: boolean) => Promise<readonly NewDelivery[]>;
  readonly wake: (channelIds: readonly string[]) => void;
  readonly tell: (event: AlertEvent, alert: Alert) => void;
  readonly summary: (detectionId: string) => Promise<DetectionSummary | null>;
  /** `confirm` is called then, or soon after, with every alert whose time has come. */
  readonly confirmLater: (at: Date) => Promise<void>;
  /** What a recorded detection showed at geofences; the same again when it is asked again. */
  readonly geofenceEvents: (detection: DetectionSummary) => Promise<readonly GeofencePart[]>;
  /** Starts an escalation; the same alert and escalation once. */
  readonly escalate: (alertId: string, escalationId: string) => Promise<void>;
  readonly timeZone: () => string;
  readonly now: () => Date;
}

export type Hold = Pick<NewDelivery, 'heldBy' | 'heldSeconds'>;
const isCovert = ({ hit }: Matter): boolean => hit?.isCovert === true;
const NOT_HELD: Hold = { heldBy: null, heldSeconds: null };

type Raising = Pick<Alerts, 'consider' | 'raise' | 'reconsider' | 'retract' | 'confirm'> & {
  /** Alerts that were taken back anywhere: those who were told hear of it, what came again is looked at by itself. */
  followRetractions(): Promise<void>;
  raiseMatter(matter: Matter): Promise<readonly AlertPart[]>;
  beginEscalations(): Promise<void>;
};

export function createRaising(dependencies: RaisingDependencies): Raising {
  const { store, titles, book, orders, wake, tell, summary, confirmLater, escalate, timeZone, now } = dependencies;
  const { geofenceEvents } = dependencies;

  /** Whom an escalation would wake in quiet hours it wakes at their end: the sweep begins it then. */
  const escalateUnlessQuiet = async (
    rule: Rule | null,
    { alertId, escalationId, priority }: Pick<Alert, 'alertId' | 'escalationId' | 'priority'>,
  ): Promise<void> => {
    if (escalationId === null) return;
    if (rule !== null && holdOf(rule, priority).heldBy === 'quiet_hours') return;
    await escalate(alertId, escalationId);
  };

  const holdOf = ({ urgentFrom, quietCalendarId, digestMinutes }: Rule, priority: number): Hold => {
    if (urgentFrom !== null && priority >= urgentFrom) return NOT_HELD;
    if (quietCalendarId !== null && book.includes(quietCalendarId, now())) {
      return { heldBy: 'quiet_hours', heldSeconds: null };
    }
    return digestMinutes === null ? NOT_HELD : { heldBy: 'digest', heldSeconds: digestMinutes * 60 };
  };

  const budgetOf = (perRule: number | null): Budget | null => {
    const perDay = book.budgetPerDay();
    if (perRule === null && perDay === null) return null;
    return { day: new Date(wallOf(timeZone(), now())).toISOString().slice(0, 10), perRule, perDay };
  };

  const baseOf = (matter: Matter, subject: AlertSubject, cause: AlertCause) => {
    const { cameraId, capturedAt, detection, hit, geofence, camera } = matter;
    return {
      ...{ alertId: randomUUID(), subject, matter: sameness(matter, subject), cause, cameraId, capturedAt, geofence },
      ...{ detectionId: detection?.detectionId ?? null, plateNumber: detection?.plateNumber ?? null },
      ...{ issuingEntity: detection?.issuingEntity ?? null, countryCode: detection?.countryCode ?? null },
      ...{ plateType: detection?.plateType ?? null, confidence: detection?.confidence ?? null },
      // What the hit is of belongs to it, even where the alert is about the geofence.
      ...{ hit, category: hit?.category ?? null, cameraTrouble: camera?.trouble ?? null },
    };
  };

  const causeOf = (matter: Matter, isCorrection: boolean): AlertCause =>
    matter.isLate ? 'late' : isCorrection ? 'correction' : 'live';
  const callsNobody = ({ cause, capturedAt }: Pick<NewAlert, 'cause' | 'capturedAt'>): boolean =>
    cause === 'late' || (cause === 'correction' && now().getTime() - capturedAt.getTime() > CORRECTION_TOLD_MS);

  /** What follows a transaction; a crash before it loses nothing, each of these is looked for again. */
  const follow = async (
    { alert, outcome, confirmAt, channelIds }: Raised,
    isPending: boolean,
    rule: Rule | null,
  ): Promise<void> => {
    wake(channelIds);
    if (confirmAt !== null) await confirmLater(confirmAt);
    if (isPending || alert.cause === 'late') return;
    if (outcome === 'repeat') tell('alert.updated', alert);
    if (outcome !== 'new' && outcome !== 'again') return;
    tell('alert.raised', alert);
    if (!alert.isOverBudget) await escalateUnlessQuiet(rule, alert);
  };

  /** Whether it is shown from now on. */
  const confirm = async (alertId: string): Promise<boolean> => {
    const unsettled = await store.unsettled(alertId);
    if (unsettled === null) return false;
    const { alert, isPending, status, settlesAt } = unsettled;
    if (status === 'rejected') {
      await store.retract({ alertIds: [alertId] });
      await followRetractions();
      return false;
    }
    if (status === 'provisional' || status === null) {
      // More reads came, or it is not written yet. What is never written is no detection, and nobody waits for it for ever.
      const isGivenUp = status === null && now().getTime() - alert.raisedAt.getTime() > CORRECTION_TOLD_MS;
      if (isGivenUp) {
        await store.retract({ alertIds: [alertId] });
        await followRetractions();
        return false;
      }
      const at = new Date(Math.max(settlesAt?.getTime() ?? 0, now().getTime() + 1_000));
      await store.confirmAt(alertId, at);
      await confirmLater(at);
      return false;
    }
    const rule = alert.ruleId === null ? null : book.rule(alert.ruleId);
    const notices =
      rule === null
        ? []
        : await orders(rule.rule.channelIds, holdOf(rule.rule, alert.priority), alert.list?.isCovert === true);
    const settled = await store.settle(alertId, notices, budgetOf(rule?.rule.budgetPerDay ?? null));
    if (settled === null) return false;
    wake(settled.channelIds);
    tell(isPending ? 'alert.raised' : 'alert.updated', settled.alert);
    if (isPending && !settled.alert.isOverBudget) await escalateUnlessQuiet(rule?.rule ?? null, settled.alert);
    return isPending;
  };

  const raiseByRule = async (
    rule: Rule,
    subject: AlertSubject,
    matter: Matter,
    isCorrection: boolean,
  ): Promise<AlertPart | null> => {
    const base = baseOf(matter, subject, causeOf(matter, isCorrection));
    const priority = rule.priority ?? matter.hit?.priority ?? DEFAULT_PRIORITY;
    const isSilent = callsNobody(base);
    const mayChange = matter.detection?.status === 'provisional' && !isSilent;
    const isPending = rule.confirmation === 'wait' && mayChange;
    const alert: NewAlert = {
      ...base,
      ...{ ruleId: rule.ruleId, ruleName: rule.name, ruleKey: rule.ruleId, rearmSeconds: rule.rearmSeconds, priority },
      title: titles.make(rule, matter, subject.kind, priority),
      ...{ isPending, isProvisional: rule.confirmation === 'provisional' && mayChange },
      escalationId: isSilent ? null : rule.escalationId,
    };
    const notices =
      isSilent || isPending ? [] : await orders(rule.channelIds, holdOf(rule, priority), isCovert(matter));
    const raised = await store.raise(alert, notices, budgetOf(rule.budgetPerDay));
    await follow(raised, isPending, rule);
    const { alertId, title } = raised.alert;
    // A later read, or the person at the screen, has settled it.
    const isSettled = raised.outcome === 'known' && rule.confirmation !== 'at_once' && !mayChange;
    const isShownNow = isSettled && (await confirm(alertId));
    if (isPending) return null;
    const isNew = isShownNow || ['new', 'again'].includes(raised.outcome);
    return { alertId, title, priority: raised.alert.priority, isNew };
  };

  const raiseAll = async (matter: Matter, isCorrection: boolean): Promise<readonly AlertPart[]> => {
    const parts: AlertPart[] = [];
    for (const { rule, subject } of await book.find(matter)) {
      const part = await raiseByRule(rule, subject, matter, isCorrection);
      if (part !== null) parts.push(part);
    }
    return parts;
  };

  const lateOf = ({ capturedAt, capturedAtSource, receivedAt }: DetectionSummary): boolean =>
    isLate(capturedAt, capturedAtSource, receivedAt);

  const raiseOf = async (
    detection: DetectionSummary,
    hits: readonly HitPart[],
    isCorrection: boolean,
  ): Promise<readonly AlertPart[]> => {
    const parts: AlertPart[] = [];
    for (const hit of hits.length === 0 ? [null] : hits) {
      const matter = matterOfDetection(detection, { hit, geofence: null, isLate: lateOf(detection) });
      parts.push(...(await raiseAll(matter, isCorrection)));
    }
    return parts;
  };

  const raiseOfEvents = async (
    detection: DetectionSummary,
    events: readonly GeofencePart[],
    isCorrection: boolean,
  ): Promise<void> => {
    for (const geofence of events) {
      await raiseAll(matterOfDetection(detection, { hit: null, geofence, isLate: lateOf(detection) }), isCorrection);
    }
  };

  const followRetractions = async (): Promise<void> => {
    for (;;) {
      const { alerts, channelIds } = await store.takeRetractions();
      wake(channelIds);
      for (const alert of alerts) tell('alert.retracted', alert);
      if (alerts.length === 0) break;
    }
    for (const open of await store.openSubjects(500)) {
      const detection = open.detectionId === null ? null : await summary(open.detectionId);
      if (detection !== null && open.subject.kind === 'geofence') {
        const event = (await geofenceEvents(detection)).find((one) => one.geofenceEventId === open.subject.id);
        if (event !== undefined) await raiseOfEvents(detection, [event], false);
      } else if (detection !== null) await raiseOf(detection, detection.hits, false);
      // Whatever became of it: it has been looked at.
      await store.dropOpenSubject(open);
    }
  };

  const raising: Raising = {
    consider: (message) => raiseAll(matterOf(message), false),
    raiseMatter: (matter) => raiseAll(matter, false),
    async raise(message, { channelId = '', title = '', priority = null }) {
      const problems = titles.faults(title);
      if (problems.length > 0) {
        throw new LprError('invalid_input', 'The title of the alert names what there is not.', { problems });
      }
      const matter = matterOf(message);
      const subject = subjectOf(matter, ['geofence', 'hit']);
      if (subject === null)
        throw new LprError('message_incomplete', 'The message lost its detection: keep msg.lpr whole.');
      const base = baseOf(matter, subject, causeOf(matter, false));
      const stands = priority ?? matter.hit?.priority ?? DEFAULT_PRIORITY;
      const alert: NewAlert = {
        ...base,
        ...{ ruleId: null, ruleName: null, ruleKey: `flow:${title}`, rearmSeconds: 0, isPending: false },
        ...{ isProvisional: false, escalationId: null },
        title: titles.make({ title, name: null }, matter, subject.kind, stands),
        priority: stands,
      };
      const notices =
        callsNobody(alert) || channelId === '' ? [] : await orders([channelId], NOT_HELD, isCovert(matter));
      const raised = await store.raise(alert, notices, budgetOf(null));
      await follow(raised, false, null);
      const { alertId } = raised.alert;
      return {
        alertId,
        title: raised.alert.title,
        priority: raised.alert.priority,
        isNew: ['new', 'again'].includes(raised.outcome),
      };
    },
    async reconsider(detection, { added, events = [], adds }) {
      const gone: string[] = [];
      for (const { alert, hit, geofencePart } of await store.standing(detection.detectionId)) {
        // Those of a hit are taken back with it.
        if (alert.ruleId === null || alert.hitId !== null) continue;
        const rule = book.rule(alert.ruleId);
        if (rule === null) continue;
        const parts = { hit, geofence: geofencePart, isLate: alert.cause === 'late' };
        if (rule.judge(matterOfDetection(detection, parts)) === null) gone.push(alert.alertId);
      }
      if (gone.length > 0) await store.retract({ alertIds: gone });
      await followRetractions();
      if (!adds) return;
      await raiseOf(detection, added, true);
      await raiseOfEvents(detection, events, true);
    },
    async retract(hitIds, geofenceEventIds = []) {
      if (hitIds.length + geofenceEventIds.length === 0) return;
      await store.retract({ hitIds, geofenceEventIds });
      await followRetractions();
    },
    async confirm(alertId) {
      await confirm(alertId);
    },
    followRetractions,
    async beginEscalations() {
      for (const alert of await store.unbegun()) {
        await escalateUnlessQuiet(alert.ruleId === null ? null : (book.rule(alert.ruleId)?.rule ?? null), alert);
      }
    },
  };
  return raising;
}
