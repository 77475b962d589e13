import { defineNode, type LprRecord, type NodeContext } from '../kit/define-node.ts';

type Hub = NodeContext<Record<string, never>, never>['hub'];
type Alert = Awaited<ReturnType<Hub['alerts']['get']>>;

/** What the alert was raised for; an alert about a camera has no detection. */
async function recordOf(hub: Hub, { alertId, detectionId, cameraId, raisedAt, capturedAt }: Alert): Promise<LprRecord> {
  const token = `acknowledged:${alertId}`;
  const detection = detectionId === null ? null : await hub.detections.get(detectionId);
  if (detection === null) {
    const at = (capturedAt ?? raisedAt).toISOString();
    return {
      ...{ frameId: alertId, cameraId: cameraId ?? '', capturedAt: at, capturedAtSource: 'received' },
      ...{ receivedAt: raisedAt.toISOString(), isLate: false, token },
    };
  }
  const { status, plateNumber, issuingEntity, countryCode, plateType, confidence, readCount, frame } = detection;
  return {
    ...{ frameId: detection.frameId, cameraId: detection.cameraId, capturedAt: detection.capturedAt.toISOString() },
    ...{ capturedAtSource: detection.capturedAtSource, receivedAt: detection.receivedAt.toISOString() },
    ...{ isLate: false, token, ...(frame === null ? {} : { frame }) },
    detection: {
      ...{ detectionId: detection.detectionId, isNew: false, isBest: true, status, plateNumber, issuingEntity },
      ...{ countryCode, plateType, confidence, readCount },
    },
  };
}

export default defineNode({
  type: 'lpr-acknowledged',
  icon: 'font-awesome/fa-check-square-o',
  color: '#efa898',
  accepts: 'source',
  outputs: ['taken', 'outcome'],
  gives: { taken: 'alert', outcome: 'alert' },
  // Nothing of a frame waits for what happens here.
  settles: true,
  fields: {},
  setup({ hub, send, signal }) {
    const told = async (alertId: string): Promise<void> => {
      const [alert, history] = await Promise.all([hub.alerts.get(alertId), hub.acknowledgements.history(alertId)]);
      const last = history.findLast(({ undoneAt }) => undoneAt === null);
      if (last === undefined || signal.aborted) return;
      const { at, by, outcome, note, judgedAt } = last;
      const { title, priority } = alert;
      const acknowledgement = { at: at.toISOString(), by, outcome, note };
      const lpr = {
        ...(await recordOf(hub, alert)),
        alert: { alertId, title, priority, isNew: false, acknowledgement },
      };
      // What became of it may be said later than the rest.
      if (judgedAt === null) send('taken', { lpr });
      if (outcome !== null) send('outcome', { lpr });
    };
    const forget = hub.events.on('alert.acknowledged', ({ alertId }) => {
      told(alertId).catch((error: unknown) => {
        hub.log.error({ alertId, err: String(error) }, 'a flow could not be told of an acknowledgement');
      });
    });
    return { close: forget };
  },
});
