-- Home's facts as one aggregated statement. $1: the person; $2: now; $3 and $4: one more than the appointments and messages asked for.
SELECT json_build_object(
  'person', (SELECT row_to_json(one) FROM (
    SELECT id, family_name, given_name, patronymic, birth_date, as_of, source, time_zone FROM persons WHERE id = $1
  ) one),
  'policy', (SELECT data FROM policy_snapshots WHERE person_id = $1),
  'unread', (SELECT count(*) FROM notifications WHERE person_id = $1 AND seen_at IS NULL),
  'appointments', (SELECT coalesce(json_agg(row_to_json(one)), '[]') FROM (
    SELECT a.id, a.status, a.channel, a.slot_id, s.starts_at, s.ends_at, s.room,
      c.id AS clinic_id, c.name, c.address, c.town, c.phone, c.latitude, c.longitude, c.time_zone,
      d.id AS doctor_id, d.family_name, d.given_name, d.patronymic, p.code, p.name_ru
    FROM appointments a
    JOIN slots s ON s.id = a.slot_id
    JOIN clinics c ON c.id = s.clinic_id
    JOIN doctors d ON d.id = s.doctor_id
    JOIN specialties p ON p.id = s.specialty_id
    WHERE a.person_id = $1 AND a.status = 'confirmed' AND a.ends_at > $2
    ORDER BY a.starts_at, a.id
    LIMIT $3
  ) one),
  'messages', (SELECT coalesce(json_agg(row_to_json(one)), '[]') FROM (
    SELECT id, kind, severity, created_at, seen_at FROM notifications WHERE person_id = $1
    ORDER BY created_at DESC, id DESC
    LIMIT $4
  ) one)
)
