/**
 * The hub's own form: one POST of JSON a detection, signed when a secret is set, told again when it is settled or corrected.
 * Whoever takes it keeps `detectionId` and the highest `revision`; everything else may come twice.
 */
import { createHmac } from 'node:crypto';
import { defineConnector, flag, secret, url, type ConnectorDetection } from '../../core/plugins/define.ts';

function eventOf({ isTest, revision }: ConnectorDetection): string {
  if (isTest) return 'test';
  return revision === 0 ? 'detection.created' : 'detection.updated';
}

export default defineConnector({
  id: 'webhook',
  fields: { url: url({ required: true }), secret: secret(), pictures: flag(false) },
  tells: ['provisional', 'updates'],
  async send(detection, { config, picture, post }) {
    const base64 = async (imageId: string | undefined): Promise<string | null> => {
      const bytes = config.pictures && imageId !== undefined ? await picture(imageId) : null;
      return bytes === null ? null : Buffer.from(bytes).toString('base64');
    };
    const pictures = config.pictures
      ? { pictures: { frame: await base64(detection.frame?.imageId), patch: await base64(detection.patch?.imageId) } }
      : {};
    const { isTest, ...told } = detection;
    const body = JSON.stringify({ event: eventOf({ ...told, isTest }), detection: told, ...pictures });
    const timestamp = Math.floor(Date.now() / 1000).toString();
    // The time is signed with the body: an old message cannot be sent again as new.
    const signature: Record<string, string> =
      config.secret === ''
        ? {}
        : {
            'lpr-signature': `sha256=${createHmac('sha256', config.secret).update(`${timestamp}.${body}`).digest('hex')}`,
          };
    await post(config.url, {
      headers: {
        'content-type': 'application/json',
        'lpr-timestamp': timestamp,
        'lpr-event-id': `${detection.detectionId}.${detection.revision}`,
        ...signature,
      },
      body,
    });
  },
});
