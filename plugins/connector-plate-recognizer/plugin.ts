/**
 * As Plate Recognizer Stream posts to a webhook: a form with `json` and `upload`, or JSON alone. Source:
 * guides.platerecognizer.com, Stream results. Plates are lower case, scores of 1, regions `th`.
 */
import { choice, defineConnector, secret, url, type Box, type ConnectorDetection } from '../../core/plugins/define.ts';

const boxOf = (box: Box | null): object | null => {
  if (box === null) return null;
  const [x, y, width, height] = box;
  const [xmin, ymin, xmax, ymax] = [x, y, x + width, y + height].map(Math.round);
  return { xmin, ymin, xmax, ymax };
};

const score = (share: number): number => Math.round(share * 1000) / 1000;

/** `2021-09-29 12:56:13.606000+07:00` */
function localTime(instant: Date, timeZone: string): string {
  const parts = new Intl.DateTimeFormat('en-CA', {
    ...{ timeZone, calendar: 'gregory', numberingSystem: 'latn', hourCycle: 'h23', timeZoneName: 'longOffset' },
    ...{ year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', second: '2-digit' },
    fractionalSecondDigits: 3,
  }).formatToParts(instant);
  const part = (type: Intl.DateTimeFormatPartTypes): string => parts.find((one) => one.type === type)?.value ?? '';
  const offset = part('timeZoneName').replace('GMT', '') || '+00:00';
  const date = `${part('year')}-${part('month')}-${part('day')}`;
  return `${date} ${part('hour')}:${part('minute')}:${part('second')}.${part('fractionalSecond')}000${offset}`;
}

function resultOf(detection: ConnectorDetection): object {
  const { vehicle } = detection;
  const plate = detection.plateNumber.toLowerCase();
  const candidates = detection.candidates.map((one) => ({
    ...{ plate: one.plateNumber.toLowerCase(), score: score(one.confidence) },
  }));
  return {
    ...{ box: boxOf(detection.box), plate, score: score(detection.confidence), dscore: score(detection.confidence) },
    // A region is the country there; of Thai provinces the form knows nothing.
    region: { code: (detection.countryCode ?? '').toLowerCase(), score: 1 },
    candidates: candidates.length === 0 ? [{ plate, score: score(detection.confidence) }] : candidates,
    vehicle: { type: vehicle?.type ?? '', score: 0 },
    model_make:
      vehicle?.make == null && vehicle?.model == null
        ? []
        : [{ make: vehicle.make ?? '', model: vehicle.model ?? '', score: 1 }],
    color: vehicle?.colour == null ? [] : [{ color: vehicle.colour, score: 1 }],
    ...{ orientation: [], direction: '', source_url: '', position_sec: 0 },
  };
}

const FORMS = ['multipart', 'json'] as const;

export default defineConnector({
  id: 'plate-recognizer',
  fields: { url: url({ required: true }), token: secret(), form: choice(FORMS, 'multipart') },
  async send(detection, { config, picture, post, timeZone }) {
    const { camera, capturedAt, frame, detectionId } = detection;
    // The stable name of the message: a receiver that keeps files by name keeps each once.
    const filename = `${camera.name}_screenshots/${detectionId}.jpg`;
    const said = JSON.stringify({
      hook: { target: config.url, id: camera.name, event: 'recognition', filename },
      data: {
        ...{ camera_id: camera.name, filename, results: [resultOf(detection)] },
        timestamp: capturedAt.toISOString().replace('Z', '000Z'),
        timestamp_local: localTime(capturedAt, timeZone),
      },
    });
    const authorization: Record<string, string> = config.token === '' ? {} : { authorization: `Token ${config.token}` };
    if (config.form === 'json') {
      return post(config.url, { headers: { 'content-type': 'application/json', ...authorization }, body: said });
    }
    const form = new FormData();
    form.append('json', said);
    const bytes = frame === null ? null : await picture(frame.imageId);
    if (bytes !== null) {
      const type = bytes[0] === 0x89 ? 'image/png' : 'image/jpeg';
      form.append('upload', new Blob([new Uint8Array(bytes)], { type }), `${detectionId}.jpg`);
    }
    const encoded = new Response(form);
    await post(config.url, {
      headers: { 'content-type': encoded.headers.get('content-type') ?? '', ...authorization },
      body: new Uint8Array(await encoded.arrayBuffer()),
    });
  },
});
