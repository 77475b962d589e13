/** Midnight of the day that `at` falls on, in an IANA zone. */
export function dayStart(timeZone: string, at: Date): Date {
  const parts = new Intl.DateTimeFormat('en-CA', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  }).formatToParts(at);
  const of = (type: string): number => Number(parts.find((part) => part.type === type)?.value);
  const local = Date.UTC(of('year'), of('month') - 1, of('day'), of('hour'), of('minute'), of('second'));
  const offset = local - Math.floor(at.getTime() / 1000) * 1000;
  return new Date(Date.UTC(of('year'), of('month') - 1, of('day')) - offset);
}
