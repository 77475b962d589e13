/** The rules as they are in force, compiled and fresh in every process, and the surroundings that their conditions ask. */
import type { Calendars } from '../calendars/calendars.ts';
import type { Cameras } from '../cameras/cameras.ts';
import type { DetectionSummary } from '../detections/detections.ts';
import { errorMessage } from '../errors.ts';
import type { Events } from '../events.ts';
import { keepFresh } from '../kept-fresh.ts';
import type { News } from '../news.ts';
import type { Log } from '../plugins/define.ts';
import type { AlertStore, RuleStore } from './alert-store.ts';
import { compileRule, subjectOf, type CompiledRule, type Matter, type Surroundings } from './compile-rule.ts';
import type { AlertSubject } from './alerts.ts';

/** Zones and checkpoints change seldom, and another process does not tell of them. */
const PLACES_MS = 30_000;
const CHANGED_MS = 1_000;

export interface RuleBookDependencies {
  readonly rules: Pick<RuleStore, 'all'>;
  readonly settings: AlertStore['settings'];
  readonly cameras: Pick<Cameras, 'list' | 'zones'>;
  readonly calendars: Pick<Calendars, 'includes'>;
  readonly summary: (detectionId: string) => Promise<DetectionSummary | null>;
  readonly news: Pick<News, 'on'>;
  readonly events: Events;
  readonly log: Log;
}

export interface Finding {
  readonly rule: CompiledRule['rule'];
  readonly subject: AlertSubject;
}

export interface RuleBook extends Surroundings {
  /** The rules whose business it is, with what the alert would be about. No database is asked when there are none. */
  find(matter: Matter): Promise<readonly Finding[]>;
  /** Null when it was removed or is switched off. */
  rule(ruleId: string): CompiledRule | null;
  /** Of rules that are switched off too: what they hold back stays held. Null: none, or no such rule. */
  quietCalendarOf(ruleId: string): string | null;
  watchesCameras(): boolean;
  /** Null: there is no such camera. */
  cameraName(cameraId: string): string | null;
  budgetPerDay(): number | null;
  reload(): Promise<void>;
  start(): Promise<void>;
  stop(): void;
}

export function createRuleBook(dependencies: RuleBookDependencies): RuleBook {
  const { rules, settings, cameras, calendars, summary, news, events, log } = dependencies;
  let compiled: readonly CompiledRule[] = [];
  let budget: number | null = null;
  let quiet = new Map<string, string | null>();
  let zones = new Map<string, Set<string>>();
  let checkpoints = new Map<string, string | null>();
  let names = new Map<string, string>();
  let timer: NodeJS.Timeout | undefined;
  let changed: NodeJS.Timeout | undefined;
  let forget: readonly (() => void)[] = [];
  const NONE: ReadonlySet<string> = new Set();

  const around: Surroundings = {
    zonesOf: (cameraId) => zones.get(cameraId) ?? NONE,
    checkpointOf: (cameraId) => checkpoints.get(cameraId) ?? null,
    includes(calendarId, at) {
      try {
        return calendars.includes(calendarId, at);
      } catch {
        // It was removed under the rule: a time that nobody knows does not come.
        return false;
      }
    },
  };

  const rulesCopy = keepFresh({
    what: 'the alert rules',
    topics: ['rules'],
    ...{ news, log },
    load: () => Promise.all([rules.all(), settings()]),
    apply([all, { budgetPerDay }]) {
      quiet = new Map(all.map(({ ruleId, quietCalendarId }) => [ruleId, quietCalendarId]));
      compiled = all.filter(({ enabled }) => enabled).map((rule) => compileRule(rule, around));
      budget = budgetPerDay;
    },
  });
  const places = keepFresh({
    what: 'where cameras stand',
    topics: [],
    ...{ news, log },
    load: () => Promise.all([cameras.list(), cameras.zones()]),
    apply([allCameras, allZones]) {
      const fresh = new Map<string, Set<string>>();
      for (const { zoneId, cameras: members } of allZones) {
        for (const { cameraId } of members) fresh.set(cameraId, (fresh.get(cameraId) ?? new Set()).add(zoneId));
      }
      zones = fresh;
      names = new Map(allCameras.map(({ cameraId, name }) => [cameraId, name]));
      checkpoints = new Map(allCameras.map(({ cameraId, checkpointId }) => [cameraId, checkpointId]));
    },
  });
  const placesSoon = (): void => {
    // They change in swarms.
    changed ??= setTimeout(() => {
      changed = undefined;
      places.refresh().catch((error: unknown) => {
        log.warn({ err: errorMessage(error) }, 'where cameras stand could not be loaded anew; trying again');
        placesSoon();
      });
    }, CHANGED_MS).unref();
  };

  return {
    ...around,
    async find(matter) {
      const found: Finding[] = [];
      let known: DetectionSummary | null | undefined;
      for (const { rule, judge, needsSummary } of compiled) {
        let held = judge(matter);
        if (held !== null && needsSummary && matter.detection !== null) {
          known ??= await summary(matter.detection.detectionId);
          held = known === null ? null : judge({ ...matter, detection: known });
        }
        const subject = held === null ? null : subjectOf(matter, held);
        if (subject !== null) found.push({ rule, subject });
      }
      return found;
    },
    rule: (ruleId) => compiled.find(({ rule }) => rule.ruleId === ruleId) ?? null,
    cameraName: (cameraId) => names.get(cameraId) ?? null,
    quietCalendarOf: (ruleId) => quiet.get(ruleId) ?? null,
    watchesCameras: () => compiled.some(({ usesCameras }) => usesCameras),
    budgetPerDay: () => budget,
    reload: () => rulesCopy.refresh(),
    async start() {
      forget = [events.on('camera.changed', placesSoon), events.on('places.changed', placesSoon)];
      await rulesCopy.start();
      await places.start();
      timer = setInterval(placesSoon, PLACES_MS).unref();
    },
    stop() {
      clearInterval(timer);
      clearTimeout(changed);
      for (const stopListening of forget) stopListening();
      rulesCopy.stop();
      places.stop();
    },
  };
}
