/** A rule in a sentence, for the list of rules. */
import { useI18n } from 'vue-i18n';
import { useReference } from '../../../reference/reference.ts';
import { useSettingsData } from '../settings-data.ts';
import type { Condition, RuleDraft } from './rule-draft.ts';

type Groups = Pick<RuleDraft, 'match' | 'groups'>;

export function useConditionWords(): (rule: Groups) => string {
  const { t, n } = useI18n();
  const data = useSettingsData();
  const reference = useReference();

  const names = (ids: readonly string[], choices: readonly { value: string; title: string }[], any: string): string => {
    const known = ids.map((id) => choices.find((one) => one.value === id)?.title ?? t('page.alert-settings.gone'));
    if (known.length === 0) return any;
    return known.length > 2
      ? t('page.alert-settings.andMore', { first: known.slice(0, 2).join(', '), n: known.length - 2 })
      : known.join(t('page.alert-settings.or'));
  };
  const listed = (values: readonly string[], key: string): string =>
    values.map((value) => t(`${key}.${value}`)).join(t('page.alert-settings.or'));

  function words(condition: Condition): string {
    const key = 'page.alert-settings.rule';
    switch (condition.kind) {
      case 'hit': {
        const list = names(condition.blacklistIds ?? [], data.listChoices, t(`${key}.hit.anyList`));
        const categories = condition.categories ?? [];
        return [t(`${key}.say.hit`, { list }), categories.length === 0 ? '' : `(${listed(categories, 'category')})`]
          .filter((part) => part !== '')
          .join(' ');
      }
      case 'geofence': {
        const events = condition.events ?? [];
        const event = events.length === 0 ? t(`${key}.geofence.anyEvent`) : listed(events, `${key}.event`);
        const name = names(condition.geofenceIds ?? [], data.geofenceChoices, t(`${key}.geofence.any`));
        return t(`${key}.say.geofence`, { event, name });
      }
      case 'detection': {
        const { plate, issuingEntity, cameraId, plateType, minConfidence, isParked, status } = condition.filter;
        const parts = [
          plate ?? null,
          reference.provinceName(issuingEntity ?? null),
          reference.className(plateType ?? null),
          cameraId === undefined ? null : names([cameraId], reference.cameraChoices, ''),
          status === undefined ? null : t(`status.${status}`),
          minConfidence === undefined ? null : `≥ ${n(Number(minConfidence), { style: 'percent' })}`,
          isParked === true ? t(`${key}.detection.parked`) : null,
        ].filter((part) => part !== null);
        return t(`${key}.say.detection`, { what: parts.length === 0 ? t(`${key}.say.any`) : parts.join(' · ') });
      }
      case 'place': {
        const places = [
          ...(condition.cameraIds ?? []),
          ...(condition.zoneIds ?? []),
          ...(condition.checkpointIds ?? []),
        ];
        const choices = [...reference.cameraChoices, ...data.zoneChoices, ...data.checkpointChoices];
        return t(`${key}.say.place`, { name: names(places, choices, t(`${key}.say.anywhere`)) });
      }
      case 'time': {
        const name = names([condition.calendarId], data.calendarChoices, '');
        return t(`${key}.say.${condition.isInside === false ? 'outside' : 'inside'}`, { name });
      }
      case 'camera': {
        const troubles = condition.troubles ?? [];
        return troubles.length === 0
          ? t(`${key}.say.camera`, { what: t(`${key}.camera.any`) })
          : t(`${key}.say.camera`, { what: listed(troubles, `${key}.trouble`) });
      }
    }
  }

  const joint = (match: 'all' | 'any'): string => t(`page.alert-settings.rule.joint.${match}`);
  return ({ match, groups }) =>
    groups
      .map((group) => group.conditions.map(words).join(joint(group.match)))
      .map((text) => (groups.length > 1 ? `(${text})` : text))
      .join(joint(match));
}
