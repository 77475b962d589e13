import type { PoolClient } from 'pg';
import type { Alert, AlertCounts, AlertRepeat, AlertSettings } from '../../alerts/alerts.ts';
import type {
  AlertRecord,
  AlertStore,
  Budget,
  NewAlert,
  NewDelivery,
  OpenSubject,
  Raised,
  Standing,
  Unsettled,
} from '../../alerts/alert-store.ts';
import { LprError } from '../../errors.ts';
import type { GeofencePart, HitPart } from '../../message.ts';
import type { ConnectorCamera } from '../../plugins/define.ts';
import type { Database } from '../database.ts';
import { tellNews } from '../news.ts';
import { deliveriesOf } from './alert-delivery-store.ts';
import { tellRetractions } from './alert-retractions.ts';
import { ALERT, ALERT_JOINS, alertsWhere, queueDeliveries, type Query } from './alert-rows.ts';

/** Longer than any detection takes to be written, for one that is not there yet. */
const UNWRITTEN_SECONDS = 15;
const REPEATS_SHOWN = 200;

async function theAlert(client: Query, alertId: string): Promise<Alert> {
  const [alert] = await alertsWhere(client, 'a.alert_id = $1', [alertId]);
  if (alert === undefined) throw new LprError('internal', 'An alert is missing that was just there.');
  return alert;
}

/** What may still be told of an alert today: its notices, or the one that says that no more are told, or nothing. */
async function withinBudget(
  client: PoolClient,
  ruleKey: string,
  budget: Budget | null,
  deliveries: readonly NewDelivery[],
): Promise<{ readonly isOver: boolean; readonly deliveries: readonly NewDelivery[] }> {
  if (budget === null) return { isOver: false, deliveries };
  for (const [scope, limit] of [
    [ruleKey, budget.perRule],
    ['', budget.perDay],
  ] as const) {
    if (limit === null) continue;
    const { rows } = await client.query<{ used: number }>(
      `insert into alert_budgets as b (day, rule_key, used) values ($1, $2, 1)
       on conflict (day, rule_key) do update set used = b.used + 1 returning used`,
      [budget.day, scope],
    );
    const used = rows[0]?.used ?? 0;
    if (used <= limit) continue;
    const key = `${budget.day} ${scope}`;
    const told = used === limit + 1 ? deliveries.map((one) => ({ ...one, kind: 'budget' as const, key })) : [];
    return { isOver: true, deliveries: told };
  }
  return { isOver: false, deliveries };
}

const inRound = (deliveries: readonly NewDelivery[], round: number, mark = ''): readonly NewDelivery[] =>
  deliveries.map((one) => ({ ...one, key: `${mark}${round === 1 ? '' : round}` }));

/** When a detection that may still change settles; the parameters that say so, as SQL. */
const confirmAt = (isPending: string, isProvisional: string, detectionId: string, unwritten: string): string =>
  `case when ${isPending}::boolean or ${isProvisional}::boolean then coalesce(
     (select s.settles_at from detection_keys k join detections s using (captured_at, detection_id)
       where k.detection_id = ${detectionId}::uuid), now() + make_interval(secs => ${unwritten})) end`;

async function insertAlert(client: PoolClient, alert: NewAlert): Promise<Date | null> {
  const { hit, geofence, subject } = alert;
  const { rows } = await client.query<{ confirm_at: Date | null }>(
    `insert into alerts (alert_id, rule_id, rule_name, rule_key, subject_kind, subject_id, matter, hit_id, detection_id,
                         camera_id, title, category, priority, plate_number, issuing_entity, country_code, plate_type,
                         confidence, captured_at, cause, hit, geofence, camera_trouble, is_provisional, is_pending,
                         escalation_id, confirm_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25,
             $26, ${confirmAt('$24', '$25', '$9', '$27')})
     returning confirm_at`,
    [
      ...[alert.alertId, alert.ruleId, alert.ruleName, alert.ruleKey, subject.kind, subject.id, alert.matter],
      ...[hit?.hitId ?? null, alert.detectionId, alert.cameraId, alert.title, alert.category, alert.priority],
      ...[alert.plateNumber, alert.issuingEntity, alert.countryCode, alert.plateType, alert.confidence],
      ...[alert.capturedAt, alert.cause, hit === null ? null : JSON.stringify(hit)],
      ...[geofence === null ? null : JSON.stringify(geofence), alert.cameraTrouble, alert.isProvisional],
      ...[alert.isPending, alert.escalationId, UNWRITTEN_SECONDS],
    ],
  );
  return rows[0]?.confirm_at ?? null;
}

