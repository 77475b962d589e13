/**
 * Browser push (RFC 8030): encrypted for the one browser (RFC 8291), signed with the hub's own key (VAPID, RFC 8292). It goes
 * through the browser vendor's servers, which see neither text nor sender's secrets.
 */
import webPush from 'web-push';
import {
  assertTaken,
  defineAlertChannel,
  errorMessage,
  LprError,
  noticeWords,
  shortened,
  text,
} from '../../core/plugins/define.ts';

/** Of what a subscription may be for: a phone that is off for a day needs no more to be told. */
const KEEP_SECONDS = 86_400;
/** A message may have 4096 bytes in all (RFC 8030 7.2), and a Thai letter takes three. */
const MOST_TEXT = 500;

interface Subscription {
  readonly endpoint: string;
  readonly keys: { readonly p256dh: string; readonly auth: string };
}

export default defineAlertChannel({
  id: 'push',
  fields: { contact: text({ required: true }) },
  address: 'push',
  // Browsers say where: nobody may lead the hub into its own network by that.
  isAnywhere: true,
  check: ({ contact }) =>
    /^(mailto:)?[^\s@]+@[^\s@]+$/.test(contact) ? [] : [{ field: 'contact', problem: 'must be an e-mail address' }],
  missing: (_config, { publicUrl }) => ((publicUrl ?? '').startsWith('https:') ? [] : ['publicUrl']),
  perMinute: 600,
  async send(notice, { config, to, pushKeys, request, forget }) {
    const words = noticeWords(notice.language);
    const payload = JSON.stringify({
      alertId: notice.alertId,
      title: shortened(notice.title, 200),
      text: shortened(notice.text, MOST_TEXT),
      language: notice.language,
      isUrgent: notice.priority >= 80,
      link: notice.link,
      acknowledgeLink: notice.acknowledgeLink,
      acknowledge: words.acknowledge,
    });
    let subscription: Subscription;
    let details: ReturnType<typeof webPush.generateRequestDetails>;
    try {
      subscription = JSON.parse(to) as Subscription;
      details = webPush.generateRequestDetails(subscription, payload, {
        vapidDetails: { subject: `mailto:${config.contact.replace(/^mailto:/, '')}`, ...pushKeys },
        ...{ TTL: KEEP_SECONDS, contentEncoding: 'aes128gcm', urgency: notice.priority >= 50 ? 'high' : 'normal' },
        // One that waits is replaced by what is told later of the same alert (RFC 8030 5.4).
        topic: notice.alertId.replaceAll('-', ''),
      });
    } catch (error) {
      throw new LprError(
        'channel_rejected',
        `The browser's subscription cannot be used: ${errorMessage(error)}`,
        {},
        error,
      );
    }
    const answer = await request(details.endpoint, {
      headers: Object.fromEntries(
        Object.entries(details.headers).flatMap(([name, value]) =>
          name.toLowerCase() === 'content-length' ? [] : [[name.toLowerCase(), value]],
        ),
      ),
      body: details.body ?? new Uint8Array(),
    });
    // The browser gave the subscription up (RFC 8030 7.3).
    if (answer.status === 404 || answer.status === 410) await forget();
    assertTaken(answer, new URL(details.endpoint).host);
  },
});
