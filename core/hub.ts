/** The domain modules as nodes, the API and plugins see them. `core/main.ts` composes it. */
import type { Access } from './access/access.ts';
import type { Alerts } from './alerts/alerts.ts';
import type { Acknowledgements } from './alerts/acknowledgements.ts';
import type { Escalations } from './alerts/escalations.ts';
import type { People } from './alerts/people.ts';
import type { Push } from './alerts/push.ts';
import type { Templates } from './alerts/templates.ts';
import type { Blacklists } from './blacklists/blacklists.ts';
import type { BlacklistImports } from './blacklists/imports.ts';
import type { Calendars } from './calendars/calendars.ts';
import type { Cameras } from './cameras/cameras.ts';
import type { Connectors } from './connectors/connectors.ts';
import type { Devices } from './devices/devices.ts';
import type { Detections } from './detections/detections.ts';
import type { Events } from './events.ts';
import type { ImageStore } from './images/images.ts';
import type { SharedPictures } from './images/shared-pictures.ts';
import type { Retention } from './images/retention.ts';
import type { Ingest } from './ingest/ingest.ts';
import type { Geofences } from './places/geofences.ts';
import type { Places } from './places/places.ts';
import type { Log } from './plugins/define.ts';
import type { Plugins } from './plugins/plugins.ts';
import type { Recognition } from './recognition/recognition.ts';

export interface HealthPart {
  readonly ok: boolean;
  /** What does not work and the remedy; null when ok. */
  readonly problem: string | null;
}

export interface Hub {
  readonly access: Access;
  readonly acknowledgements: Acknowledgements;
  readonly alerts: Alerts;
  readonly blacklists: Blacklists;
  readonly blacklistImports: BlacklistImports;
  readonly calendars: Calendars;
  readonly cameras: Cameras;
  readonly connectors: Connectors;
  readonly detections: Detections;
  readonly devices: Devices;
  readonly escalations: Escalations;
  readonly events: Events;
  readonly geofences: Geofences;
  readonly images: ImageStore;
  readonly ingest: Ingest;
  readonly people: People;
  readonly places: Places;
  readonly plugins: Plugins;
  readonly push: Push;
  readonly recognition: Recognition;
  readonly retention: Retention;
  readonly templates: Templates;
  readonly sharedPictures: SharedPictures;
  readonly log: Log;
  health(): Promise<{ readonly ok: boolean; readonly parts: Readonly<Record<string, HealthPart>> }>;
}
