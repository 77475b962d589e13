// Shows alerts that the hub sends while the console is closed. It fetches and keeps nothing.
/// <reference lib="webworker" />

const MUST_TELL = { title: 'LPR Hub', text: '', link: '/alerts' };

self.addEventListener('push', (event) => {
  let notice = MUST_TELL;
  try {
    notice = { ...MUST_TELL, ...event.data?.json() };
  } catch {
    // Browsers take the permission away from pages that show nothing.
  }
  const { title, text, language, alertId, isUrgent, link, acknowledgeLink, acknowledge } = notice;
  event.waitUntil(
    self.registration.showNotification(title, {
      body: text,
      lang: language,
      icon: '/favicon.svg',
      // What is told later of the same alert takes its place, and is heard.
      tag: alertId,
      renotify: alertId !== undefined,
      requireInteraction: isUrgent === true,
      data: { link, acknowledgeLink },
      actions: acknowledgeLink ? [{ action: 'acknowledge', title: acknowledge }] : [],
    }),
  );
});

self.addEventListener('notificationclick', (event) => {
  event.notification.close();
  const { link, acknowledgeLink } = event.notification.data ?? {};
  const wanted = (event.action === 'acknowledge' && acknowledgeLink) || link || '/alerts';
  const address = new URL(wanted, self.location.origin);
  // PUBLIC_URL may have been changed since: the page is on the hub that this worker came from.
  const target = `${self.location.origin}${address.pathname}${address.search}`;
  event.waitUntil(
    (async () => {
      const windows = await self.clients.matchAll({ type: 'window', includeUncontrolled: true });
      const open = windows.find((one) => new URL(one.url).pathname === address.pathname);
      await (open === undefined ? self.clients.openWindow(target) : open.focus());
    })(),
  );
});
