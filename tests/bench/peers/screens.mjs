// The resolvers of `viewer`: one statement a section, or a statement a relation with Mercurius' own loaders.
import { age, cursor, globalId, instant, local } from './values.mjs';

const fullName = (...names) => names.filter(Boolean).join(' ');

const clinicOf = (row, at) => ({
  id: globalId('Clinic', row[at['clinics.id']]),
  name: row[at['clinics.name']],
  address: row[at['clinics.address']],
  town: row[at['clinics.town']],
  phone: row[at['clinics.phone']],
  coordinates: { latitude: row[at['clinics.latitude']], longitude: row[at['clinics.longitude']] },
});

const doctorOf = (row, at) => ({
  id: globalId('Doctor', row[at['doctors.id']]),
  fullName: fullName(row[at['doctors.family_name']], row[at['doctors.given_name']], row[at['doctors.patronymic']]),
});

const specialtyOf = (row, at) => ({ code: row[at['specialties.code']], name: row[at['specialties.name_ru']] });

function slotOf(row, at) {
  const zone = row[at['clinics.time_zone']];
  return {
    id: globalId('Slot', row[at['slots.id']]),
    startsAt: local(instant(row[at['slots.starts_at']]), zone),
    endsAt: local(instant(row[at['slots.ends_at']]), zone),
    timeZone: zone,
    room: row[at['slots.room']],
  };
}

const appointmentOf = (row, at) => ({
  id: globalId('Appointment', row[at['appointments.id']]),
  status: row[at['appointments.status']].toUpperCase(),
  channel: row[at['appointments.channel']].toUpperCase(),
});

function personOf(row, at) {
  const birthDate = row[at['persons.birth_date']];
  return {
    id: globalId('Person', row[at['persons.id']]),
    familyName: row[at['persons.family_name']],
    givenName: row[at['persons.given_name']],
    patronymic: row[at['persons.patronymic']],
    birthDate,
    age: age(birthDate, row[at['persons.time_zone']]),
    asOf: instant(row[at['persons.as_of']]),
    source: row[at['persons.source']],
  };
}

function policyOf(row, at) {
  const data = row[at['policy_snapshots.data']];
  const record = typeof data === 'string' ? JSON.parse(data) : data;
  const { policy } = record;
  return {
    kind: policy.kind.toUpperCase(),
    status: policy.status.toUpperCase(),
    enp: policy.enp?.digits ?? null,
    validFrom: policy.valid_from,
    region: policy.region,
    asOf: record.as_of.replace('Z', '+00:00'),
    isStale: false,
    insurer: { name: policy.insurer.name, phone: policy.insurer.phone?.e164 ?? null },
  };
}

const messageOf = (row, at) => ({
  id: globalId('Notification', row[at['notifications.id']]),
  kind: row[at['notifications.kind']].toUpperCase(),
  severity: row[at['notifications.severity']].toUpperCase(),
  createdAt: instant(row[at['notifications.created_at']]),
  seenAt: instant(row[at['notifications.seen_at']]),
});

function page(rows, first, nodes, keyOf) {
  const last = rows[Math.min(first, rows.length) - 1];
  return { nodes, pageInfo: { hasNextPage: rows.length > first, endCursor: last ? cursor(...keyOf(last)) : null } };
}

// `relations` leaves the parts of an appointment to loaders; otherwise they stand in the appointment's own row.
export function resolvers({ run, at }, { relations }) {
  const asked = (context, more) => ({ person_id: context.personId, now: new Date().toISOString(), ...more });
  const one = async (name, context, write) => write((await run(name, asked(context)))[0], at(name));
  const places = at('appointments');
  const start = places['slots.starts_at'] ?? places['appointments.starts_at'];
  const whole = (row) => ({
    ...appointmentOf(row, places),
    slot: { ...slotOf(row, places), clinic: clinicOf(row, places), doctor: doctorOf(row, places), specialty: specialtyOf(row, places) },
  });
  const bare = (row) => ({ ...appointmentOf(row, places), slotId: row[places['appointments.slot_id']] });
  return {
    Query: { viewer: () => ({}) },
    Viewer: {
      person: (_viewer, _arguments, context) => one('person', context, personOf),
      policy: (_viewer, _arguments, context) => one('policy', context, policyOf),
      unreadCount: async (_viewer, _arguments, context) => Number((await run('unread', asked(context)))[0][0]),
      appointments: async (_viewer, { first }, context) => {
        const rows = await run('appointments', asked(context, { limit: first + 1 }));
        const nodes = rows.slice(0, first).map(relations ? bare : whole);
        return page(rows, first, nodes, (row) => [instant(row[start]), row[places['appointments.id']]]);
      },
      inbox: async (_viewer, { first }, context) => {
        const rows = await run('messages', asked(context, { limit: first + 1 }));
        const columns = at('messages');
        const nodes = rows.slice(0, first).map((row) => messageOf(row, columns));
        const keyOf = (row) => [instant(row[columns['notifications.created_at']]), row[columns['notifications.id']]];
        return page(rows, first, nodes, keyOf);
      },
    },
  };
}

// Mercurius' loaders without its cache, which would write each object out as JSON for a key: ids are made distinct here.
export function loaders({ run, at }) {
  const batch = (name, idColumn, idOf, write) => ({
    opts: { cache: false },
    loader: async (queries) => {
      const columns = at(name);
      const rows = await run(name, { ids: [...new Set(queries.map(({ obj }) => idOf(obj)))] });
      const byId = new Map(rows.map((row) => [row[columns[idColumn]], write(row, columns)]));
      return queries.map(({ obj }) => byId.get(idOf(obj)));
    },
  });
  const withParts = (row, columns) => ({
    ...slotOf(row, columns),
    clinicId: row[columns['slots.clinic_id']],
    doctorId: row[columns['slots.doctor_id']],
    specialtyId: row[columns['slots.specialty_id']],
  });
  return {
    Appointment: { slot: batch('slots', 'slots.id', (obj) => obj.slotId, withParts) },
    Slot: {
      clinic: batch('clinics', 'clinics.id', (obj) => obj.clinicId, clinicOf),
      doctor: batch('doctors', 'doctors.id', (obj) => obj.doctorId, doctorOf),
      specialty: batch('specialties', 'specialties.id', (obj) => obj.specialtyId, specialtyOf),
    },
  };
}
