import { computed, readonly, ref, type ComputedRef } from 'vue';
import { i18n } from '../i18n.ts';
import { useSession } from '../session/session.ts';
import {
  day,
  dayAndTime,
  dayOfYearAndTime,
  duration,
  exact,
  relative,
  timeOfDay,
  zoneName,
  type TimeStyle,
} from './instants.ts';

const ticking = ref(new Date());
setInterval(() => {
  if (!document.hidden) ticking.value = new Date();
}, 1_000);
document.addEventListener('visibilitychange', () => {
  ticking.value = new Date();
});

/** This moment, every second while the page is seen. */
export const now = readonly(ticking);

type Words = (instant: string | Date) => string;

export interface SiteTime {
  readonly style: ComputedRef<TimeStyle>;
  readonly timeOfDay: Words;
  readonly day: Words;
  /** The last day of what ends at this instant: midnight belongs to the day before it. */
  readonly lastDay: Words;
  readonly dayAndTime: Words;
  readonly dayOfYearAndTime: Words;
  readonly exact: Words;
  readonly relative: Words;
  readonly zoneName: Words;
  readonly duration: (milliseconds: number) => string;
}

/** Instants in the words of this language, in the zone and era of the site. */
export function useTime(): SiteTime {
  const session = useSession();
  const { locale } = i18n.global;
  const style = computed<TimeStyle>(() => ({
    locale: locale.value,
    zone: session.site?.timeZone ?? 'Asia/Bangkok',
    era: session.site?.era ?? 'gregorian',
  }));
  const dated = (instant: string | Date): Date => new Date(instant);
  return {
    style,
    timeOfDay: (instant) => timeOfDay(dated(instant), style.value),
    day: (instant) => day(dated(instant), style.value),
    lastDay: (instant) => day(new Date(dated(instant).getTime() - 1), style.value),
    dayAndTime: (instant) => dayAndTime(dated(instant), style.value),
    dayOfYearAndTime: (instant) => dayOfYearAndTime(dated(instant), style.value),
    exact: (instant) => exact(dated(instant), style.value),
    relative: (instant) => relative(dated(instant), ticking.value, locale.value),
    zoneName: (instant) => zoneName(dated(instant), style.value),
    duration: (milliseconds) => duration(milliseconds, locale.value),
  };
}