/** Whoever writes a subject first raises it; others wait here for the end of that transaction. */
async function claim(client: PoolClient, alert: NewAlert): Promise<string | null> {
  const { ruleKey, subject, alertId, detectionId, hit, cameraId } = alert;
  const key = [ruleKey, subject.kind, subject.id];
  const { rowCount } = await client.query(
    `insert into alert_subjects as s (rule_key, subject_kind, subject_id, detection_id, hit_id, camera_id, at)
     values ($1, $2, $3, $4, $5, $6, $7)
     on conflict (rule_key, subject_kind, subject_id) do update set at = s.at where s.alert_id is null`,
    [...key, detectionId, hit?.hitId ?? null, cameraId, alert.capturedAt],
  );
  if (rowCount === 1) return null;
  const { rows } = await client.query<{ alert_id: string }>(
    'select alert_id from alert_subjects where rule_key = $1 and subject_kind = $2 and subject_id = $3',
    key,
  );
  return rows[0]?.alert_id ?? alertId;
}

async function raise(
  client: PoolClient,
  alert: NewAlert,
  deliveries: readonly NewDelivery[],
  budget: Budget | null,
): Promise<Raised> {
  const { ruleKey, ruleId, subject, matter, rearmSeconds } = alert;
  const nothing = { confirmAt: null, channelIds: [] };
  const knownId = await claim(client, alert);
  if (knownId !== null) {
    const { isPending, isProvisional } = alert;
    const { rows } = await client.query<{ round: number; confirm_at: Date | null }>(
      `update alerts a
          set retracted_at = null, is_retraction_told = true, round = round + 1, escalation_begun = false,
              is_pending = $4, is_provisional = $5, confirm_at = ${confirmAt('$4', '$5', 'a.detection_id', '$6')}
        where alert_id = $1 and retracted_at is not null and subject_kind = $2 and subject_id = $3
       returning round, confirm_at`,
      [knownId, subject.kind, subject.id, isPending, isProvisional, UNWRITTEN_SECONDS],
    );
    const [again] = rows;
    // A flow may name one channel after the other; what was ordered before stays as it is.
    const orders = inRound(deliveries, again?.round ?? 1);
    const channelIds =
      again !== undefined || ruleId === null ? await queueDeliveries(client, knownId, ruleId, orders) : [];
    const outcome = again === undefined ? 'known' : 'again';
    return { alert: await theAlert(client, knownId), outcome, confirmAt: again?.confirm_at ?? null, channelIds };
  }
  const settleSubject = (alertId: string, isRepeat: boolean): Promise<unknown> =>
    client.query(
      `update alert_subjects set alert_id = $4, is_repeat = $5
        where rule_key = $1 and subject_kind = $2 and subject_id = $3`,
      [ruleKey, subject.kind, subject.id, alertId, isRepeat],
    );
  if (rearmSeconds > 0 && alert.cause !== 'late') {
    await client.query('select pg_advisory_xact_lock(hashtextextended($1, 5))', [`${ruleKey}|${matter}`]);
    const { rows } = await client.query<{ alert_id: string }>(
      `update alerts set repeat_count = repeat_count + 1, last_repeat_at = now() where alert_id = (
         select alert_id from alerts
          where rule_key = $1 and matter = $2 and raised_at > now() - make_interval(secs => $3) and retracted_at is null
            and cause <> 'late' order by raised_at desc limit 1)
         -- It may have been taken back while this waited for it.
         and retracted_at is null returning alert_id`,
      [ruleKey, matter, rearmSeconds],
    );
    const [first] = rows;
    if (first !== undefined) {
      await settleSubject(first.alert_id, true);
      return { alert: await theAlert(client, first.alert_id), outcome: 'repeat', ...nothing };
    }
  }
  const settlesAt = await insertAlert(client, alert);
  await settleSubject(alert.alertId, false);
  let channelIds: readonly string[] = [];
  if (!alert.isPending && alert.cause !== 'late') {
    const told = await withinBudget(client, ruleKey, budget, deliveries);
    if (told.isOver) await client.query('update alerts set is_over_budget = true where alert_id = $1', [alert.alertId]);
    channelIds = await queueDeliveries(client, alert.alertId, ruleId, told.deliveries);
  }
  return { alert: await theAlert(client, alert.alertId), outcome: 'new', confirmAt: settlesAt, channelIds };
}

