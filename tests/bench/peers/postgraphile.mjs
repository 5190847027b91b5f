// `node postgraphile.mjs <port>`: PostGraphile's own generated schema on the same tables, until SIGTERM.
import './old_node.mjs';
import { createServer } from 'node:http';
import { postgraphile } from 'postgraphile';
import { makePgService } from 'postgraphile/adaptors/pg';
import { grafserv } from 'postgraphile/grafserv/node';
import { PostGraphileAmberPreset } from 'postgraphile/presets/amber';

const { BENCH_DATABASE, BENCH_CONNECTIONS } = process.env;
const instance = postgraphile({
  extends: [PostGraphileAmberPreset],
  pgServices: [makePgService({ connectionString: BENCH_DATABASE, schemas: ['public'], poolConfig: { max: Number(BENCH_CONNECTIONS) } })],
  grafserv: { graphqlPath: '/graphql', graphiql: false, watch: false },
  grafast: { explain: false },
  schema: { dontSwallowErrors: true },
});
const served = instance.createServ(grafserv);
const server = createServer();
await served.addTo(server);
process.on('SIGTERM', () => process.exit(0));
server.listen(Number(process.argv[2]), '127.0.0.1', () => process.stdout.write('ready\n'));
