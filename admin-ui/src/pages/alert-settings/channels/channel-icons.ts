import {
  mdiBellBadgeOutline,
  mdiChatOutline,
  mdiEmailOutline,
  mdiMessageTextOutline,
  mdiMicrosoftTeams,
  mdiPound,
  mdiSendOutline,
  mdiTransitConnectionVariant,
  mdiWebhook,
} from '@mdi/js';

const ICONS: Readonly<Record<string, string>> = {
  email: mdiEmailOutline,
  sms: mdiMessageTextOutline,
  line: mdiChatOutline,
  telegram: mdiSendOutline,
  slack: mdiPound,
  teams: mdiMicrosoftTeams,
  mqtt: mdiTransitConnectionVariant,
  webhook: mdiWebhook,
  push: mdiBellBadgeOutline,
};

/** A channel that came as a plugin of somebody else's is a channel too. */
export const channelIcon = (plugin: string): string => ICONS[plugin] ?? mdiChatOutline;
