// Values as the Python side writes them: ids, cursors, instants.
const microseconds = 6;

export const globalId = (type, uuid) =>
  Buffer.from(Buffer.from(`${type}:`).toString('hex') + uuid.replaceAll('-', ''), 'hex').toString('base64url');

export const cursor = (instant, uuid) =>
  Buffer.from(JSON.stringify([instant, uuid.replaceAll('-', '')])).toString('base64url');

// `2026-11-22 05:00:00.12+00`, as PostgreSQL writes it, to `2026-11-22T05:00:00.120000+00:00`.
export function instant(text) {
  if (text === null) return null;
  const [day, rest] = text.split(' ');
  const [time, fraction] = rest.slice(0, -3).split('.');
  return `${day}T${time}${fraction ? `.${fraction.padEnd(microseconds, '0')}` : ''}+00:00`;
}

const offsets = new Map(); // minutes, by zone and hour
const formats = new Map();

function offsetMinutes(date, zone) {
  const key = `${zone}${Math.floor(date.getTime() / 3_600_000)}`;
  let found = offsets.get(key);
  if (found === undefined) {
    if (!formats.has(zone)) formats.set(zone, new Intl.DateTimeFormat('en', { timeZone: zone, timeZoneName: 'longOffset' }));
    const name = formats.get(zone).formatToParts(date).find((part) => part.type === 'timeZoneName').value;
    const [, sign, hours, minutes] = name.match(/GMT(?:([+-])(\d\d):(\d\d))?/);
    found = sign ? (sign === '-' ? -1 : 1) * (60 * hours + Number(minutes)) : 0;
    offsets.set(key, found);
  }
  return found;
}

// An instant of `instant` by the clock of a zone; whole seconds, as slots have.
export function local(utc, zone) {
  const date = new Date(utc);
  const offset = offsetMinutes(date, zone);
  const there = new Date(date.getTime() + offset * 60_000).toISOString().slice(0, 19);
  const [hours, minutes] = [Math.floor(Math.abs(offset) / 60), Math.abs(offset) % 60];
  return `${there}${offset < 0 ? '-' : '+'}${String(hours).padStart(2, '0')}:${String(minutes).padStart(2, '0')}`;
}

export function age(birthDate, zone) {
  const today = local(new Date().toISOString(), zone).slice(0, 10);
  return today.slice(0, 4) - birthDate.slice(0, 4) - (today.slice(5) < birthDate.slice(5) ? 1 : 0);
}