interface RecordRow extends Alert {
  readonly hit: HitPart | null;
  readonly geofencePart: GeofencePart | null;
  readonly countryCode: string | null;
  readonly plateType: string | null;
  readonly confidence: number | null;
  readonly camera: ConnectorCamera | null;
  readonly frame: AlertRecord['frame'];
}

export function createAlertStore(database: Database): AlertStore {
  const { pool } = database;
  const SETTLING = `a.is_pending as "isPending", a.round, a.rule_key as "ruleKey", d.settles_at as "settlesAt",
    case when d.status = 'provisional' and d.settles_at <= now() then 'confirmed' else d.status end as status`;
  const settings = async (): Promise<AlertSettings> => {
    const { rows } = await pool.query<AlertSettings>('select budget_per_day as "budgetPerDay" from alert_settings');
    return rows[0] ?? { budgetPerDay: null };
  };
  return {
    raise: (alert, deliveries, budget) => database.transaction((client) => raise(client, alert, deliveries, budget)),
    async retract({ hitIds = [], geofenceEventIds = [], alertIds = [] }) {
      await pool.query(
        `update alerts set retracted_at = now(), is_retraction_told = false
          where retracted_at is null and (hit_id = any($1::uuid[]) or alert_id = any($2::uuid[])
                 or (subject_kind = 'geofence' and subject_id = any($3::text[])))`,
        [hitIds, alertIds, geofenceEventIds],
      );
      // A repeat that was none leaves the alert that it was counted on.
      await pool.query(
        `with gone as (delete from alert_subjects
                         where is_repeat and (hit_id = any($1::uuid[])
                           or (subject_kind = 'geofence' and subject_id = any($2::text[]))) returning alert_id)
         update alerts a set repeat_count = greatest(0, repeat_count - n)
           from (select alert_id, count(*)::int as n from gone group by 1) g where g.alert_id = a.alert_id`,
        [hitIds, geofenceEventIds],
      );
    },
    takeRetractions: () => database.transaction(tellRetractions),
    async openSubjects(limit) {
      const { rows } = await pool.query<OpenSubject>(
        `select rule_key as "ruleKey", jsonb_build_object('kind', subject_kind, 'id', subject_id) as subject,
                detection_id as "detectionId" from alert_subjects where alert_id is null order by at limit $1`,
        [limit],
      );
      return rows;
    },
    async dropOpenSubject({ ruleKey, subject }) {
      await pool.query(
        `delete from alert_subjects
          where rule_key = $1 and subject_kind = $2 and subject_id = $3 and alert_id is null`,
        [ruleKey, subject.kind, subject.id],
      );
    },
    async unsettled(alertId) {
      const { rows } = await pool.query<Omit<Unsettled, 'alert'> & Alert>(
        `select ${ALERT}, ${SETTLING} from alerts a ${ALERT_JOINS}
          where a.alert_id = $1 and (a.is_pending or a.is_provisional) and a.retracted_at is null`,
        [alertId],
      );
      const [row] = rows;
      if (row === undefined) return null;
      const { isPending, round, ruleKey, settlesAt, status, ...alert } = row;
      return { alert, isPending, round, ruleKey, settlesAt, status };
    },
    async unsettledIds(before) {
      const { rows } = await pool.query<{ alert_id: string }>(
        `select alert_id from alerts where (is_pending or is_provisional) and retracted_at is null and confirm_at <= $1
          order by confirm_at limit 1000`,
        [before],
      );
      return rows.map((row) => row.alert_id);
    },
    settle: (alertId, deliveries, budget) =>
      database.transaction(async (client) => {
        const { rows } = await client.query<{
          isPending: boolean;
          isOver: boolean;
          round: number;
          ruleKey: string;
          ruleId: string | null;
        }>(
          `select is_pending as "isPending", is_over_budget as "isOver", round, rule_key as "ruleKey", rule_id as "ruleId" from alerts
            where alert_id = $1 and (is_pending or is_provisional) and retracted_at is null for update`,
          [alertId],
        );
        const [row] = rows;
        if (row === undefined) return null;
        const told = row.isPending
          ? await withinBudget(client, row.ruleKey, budget, inRound(deliveries, row.round))
          : { isOver: false, deliveries: row.isOver ? [] : inRound(deliveries, row.round, 'confirmed') };
        // As it is known now: a province may have been read since.
        await client.query(
          `update alerts a
              set is_pending = false, is_provisional = false, confirm_at = null, is_over_budget = is_over_budget or $2,
                  raised_at = case when is_pending then date_trunc('milliseconds', now()) else raised_at end,
                  plate_number = coalesce(d.plate_number, a.plate_number), issuing_entity = d.issuing_entity,
                  country_code = d.country_code, plate_type = d.plate_type, confidence = d.confidence
             from detection_keys k join detections d using (captured_at, detection_id)
            where a.alert_id = $1 and k.detection_id = a.detection_id`,
          [alertId, told.isOver],
        );
        const channelIds = await queueDeliveries(client, alertId, row.ruleId, told.deliveries);
        // Who was not told yet is told once, with what is known now.
        await client.query(
          `delete from alert_deliveries d where d.alert_id = $1 and d.key like 'confirmed%' and d.attempts = 0 and exists (
             select from alert_deliveries o
              where o.alert_id = d.alert_id and o.channel_id = d.channel_id and o.address = d.address and o.kind = 'alert'
                and o.key not like 'confirmed%' and o.state in ('held', 'waiting') and o.attempts = 0)`,
          [alertId],
        );
        return { alert: await theAlert(client, alertId), channelIds };
      }),
    async confirmAt(alertId, at) {
      await pool.query('update alerts set confirm_at = $2 where alert_id = $1', [alertId, at]);
    },
    async standing(detectionId) {
      const { rows } = await pool.query<Alert & Omit<Standing, 'alert'>>(
        `select ${ALERT}, a.hit, a.geofence as "geofencePart" from alerts a ${ALERT_JOINS}
          where a.detection_id = $1 and a.retracted_at is null`,
        [detectionId],
      );
      return rows.map(({ hit, geofencePart, ...alert }) => ({ alert, hit, geofencePart }));
    },
    async unbegun() {
      const { rows } = await pool.query<Awaited<ReturnType<AlertStore['unbegun']>>[number]>(
        `select alert_id as "alertId", escalation_id as "escalationId", rule_id as "ruleId", priority from alerts
          where escalation_id is not null and not escalation_begun and not is_pending and not is_over_budget
            and retracted_at is null and acknowledged_at is null and cause <> 'late' order by raised_at limit 1000`,
      );
      return rows;
    },
    async begun(alertId) {
      await pool.query('update alerts set escalation_begun = true where alert_id = $1', [alertId]);
    },
    async escalated(alertId, escalationId) {
      await pool.query(
        `update alerts set escalated_at = coalesce(escalated_at, now()), escalation_id = $2, escalation_begun = true
          where alert_id::text = $1`,
        [alertId, escalationId],
      );
      return (await alertsWhere(pool, 'a.alert_id::text = $1', [alertId]))[0] ?? null;
    },
    async list({
      withCovert,
      state,
      category,
      cameraId,
      ruleId,
      detectionId,
      minPriority,
      from,
      to,
      pattern,
      after,
      limit,
    }) {
      const values: unknown[] = [];
      const conditions = ['not a.is_pending'];
      if (!withCovert) conditions.push(`coalesce(a.hit->>'isCovert', 'false') = 'false'`);
      const where = (condition: (place: string) => string, value: unknown): void => {
        if (value === null) return;
        values.push(value);
        conditions.push(condition(`$${values.length}`));
      };
      if (state === 'open') {
        conditions.push(`a.acknowledged_at is null and a.retracted_at is null and a.cause <> 'late'`);
      } else if (state === 'escalated') {
        conditions.push('a.escalated_at is not null and a.acknowledged_at is null and a.retracted_at is null');
      } else if (state === 'acknowledged') conditions.push('a.acknowledged_at is not null and a.retracted_at is null');
      else if (state === 'retracted') conditions.push('a.retracted_at is not null');
      else if (state === 'late') {
        conditions.push(`a.cause = 'late' and a.acknowledged_at is null and a.retracted_at is null`);
      }
      where((v) => `a.category = ${v}`, category);
      where((v) => `a.camera_id = ${v}`, cameraId);
      where((v) => `a.rule_id = ${v}`, ruleId);
      where((v) => `a.detection_id = ${v}`, detectionId);
      where((v) => `a.priority >= ${v}`, minPriority);
      where((v) => `a.raised_at >= ${v}`, from);
      where((v) => `a.raised_at < ${v}`, to);
      where((v) => `a.plate_number like ${v}`, pattern);
      if (after !== null) {
        values.push(after.at, after.id);
        conditions.push(`(a.raised_at, a.alert_id) < ($${values.length - 1}, $${values.length}::uuid)`);
      }
      values.push(limit);
      return alertsWhere(
        pool,
        conditions.join(' and '),
        values,
        `order by a.raised_at desc, a.alert_id desc limit $${values.length}`,
      );
    },
    async get(alertId) {
      const { rows } = await pool.query<Alert & { readonly hit: HitPart | null }>(
        `select ${ALERT}, a.hit from alerts a ${ALERT_JOINS} where a.alert_id::text = $1`,
        [alertId],
      );
      const [alert] = rows;
      if (alert === undefined) return null;
      const [deliveries, repeats] = await Promise.all([
        deliveriesOf(pool, alertId),
        pool.query<AlertRepeat>(
          `select jsonb_build_object('kind', s.subject_kind, 'id', s.subject_id) as subject, s.detection_id as "detectionId",
                  s.camera_id as "cameraId", coalesce(c.name, '') as "cameraName", s.at
             from alert_subjects s left join cameras c on c.camera_id = s.camera_id
            where s.alert_id::text = $1 and s.is_repeat order by s.at desc, s.subject_id limit $2`,
          [alertId, REPEATS_SHOWN],
        ),
      ]);
      return { ...alert, deliveries, repeats: repeats.rows };
    },
    async records(alertIds) {
      const { rows } = await pool.query<RecordRow>(
        `select ${ALERT}, a.hit, a.geofence as "geofencePart", a.country_code as "countryCode", a.plate_type as "plateType", a.confidence,
                case when c.camera_id is null then null else jsonb_build_object(
                  'cameraId', c.camera_id, 'name', c.name, 'checkpoint', p.name, 'heading', c.heading,
                  'latitude', coalesce(c.latitude, p.latitude), 'longitude', coalesce(c.longitude, p.longitude)) end as camera,
                nullif(d.best_read->'frame', 'null') as frame
           from alerts a ${ALERT_JOINS} left join checkpoints p on p.checkpoint_id = c.checkpoint_id
          where a.alert_id = any($1::uuid[]) order by a.raised_at, a.alert_id`,
        [alertIds],
      );
      return rows.map(({ hit, geofencePart, countryCode, plateType, confidence, camera, frame, ...alert }) => ({
        ...{
          alert,
          hit,
          geofence: geofencePart,
          countryCode,
          plateType,
          confidence,
          camera,
          frame,
          patch: alert.patch,
        },
      }));
    },
    async counts(withCovert) {
      const { rows } = await pool.query<AlertCounts>(
        `select count(*) filter (where acknowledged_at is null and retracted_at is null and cause <> 'late') as open,
                count(*) filter (where escalated_at is not null and acknowledged_at is null and retracted_at is null)
                  as escalated,
                count(*) filter (where acknowledged_at is not null and retracted_at is null) as acknowledged,
                count(*) filter (where retracted_at is not null) as retracted,
                count(*) filter (where cause = 'late' and acknowledged_at is null and retracted_at is null) as late,
                (select count(*) from alert_deliveries where state = 'dead') as dead,
                (select count(*) from alert_deliveries where state = 'held') as held
           from alerts where not is_pending and ($1 or coalesce(hit->>'isCovert', 'false') = 'false')`,
        [withCovert],
      );
      const [row] = rows;
      return row ?? { open: 0, escalated: 0, acknowledged: 0, retracted: 0, late: 0, dead: 0, held: 0 };
    },
    async countOpen(withCovert) {
      const { rows } = await pool.query<{ n: number }>(
        `select count(*) as n from alerts
          where acknowledged_at is null and retracted_at is null and cause <> 'late' and not is_pending
            and ($1 or coalesce(hit->>'isCovert', 'false') = 'false')`,
        [withCovert],
      );
      return rows[0]?.n ?? 0;
    },
    settings,
    async changeSettings({ budgetPerDay }) {
      if (budgetPerDay !== undefined) {
        await pool.query('update alert_settings set budget_per_day = $1', [budgetPerDay]);
        await tellNews(pool, 'rules');
      }
      return settings();
    },
  };
}
