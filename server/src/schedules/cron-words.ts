const days = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const months = [
  ...['January', 'February', 'March', 'April', 'May', 'June', 'July'],
  ...['August', 'September', 'October', 'November', 'December'],
];

/** A rule of five fields in words: `every day at 02:00`; what cannot be said simply stands as it is written. */
export function cronWords(cron: string): string {
  const [minute, hour, dayOfMonth, month, weekday] = cron.trim().split(/\s+/) as [
    string,
    string,
    string,
    string,
    string,
  ];
  const when = daysWords(dayOfMonth, weekday);
  const { text, everyDay } = timeWords(minute, hour);
  const inMonths = month === '*' ? '' : ` in ${list(month, (each) => nameOf(each, months, 1)) ?? `month ${month}`}`;
  const often = everyDay && when === 'every day' ? text : everyDay ? `${text}, ${when}` : `${when} ${text}`;
  return `${often}${inMonths}`;
}

/** `everyDay`: it says how often by itself. */
function timeWords(minute: string, hour: string): { text: string; everyDay: boolean } {
  const clock = clockTimes(minute, hour);
  if (clock) return { text: `at ${clock}`, everyDay: false };
  const everyMinutes = /^\*\/(\d+)$/.exec(minute)?.[1];
  const everyHours = /^\*\/(\d+)$/.exec(hour)?.[1];
  if (hour === '*' && minute === '*') return { text: 'every minute', everyDay: true };
  if (hour === '*' && everyMinutes) return { text: `every ${everyMinutes} minutes`, everyDay: true };
  if (hour === '*' && /^\d+$/.test(minute)) return { text: `every hour at minute ${minute}`, everyDay: true };
  if (everyHours && /^\d+$/.test(minute))
    return { text: `every ${everyHours} hours at minute ${minute}`, everyDay: true };
  return { text: `at minute ${minute} of hour ${hour}`, everyDay: false };
}

function clockTimes(minute: string, hour: string): string | undefined {
  if (!/^\d+$/.test(minute) || !/^\d+(,\d+)*$/.test(hour)) return undefined;
  return words(hour.split(',').map((each) => `${each.padStart(2, '0')}:${minute.padStart(2, '0')}`));
}

function daysWords(dayOfMonth: string, weekday: string): string {
  const onDays = weekday === '*' ? undefined : (list(weekday, (each) => nameOf(each, days, 0)) ?? `weekday ${weekday}`);
  const onDates = dayOfMonth === '*' ? undefined : `day ${list(dayOfMonth, (each) => each) ?? dayOfMonth} of the month`;
  if (onDays === undefined && onDates === undefined) return 'every day';
  // Where both are given either is enough: so cron has it.
  return `on ${[onDates, onDays].filter((each) => each !== undefined).join(' or on ')}`;
}

/** `1,3-5` -> `Monday, Wednesday to Friday`; undefined: it has more in it than lists and ranges. */
function list(field: string, name: (each: string) => string): string | undefined {
  if (!/^[0-9A-Za-z]+(-[0-9A-Za-z]+)?(,[0-9A-Za-z]+(-[0-9A-Za-z]+)?)*$/.test(field)) return undefined;
  return words(field.split(',').map((part) => part.split('-').map(name).join(' to ')));
}

function nameOf(text: string, names: readonly string[], first: number): string {
  const number = Number(text);
  if (Number.isInteger(number)) return names[(number - first) % names.length] ?? text;
  return names.find((each) => each.slice(0, 3).toLowerCase() === text.slice(0, 3).toLowerCase()) ?? text;
}

const words = (parts: readonly string[]): string =>
  parts.length < 2 ? parts.join('') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`;
