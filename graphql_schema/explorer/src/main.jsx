import 'graphiql/setup-workers/vite';
import 'graphiql/style.css';
import '@graphiql/plugin-explorer/style.css';
import './explorer.css';

import { explorerPlugin } from '@graphiql/plugin-explorer';
import { GraphiQL, HISTORY_PLUGIN } from 'graphiql';
import { StrictMode, useState } from 'react';
import { createRoot } from 'react-dom/client';

import { createFetcher } from './fetcher.js';
import { SignIn } from './SignIn.jsx';

const FIRST_QUERY = `# Sign in above as one of the demo people, then run. Fields are explained in the panel on the left.
query ServerTime {
  serverTime
}
`;

const session = { accessToken: null };
const fetcher = createFetcher(session);
const plugins = [HISTORY_PLUGIN, explorerPlugin()];

function Explorer() {
  const [error, setError] = useState(null);
  return (
    <>
      <SignIn session={session} onError={setError} />
      {error && <p role="alert">{error}</p>}
      <main>
        <GraphiQL fetcher={fetcher} plugins={plugins} defaultQuery={FIRST_QUERY} />
      </main>
    </>
  );
}

createRoot(document.getElementById('explorer')).render(
  <StrictMode>
    <Explorer />
  </StrictMode>,
);
