/** The records of rules, checked against what they point to, and what a rule would have done. */
import { randomUUID } from 'node:crypto';
import type { DetectionSummary } from '../detections/detections.ts';
import { LprError, type FieldProblem } from '../errors.ts';
import type { HitPart } from '../message.ts';
import type { RuleRefs, RuleStore } from './alert-store.ts';
import { conditionsOf, judgeOf, matterOfDetection, sameness, subjectOf } from './compile-rule.ts';
import type { RuleBook } from './rule-book.ts';
import type { RuleTitles } from './rule-title.ts';
import type { AlertRules, Rule, RuleCondition, RuleInput, RulePreview, RuleState } from './rules.ts';

const PREVIEW_MS = 7 * 86_400_000;
/** A busy site has more; that many are judged within a few seconds. */
const PREVIEW_MOST = 200_000;
const PAGE = 2_000;
const EXAMPLES = 20;
/** Of what comes from no list. */
const PRIORITY = 50;

export interface RulesDependencies {
  readonly store: RuleStore;
  readonly book: RuleBook;
  readonly titles: RuleTitles;
  /** Newest first, from a cursor of its own. */
  readonly detections: (
    from: Date,
    to: Date,
    after: DetectionSummary | null,
    limit: number,
  ) => Promise<readonly DetectionSummary[]>;
  readonly calendarExists: (calendarId: string) => boolean;
  readonly now?: () => Date;
}

const FIELD_OF: Readonly<Partial<Record<keyof RuleRefs, keyof RuleInput>>> = {
  ...{ channels: 'channelIds', escalations: 'escalationId' },
};
const refsOf = ({ groups, channelIds, escalationId }: RuleInput): RuleRefs => {
  const conditions = conditionsOf(groups);
  const of = (pick: (condition: RuleCondition) => readonly string[]): readonly string[] => [
    ...new Set(conditions.flatMap(pick)),
  ];
  return {
    channels: channelIds,
    escalations: escalationId === null ? [] : [escalationId],
    cameras: of((one) =>
      one.kind === 'place'
        ? one.cameraIds
        : one.kind === 'detection' && one.filter.cameraId
          ? [one.filter.cameraId]
          : [],
    ),
    zones: of((one) => (one.kind === 'place' ? one.zoneIds : [])),
    checkpoints: of((one) => (one.kind === 'place' ? one.checkpointIds : [])),
    blacklists: of((one) => (one.kind === 'hit' ? one.blacklistIds : [])),
  };
};

export function createRules(dependencies: RulesDependencies): AlertRules {
  const { store, book, titles, detections, calendarExists, now = () => new Date() } = dependencies;
  const NEVER: RuleState = { raisedToday: 0, lastRaisedAt: null };
  const withState = async (rule: Rule): Promise<Rule & RuleState> => ({
    ...rule,
    ...((await store.states()).get(rule.ruleId) ?? NEVER),
  });

  /** @throws invalid_input naming what it points to and is not there */
  const checked = async (input: RuleInput): Promise<void> => {
    const problems: FieldProblem[] = (await store.unknown(refsOf(input))).map(({ what, id }) => ({
      field: FIELD_OF[what] ?? 'groups',
      problem: `names one of the ${what} that does not exist (${id})`,
    }));
    const times = conditionsOf(input.groups).flatMap((one) => (one.kind === 'time' ? [one.calendarId] : []));
    for (const calendarId of times) {
      if (!calendarExists(calendarId))
        problems.push({ field: 'groups', problem: `names a calendar that does not exist (${calendarId})` });
    }
    if (input.quietCalendarId !== null && !calendarExists(input.quietCalendarId)) {
      problems.push({ field: 'quietCalendarId', problem: 'names a calendar that does not exist' });
    }
    problems.push(...titles.faults(input.title));
    if (problems.length === 0) return;
    const all = problems.map(({ field, problem }) => `${field} ${problem}`).join('; ');
    throw new LprError('invalid_input', `The rule cannot be used: ${all}.`, { problems });
  };
  const found = async (ruleId: string): Promise<Rule> => {
    const rule = (await store.all()).find((one) => one.ruleId === ruleId);
    if (rule === undefined) throw new LprError('not_found', 'There is no such rule.');
    return rule;
  };

  return {
    async list() {
      const [rules, states] = await Promise.all([store.all(), store.states()]);
      return rules.map((rule) => ({ ...rule, ...(states.get(rule.ruleId) ?? NEVER) }));
    },
    async create(input) {
      await checked(input);
      const rule = await store.add(randomUUID(), input);
      await book.reload();
      return withState(rule);
    },
    async update(ruleId, change) {
      const input: RuleInput = { ...(await found(ruleId)), ...change };
      await checked(input);
      const rule = await store.change(ruleId, input);
      if (rule === null) throw new LprError('not_found', 'There is no such rule.');
      await book.reload();
      return withState(rule);
    },
    async remove(ruleId) {
      if (!(await store.remove(ruleId))) throw new LprError('not_found', 'There is no such rule.');
      await book.reload();
    },
    async preview(input): Promise<RulePreview> {
      const problems = titles.faults(input.title);
      if (problems.length > 0) throw new LprError('invalid_input', 'The title names what there is not.', { problems });
      const judge = judgeOf(input, book);
      const to = now();
      const from = new Date(to.getTime() - PREVIEW_MS);
      const told: { readonly at: number; readonly key: string; readonly example: RulePreview['examples'][number] }[] =
        [];
      const subjects = new Set<string>();
      let looked = 0;
      let after: DetectionSummary | null = null;
      let isCut = false;
      for (;;) {
        const page: readonly DetectionSummary[] = await detections(from, to, after, PAGE);
        for (const detection of page) {
          const hits: readonly (HitPart | null)[] = [null, ...detection.hits];
          for (const hit of hits) {
            const matter = matterOfDetection(detection, { hit, geofence: null, isLate: false });
            const held = judge(matter);
            const subject = held === null ? null : subjectOf(matter, held);
            if (subject === null || subjects.has(`${subject.kind} ${subject.id}`)) continue;
            subjects.add(`${subject.kind} ${subject.id}`);
            const { detectionId, plateNumber, issuingEntity, cameraName, capturedAt } = detection;
            const title = titles.make(
              { title: input.title, name: null },
              matter,
              subject.kind,
              hit?.priority ?? PRIORITY,
            );
            const listName = hit?.blacklistName ?? null;
            const example = { detectionId, plateNumber, issuingEntity, cameraName, capturedAt, title, listName };
            told.push({ at: capturedAt.getTime(), key: sameness(matter, subject), example });
          }
        }
        looked += page.length;
        after = page.at(-1) ?? null;
        if (page.length < PAGE) break;
        isCut = looked >= PREVIEW_MOST;
        if (isCut) break;
      }
      // In the order in which they came, as re-arm counts.
      const firsts = new Map<string, number>();
      const alerts = told.reverse().filter(({ at, key }) => {
        const first = firsts.get(key);
        if (first !== undefined && at - first < input.rearmSeconds * 1000) return false;
        firsts.set(key, at);
        return true;
      });
      const examples = alerts.slice(-EXAMPLES).reverse();
      return {
        ...{ from, to, looked, isCut, alerts: alerts.length, repeats: told.length - alerts.length },
        examples: examples.map(({ example }) => example),
      };
    },
  };
}
