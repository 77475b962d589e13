/**
 * All that a template, a channel or a person may be told of an alert. Raw values: words, dates and numbers in a person's language
 * are the template's work. What is not known is null.
 */
import type { GeofencePart, HitPart, ImageHandle } from '../message.ts';
import type { NoticeKind } from '../plugins/define.ts';
import type { Outcome } from './acknowledgements.ts';
import type { AlertCause, SubjectKind } from './alerts.ts';

export interface AlertFacts {
  readonly alertId: string;
  readonly kind: NoticeKind;
  readonly subject: SubjectKind;
  /** As it was made when the alert was raised. */
  readonly title: string;
  readonly priority: number;
  readonly cause: AlertCause;
  /** The detection may still change. */
  readonly isProvisional: boolean;
  /** Null: a flow raised it without a rule. */
  readonly ruleName: string | null;
  readonly raisedAt: Date;
  /** How often the same matter came again since. */
  readonly repeatCount: number;
  // ---- the vehicle
  readonly detectionId: string | null;
  readonly plateNumber: string | null;
  /** ISO 3166-2, or `TH-95-BETONG`. */
  readonly issuingEntity: string | null;
  /** Its names. */
  readonly province: { readonly th: string; readonly en: string } | null;
  /** ISO 3166-1 alpha-2. */
  readonly countryCode: string | null;
  /** Class id of thai_plates (`RY1`, ...). */
  readonly plateType: string | null;
  /** Of the read, 0..1. */
  readonly confidence: number | null;
  // ---- the list
  readonly listName: string | null;
  /** Key of the category: `stolen`, `wanted`, `vip`, `expired`, `own` or an own one's. */
  readonly category: string | null;
  readonly reason: string | null;
  readonly matchedBy: HitPart['matchedBy'] | null;
  /** How sure the match is, 0..1. */
  readonly sureness: number | null;
  /** Whole days since the list was last known to be right. */
  readonly listAgeDays: number | null;
  // ---- the place
  readonly cameraId: string | null;
  readonly cameraName: string | null;
  readonly checkpoint: string | null;
  readonly latitude: number | null;
  readonly longitude: number | null;
  readonly capturedAt: Date | null;
  // ---- the geofence
  readonly geofence: string | null;
  readonly geofenceEvent: GeofencePart['event'] | null;
  /** Inside so far, or from enter to leave. */
  readonly geofenceSeconds: number | null;
  // ---- the camera itself
  readonly cameraTrouble: string | null;
  // ---- pictures and pages
  readonly frame: ImageHandle | null;
  readonly patch: ImageHandle | null;
  /** The detection's page (or the alert's, without a detection), when `PUBLIC_URL` is set. */
  readonly link: string | null;
  /** Opens a page that acknowledges after a press of its button, when `PUBLIC_URL` is set. */
  readonly acknowledgeLink: string | null;
  // ---- who has taken it
  /** Null: nobody yet. */
  readonly acknowledgedBy: string | null;
  readonly outcome: Outcome | null;
  // ---- several in one
  /** Of a digest: what it gathers, oldest first, at most 50. Else empty. */
  readonly items: readonly AlertFacts[];
  /** Of a digest: how many it gathers; of a notice that a budget is used up: the budget. Else null. */
  readonly count: number | null;
}
