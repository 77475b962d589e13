/** What each generation is told. The words in which success is told are those that their software looks for. */
import {
  jsonReply,
  refusalStatus,
  textAt,
  type Decoded,
  type Outcome,
  type WireMessage,
  type WireObject,
  type WireReply,
} from '../../core/plugins/define.ts';
import { cameraOf, subjectOf } from './broker.ts';

export type Kind = 'detection' | 'health' | 'registration' | 'ping';

const HELD = 'Kept as it came; do not send it again';
const DONE: Readonly<Record<Kind, string>> = {
  detection: 'Detection stored',
  health: 'Health status taken',
  registration: 'Camera registered',
  ping: 'pong',
};

const isTaken = (outcome: Outcome): boolean => outcome.kind === 'stored' || outcome.kind === 'held';

/** The hub's name for what was taken; null when there was nothing to store. */
const idOf = (outcome: Outcome): string | null =>
  outcome.kind === 'stored' ? (outcome.frameIds[0] ?? null) : outcome.kind === 'held' ? outcome.heldId : null;

const words = (outcome: Outcome, kind: Kind): string =>
  outcome.kind === 'stored' ? DONE[kind] : outcome.kind === 'held' ? HELD : outcome.error.message;

/** Which id field an answer carries. */
const idField = (outcome: Outcome, kind: Kind): WireObject =>
  kind === 'detection' ? { detection_id: idOf(outcome) } : kind === 'health' ? { health_id: idOf(outcome) } : {};

/**
 * Raw WebSocket. Generation 1 sends its row again, for ever, unless it is told exactly `{"status":"success"}`. Its first
 * software, and v1.3 in its raw form, take any answer at all for success: told to keep a message they would drop it, so the
 * connection ends without one.
 * @param readsAnswers whether the sender looks into the answer
 */
export function answerText(outcome: Outcome, readsAnswers: boolean): WireReply {
  if (isTaken(outcome)) return { body: JSON.stringify({ status: 'success' }) };
  if (outcome.kind === 'later' && !readsAnswers) return { close: true };
  return { body: JSON.stringify({ status: 'error', message: words(outcome, 'detection') }) };
}

/** Generation 0. It wants to know where its picture lies: the hub tells nobody. */
export function answerFirst(outcome: Outcome, decoded: Decoded | null): WireReply {
  const plate = decoded?.events[0]?.reads[0]?.text ?? '';
  const answer = isTaken(outcome)
    ? {
        status: 'success',
        message: words(outcome, 'detection'),
        detection: { id: idOf(outcome), license_plate: plate, image_path: '' },
      }
    : { status: 'error', message: words(outcome, 'detection') };
  return { emit: [{ event: 'lpr_response', args: [answer] }], ack: [answer] };
}

/** A status told over Socket.IO by generation 1, which waits for nothing. */
export const answerStatus = (outcome: Outcome): WireReply => ({
  ack: [{ success: isTaken(outcome), message: words(outcome, 'health') }],
});

const EVENTS: Readonly<Record<Kind, string>> = {
  detection: 'lpr_response',
  health: 'health_response',
  registration: 'camera_register',
  ping: 'pong',
};

export function answerEvent(outcome: Outcome, kind: Kind, message: WireMessage, said: WireObject): WireReply {
  const answer = {
    success: isTaken(outcome),
    message: words(outcome, kind),
    ...(isTaken(outcome) ? idField(outcome, kind) : {}),
    ...(kind === 'ping'
      ? { original_message: textAt(said['message']) }
      : {
          camera_id: textAt(said['camera_id']) ?? textAt(said['aicamera_id']),
          checkpoint_id: textAt(said['checkpoint_id']),
        }),
    timestamp: message.receivedAt.toISOString(),
  };
  const event = isTaken(outcome) ? EVENTS[kind] : 'error';
  return { emit: [{ event, args: [answer] }], ack: [answer] };
}

/** Success is 200 or 201; anything else makes the device try again a minute later. */
export function answerRest(outcome: Outcome, kind: Kind, message: WireMessage, decoded: Decoded | null): WireReply {
  if (outcome.kind === 'refused') {
    return jsonReply(refusalStatus(outcome.error), { success: false, message: words(outcome, kind) });
  }
  if (outcome.kind === 'later') {
    const headers = { 'retry-after': String(outcome.retryAfterSeconds) };
    return jsonReply(503, { success: false, message: words(outcome, kind) }, headers);
  }
  // The device asks whether anybody is there; it looks at the status alone.
  if (message.method === 'GET') {
    const data = message.path.endsWith('/statistics') ? { data: {} } : { timestamp: message.receivedAt.toISOString() };
    return jsonReply(200, { success: true, message: 'The hub is running', ...data });
  }
  const camera = kind === 'registration' ? { camera_id: decoded?.deviceRef ?? null } : {};
  return jsonReply(200, { success: true, message: words(outcome, kind), ...idField(outcome, kind), ...camera });
}

/** An acknowledgement follows each detection; for `later` it waits as PUBACK does. */
export function answerTopic(outcome: Outcome, message: WireMessage, messageId: string | null): WireReply {
  if (subjectOf(message.path) !== 'detection' || outcome.kind === 'later') return {};
  const camera = cameraOf(message.path);
  const payload = JSON.stringify({
    message_id: `ack-${idOf(outcome) ?? messageId ?? ''}`,
    timestamp: message.receivedAt.toISOString(),
    original_message_id: messageId,
    status: isTaken(outcome) ? 'processed' : 'error',
    ...(isTaken(outcome) ? { detection_id: idOf(outcome) } : { message: words(outcome, 'detection') }),
    camera_id: camera,
  });
  return { publish: [{ topic: `lprserver/cameras/${camera}/detection/ack`, payload, qos: 1, retain: false }] };
}
