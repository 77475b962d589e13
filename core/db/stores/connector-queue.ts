/**
 * The outbox of connectors is written in the statements that write detections and their changes: what is recorded is told, whatever
 * happens in between, and it costs no question more.
 */

/** The end of a statement that begins with `with made as (insert into detections … returning detection_id, camera_id, status, settles_at)`. */
export const QUEUE_MADE = `insert into connector_deliveries (connector_id, detection_id, due_at, next_attempt_at)
  select c.connector_id, m.detection_id, t.at, t.at
    from made m cross join connectors c
   cross join lateral (
     select case when c.provisional or m.status <> 'provisional' then now() else coalesce(m.settles_at, now()) end as at) t
   where c.enabled and c.sends = 'all' and (c.camera_ids = '{}' or m.camera_id = any(c.camera_ids))
      on conflict do nothing`;

const IS_DUE = `c.enabled and ((q.state = 'sent' and c.updates) or (q.state = 'left_out' and (c.updates or q.times_sent = 0)))`;

/** The end of a statement that begins with `with noted as (… returning detection_id)`: of detections that say something else now. */
export const QUEUE_NOTED = `update connector_deliveries q
  set changes = q.changes + 1,
      state = case when ${IS_DUE} then 'waiting' else q.state end,
      attempts = case when ${IS_DUE} then 0 else q.attempts end,
      due_at = case when ${IS_DUE} then now() else q.due_at end,
      next_attempt_at = case when ${IS_DUE} then now() else q.next_attempt_at end
 from noted n cross join connectors c
where q.connector_id = c.connector_id and q.detection_id = n.detection_id`;
