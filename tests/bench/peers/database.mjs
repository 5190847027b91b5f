// The statements of the Python side, run as they are: the same text, parameters by name, rows by column.
import { readFileSync } from 'node:fs';
import postgres from 'postgres';

const asText = { to: 1184, from: [1082, 1114, 1184], serialize: (value) => value, parse: (value) => value };

// Gives a function `run(name, parameters)` that answers rows as arrays, and `at(name)`: the place of each column.
export function openDatabase({ url, statementsFile, connections }) {
  const statements = JSON.parse(readFileSync(statementsFile, 'utf8'));
  const places = Object.fromEntries(
    Object.entries(statements).map(([name, { columns }]) => [name, Object.fromEntries(columns.map((column, i) => [column, i]))]),
  );
  const sql = postgres(url, { max: connections, types: { date: asText }, connection: { TimeZone: 'UTC' } });
  return {
    at: (name) => places[name],
    run: (name, parameters) => {
      const { sql: text, names } = statements[name];
      return sql.unsafe(text, names.map((one) => parameters[one]), { prepare: true }).values();
    },
    close: () => sql.end({ timeout: 1 }),
  };
}
