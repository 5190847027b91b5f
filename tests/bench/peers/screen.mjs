// Home's facts from one aggregated statement (`screen.sql`), as `screen.py` writes them.
import { age, cursor, globalId, local } from './values.mjs';

const microseconds = 6;
const [appointmentsShown, messagesShown] = [5, 10];

// `2026-11-22T05:00:00.12+00:00`, as PostgreSQL writes it in JSON, with six digits or none.
function instant(text) {
  if (text === null) return null;
  const [day, rest] = text.split('T');
  const [time, fraction] = rest.slice(0, -6).split('.');
  return `${day}T${time}${fraction ? `.${fraction.padEnd(microseconds, '0')}` : ''}+00:00`;
}

const personOf = (one) => ({
  id: globalId('Person', one.id),
  familyName: one.family_name,
  givenName: one.given_name,
  patronymic: one.patronymic,
  birthDate: one.birth_date,
  age: age(one.birth_date, one.time_zone),
  asOf: instant(one.as_of),
  source: one.source,
});

const policyOf = ({ policy, as_of }) => ({
  kind: policy.kind.toUpperCase(),
  status: policy.status.toUpperCase(),
  enp: policy.enp?.digits ?? null,
  validFrom: policy.valid_from,
  region: policy.region,
  asOf: as_of.replace('Z', '+00:00'),
  isStale: false,
  insurer: { name: policy.insurer.name, phone: policy.insurer.phone?.e164 ?? null },
});

const appointmentOf = (one) => ({
  id: globalId('Appointment', one.id),
  status: one.status.toUpperCase(),
  channel: one.channel.toUpperCase(),
  slot: {
    id: globalId('Slot', one.slot_id),
    startsAt: local(one.starts_at, one.time_zone),
    endsAt: local(one.ends_at, one.time_zone),
    timeZone: one.time_zone,
    room: one.room,
    doctor: {
      id: globalId('Doctor', one.doctor_id),
      fullName: [one.family_name, one.given_name, one.patronymic].filter(Boolean).join(' '),
    },
    specialty: { code: one.code, name: one.name_ru },
    clinic: {
      id: globalId('Clinic', one.clinic_id),
      name: one.name,
      address: one.address,
      town: one.town,
      phone: one.phone,
      coordinates: { latitude: one.latitude, longitude: one.longitude },
    },
  },
});

const messageOf = (one) => ({
  id: globalId('Notification', one.id),
  kind: one.kind.toUpperCase(),
  severity: one.severity.toUpperCase(),
  createdAt: instant(one.created_at),
  seenAt: instant(one.seen_at),
});

function page(rows, first, write, column) {
  const shown = rows.slice(0, first);
  const last = shown.at(-1);
  const endCursor = last ? cursor(instant(last[column]), last.id) : null;
  return { nodes: shown.map(write), pageInfo: { hasNextPage: rows.length > first, endCursor } };
}

export const screenResolvers = ({ run }) => ({
  Query: {
    viewer: async (_root, _arguments, context) => {
      const [[found]] = await run('screen', {
        person_id: context.personId,
        now: new Date().toISOString(),
        appointments: appointmentsShown + 1,
        messages: messagesShown + 1,
      });
      return {
        person: personOf(found.person),
        policy: policyOf(found.policy),
        unreadCount: found.unread,
        appointments: page(found.appointments, appointmentsShown, appointmentOf, 'starts_at'),
        inbox: page(found.messages, messagesShown, messageOf, 'created_at'),
      };
    },
  },
});
