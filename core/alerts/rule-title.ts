/** What an alert is called: by the rule's own words, else by its list, geofence or rule. */
import type { FieldProblem } from '../errors.ts';
import { provinceByCode } from '../plates/plates.ts';
import type { AlertFacts } from './alert-facts.ts';
import type { AlertSubject } from './alerts.ts';
import type { Matter } from './compile-rule.ts';
import { testFacts } from './notice.ts';
import type { Rule } from './rules.ts';
import type { Templates } from './templates.ts';

const LONGEST = 300;

export interface RuleTitles {
  /**
   * @param rule null as name: a flow without a rule
   * @param about what the alert is of: one of a geofence is not called by the list that its vehicle happens to be on
   */
  make(
    rule: { readonly title: Rule['title']; readonly name: string | null },
    matter: Matter,
    about: AlertSubject['kind'],
    priority: number,
  ): string;
  /** Empty: nothing is wrong with it. */
  faults(title: string): readonly FieldProblem[];
}

export function createRuleTitles(
  templates: Pick<Templates, 'line' | 'faults'>,
  {
    language,
    cameraName,
  }: { readonly language: () => 'th' | 'en'; readonly cameraName: (id: string) => string | null },
): RuleTitles {
  const factsOf = (matter: Matter, name: string | null, plain: string, priority: number): AlertFacts => {
    const { detection, hit, geofence, camera, cameraId, capturedAt } = matter;
    const province = provinceByCode(detection?.issuingEntity ?? null);
    return {
      ...testFacts(capturedAt, null),
      ...{ kind: 'alert', title: plain, priority, ruleName: name, capturedAt, raisedAt: new Date() },
      ...{ detectionId: detection?.detectionId ?? null, plateNumber: detection?.plateNumber ?? null },
      ...{ issuingEntity: detection?.issuingEntity ?? null, countryCode: detection?.countryCode ?? null },
      province: province === null ? null : { th: province.nameTh, en: province.nameEn },
      ...{ plateType: detection?.plateType ?? null, confidence: detection?.confidence ?? null },
      ...{ listName: hit?.blacklistName ?? null, category: hit?.category ?? null, reason: hit?.reason ?? null },
      ...{ matchedBy: hit?.matchedBy ?? null, sureness: hit?.confidence ?? null, cameraId },
      ...{ cameraName: cameraName(cameraId), geofence: geofence?.geofenceName ?? null },
      ...{ geofenceEvent: geofence?.event ?? null, geofenceSeconds: geofence?.seconds ?? null },
      cameraTrouble: camera?.trouble ?? null,
    };
  };
  return {
    make({ title, name }, matter, about, priority) {
      const { hit, geofence, detection } = matter;
      const own = about === 'geofence' ? geofence?.geofenceName : hit?.blacklistName;
      const plain = own ?? name ?? detection?.plateNumber ?? '';
      if (title === '') return plain;
      const made = templates.line(title, factsOf(matter, name, plain, priority), language()).trim();
      return made === '' ? plain : Array.from(made).slice(0, LONGEST).join('');
    },
    faults: (title) => templates.faults(title, 'title'),
  };
}
