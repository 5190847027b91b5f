import { createGraphiQLFetcher } from '@graphiql/toolkit';
import { createClient } from 'graphql-ws';

const HTTP_URL = '/graphql';

function authorization(session) {
  return session.accessToken ? { authorization: `Bearer ${session.accessToken}` } : {};
}

// Queries go over HTTP, subscriptions over a WebSocket; both carry the token of the chosen person.
export function createFetcher(session) {
  const webSocketUrl = new URL(HTTP_URL, window.location.href);
  webSocketUrl.protocol = webSocketUrl.protocol.replace('http', 'ws');
  return createGraphiQLFetcher({
    url: HTTP_URL,
    fetch: (url, options) => fetch(url, { ...options, headers: { ...options.headers, ...authorization(session) } }),
    wsClient: createClient({ url: webSocketUrl.href, lazy: true, connectionParams: () => authorization(session) }),
  });
}
