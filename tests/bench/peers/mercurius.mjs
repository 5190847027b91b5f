// `node mercurius.mjs sections|relations|screen|ticker <port>`: our schema on Mercurius with its JIT, until SIGTERM.
import { readFileSync } from 'node:fs';
import fastify from 'fastify';
import mercurius from 'mercurius';
import { openDatabase } from './database.mjs';
import { screenResolvers } from './screen.mjs';
import { loaders, resolvers } from './screens.mjs';

const [shape, port] = process.argv.slice(2);
const { BENCH_SCHEMA, BENCH_DATABASE, BENCH_STATEMENTS, BENCH_CONNECTIONS } = process.env;
const app = fastify();
const schema = readFileSync(BENCH_SCHEMA, 'utf8');

if (shape === 'ticker') {
  await app.register(mercurius, { schema, jit: 1, subscription: true, resolvers: {
    Subscription: { inboxChanged: { subscribe: (_root, _arguments, { pubsub }) => pubsub.subscribe('inbox') } },
  } });
  app.post('/publish', async (request, reply) => {
    await app.graphql.pubsub.publish({ topic: 'inbox', payload: { inboxChanged: request.body } });
    return reply.code(204).send();
  });
} else {
  const relations = shape === 'relations';
  const database = openDatabase({ url: BENCH_DATABASE, statementsFile: BENCH_STATEMENTS, connections: Number(BENCH_CONNECTIONS) });
  await app.register(mercurius, {
    schema,
    jit: 1,
    resolvers: shape === 'screen' ? screenResolvers(database) : resolvers(database, { relations }),
    loaders: relations ? loaders(database) : undefined,
    context: (request) => ({ personId: request.headers.authorization.slice('Bearer '.length) }),
  });
  app.addHook('onClose', () => database.close());
}

process.on('SIGTERM', () => process.exit(0));
await app.listen({ host: '127.0.0.1', port: Number(port) });
process.stdout.write('ready\n');
