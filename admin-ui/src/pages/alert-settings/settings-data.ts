/** What all tabs name: channels, lists, places, people. Asked once, and again after a change. */
import { defineStore } from 'pinia';
import { computed, shallowRef, type ShallowRef } from 'vue';
import { call } from '../../api/client.ts';
import type {
  AlertChannel,
  Blacklist,
  Calendar,
  Checkpoint,
  Escalation,
  Geofence,
  Group,
  Person,
  PluginInfo,
  Roster,
  Target,
  Zone,
} from '../../api/contract.ts';
import { i18n } from '../../i18n.ts';
import { useReference, type Choice } from '../../reference/reference.ts';
import { useSession } from '../../session/session.ts';

/** Null: not asked yet. */
type Kept<T> = ShallowRef<readonly T[] | null>;

export const useSettingsData = defineStore('alert-settings', () => {
  const session = useSession();
  const reference = useReference();
  const channels: Kept<AlertChannel> = shallowRef(null);
  const plugins: Kept<PluginInfo> = shallowRef(null);
  const calendars: Kept<Calendar> = shallowRef(null);
  const escalations: Kept<Escalation> = shallowRef(null);
  const people: Kept<Person> = shallowRef(null);
  const groups: Kept<Group> = shallowRef(null);
  const rosters: Kept<Roster> = shallowRef(null);
  const lists: Kept<Blacklist> = shallowRef(null);
  const geofences: Kept<Geofence> = shallowRef(null);
  const zones: Kept<Zone> = shallowRef(null);
  const checkpoints: Kept<Checkpoint> = shallowRef(null);

  const loadChannels = async (): Promise<void> => {
    channels.value = (await call('GET /alert-channels')).items;
  };
  const loadPlugins = async (): Promise<void> => {
    plugins.value ??= (await call('GET /plugins', { query: { kind: 'alertChannel' } })).items;
  };
  const loadCalendars = async (): Promise<void> => {
    calendars.value = (await call('GET /calendars')).items;
  };
  const loadEscalations = async (): Promise<void> => {
    escalations.value = (await call('GET /escalations')).items;
  };
  const loadPeople = async (): Promise<void> => {
    const [one, two, three] = await Promise.all([call('GET /people'), call('GET /groups'), call('GET /rosters')]);
    people.value = one.items;
    groups.value = two.items;
    rosters.value = three.items;
  };
  const loadPlaces = async (): Promise<void> => {
    const [one, two, three, four] = await Promise.all([
      session.may('blacklists.view') ? call('GET /blacklists') : { items: [] },
      call('GET /geofences', { query: { limit: 1000 } }),
      call('GET /zones'),
      call('GET /checkpoints'),
    ]);
    lists.value = one.items;
    geofences.value = two.items;
    zones.value = three.items;
    checkpoints.value = four.items;
  };

  const calendarName = ({ builtIn, name }: Calendar): string =>
    builtIn === null ? name : i18n.global.t(`page.alert-settings.calendar.builtIn.${builtIn}`);
  const pluginName = (id: string): string =>
    plugins.value?.find((plugin) => plugin.id === id)?.words[i18n.global.locale.value === 'th' ? 'th' : 'en'].name ??
    id;
  const choices = <T>(items: readonly T[] | null, value: (one: T) => string, title: (one: T) => string): Choice[] =>
    (items ?? []).map((one) => ({ value: value(one), title: title(one) }));
  const nameIn = <T extends { readonly name: string }>(
    items: readonly T[] | null,
    is: (one: T) => boolean,
  ): string | null => items?.find(is)?.name ?? null;

  return {
    channels,
    plugins,
    calendars,
    escalations,
    people,
    groups,
    rosters,
    lists,
    geofences,
    zones,
    checkpoints,
    loadChannels,
    loadPlugins,
    loadCalendars,
    loadEscalations,
    loadPeople,
    loadPlaces,
    calendarName,
    pluginName,
    channelChoices: computed(() =>
      choices(
        channels.value,
        (one) => one.channelId,
        (one) => one.name,
      ),
    ),
    calendarChoices: computed(() => choices(calendars.value, (one) => one.calendarId, calendarName)),
    escalationChoices: computed(() =>
      choices(
        escalations.value,
        (one) => one.escalationId,
        (one) => one.name,
      ),
    ),
    listChoices: computed(() =>
      choices(
        lists.value,
        (one) => one.blacklistId,
        (one) => one.name,
      ),
    ),
    geofenceChoices: computed(() =>
      choices(
        geofences.value,
        (one) => one.geofenceId,
        (one) => one.name,
      ),
    ),
    zoneChoices: computed(() =>
      choices(
        zones.value,
        (one) => one.zoneId,
        (one) => one.name,
      ),
    ),
    checkpointChoices: computed(() =>
      choices(
        checkpoints.value,
        (one) => one.checkpointId,
        (one) => one.name,
      ),
    ),
    personChoices: computed(() =>
      choices(
        people.value,
        (one) => one.personId,
        (one) => one.name,
      ),
    ),
    cameraChoices: computed(() => reference.cameraChoices),
    /** The name of a person, a group or a roster; null when it is gone. */
    targetName: ({ kind, id }: Target): string | null =>
      kind === 'person'
        ? nameIn(people.value, (one) => one.personId === id)
        : kind === 'group'
          ? nameIn(groups.value, (one) => one.groupId === id)
          : nameIn(rosters.value, (one) => one.rosterId === id),
    personName: (personId: string): string => nameIn(people.value, (one) => one.personId === personId) ?? '–',
    channelName: (channelId: string): string => nameIn(channels.value, (one) => one.channelId === channelId) ?? '–',
  };
});
